//! A gallery of entries to vote for, one or several, and then how everybody voted.
//! Promises that a vote is for entries that are there, each once, and that shares are seen after the own vote only.
//! Leaves counting to the store.

use std::collections::BTreeSet;

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{
    super::{
        Card, Complaint, Control, ControlKind, FaceContext, FactDef, FactKind, FactValues, Kind,
        Move, Outcome, PlayContext, Refusal, ResultRow, SetupProblem, Shell, Stage, Tally,
        kind::{read, write},
        questions::shares,
    },
    checks::Checks,
    content::control,
    picture::{Picture, picture},
};
use crate::{
    Value,
    hub::CardDoc,
    text::{LocalText, Locale, texts},
};

pub(super) const KIND: Kind = Kind {
    name: "vote",
    engine: "media",
    title: "vote-title",
    setup_version: 1,
    open: |setup, shell| {
        Ok(Box::new(Vote {
            setup: read::<VoteSetup>(setup)?,
            card: shell.card_key.to_owned(),
            locale: shell.default_locale().clone(),
        }))
    },
    upgrade: |_, setup| setup,
    sample,
    example: &[],
    schema: || schemars::schema_for!(VoteSetup).to_value(),
    island: "",
    style: include_str!("style.css"),
    texts: &[
        ("en", include_str!("texts.en.ftl")),
        ("de", include_str!("texts.de.ftl")),
        ("fr", include_str!("texts.fr.ftl")),
        ("es", include_str!("texts.es.ftl")),
        ("ja", include_str!("texts.ja.ftl")),
    ],
};

/// More than anybody looks at.
const MOST_ENTRIES: usize = 40;
/// How many entries an author may let one person vote for.
const MOST_VOTES: u32 = 10;

/// The setup of a vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VoteSetup {
    /// Key of the question, as in `answer:postcard`; the card's key when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What the vote is about.
    pub question: LocalText,
    /// What can be voted for.
    pub entries: Vec<VoteEntry>,
    /// How many entries one person may vote for, 1 to 10.
    #[serde(default = "one")]
    pub most: u32,
    /// Whether participants see after their own vote how everybody voted.
    #[serde(default = "yes")]
    pub show_results: bool,
}

const fn one() -> u32 {
    1
}

const fn yes() -> bool {
    true
}

/// Something to vote for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VoteEntry {
    /// What is stored and sent.
    pub key: String,
    /// What it is called.
    pub title: LocalText,
    /// Whose it is, or a line about it.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub text: LocalText,
    /// Key of its picture.
    pub image: String,
}

/// A vote that has been opened.
#[derive(Clone, Debug)]
struct Vote {
    setup: VoteSetup,
    card: String,
    locale: Locale,
}

fn sample() -> CardDoc {
    let entry = |key: &str, title: &str, text: &str| VoteEntry {
        key: key.to_owned(),
        title: title.into(),
        text: text.into(),
        image: key.to_owned(),
    };
    let setup = VoteSetup {
        key: Some("postcard".to_owned()),
        question: "Which postcard goes on our cups?".into(),
        entries: vec![
            entry(
                "lighthouse",
                "Lighthouse, with lemon",
                "by Ada, 9 years old",
            ),
            entry("seagull", "The seagull that stole my cone", "by Bruno"),
            entry("rain", "Ice cream in the rain", "by the Conti family"),
            entry("moon", "Half moon, whole scoop", "by Dalia"),
        ],
        most: 2,
        show_results: true,
    };
    CardDoc {
        setup: write(&setup),
        ..CardDoc::new("postcards", KIND.name, "The finest postcard")
    }
}

/// An entry as it is shown.
struct Shown<'a> {
    key: &'a str,
    title: &'a str,
    text: &'a str,
    picture: Option<Picture<'a>>,
}

/// An entry with its share.
struct Share<'a> {
    entry: Shown<'a>,
    percent: u8,
    in_words: String,
    mine: bool,
}

#[derive(Template)]
#[template(path = "cards/media/vote/face.html")]
struct Face<'a> {
    context: &'a FaceContext<'a>,
    question: &'a str,
    several: String,
    entries: Vec<Shown<'a>>,
}

