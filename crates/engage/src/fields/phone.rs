//! A phone number.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of a phone number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Phone {
    /// Region of numbers without a country code (ISO 3166-1 alpha-2, `DE`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}
