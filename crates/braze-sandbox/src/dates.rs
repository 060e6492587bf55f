//! The date formats that Braze reads (Braze contract 5.6).
//! Promises UTC milliseconds for everything in the table, and UTC where a zone is missing or malformed.
//! Leaves the range of years that may be stored to the callers, which differ.

use jiff::civil;

/// A point in time that was read from a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// UTC milliseconds since the epoch.
    pub(crate) millis: i64,
    /// The year as written.
    pub(crate) year: i16,
}

/// Reads a date or a date with a time of day; `None` when the text is no date.
pub(crate) fn parse(text: &str) -> Option<Moment> {
    // Texts are data of participants: most are no dates, so leave early.
    if !text.starts_with(|first: char| first.is_ascii_digit())
        || text.len() > 40
        || !text.is_ascii()
    {
        return None;
    }
    let split = text.find(['T', ' ']).unwrap_or(text.len());
    let (day, rest) = text.split_at_checked(split)?;
    let date = parse_day(day)?;
    let (time, offset_ms) = match rest.get(1..) {
        None | Some("") => (civil::Time::midnight(), 0),
        Some(rest) => parse_time(rest)?,
    };
    let utc = jiff::tz::Offset::UTC
        .to_timestamp(date.to_datetime(time))
        .ok()?;
    Some(Moment {
        millis: utc.as_millisecond() - offset_ms,
        year: date.year(),
    })
}

/// Reads `YYYY-MM-DD` and nothing else, for birthdays.
pub(crate) fn parse_plain_day(text: &str) -> Option<civil::Date> {
    if text.len() == 10 && text.as_bytes().get(4) == Some(&b'-') {
        parse_day(text)
    } else {
        None
    }
}

fn number<T: std::str::FromStr>(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<T> {
    if digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

fn parse_day(text: &str) -> Option<civil::Date> {
    let separator = if text.contains('/') { '/' } else { '-' };
    let mut parts = text.split(separator);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    if first.len() == 4 {
        if separator == '/' {
            return None;
        }
        return civil::Date::new(
            number(first, 4..=4)?,
            number(second, 2..=2)?,
            number(third, 2..=2)?,
        )
        .ok();
    }
    // Month first; `12-1-2021` is documented as converted too.
    civil::Date::new(
        number(third, 4..=4)?,
        number(first, 1..=2)?,
        number(second, 1..=2)?,
    )
    .ok()
}

fn parse_time(text: &str) -> Option<(civil::Time, i64)> {
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ',')))
        .unwrap_or(text.len());
    let (clock, zone) = text.split_at_checked(end)?;
    let mut parts = clock.split([':', '.', ',']);
    let hour = number(parts.next()?, 2..=2)?;
    let minute = number(parts.next()?, 2..=2)?;
    let second = parts.next().map_or(Some(0), |part| number(part, 2..=2))?;
    let nanos = match parts.next() {
        None => 0,
        Some(fraction) => {
            let digits: i64 = number(fraction, 1..=9)?;
            let scale = 10_i64.pow(9 - u32::try_from(fraction.len()).ok()?);
            i32::try_from(digits * scale).ok()?
        }
    };
    if parts.next().is_some() {
        return None;
    }
    let zone = zone.trim();
    if zone.len() > 6 {
        return None;
    }
    let time = civil::Time::new(hour, minute, second.min(59), nanos).ok()?;
    Some((time, offset(zone)))
}

/// Milliseconds east of UTC; a malformed zone is UTC.
fn offset(zone: &str) -> i64 {
    let sign = match zone.as_bytes().first() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return 0,
    };
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let Ok(value) = digits.parse::<i64>() else {
        return 0;
    };
    let (hours, minutes) = match digits.len() {
        2 => (value, 0),
        4 => (value / 100, value % 100),
        _ => return 0,
    };
    if hours > 18 || minutes > 59 {
        0
    } else {
        sign * (hours * 60 + minutes) * 60_000
    }
}

/// `2026-03-26T18:12:00.250Z`.
pub(crate) fn iso(millis: i64) -> String {
    jiff::Timestamp::from_millisecond(millis)
        .map_or_else(|_| String::new(), |stamp| format!("{stamp:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_of_the_table_is_read() {
        for (text, utc) in [
            ("2026-03-26T18:12:00Z", "2026-03-26T18:12:00.000Z"),
            ("2026-03-26T19:12:00.250+01:00", "2026-03-26T18:12:00.250Z"),
            ("2026-03-26T18:12:00:250Z", "2026-03-26T18:12:00.250Z"),
            ("2026-03-26T18:12:00", "2026-03-26T18:12:00.000Z"),
            ("2026-03-26 18:12:00", "2026-03-26T18:12:00.000Z"),
            ("2026-03-26", "2026-03-26T00:00:00.000Z"),
            ("03/26/2026", "2026-03-26T00:00:00.000Z"),
            ("12-1-2021", "2021-12-01T00:00:00.000Z"),
            ("12/1/2021", "2021-12-01T00:00:00.000Z"),
            ("2026-03-26T18:12:00Q", "2026-03-26T18:12:00.000Z"),
        ] {
            assert_eq!(
                parse(text).map(|moment| iso(moment.millis)).as_deref(),
                Some(utc),
                "{text}"
            );
        }
    }

    #[test]
    fn texts_that_only_look_like_dates_stay_texts() {
        for text in [
            "Mar 26 2026 06:12 PM +00:00",
            "2026",
            "1.2.3",
            "2026-13-01",
            "2026-03-26 hello there",
            "",
            "12-2021",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
