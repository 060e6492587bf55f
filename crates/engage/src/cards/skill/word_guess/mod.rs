//! A hidden word of five letters, and six guesses.
//! Promises that the word is not on the page before the end, and that marks are told in words and shapes, not by colour alone.
//! Leaves letters that turn, and keys to tap, to the island.

use askama::Template;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    super::{
        Control, ControlKind, FaceContext, Kind, Refusal, SetupProblem, Shell,
        game::{self, control},
        prizes::below,
    },
    challenge::{self, Challenge, WHOLE},
};
use crate::{hub::CardDoc, text::texts};

pub(super) const KIND: Kind = game::kind!(
    "word-guess", "skill", GuessSetup,
    example: &[("moves", "melon")],
    island: concat!(include_str!("../../game/island.js"), include_str!("island.js")),
    style: concat!(include_str!("../../chance/style.css"), include_str!("../style.css"), include_str!("style.css")),
    texts: []
);

/// How long a word is.
const LETTERS: usize = 5;
/// How many guesses there are.
const GUESSES: usize = 6;
/// So that an editor can show them.
const MOST_WORDS: usize = 200;
/// The keys, row by row, without those that only the author's words need.
const KEYS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

challenge::setup! {
    /// The setup of a word to guess.
    GuessSetup {
        /// Words of five letters, the same in all languages; each play gets one of them.
        words: Vec<String>,
    }
}

fn sample() -> CardDoc {
    let own = json!({ "words": ["Lemon", "Mango", "Peach", "Cream", "Sweet"] });
    challenge::sample("guess", KIND.name, "Guess the word of the day", own)
}

/// The word and what was guessed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::cards) struct Word {
    word: String,
    guesses: Vec<String>,
}

impl Word {
    fn is_guessed(&self) -> bool {
        self.guesses.last() == Some(&self.word)
    }
}

/// How near a letter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    Absent,
    Elsewhere,
    Right,
}

impl Mark {
    /// Class of a letter with it, and id of its text.
    const fn look(self) -> (&'static str, &'static str) {
        match self {
            Self::Absent => ("guess-absent", "word-guess-absent"),
            Self::Elsewhere => ("guess-elsewhere", "word-guess-elsewhere"),
            Self::Right => ("guess-right", "word-guess-right"),
        }
    }
}

/// A word as it is compared.
fn fold(word: &str) -> String {
    word.trim().to_lowercase()
}

fn fits(word: &str) -> bool {
    word.chars().count() == LETTERS && word.chars().all(char::is_alphabetic)
}

/// The marks of a guess: a letter that the word has once is marked once.
fn marks(word: &str, guess: &str) -> Vec<Mark> {
    let mut left: Vec<char> = Vec::new();
    let pairs: Vec<(char, char)> = guess.chars().zip(word.chars()).collect();
    let mut marks: Vec<Mark> = Vec::new();
    for (guessed, letter) in &pairs {
        if guessed == letter {
            marks.push(Mark::Right);
        } else {
            marks.push(Mark::Absent);
            left.push(*letter);
        }
    }
    for (mark, (guessed, _)) in marks.iter_mut().zip(&pairs) {
        if *mark == Mark::Absent
            && let Some(at) = left.iter().position(|letter| letter == guessed)
        {
            left.swap_remove(at);
            *mark = Mark::Elsewhere;
        }
    }
    marks
}

/// A letter as it is drawn.
struct Letter {
    shown: String,
    class: &'static str,
    says: String,
}

#[derive(Template)]
#[template(path = "cards/skill/word_guess/board.html")]
struct Board<'a> {
    context: &'a FaceContext<'a>,
    title: String,
    rows: Vec<Vec<Letter>>,
    /// Rows that are still empty, without the current one.
    empty: usize,
    keys: Vec<Vec<Letter>>,
    /// The word, at the end.
    word: Option<String>,
}

