//! A code that is typed in: from a lid, a poster, a receipt.
//! Promises that nothing about the codes stands on a page, that upper and lower case, spaces and wide letters do not matter, and
//! that guessing is slow and soon over. Leaves handing out codes to the author.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::super::{
    Control, ControlKind, FaceContext, FactDef, FactKind, Kind, Move, Outcome, Refusal,
    SetupProblem, Shell,
    card::{state, stored},
    game::{self, Game, Round, control},
};
use crate::{
    Value,
    hub::CardDoc,
    text::{LocalText, Locale, texts},
    time::Millis,
};

pub(super) const KIND: Kind = game::kind!(
    "secret-code", "chance", CodeSetup,
    example: &[("code", "fior di latte")],
    island: "",
    style: concat!(include_str!("../style.css"), include_str!("style.css")),
    texts: []
);

/// So that the launch check and an editor stay quick.
const MOST_CODES: usize = 500;
/// Longest code, in characters.
const LONGEST: usize = 64;
/// What is shorter is guessed too soon.
const SHORTEST: usize = 5;
/// How many tries an author may allow.
const TRIES: std::ops::RangeInclusive<u32> = 1..=20;
/// The wait after the first wrong code; it doubles with each further one.
const WAIT: i64 = 2_000;
/// The longest wait, in milliseconds.
const LONGEST_WAIT: i64 = 60_000;
/// The fact that tells which code it was.
const CODE: &str = "choice:code";
/// The fact that tells how often something was typed in.
const TRIED: &str = "tries";

game::setup! {
    /// The setup of a secret code.
    CodeSetup {
        /// What stands above the input.
        prompt: LocalText,
        /// The codes there are.
        codes: Vec<Code>,
        /// How many codes one person may try, 1 to 20.
        tries: u32,
    }
}

/// A code, and what it leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// What is stored and sent instead of the code.
    pub key: String,
    /// The code as it is printed; upper and lower case, spaces and wide letters do not matter.
    pub code: String,
    /// Key of the prize that it wins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prize: Option<String>,
    /// What is read by who typed it in and wins no prize.
    pub title: LocalText,
    /// The words below it; Markdown.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub text: LocalText,
}

fn sample() -> CardDoc {
    let own = json!({
        "prompt": "What does it say inside the lid?",
        "tries": 5,
        "codes": [
            { "key": "gold-lid", "code": "Fior di latte", "prize": "tub", "title": "The golden lid!",
              "text": "All tubs have found a home by now. Show your lid at the counter for a scoop." },
            { "key": "red-lid", "code": "Amarena 1961", "title": "A red lid!",
              "text": "Collect **three** of them and bring them to any of our shops." },
        ],
        "prizes": [
            { "key": "tub", "name": "A tub of your choice", "stock": 200,
              "message": "Show this page and the lid in any of our shops." },
        ],
        "lose_title": "No more tries today",
        "lose_text": "Look at the lid in good light and come back tomorrow.",
    });
    game::sample("lid", KIND.name, "The secret in the lid", own)
}

/// What was typed in so far.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Tried {
    wrong: u32,
    last: Millis,
    /// Key of the code that was right.
    found: Option<String>,
}

impl Tried {
    /// When the next code may be tried.
    fn next(&self) -> Option<Millis> {
        let doublings = self.wrong.checked_sub(1)?.min(10);
        Some(self.last.plus((WAIT << doublings).min(LONGEST_WAIT)))
    }
}

/// A code without what does not matter: case, spaces, dashes and the width of letters.
fn fold(code: &str) -> String {
    code.chars()
        .map(|c| match c {
            // The wide forms of the letters, digits and signs of ASCII.
            '\u{ff01}'..='\u{ff5e}' => u32::from(c)
                .checked_sub(0xfee0)
                .and_then(char::from_u32)
                .unwrap_or(c),
            other => other,
        })
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}'))
        .flat_map(char::to_lowercase)
        .collect()
}

#[derive(Template)]
#[template(path = "cards/chance/secret_code/face.html")]
struct Face<'a> {
    context: &'a FaceContext<'a>,
    prompt: &'a str,
    wrong: bool,
    left: String,
}

impl CodeSetup {
    fn found(&self, tried: &Tried) -> Option<&Code> {
        let key = tried.found.as_deref()?;
        self.codes.iter().find(|code| code.key == key)
    }
}

impl Game for CodeSetup {
    const NAME: &'static str = KIND.name;
    const NEEDS_PRIZES: bool = false;
    const DRAWS: bool = false;

