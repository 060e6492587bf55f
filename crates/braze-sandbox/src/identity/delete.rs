//! `/users/delete` (Braze contract 8.5).
//! Promises that one request names people in one way only, and that doubt deletes nobody.
//! Leaves the choice among several to `choose`.

use serde_json::{Value, json};

use super::{MOST, TOO_MANY, choose, order, text};
use crate::answer::Answer;
use crate::profiles::{Key, Profiles, identifiers};
use crate::sandbox::Inner;
use crate::transport::{Context, Effect};

const KINDS: [&str; 5] = [
    "external_ids",
    "user_aliases",
    "braze_ids",
    "email_addresses",
    "phone_numbers",
];

pub(crate) fn delete(inner: &Inner, context: &Context, body: &Value) -> Effect {
    let given: Vec<&str> = KINDS
        .into_iter()
        .filter(|kind| body.get(*kind).is_some_and(|value| !value.is_null()))
        .collect();
    let [kind] = given.as_slice() else {
        return Answer::bad("exactly one of 'external_ids', 'user_aliases', 'braze_ids', 'email_addresses' or 'phone_numbers' is required").into();
    };
    let Some(list) = body.get(*kind).and_then(Value::as_array) else {
        return Answer::bad(&format!("'{kind}' must be an array")).into();
    };
    if list.len() > MOST {
        return Answer::bad(TOO_MANY).into();
    }
    let deleted = inner.with_world(context.now, |world| {
        let profiles = &mut world.profiles;
        list.iter()
            .filter(|item| {
                find(profiles, kind, item).is_some_and(|key| profiles.remove(key).is_some())
            })
            .count()
    });
    Answer::created(json!({ "deleted": deleted })).into()
}

fn find(profiles: &Profiles, kind: &str, item: &Value) -> Option<Key> {
    match kind {
        "external_ids" => profiles.by_external(item.as_str()?),
        "braze_ids" => profiles.by_braze(item.as_str()?),
        "user_aliases" => profiles.by_alias(&identifiers::alias(item)?),
        "email_addresses" => {
            let keys = profiles.by_email(item.as_str().or_else(|| text(item, "email"))?);
            pick(profiles, item, keys)
        }
        _ => {
            let phone = identifiers::phone(item.as_str().or_else(|| text(item, "phone"))?)?;
            pick(profiles, item, profiles.by_phone(&phone))
        }
    }
}

/// A plain text means "only if exactly one profile matches".
fn pick(profiles: &Profiles, item: &Value, keys: Vec<Key>) -> Option<Key> {
    if item.is_string() {
        choose(profiles, keys, &[])
    } else {
        choose(profiles, keys, &order(item)?)
    }
}
