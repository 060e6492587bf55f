//! The connections of a hub document: which data goes where, as authored.
//! Promises only the names; a `Source` is a bare text here.
//! Leaves parsing, checking and applying the mapping to `engage::mapping`.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// A connected app. Only what is mapped leaves the product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectionDoc {
    /// The name the document uses for it.
    pub key: String,
    /// What is connected.
    #[serde(default)]
    pub kind: ConnectionType,
    /// What members read.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// An instance name of Braze's table (`US-01`), or a URL.
    pub endpoint: String,
    /// How many records go into one call.
    #[serde(default)]
    pub batch_mode: BatchMode,
    /// Own rate: `[requests, seconds]`. Left out: the contract's 3000 per 3 seconds, at 80 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_window: Option<(u32, u32)>,
    /// What to do with events of which nobody knows whether they arrived.
    #[serde(default)]
    pub unknown_events: UnknownEvents,
    /// How people are identified.
    pub user: UserMapping,
    /// Attributes of the profile.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<AttributeMapping>,
    /// Consents to subscription states and groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<ConsentMapping>,
    /// Custom events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventMapping>,
}

/// The apps that can be connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionType {
    /// A Braze workspace.
    #[default]
    Braze,
}

/// How many records go into one call (Braze contract, limits of `/users/track`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum BatchMode {
    /// 75 records of all three arrays together.
    #[default]
    #[serde(rename = "combined-75")]
    Combined75,
    /// 75 records in each of the three arrays.
    #[serde(rename = "per-array-75")]
    PerArray75,
    /// 50 records of all three arrays together.
    #[serde(rename = "combined-50")]
    Combined50,
}

/// What to do with events of a call that was sent and never answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownEvents {
    /// Rather twice.
    #[default]
    Repeat,
    /// Rather never.
    Drop,
}

/// How a person is identified in Braze.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserMapping {
    /// The kind of identifier.
    pub by: IdentifyBy,
    /// `alias` only: the alias label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Where the identifier comes from.
    pub from: Source,
    /// Never make a profile that isn't there yet.
    #[serde(default)]
    pub update_existing_only: bool,
}

/// Kinds of identifiers that `/users/track` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdentifyBy {
    /// The workspace's own id.
    ExternalId,
    /// Braze's id.
    BrazeId,
    /// An alias: label and name.
    Alias,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
}

/// One profile attribute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttributeMapping {
    /// Where the value comes from.
    pub from: Source,
    /// With `from = "constant"`: the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Json>,
    /// A standard attribute's name, or a custom one.
    pub to: String,
    /// What it becomes; by the source when left out.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub value_type: Option<MappedType>,
    /// Only for these cards; for all when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cards: Option<Vec<String>>,
}

/// What a value becomes on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MappedType {
    /// Text.
    String,
    /// A number.
    Number,
    /// Yes or no.
    Boolean,
    /// A date.
    Date,
    /// One more text in an array attribute.
    StringArrayAdd,
}

/// One consent to a subscription state or group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentMapping {
    /// `consent:KEY`.
    pub from: Source,
    /// `email_subscribe`, `push_subscribe` or `group:<uuid>`.
    pub to: String,
    /// What a yes becomes: by default `opted_in` for states, `subscribed` for groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<GivenState>,
    /// What a no becomes.
    #[serde(default)]
    pub withheld: WithheldState,
}

/// What a yes becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GivenState {
    /// Explicitly agreed.
    OptedIn,
    /// Subscribed.
    Subscribed,
}

/// What a no becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WithheldState {
    /// Nothing is sent.
    #[default]
    Leave,
    /// The person is unsubscribed.
    Unsubscribed,
}

/// One custom event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventMapping {
    /// When it happens.
    pub on: EventTrigger,
    /// The event's name in Braze.
    pub name: String,
    /// Only for these cards; for all when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cards: Option<Vec<String>>,
    /// Properties of the event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<PropertyMapping>,
}

/// What makes an event happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventTrigger {
    /// An entry was accepted.
    Entry,
    /// A play was finished.
    PlayFinished,
}

/// One property of a custom event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PropertyMapping {
    /// Where the value comes from.
    pub from: Source,
    /// With `from = "constant"`: the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Json>,
    /// The property's name.
    pub to: String,
    /// What it becomes; by the source when left out.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub value_type: Option<MappedType>,
}

/// Where a mapped value comes from, as authored: `field:email`, `answer:flavour`, `card:key`, `constant`...
/// `engage::mapping` parses it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Source(pub String);

impl Source {
    /// The text as authored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Source {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
