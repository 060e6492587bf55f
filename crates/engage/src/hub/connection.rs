//! The connections of a hub document: which data goes where, as authored.
//! Promises only the names; a `Source` and a `Transform` are bare texts here.
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
    /// Market research: answers to attributes and event properties, a question at a time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<QuestionMapping>,
    /// Custom events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventMapping>,
    /// Purchases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purchases: Vec<PurchaseMapping>,
}

impl ConnectionDoc {
    /// The connection that mails go through without Braze. It has no settings of its own: the server's are the operator's.
    pub fn mail_server() -> Self {
        Self {
            key: "smtp".to_owned(),
            kind: ConnectionType::Smtp,
            name: "Mail server".to_owned(),
            endpoint: "smtp".to_owned(),
            batch_mode: BatchMode::default(),
            requests_per_window: None,
            unknown_events: UnknownEvents::default(),
            user: UserMapping {
                by: IdentifyBy::Email,
                label: None,
                from: "field:email".into(),
                transforms: Vec::new(),
                update_existing_only: false,
                otherwise: Vec::new(),
                identify: false,
            },
            attributes: Vec::new(),
            consents: Vec::new(),
            questions: Vec::new(),
            events: Vec::new(),
            purchases: Vec::new(),
        }
    }
}

/// The apps that can be connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionType {
    /// A Braze workspace.
    #[default]
    Braze,
    /// The mail server that whoever runs this product has set up. Carries mails and nothing else; its endpoint is the word `smtp`.
    Smtp,
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
    /// What is done to it before it is used, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transforms: Vec<Transform>,
    /// Never make a profile that isn't there yet.
    #[serde(default)]
    pub update_existing_only: bool,
    /// Other identifiers, for entries that lack the one above: the first that is there is taken. With none of them the
    /// entry is not sent, and says why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub otherwise: Vec<OtherIdentifier>,
    /// When somebody who was sent under another identifier brings the external ID: join the two profiles at Braze. The key
    /// needs the permission `users.identify`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub identify: bool,
}

/// An identifier for entries that lack the ones before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OtherIdentifier {
    /// The kind of identifier.
    pub by: IdentifyBy,
    /// `alias` only: the alias label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Where the identifier comes from.
    pub from: Source,
    /// What is done to it before it is used, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transforms: Vec<Transform>,
    /// Never make a profile that isn't there yet.
    #[serde(default, skip_serializing_if = "is_false")]
    pub update_existing_only: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands a reference to what decides about skipping"
)]
const fn is_false(flag: &bool) -> bool {
    !*flag
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
    pub from: Sources,
    /// With `from = "constant"`: the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Json>,
    /// What is done to the value, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transforms: Vec<Transform>,
    /// A standard attribute's name, or a custom one. A custom one with a point (`taste.flavour`) is a path into a nested
    /// attribute.
    pub to: String,
    /// What it becomes; by the source when left out.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub value_type: Option<MappedType>,
    /// What is done with it at Braze.
    #[serde(default, skip_serializing_if = "Operation::is_set")]
    pub operation: Operation,
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
    /// A list of texts.
    Array,
}

/// What is done with a value at Braze.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Replaces what was there.
    #[default]
    Set,
    /// Is added to an array.
    Add,
    /// Is removed from an array.
    Remove,
    /// Is added to a number.
    Increment,
}

impl Operation {
    /// Whether it is the usual one.
    pub const fn is_set(&self) -> bool {
        matches!(self, Self::Set)
    }
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
    /// SMS groups: let Braze ask for a confirmation first (double opt-in).
    #[serde(default, skip_serializing_if = "is_false")]
    pub double_opt_in: bool,
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

/// One question of a card: what its answer becomes. Works for every kind of card by the facts that it declares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuestionMapping {
    /// The fact: `answer:flavour`, `answer_text:flavour`, `outcome`, `score`.
    pub from: Source,
    /// What is done to the answer, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transforms: Vec<Transform>,
    /// The attribute that holds the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// `set` keeps the latest answer, `add` collects the answers in an array.
    #[serde(default, skip_serializing_if = "Operation::is_set")]
    pub operation: Operation,
    /// The event that carries the answer: one of `events`, or one that is made for it and happens as soon as the card is
    /// answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// The event's property; the question's key when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    /// Only for these cards; for all when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cards: Option<Vec<String>>,
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
    /// Everything that the card's play told as properties beside these: `answer_flavour`, `outcome`, `score`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all_answers: Option<AllAnswers>,
}

/// How all answers of a card are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AllAnswers {
    /// By the keys of the options, the same in every language.
    Keys,
    /// In the words of the card.
    Texts,
    /// Both: `answer_flavour` and `answer_text_flavour`.
    Both,
}

/// What makes an event happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventTrigger {
    /// An entry was accepted.
    Entry,
    /// A play was finished.
    PlayFinished,
    /// A card was answered by somebody who is known: with the entry if the form comes last, else when the play is finished.
    Answered,
}

/// One property of a custom event or a purchase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PropertyMapping {
    /// Where the value comes from.
    pub from: Sources,
    /// With `from = "constant"`: the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Json>,
    /// What is done to the value, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transforms: Vec<Transform>,
    /// The property's name.
    pub to: String,
    /// What it becomes; by the source when left out.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub value_type: Option<MappedType>,
}

/// One purchase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PurchaseMapping {
    /// When it happens.
    pub on: EventTrigger,
    /// The product: `constant:Sunday box`, or a source that names it.
    pub product: Source,
    /// The price of one, in whole units of the currency (euros, not cents). Without one nothing is bought.
    pub price: Source,
    /// The currency as ISO 4217 code: `constant:EUR`, or a source.
    pub currency: Source,
    /// How many, 1 to 100; 1 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Source>,
    /// Only for these cards; for all when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cards: Option<Vec<String>>,
    /// Properties of the purchase.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<PropertyMapping>,
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

/// One source, or several whose values are joined: `"field:email"`, `["field:first_name", "field:last_name"]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a source such as \"field:email\", or a list of sources"
)]
pub enum Sources {
    /// One.
    One(Source),
    /// Several, in this order. Those without a value are left out.
    Several(Vec<Source>),
}

impl Sources {
    /// The sources in their order.
    pub fn all(&self) -> &[Source] {
        match self {
            Self::One(source) => std::slice::from_ref(source),
            Self::Several(sources) => sources,
        }
    }

    /// The only source, if it is one.
    pub fn only(&self) -> Option<&Source> {
        match self.all() {
            [source] => Some(source),
            _ => None,
        }
    }
}

impl From<&str> for Sources {
    fn from(text: &str) -> Self {
        Self::One(text.into())
    }
}

impl fmt::Display for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, source) in self.all().iter().enumerate() {
            write!(f, "{}{source}", if place == 0 { "" } else { " + " })?;
        }
        Ok(())
    }
}

/// What is done to a value on its way, as authored: `trim`, `lower`, `number`, `phone:DE`, `date:DD.MM.YYYY`, `default:unknown`...
/// `engage::mapping` parses it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Transform(pub String);

impl Transform {
    /// The text as authored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Transform {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}
