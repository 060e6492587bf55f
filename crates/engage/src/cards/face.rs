//! What a card's template is given, and the form that every card shares.
//! Promises HTML that can be sent without JavaScript, with a label for every input and errors beside their inputs.
//! Leaves the page around it, and its style, to the web crate.

use std::collections::BTreeMap;

use askama::Template;
use jiff::civil::Date;

use super::ResultRow;
use crate::{
    fields::{ControlShape, InputSpec},
    form::{FieldError, Form},
    hub::{Button, CardDoc, HubDoc},
    ids::PlayId,
    text::{LocalText, Locale, markdown, texts},
};

/// What is to be shown of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The play.
    Play,
    /// The data-capture form.
    Form,
    /// What comes after the last step: thanks, results.
    Done,
    /// This person has taken part before.
    AlreadyEntered,
    /// The run hasn't begun.
    NotYetOpen,
    /// The run is over.
    Closed,
}

/// Everything a face may show.
#[derive(Clone, Copy, Debug)]
pub struct FaceContext<'a> {
    /// The participant's language.
    pub locale: &'a Locale,
    /// The participant's day.
    pub today: Date,
    /// The hub.
    pub hub: &'a HubDoc,
    /// The card.
    pub card: &'a CardDoc,
    /// The card's form.
    pub form: Option<&'a Form>,
    /// What is to be shown.
    pub stage: Stage,
    /// Address of the hub, `/h/demo`, for links to its pages, cards and terms.
    pub hub_url: &'a str,
    /// Where a move is posted.
    pub play_url: &'a str,
    /// Where the form is posted.
    pub entry_url: &'a str,
    /// Addresses of the hub's images by key.
    pub image_urls: &'a BTreeMap<String, String>,
    /// The play that this page belongs to; a retry sends the same.
    pub play_id: Option<PlayId>,
    /// What was refused; the field is `""` for what belongs to no field.
    pub errors: &'a [FieldError],
    /// What was sent before, by key, so that nothing has to be typed twice. Also what the URL fills in advance.
    pub previous: &'a BTreeMap<String, String>,
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

    fn button_url(&self, button: &Button) -> Option<String> {
        match button {
            Button { url: Some(url), .. } => Some(url.clone()),
            Button {
                card: Some(card), ..
            } => Some(format!("{}/c/{card}", self.hub_url)),
            Button {
                page: Some(page), ..
            } if page.is_empty() => Some(self.hub_url.to_owned()),
            Button {
                page: Some(page), ..
            } => Some(format!("{}/{page}", self.hub_url)),
            Button { .. } => None,
        }
    }

    /// What the card says instead of being played; none where there is something to do.
    pub fn notice(&self) -> Option<String> {
        let id = match self.stage {
            Stage::NotYetOpen => "card-not-yet-open",
            Stage::Closed => "card-closed",
            Stage::AlreadyEntered => "card-already-entered",
            Stage::Play | Stage::Form | Stage::Done => return None,
        };
        Some(self.say(id))
    }
}

/// One input with what was sent before and what is wrong with it.
struct Drawn {
    spec: InputSpec,
    value: String,
    error: Option<String>,
    described_by: String,
}

impl Drawn {
    fn is(&self, shape: &str) -> bool {
        let own = match self.spec.shape {
            ControlShape::Input => "input",
            ControlShape::Radio => "radio",
            ControlShape::Select => "select",
            ControlShape::Checkbox => "checkbox",
            ControlShape::Hidden => "hidden",
        };
        own == shape
    }

    fn ticked(&self) -> bool {
        matches!(self.value.as_str(), "on" | "true" | "1" | "yes")
    }
}

#[derive(Template)]
#[template(path = "cards/form.html")]
struct FormFace<'a> {
    context: &'a FaceContext<'a>,
    title: Option<&'a str>,
    intro: Option<String>,
    submit: String,
    inputs: Vec<Drawn>,
}

#[derive(Template)]
#[template(path = "cards/thanks.html")]
struct ThanksFace<'a> {
    title: String,
    text: String,
    button: Option<(&'a str, String)>,
}

#[derive(Template)]
#[template(source = "<p class=\"komo-notice\">{{ notice }}</p>", ext = "html")]
struct NoticeFace {
    notice: String,
}

/// The sentence that stands for a card that can't be played now; none where it can.
pub(super) fn notice_face(context: &FaceContext<'_>) -> Option<Result<String, askama::Error>> {
    context
        .notice()
        .map(|notice| NoticeFace { notice }.render())
}

/// The data-capture form; empty when the card has none.
pub fn form_face(context: &FaceContext<'_>) -> Result<String, askama::Error> {
    let Some(form) = context.form else {
        return Ok(String::new());
    };
    let doc = form.doc();
    let inputs = form
        .inputs(context.locale, context.today)
        .into_iter()
        .map(|spec| {
            let error = context
                .errors
                .iter()
                .find(|error| error.field == spec.key)
                .map(|error| error.message.clone());
            let described_by = [
                spec.help.as_ref().map(|_| spec.help_id()),
                error.as_ref().map(|_| spec.error_id()),
            ]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ");
            let value = context
                .previous
                .get(&spec.key)
                .or(spec.value.as_ref())
                .cloned()
                .unwrap_or_default();
            Drawn {
                spec,
                value,
                error,
                described_by,
            }
        })
        .collect();
    FormFace {
        context,
        title: doc
            .title
            .as_ref()
            .map(|title| context.local(title))
            .filter(|title| !title.is_empty()),
        intro: doc
            .intro
            .as_ref()
            .map(|intro| markdown::html(context.local(intro))),
        submit: doc
            .submit
            .as_ref()
            .map(|submit| context.local(submit).to_owned())
            .filter(|submit| !submit.is_empty())
            .unwrap_or_else(|| context.say("form-submit")),
        inputs,
    }
    .render()
}

/// What is shown after entering.
pub(super) fn thanks_face(context: &FaceContext<'_>) -> Result<String, askama::Error> {
    let thanks = context.form.and_then(|form| form.doc().thanks.as_ref());
    let own = |text: Option<&LocalText>| {
        text.map(|text| {
            text.get(context.locale, context.hub.default_locale())
                .to_owned()
        })
        .filter(|text| !text.is_empty())
    };
    ThanksFace {
        title: own(thanks.and_then(|thanks| thanks.title.as_ref()))
            .unwrap_or_else(|| context.say("form-thanks-title")),
        text: markdown::html(
            &own(thanks.and_then(|thanks| thanks.text.as_ref()))
                .unwrap_or_else(|| context.say("form-thanks-text")),
        ),
        button: thanks
            .and_then(|thanks| thanks.button.as_ref())
            .and_then(|button| {
                let label = button
                    .label
                    .get(context.locale, context.hub.default_locale());
                Some((label, context.button_url(button)?))
            }),
    }
    .render()
}
