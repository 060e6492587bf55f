//! What a card's template is given.
//! Promises that a face is the card's own part only: the play, and its results.
//! Leaves forms, thanks, notices and the page around them, with all style, to the web crate.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{FactValues, Move, ResultRow};
use crate::{
    form::FieldError,
    hub::{CardDoc, HubDoc},
    ids::PlayId,
    text::{LocalText, Locale, texts},
    time::Millis,
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
    /// The move that was refused, so that nothing that was typed is lost; empty when none was.
    pub tried: &'a Move,
    /// Results to show, if they may be seen.
    pub results: &'a [ResultRow],
    /// Where the play stands; none before its first move.
    pub stand: Option<PlayStand<'a>>,
    /// The moment of the request.
    pub now: Millis,
}

/// Where a play stands.
#[derive(Clone, Copy, Debug)]
pub struct PlayStand<'a> {
    /// What the last move left, in the kind's own words; a face shows of it only what the participant may see.
    pub state: &'a Json,
    /// What the play can tell by now.
    pub facts: &'a FactValues,
    /// How many moves there were.
    pub moves: u32,
    /// Whether it is over.
    pub finished: bool,
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

    /// How many moves there were: the hidden input `step` of every form.
    pub fn step(&self) -> u32 {
        self.stand.map_or(0, |stand| stand.moves)
    }

    /// The state that the last move left, as the kind reads it.
    pub(super) fn state<T: Default + serde::de::DeserializeOwned>(&self) -> T {
        self.stand
            .map_or_else(T::default, |stand| super::card::state(stand.state))
    }

    /// A fact of the play as text; empty when there is none.
    pub fn fact(&self, key: &str) -> String {
        let found = self.stand.and_then(|stand| stand.facts.get(key));
        found.map(crate::Value::to_text).unwrap_or_default()
    }

    /// What was wrong with an input of the last move; `""` asks for what was wrong with the move as a whole.
    pub fn error(&self, input: &str) -> Option<&'a str> {
        let about = self.errors.iter().find(|error| error.field == input);
        about.map(|error| error.message.as_str())
    }

    /// A product text with a number in it (`$number`).
    pub fn say_number(&self, id: &str, number: impl Into<texts::Arg<'a>>) -> String {
        texts::message(self.locale, id, &[("number", number.into())])
    }

    /// The address of an image.
    pub fn image_url(&self, key: &str) -> Option<&'a str> {
        self.image_urls.get(key).map(String::as_str)
    }
}
