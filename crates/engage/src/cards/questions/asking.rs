//! Cards that ask: what opening, storing and counting one of them comes to, whatever it asks.
//! Promises that a kind is a setup that can tell its questions, and that no kind repeats what all of them do.
//! Leaves faces, rules and what the answers are worth to the kinds.

use std::fmt::Debug;

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value as Json};

use super::{
    checks::Checks,
    questionnaire::{Question, Questionnaire},
};
use crate::{
    cards::{
        Card, Control, FaceContext, FactDef, FactValues, Move, Outcome, PlayContext, Refusal,
        ResultRow, SetupProblem, Shell, Stage, Tally,
        kind::{read, write},
    },
    hub::{CardDoc, DocError},
    text::Locale,
};

/// The setup of a kind that asks. What it needs besides, the questions as all kinds see them, comes as an argument.
pub(super) trait Asking:
    Debug + Send + Sync + Serialize + DeserializeOwned + JsonSchema + 'static
{
    /// Name of the kind.
    const NAME: &'static str;

    /// The questions whose answers are options, so that they can be counted; `card` is the card's key.
    fn questions(&self, card: &str) -> Vec<Question>;

    /// What is wrong with the setup.
    fn check(&self, questions: &Questionnaire, checks: &mut Checks<'_>);

    /// Editor controls of the setup.
    fn controls() -> Vec<Control>;

    /// The face of the play.
    fn ask(
        &self,
        questions: &Questionnaire,
        context: &FaceContext<'_>,
    ) -> Result<String, askama::Error>;

    /// The face of what the play came to.
    fn end(
        &self,
        questions: &Questionnaire,
        context: &FaceContext<'_>,
    ) -> Result<String, askama::Error>;

    /// Decides a move, as [`Card::play`] does.
    fn play(
        &self,
        questions: &Questionnaire,
        before: &Json,
        movement: &Move,
        context: &PlayContext<'_>,
    ) -> Result<Outcome, Refusal>;

    /// What the card can tell.
    fn facts(&self, questions: &Questionnaire) -> Vec<FactDef>;

    /// Whether participants who have played may see how everybody answered.
    fn shows_results(&self) -> bool {
        false
    }

    /// One line about a finished play for members.
    fn summary(&self, questions: &Questionnaire, facts: &FactValues, locale: &Locale) -> String;
}

/// The kind of a setup that asks, whose folder has its texts and its style.
macro_rules! asks {
    ($setup:ty, $title:literal, island: $island:expr, example: $example:expr) => {
        super::super::Kind {
            name: <$setup as super::asking::Asking>::NAME,
            engine: "questions",
            title: $title,
            setup_version: 1,
            open: super::asking::open::<$setup>,
            upgrade: |_, setup| setup,
            sample,
            example: $example,
            schema: super::asking::schema::<$setup>,
            island: $island,
            style: concat!(include_str!("../shared.css"), include_str!("style.css")),
            texts: &[
                ("en", include_str!("texts.en.ftl")),
                ("de", include_str!("texts.de.ftl")),
                ("fr", include_str!("texts.fr.ftl")),
                ("es", include_str!("texts.es.ftl")),
                ("ja", include_str!("texts.ja.ftl")),
            ],
        }
    };
}
pub(super) use asks;

/// A card that asks, opened.
#[derive(Debug)]
struct Opened<T> {
    setup: T,
    questions: Questionnaire,
}

/// Opens a card that asks.
pub(super) fn open<T: Asking>(
    setup: Map<String, Json>,
    shell: &Shell<'_>,
) -> Result<Box<dyn Card>, DocError> {
    let setup = read::<T>(setup)?;
    let questions = Questionnaire {
        questions: setup.questions(shell.card_key),
        locale: shell.default_locale().clone(),
    };
    Ok(Box::new(Opened { setup, questions }))
}

/// JSON Schema of the setup.
pub(super) fn schema<T: Asking>() -> Json {
    schemars::schema_for!(T).to_value()
}

/// A sample card with this setup.
pub(super) fn card<T: Asking>(key: &str, title: &str, setup: &T) -> CardDoc {
    CardDoc {
        setup: write(setup),
        ..CardDoc::new(key, T::NAME, title)
    }
}

impl<T: Asking> Card for Opened<T> {
    fn kind(&self) -> &'static str {
        T::NAME
    }

    fn problems(&self, shell: &Shell<'_>) -> Vec<SetupProblem> {
        let mut checks = Checks::new(shell);
        self.setup.check(&self.questions, &mut checks);
        checks.found
    }

    fn controls(&self) -> Vec<Control> {
        T::controls()
    }

    fn setup(&self) -> Map<String, Json> {
        write(&self.setup)
    }

    fn face(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        match context.stage {
            Stage::Play => self.setup.ask(&self.questions, context),
            Stage::Results if context.stand.is_some_and(|stand| stand.finished) => {
                self.setup.end(&self.questions, context)
            }
            Stage::Results => Ok(String::new()),
        }
    }

    fn play(
        &self,
        before: &Json,
        movement: &Move,
        context: &PlayContext<'_>,
    ) -> Result<Outcome, Refusal> {
        self.setup.play(&self.questions, before, movement, context)
    }

    fn facts(&self) -> Vec<FactDef> {
        self.setup.facts(&self.questions)
    }

    fn shows_results(&self) -> bool {
        self.setup.shows_results()
    }

    fn results(&self, tallies: &[(Tally, u64)], locale: &Locale) -> Vec<ResultRow> {
        self.questions.rows(tallies, locale)
    }

    fn summary(&self, facts: &FactValues, locale: &Locale) -> String {
        self.setup.summary(&self.questions, facts, locale)
    }
}
