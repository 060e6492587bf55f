//! `/users/track` and its beta variants (Braze contract 5 and 6).
//! Promises that each object is judged on its own and that errors carry positions in the arrays that were sent.
//! Leaves the judging to `profiles` and the writing to `world`.

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::dates;
use crate::profiles::apply::{Origin, data_points};
use crate::profiles::attributes::{self, Target};
use crate::profiles::events;
use crate::profiles::identifiers::{NO_IDENTIFIER, Who};
use crate::sandbox::Inner;
use crate::settings::{BatchMode, Settings};
use crate::transport::{Context, Effect};
use crate::world::{Array, Checked, World};

const NOTHING_VALID: &str =
    "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields.";

/// Which of the three doors a request came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variant {
    Standard,
    Bulk,
    Sync,
}

struct Judged {
    valid: Vec<Checked>,
    errors: Vec<Value>,
    accepted: [usize; 3],
    points: u64,
}

fn arrays(body: &Value) -> Option<[Vec<Value>; 3]> {
    let map = body.as_object()?;
    let take = |array: Array| match map.get(array.name()) {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::Array(items)) => Some(items.clone()),
        Some(_) => None,
    };
    let [attributes, events, purchases] = Array::ALL;
    Some([take(attributes)?, take(events)?, take(purchases)?])
}

fn too_many(settings: &Settings, variant: Variant, arrays: &[Vec<Value>; 3]) -> bool {
    let total: usize = arrays.iter().map(Vec::len).sum();
    match variant {
        Variant::Sync => total > 1,
        Variant::Bulk => total > 1000,
        Variant::Standard => match settings.batch_mode {
            BatchMode::Combined75 => total > 75,
            BatchMode::Combined50 => total > 50,
            BatchMode::PerArray75 => arrays.iter().any(|array| array.len() > 75),
        },
    }
}

fn judge(settings: &Settings, arrays: [Vec<Value>; 3], now: i64) -> Judged {
    let mut judged = Judged {
        valid: Vec::new(),
        errors: Vec::new(),
        accepted: [0; 3],
        points: 0,
    };
    for ((array, items), count) in Array::ALL.into_iter().zip(arrays).zip(&mut judged.accepted) {
        for (index, item) in items.into_iter().enumerate() {
            let checked = match item {
                Value::Object(object) => check(settings, array, object, now),
                _ => Err(vec![NO_IDENTIFIER.to_owned()]),
            };
            match checked {
                Ok(checked) => {
                    *count += 1;
                    judged.points += match &checked {
                        Checked::Attributes(_, object) => data_points(object),
                        Checked::Happening(..) => 1,
                    };
                    judged.valid.push(checked);
                }
                Err(texts) => judged.errors.extend(texts.into_iter().map(
                    |text| json!({"type": text, "input_array": array.name(), "index": index}),
                )),
            }
        }
    }
    judged
}

fn check(
    settings: &Settings,
    array: Array,
    mut object: Map<String, Value>,
    now: i64,
) -> Result<Checked, Vec<String>> {
    if array == Array::Attributes {
        let target = attributes::check(settings, &object)?;
        return Ok(Checked::Attributes(target, Arc::new(object)));
    }
    let purchase = array == Array::Purchases;
    let taken = if purchase {
        events::check_purchase(settings, &object, now)?
    } else {
        events::check_event(settings, &object, now)?
    };
    events::trim(&mut object);
    Ok(Checked::Happening(taken, purchase, Arc::new(object)))
}

