//! The way of one request to a path of Braze: found, struck by faults, let in, read, answered, recorded.
//! Promises the order of checks of Braze contract 5.12 and one record per request, whatever happens to it.
//! Leaves the endpoints' own work to their modules and closing sockets to `serve`.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use serde_json::Value;

use crate::answer::{Answer, default_text};
use crate::endpoint::{self, Call, Endpoint};
use crate::faults::{FaultKind, FaultSpec, Strike};
use crate::limiter::{self, Verdict};
use crate::query::Query;
use crate::records::{Outcome, Record, keep};
use crate::sandbox::{Inner, Sandbox};
use crate::serve::{Hangup, Peer};
use crate::settings::{ApiKey, Settings};
use crate::track::Variant;
use crate::{design, email, export, identity, messaging, subscription, track};

/// Largest body of most endpoints.
const LARGEST: usize = 4 * 1024 * 1024;
/// Largest body of `/users/track/bulk`.
const LARGEST_BULK: usize = 2 * 1024 * 1024;
/// A body above the limit is read so far before it is refused, so that the client gets to see the answer.
const DRAIN: usize = 32 * 1024 * 1024;

/// What an endpoint knows of its request.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) settings: Arc<Settings>,
    /// UTC milliseconds of arrival.
    pub(crate) now: i64,
    /// Number of the request.
    pub(crate) request: u64,
    /// Length of the body.
    pub(crate) bytes: usize,
}

/// An endpoint's answer and what it did.
#[derive(Debug)]
pub(crate) struct Effect {
    pub(crate) answer: Answer,
    pub(crate) accepted: [usize; 3],
    pub(crate) refused: usize,
    pub(crate) data_points: u64,
}

impl From<Answer> for Effect {
    fn from(answer: Answer) -> Self {
        Self {
            answer,
            accepted: [0; 3],
            refused: 0,
            data_points: 0,
        }
    }
}

/// A request whose body has been read.
struct Incoming {
    parts: Parts,
    body: Bytes,
    /// The body went on beyond the limit.
    too_large: bool,
    endpoint: Option<Endpoint>,
}

/// The handler of every path outside `/sandbox`.
pub(crate) async fn braze(State(sandbox): State<Sandbox>, request: Request) -> Response {
    let inner = &*sandbox.inner;
    let started = Instant::now();
    let settings = inner.settings();
    let now = inner.now();
    let seq = inner.records().next();
    let (parts, body) = request.into_parts();
    let endpoint = endpoint::find(&parts.method, parts.uri.path());
    let limit = match endpoint.as_ref().map(|endpoint| endpoint.call) {
        Some(Call::TrackBulk) => LARGEST_BULK,
        _ => LARGEST,
    };
    let (body, too_large) = read(body, limit).await;
    let incoming = Incoming {
        parts,
        body,
        too_large,
        endpoint,
    };
    let strike = if incoming.endpoint.is_some() {
        inner.faults.strike(incoming.parts.uri.path(), now)
    } else {
        Strike::default()
    };
    let delay = strike.delay_ms;
    let attended = attend(
        sandbox.clone(),
        incoming,
        seq,
        settings,
        now,
        strike,
        started,
    );
    if delay == 0 {
        return attended.await;
    }
    // A client that loses patience does not undo a slow server's work: go on without it.
    match tokio::spawn(attended).await {
        Ok(response) => response,
        Err(_) => respond(Answer::message(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Internal Server Error",
        )),
    }
}

async fn attend(
    sandbox: Sandbox,
    incoming: Incoming,
    request: u64,
    settings: Arc<Settings>,
    now: i64,
    strike: Strike,
    started: Instant,
) -> Response {
    if strike.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(strike.delay_ms)).await;
    }
    let (fault, spec) = strike
        .fault
        .map_or((None, None), |(id, spec)| (Some(id), Some(spec)));
    let context = Context {
        settings,
        now,
        request,
        bytes: incoming.body.len(),
    };
    let attempt = Attempt {
        inner: &sandbox.inner,
        incoming: &incoming,
        context: &context,
        fault,
        started,
    };
    attempt.run(spec).await
}

