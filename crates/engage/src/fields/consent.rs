//! A consent.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
