//! Takes in event and purchase objects (Braze contract 5.5 and 5.7).
//! Promises every error of the object before anything is written, and properties as Braze would keep them.
//! Leaves counting to `apply` and the closed schemas of shop events to `shop`.

use serde_json::{Map, Value};

use super::identifiers::{self, Who};
use super::shop;
use crate::dates;
use crate::settings::Settings;

/// An event or purchase that was accepted.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub(crate) who: Who,
    /// UTC milliseconds; not later than the time of receipt.
    pub(crate) time: i64,
}

const LARGEST: usize = 100 * 1024;

fn text(object: &Map<String, Value>, key: &str, errors: &mut Vec<String>) {
    match object.get(key) {
        None | Some(Value::Null) => errors.push(format!("'{key}' is required")),
        Some(Value::String(text)) if !text.is_empty() && text.chars().count() <= 255 => {}
        Some(_) => errors.push(format!("'{key}' is not valid")),
    }
}

fn time(object: &Map<String, Value>, now: i64, errors: &mut Vec<String>) -> i64 {
    match object.get("time") {
        None | Some(Value::Null) => errors.push("'time' is required".to_owned()),
        Some(value) => match value.as_str().and_then(dates::parse) {
            Some(moment) => return moment.millis.min(now),
            None => errors.push("'time' is not valid".to_owned()),
        },
    }
    now
}

fn properties(object: &Map<String, Value>, errors: &mut Vec<String>) {
    let valid = match object.get("properties") {
        None | Some(Value::Null) => true,
        Some(Value::Object(map)) => {
            let keys = map.keys().all(|key| {
                !key.is_empty()
                    && key.chars().count() <= 255
                    && !key.starts_with('$')
                    && key != "time"
                    && key != "event_name"
            });
            let rich = map
                .values()
                .any(|value| value.is_array() || value.is_object());
            keys && !(rich && serde_json::to_vec(map).is_ok_and(|bytes| bytes.len() > LARGEST))
        }
        Some(_) => false,
    };
    if !valid {
        errors.push("'properties' is not valid".to_owned());
    }
}

fn finish(
    who: Result<Who, Vec<String>>,
    time: i64,
    mut errors: Vec<String>,
) -> Result<Taken, Vec<String>> {
    match who {
        Ok(who) if errors.is_empty() => Ok(Taken { who, time }),
        Ok(_) => Err(errors),
        Err(mut all) => {
            all.append(&mut errors);
            Err(all)
        }
    }
}

/// Checks an event object that arrived at `now`.
pub(crate) fn check_event(
    settings: &Settings,
    object: &Map<String, Value>,
    now: i64,
) -> Result<Taken, Vec<String>> {
    let who = identifiers::who(settings, object);
    let mut errors = Vec::new();
    text(object, "name", &mut errors);
    let time = time(object, now, &mut errors);
    properties(object, &mut errors);
    if let Some(name) = object.get("name").and_then(Value::as_str) {
        shop::check(name, object.get("properties"), &mut errors);
    }
    finish(who, time, errors)
}

/// Checks a purchase object that arrived at `now`.
pub(crate) fn check_purchase(
    settings: &Settings,
    object: &Map<String, Value>,
    now: i64,
) -> Result<Taken, Vec<String>> {
    let who = identifiers::who(settings, object);
    let mut errors = Vec::new();
    text(object, "product_id", &mut errors);
    match object.get("currency") {
        None | Some(Value::Null) => errors.push("'currency' is required".to_owned()),
        Some(value) => {
            if !value.as_str().is_some_and(|code| {
                iso_currency::Currency::from_code(&code.to_uppercase()).is_some()
            }) {
                errors.push("'currency' is not valid".to_owned());
            }
        }
    }
    match object.get("price") {
        None | Some(Value::Null) => errors.push("'price' is required".to_owned()),
        Some(Value::Number(_)) => {}
        Some(_) => errors.push("'price' is not valid".to_owned()),
    }
    match object.get("quantity") {
        None | Some(Value::Null) => {}
        Some(value) => {
            if !value
                .as_u64()
                .is_some_and(|quantity| (1..=100).contains(&quantity))
            {
                errors.push("'quantity' is not valid".to_owned());
            }
        }
    }
    let time = time(object, now, &mut errors);
    properties(object, &mut errors);
    finish(who, time, errors)
}

/// Leaves only what Braze keeps of the properties: the first 256, without over-long texts.
pub(crate) fn trim(object: &mut Map<String, Value>) {
    if let Some(Value::Object(map)) = object.get_mut("properties") {
        let mut kept = 0;
        map.retain(|_, value| {
            let short = value
                .as_str()
                .is_none_or(|text| text.chars().count() <= 255);
            kept += usize::from(short);
            short && kept <= 256
        });
    }
}
