//! A poll: one question, one answer, and then how everybody answered.
//! Promises that an answer is one of the author's options, and that results stay hidden until the vote if the author
//! wants so. Leaves counting to the store.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{
    super::{
        Control, ControlKind, FaceContext, FactDef, FactValues, Kind, Move, Outcome, PlayContext,
        Refusal,
    },
    asking::{self, Asking},
    ballot::{self, ShowResults},
    checks::{Checks, MOST_OPTIONS},
    questionnaire::{Answers, Asked, Choice, Question, Questionnaire, control, option_controls},
};
use crate::{
    hub::CardDoc,
    text::{LocalText, Locale},
};

pub(super) const KIND: Kind = Kind {
    name: "poll",
    engine: "questions",
    title: "poll-title",
    setup_version: 1,
    open: asking::open::<PollSetup>,
    upgrade: |_, setup| setup,
    sample,
    example: &[],
    schema: asking::schema::<PollSetup>,
    island: "",
    style: include_str!("../shared.css"),
    texts: &[
        ("en", include_str!("texts.en.ftl")),
        ("de", include_str!("texts.de.ftl")),
        ("fr", include_str!("texts.fr.ftl")),
        ("es", include_str!("texts.es.ftl")),
        ("ja", include_str!("texts.ja.ftl")),
        // Those that all kinds of the engine share come once, with its plainest kind.
        ("en", include_str!("../texts.en.ftl")),
        ("de", include_str!("../texts.de.ftl")),
        ("fr", include_str!("../texts.fr.ftl")),
        ("es", include_str!("../texts.es.ftl")),
        ("ja", include_str!("../texts.ja.ftl")),
        ("en", include_str!("../answering.en.ftl")),
        ("de", include_str!("../answering.de.ftl")),
        ("fr", include_str!("../answering.fr.ftl")),
        ("es", include_str!("../answering.es.ftl")),
        ("ja", include_str!("../answering.ja.ftl")),
    ],
};

/// The setup of a poll.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PollSetup {
    /// Key of the question, as in `answer:flavour`; the card's key when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The question.
    pub question: LocalText,
    /// The answers to choose from.
    pub options: Vec<Choice>,
    /// When participants see how everybody answered.
    #[serde(default)]
    pub show_results: ShowResults,
}

fn sample() -> CardDoc {
    let setup = PollSetup {
        key: Some("flavour".to_owned()),
        question: "Which flavour is yours?".into(),
        options: vec![
            Choice::new("pistachio", "Pistachio"),
            Choice::new("lemon", "Lemon"),
        ],
        show_results: ShowResults::AfterVote,
    };
    asking::card("poll", "Your favourite", &setup)
}

#[derive(Template)]
#[template(path = "cards/questions/poll/face.html")]
struct PlayFace<'a> {
    context: &'a FaceContext<'a>,
    asked: Option<Asked<'a>>,
}

impl Asking for PollSetup {
    const NAME: &'static str = KIND.name;

    fn questions(&self, card: &str) -> Vec<Question> {
        vec![Question {
            key: self.key.clone().unwrap_or_else(|| card.to_owned()),
            question: self.question.clone(),
            options: self.options.clone(),
        }]
    }

    fn check(&self, questions: &Questionnaire, checks: &mut Checks<'_>) {
        for question in &questions.questions {
            checks.question("", question, &(2..=MOST_OPTIONS));
        }
    }

    fn controls() -> Vec<Control> {
        let options = ControlKind::List {
            item: option_controls([]),
            min: 2,
            max: MOST_OPTIONS,
        };
        vec![
            control(
                "question",
                "questions-control-question",
                ControlKind::LocalText,
                true,
            ),
            control("key", "questions-control-key", ControlKind::Key, false),
            control("options", "questions-control-options", options, true),
            ShowResults::control(),
        ]
    }

    fn ask(
        &self,
        questions: &Questionnaire,
        context: &FaceContext<'_>,
    ) -> Result<String, askama::Error> {
        let asked = questions.asked(context, &Answers::default());
        PlayFace { context, asked }.render()
    }

    fn end(
        &self,
        questions: &Questionnaire,
        context: &FaceContext<'_>,
    ) -> Result<String, askama::Error> {
        if self.shows_results() {
            ballot::results(questions, context, "")
        } else {
            Ok(String::new())
        }
    }

    fn play(
        &self,
        questions: &Questionnaire,
        _: &Json,
        movement: &Move,
        _: &PlayContext<'_>,
    ) -> Result<Outcome, Refusal> {
        ballot::vote(questions, &Json::Null, movement)
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
