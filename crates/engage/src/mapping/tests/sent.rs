//! Deltas: a value that Braze has from us already is not sent again, and nothing is ever missing there because of it.
//! Promises a model of a profile that deltas and full sends leave the same, with parked deliveries and repeated ones.
//! Leaves where the record is kept to the store.

use super::{Entry, doc};
use crate::{
    Value,
    ids::ConnectionId,
    mapping::{
        Mapping, Planned, PlannedIdentity,
        sent::{Delta, Sent},
    },
};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

const MAPPED: &str = r#"
key = "b"
endpoint = "US-01"
user = { by = "external_id", from = "param:cid", identify = true, otherwise = [{ by = "alias", label = "komo_email", from = "field:email" }] }
attributes = [
    { from = "field:name", to = "first_name" },
    { from = "field:city", to = "home_city" },
    { from = "field:size", to = "taste.size" },
    { from = "field:cone", to = "taste.cone" },
    { from = "field:tags", to = "tags", operation = "add" },
    { from = "field:visits", to = "visits", operation = "increment" },
]
"#;

fn connection() -> ConnectionId {
    ConnectionId::from_uuid(Uuid::from_u128(9))
}

fn mapping() -> Mapping {
    Mapping::compile(&doc(MAPPED)).expect("a mapping without errors")
}

fn entry(fields: &[(&str, &str)]) -> Entry {
    let mut entry = Entry::new(fields);
    entry = entry.field("email", Value::Text("ada@example.org".into()));
    entry
}

fn known_as(cid: &str, fields: &[(&str, &str)]) -> Entry {
    let mut entry = entry(fields);
    entry.params.insert("cid".into(), cid.into());
    entry
}

/// Reads the stored text anew each time, as the store does.
fn decide(stored: &mut String, epoch: i64, planned: &Planned) -> (Option<Json>, u32, Option<Json>) {
    let mut sent = Sent::read(stored);
    let delta = Delta::of(&mut planned.clone(), connection(), epoch);
    let decided = sent.decide(&delta);
    *stored = sent.write();
    let read = |text: String| serde_json::from_str(&text).expect("valid JSON");
    (
        decided.attributes.map(read),
        decided.saved,
        decided.identify.map(read),
    )
}

#[test]
fn a_value_is_sent_once_and_again_when_it_changes() {
    let (mapping, mut stored) = (mapping(), String::new());
    let ada = known_as("c-1", &[("name", "Ada"), ("city", "Turin")]).sent(&mapping);
    let moved = known_as("c-1", &[("name", "Ada"), ("city", "Bari")]).sent(&mapping);
    let (first, saved, _) = decide(&mut stored, 0, &ada);
    assert_eq!(
        (first, saved),
        (
            Some(json!({"external_id": "c-1", "first_name": "Ada", "home_city": "Turin"})),
            0
        )
    );
    assert_eq!(decide(&mut stored, 0, &ada), (None, 2, None));
    let (second, saved, _) = decide(&mut stored, 0, &moved);
    assert_eq!(
        (second, saved),
        (Some(json!({"external_id": "c-1", "home_city": "Bari"})), 1)
    );
    let (back, ..) = decide(&mut stored, 0, &ada);
    assert_eq!(
        back,
        Some(json!({"external_id": "c-1", "home_city": "Turin"}))
    );
}

#[test]
fn a_full_resend_and_a_forgotten_record_send_everything() {
    let (mapping, mut stored) = (mapping(), String::new());
    let ada = known_as("c-1", &[("name", "Ada"), ("city", "Turin")]).sent(&mapping);
    let everything = Some(json!({"external_id": "c-1", "first_name": "Ada", "home_city": "Turin"}));
    decide(&mut stored, 0, &ada);
    assert_eq!(decide(&mut stored, 1, &ada).0, everything);
    assert_eq!(decide(&mut stored, 1, &ada).0, None);
    let mut sent = Sent::read(&stored);
    assert!(sent.forget(connection()));
    assert!(!sent.forget(connection()));
    assert!(!sent.forget(ConnectionId::from_uuid(Uuid::from_u128(1))));
    stored = sent.write();
    assert_eq!(decide(&mut stored, 1, &ada).0, everything);
    // A text that cannot be read is as good as none.
    assert_eq!(decide(&mut "{broken".to_owned(), 1, &ada).0, everything);
}

#[test]
fn operations_are_done_each_time() {
    let (mapping, mut stored) = (mapping(), String::new());
    let visit = known_as("c-1", &[("tags", "gelato"), ("visits", "1")]).sent(&mapping);
    for _ in 0..2 {
        let (sent, saved, _) = decide(&mut stored, 0, &visit);
        assert_eq!(saved, 0);
        assert_eq!(
            sent,
            Some(json!({"external_id": "c-1", "tags": {"add": ["gelato"]}, "visits": {"inc": 1}}))
        );
    }
}

