//! This or that: two things side by side, and one of them is chosen, round after round.
//! Promises that a tap, an arrow key and a swipe do the same, and that each choice is told.
//! Leaves counting to the store.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{
    super::{Control, FaceContext, FactDef, FactValues, Kind, Move, Outcome, PlayContext, Refusal},
    asking::{self, Asking, asks},
    ballot::{self, ShowResults},
    checks::Checks,
    questionnaire::{Asked, Choice, Question, Questionnaire, option_controls, questions_control},
};
use crate::{hub::CardDoc, text::Locale};

pub(super) const KIND: Kind = asks!(
    ThisOrThatSetup,
    "this-or-that-title",
    island: include_str!("../swipe.js"),
    example: &[]
);

/// This and that.
const PAIR: std::ops::RangeInclusive<usize> = 2..=2;

/// The setup of a this-or-that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThisOrThatSetup {
    /// The rounds, in this order, each with two options.
    pub questions: Vec<Question>,
    /// When participants see how everybody chose.
    #[serde(default)]
    pub show_results: ShowResults,
}

fn sample() -> CardDoc {
    let round = |key: &str, text: &str, this: (&str, &str), that: (&str, &str)| Question {
        key: key.to_owned(),
        question: text.into(),
        options: vec![Choice::new(this.0, this.1), Choice::new(that.0, that.1)],
    };
    let setup = ThisOrThatSetup {
        questions: vec![
            round(
                "vessel",
                "What shall it be in?",
                ("cone", "A cone"),
                ("cup", "A cup"),
            ),
            round(
                "family",
                "What are you in the mood for?",
                ("milk", "Creamy"),
                ("fruit", "Fruity"),
            ),
            round(
                "bench",
                "Where do you sit down?",
                ("harbour", "By the harbour"),
                ("chestnut", "Under the chestnut"),
            ),
            round(
                "company",
                "And who gets some?",
                ("alone", "It is all mine"),
                ("two-spoons", "Two spoons, please"),
            ),
        ],
        show_results: ShowResults::AfterVote,
    };
    asking::card("this-or-that", "Cone or cup?", &setup)
}

#[derive(Template)]
#[template(path = "cards/questions/this_or_that/face.html")]
struct PlayFace<'a> {
    context: &'a FaceContext<'a>,
    asked: Option<Asked<'a>>,
}

impl Asking for ThisOrThatSetup {
    const NAME: &'static str = "this-or-that";

    fn questions(&self, _: &str) -> Vec<Question> {
        self.questions.clone()
    }

    fn check(&self, questions: &Questionnaire, checks: &mut Checks<'_>) {
        checks.questions(&questions.questions, &PAIR);
    }

    fn controls() -> Vec<Control> {
        vec![
            questions_control(option_controls([]), &PAIR, []),
            ShowResults::control(),
        ]
    }

    fn ask(
        &self,
        questions: &Questionnaire,
        context: &FaceContext<'_>,
    ) -> Result<String, askama::Error> {
        let asked = questions.asked(context, &context.state());
        PlayFace { context, asked }.render()
    }

    fn end(
        &self,
        questions: &Questionnaire,
        context: &FaceContext<'_>,
    ) -> Result<String, askama::Error> {
        ballot::results_or_thanks(
            self.show_results,
            questions,
            context,
            "this-or-that-results",
        )
    }

    fn play(
        &self,
        questions: &Questionnaire,
        before: &Json,
        movement: &Move,
        _: &PlayContext<'_>,
    ) -> Result<Outcome, Refusal> {
        ballot::vote(questions, before, movement)
    }

    fn facts(&self, questions: &Questionnaire) -> Vec<FactDef> {
        questions.facts()
    }

    fn shows_results(&self) -> bool {
        self.show_results.are_shown()
    }

    fn summary(&self, questions: &Questionnaire, facts: &FactValues, locale: &Locale) -> String {
        ballot::summary(questions, facts, locale)
    }
}

#[cfg(test)]
mod tests;
