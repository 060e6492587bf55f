//! A value that nobody is asked for.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of a hidden field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hidden {
    /// The value when the request gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}
