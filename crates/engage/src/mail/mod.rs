//! Transactional e-mails: which there are, what each can tell (its *trigger properties*), its words in every language, and the
//! colours of a hub made fit for mail programs. Promises that one declaration feeds Braze, SMTP, previews and the documentation,
//! and that neither an author's nor a participant's text can become HTML or Liquid. Leaves HTML, publishing and sending to the binary.

mod kind;
pub mod liquid;
mod look;
mod plan;
mod problems;
mod properties;
mod words;

pub use kind::MailKind;
pub use look::{Look, Palette};
pub use plan::{EntryMail, Recipient, external_send_id, transactional_body, trigger_body};
pub use properties::{
    Context, Coupon, EntryConfirmation, MailProperties, PrizeWon, Property, PropertyType,
    VerificationCode, WinnerNotice, WinnerReminder, all_properties, properties_of,
};
pub use words::{Words, minutes, words};

pub(crate) use problems::problems;

/// Whether a picture is one that mail programs do not show.
pub fn is_vector(file: &str) -> bool {
    file.starts_with("data:image/svg")
        || file
            .rsplit('.')
            .next()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("svg"))
}
