//! One delivery as the outbox keeps it: the finished JSON objects of one entry for one connection.
//! Promises: what is left to send is known object by object, and survives a restart as one short text.
//! Leaves packing to `pack`, and deciding what an answer means for an item to `lane`.

use super::{
    budget::Group,
    call::{CallKind, OwnCall},
};
use crate::{ids::ContactId, time::Millis};
pub use braze::Array;

/// What became of one object of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Still to be sent.
    Open,
    /// Braze has taken it.
    Delivered,
    /// Braze has refused it, or the product gave it up; a replay sends it again.
    Refused,
    /// Sent, no answer, and by the connection's choice never sent again.
    Unknown,
}

impl Mark {
    const fn letter(self) -> char {
        match self {
            Self::Open => 'o',
            Self::Delivered => 'd',
            Self::Refused => 'r',
            Self::Unknown => 'u',
        }
    }
}

/// One delivery: at most one attributes object, any number of events and purchases, all of one contact; or one call of its
/// own, which counts as one object with the ordinal 0 and is sent alone.
///
/// The objects are numbered: the attributes object first, then the events, then the purchases. That number is the
/// *ordinal* used by [`Item::marks`].
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The place in the outbox log; grows in the order of acceptance.
    pub seq: i64,
    /// Whose data this is; the order is kept per contact.
    pub contact: ContactId,
    /// One complete JSON object.
    pub attributes: Option<Box<str>>,
    /// Complete JSON objects joined by commas; may be empty.
    pub events: Box<str>,
    /// How many objects `events` holds.
    pub event_count: u16,
    /// Complete JSON objects joined by commas; may be empty.
    pub purchases: Box<str>,
    /// How many objects `purchases` holds.
    pub purchase_count: u16,
    /// A call of its own; then there are no attributes, events and purchases.
    pub call: Option<Box<OwnCall>>,
    /// Calls that carried this item and did not settle it.
    pub attempts: u32,
    /// When the first of those calls was made; the 72 hours of automatic retries count from here.
    pub first_tried: Option<Millis>,
    /// One mark per object by ordinal; empty while all are open.
    pub marks: Vec<Mark>,
    /// What Braze said about refused objects so far; stored and read back as the exception's detail.
    pub words: String,
}

impl Item {
    /// How many objects the item holds, settled ones included.
    pub fn objects(&self) -> usize {
        usize::from(self.call.is_some())
            + usize::from(self.attributes.is_some())
            + usize::from(self.event_count)
            + usize::from(self.purchase_count)
    }

    /// How many objects are still to be sent.
    pub fn open_objects(&self) -> usize {
        if self.marks.is_empty() {
            self.objects()
        } else {
            self.marks
                .iter()
                .filter(|mark| **mark == Mark::Open)
                .count()
        }
    }

    /// The mark of one object.
    pub fn mark(&self, ordinal: usize) -> Mark {
        self.marks.get(ordinal).copied().unwrap_or(Mark::Open)
    }

    /// Sets the mark of one object; an ordinal that does not exist is ignored.
    pub fn set_mark(&mut self, ordinal: usize, mark: Mark) {
        let objects = self.objects();
        if self.marks.len() < objects {
            self.marks.resize(objects, Mark::Open);
        }
        if let Some(place) = self.marks.get_mut(ordinal) {
            *place = mark;
        }
    }

    /// Turns every object that carries `from` into `to`.
    pub fn turn(&mut self, from: Mark, to: Mark) {
        for ordinal in 0..self.objects() {
            if self.mark(ordinal) == from {
                self.set_mark(ordinal, to);
            }
        }
    }

    /// Whether some object carries this mark.
    pub fn has(&self, mark: Mark) -> bool {
        (0..self.objects()).any(|ordinal| self.mark(ordinal) == mark)
    }

    /// Which array an ordinal belongs to.
    pub fn array_of(&self, ordinal: usize) -> Array {
        let first_event = usize::from(self.attributes.is_some());
        if ordinal < first_event {
            Array::Attributes
        } else if ordinal < first_event + usize::from(self.event_count) {
            Array::Events
        } else {
            Array::Purchases
        }
    }

    /// Whether sending an object twice comes to the same as sending it once (contract 2.5).
    pub fn is_repeatable(&self, ordinal: usize) -> bool {
        match &self.call {
            Some(call) => call.kind.is_repeatable(),
            None => self.array_of(ordinal) == Array::Attributes,
        }
    }

    /// Whether it asks Braze to delete somebody.
    pub fn is_deletion(&self) -> bool {
        let call = self.call.as_ref();
        call.is_some_and(|call| call.kind == CallKind::Delete)
    }

    /// The limits that sending it counts against.
    pub fn group(&self) -> Group {
        if self.call.is_some() {
            Group::Own
        } else {
            Group::Track
        }
    }

    /// The item's objects of one array with their ordinals, settled ones included.
    pub fn objects_of(&self, array: Array) -> impl Iterator<Item = (usize, &str)> {
        let first_event = usize::from(self.attributes.is_some());
        let (first, text): (usize, &str) = match array {
            Array::Attributes => (0, self.attributes.as_deref().unwrap_or_default()),
            Array::Events => (first_event, &self.events),
            Array::Purchases => (first_event + usize::from(self.event_count), &self.purchases),
        };
        split_objects(text)
            .enumerate()
            .map(move |(place, object)| (first + place, object))
    }

    /// The marks as the store keeps them: one letter per object (`o` open, `d` delivered, `r` refused, `u` unknown),
    /// empty while all are open.
    pub fn marks_text(&self) -> String {
        self.marks.iter().map(|mark| mark.letter()).collect()
    }

    /// Reads [`Item::marks_text`]; letters it does not know count as open, so that nothing is ever lost.
    pub fn marks_from_text(text: &str) -> Vec<Mark> {
        text.chars()
            .map(|letter| match letter {
                'd' => Mark::Delivered,
                'r' => Mark::Refused,
                'u' => Mark::Unknown,
                _ => Mark::Open,
            })
            .collect()
    }
}

/// Cuts comma-joined JSON objects apart, without parsing them: only braces and strings are followed.
pub fn split_objects(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let trimmed = rest.trim_start_matches([',', ' ', '\n']);
        if trimmed.is_empty() {
            return None;
        }
        let (object, after) = trimmed
            .split_at_checked(object_length(trimmed))
            .unwrap_or((trimmed, ""));
        rest = after;
        Some(object)
    })
}

fn object_length(text: &str) -> usize {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (place, byte) in text.bytes().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return place + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}
