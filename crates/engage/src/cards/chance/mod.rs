//! The engine of chance: kinds in which a prize may be won, and nothing that a player does makes it likelier.
//! Promises that every kind decides by the same draw, tells the same facts, and shows nothing of an outcome before it is decided.
//! Leaves faces and setups to the kinds, and the stock to the store.

pub mod advent_calendar;
pub mod pick_a_box;
pub mod scratch_and_win;
pub mod secret_code;
pub mod slot_machine;
pub mod spin_to_win;

use super::Kind;

pub(super) const KINDS: &[Kind] = &[
    spin_to_win::KIND,
    scratch_and_win::KIND,
    slot_machine::KIND,
    pick_a_box::KIND,
    secret_code::KIND,
    advent_calendar::KIND,
];

#[cfg(test)]
mod tests;
