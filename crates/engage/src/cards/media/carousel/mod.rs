//! Several pictures in a row that can be leafed through.
//! Promises a list that scrolls by finger, wheel and keys, without scripts too.
//! Leaves gestures to the browser.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    super::{Control, ControlKind, FaceContext, Kind},
    checks::Checks,
    content::{self, Content, control, looked_at},
    picture::{Picture, picture},
};
use crate::{
    hub::CardDoc,
    text::{LocalText, texts},
};

pub(super) const KIND: Kind =
    looked_at!(CarouselSetup, "carousel-title", include_str!("island.js"));

/// Nobody leafs further.
const MOST_PICTURES: usize = 12;

/// The setup of a carousel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CarouselSetup {
    /// The pictures in their order.
    pub pictures: Vec<CarouselPicture>,
}

/// A picture of a carousel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CarouselPicture {
    /// Key of the picture.
    pub image: String,
    /// What stands below it.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub caption: LocalText,
}

fn sample() -> CardDoc {
    let picture = |image: &str, caption: &str| CarouselPicture {
        image: image.to_owned(),
        caption: caption.into(),
    };
    let setup = CarouselSetup {
        pictures: vec![
            picture(
                "dawn",
                "Five in the morning: the milk arrives from the hill.",
            ),
            picture("churn", "Forty minutes in the churn, and nobody talks."),
            picture("first-spoon", "The first spoon always goes to the milkman."),
        ],
    };
    content::card(
        "morning",
        "A morning at Nonna Sole",
        "Three pictures, from dark to bright.",
        &setup,
    )
}

struct Slide<'a> {
    picture: Picture<'a>,
    place: String,
}

#[derive(Template)]
#[template(path = "cards/media/carousel/face.html")]
struct Face<'a> {
    context: &'a FaceContext<'a>,
    slides: Vec<Slide<'a>>,
}

impl Content for CarouselSetup {
    const NAME: &'static str = "carousel";

    fn check(&self, checks: &mut Checks<'_>) {
        checks.count("pictures", self.pictures.len(), 2, MOST_PICTURES);
        for (at, picture) in self.pictures.iter().enumerate() {
            checks.picture(format!("pictures[{at}].image"), &picture.image);
            checks.translated(&format!("pictures[{at}].caption"), &picture.caption);
        }
    }

    fn controls() -> Vec<Control> {
        vec![control(
            "pictures",
            "carousel-control-pictures",
            ControlKind::List {
                item: vec![
                    control("image", "carousel-control-image", ControlKind::Image, true),
                    control(
                        "caption",
                        "carousel-control-caption",
                        ControlKind::LocalText,
                        false,
                    ),
                ],
                min: 2,
                max: MOST_PICTURES,
            },
            true,
        )]
    }

    fn look(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let found: Vec<Picture<'_>> = self
            .pictures
            .iter()
            .filter_map(|shown| picture(context, &shown.image, &shown.caption))
            .collect();
        let total = found.len();
        let slides = found
            .into_iter()
            .zip(1_u64..)
            .map(|(picture, place)| Slide {
                picture,
                place: texts::message(
                    context.locale,
                    "carousel-place",
                    &[("place", place.into()), ("total", total.into())],
                ),
            });
        Face {
            context,
            slides: slides.collect(),
        }
        .render()
    }
}