/// One attempt, from its fault to its record.
struct Attempt<'a> {
    inner: &'a Inner,
    incoming: &'a Incoming,
    context: &'a Context,
    fault: Option<u64>,
    started: Instant,
}

impl Attempt<'_> {
    async fn run(&self, spec: Option<FaultSpec>) -> Response {
        let Some(spec) = spec else {
            let (key, effect) = self.process();
            self.record(Some(&effect), key, Some(&effect.answer), Outcome::Answered);
            return respond(effect.answer);
        };
        // Faults that come before processing.
        let early = match spec.kind {
            FaultKind::Status => Some(self.with_status(&spec, 503)),
            FaultKind::RevokeKey => Some(dress(&spec, Answer::bad_key())),
            FaultKind::RevokePermission => Some(dress(&spec, Answer::no_permission())),
            FaultKind::RateLimit => {
                let group = self
                    .incoming
                    .endpoint
                    .as_ref()
                    .map_or(crate::LimitGroup::Shared, |endpoint| endpoint.group);
                let wait = spec.retry_after.unwrap_or(1);
                Some(dress(
                    &spec,
                    limiter::forced(&self.context.settings, group, self.context.now, wait),
                ))
            }
            FaultKind::DropBefore => {
                self.record(None, None, None, Outcome::Dropped);
                return self.hang_up().await;
            }
            FaultKind::Stall => {
                self.record(None, None, None, Outcome::Stalled);
                return std::future::pending().await;
            }
            _ => None,
        };
        if let Some(answer) = early {
            self.record(None, None, Some(&answer), Outcome::Answered);
            return respond(answer);
        }
        // Faults that come after it: the effect is there, the answer is not.
        let (key, effect) = self.process();
        match spec.kind {
            FaultKind::DropAfter => {
                self.record(Some(&effect), key, None, Outcome::Dropped);
                self.hang_up().await
            }
            FaultKind::StallAfter => {
                self.record(Some(&effect), key, None, Outcome::Stalled);
                std::future::pending().await
            }
            FaultKind::Truncate => {
                self.record(Some(&effect), key, Some(&effect.answer), Outcome::Dropped);
                cut_short(&effect.answer)
            }
            FaultKind::Garbage if spec.body.is_none() => {
                let mut answer = self.with_status(&spec, 200);
                answer.body = Bytes::from_static(b"<html><body>It works!</body></html>");
                answer
                    .headers
                    .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
                let answer = dress(&spec, answer);
                self.record(Some(&effect), key, Some(&answer), Outcome::Answered);
                respond(answer)
            }
            _ => {
                let status = match spec.kind {
                    FaultKind::StatusAfter => 503,
                    FaultKind::Garbage => 200,
                    _ => 201,
                };
                let answer = self.with_status(&spec, status);
                self.record(Some(&effect), key, Some(&answer), Outcome::Answered);
                respond(answer)
            }
        }
    }

    fn with_status(&self, spec: &FaultSpec, default: u16) -> Answer {
        let status = StatusCode::from_u16(spec.status.unwrap_or(default))
            .unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        if status == StatusCode::TOO_MANY_REQUESTS && spec.retry_after.is_some() {
            let group = self
                .incoming
                .endpoint
                .as_ref()
                .map_or(crate::LimitGroup::Shared, |endpoint| endpoint.group);
            let wait = spec.retry_after.unwrap_or(1);
            return dress(
                spec,
                limiter::forced(&self.context.settings, group, self.context.now, wait),
            );
        }
        dress(spec, Answer::message(status, default_text(status)))
    }

    /// Closes the connection. Without a handle on it (a router served by others) the answer breaks off instead.
    async fn hang_up(&self) -> Response {
        if let Some(hangup) = self.incoming.parts.extensions.get::<Hangup>() {
            hangup.now();
            return std::future::pending().await;
        }
        cut_short(&Answer::bad_key())
    }

    fn record(
        &self,
        effect: Option<&Effect>,
        key: Option<String>,
        answer: Option<&Answer>,
        outcome: Outcome,
    ) {
        let parts = &self.incoming.parts;
        let settings = &self.context.settings;
        let keeps = settings.keep_bytes > 0 && settings.keep_requests > 0;
        let record = Record {
            seq: self.context.request,
            arrived_at: self.context.now,
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            key,
            bytes: self.incoming.body.len(),
            body: keeps.then(|| keep(&self.incoming.body)),
            status: answer.map(|answer| answer.status.as_u16()),
            answer: answer.filter(|_| keeps).map(|answer| keep(&answer.body)),
            outcome,
            processed: effect.is_some_and(|effect| effect.answer.status.is_success()),
            fault: self.fault,
            micros: u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX),
            accepted: effect.map_or([0; 3], |effect| effect.accepted),
            refused: effect.map_or(0, |effect| effect.refused),
            data_points: effect.map_or(0, |effect| effect.data_points),
        };
        self.inner
            .records()
            .push(record, settings.keep_requests, settings.keep_bytes);
        self.inner.changed();
    }

    /// Everything Braze does with a request; also the name of the key that was used.
    fn process(&self) -> (Option<String>, Effect) {
        let parts = &self.incoming.parts;
        let settings = &self.context.settings;
        let Some(endpoint) = &self.incoming.endpoint else {
            return (
                None,
                Answer::message(StatusCode::NOT_FOUND, "Not Found").into(),
            );
        };
        let Some(key) = key_of(settings, &parts.headers) else {
            return (None, Answer::bad_key().into());
        };
        let name = Some(key.name.clone());
        if !key.allowed_ips.is_empty() {
            let peer = parts.extensions.get::<Peer>().map(|peer| peer.0);
            if !peer.is_some_and(|peer| allowed(key, peer)) {
                return (name, Answer::address_refused().into());
            }
        }
        if !key
            .permissions
            .iter()
            .any(|granted| granted == "*" || granted == endpoint.permission)
        {
            return (name, Answer::no_permission().into());
        }
        // The limit of an export depends on its body, so that endpoint counts for itself.
        let headers = if endpoint.call == Call::ExportIds {
            Vec::new()
        } else {
            match self
                .inner
                .limiter
                .check(settings, endpoint.group, self.context.now)
            {
                Verdict::Go(headers) => headers,
                Verdict::Stop(answer) => return (name, answer.into()),
            }
        };
        let mut effect = self.answer(endpoint);
        for (header, value) in headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                effect
                    .answer
                    .headers
                    .insert(HeaderName::from_static(header), value);
            }
        }
        (name, effect)
    }

    fn answer(&self, endpoint: &Endpoint) -> Effect {
        let parts = &self.incoming.parts;
        if parts.method == axum::http::Method::GET {
            let query = parts.uri.query().unwrap_or_default();
            return read_call(self.inner, self.context, endpoint, query);
        }
        if !is_json(&parts.headers) {
            return Answer::message(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type")
                .into();
        }
        if self.incoming.too_large {
            let status = if endpoint.call == Call::TrackBulk {
                StatusCode::BAD_REQUEST
            } else {
                StatusCode::PAYLOAD_TOO_LARGE
            };
            return Answer::message(status, "Request Entity Too Large").into();
        }
        let Ok(body) = serde_json::from_slice::<Value>(&self.incoming.body) else {
            return Answer::unreadable().into();
        };
        if !body.is_object() {
            return Answer::bad("Bad Request").into();
        }
        write_call(self.inner, self.context, endpoint, &body)
    }
}

