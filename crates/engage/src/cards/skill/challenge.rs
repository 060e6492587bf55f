//! What all games of skill share: the start, the moves one by one or gathered, the clock, the score and the end.
//! Promises the same rules for a form without scripts and for many moves in one post, and that no move is faster than a hand.
//! Leaves the board, what a move does to it, and its look to the kinds.

use std::fmt::Debug;

use askama::Template;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value as Json, json};

use super::super::{
    Control, ControlKind, FaceContext, FactDef, FactKind, Move, Outcome, Refusal, SetupProblem,
    Shell,
    card::{state, stored},
    game::{self, Game, Prized, Round, control},
    prizes::below,
};
use crate::{
    Value,
    hub::CardDoc,
    text::{Locale, texts},
    time::Millis,
};

/// The most points there are.
pub(super) const WHOLE: u32 = 100;
/// More moves than anybody makes.
const MOST_MOVES: u32 = 5_000;

/// Declares the setup of a game of skill.
macro_rules! setup {
    ($(#[$about:meta])* $name:ident { $($(#[$field_about:meta])* $field:ident: $of:ty,)* }) => {
        crate::cards::game::setup! {
            $(#[$about])*
            $name {
                $($(#[$field_about])* $field: $of,)*
                /// How many points of 100 a play needs to have a chance of the prizes.
                #[serde(default)]
                target: u32,
            }
        }

        impl crate::cards::skill::challenge::Aim for $name {
            fn target(&self) -> u32 {
                self.target
            }
        }
    };
}
pub(super) use setup;

/// What the declaration of a setup brings along.
pub(in crate::cards) trait Aim {
    fn target(&self) -> u32;
}

/// A game of skill.
pub(in crate::cards) trait Challenge: Prized + Aim {
    const NAME: &'static str;
    /// Id of the text that says how it is played.
    const HOW: &'static str;
    /// The shortest time that a move can take, in milliseconds.
    const FASTEST: i64;
    /// How a play ends that isn't played on: the button's name, and the id of its text. Who takes part without playing has the
    /// same chance as who reached the target.
    const WAY_OUT: (&'static str, &'static str) = (FINISH, "skill-finish");

    /// What is hidden and what is seen.
    type Board: Debug + Clone + Default + Serialize + DeserializeOwned;

    fn deal(&self, seed: u64) -> Self::Board;
    /// Makes a move; `waited` is how long ago the last answer was given, in milliseconds.
    fn make(&self, board: &mut Self::Board, movement: &str, waited: i64) -> Result<(), Refusal>;
    fn over(&self, board: &Self::Board) -> bool;
    /// The points, 0 to 100, after so many moves.
    fn score(&self, board: &Self::Board, moves: u32) -> u32;
    /// What is wrong with the settings of its own.
    fn problems(&self, shell: &Shell<'_>) -> Vec<SetupProblem>;
    fn controls() -> Vec<Control>;
    /// The board during the play.
    fn look(&self, context: &FaceContext<'_>, board: &Self::Board)
    -> Result<String, askama::Error>;
    /// The board at the end.
    fn end(&self, _: &FaceContext<'_>, _: &Self::Board) -> Result<String, askama::Error> {
        Ok(String::new())
    }
}

/// The button that ends a play.
pub(super) const FINISH: &str = "finish";
/// The button that takes part without playing.
pub(super) const ENTER: &str = "enter";

/// What a play has come to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Played<B> {
    /// None before the start.
    board: Option<B>,
    started: Millis,
    last: Millis,
    moves: u32,
}

#[derive(Template)]
#[template(path = "cards/skill/face.html")]
struct Face<'a> {
    context: &'a FaceContext<'a>,
    name: &'static str,
    how: String,
    /// None before the start.
    board: Option<String>,
    out: (&'static str, String),
    /// Whether one may take part without playing.
    enter: bool,
}

#[derive(Template)]
#[template(path = "cards/skill/score.html")]
struct Score<'a> {
    context: &'a FaceContext<'a>,
    board: String,
    /// Points, moves and time; none of who did not play.
    told: Option<[(String, String); 3]>,
}

/// How a play ended.
enum End {
    Played { score: u32, moves: u32, millis: i64 },
    Entered,
}

fn ended<C: Challenge>(game: &C, end: &End, round: &Round<'_>) -> Outcome {
    let reached = match end {
        End::Played { score, .. } => *score >= game.target().max(1),
        End::Entered => true,
    };
    let mut outcome = round.end(if reached { round.draw() } else { None });
    let mut tell = |name: &str, value| outcome.facts.insert(name.to_owned(), value);
    tell("reached", Value::Bool(reached));
    if let End::Played {
        score,
        moves,
        millis,
    } = end
    {
        tell("score", Value::Integer((*score).into()));
        tell("moves", Value::Integer((*moves).into()));
        tell("seconds", Value::Integer(millis / 1_000));
    }
    outcome
}

impl<C: Challenge> Game for C {
    const NAME: &'static str = C::NAME;
    const NEEDS_PRIZES: bool = false;

    fn problems(&self, shell: &Shell<'_>) -> Vec<SetupProblem> {
        let mut found = Vec::new();
        if self.target() > WHOLE {
            found.push(SetupProblem::error(
                "target",
                "nobody can have more than 100 points",
                "Choose a number from 0 to 100",
            ));
        }
        found.extend(Challenge::problems(self, shell));
        found
    }

    fn controls() -> Vec<Control> {
        let mut own = <C as Challenge>::controls();
        let target = ControlKind::Number {
            min: 0,
            max: WHOLE.into(),
        };
        own.push(control("target", "skill-control-target", target, true));
        game::controls(own, true, 0)
    }

    fn face(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let played: Played<C::Board> = context.state();
        let board = played
            .board
            .map(|board| self.look(context, &board))
            .transpose()?;
        let (name, label) = C::WAY_OUT;
        Face {
            context,
            name: <C as Challenge>::NAME,
            how: context.say(C::HOW),
            board,
            out: (name, context.say(label)),
            enter: name == ENTER,
        }
        .render()
    }

    fn picture(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let played: Played<C::Board> = context.state();
        let board = played
            .board
            .map(|board| self.end(context, &board))
            .transpose()?;
        let told = |id: &str, fact: &str| (context.say(id), context.fact(fact));
        let score = context.fact("score");
        Score {
            context,
            board: board.unwrap_or_default(),
            told: (!score.is_empty()).then(|| {
                [
                    told("skill-points", "score"),
                    told("skill-moves", "moves"),
                    told("skill-seconds", "seconds"),
                ]
            }),
        }
        .render()
    }

    fn play(&self, before: &Json, movement: &Move, round: &Round<'_>) -> Result<Outcome, Refusal> {
        let now = round.context.now;
        let played: Played<C::Board> = state(before);
        if C::WAY_OUT.0 == ENTER && !movement.get(ENTER).is_empty() {
            return Ok(Outcome {
                state: stored(&played),
                ..ended(self, &End::Entered, round)
            });
        }
        let Some(mut board) = played.board else {
            if movement.get("start").is_empty() {
                return Err(Refusal::because("skill-start-first"));
            }
            let board = Some(self.deal(round.context.seed));
            let state = stored(&Played {
                board,
                started: now,
                last: now,
                moves: 0,
            });
            return Ok(Outcome {
                state,
                ..Outcome::default()
            });
        };
        let values = movement.all("moves").iter();
        let made: Vec<&str> = values
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .filter(|one| !one.is_empty())
            .collect();
        let leaves = !movement.get(FINISH).is_empty();
        if made.is_empty() && !leaves {
            return Err(Refusal::because("skill-no-move"));
        }
        let count = u32::try_from(made.len()).unwrap_or(u32::MAX);
        let moves = played.moves.saturating_add(count);
        let waited = now.since(played.last);
        if moves > MOST_MOVES || waited < C::FASTEST.saturating_mul(count.into()) {
            return Err(Refusal::impossible());
        }
        for one in made {
            if self.over(&board) {
                return Err(Refusal::impossible());
            }
            self.make(&mut board, one, waited)?;
        }
        let over = leaves || self.over(&board);
        let end = End::Played {
            score: self.score(&board, moves).min(WHOLE),
            moves,
            millis: now.since(played.started),
        };
        let state = stored(&Played {
            board: Some(board),
            last: now,
            moves,
            ..played
        });
        let outcome = if over {
            ended(self, &end, round)
        } else {
            Outcome::default()
        };
        Ok(Outcome { state, ..outcome })
    }

    fn facts(&self, locale: &Locale) -> Vec<FactDef> {
        let fact = |key, id, kind| FactDef::new(key, texts::plain(locale, id), kind);
        vec![
            fact("score", "skill-points", FactKind::Number),
            fact("moves", "skill-moves", FactKind::Number),
            fact("seconds", "skill-seconds", FactKind::Number),
            fact("reached", "skill-fact-reached", FactKind::YesNo),
        ]
    }
}

/// A sample card: who is good wins a scoop.
pub(super) fn sample(key: &str, kind: &str, title: &str, mut own: Json) -> CardDoc {
    if let Json::Object(own) = &mut own {
        for (name, value) in [
            ("target", json!(40)),
            (
                "prizes",
                json!([
                    { "key": "scoop", "name": "A free scoop", "stock": 1000, "chance": 100,
                      "message": "Show this page at the counter. Any flavour, cup or cone." },
                ]),
            ),
            ("lose_title", json!("Well played")),
            (
                "lose_text",
                json!("Not enough for a scoop this time. **40 points** would have been."),
            ),
        ] {
            own.insert(name.to_owned(), value);
        }
    }
    game::sample(key, kind, title, own)
}

/// The same things in an order that the seed decides.
pub(super) fn shuffled<T: Clone>(things: &[T], seed: u64) -> Vec<T> {
    let mut left = things.to_vec();
    let mut order = Vec::with_capacity(left.len());
    for n in 0_u64.. {
        let Some(at) = below(left.len(), seed, n) else {
            break;
        };
        order.push(left.swap_remove(at));
    }
    order
}