/// Answers a request whose body was read.
pub(crate) fn track(inner: &Inner, context: &Context, body: &Value, variant: Variant) -> Effect {
    let settings = &context.settings;
    if variant != Variant::Standard && !settings.betas {
        return Answer::no_permission().into();
    }
    let Some(arrays) = arrays(body) else {
        return Answer::bad("Bad Request").into();
    };
    if too_many(settings, variant, &arrays) {
        return Answer::bad("Max Input Length Exceeded").into();
    }
    let sent = [0, 1, 2].map(|at| arrays.get(at).map_or(0, Vec::len));
    let judged = judge(settings, arrays, context.now);
    if variant == Variant::Bulk && over_100_per_profile(&judged.valid) {
        return Answer::bad("Max Input Length Exceeded").into();
    }
    let refused = sent.iter().sum::<usize>() - judged.valid.len();
    if judged.valid.is_empty() {
        let mut answer = json!({ "message": NOTHING_VALID });
        if !judged.errors.is_empty()
            && let Some(map) = answer.as_object_mut()
        {
            map.insert("errors".to_owned(), Value::Array(judged.errors));
        }
        return Effect {
            refused,
            ..Answer::json(StatusCode::BAD_REQUEST, &answer).into()
        };
    }

    let origin = Origin {
        now: context.now,
        request: context.request,
    };
    let sync = (variant == Variant::Sync).then(|| judged.valid.clone());
    let users = inner.with_world(context.now, |world| {
        world.enqueue(settings, origin, judged.valid, context.bytes);
        sync.map(|valid| {
            // The answer of the synchronous variant comes after processing.
            world.settle(settings, i64::MAX);
            valid
                .first()
                .map_or_else(Vec::new, |checked| echo(world, checked))
        })
    });

    let mut answer = Map::new();
    if let Some(users) = users {
        answer.insert("users".to_owned(), Value::Array(users));
        answer.insert("message".to_owned(), json!("success"));
    } else {
        answer.insert("message".to_owned(), json!("success"));
        for (array, count) in Array::ALL.into_iter().zip(judged.accepted) {
            if count > 0 {
                answer.insert(format!("{}_processed", array.name()), json!(count));
            }
        }
    }
    if !judged.errors.is_empty() {
        answer.insert("errors".to_owned(), Value::Array(judged.errors));
    }
    Effect {
        answer: Answer::json(StatusCode::CREATED, &Value::Object(answer)),
        accepted: judged.accepted,
        refused,
        data_points: judged.points,
    }
}

fn over_100_per_profile(valid: &[Checked]) -> bool {
    let mut counts: HashMap<String, usize> = HashMap::new();
    valid.iter().any(|checked| {
        let who = match checked {
            Checked::Attributes(Target::One(who), _) => format!("{who:?}"),
            Checked::Attributes(Target::Tokens, _) => return false,
            Checked::Happening(taken, ..) => format!("{:?}", taken.who),
        };
        let count = counts.entry(who).or_default();
        *count += 1;
        *count > 100
    })
}

/// What `/users/track/sync` tells of the one profile: only the data that the request named.
fn echo(world: &World, checked: &Checked) -> Vec<Value> {
    let (who, object) = match checked {
        Checked::Attributes(Target::One(who), object) => (who, object),
        Checked::Happening(taken, _, object) => (&taken.who, object),
        Checked::Attributes(Target::Tokens, _) => return Vec::new(),
    };
    let Some(profile) = world
        .profiles
        .find(who)
        .and_then(|key| world.profiles.get(key))
    else {
        return Vec::new();
    };
    let mut user = Map::new();
    let (name, id) = match who {
        Who::External(id) => ("external_id", json!(id)),
        Who::Alias(alias) => ("user_alias", json!(alias)),
        Who::Braze(id) => ("braze_id", json!(id)),
        Who::Email(email) => ("email", json!(email)),
        Who::Phone(phone) => ("phone", json!(phone)),
    };
    user.insert(name.to_owned(), id);
    match checked {
        Checked::Attributes(..) => {
            let mut custom = Map::new();
            for key in object.keys() {
                if let Some(value) = profile.custom_attributes.get(key) {
                    custom.insert(key.clone(), value.clone());
                } else if let Some(value) = profile.fields.get(key) {
                    user.insert(key.clone(), value.clone());
                }
            }
            if !custom.is_empty() {
                user.insert("custom_attributes".to_owned(), Value::Object(custom));
            }
        }
        Checked::Happening(_, purchase, _) => {
            let (list, counts, key) = if *purchase {
                ("purchase_events", &profile.purchases, "product_id")
            } else {
                ("custom_events", &profile.custom_events, "name")
            };
            let named = object.get(key).and_then(Value::as_str).unwrap_or_default();
            if let Some(count) = counts.get(named) {
                let (first, last) = (dates::iso(count.first), dates::iso(count.last));
                user.insert(
                    list.to_owned(),
                    json!([{key: named, "first": first, "last": last, "count": count.count}]),
                );
            }
        }
    }
    vec![Value::Object(user)]
}
