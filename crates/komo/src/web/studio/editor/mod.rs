//! The hub editor: cards, look and texts of a draft, its preview, publishing it.
//! Promises: one way to draw, save, check and take back, whatever is edited; nothing is live before it is published.
//! Leaves to others: rules (`engage`), storage (`store::hubs::drafts`), the participant's pages (`web::pages`).

mod arrange;
pub(super) mod cards;
mod control;
mod diff;
mod drafts;
mod draw;
pub(super) mod edit;
mod fields;
mod launch;
mod page;
mod part;
pub(super) mod preview;
pub(super) mod publish;
mod save;
mod shell;
pub(super) mod starts;
mod values;
