//! The rules of entering: how often a person may enter, which entries are the same person's, which contact an entry belongs to.
//! Promises: pure decisions over what is stored and `now`; the same inputs give the same decision.
//! Leaves to others: reading and writing what is stored (`store::entries`), the words shown to the participant.

mod identity;
mod limit;

pub use identity::{
    Identity, IdentityKind, Person, grow, identities, person, same_person_fields, says_who, updates,
};
pub use limit::{Decision, EntryLimit};
