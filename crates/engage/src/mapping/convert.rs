//! What a value becomes on its way to Braze: its table of profile fields, and the types of custom attributes (contract 5.3, 5.4).
//! Promises that nothing is sent that Braze would refuse or silently drop: what does not fit is left out with a note.
//! Leaves names, identifiers and the shape of the objects to the mapping.

use super::source::Found;
use crate::{hub::MappedType, time::Millis};
use email_address::EmailAddress;
use serde::{Serialize, Serializer, ser::SerializeMap};
use std::{borrow::Cow, str::FromStr};

/// Longest text of a custom attribute or event property, in characters; Braze drops longer ones silently (contract 5.4.1).
pub(super) const LONGEST_TEXT: usize = 255;

/// Most elements of an array attribute (contract 5.4.2); Braze would drop the oldest.
pub(super) const LONGEST_LIST: usize = 500;

/// A value in the form that is sent.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Out<'a> {
    Text(Cow<'a, str>),
    Integer(i64),
    Number(f64),
    Bool(bool),
    List(Cow<'a, [String]>),
    /// `{"add": [..], "remove": [..]}`
    Change {
        add: Vec<Out<'a>>,
        remove: Vec<Out<'a>>,
    },
    /// `{"inc": n}`
    Increment(i64),
    /// `{"$time": ".."}`, the form of dates inside nested attributes (contract 5.4.3).
    NestedTime(Cow<'a, str>),
}

impl Out<'_> {
    /// Whether it replaces what was there, so that sending it twice is the same as once.
    pub(super) const fn is_plain(&self) -> bool {
        !matches!(self, Self::Change { .. } | Self::Increment(_))
    }
}

impl Serialize for Out<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Bool(yes) => serializer.serialize_bool(*yes),
            Self::List(items) => items.serialize(serializer),
            Self::Change { add, remove } => {
                let mut map = serializer.serialize_map(None)?;
                if !add.is_empty() {
                    map.serialize_entry("add", add)?;
                }
                if !remove.is_empty() {
                    map.serialize_entry("remove", remove)?;
                }
                map.end()
            }
            Self::Increment(by) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("inc", by)?;
                map.end()
            }
            Self::NestedTime(time) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("$time", time)?;
                map.end()
            }
        }
    }
}

/// Why a value is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    TooLong,
    NotValid,
}

/// Braze's profile fields that can be mapped (contract 5.3). Everything else is a custom attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standard {
    Text,
    Email,
    Phone,
    BirthDate,
    Gender,
    Country,
    Language,
    Time,
    Bool,
}

impl Standard {
    /// Names of the fields and what they hold.
    pub(super) const TABLE: [(&str, Self); 16] = [
        ("first_name", Self::Text),
        ("last_name", Self::Text),
        ("home_city", Self::Text),
        ("email", Self::Email),
        ("phone", Self::Phone),
        ("dob", Self::BirthDate),
        ("gender", Self::Gender),
        ("country", Self::Country),
        ("language", Self::Language),
        ("time_zone", Self::Text),
        ("image_url", Self::Text),
        ("date_of_first_session", Self::Time),
        ("date_of_last_session", Self::Time),
        ("marked_email_as_spam_at", Self::Time),
        ("email_open_tracking_disabled", Self::Bool),
        ("email_click_tracking_disabled", Self::Bool),
    ];

    pub(super) fn of(name: &str) -> Option<Self> {
        Self::TABLE
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, standard)| *standard)
    }
}

