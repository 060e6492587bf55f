//! `/users/merge`, and what one profile takes over from another (Braze contract 8.4).
//! Promises that the kept profile never loses a value and that the merged one disappears.
//! Leaves deciding who is merged into whom to the endpoints.

use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::{MOST, choose, order};
use crate::answer::Answer;
use crate::profiles::{Key, Profiles, identifiers};
use crate::sandbox::Inner;
use crate::transport::{Context, Effect};

const NOT_AN_ARRAY: &str = "'merge_updates' must be an array of objects";
const TOO_MANY: &str = "a single request may not contain more than 50 merge updates";
const BAD_IDENTIFIER: &str = "identifiers must be objects with an 'external_id' property that is a string, 'user_alias' property that is \
                              an object, 'email' property that is a string, or 'phone' property that is a string";
const BAD_KEYS: &str =
    "'merge_updates' must only have 'identifier_to_merge' and 'identifier_to_keep'";

const TAKEN_OVER: &[&str] = &[
    "first_name",
    "last_name",
    "email",
    "gender",
    "dob",
    "phone",
    "time_zone",
    "home_city",
    "country",
    "language",
    "push_tokens",
];

impl Profiles {
    /// Puts `from` into `into` and removes it.
    pub(crate) fn merge(&mut self, from: Key, into: Key, now: i64) {
        if from == into || self.get(into).is_none() {
            return;
        }
        let Some(old) = self.remove(from) else { return };
        for field in TAKEN_OVER {
            let lacks = self
                .get(into)
                .is_some_and(|profile| !profile.fields.contains_key(*field));
            if let Some(value) = old.fields.get(*field).filter(|_| lacks) {
                self.set_field(into, field, Some(value.clone()));
            }
        }
        for alias in &old.user_aliases {
            self.add_alias(into, alias);
        }
        if let Some(profile) = self.get_mut(into) {
            for (name, value) in old.custom_attributes {
                if !profile.custom_attributes.contains_key(&name) {
                    if let Some(kind) = old.attribute_types.get(&name) {
                        profile.attribute_types.insert(name.clone(), kind.clone());
                    }
                    profile.custom_attributes.insert(name, value);
                }
            }
            for (mine, theirs) in [
                (&mut profile.custom_events, old.custom_events),
                (&mut profile.purchases, old.purchases),
            ] {
                for (name, count) in theirs {
                    mine.entry(name)
                        .and_modify(|own| *own = own.join(count))
                        .or_insert(count);
                }
            }
            profile.total_revenue += old.total_revenue;
            profile.created_at = profile.created_at.min(old.created_at);
            let most = profile.happenings.len().max(old.happenings.len());
            let mut all: Vec<_> = profile.happenings.drain(..).chain(old.happenings).collect();
            all.sort_by_key(|one| (one.received_at, one.request));
            let skip = all.len().saturating_sub(most.max(100));
            profile.happenings = all.into_iter().skip(skip).collect();
        }
        self.touch(into, now);
    }
}

pub(crate) fn merge(inner: &Inner, context: &Context, body: &Value) -> Effect {
    let Some(list) = body.get("merge_updates").and_then(Value::as_array) else {
        return Answer::bad(NOT_AN_ARRAY).into();
    };
    if list.len() > MOST {
        return Answer::bad(TOO_MANY).into();
    }
    let mut pairs = Vec::new();
    for item in list {
        let Some(item) = item.as_object() else {
            return Answer::bad(NOT_AN_ARRAY).into();
        };
        match (
            item.get("identifier_to_merge"),
            item.get("identifier_to_keep"),
        ) {
            (Some(merge), Some(keep)) if item.len() == 2 => pairs.push((merge, keep)),
            _ => return Answer::bad(BAD_KEYS).into(),
        }
    }
    if pairs
        .iter()
        .any(|(merge, keep)| !is_identifier(merge) || !is_identifier(keep))
    {
        return Answer::bad(BAD_IDENTIFIER).into();
    }
    inner.with_world(context.now, |world| {
        for (merge, keep) in pairs {
            let (from, into) = (find(&world.profiles, merge), find(&world.profiles, keep));
            if let (Some(from), Some(into)) = (from, into) {
                world.profiles.merge(from, into, context.now);
            }
        }
    });
    Answer::message(StatusCode::ACCEPTED, "success").into()
}

fn is_identifier(value: &Value) -> bool {
    let Some(map) = value.as_object() else {
        return false;
    };
    let is = |key: &str, right: fn(&Value) -> bool| map.get(key).is_some_and(right);
    let found = [
        is("external_id", Value::is_string),
        is("user_alias", Value::is_object),
        is("email", Value::is_string),
        is("phone", Value::is_string),
    ];
    let shared = (map.contains_key("email") || map.contains_key("phone")) && order(value).is_none();
    found.iter().filter(|one| **one).count() == 1 && !shared
}

fn find(profiles: &Profiles, value: &Value) -> Option<Key> {
    let map: &Map<String, Value> = value.as_object()?;
    let text = |key: &str| map.get(key).and_then(Value::as_str);
    if let Some(id) = text("external_id") {
        return profiles.by_external(id);
    }
    if let Some(alias) = map.get("user_alias") {
        return profiles.by_alias(&identifiers::alias(alias)?);
    }
    let keys = match (text("email"), text("phone")) {
        (Some(email), _) => profiles.by_email(email),
        (None, phone) => profiles.by_phone(&identifiers::phone(phone?)?),
    };
    choose(profiles, keys, &order(value)?)
}
