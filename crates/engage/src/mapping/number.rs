//! Numbers as people write them: `1,5`, `1.5`, `1.234,50`, `1 000`.
//! Promises never to guess: what is a thousand to some and one to others is no number unless the author says which.
//! Leaves units and currencies to the author.

use super::source::Found;

/// Which mark stands before the decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decimal {
    /// Whichever is meant, where that can be told.
    Told,
    Comma,
    Point,
}

/// Reads a number; `None` if it is none, or could be two.
pub(super) fn read(text: &str, decimal: Decimal) -> Option<Found<'static>> {
    let text = text.trim();
    let (minus, digits) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let plain = |c: char| c.is_ascii_digit() || is_mark(c) || is_gap(c);
    if digits.is_empty() || !digits.chars().all(plain) {
        return None;
    }
    let (whole, decimals) = match decimal {
        Decimal::Comma => split(digits, ',')?,
        Decimal::Point => split(digits, '.')?,
        Decimal::Told => told(digits)?,
    };
    let whole = ungroup(whole)?;
    let sign = if minus { "-" } else { "" };
    match decimals {
        None => match format!("{sign}{whole}").parse::<i64>() {
            Ok(number) => Some(Found::Integer(number)),
            // Longer than any count that matters, but still a number.
            Err(_) => finite(&format!("{sign}{whole}")),
        },
        Some(decimals) => {
            let fine = !decimals.is_empty() && decimals.bytes().all(|byte| byte.is_ascii_digit());
            fine.then(|| finite(&format!("{sign}{whole}.{decimals}")))?
        }
    }
}

const fn is_mark(c: char) -> bool {
    matches!(c, ',' | '.')
}

/// What separates thousands beside comma and point: spaces of all widths, and the Swiss apostrophe.
const fn is_gap(c: char) -> bool {
    matches!(
        c,
        ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '\'' | '\u{2019}'
    )
}

fn finite(text: &str) -> Option<Found<'static>> {
    let number: f64 = text.parse().ok()?;
    number.is_finite().then_some(Found::Number(number))
}

/// Whole part and decimals at the only decimal mark.
fn split(digits: &str, mark: char) -> Option<(&str, Option<&str>)> {
    match digits.split_once(mark) {
        None => Some((digits, None)),
        Some((_, rest)) if rest.contains(mark) => None,
        Some((whole, decimals)) => Some((whole, Some(decimals))),
    }
}

/// The same where the writing itself tells which mark is which.
fn told(digits: &str) -> Option<(&str, Option<&str>)> {
    let last = digits.rfind(is_mark);
    let Some(last) = last else {
        return Some((digits, None));
    };
    let (whole, rest) = digits.split_at_checked(last)?;
    let mark = rest.chars().next()?;
    let decimals = rest.get(mark.len_utf8()..)?;
    if whole.contains(mark) {
        // 1.234.567: thousands, all of them.
        return (!whole.contains(if mark == ',' { '.' } else { ',' })).then_some((digits, None));
    }
    let grouped = whole.contains(is_mark) || whole.contains(is_gap);
    let could_be_thousands =
        decimals.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0');
    if !grouped && could_be_thousands {
        return None;
    }
    Some((whole, Some(decimals)))
}

/// The digits without what separates the thousands, if every group behind the first has three.
fn ungroup(whole: &str) -> Option<String> {
    let mut groups = whole.split(|c: char| is_mark(c) || is_gap(c));
    let first = groups.next()?;
    let mut digits = first.to_owned();
    for group in groups {
        if group.len() != 3 || !(1..=3).contains(&first.len()) {
            return None;
        }
        digits.push_str(group);
    }
    // ",5" is half of one.
    Some(if digits.is_empty() {
        "0".to_owned()
    } else {
        digits
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told_as(text: &str) -> Option<f64> {
        as_float(read(text, Decimal::Told))
    }

    fn as_float(found: Option<Found<'_>>) -> Option<f64> {
        match found? {
            Found::Integer(number) => number.to_string().parse().ok(),
            Found::Number(number) => Some(number),
            _ => None,
        }
    }

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for (text, number) in [
            ("12", 12.0),
            (" -3 ", -3.0),
            ("1,5", 1.5),
            ("1.5", 1.5),
            ("19,90", 19.9),
            ("1.234,50", 1234.5),
            ("1,234.50", 1234.5),
            ("1.234.567", 1_234_567.0),
            ("1 000", 1000.0),
            ("1'000.5", 1000.5),
            ("0,125", 0.125),
            (",5", 0.5),
            ("12.3456", 12.3456),
        ] {
            assert_eq!(told_as(text), Some(number), "{text}");
        }
    }

    #[test]
    fn what_could_be_two_numbers_is_none_unless_the_author_says_which() {
        assert_eq!(told_as("1.000"), None);
        assert_eq!(told_as("1,000"), None);
        assert_eq!(as_float(read("1.000", Decimal::Comma)), Some(1000.0));
        assert_eq!(as_float(read("1.000", Decimal::Point)), Some(1.0));
        assert_eq!(as_float(read("1,000", Decimal::Point)), Some(1000.0));
    }

    #[test]
    fn anything_else_is_no_number() {
        for text in [
            "", "-", "ten", "1.2.3", "1,2,3", "12 3", "1..2", "1.", "1e5", "0x10", "1,23,4.5",
        ] {
            assert_eq!(told_as(text), None, "{text}");
        }
        assert_eq!(as_float(read("1.5", Decimal::Comma)), None);
    }

    #[test]
    fn whole_numbers_stay_whole() {
        assert_eq!(
            read("1.234.567", Decimal::Told),
            Some(Found::Integer(1_234_567))
        );
        assert_eq!(
            read("99999999999999999999", Decimal::Told),
            Some(Found::Number(1e20))
        );
    }
}
