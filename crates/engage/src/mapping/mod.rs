//! From an entry to Braze: who the person is, which values leave the product and under which names, as finished JSON objects.
//! Promises that only mapped values leave, absent ones are never sent as `null`, and one object never names a person twice.
//! Leaves queueing to the store, packing and sending to `delivery`.

mod check;
mod convert;
mod dates;
mod identity;
mod known;
mod number;
mod object;
mod plan;
mod planned;
mod preview;
mod reasons;
mod recipient;
mod reference;
mod sample;
pub mod sent;
mod source;
mod suggest;
#[cfg(test)]
mod tests;
mod transform;

use crate::{
    Value,
    form::ConsentGiven,
    hub::{AllAnswers, ConnectionDoc, EventTrigger, HubDoc, MappedType, Operation, Problem},
    ids::EntryId,
    time::Millis,
};
use convert::Standard;
use identity::Identifier;
pub use identity::PlannedIdentity;
pub use known::{KnownCard, KnownField, Shape, SourceChoice, cards_of, choices};
pub use planned::{Part, Plan, Planned, PlannedAttributes};
pub use preview::Preview;
pub use reasons::{Note, NoteKind, SkipReason};
pub use reference::{Explained, SOURCES, STANDARD_ATTRIBUTES, TRANSFORMS};
pub use sample::SampleEntry;
use std::collections::BTreeMap;
pub use suggest::{Suggestion, suggest};
use transform::Recipe;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// An entry was accepted.
    Entry,
    /// A play was finished by somebody who is known already.
    PlayFinished,
}

/// All that a mapping may look at.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The entry.
    pub entry_id: EntryId,
    /// When it was accepted; the time of its events.
    pub accepted_at: Millis,
    /// The hub.
    pub hub_slug: &'a str,
    /// The card.
    pub card_key: &'a str,
    /// The card's title in the participant's language.
    pub card_title: &'a str,
    /// The participant's language, `de` or `de-AT`.
    pub locale: &'a str,
    /// Answers of the form, normalised.
    pub fields: &'a BTreeMap<String, Value>,
    /// What is known of the contact.
    pub properties: &'a BTreeMap<String, Value>,
    /// Consents given or withheld with this entry.
    pub consents: &'a [ConsentGiven],
    /// Facts of the play, by whole name: `answer:flavour`.
    pub play: &'a BTreeMap<String, Value>,
    /// URL parameters of the visit, `utm_source` and others.
    pub params: &'a BTreeMap<String, String>,
    /// What happened.
    pub moment: Moment,
}

#[derive(Clone, Debug)]
struct Attribute {
    from: Recipe,
    /// The name as authored: `taste.flavour`.
    to: String,
    /// The profile's own name: `taste`.
    name: String,
    /// Its stable hash.
    hash: u64,
    /// Below the name: `flavour`.
    path: Vec<String>,
    target: Target,
    operation: Operation,
    cards: Option<Vec<String>>,
}

#[derive(Clone, Copy, Debug)]
enum Target {
    Standard(Standard),
    Custom(Option<MappedType>),
}

#[derive(Clone, Debug)]
struct Subscription {
    consent: String,
    /// `email_subscribe`, `push_subscribe`, or a group's id.
    to: String,
    is_group: bool,
    given: &'static str,
    withheld: Option<&'static str>,
    double_opt_in: bool,
}

#[derive(Clone, Debug)]
struct CustomEvent {
    on: EventTrigger,
    name: String,
    cards: Option<Vec<String>>,
    properties: Vec<Property>,
    all_answers: Option<AllAnswers>,
    /// Made for a question: it happens only when there is an answer.
    needs_value: bool,
}

#[derive(Clone, Debug)]
struct Property {
    to: String,
    from: Recipe,
    kind: Option<MappedType>,
    cards: Option<Vec<String>>,
}

#[derive(Clone, Debug)]
struct Purchase {
    on: EventTrigger,
    cards: Option<Vec<String>>,
    product: Recipe,
    price: Recipe,
    currency: Recipe,
    quantity: Option<Recipe>,
    properties: Vec<Property>,
}

/// A connection's mapping, checked and ready to plan.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The one that the author wants first, then those to fall back on.
    identifiers: Vec<Identifier>,
    /// Whether profiles of one person are to be joined.
    join: bool,
    attributes: Vec<Attribute>,
    subscriptions: Vec<Subscription>,
    events: Vec<CustomEvent>,
    purchases: Vec<Purchase>,
}

impl Mapping {
    /// Understands a connection's mapping. Refuses one with errors; warnings do not stop it. The hub's cards are not looked
    /// at here, see [`Mapping::problems`].
    pub fn compile(doc: &ConnectionDoc) -> Result<Self, Vec<Problem>> {
        check::compile(doc)
    }

    /// Everything that is wrong or doubtful, with paths below `path` (`connections[0]`). With the hub's cards also unknown
    /// sources and types that do not fit; pass an empty slice to check the mapping by itself.
    pub fn problems(doc: &ConnectionDoc, path: &str, cards: &[KnownCard]) -> Vec<Problem> {
        check::problems(doc, path, cards)
    }

    /// Everything that is wrong or doubtful in the connections of a hub's document, looked at together with its cards.
    pub fn problems_of(doc: &HubDoc) -> Vec<Problem> {
        let cards = cards_of(doc).unwrap_or_default();
        let connections = doc.connections.iter().enumerate();
        connections
            .flat_map(|(place, connection)| {
                Self::problems(connection, &format!("connections[{place}]"), &cards)
            })
            .collect()
    }
}
