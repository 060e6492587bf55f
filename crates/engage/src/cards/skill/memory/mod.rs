//! Pairs: cards face down, two are turned at a time.
//! Promises that a card's picture is not on the page before the card is turned.
//! Leaves the turning before one's eyes to the island.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    super::{
        Control, ControlKind, FaceContext, Kind, Refusal, SetupProblem, Shell,
        game::{self, control},
    },
    challenge::{self, Challenge, WHOLE, shuffled},
};
use crate::{
    hub::CardDoc,
    text::{LocalText, texts},
};

pub(super) const KIND: Kind = game::kind!(
    "memory", "skill", MemorySetup,
    example: &[],
    island: concat!(include_str!("../../game/island.js"), include_str!("island.js")),
    style: concat!(include_str!("../../chance/style.css"), include_str!("../style.css"), include_str!("style.css")),
    texts: [
        // Those that all kinds of the engine share come once, with its first kind.
        ("en", include_str!("../texts.en.ftl")),
        ("de", include_str!("../texts.de.ftl")),
        ("fr", include_str!("../texts.fr.ftl")),
        ("es", include_str!("../texts.es.ftl")),
        ("ja", include_str!("../texts.ja.ftl")),
    ]
);

/// So that it is a game, and that all cards fit on a phone's screen.
const PICTURES: std::ops::RangeInclusive<usize> = 3..=12;
/// Longest symbol, in characters; an emoji may consist of several.
const SYMBOL_LENGTH: usize = 8;

challenge::setup! {
    /// The setup of a game of pairs.
    MemorySetup {
        /// The pictures; each is on two cards.
        pictures: Vec<MemoryPicture>,
    }
}

/// A picture on two cards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MemoryPicture {
    /// What it is, for who does not see it.
    pub name: LocalText,
    /// An emoji, or a letter or two; where there is no image.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub symbol: String,
    /// Key of an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

fn sample() -> CardDoc {
    let own = json!({ "pictures": [
        { "name": "Cone", "symbol": "\u{1f366}" },
        { "name": "Sundae", "symbol": "\u{1f368}" },
        { "name": "Lemon", "symbol": "\u{1f34b}" },
        { "name": "Strawberry", "symbol": "\u{1f353}" },
        { "name": "Cherries", "symbol": "\u{1f352}" },
        { "name": "Coconut", "symbol": "\u{1f965}" },
    ] });
    challenge::sample("pairs", KIND.name, "Find the pairs", own)
}

/// The cards as they lie.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::cards) struct Cards {
    /// Which picture is on the card at each place.
    pictures: Vec<usize>,
    /// The pictures of which both cards were found.
    found: Vec<usize>,
    /// The place of the first card of this turn.
    first: Option<usize>,
    /// The places of the cards that are face up without being found.
    up: Vec<usize>,
    /// How often two cards were turned.
    turns: u32,
}

impl Cards {
    fn is_found(&self, place: usize) -> bool {
        self.pictures
            .get(place)
            .is_some_and(|picture| self.found.contains(picture))
    }
}

/// A card as it is drawn.
struct Shown<'a> {
    place: usize,
    label: String,
    up: bool,
    found: bool,
    /// Whether it can be turned.
    free: bool,
    symbol: &'a str,
    image: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "cards/skill/memory/board.html")]
struct Board<'a> {
    context: &'a FaceContext<'a>,
    title: String,
    cards: Vec<Shown<'a>>,
    columns: usize,
    over: bool,
}

impl MemorySetup {
    fn board(
        &self,
        context: &FaceContext<'_>,
        cards: &Cards,
        over: bool,
    ) -> Result<String, askama::Error> {
        let shown = cards.pictures.iter().enumerate().map(|(place, at)| {
            let picture = self.pictures.get(*at);
            let found = cards.is_found(place);
            let up = over || found || cards.up.contains(&place);
            let number = ("number", (place + 1).into());
            let label = match picture.filter(|_| up) {
                Some(picture) => {
                    let name = ("name", context.local(&picture.name).to_owned().into());
                    texts::message(context.locale, "memory-card-up", &[number, name])
                }
                None => texts::message(context.locale, "memory-card-down", &[number]),
            };
            Shown {
                place,
                label,
                up,
                found,
                free: !over && !found && cards.first != Some(place),
                symbol: picture
                    .filter(|_| up)
                    .map_or("", |picture| picture.symbol.as_str()),
                image: picture
                    .filter(|_| up)
                    .and_then(|picture| context.image_url(picture.image.as_deref()?)),
            }
        });
        let columns = match cards.pictures.len() {
            6 => 3,
            10 | 20 => 5,
            _ => 4,
        };
        let pairs = [
            ("found", cards.found.len().into()),
            ("all", (cards.pictures.len() / 2).into()),
        ];
        Board {
            context,
            title: texts::message(context.locale, "memory-stand", &pairs),
            cards: shown.collect(),
            columns,
            over,
        }
        .render()
    }
}

