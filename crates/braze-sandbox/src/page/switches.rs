//! The switches: settings, faults, clearing.
//! Promises that an order which cannot be carried out is refused with the reason, and that no key is ever told.
//! Leaves who may use them to `guard`.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Form, Json};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::api::{Search, problem};
use super::views;
use crate::faults::FaultSpec;
use crate::sandbox::Sandbox;
use crate::settings::Settings;

/// The settings without the keys' secrets.
pub(super) async fn settings(State(sandbox): State<Sandbox>) -> Response {
    Json(masked(&sandbox.inner.settings())).into_response()
}

fn masked(settings: &Settings) -> Value {
    let mut value = json!(settings);
    for key in value
        .get_mut("keys")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        if let Some(map) = key.as_object_mut() {
            map.shift_remove("key");
        }
    }
    value
}

/// Takes a JSON object with the settings to change; the others stay.
pub(super) async fn change_settings(State(sandbox): State<Sandbox>, body: Bytes) -> Response {
    let change: Map<String, Value> = match serde_json::from_slice(&body) {
        Ok(change) => change,
        Err(error) => {
            return problem(
                StatusCode::BAD_REQUEST,
                &format!("The body must be a JSON object: {error}"),
            );
        }
    };
    let mut value = json!(*sandbox.inner.settings());
    if let Some(map) = value.as_object_mut() {
        map.extend(change);
    }
    match serde_json::from_value::<Settings>(value) {
        Ok(settings) => {
            let answer = masked(&settings);
            sandbox.inner.change_settings(settings);
            sandbox.inner.changed();
            Json(answer).into_response()
        }
        Err(error) => problem(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

pub(super) async fn faults(
    State(sandbox): State<Sandbox>,
    Query(search): Query<Search>,
    headers: HeaderMap,
) -> Response {
    if views::wants_html(&headers, &search) {
        return views::faults(&sandbox, "");
    }
    Json(json!({"faults": sandbox.faults()})).into_response()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    faults: Vec<FaultSpec>,
    /// Ends the faults that are there first.
    #[serde(default)]
    replace: bool,
}

pub(super) async fn add_faults(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let form = kind.starts_with("application/x-www-form-urlencoded");
    let order = if form {
        from_form(&body)
    } else {
        serde_json::from_slice::<Order>(&body).map_err(|error| error.to_string())
    };
    let possible = order.and_then(|order| {
        let wrong = order.faults.iter().find_map(FaultSpec::problem);
        wrong.map_or(Ok(order), Err)
    });
    let order = match possible {
        Ok(order) => order,
        Err(text) if form => {
            let page = views::faults(&sandbox, &text);
            return (StatusCode::BAD_REQUEST, page).into_response();
        }
        Err(text) => return problem(StatusCode::BAD_REQUEST, &text),
    };
    if order.replace {
        sandbox.clear_faults();
    }
    let added = sandbox.add_faults(order.faults);
    sandbox.inner.changed();
    if form {
        return Redirect::to("/sandbox/faults?format=html").into_response();
    }
    (StatusCode::CREATED, Json(json!({ "faults": added }))).into_response()
}

/// Fields of the page's form that are numbers, by the words of their labels.
const NUMBERS: [(&str, &str); 5] = [
    ("status", "Status"),
    ("times", "How often"),
    ("share", "Share of requests"),
    ("delay_ms", "Delay"),
    ("retry_after", "Retry after"),
];

/// The form of the page: one fault, empty fields left out, numbers as numbers.
fn from_form(body: &[u8]) -> Result<Order, String> {
    let mut map = Map::new();
    for (key, value) in form_urlencoded::parse(body) {
        let value = value.trim();
        if value.is_empty() {
            continue;
        }
        let number = serde_json::from_str::<Value>(value)
            .ok()
            .filter(Value::is_number);
        if let (None, Some((_, label))) = (&number, NUMBERS.iter().find(|(name, _)| *name == key)) {
            return Err(format!(
                "{label} takes a number, such as 3; “{value}” is none."
            ));
        }
        map.insert(key.into_owned(), number.unwrap_or_else(|| json!(value)));
    }
    let fault = serde_json::from_value(Value::Object(map)).map_err(|error| error.to_string())?;
    Ok(Order {
        faults: vec![fault],
        replace: false,
    })
}

pub(super) async fn clear_faults(State(sandbox): State<Sandbox>) -> Response {
    sandbox.clear_faults();
    sandbox.inner.changed();
    StatusCode::NO_CONTENT.into_response()
}

pub(super) async fn remove_fault(State(sandbox): State<Sandbox>, Path(id): Path<u64>) -> Response {
    if !sandbox.inner.faults.remove(id) {
        return problem(StatusCode::NOT_FOUND, "There is no fault with this number.");
    }
    sandbox.inner.changed();
    StatusCode::NO_CONTENT.into_response()
}

/// The button of a page without JavaScript: one fault by its number, or all.
pub(super) async fn clear_faults_form(
    State(sandbox): State<Sandbox>,
    Form(form): Form<BTreeMap<String, String>>,
) -> Response {
    match form.get("id").and_then(|id| id.parse().ok()) {
        Some(id) => {
            sandbox.inner.faults.remove(id);
        }
        None => sandbox.clear_faults(),
    }
    sandbox.inner.changed();
    Redirect::to("/sandbox/faults?format=html").into_response()
}

pub(super) async fn clear_state(State(sandbox): State<Sandbox>) -> Response {
    sandbox.clear();
    StatusCode::NO_CONTENT.into_response()
}

/// The button of a page without JavaScript.
pub(super) async fn clear_state_form(State(sandbox): State<Sandbox>) -> Response {
    sandbox.clear();
    Redirect::to("/sandbox").into_response()
}
