//! Time zones as authors write them: `Europe/Rome`, `+01:00`, `UTC`.
//! Promises the same answer on every server: the zones are the program's own, whatever files a machine has.
//! Leaves what happens at a moment to the kinds.

use jiff::{
    Timestamp,
    civil::Date,
    tz::{Offset, TimeZone, TimeZoneDatabase},
};

use super::SetupProblem;
use crate::{
    text::{Locale, dates},
    time::Millis,
};

/// The zone of a name or of an offset; none if there is no such zone. An empty name is UTC.
pub(super) fn zone(name: &str) -> Option<TimeZone> {
    if matches!(name, "" | "UTC") {
        return Some(TimeZone::UTC);
    }
    let ahead = match name.chars().next() {
        Some('+') => 1,
        Some('-') => -1,
        _ => return TimeZoneDatabase::bundled().get(name).ok(),
    };
    let (hours, minutes) = name.get(1..)?.split_once(':')?;
    let digits = |text: &str, most: i32| {
        let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i32>()
            .ok()
            .filter(|number| plain && *number <= most)
    };
    let seconds = digits(hours, 14)? * 3600 + digits(minutes, 59)? * 60;
    Offset::from_seconds(ahead * seconds)
        .ok()
        .map(TimeZone::fixed)
}

/// The day that it is in a zone; none at moments that no calendar has.
pub(super) fn day(now: Millis, zone: &TimeZone) -> Option<Date> {
    let now = Timestamp::from_millisecond(now.0).ok()?;
    Some(zone.to_datetime(now).date())
}

/// A day as people read it.
pub(super) fn day_in_words(locale: &Locale, day: Date) -> String {
    let midnight = TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0));
    midnight
        .map(|at| dates::day(locale, Millis(at.as_millisecond())))
        .unwrap_or_default()
}

/// What is wrong with the name of a zone.
pub(super) fn problem(path: &str, name: &str) -> Option<SetupProblem> {
    zone(name).is_none().then(|| {
        SetupProblem::error(
            path,
            format!("there is no time zone `{name}`"),
            "Write it as `Europe/Rome`, as `+01:00`, or `UTC`",
        )
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn at(moment: &str, name: &str) -> Date {
        let moment = moment.parse::<Timestamp>().unwrap();
        day(Millis(moment.as_millisecond()), &zone(name).unwrap()).unwrap()
    }

    #[test]
    fn a_day_begins_at_midnight_of_the_zone_in_summer_and_winter() {
        assert_eq!(
            at("2026-11-30T22:59:59Z", "Europe/Rome"),
            date(2026, 11, 30)
        );
        assert_eq!(at("2026-11-30T23:00:00Z", "Europe/Rome"), date(2026, 12, 1));
        assert_eq!(at("2026-07-31T22:00:00Z", "Europe/Rome"), date(2026, 8, 1));
        assert_eq!(at("2026-11-30T23:00:00Z", "+01:00"), date(2026, 12, 1));
        assert_eq!(at("2026-12-01T03:29:00Z", "-03:30"), date(2026, 11, 30));
        assert_eq!(at("2026-12-01T00:00:00Z", ""), date(2026, 12, 1));
    }

    #[test]
    fn what_is_no_zone_is_none() {
        for wrong in [
            "Mars/Olympus",
            "+1",
            "+01",
            "+15:00",
            "-01:60",
            "+0a:00",
            "\u{e4}",
            "+\u{e4}\u{e4}:00",
        ] {
            assert_eq!(zone(wrong), None, "{wrong}");
        }
    }
}
