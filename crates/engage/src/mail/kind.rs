//! The message types.
//! Promises stable names: they stand in hub documents, in Braze and in stored deliveries.
//! Leaves what each says to `words`, what each can tell to `properties`.

use serde::{Deserialize, Serialize};

/// A message type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailKind {
    /// An entry was accepted.
    EntryConfirmation,
    /// A code that proves an address.
    VerificationCode,
    /// A coupon was issued.
    Coupon,
    /// A prize was won while playing.
    PrizeWon,
    /// A winner was drawn.
    WinnerNotice,
    /// A winner has not answered yet.
    WinnerReminder,
}

impl MailKind {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 6] = [
        Self::EntryConfirmation,
        Self::VerificationCode,
        Self::Coupon,
        Self::PrizeWon,
        Self::WinnerNotice,
        Self::WinnerReminder,
    ];

    /// The stable name: `entry_confirmation`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EntryConfirmation => "entry_confirmation",
            Self::VerificationCode => "verification_code",
            Self::Coupon => "coupon",
            Self::PrizeWon => "prize_won",
            Self::WinnerNotice => "winner_notice",
            Self::WinnerReminder => "winner_reminder",
        }
    }

    /// What members read.
    pub const fn title(self) -> &'static str {
        match self {
            Self::EntryConfirmation => "Entry confirmation",
            Self::VerificationCode => "Verification code",
            Self::Coupon => "Coupon",
            Self::PrizeWon => "Prize won",
            Self::WinnerNotice => "Winner notice",
            Self::WinnerReminder => "Winner reminder",
        }
    }

    /// When it is sent.
    pub const fn moment(self) -> &'static str {
        match self {
            Self::EntryConfirmation => "an entry was accepted",
            Self::VerificationCode => "somebody has to prove that an address is theirs",
            Self::Coupon => "a coupon was issued",
            Self::PrizeWon => "a prize was won while playing",
            Self::WinnerNotice => "a draw has found a winner",
            Self::WinnerReminder => "a winner has not claimed the prize yet",
        }
    }

    /// The beginning of the ids of its texts: `mail-entry-confirmation`.
    pub(crate) fn text_id(self, part: &str) -> String {
        format!("mail-{}-{part}", self.name().replace('_', "-"))
    }
}

impl std::str::FromStr for MailKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| {
                let names: Vec<&str> = Self::ALL.iter().map(|kind| kind.name()).collect();
                format!(
                    "there is no message type `{}`; there are: {}",
                    text.chars().take(40).collect::<String>(),
                    names.join(", ")
                )
            })
    }
}

impl std::fmt::Display for MailKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
