//! A poll: one question, one answer, and then how everybody answered.
//! Promises that an answer is one of the author's options, and that results stay hidden until the vote if the author
//! wants so. Leaves counting to the store.

use std::collections::BTreeMap;

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{
    super::{
        Card, Control, ControlKind, FaceContext, FactDef, FactKind, FactValues, Kind, Move, Outcome,
        PlayContext, Refusal, ResultRow, SetupProblem, Shell, Stage, Tally,
        kind::{read, write},
    },
    results::shares,
};
use crate::{
    Value,
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
        Ok(Box::new(Poll {
            setup,
            key,
            default_locale: shell.default_locale().clone(),
        }))
    },
    upgrade: |_, setup| setup,
    sample,
    example: &[],
    schema: || schemars::schema_for!(PollSetup).to_value(),
    island: "",
    style: "",
    texts: &[
        ("en", include_str!("texts.en.ftl")),
        ("de", include_str!("texts.de.ftl")),
    ],
};

/// More would not fit on a phone's screen.
const MOST_OPTIONS: usize = 12;

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
    pub options: Vec<PollOption>,
    /// When participants see how everybody answered.
    #[serde(default)]
    pub show_results: ShowResults,
}

/// An answer to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PollOption {
    /// What is stored and sent.
    pub key: String,
    /// What is read.
    pub label: LocalText,
    /// Key of an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
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
    key: String,
    default_locale: Locale,
}

fn sample() -> CardDoc {
    let option = |key: &str, label: &str| PollOption {
        key: key.to_owned(),
        label: label.into(),
        image: None,
    };
    let setup = PollSetup {
        key: Some("flavour".to_owned()),
        question: "Which flavour is yours?".into(),
        options: vec![option("pistachio", "Pistachio"), option("lemon", "Lemon")],
        show_results: ShowResults::AfterVote,
    };
    CardDoc {
        setup: write(&setup),
        ..CardDoc::new("poll", "poll", "Your favourite")
    }
}

struct FaceOption<'a> {
    key: &'a str,
    label: &'a str,
    image: Option<&'a str>,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "cards/questions/poll/face.html")]
struct PlayFace<'a> {
    context: &'a FaceContext<'a>,
    question_key: &'a str,
    question: &'a str,
    options: Vec<FaceOption<'a>>,
}

#[derive(Template)]
#[template(path = "cards/questions/poll/results.html")]
struct ResultsFace<'a> {
    context: &'a FaceContext<'a>,
    question_key: &'a str,
    question: &'a str,
    rows: Vec<RowFace<'a>>,
    total: u64,
}

struct RowFace<'a> {
    key: &'a str,
    label: &'a str,
    percent: u8,
    share: String,
    mine: bool,
}

impl Poll {
    fn options_of<'a>(&'a self, context: &FaceContext<'a>) -> Vec<FaceOption<'a>> {
        let mine = self.mine(context);
        self.setup
            .options
            .iter()
            .map(|option| FaceOption {
                key: &option.key,
                label: context.local(&option.label),
                image: option
                    .image
                    .as_deref()
                    .and_then(|image| context.image_url(image)),
                chosen: mine == option.key,
            })
            .collect()
    }

    /// The option that this person has chosen; empty before the vote.
    fn mine(&self, context: &FaceContext<'_>) -> String {
        context.fact(&format!("answer:{}", self.key))
    }

    /// How everybody answered, for who has answered.
    fn results_face(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let mine = self.mine(context);
        if context.results.is_empty() || !self.shows_results() || mine.is_empty() {
            return Ok(String::new());
        }
        let rows = context.results.iter().map(|row| RowFace {
            key: &row.key,
            label: &row.label,
            percent: row.percent,
            share: texts::message(
                context.locale,
                "poll-share",
                &[("percent", u64::from(row.percent).into())],
            ),
            mine: mine == row.key,
        });
        ResultsFace {
            context,
            question_key: &self.key,
            question: context.local(&self.setup.question),
            rows: rows.collect(),
            total: context.results.iter().map(|row| row.count).sum(),
        }
        .render()
    }
}

