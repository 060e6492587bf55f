//! Forms of the studio: what was sent, and what is wrong with it at which field.
//! Promises: at most 256 KiB and a few thousand pairs; texts come without blanks around them.
//! Leaves to others: what the fields mean.

use std::net::IpAddr;

use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
};
use http::HeaderMap;

use super::{access, problem::StudioProblem};
use crate::app::App;

const LARGEST: usize = 256 * 1024;
const MOST_PAIRS: usize = 5_000;

/// The pairs of a form post, in their order, with its headers and its sender.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) pairs: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) sender: IpAddr,
}

impl Sent {
    /// A field's text, trimmed; empty when it is missing.
    pub(super) fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// A field's text as it was typed.
    pub(super) fn raw(&self, name: &str) -> &str {
        self.pairs
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .unwrap_or_default()
    }

    /// Whether a box is ticked or a button was pressed.
    pub(super) fn has(&self, name: &str) -> bool {
        self.pairs.iter().any(|(key, _)| key == name)
    }

    /// All values of a field.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.trim())
    }

    /// Whether htmx sent it and wants a part of a page.
    pub(super) fn partial(&self) -> bool {
        self.headers.contains_key("hx-request")
    }
}

impl FromRequest<App> for Sent {
    type Rejection = StudioProblem;

    async fn from_request(request: Request, app: &App) -> Result<Self, StudioProblem> {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, LARGEST).await.map_err(|_| {
            StudioProblem::Body("It is larger than 256 KiB, or it did not arrive whole.".into())
        })?;
        if std::str::from_utf8(&body).is_err() {
            return Err(StudioProblem::Body("It is not UTF-8 text.".into()));
        }
        let pairs = form_urlencoded::parse(&body)
            .into_owned()
            .take(MOST_PAIRS)
            .collect();
        let sender = access::sender(app, &parts);
        Ok(Self {
            pairs,
            headers: parts.headers,
            sender,
        })
    }
}

/// What is wrong, by field; the same words stand at the field and in the summary above.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Errors(pub(super) Vec<(String, String)>);

impl Errors {
    pub(super) fn add(&mut self, field: impl Into<String>, words: impl Into<String>) {
        self.0.push((field.into(), words.into()));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The words at a field; empty when nothing is wrong.
    pub(super) fn at(&self, field: &str) -> &str {
        self.0
            .iter()
            .find(|(name, _)| name == field)
            .map(|(_, words)| words.as_str())
            .unwrap_or_default()
    }
}
