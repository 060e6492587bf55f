//! `/users/identify` (Braze contract 8.1).
//! Promises that an unidentified profile gets its id, or goes into the one that has it.
//! Leaves taking over fields to `merge`.

use serde_json::{Map, Value, json};

use super::{MOST, TOO_MANY, choose, items, order, text};
use crate::answer::Answer;
use crate::profiles::{Key, Profiles, identifiers};
use crate::sandbox::Inner;
use crate::settings::Settings;
use crate::transport::{Context, Effect};

pub(crate) fn identify(inner: &Inner, context: &Context, body: &Value) -> Effect {
    let lists = [
        "aliases_to_identify",
        "emails_to_identify",
        "phone_numbers_to_identify",
    ]
    .map(|key| items(body, key));
    let [Ok(aliases), Ok(emails), Ok(phones)] = lists else {
        return Answer::bad("Bad Request").into();
    };
    let count = aliases.len() + emails.len() + phones.len();
    if count == 0 {
        return Answer::bad("'aliases_to_identify', 'emails_to_identify' or 'phone_numbers_to_identify' is required").into();
    }
    if count > MOST {
        return Answer::bad(TOO_MANY).into();
    }
    let settings = &context.settings;
    let (processed, errors) = inner.with_world(context.now, |world| {
        let profiles = &mut world.profiles;
        let mut processed = 0;
        let mut errors = Vec::new();
        for (list, find) in [
            (aliases, by_alias as Find),
            (emails, by_email as Find),
            (phones, by_phone as Find),
        ] {
            for (index, item) in list.iter().enumerate() {
                match one(settings, profiles, item, find, context.now) {
                    Ok(()) => processed += 1,
                    Err(text) => errors.push(
                        json!({"type": text, "input_array": "user_identifiers", "index": index}),
                    ),
                }
            }
        }
        (processed, errors)
    });
    let mut answer = Map::new();
    answer.insert("aliases_processed".to_owned(), json!(processed));
    answer.insert("message".to_owned(), json!("success"));
    if !errors.is_empty() {
        answer.insert("errors".to_owned(), Value::Array(errors));
    }
    Answer::created(Value::Object(answer)).into()
}

/// Finds the profile an item is about: `Ok(None)` is a miss, which is no error.
type Find = fn(&Profiles, &Value, &str) -> Result<Option<Key>, &'static str>;

fn by_alias(profiles: &Profiles, item: &Value, id: &str) -> Result<Option<Key>, &'static str> {
    let alias = item
        .get("user_alias")
        .and_then(identifiers::alias)
        .ok_or("'user_alias' is required")?;
    let taken = profiles
        .by_external(id)
        .and_then(|key| profiles.get(key))
        .is_some_and(|profile| profile.alias(&alias.alias_label).is_some());
    Ok(profiles.by_alias(&alias).filter(|_| !taken))
}

fn by_email(profiles: &Profiles, item: &Value, id: &str) -> Result<Option<Key>, &'static str> {
    let email = text(item, "email")
        .and_then(identifiers::email)
        .ok_or("'email' is required")?;
    shared(profiles, item, profiles.by_email(&email), id)
}

fn by_phone(profiles: &Profiles, item: &Value, id: &str) -> Result<Option<Key>, &'static str> {
    let phone = text(item, "phone")
        .and_then(identifiers::phone)
        .ok_or("'phone' is required")?;
    shared(profiles, item, profiles.by_phone(&phone), id)
}

fn shared(
    profiles: &Profiles,
    item: &Value,
    keys: Vec<Key>,
    id: &str,
) -> Result<Option<Key>, &'static str> {
    let order = order(item).ok_or("'prioritization' is required")?;
    let owner = profiles.by_external(id);
    if keys.len() > 1 && keys.iter().any(|key| Some(*key) == owner) {
        return Ok(None);
    }
    Ok(choose(profiles, keys, &order))
}

fn one(
    settings: &Settings,
    profiles: &mut Profiles,
    item: &Value,
    find: Find,
    now: i64,
) -> Result<(), &'static str> {
    let id = text(item, "external_id").ok_or("'external_id' is required")?;
    identifiers::external(settings, id)?;
    let Some(key) = find(profiles, item, id)? else {
        return Ok(());
    };
    if profiles
        .get(key)
        .is_some_and(|profile| profile.external_id.is_some())
    {
        return Ok(());
    }
    match profiles.by_external(id) {
        None => {
            profiles.set_external(key, id);
            profiles.touch(key, now);
        }
        Some(target) => profiles.merge(key, target, now),
    }
    Ok(())
}
