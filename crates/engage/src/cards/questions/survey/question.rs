//! One question of a survey: its type, what is an answer to it, and what an answer tells.
//! Promises that an answer fits its question, whatever was sent.
//! Leaves the order of questions to the way through the survey.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Value,
    cards::{
        FactDef, FactKind, FactValues, Move,
        questions::{
            questionnaire::{Choice, Questionnaire, answer_fact, text_fact},
            several,
        },
    },
    fields::number::whole,
    text::{LocalText, texts},
};

/// Longest answers, in characters, where the author sets no other limit.
const SHORT: usize = 200;
const LONG: usize = 2_000;
/// The most that a move can carry.
const LONGEST: usize = 4_000;
/// More steps do not fit on a phone.
const MOST_STEPS: i64 = 11;

/// A question of a survey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SurveyQuestion {
    /// As in `answer:visit`.
    pub key: String,
    /// What kind of answer is asked for.
    #[serde(rename = "type")]
    pub ask: Ask,
    /// What is asked.
    pub question: LocalText,
    /// A few words below it.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub help: LocalText,
    /// Whether it has to be answered.
    #[serde(default)]
    pub required: bool,
    /// The answers to choose from, or what is ranked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    /// The fewest answers, the smallest number, the first step of a scale, or the fewest characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// The most answers, the largest number, the last step of a scale, or the most characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// What the low end of a scale means.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub low_label: LocalText,
    /// What the high end of a scale means.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub high_label: LocalText,
    /// Asked only if this question, by its key, was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_if: Option<String>,
    /// And only with one of these answers (keys of options, or numbers); with any when left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only_if_any: Vec<String>,
    /// Where to go on from here; the first that fits. To the next question when none does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub go_to: Vec<Jump>,
}

/// Where to go on after an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Jump {
    /// Key of the option, or the number; after any answer when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// Key of a later question, or `end`.
    pub to: String,
}

/// What kind of answer is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    /// One of the options.
    Single,
    /// Several of the options.
    Multiple,
    /// A line of text.
    ShortText,
    /// Several lines of text.
    LongText,
    /// A whole number.
    Number,
    /// A step of a scale.
    Scale,
    /// How likely somebody is to recommend: 0 to 10.
    Nps,
    /// All options, in the order of the participant's liking.
    Ranking,
    /// A calendar date.
    Date,
}

