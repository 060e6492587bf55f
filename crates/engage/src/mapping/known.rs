//! What a mapping needs to know of a hub's cards: their fields, and the facts of their plays.
//! Promises a plain description, so that a mapping can be checked without opening a card.
//! Leaves the checks to `problems` and `fit`.

use crate::{
    cards::{self, Shell},
    fields::FieldDoc,
    hub::{CardDoc, HubDoc},
};

/// What kind of values a field holds, as far as a mapping cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Any text: short texts, choices, hidden values.
    Text,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A country's code.
    Country,
    /// A number.
    Number,
    /// Yes or no.
    YesNo,
    /// A day.
    Date,
    /// A consent or terms.
    Permission,
}

/// A field of a card of the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownField {
    /// Its key.
    pub key: String,
    /// What it holds.
    pub shape: Shape,
    /// Whether it is personal data.
    pub pii: bool,
    /// The contact property it grows.
    pub property: Option<String>,
}

/// A card of the hub: what its form asks and its play tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownCard {
    /// Its key.
    pub key: String,
    /// The fields of its form.
    pub fields: Vec<KnownField>,
    /// Whole names of the play's facts: `answer:flavour`.
    pub facts: Vec<String>,
}

impl KnownCard {
    /// Describes a card of the document; the facts come from its engine.
    pub fn new(card: &CardDoc, facts: Vec<String>) -> Self {
        let fields = card
            .form
            .iter()
            .flat_map(|form| &form.fields)
            .map(known_field)
            .collect();
        Self {
            key: card.key.clone(),
            fields,
            facts,
        }
    }
}

fn known_field(field: &FieldDoc) -> KnownField {
    let shape = match field.kind.name() {
        "email" => Shape::Email,
        "phone" => Shape::Phone,
        "country" => Shape::Country,
        "number" => Shape::Number,
        "yes_no" => Shape::YesNo,
        "birthday" => Shape::Date,
        "consent" | "terms" => Shape::Permission,
        _ => Shape::Text,
    };
    KnownField {
        key: field.key.clone(),
        shape,
        pii: field.is_pii(),
        property: field.property().map(str::to_owned),
    }
}

/// The cards of a hub. `None` if the setup of one cannot be opened: then its facts are unknown, and that is the problem.
pub(super) fn of_hub(doc: &HubDoc) -> Option<Vec<KnownCard>> {
    doc.cards
        .iter()
        .map(|card| {
            let shell = Shell {
                card_key: &card.key,
                locales: &doc.hub.locales,
                images: &[],
            };
            let engine = cards::kind(&card.kind)?.open(&card.setup, &shell).ok()?;
            Some(KnownCard::new(
                card,
                engine.facts().into_iter().map(|fact| fact.key).collect(),
            ))
        })
        .collect()
}
