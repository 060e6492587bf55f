//! What the mapping form shows: its rows as the template draws them.

use crate::braze_desk::lines::Line;

/// One of the five ways to say who a person is.
pub(super) struct UserChoice {
    pub(super) code: &'static str,
    pub(super) title: &'static str,
    pub(super) words: &'static str,
    pub(super) chosen: bool,
}

pub(super) const USER: [(&str, &str, &str); 5] = [
    (
        "alias",
        "By an alias",
        "The safe start: Komo’s own name for a person, made of their e-mail or phone. It never changes a profile that is not Komo’s until the two are merged.",
    ),
    (
        "external_id",
        "By your own ID",
        "When people come with your customer number, for example as a parameter of the link. Updates the profile that your other systems use.",
    ),
    (
        "email",
        "By e-mail address",
        "Updates the profile with this address; Braze makes one if there is none. With several of the same address it takes the last updated.",
    ),
    (
        "phone",
        "By phone number",
        "The same with a phone number in international form.",
    ),
    (
        "braze_id",
        "By Braze ID",
        "When links carry Braze’s own ID, for example from a Braze mail. Only updates: a Braze ID can’t be made up.",
    ),
];

/// A source in a list.
pub(super) struct Choice {
    pub(super) source: String,
    pub(super) label: String,
}

/// A line of attributes.
pub(super) struct Row {
    pub(super) line: Line,
    pub(super) label: String,
    pub(super) detail: String,
    pub(super) source: String,
    pub(super) to: String,
    pub(super) kind: String,
    pub(super) op: String,
    /// A name to take with one press; empty when there is none.
    pub(super) suggestion: String,
    pub(super) only: String,
    pub(super) message: Message,
}

/// A question: market research in one step.
pub(super) struct Question {
    pub(super) line: Line,
    pub(super) label: String,
    pub(super) detail: String,
    pub(super) source: String,
    pub(super) attribute: String,
    pub(super) event: String,
    pub(super) op: String,
    pub(super) suggestion: String,
    pub(super) message: Message,
}

/// A consent.
pub(super) struct Consent {
    pub(super) line: Line,
    pub(super) label: String,
    pub(super) source: String,
    pub(super) to: String,
    pub(super) group: String,
    pub(super) withheld: String,
    pub(super) message: Message,
}

/// A property of an event.
pub(super) struct Property {
    pub(super) m: usize,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) carried: String,
}

/// An event.
pub(super) struct Event {
    pub(super) line: Line,
    pub(super) name: String,
    pub(super) on: String,
    pub(super) all: String,
    pub(super) only: String,
    pub(super) properties: Vec<Property>,
    pub(super) message: Message,
}

/// What is wrong at a field.
#[derive(Clone, Debug, Default)]
pub(super) struct Message {
    pub(super) field: String,
    pub(super) words: String,
    pub(super) error: bool,
}

/// The whole form.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) user: Vec<UserChoice>,
    pub(super) from: String,
    pub(super) label: String,
    pub(super) existing_only: bool,
    pub(super) identify: bool,
    /// Further identifiers, which the form shows but does not change.
    pub(super) otherwise: Vec<String>,
    pub(super) sources: Vec<Choice>,
    pub(super) fields: Vec<Row>,
    /// What every entry has: time, language, campaign.
    pub(super) about: Vec<Row>,
    pub(super) others: Vec<Row>,
    pub(super) questions: Vec<Question>,
    pub(super) consents: Vec<Consent>,
    pub(super) events: Vec<Event>,
    pub(super) purchases: usize,
    pub(super) suggestions: usize,
    /// Messages at fields, when only those are renewed.
    pub(super) messages: Vec<Message>,
    pub(super) user_message: Message,
    pub(super) from_message: Message,
    pub(super) label_message: Message,
}
