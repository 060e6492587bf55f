//! Agreement to the hub's terms.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of an agreement to terms. Always required.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Key of the hub's terms.
    pub terms: String,
}
