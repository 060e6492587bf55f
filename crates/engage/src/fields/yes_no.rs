//! A question that is answered with yes or no.
//! Promises that no answer and "no" stay two different things.
//! Leaves permissions to consents, which record what was read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Asked, ControlShape, FieldDoc, FieldProblem, FieldType, InputOption, InputSpec, line};
use crate::{
    Value,
    form::RawValue,
    text::{Locale, texts},
};

/// Settings of a yes-or-no question: none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct YesNo {}

/// Reads yes or no in the words of forms, JSON and the product's languages.
pub(crate) fn yes_or_no(raw: &RawValue) -> Result<Option<bool>, FieldProblem> {
    if let RawValue::Bool(yes) = raw {
        return Ok(Some(*yes));
    }
    let Some(text) = line(raw, 40)? else {
        return Ok(None);
    };
    match text.to_lowercase().as_str() {
        "on" | "true" | "1" | "yes" | "ja" => Ok(Some(true)),
        "off" | "false" | "0" | "no" | "nein" => Ok(Some(false)),
        _ => Err(FieldProblem::new("yes-no-wrong")),
    }
}

impl FieldType for YesNo {
    fn parse(&self, raw: &RawValue, _: &Asked<'_>) -> Result<Option<Value>, FieldProblem> {
        Ok(yes_or_no(raw)?.map(Value::Bool))
    }

    fn input(&self, _: &FieldDoc, asked: &Asked<'_>, _: &Locale, spec: &mut InputSpec) {
        spec.shape = ControlShape::Radio;
        spec.options = [("true", "form-yes"), ("false", "form-no")]
            .map(|(value, id)| InputOption {
                value: value.to_owned(),
                label: texts::plain(asked.locale, id),
            })
            .to_vec();
    }

    fn missing(&self) -> &'static str {
        "yes-no-missing"
    }

    fn sample(&self) -> RawValue {
        RawValue::Bool(true)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepted, refused};
    use super::*;

    #[test]
    fn no_answer_is_not_a_no() {
        assert_eq!(accepted(&YesNo {}, ""), None);
        assert_eq!(accepted(&YesNo {}, "No"), Some(Value::Bool(false)));
        assert_eq!(accepted(&YesNo {}, "on"), Some(Value::Bool(true)));
        assert!(refused(&YesNo {}, "maybe").contains("yes or no"));
    }
}
