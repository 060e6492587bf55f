//! What a request tells about the visit: language, parameters to carry along, body, and in which form the answer is wanted.

use std::{collections::BTreeMap, net::SocketAddr};

use axum::{
    body::to_bytes,
    extract::{ConnectInfo, FromRequest, FromRequestParts, Path, Request},
};
use bytes::Bytes;
use engage::{
    form::Told,
    hub::Publication,
    text::{Locale, negotiate},
};
use futures_util::StreamExt as _;
use http::{HeaderMap, Uri, header, request::Parts};
use std::sync::Arc;

use super::visitor;
use crate::{
    app::App,
    live::LiveHub,
    web::{door, problem::Problem},
};

/// Parameters that are kept for the visit and attached to entries: campaign marks, at most this many, this long.
const MOST_PARAMETERS: usize = 20;
const LONGEST_PARAMETER: usize = 200;

/// A visit of a published hub.
#[derive(Debug)]
pub struct Visit {
    /// The hub.
    pub hub: Arc<LiveHub>,
    /// The participant's language.
    pub locale: Locale,
    /// The query of the address.
    pub query: Vec<(String, String)>,
    /// The path of the address.
    pub path: String,
    /// The headers.
    pub headers: HeaderMap,
    /// What this browser has told before, on a card's page: answers by contact property.
    pub told: Told,
}

impl Visit {
    /// The campaign parameters of the visit.
    pub fn params(&self) -> BTreeMap<String, String> {
        let kept = self.query.iter().filter(|(key, value)| {
            is_kept(key) && key.len() <= 64 && value.len() <= LONGEST_PARAMETER
        });
        kept.take(MOST_PARAMETERS).cloned().collect()
    }

    /// The query that inner links carry along.
    pub fn keep(&self) -> String {
        let mut out = form_urlencoded::Serializer::new(String::new());
        if let Some((_, lang)) = self
            .query
            .iter()
            .find(|(key, _)| key == "lang")
            .filter(|_| self.chosen_language())
        {
            out.append_pair("lang", lang);
        }
        for (key, value) in self.params() {
            out.append_pair(&key, &value);
        }
        out.finish()
    }

    fn chosen_language(&self) -> bool {
        self.query
            .iter()
            .any(|(key, value)| key == "lang" && *value == self.locale.as_str())
    }

    /// One parameter of the query.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether the answer is for a person's browser rather than for a program.
    pub fn wants_page(&self) -> bool {
        wants_page(&self.headers)
    }
}

/// Whether HTML is asked for.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

fn is_kept(key: &str) -> bool {
    key.starts_with("utm_") || key.starts_with("komo_e:")
}

/// The language of the visit: chosen by hand, else the browser's wish, else the hub's first.
fn locale(query: &[(String, String)], headers: &HeaderMap, publication: &Publication) -> Locale {
    let available = &publication.doc().hub.locales;
    let chosen = query
        .iter()
        .find(|(key, _)| key == "lang")
        .and_then(|(_, lang)| available.iter().find(|it| it.as_str() == lang));
    let wish = || {
        headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    chosen
        .cloned()
        .unwrap_or_else(|| negotiate(wish(), available))
}

fn read_query(uri: &Uri) -> Vec<(String, String)> {
    form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .into_owned()
        .take(100)
        .collect()
}

impl FromRequestParts<App> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Path(names) = Path::<Vec<(String, String)>>::from_request_parts(parts, app)
            .await
            .map_err(|_| Problem::NotFound)?;
        let slug = names
            .iter()
            .find(|(name, _)| name == "hub")
            .map(|(_, slug)| slug.as_str())
            .unwrap_or_default();
        let hub = app.hubs.find(slug).ok_or(Problem::NotFound)?;
        let query = read_query(&parts.uri);
        let locale = locale(&query, &parts.headers, &hub.publication);
        let told = if names.iter().any(|(name, _)| name == "card") {
            visitor::told(app, &hub, &parts.headers).await?
        } else {
            Told::new()
        };
        Ok(Self {
            told,
            hub,
            locale,
            query,
            path: parts.uri.path().to_owned(),
            headers: parts.headers.clone(),
        })
    }
}

/// The body of a submission, as JSON or as a form post, from a sender who may send.
#[derive(Debug)]
pub enum Sent {
    /// JSON.
    Json(serde_json::Value),
    /// The pairs of a form post.
    Form(Vec<(String, String)>),
}

impl FromRequest<App> for Sent {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        door::same_site(request.headers())?;
        if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
            app.door.admit(app.door.sender(*peer, request.headers()))?;
        }
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let kind = kind
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let json = match kind.as_str() {
            "application/json" => true,
            "application/x-www-form-urlencoded" => false,
            _ => return Err(Problem::WrongType),
        };
        let body = tokio::time::timeout(app.body_within, read_body(request, app.body_limit))
            .await
            .map_err(|_| Problem::TooSlow)??;
        if json {
            return crate::web::json::read(&body)
                .map(Self::Json)
                .map_err(Problem::Malformed);
        }
        if std::str::from_utf8(&body).is_err() {
            return Err(Problem::Malformed(
                "The form post is not UTF-8. Send it again as UTF-8.".into(),
            ));
        }
        Ok(Self::Form(
            form_urlencoded::parse(&body)
                .into_owned()
                .take(1_000)
                .collect(),
        ))
    }
}

/// A body that is too large, up to this size, is read and thrown away: a sender that is still writing when the connection closes
/// would lose the answer.
const DRAINED: usize = 8 * 1024 * 1024;

async fn drain(body: axum::body::Body) {
    let mut data = body.into_data_stream();
    while let Some(Ok(_)) = data.next().await {}
}

async fn read_body(request: Request, limit: usize) -> Result<Bytes, Problem> {
    let too_large = Problem::TooLarge {
        limit_kib: limit / 1024,
    };
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if let Some(length) = announced.filter(|length| *length > limit) {
        if length <= DRAINED {
            drain(request.into_body()).await;
        }
        return Err(too_large);
    }
    to_bytes(request.into_body(), limit).await.map_err(|error| {
        let mut cause: Option<&dyn std::error::Error> = Some(&error);
        while let Some(it) = cause {
            // The limit is the only error that is the sender's size and not the sender's line.
            if it.to_string().contains("length limit exceeded") {
                return too_large.clone();
            }
            cause = it.source();
        }
        Problem::Malformed("The body ended too early. Send it again.".into())
    })
}
