//! The product's own words on participant pages: skip link, errors, states of a card.
//! Promises: every language has every text, because a missing one does not compile; English words on a page of another
//! language are marked.
//! Authors' texts come from the hub document; messages of fields come from `engage::text`.

mod de;
mod en;
mod es;
mod fr;
mod ja;
mod names;

use std::{fmt, ops::Deref};

use askama::filters::{Escaper as _, Html, HtmlSafe};
use engage::text::Locale;

pub use names::own_name;

/// All fixed texts of the participant pages in one language. Where a value stands in one, its place is `{}`.
#[derive(Debug)]
pub struct Texts {
    /// BCP 47 tag.
    pub locale: &'static str,
    /// First link of the page.
    pub skip: &'static str,
    /// Name of the navigation landmark.
    pub navigation: &'static str,
    /// Name of the language switch.
    pub languages: &'static str,
    /// Name of the footer's navigation.
    pub about: &'static str,
    /// Link to the contact address.
    pub contact: &'static str,
    /// Version of a terms text.
    pub version: &'static str,
    /// Back to the start page of a hub, by its name.
    pub back: &'static str,
    /// Sponsor tag, by the name.
    pub presented_by: &'static str,
    /// After the label of an optional field.
    pub optional: &'static str,
    /// First choice of an optional or unanswered select.
    pub choose: &'static str,
    /// Yes.
    pub yes: &'static str,
    /// No.
    pub no: &'static str,
    /// Before the address that was given in this browser before.
    pub known_as: &'static str,
    /// The same when there is none.
    pub known_here: &'static str,
    /// The button for somebody else at the same device.
    pub not_you: &'static str,
    /// The default button of a form.
    pub submit: &'static str,
    /// The button while the form is on its way.
    pub sending: &'static str,
    /// Heading of the error summary.
    pub problem: &'static str,
    /// Prefix of the tab's title when the form has errors.
    pub error_prefix: &'static str,
    /// Island: required and empty.
    pub missing: &'static str,
    /// Island: cannot be right.
    pub invalid: &'static str,
    /// Island: not an e-mail address.
    pub invalid_email: &'static str,
    /// Default thanks.
    pub thanks_title: &'static str,
    /// Default thanks.
    pub thanks_text: &'static str,
    /// 409.
    pub again_title: &'static str,
    /// 409.
    pub again_text: &'static str,
    /// 409, with the moment of the next try.
    pub again_at: &'static str,
    /// 410.
    pub closed_title: &'static str,
    /// 410, when the time is not known.
    pub closed_text: &'static str,
    /// 410, with the moment.
    pub closed_at: &'static str,
    /// Before the run.
    pub early_title: &'static str,
    /// Before the run, with its moment.
    pub early_at: &'static str,
    /// On a tile.
    pub closed_note: &'static str,
    /// On a tile, with the moment.
    pub opens_at: &'static str,
    /// To the other cards.
    pub more: &'static str,
    /// On the button of a closed card.
    pub look: &'static str,
    /// Island: saved without a connection, heading.
    pub saved_title: &'static str,
    /// Island: saved without a connection, text.
    pub saved_text: &'static str,
    /// Island: try now.
    pub saved_again: &'static str,
    /// Island: an earlier entry has arrived.
    pub saved_sent: &'static str,
    /// Island: the server said that there were too many attempts.
    pub too_many: &'static str,
    /// Island: the server could not take it and the browser cannot keep it.
    pub not_sent: &'static str,
    /// What an error page says: heading, what happened and why, what to do.
    pub errors: ErrorTexts,
    /// "Powered by".
    pub product: &'static str,
}