#[test]
fn somebody_who_is_recognised_later_is_joined_once_and_sent_in_full() {
    let (mapping, mut stored) = (mapping(), String::new());
    let anonymous = entry(&[("name", "Ada")]).sent(&mapping);
    let known = known_as("c-1", &[("name", "Ada")]).sent(&mapping);
    assert_eq!((anonymous.identity.rank, known.identity.rank), (1, 0));
    let (_, _, identify) = decide(&mut stored, 0, &anonymous);
    assert_eq!(identify, None);
    let (sent, saved, identify) = decide(&mut stored, 0, &known);
    assert_eq!(
        identify,
        Some(
            json!({"aliases_to_identify": [{"external_id": "c-1", "user_alias": {"alias_name": "ada@example.org", "alias_label": "komo_email"}}]})
        )
    );
    assert_eq!(
        (sent, saved),
        (Some(json!({"external_id": "c-1", "first_name": "Ada"})), 0)
    );
    // Without the id once more, and with it again: the two are one already.
    decide(&mut stored, 0, &anonymous);
    assert_eq!(decide(&mut stored, 0, &known).2, None);
}

#[test]
fn profiles_are_joined_only_where_that_is_asked_for_and_possible() {
    use crate::hub::IdentifyBy::{Alias, BrazeId, Email, ExternalId, Phone};
    let who = |by, name: &str, join| PlannedIdentity {
        rank: 0,
        by,
        label: if by == Alias {
            "l".to_owned()
        } else {
            String::new()
        },
        name: name.to_owned(),
        join,
    };
    let id = who(ExternalId, "c-1", true);
    let body = |earlier: &PlannedIdentity| {
        let body = id.identify(earlier)?;
        serde_json::from_str::<Json>(&body).ok()
    };
    assert_eq!(
        body(&who(Email, "a@b.example", true)),
        Some(
            json!({"emails_to_identify": [{"external_id": "c-1", "email": "a@b.example", "prioritization": ["unidentified", "most_recently_updated"]}]})
        )
    );
    assert!(body(&who(Phone, "+43664123456", true)).is_some());
    assert!(body(&who(Alias, "x", true)).is_some());
    // Another external ID is another person.
    assert_eq!(body(&who(ExternalId, "c-2", true)), None);
    assert_eq!(body(&who(BrazeId, "5f", true)), None);
    assert_eq!(
        who(Alias, "x", true).identify(&who(Email, "a@b.example", true)),
        None
    );
    assert_eq!(
        who(ExternalId, "c-1", false).identify(&who(Alias, "x", true)),
        None
    );
}

#[test]
fn a_profile_that_only_had_to_be_made_is_made_once() {
    let mapping = Mapping::compile(&doc(
        "key = \"b\"\nendpoint = \"US-01\"\nuser = { by = \"alias\", label = \"komo_email\", from = \"field:email\" }\n[[events]]\non = \"entry\"\nname = \"e\"\n",
    ))
    .unwrap();
    let (planned, mut stored) = (entry(&[]).sent(&mapping), String::new());
    assert!(decide(&mut stored, 0, &planned).0.is_some());
    assert_eq!(decide(&mut stored, 0, &planned).0, None);
    assert!(decide(&mut stored, 1, &planned).0.is_some());
}

#[test]
fn the_record_stays_small() {
    let (mapping, mut stored) = (mapping(), String::new());
    let planned = known_as(
        "c-1",
        &[("name", "Ada"), ("city", "Turin"), ("size", "big")],
    )
    .sent(&mapping);
    decide(&mut stored, 0, &planned);
    assert!(stored.len() < 64 + 60 + 3 * 24, "{stored}");
    assert_eq!(Sent::read(&stored).write(), stored);
    assert_eq!(Sent::default().write(), "");
    // The hot path writes the first record of a new contact without looking.
    let delta = Delta::of(&mut planned.clone(), connection(), 0);
    assert_eq!(Sent::first([&delta]), stored);
}

/// Braze, as far as attributes go (contract 5.4).
#[derive(Clone, Debug, Default, PartialEq)]
struct Profile(Map<String, Json>);

