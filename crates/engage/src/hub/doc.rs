//! The authored hub document, format `komo-hub-1`: what an author writes as TOML or JSON and the studio edits.
//! Promises one set of names for files, database and API; a key that nobody knows is refused, never ignored.
//! Leaves cross-checks to `problems`, run-time questions to `Publication`, a card's setup to its engine.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{connection::ConnectionDoc, mail::MailDoc};
use crate::{
    fields::FieldDoc,
    form::Known,
    text::{LocalText, Locale},
};

/// The only document format so far.
pub const FORMAT: &str = "komo-hub-1";

/// A whole hub, as its author wrote it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HubDoc {
    /// Always `komo-hub-1`.
    pub format: String,
    /// Name, languages, state.
    pub hub: HubHead,
    /// Colours and fonts.
    #[serde(default)]
    pub theme: Theme,
    /// Pictures that the rest of the document refers to by key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Image>,
    /// The menu.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub navigation: Vec<NavItem>,
    /// Versioned texts that participants agree to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<Terms>,
    /// Pages; the one with the empty path is the start page.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<Page>,
    /// Cards; pages place them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<CardDoc>,
    /// Transactional e-mails.
    #[serde(default, skip_serializing_if = "MailDoc::is_empty")]
    pub mail: MailDoc,
    /// Where the data goes, for example one Braze workspace each. Part of the file, not of the publication: a connection
    /// takes effect when it is saved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub connections: Vec<ConnectionDoc>,
}

impl HubDoc {
    /// The hub's default language: the first of its list.
    pub fn default_locale(&self) -> &Locale {
        self.hub.locales.first().unwrap_or(&Locale::ENGLISH)
    }

    /// The card with a key, as authored.
    pub fn card(&self, key: &str) -> Option<&CardDoc> {
        self.cards.iter().find(|card| card.key == key)
    }

    /// The picture with a key.
    pub fn image(&self, key: &str) -> Option<&Image> {
        self.images.iter().find(|image| image.key == key)
    }

    /// The page with a path, as authored.
    pub fn page(&self, path: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.path == path)
    }

    /// The terms with a key.
    pub fn terms(&self, key: &str) -> Option<&Terms> {
        self.terms.iter().find(|terms| terms.key == key)
    }
}

/// A hub's own facts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HubHead {
    /// The part of the address: `^[a-z0-9][a-z0-9-]{0,62}$`.
    pub slug: String,
    /// What participants read.
    pub name: LocalText,
    /// For search engines and shared links.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub description: LocalText,
    /// Languages; the first is the default.
    #[serde(default = "only_english")]
    pub locales: Vec<Locale>,
    /// Draft hubs are seen by members only.
    #[serde(default)]
    pub state: HubState,
    /// Before this moment the hub is not shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub opens_at: Option<Timestamp>,
    /// From this moment on the hub is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub closes_at: Option<Timestamp>,
    /// Key of the logo's image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// Where participants get help; shown on error pages and in the footer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_email: Option<String>,
}

fn only_english() -> Vec<Locale> {
    vec![Locale::ENGLISH]
}

/// Whether participants may see a hub at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HubState {
    /// Being made.
    #[default]
    Draft,
    /// Live.
    Published,
}

/// Colours (`#RGB` or `#RRGGBB`), corners and font families of a hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Theme {
    /// Buttons and marks.
    pub accent: String,
    /// Text on the accent colour.
    pub on_accent: String,
    /// Behind everything.
    pub background: String,
    /// Behind cards and forms.
    pub surface: String,
    /// Ordinary text.
    pub text: String,
    /// Secondary text.
    pub muted: String,
    /// Roundness of corners in CSS pixels, 0 to 40.
    pub radius: u8,
    /// Font family of headings.
    pub heading_font: Font,
    /// Font family of everything else.
    pub body_font: Font,
}

impl Default for Theme {
    fn default() -> Self {
        Self {
            accent: "#C2410C".to_owned(),
            on_accent: "#FFFFFF".to_owned(),
            background: "#FFF7ED".to_owned(),
            surface: "#FFFFFF".to_owned(),
            text: "#1C1917".to_owned(),
            muted: "#57534E".to_owned(),
            radius: 20,
            heading_font: Font::System,
            body_font: Font::System,
        }
    }
}

/// Families of fonts that every device has; nothing is loaded from elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Font {
    /// The device's own interface font.
    #[default]
    System,
    /// With serifs.
    Serif,
    /// Rounded.
    Rounded,
    /// All letters of one width.
    Mono,
}

/// A picture of the hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// The name the document uses for it.
    pub key: String,
    /// Path relative to the hub file, or a `data:` URI.
    pub file: String,
    /// What the picture says to somebody who does not see it; empty when it is decoration.
    #[serde(default)]
    pub alt: LocalText,
    /// Width in pixels; keeps the page from jumping while the picture loads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

/// Begins `Image::file` once the picture has been stored: `stored:{sha256}.{ending}`. Authors never write it.
pub const STORED_IMAGE: &str = "stored:";

/// An entry of the menu: to a page of the hub, or elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NavItem {
    /// What it says.
    pub label: LocalText,
    /// Path of a page of this hub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// An address elsewhere, `https://...`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A text that participants agree to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Part of its address `/h/{hub}/terms/{key}`.
    pub key: String,
    /// Changes whenever the text changes, for example `2026-03`.
    pub version: String,
    /// Heading.
    pub title: LocalText,
    /// The text, Markdown.
    pub text: LocalText,
}

