//! A poll: one question, one answer, and then how everybody answered.
//! Promises that an answer is one of the author's options, and that results stay hidden until the vote if the author
//! wants so. Leaves counting to the store.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{
    super::{
        Card, Control, ControlKind, FaceContext, FactDef, FactValues, Kind, Move, Outcome,
        PlayContext, Refusal, ResultRow, SetupProblem, Shell, Stage, Tally,
        kind::{read, write},
    },
    checks::{Checks, MOST_OPTIONS},
    questionnaire::{Answers, Asked, Choice, Question, Questionnaire, Shares, control, option_controls},
};
use crate::{
    hub::CardDoc,
    text::{LocalText, Locale, texts},
};

pub(super) const KIND: Kind = Kind {
    name: "poll",
    engine: "questions",
    title: "poll-title",
    setup_version: 1,
    open: |setup, shell| {
        let setup = read::<PollSetup>(setup)?;
        let key = setup
            .key
            .clone()
            .unwrap_or_else(|| shell.card_key.to_owned());
        let questions = Questionnaire {
            questions: vec![Question {
                key,
                question: setup.question.clone(),
                options: setup.options.clone(),
            }],
            locale: shell.default_locale().clone(),
        };
        Ok(Box::new(Poll { setup, questions }))
    },
    upgrade: |_, setup| setup,
    sample,
    example: &[],
    schema: || schemars::schema_for!(PollSetup).to_value(),
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

/// When participants see the results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ShowResults {
    /// After their own vote.
    #[default]
    AfterVote,
    /// Never.
    Never,
}

/// A poll that has been opened.
#[derive(Clone, Debug)]
struct Poll {
    setup: PollSetup,
    questions: Questionnaire,
}

fn sample() -> CardDoc {
    let setup = PollSetup {
        key: Some("flavour".to_owned()),
        question: "Which flavour is yours?".into(),
        options: vec![Choice::new("pistachio", "Pistachio"), Choice::new("lemon", "Lemon")],
        show_results: ShowResults::AfterVote,
    };
    CardDoc {
        setup: write(&setup),
        ..CardDoc::new("poll", "poll", "Your favourite")
    }
}

#[derive(Template)]
#[template(path = "cards/questions/poll/face.html")]
struct PlayFace<'a> {
    context: &'a FaceContext<'a>,
    asked: Option<Asked<'a>>,
}

#[derive(Template)]
#[template(path = "cards/questions/poll/results.html")]
struct ResultsFace<'a> {
    context: &'a FaceContext<'a>,
    shares: Shares<'a>,
}

impl Card for Poll {
    fn kind(&self) -> &'static str {
        KIND.name
    }

    fn problems(&self, shell: &Shell<'_>) -> Vec<SetupProblem> {
        let mut checks = Checks::new(shell);
        for question in &self.questions.questions {
            checks.question("", question, &(2..=MOST_OPTIONS));
        }
        checks.found
    }

    fn controls(&self) -> Vec<Control> {
        vec![
            control(
                "question",
                "questions-control-question",
                ControlKind::LocalText,
                true,
            ),
            control("key", "questions-control-key", ControlKind::Key, false),
            control(
                "options",
                "questions-control-options",
                ControlKind::List {
                    item: option_controls([]),
                    min: 2,
                    max: MOST_OPTIONS,
                },
                true,
            ),
            control(
                "show_results",
                "poll-control-results",
                ControlKind::Choice(vec![
                    ("after-vote", "poll-control-results-after"),
                    ("never", "poll-control-results-never"),
                ]),
                true,
            ),
        ]
    }

    fn setup(&self) -> Map<String, Json> {
        write(&self.setup)
    }

    fn face(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        match context.stage {
            Stage::Play => PlayFace {
                context,
                asked: self.questions.asked(context, &Answers::default()),
            }
            .render(),
            Stage::Results if self.shows_results() => {
                match self.questions.shown_results(context).pop() {
                    Some(shares) => ResultsFace { context, shares }.render(),
                    None => Ok(String::new()),
                }
            }
            Stage::Results => Ok(String::new()),
        }
    }

    fn play(
        &self,
        _: &Json,
        movement: &Move,
        _: &PlayContext<'_>,
    ) -> Result<Outcome, Refusal> {
        let mut answers = Answers::default();
        let tally = self.questions.answer(&mut answers, movement)?;
        Ok(Outcome {
            finished: true,
            facts: self.questions.told(&answers),
            tally: tally.into_iter().collect(),
            ..Outcome::default()
        })
    }

    fn facts(&self) -> Vec<FactDef> {
        self.questions.facts()
    }

    fn shows_results(&self) -> bool {
        self.setup.show_results == ShowResults::AfterVote
    }

    fn results(&self, tallies: &[(Tally, u64)], locale: &Locale) -> Vec<ResultRow> {
        self.questions.rows(tallies, locale)
    }

    fn summary(&self, facts: &FactValues, locale: &Locale) -> String {
        let answer = self.questions.answered(facts, locale);
        if answer.is_empty() {
            return answer;
        }
        texts::message(locale, "poll-summary", &[("answer", answer.into())])
    }
}

#[cfg(test)]
mod tests;
