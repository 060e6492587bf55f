//! Tests of the way out: single promises in words, and a model with crashes between any two steps.
//! Promises that the planted mistakes named in `docs` (cursor before answer, wrong index, ignored errors, overtaking) turn red.
//! Leaves Braze's real wording to the contract tests of `braze`.

mod calls_in_words;
mod crashes_in_words;
mod lane_in_words;
mod model;
mod pace;
mod pack_in_words;
mod story;
mod trouble_in_words;
mod world;

use super::{CallKind, Item, OwnCall};
use crate::{ids::ContactId, time::Millis};
use uuid::Uuid;

pub(super) const START: Millis = Millis(1_800_000_000_000);

pub(super) fn contact(number: u128) -> ContactId {
    ContactId::from_uuid(Uuid::from_u128(number))
}

/// An object that says where it comes from: `{"s":7,"o":0}`; strings and braces make it hard to cut apart.
pub(super) fn object(seq: i64, ordinal: usize) -> String {
    format!(r#"{{"s":{seq},"o":{ordinal},"x":"}},{{\"\\","n":[{{"y":1}}]}}"#)
}

/// A delivery whose objects are made by [`object`].
pub(super) fn item(seq: i64, who: u128, attributes: bool, events: u16, purchases: u16) -> Item {
    let first_event = usize::from(attributes);
    let first_purchase = first_event + usize::from(events);
    let join = |first: usize, count: u16| {
        let objects: Vec<String> = (first..first + usize::from(count))
            .map(|ordinal| object(seq, ordinal))
            .collect();
        objects.join(",").into_boxed_str()
    };
    Item {
        seq,
        contact: contact(who),
        attributes: attributes.then(|| object(seq, 0).into_boxed_str()),
        events: join(first_event, events),
        event_count: events,
        purchases: join(first_purchase, purchases),
        purchase_count: purchases,
        call: None,
        attempts: 0,
        first_tried: None,
        marks: Vec::new(),
        words: String::new(),
    }
}

/// A delivery that is a call of its own, with one object made by [`object`] as its body.
pub(super) fn own_call(seq: i64, who: u128, kind: CallKind) -> Item {
    Item {
        call: Some(Box::new(OwnCall {
            kind,
            body: object(seq, 0),
        })),
        ..item(seq, who, false, 0, 0)
    }
}

/// What a body holds: (array name, position, seq, ordinal).
pub(super) fn read_body(body: &[u8]) -> Vec<(String, usize, i64, usize)> {
    let json: serde_json::Value = serde_json::from_slice(body).expect("the body is JSON");
    if let Some(seq) = json["s"].as_i64() {
        return vec![("call".to_owned(), 0, seq, 0)];
    }
    let mut objects = Vec::new();
    for (array, values) in json.as_object().expect("an object") {
        for (place, value) in values.as_array().expect("an array").iter().enumerate() {
            let ordinal = usize::try_from(value["o"].as_u64().expect("o")).expect("small");
            objects.push((
                array.clone(),
                place,
                value["s"].as_i64().expect("s"),
                ordinal,
            ));
        }
    }
    objects
}
