//! What is to be sent for one entry: finished JSON objects, the profile's attributes with the place of each value.
//! Promises that leaving values out gives a valid object again, without parsing it.
//! Leaves which values may be left out to the deltas, and sending to `delivery`.

use super::{Note, identity::PlannedIdentity, reasons::SkipReason};
use sha2::{Digest, Sha256};

/// What is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Whose it is; every object below names the person in this way.
    pub identity: PlannedIdentity,
    /// The person's profile.
    pub attributes: Option<PlannedAttributes>,
    /// Compact, complete JSON objects, identifier included.
    pub events: Vec<String>,
    /// The same for purchases.
    pub purchases: Vec<String>,
    /// What was mapped but left out.
    pub notes: Vec<Note>,
}

/// What a mapping makes of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Send this.
    Send(Planned),
    /// Nothing is mapped for this card and moment, or nothing has a value.
    Nothing,
    /// Something is mapped, but Braze could not tell whose it is.
    Skip(SkipReason),
}

/// One attributes object, in parts that can be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlannedAttributes {
    /// The complete, compact JSON object.
    pub json: String,
    /// Length in bytes of the part that says whose it is, from the opening brace, without a comma behind it.
    pub head_end: usize,
    /// The values, in the order in which they stand in `json`.
    pub parts: Vec<Part>,
}

/// One value of an attributes object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The first byte of `"name":value` in the object.
    pub start: usize,
    /// The byte behind it.
    pub end: usize,
    /// A stable hash of the attribute's name.
    pub name: u64,
    /// A stable hash of name and value as they are written, and of the person they are written for.
    pub value: u64,
    /// A plain value that need not be sent when Braze has it from us already. Never so for operations (adding,
    /// incrementing) and for subscriptions, which people change at Braze themselves.
    pub delta: bool,
}

impl PlannedAttributes {
    /// The object without some of its values; `None` if no value is left. One that had none from the beginning is `None`
    /// as well.
    pub fn without(&self, leave_out: impl Fn(&Part) -> bool) -> Option<String> {
        let mut json = String::with_capacity(self.json.len());
        json.push_str(self.json.get(..self.head_end)?);
        let mut some = false;
        for part in self.parts.iter().filter(|part| !leave_out(part)) {
            if json.len() > 1 {
                json.push(',');
            }
            json.push_str(self.json.get(part.start..part.end)?);
            some = true;
        }
        json.push('}');
        some.then_some(json)
    }
}

/// A hash that stays the same over releases and machines: the first eight bytes of SHA-256.
pub(super) fn stable_hash(bytes: &[u8]) -> u64 {
    first_eight(Sha256::new().chain_update(bytes))
}

/// The hash of a named value for a person; `person` has been fed what identifies them.
pub(super) fn value_hash(person: &Sha256, member: &[u8]) -> u64 {
    first_eight(person.clone().chain_update(member))
}

fn first_eight(hash: Sha256) -> u64 {
    let digest = hash.finalize();
    digest
        .first_chunk::<8>()
        .map_or(0, |bytes| u64::from_be_bytes(*bytes))
}
