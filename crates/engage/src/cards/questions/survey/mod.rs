//! A survey: questions of many types, one after the other or several on a page, with ways that depend on the answers.
//! Promises that every answer is checked and told, that nothing typed is lost by a mistake or a step back, and that a way always
//! leads to the end. Leaves what answers are worth to whoever maps them.

mod editing;
mod look;
mod path;
mod question;

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

pub use self::question::{Ask, Jump, SurveyQuestion};
use self::{
    look::{AskView, Shape},
    path::Run,
};
use super::{
    super::{
        Control, ControlKind, FaceContext, FactDef, FactKind, FactValues, Kind, Move, Outcome,
        PlayContext, Refusal,
        card::{state, stored},
    },
    asking::{self, Asking, asks},
    checks::Checks,
    ending::{self, Reached},
    questionnaire::{Choice, Question, Questionnaire, control},
    several::complaint,
};
use crate::{
    hub::CardDoc,
    text::{LocalText, Locale, texts},
};

pub(super) const KIND: Kind = asks!(
    SurveySetup,
    "survey-title",
    island: include_str!("island.js"),
    example: &[("answer:visits", "3"), ("answer:wish", "More chairs in the shade, please.")]
);

/// The setup of a survey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SurveySetup {
    /// The questions, in this order.
    pub questions: Vec<SurveyQuestion>,
    /// How many are on a page.
    #[serde(default)]
    pub pages: Pages,
    /// What is read at the end; the product has words of its own.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub end_title: LocalText,
    /// The words below it; Markdown.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub end_text: LocalText,
}

/// How many questions are on a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Pages {
    /// One.
    #[default]
    OneByOne,
    /// All, up to a question on whose answer it depends what comes next.
    AllAtOnce,
}

fn sample() -> CardDoc {
    let question = |key: &str, ask, text: &str| SurveyQuestion::new(key, ask, text);
    let options = |options: &[(&str, &str)]| {
        options
            .iter()
            .map(|(key, label)| Choice::new(key, *label))
            .collect::<Vec<_>>()
    };
    let setup = SurveySetup {
        questions: vec![
            SurveyQuestion {
                required: true,
                options: options(&[
                    ("often", "Every week"),
                    ("sometimes", "Now and then"),
                    ("first", "This was my first time"),
                ]),
                go_to: vec![Jump {
                    answer: Some("first".to_owned()),
                    to: "recommend".to_owned(),
                }],
                ..question("visit", Ask::Single, "How often do you come to us?")
            },
            SurveyQuestion {
                min: Some(1),
                max: Some(60),
                ..question(
                    "visits",
                    Ask::Number,
                    "How many times were you here this summer?",
                )
            },
            SurveyQuestion {
                max: Some(2),
                options: options(&[
                    ("ice", "The ice cream"),
                    ("terrace", "The terrace"),
                    ("people", "The people behind the counter"),
                    ("open-late", "That you are open so late"),
                ]),
                ..question("reasons", Ask::Multiple, "What do you come for?")
            },
            SurveyQuestion {
                required: true,
                options: options(&[
                    ("price", "A fair price"),
                    ("regional", "Milk from around here"),
                    ("new", "New flavours"),
                ]),
                ..question("matters", Ask::Ranking, "What matters most to you?")
            },
            SurveyQuestion {
                low_label: "Far too long".into(),
                high_label: "No wait at all".into(),
                ..question("wait", Ask::Scale, "How was the wait?")
            },
            SurveyQuestion {
                required: true,
                low_label: "Not at all".into(),
                high_label: "Very likely".into(),
                ..question(
                    "recommend",
                    Ask::Nps,
                    "How likely are you to recommend us to a friend?",
                )
            },
            SurveyQuestion {
                only_if: Some("recommend".to_owned()),
                only_if_any: (0..=6).map(|step: u8| step.to_string()).collect(),
                ..question("wish", Ask::LongText, "What should we do better?")
            },
            SurveyQuestion {
                help: "We send one scoop on that day.".into(),
                ..question("day", Ask::Date, "When do you celebrate next?")
            },
        ],
        pages: Pages::OneByOne,
        end_title: "Grazie!".into(),
        end_text: "Nonna reads every answer **herself**, with her glasses on.".into(),
    };
    asking::card("survey", "How do you like it here?", &setup)
}

#[derive(Template)]
#[template(path = "cards/questions/survey/face.html")]
struct PlayFace<'a> {
    context: &'a FaceContext<'a>,
    asks: Vec<AskView<'a>>,
    /// "Question 3 of 8"; empty where several are on the page.
    progress: String,
    /// Whether there is a page before this one.
    back: bool,
}

