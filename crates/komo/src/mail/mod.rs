//! Transactional e-mails: their design as Braze content blocks and templates, previews, publishing, and sending without Braze.
//! Promises one source for all of it: what a preview shows and what SMTP sends is what Braze renders.
//! Leaves what a mail says and can tell to `engage::mail`, queueing and retrying to the outbox.

mod design;
pub mod desk;
mod plan;
mod publish;

mod render;
mod smtp;

pub use design::{Design, Piece, PieceKind, Template, hash, prefix};

pub use plan::add_confirmation;
pub use publish::{Change, ChangeKind, Diff, PublishError, Published, diff, publish};
pub use render::{RenderError, Rendered, inlined};
pub use smtp::{HubMailer, MailServer};

#[cfg(test)]
mod tests;
