//! Guess the number: how many, how much, how far. One try or several, with or without hints.
//! Promises that no face tells the number before the play is over, and that the closest guess is what counts.
//! Leaves what a result is worth to whoever maps it.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{
    super::{
        Control, ControlKind, FaceContext, FactDef, FactKind, FactValues, Kind, Move, Outcome,
        PlayContext, Refusal,
        card::{state, stored},
    },
    asking::{self, Asking, asks},
    checks::Checks,
    ending::{self, Reached},
    questionnaire::{Question, Questionnaire, answer_fact, control},
    several::complaint,
};
use crate::{
    Value,
    fields::number::whole,
    hub::CardDoc,
    text::{LocalText, Locale, texts},
};

pub(super) const KIND: Kind = asks!(
    GuessSetup,
    "guess-the-number-title",
    island: "",
    example: &[("guess", "400")]
);

/// The input with the guess.
const GUESS: &str = "guess";
/// Nobody tries more often.
const MOST_TRIES: u8 = 20;

/// The setup of a number to guess.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GuessSetup {
    /// Key of the question, as in `answer:hazelnuts`; the card's key when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What is to be guessed.
    pub question: LocalText,
    /// The right number.
    pub number: i64,
    /// How far off a guess may be and still count as right; 0 when left out.
    #[serde(default)]
    pub tolerance: u32,
    /// The smallest number that can be meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// The largest number that can be meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// What is counted, as it stands behind the number: "grams".
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub unit: LocalText,
    /// How many tries there are, 1 to 20.
    #[serde(default = "one")]
    pub tries: u8,
    /// What is said after a wrong guess.
    #[serde(default)]
    pub hints: Hints,
    /// The title for a right guess.
    pub right_title: LocalText,
    /// The words below it; Markdown.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub right_text: LocalText,
    /// The title for whoever does not find it.
    pub wrong_title: LocalText,
    /// The words below it; Markdown.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub wrong_text: LocalText,
    /// Whether the number is told at the end.
    #[serde(default = "yes")]
    pub tell_number: bool,
}

const fn one() -> u8 {
    1
}

const fn yes() -> bool {
    true
}

/// What is said after a wrong guess.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Hints {
    /// Nothing but that it is wrong.
    #[default]
    None,
    /// How near it is.
    HotCold,
    /// Whether the number is higher or lower.
    HigherLower,
}

fn sample() -> CardDoc {
    let setup = GuessSetup {
        key: Some("hazelnuts".to_owned()),
        question: "How many hazelnuts are in the jar on our counter?".into(),
        number: 437,
        tolerance: 10,
        min: Some(1),
        max: Some(2_000),
        unit: "hazelnuts".into(),
        tries: 5,
        hints: Hints::HotCold,
        right_title: "You must have counted!".into(),
        right_text: "The jar is going back to the counter, and **the next one is bigger**.".into(),
        wrong_title: "Not quite, but well guessed".into(),
        wrong_text: "Come by and look at it from the other side.".into(),
        tell_number: true,
    };
    asking::card("hazelnuts", "The jar on the counter", &setup)
}

/// The guesses so far.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Guesses {
    #[serde(default)]
    guesses: Vec<i64>,
}

#[derive(Template)]
#[template(path = "cards/questions/guess_the_number/face.html")]
struct PlayFace<'a> {
    context: &'a FaceContext<'a>,
    question: &'a str,
    unit: &'a str,
    range: String,
    left: String,
    tried: &'a str,
    /// The guesses so far, each with what was said to it.
    guesses: Vec<(i64, String)>,
    last: Option<String>,
}

#[derive(Template)]
#[template(path = "cards/questions/guess_the_number/results.html")]
struct ResultsFace<'a> {
    reached: Reached<'a>,
    number: String,
}

impl GuessSetup {
    fn off(&self, guess: i64) -> u64 {
        self.number.abs_diff(guess)
    }

    fn is_right(&self, guess: i64) -> bool {
        self.off(guess) <= u64::from(self.tolerance)
    }

    /// The guess that came closest; among equals the first.
    fn closest(&self, guesses: &[i64]) -> Option<i64> {
        guesses.iter().copied().min_by_key(|guess| self.off(*guess))
    }

