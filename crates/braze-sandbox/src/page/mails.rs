//! One mail, as its recipient would see it: on a phone, on a desk, by night, as text.
//! Promises that what stands in a mail can draw and nothing else: no script, no frame, no form.
//! Leaves rendering to `messaging`; it happened when the mail was sent.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::views;
use crate::sandbox::Sandbox;

/// Mails carry styles within and pictures from elsewhere. Their links open outside of the frame.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src http: https: data:; frame-ancestors 'self'; \
                      sandbox allow-popups allow-popups-to-escape-sandbox";

#[derive(Deserialize)]
pub(super) struct Light {
    night: Option<String>,
}

fn find(sandbox: &Sandbox, id: &str) -> Option<Map<String, Value>> {
    let mut mails = sandbox.mails().into_iter();
    mails.find(|mail| mail.get("id").and_then(Value::as_str) == Some(id))
}

/// `GET /sandbox/mails/{id}`
pub(super) async fn one(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    Query(light): Query<Light>,
) -> Response {
    match find(&sandbox, &id) {
        Some(mail) => views::mail(&sandbox, &mail, light.night.is_some()),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `GET /sandbox/mails/{id}/html`: the mail's own document. With `?night`, as a mail program shows it by night; without, by day.
pub(super) async fn html(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    Query(light): Query<Light>,
) -> Response {
    let Some(mail) = find(&sandbox, &id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let html = mail.get("html").and_then(Value::as_str).unwrap_or_default();
    let asked = if light.night.is_some() {
        "all"
    } else {
        "not all"
    };
    let html = html
        .replace("(prefers-color-scheme: dark)", asked)
        .replacen("<head>", "<head><base target=\"_blank\">", 1);
    let policy = HeaderValue::from_static(POLICY);
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(html)).into_response()
}