/// What is wrong with an answer: a sentence of the product's, and the number in it.
type Wrong = (&'static str, Option<i64>);

impl SurveyQuestion {
    /// A question that may be left out, with nothing else set.
    pub(super) fn new(key: &str, ask: Ask, question: &str) -> Self {
        Self {
            key: key.to_owned(),
            ask,
            question: question.into(),
            help: LocalText::default(),
            required: false,
            options: Vec::new(),
            min: None,
            max: None,
            low_label: LocalText::default(),
            high_label: LocalText::default(),
            only_if: None,
            only_if_any: Vec::new(),
            go_to: Vec::new(),
        }
    }

    /// The name of its input: the fact's.
    pub(super) fn input(&self) -> String {
        answer_fact(&self.key)
    }

    /// The name of the input with the place of an option in a ranking.
    pub(super) fn place_input(&self, option: &str) -> String {
        format!("{}:{option}", self.input())
    }

    /// The steps of a scale.
    pub(super) fn steps(&self) -> std::ops::RangeInclusive<i64> {
        if self.ask == Ask::Nps {
            return 0..=10;
        }
        let first = self.min.unwrap_or(1);
        let last = self.max.unwrap_or(5);
        first..=last.min(first.saturating_add(MOST_STEPS - 1))
    }

    /// How many characters there may be.
    pub(super) fn longest(&self) -> usize {
        let own = self.max.and_then(|max| usize::try_from(max).ok());
        own.unwrap_or(if self.ask == Ask::LongText {
            LONG
        } else {
            SHORT
        })
        .min(LONGEST)
    }

    /// Fewest and most answers, as the author has set them.
    pub(super) fn picks(&self) -> (Option<u32>, Option<u32>) {
        let number = |given: Option<i64>| given.and_then(|it| u32::try_from(it).ok());
        (number(self.min), number(self.max))
    }

    /// What a move sends for it. A ranking comes as places by option from a form, or as a list of keys from a program.
    pub(super) fn given(&self, movement: &Move) -> Vec<String> {
        let plain = movement.all(&self.input());
        if self.ask != Ask::Ranking || !plain.is_empty() {
            return plain.to_vec();
        }
        let places = self.options.iter().filter_map(|option| {
            let place = movement
                .get(&self.place_input(&option.key))
                .parse::<usize>()
                .ok()?;
            Some((place, option.key.clone()))
        });
        let mut places: Vec<_> = places.collect();
        places.sort_by_key(|(place, _)| *place);
        // Of two in the same place one is missing, which is what is wrong with them.
        places.dedup_by_key(|(place, _)| *place);
        places.into_iter().map(|(_, key)| key).collect()
    }

    /// The answer; none where it was left out and may be.
    pub(super) fn read(&self, values: &[String]) -> Result<Option<Value>, Wrong> {
        let first = values
            .iter()
            .map(|value| value.trim())
            .find(|value| !value.is_empty());
        let Some(first) = first else {
            return if self.required {
                Err(("questions-required", None))
            } else {
                Ok(None)
            };
        };
        let answer = match self.ask {
            Ask::Single => {
                let known = self.options.iter().any(|option| option.key == first);
                if !known {
                    return Err(("card-unknown-option", None));
                }
                Value::Text(first.to_owned())
            }
            Ask::Multiple => {
                let (least, most) = self.picks();
                let allowed = several::allowed(least, most, self.options.len());
                let these = several::chosen(&self.options, values, &allowed)?;
                Value::List(these.iter().map(|option| option.key.clone()).collect())
            }
            Ask::Ranking => {
                several::chosen(&self.options, values, &(0..=usize::MAX))?;
                let all = self
                    .options
                    .iter()
                    .all(|option| values.contains(&option.key));
                if !all || values.len() != self.options.len() {
                    return Err(("survey-places", several::counted(self.options.len())));
                }
                Value::List(values.to_vec())
            }
            Ask::ShortText | Ask::LongText => {
                let length = first.chars().count();
                if let Some(min) = self
                    .min
                    .filter(|min| several::counted(length).is_some_and(|it| it < *min))
                {
                    return Err(("survey-too-short", Some(min)));
                }
                if length > self.longest() {
                    return Err(("survey-too-long", several::counted(self.longest())));
                }
                Value::Text(first.to_owned())
            }
            Ask::Number => {
                let number = whole(first).ok_or(("survey-no-number", None))?;
                if let Some(min) = self.min.filter(|min| number < *min) {
                    return Err(("survey-too-small", Some(min)));
                }
                if let Some(max) = self.max.filter(|max| number > *max) {
                    return Err(("survey-too-large", Some(max)));
                }
                Value::Integer(number)
            }
            Ask::Scale | Ask::Nps => {
                let step = first
                    .parse::<i64>()
                    .ok()
                    .filter(|step| self.steps().contains(step));
                Value::Integer(step.ok_or(("card-unknown-option", None))?)
            }
            Ask::Date => Value::Date(first.parse().map_err(|_| ("survey-no-date", None))?),
        };
        Ok(Some(answer))
    }

    /// The labels of the options with these keys.
    fn labels(&self, questions: &Questionnaire, keys: &[String]) -> String {
        let labels = keys.iter().filter_map(|key| {
            let option = self.options.iter().find(|option| option.key == *key)?;
            Some(questions.own(&option.label))
        });
        labels.collect::<Vec<_>>().join(", ")
    }

    /// Tells an answer.
    pub(super) fn tell(&self, facts: &mut FactValues, questions: &Questionnaire, answer: &Value) {
        facts.insert(self.input(), answer.clone());
        let text = match (self.ask, answer) {
            (Ask::Single, Value::Text(key)) => self.labels(questions, std::slice::from_ref(key)),
            (Ask::Multiple | Ask::Ranking, Value::List(keys)) => self.labels(questions, keys),
            (Ask::Nps, Value::Integer(step)) => {
                facts.insert(self.group_fact(), Value::Text(group(*step).to_owned()));
                return;
            }
            _ => return,
        };
        facts.insert(text_fact(&self.key), Value::Text(text));
    }

    /// The fact that says whether somebody recommends.
    fn group_fact(&self) -> String {
        format!("nps:{}", self.key)
    }

    /// What an answer can tell.
    pub(super) fn facts(&self, questions: &Questionnaire) -> Vec<FactDef> {
        let label = questions.own(&self.question);
        let (kind, options) = match self.ask {
            Ask::Single => (FactKind::Choice, questions.labels(&self.options)),
            Ask::Multiple | Ask::Ranking => (FactKind::Choices, questions.labels(&self.options)),
            Ask::ShortText | Ask::LongText => (FactKind::Text, Vec::new()),
            Ask::Number | Ask::Scale | Ask::Nps => (FactKind::Number, Vec::new()),
            Ask::Date => (FactKind::Date, Vec::new()),
        };
        let mut facts = vec![FactDef {
            options,
            ..FactDef::new(self.input(), label, kind)
        }];
        if !self.options_asked().is_empty() {
            facts.push(FactDef::new(text_fact(&self.key), label, FactKind::Text));
        }
        if self.ask == Ask::Nps {
            let groups =
                GROUPS.map(|(key, id)| (key.to_owned(), texts::plain(&questions.locale, id)));
            facts.push(FactDef {
                options: groups.to_vec(),
                ..FactDef::new(self.group_fact(), label, FactKind::Choice)
            });
        }
        facts
    }

    /// Its options, where its type has any.
    fn options_asked(&self) -> &[Choice] {
        match self.ask {
            Ask::Single | Ask::Multiple | Ask::Ranking => &self.options,
            _ => &[],
        }
    }

    /// The options by which its answers are counted; none where they can't be.
    pub(super) fn counted(&self) -> Vec<Choice> {
        match self.ask {
            Ask::Scale | Ask::Nps => {
                let steps = self.steps().map(|step| step.to_string());
                steps
                    .map(|step| Choice::new(&step, step.as_str()))
                    .collect()
            }
            _ => self.options_asked().to_vec(),
        }
    }

    /// The options that an answer counts for; of a ranking the first.
    pub(super) fn counts(&self, answer: &Value) -> Vec<String> {
        match (self.ask, answer) {
            (Ask::Ranking, Value::List(keys)) => keys.first().cloned().into_iter().collect(),
            (Ask::Multiple, Value::List(keys)) => keys.clone(),
            (Ask::Single | Ask::Scale | Ask::Nps, one) => vec![one.to_text()],
            _ => Vec::new(),
        }
    }

    /// Whether a condition can name this answer.
    pub(super) fn can_be(&self, answer: &str) -> bool {
        let counted = self.counted();
        counted.is_empty() || counted.iter().any(|option| option.key == answer)
    }
}

/// The groups of who would recommend and who would not, with the ids of their names.
const GROUPS: [(&str, &str); 3] = [
    ("detractor", "survey-nps-detractor"),
    ("passive", "survey-nps-passive"),
    ("promoter", "survey-nps-promoter"),
];

/// The group of a step from 0 to 10.
const fn group(step: i64) -> &'static str {
    match step {
        9.. => "promoter",
        7..=8 => "passive",
        _ => "detractor",
    }
}
