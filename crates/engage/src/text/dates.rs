//! Days and moments as words, in the order and with the names of each language.
//! Promises UTC, and says so where there is a time of day: a server knows nothing of the participant's own.
//! Leaves the participant's own time to the pages' scripts.

use super::{Locale, texts};
use crate::time::Millis;

/// A day in UTC: `24 November 2026`, `24. November 2026`, `2026年11月24日`.
pub fn day(locale: &Locale, moment: Millis) -> String {
    let day = in_utc(moment).date();
    texts::message(
        locale,
        "day",
        &[
            ("day", i64::from(day.day()).into()),
            ("month", i64::from(day.month()).into()),
            ("year", i64::from(day.year()).into()),
        ],
    )
}

/// A moment in UTC: `14 March 2026, 22:00 UTC`.
pub fn moment(locale: &Locale, moment: Millis) -> String {
    let time = in_utc(moment).time();
    let time = format!("{:02}:{:02}", time.hour(), time.minute());
    texts::message(
        locale,
        "moment",
        &[("day", day(locale, moment).into()), ("time", time.into())],
    )
}

fn in_utc(moment: Millis) -> jiff::civil::DateTime {
    let moment = jiff::Timestamp::from_millisecond(moment.0).unwrap_or_default();
    jiff::tz::Offset::UTC.to_datetime(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_as_people_of_the_language_write_it() {
        let first_of_march = Millis(1_772_359_500_000);
        for (language, written) in [
            ("en", "1 March 2026, 10:05 UTC"),
            ("de", "1. März 2026, 10:05 UTC"),
            ("fr", "1er mars 2026 à 10:05 UTC"),
            ("es", "1 de marzo de 2026, 10:05 UTC"),
            ("ja", "2026年3月1日 10:05（UTC）"),
            ("cy", "1 March 2026, 10:05 UTC"),
        ] {
            let locale = language.parse().unwrap();
            assert_eq!(moment(&locale, first_of_march), written);
        }
    }
}
