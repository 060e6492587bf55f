//! `/users/external_ids/rename` and `/users/external_ids/remove` (Braze contract 8.6 and 8.7).
//! Promises that a renamed id still finds its person until it is removed.
//! Leaves looking an id up to `profiles`.

use serde_json::{Value, json};

use super::{MOST, TOO_MANY, text};
use crate::answer::Answer;
use crate::profiles::{Profiles, identifiers};
use crate::sandbox::Inner;
use crate::settings::Settings;
use crate::transport::{Context, Effect};

fn list<'a>(body: &'a Value, key: &str) -> Result<&'a Vec<Value>, Answer> {
    match body.get(key).and_then(Value::as_array) {
        Some(list) if list.len() > MOST => Err(Answer::bad(TOO_MANY)),
        Some(list) if !list.is_empty() => Ok(list),
        _ => Err(Answer::bad(&format!(
            "'{key}' must be an array that is not empty"
        ))),
    }
}

pub(crate) fn rename(inner: &Inner, context: &Context, body: &Value) -> Effect {
    let list = match list(body, "external_id_renames") {
        Ok(list) => list,
        Err(answer) => return answer.into(),
    };
    let (mut renamed, mut errors) = (Vec::new(), Vec::new());
    inner.with_world(context.now, |world| {
        for (index, item) in list.iter().enumerate() {
            match rename_one(&context.settings, &mut world.profiles, item, context.now) {
                Ok(id) => renamed.push(id),
                Err(text) => errors.push(json!([index, text])),
            }
        }
    });
    Answer::created(json!({"message": "success", "external_ids": renamed, "rename_errors": errors}))
        .into()
}

fn rename_one(
    settings: &Settings,
    profiles: &mut Profiles,
    item: &Value,
    now: i64,
) -> Result<String, &'static str> {
    let old = text(item, "current_external_id").ok_or("'current_external_id' is required")?;
    let new = text(item, "new_external_id").ok_or("'new_external_id' is required")?;
    identifiers::external(settings, new)?;
    if old == new {
        return Err("'new_external_id' must differ from 'current_external_id'");
    }
    let key = profiles
        .by_primary(old)
        .ok_or("'current_external_id' is not the primary id of a user")?;
    if profiles.by_external(new).is_some() {
        return Err("'new_external_id' is already in use");
    }
    profiles.rename(key, new);
    profiles.touch(key, now);
    Ok(new.to_owned())
}

pub(crate) fn remove(inner: &Inner, context: &Context, body: &Value) -> Effect {
    let list = match list(body, "external_ids") {
        Ok(list) => list,
        Err(answer) => return answer.into(),
    };
    let (mut removed, mut errors) = (Vec::new(), Vec::new());
    inner.with_world(context.now, |world| {
        for (index, item) in list.iter().enumerate() {
            let id = item.as_str().unwrap_or_default();
            if world.profiles.by_deprecated(id).is_some() && world.profiles.drop_deprecated(id) {
                removed.push(id);
            } else {
                errors.push(json!([
                    index,
                    "only deprecated external ids can be removed"
                ]));
            }
        }
    });
    Answer::created(json!({"message": "success", "removed_ids": removed, "removal_errors": errors}))
        .into()
}
