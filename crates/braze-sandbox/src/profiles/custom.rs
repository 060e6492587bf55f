//! One write to one custom attribute (Braze contract 5.4.1 and 5.4.2).
//! Promises a new value, a removal, or a reason why nothing changes; the request succeeds in any case.
//! Leaves nested values to `nested` and keeping the result to `apply`.

use serde_json::{Map, Number, Value, json};

use super::nested;
use crate::dates;

/// What a write comes to.
#[derive(Debug, PartialEq)]
pub(crate) enum Write {
    /// The new value, its data type, its price in data points.
    Set(Value, &'static str, u64),
    /// The attribute goes.
    Remove,
    /// Nothing changes, for this reason.
    Drop(String),
}

/// Works out a write. `deep` is the object's `_merge_objects`, `most` the longest array allowed.
pub(crate) fn write(old: Option<&Value>, value: &Value, deep: bool, most: usize) -> Write {
    match value {
        Value::Null => Write::Remove,
        Value::Bool(_) => Write::Set(value.clone(), "boolean", 1),
        Value::Number(_) => Write::Set(value.clone(), "number", 1),
        Value::String(text) => string(text),
        Value::Array(items) if items.iter().any(Value::is_object) => objects(items),
        Value::Array(items) => plain(Vec::new(), &unique(items), most)
            .map_or_else(Write::Drop, |array| Write::Set(array, "array", 1)),
        Value::Object(map) => object(old, value, map, deep, most),
    }
}

fn string(text: &str) -> Write {
    if text.chars().count() > 255 {
        return Write::Drop("a text of over 255 characters".to_owned());
    }
    match dates::parse(text) {
        Some(moment) if (0..=3000).contains(&moment.year) => {
            Write::Set(json!(dates::iso(moment.millis)), "time", 1)
        }
        _ => Write::Set(json!(text), "string", 1),
    }
}

fn objects(items: &[Value]) -> Write {
    if !items.iter().all(Value::is_object) {
        return Write::Drop("an array holds either objects or plain values".to_owned());
    }
    match items
        .iter()
        .map(nested::clean)
        .collect::<Result<Vec<_>, _>>()
    {
        Ok(cleaned) => sized(
            Value::Array(cleaned),
            "object_array",
            items.iter().map(nested::keys).sum(),
        ),
        Err(why) => Write::Drop(why),
    }
}

fn sized(value: Value, kind: &'static str, points: u64) -> Write {
    if nested::fits(&value) {
        Write::Set(value, kind, points.max(1))
    } else {
        Write::Drop("over 100 KB".to_owned())
    }
}

/// An ordered set: an element that comes again moves to the end, the oldest fall out at the front.
fn plain(mut array: Vec<Value>, items: &[Value], most: usize) -> Result<Value, String> {
    for item in items {
        match item {
            Value::Array(_) | Value::Object(_) | Value::Null => {
                return Err("an array takes plain values only".to_owned());
            }
            Value::String(text) if text.chars().count() > 255 => {
                return Err("a text in the array has over 255 characters".to_owned());
            }
            _ => {}
        }
        array.push(item.clone());
    }
    Ok(Value::Array(last(array, most)))
}

fn last(mut array: Vec<Value>, most: usize) -> Vec<Value> {
    let over = array.len().saturating_sub(most);
    array.drain(..over);
    array
}

fn unique(items: &[Value]) -> Vec<Value> {
    let mut seen = std::collections::HashSet::new();
    items
        .iter()
        .filter(|item| seen.insert(item.to_string()))
        .cloned()
        .collect()
}

fn object(
    old: Option<&Value>,
    value: &Value,
    map: &Map<String, Value>,
    deep: bool,
    most: usize,
) -> Write {
    if let (1, Some(step)) = (map.len(), map.get("inc")) {
        return increment(old, step);
    }
    if !map.is_empty()
        && map
            .iter()
            .all(|(key, list)| matches!(key.as_str(), "add" | "remove") && list.is_array())
    {
        return add_and_remove(old, map, most);
    }
    if nested::is_operation(map) {
        let points = map
            .values()
            .filter_map(Value::as_array)
            .map(Vec::len)
            .sum::<usize>() as u64;
        return match nested::operate(old, map, deep) {
            Ok(array) => sized(array, "object_array", points),
            Err(why) => Write::Drop(why),
        };
    }
    if map.contains_key("$time") {
        return match nested::clean(value) {
            Ok(time) => Write::Set(time, "time", 1),
            Err(why) => Write::Drop(why),
        };
    }
    match nested::clean(value) {
        Err(why) => Write::Drop(why),
        Ok(_) if !nested::fits(value) => Write::Drop("over 100 KB".to_owned()),
        Ok(cleaned) => {
            let points = nested::keys(value);
            match old {
                Some(before @ Value::Object(_)) if deep => {
                    let mut merged = before.clone();
                    nested::merge(&mut merged, cleaned);
                    sized(merged, "object", points)
                }
                _ => sized(cleaned, "object", points),
            }
        }
    }
}

fn increment(old: Option<&Value>, step: &Value) -> Write {
    let Some(step) = step.as_i64() else {
        return Write::Drop("inc takes an integer".to_owned());
    };
    let sum = match old {
        Some(Value::Number(number)) => match number.as_i64() {
            Some(whole) => Some(Number::from(whole.saturating_add(step))),
            #[expect(
                clippy::cast_precision_loss,
                reason = "a float attribute has no more precision to lose"
            )]
            None => number
                .as_f64()
                .and_then(|float| Number::from_f64(float + step as f64)),
        },
        _ => Some(Number::from(step)),
    };
    sum.map_or_else(
        || Write::Drop("the sum is no number".to_owned()),
        |sum| Write::Set(Value::Number(sum), "number", 1),
    )
}

fn add_and_remove(old: Option<&Value>, map: &Map<String, Value>, most: usize) -> Write {
    let mut array = match old {
        Some(Value::Array(items)) => items.clone(),
        _ => Vec::new(),
    };
    let mut points = 0;
    if let Some(Value::Array(added)) = map.get("add") {
        let added = unique(added);
        points += added.len() as u64;
        array.retain(|item| !added.contains(item));
        array = match plain(array, &added, usize::MAX) {
            Ok(Value::Array(array)) => array,
            Ok(_) => Vec::new(),
            Err(why) => return Write::Drop(why),
        };
    }
    if let Some(Value::Array(removed)) = map.get("remove") {
        points += removed.len() as u64;
        array.retain(|item| !removed.contains(item));
    }
    Write::Set(Value::Array(last(array, most)), "array", points.max(1))
}
