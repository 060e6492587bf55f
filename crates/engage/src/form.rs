//! The data-capture form: from what was sent to an accepted submission, or to all that is wrong with it at once.
//! Promises normalised answers of known fields only, and for every consent the exact text that was shown.
//! Leaves who may enter, and how often, to `entry`; drawing to the card's template.

use std::collections::{BTreeMap, btree_map::Entry};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::{
    Value,
    fields::{Asked, FieldDoc, FieldKind},
    hub::{CardForm, HubDoc, Terms},
    text::{Locale, texts},
};

mod known;

pub use known::{Known, Place, Told};

/// An answer as it was sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum RawValue {
    /// Nothing.
    #[default]
    Null,
    /// Text; everything in a form post is.
    Text(String),
    /// A JSON number.
    Number(serde_json::Number),
    /// A JSON boolean.
    Bool(bool),
    /// A JSON array of texts.
    List(Vec<String>),
    /// A shape that no field takes: an object, or an array of anything but texts.
    Other,
}

impl From<&str> for RawValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Json> for RawValue {
    fn from(json: Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(yes) => Self::Bool(yes),
            Json::Number(number) => Self::Number(number),
            Json::String(text) => Self::Text(text),
            Json::Array(items) => items
                .into_iter()
                .map(|item| match item {
                    Json::String(text) => Some(text),
                    _ => None,
                })
                .collect::<Option<Vec<_>>>()
                .map_or(Self::Other, Self::List),
            Json::Object(_) => Self::Other,
        }
    }
}

/// Why a submission is not accepted: the field and a sentence in the participant's language that says what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// Key of the field, as sent.
    pub field: String,
    /// The sentence.
    pub message: String,
}

impl FieldError {
    fn about(key: &str, id: &str, locale: &Locale) -> Self {
        // The key may be anything that a stranger sent.
        let key: String = key.chars().filter(|c| !c.is_control()).take(64).collect();
        let message = texts::message(locale, id, &[("key", key.as_str().into())]);
        Self {
            field: key,
            message,
        }
    }
}

/// A submission as it was sent, from JSON or from a form post.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Input {
    /// Answers by key. Consents may stand here too, as in every form post.
    pub fields: BTreeMap<String, RawValue>,
    /// Consents by key.
    pub consents: BTreeMap<String, bool>,
}

impl Input {
    /// Reads `{"fields": {key: value}, "consents": {key: true|false}}`; other members are not looked at.
    pub fn from_json(body: &Json, locale: &Locale) -> Result<Self, Vec<FieldError>> {
        let shape = |key: &str| vec![FieldError::about(key, "form-body-shape", locale)];
        let body = body.as_object().ok_or_else(|| shape(""))?;
        let part = |key: &str| match body.get(key) {
            None | Some(Json::Null) => Ok(serde_json::Map::new()),
            Some(Json::Object(members)) => Ok(members.clone()),
            Some(_) => Err(shape(key)),
        };
        let mut errors = Vec::new();
        let mut consents = BTreeMap::new();
        for (key, value) in part("consents")? {
            match value {
                Json::Bool(given) => {
                    consents.insert(key, given);
                }
                Json::Null => {}
                _ => errors.push(FieldError::about(&key, "form-consent-shape", locale)),
            }
        }
        let fields = part("fields")?
            .into_iter()
            .map(|(key, value)| (key, value.into()))
            .collect();
        if errors.is_empty() {
            Ok(Self { fields, consents })
        } else {
            Err(errors)
        }
    }

    /// Reads the pairs of a form post, without those that are the page's own (such as a play id). A key that was sent
    /// twice is an error: which of the two was meant is not ours to guess.
    pub fn from_pairs(
        pairs: impl IntoIterator<Item = (String, String)>,
        locale: &Locale,
    ) -> Result<Self, Vec<FieldError>> {
        let mut input = Self::default();
        let mut twice: Vec<FieldError> = Vec::new();
        for (key, value) in pairs {
            match input.fields.entry(key) {
                Entry::Vacant(free) => drop(free.insert(RawValue::Text(value))),
                Entry::Occupied(taken) => {
                    let error = FieldError::about(taken.key(), "form-field-twice", locale);
                    if !twice.contains(&error) {
                        twice.push(error);
                    }
                }
            }
        }
        if twice.is_empty() {
            Ok(input)
        } else {
            Err(twice)
        }
    }
}

/// One yes or no to a permission, with the evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentGiven {
    /// Key of the consent or terms field.
    pub key: String,
    /// Yes or no.
    pub given: bool,
    /// Version of the text.
    pub version: String,
    /// SHA-256 of `text`.
    pub text_hash: [u8; 32],
    /// The exact text that was shown: the label of a consent; label, title and text of terms, separated by blank lines.
    pub text: String,
    /// The language in which the form was shown.
    pub locale: Locale,
    /// The named permission; none for terms.
    pub subscription: Option<String>,
}

