//! A consent: a named permission, given by ticking a box whose label is the exact text agreed to.
//! Promises that nothing but an explicit yes is a yes.
//! Leaves the record (text, version, language, hash) to `form`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Asked, ControlShape, FieldDoc, FieldProblem, FieldType, InputSpec, SettingProblem,
    yes_no::yes_or_no,
};
use crate::{Value, form::RawValue, text::Locale};

/// Settings of a consent. The field's label is the exact text that is agreed to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Changes whenever the text changes, for example `2026-03`.
    pub version: String,
    /// The named permission it is about, for example `newsletter`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<String>,
}

impl FieldType for Consent {
    fn parse(&self, raw: &RawValue, _: &Asked<'_>) -> Result<Option<Value>, FieldProblem> {
        Ok(yes_or_no(raw)?.map(Value::Bool))
    }

    fn input(&self, _: &FieldDoc, _: &Asked<'_>, _: &Locale, spec: &mut InputSpec) {
        spec.shape = ControlShape::Checkbox;
        spec.input_type = "checkbox";
        // A box that is ticked in advance is no consent (GDPR, recital 32).
        spec.value = None;
        spec.prefill = None;
    }

    fn problems(&self) -> Vec<SettingProblem> {
        if self.version.trim().is_empty() {
            return vec![SettingProblem::new(
                "version",
                "the text has no version",
                "Write a version, for example 2026-03, and change it whenever the text changes",
            )];
        }
        Vec::new()
    }

    fn missing(&self) -> &'static str {
        "consent-missing"
    }

    fn sample(&self) -> RawValue {
        RawValue::Bool(true)
    }
}
