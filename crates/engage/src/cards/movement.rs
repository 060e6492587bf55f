//! What a participant does, and why it may be refused.
//! Promises that a move is the same thing whether a form without scripts sends it or a program as JSON: names with values.
//! Leaves what the names mean to the kinds.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::Value as Json;

use crate::{
    form::FieldError,
    text::{Locale, texts},
};

/// Most values in one move: the largest board of the skill games, with room.
const MOST_VALUES: usize = 400;
/// Longest value, in characters: an answer in a long text.
const LONGEST_VALUE: usize = 4_000;
/// How many moves came before; not an input of the card's.
const STEP: &str = "step";

/// What a participant does: inputs by name, as a form sends them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Move {
    /// How many moves came before this one. With it a move that is sent twice is known as the same; without it, it is the next.
    pub step: Option<u32>,
    inputs: BTreeMap<String, Vec<String>>,
}

impl Move {
    /// A move with one input more; for tests and examples.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.add(name.to_owned(), value.to_owned());
        self
    }

    /// The pairs of a form post. Empty values are as good as none.
    pub fn from_pairs(
        pairs: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, &'static str> {
        let mut movement = Self::default();
        for (name, value) in pairs {
            movement.add(name, value);
        }
        movement.checked()
    }

    /// A JSON object such as `{"option": "fig"}` or `{"toppings": ["nuts", "cream"], "step": 0}`.
    pub fn from_json(json: &Json) -> Result<Self, &'static str> {
        const SHAPE: &str =
            "A move is a JSON object of texts, numbers, true or false, or lists of them.";
        let Json::Object(members) = json else {
            return Err(SHAPE);
        };
        let mut movement = Self::default();
        for (name, value) in members {
            let values = match value {
                Json::Array(items) => items.as_slice(),
                single => std::slice::from_ref(single),
            };
            for value in values {
                let text = match value {
                    Json::Null => continue,
                    Json::String(text) => text.clone(),
                    Json::Number(number) => number.to_string(),
                    Json::Bool(yes) => yes.to_string(),
                    Json::Array(_) | Json::Object(_) => return Err(SHAPE),
                };
                movement.add(name.clone(), text);
            }
        }
        movement.checked()
    }

    fn add(&mut self, name: String, value: String) {
        if name == STEP {
            self.step = value.parse().ok();
        } else if !value.is_empty() {
            self.inputs.entry(name).or_default().push(value);
        }
    }

    fn checked(self) -> Result<Self, &'static str> {
        if self.inputs.values().map(Vec::len).sum::<usize>() > MOST_VALUES {
            return Err("A move has at most 400 values.");
        }
        let mut values = self.inputs.values().flatten();
        if values.any(|value| value.chars().count() > LONGEST_VALUE) {
            return Err("A value in a move has at most 4,000 characters.");
        }
        Ok(self)
    }

    /// The value of an input; the first one if there are several, empty if there is none.
    pub fn get(&self, name: &str) -> &str {
        self.all(name).first().map_or("", String::as_str)
    }

    /// All values of an input, in the order they were sent.
    pub fn all(&self, name: &str) -> &[String] {
        self.inputs.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty()
    }

    /// The names of all inputs.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.inputs.keys().map(String::as_str)
    }
}

/// One thing that is wrong with a move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Name of the input it is about; empty when it is about the whole move.
    pub input: Cow<'static, str>,
    /// Id of the sentence for the participant; one of the kind's texts or of the shared ones.
    pub text: &'static str,
    /// The number in the sentence (`$number`), if it has one.
    pub number: Option<i64>,
}

/// Why a move is refused. A refused move changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(Vec<Complaint>);

impl Refusal {
    /// With one sentence, about the whole move.
    pub fn because(text: &'static str) -> Self {
        Self::about("", text)
    }

    /// With one sentence about an input.
    pub fn about(input: impl Into<Cow<'static, str>>, text: &'static str) -> Self {
        Self(vec![Complaint {
            input: input.into(),
            text,
            number: None,
        }])
    }

    /// With several sentences; there must be at least one.
    pub fn all(complaints: Vec<Complaint>) -> Self {
        if complaints.is_empty() {
            return Self::not_played();
        }
        Self(complaints)
    }

    /// Nothing was chosen.
    pub fn nothing_chosen() -> Self {
        Self::because("card-nothing-chosen")
    }

    /// The card has no such question.
    pub fn unknown_question() -> Self {
        Self::because("card-unknown-question")
    }

    /// The question has no such option.
    pub fn unknown_option() -> Self {
        Self::because("card-unknown-option")
    }

    /// The card isn't played, or not like this.
    pub fn not_played() -> Self {
        Self::because("card-not-played")
    }

    /// A record of a game that cannot have been played like this.
    pub fn impossible() -> Self {
        Self::because("card-impossible")
    }

    /// What is wrong.
    pub fn complaints(&self) -> &[Complaint] {
        &self.0
    }

    /// The sentences for the participant, by input.
    pub fn messages(&self, locale: &Locale) -> Vec<FieldError> {
        let complaints = self.0.iter();
        complaints
            .map(|complaint| FieldError {
                field: complaint.input.clone().into_owned(),
                message: match complaint.number {
                    Some(number) => {
                        texts::message(locale, complaint.text, &[("number", number.into())])
                    }
                    None => texts::plain(locale, complaint.text),
                },
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_and_a_program_send_the_same_move() {
        let pairs = [
            ("step", "2"),
            ("toppings", "nuts"),
            ("toppings", "cream"),
            ("size", "3"),
            ("note", ""),
        ];
        let posted = Move::from_pairs(pairs.map(|(name, value)| (name.into(), value.into())));
        let sent = json!({ "step": 2, "toppings": ["nuts", "cream"], "size": 3, "note": null });
        assert_eq!(posted, Move::from_json(&sent));
        let movement = posted.unwrap();
        assert_eq!(movement.step, Some(2));
        assert_eq!(movement.get("toppings"), "nuts");
        assert_eq!(movement.all("toppings"), ["nuts", "cream"]);
        assert_eq!(movement.get("note"), "");
        assert_eq!(movement.names().collect::<Vec<_>>(), ["size", "toppings"]);
    }

    #[test]
    fn what_is_no_move_is_refused_with_the_shape_of_one() {
        for wrong in [
            json!([]),
            json!("fig"),
            json!({ "a": { "b": 1 } }),
            json!({ "a": [[1]] }),
        ] {
            assert!(Move::from_json(&wrong).unwrap_err().contains("JSON object"));
        }
        assert!(Move::from_json(&json!({ "a": "x".repeat(4_001) })).is_err());
        assert!(Move::from_json(&json!({ "a": vec!["x"; 401] })).is_err());
    }
}
