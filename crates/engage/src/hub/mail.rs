//! The mails of a hub document: which are sent, by whom, and the author's own words and pictures for them.
//! Promises only names and shapes; what is left out has a text and a look of the product.
//! Leaves checking to `mail::problems`, rendering and sending to the binary.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{mail::MailKind, text::LocalText};

/// The transactional e-mails of a hub.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MailDoc {
    /// Begins the names of everything that is published to Braze: letters, digits, `_` and `-`, at most 60. `komo_` and the
    /// hub's slug when left out. Names in Braze last for ever, so choose it once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// The sender when mails go out by SMTP: `Name <address>`. Braze has its own, set in the campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Where answers go when mails go out by SMTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// Key of the image at the top: PNG, JPEG or GIF. Mail programs do not show SVG; the hub's logo when that is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// Last lines of every mail, Markdown: who sends it, where they are.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub imprint: LocalText,
    /// An entry was accepted.
    #[serde(default, skip_serializing_if = "MailTypeDoc::is_empty")]
    pub entry_confirmation: MailTypeDoc,
    /// A code that proves an address.
    #[serde(default, skip_serializing_if = "MailTypeDoc::is_empty")]
    pub verification_code: MailTypeDoc,
    /// A coupon was issued.
    #[serde(default, skip_serializing_if = "MailTypeDoc::is_empty")]
    pub coupon: MailTypeDoc,
    /// A prize was won while playing.
    #[serde(default, skip_serializing_if = "MailTypeDoc::is_empty")]
    pub prize_won: MailTypeDoc,
    /// A winner was drawn.
    #[serde(default, skip_serializing_if = "MailTypeDoc::is_empty")]
    pub winner_notice: MailTypeDoc,
    /// A winner has not answered yet.
    #[serde(default, skip_serializing_if = "MailTypeDoc::is_empty")]
    pub winner_reminder: MailTypeDoc,
}

impl MailDoc {
    /// The settings of one message type.
    pub const fn of(&self, kind: MailKind) -> &MailTypeDoc {
        match kind {
            MailKind::EntryConfirmation => &self.entry_confirmation,
            MailKind::VerificationCode => &self.verification_code,
            MailKind::Coupon => &self.coupon,
            MailKind::PrizeWon => &self.prize_won,
            MailKind::WinnerNotice => &self.winner_notice,
            MailKind::WinnerReminder => &self.winner_reminder,
        }
    }

    /// Whether some message type is sent by the mail server.
    pub fn uses_mail_server(&self) -> bool {
        MailKind::ALL
            .into_iter()
            .any(|kind| self.of(kind).send == MailRoute::Smtp)
    }

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One message type: how it is sent, and the author's words for it. Texts may name properties of the mail in braces,
/// `{first_name}`, with words for when there is none: `{first_name:dear guest}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MailTypeDoc {
    /// How it is sent.
    #[serde(default)]
    pub send: MailRoute,
    /// Key of the connection it is sent through; the hub's first Braze connection when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// The campaign's API identifier, as Braze shows it in the campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// Only for these cards; for all when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cards: Option<Vec<String>>,
    /// Key of a wide image above the text: PNG, JPEG or GIF.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// The subject line.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub subject: LocalText,
    /// What inboxes show behind the subject.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub preheader: LocalText,
    /// The large line.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub heading: LocalText,
    /// The text, Markdown.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub body: LocalText,
    /// What the button says.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub button: LocalText,
    /// Small print below the button, Markdown.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub note: LocalText,
}

impl MailTypeDoc {
    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it is sent for a card at all.
    pub fn is_for(&self, card: &str) -> bool {
        self.send != MailRoute::Off
            && self
                .cards
                .as_ref()
                .is_none_or(|cards| cards.iter().any(|it| it == card))
    }
}

/// How a message type is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailRoute {
    /// Not at all.
    #[default]
    Off,
    /// Through a campaign of Braze's type Transactional Email: never twice, even if the answer was lost.
    Transactional,
    /// Through an API-triggered campaign.
    Campaign,
    /// By the mail server that whoever runs this product has set up, without Braze.
    Smtp,
}
