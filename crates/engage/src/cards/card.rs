//! What the rest of the product asks of a card.
//! Promises that everything a card decides is pure: setup, move, time and seed in, outcome or refusal out.
//! Leaves how it decides to the kinds.

use std::{collections::BTreeMap, fmt::Debug};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::FaceContext;
use crate::{
    Value,
    text::{Locale, texts},
    time::Millis,
};

/// What a card is told about its surroundings when it is opened.
#[derive(Clone, Copy, Debug)]
pub struct Shell<'a> {
    /// The card's key.
    pub card_key: &'a str,
    /// The hub's languages; the first is the author's default.
    pub locales: &'a [Locale],
    /// Keys of the hub's images.
    pub images: &'a [&'a str],
}

impl<'a> Shell<'a> {
    /// The author's default language.
    pub fn default_locale(&self) -> &'a Locale {
        self.locales.first().unwrap_or(&Locale::ENGLISH)
    }
}

/// A trouble with a setup. The path is relative to the setup; only errors stop publishing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupProblem {
    /// For example `options[1].label`.
    pub path: String,
    /// Whether it stops publishing.
    pub error: bool,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl SetupProblem {
    pub(crate) fn error(
        path: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            path: path.into(),
            error: true,
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    pub(crate) fn warning(
        path: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            path: path.into(),
            error: false,
            message: message.into(),
            remedy: remedy.into(),
        }
    }
}

/// What a participant does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// Key of the question; may be left out where there is one only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// Key of the chosen option.
    #[serde(default)]
    pub option: String,
}

/// The circumstances of a move.
#[derive(Clone, Copy, Debug)]
pub struct PlayContext {
    /// The moment of the move.
    pub now: Millis,
    /// Chance: the same seed gives the same outcome.
    pub seed: u64,
    /// Which attempt of this person it is, from 1.
    pub attempt: u32,
}

/// An answer to be counted: question key, option key.
pub type Tally = (String, String);

/// What a move came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Whether the play is over.
    pub finished: bool,
    /// What the play can tell, by fact key: `answer:flavour` is the option's key, `answer_text:flavour` its label in the
    /// author's default language.
    pub facts: BTreeMap<String, Value>,
    /// Answers to be counted.
    pub tally: Vec<Tally>,
}

/// Why a move is refused. A refused move changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Nothing was chosen.
    #[error("nothing was chosen")]
    NothingChosen,
    /// The card has no such question.
    #[error("the card has no such question")]
    UnknownQuestion,
    /// The question has no such option.
    #[error("the question has no such option")]
    UnknownOption,
    /// The card isn't played.
    #[error("the card is not played")]
    NotPlayed,
}

impl Refusal {
    /// The sentence for the participant.
    pub fn message(self, locale: &Locale) -> String {
        let id = match self {
            Self::NothingChosen => "card-nothing-chosen",
            Self::UnknownQuestion => "card-unknown-question",
            Self::UnknownOption => "card-unknown-option",
            Self::NotPlayed => "card-not-played",
        };
        texts::plain(locale, id)
    }
}

/// What kind of value a fact has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// The key of one of several options.
    Choice,
    /// Text.
    Text,
    /// A number.
    Number,
}

/// Something a card can tell. One declaration feeds mapping, CSV columns, filters and charts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FactDef {
    /// The fact's key, as in `from = "answer:flavour"`.
    pub key: String,
    /// What members read, in the author's default language.
    pub label: String,
    /// Its values.
    pub kind: FactKind,
}

/// An editor control, as data. The studio draws it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Control {
    /// Key inside the setup (or inside the list's item).
    pub path: &'static str,
    /// Id of the label's text.
    pub label: &'static str,
    /// What to draw.
    pub kind: ControlKind,
    /// Whether it may stay empty.
    pub required: bool,
}

/// The editor controls there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlKind {
    /// A line of text, the same in all languages.
    Text,
    /// A line of text per language.
    LocalText,
    /// A key: made from the label, then never changed.
    Key,
    /// One of the hub's images.
    Image,
    /// One of these values; each with the id of its label's text.
    Choice(Vec<(&'static str, &'static str)>),
    /// A list of items, each with these controls.
    List {
        /// Controls of one item.
        item: Vec<Control>,
        /// Fewest items.
        min: usize,
        /// Most items.
        max: usize,
    },
}

/// One line of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultRow {
    /// Key of the option.
    pub key: String,
    /// Its label in the asked language.
    pub label: String,
    /// How many chose it.
    pub count: u64,
    /// Share in whole percent. The shares of all rows add up to 100, or to 0 when nobody has answered.
    pub percent: u8,
}

/// A card that has been opened: a setup that could be read, with its rules.
pub trait Card: Send + Sync + Debug {
    /// Name of the kind.
    fn kind(&self) -> &'static str;

    /// What is wrong with the setup.
    fn problems(&self, shell: &Shell<'_>) -> Vec<SetupProblem>;

    /// Editor controls of the setup.
    fn controls(&self) -> Vec<Control>;

    /// The setup as it is stored; opening it again gives the same card.
    fn setup(&self) -> Map<String, Json>;

    /// Whether there is anything to play. If not, the form is all there is.
    fn playable(&self) -> bool {
        true
    }

    /// The card's HTML for the stage in the context; works without JavaScript. Empty where there is nothing to play or
    /// to see; the form is the page's.
    fn face(&self, _context: &FaceContext<'_>) -> Result<String, askama::Error> {
        Ok(String::new())
    }

    /// Decides a move. Never panics, whatever the move.
    fn play(&self, movement: &Move, context: PlayContext) -> Result<Outcome, Refusal>;

    /// What the card can tell.
    fn facts(&self) -> Vec<FactDef>;

    /// Whether participants who have played may see the results.
    fn shows_results(&self) -> bool {
        false
    }

    /// The counted answers as rows for people: all options in the author's order, unknown ones left out.
    fn results(&self, _tallies: &[(Tally, u64)], _locale: &Locale) -> Vec<ResultRow> {
        Vec::new()
    }

    /// One line about a finished play for members; empty when there is nothing to tell.
    fn summary(&self, facts: &BTreeMap<String, Value>, locale: &Locale) -> String;
}
