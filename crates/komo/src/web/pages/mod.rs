//! The pages that participants see: a publication in, HTML text out. Every page works without JavaScript and
//! needs no inline style or script.
//! Promises: the participant's language, one `h1`, labels for all inputs, nothing of a draft.
//! Leaves routes, headers, languages and storage to the handlers, colours of a card's face to its engine.

mod build;
mod build_form;
pub mod markdown;
pub mod texts;
mod theme;
pub mod view;

#[cfg(test)]
mod tests;

use askama::Template;
use engage::{
    hub::{CardDoc, HubDoc, Image, Page, Placement, Terms},
    text::Locale,
    time::Millis,
};
use jiff::civil::Date;

pub use build_form::Answers;
pub use theme::theme_css;
pub use view::Assets;
use view::{CardView, Control, FormView, Frame, LinkView, NoticeView, SectionView};

/// What every page of a hub needs to know.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// The published document.
    pub doc: &'a HubDoc,
    /// The participant's language.
    pub locale: &'a Locale,
    /// The static files.
    pub assets: &'a Assets,
    /// The participant's day, for ages.
    pub today: Date,
    /// Address of the hub's theme stylesheet.
    pub theme_href: &'a str,
    /// Scheme and host for shared links, `https://hubs.example.com`; empty when unknown.
    pub origin: &'a str,
    /// The path of this page as requested, for the language switch: `/h/demo/flavours`.
    pub path: &'a str,
    /// Query to carry along on inner links without `?`: language chosen by hand, UTM and `komo_e:` parameters.
    /// `lang` is replaced in the language switch. Empty for none.
    pub keep: &'a str,
    /// Address of a picture of the hub.
    pub image_href: &'a dyn Fn(&Image) -> String,
    /// May this card be seen and played (on this placement, or on its own page)?
    pub availability: &'a dyn Fn(&CardDoc, Option<&Placement>) -> Availability,
}

/// Whether a card is there for participants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// To be seen and played.
    Open,
    /// To be seen only, since then.
    Closed(Option<Millis>),
    /// To be seen only, until then.
    Early(Option<Millis>),
    /// Not to be seen.
    Hidden,
}

/// What a card's page shows below the title.
#[derive(Debug)]
pub enum CardStage<'a> {
    /// Ready: the face (when the kind has one) and, with a form at the start, the form.
    Fresh {
        /// The engine's face, trusted HTML; `None` for kinds without one.
        face: Option<&'a str>,
        /// The id for this play, to be posted along.
        play_id: &'a str,
        /// Values from prefill parameters.
        answers: &'a Answers,
    },
    /// The play is over (results in the face) and the form at the end follows, or the form has errors.
    Form {
        /// The engine's face after the move, trusted HTML.
        face: Option<&'a str>,
        /// The id of the play.
        play_id: &'a str,
        /// What was typed, with the problems of each field. Empty at first.
        answers: &'a Answers,
    },
    /// Entered.
    Thanks {
        /// Results to show again below the thanks.
        face: Option<&'a str>,
    },
    /// The limit of entries is used up.
    Again,
    /// No longer open.
    Closed(Option<Millis>),
    /// Not yet open.
    Early(Option<Millis>),
}

/// What went wrong, as far as a participant cares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// 404.
    NotFound,
    /// 410.
    Gone,
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
struct CardTemplate<'a> {
    frame: Frame,
    card: CardView,
    notice: Option<NoticeView>,
    face: Option<&'a str>,
    form: Option<FormView>,
    after: bool,
}

#[derive(Template)]
#[template(path = "terms.html", config = "src/web/pages/askama.toml")]
struct TermsTemplate {
    frame: Frame,
    heading: String,
    version: String,
    text_html: String,
}

#[derive(Template)]
#[template(path = "error.html", config = "src/web/pages/askama.toml")]
struct ErrorTemplate {
    frame: Frame,
    heading: &'static str,
    happened: &'static str,
    remedy: &'static str,
    reference: Option<String>,
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
pub fn card_page(site: &Site<'_>, card: &CardDoc, stage: &CardStage<'_>) -> askama::Result<String> {
    let parts = build::card(site, card, stage);
    CardTemplate {
        frame: parts.frame,
        card: parts.card,
        notice: parts.notice,
        face: parts.face,
        form: parts.form,
        after: !matches!(stage, CardStage::Fresh { .. }),
    }
    .render()
}

/// A text that participants agree to.
pub fn terms_page(site: &Site<'_>, terms: &Terms) -> askama::Result<String> {
    let heading = build::local(site, &terms.title);
    TermsTemplate {
        frame: build::plain_frame(site, &heading, false),
        heading,
        version: terms.version.clone(),
        text_html: markdown::to_html(&build::local(site, &terms.text)),
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
    let texts = texts::texts(locale.as_str());
    let [heading, happened, remedy] = match trouble {
        Trouble::NotFound => texts.errors.not_found,
        Trouble::Gone => texts.errors.gone,
        Trouble::TooMany => texts.errors.too_many,
        Trouble::Broken(_) => texts.errors.broken,
        Trouble::Unavailable => texts.errors.unavailable,
    };
    let reference = match trouble {
        Trouble::Broken(reference) => reference.clone(),
        _ => None,
    };
    let home = site.map(|site| LinkView {
        label: texts.errors.home.to_owned(),
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
        reference,
        home,
    }
    .render()
}