    /// What is said to a wrong guess. How hot it is goes by the range that the author named, else by the number itself.
    fn hint(&self, guess: i64) -> &'static str {
        let span = match (self.min, self.max) {
            (Some(min), Some(max)) => max.abs_diff(min),
            _ => self.number.unsigned_abs().saturating_mul(2),
        };
        match self.hints {
            Hints::None => "guess-the-number-wrong",
            Hints::HigherLower if guess < self.number => "guess-the-number-higher",
            Hints::HigherLower => "guess-the-number-lower",
            Hints::HotCold => match self
                .off(guess)
                .saturating_mul(100)
                .checked_div(span.max(1))
                .unwrap_or(100)
            {
                0..=4 => "guess-the-number-hot",
                5..=14 => "guess-the-number-warm",
                15..=34 => "guess-the-number-cool",
                _ => "guess-the-number-cold",
            },
        }
    }

    fn ended(&self, right: bool) -> (&LocalText, &LocalText) {
        if right {
            (&self.right_title, &self.right_text)
        } else {
            (&self.wrong_title, &self.wrong_text)
        }
    }

    /// The numbers that can be meant, in words.
    fn range(&self, locale: &Locale) -> String {
        let (id, min, max) = match (self.min, self.max) {
            (Some(min), Some(max)) => ("guess-the-number-between", min, max),
            (Some(min), None) => ("guess-the-number-from", min, min),
            (None, Some(max)) => ("guess-the-number-to", max, max),
            (None, None) => return String::new(),
        };
        texts::message(locale, id, &[("number", min.into()), ("most", max.into())])
    }
}

/// The key of the only question.
fn key_of(questions: &Questionnaire) -> String {
    let only = questions.questions.first();
    only.map(|question| question.key.clone())
        .unwrap_or_default()
}

impl Asking for GuessSetup {
    const NAME: &'static str = "guess-the-number";

    fn questions(&self, card: &str) -> Vec<Question> {
        vec![Question {
            key: self.key.clone().unwrap_or_else(|| card.to_owned()),
            question: self.question.clone(),
            options: Vec::new(),
        }]
    }

    fn check(&self, questions: &Questionnaire, checks: &mut Checks<'_>) {
        checks.key("key", &key_of(questions));
        checks.text(
            "question",
            &self.question,
            "nothing is asked",
            "Write what is to be guessed",
        );
        checks.text(
            "right_title",
            &self.right_title,
            "the result has no title",
            "Write what participants read first",
        );
        checks.text(
            "wrong_title",
            &self.wrong_title,
            "the result has no title",
            "Write what participants read first",
        );
        for (path, text) in [
            ("unit", &self.unit),
            ("right_text", &self.right_text),
            ("wrong_text", &self.wrong_text),
        ] {
            checks.optional_text(path, text);
        }
        let inside = self.min.is_none_or(|min| min <= self.number)
            && self.max.is_none_or(|max| self.number <= max);
        if !inside {
            checks.error(
                "number",
                "nobody can guess this number: it lies outside the range",
                "Let the smallest and the largest number include it",
            );
        }
        if !(1..=MOST_TRIES).contains(&self.tries) {
            checks.error(
                "tries",
                "there are 1 to 20 tries",
                "Choose a number in between",
            );
        }
        if self.tries == 1 && self.hints != Hints::None {
            checks.warning(
                "hints",
                "with one try nobody reads a hint",
                "Allow more tries, or leave the hints out",
            );
        }
    }

    fn controls() -> Vec<Control> {
        const FAR: i64 = 1_000_000_000_000;
        let number = |min| ControlKind::Number { min, max: FAR };
        let hints = vec![
            ("none", "guess-the-number-control-hints-none"),
            ("hot-cold", "guess-the-number-control-hints-hot"),
            ("higher-lower", "guess-the-number-control-hints-higher"),
        ];
        let tries = ControlKind::Number {
            min: 1,
            max: MOST_TRIES.into(),
        };
        vec![
            control(
                "question",
                "questions-control-question",
                ControlKind::LocalText,
                true,
            ),
            control("key", "questions-control-key", ControlKind::Key, false),
            control(
                "number",
                "guess-the-number-control-number",
                number(-FAR),
                true,
            ),
            control(
                "tolerance",
                "guess-the-number-control-tolerance",
                number(0),
                false,
            ),
            control("min", "guess-the-number-control-min", number(-FAR), false),
            control("max", "guess-the-number-control-max", number(-FAR), false),
            control(
                "unit",
                "guess-the-number-control-unit",
                ControlKind::LocalText,
                false,
            ),
            control("tries", "guess-the-number-control-tries", tries, false),
            control(
                "hints",
                "guess-the-number-control-hints",
                ControlKind::Choice(hints),
                true,
            ),
            control(
                "right_title",
                "guess-the-number-control-right-title",
                ControlKind::LocalText,
                true,
            ),
            control(
                "right_text",
                "guess-the-number-control-right-text",
                ControlKind::LongText,
                false,
            ),
            control(
                "wrong_title",
                "guess-the-number-control-wrong-title",
                ControlKind::LocalText,
                true,
            ),
            control(
                "wrong_text",
                "guess-the-number-control-wrong-text",
                ControlKind::LongText,
                false,
            ),
            control(
                "tell_number",
                "guess-the-number-control-tell",
                ControlKind::YesNo,
                false,
            ),
        ]
    }

