//! A wheel of fortune: prizes and blanks as slices, one turn.
//! Promises that the wheel looks the same before every turn, and stops at what was drawn.
//! Leaves turning it in front of one's eyes to the island.

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
    name: "spin-to-win",
    engine: "chance",
    title: "spin-to-win-title",
    setup_version: 1,
    open: |setup, shell| Ok(game::open(read::<WheelSetup>(setup)?, shell)),
    upgrade: |_, setup| setup,
    sample,
    example: &[],
    schema: || schemars::schema_for!(WheelSetup).to_value(),
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
        ("en", include_str!("../texts.en.ftl")),
        ("de", include_str!("../texts.de.ftl")),
        ("fr", include_str!("../texts.fr.ftl")),
        ("es", include_str!("../texts.es.ftl")),
        ("ja", include_str!("../texts.ja.ftl")),
    ],
};

/// More slices would leave no room for their words.
const MOST_SLICES: usize = 12;
/// Longest text on a slice, in characters; the list below the wheel has the whole.
const SLICE_TEXT: usize = 15;

game::setup! {
    /// The setup of a wheel.
    WheelSetup {
        /// The slices that win nothing.
        blanks: Vec<Blank>,
    }
}

/// A slice that wins nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Blank {
    /// What stands on the slice.
    pub label: LocalText,
}

fn sample() -> CardDoc {
    let own = json!({ "blanks": [
        { "label": "Next time" }, { "label": "So close" }, { "label": "Keep smiling" }
    ] });
    game::sample("wheel", KIND.name, "Spin for a scoop", own)
}

/// At which slice the wheel has stopped.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Turned {
    stop: usize,
}

/// A slice as it is drawn.
struct Slice<'a> {
    label: &'a str,
    short: String,
    path: String,
    /// Degrees, clockwise from the top, of its middle.
    middle: f64,
    tone: usize,
    blank: bool,
}

#[derive(Template)]
#[template(path = "cards/chance/spin_to_win/face.html")]
struct Face<'a> {
    context: &'a FaceContext<'a>,
    wheel: String,
    slices: Vec<Slice<'a>>,
}

#[derive(Template)]
#[template(path = "cards/chance/spin_to_win/wheel.html")]
struct Wheel<'a> {
    slices: &'a [Slice<'a>],
    /// Degrees by which the wheel is turned.
    turned: f64,
    stopped: bool,
}

impl WheelSetup {
    /// The slices clockwise from the top: prizes and blanks by turns, as far as they reach.
    fn order(&self) -> Vec<(&LocalText, Option<&str>)> {
        let mut prizes = self
            .prizes
            .iter()
            .map(|prize| (&prize.name, Some(prize.key.as_str())));
        let mut blanks = self.blanks.iter().map(|blank| (&blank.label, None));
        let mut order = Vec::new();
        loop {
            let (prize, blank) = (prizes.next(), blanks.next());
            if prize.is_none() && blank.is_none() {
                return order;
            }
            order.extend(prize.into_iter().chain(blank));
        }
    }

    fn slices<'a>(&'a self, context: &FaceContext<'a>) -> Vec<Slice<'a>> {
        let order = self.order();
        let width = 360.0 / f64::from(u32::try_from(order.len()).unwrap_or(u32::MAX).max(1));
        let mut from = 0.0;
        let mut slices = Vec::new();
        for (at, (label, prize)) in order.into_iter().enumerate() {
            let label = context.local(label);
            let end = from + width;
            slices.push(Slice {
                label,
                short: short(label),
                path: wedge(from, end),
                middle: f64::midpoint(from, end),
                tone: at % 3,
                blank: prize.is_none(),
            });
            from = end;
        }
        slices
    }
}

/// A text that fits on a slice, where a sign of Chinese, Japanese or Korean takes the room of two letters.
fn short(text: &str) -> String {
    let room = |sign: char| match sign {
        '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{ff00}'..='\u{ff60}' => 2,
        _ => 1,
    };
    if text.chars().map(room).sum::<usize>() <= SLICE_TEXT {
        return text.to_owned();
    }
    let mut taken = 1;
    let cut: String = text
        .chars()
        .take_while(|sign| {
            taken += room(*sign);
            taken <= SLICE_TEXT
        })
        .collect();
    format!("{}\u{2026}", cut.trim_end())
}

/// The outline of a slice between two angles in degrees, clockwise from the top, on a wheel with the radius 96.
fn wedge(from: f64, to: f64) -> String {
    let point = |angle: f64| {
        let (sin, cos) = angle.to_radians().sin_cos();
        format!("{:.2} {:.2}", sin * 96.0, cos * -96.0)
    };
    let large = u8::from(to - from > 180.0);
    format!("M0 0L{}A96 96 0 {large} 1 {}Z", point(from), point(to))
}

impl Game for WheelSetup {
    const NAME: &'static str = KIND.name;

    fn problems(&self, shell: &Shell<'_>) -> Vec<SetupProblem> {
        let mut found = Vec::new();
        if self.blanks.is_empty() {
            found.push(SetupProblem::error(
                "blanks",
                "the wheel cannot stop where nothing is won, and prizes run out",
                "Add a slice that wins nothing",
            ));
        }
        if self.prizes.len() + self.blanks.len() > MOST_SLICES {
            found.push(SetupProblem::error(
                "blanks",
                format!("the wheel has more than {MOST_SLICES} slices"),
                "Remove blanks or prizes",
            ));
        }
        for (at, blank) in self.blanks.iter().enumerate() {
            let path = format!("blanks[{at}].label");
            game::text_problems(&path, &blank.label, true, shell, &mut found);
        }
        found
    }

    fn controls() -> Vec<Control> {
        let label = control(
            "label",
            "spin-to-win-control-blank",
            ControlKind::LocalText,
            true,
        );
        let blanks = ControlKind::List {
            item: vec![label],
            min: 1,
            max: MOST_SLICES - 1,
        };
        game::controls(
            vec![control(
                "blanks",
                "spin-to-win-control-blanks",
                blanks,
                true,
            )],
            true,
            1,
        )
    }

    fn face(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let slices = self.slices(context);
        let wheel = Wheel {
            slices: &slices,
            turned: 0.0,
            stopped: false,
        }
        .render()?;
        Face {
            context,
            wheel,
            slices,
        }
        .render()
    }

    fn picture(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let slices = self.slices(context);
        let stop = slices.get(context.state::<Turned>().stop);
        let turned = stop.map_or(0.0, |slice| 360.0 - slice.middle);
        Wheel {
            slices: &slices,
            turned,
            stopped: true,
        }
        .render()
    }

    fn play(&self, _: &Json, _: &Move, round: &Round<'_>) -> Result<Outcome, Refusal> {
        let prize = round.draw();
        let order = self.order();
        // Among several blanks chance decides too.
        let fitting: Vec<usize> = order
            .iter()
            .enumerate()
            .filter(|(_, (_, key))| *key == prize.map(|prize| prize.key.as_str()))
            .map(|(at, _)| at)
            .collect();
        Ok(Outcome {
            state: stored(&Turned {
                stop: pick(&fitting, round.context.seed, 1).unwrap_or(0),
            }),
            ..round.end(prize)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn a_text_on_a_slice_is_cut_where_the_slice_ends() {
        assert_eq!(short("A scoop for you"), "A scoop for you");
        assert_eq!(short("A whole year of ice"), "A whole year o\u{2026}");
        assert_eq!(short("アイス無料"), "アイス無料");
        assert_eq!(short("アイスクリーム一年分"), "アイスクリーム\u{2026}");
    }
}
