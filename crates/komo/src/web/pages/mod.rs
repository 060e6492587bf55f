//! The pages that participants see: a publication in, HTML text out. Every page works without JavaScript and
//! needs no inline style or script.
//! Promises: the participant's language, one `h1`, labels for all inputs, nothing of a draft.
//! Leaves routes, headers, languages and storage to the handlers, colours of a card's face to its engine.

mod build;
mod build_form;
pub mod texts;
mod theme;
pub mod view;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use askama::Template;
use engage::{
    cards::{FactValues, Move, ResultRow},
    form::{FieldError, Told},
    hub::{FormPosition, Image, Page, Publication, PublishedCard, Terms},
    ids::PlayId,
    text::{Locale, markdown},
    time::Millis,
};

pub use theme::theme_css;
pub use view::Assets;
use view::{CardView, Control, FaceView, FormView, Frame, LinkView, NoticeView, SectionView};

/// What every page of a hub needs to know.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// The publication.
    pub publication: &'a Publication,
    /// The participant's language.
    pub locale: &'a Locale,
    /// The moment of the request.
    pub now: Millis,
    /// The static files.
    pub assets: &'a Assets,
    /// Address of the hub's theme stylesheet.
    pub theme_href: &'a str,
    /// Where the hub's pages are, `/h/demo`; elsewhere for a preview.
    pub base: &'a str,
    /// Scheme and host for shared links, `https://hubs.example.com`; empty when unknown.
    pub origin: &'a str,
    /// The path of this page as requested, for the language switch: `/h/demo/flavours`.
    pub path: &'a str,
    /// Query to carry along on inner links without `?`: language chosen by hand, UTM and `komo_e:` parameters, already
    /// percent-encoded. `lang` is replaced in the language switch. Empty for none.
    pub keep: &'a str,
    /// What this browser has told before, by contact property.
    pub told: &'a Told,
    /// Address of a picture of the hub.
    pub image_href: &'a dyn Fn(&Image) -> String,
}

/// What a card's page shows below the title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardStage {
    /// The play. A refused move stands in the visit's errors.
    Play,
    /// The form, below the results when something was played. Refused answers stand in the visit's errors.
    Form,
    /// All done: thanks, below them the results when something was played.
    Done,
    /// The limit of entries is used up; until then, when it comes to an end.
    Again(Option<Millis>),
    /// No longer open since then.
    Closed(Option<Millis>),
    /// Not open until then.
    Early(Option<Millis>),
}

impl CardStage {
    /// Where a person begins with an open card: at the form or at the play, as the author wants it.
    pub fn first(card: &PublishedCard) -> Self {
        let at_end = card
            .doc
            .form
            .as_ref()
            .is_none_or(|form| form.position == FormPosition::End);
        if card.engine.playable() && at_end {
            Self::Play
        } else {
            Self::Form
        }
    }
}

/// What is known about this visit of a card.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    /// The play that this page belongs to: a new one for a fresh page, the same one after a move.
    pub play_id: Option<PlayId>,
    /// What was typed, or comes from prefill parameters: values by field key; a ticked box is `true`.
    pub values: BTreeMap<String, String>,
    /// What was refused.
    pub errors: Vec<FieldError>,
    /// The move that was refused; empty when none was.
    pub tried: Move,
    /// Where the play stands; none before its first move.
    pub stand: Option<Stand>,
    /// Results, if they may be seen.
    pub results: Vec<ResultRow>,
}

impl Visit {
    /// Whether the play is over.
    fn played(&self) -> bool {
        self.stand.as_ref().is_some_and(|stand| stand.finished)
    }
}

/// Where a play stands.
#[derive(Clone, Debug, Default)]
pub struct Stand {
    /// What its last move left, in the words of the card's kind.
    pub state: serde_json::Value,
    /// What it can tell by now.
    pub facts: FactValues,
    /// How many moves there were.
    pub moves: u32,
    /// Whether it is over.
    pub finished: bool,
}

