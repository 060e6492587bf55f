//! What the participant's pages show, as plain data: texts are already in the participant's language,
//! links are complete, HTML fields (`*_html`) are already safe. Templates only lay these out.
//! How the data is taken out of a publication is `build`'s; markup is the templates'.

use std::{collections::BTreeMap, sync::Arc};

use super::texts::{Said, Words};

/// Addresses of the static files, with their content hash where the server adds one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    /// The one stylesheet of all participant pages (`assets/hub.css`).
    pub stylesheet: String,
    /// The island that improves forms (`assets/komo-form.js`).
    pub form_script: String,
    /// The island that plays without leaving the page (`assets/komo-play.js`).
    pub play_script: String,
    /// What the kinds of cards bring, by their names.
    pub kinds: Arc<BTreeMap<&'static str, KindAssets>>,
    /// The product's icon, for pages of no hub (`assets/favicon.svg`).
    pub favicon: String,
}

impl Default for Assets {
    /// The files without a hash, straight under `/assets/`.
    fn default() -> Self {
        Self {
            stylesheet: "/assets/hub.css".to_owned(),
            form_script: "/assets/komo-form.js".to_owned(),
            play_script: "/assets/komo-play.js".to_owned(),
            kinds: Arc::default(),
            favicon: "/assets/favicon.svg".to_owned(),
        }
    }
}

/// The files of a kind of card, where it has some.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KindAssets {
    /// Its island.
    pub script: Option<String>,
    /// Its stylesheet.
    pub style: Option<String>,
}

/// A card's own part: the play, or what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaceView {
    /// Safe HTML.
    pub html: String,
    /// `fresh` before the first move, `open` in the middle of a play, `done` afterwards.
    pub stage: &'static str,
    /// What the island says when a move cannot be sent.
    pub unsent: String,
}

/// An image with the size that keeps the page from jumping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageView {
    /// Where it is served.
    pub href: String,
    /// Text for who does not see it; empty = decorative.
    pub alt: String,
    /// Width in CSS pixels.
    pub width: u32,
    /// Height in CSS pixels.
    pub height: u32,
}

/// A link or link-like button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkView {
    /// Visible text.
    pub label: Said,
    /// Target.
    pub href: String,
    /// Is it the page that is shown?
    pub current: bool,
}

/// One entry of the language switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanguageView {
    /// BCP 47 tag, also the `lang` and `hreflang` of the link.
    pub code: String,
    /// The language's own name: English, Deutsch; may be empty.
    pub name: &'static str,
    /// The same page in that language.
    pub href: String,
    /// Is it the language of this page?
    pub current: bool,
}

/// The brand's part of the frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubFrame {
    /// The hub's name.
    pub name: String,
    /// Its start page.
    pub home: String,
    /// Its logo; without one the name is set in type.
    pub logo: Option<ImageView>,
    /// The navigation in the author's order.
    pub navigation: Vec<LinkView>,
    /// The terms, linked in the footer.
    pub terms: Vec<LinkView>,
    /// Whom to write to.
    pub contact_email: Option<String>,
}

/// Everything around the main part of a page.
#[derive(Clone, Debug)]
pub struct Frame {
    /// BCP 47 tag of the page.
    pub locale: String,
    /// Is it written from right to left?
    pub right_to_left: bool,
    /// The product's own words in that language.
    pub texts: Words,
    /// Title of the browser tab, complete.
    pub title: String,
    /// Title when shared: without the hub's name.
    pub share_title: String,
    /// Meta description; may be empty.
    pub description: String,
    /// Scheme and host of this page; empty when unknown.
    pub origin: String,
    /// Absolute address of this page, when it may be shared.
    pub canonical: Option<String>,
    /// Absolute address of the picture for shared links.
    pub share_image: Option<String>,
    /// The hub's theme stylesheet.
    pub theme_href: Option<String>,
    /// The static files.
    pub assets: Assets,
    /// Icon of the tab.
    pub favicon: String,
    /// Stylesheets beside the product's and the hub's.
    pub styles: Vec<String>,
    /// Modules to load.
    pub scripts: Vec<String>,
    /// The brand, when the page belongs to one.
    pub hub: Option<HubFrame>,
    /// The other languages; empty when there is only one.
    pub languages: Vec<LanguageView>,
    /// Keep the page out of search engines (states of a person, errors).
    pub noindex: bool,
}

/// A card as a tile of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TileView {
    /// The card's page.
    pub href: String,
    /// Title.
    pub title: String,
    /// One or two sentences; may be empty.
    pub description: String,
    /// Cover.
    pub image: Option<ImageView>,
    /// Text of the button.
    pub call_to_action: Said,
    /// Sponsor tag.
    pub author: Option<Said>,
    /// Takes the whole row.
    pub wide: bool,
    /// Can it be played now?
    pub open: bool,
    /// "Closed", "Opens on 4 May 2026" as safe HTML: empty while it is open.
    pub note_html: String,
}

