//! Agreement to the hub's terms: a box that has to be ticked, with a link to the text.
//! Promises that there is no entry without the agreement, whatever `required` says.
//! Leaves the terms themselves to the hub, the record to `form`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Asked, ControlShape, FieldDoc, FieldProblem, FieldType, InputSpec, yes_no::yes_or_no};
use crate::{Value, form::RawValue, text::Locale};

/// Settings of an agreement to terms. Always required.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Key of the hub's terms.
    pub terms: String,
}

impl FieldType for Terms {
    fn parse(&self, raw: &RawValue, _: &Asked<'_>) -> Result<Option<Value>, FieldProblem> {
        Ok(yes_or_no(raw)?.map(Value::Bool))
    }

    fn input(&self, _: &FieldDoc, _: &Asked<'_>, _: &Locale, spec: &mut InputSpec) {
        spec.shape = ControlShape::Checkbox;
        spec.input_type = "checkbox";
        spec.required = true;
        spec.value = None;
        spec.prefill = None;
        spec.terms = Some(self.terms.clone());
    }

    fn missing(&self) -> &'static str {
        "terms-missing"
    }

    fn sample(&self) -> RawValue {
        RawValue::Bool(true)
    }
}
