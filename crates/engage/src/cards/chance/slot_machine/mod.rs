//! A slot machine: three reels, and three alike win.
//! Promises that the reels show three alike exactly when something was won.
//! Leaves their spinning to the island.

use askama::Template;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::super::{
    Control, ControlKind, FaceContext, Kind, Move, Outcome, Refusal, SetupProblem, Shell,
    card::stored,
    game::{self, Game, Round, control},
    kind::read,
    prizes::pick,
};
use crate::{hub::CardDoc, text::LocalText};

pub(super) const KIND: Kind = Kind {
    name: "slot-machine",
    engine: "chance",
    title: "slot-machine-title",
    setup_version: 1,
    open: |setup, shell| Ok(game::open(read::<SlotSetup>(setup)?, shell)),
    upgrade: |_, setup| setup,
    sample,
    example: &[],
    schema: || schemars::schema_for!(SlotSetup).to_value(),
    island: concat!(
        include_str!("../../game/island.js"),
        include_str!("island.js")
    ),
    style: concat!(include_str!("../style.css"), include_str!("style.css")),
    texts: &[
        ("en", include_str!("texts.en.ftl")),
        ("de", include_str!("texts.de.ftl")),
        ("fr", include_str!("texts.fr.ftl")),
        ("es", include_str!("texts.es.ftl")),
        ("ja", include_str!("texts.ja.ftl")),
    ],
};

/// So that there is something to mix up, and that a reel can be followed with the eyes.
const SYMBOLS: std::ops::RangeInclusive<usize> = 3..=12;
/// Longest symbol, in characters; an emoji may consist of several.
const SYMBOL_LENGTH: usize = 8;

game::setup! {
    /// The setup of a slot machine.
    SlotSetup {
        /// What is on the reels. Three of the first one win the first prize, and so on; those that are left over win nothing.
        symbols: Vec<Symbol>,
    }
}

/// A symbol on the reels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Symbol {
    /// An emoji, or a letter or two.
    pub symbol: String,
    /// Its name, for who does not see it.
    pub name: LocalText,
}

fn sample() -> CardDoc {
    let own = json!({ "symbols": [
        { "symbol": "\u{1f31f}", "name": "Star" },
        { "symbol": "\u{1f368}", "name": "Sundae" },
        { "symbol": "\u{1f366}", "name": "Cone" },
        { "symbol": "\u{1f34b}", "name": "Lemon" },
        { "symbol": "\u{1f353}", "name": "Strawberry" },
    ] });
    game::sample("slots", KIND.name, "Three of a kind", own)
}

/// What the reels show, by the places of the symbols.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Reels {
    reels: Vec<usize>,
}

#[derive(Template)]
#[template(path = "cards/chance/slot_machine/face.html")]
struct Face<'a> {
    context: &'a FaceContext<'a>,
    symbols: &'a [Symbol],
    rules: Vec<(&'a str, &'a str, &'a str)>,
}

#[derive(Template)]
#[template(path = "cards/chance/slot_machine/reels.html")]
struct Stopped<'a> {
    reels: Vec<(&'a str, &'a str)>,
    label: String,
}

impl Game for SlotSetup {
    const NAME: &'static str = KIND.name;

    fn problems(&self, shell: &Shell<'_>) -> Vec<SetupProblem> {
        let mut found = Vec::new();
        if !SYMBOLS.contains(&self.symbols.len()) || self.symbols.len() < self.prizes.len() {
            found.push(SetupProblem::error(
                "symbols",
                "the reels have 3 to 12 symbols, and at least one for every prize",
                "Add or remove symbols",
            ));
        }
        for (at, symbol) in self.symbols.iter().enumerate() {
            let path = |part: &str| format!("symbols[{at}].{part}");
            if symbol.symbol.trim().is_empty() || symbol.symbol.chars().count() > SYMBOL_LENGTH {
                found.push(SetupProblem::error(
                    path("symbol"),
                    "this does not fit on a reel",
                    "Use an emoji, or a letter or two",
                ));
            }
            let mut before = self.symbols.iter().take(at);
            if before.any(|before| before.symbol == symbol.symbol) {
                found.push(SetupProblem::error(
                    path("symbol"),
                    "the symbol stands twice, so three alike could win nothing",
                    "Use another one",
                ));
            }
            game::text_problems(&path("name"), &symbol.name, true, shell, &mut found);
        }
        found
    }

    fn controls() -> Vec<Control> {
        let item = vec![
            control(
                "symbol",
                "slot-machine-control-symbol",
                ControlKind::Text,
                true,
            ),
            control(
                "name",
                "slot-machine-control-name",
                ControlKind::LocalText,
                true,
            ),
        ];
        let symbols = ControlKind::List {
            item,
            min: *SYMBOLS.start(),
            max: *SYMBOLS.end(),
        };
        let symbols = control("symbols", "slot-machine-control-symbols", symbols, true);
        game::controls(vec![symbols], true, 1)
    }

    fn face(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let rules = self
            .symbols
            .iter()
            .zip(&self.prizes)
            .map(|(symbol, prize)| {
                (
                    symbol.symbol.as_str(),
                    context.local(&symbol.name),
                    context.local(&prize.name),
                )
            });
        Face {
            context,
            symbols: &self.symbols,
            rules: rules.collect(),
        }
        .render()
    }

    fn picture(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let stopped: Reels = context.state();
        let reels = stopped.reels.iter().filter_map(|at| self.symbols.get(*at));
        let reels: Vec<_> = reels
            .map(|symbol| (symbol.symbol.as_str(), context.local(&symbol.name)))
            .collect();
        let label = reels
            .iter()
            .map(|(_, name)| *name)
            .collect::<Vec<_>>()
            .join(", ");
        Stopped { reels, label }.render()
    }

    fn play(&self, _: &Json, _: &Move, round: &Round<'_>) -> Result<Outcome, Refusal> {
        let prize = round.draw();
        let symbols: Vec<usize> = (0..self.symbols.len()).collect();
        let random = |n| pick(&symbols, round.context.seed, n).unwrap_or(0);
        let won = prize.and_then(|prize| self.prizes.iter().position(|it| it.key == prize.key));
        let reels = won.map_or_else(
            || {
                let (first, second) = (random(1), random(2));
                let third = random(3);
                // Three alike would say that something was won.
                let alike = first == second && second == third;
                vec![
                    first,
                    second,
                    if alike {
                        (third + 1) % symbols.len().max(1)
                    } else {
                        third
                    },
                ]
            },
            |at| vec![at; 3],
        );
        Ok(Outcome {
            state: stored(&Reels { reels }),
            ..round.end(prize)
        })
    }
}
