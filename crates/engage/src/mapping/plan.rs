//! Planning one entry: the hot path, once per accepted entry and connection.
//! Promises complete JSON objects written by serde_json, in the order of the mapping.
//! Leaves checking the mapping to `problems`.

use super::{
    Facts, Mapping, Moment, Note, NoteKind, Part, Plan, Planned, PlannedAttributes, SkipReason,
    Target,
    convert::{self, Unfit},
    object::Object,
    planned::{stable_hash, value_hash},
    source::Found,
};
use crate::{
    Value,
    hub::{EventTrigger, IdentifyBy},
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// Placeholders that must never become a person (contract 4.5), in lower case.
const DUMMIES: [&str; 9] = [
    "null",
    "undefined",
    "none",
    "nan",
    "0",
    "anonymous",
    "guest",
    "[object object]",
    "00000000-0000-0000-0000-000000000000",
];

/// Bytes of the longest external id (contract 4.2).
const LONGEST_ID: usize = 987;

#[derive(Serialize)]
struct UserAlias<'a> {
    alias_name: &'a str,
    alias_label: &'a str,
}

#[derive(Serialize)]
struct Group<'a> {
    subscription_group_id: &'a str,
    subscription_state: &'static str,
}

impl Mapping {
    /// Plans what an entry sends. Takes a few microseconds.
    pub fn plan(&self, facts: &Facts<'_>) -> Plan {
        let trigger = match facts.moment {
            Moment::Entry => EventTrigger::Entry,
            Moment::PlayFinished => EventTrigger::PlayFinished,
        };
        let entry = facts.moment == Moment::Entry;
        let mut planned = Planned::default();
        let mut values = Vec::new();
        for attribute in &self.attributes {
            // Of a play that ends after its entry only the play's own facts are new; the rest has been sent.
            if !(entry || attribute.from.is_play()) || !applies(attribute.cards.as_deref(), facts) {
                continue;
            }
            let Some(found) = attribute.from.find(facts) else {
                continue;
            };
            let value = match attribute.target {
                Target::Standard(field) => convert::standard(found, field),
                Target::Custom(kind) => convert::typed(found, kind),
            };
            match value {
                Ok(value) => values.push((attribute.to.as_str(), value)),
                Err(unfit) => planned.notes.push(note(attribute.to.clone(), unfit)),
            }
        }
        let (states, groups) = if entry {
            self.subscriptions(facts)
        } else {
            Default::default()
        };
        let events = || {
            self.events
                .iter()
                .filter(|event| event.on == trigger && applies(event.cards.as_deref(), facts))
        };
        let has_events = events().next().is_some();
        let has_values = !(values.is_empty() && states.is_empty() && groups.is_empty());
        if !has_values && !has_events {
            return Plan::Nothing;
        }
        let who = match self.identify(facts) {
            Ok(who) => who,
            Err(reason) => return Plan::Skip(reason),
        };
        // An alias-only profile comes into being only by attributes (contract 4.4): then they go along with the event
        // even if they say nothing else. Otherwise an object without values would touch a profile for nothing (13.33).
        let makes_profile = self.by == IdentifyBy::Alias && self.flag == Some(false);
        if has_values || makes_profile {
            let mut profile = Profile::new(self.identity(&who));
            for (name, value) in &values {
                profile.value(name, value, value.is_plain());
            }
            for (name, state) in &states {
                profile.value(name, state, false);
            }
            if !groups.is_empty() {
                profile.value("subscription_groups", &groups, false);
            }
            planned.attributes = profile.close();
        }
        if has_events {
            let time = facts.accepted_at.to_iso();
            for event in events() {
                let mut properties = Vec::with_capacity(event.properties.len());
                for (to, from, kind) in &event.properties {
                    let Some(found) = from.find(facts) else {
                        continue;
                    };
                    match convert::typed(found, *kind) {
                        Ok(value) => properties.push((to.as_str(), value)),
                        Err(unfit) => planned
                            .notes
                            .push(note(format!("{}.{to}", event.name), unfit)),
                    }
                }
                let mut object = self.identity(&who);
                object.member("name", &event.name);
                object.member("time", &time);
                if !properties.is_empty() {
                    object.member("properties", &Entries(&properties));
                }
                planned.events.extend(object.close());
            }
        }
        Plan::Send(planned)
    }