fn write_call(inner: &Inner, context: &Context, endpoint: &Endpoint, body: &Value) -> Effect {
    match endpoint.call {
        Call::Track => track::track(inner, context, body, Variant::Standard),
        Call::TrackBulk => track::track(inner, context, body, Variant::Bulk),
        Call::TrackSync => track::track(inner, context, body, Variant::Sync),
        Call::ExportIds => export::export(inner, context, body),
        Call::Identify => identity::identify(inner, context, body),
        Call::AliasNew => identity::alias_new(inner, context, body),
        Call::AliasUpdate => identity::alias_update(inner, context, body),
        Call::Merge => identity::merge(inner, context, body),
        Call::Delete => identity::delete(inner, context, body),
        Call::Rename => identity::rename(inner, context, body),
        Call::Remove => identity::remove(inner, context, body),
        Call::SubscriptionSet => subscription::set(inner, context, body),
        Call::SubscriptionSetV2 => subscription::set_v2(inner, context, body),
        Call::EmailStatus => email::status(inner, context, body),
        Call::EmailBounceRemove => email::forgive(inner, context, body, false),
        Call::EmailSpamRemove => email::forgive(inner, context, body, true),
        Call::EmailBlocklist => email::block(inner, context, body),
        Call::MessagesSend => messaging::message(inner, context, body),
        Call::CampaignSend => messaging::trigger(inner, context, body, false),
        Call::CanvasSend => messaging::trigger(inner, context, body, true),
        Call::TransactionalSend => {
            messaging::transactional_send(inner, context, &endpoint.argument, body)
        }
        Call::SendIdCreate => messaging::create_send_id(inner, context, body),
        Call::TemplateCreate => design::write_template(inner, context, body, true),
        Call::TemplateUpdate => design::write_template(inner, context, body, false),
        Call::BlockCreate => design::write_block(inner, context, body, true),
        Call::BlockUpdate => design::write_block(inner, context, body, false),
        _ => Answer::message(StatusCode::NOT_FOUND, "Not Found").into(),
    }
}

