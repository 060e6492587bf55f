//! The parts of a hub that have an editor: a card, the look, the texts.
//! Promises: a part is told apart by its own content, so that two people at two parts never stand in each other's way.
//! Leaves to others: drawing, saving, the page.

use engage::hub::HubDoc;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::shell::{self, Group};
use engage::text::Locale;

/// What is edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The card with this key.
    Card(String),
    Look,
    Texts,
}

impl Part {
    /// The address below the hub's.
    pub(super) fn path(&self) -> String {
        match self {
            Self::Card(key) => format!("/cards/{key}"),
            Self::Look => "/look".to_owned(),
            Self::Texts => "/texts".to_owned(),
        }
    }

    /// Where the part stands in the hub's document; nothing for a card that is not there.
    pub(super) fn place(&self, doc: &HubDoc) -> Option<String> {
        match self {
            Self::Card(key) => {
                let at = doc.cards.iter().position(|card| card.key == *key)?;
                Some(format!("cards[{at}]"))
            }
            Self::Look | Self::Texts => Some(String::new()),
        }
    }

    pub(super) fn title(&self, doc: &HubDoc) -> String {
        match self {
            Self::Card(key) => doc.card(key).map_or_else(String::new, |card| {
                let title = card.title.get(doc.default_locale(), doc.default_locale());
                if title.trim().is_empty() {
                    key.clone()
                } else {
                    title.to_owned()
                }
            }),
            Self::Look => "Look".to_owned(),
            Self::Texts => "Texts".to_owned(),
        }
    }

    pub(super) fn groups(&self, doc: &HubDoc, locale: &Locale) -> Vec<Group> {
        match self {
            Self::Card(key) => doc
                .card(key)
                .map_or_else(Vec::new, |card| shell::of_card(doc, card, locale)),
            Self::Look => shell::of_look(),
            Self::Texts => shell::of_texts(doc),
        }
    }

    /// Whether a problem at a path belongs here.
    pub(super) fn owns(&self, doc: &HubDoc, path: &str) -> bool {
        match self {
            Self::Card(_) => self
                .place(doc)
                .is_some_and(|place| path.starts_with(&format!("{place}."))),
            Self::Look => path.starts_with("theme") || path == "hub.logo",
            Self::Texts => {
                path != "hub.logo"
                    && ["hub.", "terms", "pages", "navigation"]
                        .iter()
                        .any(|it| path.starts_with(it))
            }
        }
    }

    /// A short name of the part's content: what somebody has seen.
    pub(super) fn seen(&self, doc: &Json, place: &str) -> String {
        let content = match self {
            Self::Card(_) => super::values::get(doc, place).cloned().unwrap_or_default(),
            Self::Look => json!([doc.get("theme"), doc.pointer("/hub/logo")]),
            Self::Texts => json!([doc.get("hub"), doc.get("terms"), doc.get("pages")]),
        };
        hex::encode(Sha256::digest(content.to_string()))
            .chars()
            .take(16)
            .collect()
    }
}

/// Where a problem is solved: the address below the hub's, with the control.
pub(super) fn remedy_at(doc: &HubDoc, path: &str) -> String {
    let cards = doc.cards.iter().map(|card| Part::Card(card.key.clone()));
    for part in cards.chain([Part::Look, Part::Texts]) {
        if !part.owns(doc, path) {
            continue;
        }
        let place = part.place(doc).unwrap_or_default();
        let below = path
            .strip_prefix(&place)
            .unwrap_or(path)
            .trim_start_matches('.');
        return format!("{}#{}", part.path(), super::draw::id(below));
    }
    String::new()
}
