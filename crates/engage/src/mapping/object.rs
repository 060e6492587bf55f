//! One JSON object on its way to Braze, written member by member, with the place of each member.
//! Promises compact, valid JSON in the order of writing; names and values are written by serde_json.
//! Leaves what stands in it to `plan`.

use serde::Serialize;

/// An object that is being written.
pub(super) struct Object {
    bytes: Vec<u8>,
}

/// Bytes of `"name":value`, without commas.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Where the value begins.
    pub(super) value: usize,
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
        let (value, end) = written?;
        Some(Place { start, end, value })
    }

    fn write<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Option<(usize, usize)> {
        serde_json::to_writer(&mut self.bytes, name).ok()?;
        self.bytes.push(b':');
        let at = self.bytes.len();
        serde_json::to_writer(&mut self.bytes, value).ok()?;
        Some((at, self.bytes.len()))
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
