//! `/users/alias/new` and `/users/alias/update` (Braze contract 8.2 and 8.3).
//! Promises that a label names a profile once and that a taken alias stays where it is.
//! Leaves finding profiles by alias to `profiles`.

use serde_json::{Value, json};

use super::{MOST, TOO_MANY, items, text};
use crate::answer::Answer;
use crate::profiles::identifiers;
use crate::sandbox::Inner;
use crate::transport::{Context, Effect};

pub(crate) fn new(inner: &Inner, context: &Context, body: &Value) -> Effect {
    let Ok(list) = items(body, "user_aliases") else {
        return Answer::bad("Bad Request").into();
    };
    if list.is_empty() {
        return Answer::bad("'user_aliases' is required").into();
    }
    if list.len() > MOST {
        return Answer::bad(TOO_MANY).into();
    }
    let (processed, errors) = inner.with_world(context.now, |world| {
        let mut processed = 0;
        let mut errors = Vec::new();
        for (index, item) in list.iter().enumerate() {
            let Some(alias) = identifiers::alias(item) else {
                let text = "'alias_name' and 'alias_label' are required";
                errors.push(json!({"type": text, "input_array": "user_aliases", "index": index}));
                continue;
            };
            processed += 1;
            let profiles = &mut world.profiles;
            let key = match item.get("external_id").filter(|id| !id.is_null()) {
                Some(id) => id.as_str().and_then(|id| profiles.by_external(id)),
                None if profiles.by_alias(&alias).is_some() => None,
                None => Some(profiles.create(context.now)),
            };
            if let Some(key) = key
                && profiles.add_alias(key, &alias)
            {
                profiles.touch(key, context.now);
            }
        }
        (processed, errors)
    });
    finish(processed, errors)
}

fn finish(processed: usize, errors: Vec<Value>) -> Effect {
    let mut answer = json!({"aliases_processed": processed, "message": "success"});
    if !errors.is_empty()
        && let Some(map) = answer.as_object_mut()
    {
        map.insert("errors".to_owned(), Value::Array(errors));
    }
    Answer::created(answer).into()
}

pub(crate) fn update(inner: &Inner, context: &Context, body: &Value) -> Effect {
    let Ok(list) = items(body, "alias_updates") else {
        return Answer::bad("Bad Request").into();
    };
    if list.is_empty() {
        return Answer::bad("'alias_updates' is required").into();
    }
    if list.len() > MOST {
        return Answer::bad(TOO_MANY).into();
    }
    let (processed, errors) = inner.with_world(context.now, |world| {
        let mut processed = 0;
        let mut errors = Vec::new();
        for (index, item) in list.iter().enumerate() {
            let parts = (
                text(item, "alias_label"),
                text(item, "old_alias_name"),
                text(item, "new_alias_name"),
            );
            let (Some(label), Some(old), Some(new)) = parts else {
                let text = "'alias_label', 'old_alias_name' and 'new_alias_name' are required";
                errors.push(json!({"type": text, "input_array": "alias_updates", "index": index}));
                continue;
            };
            processed += 1;
            if let Some(key) = world.profiles.rename_alias(label, old, new) {
                world.profiles.touch(key, context.now);
            }
        }
        (processed, errors)
    });
    finish(processed, errors)
}
