//! The identity endpoints: identify, aliases, merge, delete, rename and remove (Braze contract 8).
//! Promises that an answer of success proves nothing about a match, exactly as Braze's does not.
//! Leaves the profiles' indices to `profiles`.

mod alias;
mod delete;
mod external_ids;
mod identify;
mod merge;

pub(crate) use alias::{new as alias_new, update as alias_update};
pub(crate) use delete::delete;
pub(crate) use external_ids::{remove, rename};
pub(crate) use identify::identify;
pub(crate) use merge::merge;

use serde_json::Value;

use crate::profiles::{Key, Profiles};

/// Most items of one request.
pub(crate) const MOST: usize = 50;
pub(crate) const TOO_MANY: &str = "The max number of ids per request was exceeded";

/// The words of a `prioritization`, in order; `None` when it is missing or not allowed.
pub(crate) fn order(item: &Value) -> Option<Vec<&str>> {
    let words: Vec<&str> = item
        .get("prioritization")?
        .as_array()?
        .iter()
        .map(Value::as_str)
        .collect::<Option<_>>()?;
    let known = words.iter().all(|word| {
        matches!(
            *word,
            "identified" | "unidentified" | "most_recently_updated" | "least_recently_updated"
        )
    });
    let sides = words
        .iter()
        .filter(|word| matches!(**word, "identified" | "unidentified"))
        .count();
    (known && sides <= 1 && !words.is_empty()).then_some(words)
}

/// The one profile that is left after prioritising; `None` when there is none or more than one.
pub(crate) fn choose(profiles: &Profiles, mut keys: Vec<Key>, order: &[&str]) -> Option<Key> {
    let touched = |key: &Key| profiles.get(*key).map_or(0, |profile| profile.touched);
    let identified = |key: &Key| {
        profiles
            .get(*key)
            .is_some_and(|profile| profile.external_id.is_some())
    };
    for word in order {
        match *word {
            "identified" => keys.retain(identified),
            "unidentified" => keys.retain(|key| !identified(key)),
            "most_recently_updated" => {
                keys = keys.into_iter().max_by_key(touched).into_iter().collect();
            }
            _ => keys = keys.into_iter().min_by_key(touched).into_iter().collect(),
        }
    }
    match keys.as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}

/// The items of an array of the body; an absent one is empty, anything else is wrong.
pub(crate) fn items<'a>(body: &'a Value, key: &str) -> Result<&'a [Value], ()> {
    match body.get(key) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(()),
    }
}

/// A non-empty text of an object.
pub(crate) fn text<'a>(item: &'a Value, key: &str) -> Option<&'a str> {
    item.get(key)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}
