//! The check before a hub is published: what stops it, what could be better, and where each is solved.
//! Promises: every finding is a sentence with a remedy, and where it can be solved in the studio, a link to the control.
//! Leaves to others: the rules of a document (`HubDoc::problems`), publishing (`publish`).

use std::sync::Arc;

use engage::{
    hub::{CardState, HubDoc, Publication, Severity},
    time::Millis,
};

use super::{arrange, draw::sentence, part};

/// Something that the check has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) error: bool,
    pub(super) words: String,
    /// Below the hub's address; empty where it is solved elsewhere.
    pub(super) href: String,
    /// Which part of the hub it is about.
    pub(super) about: String,
}

/// What the check is told besides the document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings {
    pub(super) now: Millis,
    /// Whether the hub has a connection.
    pub(super) connected: bool,
}

/// Everything that is wrong or doubtful; what stops publishing comes first.
pub(super) fn check(doc: &HubDoc, surroundings: Surroundings) -> Vec<Found> {
    let mut found: Vec<Found> = doc
        .problems()
        .iter()
        .map(|it| Found {
            error: it.severity == Severity::Error,
            words: sentence(&it.message, &it.remedy),
            href: part::remedy_at(doc, &it.path),
            about: about(doc, &it.path),
        })
        .collect();
    let mut own = Own {
        doc,
        found: &mut found,
    };
    own.cards(surroundings.now);
    own.whole(surroundings);
    found.sort_by_key(|it| !it.error);
    found.dedup();
    found
}

/// The name of the part of the hub that a path leads to.
fn about(doc: &HubDoc, path: &str) -> String {
    let title = |key: &str| part::Part::Card(key.to_owned()).title(doc);
    let place = path
        .strip_prefix("cards[")
        .and_then(|it| it.split_once(']'));
    let card = place
        .and_then(|(at, _)| at.parse::<usize>().ok())
        .and_then(|at| doc.cards.get(at));
    match (card, path.split(['.', '[']).next()) {
        (Some(card), _) => title(&card.key),
        (None, Some("theme")) => "Look".to_owned(),
        _ => "The hub".to_owned(),
    }
}

struct Own<'a> {
    doc: &'a HubDoc,
    found: &'a mut Vec<Found>,
}