/// A profile field's value.
pub(super) fn standard(found: Found<'_>, field: Standard) -> Result<Out<'_>, Unfit> {
    let valid = |text: Option<String>| {
        text.map(|text| Out::Text(text.into()))
            .ok_or(Unfit::NotValid)
    };
    match field {
        Standard::Text => Ok(Out::Text(found.into_text())),
        Standard::Email => valid(email(&found.into_text())),
        Standard::Phone => valid(phone(&found.into_text())),
        Standard::BirthDate => valid(date(&found).map(|date| date.to_string())),
        Standard::Gender => gender(&found.into_text())
            .map(|code| Out::Text(code.into()))
            .ok_or(Unfit::NotValid),
        Standard::Country => valid(country(&found.into_text())),
        Standard::Language => valid(language(&found.into_text())),
        Standard::Time => typed(found, Some(MappedType::Date)),
        Standard::Bool => typed(found, Some(MappedType::Boolean)),
    }
}

/// A custom attribute's or event property's value; without a type as the source has it.
pub(super) fn typed(found: Found<'_>, kind: Option<MappedType>) -> Result<Out<'_>, Unfit> {
    match kind {
        None => match found {
            Found::List(items) => list(items),
            Found::Bool(yes) => Ok(Out::Bool(yes)),
            Found::Integer(number) => Ok(Out::Integer(number)),
            Found::Number(number) => finite(number),
            Found::Date(date) => Ok(Out::Text(midnight(date).into())),
            Found::Time(time) => Ok(Out::Text(time.to_iso().into())),
            Found::Text(text) => short(text).map(Out::Text),
        },
        Some(MappedType::String) => short(found.into_text()).map(Out::Text),
        Some(MappedType::Number) => number(&found),
        Some(MappedType::Boolean) => boolean(&found).map(Out::Bool).ok_or(Unfit::NotValid),
        Some(MappedType::Date) => time(&found)
            .map(|time| Out::Text(time.into()))
            .ok_or(Unfit::NotValid),
        Some(MappedType::Array) => match found {
            Found::List(items) => list(items),
            found => list(vec![found.into_text().into_owned()].into()),
        },
    }
}

/// The values that are added to an array or removed from it.
pub(super) fn elements(found: Found<'_>, kind: Option<MappedType>) -> Result<Vec<Out<'_>>, Unfit> {
    match found {
        Found::List(items) => list(items.clone()).map(|_| match items {
            Cow::Borrowed(items) => items
                .iter()
                .map(|item| Out::Text(Cow::Borrowed(item)))
                .collect(),
            Cow::Owned(items) => items
                .into_iter()
                .map(|item| Out::Text(Cow::Owned(item)))
                .collect(),
        }),
        found => {
            let kind = kind.filter(|kind| *kind != MappedType::Array);
            typed(found, kind).map(|item| vec![item])
        }
    }
}

/// What is added to a number: Braze takes whole numbers only (contract 5.4.1).
pub(super) fn increment(found: &Found<'_>) -> Result<Out<'static>, Unfit> {
    match number(found)? {
        Out::Integer(by) => Ok(Out::Increment(by)),
        _ => Err(Unfit::NotValid),
    }
}

/// A value inside a nested attribute, where dates have a form of their own.
pub(super) fn nested(found: Found<'_>, kind: Option<MappedType>) -> Result<Out<'_>, Unfit> {
    let is_time = kind == Some(MappedType::Date)
        || (kind.is_none() && matches!(found, Found::Date(_) | Found::Time(_)));
    match typed(found, kind)? {
        Out::Text(text) if is_time => Ok(Out::NestedTime(text)),
        out => Ok(out),
    }
}

/// A price or another number that stands for itself.
pub(super) fn plain_number(found: &Found<'_>) -> Option<f64> {
    match number(found).ok()? {
        Out::Number(number) => Some(number),
        #[expect(
            clippy::cast_precision_loss,
            reason = "a price beyond 2^53 is nobody's price"
        )]
        Out::Integer(number) => Some(number as f64),
        _ => None,
    }
}

fn list(items: Cow<'_, [String]>) -> Result<Out<'_>, Unfit> {
    if items.len() > LONGEST_LIST || items.iter().any(|item| is_long(item)) {
        Err(Unfit::TooLong)
    } else {
        Ok(Out::List(items))
    }
}

fn is_long(text: &str) -> bool {
    // Bytes are never fewer than characters: most texts need no counting.
    text.len() > LONGEST_TEXT && text.chars().count() > LONGEST_TEXT
}

fn short(text: Cow<'_, str>) -> Result<Cow<'_, str>, Unfit> {
    if is_long(&text) {
        Err(Unfit::TooLong)
    } else {
        Ok(text)
    }
}

fn finite<'a>(number: f64) -> Result<Out<'a>, Unfit> {
    if number.is_finite() {
        Ok(Out::Number(number))
    } else {
        Err(Unfit::NotValid)
    }
}

fn number(found: &Found<'_>) -> Result<Out<'static>, Unfit> {
    match found {
        Found::Integer(number) => Ok(Out::Integer(*number)),
        Found::Number(number) => finite(*number),
        Found::Text(text) => {
            let text = text.trim();
            text.parse()
                .map(Out::Integer)
                .or_else(|_| text.parse().map_err(|_| Unfit::NotValid).and_then(finite))
        }
        _ => Err(Unfit::NotValid),
    }
}

fn boolean(found: &Found<'_>) -> Option<bool> {
    match found {
        Found::Bool(yes) => Some(*yes),
        Found::Integer(number) if matches!(*number, 0 | 1) => Some(*number == 1),
        Found::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn date(found: &Found<'_>) -> Option<jiff::civil::Date> {
    match found {
        Found::Date(date) => Some(*date),
        Found::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A moment as Braze is always told it: UTC with milliseconds (contract 5.6).
fn time(found: &Found<'_>) -> Option<String> {
    let moment = |text: &str| {
        jiff::Timestamp::from_str(text.trim())
            .ok()
            .map(|at| Millis(at.as_millisecond()).to_iso())
    };
    match found {
        Found::Time(time) => Some(time.to_iso()),
        Found::Text(text) => moment(text).or_else(|| date(found).map(midnight)),
        found => date(found).map(midnight),
    }
}

fn midnight(date: jiff::civil::Date) -> String {
    format!("{date}T00:00:00.000Z")
}

/// An e-mail address in lower case (contract 13.32), if it is one; Braze refuses the whole object otherwise.
pub(super) fn email(text: &str) -> Option<String> {
    let address = text.trim().to_lowercase();
    EmailAddress::is_valid(&address).then_some(address)
}

/// A phone number in E.164, if it is one already in international form.
pub(super) fn phone(text: &str) -> Option<String> {
    let digits: String = text
        .trim()
        .strip_prefix('+')?
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    (7..=15)
        .contains(&digits.len())
        .then(|| format!("+{digits}"))
}

fn gender(text: &str) -> Option<&'static str> {
    match text.trim().to_lowercase().as_str() {
        "m" | "male" | "man" => Some("M"),
        "f" | "female" | "woman" => Some("F"),
        "o" | "other" | "diverse" | "non-binary" => Some("O"),
        "n" | "not_applicable" | "not applicable" => Some("N"),
        "p" | "prefer_not_to_say" | "prefer not to say" => Some("P"),
        _ => None,
    }
}

fn country(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Some(text.to_ascii_uppercase());
    }
    celes::Country::from_str(text)
        .ok()
        .map(|country| country.alpha2.to_owned())
}

fn language(text: &str) -> Option<String> {
    let code = text.trim().split(['-', '_']).next().unwrap_or_default();
    (code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic()))
        .then(|| code.to_ascii_lowercase())
}
