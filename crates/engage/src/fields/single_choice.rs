//! One of several options.
//! Promises the key of an option that the author made.
//! Leaves the look to the template.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Asked, ControlShape, FieldDoc, FieldProblem, FieldType, InputOption, InputSpec, SettingProblem,
    line,
};
use crate::{
    Value,
    form::RawValue,
    text::{LocalText, Locale},
};

/// Settings of a choice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SingleChoice {
    /// The options in the author's order.
    #[serde(default)]
    pub options: Vec<ChoiceOption>,
    /// Look.
    #[serde(default)]
    pub style: ChoiceStyle,
}

/// An option of a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoiceOption {
    /// What is stored.
    pub key: String,
    /// What is read.
    pub label: LocalText,
}

/// How a choice looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChoiceStyle {
    /// All options in sight.
    #[default]
    Radio,
    /// A drop-down list.
    Select,
}

impl FieldType for SingleChoice {
    fn parse(&self, raw: &RawValue, _: &Asked<'_>) -> Result<Option<Value>, FieldProblem> {
        let Some(text) = line(raw, 200)? else {
            return Ok(None);
        };
        self.options
            .iter()
            .find(|option| option.key == text)
            .map(|option| Some(Value::Text(option.key.clone())))
            .ok_or_else(|| FieldProblem::new("choice-unknown"))
    }

    fn input(
        &self,
        _: &FieldDoc,
        asked: &Asked<'_>,
        default_locale: &Locale,
        spec: &mut InputSpec,
    ) {
        spec.shape = match self.style {
            ChoiceStyle::Radio => ControlShape::Radio,
            ChoiceStyle::Select => ControlShape::Select,
        };
        spec.options = self
            .options
            .iter()
            .map(|option| InputOption {
                value: option.key.clone(),
                label: option.label.get(asked.locale, default_locale).to_owned(),
            })
            .collect();
    }

    fn problems(&self) -> Vec<SettingProblem> {
        let mut found = Vec::new();
        if self.options.len() < 2 {
            found.push(SettingProblem::new(
                "options",
                "a choice needs at least two options",
                "Add options",
            ));
        }
        for (at, option) in self.options.iter().enumerate() {
            if option.key.trim().is_empty() || option.label.is_empty() {
                found.push(SettingProblem::new(
                    "options",
                    format!("option {} lacks its key or its label", at + 1),
                    "Give every option a key and a label",
                ));
            }
            if self
                .options
                .iter()
                .take(at)
                .any(|before| before.key == option.key)
            {
                found.push(SettingProblem::new(
                    "options",
                    format!("the option `{}` stands twice", option.key),
                    "Give every option a key of its own",
                ));
            }
        }
        found
    }

    fn missing(&self) -> &'static str {
        "choice-missing"
    }

    fn sample(&self) -> RawValue {
        self.options
            .first()
            .map_or(RawValue::Null, |option| option.key.as_str().into())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepted, refused};
    use super::*;

    fn sizes() -> SingleChoice {
        let option = |key: &str| ChoiceOption {
            key: key.to_owned(),
            label: key.to_uppercase().into(),
        };
        SingleChoice {
            options: vec![option("s"), option("m")],
            style: ChoiceStyle::Radio,
        }
    }

    #[test]
    fn only_an_option_of_the_author_is_an_answer() {
        assert_eq!(accepted(&sizes(), " m "), Some(Value::Text("m".to_owned())));
        assert!(refused(&sizes(), "xl").contains("Choose one"));
    }

    #[test]
    fn a_choice_of_one_or_of_twins_is_no_choice() {
        assert_eq!(SingleChoice::default().problems().len(), 1);
        let mut twins = sizes();
        twins.options[1].key = "s".to_owned();
        assert!(twins.problems()[0].message.contains("twice"));
    }
}
