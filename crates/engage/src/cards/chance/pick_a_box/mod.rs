//! Boxes to choose from; one is opened.
//! Promises that it does not matter for the odds which one is chosen.
//! Leaves the draw to the engine.

use askama::Template;
use serde_json::{Value as Json, json};

use super::super::{
    Control, ControlKind, FaceContext, FactDef, FactKind, Kind, Move, Outcome, Refusal,
    SetupProblem, Shell,
    game::{self, Game, Round, control},
    kind::read,
};
use crate::{
    Value,
    hub::CardDoc,
    text::{Locale, texts},
};

pub(super) const KIND: Kind = Kind {
    name: "pick-a-box",
    engine: "chance",
    title: "pick-a-box-title",
    setup_version: 1,
    open: |setup, shell| Ok(game::open(read::<BoxSetup>(setup)?, shell)),
    upgrade: |_, setup| setup,
    sample,
    example: &[],
    schema: || schemars::schema_for!(BoxSetup).to_value(),
    island: "",
    style: concat!(include_str!("../style.css"), include_str!("style.css")),
    texts: &[
        ("en", include_str!("texts.en.ftl")),
        ("de", include_str!("texts.de.ftl")),
        ("fr", include_str!("texts.fr.ftl")),
        ("es", include_str!("texts.es.ftl")),
        ("ja", include_str!("texts.ja.ftl")),
    ],
};

/// So that they fit on a phone's screen as large targets.
const BOXES: std::ops::RangeInclusive<u32> = 2..=9;

game::setup! {
    /// The setup of the boxes.
    BoxSetup {
        /// How many boxes there are, 2 to 9.
        boxes: u32,
    }
}

fn sample() -> CardDoc {
    game::sample("boxes", KIND.name, "Pick a box", json!({ "boxes": 6 }))
}

#[derive(Template)]
#[template(path = "cards/chance/pick_a_box/face.html")]
struct Face<'a> {
    context: &'a FaceContext<'a>,
    boxes: Vec<(u32, String)>,
}

#[derive(Template)]
#[template(path = "cards/chance/pick_a_box/opened.html")]
struct OpenedBox {
    boxes: Vec<(u32, bool)>,
    label: String,
}

impl BoxSetup {
    fn numbers(&self) -> std::ops::RangeInclusive<u32> {
        1..=self.boxes.min(*BOXES.end())
    }
}

impl Game for BoxSetup {
    const NAME: &'static str = KIND.name;

    fn problems(&self, _: &Shell<'_>) -> Vec<SetupProblem> {
        if BOXES.contains(&self.boxes) {
            return Vec::new();
        }
        vec![SetupProblem::error(
            "boxes",
            "there are 2 to 9 boxes",
            "Choose a number from 2 to 9",
        )]
    }

    fn controls() -> Vec<Control> {
        let boxes = ControlKind::Number {
            min: (*BOXES.start()).into(),
            max: (*BOXES.end()).into(),
        };
        game::controls(
            vec![control("boxes", "pick-a-box-control-boxes", boxes, true)],
            true,
            1,
        )
    }

    fn face(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let boxes = self.numbers();
        let boxes = boxes.map(|number| (number, context.say_number("pick-a-box-box", number)));
        Face {
            context,
            boxes: boxes.collect(),
        }
        .render()
    }

    fn picture(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let chosen = context.fact(CHOSEN);
        let boxes = self
            .numbers()
            .map(|number| (number, number.to_string() == chosen));
        OpenedBox {
            boxes: boxes.collect(),
            label: context.say_number("pick-a-box-opened", chosen.clone()),
        }
        .render()
    }

    fn play(&self, _: &Json, movement: &Move, round: &Round<'_>) -> Result<Outcome, Refusal> {
        let chosen = movement.get("box");
        if chosen.is_empty() {
            return Err(Refusal::because("pick-a-box-none-chosen"));
        }
        if !self.numbers().any(|number| number.to_string() == chosen) {
            return Err(Refusal::unknown_option());
        }
        let mut outcome = round.end(round.draw());
        outcome
            .facts
            .insert(CHOSEN.to_owned(), Value::Text(chosen.to_owned()));
        Ok(outcome)
    }

    fn facts(&self, locale: &Locale) -> Vec<FactDef> {
        let numbers = self
            .numbers()
            .map(|number| (number.to_string(), number.to_string()));
        vec![FactDef {
            options: numbers.collect(),
            ..FactDef::new(
                CHOSEN,
                texts::plain(locale, "pick-a-box-fact"),
                FactKind::Choice,
            )
        }]
    }
}

/// The fact that tells which box was chosen.
const CHOSEN: &str = "choice:box";
