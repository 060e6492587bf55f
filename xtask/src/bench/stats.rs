//! Medians, percentiles, and numbers as people read them.
//! Promises: an empty series has no figures rather than zeros.
//! Leaves to others: what a figure means.

/// The value below which the given share (0 to 1) of the series lies. Sorts the series.
pub(super) fn percentile(series: &mut [u32], share: f64) -> Option<u32> {
    series.sort_unstable();
    let last = series.len().checked_sub(1)?;
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index into a series of a few million values"
    )]
    let at = ((last as f64) * share).round() as usize;
    series.get(at.min(last)).copied()
}

/// The middle value, or the mean of the two middle ones.
pub(super) fn median(series: &[f64]) -> Option<f64> {
    let mut sorted = series.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    Some(f64::midpoint(*sorted.get(middle.checked_sub(1)?)?, upper))
}

/// Microseconds as milliseconds with two digits, or a dash.
pub(super) fn millis(micros: Option<u32>) -> String {
    micros.map_or_else(
        || "-".to_owned(),
        |micros| format!("{:.2}", f64::from(micros) / 1_000.0),
    )
}

/// A rate as a whole number with thousands set apart, or a dash.
pub(super) fn whole(value: Option<f64>) -> String {
    let Some(value) = value else {
        return "-".to_owned();
    };
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count with thousands set apart.
pub(super) fn whole_u64(count: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    whole(Some(count as f64))
}

/// Happenings per second.
pub(super) fn per_second(count: u64, took: std::time::Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    let count = count as f64;
    count / took.as_secs_f64().max(f64::EPSILON)
}

/// What the figures were measured on, in one line.
pub(super) fn machine() -> String {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo")
        .lines()
        .find_map(|line| {
            line.strip_prefix("model name")?
                .split_once(':')
                .map(|(_, name)| name.trim().to_owned())
        })
        .unwrap_or_else(|| "unknown processor".to_owned());
    let memory = read("/proc/meminfo")
        .lines()
        .find_map(|line| {
            line.strip_prefix("MemTotal:")?
                .trim()
                .strip_suffix(" kB")?
                .parse::<u64>()
                .ok()
        })
        .map_or_else(
            || "unknown memory".to_owned(),
            |kib| format!("{} GiB", kib.div_ceil(1024 * 1024)),
        );
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!(
        "{cores} cores ({cpu}), {memory}, Linux {}",
        read("/proc/sys/kernel/osrelease").trim()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_and_medians_of_small_series() {
        let mut series: Vec<u32> = (1..=101).rev().collect();
        assert_eq!(percentile(&mut series, 0.5), Some(51));
        assert_eq!(percentile(&mut series, 0.99), Some(100));
        assert_eq!(percentile(&mut series, 1.0), Some(101));
        assert_eq!(percentile(&mut [], 0.5), None);
        assert_eq!(median(&[3.0, 1.0, 2.0, 4.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn rates_are_written_with_thousands() {
        assert_eq!(whole(Some(1_234_567.4)), "1,234,567");
        assert_eq!(whole(Some(999.0)), "999");
        assert_eq!(whole(None), "-");
    }
}
