//! The engine of skill: games with a board, a score, and perhaps a prize for who reaches enough points.
//! Promises that the server deals the board, makes every move itself and keeps the time, so that a score is what was played.
//! Leaves winning to what all kinds with prizes share.

mod challenge;
pub mod memory;
pub mod reaction;
pub mod slide_puzzle;
pub mod word_guess;
pub mod word_search;

use super::Kind;

pub(super) const KINDS: &[Kind] = &[
    memory::KIND,
    slide_puzzle::KIND,
    word_search::KIND,
    word_guess::KIND,
    reaction::KIND,
];

#[cfg(test)]
mod tests;
