//! What Braze has from us of a person, so that it is not sent again: a small record per contact and connection.
//! Promises that a value is left out only if the last thing planned for it was the very same, for the same profile.
//! Leaves keeping the record, and forgetting it when a delivery is parked, to the store.

use super::{Planned, PlannedAttributes, PlannedIdentity, planned::stable_hash};
use crate::ids::ConnectionId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

/// Most values that are remembered of one person; the oldest are forgotten, and sent again.
const MOST_VALUES: usize = 256;

/// Most joinings of profiles that are remembered.
const MOST_JOINED: usize = 8;

/// What was sent of one person to one connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The profile that it was sent to.
    #[serde(rename = "w")]
    who: PlannedIdentity,
    /// The connection's count of full resends when it was sent.
    #[serde(rename = "e", default)]
    epoch: i64,
    /// Hashes of names and values, the latest last.
    #[serde(rename = "v", default)]
    values: Values,
    /// Hashes of the joinings that were asked for.
    #[serde(rename = "j", default, skip_serializing_if = "Values::is_empty")]
    joined: Values,
}

/// Names and values by their hashes; as text 24 hexadecimal digits each. Half a hash is enough to find a name: the value's
/// covers the name as well, so that two names that share theirs only cost a value that is sent again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Values(Vec<(u32, u64)>);

/// Bytes of one pair.
const PAIR: usize = 12;

/// The part of a name's hash that is kept.
const fn short(name: u64) -> u32 {
    (name >> 32) as u32
}

impl Values {
    const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn has(&self, name: u64, value: u64) -> bool {
        self.0.contains(&(short(name), value))
    }

    fn forget(&mut self, name: u64) {
        self.0.retain(|(known, _)| *known != short(name));
    }

    fn put(&mut self, name: u64, value: u64, most: usize) {
        self.forget(name);
        if self.0.len() >= most {
            self.0.remove(0);
        }
        self.0.push((short(name), value));
    }
}

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::with_capacity(self.0.len() * PAIR);
        for (name, value) in &self.0 {
            bytes.extend_from_slice(&name.to_be_bytes());
            bytes.extend_from_slice(&value.to_be_bytes());
        }
        serializer.serialize_str(&hex::encode(bytes))
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = hex::decode(text).map_err(serde::de::Error::custom)?;
        let read = bytes.chunks_exact(PAIR).filter_map(|pair| {
            let (name, value) = pair.split_at_checked(4)?;
            Some((
                u32::from_be_bytes(*name.first_chunk()?),
                u64::from_be_bytes(*value.first_chunk()?),
            ))
        });
        Ok(Self(read.collect()))
    }
}

/// What was sent of one person to every connection: the text that the store keeps with the contact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sent(BTreeMap<String, Record>);

/// A plan on its way to be accepted, with what is needed to leave out what Braze has already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta {
    /// Where it goes.
    pub connection: ConnectionId,
    /// The connection's count of full resends.
    pub epoch: i64,
    /// Whose it is.
    pub identity: PlannedIdentity,
    /// The attributes object in parts; `None` if only events and purchases are sent.
    pub attributes: Option<PlannedAttributes>,
    /// The record of somebody of whom nothing was known before, written in advance: most people enter once, and then the
    /// transaction that accepts them need not think.
    first: String,
}

impl Delta {
    /// Splits what is needed off a plan; its events and purchases stay.
    pub fn of(planned: &mut Planned, connection: ConnectionId, epoch: i64) -> Self {
        let mut delta = Self {
            connection,
            epoch,
            identity: planned.identity.clone(),
            attributes: planned.attributes.take(),
            first: String::new(),
        };
        let (_, record) = decide(None, &delta);
        delta.first = serde_json::to_string(&record).unwrap_or_default();
        delta
    }
}

/// What is sent of a plan after a look at the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// The attributes object with what Braze does not have yet; `None` if it has everything.
    pub attributes: Option<String>,
    /// How many values were left out.
    pub saved: u32,
    /// The body of a call to `/users/identify` that goes before: the person was known in another way.
    pub identify: Option<String>,
}

impl Sent {
    /// Reads the stored text. One that cannot be read is as good as none: then everything is sent.
    pub fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// The text to be stored; empty if nothing is known.
    pub fn write(&self) -> String {
        if self.0.is_empty() {
            String::new()
        } else {
            serde_json::to_string(&self.0).unwrap_or_default()
        }
    }

    /// The text for somebody of whom nothing is known yet, once these have been sent, one for each connection; empty for
    /// none.
    pub fn first<'a>(deltas: impl IntoIterator<Item = &'a Delta>) -> String {
        let mut text = String::new();
        for delta in deltas.into_iter().filter(|delta| !delta.first.is_empty()) {
            text.push(if text.is_empty() { '{' } else { ',' });
            // An id needs no escaping.
            text.push('"');
            text.push_str(&delta.connection.to_string());
            text.push_str("\":");
            text.push_str(&delta.first);
        }
        if !text.is_empty() {
            text.push('}');
        }
        text
    }

    /// Decides what of a plan is sent, and remembers it.
    pub fn decide(&mut self, delta: &Delta) -> Decided {
        let key = delta.connection.to_string();
        let (decided, record) = decide(self.0.get(&key), delta);
        self.0.insert(key, record);
        decided
    }

    /// Forgets the values that were sent to a connection, because one of them did not arrive or something older was sent
    /// again. Who the person was is still known. Answers whether anything was forgotten.
    pub fn forget(&mut self, connection: ConnectionId) -> bool {
        self.0
            .get_mut(&connection.to_string())
            .is_some_and(|record| !std::mem::take(&mut record.values.0).is_empty())
    }
}

/// The same for one connection: what is sent, and the record afterwards.
fn decide(record: Option<&Record>, delta: &Delta) -> (Decided, Record) {
    let who = &delta.identity;
    let joining = record
        .filter(|record| !record.who.same_as(who))
        .and_then(|record| who.identify(&record.who));
    let same = record.filter(|record| record.epoch == delta.epoch && record.who.same_as(who));
    // Values of another profile say nothing about this one. Neither do those before a full resend.
    let mut after = Record {
        who: who.clone(),
        epoch: delta.epoch,
        values: same.map(|it| it.values.clone()).unwrap_or_default(),
        joined: record.map(|it| it.joined.clone()).unwrap_or_default(),
    };
    let identify = joining.filter(|body| {
        let hash = stable_hash(body.as_bytes());
        let new = !after.joined.has(hash, hash);
        after.joined.put(hash, hash, MOST_JOINED);
        new
    });
    let mut decided = Decided {
        identify,
        ..Decided::default()
    };
    if let Some(attributes) = &delta.attributes {
        decided.attributes = if attributes.parts.is_empty() {
            // Without values the object is there to make the profile: the record says that it was made before.
            same.is_none().then(|| attributes.json.clone())
        } else {
            leave_out(attributes, &after.values, &mut decided.saved)
        };
        for part in &attributes.parts {
            if part.delta {
                after.values.put(part.name, part.value, MOST_VALUES);
            } else {
                after.values.forget(part.name);
            }
        }
    }
    (decided, after)
}

fn leave_out(attributes: &PlannedAttributes, known: &Values, saved: &mut u32) -> Option<String> {
    let has = |part: &super::Part| part.delta && known.has(part.name, part.value);
    let count = attributes.parts.iter().filter(|part| has(part)).count();
    *saved = u32::try_from(count).unwrap_or(u32::MAX);
    if count == 0 {
        Some(attributes.json.clone())
    } else {
        attributes.without(has)
    }
}
