//! Where a mapped value comes from: the text of the document (`field:email`), understood once, looked up often.
//! Promises that only what is named is ever read.
//! Leaves what is done to the value to `transform`, and what it becomes at Braze to `convert`.

use super::Facts;
use crate::{Value, hub::Source, time::Millis};
use jiff::civil::Date;
use serde_json::Value as Json;
use std::borrow::Cow;

/// A source, understood.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Origin {
    Field(String),
    Property(String),
    Consent(String),
    /// A fact of the play by its whole name, `answer:flavour`.
    Play(String),
    EntryId,
    EntryTime,
    EntryLocale,
    CardKey,
    CardTitle,
    HubSlug,
    Param(String),
    Constant(Value),
}

/// What was found, or what has become of it since.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found<'a> {
    Text(Cow<'a, str>),
    Integer(i64),
    Number(f64),
    Bool(bool),
    Date(Date),
    Time(Millis),
    List(Cow<'a, [String]>),
}

impl<'a> Found<'a> {
    /// A value, unless it is empty.
    pub(super) fn of(value: &'a Value) -> Option<Self> {
        match value {
            Value::Text(text) => words(text),
            Value::List(items) if items.is_empty() => None,
            Value::List(items) => Some(Self::List(Cow::Borrowed(items))),
            Value::Bool(yes) => Some(Self::Bool(*yes)),
            Value::Integer(number) => Some(Self::Integer(*number)),
            Value::Number(number) => Some(Self::Number(*number)),
            Value::Date(date) => Some(Self::Date(*date)),
        }
    }

    /// One line of text; borrows wherever it can.
    pub(super) fn into_text(self) -> Cow<'a, str> {
        match self {
            Self::Text(text) => text,
            Self::Integer(number) => Cow::Owned(number.to_string()),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Bool(yes) => Cow::Borrowed(if yes { "true" } else { "false" }),
            Self::Date(date) => Cow::Owned(date.to_string()),
            Self::Time(time) => Cow::Owned(time.to_iso()),
            Self::List(items) => Cow::Owned(items.join(", ")),
        }
    }
}

/// The words a source may begin with, for "did you mean".
pub(super) const KINDS: [&str; 17] = [
    "field:",
    "property:",
    "consent:",
    "answer:",
    "answer_text:",
    "outcome",
    "outcome_text",
    "score",
    "choice:",
    "choice_text:",
    "fact:",
    "award:",
    "entry:",
    "card:",
    "utm:",
    "param:",
    "constant",
];

/// Beginnings of facts about what somebody was given: no answers of theirs.
pub(super) const REWARDS: [&str; 3] = ["award", "coupon", "points"];

impl Origin {
    /// Reads a source; `value` is the document's `value` beside it. The error says what is wrong.
    pub(super) fn read(source: &Source, value: Option<&Json>) -> Result<Self, String> {
        let text = source.as_str().trim();
        if text == "constant" {
            return match value {
                Some(json) => constant(json)
                    .map(Self::Constant)
                    .ok_or_else(|| "A constant is a text, a number, or true or false.".to_owned()),
                None => Err("A constant needs its `value`.".to_owned()),
            };
        }
        let (kind, name) = match text.split_once(':') {
            Some((kind, name)) if name.trim().is_empty() => {
                let known = KINDS.iter().any(|it| it.trim_end_matches(':') == kind);
                return Err(if known {
                    format!("\"{text}\" lacks the name behind the colon.")
                } else {
                    format!("\"{text}\" names no source.")
                });
            }
            Some((kind, name)) => (kind, Some(name)),
            None => (text, None),
        };
        Ok(match (kind, name) {
            ("field", Some(name)) => Self::Field(name.to_owned()),
            ("property", Some(name)) => Self::Property(name.to_owned()),
            ("consent", Some(name)) => Self::Consent(name.to_owned()),
            ("fact", Some(name)) => Self::Play(name.to_owned()),
            ("answer" | "answer_text" | "award" | "coupon" | "points", Some(_))
            | ("outcome" | "outcome_text" | "score" | "choice" | "choice_text", _) => {
                Self::Play(text.to_owned())
            }
            ("entry", Some("id")) => Self::EntryId,
            ("entry", Some("time")) => Self::EntryTime,
            ("entry", Some("locale")) => Self::EntryLocale,
            ("card", Some("key")) => Self::CardKey,
            ("card", Some("title")) => Self::CardTitle,
            ("hub", Some("slug")) => Self::HubSlug,
            ("utm", Some(name)) => Self::Param(format!("utm_{name}")),
            ("param", Some(name)) => Self::Param(name.to_owned()),
            ("constant", Some(text)) => Self::Constant(Value::Text(text.to_owned())),
            _ => return Err(format!("\"{text}\" names no source.")),
        })
    }

    /// Whether the source is part of the play, and so can come later than the entry.
    pub(super) const fn is_play(&self) -> bool {
        matches!(self, Self::Play(_))
    }

    /// Whether it is the same for everybody who enters a card.
    pub(super) const fn is_shared(&self) -> bool {
        matches!(
            self,
            Self::CardKey
                | Self::CardTitle
                | Self::HubSlug
                | Self::Constant(_)
                | Self::EntryLocale
                | Self::Consent(_)
        )
    }

    /// The value; `None` when there is none or it is empty.
    pub(super) fn find<'a>(&'a self, facts: &Facts<'a>) -> Option<Found<'a>> {
        match self {
            Self::Field(key) => Found::of(facts.fields.get(key)?),
            Self::Property(key) => Found::of(facts.properties.get(key)?),
            Self::Play(key) => Found::of(facts.play.get(key)?),
            Self::Consent(key) => facts
                .consents
                .iter()
                .find(|consent| consent.key == *key)
                .map(|consent| Found::Bool(consent.given)),
            Self::EntryId => Some(Found::Text(facts.entry_id.to_string().into())),
            Self::EntryTime => Some(Found::Time(facts.accepted_at)),
            Self::EntryLocale => words(facts.locale),
            Self::CardKey => words(facts.card_key),
            Self::CardTitle => words(facts.card_title),
            Self::HubSlug => words(facts.hub_slug),
            Self::Param(name) => words(facts.params.get(name)?),
            Self::Constant(value) => Found::of(value),
        }
    }
}

fn constant(json: &Json) -> Option<Value> {
    match json {
        Json::String(text) => Some(Value::Text(text.clone())),
        Json::Bool(yes) => Some(Value::Bool(*yes)),
        Json::Number(number) => number
            .as_i64()
            .map(Value::Integer)
            .or_else(|| number.as_f64().map(Value::Number)),
        _ => None,
    }
}

fn words(text: &str) -> Option<Found<'_>> {
    (!text.trim().is_empty()).then_some(Found::Text(Cow::Borrowed(text)))
}
