//! One of several options.
use crate::text::LocalText;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