#[derive(Template)]
#[template(path = "cards/media/vote/results.html")]
struct Results<'a> {
    context: &'a FaceContext<'a>,
    key: &'a str,
    question: &'a str,
    rows: Vec<Share<'a>>,
    total: u64,
}

impl Vote {
    fn key(&self) -> &str {
        self.setup.key.as_deref().unwrap_or(&self.card)
    }

    fn fact(&self) -> String {
        format!("answer:{}", self.key())
    }

    fn text_fact(&self) -> String {
        format!("answer_text:{}", self.key())
    }

    fn most(&self) -> usize {
        usize::try_from(self.setup.most).unwrap_or(1).max(1)
    }

    fn shown<'a>(entry: &'a VoteEntry, context: &FaceContext<'a>) -> Shown<'a> {
        Shown {
            key: &entry.key,
            title: context.local(&entry.title),
            text: context.local(&entry.text),
            picture: picture(context, &entry.image, &entry.text),
        }
    }

    fn play_face(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let several = if self.most() > 1 {
            context.say_number("vote-several", self.setup.most)
        } else {
            String::new()
        };
        Face {
            context,
            question: context.local(&self.setup.question),
            several,
            entries: self
                .setup
                .entries
                .iter()
                .map(|entry| Self::shown(entry, context))
                .collect(),
        }
        .render()
    }

    fn results_face(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let mine = context
            .stand
            .and_then(|stand| stand.facts.get(&self.fact()));
        let Some(mine) = mine.filter(|_| !context.results.is_empty()) else {
            return Ok(String::new());
        };
        let is_mine = |key: &str| match mine {
            Value::List(keys) => keys.iter().any(|mine| mine == key),
            one => one.to_text() == key,
        };
        let rows = context.results.iter().filter_map(|row| {
            let entry = self
                .setup
                .entries
                .iter()
                .find(|entry| entry.key == row.key)?;
            Some(Share {
                entry: Self::shown(entry, context),
                percent: row.percent,
                in_words: texts::message(
                    context.locale,
                    "poll-share",
                    &[("percent", u64::from(row.percent).into())],
                ),
                mine: is_mine(&row.key),
            })
        });
        Results {
            context,
            key: self.key(),
            question: context.local(&self.setup.question),
            rows: rows.collect(),
            total: context.results.iter().map(|row| row.count).sum(),
        }
        .render()
    }
}

