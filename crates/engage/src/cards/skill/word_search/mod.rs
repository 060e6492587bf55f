//! Words hidden in a field of letters, in a straight line.
//! Promises that every listed word is in the field, and that a line counts when it spells one, wherever that is.
//! Leaves drawing a line with the finger to the island; the first and the last letter are enough.

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
    "word-search", "skill", SearchSetup,
    example: &[],
    island: concat!(include_str!("../../game/island.js"), include_str!("island.js")),
    style: concat!(include_str!("../../chance/style.css"), include_str!("../style.css"), include_str!("style.css")),
    texts: []
);

/// How many letters a side may have, so that each is large enough for a finger.
const SIDES: std::ops::RangeInclusive<u32> = 5..=10;
/// How many words there may be.
const WORDS: std::ops::RangeInclusive<usize> = 2..=12;
/// How often a place is looked for before a word is left out.
const PLACES: u64 = 300;
/// Rightwards, downwards, and down to either side: what can be read without turning the head.
const WAYS: [(isize, isize); 4] = [(0, 1), (1, 0), (1, 1), (1, -1)];

challenge::setup! {
    /// The setup of a word search.
    SearchSetup {
        /// How many letters a side has, 5 to 10.
        side: u32,
        /// The words to find, the same in all languages.
        words: Vec<String>,
    }
}

fn sample() -> CardDoc {
    let own = json!({ "side": 7, "words": ["Lemon", "Basil", "Mango", "Cone", "Fig"] });
    challenge::sample("words", KIND.name, "Five flavours are hiding", own)
}

/// A word that was found, from one place to another.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Line {
    word: usize,
    from: usize,
    to: usize,
}

/// The letters and what was found in them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::cards) struct Letters {
    side: usize,
    grid: Vec<char>,
    words: Vec<String>,
    found: Vec<Line>,
    /// The place of the first letter of a line.
    first: Option<usize>,
    /// Whether the last line spelled nothing.
    missed: bool,
}

impl Letters {
    /// The places of a straight line, both ends included; none where it isn't straight.
    fn line(&self, from: usize, to: usize) -> Option<Vec<usize>> {
        let side = isize::try_from(self.side).ok().filter(|side| *side > 0)?;
        let (from, to) = (isize::try_from(from).ok()?, isize::try_from(to).ok()?);
        let (down, right) = (to / side - from / side, to % side - from % side);
        let straight = down == 0 || right == 0 || down.abs() == right.abs();
        let steps = down.abs().max(right.abs());
        let step = down.signum() * side + right.signum();
        let places = (0..=steps).map(|n| usize::try_from(from + n * step).ok());
        places.collect::<Option<Vec<_>>>().filter(|_| straight)
    }

    fn spelled(&self, places: &[usize]) -> Option<Vec<char>> {
        places
            .iter()
            .map(|place| self.grid.get(*place).copied())
            .collect()
    }

    fn is_found(&self, word: usize) -> bool {
        self.found.iter().any(|line| line.word == word)
    }

    /// Writes a word somewhere among the letters that are there (`' '` is free); whether there was a place.
    fn hide(&mut self, word: &str, seed: u64) -> bool {
        let letters: Vec<char> = word.chars().collect();
        let Some(last) = letters
            .len()
            .checked_sub(1)
            .and_then(|last| isize::try_from(last).ok())
        else {
            return false;
        };
        let side = isize::try_from(self.side).unwrap_or_default();
        for n in 0..PLACES {
            let way = below(WAYS.len(), seed, n * 2)
                .and_then(|way| WAYS.get(way))
                .copied();
            let from =
                below(self.grid.len(), seed, n * 2 + 1).and_then(|from| isize::try_from(from).ok());
            let (Some((down, right)), Some(from)) = (way, from) else {
                return false;
            };
            let (row, column) = (from / side + down * last, from % side + right * last);
            if !(0..side).contains(&row) || !(0..side).contains(&column) {
                continue;
            }
            let to = usize::try_from(row * side + column).unwrap_or_default();
            let Some(places) = self.line(usize::try_from(from).unwrap_or_default(), to) else {
                continue;
            };
            let fits = self.spelled(&places).is_some_and(|there| {
                there
                    .iter()
                    .zip(&letters)
                    .all(|(there, letter)| *there == ' ' || there == letter)
            });
            if fits {
                for (place, letter) in places.into_iter().zip(&letters) {
                    if let Some(there) = self.grid.get_mut(place) {
                        *there = *letter;
                    }
                }
                return true;
            }
        }
        false
    }
}

/// A word as it stands in the field.
fn spelling(word: &str) -> String {
    word.to_uppercase()
        .chars()
        .filter(|c| c.is_alphabetic())
        .collect()
}

/// A letter as it is drawn.
struct Cell {
    letter: char,
    label: String,
    found: bool,
    first: bool,
}

#[derive(Template)]
#[template(path = "cards/skill/word_search/board.html")]
struct Board<'a> {
    context: &'a FaceContext<'a>,
    title: String,
    side: usize,
    cells: Vec<Cell>,
    words: Vec<(&'a str, bool)>,
    hint: &'static str,
    missed: bool,
}

impl Challenge for SearchSetup {
    const NAME: &'static str = KIND.name;
    const HOW: &'static str = "word-search-how";
    const FASTEST: i64 = 80;
    type Board = Letters;