impl Profile {
    fn take(&mut self, object: &Json) {
        for (name, value) in object.as_object().unwrap() {
            match (name.as_str(), value) {
                ("external_id" | "_merge_objects" | "user_alias" | "_update_existing_only", _) => {}
                (_, Json::Object(operation)) if operation.contains_key("inc") => {
                    let before = self.0.get(name).and_then(Json::as_i64).unwrap_or_default();
                    self.0.insert(
                        name.clone(),
                        json!(before + operation["inc"].as_i64().unwrap()),
                    );
                }
                (_, Json::Object(operation)) if operation.contains_key("add") => {
                    let list = self.0.entry(name).or_insert_with(|| json!([]));
                    let list = list.as_array_mut().unwrap();
                    for item in operation["add"].as_array().unwrap() {
                        list.retain(|other| other != item);
                        list.push(item.clone());
                    }
                }
                (_, Json::Object(nested)) => {
                    let object = self.0.entry(name).or_insert_with(|| json!({}));
                    let object = object.as_object_mut().unwrap();
                    object.extend(
                        nested
                            .iter()
                            .map(|(key, value)| (key.clone(), value.clone())),
                    );
                }
                _ => {
                    self.0.insert(name.clone(), value.clone());
                }
            }
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Enter(Vec<(&'static str, &'static str)>),
    Deliver,
    Park,
    /// Everything that was parked is sent as it was.
    SendParkedAgain,
    ResendAll,
}

fn answers() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    let answer = prop_oneof![
        (Just("name"), prop_oneof![Just("Ada"), Just("Bea")]),
        (Just("city"), prop_oneof![Just("Turin"), Just("Bari")]),
        (Just("size"), prop_oneof![Just("small"), Just("big")]),
        (Just("cone"), prop_oneof![Just("yes"), Just("no")]),
        (Just("tags"), prop_oneof![Just("gelato"), Just("sorbet")]),
        (Just("visits"), Just("1")),
    ];
    proptest::collection::vec(answer, 1..5)
}

fn steps(with_trouble: bool) -> impl Strategy<Value = Vec<Step>> {
    let quiet = prop_oneof![
        3 => answers().prop_map(Step::Enter),
        3 => Just(Step::Deliver),
        1 => Just(Step::ResendAll),
    ];
    let trouble = prop_oneof![
        4 => answers().prop_map(Step::Enter),
        3 => Just(Step::Deliver),
        2 => Just(Step::Park),
        1 => Just(Step::SendParkedAgain),
        1 => Just(Step::ResendAll),
    ];
    let step = if with_trouble {
        trouble.boxed()
    } else {
        quiet.boxed()
    };
    proptest::collection::vec(step, 1..40)
}

/// Plans entries with deltas, delivers them in order, parks some.
#[derive(Default)]
struct World {
    stored: String,
    epoch: i64,
    queue: std::collections::VecDeque<Option<Json>>,
    parked: Vec<Json>,
    profile: Profile,
    saved: u32,
}

impl World {
    fn enter(&mut self, mapping: &Mapping, fields: &[(&str, &str)]) -> Json {
        let planned = known_as("c-1", fields).sent(mapping);
        let (attributes, saved, _) = decide(&mut self.stored, self.epoch, &planned);
        self.saved += saved;
        self.queue.push_back(attributes);
        serde_json::from_str(&planned.attributes.unwrap().json).unwrap()
    }

    fn deliver(&mut self) {
        if let Some(Some(object)) = self.queue.pop_front() {
            self.profile.take(&object);
        }
    }

    fn drain(&mut self) {
        while !self.queue.is_empty() {
            self.deliver();
        }
    }

    fn forget(&mut self) {
        let mut sent = Sent::read(&self.stored);
        sent.forget(connection());
        self.stored = sent.write();
    }

    fn step(&mut self, mapping: &Mapping, step: &Step) -> Option<Json> {
        match step {
            Step::Enter(fields) => return Some(self.enter(mapping, fields)),
            Step::Deliver => self.deliver(),
            Step::Park => {
                if let Some(Some(object)) = self.queue.pop_front() {
                    self.parked.push(object);
                    self.forget();
                }
            }
            Step::SendParkedAgain => {
                for object in std::mem::take(&mut self.parked) {
                    self.profile.take(&object);
                    self.forget();
                }
            }
            Step::ResendAll => self.epoch += 1,
        }
        None
    }
}

proptest! {
    #[test]
    fn deltas_and_full_sends_leave_the_same_profile(steps in steps(false)) {
        let (mapping, mut world, mut full) = (mapping(), World::default(), Profile::default());
        let (mut entered, mut sent) = (0, 0);
        for step in &steps {
            if let Some(whole) = world.step(&mapping, step) {
                full.take(&whole);
                entered += 1;
                sent += usize::from(world.queue.back().unwrap().is_some());
            }
            let mut ahead = World { queue: world.queue.clone(), profile: world.profile.clone(), ..World::default() };
            ahead.drain();
            prop_assert_eq!(&ahead.profile, &full);
        }
        prop_assert!(sent <= entered);
    }

    #[test]
    fn whatever_was_parked_or_repeated_the_next_entry_arrives_whole(steps in steps(true), last in answers()) {
        let (mapping, mut world) = (mapping(), World::default());
        for step in &steps {
            world.step(&mapping, step);
        }
        world.drain();
        let whole = world.enter(&mapping, &last);
        world.drain();
        let (mut expected, profile) = (world.profile.clone(), world.profile.clone());
        let plain: Map<String, Json> = whole.as_object().unwrap().clone().into_iter()
            .filter(|(name, _)| !matches!(name.as_str(), "tags" | "visits"))
            .collect();
        expected.take(&Json::Object(plain));
        prop_assert_eq!(profile, expected);
    }
}
