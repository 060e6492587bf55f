//! What storage promises, tried on both databases.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where it can't go on"
)]

mod accept;
mod schema;
mod seam;
