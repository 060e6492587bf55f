//! A field as authored: what all types share, and the settings of its own type in the same table.
//! Promises that an unknown key is refused, whichever type it was meant for.
//! Leaves the meaning of a type's settings to the type's own file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::FieldKind;
use crate::text::LocalText;

/// A field of a form.
///
/// `deny_unknown_fields` cannot stand on a flattened struct; it stands on the settings of every type, which
/// receive all keys that are not named here. A test holds that it works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FieldDoc {
    /// `^[a-z][a-z0-9_]{0,62}$`; names the answer for ever.
    pub key: String,
    /// What the participant reads; for a consent the exact text that is agreed to.
    #[serde(default)]
    pub label: LocalText,
    /// A hint below the label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<LocalText>,
    /// An example inside the empty input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<LocalText>,
    /// Whether there is no entry without it.
    #[serde(default)]
    pub required: bool,
    /// Contact property to grow; `""` for none. Left out: the key itself when it is a well-known one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    /// Personal data? By type when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pii: Option<bool>,
    /// URL parameter that fills the input in advance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefill: Option<String>,
    /// Value that the input starts with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Json>,
    /// The type and its settings.
    #[serde(flatten)]
    pub kind: FieldKind,
}

/// Keys whose fields grow the contact property of the same name unless the author says otherwise.
const WELL_KNOWN: [&str; 6] = [
    "email",
    "phone",
    "first_name",
    "last_name",
    "country",
    "birthday",
];

impl FieldDoc {
    /// The contact property that this field grows.
    pub fn property(&self) -> Option<&str> {
        match self.property.as_deref() {
            Some("") => None,
            Some(property) => Some(property),
            None => WELL_KNOWN
                .contains(&self.key.as_str())
                .then_some(self.key.as_str()),
        }
    }
}