/// A section of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionView {
    /// `hero`, `grid` or `row`: also the class name.
    pub layout: &'static str,
    /// Heading; may be empty.
    pub heading: String,
    /// Text as safe HTML; may be empty.
    pub text_html: String,
    /// Picture of the section.
    pub image: Option<ImageView>,
    /// The visible cards.
    pub tiles: Vec<TileView>,
    /// Is it the first section with a heading (that heading is the page's `h1`)?
    pub first: bool,
}

/// A card on its own page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardView {
    /// Stable key.
    pub key: String,
    /// Title.
    pub title: String,
    /// Description; may be empty.
    pub description: String,
    /// Cover.
    pub image: Option<ImageView>,
    /// Sponsor tag.
    pub author: Option<Said>,
    /// Back to the hub.
    pub back: LinkView,
}

/// A calm box in place of the form: thanks, already entered, closed, not yet open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeView {
    /// `thanks`, `again`, `closed` or `early`: also the class name.
    pub tone: &'static str,
    /// Heading.
    pub title: Said,
    /// Text as safe HTML.
    pub text_html: String,
    /// What to do next.
    pub button: Option<LinkView>,
}

/// One line of the error summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorLine {
    /// `id` of the control; empty when the problem belongs to the whole form.
    pub target: String,
    /// The sentence.
    pub message: String,
}

/// A form, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormView {
    /// Where it is posted (`/h/{hub}/c/{card}/entries`).
    pub action: String,
    /// The id that makes a repeated submission the same one.
    pub play_id: String,
    /// Is the play still to be begun, so that the island may choose its id?
    pub fresh: bool,
    /// Does the play come after it, so that an entry leads on to the play instead of to thanks?
    pub leads_on: bool,
    /// Heading; may be empty.
    pub title: String,
    /// Introduction as safe HTML; may be empty.
    pub intro_html: String,
    /// Text of the button.
    pub submit: Said,
    /// The fields in the author's order, hidden ones included.
    pub fields: Vec<FieldView>,
    /// Who has answered before in this browser.
    pub known: Option<KnownView>,
    /// Problems of the last attempt.
    pub errors: Vec<ErrorLine>,
    /// Shown in place by the island, and by the server after a plain post.
    pub thanks: NoticeView,
    /// Shown in place by the island on 409.
    pub again: NoticeView,
    /// Shown in place by the island on 410.
    pub closed: NoticeView,
}

/// That earlier answers are used, and the way out for somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownView {
    /// The sentence.
    pub line: String,
    /// Where "not you?" is posted.
    pub end: String,
    /// The card to come back to.
    pub card: String,
}

/// How a field is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// A single-line input.
    Input,
    /// A drop-down list.
    Select,
    /// Radio buttons in a fieldset.
    Radio,
    /// One tick box whose label is the text agreed to.
    Tick,
    /// Not shown.
    Hidden,
}

/// One choice of a select or radio field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionView {
    /// `id` of the radio button.
    pub id: String,
    /// What is posted.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// Chosen?
    pub selected: bool,
}

/// One field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldView {
    /// `id` of the control.
    pub id: String,
    /// Name in the post: the field's key.
    pub name: String,
    /// Layout.
    pub control: Control,
    /// Value of the `type` attribute of an input.
    pub input_type: String,
    /// `inputmode`; may be empty.
    pub input_mode: String,
    /// `autocomplete` token (WCAG 1.3.5); may be empty.
    pub autocomplete: String,
    /// Label.
    pub label: String,
    /// Link behind the label of a terms field.
    pub terms: Option<LinkView>,
    /// Help; may be empty.
    pub help: String,
    /// Placeholder; may be empty.
    pub placeholder: String,
    /// Must it be answered?
    pub required: bool,
    /// What the person has typed, the prefill or the default; may be empty.
    pub value: String,
    /// Is the tick box ticked?
    pub ticked: bool,
    /// Choices of select and radio.
    pub options: Vec<OptionView>,
    /// Suggestions of a text field.
    pub suggestions: Vec<String>,
    /// Further attributes of the input: `min`, `max`, `step`, `minlength`, `maxlength`, `pattern`.
    pub attributes: Vec<(&'static str, String)>,
    /// What is wrong with the last attempt; may be empty.
    pub error: String,
    /// What the island says when it is empty though required.
    pub missing: String,
    /// What the island says when it cannot be right.
    pub invalid: String,
    /// What the island says when it is too early, too small or too short; empty without such a limit.
    pub low: String,
    /// What the island says when it is too late or too large; empty without such a limit.
    pub high: String,
}

impl FieldView {
    /// The ids for `aria-describedby`: help first, then the error.
    pub fn described_by(&self) -> String {
        let mut ids = Vec::new();
        if !self.help.is_empty() {
            ids.push(format!("{}-help", self.id));
        }
        if !self.error.is_empty() {
            ids.push(format!("{}-error", self.id));
        }
        ids.join(" ")
    }
}
