//! Several polls in one: question after question, and then how everybody answered each.
//! Promises what a poll promises, for every question.
//! Leaves counting to the store.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{
    super::{Control, FaceContext, FactDef, FactValues, Kind, Move, Outcome, PlayContext, Refusal},
    asking::{self, Asking, asks},
    ballot::{self, ShowResults},
    checks::{Checks, MOST_OPTIONS},
    questionnaire::{Asked, Choice, Question, Questionnaire, option_controls, questions_control},
};
use crate::{hub::CardDoc, text::Locale};

pub(super) const KIND: Kind = asks!(
    MultiPollSetup,
    "multi-poll-title",
    island: "",
    example: &[]
);

/// The setup of several polls in one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MultiPollSetup {
    /// The questions, in this order.
    pub questions: Vec<Question>,
    /// When participants see how everybody answered.
    #[serde(default)]
    pub show_results: ShowResults,
}

fn sample() -> CardDoc {
    let question = |key: &str, text: &str, options: &[(&str, &str)]| Question {
        key: key.to_owned(),
        question: text.into(),
        options: options
            .iter()
            .map(|(key, label)| Choice::new(key, *label))
            .collect(),
    };
    let setup = MultiPollSetup {
        questions: vec![
            question(
                "season",
                "Is there a season for ice cream?",
                &[
                    ("summer", "Summer, of course"),
                    ("always", "All year round"),
                    ("winter", "Winter: it melts more slowly"),
                ],
            ),
            question(
                "topping",
                "What belongs on top?",
                &[
                    ("cream", "Whipped cream"),
                    ("nuts", "Roasted hazelnuts"),
                    ("sauce", "Hot chocolate sauce"),
                    ("nothing", "Nothing at all"),
                ],
            ),
            question(
                "bite",
                "Do you lick or do you bite?",
                &[("lick", "I lick"), ("bite", "I bite, and I am not sorry")],
            ),
        ],
        show_results: ShowResults::AfterVote,
    };
    asking::card("cone-census", "The great cone census", &setup)
}

#[derive(Template)]
#[template(path = "cards/questions/poll/face.html")]
struct PlayFace<'a> {
    context: &'a FaceContext<'a>,
    asked: Option<Asked<'a>>,
}

impl Asking for MultiPollSetup {
    const NAME: &'static str = "multi-poll";

    fn questions(&self, _: &str) -> Vec<Question> {
        self.questions.clone()
    }

    fn check(&self, questions: &Questionnaire, checks: &mut Checks<'_>) {
        checks.questions(&questions.questions, &(2..=MOST_OPTIONS));
    }

    fn controls() -> Vec<Control> {
        vec![
            questions_control(option_controls([]), &(2..=MOST_OPTIONS), []),
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
        ballot::results_or_thanks(self.show_results, questions, context, "multi-poll-results")
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
