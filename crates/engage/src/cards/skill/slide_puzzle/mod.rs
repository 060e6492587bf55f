//! A picture cut into pieces that slide around one gap.
//! Promises a puzzle that can be solved, because it is shuffled by sliding.
//! Leaves sliding under one's finger to the island, which sends all moves at the end.

use askama::Template;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    super::{
        Control, ControlKind, FaceContext, Kind, Refusal, SetupProblem, Shell, Stage,
        game::{self, control},
        prizes::pick,
    },
    challenge::{self, Challenge, WHOLE},
};
use crate::{hub::CardDoc, text::texts};

pub(super) const KIND: Kind = game::kind!(
    "slide-puzzle", "skill", SlideSetup,
    example: &[],
    island: concat!(include_str!("../../game/island.js"), include_str!("island.js")),
    style: concat!(include_str!("../../chance/style.css"), include_str!("../style.css"), include_str!("style.css")),
    texts: []
);

/// How many pieces a side may have.
const SIDES: std::ops::RangeInclusive<u32> = 3..=4;
/// How many slides shuffle a puzzle, for each of its places.
const SHUFFLE: usize = 3;

challenge::setup! {
    /// The setup of a slide puzzle.
    SlideSetup {
        /// How many pieces a side has, 3 or 4.
        side: u32,
        /// Key of the image; without one, the pieces have numbers only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        image: Option<String>,
    }
}

fn sample() -> CardDoc {
    let own = json!({ "side": 3, "image": "hero" });
    challenge::sample("puzzle", KIND.name, "Put the sundae back together", own)
}

/// The pieces by their places, row after row; 0 is the gap.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::cards) struct Field {
    side: usize,
    pieces: Vec<usize>,
}

impl Field {
    fn solved(side: usize) -> Self {
        Self {
            side,
            pieces: (1..side * side).chain([0]).collect(),
        }
    }

    fn place(&self, piece: usize) -> Option<usize> {
        self.pieces.iter().position(|it| *it == piece)
    }

    /// The pieces beside the gap.
    fn free(&self) -> Vec<usize> {
        let Some((row, column)) = self.place(0).and_then(|gap| self.row_column(gap)) else {
            return Vec::new();
        };
        let beside = |place: usize| {
            self.row_column(place)
                .is_some_and(|(r, c)| r.abs_diff(row) + c.abs_diff(column) == 1)
        };
        let places = self.pieces.iter().enumerate();
        places
            .filter(|(place, _)| beside(*place))
            .map(|(_, piece)| *piece)
            .collect()
    }

    fn row_column(&self, place: usize) -> Option<(usize, usize)> {
        Some((place.checked_div(self.side)?, place.checked_rem(self.side)?))
    }

    fn slide(&mut self, piece: usize) -> bool {
        let (Some(from), Some(gap)) = (self.place(piece), self.place(0)) else {
            return false;
        };
        let possible = self.free().contains(&piece);
        if possible {
            self.pieces.swap(from, gap);
        }
        possible
    }

    fn is_solved(&self) -> bool {
        self.pieces == Self::solved(self.side).pieces
    }

    /// How many slides have shuffled it, which is enough to solve it too.
    fn enough(&self) -> u32 {
        u32::try_from(self.pieces.len() * SHUFFLE).unwrap_or(u32::MAX)
    }
}

/// A piece as it is drawn; the gap has the number 0.
struct Piece {
    number: usize,
    label: String,
    free: bool,
    /// Where the image begins, in hundredths of a piece.
    left: String,
    top: String,
}

#[derive(Template)]
#[template(path = "cards/skill/slide_puzzle/board.html")]
struct Board<'a> {
    context: &'a FaceContext<'a>,
    side: usize,
    pieces: Vec<Piece>,
    image: Option<&'a str>,
    /// How wide the whole image is, in hundredths of a piece.
    width: usize,
    over: bool,
}