/// A page of the hub.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// `""` is the start page; else a slug.
    pub path: String,
    /// Heading and window title.
    pub title: LocalText,
    /// Sections from top to bottom.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sections: Vec<Section>,
}

/// A part of a page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// How the placements are laid out.
    #[serde(default)]
    pub layout: Layout,
    /// Heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<LocalText>,
    /// Text below the heading, Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<LocalText>,
    /// Key of an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Cards of this section.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub placements: Vec<Placement>,
}

/// How a section lays its cards out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Large, with the section's image.
    Hero,
    /// Side by side, as many as fit.
    #[default]
    Grid,
    /// One line that scrolls.
    Row,
}

/// A card on a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// Key of the card.
    pub card: String,
    /// How much room it takes.
    #[serde(default)]
    pub size: PlacementSize,
    /// Whether it is shown here.
    #[serde(default)]
    pub visibility: PlacementVisibility,
    /// With `scheduled`: shown from this moment on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub from: Option<Timestamp>,
    /// With `scheduled`: no longer shown from this moment on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub until: Option<Timestamp>,
}

/// How much room a placement takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlacementSize {
    /// One cell.
    #[default]
    Normal,
    /// The whole width.
    Wide,
}

/// The placement's own layer of visibility.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlacementVisibility {
    /// Shown whenever hub and card allow it.
    #[default]
    Visible,
    /// Not shown.
    Hidden,
    /// Shown between `from` and `until`.
    Scheduled,
}

/// A card: the shell that all kinds share, and the setup of its kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CardDoc {
    /// Part of its address; stays the same for ever.
    pub key: String,
    /// Name in the registry of cards: `form-only`, `poll`.
    pub kind: String,
    /// Internal name; empty means the title.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What participants read first.
    pub title: LocalText,
    /// A sentence or two.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub description: LocalText,
    /// Key of the cover image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// What the button on the cover says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_to_action: Option<LocalText>,
    /// Author or sponsor tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<LocalText>,
    /// The card's own layer of visibility.
    #[serde(default)]
    pub state: CardState,
    /// Start of the card's run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub opens_at: Option<Timestamp>,
    /// End of the card's run: afterwards it is seen as closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub closes_at: Option<Timestamp>,
    /// What the author made, in the words of the kind.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub setup: Map<String, Json>,
    /// Data-capture form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<CardForm>,
    /// How often the same person may enter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entries: Option<EntryRules>,
}

impl CardDoc {
    /// Whether people fill in a form before they play.
    pub fn form_first(&self) -> bool {
        let form = self.form.as_ref();
        form.is_some_and(|form| form.position == FormPosition::Start)
    }

    /// A published card with nothing but its names.
    pub fn new(key: &str, kind: &str, title: &str) -> Self {
        Self {
            key: key.to_owned(),
            kind: kind.to_owned(),
            name: String::new(),
            title: title.into(),
            description: LocalText::default(),
            image: None,
            call_to_action: None,
            author: None,
            state: CardState::Published,
            opens_at: None,
            closes_at: None,
            setup: Map::new(),
            form: None,
            entries: None,
        }
    }
}

/// Whether participants may see a card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CardState {
    /// Being made.
    #[default]
    Draft,
    /// Shown; playable between `opens_at` and `closes_at`.
    Published,
    /// Not shown before `opens_at`; otherwise like published.
    Scheduled,
}

/// The data-capture form of a card.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CardForm {
    /// Before or after the play.
    #[serde(default)]
    pub position: FormPosition,
    /// Heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<LocalText>,
    /// Text above the fields, Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intro: Option<LocalText>,
    /// What the button says; the product has a text of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submit: Option<LocalText>,
    /// What is shown afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thanks: Option<Thanks>,
    /// What happens to questions that this browser has answered before, in any form of the workspace.
    #[serde(default, skip_serializing_if = "Known::is_ask")]
    pub known: Known,
    /// With `known = "skip"`: at most so many questions about the person that are still open are asked at a time, in the
    /// author's order. Left out: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask_at_most: Option<u8>,
    /// Questions in the author's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldDoc>,
}

/// Where the form stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FormPosition {
    /// Before the play.
    #[default]
    Start,
    /// After the play.
    End,
}

/// What a participant sees after entering.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Thanks {
    /// Heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<LocalText>,
    /// Text, Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<LocalText>,
    /// Where to go next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub button: Option<Button>,
}

/// A button with one destination: a page of the hub, a card of the hub, or an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Button {
    /// What it says.
    pub label: LocalText,
    /// Path of a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// Key of a card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
    /// An address, `https://...`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// How often the same person may enter, as authored. `engage::entry` has the rule that follows from it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryRules {
    /// The kind of limit.
    #[serde(default)]
    pub limit: LimitKind,
    /// `rolling` and `slots`: length of a window in hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_hours: Option<u32>,
    /// `slots`: start of the first slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub slots_from: Option<Timestamp>,
    /// Entries per window; 1 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// Fields whose normalised values together make two entries the same person's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_person: Option<Vec<String>>,
    /// No entries from this moment on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub closes_at: Option<Timestamp>,
}

/// The kinds of entry limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitKind {
    /// Once and never again.
    #[default]
    Single,
    /// `max` entries within any `window_hours`.
    Rolling,
    /// `max` entries in each slot of `window_hours`, counted from `slots_from`.
    Slots,
    /// As often as wanted.
    Unlimited,
}
