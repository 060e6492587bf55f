//! Where a mapped value comes from: the text of the document (`field:email`), understood once, looked up often.
//! Promises that only what is named is ever read.
//! Leaves what a value becomes on its way out to `convert`.

use super::Facts;
use crate::{Value, hub::Source, time::Millis};
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
    Constant(Json),
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found<'a> {
    Value(&'a Value),
    Text(Cow<'a, str>),
    Time(Millis),
    Bool(bool),
    Json(&'a Json),
}

/// The words a source may begin with, for "did you mean".
pub(super) const KINDS: [&str; 11] = [
    "field:",
    "property:",
    "consent:",
    "answer:",
    "answer_text:",
    "entry:",
    "card:",
    "hub:slug",
    "utm:",
    "param:",
    "constant",
];

impl Origin {
    /// Reads a source; `value` is the document's `value` beside it. The error says what is wrong.
    pub(super) fn read(source: &Source, value: Option<&Json>) -> Result<Self, String> {
        let text = source.as_str().trim();
        if text == "constant" {
            return match value {
                Some(json @ (Json::String(_) | Json::Number(_) | Json::Bool(_))) => {
                    Ok(Self::Constant(json.clone()))
                }
                Some(_) => Err("A constant is a text, a number, or true or false.".to_owned()),
                None => Err("A constant needs its `value`.".to_owned()),
            };
        }
        let Some((kind, name)) = text.split_once(':') else {
            return Err(format!("\"{text}\" names no source."));
        };
        let named = |make: fn(String) -> Self| {
            if name.is_empty() {
                Err(format!("\"{text}\" lacks the name behind the colon."))
            } else {
                Ok(make(name.to_owned()))
            }
        };
        match (kind, name) {
            ("field", _) => named(Self::Field),
            ("property", _) => named(Self::Property),
            ("consent", _) => named(Self::Consent),
            ("answer" | "answer_text", _) => named(Self::Play).map(|_| Self::Play(text.to_owned())),
            ("entry", "id") => Ok(Self::EntryId),
            ("entry", "time") => Ok(Self::EntryTime),
            ("entry", "locale") => Ok(Self::EntryLocale),
            ("card", "key") => Ok(Self::CardKey),
            ("card", "title") => Ok(Self::CardTitle),
            ("hub", "slug") => Ok(Self::HubSlug),
            ("utm", _) => named(|name| Self::Param(format!("utm_{name}"))),
            ("param", _) => named(Self::Param),
            _ => Err(format!("\"{text}\" names no source.")),
        }
    }

    /// Whether the source is part of the play, and so can come later than the entry.
    pub(super) fn is_play(&self) -> bool {
        matches!(self, Self::Play(_))
    }

    /// The value; `None` when there is none or it is empty.
    pub(super) fn find<'a>(&'a self, facts: &'a Facts<'_>) -> Option<Found<'a>> {
        match self {
            Self::Field(key) => present(facts.fields.get(key)?),
            Self::Property(key) => present(facts.properties.get(key)?),
            Self::Play(key) => present(facts.play.get(key)?),
            Self::Consent(key) => facts
                .consents
                .iter()
                .find(|consent| consent.key == *key)
                .map(|consent| Found::Bool(consent.given)),
            Self::EntryId => Some(Found::Text(facts.entry_id.to_string().into())),
            Self::EntryTime => Some(Found::Time(facts.accepted_at)),
            Self::EntryLocale => text(facts.locale),
            Self::CardKey => text(facts.card_key),
            Self::CardTitle => text(facts.card_title),
            Self::HubSlug => text(facts.hub_slug),
            Self::Param(name) => text(facts.params.get(name)?),
            Self::Constant(json) => Some(Found::Json(json)),
        }
    }
}

fn text(text: &str) -> Option<Found<'_>> {
    (!text.trim().is_empty()).then_some(Found::Text(Cow::Borrowed(text)))
}

fn present(value: &Value) -> Option<Found<'_>> {
    match value {
        Value::Text(text) if text.trim().is_empty() => None,
        Value::List(items) if items.is_empty() => None,
        value => Some(Found::Value(value)),
    }
}