#[derive(Template)]
#[template(path = "cards/questions/personality/results.html")]
struct ResultsFace<'a> {
    reached: Reached<'a>,
}

impl SurveySetup {
    /// What the answers up to now tell.
    fn told(&self, run: &Run, questions: &Questionnaire) -> FactValues {
        let walk = self.walk(run);
        let mut facts = FactValues::new();
        let mut count = 0;
        for (question, answer) in &walk.answered {
            if let Some(answer) = answer {
                count += 1;
                question.tell(&mut facts, questions, answer);
            }
        }
        facts.insert("answered".to_owned(), ending::number(count));
        facts
    }
}

impl Asking for SurveySetup {
    const NAME: &'static str = "survey";

    fn questions(&self, _: &str) -> Vec<Question> {
        let counted = self.questions.iter().map(|question| Question {
            key: question.key.clone(),
            question: question.question.clone(),
            options: question.counted(),
        });
        counted
            .filter(|question| !question.options.is_empty())
            .collect()
    }

    fn check(&self, _: &Questionnaire, checks: &mut Checks<'_>) {
        checks.optional_text("end_title", &self.end_title);
        checks.optional_text("end_text", &self.end_text);
        editing::check(checks, &self.questions);
    }

    fn controls() -> Vec<Control> {
        let pages = vec![
            ("one-by-one", "survey-control-pages-one"),
            ("all-at-once", "survey-control-pages-all"),
        ];
        let questions = ControlKind::List {
            item: editing::controls(),
            min: 1,
            max: super::checks::MOST_QUESTIONS,
        };
        vec![
            control("questions", "questions-control-questions", questions, true),
            control(
                "pages",
                "survey-control-pages",
                ControlKind::Choice(pages),
                true,
            ),
            control(
                "end_title",
                "survey-control-end-title",
                ControlKind::LocalText,
                false,
            ),
            control(
                "end_text",
                "survey-control-end-text",
                ControlKind::LongText,
                false,
            ),
        ]
    }

    fn ask(&self, _: &Questionnaire, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let run = context.state::<Run>();
        let page = self.walk(&run).page;
        let progress = match page.as_slice() {
            [(at, _)] if self.questions.len() > 1 => texts::message(
                context.locale,
                "questions-progress",
                &[
                    ("number", (at + 1).into()),
                    ("total", self.questions.len().into()),
                ],
            ),
            _ => String::new(),
        };
        let asks = page
            .iter()
            .map(|(_, question)| look::view(context, question, &run));
        PlayFace {
            context,
            asks: asks.collect(),
            progress,
            back: run.has_pages(),
        }
        .render()
    }

    fn end(&self, _: &Questionnaire, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let thanks = texts::everywhere("questions-thanks");
        let title = if self.end_title.is_empty() {
            &thanks
        } else {
            &self.end_title
        };
        let reached = ending::reached(context, title, &self.end_text, None, String::new());
        ResultsFace { reached }.render()
    }

    fn play(
        &self,
        questions: &Questionnaire,
        before: &Json,
        movement: &Move,
        _: &PlayContext<'_>,
    ) -> Result<Outcome, Refusal> {
        let mut run = state::<Run>(before);
        if movement.get("back").is_empty() {
            let mut page = path::Page::new();
            let mut wrong = Vec::new();
            for (_, question) in self.walk(&run).page {
                let values = question.given(movement);
                if let Err((text, number)) = question.read(&values) {
                    wrong.push(complaint(question.input(), text, number));
                }
                page.insert(question.key.clone(), values);
            }
            if !wrong.is_empty() {
                return Err(Refusal::all(wrong));
            }
            run.turn(page);
        } else {
            run.turn_back();
        }
        let walk = self.walk(&run);
        let finished = walk.page.is_empty();
        let tally = if finished { walk.tally() } else { Vec::new() };
        Ok(Outcome {
            finished,
            facts: self.told(&run, questions),
            state: stored(&run),
            tally,
            award: None,
        })
    }

    fn facts(&self, questions: &Questionnaire) -> Vec<FactDef> {
        let answered = texts::plain(&questions.locale, "survey-fact-answered");
        let mut facts = vec![FactDef::new("answered", answered, FactKind::Number)];
        facts.extend(
            self.questions
                .iter()
                .flat_map(|question| question.facts(questions)),
        );
        facts
    }

    fn summary(&self, _: &Questionnaire, facts: &FactValues, locale: &Locale) -> String {
        let Some(answered) = facts.get("answered") else {
            return String::new();
        };
        texts::message(
            locale,
            "survey-summary",
            &[("number", answered.to_text().into())],
        )
    }
}

#[cfg(test)]
mod tests;