    fn deal(&self, seed: u64) -> Letters {
        let side = usize::try_from(self.side.clamp(*SIDES.start(), *SIDES.end())).unwrap_or(5);
        let mut words: Vec<String> = self
            .words
            .iter()
            .take(*WORDS.end())
            .map(|word| spelling(word))
            .collect();
        let mut letters = Letters {
            side,
            grid: vec![' '; side * side],
            ..Letters::default()
        };
        // The longest first: it has the fewest places.
        let mut order: Vec<usize> = (0..words.len()).collect();
        order.sort_by_key(|at| {
            std::cmp::Reverse(words.get(*at).map_or(0, |word| word.chars().count()))
        });
        for (n, at) in (1_u64..).zip(order) {
            if let Some(word) = words.get_mut(at)
                && !letters.hide(word, seed.wrapping_add(n))
            {
                word.clear();
            }
        }
        words.retain(|word| !word.is_empty());
        // The letters between are those of the words, so that they fit any alphabet and are no hint.
        let all: Vec<char> = words.iter().flat_map(|word| word.chars()).collect();
        for (n, letter) in (0_u64..).zip(&mut letters.grid) {
            if *letter == ' ' {
                *letter = below(all.len(), seed, n)
                    .and_then(|at| all.get(at))
                    .copied()
                    .unwrap_or('X');
            }
        }
        Letters { words, ..letters }
    }

    fn make(&self, letters: &mut Letters, movement: &str, _: i64) -> Result<(), Refusal> {
        let place = movement
            .parse()
            .ok()
            .filter(|place| *place < letters.grid.len());
        let place: usize = place.ok_or_else(|| Refusal::because("skill-not-possible"))?;
        letters.missed = false;
        let Some(first) = letters.first.take() else {
            letters.first = Some(place);
            return Ok(());
        };
        // The same letter again takes the choice back.
        if first == place {
            return Ok(());
        }
        let spelled = letters
            .line(first, place)
            .and_then(|places| letters.spelled(&places))
            .unwrap_or_default();
        let forward: String = spelled.iter().collect();
        let backward: String = spelled.iter().rev().collect();
        let word = letters
            .words
            .iter()
            .position(|word| *word == forward || *word == backward);
        match word.filter(|word| !letters.is_found(*word)) {
            Some(word) => letters.found.push(Line {
                word,
                from: first,
                to: place,
            }),
            None => letters.missed = true,
        }
        Ok(())
    }

    fn over(&self, letters: &Letters) -> bool {
        letters.found.len() >= letters.words.len()
    }

    fn score(&self, letters: &Letters, _: u32) -> u32 {
        let count = |number: usize| u32::try_from(number).unwrap_or_default();
        (count(letters.found.len()) * WHOLE)
            .checked_div(count(letters.words.len()))
            .unwrap_or_default()
    }

    fn problems(&self, _: &Shell<'_>) -> Vec<SetupProblem> {
        let mut found = Vec::new();
        let mut error = |path: String, message: &str, remedy: &str| {
            found.push(SetupProblem::error(path, message, remedy));
        };
        if !SIDES.contains(&self.side) {
            error(
                "side".to_owned(),
                "a side has 5 to 10 letters",
                "Choose a number from 5 to 10",
            );
        }
        if !WORDS.contains(&self.words.len()) {
            error(
                "words".to_owned(),
                "there are 2 to 12 words",
                "Add or remove words",
            );
        }
        let side = usize::try_from(self.side).unwrap_or_default();
        let words: Vec<String> = self.words.iter().map(|word| spelling(word)).collect();
        for (at, word) in words.iter().enumerate() {
            let length = word.chars().count();
            if length < 3 || length > side {
                error(
                    format!("words[{at}]"),
                    "the word does not fit",
                    "Use words of 3 letters and more, and not longer than a side",
                );
            }
            let backward: String = word.chars().rev().collect();
            if words
                .iter()
                .take(at)
                .any(|before| *before == *word || *before == backward)
            {
                error(
                    format!("words[{at}]"),
                    "the word stands twice",
                    "Remove one",
                );
            }
        }
        // With more than this some word would often find no place.
        let taken: usize = words.iter().map(|word| word.chars().count()).sum();
        if taken * 10 > side * side * 6 {
            error(
                "words".to_owned(),
                "the words leave too little room between them",
                "Make the field larger, or remove words",
            );
        }
        found
    }

    fn controls() -> Vec<Control> {
        let side = ControlKind::Number {
            min: (*SIDES.start()).into(),
            max: (*SIDES.end()).into(),
        };
        let words = ControlKind::Texts {
            min: *WORDS.start(),
            max: *WORDS.end(),
        };
        vec![
            control("side", "word-search-control-side", side, true),
            control("words", "word-search-control-words", words, true),
        ]
    }

    fn look(&self, context: &FaceContext<'_>, letters: &Letters) -> Result<String, askama::Error> {
        let found: Vec<usize> = letters
            .found
            .iter()
            .filter_map(|line| letters.line(line.from, line.to))
            .flatten()
            .collect();
        let cells = letters.grid.iter().enumerate().map(|(place, letter)| {
            let (row, column) = (
                place.checked_div(letters.side),
                place.checked_rem(letters.side),
            );
            let numbers = [
                ("letter", letter.to_string().into()),
                ("row", (row.unwrap_or_default() + 1).into()),
                ("column", (column.unwrap_or_default() + 1).into()),
            ];
            Cell {
                letter: *letter,
                label: texts::message(context.locale, "word-search-letter", &numbers),
                found: found.contains(&place),
                first: letters.first == Some(place),
            }
        });
        let stand = [
            ("found", letters.found.len().into()),
            ("all", letters.words.len().into()),
        ];
        let words = letters.words.iter().enumerate();
        Board {
            context,
            title: texts::message(context.locale, "word-search-stand", &stand),
            side: letters.side,
            cells: cells.collect(),
            words: words
                .map(|(at, word)| (word.as_str(), letters.is_found(at)))
                .collect(),
            hint: if letters.first.is_some() {
                "word-search-last"
            } else {
                "word-search-first"
            },
            missed: letters.missed && context.errors.is_empty(),
        }
        .render()
    }
}
