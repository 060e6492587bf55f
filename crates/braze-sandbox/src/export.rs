//! `/users/export/ids` (Braze contract 9).
//! Promises only fields that were asked for, and `invalid_user_ids` only when an id was unknown.
//! Leaves how a profile looks in full to `profiles::view`.

use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::dates;
use crate::limiter::Verdict;
use crate::profiles::{Key, Profile, Profiles, identifiers};
use crate::sandbox::Inner;
use crate::settings::LimitGroup;
use crate::transport::{Context, Effect};

const FIELDS: &[&str] = &[
    "apps",
    "attributed_campaign",
    "attributed_source",
    "attributed_adgroup",
    "attributed_ad",
    "braze_id",
    "campaigns_received",
    "canvases_received",
    "cards_clicked",
    "country",
    "created_at",
    "custom_attributes",
    "custom_events",
    "devices",
    "dob",
    "email",
    "email_subscribe",
    "external_id",
    "first_name",
    "gender",
    "home_city",
    "language",
    "last_coordinates",
    "last_name",
    "phone",
    "purchases",
    "push_subscribe",
    "push_tokens",
    "random_bucket",
    "time_zone",
    "total_revenue",
    "uninstalled_at",
    "user_aliases",
];

/// The limit that a request falls under depends on its body, so it is checked here.
pub(crate) fn limit_group(body: &Value) -> LimitGroup {
    let heavy = |field: &Value| {
        matches!(
            field.as_str(),
            Some("campaigns_received" | "canvases_received")
        )
    };
    match body.get("fields_to_export").and_then(Value::as_array) {
        Some(fields) if !fields.iter().any(heavy) => LimitGroup::ExportFields,
        _ => LimitGroup::Export,
    }
}

pub(crate) fn export(inner: &Inner, context: &Context, body: &Value) -> Effect {
    let settings = &context.settings;
    // The faster limit is for the workspace's default limit only: a limit set by hand for `export` covers both.
    let group = if settings.rate_limits.contains_key(&LimitGroup::Export) {
        LimitGroup::Export
    } else {
        limit_group(body)
    };
    let headers = match inner.limiter.check(settings, group, context.now) {
        Verdict::Go(headers) => headers,
        Verdict::Stop(answer) => return answer.into(),
    };
    let mut answer = match wanted(settings.export_all_fields, body) {
        Err(text) => Answer::bad(text),
        Ok(fields) => {
            inner.with_world(context.now, |world| collect(&world.profiles, body, &fields))
        }
    };
    for (name, value) in headers {
        answer = answer.with_header(name, &value);
    }
    answer.into()
}

fn wanted(all: bool, body: &Value) -> Result<Vec<String>, &'static str> {
    match body.get("fields_to_export") {
        Some(Value::Array(fields)) if !fields.is_empty() => fields
            .iter()
            .map(|field| field.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or("fields_to_export must be an array of strings"),
        None | Some(Value::Null) if all => {
            Ok(FIELDS.iter().map(|field| (*field).to_owned()).collect())
        }
        _ => Err("fields_to_export is required"),
    }
}

fn collect(profiles: &Profiles, body: &Value, fields: &[String]) -> Answer {
    let list = |key: &str| {
        body.get(key)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let (ids, aliases) = (list("external_ids"), list("user_aliases"));
    if ids.len() + aliases.len() > 50 {
        return Answer::bad("The max number of external_ids and aliases per request was exceeded");
    }
    let single = |key: &str| body.get(key).and_then(Value::as_str);
    if ["device_id", "email_address", "phone"]
        .iter()
        .filter(|key| single(key).is_some())
        .count()
        > 1
    {
        return Answer::bad("Only one of device_id, email_address or phone may be provided");
    }
    let named = ["braze_id", "device_id", "email_address", "phone"]
        .iter()
        .any(|key| single(key).is_some());
    if ids.is_empty() && aliases.is_empty() && !named {
        return Answer::bad("No Recipients");
    }

    let mut keys: Vec<Key> = Vec::new();
    let mut unknown: Vec<Value> = Vec::new();
    for id in ids {
        match id.as_str().and_then(|id| profiles.by_external(id)) {
            Some(key) => keys.push(key),
            None => unknown.push(id),
        }
    }
    for name in aliases {
        match identifiers::alias(&name).and_then(|alias| profiles.by_alias(&alias)) {
            Some(key) => keys.push(key),
            None => unknown.push(name),
        }
    }
    if let Some(id) = single("braze_id") {
        match profiles.by_braze(id) {
            Some(key) => keys.push(key),
            None => unknown.push(json!(id)),
        }
    }
    if let Some(email) = single("email_address") {
        keys.extend(profiles.by_email(email));
    }
    if let Some(phone) = single("phone").and_then(identifiers::phone) {
        keys.extend(profiles.by_phone(&phone));
    }
    let mut seen = std::collections::HashSet::new();
    keys.retain(|key| seen.insert(*key));
    let users: Vec<Value> = keys
        .iter()
        .filter_map(|key| profiles.get(*key))
        .map(|profile| user(profile, fields))
        .collect();
    let mut answer = json!({"message": "success", "users": users});
    if !unknown.is_empty()
        && let Some(map) = answer.as_object_mut()
    {
        map.insert("invalid_user_ids".to_owned(), Value::Array(unknown));
    }
    Answer::json(axum::http::StatusCode::CREATED, &answer)
}

/// A missing field means null or empty, as Braze does it.
fn user(profile: &Profile, fields: &[String]) -> Value {
    let mut map = Map::new();
    for field in fields {
        if let Some(value) = field_of(profile, field) {
            map.insert(field.clone(), value);
        }
    }
    Value::Object(map)
}

fn field_of(profile: &Profile, field: &str) -> Option<Value> {
    let filled = |value: Value| {
        let empty = value.as_array().is_some_and(Vec::is_empty)
            || value.as_object().is_some_and(Map::is_empty);
        (!empty).then_some(value)
    };
    match field {
        "external_id" => profile.external_id.as_ref().map(|id| json!(id)),
        "braze_id" => Some(json!(profile.braze_id)),
        "user_aliases" => filled(json!(profile.user_aliases)),
        "custom_attributes" => filled(Value::Object(profile.custom_attributes.clone())),
        "custom_events" => filled(profile.event_counts()),
        "purchases" => filled(profile.purchase_counts()),
        "total_revenue" => Some(json!(profile.total_revenue)),
        "created_at" => Some(json!(dates::iso(profile.created_at))),
        "random_bucket" => {
            let tail = profile
                .braze_id
                .get(8..16)
                .and_then(|hex| u32::from_str_radix(hex, 16).ok());
            Some(json!(tail.unwrap_or(0) % 10_000))
        }
        "email_subscribe" | "push_subscribe" => Some(
            profile
                .fields
                .get(field)
                .cloned()
                .unwrap_or_else(|| json!("subscribed")),
        ),
        "last_coordinates" => {
            let place = profile.fields.get("current_location")?;
            Some(json!([place.get("longitude")?, place.get("latitude")?]))
        }
        _ if FIELDS.contains(&field) => profile.fields.get(field).cloned(),
        _ => None,
    }
}
