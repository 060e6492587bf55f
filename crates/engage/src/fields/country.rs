//! A country.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of a country: none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Country {}