    fn problems(&self, shell: &Shell<'_>) -> Vec<SetupProblem> {
        let mut found = Vec::new();
        game::text_problems("prompt", &self.prompt, true, shell, &mut found);
        if self.codes.is_empty() || self.codes.len() > MOST_CODES {
            found.push(SetupProblem::error(
                "codes",
                "there are 1 to 500 codes",
                "Add or remove codes",
            ));
        }
        if !TRIES.contains(&self.tries) {
            found.push(SetupProblem::error(
                "tries",
                "one person may try 1 to 20 codes",
                "Choose a number from 1 to 20",
            ));
        }
        for (at, code) in self.codes.iter().enumerate() {
            let path = |part: &str| format!("codes[{at}].{part}");
            let folded = fold(&code.code);
            let length = folded.chars().count();
            if length == 0 || code.code.chars().count() > LONGEST {
                found.push(SetupProblem::error(
                    path("code"),
                    "nobody can type this in",
                    "Write a code of at most 64 characters",
                ));
            } else if length < SHORTEST {
                found.push(SetupProblem::warning(
                    path("code"),
                    "a code this short is easily guessed",
                    "Make it longer",
                ));
            }
            let before = || self.codes.iter().take(at);
            if before().any(|before| fold(&before.code) == folded) {
                found.push(SetupProblem::error(
                    path("code"),
                    "the code stands twice",
                    "Remove one, or make them differ in more than case and spaces",
                ));
            }
            if code.key.trim().is_empty() || before().any(|before| before.key == code.key) {
                found.push(SetupProblem::error(
                    path("key"),
                    "the code has no key of its own",
                    "Give every code a key of its own",
                ));
            }
            if let Some(prize) = &code.prize
                && !self.prizes.iter().any(|known| known.key == *prize)
            {
                found.push(SetupProblem::error(
                    path("prize"),
                    format!("there is no prize `{prize}`"),
                    "Add the prize, or choose another",
                ));
            }
            game::text_problems(&path("title"), &code.title, true, shell, &mut found);
            game::text_problems(&path("text"), &code.text, false, shell, &mut found);
        }
        found
    }

    fn controls() -> Vec<Control> {
        let item = vec![
            control("code", "secret-code-control-code", ControlKind::Text, true),
            control("key", "secret-code-control-key", ControlKind::Key, true),
            control(
                "prize",
                "secret-code-control-prize",
                ControlKind::Text,
                false,
            ),
            control(
                "title",
                "secret-code-control-code-title",
                ControlKind::LocalText,
                true,
            ),
            control(
                "text",
                "secret-code-control-code-text",
                ControlKind::LongText,
                false,
            ),
        ];
        let tries = ControlKind::Number {
            min: (*TRIES.start()).into(),
            max: (*TRIES.end()).into(),
        };
        let own = vec![
            control(
                "prompt",
                "secret-code-control-prompt",
                ControlKind::LocalText,
                true,
            ),
            control(
                "codes",
                "secret-code-control-codes",
                ControlKind::List {
                    item,
                    min: 1,
                    max: MOST_CODES,
                },
                true,
            ),
            control("tries", "secret-code-control-tries", tries, true),
        ];
        game::controls(own, false, 0)
    }

    fn face(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let tried: Tried = context.state();
        let wrong = tried.wrong > 0 && context.errors.is_empty();
        let left = self.tries.saturating_sub(tried.wrong);
        Face {
            context,
            prompt: context.local(&self.prompt),
            wrong,
            left: context.say_number("secret-code-left", left),
        }
        .render()
    }

    fn told(&self, context: &FaceContext<'_>) -> Option<(&LocalText, &LocalText)> {
        let found = self.found(&context.state())?;
        Some((&found.title, &found.text))
    }

    fn play(&self, before: &Json, movement: &Move, round: &Round<'_>) -> Result<Outcome, Refusal> {
        let mut tried: Tried = state(before);
        let typed = fold(movement.get("code"));
        if typed.is_empty() {
            return Err(Refusal::about("code", "secret-code-nothing-typed"));
        }
        let now = round.context.now;
        if tried.next().is_some_and(|next| now < next) {
            return Err(Refusal::about("code", "secret-code-too-soon"));
        }
        let count = tried.wrong.saturating_add(1);
        let found = self.codes.iter().find(|code| fold(&code.code) == typed);
        let mut outcome = if let Some(code) = found {
            tried.found = Some(code.key.clone());
            let prize = round.award(code.prize.as_deref());
            let mut outcome = round.end_with(prize, &code.title);
            let key = Value::Text(code.key.clone());
            outcome.facts.insert(CODE.to_owned(), key);
            outcome
        } else {
            tried.wrong = count;
            tried.last = now;
            Outcome {
                finished: count >= self.tries,
                ..round.end(None)
            }
        };
        outcome
            .facts
            .insert(TRIED.to_owned(), Value::Integer(count.into()));
        Ok(Outcome {
            state: stored(&tried),
            ..outcome
        })
    }

    fn facts(&self, locale: &Locale) -> Vec<FactDef> {
        // Keys, not codes: whoever may read what a play told need not know what is printed.
        let keys = self
            .codes
            .iter()
            .map(|code| (code.key.clone(), code.key.clone()));
        vec![
            FactDef {
                options: keys.collect(),
                ..FactDef::new(
                    CODE,
                    texts::plain(locale, "secret-code-fact-code"),
                    FactKind::Choice,
                )
            },
            FactDef::new(
                TRIED,
                texts::plain(locale, "secret-code-fact-tries"),
                FactKind::Number,
            ),
        ]
    }
}

#[cfg(test)]
mod tests;
