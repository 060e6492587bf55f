//! What a mapping needs to know of a hub's cards: their fields, and the facts of their plays.
//! Promises a plain description, so that a mapping can be checked without opening a card.
//! Leaves the checks to `problems` and `fit`.

use super::source::REWARDS;
use crate::{
    cards::{self, FactDef, FactKind, Shell},
    fields::FieldDoc,
    hub::{CardDoc, HubDoc},
    text::Locale,
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
    /// What participants read, in the author's default language.
    pub label: String,
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
    /// What its play tells, by whole names: `answer:flavour`.
    pub facts: Vec<FactDef>,
}

impl KnownCard {
    /// Describes a card of the document; the facts come from its engine.
    pub fn new(card: &CardDoc, facts: Vec<FactDef>, default_locale: &Locale) -> Self {
        let fields = card
            .form
            .iter()
            .flat_map(|form| &form.fields)
            .map(|field| known_field(field, default_locale))
            .collect();
        Self {
            key: card.key.clone(),
            fields,
            facts,
        }
    }
}

fn known_field(field: &FieldDoc, default_locale: &Locale) -> KnownField {
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
        label: field.label.get(default_locale, default_locale).to_owned(),
        shape,
        pii: field.is_pii(),
        property: field.property().map(str::to_owned),
    }
}

/// What kind of values a fact has.
pub(super) const fn fact_shape(kind: FactKind) -> Shape {
    match kind {
        FactKind::Number => Shape::Number,
        FactKind::YesNo => Shape::YesNo,
        FactKind::Date => Shape::Date,
        FactKind::Choice | FactKind::Choices | FactKind::Text => Shape::Text,
    }
}

/// The cards of a hub as a mapping sees them. `None` if the setup of one cannot be opened: then its facts are unknown, and
/// that is the problem.
pub fn cards_of(doc: &HubDoc) -> Option<Vec<KnownCard>> {
    doc.cards
        .iter()
        .map(|card| {
            let shell = Shell {
                card_key: &card.key,
                locales: &doc.hub.locales,
                images: &[],
                form_first: card.form_first(),
            };
            let engine = cards::kind(&card.kind)?.open(&card.setup, &shell).ok()?;
            Some(KnownCard::new(card, engine.facts(), doc.default_locale()))
        })
        .collect()
}

/// A source that a hub offers, for an editor's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceChoice {
    /// As it is written: `field:email`.
    pub source: String,
    /// What members read.
    pub label: String,
    /// What it holds, where that is known.
    pub shape: Option<Shape>,
    /// Whether it is personal data.
    pub pii: bool,
    /// Keys of the cards that have it; empty: every card.
    pub cards: Vec<String>,
}

/// Every source that these cards offer, each once: fields and facts in the order of the cards, then what every entry has.
pub fn choices(cards: &[KnownCard]) -> Vec<SourceChoice> {
    let mut found: Vec<SourceChoice> = Vec::new();
    let mut add = |source: String, label: &str, shape: Shape, pii: bool, card: &str| {
        if let Some(same) = found.iter_mut().find(|it| it.source == source) {
            same.pii |= pii;
            if !same.cards.iter().any(|it| it == card) {
                same.cards.push(card.to_owned());
            }
        } else {
            found.push(SourceChoice {
                source,
                label: label.to_owned(),
                shape: Some(shape),
                pii,
                cards: vec![card.to_owned()],
            });
        }
    };
    for card in cards {
        for field in &card.fields {
            if field.shape == Shape::Permission {
                let source = format!("consent:{}", field.key);
                add(source, &field.label, field.shape, false, &card.key);
            } else {
                let source = format!("field:{}", field.key);
                add(source, &field.label, field.shape, field.pii, &card.key);
            }
            if let Some(property) = &field.property {
                let source = format!("property:{property}");
                add(source, &field.label, field.shape, field.pii, &card.key);
            }
        }
        for fact in &card.facts {
            let source = fact_source(&fact.key);
            add(source, &fact.label, fact_shape(fact.kind), false, &card.key);
        }
    }
    let always = [
        ("entry:id", "Entry ID", Shape::Text),
        ("entry:time", "Time of the entry", Shape::Date),
        ("entry:locale", "Language", Shape::Text),
        ("card:key", "Card", Shape::Text),
        ("card:title", "Card's title", Shape::Text),
        ("hub:slug", "Hub", Shape::Text),
        ("utm:source", "UTM source", Shape::Text),
        ("utm:medium", "UTM medium", Shape::Text),
        ("utm:campaign", "UTM campaign", Shape::Text),
    ];
    found.extend(always.map(|(source, label, shape)| SourceChoice {
        source: source.to_owned(),
        label: label.to_owned(),
        shape: Some(shape),
        pii: false,
        cards: Vec::new(),
    }));
    found
}

/// How a fact is written as a source: by its own name where that is one, else behind `fact:`.
pub(super) fn fact_source(key: &str) -> String {
    let kind = key.split(':').next().unwrap_or_default();
    let known = [
        "answer",
        "answer_text",
        "outcome",
        "outcome_text",
        "score",
        "choice",
        "choice_text",
    ];
    if known.contains(&kind) || REWARDS.contains(&kind) {
        key.to_owned()
    } else {
        format!("fact:{key}")
    }
}
