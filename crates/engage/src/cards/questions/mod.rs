//! The engine of questions and answers: kinds that ask something and count or keep what is answered.
//! Promises shares that add up to 100 and answers that the author offered.
//! Leaves faces and setups to the kinds, one folder each.

pub mod poll;
mod results;

use super::Kind;

pub(super) const KINDS: &[Kind] = &[poll::KIND];
