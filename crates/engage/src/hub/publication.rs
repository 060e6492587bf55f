//! A publication: a hub document that has been checked, opened and frozen. Participants never see anything else.
//! Promises that the same document always has the same version, and that draft cards are not in it.
//! Leaves storing it, and which one is current, to the store.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use super::{
    doc::{CardDoc, CardState, HubDoc, HubState, Page, Placement},
    problems::{Problem, Severity, shell_images},
    visibility::{self, Visibility},
};
use crate::{
    cards::{self, Card, Shell},
    entry::EntryLimit,
    form::Form,
    text::Locale,
    time::Millis,
};

/// A card of a publication, ready to be shown and played.
#[derive(Debug)]
pub struct PublishedCard {
    /// The card as authored.
    pub doc: CardDoc,
    /// Its rules and face.
    pub engine: Box<dyn Card>,
    /// Its form.
    pub form: Option<Form>,
    /// How often a person may enter.
    pub limit: EntryLimit,
    /// Fields whose normalised values together make two entries the same person's; empty when nobody can be recognised.
    pub same_person: Vec<String>,
}

/// A frozen hub.
#[derive(Debug)]
pub struct Publication {
    doc: Arc<HubDoc>,
    version: String,
    cards: BTreeMap<String, PublishedCard>,
    warnings: Vec<Problem>,
}

impl PublishedCard {
    fn open(doc: &HubDoc, at: usize, card: &CardDoc) -> Result<Self, Vec<Problem>> {
        let images = shell_images(doc);
        let shell = Shell {
            card_key: &card.key,
            locales: &doc.hub.locales,
            images: &images,
            form_first: card.form_first(),
        };
        let engine = cards::kind(&card.kind)
            .ok_or_else(|| vec![super::problems::unknown_kind(at, &card.kind)])?
            .open(&card.setup, &shell)
            .map_err(|error| vec![Problem::setup(at, &error)])?;
        let rules = card.entries.clone().unwrap_or_default();
        let fields: Vec<&str> = card
            .form
            .iter()
            .flat_map(|form| &form.fields)
            .map(|field| field.key.as_str())
            .collect();
        Ok(Self {
            engine,
            form: card.form.as_ref().map(|form| Form::new(form, doc)),
            limit: EntryLimit::from_rules(&rules),
            same_person: crate::entry::same_person_fields(&rules, &fields),
            doc: card.clone(),
        })
    }
}

impl Publication {
    /// Checks and opens a document. Errors stop it, all of them at once; warnings are kept.
    pub fn freeze(doc: Arc<HubDoc>) -> Result<Self, Vec<Problem>> {
        let problems = doc.problems();
        if problems
            .iter()
            .any(|problem| problem.severity == Severity::Error)
        {
            return Err(problems);
        }
        let mut cards = BTreeMap::new();
        for (at, card) in doc.cards.iter().enumerate() {
            if card.state != CardState::Draft {
                cards.insert(card.key.clone(), PublishedCard::open(&doc, at, card)?);
            }
        }
        Ok(Self {
            version: version(&doc),
            doc,
            cards,
            warnings: problems,
        })
    }

    /// A draft as it would be shown, for who works on it: drafts of cards included, as far as they can be opened, whatever is
    /// still wrong. Never for participants.
    pub fn preview(mut doc: HubDoc) -> Self {
        doc.hub.state = HubState::Published;
        (doc.hub.opens_at, doc.hub.closes_at) = (None, None);
        for card in &mut doc.cards {
            if card.state == CardState::Draft {
                card.state = CardState::Published;
            }
        }
        let opened = doc.cards.iter().enumerate().filter_map(|(at, card)| {
            let opened = PublishedCard::open(&doc, at, card).ok()?;
            Some((card.key.clone(), opened))
        });
        Self {
            cards: opened.collect(),
            version: version(&doc),
            warnings: Vec::new(),
            doc: Arc::new(doc),
        }
    }

    /// The document as authored.
    pub fn doc(&self) -> &HubDoc {
        &self.doc
    }

    /// SHA-256 of the document's canonical JSON, in hexadecimal: the name of this version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What could be better.
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// The hub's default language.
    pub fn default_locale(&self) -> &Locale {
        self.doc.default_locale()
    }

    /// The page with a path; `""` is the start page.
    pub fn page(&self, path: &str) -> Option<&Page> {
        self.doc.page(path)
    }

    /// A card that is not a draft. Whether it may be seen now is for `card_visibility` to say.
    pub fn card(&self, key: &str) -> Option<&PublishedCard> {
        self.cards.get(key)
    }

    /// All cards that are not drafts, by key.
    pub fn cards(&self) -> impl Iterator<Item = &PublishedCard> {
        self.cards.values()
    }

    /// The hub's own layer.
    pub fn hub_visibility(&self, now: Millis) -> Visibility {
        visibility::of_hub(&self.doc, now)
    }

    /// Hub and card together: what counts on the card's own page, for plays and for entries.
    pub fn card_visibility(&self, key: &str, now: Millis) -> Visibility {
        self.card(key).map_or(Visibility::Hidden, |card| {
            self.hub_visibility(now)
                .and(visibility::of_card(&card.doc, now))
        })
    }

    /// Hub, card and placement together: what counts on a page.
    pub fn placement_visibility(&self, placement: &Placement, now: Millis) -> Visibility {
        self.card_visibility(&placement.card, now)
            .and(visibility::of_placement(placement, now))
    }
}

/// SHA-256 of the canonical JSON, in hexadecimal.
fn version(doc: &HubDoc) -> String {
    let json = canonical(serde_json::to_value(doc).unwrap_or_default());
    hex::encode(Sha256::digest(json.to_string().as_bytes()))
}

/// The same JSON with all keys in order: the order in which an author wrote them is not part of a version.
fn canonical(json: Json) -> Json {
    match json {
        Json::Array(items) => Json::Array(items.into_iter().map(canonical).collect()),
        Json::Object(members) => {
            let sorted: BTreeMap<String, Json> = members
                .into_iter()
                .map(|(key, value)| (key, canonical(value)))
                .collect();
            Json::Object(sorted.into_iter().collect::<Map<_, _>>())
        }
        other => other,
    }
}
