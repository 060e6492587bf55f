//! One large picture, with a line below it and a way to go on.
//! Promises that the picture does not make the page jump, and that a link says where it leads.
//! Leaves cropping to the author.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    super::{Control, ControlKind, FaceContext, Kind},
    address::Address,
    checks::Checks,
    content::{self, Content, control, looked_at},
    picture::{Picture, picture},
};
use crate::{hub::CardDoc, text::LocalText};

pub(super) const KIND: Kind = looked_at!(ImageSetup, "image-title", "");

/// The setup of an image card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageSetup {
    /// Key of the picture.
    pub image: String,
    /// What stands below it.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub caption: LocalText,
    /// Where a button below it leads, `https://...`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// What the button says; without it, it names the host.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub link_label: LocalText,
}

fn sample() -> CardDoc {
    let setup = ImageSetup {
        image: "pistachio".to_owned(),
        caption: "Pistachios from Bronte, roasted on Monday, churned on Tuesday.".into(),
        link: None,
        link_label: LocalText::default(),
    };
    content::card(
        "pistachio-day",
        "Green gold",
        "What a day in our kitchen looks like.",
        &setup,
    )
}

#[derive(Template)]
#[template(path = "cards/media/image/face.html")]
struct Face<'a> {
    context: &'a FaceContext<'a>,
    picture: Option<Picture<'a>>,
    link: Option<&'a str>,
    label: String,
}

impl Content for ImageSetup {
    const NAME: &'static str = "image";

    fn check(&self, checks: &mut Checks<'_>) {
        checks.picture("image", &self.image);
        checks.translated("caption", &self.caption);
        checks.translated("link_label", &self.link_label);
        if let Some(link) = &self.link {
            checks.address("link", link);
        }
    }

    fn controls() -> Vec<Control> {
        vec![
            control("image", "image-control-image", ControlKind::Image, true),
            control(
                "caption",
                "image-control-caption",
                ControlKind::LocalText,
                false,
            ),
            control("link", "image-control-link", ControlKind::Address, false),
            control(
                "link_label",
                "image-control-link-label",
                ControlKind::LocalText,
                false,
            ),
        ]
    }

    fn look(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let address = self.link.as_deref().and_then(Address::read);
        let own = context.local(&self.link_label);
        Face {
            context,
            picture: picture(context, &self.image, &self.caption),
            link: self.link.as_deref().filter(|_| address.is_some()),
            label: if own.is_empty() {
                address
                    .map(|address| address.spoken_host().to_owned())
                    .unwrap_or_default()
            } else {
                own.to_owned()
            },
        }
        .render()
    }
}
