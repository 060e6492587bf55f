//! A scratch card: one hidden field.
//! Promises that there is nothing below the cover until the move is decided.
//! Leaves scratching to the island; the button is always there.

use askama::Template;
use serde_json::{Value as Json, json};

use super::super::{
    Control, ControlKind, FaceContext, Kind, Move, Outcome, Refusal, SetupProblem, Shell,
    game::{self, Game, Round, control},
    kind::read,
};
use crate::{hub::CardDoc, text::LocalText};

pub(super) const KIND: Kind = Kind {
    name: "scratch-and-win",
    engine: "chance",
    title: "scratch-and-win-title",
    setup_version: 1,
    open: |setup, shell| Ok(game::open(read::<ScratchSetup>(setup)?, shell)),
    upgrade: |_, setup| setup,
    sample,
    example: &[],
    schema: || schemars::schema_for!(ScratchSetup).to_value(),
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

game::setup! {
    /// The setup of a scratch card.
    ScratchSetup {
        /// What stands on the cover.
        cover: LocalText,
    }
}

fn sample() -> CardDoc {
    let own = json!({ "cover": "Something sweet is under here" });
    game::sample("scratch", KIND.name, "Scratch and taste", own)
}

#[derive(Template)]
#[template(path = "cards/chance/scratch_and_win/face.html")]
struct Face<'a> {
    context: &'a FaceContext<'a>,
    cover: &'a str,
}

impl Game for ScratchSetup {
    const NAME: &'static str = KIND.name;

    fn problems(&self, shell: &Shell<'_>) -> Vec<SetupProblem> {
        let mut found = Vec::new();
        game::text_problems("cover", &self.cover, true, shell, &mut found);
        found
    }

    fn controls() -> Vec<Control> {
        let cover = control(
            "cover",
            "scratch-and-win-control-cover",
            ControlKind::LocalText,
            true,
        );
        game::controls(vec![cover], true, 1)
    }

    fn face(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        Face {
            context,
            cover: context.local(&self.cover),
        }
        .render()
    }

    fn play(&self, _: &Json, _: &Move, round: &Round<'_>) -> Result<Outcome, Refusal> {
        Ok(round.end(round.draw()))
    }
}