/// An accepted form, normalised.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Submission {
    /// Answers of known fields; an optional field without an answer is absent.
    pub fields: BTreeMap<String, Value>,
    /// One record for every consent and terms field of the form, in form order.
    pub consents: Vec<ConsentGiven>,
}

/// A form that is ready to be drawn and to read submissions.
#[derive(Clone, Debug)]
pub struct Form {
    doc: CardForm,
    terms: Vec<Terms>,
    default_locale: Locale,
}

impl Form {
    /// Prepares a card's form. The hub gives the default language and the terms.
    pub fn new(doc: &CardForm, hub: &HubDoc) -> Self {
        Self {
            doc: doc.clone(),
            terms: hub.terms.clone(),
            default_locale: hub.default_locale().clone(),
        }
    }

    /// The form as authored.
    pub fn doc(&self) -> &CardForm {
        &self.doc
    }

    /// The fields as authored, in their order.
    pub fn fields(&self) -> &[FieldDoc] {
        &self.doc.fields
    }

    /// The field with a key.
    pub fn field(&self, key: &str) -> Option<&FieldDoc> {
        self.doc.fields.iter().find(|field| field.key == key)
    }

    /// Reads a submission. `told`: what the sender has answered before. `today` is the participant's day. All errors come at
    /// once, in the order of the form; keys that the form doesn't have come last.
    pub fn parse(
        &self,
        input: &Input,
        told: &Told,
        locale: &Locale,
        today: Date,
    ) -> Result<Submission, Vec<FieldError>> {
        let asked = Asked { locale, today };
        let mut submission = Submission::default();
        let mut errors = Vec::new();
        for (field, place) in self.doc.places(told, &asked) {
            // A page that was opened before may still ask: what it sends counts.
            match place {
                Place::Known(answer) if !input.fields.contains_key(&field.key) => {
                    submission.fields.insert(field.key.clone(), answer);
                    continue;
                }
                Place::Later if !input.fields.contains_key(&field.key) => continue,
                _ => {}
            }
            let label = field.label.get(locale, &self.default_locale);
            let sent = input.fields.get(&field.key).unwrap_or(&RawValue::Null);
            let ticked = input
                .consents
                .get(&field.key)
                .filter(|_| field.is_permission());
            let raw = match ticked {
                Some(given) => &RawValue::Bool(*given),
                None => sent,
            };
            match field.parse(raw, &asked) {
                Err(problem) => {
                    errors.push(FieldError {
                        field: field.key.clone(),
                        message: problem.message(locale, label),
                    });
                }
                Ok(answer) if field.is_permission() => {
                    let given = answer == Some(Value::Bool(true));
                    let elsewhere = field.kind.field_type().parse(sent, &asked).ok().flatten();
                    if ticked.is_some()
                        && elsewhere.is_some_and(|other| other != Value::Bool(given))
                    {
                        errors.push(FieldError::about(
                            &field.key,
                            "form-consent-contradiction",
                            locale,
                        ));
                    }
                    submission.consents.push(self.consent(field, given, locale));
                }
                Ok(Some(answer)) => {
                    submission.fields.insert(field.key.clone(), answer);
                }
                Ok(None) => {}
            }
        }
        for key in input.fields.keys() {
            if self.field(key).is_none() {
                errors.push(FieldError::about(key, "form-unknown-field", locale));
            }
        }
        for key in input.consents.keys() {
            let known = self.field(key).is_some_and(FieldDoc::is_permission);
            if !known && !input.fields.contains_key(key) {
                errors.push(FieldError::about(key, "form-unknown-field", locale));
            }
        }
        if errors.is_empty() {
            Ok(submission)
        } else {
            Err(errors)
        }
    }

    /// The record of one yes or no.
    fn consent(&self, field: &FieldDoc, given: bool, locale: &Locale) -> ConsentGiven {
        let label = field.label.get(locale, &self.default_locale);
        let (text, version, subscription) = match &field.kind {
            FieldKind::Consent(consent) => (
                label.to_owned(),
                consent.version.clone(),
                consent.subscription.clone(),
            ),
            FieldKind::Terms(setting) => {
                let terms = self.terms.iter().find(|terms| terms.key == setting.terms);
                let text = terms.map_or_else(
                    || label.to_owned(),
                    |terms| {
                        let title = terms.title.get(locale, &self.default_locale);
                        let text = terms.text.get(locale, &self.default_locale);
                        format!("{label}\n\n{title}\n\n{text}")
                    },
                );
                (
                    text,
                    terms.map(|terms| terms.version.clone()).unwrap_or_default(),
                    None,
                )
            }
            _ => (label.to_owned(), String::new(), None),
        };
        ConsentGiven {
            key: field.key.clone(),
            given,
            version,
            text_hash: Sha256::digest(text.as_bytes()).into(),
            text,
            locale: locale.clone(),
            subscription,
        }
    }
}

#[cfg(test)]
mod tests;
