//! What the rest of the product asks of a card.
//! Promises that everything a card decides is pure: setup, move, time and seed in, outcome or refusal out.
//! Leaves how it decides to the kinds.

use std::{collections::BTreeMap, fmt::Debug};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{
    FaceContext,
    movement::{Move, Refusal},
    prizes::{Prize, Stock},
};
use crate::{Value, text::Locale, time::Millis};

/// What a card is told about its surroundings when it is opened.
#[derive(Clone, Copy, Debug)]
pub struct Shell<'a> {
    /// The card's key.
    pub card_key: &'a str,
    /// The hub's languages; the first is the author's default.
    pub locales: &'a [Locale],
    /// Keys of the hub's images.
    pub images: &'a [&'a str],
    /// Whether people fill in a form before they play, so that it is known who plays.
    pub form_first: bool,
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

/// The circumstances of a move.
#[derive(Clone, Copy, Debug)]
pub struct PlayContext<'a> {
    /// The moment of the move.
    pub now: Millis,
    /// When the play was started.
    pub started_at: Millis,
    /// Chance: drawn with the play's first move, the same for all its moves. The same seed gives the same outcome.
    pub seed: u64,
    /// What of the card's prizes is gone, where it has any.
    pub stock: &'a Stock,
}

/// An answer to be counted: question key, option key.
pub type Tally = (String, String);

/// What a play can tell, by fact key: `answer:flavour` is the option's key, `answer_text:flavour` its label in the author's
/// default language.
pub type FactValues = BTreeMap<String, Value>;

/// What a move came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Whether the play is over.
    pub finished: bool,
    /// What the card needs to know at the next move, in its own words. Nobody outside sees it.
    pub state: Json,
    /// Everything that the play can tell by now.
    pub facts: FactValues,
    /// Answers to be counted, those of this move only.
    pub tally: Vec<Tally>,
    /// Key of the prize that is taken from the stock.
    pub award: Option<String>,
}

/// What kind of value a fact has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// The key of one of several options.
    Choice,
    /// The keys of some of several options.
    Choices,
    /// Text.
    Text,
    /// A number.
    Number,
    /// Yes or no.
    YesNo,
    /// A calendar date.
    Date,
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
    /// Keys and labels of a choice, in the author's order and default language; empty otherwise.
    pub options: Vec<(String, String)>,
}

impl FactDef {
    /// A fact without options.
    pub fn new(key: impl Into<String>, label: impl Into<String>, kind: FactKind) -> Self {
        Self {
            key: key.into(),
            label: label.into(),
            kind,
            options: Vec::new(),
        }
    }
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
    /// Several lines of text per language, Markdown.
    LongText,
    /// A whole number.
    Number {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// A chance in percent.
    Percent,
    /// Yes or no.
    YesNo,
    /// A moment, or a date where the setup says so.
    Moment,
    /// An address, `https://...`.
    Address,
    /// Lines of text, the same in all languages.
    Texts {
        /// Fewest lines.
        min: usize,
        /// Most lines.
        max: usize,
    },
    /// One of these values; each with the id of its label's text.
    Choice(Vec<(&'static str, &'static str)>),
    /// The key of an item of another list of the setup.
    ItemOf(&'static str),
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
    /// Key of the question.
    pub question: String,
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

    /// Whether the card has content that is looked at instead of played, such as an article or a picture. Its page shows the
    /// face of [`super::Stage::Play`] whatever the stage: above the form, above a notice, or alone where there is neither. Such a
    /// face has no form of the card's own and needs no play. Never together with `playable`.
    fn shown(&self) -> bool {
        false
    }

    /// Whether the card is pointless without a form.
    fn wants_form(&self) -> bool {
        !self.playable() && !self.shown()
    }

    /// The card's HTML for the stage in the context; works without JavaScript. Empty where there is nothing to play or
    /// to see; the form is the page's.
    fn face(&self, _context: &FaceContext<'_>) -> Result<String, askama::Error> {
        Ok(String::new())
    }

    /// The origins of others that the card's page may show in a frame, such as `https://player.example`. The card itself loads
    /// nothing from them before the participant wants it; the page names them in its policies, and frames nothing else.
    fn frames(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// Decides a move on top of those before it (`before` is the state that the last one left, null at first). Never panics,
    /// whatever the move and the state: an author may have changed the card in the middle of a play.
    fn play(
        &self,
        before: &Json,
        movement: &Move,
        context: &PlayContext<'_>,
    ) -> Result<Outcome, Refusal>;

    /// The prizes that may be won during play. The store keeps their stock.
    fn prizes(&self) -> &[Prize] {
        &[]
    }

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
    fn summary(&self, facts: &FactValues, locale: &Locale) -> String;
}

/// The state that the last move left, as a kind reads it; its beginning where there is none, or none that can be read any more.
pub(super) fn state<T: Default + serde::de::DeserializeOwned>(before: &Json) -> T {
    T::deserialize(before).unwrap_or_default()
}

/// A state as it is stored.
pub(super) fn stored<T: Serialize>(state: &T) -> Json {
    serde_json::to_value(state).unwrap_or_default()
}
