//! What is wrong with a hub document that could be read: errors stop publishing, warnings don't.
//! Promises the path, the trouble and the remedy of each, all at once, in the order of the document.
//! Leaves the mapping's own checks to `mapping`, a setup's to its kind, a field type's to the type.

mod card;
mod head;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use super::{
    doc::{CardState, HubDoc, Placement, PlacementVisibility},
    load::DocError,
    nearest::nearest,
};
use crate::{
    cards,
    text::{LocalText, Locale},
};

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The hub can be published, but could be better.
    Warning,
    /// The hub can't be published.
    Error,
}

/// Something wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// For example `cards[0].form.fields[2].label`.
    pub path: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl Problem {
    /// An error.
    pub fn error(
        path: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            path: path.into(),
            severity: Severity::Error,
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    /// A warning.
    pub fn warning(
        path: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            path: path.into(),
            severity: Severity::Warning,
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    /// The setup of a card can't be read.
    pub(super) fn setup(card: usize, error: &DocError) -> Self {
        Self::error(
            format!("cards[{card}].setup.{}", error.path),
            error.message.clone(),
            error.remedy.clone(),
        )
    }
}

/// A kind that the registry doesn't have.
pub(super) fn unknown_kind(card: usize, kind: &str) -> Problem {
    let names: Vec<&str> = cards::kinds().map(|kind| kind.name).collect();
    let remedy = match nearest(kind, names.iter().copied()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => format!("Kinds there are: {}", names.join(", ")),
    };
    Problem::error(
        format!("cards[{card}].kind"),
        format!("there is no kind of card `{kind}`"),
        remedy,
    )
}

/// Keys of the hub's images, as cards are told them.
pub(super) fn shell_images(doc: &HubDoc) -> Vec<&str> {
    doc.images.iter().map(|image| image.key.as_str()).collect()
}

/// Parts of addresses: `^[a-z0-9][a-z0-9-]{0,62}$`.
pub(crate) fn is_slug(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && !text.starts_with('-')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Keys of fields and questions: `^[a-z][a-z0-9_]{0,62}$`.
pub(crate) fn is_field_key(text: &str) -> bool {
    text.len() <= 63
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

impl HubDoc {
    /// Everything that is wrong with the document, errors and warnings.
    pub fn problems(&self) -> Vec<Problem> {
        let mut check = Check {
            doc: self,
            found: Vec::new(),
        };
        check.head();
        check.theme(&self.theme);
        check.images();
        check.navigation();
        check.terms();
        check.pages();
        for (at, card) in self.cards.iter().enumerate() {
            let before = check.found.len();
            check.card(at, card);
            // A draft may be wrong as long as it is a draft: it is not part of the publication.
            if card.state == CardState::Draft {
                for problem in check.found.iter_mut().skip(before) {
                    problem.severity = Severity::Warning;
                }
            }
        }
        check.unique(
            "cards",
            "key",
            self.cards.iter().map(|card| card.key.as_str()),
        );
        check.connections();
        check.found.extend(crate::mail::problems(self));
        check.found
    }
}

struct Check<'a> {
    doc: &'a HubDoc,
    found: Vec<Problem>,
}

impl<'a> Check<'a> {
    fn error(
        &mut self,
        path: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.found.push(Problem::error(path, message, remedy));
    }

    fn warn(
        &mut self,
        path: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.found.push(Problem::warning(path, message, remedy));
    }

    /// Every key once.
    fn unique(&mut self, list: &str, key: &str, values: impl Iterator<Item = &'a str>) {
        let mut seen = BTreeSet::new();
        for (at, value) in values.enumerate() {
            if !seen.insert(value) {
                self.error(
                    format!("{list}[{at}].{key}"),
                    format!("`{value}` stands twice"),
                    "Give each its own",
                );
            }
        }
    }

    /// A text that has to be there, in every language.
    fn text(&mut self, path: impl Into<String>, text: &LocalText) {
        let path = path.into();
        if text.is_empty() {
            self.error(path, "there is no text", "Write what participants read");
        } else {
            self.translated(path, text);
        }
    }

    /// A text that may be left out, but not in some languages only.
    fn translated(&mut self, path: impl Into<String>, text: &LocalText) {
        if text.is_empty() {
            return;
        }
        let path = path.into();
        let missing: Vec<&str> = text
            .missing(&self.doc.hub.locales)
            .map(Locale::as_str)
            .collect();
        for locale in missing {
            self.found.push(Problem::warning(
                path.clone(),
                format!("the text is missing in `{locale}`"),
                "Translate it; until then the default language is shown",
            ));
        }
    }

    fn optional(&mut self, path: String, text: Option<&LocalText>) {
        if let Some(text) = text {
            self.translated(path, text);
        }
    }

    /// A reference to something that has to exist.
    fn refer(&mut self, path: String, thing: &str, key: &str, known: &[&str]) {
        if !known.contains(&key) {
            let remedy = match nearest(key, known.iter().copied()) {
                Some(near) => format!("Did you mean `{near}`?"),
                None if known.is_empty() => format!("Add the {thing} to the hub"),
                None => format!("Add it to the hub, or use one of: {}", known.join(", ")),
            };
            self.error(path, format!("the hub has no {thing} `{key}`"), remedy);
        }
    }

    fn image(&mut self, path: String, key: Option<&String>) {
        if let Some(key) = key {
            self.refer(path, "picture", key, &shell_images(self.doc));
        }
    }

    fn page(&mut self, path: String, page: &str) {
        let known: Vec<&str> = self
            .doc
            .pages
            .iter()
            .map(|page| page.path.as_str())
            .collect();
        self.refer(path, "page", page, &known);
    }

    fn card_key(&mut self, path: String, key: &str) {
        let known: Vec<&str> = self
            .doc
            .cards
            .iter()
            .map(|card| card.key.as_str())
            .collect();
        self.refer(path, "card", key, &known);
    }

    /// Only addresses that a participant can safely follow.
    fn url(&mut self, path: String, url: &str) {
        let safe = ["https://", "http://", "mailto:", "tel:"]
            .iter()
            .any(|scheme| url.starts_with(scheme));
        if !safe || url.chars().any(|c| c.is_control() || c.is_whitespace()) {
            self.error(
                path,
                "this is not an address that can be opened",
                "Write it in full, beginning with https://",
            );
        }
    }

    fn times(
        &mut self,
        path: String,
        first: Option<Timestamp>,
        last: Option<Timestamp>,
        names: (&str, &str),
    ) {
        if let (Some(first), Some(last)) = (first, last)
            && first >= last
        {
            let (from, until) = names;
            self.error(
                path,
                format!("`{until}` is not after `{from}`"),
                format!("Make `{from}` earlier than `{until}`"),
            );
        }
    }

    fn pages(&mut self) {
        let doc = self.doc;
        if !doc.pages.iter().any(|page| page.path.is_empty()) {
            self.warn(
                "pages",
                "the hub has no start page",
                "Add a page with the path \"\"",
            );
        }
        for (at, page) in doc.pages.iter().enumerate() {
            let base = format!("pages[{at}]");
            // `c` and `terms` are the addresses of cards and terms.
            if !page.path.is_empty()
                && (!is_slug(&page.path) || matches!(page.path.as_str(), "c" | "terms"))
            {
                self.error(
                    format!("{base}.path"),
                    "this cannot be the address of a page",
                    "Use lower-case letters, digits and `-`; `c` and `terms` are taken",
                );
            }
            self.text(format!("{base}.title"), &page.title);
            for (at, section) in page.sections.iter().enumerate() {
                let base = format!("{base}.sections[{at}]");
                self.optional(format!("{base}.heading"), section.heading.as_ref());
                self.optional(format!("{base}.text"), section.text.as_ref());
                self.image(format!("{base}.image"), section.image.as_ref());
                for (at, placement) in section.placements.iter().enumerate() {
                    self.placement(&format!("{base}.placements[{at}]"), placement);
                }
            }
        }
        self.unique(
            "pages",
            "path",
            doc.pages.iter().map(|page| page.path.as_str()),
        );
    }

    fn placement(&mut self, base: &str, placement: &Placement) {
        self.card_key(format!("{base}.card"), &placement.card);
        let timed = placement.from.is_some() || placement.until.is_some();
        match placement.visibility {
            PlacementVisibility::Scheduled if !timed => self.error(
                format!("{base}.visibility"),
                "a scheduled placement needs a time",
                "Write `from`, `until` or both",
            ),
            PlacementVisibility::Visible | PlacementVisibility::Hidden if timed => self.warn(
                format!("{base}.visibility"),
                "the times have no effect",
                "Write visibility = \"scheduled\", or remove them",
            ),
            _ => {}
        }
        self.times(
            format!("{base}.until"),
            placement.from,
            placement.until,
            ("from", "until"),
        );
    }

    fn connections(&mut self) {
        let doc = self.doc;
        for (at, connection) in doc.connections.iter().enumerate() {
            let base = format!("connections[{at}]");
            if !is_slug(&connection.key) {
                self.error(
                    format!("{base}.key"),
                    "this cannot be a key",
                    "Use lower-case letters, digits and `-`",
                );
            }
        }
        self.unique(
            "connections",
            "key",
            doc.connections
                .iter()
                .map(|connection| connection.key.as_str()),
        );
    }
}
