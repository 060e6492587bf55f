//! The way out: turns the outbox's rows into calls to Braze, and answers into a verdict per row.
//! Promises: at least once, in order per contact, a poison row blocks nobody, and whatever is not delivered is kept with a reason.
//! Leaves storage, HTTP, clock and dice to the caller: everything here is a pure step.

pub mod backoff;
pub mod budget;
pub mod call;
pub mod erase;
pub mod health;
pub mod item;
pub mod lane;
pub mod pack;
pub mod reasons;

pub use budget::{Budget, BudgetSettings, Group, Take};
pub use call::{CallKind, OwnCall};
pub use item::{Item, Mark};
pub use lane::{
    Act, CallOutcome, CallRecord, Commit, CommitFailure, Event, Exception, Lane, OpenException,
    Settings, State,
};
pub use pack::{Limits, Packed, Slot, pack};
pub use reasons::ParkReason;

#[cfg(test)]
mod tests;
