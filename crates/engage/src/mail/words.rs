//! The words of a mail in one language: the author's where there are some, else the product's.
//! Promises every part in every language; properties stand in braces, `{first_name}`, as in an author's text.
//! Leaves turning them into HTML, plain text and Liquid to `liquid` and the templates.

use super::MailKind;
use crate::{
    hub::HubDoc,
    text::{LocalText, Locale, texts},
};

/// The parts of a mail in one language, still with properties in braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The language.
    pub locale: Locale,
    /// The subject line.
    pub subject: String,
    /// What inboxes show behind the subject.
    pub preheader: String,
    /// The large line.
    pub heading: String,
    /// The greeting where a first name is known.
    pub greeting: String,
    /// The greeting where none is known.
    pub greeting_unknown: String,
    /// The text, Markdown.
    pub body: String,
    /// What stands above the highlighted property.
    pub label: String,
    /// What the button says.
    pub button: String,
    /// Small print, Markdown.
    pub note: String,
    /// Why the recipient gets this.
    pub why: String,
    /// Where help is; empty when the hub names no address.
    pub help: String,
    /// What the link to the hub says.
    pub visit: String,
    /// The author's last lines, Markdown; may be empty.
    pub imprint: String,
}

/// The words of a message type in a language of the hub.
pub fn words(doc: &HubDoc, kind: MailKind, locale: &Locale) -> Words {
    let own = doc.mail.of(kind);
    let default = doc.default_locale();
    let say = |text: &LocalText, part: &str| {
        let authored = text.get(locale, default);
        if authored.trim().is_empty() {
            product(locale, &kind.text_id(part))
        } else {
            authored.to_owned()
        }
    };
    let help =
        doc.hub.contact_email.as_deref().map(|address| {
            texts::message(locale, "mail-footer-help", &[("address", address.into())])
        });
    Words {
        locale: locale.clone(),
        subject: one_line(&say(&own.subject, "subject")),
        preheader: one_line(&say(&own.preheader, "preheader")),
        heading: one_line(&say(&own.heading, "heading")),
        greeting: product(locale, "mail-greeting"),
        greeting_unknown: product(locale, "mail-greeting-unknown"),
        body: say(&own.body, "body"),
        label: product(locale, &kind.text_id("label")),
        button: one_line(&say(&own.button, "button")),
        note: say(&own.note, "note"),
        why: product(locale, "mail-footer-why"),
        help: help.unwrap_or_default(),
        visit: product(locale, "mail-footer-visit"),
        imprint: doc.mail.imprint.get(locale, default).trim().to_owned(),
    }
}

/// A text of the product; its arguments become properties of the mail.
fn product(locale: &Locale, id: &str) -> String {
    let reminder = id.starts_with("mail-winner");
    let day = if id.starts_with("mail-entry") {
        "{entered_on}"
    } else if reminder {
        "{claim_by_day}"
    } else {
        "{valid_until_day}"
    };
    let time = if reminder {
        "{time_left}"
    } else {
        "{valid_for}"
    };
    texts::message(
        locale,
        id,
        &[
            ("name", "{first_name}".into()),
            ("hub", "{hub_name}".into()),
            ("card", "{card_title}".into()),
            ("offer", "{offer}".into()),
            ("prize", "{prize}".into()),
            ("code", "{code}".into()),
            ("day", day.into()),
            ("time", time.into()),
        ],
    )
}

fn one_line(text: &str) -> String {
    // A space that keeps words together is no place to break: French has one before `!` and `:`.
    let words = text.split(|c: char| c.is_whitespace() && !matches!(c, '\u{a0}' | '\u{202f}'));
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Minutes as words: `one minute`, `10 Minuten`.
pub fn minutes(locale: &Locale, count: u32) -> String {
    texts::message(locale, "mail-minutes", &[("count", count.into())])
}

/// What is left of a time, in whole days, as words.
pub(super) fn time_left(locale: &Locale, days: u32) -> String {
    texts::message(locale, "mail-days", &[("count", days.into())])
}
