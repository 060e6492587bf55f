//! A hub's mails as Liquid: content blocks (style, header, button, footer) and one template a message type, by askama.
//! Promises tables and inline styles that survive the usual mail programs, and no address but the hub's own in them.
//! Leaves colours and words to `engage::mail`, rendering Liquid to Braze and to `render`.

use askama::Template as _;
use engage::{
    hub::{HubDoc, Image},
    mail::{
        Look, MailKind, Palette, Words, is_vector,
        liquid::{self, by_locale, when},
        words,
    },
    text::Locale,
};
use sha2::{Digest, Sha256};

use crate::web::hub::images;

/// The logo is this high, the picture this wide, in CSS pixels.
const LOGO_HEIGHT: u32 = 44;
const PICTURE_WIDTH: u32 = 600;

/// What is published to Braze, in the order in which it has to be published: blocks first.
#[derive(Clone, Debug)]
pub struct Design {
    /// Content blocks.
    pub blocks: Vec<Piece>,
    /// One template a message type.
    pub templates: Vec<Template>,
}

/// Whether a piece is a content block or a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PieceKind {
    /// A content block.
    Block,
    /// An e-mail template.
    Template,
}

impl PieceKind {
    /// The stable word for storage.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Template => "template",
        }
    }
}

/// A content block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its name in Braze.
    pub name: String,
    /// What members read in Braze.
    pub description: &'static str,
    /// HTML with Liquid.
    pub content: String,
}

/// An e-mail template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its name in Braze.
    pub name: String,
    /// The message type.
    pub kind: MailKind,
    /// The subject, Liquid.
    pub subject: String,
    /// What inboxes show behind the subject, Liquid.
    pub preheader: String,
    /// HTML with Liquid.
    pub html: String,
    /// Plain text with Liquid.
    pub text: String,
}

impl Template {
    /// All parts as one text: what is stored, compared and shown as a difference.
    pub fn whole(&self) -> String {
        let Self {
            subject,
            preheader,
            html,
            text,
            ..
        } = self;
        format!(
            "Subject: {subject}\nPreheader: {preheader}\n\n----- HTML\n{html}\n----- Text\n{text}"
        )
    }
}

/// What tells one version of a piece from another: SHA-256 in hexadecimal.
pub fn hash(whole: &str) -> String {
    hex::encode(Sha256::digest(whole.as_bytes()))
}

struct Picture {
    src: String,
    width: u32,
    height: u32,
    alt: String,
}

#[derive(askama::Template)]
#[template(path = "style.html", config = "src/mail/askama.toml")]
struct Style<'a> {
    n: &'a Palette,
}

#[derive(askama::Template)]
#[template(path = "header.html", config = "src/mail/askama.toml")]
struct Header<'a> {
    hub_link: &'a str,
    logo: Option<Picture>,
    d: &'a Palette,
    look: &'a Look,
    name: String,
}

#[derive(askama::Template)]
#[template(path = "button_open.html", config = "src/mail/askama.toml")]
struct ButtonOpen<'a> {
    hub_link: &'a str,
    d: &'a Palette,
    look: &'a Look,
    button_radius: u8,
}

#[derive(askama::Template)]
#[template(path = "button_close.html", config = "src/mail/askama.toml")]
struct ButtonClose;

#[derive(askama::Template)]
#[template(path = "footer.html", config = "src/mail/askama.toml")]
struct Footer<'a> {
    hub_link: &'a str,
    d: &'a Palette,
    look: &'a Look,
    imprint: String,
    why: String,
    help: String,
    visit: String,
}

#[derive(askama::Template)]
#[template(path = "highlight.html", config = "src/mail/askama.toml")]
struct Highlight<'a> {
    d: &'a Palette,
    look: &'a Look,
    label: String,
    value: String,
    detail: String,
    is_code: bool,
    ticket: bool,
}

#[derive(askama::Template)]
#[template(path = "mail.html", config = "src/mail/askama.toml")]
struct MailHtml<'a> {
    prefix: &'a str,
    lang: String,
    dir: String,
    tracking: String,
    subject: String,
    d: &'a Palette,
    look: &'a Look,
    picture: Option<Picture>,
    paragraph: String,
    heading: String,
    greeting: String,
    body: String,
    highlight: String,
    button: String,
    note: String,
}