/// What went wrong, as far as a participant cares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// 404.
    NotFound,
    /// 410.
    Gone,
    /// 409: the form on the page was sent before, or its play can't be used.
    Stale,
    /// 400 and the like: what was sent can't be read.
    Unreadable,
    /// 429.
    TooMany,
    /// 500, with a reference for support when there is one.
    Broken(Option<String>),
    /// 503: not stored.
    Unavailable,
}

#[derive(Template)]
#[template(path = "hub.html", config = "src/web/pages/askama.toml")]
struct HubTemplate {
    frame: Frame,
    sections: Vec<SectionView>,
    titled: bool,
}

#[derive(Template)]
#[template(path = "card.html", config = "src/web/pages/askama.toml")]
struct CardTemplate {
    frame: Frame,
    card: CardView,
    notice: Option<NoticeView>,
    face: Option<FaceView>,
    form: Option<FormView>,
    next: Option<LinkView>,
    after: bool,
}

#[derive(Template)]
#[template(path = "terms.html", config = "src/web/pages/askama.toml")]
struct TermsTemplate {
    frame: Frame,
    heading: String,
    version: texts::Said,
    text_html: String,
}

#[derive(Template)]
#[template(path = "error.html", config = "src/web/pages/askama.toml")]
struct ErrorTemplate {
    frame: Frame,
    heading: &'static str,
    happened: &'static str,
    remedy: &'static str,
    reference_html: Option<String>,
    home: Option<LinkView>,
}

/// A page of the hub with its sections and cards.
pub fn hub_page(site: &Site<'_>, page: &Page) -> askama::Result<String> {
    let sections = build::sections(site, page);
    let titled = sections.iter().any(|section| section.first);
    HubTemplate {
        frame: build::hub_frame(site, page),
        sections,
        titled,
    }
    .render()
}

/// A card on its own page.
pub fn card_page(
    site: &Site<'_>,
    card: &PublishedCard,
    stage: CardStage,
    visit: &Visit,
) -> askama::Result<String> {
    build::card(site, card, stage, visit)?.render()
}

/// A text that participants agree to.
pub fn terms_page(site: &Site<'_>, terms: &Terms) -> askama::Result<String> {
    let heading = build::local(site, &terms.title);
    let words = build::words(site);
    TermsTemplate {
        frame: build::plain_frame(site, &heading, false),
        heading,
        version: words.say(&texts::fill(words.version, &terms.version)),
        text_html: markdown::html(&build::local(site, &terms.text)),
    }
    .render()
}

/// What a person reads instead of a page. In the hub's look when the hub is known, else in the product's.
pub fn error_page(
    site: Option<&Site<'_>>,
    assets: &Assets,
    locale: &Locale,
    trouble: &Trouble,
) -> askama::Result<String> {
    let texts = texts::Words::of(locale);
    let [heading, happened, remedy] = match trouble {
        Trouble::NotFound => texts.errors.not_found,
        Trouble::Gone => texts.errors.gone,
        Trouble::Stale => texts.errors.stale,
        Trouble::Unreadable => texts.errors.unreadable,
        Trouble::TooMany => texts.errors.too_many,
        Trouble::Broken(_) => texts.errors.broken,
        Trouble::Unavailable => texts.errors.unavailable,
    };
    let reference_html = match trouble {
        Trouble::Broken(Some(reference)) => {
            let code = format!("<code>{}</code>", texts::Said::from(reference.clone()));
            Some(texts.mark(texts::fill(texts.errors.reference, &code)))
        }
        _ => None,
    };
    let home = site.map(|site| LinkView {
        label: texts.say(texts.errors.home),
        href: build::page_href(site, ""),
        current: false,
    });
    let frame = match site {
        Some(site) => build::plain_frame(site, heading, true),
        None => build::product_frame(assets, texts, heading),
    };
    ErrorTemplate {
        frame,
        heading,
        happened,
        remedy,
        reference_html,
        home,
    }
    .render()
}