impl SlideSetup {
    fn board(
        &self,
        context: &FaceContext<'_>,
        field: &Field,
        over: bool,
    ) -> Result<String, askama::Error> {
        let free = field.free();
        let pieces = field.pieces.iter().map(|number| {
            let label = if *number == 0 {
                context.say("slide-puzzle-gap")
            } else {
                texts::message(
                    context.locale,
                    "slide-puzzle-piece",
                    &[("number", (*number).into())],
                )
            };
            // At the end the last piece fills the gap.
            let home = number
                .checked_sub(1)
                .unwrap_or(field.pieces.len().saturating_sub(1));
            let (row, column) = field.row_column(home).unwrap_or_default();
            let minus = |steps: usize| {
                if steps == 0 {
                    "0".to_owned()
                } else {
                    format!("-{}", steps * 100)
                }
            };
            Piece {
                number: *number,
                label,
                free: free.contains(number),
                left: minus(column),
                top: minus(row),
            }
        });
        Board {
            context,
            side: field.side,
            pieces: pieces.collect(),
            image: self.image.as_deref().and_then(|key| context.image_url(key)),
            width: field.side * 100,
            over: over && field.is_solved(),
        }
        .render()
    }
}

impl Challenge for SlideSetup {
    const NAME: &'static str = KIND.name;
    const HOW: &'static str = "slide-puzzle-how";
    const FASTEST: i64 = 40;
    type Board = Field;

    fn deal(&self, seed: u64) -> Field {
        let side = usize::try_from(self.side.clamp(*SIDES.start(), *SIDES.end())).unwrap_or(3);
        let mut field = Field::solved(side);
        let mut last = 0;
        for n in 0_u64..u64::from(field.enough()) {
            // Never the same piece back, which would shuffle nothing.
            let free: Vec<usize> = field
                .free()
                .into_iter()
                .filter(|piece| *piece != last)
                .collect();
            last = pick(&free, seed, n).unwrap_or_default();
            field.slide(last);
        }
        if field.is_solved() {
            let first = field.free().first().copied().unwrap_or_default();
            field.slide(first);
        }
        field
    }

    fn make(&self, field: &mut Field, movement: &str, _: i64) -> Result<(), Refusal> {
        let possible = movement
            .parse()
            .is_ok_and(|piece| piece != 0 && field.slide(piece));
        if possible {
            Ok(())
        } else {
            Err(Refusal::because("slide-puzzle-stuck"))
        }
    }

    fn over(&self, field: &Field) -> bool {
        field.is_solved()
    }

    fn score(&self, field: &Field, moves: u32) -> u32 {
        if !field.is_solved() {
            return 0;
        }
        // Nobody finds the shortest way: twice as many slides as shuffled it are perfect.
        let perfect = field.enough().saturating_mul(2);
        perfect
            .saturating_mul(WHOLE)
            .checked_div(moves.max(perfect))
            .unwrap_or(WHOLE)
    }

    fn problems(&self, shell: &Shell<'_>) -> Vec<SetupProblem> {
        let mut found = Vec::new();
        if !SIDES.contains(&self.side) {
            found.push(SetupProblem::error(
                "side",
                "a side has 3 or 4 pieces",
                "Choose 3 or 4",
            ));
        }
        game::image_problems("image", self.image.as_deref(), shell, &mut found);
        found
    }

    fn controls() -> Vec<Control> {
        let side = ControlKind::Number {
            min: (*SIDES.start()).into(),
            max: (*SIDES.end()).into(),
        };
        vec![
            control("side", "slide-puzzle-control-side", side, true),
            control(
                "image",
                "slide-puzzle-control-image",
                ControlKind::Image,
                false,
            ),
        ]
    }

    fn look(&self, context: &FaceContext<'_>, field: &Field) -> Result<String, askama::Error> {
        self.board(context, field, false)
    }

    fn end(&self, context: &FaceContext<'_>, field: &Field) -> Result<String, askama::Error> {
        self.board(context, field, true)
    }
}
