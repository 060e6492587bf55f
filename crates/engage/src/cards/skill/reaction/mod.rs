//! Tap at the signal: a few rounds, each with a wait of its own.
//! Promises that a time is never shorter than what the server's clock allows, and that who cannot or does not want to race takes
//! part with the same chance. Leaves showing the signal to the island; without scripts that other way is all there is.

use askama::Template;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    super::{
        Control, ControlKind, FaceContext, Kind, Refusal, SetupProblem, Shell,
        game::{self, control},
        prizes::below,
    },
    challenge::{self, Challenge, ENTER, WHOLE},
};
use crate::{hub::CardDoc, text::texts};

pub(super) const KIND: Kind = game::kind!(
    "reaction", "skill", ReactionSetup,
    example: &[],
    island: concat!(include_str!("../../game/island.js"), include_str!("island.js")),
    style: concat!(include_str!("../../chance/style.css"), include_str!("../style.css"), include_str!("style.css")),
    texts: []
);

/// How many rounds there may be.
const ROUNDS: std::ops::RangeInclusive<u32> = 1..=5;
/// The shortest wait for the signal, in milliseconds.
const WAIT: i64 = 1_600;
/// How much longer it may be.
const SPREAD: usize = 2_800;
/// What no hand is faster than, in milliseconds: who taps sooner has guessed.
const FASTEST: i64 = 100;
/// What a round takes at most; one that was tapped too early counts as much.
const SLOWEST: i64 = 1_000;
/// What page and network may take beside the wait and the hand. Beyond it the server's clock counts.
const ON_THE_WAY: i64 = 1_500;
/// With it the score is full.
const PERFECT: i64 = 250;
/// The move of who tapped before the signal.
const EARLY: &str = "early";

challenge::setup! {
    /// The setup of a game of reaction.
    ReactionSetup {
        /// How many rounds there are, 1 to 5.
        rounds: u32,
    }
}

fn sample() -> CardDoc {
    challenge::sample(
        "catch",
        KIND.name,
        "Catch the falling scoop",
        json!({ "rounds": 3 }),
    )
}

/// The waits of all rounds, and the times so far, in milliseconds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::cards) struct Rounds {
    waits: Vec<i64>,
    times: Vec<i64>,
}

#[derive(Template)]
#[template(path = "cards/skill/reaction/board.html")]
struct Board<'a> {
    context: &'a FaceContext<'a>,
    title: String,
    last: String,
    wait: i64,
}

impl Challenge for ReactionSetup {
    const NAME: &'static str = KIND.name;
    const HOW: &'static str = "reaction-how";
    // Each round checks its own time.
    const FASTEST: i64 = 0;
    const WAY_OUT: (&'static str, &'static str) = (ENTER, "reaction-enter");
    type Board = Rounds;

    fn deal(&self, seed: u64) -> Rounds {
        let rounds = u64::from(self.rounds.clamp(*ROUNDS.start(), *ROUNDS.end()));
        let more =
            |n| i64::try_from(below(SPREAD, seed, n).unwrap_or_default()).unwrap_or_default();
        Rounds {
            waits: (0..rounds).map(|n| WAIT + more(n)).collect(),
            times: Vec::new(),
        }
    }

    fn make(&self, rounds: &mut Rounds, movement: &str, waited: i64) -> Result<(), Refusal> {
        let wait = rounds
            .waits
            .get(rounds.times.len())
            .copied()
            .unwrap_or(WAIT);
        if movement == EARLY {
            rounds.times.push(SLOWEST);
            return Ok(());
        }
        let time: i64 = movement.parse().map_err(|_| Refusal::impossible())?;
        // The signal cannot have been seen and answered in less time than has passed here.
        if time < FASTEST || wait.saturating_add(time) > waited {
            return Err(Refusal::impossible());
        }
        let here = waited.saturating_sub(wait).saturating_sub(ON_THE_WAY);
        rounds.times.push(time.max(here).min(SLOWEST));
        Ok(())
    }

    fn over(&self, rounds: &Rounds) -> bool {
        rounds.times.len() >= rounds.waits.len()
    }

    fn score(&self, rounds: &Rounds, _: u32) -> u32 {
        let count = i64::try_from(rounds.times.len()).unwrap_or_default();
        let mean = rounds
            .times
            .iter()
            .sum::<i64>()
            .checked_div(count)
            .unwrap_or(SLOWEST);
        let points = (SLOWEST - mean).max(0) * i64::from(WHOLE) / (SLOWEST - PERFECT);
        u32::try_from(points).unwrap_or_default().min(WHOLE)
    }

    fn problems(&self, _: &Shell<'_>) -> Vec<SetupProblem> {
        if ROUNDS.contains(&self.rounds) {
            return Vec::new();
        }
        vec![SetupProblem::error(
            "rounds",
            "there are 1 to 5 rounds",
            "Choose a number from 1 to 5",
        )]
    }

    fn controls() -> Vec<Control> {
        let rounds = ControlKind::Number {
            min: (*ROUNDS.start()).into(),
            max: (*ROUNDS.end()).into(),
        };
        vec![control("rounds", "reaction-control-rounds", rounds, true)]
    }

    fn look(&self, context: &FaceContext<'_>, rounds: &Rounds) -> Result<String, askama::Error> {
        let round = [
            ("number", (rounds.times.len() + 1).into()),
            ("all", rounds.waits.len().into()),
        ];
        Board {
            context,
            title: texts::message(context.locale, "reaction-round", &round),
            last: rounds
                .times
                .last()
                .map_or_else(String::new, |time| match *time {
                    SLOWEST => context.say("reaction-missed"),
                    time => context.say_number("reaction-time", time),
                }),
            wait: rounds
                .waits
                .get(rounds.times.len())
                .copied()
                .unwrap_or(WAIT),
        }
        .render()
    }
}
