//! What every field type answers, and what it may say.
//! Promises that a type never sees an empty answer, and that whatever it refuses names the remedy.
//! Leaves required-or-not and the order of fields to `FieldDoc` and `form`.

use jiff::civil::Date;

use super::FieldDoc;
use super::input::InputSpec;
use crate::{
    Value,
    form::RawValue,
    text::{Locale, texts},
};

/// The circumstances of an answer.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The participant's language.
    pub locale: &'a Locale,
    /// The participant's day.
    pub today: Date,
}

/// Why an answer is refused: the id of a message and its numbers. The label is added when it is put into words.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldProblem {
    id: &'static str,
    args: Vec<(&'static str, texts::Arg<'static>)>,
}

impl FieldProblem {
    /// A problem without arguments.
    pub fn new(id: &'static str) -> Self {
        Self {
            id,
            args: Vec::new(),
        }
    }

    /// The same with a number for the message, which each language writes with its own decimal mark.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<texts::Arg<'static>>) -> Self {
        self.args.push((name, value.into()));
        self
    }

    /// The id of the message, for logs: it holds no personal data.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// The sentence for the participant.
    pub fn message(&self, locale: &Locale, label: &str) -> String {
        let mut args: Vec<(&str, texts::Arg<'_>)> = vec![("label", label.into())];
        args.extend(self.args.iter().map(|(name, value)| (*name, value.clone())));
        texts::message(locale, self.id, &args)
    }
}

/// A trouble with the settings of a field, relative to the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingProblem {
    /// Key of the setting.
    pub key: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl SettingProblem {
    pub(crate) fn new(
        key: &'static str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            key,
            message: message.into(),
            remedy: remedy.into(),
        }
    }
}

/// A type of form field. Implemented by its settings.
pub trait FieldType {
    /// Normalises an answer. `Ok(None)` means that nothing was answered. Never panics, whatever comes.
    fn parse(&self, raw: &RawValue, asked: &Asked<'_>) -> Result<Option<Value>, FieldProblem>;

    /// Completes the description of the input: type, keyboard, autocomplete token (WCAG 1.3.5), limits, options.
    fn input(
        &self,
        field: &FieldDoc,
        asked: &Asked<'_>,
        default_locale: &Locale,
        spec: &mut InputSpec,
    );

    /// What is wrong with the settings.
    fn problems(&self) -> Vec<SettingProblem> {
        Vec::new()
    }

    /// Whether answers are personal data unless the author says otherwise.
    fn pii(&self) -> bool {
        false
    }

    /// Id of the message when a required answer is missing.
    fn missing(&self) -> &'static str {
        "field-missing"
    }

    /// An answer that the type accepts, for previews and tests.
    fn sample(&self) -> RawValue;
}

/// The answer as one trimmed line of text, at most `max` characters (Unicode scalar values).
/// Control characters are refused: they break CSV files, logs and Braze, and nobody types them.
pub(crate) fn line(raw: &RawValue, max: usize) -> Result<Option<String>, FieldProblem> {
    let text = match raw {
        RawValue::Null => return Ok(None),
        RawValue::Text(text) => text.trim(),
        RawValue::Number(number) => return Ok(Some(number.to_string())),
        RawValue::Bool(_) | RawValue::List(_) | RawValue::Other => {
            return Err(FieldProblem::new("field-shape"));
        }
    };
    // Bytes first, so that a megabyte is refused without being walked through.
    if text.len() > max.saturating_mul(4) || text.chars().count() > max {
        return Err(FieldProblem::new("field-too-long").with("max", max));
    }
    if text.chars().any(char::is_control) {
        return Err(FieldProblem::new("field-control-characters"));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}
