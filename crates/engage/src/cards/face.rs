//! What a card's template is given.
//! Promises that a face is the card's own part only: the play, and its results.
//! Leaves forms, thanks, notices and the page around them, with all style, to the web crate.

use std::collections::BTreeMap;

use super::ResultRow;
use crate::{
    form::FieldError,
    hub::{CardDoc, HubDoc},
    ids::PlayId,
    text::{LocalText, Locale, texts},
};

/// What is to be shown of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The play.
    Play,
    /// What the play came to.
    Results,
}

/// Everything a face may show.
#[derive(Clone, Copy, Debug)]
pub struct FaceContext<'a> {
    /// The participant's language.
    pub locale: &'a Locale,
    /// The hub.
    pub hub: &'a HubDoc,
    /// The card.
    pub card: &'a CardDoc,
    /// What is to be shown.
    pub stage: Stage,
    /// Where a move is posted.
    pub play_url: &'a str,
    /// Where the play stands, as JSON; for islands that keep results up to date. Empty when nothing was played.
    pub stand_url: &'a str,
    /// Addresses of the hub's images by key.
    pub image_urls: &'a BTreeMap<String, String>,
    /// The play that this page belongs to; a retry sends the same.
    pub play_id: Option<PlayId>,
    /// Why the last move was refused.
    pub errors: &'a [FieldError],
    /// Results to show, if they may be seen.
    pub results: &'a [ResultRow],
    /// Key of the option this person has chosen.
    pub chosen: Option<&'a str>,
}

impl<'a> FaceContext<'a> {
    /// An author's text in the participant's language.
    pub fn local(&self, text: &'a LocalText) -> &'a str {
        text.get(self.locale, self.hub.default_locale())
    }

    /// A product text in the participant's language.
    pub fn say(&self, id: &str) -> String {
        texts::plain(self.locale, id)
    }

    /// The play id as text; empty when there is none.
    pub fn play(&self) -> String {
        self.play_id
            .map(|play| play.to_string())
            .unwrap_or_default()
    }

    /// The address of an image.
    pub fn image_url(&self, key: &str) -> Option<&'a str> {
        self.image_urls.get(key).map(String::as_str)
    }
}