fn read_call(inner: &Inner, context: &Context, endpoint: &Endpoint, query: &str) -> Effect {
    let query = Query::new(query);
    match endpoint.call {
        Call::SubscriptionGet => subscription::get(inner, context, &query),
        Call::SubscriptionUser => subscription::user(inner, context, &query),
        Call::EmailUnsubscribes => email::list(inner, context, &query, false),
        Call::EmailHardBounces => email::list(inner, context, &query, true),
        Call::TemplateInfo => design::info(inner, context, &query, false),
        Call::TemplateList => design::list(inner, context, &query, false),
        Call::BlockInfo => design::info(inner, context, &query, true),
        Call::BlockList => design::list(inner, context, &query, true),
        _ => Answer::message(StatusCode::NOT_FOUND, "Not Found").into(),
    }
}

/// The key that the request names: exactly `Bearer`, one space, no quotes.
fn key_of<'a>(settings: &'a Settings, headers: &HeaderMap) -> Option<&'a ApiKey> {
    let given = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Bearer ")?;
    settings.keys.iter().find(|key| key.key == given)
}

fn allowed(key: &ApiKey, peer: IpAddr) -> bool {
    let peer = peer.to_canonical();
    key.allowed_ips.iter().any(|net| net.contains(&peer))
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    kind.split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

async fn read(mut body: Body, limit: usize) -> (Bytes, bool) {
    let mut first: Option<Bytes> = None;
    let mut rest = BytesMut::new();
    let mut length = 0_usize;
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(data) = frame.into_data() else {
            continue;
        };
        length += data.len();
        if length > DRAIN {
            break;
        }
        if length > limit {
            continue;
        }
        match (&first, rest.is_empty()) {
            (None, true) => first = Some(data),
            (Some(start), true) => {
                rest.extend_from_slice(start);
                rest.extend_from_slice(&data);
            }
            _ => rest.extend_from_slice(&data),
        }
    }
    let bytes = if rest.is_empty() {
        first.unwrap_or_default()
    } else {
        rest.freeze()
    };
    (bytes, length > limit)
}

/// Puts a fault's own body and headers on an answer.
fn dress(spec: &FaultSpec, mut answer: Answer) -> Answer {
    match &spec.body {
        Some(Value::String(text)) => answer.body = text.clone().into(),
        Some(body) => answer.body = body.to_string().into(),
        None => {}
    }
    for (name, value) in &spec.headers {
        answer = answer.with_header(name, value);
    }
    answer
}

fn respond(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = *answer.headers;
    response
}

/// An answer that promises its whole length, gives half and breaks off.
fn cut_short(answer: &Answer) -> Response {
    let half = answer.body.slice(..answer.body.len() / 2);
    let parts = [
        Ok(half),
        Err(std::io::Error::other("the connection was cut by a fault")),
    ];
    let mut response = Response::new(Body::from_stream(futures_util::stream::iter(parts)));
    *response.status_mut() = answer.status;
    *response.headers_mut() = HeaderMap::clone(&answer.headers);
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(answer.body.len()));
    response
}
