//! The shapes in which Braze answers (Braze contract 2.1 and 2.2).
//! Promises one place for statuses and texts, so that no endpoint invents its own.
//! Leaves rate-limit headers to `limiter` and what is true to the endpoints.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use bytes::Bytes;
use serde_json::{Value, json};

/// A whole answer, before it is put on the wire.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// Boxed: answers travel as errors too, and those should be small.
    pub(crate) headers: Box<HeaderMap>,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(status: StatusCode, body: &Value) -> Self {
        let mut headers = Box::new(HeaderMap::new());
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        Self {
            status,
            headers,
            body: body.to_string().into(),
        }
    }

    /// `{"message": text}` with a status.
    pub(crate) fn message(status: StatusCode, text: &str) -> Self {
        Self::json(status, &json!({ "message": text }))
    }

    pub(crate) fn bad(text: &str) -> Self {
        Self::message(StatusCode::BAD_REQUEST, text)
    }

    /// 201 with `message` success and the endpoint's own fields before it.
    pub(crate) fn created(mut fields: Value) -> Self {
        if let Some(map) = fields.as_object_mut() {
            map.insert("message".to_owned(), json!("success"));
        }
        Self::json(StatusCode::CREATED, &fields)
    }

    /// 200 with `message` success and the endpoint's own fields before it.
    pub(crate) fn found(mut fields: Value) -> Self {
        if let Some(map) = fields.as_object_mut() {
            map.insert("message".to_owned(), json!("success"));
        }
        Self::json(StatusCode::OK, &fields)
    }

    pub(crate) fn unreadable() -> Self {
        let text = "\nProblem:\n  message body does not match declared format\nResolution:\n  when specifying \
                    application/json as content-type, you must pass valid application/json in the request's 'body' ";
        Self::json(StatusCode::BAD_REQUEST, &json!({ "error": text }))
    }

    pub(crate) fn bad_key() -> Self {
        Self::message(StatusCode::UNAUTHORIZED, "Error authenticating credentials")
    }

    pub(crate) fn no_permission() -> Self {
        Self::message(
            StatusCode::FORBIDDEN,
            "You do not have permission to access this resource",
        )
    }

    pub(crate) fn address_refused() -> Self {
        Self::message(StatusCode::FORBIDDEN, "Invalid whitelisted IPs")
    }

    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            self.headers.insert(name, value);
        }
        self
    }
}

/// What the sandbox says when only a status is known.
pub(crate) fn default_text(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "Bad Request",
        401 => "Error authenticating credentials",
        403 => "You do not have permission to access this resource",
        404 => "Not Found",
        413 => "Request Entity Too Large",
        415 => "Unsupported Media Type",
        429 => "Rate Limited",
        500..=599 => "Internal Server Error",
        _ => "success",
    }
}
