//! The engine of questions and answers: kinds that ask something and count or keep what is answered.
//! Promises shares that add up to 100 and answers that the author offered.
//! Leaves faces and setups to the kinds, one folder each.

mod checks;
mod ending;
pub mod personality;
pub mod poll;
mod questionnaire;
pub mod quiz;
mod results;

pub use ending::Range;
pub use questionnaire::{Choice, Question};

use super::Kind;
pub(super) use results::shares;

pub(super) const KINDS: &[Kind] = &[
    quiz::KIND,
    personality::KIND,
    poll::KIND,
];
