//! A value that nobody is asked for: from the page's address, or fixed by the author.
//! Promises one line of bounded length; a participant can change it, so nothing may be decided by it.
//! Leaves filling it from the address to the page.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Asked, ControlShape, FieldDoc, FieldProblem, FieldType, InputSpec, line};
use crate::{Value, form::RawValue, text::Locale};

/// Settings of a hidden field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hidden {
    /// The value when the request gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl FieldType for Hidden {
    fn parse(&self, raw: &RawValue, _: &Asked<'_>) -> Result<Option<Value>, FieldProblem> {
        Ok(line(raw, 500)?
            .or_else(|| self.value.clone())
            .map(Value::Text))
    }

    fn input(&self, _: &FieldDoc, _: &Asked<'_>, _: &Locale, spec: &mut InputSpec) {
        spec.shape = ControlShape::Hidden;
        spec.input_type = "hidden";
        spec.required = false;
        if let Some(value) = &self.value {
            spec.value = Some(value.clone());
        }
    }

    fn sample(&self) -> RawValue {
        "from-the-shop".into()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::accepted;
    use super::*;

    #[test]
    fn the_authors_value_stands_in_when_nothing_is_sent() {
        let hidden = Hidden {
            value: Some("summer".to_owned()),
        };
        assert_eq!(
            accepted(&hidden, ""),
            Some(Value::Text("summer".to_owned()))
        );
        assert_eq!(
            accepted(&hidden, "winter"),
            Some(Value::Text("winter".to_owned()))
        );
        assert_eq!(accepted(&Hidden::default(), ""), None);
    }
}
