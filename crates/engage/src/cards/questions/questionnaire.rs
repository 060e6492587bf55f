//! Questions with options, as all kinds of this engine understand them once their setup is read.
//! Promises that an answer is one of the author's options, that a play goes on where the setup still has a question without an
//! answer, and that every answer is a fact. Leaves what answers are worth to the kinds.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::results::shares;
use crate::{
    Value,
    cards::{
        Control, ControlKind, FaceContext, FactDef, FactKind, FactValues, Move, Refusal, ResultRow,
        Tally,
    },
    text::{LocalText, Locale, texts},
};

/// An answer to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is stored and sent.
    pub key: String,
    /// What is read.
    pub label: LocalText,
    /// Key of an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

impl Choice {
    /// As all kinds see an option of a kind's own.
    pub(super) fn of(key: &str, label: &LocalText, image: Option<&String>) -> Self {
        Self {
            key: key.to_owned(),
            label: label.clone(),
            image: image.cloned(),
        }
    }

    /// Without a picture.
    pub(super) fn new(key: &str, label: impl Into<LocalText>) -> Self {
        Self {
            key: key.to_owned(),
            label: label.into(),
            image: None,
        }
    }
}

/// A question with one answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// As in `answer:flavour`.
    pub key: String,
    /// What is asked.
    pub question: LocalText,
    /// The answers to choose from.
    pub options: Vec<Choice>,
}

impl Question {
    fn option(&self, key: &str) -> Option<&Choice> {
        self.options.iter().find(|option| option.key == key)
    }
}

/// Option keys by question key: the state of a play.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Answers {
    #[serde(default)]
    pub(super) answers: BTreeMap<String, String>,
}

/// The questions of a card.
#[derive(Clone, Debug)]
pub(super) struct Questionnaire {
    pub(super) questions: Vec<Question>,
    /// The author's default language.
    pub(super) locale: Locale,
}

impl Questionnaire {
    /// The option that was chosen, if the card still has it.
    pub(super) fn chosen<'a>(question: &'a Question, answers: &Answers) -> Option<&'a Choice> {
        question.option(answers.answers.get(&question.key)?)
    }

    /// The question that is to be answered next, with its place.
    pub(super) fn next(&self, answers: &Answers) -> Option<(usize, &Question)> {
        let mut all = self.questions.iter().enumerate();
        all.find(|(_, question)| Self::chosen(question, answers).is_none())
    }

    /// Takes the answer to the next question; nothing when none is left.
    pub(super) fn answer(
        &self,
        answers: &mut Answers,
        movement: &Move,
    ) -> Result<Option<Tally>, Refusal> {
        let Some((_, question)) = self.next(answers) else {
            return Ok(None);
        };
        let about = movement.get("question");
        if !about.is_empty() && about != question.key {
            return Err(Refusal::unknown_question());
        }
        let chosen = movement.get("option");
        if chosen.is_empty() {
            return Err(Refusal::nothing_chosen());
        }
        let option = question
            .option(chosen)
            .ok_or_else(Refusal::unknown_option)?;
        let tally = (question.key.clone(), option.key.clone());
        answers.answers.insert(tally.0.clone(), tally.1.clone());
        Ok(Some(tally))
    }

    /// What the answers tell.
    pub(super) fn told(&self, answers: &Answers) -> FactValues {
        let mut facts = FactValues::new();
        for question in &self.questions {
            if let Some(option) = Self::chosen(question, answers) {
                let label = self.own(&option.label).to_owned();
                facts.insert(answer_fact(&question.key), Value::Text(option.key.clone()));
                facts.insert(text_fact(&question.key), Value::Text(label));
            }
        }
        facts
    }

    /// The answers as they stand in the facts.
    pub(super) fn answers_in(&self, facts: &FactValues) -> Answers {
        let answers = self.questions.iter().filter_map(|question| {
            let answer = facts.get(&answer_fact(&question.key))?;
            Some((question.key.clone(), answer.to_text()))
        });
        Answers {
            answers: answers.collect(),
        }
    }

    /// What the answers can tell.
    pub(super) fn facts(&self) -> Vec<FactDef> {
        let each = self.questions.iter().flat_map(|question| {
            let label = self.own(&question.question);
            [
                FactDef {
                    options: self.labels(&question.options),
                    ..FactDef::new(answer_fact(&question.key), label, FactKind::Choice)
                },
                FactDef::new(text_fact(&question.key), label, FactKind::Text),
            ]
        });
        each.collect()
    }

    /// Keys and labels for members.
    pub(super) fn labels(&self, options: &[Choice]) -> Vec<(String, String)> {
        let options = options.iter();
        options
            .map(|option| (option.key.clone(), self.own(&option.label).to_owned()))
            .collect()
    }

    /// A text in the author's default language.
    pub(super) fn own<'a>(&self, text: &'a LocalText) -> &'a str {
        text.get(&self.locale, &self.locale)
    }

    /// How everybody answered, question by question.
    pub(super) fn rows(&self, tallies: &[(Tally, u64)], locale: &Locale) -> Vec<ResultRow> {
        let mut rows = Vec::new();
        for question in &self.questions {
            let count = |option: &Choice| {
                let these = tallies
                    .iter()
                    .filter(|((of, key), _)| *of == question.key && *key == option.key);
                these.fold(0_u64, |sum, (_, count)| sum.saturating_add(*count))
            };
            let counts: Vec<u64> = question.options.iter().map(count).collect();
            let counted = counts.iter().zip(shares(&counts));
            rows.extend(
                question
                    .options
                    .iter()
                    .zip(counted)
                    .map(|(option, (count, percent))| ResultRow {
                        question: question.key.clone(),
                        key: option.key.clone(),
                        label: option.label.get(locale, &self.locale).to_owned(),
                        count: *count,
                        percent,
                    }),
            );
        }
        rows
    }

    /// The labels of all answers, for members.
    pub(super) fn answered(&self, facts: &FactValues, locale: &Locale) -> String {
        let answers = self.answers_in(facts);
        let labels = self.questions.iter().filter_map(|question| {
            let answer = answers.answers.get(&question.key)?;
            let label = question
                .option(answer)
                .map(|option| option.label.get(locale, &self.locale));
            Some(label.unwrap_or(answer))
        });
        labels.collect::<Vec<_>>().join(", ")
    }

    /// The next question as it is shown.
    pub(super) fn asked<'a>(
        &'a self,
        context: &FaceContext<'a>,
        answers: &Answers,
    ) -> Option<Asked<'a>> {
        let (at, question) = self.next(answers)?;
        let progress = if self.questions.len() > 1 {
            texts::message(
                context.locale,
                "questions-progress",
                &[
                    ("number", (at + 1).into()),
                    ("total", self.questions.len().into()),
                ],
            )
        } else {
            String::new()
        };
        Some(Asked {
            key: &question.key,
            question: context.local(&question.question),
            progress,
            options: offered(context, &question.options),
        })
    }

    /// Everybody's answers as they are shown, to whom has answered all of it.
    pub(super) fn shown_results<'a>(&'a self, context: &FaceContext<'a>) -> Vec<Shares<'a>> {
        let each = self.questions.iter().filter_map(|question| {
            let facts = context.stand.map(|stand| stand.facts);
            let mine = match facts.and_then(|facts| facts.get(&answer_fact(&question.key)))? {
                Value::List(keys) => keys.clone(),
                one => vec![one.to_text()],
            };
            let rows = || {
                context
                    .results
                    .iter()
                    .filter(|row| row.question == question.key)
            };
            rows().next()?;
            Some(Shares {
                key: &question.key,
                question: context.local(&question.question),
                total: rows().map(|row| row.count).sum(),
                rows: rows()
                    .map(|row| Share {
                        key: &row.key,
                        label: &row.label,
                        percent: row.percent,
                        in_words: texts::message(
                            context.locale,
                            "poll-share",
                            &[("percent", u64::from(row.percent).into())],
                        ),
                        mine: mine.contains(&row.key),
                    })
                    .collect(),
            })
        });
        each.collect()
    }
}