impl Card for Vote {
    fn kind(&self) -> &'static str {
        KIND.name
    }

    fn problems(&self, shell: &Shell<'_>) -> Vec<SetupProblem> {
        let mut checks = Checks::of(shell);
        checks.text("question", &self.setup.question);
        checks.count("entries", self.setup.entries.len(), 2, MOST_ENTRIES);
        if !crate::hub::is_field_key(&self.key().replace('-', "_")) {
            checks.error(
                "key",
                "this cannot be the key of a question",
                "Use lower-case letters, digits, `-` and `_`, beginning with a letter",
            );
        }
        if !(1..=MOST_VOTES).contains(&self.setup.most)
            || self.most() >= self.setup.entries.len().max(2)
        {
            checks.error(
                "most",
                "one person cannot vote for that many",
                "Choose a number from 1 to 10, smaller than that of the entries",
            );
        }
        for (at, entry) in self.setup.entries.iter().enumerate() {
            let path = |part: &str| format!("entries[{at}].{part}");
            let mut before = self.setup.entries.iter().take(at);
            if entry.key.trim().is_empty()
                || entry.key.len() > 64
                || before.any(|before| before.key == entry.key)
            {
                checks.error(
                    path("key"),
                    "the entry has no key of its own",
                    "Give every entry a short key of its own",
                );
            }
            checks.text(&path("title"), &entry.title);
            checks.translated(&path("text"), &entry.text);
            checks.picture(path("image"), &entry.image);
        }
        checks.found()
    }

    fn controls(&self) -> Vec<Control> {
        let item = vec![
            control(
                "title",
                "vote-control-entry-title",
                ControlKind::LocalText,
                true,
            ),
            control("key", "vote-control-entry-key", ControlKind::Key, true),
            control(
                "text",
                "vote-control-entry-text",
                ControlKind::LocalText,
                false,
            ),
            control(
                "image",
                "vote-control-entry-image",
                ControlKind::Image,
                true,
            ),
        ];
        let entries = ControlKind::List {
            item,
            min: 2,
            max: MOST_ENTRIES,
        };
        vec![
            control(
                "question",
                "vote-control-question",
                ControlKind::LocalText,
                true,
            ),
            control("key", "vote-control-key", ControlKind::Key, false),
            control("entries", "vote-control-entries", entries, true),
            control(
                "most",
                "vote-control-most",
                ControlKind::Number {
                    min: 1,
                    max: MOST_VOTES.into(),
                },
                true,
            ),
            control(
                "show_results",
                "vote-control-results",
                ControlKind::YesNo,
                true,
            ),
        ]
    }

    fn setup(&self) -> Map<String, Json> {
        write(&self.setup)
    }

    fn face(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        match context.stage {
            Stage::Play => self.play_face(context),
            Stage::Results if self.setup.show_results => self.results_face(context),
            Stage::Results => Ok(String::new()),
        }
    }

    fn play(&self, _: &Json, movement: &Move, _: &PlayContext<'_>) -> Result<Outcome, Refusal> {
        let chosen: BTreeSet<&str> = movement.all("option").iter().map(String::as_str).collect();
        if chosen.is_empty() {
            return Err(Refusal::nothing_chosen());
        }
        if chosen.len() > self.most() {
            return Err(Refusal::all(vec![Complaint {
                input: "".into(),
                text: "vote-too-many",
                number: Some(self.setup.most.into()),
            }]));
        }
        let voted: Vec<&VoteEntry> = self
            .setup
            .entries
            .iter()
            .filter(|entry| chosen.contains(entry.key.as_str()))
            .collect();
        if voted.len() != chosen.len() {
            return Err(Refusal::unknown_option());
        }
        let keys: Vec<String> = voted.iter().map(|entry| entry.key.clone()).collect();
        let titles = voted
            .iter()
            .map(|entry| entry.title.get(&self.locale, &self.locale).to_owned());
        let (answer, text) = if self.most() > 1 {
            (
                Value::List(keys.clone()),
                titles.collect::<Vec<_>>().join(", "),
            )
        } else {
            (Value::Text(keys.concat()), titles.collect())
        };
        Ok(Outcome {
            finished: true,
            facts: FactValues::from([(self.fact(), answer), (self.text_fact(), Value::Text(text))]),
            tally: keys
                .into_iter()
                .map(|key| (self.key().to_owned(), key))
                .collect(),
            ..Outcome::default()
        })
    }

    fn facts(&self) -> Vec<FactDef> {
        let own = |text: &LocalText| text.get(&self.locale, &self.locale).to_owned();
        let entries = self.setup.entries.iter();
        let kind = if self.most() > 1 {
            FactKind::Choices
        } else {
            FactKind::Choice
        };
        let label = own(&self.setup.question);
        vec![
            FactDef {
                options: entries
                    .map(|entry| (entry.key.clone(), own(&entry.title)))
                    .collect(),
                ..FactDef::new(self.fact(), label.clone(), kind)
            },
            FactDef::new(self.text_fact(), label, FactKind::Text),
        ]
    }

    fn shows_results(&self) -> bool {
        self.setup.show_results
    }

    fn results(&self, tallies: &[(Tally, u64)], locale: &Locale) -> Vec<ResultRow> {
        let count = |entry: &VoteEntry| {
            let these = tallies
                .iter()
                .filter(|((of, key), _)| of == self.key() && *key == entry.key);
            these.fold(0_u64, |sum, (_, count)| sum.saturating_add(*count))
        };
        let counts: Vec<u64> = self.setup.entries.iter().map(count).collect();
        let counted = counts.iter().zip(shares(&counts));
        let rows = self
            .setup
            .entries
            .iter()
            .zip(counted)
            .map(|(entry, (count, percent))| ResultRow {
                question: self.key().to_owned(),
                key: entry.key.clone(),
                label: entry.title.get(locale, &self.locale).to_owned(),
                count: *count,
                percent,
            });
        rows.collect()
    }

    fn summary(&self, facts: &FactValues, locale: &Locale) -> String {
        match facts.get(&self.text_fact()) {
            Some(text) => texts::message(
                locale,
                "vote-summary",
                &[("entries", text.to_text().into())],
            ),
            None => String::new(),
        }
    }
}

#[cfg(test)]
mod tests;