#[derive(askama::Template)]
#[template(
    path = "mail.txt",
    config = "src/mail/askama.toml",
    whitespace = "preserve"
)]
struct MailText {
    heading: String,
    greeting: String,
    body: String,
    highlight: String,
    button: String,
    note: String,
    footer: String,
}

/// What the pieces of one hub share.
struct Maker<'a> {
    doc: &'a HubDoc,
    base: &'a str,
    look: Look,
    prefix: String,
    hub_link: String,
}

impl Design {
    /// Makes the design of a hub. `base` is the address by which the world knows this server, without a slash at its end.
    pub fn of(doc: &HubDoc, base: &str) -> Result<Self, askama::Error> {
        let maker = Maker {
            doc,
            base,
            look: Look::of(&doc.theme),
            prefix: prefix(doc),
            hub_link: format!("{base}/h/{}", doc.hub.slug),
        };
        Ok(Self {
            blocks: maker.blocks()?,
            templates: MailKind::ALL
                .into_iter()
                .map(|kind| maker.template(kind))
                .collect::<Result<_, _>>()?,
        })
    }

    /// The template of a message type.
    pub fn template(&self, kind: MailKind) -> Option<&Template> {
        self.templates.iter().find(|it| it.kind == kind)
    }
}

/// What all names of a hub begin with in Braze.
pub fn prefix(doc: &HubDoc) -> String {
    let own = doc.mail.prefix.clone();
    // A slug has up to 63 characters, a name in Braze fewer than 100.
    own.unwrap_or_else(|| format!("komo_{}", doc.hub.slug))
}