impl GuessSetup {
    fn board(
        &self,
        context: &FaceContext<'_>,
        word: &Word,
        over: bool,
    ) -> Result<String, askama::Error> {
        let mut best: Vec<(char, Mark)> = Vec::new();
        let mut rows = Vec::new();
        for guess in &word.guesses {
            let marks = marks(&word.word, guess);
            let letters = guess.chars().zip(&marks).map(|(letter, mark)| {
                match best.iter_mut().find(|(known, _)| *known == letter) {
                    Some((_, known)) => *known = (*known).max(*mark),
                    None => best.push((letter, *mark)),
                }
                let (class, id) = mark.look();
                let shown = letter.to_uppercase().to_string();
                let says = texts::message(context.locale, id, &[("letter", shown.clone().into())]);
                Letter { shown, class, says }
            });
            rows.push(letters.collect());
        }
        let mut further: Vec<char> = self
            .words
            .iter()
            .flat_map(|word| fold(word).chars().collect::<Vec<_>>())
            .collect();
        further.retain(|letter| KEYS.iter().all(|row| !row.contains(*letter)));
        further.sort_unstable();
        further.dedup();
        let further: String = further.into_iter().collect();
        let key = |letter: char| {
            let mark = best
                .iter()
                .find(|(known, _)| *known == letter)
                .map(|(_, mark)| *mark);
            Letter {
                shown: letter.to_uppercase().to_string(),
                class: mark.map_or("", |mark| mark.look().0),
                says: String::new(),
            }
        };
        let left = GUESSES.saturating_sub(word.guesses.len());
        Board {
            context,
            title: context.say_number("word-guess-stand", left),
            empty: if over { 0 } else { left.saturating_sub(1) },
            rows,
            keys: KEYS
                .into_iter()
                .chain([further.as_str()])
                .filter(|row| !over && !row.is_empty())
                .map(|row| row.chars().map(key).collect())
                .collect(),
            word: over.then(|| {
                texts::message(
                    context.locale,
                    "word-guess-was",
                    &[("word", word.word.to_uppercase().into())],
                )
            }),
        }
        .render()
    }
}

impl Challenge for GuessSetup {
    const NAME: &'static str = KIND.name;
    const HOW: &'static str = "word-guess-how";
    const FASTEST: i64 = 400;
    type Board = Word;

    fn deal(&self, seed: u64) -> Word {
        let words: Vec<String> = self
            .words
            .iter()
            .map(|word| fold(word))
            .filter(|word| fits(word))
            .collect();
        let word = below(words.len(), seed, 0).and_then(|at| words.get(at));
        Word {
            word: word.cloned().unwrap_or_default(),
            guesses: Vec::new(),
        }
    }

    fn make(&self, word: &mut Word, movement: &str, _: i64) -> Result<(), Refusal> {
        let guess = fold(movement);
        if !fits(&guess) {
            return Err(Refusal::about("moves", "word-guess-five"));
        }
        if word.guesses.contains(&guess) {
            return Err(Refusal::about("moves", "word-guess-again"));
        }
        word.guesses.push(guess);
        Ok(())
    }

    fn over(&self, word: &Word) -> bool {
        word.is_guessed() || word.guesses.len() >= GUESSES
    }

    fn score(&self, word: &Word, _: u32) -> u32 {
        if !word.is_guessed() {
            return 0;
        }
        let left = GUESSES.saturating_sub(word.guesses.len().saturating_sub(1));
        let count = |number: usize| u32::try_from(number).unwrap_or_default();
        (count(left) * WHOLE)
            .checked_div(count(GUESSES))
            .unwrap_or_default()
    }

    fn problems(&self, _: &Shell<'_>) -> Vec<SetupProblem> {
        let mut found = Vec::new();
        if self.words.is_empty() || self.words.len() > MOST_WORDS {
            found.push(SetupProblem::error(
                "words",
                "there are 1 to 200 words",
                "Add or remove words",
            ));
        }
        for (at, word) in self.words.iter().enumerate() {
            if !fits(&fold(word)) {
                found.push(SetupProblem::error(
                    format!("words[{at}]"),
                    "the word does not have five letters",
                    "Use a word of exactly five letters",
                ));
            }
        }
        found
    }

    fn controls() -> Vec<Control> {
        let words = ControlKind::Texts {
            min: 1,
            max: MOST_WORDS,
        };
        vec![control("words", "word-guess-control-words", words, true)]
    }

    fn look(&self, context: &FaceContext<'_>, word: &Word) -> Result<String, askama::Error> {
        self.board(context, word, false)
    }

    fn end(&self, context: &FaceContext<'_>, word: &Word) -> Result<String, askama::Error> {
        self.board(context, word, true)
    }
}
