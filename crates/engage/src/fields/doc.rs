//! A field as authored: what all types share, and the settings of its own type in the same table.
//! Promises that an unknown key is refused, whichever type it was meant for.
//! Leaves the meaning of a type's settings to the type's own file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{Asked, FieldKind, FieldProblem, InputSpec};
use crate::{
    Value,
    form::RawValue,
    text::{LocalText, Locale},
};

/// A field of a form.
///
/// `deny_unknown_fields` cannot stand on a flattened struct; it stands on the settings of every type, which
/// receive all keys that are not named here. A test holds that it works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FieldDoc {
    /// `^[a-z][a-z0-9_]{0,62}$`; names the answer for ever.
    pub key: String,
    /// What the participant reads; for a consent the exact text that is agreed to.
    #[serde(default)]
    pub label: LocalText,
    /// A hint below the label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<LocalText>,
    /// An example inside the empty input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<LocalText>,
    /// Whether there is no entry without it.
    #[serde(default)]
    pub required: bool,
    /// Contact property to grow; `""` for none. Left out: the key itself when it is a well-known one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    /// Personal data? By type when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pii: Option<bool>,
    /// URL parameter that fills the input in advance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefill: Option<String>,
    /// Value that the input starts with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Json>,
    /// The type and its settings.
    #[serde(flatten)]
    pub kind: FieldKind,
}

/// Keys whose fields grow the contact property of the same name unless the author says otherwise.
const WELL_KNOWN: [&str; 6] = [
    "email",
    "phone",
    "first_name",
    "last_name",
    "country",
    "birthday",
];

impl FieldDoc {
    /// The contact property that this field grows.
    pub fn property(&self) -> Option<&str> {
        match self.property.as_deref() {
            Some("") => None,
            Some(property) => Some(property),
            None => WELL_KNOWN
                .contains(&self.key.as_str())
                .then_some(self.key.as_str()),
        }
    }

    /// Whether answers are personal data.
    pub fn is_pii(&self) -> bool {
        self.pii.unwrap_or_else(|| self.kind.field_type().pii())
    }

    /// Whether there is no entry without an answer. Terms are always required.
    pub fn is_required(&self) -> bool {
        self.required || matches!(self.kind, FieldKind::Terms(_))
    }

    /// Whether this is a permission (consent or terms) instead of an answer.
    pub fn is_permission(&self) -> bool {
        matches!(self.kind, FieldKind::Consent(_) | FieldKind::Terms(_))
    }

    /// Normalises an answer and insists on one where it is required.
    pub fn parse(&self, raw: &RawValue, asked: &Asked<'_>) -> Result<Option<Value>, FieldProblem> {
        let answer = self.kind.field_type().parse(raw, asked)?;
        // An unticked box is an answer, but not the required one.
        let enough = match &answer {
            None => false,
            Some(Value::Bool(yes)) => *yes || !self.is_permission(),
            Some(_) => true,
        };
        if self.is_required() && !enough {
            return Err(FieldProblem::new(self.kind.field_type().missing()));
        }
        Ok(answer)
    }

    /// How the input is to be drawn.
    pub fn input(&self, asked: &Asked<'_>, default_locale: &Locale) -> InputSpec {
        let text = |text: &LocalText| text.get(asked.locale, default_locale).to_owned();
        let mut spec = InputSpec {
            key: self.key.clone(),
            field_type: self.kind.name(),
            label: text(&self.label),
            help: self.help.as_ref().map(text).filter(|help| !help.is_empty()),
            placeholder: self
                .placeholder
                .as_ref()
                .map(text)
                .filter(|example| !example.is_empty()),
            required: self.is_required(),
            input_type: "text",
            value: self.default.as_ref().and_then(|value| match value {
                Json::String(text) => Some(text.clone()),
                Json::Number(number) => Some(number.to_string()),
                Json::Bool(yes) => Some(yes.to_string()),
                Json::Null | Json::Array(_) | Json::Object(_) => None,
            }),
            prefill: self.prefill.clone(),
            ..InputSpec::default()
        };
        self.kind
            .field_type()
            .input(self, asked, default_locale, &mut spec);
        spec
    }
}