    fn subscriptions<'a>(
        &'a self,
        facts: &Facts<'_>,
    ) -> (Vec<(&'a str, &'static str)>, Vec<Group<'a>>) {
        let (mut states, mut groups): (Vec<(&str, &str)>, Vec<Group<'_>>) =
            (Vec::new(), Vec::new());
        for subscription in &self.subscriptions {
            let Some(consent) = facts
                .consents
                .iter()
                .find(|consent| consent.key == subscription.consent)
            else {
                continue;
            };
            let Some(state) = (if consent.given {
                Some(subscription.given)
            } else {
                subscription.withheld
            }) else {
                continue;
            };
            // Of two consents of one form for the same target the first counts: an object must not name a field twice.
            if subscription.is_group {
                if groups
                    .iter()
                    .all(|group| group.subscription_group_id != subscription.to)
                {
                    groups.push(Group {
                        subscription_group_id: &subscription.to,
                        subscription_state: state,
                    });
                }
            } else if states.iter().all(|(to, _)| *to != subscription.to) {
                states.push((&subscription.to, state));
            }
        }
        (states, groups)
    }

    fn identify<'a>(&'a self, facts: &'a Facts<'_>) -> Result<Cow<'a, str>, SkipReason> {
        let found = self
            .identifier
            .find(facts)
            .ok_or(SkipReason::NoIdentifier)?;
        if matches!(
            found,
            Found::Bool(_) | Found::Value(Value::Bool(_) | Value::List(_) | Value::Number(_))
        ) {
            return Err(SkipReason::IdentifierNotValid);
        }
        let text = convert::to_text(found);
        match self.by {
            IdentifyBy::Email => convert::email(&text)
                .map(Cow::Owned)
                .ok_or(SkipReason::IdentifierNotValid),
            IdentifyBy::Phone => convert::phone(&text)
                .map(Cow::Owned)
                .ok_or(SkipReason::IdentifierNotValid),
            IdentifyBy::ExternalId | IdentifyBy::BrazeId | IdentifyBy::Alias => {
                let trimmed = text.trim();
                if trimmed.is_empty()
                    || DUMMIES
                        .iter()
                        .any(|dummy| trimmed.eq_ignore_ascii_case(dummy))
                {
                    return Err(SkipReason::DummyIdentifier);
                }
                if text.len() > LONGEST_ID {
                    Err(SkipReason::IdentifierTooLong)
                } else {
                    Ok(text)
                }
            }
        }
    }

    /// An object that says whose it is.
    fn identity(&self, who: &str) -> Object {
        let mut object = Object::new();
        match self.by {
            IdentifyBy::ExternalId => object.member("external_id", who),
            IdentifyBy::BrazeId => object.member("braze_id", who),
            IdentifyBy::Email => object.member("email", who),
            IdentifyBy::Phone => object.member("phone", who),
            IdentifyBy::Alias => {
                let alias = UserAlias {
                    alias_name: who,
                    alias_label: &self.label,
                };
                object.member("user_alias", &alias)
            }
        };
        if let Some(flag) = self.flag {
            object.member("_update_existing_only", &flag);
        }
        object
    }
}

/// An attributes object that remembers where each value stands.
struct Profile {
    object: Object,
    head_end: usize,
    person: Sha256,
    parts: Vec<Part>,
}

impl Profile {
    fn new(object: Object) -> Self {
        let head_end = object.len();
        let person = Sha256::new().chain_update(object.bytes(0, head_end));
        Self {
            object,
            head_end,
            person,
            parts: Vec::with_capacity(8),
        }
    }

    fn value<T: Serialize + ?Sized>(&mut self, name: &str, value: &T, delta: bool) {
        if let Some(place) = self.object.member(name, value) {
            self.parts.push(Part {
                start: place.start,
                end: place.end,
                name: stable_hash(name.as_bytes()),
                value: value_hash(&self.person, self.object.bytes(place.value, place.end)),
                delta,
            });
        }
    }

    fn close(self) -> Option<PlannedAttributes> {
        Some(PlannedAttributes {
            json: self.object.close()?,
            head_end: self.head_end,
            parts: self.parts,
        })
    }
}

/// Named values as a JSON object, in their order.
struct Entries<'a, 'b>(&'a [(&'b str, convert::Out<'b>)]);

impl Serialize for Entries<'_, '_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

fn applies(cards: Option<&[String]>, facts: &Facts<'_>) -> bool {
    cards.is_none_or(|cards| cards.iter().any(|card| card == facts.card_key))
}

fn note(target: String, unfit: Unfit) -> Note {
    let kind = match unfit {
        Unfit::TooLong => NoteKind::TooLong,
        Unfit::NotValid => NoteKind::NotValid,
    };
    Note { target, kind }
}
