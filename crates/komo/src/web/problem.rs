//! Answers when something is wrong: `application/problem+json` (RFC 9457) for programs, a calm page for people.
//! Promises: one text for the person outside, another for the log; nothing internal leaks.
//! Leaves to others: the words of pages (`pages`).

use axum::response::{IntoResponse, Response};
use engage::{form::FieldError, time::Millis};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use store::StoreError;

use crate::clock;

/// What went wrong with a request.
#[derive(Debug, Clone)]
pub enum Problem {
    /// 400: the body can't be read.
    Malformed(String),
    /// 403: a request from another site's page.
    CrossSite,
    /// 404.
    NotFound,
    /// 405.
    MethodNotAllowed,
    /// 408: the body did not come in time.
    TooSlow,
    /// 409: this person has entered before.
    AlreadyEntered {
        /// When the person may enter again.
        again_at: Option<Millis>,
    },
    /// 409: the play belongs to another entry, or was not finished.
    PlayUnusable,
    /// 410: closed.
    Closed,
    /// 403: not open yet.
    NotYetOpen,
    /// 413.
    TooLarge {
        /// The limit in KiB.
        limit_kib: usize,
    },
    /// 415.
    WrongType,
    /// 422: fields are wrong.
    Fields(Vec<FieldError>),
    /// 422: the idempotency key was used for another submission.
    KeyUsed,
    /// 422: a move that the card refuses, in the participant's language.
    Move(Vec<FieldError>),
    /// 429.
    TooMany {
        /// Seconds until the next try.
        retry_after: u64,
    },
    /// 503: could not be stored.
    Unavailable,
    /// 500: a mistake of ours, with a reference that the log has too.
    Broken(String),
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'a str,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(skip_serializing_if = "Option::is_none")]
    again_at: Option<String>,
}

impl Problem {
    /// The status code.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::CrossSite | Self::NotYetOpen => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::AlreadyEntered { .. } | Self::PlayUnusable => StatusCode::CONFLICT,
            Self::Closed => StatusCode::GONE,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::WrongType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Fields(_) | Self::KeyUsed | Self::Move(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// A stable name, and a title and a detail for people.
    fn words(&self) -> (&'static str, &'static str, String) {
        match self {
            Self::Malformed(why) => ("malformed", "The request can't be read", why.clone()),
            Self::CrossSite => (
                "cross-site",
                "The request came from another site",
                "Send the form from the hub's own page.".into(),
            ),
            Self::NotFound => ("not-found", "Not found", "There is nothing at this address. Check the names of the hub and the card.".into()),
            Self::MethodNotAllowed => ("method-not-allowed", "Method not allowed", "This address does not take requests of this kind.".into()),
            Self::TooSlow => ("too-slow", "The request took too long", "The body did not arrive in time. Send it again.".into()),
            Self::AlreadyEntered { again_at: None } => ("already-entered", "Already entered", "This person has already entered here.".into()),
            Self::AlreadyEntered { again_at: Some(at) } => {
                ("already-entered", "Already entered", format!("This person has already entered here and can enter again from {}.", at.to_iso()))
            }
            Self::PlayUnusable => (
                "play-unusable",
                "The play can't be used",
                "Finish a play of this card first, and send its play_id with one entry only.".into(),
            ),
            Self::Closed => ("closed", "Closed", "This card no longer takes entries.".into()),
            Self::NotYetOpen => ("not-yet-open", "Not open yet", "This card does not take entries yet.".into()),
            Self::TooLarge { limit_kib } => ("too-large", "The request is too large", format!("Send at most {limit_kib} KiB.")),
            Self::WrongType => (
                "wrong-type",
                "The request has a type that is not read here",
                "Send application/json, or an ordinary form post (application/x-www-form-urlencoded).".into(),
            ),
            Self::Fields(errors) => {
                let count = errors.len();
                let fields = if count == 1 { "One field needs".to_owned() } else { format!("{count} fields need") };
                ("fields", "There is a problem", format!("{fields} another value; see `errors`."))
            }
            Self::KeyUsed => (
                "key-used",
                "The key was used before",
                "This Idempotency-Key or play_id belongs to a submission with other content. Use a new one.".into(),
            ),
            Self::Move(errors) => {
                let sentences: Vec<&str> = errors.iter().map(|it| it.message.as_str()).collect();
                ("move", "The move is not possible", sentences.join(" "))
            }
            Self::TooMany { retry_after } => {
                ("too-many", "Too many requests", format!("Try again in {retry_after} seconds; nothing was stored."))
            }
            Self::Unavailable => (
                "unavailable",
                "Not available at the moment",
                "The submission could not be stored. Send it again in a moment, with the same play_id or Idempotency-Key.".into(),
            ),
            Self::Broken(reference) => ("broken", "Something went wrong on our side", format!("Reference: {reference}")),
        }
    }

    /// Headers that belong to the status.
    pub fn headers(&self, response: &mut Response) {
        let (name, value) = match self {
            Self::TooMany { retry_after } => (header::RETRY_AFTER, HeaderValue::from(*retry_after)),
            Self::Unavailable => (header::RETRY_AFTER, HeaderValue::from(2)),
            // The rest of the body is not waited for (RFC 9110, 15.5.9).
            Self::TooSlow => (header::CONNECTION, HeaderValue::from_static("close")),
            _ => return,
        };
        response.headers_mut().insert(name, value);
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (name, title, detail) = self.words();
        let errors: &[FieldError] = if let Self::Fields(errors) | Self::Move(errors) = &self {
            errors
        } else {
            &[]
        };
        let again_at = if let Self::AlreadyEntered { again_at } = &self {
            again_at.map(Millis::to_iso)
        } else {
            None
        };
        let status = self.status();
        let body = Body {
            kind: format!("urn:komo:problem:{name}"),
            title,
            status: status.as_u16(),
            detail,
            errors,
            again_at,
        };
        let json = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (
            status,
            [
                (header::CONTENT_TYPE, "application/problem+json"),
                (header::CACHE_CONTROL, "no-store"),
            ],
            json,
        )
            .into_response();
        self.headers(&mut response);
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_transient() {
            tracing::warn!(%error, "a request could not be stored");
            Self::Unavailable
        } else {
            Self::broken(&error)
        }
    }
}

impl Problem {
    /// A mistake of ours: the log has the cause, the person outside a reference to it.
    pub fn broken(error: &dyn std::fmt::Display) -> Self {
        let reference = format!("{:012x}", clock::dice() >> 16);
        tracing::error!(reference, "a request failed: {error}");
        Self::Broken(reference)
    }
}