/// The fact that holds the answer's key.
pub(super) fn answer_fact(question: &str) -> String {
    format!("answer:{question}")
}

/// The fact that holds what the answer says.
pub(super) fn text_fact(question: &str) -> String {
    format!("answer_text:{question}")
}

/// Options as they are shown.
fn offered<'a>(context: &FaceContext<'a>, options: &'a [Choice]) -> Vec<Offer<'a>> {
    let options = options.iter().map(|option| Offer {
        key: &option.key,
        label: context.local(&option.label),
        image: option
            .image
            .as_deref()
            .and_then(|image| context.image_url(image)),
    });
    options.collect()
}

/// A question on the page.
pub(super) struct Asked<'a> {
    pub(super) key: &'a str,
    pub(super) question: &'a str,
    /// "Question 3 of 5"; empty where there is only one.
    pub(super) progress: String,
    pub(super) options: Vec<Offer<'a>>,
}

/// An option on the page.
pub(super) struct Offer<'a> {
    pub(super) key: &'a str,
    pub(super) label: &'a str,
    pub(super) image: Option<&'a str>,
}

/// How everybody answered a question, on the page.
pub(super) struct Shares<'a> {
    pub(super) key: &'a str,
    pub(super) question: &'a str,
    pub(super) total: u64,
    pub(super) rows: Vec<Share<'a>>,
}

/// How many chose an option, on the page.
pub(super) struct Share<'a> {
    pub(super) key: &'a str,
    pub(super) label: &'a str,
    pub(super) percent: u8,
    pub(super) in_words: String,
    pub(super) mine: bool,
}

/// An editor control.
pub(super) const fn control(
    path: &'static str,
    label: &'static str,
    kind: ControlKind,
    required: bool,
) -> Control {
    Control {
        path,
        label,
        kind,
        required,
    }
}

/// The controls of an option, with those that a kind adds.
pub(super) fn option_controls(more: impl IntoIterator<Item = Control>) -> Vec<Control> {
    let own = [
        control(
            "label",
            "questions-control-label",
            ControlKind::LocalText,
            true,
        ),
        control(
            "key",
            "questions-control-option-key",
            ControlKind::Key,
            true,
        ),
        control(
            "image",
            "questions-control-image",
            ControlKind::Image,
            false,
        ),
    ];
    own.into_iter().chain(more).collect()
}

/// The control of a list of questions: question, key, `options`, and what a kind adds.
pub(super) fn questions_control(
    options: Vec<Control>,
    allowed: &std::ops::RangeInclusive<usize>,
    more: impl IntoIterator<Item = Control>,
) -> Control {
    let list = ControlKind::List {
        item: options,
        min: *allowed.start(),
        max: *allowed.end(),
    };
    let own = [
        control(
            "question",
            "questions-control-question",
            ControlKind::LocalText,
            true,
        ),
        control("key", "questions-control-key", ControlKind::Key, true),
        control("options", "questions-control-options", list, true),
    ];
    let questions = ControlKind::List {
        item: own.into_iter().chain(more).collect(),
        min: 1,
        max: super::checks::MOST_QUESTIONS,
    };
    control("questions", "questions-control-questions", questions, true)
}