impl Own<'_> {
    fn say(&mut self, error: bool, about: &str, words: &str, href: String) {
        self.found.push(Found {
            error,
            words: words.to_owned(),
            href,
            about: about.to_owned(),
        });
    }

    fn cards(&mut self, now: Millis) {
        let doc = self.doc;
        let mut shown = 0;
        for card in &doc.cards {
            let title = part::Part::Card(card.key.clone()).title(doc);
            let at = |control: &str| {
                let path = format!("/cards/{}", card.key);
                format!("{path}#{}", super::draw::id(control))
            };
            if card.state == CardState::Draft {
                let words = "This card is a draft, so it is not part of what is published. Set its visibility if it should be.";
                self.say(false, &title, words, at("state"));
                continue;
            }
            shown += 1;
            if arrange::place_of(doc, &card.key).is_none() {
                let words = "This card stands on no page, so only people with its address find it. Put it on the start page.";
                self.say(false, &title, words, String::new());
            }
            if card
                .closes_at
                .is_some_and(|it| it.as_millisecond() <= now.0)
            {
                let words = "This card has closed already, so nobody can take part. Choose a later end, or remove the end.";
                self.say(false, &title, words, at("closes_at"));
            }
            let rules = card.entries.as_ref();
            if rules
                .and_then(|it| it.closes_at)
                .is_some_and(|it| it.as_millisecond() <= now.0)
            {
                let words = "The time for entries is over, so nobody can enter. Choose a later end, or remove it.";
                self.say(false, &title, words, at("entries.closes_at"));
            }
        }
        if shown == 0 {
            let words = "The hub shows no card, so there is nothing to do. Add a card, or publish one that is a draft.";
            self.say(true, "The hub", words, "/new-card".to_owned());
        }
        if let Ok(publication) = Publication::freeze(Arc::new(doc.clone())) {
            for card in publication.cards() {
                let prizes = card.engine.prizes();
                if !prizes.is_empty() && prizes.iter().all(|it| it.stock == 0) {
                    let title = part::Part::Card(card.doc.key.clone()).title(doc);
                    let words = "No prize has any stock, so nobody can win. Say how many there are of each.";
                    let href = format!(
                        "/cards/{}#{}",
                        card.doc.key,
                        super::draw::id("setup.prizes")
                    );
                    self.say(false, &title, words, href);
                }
            }
        }
    }

    fn whole(&mut self, surroundings: Surroundings) {
        let doc = self.doc;
        let asks = doc
            .cards
            .iter()
            .any(|card| card.form.is_some() && card.state != CardState::Draft);
        if doc
            .hub
            .closes_at
            .is_some_and(|it| it.as_millisecond() <= surroundings.now.0)
        {
            let words = "The hub has closed already. Choose a later end in the hub’s file.";
            self.say(false, "The hub", words, String::new());
        }
        if asks && doc.terms.is_empty() {
            let words = "People are asked for their data, and there are no terms or privacy text. Add them, so that people know what happens with it.";
            self.say(false, "The hub", words, "/texts#f-terms".to_owned());
        }
        if doc.hub.contact_email.is_none() {
            let words = "Nobody can ask a question. Add an e-mail address for questions.";
            self.say(
                false,
                "The hub",
                words,
                "/texts#f-hub-contact-email".to_owned(),
            );
        }
        if asks && !surroundings.connected {
            let words = "Entries are kept here and go nowhere yet. Connect to Braze, now or later: what came before can be sent afterwards.";
            self.say(
                false,
                "The hub",
                words,
                "/settings/integrations/braze/connect".to_owned(),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use engage::hub::HubDoc;
    use serde_json::{Value as Json, json};

    use super::*;

    const SURROUNDINGS: Surroundings = Surroundings {
        now: Millis(1_795_000_000_000),
        connected: true,
    };

    /// The demo's hub with one thing broken.
    fn broken(path: &str, value: Json) -> Vec<Found> {
        let doc = crate::cli::sample_hub().unwrap();
        let mut json = serde_json::to_value(&doc).unwrap();
        *json
            .pointer_mut(path)
            .unwrap_or_else(|| panic!("no {path}")) = value;
        check(&HubDoc::from_value(json).unwrap(), SURROUNDINGS)
    }

    #[test]
    fn a_hub_in_order_has_nothing_that_stops_it() {
        let doc = crate::cli::sample_hub().unwrap();
        let found = check(&doc, SURROUNDINGS);
        assert!(found.iter().all(|it| !it.error), "{found:?}");
    }

    #[test]
    fn broken_hubs_are_caught_with_the_place_where_each_is_mended() {
        let long_ago = "2020-01-01T00:00:00Z";
        let cases = [
            (
                "/hub/name",
                json!(""),
                true,
                "there is no text",
                "/texts#f-hub-name",
            ),
            (
                "/hub/contact_email",
                json!(null),
                false,
                "ask a question",
                "/texts#f-hub-contact-email",
            ),
            (
                "/hub/logo",
                json!("nothing"),
                true,
                "no picture",
                "/look#f-hub-logo",
            ),
            (
                "/hub/locales",
                json!(["en", "de", "fr"]),
                false,
                "missing in `fr`",
                "/",
            ),
            (
                "/theme/accent",
                json!("red"),
                true,
                "colour",
                "/look#f-theme-accent",
            ),
            (
                "/theme/text",
                json!("#EEEEEE"),
                false,
                "contrast",
                "/look#f-theme-text",
            ),
            (
                "/theme/radius",
                json!(99),
                true,
                "too round",
                "/look#f-theme-radius",
            ),
            ("/terms", json!([]), true, "terms", "/cards/"),
            (
                "/pages/0/title",
                json!(""),
                true,
                "there is no text",
                "/texts#f-pages-0--title",
            ),
            (
                "/pages/0/sections/0/image",
                json!("gone"),
                true,
                "no picture",
                "/texts#f-pages-0--sections-0--image",
            ),
            (
                "/pages/0/sections/0/placements/0/card",
                json!("gone"),
                true,
                "no card",
                "/texts#",
            ),
            ("/cards", json!([]), true, "shows no card", "/new-card"),
            (
                "/cards/0/title",
                json!(""),
                true,
                "there is no text",
                "/cards/welcome#f-title",
            ),
            (
                "/cards/0/image",
                json!("gone"),
                true,
                "no picture",
                "/cards/welcome#f-image",
            ),
            (
                "/cards/0/form",
                json!(null),
                true,
                "lives by its form",
                "/cards/welcome#f-form",
            ),
            (
                "/cards/0/form/fields",
                json!([]),
                true,
                "asks nothing",
                "/cards/welcome#f-form-fields",
            ),
            (
                "/cards/0/form/fields/1/key",
                json!("email"),
                true,
                "stands twice",
                "/cards/welcome#f-form-fields-1--key",
            ),
            (
                "/cards/0/form/fields/6/version",
                json!(""),
                true,
                "no version",
                "/cards/welcome#f-form-fields-6--version",
            ),
            (
                "/cards/0/form/thanks/button/card",
                json!("gone"),
                true,
                "no card",
                "/cards/welcome#f-form-thanks-button-card",
            ),
            (
                "/cards/1/setup/options",
                json!([]),
                true,
                "",
                "/cards/flavour-poll#f-setup-options",
            ),
            (
                "/cards/1/setup/question",
                json!(""),
                true,
                "",
                "/cards/flavour-poll#f-setup-question",
            ),
            (
                "/cards/1/state",
                json!("draft"),
                false,
                "is a draft",
                "/cards/flavour-poll#f-state",
            ),
            (
                "/cards/1/entries",
                json!({ "limit": "rolling" }),
                true,
                "hours",
                "/cards/flavour-poll#f-entries",
            ),
            (
                "/cards/1/entries/closes_at",
                json!(long_ago),
                false,
                "over",
                "/cards/flavour-poll#f-entries-closes-at",
            ),
        ];
        let doc = serde_json::to_value(crate::cli::sample_hub().unwrap()).unwrap();
        for (path, value, error, words, href) in cases {
            let mut json = doc.clone();
            // What is left out of the document is made first.
            if json.pointer(path).is_none() {
                let (table, name) = path.rsplit_once('/').unwrap();
                json.pointer_mut(table).unwrap()[name] = json!(null);
            }
            *json.pointer_mut(path).unwrap() = value;
            let found = check(&HubDoc::from_value(json).unwrap(), SURROUNDINGS);
            assert!(
                found.iter().any(|it| it.error == error
                    && it.words.to_lowercase().contains(&words.to_lowercase())
                    && it.href.starts_with(href)),
                "{path}: {found:#?}"
            );
        }
        assert!(
            broken("/hub/name", json!("Fine"))
                .iter()
                .all(|it| !it.error)
        );
    }

    #[test]
    fn a_hub_that_sends_nothing_anywhere_says_so() {
        let doc = crate::cli::sample_hub().unwrap();
        let surroundings = Surroundings {
            connected: false,
            ..SURROUNDINGS
        };
        let found = check(&doc, surroundings);
        assert!(
            found
                .iter()
                .any(|it| it.words.contains("Connect to Braze") && !it.error)
        );
    }
}