    fn ask(&self, _: &Questionnaire, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let Guesses { guesses } = context.state();
        let left = usize::from(self.tries).saturating_sub(guesses.len());
        PlayFace {
            context,
            question: context.local(&self.question),
            unit: context.local(&self.unit),
            range: self.range(context.locale),
            left: if self.tries > 1 {
                context.say_number("guess-the-number-left", left)
            } else {
                String::new()
            },
            tried: context.tried.get(GUESS),
            last: guesses.last().map(|guess| context.say(self.hint(*guess))),
            guesses: guesses
                .iter()
                .map(|guess| (*guess, context.say(self.hint(*guess))))
                .collect(),
        }
        .render()
    }

    fn end(
        &self,
        questions: &Questionnaire,
        context: &FaceContext<'_>,
    ) -> Result<String, askama::Error> {
        let guess = whole(&context.fact(&answer_fact(&key_of(questions)))).unwrap_or_default();
        let (title, text) = self.ended(self.is_right(guess));
        let said = |id: &str, number: i64| {
            let unit = context.local(&self.unit);
            texts::message(
                context.locale,
                id,
                &[("number", number.into()), ("unit", unit.into())],
            )
        };
        let number = if self.tell_number {
            said("guess-the-number-was", self.number)
        } else {
            String::new()
        };
        let reached = ending::reached(
            context,
            title,
            text,
            None,
            said("guess-the-number-closest", guess),
        );
        ResultsFace { reached, number }.render()
    }

    fn play(
        &self,
        questions: &Questionnaire,
        before: &Json,
        movement: &Move,
        _: &PlayContext<'_>,
    ) -> Result<Outcome, Refusal> {
        let Guesses { mut guesses } = state(before);
        let refused = |text: &'static str, number: Option<i64>| {
            Refusal::all(vec![complaint(GUESS, text, number)])
        };
        let guess = whole(movement.get(GUESS))
            .ok_or_else(|| refused("guess-the-number-no-number", None))?;
        if let Some(min) = self.min.filter(|min| guess < *min) {
            return Err(refused("guess-the-number-too-small", Some(min)));
        }
        if let Some(max) = self.max.filter(|max| guess > *max) {
            return Err(refused("guess-the-number-too-large", Some(max)));
        }
        guesses.push(guess);
        let closest = self.closest(&guesses).unwrap_or(guess);
        let right = self.is_right(closest);
        let finished = right || guesses.len() >= usize::from(self.tries);
        let mut facts = FactValues::new();
        facts.insert(answer_fact(&key_of(questions)), Value::Integer(closest));
        facts.insert("tries".to_owned(), ending::number(guesses.len()));
        if finished {
            let off = i64::try_from(self.off(closest)).unwrap_or(i64::MAX);
            facts.insert("off_by".to_owned(), Value::Integer(off));
            let key = if right { "right" } else { "wrong" };
            ending::tell(&mut facts, questions, key, self.ended(right).0);
        }
        Ok(Outcome {
            finished,
            state: stored(&Guesses { guesses }),
            facts,
            ..Outcome::default()
        })
    }

    fn facts(&self, questions: &Questionnaire) -> Vec<FactDef> {
        let say = |id: &str| texts::plain(&questions.locale, id);
        let number = |key: &str, label: &str| FactDef::new(key, label, FactKind::Number);
        let endings = [("right", &self.right_title), ("wrong", &self.wrong_title)];
        let mut facts = vec![
            number(
                &answer_fact(&key_of(questions)),
                questions.own(&self.question),
            ),
            number("off_by", &say("guess-the-number-fact-off")),
            number("tries", &say("guess-the-number-fact-tries")),
        ];
        facts.extend(ending::facts(
            questions,
            &say("guess-the-number-fact-outcome"),
            endings.into_iter(),
        ));
        facts
    }

    fn summary(&self, questions: &Questionnaire, facts: &FactValues, locale: &Locale) -> String {
        let Some(guess) = facts.get(&answer_fact(&key_of(questions))) else {
            return String::new();
        };
        texts::message(
            locale,
            "guess-the-number-summary",
            &[("number", guess.to_text().into())],
        )
    }
}

#[cfg(test)]
mod tests;
