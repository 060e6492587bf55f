//! Who a message is for (Braze contract 11.1).
//! Promises that `attributes` are written before the message, and that an unknown person is made only on request.
//! Leaves sending to the endpoints.

use serde_json::{Map, Value};

use crate::identity::{choose, order};
use crate::profiles::Key;
use crate::profiles::identifiers::{self, Who};
use crate::settings::Settings;
use crate::world::World;

/// A recipient whose identifier was read.
pub(super) struct Checked {
    who: Who,
    /// Makes the profile when it is unknown.
    create: bool,
}

/// Where a recipient led.
pub(super) enum Found {
    Profile(Key),
    Nobody,
}

/// Reads the one identifier of a recipient and checks what depends on it.
pub(super) fn check(settings: &Settings, recipient: &Value) -> Result<Checked, String> {
    let who = identifier(settings, recipient)?;
    let attributes = recipient.get("attributes").and_then(Value::as_object);
    if let Some(map) = attributes {
        attributes_fit(settings, map)?;
    }
    let create = recipient
        .get("send_to_existing_only")
        .and_then(Value::as_bool)
        == Some(false);
    if create && matches!(who, Who::Alias(_)) {
        return Err("'send_to_existing_only' false cannot be used with 'user_alias'".to_owned());
    }
    if create && attributes.is_none_or(Map::is_empty) {
        return Err("'attributes' is required when 'send_to_existing_only' is false".to_owned());
    }
    Ok(Checked { who, create })
}

/// Checks the attributes of a recipient as those of an object of its own.
pub(super) fn attributes_fit(settings: &Settings, map: &Map<String, Value>) -> Result<(), String> {
    let mut object = map.clone();
    object.insert(
        "external_id".to_owned(),
        Value::String("recipient".to_owned()),
    );
    crate::profiles::attributes::check(settings, &object)
        .map(|_| ())
        .map_err(|errors| errors.into_iter().next().unwrap_or_default())
}

pub(super) fn identifier(settings: &Settings, recipient: &Value) -> Result<Who, String> {
    let given = |key: &str| recipient.get(key).filter(|value| !value.is_null());
    let keys = ["external_user_id", "user_alias", "braze_id", "email"];
    if keys.iter().filter(|key| given(key).is_some()).count() != 1 {
        return Err(
            "exactly one of 'external_user_id', 'user_alias', 'braze_id' or 'email' is required"
                .to_owned(),
        );
    }
    if let Some(id) = given("external_user_id") {
        let id = id.as_str().ok_or("'external_user_id' is not valid")?;
        identifiers::external(settings, id)?;
        return Ok(Who::External(id.to_owned()));
    }
    if let Some(alias) = given("user_alias") {
        return identifiers::alias(alias)
            .map(Who::Alias)
            .ok_or_else(|| "'user_alias' is not valid".to_owned());
    }
    if let Some(id) = given("braze_id") {
        return id
            .as_str()
            .map(|id| Who::Braze(id.to_owned()))
            .ok_or_else(|| "'braze_id' is not valid".to_owned());
    }
    let email = given("email")
        .and_then(Value::as_str)
        .and_then(identifiers::email);
    if order(recipient).is_none() {
        return Err("'prioritization' is required with 'email'".to_owned());
    }
    email
        .map(Who::Email)
        .ok_or_else(|| identifiers::BAD_EMAIL.to_owned())
}

/// Finds or makes the profile and writes the recipient's attributes to it.
pub(super) fn find(
    settings: &Settings,
    world: &mut World,
    recipient: &Value,
    checked: &Checked,
    now: i64,
) -> Found {
    let profiles = &mut world.profiles;
    let known = match &checked.who {
        Who::Email(email) => {
            order(recipient).and_then(|order| choose(profiles, profiles.by_email(email), &order))
        }
        who => profiles.find(who),
    };
    let key = match known {
        Some(key) => Some(key),
        None if checked.create => profiles.find_or_create(&checked.who, true, now),
        None => None,
    };
    let Some(key) = key else { return Found::Nobody };
    if let Some(attributes) = recipient.get("attributes").and_then(Value::as_object) {
        write(settings, world, key, attributes, now);
    }
    Found::Profile(key)
}

/// Writes attributes to a known profile.
pub(super) fn write(
    settings: &Settings,
    world: &mut World,
    key: Key,
    attributes: &Map<String, Value>,
    now: i64,
) {
    let mut warnings = Vec::new();
    let who = Who::Braze(String::new());
    world
        .profiles
        .write_fields(settings, key, &who, attributes, &mut warnings);
    world.profiles.touch(key, now);
    if let Some(profile) = world.profiles.get_mut(key) {
        for text in warnings {
            profile.warn(text);
        }
    }
}