/// Heading, what happened, what to do; per kind of error.
#[derive(Debug)]
pub struct ErrorTexts {
    /// 404.
    pub not_found: [&'static str; 3],
    /// 410.
    pub gone: [&'static str; 3],
    /// 409.
    pub stale: [&'static str; 3],
    /// 400 and the like.
    pub unreadable: [&'static str; 3],
    /// 429.
    pub too_many: [&'static str; 3],
    /// 500.
    pub broken: [&'static str; 3],
    /// 503.
    pub unavailable: [&'static str; 3],
    /// To the start page.
    pub home: &'static str,
    /// The reference number of a 500.
    pub reference: &'static str,
}

/// The languages of these texts; English first.
static LANGUAGES: [&Texts; 5] = [&en::TEXTS, &de::TEXTS, &fr::TEXTS, &es::TEXTS, &ja::TEXTS];

/// The texts as a page says them: in the page's language, else in English and marked as such.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    texts: &'static Texts,
    foreign: bool,
}

impl Words {
    /// The words of a page in a language.
    pub fn of(locale: &Locale) -> Self {
        let wished = LANGUAGES.iter().find(|it| it.locale == locale.language());
        Self {
            texts: wished.unwrap_or(&&en::TEXTS),
            foreign: wished.is_none(),
        }
    }

    /// What the product says among the author's words.
    pub fn say(&self, text: &str) -> Said {
        Said {
            text: text.to_owned(),
            foreign: self.foreign,
        }
    }

    /// The same with markup inside: safe HTML in, safe HTML out.
    pub fn mark(&self, html: String) -> String {
        if self.foreign {
            format!("<span{FOREIGN}>{html}</span>")
        } else {
            html
        }
    }

    /// The mark for an element that can have none inside, such as `option`.
    pub fn attributes(&self) -> &'static str {
        if self.foreign { FOREIGN } else { "" }
    }
}

impl Deref for Words {
    type Target = Texts;

    fn deref(&self) -> &Texts {
        self.texts
    }
}

/// English words on a page of another language: read out in English, and from left to right on a page that is not.
const FOREIGN: &str = " lang=\"en\" dir=\"ltr\"";

/// Words of the author or of the product. Shown in a template they are escaped, and marked where they are not in the
/// page's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    text: String,
    foreign: bool,
}

impl Said {
    /// The words alone, for where no markup can stand.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl From<String> for Said {
    /// The author's words, which are in the language that the author chose.
    fn from(text: String) -> Self {
        Self {
            text,
            foreign: false,
        }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.foreign {
            write!(f, "<span{FOREIGN}>")?;
        }
        Html.write_escaped_str(&mut *f, &self.text)?;
        if self.foreign {
            f.write_str("</span>")?;
        }
        Ok(())
    }
}

impl HtmlSafe for Said {}

/// A text with a value where its `{}` stands.
pub fn fill(text: &str, value: &str) -> String {
    text.replacen("{}", value, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is right in English and in another language.
    const SAME: [(&str, &[&str]); 4] = [
        ("de", &[]),
        ("fr", &["Version {}"]),
        ("es", &["No", "Error:"]),
        ("ja", &[]),
    ];

    /// Every text between quotes, in the order of the fields.
    fn all(texts: &Texts) -> Vec<String> {
        let debug = format!("{texts:?}");
        debug
            .split('"')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn no_text_was_left_in_english_and_values_have_their_place_in_all() {
        let english = all(&en::TEXTS);
        assert!(english.len() > 60);
        for (tag, same) in SAME {
            let own = all(&Words::of(&tag.parse().unwrap()));
            assert_eq!(own.len(), english.len(), "{tag}");
            for (english, own) in english.iter().zip(&own) {
                assert!(
                    own != english || same.contains(&own.as_str()),
                    "translate `{english}` in {tag}.rs"
                );
                assert_eq!(
                    own.matches("{}").count(),
                    english.matches("{}").count(),
                    "{tag}: {own}"
                );
            }
        }
    }

    #[test]
    fn pages_speak_the_languages_that_the_cards_on_them_speak() {
        let spoken: Vec<&str> = LANGUAGES.iter().map(|it| it.locale).collect();
        let of_cards = engage::text::texts::languages();
        assert_eq!(
            spoken,
            of_cards.iter().map(Locale::as_str).collect::<Vec<_>>()
        );
    }
}
