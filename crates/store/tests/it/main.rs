//! What storage promises, tried on both databases.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it can't go on"
)]

mod accept;
mod audit;
mod backfill;
mod drafts;
mod erasure;
mod ledger;
mod out_of_order;
mod plays;
mod retention;
mod schema;
mod seam;
mod sent;
mod visitors;
