//! One JSON object on its way to Braze, written member by member, with the place of each member.
//! Promises compact, valid JSON in the order of writing; names and values are written by serde_json.
//! Leaves what stands in it to `plan`.

use super::{Attribute, Part, PlannedAttributes, convert::Out, planned::value_hash};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// A property and its value.
pub(super) type Named<'a> = (Cow<'a, str>, Out<'a>);

/// An object that is being written.
pub(super) struct Object {
    bytes: Vec<u8>,
}

/// Bytes of `"name":value`, without commas.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Object {
    pub(super) fn new() -> Self {
        let mut bytes = Vec::with_capacity(384);
        bytes.push(b'{');
        Self { bytes }
    }

    /// Writes one member. Strings and finite numbers cannot fail; should it all the same, nothing of the member stays.
    pub(super) fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Option<Place> {
        let before = self.bytes.len();
        if before > 1 {
            self.bytes.push(b',');
        }
        let start = self.bytes.len();
        let written = self.write(name, value);
        if written.is_none() {
            self.bytes.truncate(before);
        }
        Some(Place {
            start,
            end: written?,
        })
    }

    fn write<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Option<usize> {
        serde_json::to_writer(&mut self.bytes, name).ok()?;
        self.bytes.push(b':');
        serde_json::to_writer(&mut self.bytes, value).ok()?;
        Some(self.bytes.len())
    }

    /// How many bytes are written so far.
    pub(super) const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Bytes that were written.
    pub(super) fn bytes(&self, from: usize, to: usize) -> &[u8] {
        self.bytes.get(from..to).unwrap_or_default()
    }

    /// The whole object.
    pub(super) fn close(mut self) -> Option<String> {
        self.bytes.push(b'}');
        String::from_utf8(self.bytes).ok()
    }
}

/// The properties of an event or a purchase; none at all where there are none.
pub(super) fn write_properties(object: &mut Object, properties: &[Named<'_>]) {
    if !properties.is_empty() {
        object.member("properties", &Entries(properties));
    }
}

/// An attributes object that remembers where each value stands.
pub(super) struct Profile {
    object: Object,
    head_end: usize,
    person: Sha256,
    parts: Vec<Part>,
}

impl Profile {
    pub(super) fn new(mut object: Object, is_nested: bool) -> Self {
        let person = Sha256::new().chain_update(object.bytes(0, object.len()));
        if is_nested {
            // Without it a nested attribute would lose what other entries have put there (contract 5.4.3).
            object.member("_merge_objects", &true);
        }
        Self {
            head_end: object.len(),
            object,
            person,
            parts: Vec::with_capacity(8),
        }
    }

    pub(super) fn value<T: Serialize + ?Sized>(
        &mut self,
        name: &str,
        hash: u64,
        value: &T,
        delta: bool,
    ) {
        if let Some(place) = self.object.member(name, value) {
            self.parts.push(Part {
                start: place.start,
                end: place.end,
                name: hash,
                value: value_hash(&self.person, self.object.bytes(place.start, place.end)),
                delta,
            });
        }
    }

    pub(super) fn close(self) -> Option<PlannedAttributes> {
        Some(PlannedAttributes {
            json: self.object.close()?,
            head_end: self.head_end,
            parts: self.parts,
        })
    }
}

/// A nested attribute: values at the ends of their paths.
pub(super) struct Tree<'a>(Vec<(&'a [String], &'a Out<'a>)>);

impl<'a> Tree<'a> {
    pub(super) fn of(values: impl Iterator<Item = &'a (&'a Attribute, Out<'a>)>) -> Self {
        Self(
            values
                .map(|(attribute, out)| (attribute.path.as_slice(), out))
                .collect(),
        )
    }
}

impl Serialize for Tree<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut done: Vec<&str> = Vec::new();
        let mut members: Vec<(&str, Branch<'_>)> = Vec::new();
        for (path, out) in &self.0 {
            let Some((first, rest)) = path.split_first() else {
                continue;
            };
            if done.contains(&first.as_str()) {
                continue;
            }
            done.push(first);
            if rest.is_empty() {
                members.push((first, Branch::Leaf(out)));
            } else {
                let below = self.0.iter().filter_map(|(path, out)| {
                    let (other, rest) = path.split_first()?;
                    (other == first).then_some((rest, *out))
                });
                members.push((first, Branch::Tree(Tree(below.collect()))));
            }
        }
        serializer.collect_map(members)
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Branch<'a> {
    Leaf(&'a Out<'a>),
    Tree(Tree<'a>),
}

/// Named values as a JSON object, in their order.
struct Entries<'a, 'b>(&'a [Named<'b>]);

impl Serialize for Entries<'_, '_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
