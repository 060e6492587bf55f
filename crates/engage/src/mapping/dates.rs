//! Dates as people write them, by a pattern of the author's or where the writing tells.
//! Promises UTC where nothing else is said, and never to guess which of two numbers is the month.
//! Leaves calendars and time zones to `jiff`.

use super::source::Found;
use crate::time::Millis;
use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    fmt::strtime,
    tz::Offset,
};

/// A pattern such as `DD.MM.YYYY`, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    format: String,
    has_time: bool,
}

/// The parts of a pattern, the longest first, with their spelling in `strftime`'s language.
const PARTS: [(&str, &str); 9] = [
    ("YYYY", "%Y"),
    ("YY", "%y"),
    ("MM", "%m"),
    ("M", "%-m"),
    ("DD", "%d"),
    ("D", "%-d"),
    ("HH", "%H"),
    ("mm", "%M"),
    ("ss", "%S"),
];

impl Pattern {
    /// Reads a pattern; the error is the letter that means nothing.
    pub(super) fn read(text: &str) -> Result<Self, char> {
        let mut format = String::new();
        let mut has_time = false;
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            if let Some((part, meaning)) = PARTS.iter().find(|(part, _)| rest.starts_with(part)) {
                has_time |= matches!(*part, "HH" | "mm" | "ss");
                format.push_str(meaning);
                rest = rest.get(part.len()..).unwrap_or_default();
                continue;
            }
            if next.is_alphabetic() {
                return Err(next);
            }
            if next == '%' {
                format.push('%');
            }
            format.push(next);
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
        }
        Ok(Self { format, has_time })
    }

    /// Reads a date or a moment written by the pattern.
    pub(super) fn parse(&self, text: &str) -> Option<Found<'static>> {
        let broken = strtime::parse(&self.format, text.trim()).ok()?;
        if self.has_time {
            at_utc(broken.to_datetime().ok()?)
        } else {
            broken.to_date().ok().map(Found::Date)
        }
    }

    /// Writes a date or a moment, which is taken at UTC.
    pub(super) fn write(&self, found: &Found<'_>) -> Option<String> {
        let moment = match found {
            Found::Date(date) => date.to_datetime(jiff::civil::Time::midnight()),
            Found::Time(time) => Offset::UTC.to_datetime(Timestamp::from_millisecond(time.0).ok()?),
            _ => return None,
        };
        strtime::format(&self.format, moment).ok()
    }
}

fn at_utc(moment: DateTime) -> Option<Found<'static>> {
    let moment = Offset::UTC.to_timestamp(moment).ok()?;
    Some(Found::Time(Millis(moment.as_millisecond())))
}

/// Reads a date or moment that tells its own order: ISO 8601, `2026/03/26`, `26.3.2026`.
pub(super) fn read(text: &str) -> Option<Found<'static>> {
    let text = text.trim();
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(Found::Time(Millis(moment.as_millisecond())));
    }
    if text.contains([':', 'T']) {
        return at_utc(text.parse().ok()?);
    }
    let shape = |mark: char| text.split(mark).map(str::len).collect::<Vec<_>>();
    let date: Option<Date> = if shape('/').first() == Some(&4) {
        Date::strptime("%Y/%m/%d", text).ok()
    } else if matches!(shape('.').as_slice(), [1..=2, 1..=2, 4]) {
        Date::strptime("%d.%m.%Y", text).ok()
    } else {
        text.parse().ok()
    };
    date.map(Found::Date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn day(year: i16, month: i8, day: i8) -> Found<'static> {
        Found::Date(date(year, month, day))
    }

    #[test]
    fn dates_that_tell_their_order_are_read_without_a_pattern() {
        for text in ["1991-07-30", "30.7.1991", "30.07.1991", "1991/07/30"] {
            assert_eq!(read(text), Some(day(1991, 7, 30)), "{text}");
        }
        for text in [
            "2026-05-04T07:31:10Z",
            "2026-05-04T09:31:10+02:00",
            "2026-05-04 07:31:10",
        ] {
            assert_eq!(
                read(text),
                Some(Found::Time(Millis(1_777_879_870_000))),
                "{text}"
            );
        }
    }

    #[test]
    fn a_date_that_could_be_two_needs_a_pattern() {
        for text in [
            "07/08/1991",
            "8/7/1991",
            "30-07-1991",
            "tomorrow",
            "",
            "31.02.1991",
            "1991",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        let by = |pattern: &str, text: &str| Pattern::read(pattern).unwrap().parse(text);
        assert_eq!(by("MM/DD/YYYY", "07/08/1991"), Some(day(1991, 7, 8)));
        assert_eq!(by("DD/MM/YYYY", "07/08/1991"), Some(day(1991, 8, 7)));
        assert_eq!(by("D.M.YY", "7.8.91"), Some(day(1991, 8, 7)));
        assert_eq!(by("DD/MM/YYYY", "31/02/1991"), None);
        assert_eq!(
            by("DD.MM.YYYY HH:mm", "04.05.2026 07:31"),
            Some(Found::Time(Millis(1_777_879_860_000)))
        );
    }

    #[test]
    fn dates_are_written_by_a_pattern() {
        let write = |pattern: &str, found: &Found<'_>| Pattern::read(pattern).unwrap().write(found);
        let born = Found::Date(date(1991, 7, 3));
        assert_eq!(write("YYYY", &born).as_deref(), Some("1991"));
        assert_eq!(write("D.M.YYYY", &born).as_deref(), Some("3.7.1991"));
        assert_eq!(write("100% MM-DD", &born).as_deref(), Some("100% 07-03"));
        let at = Found::Time(Millis(1_777_879_870_412));
        assert_eq!(
            write("YYYY-MM-DD HH:mm:ss", &at).as_deref(),
            Some("2026-05-04 07:31:10")
        );
        assert_eq!(Pattern::read("TT.MM.JJJJ"), Err('T'));
    }
}
