//! A film or a song from somewhere else, shown in the page once somebody wants it.
//! Promises that nothing is loaded from there before, that only known players are framed, and that a link is always there.
//! Leaves making the frame to the island, and naming its origin in the page's policies to the web crate.

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

mod provider;

use provider::Player;

pub(super) const KIND: Kind = looked_at!(EmbedSetup, "embed-title", include_str!("island.js"));

/// The setup of embedded content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmbedSetup {
    /// Where it is: a page of YouTube, Vimeo or Spotify, `https://...`.
    pub address: String,
    /// What it is, in a few words.
    pub title: LocalText,
    /// What else is to be said.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub text: LocalText,
    /// Key of the picture that is shown until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

fn sample() -> CardDoc {
    let setup = EmbedSetup {
        address: "https://vimeo.com/76979871".to_owned(),
        title: "How a scoop gets round".into(),
        text: "Two minutes in our kitchen, without a word.".into(),
        image: Some("churning".to_owned()),
    };
    content::card("film", "From the kitchen", "A short film.", &setup)
}

#[derive(Template)]
#[template(path = "cards/media/embed/face.html")]
struct Face<'a> {
    context: &'a FaceContext<'a>,
    title: &'a str,
    text: &'a str,
    picture: Option<Picture<'a>>,
    address: &'a str,
    player: Option<Player>,
    show: String,
    note: String,
    link: String,
}

impl Content for EmbedSetup {
    const NAME: &'static str = "embed";

    fn check(&self, checks: &mut Checks<'_>) {
        if Player::of(&self.address).is_none() {
            checks.error(
                "address",
                "this is not a film or a song of YouTube, Vimeo or Spotify",
                "Copy the address of its page there, beginning with https://, or use a card that links to it",
            );
        }
        checks.text("title", &self.title);
        checks.translated("text", &self.text);
        if let Some(image) = &self.image {
            checks.picture("image", image);
        }
    }

    fn controls() -> Vec<Control> {
        vec![
            control(
                "address",
                "embed-control-address",
                ControlKind::Address,
                true,
            ),
            control("title", "embed-control-title", ControlKind::LocalText, true),
            control("text", "embed-control-text", ControlKind::LocalText, false),
            control("image", "embed-control-image", ControlKind::Image, false),
        ]
    }

    fn frames(&self) -> Vec<&'static str> {
        Player::of(&self.address)
            .map(|player| player.origin)
            .into_iter()
            .collect()
    }

    fn look(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let player = Player::of(&self.address);
        let name = player.as_ref().map_or("", |player| player.name);
        let say = |id| texts::message(context.locale, id, &[("provider", name.into())]);
        let none = LocalText::default();
        let picture = self
            .image
            .as_deref()
            .and_then(|key| picture(context, key, &none))
            .map(|found| Picture {
                caption: "",
                ..found
            });
        Face {
            context,
            title: context.local(&self.title),
            text: context.local(&self.text),
            picture,
            address: &self.address,
            show: say("embed-show"),
            note: say("embed-note"),
            link: say("embed-link"),
            player,
        }
        .render()
    }
}

#[cfg(test)]
mod tests;