impl Card for Poll {
    fn kind(&self) -> &'static str {
        "poll"
    }

    fn problems(&self, shell: &Shell<'_>) -> Vec<SetupProblem> {
        let mut found = Vec::new();
        let options = &self.setup.options;
        if options.len() < 2 {
            found.push(SetupProblem::error(
                "options",
                "a poll needs at least two options",
                "Add options",
            ));
        }
        if options.len() > MOST_OPTIONS {
            found.push(SetupProblem::error(
                "options",
                format!("a poll has at most {MOST_OPTIONS} options"),
                "Remove options",
            ));
        }
        if self.setup.question.is_empty() {
            found.push(SetupProblem::error(
                "question",
                "the poll asks nothing",
                "Write the question",
            ));
        }
        if !crate::hub::is_field_key(&self.key.replace('-', "_")) {
            found.push(SetupProblem::error(
                "key",
                "this cannot be the key of a question",
                "Use lower-case letters, digits, `-` and `_`, beginning with a letter",
            ));
        }
        for (at, option) in options.iter().enumerate() {
            if option.key.trim().is_empty()
                || option.key.len() > 64
                || option.key.chars().any(char::is_control)
            {
                found.push(SetupProblem::error(
                    format!("options[{at}].key"),
                    "the option has no usable key",
                    "Give it a short key, such as `pistachio`",
                ));
            }
            if options
                .iter()
                .take(at)
                .any(|before| before.key == option.key)
            {
                found.push(SetupProblem::error(
                    format!("options[{at}].key"),
                    format!("the option `{}` stands twice", option.key),
                    "Give every option a key of its own",
                ));
            }
            if option.label.is_empty() {
                found.push(SetupProblem::error(
                    format!("options[{at}].label"),
                    "the option has no label",
                    "Write what participants read",
                ));
            }
            if let Some(image) = option
                .image
                .as_deref()
                .filter(|image| !shell.images.contains(image))
            {
                found.push(SetupProblem::error(
                    format!("options[{at}].image"),
                    format!("the hub has no image `{image}`"),
                    "Add the image to the hub, or choose another",
                ));
            }
        }
        let texts = options
            .iter()
            .enumerate()
            .map(|(at, option)| (format!("options[{at}].label"), &option.label))
            .chain([("question".to_owned(), &self.setup.question)]);
        for (path, text) in texts {
            for locale in text.missing(shell.locales) {
                found.push(SetupProblem::warning(
                    path.clone(),
                    format!("the text is missing in `{locale}`"),
                    "Translate it; until then the default language is shown",
                ));
            }
        }
        found
    }

    fn controls(&self) -> Vec<Control> {
        let control = |path, label, kind, required| Control {
            path,
            label,
            kind,
            required,
        };
        vec![
            control(
                "question",
                "poll-control-question",
                ControlKind::LocalText,
                true,
            ),
            control("key", "poll-control-key", ControlKind::Key, false),
            control(
                "options",
                "poll-control-options",
                ControlKind::List {
                    item: vec![
                        control(
                            "label",
                            "poll-control-option-label",
                            ControlKind::LocalText,
                            true,
                        ),
                        control("key", "poll-control-option-key", ControlKind::Key, true),
                        control(
                            "image",
                            "poll-control-option-image",
                            ControlKind::Image,
                            false,
                        ),
                    ],
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
                question_key: &self.key,
                question: self
                    .setup
                    .question
                    .get(context.locale, context.hub.default_locale()),
                options: self.options_of(context),
            }
            .render(),
            Stage::Results => self.results_face(context),
        }
    }

    fn play(
        &self,
        _: &Json,
        movement: &Move,
        _: &PlayContext<'_>,
    ) -> Result<Outcome, Refusal> {
        let question = movement.get("question");
        if !question.is_empty() && question != self.key {
            return Err(Refusal::unknown_question());
        }
        let chosen = movement.get("option");
        if chosen.is_empty() {
            return Err(Refusal::nothing_chosen());
        }
        let options = &self.setup.options;
        let option = options
            .iter()
            .find(|option| option.key == chosen)
            .ok_or_else(Refusal::unknown_option)?;
        let label = option.label.get(&self.default_locale, &self.default_locale);
        Ok(Outcome {
            finished: true,
            facts: BTreeMap::from([
                (
                    format!("answer:{}", self.key),
                    Value::Text(option.key.clone()),
                ),
                (
                    format!("answer_text:{}", self.key),
                    Value::Text(label.to_owned()),
                ),
            ]),
            tally: vec![(self.key.clone(), option.key.clone())],
            ..Outcome::default()
        })
    }

    fn facts(&self) -> Vec<FactDef> {
        let local = |text: &LocalText| text.get(&self.default_locale, &self.default_locale).to_owned();
        let question = local(&self.setup.question);
        let options = self.setup.options.iter();
        let options = options.map(|option| (option.key.clone(), local(&option.label)));
        vec![
            FactDef {
                options: options.collect(),
                ..FactDef::new(format!("answer:{}", self.key), &question, FactKind::Choice)
            },
            FactDef::new(format!("answer_text:{}", self.key), &question, FactKind::Text),
        ]
    }

    fn shows_results(&self) -> bool {
        self.setup.show_results == ShowResults::AfterVote
    }

    fn results(&self, tallies: &[(Tally, u64)], locale: &Locale) -> Vec<ResultRow> {
        let count = |option: &PollOption| {
            tallies
                .iter()
                .filter(|((question, key), _)| *question == self.key && *key == option.key)
                .fold(0_u64, |sum, (_, count)| sum.saturating_add(*count))
        };
        let counts: Vec<u64> = self.setup.options.iter().map(count).collect();
        self.setup
            .options
            .iter()
            .zip(counts.iter().zip(shares(&counts)))
            .map(|(option, (count, percent))| ResultRow {
                question: self.key.clone(),
                key: option.key.clone(),
                label: option.label.get(locale, &self.default_locale).to_owned(),
                count: *count,
                percent,
            })
            .collect()
    }

    fn summary(&self, facts: &FactValues, locale: &Locale) -> String {
        let Some(answer) = facts
            .get(&format!("answer:{}", self.key))
            .map(Value::to_text)
        else {
            return String::new();
        };
        let label = self
            .setup
            .options
            .iter()
            .find(|option| option.key == answer)
            .map_or(answer.as_str(), |option| {
                option.label.get(locale, &self.default_locale)
            });
        texts::message(locale, "poll-summary", &[("answer", label.into())])
    }
}

#[cfg(test)]
mod tests;