impl Challenge for MemorySetup {
    const NAME: &'static str = KIND.name;
    const HOW: &'static str = "memory-how";
    const FASTEST: i64 = 60;
    type Board = Cards;

    fn deal(&self, seed: u64) -> Cards {
        let pictures = self.pictures.len().min(*PICTURES.end());
        let both: Vec<usize> = (0..pictures).chain(0..pictures).collect();
        Cards {
            pictures: shuffled(&both, seed),
            ..Cards::default()
        }
    }

    fn make(&self, cards: &mut Cards, movement: &str, _: i64) -> Result<(), Refusal> {
        let not_possible = || Refusal::because("skill-not-possible");
        let place: usize = movement.parse().map_err(|_| not_possible())?;
        let picture = *cards.pictures.get(place).ok_or_else(not_possible)?;
        if cards.is_found(place) || cards.first == Some(place) {
            return Err(not_possible());
        }
        let Some(first) = cards.first.take() else {
            cards.first = Some(place);
            cards.up = vec![place];
            return Ok(());
        };
        cards.turns = cards.turns.saturating_add(1);
        cards.up = vec![first, place];
        if cards.pictures.get(first) == Some(&picture) {
            cards.found.push(picture);
        }
        Ok(())
    }

    fn over(&self, cards: &Cards) -> bool {
        cards.found.len() * 2 >= cards.pictures.len()
    }

    fn score(&self, cards: &Cards, _: u32) -> u32 {
        let pairs = u32::try_from(cards.found.len()).unwrap_or_default();
        if self.over(cards) {
            (pairs * WHOLE).checked_div(cards.turns).unwrap_or(WHOLE)
        } else {
            0
        }
    }

    fn problems(&self, shell: &Shell<'_>) -> Vec<SetupProblem> {
        let mut found = Vec::new();
        if !PICTURES.contains(&self.pictures.len()) {
            found.push(SetupProblem::error(
                "pictures",
                "there are 3 to 12 pictures",
                "Add or remove pictures",
            ));
        }
        for (at, picture) in self.pictures.iter().enumerate() {
            let path = |part: &str| format!("pictures[{at}].{part}");
            let symbol = picture.symbol.trim();
            if (symbol.is_empty() && picture.image.is_none())
                || symbol.chars().count() > SYMBOL_LENGTH
            {
                found.push(SetupProblem::error(
                    path("symbol"),
                    "there is nothing that fits on the card",
                    "Choose an image, or use an emoji or a letter or two",
                ));
            }
            let mut before = self.pictures.iter().take(at);
            if before.any(|it| it.symbol == picture.symbol && it.image == picture.image) {
                found.push(SetupProblem::error(
                    path("symbol"),
                    "two pictures look the same",
                    "Use another one",
                ));
            }
            game::text_problems(&path("name"), &picture.name, true, shell, &mut found);
            game::image_problems(&path("image"), picture.image.as_deref(), shell, &mut found);
        }
        found
    }

    fn controls() -> Vec<Control> {
        let item = vec![
            control("name", "memory-control-name", ControlKind::LocalText, true),
            control("symbol", "memory-control-symbol", ControlKind::Text, false),
            control("image", "memory-control-image", ControlKind::Image, false),
        ];
        let pictures = ControlKind::List {
            item,
            min: *PICTURES.start(),
            max: *PICTURES.end(),
        };
        vec![control(
            "pictures",
            "memory-control-pictures",
            pictures,
            true,
        )]
    }

    fn look(&self, context: &FaceContext<'_>, cards: &Cards) -> Result<String, askama::Error> {
        self.board(context, cards, false)
    }

    fn end(&self, context: &FaceContext<'_>, cards: &Cards) -> Result<String, askama::Error> {
        self.board(context, cards, true)
    }
}
