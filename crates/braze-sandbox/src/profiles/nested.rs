//! Nested custom attributes and arrays of objects (Braze contract 5.4.3 and 5.4.4).
//! Promises that one invalid value inside refuses the whole update, and that nothing above 100 KB is stored.
//! Leaves plain values and plain arrays to `custom`.

use serde_json::{Map, Value, json};

use crate::dates;

/// Largest nested attribute, in bytes of compact JSON.
pub(crate) const LARGEST: usize = 100 * 1024;

/// Whether the serialised value fits.
pub(crate) fn fits(value: &Value) -> bool {
    serde_json::to_vec(value).is_ok_and(|bytes| bytes.len() <= LARGEST)
}

/// Checks a nested value and puts dates into their stored form. The reason says what is wrong.
pub(crate) fn clean(value: &Value) -> Result<Value, String> {
    match value {
        Value::Null => Err("null is not allowed inside".to_owned()),
        Value::String(text) if text.chars().count() > 255 => {
            Err("a text inside has over 255 characters".to_owned())
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(value.clone()),
        Value::Array(items) => items
            .iter()
            .map(clean)
            .collect::<Result<Vec<_>, _>>()
            .map(Value::Array),
        Value::Object(map) => {
            if let Some(time) = map.get("$time") {
                return match time.as_str().and_then(dates::parse) {
                    Some(moment) if map.len() == 1 && (0..=3000).contains(&moment.year) => {
                        Ok(json!(dates::iso(moment.millis)))
                    }
                    _ => Err("$time inside is not a date".to_owned()),
                };
            }
            let mut cleaned = Map::new();
            for (key, value) in map {
                if key.is_empty() || key.chars().count() > 255 || key.contains(['.', '$', ' ']) {
                    return Err(format!("the key '{key}' is not allowed inside"));
                }
                cleaned.insert(key.clone(), clean(value)?);
            }
            Ok(Value::Object(cleaned))
        }
    }
}

/// Merges `update` into `target` at all levels.
pub(crate) fn merge(target: &mut Value, update: Value) {
    match (target, update) {
        (Value::Object(target), Value::Object(update)) => {
            for (key, value) in update {
                match target.get_mut(&key) {
                    Some(old) => merge(old, value),
                    None => {
                        target.insert(key, value);
                    }
                }
            }
        }
        (target, update) => *target = update,
    }
}

/// Billable keys of a nested object.
pub(crate) fn keys(value: &Value) -> u64 {
    match value {
        Value::Object(map) => map.values().map(|inner| keys(inner).max(1)).sum(),
        _ => 1,
    }
}

/// Whether an object asks for operations on an array of objects.
pub(crate) fn is_operation(map: &Map<String, Value>) -> bool {
    !map.is_empty()
        && map
            .keys()
            .all(|key| matches!(key.as_str(), "$add" | "$update" | "$remove"))
}

/// The array after `$add`, `$remove`, `$update`, in that order.
pub(crate) fn operate(
    old: Option<&Value>,
    map: &Map<String, Value>,
    deep: bool,
) -> Result<Value, String> {
    let mut items = match old {
        Some(Value::Array(items)) => items.clone(),
        _ => Vec::new(),
    };
    for added in list(map, "$add")? {
        if !added.is_object() {
            return Err("$add takes objects".to_owned());
        }
        items.push(clean(added)?);
    }
    for removal in list(map, "$remove")? {
        let (key, wanted) = selector(removal)?;
        items.retain(|item| item.get(key) != Some(wanted));
    }
    for update in list(map, "$update")? {
        let (key, wanted) = selector(update)?;
        let new = update
            .get("$new_object")
            .filter(|new| new.is_object())
            .ok_or("$update needs $new_object")?;
        let new = clean(new)?;
        for item in items
            .iter_mut()
            .filter(|item| item.get(key) == Some(wanted))
        {
            if deep {
                merge(item, new.clone());
            } else {
                *item = new.clone();
            }
        }
    }
    Ok(Value::Array(items))
}

fn list<'a>(map: &'a Map<String, Value>, key: &str) -> Result<&'a [Value], String> {
    match map.get(key) {
        None => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(format!("{key} takes an array")),
    }
}

fn selector(value: &Value) -> Result<(&str, &Value), String> {
    let key = value
        .get("$identifier_key")
        .and_then(Value::as_str)
        .ok_or("$identifier_key is missing")?;
    let wanted = value
        .get("$identifier_value")
        .ok_or("$identifier_value is missing")?;
    Ok((key, wanted))
}
