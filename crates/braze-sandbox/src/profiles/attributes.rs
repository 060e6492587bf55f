//! Takes in an attributes object: what refuses it and what it asks for (Braze contract 5.2 and 5.3).
//! Promises every error of the object, in the order of its keys, before anything is written.
//! Leaves writing to `apply`.

use serde_json::{Map, Value};

use super::identifiers::{self, BAD_EMAIL, Who};
use crate::settings::Settings;

/// An attributes object that was accepted.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    /// One profile.
    One(Who),
    /// Push tokens of people not known yet.
    Tokens,
}

/// The states of `email_subscribe` and `push_subscribe`.
pub(crate) fn is_state(value: &Value) -> bool {
    matches!(
        value.as_str(),
        Some("opted_in" | "subscribed" | "unsubscribed")
    )
}

/// Whether a text has the form of a UUID, as group ids have.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(at, c)| {
            if matches!(at, 8 | 13 | 18 | 23) {
                c == '-'
            } else {
                c.is_ascii_hexdigit()
            }
        })
}

/// Checks an attributes object; the errors are texts of contract 2.3.
pub(crate) fn check(
    settings: &Settings,
    object: &Map<String, Value>,
) -> Result<Target, Vec<String>> {
    let import = object.get("push_token_import").and_then(Value::as_bool) == Some(true);
    let target = if import {
        Ok(Target::Tokens)
    } else {
        identifiers::who(settings, object).map(Target::One)
    };
    let mut errors = Vec::new();
    let target = match target {
        Ok(target) => Some(target),
        Err(texts) => {
            errors = texts;
            None
        }
    };
    if import {
        let named = ["external_id", "braze_id"]
            .iter()
            .any(|key| object.get(*key).is_some_and(|value| !value.is_null()));
        if named || !object.get("push_tokens").is_some_and(Value::is_array) {
            errors.push("BAD_PUSH_TOKEN_IMPORT".to_owned());
        }
    }
    for (key, value) in object {
        if key == "email_subscription_info" {
            errors.push("INVALID_ATTRIBUTE_EMAIL_SUBSCRIPTION_INFO".to_owned());
        }
        if value.is_null() {
            continue;
        }
        match key.as_str() {
            // A wrong JSON type is ignored later on; a text must be an address.
            "email"
                if value
                    .as_str()
                    .is_some_and(|text| identifiers::email(text).is_none())
                    && !errors.iter().any(|text| text == BAD_EMAIL) =>
            {
                errors.push(BAD_EMAIL.to_owned());
            }
            "email_subscribe" if !is_state(value) => {
                errors.push("BAD_EMAIL_SUBSCRIPTION_STATE".to_owned());
            }
            "push_subscribe" if !is_state(value) => {
                errors.push("BAD_PUSH_SUBSCRIPTION_STATE".to_owned());
            }
            "current_location" if !is_location(value) => {
                errors.push("BAD_LOCATION_UPDATE".to_owned());
            }
            "subscription_groups" => groups(settings, value, &mut errors),
            "push_tokens" => tokens(settings, value, &mut errors),
            _ => {}
        }
    }
    match target {
        Some(target) if errors.is_empty() => Ok(target),
        _ => Err(errors),
    }
}

fn is_location(value: &Value) -> bool {
    let within = |key: &str, most: f64| {
        value
            .get(key)
            .and_then(Value::as_f64)
            .is_some_and(|number| number.abs() <= most)
    };
    within("longitude", 180.0) && within("latitude", 90.0)
}

/// Checks `subscription_groups`; also used for recipients' attributes.
pub(crate) fn groups(settings: &Settings, value: &Value, errors: &mut Vec<String>) {
    let Some(items) = value.as_array() else {
        errors.push("BAD_SUBSCRIPTION_GROUP_ARRAY".to_owned());
        return;
    };
    for item in items {
        let (Some(id), Some(state)) = (
            item.get("subscription_group_id"),
            item.get("subscription_state"),
        ) else {
            errors.push("BAD_SUBSCRIPTION_GROUP_HASH".to_owned());
            continue;
        };
        if !id.as_str().is_some_and(|id| is_group(settings, id)) {
            errors.push("BAD_SUBSCRIPTION_GROUP_ID".to_owned());
        }
        if !matches!(state.as_str(), Some("subscribed" | "unsubscribed")) {
            errors.push("BAD_SUBSCRIPTION_GROUP_STATE".to_owned());
        }
    }
}

/// Whether the id is a group of the workspace: one of those that were set, else any UUID.
pub(crate) fn is_group(settings: &Settings, id: &str) -> bool {
    is_uuid(id)
        && (settings.subscription_groups.is_empty()
            || settings
                .subscription_groups
                .iter()
                .any(|group| group.id == id))
}

fn tokens(settings: &Settings, value: &Value, errors: &mut Vec<String>) {
    let Some(items) = value
        .as_array()
        .filter(|items| items.iter().all(Value::is_object))
    else {
        errors.push("BAD_PUSH_TOKEN_VALUE".to_owned());
        return;
    };
    for item in items {
        if !item.get("token").is_some_and(Value::is_string) {
            errors.push("BAD_PUSH_TOKEN_STRING".to_owned());
        }
        let app = item.get("app_id").and_then(Value::as_str);
        let known = app.is_some_and(|app| {
            settings.app_ids.is_empty() || settings.app_ids.iter().any(|id| id == app)
        });
        if !known {
            errors.push("BAD_PUSH_TOKEN_APP_ID".to_owned());
        }
        if let Some(device) = item.get("device_id").filter(|device| !device.is_null())
            && !device
                .as_str()
                .is_some_and(|device| (8..=255).contains(&device.len()))
        {
            errors.push("BAD_DEVICE_ID".to_owned());
        }
    }
}