impl Maker<'_> {
    fn locales(&self) -> Vec<Locale> {
        let own = &self.doc.hub.locales;
        if own.is_empty() {
            vec![Locale::ENGLISH]
        } else {
            own.clone()
        }
    }

    fn by_locale(&self, say: impl Fn(&Locale) -> String) -> String {
        let texts: Vec<(Locale, String)> = self
            .locales()
            .into_iter()
            .map(|locale| {
                let text = say(&locale);
                (locale, text)
            })
            .collect();
        by_locale(&texts)
    }

    fn words(&self, kind: MailKind, part: impl Fn(&Words) -> String) -> String {
        self.by_locale(|locale| part(&words(self.doc, kind, locale)))
    }

    /// The footer stands in every mail, whatever its properties: the hub's name is written into it.
    fn footer_words(&self, part: impl Fn(&Words) -> String) -> String {
        self.by_locale(|locale| {
            let name = self.doc.hub.name.get(locale, self.doc.default_locale());
            let words = words(self.doc, MailKind::EntryConfirmation, locale);
            part(&Words {
                why: words.why.replace("{hub_name}", name),
                visit: words.visit.replace("{hub_name}", name),
                ..words
            })
        })
    }

    fn blocks(&self) -> Result<Vec<Piece>, askama::Error> {
        let (d, look) = (&self.look.day, &self.look);
        let piece = |part: &str, description, content: String| Piece {
            name: format!("{}_{part}", self.prefix),
            description,
            content: content.trim().to_owned(),
        };
        let quiet = format!("color:{};text-decoration:underline", d.outer_muted);
        let styles = [
            ("p", "", "margin:0 0 10px"),
            ("a", "k-quiet", quiet.as_str()),
        ];
        let header = Header {
            hub_link: &self.hub_link,
            logo: self.logo(),
            d,
            look,
            name: self.by_locale(|locale| {
                liquid::html(self.doc.hub.name.get(locale, self.doc.default_locale()))
            }),
        };
        let open = ButtonOpen {
            hub_link: &self.hub_link,
            d,
            look,
            button_radius: if look.radius >= 10 { 99 } else { look.radius },
        };
        let footer = Footer {
            hub_link: &self.hub_link,
            d,
            look,
            imprint: self.footer_words(|it| liquid::markdown_html(&it.imprint, &styles)),
            why: self.footer_words(|it| liquid::html(&it.why)),
            help: self.footer_words(|it| liquid::html(&it.help)),
            visit: self.footer_words(|it| liquid::html(&it.visit)),
        };
        Ok(vec![
            piece(
                "style",
                "Colours by night and sizes on phones. Stands in the head of a mail.",
                Style {
                    n: &self.look.night,
                }
                .render()?,
            ),
            piece("header", "Logo and name of the hub.", header.render()?),
            piece(
                "button_open",
                "Begins a button that leads to the property `link`; its words follow.",
                open.render()?,
            ),
            piece("button_close", "Ends a button.", ButtonClose.render()?),
            piece(
                "footer",
                "Why the recipient gets this mail, where help is, the imprint.",
                footer.render()?,
            ),
        ])
    }

    fn template(&self, kind: MailKind) -> Result<Template, askama::Error> {
        let (d, look) = (&self.look.day, &self.look);
        let font = |size: &str, colour: &str| {
            format!(
                "color:{colour};font-family:{};font-size:{size}",
                look.body_font
            )
        };
        let paragraph = format!("margin:0 0 18px;{};line-height:1.6", font("17px", &d.text));
        let list = format!(
            "margin:0 0 18px;padding:0 0 0 22px;{};line-height:1.6",
            font("17px", &d.text)
        );
        let heading = format!(
            "margin:8px 0 12px;color:{};font-family:{};font-size:22px;line-height:1.3;font-weight:700",
            d.text, look.heading_font
        );
        let link = format!("color:{};text-decoration:underline", d.link);
        let styles = [
            ("p", "k-text", paragraph.as_str()),
            ("ul", "k-text", list.as_str()),
            ("ol", "k-text", list.as_str()),
            ("li", "", "margin:0 0 6px"),
            ("h1", "k-text", heading.as_str()),
            ("h2", "k-text", heading.as_str()),
            ("h3", "k-text", heading.as_str()),
            ("a", "k-link", link.as_str()),
        ];
        let small = format!("color:{};text-decoration:underline", d.muted);
        let notes = [
            ("p", "", "margin:0 0 8px"),
            ("a", "k-muted", small.as_str()),
        ];
        let html = MailHtml {
            prefix: &self.prefix,
            lang: self.by_locale(ToString::to_string),
            dir: self.by_locale(|it| if it.right_to_left() { "rtl" } else { "ltr" }.to_owned()),
            // Letters that fill a square keep their distance.
            tracking: self.by_locale(|it| {
                let square = matches!(it.language(), "ja" | "zh" | "ko");
                if square { "normal" } else { "-0.015em" }.to_owned()
            }),
            subject: self.words(kind, |it| liquid::html(&it.subject)),
            d,
            look,
            picture: self.picture(kind),
            paragraph: paragraph.clone(),
            heading: self.words(kind, |it| liquid::html(&it.heading)),
            greeting: self.words(kind, |it| {
                when(
                    "first_name",
                    &liquid::html(&it.greeting),
                    &liquid::html(&it.greeting_unknown),
                )
            }),
            body: self.words(kind, |it| liquid::markdown_html(&it.body, &styles)),
            highlight: self.highlight(kind)?,
            button: self.words(kind, |it| liquid::html(&it.button)),
            note: self.words(kind, |it| liquid::markdown_html(&it.note, &notes)),
        };
        let text = MailText {
            heading: self.words(kind, |it| liquid::plain(&it.heading)),
            greeting: self.words(kind, |it| {
                when(
                    "first_name",
                    &liquid::plain(&it.greeting),
                    &liquid::plain(&it.greeting_unknown),
                )
            }),
            body: self.words(kind, |it| liquid::markdown_plain(&it.body)),
            highlight: self.highlight_text(kind),
            button: self.words(kind, |it| liquid::plain(&it.button)),
            note: self.words(kind, |it| liquid::markdown_plain(&it.note)),
            footer: self.footer_words(|it| {
                let imprint = liquid::markdown_plain(&it.imprint);
                let parts = [
                    imprint,
                    liquid::plain(&it.why),
                    liquid::plain(&it.help),
                    format!("{}: {}", liquid::plain(&it.visit), self.hub_link),
                ];
                let parts: Vec<String> = parts.into_iter().filter(|it| !it.is_empty()).collect();
                parts.join("\n\n")
            }),
        };
        Ok(Template {
            name: format!("{}_{kind}", self.prefix),
            kind,
            subject: self.words(kind, |it| liquid::plain(&it.subject)),
            preheader: self.words(kind, |it| liquid::html(&it.preheader)),
            html: html.render()?,
            text: text.render()?,
        })
    }

    /// The one thing the mail is about: its property, one that may go below it, and whether it is a code.
    fn point(kind: MailKind) -> (&'static str, Option<&'static str>, bool) {
        match kind {
            MailKind::EntryConfirmation => ("outcome", None, false),
            MailKind::VerificationCode | MailKind::Coupon => ("code", None, true),
            MailKind::PrizeWon | MailKind::WinnerNotice => ("prize", Some("prize_detail"), false),
            MailKind::WinnerReminder => ("prize", None, false),
        }
    }

    fn highlight(&self, kind: MailKind) -> Result<String, askama::Error> {
        let (name, below, is_code) = Self::point(kind);
        let (d, look) = (&self.look.day, &self.look);
        let small = |name: &str| {
            let style = format!(
                "margin:6px 0 0;color:{};font-family:{};font-size:16px;line-height:1.5",
                d.text, look.body_font
            );
            let value = liquid::html(&format!("{{{name}}}"));
            when(
                name,
                &format!("<p class=\"k-text\" style=\"{style}\">{value}</p>"),
                "",
            )
        };
        let mut detail = below.map(small).unwrap_or_default();
        if kind == MailKind::PrizeWon {
            detail.push_str(&small("code"));
        }
        let box_ = Highlight {
            d,
            look,
            label: self.words(kind, |it| liquid::html(&it.label)),
            value: liquid::html(&format!("{{{name}}}")),
            detail,
            is_code,
            ticket: kind == MailKind::Coupon,
        };
        Ok(when(name, &box_.render()?, ""))
    }

    fn highlight_text(&self, kind: MailKind) -> String {
        let (name, below, _) = Self::point(kind);
        let label = self.words(kind, |it| liquid::plain(&it.label));
        let mut text = format!("{label}: {}\n", liquid::plain(&format!("{{{name}}}")));
        let codes = (kind == MailKind::PrizeWon).then_some("code");
        for name in below.into_iter().chain(codes) {
            let value = liquid::plain(&format!("{{{name}}}"));
            text.push_str(&when(name, &format!("{value}\n"), ""));
        }
        text.push('\n');
        when(name, &text, "")
    }

    fn image(&self, key: Option<&String>) -> Option<&Image> {
        let image = self.doc.image(key?)?;
        (!is_vector(&image.file)).then_some(image)
    }

    fn src(&self, image: &Image) -> String {
        let address = images::address(&image.file);
        if address.starts_with('/') {
            format!("{}{address}", self.base)
        } else {
            address
        }
    }

    fn logo(&self) -> Option<Picture> {
        let own = self.doc.mail.logo.as_ref().or(self.doc.hub.logo.as_ref());
        let image = self.image(own)?;
        let (width, height) = (
            image.width.unwrap_or(1).max(1),
            image.height.unwrap_or(1).max(1),
        );
        Some(Picture {
            src: self.src(image),
            width: width.saturating_mul(LOGO_HEIGHT).div_ceil(height).min(240),
            height: LOGO_HEIGHT,
            alt: String::new(),
        })
    }

    fn picture(&self, kind: MailKind) -> Option<Picture> {
        let image = self.image(self.doc.mail.of(kind).picture.as_ref())?;
        let (width, height) = (
            image.width.unwrap_or(2).max(1),
            image.height.unwrap_or(1).max(1),
        );
        Some(Picture {
            src: self.src(image),
            width: PICTURE_WIDTH,
            height: height.saturating_mul(PICTURE_WIDTH).div_ceil(width),
            alt: self
                .by_locale(|locale| liquid::html(image.alt.get(locale, self.doc.default_locale()))),
        })
    }
}
