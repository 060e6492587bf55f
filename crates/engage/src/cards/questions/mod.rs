//! The engine of questions and answers: kinds that ask something and count or keep what is answered.
//! Promises shares that add up to 100 and answers that the author offered.
//! Leaves faces and setups to the kinds, one folder each.

mod asking;
mod ballot;
pub mod checklist;
mod checks;
mod ending;
pub mod guess_the_number;
pub mod multi_poll;
pub mod personality;
pub mod picker;
pub mod poll;
mod questionnaire;
pub mod quiz;
pub mod rating;
mod results;
mod several;
pub mod survey;
pub mod swiper;
pub mod this_or_that;

pub use ballot::ShowResults;
pub use ending::Range;
pub use questionnaire::{Choice, Question};

use super::Kind;
pub(super) use results::shares;

pub(super) const KINDS: &[Kind] = &[
    quiz::KIND,
    personality::KIND,
    poll::KIND,
    multi_poll::KIND,
    survey::KIND,
    swiper::KIND,
    this_or_that::KIND,
    picker::KIND,
    checklist::KIND,
    rating::KIND,
    guess_the_number::KIND,
];
