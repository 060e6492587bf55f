//! An e-mail address.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of an e-mail address: none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Email {}
