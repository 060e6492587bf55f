//! Yes or no.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of a yes-or-no question: none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct YesNo {}
