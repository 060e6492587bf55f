//! What programs and tests read: profiles, events, requests and mails, with search and paging.
//! Promises that a page of any size costs only what it shows.
//! Leaves the HTML to `views` and changes to `switches`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::views;
use crate::dates;
use crate::profiles::Profile;
use crate::records::{Outcome, Record};
use crate::sandbox::Sandbox;
use crate::world::Array;

/// Search and paging, the same for all lists.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Search {
    pub(super) q: String,
    pub(super) limit: Option<usize>,
    pub(super) cursor: Option<u64>,
    pub(super) format: Option<String>,
    pub(super) external_id: Option<String>,
    pub(super) braze_id: Option<String>,
    pub(super) email: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) alias_label: Option<String>,
    pub(super) alias_name: Option<String>,
    pub(super) path: Option<String>,
    pub(super) status: Option<u16>,
    pub(super) after: Option<u64>,
    pub(super) name: Option<String>,
}

impl Search {
    pub(super) fn limit(&self) -> usize {
        self.limit.unwrap_or(50).clamp(1, 1000)
    }

    fn wants(&self, profile: &Profile) -> bool {
        let field = |wanted: &Option<String>, value: Option<&str>| {
            wanted
                .as_deref()
                .is_none_or(|wanted| value.is_some_and(|value| value.eq_ignore_ascii_case(wanted)))
        };
        let exact = |wanted: &Option<String>, value: Option<&str>| {
            wanted.is_none() || wanted.as_deref() == value
        };
        let alias = (self.alias_label.is_none() && self.alias_name.is_none())
            || profile.user_aliases.iter().any(|alias| {
                exact(&self.alias_label, Some(&alias.alias_label))
                    && exact(&self.alias_name, Some(&alias.alias_name))
            });
        exact(&self.external_id, profile.external_id.as_deref())
            && exact(&self.braze_id, Some(&profile.braze_id))
            && field(&self.email, profile.text("email"))
            && exact(&self.phone, profile.text("phone"))
            && alias
            && self.found_in(profile)
    }

    fn found_in(&self, profile: &Profile) -> bool {
        let wanted = self.q.trim().to_lowercase();
        if wanted.is_empty() {
            return true;
        }
        let name = [profile.text("first_name"), profile.text("last_name")]
            .map(Option::unwrap_or_default)
            .join(" ");
        let texts = [
            profile.external_id.as_deref(),
            Some(&profile.braze_id),
            profile.text("email"),
            profile.text("phone"),
        ];
        texts
            .into_iter()
            .flatten()
            .any(|text| text.to_lowercase().contains(&wanted))
            || name.to_lowercase().contains(&wanted)
            || profile
                .user_aliases
                .iter()
                .any(|alias| alias.alias_name.to_lowercase().contains(&wanted))
    }
}

/// A page of a list, with the place to go on from.
pub(super) struct Paged<T> {
    pub(super) items: Vec<T>,
    pub(super) next: Option<u64>,
    pub(super) total: usize,
}

pub(super) fn find_profiles(sandbox: &Sandbox, search: &Search) -> Paged<Profile> {
    sandbox.inner.with_world(sandbox.inner.now(), |world| {
        let limit = search.limit();
        let mut items = Vec::new();
        let mut next = None;
        for (_, profile) in world.profiles.recent(search.cursor) {
            if !search.wants(profile) {
                continue;
            }
            if items.len() == limit {
                next = items.last().map(|last: &Profile| last.touched);
                break;
            }
            items.push(profile.clone());
        }
        Paged {
            items,
            next,
            total: world.profiles.len(),
        }
    })
}

pub(super) fn find_requests(sandbox: &Sandbox, search: &Search) -> Paged<Record> {
    let records = sandbox.inner.records();
    let limit = search.limit();
    let wanted = search.q.trim().to_lowercase();
    let mut items: Vec<Record> = Vec::new();
    let mut next = None;
    for record in records.list.iter().rev() {
        if search.cursor.is_some_and(|cursor| record.seq >= cursor)
            || search.after.is_some_and(|after| record.seq <= after)
        {
            continue;
        }
        let path = search
            .path
            .as_deref()
            .is_none_or(|path| record.path == path);
        let status = search
            .status
            .is_none_or(|status| record.status.unwrap_or(0) == status);
        if !path || !status || !mentions(record, &wanted) {
            continue;
        }
        if items.len() == limit {
            next = items.last().map(|last| last.seq);
            break;
        }
        items.push(record.clone());
    }
    Paged {
        items,
        next,
        total: usize::try_from(records.totals.requests).unwrap_or(usize::MAX),
    }
}

fn mentions(record: &Record, wanted: &str) -> bool {
    if wanted.is_empty()
        || record.path.contains(wanted)
        || record
            .status
            .is_some_and(|status| status.to_string() == wanted)
    {
        return true;
    }
    [&record.body, &record.answer]
        .into_iter()
        .flatten()
        .any(|body| {
            String::from_utf8_lossy(body)
                .to_lowercase()
                .contains(wanted)
        })
}

fn body_json(body: Option<&Bytes>) -> Value {
    let Some(body) = body else { return Value::Null };
    if body.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(body).unwrap_or_else(|_| json!(String::from_utf8_lossy(body)))
}

/// A request as JSON.
pub(super) fn record_json(record: &Record) -> Value {
    let [attributes, events, purchases] = record.accepted;
    let millis = u64::try_from(record.arrived_at).unwrap_or(0);
    json!({
        "seq": record.seq,
        "arrived_at": millis,
        "arrived": dates::iso(record.arrived_at),
        "method": record.method,
        "path": record.path,
        "query": record.query,
        "key": record.key,
        "bytes": record.bytes,
        "body": body_json(record.body.as_ref()),
        "status": record.status,
        "answer": body_json(record.answer.as_ref()),
        "outcome": record.outcome,
        "processed": record.processed,
        "fault": record.fault,
        "micros": record.micros,
        "accepted": {"attributes": attributes, "events": events, "purchases": purchases},
        "refused": record.refused,
        "data_points": record.data_points,
    })
}

pub(super) async fn profiles(
    State(sandbox): State<Sandbox>,
    Query(search): Query<Search>,
    headers: HeaderMap,
) -> Response {
    if views::wants_html(&headers, &search) {
        return views::profiles(&sandbox, &search);
    }
    let found = find_profiles(&sandbox, &search);
    let list: Vec<Value> = found.items.iter().map(Profile::to_json).collect();
    Json(json!({"profiles": list, "next_cursor": found.next, "total": found.total})).into_response()
}

pub(super) fn one_profile(sandbox: &Sandbox, braze_id: &str) -> Option<Profile> {
    sandbox.inner.with_world(sandbox.inner.now(), |world| {
        world
            .profiles
            .get(world.profiles.by_braze(braze_id)?)
            .cloned()
    })
}

pub(super) async fn profile(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    Query(search): Query<Search>,
    headers: HeaderMap,
) -> Response {
    match one_profile(&sandbox, &id) {
        Some(profile) if views::wants_html(&headers, &search) => views::profile(&sandbox, &profile),
        Some(profile) => Json(profile.to_json()).into_response(),
        // Forgotten or merged away: a person is better off with the list.
        None if views::wants_html(&headers, &search) => Redirect::to("/sandbox").into_response(),
        None => problem(
            StatusCode::NOT_FOUND,
            "There is no profile with this braze_id.",
        ),
    }
}

pub(super) fn problem(status: StatusCode, text: &str) -> Response {
    (status, Json(json!({ "message": text }))).into_response()
}

pub(super) async fn requests(
    State(sandbox): State<Sandbox>,
    Query(search): Query<Search>,
    headers: HeaderMap,
) -> Response {
    if views::wants_html(&headers, &search) {
        return views::requests(&sandbox, &search);
    }
    let found = find_requests(&sandbox, &search);
    let list: Vec<Value> = found.items.iter().map(record_json).collect();
    Json(json!({"requests": list, "next_cursor": found.next, "total": found.total})).into_response()
}

pub(super) async fn request(
    State(sandbox): State<Sandbox>,
    Path(seq): Path<u64>,
    Query(search): Query<Search>,
    headers: HeaderMap,
) -> Response {
    if views::wants_html(&headers, &search) {
        return views::request(&sandbox, seq);
    }
    let record = sandbox.inner.records().find(seq).cloned();
    match record {
        Some(record) => Json(record_json(&record)).into_response(),
        None => problem(
            StatusCode::NOT_FOUND,
            "This request is not kept any more, or never came.",
        ),
    }
}

/// A page of a list that has no places of its own: the cursor says how many come before it.
fn part<T>(found: impl Iterator<Item = T>, search: &Search) -> (Vec<T>, Option<u64>) {
    let skip = search.cursor.unwrap_or(0);
    let limit = search.limit();
    let mut rest = found.skip(usize::try_from(skip).unwrap_or(usize::MAX));
    let items: Vec<T> = rest.by_ref().take(limit).collect();
    let next = rest.next().map(|_| skip.saturating_add(limit as u64));
    (items, next)
}

/// What the marketer calls the campaign or Canvas of a mail; empty where that is not known.
pub(super) fn campaign_of(sandbox: &Sandbox, mail: &Map<String, Value>) -> String {
    let settings = sandbox.inner.settings();
    let source = mail.get("source").and_then(Value::as_str);
    let mut campaigns = settings.campaigns.iter().chain(&settings.canvases);
    campaigns
        .find(|it| Some(it.id.as_str()) == source)
        .map(|it| it.name.clone())
        .unwrap_or_default()
}

/// The messages that would have been sent, newest first.
pub(super) fn find_mails(sandbox: &Sandbox, search: &Search) -> Paged<Map<String, Value>> {
    let wanted = search.q.trim().to_lowercase();
    let all = sandbox.mails();
    let total = all.len();
    let says = |mail: &Map<String, Value>| {
        // The markup holds words that nobody reads (what is read stands in the text, too), and ids hold any two letters.
        let unread = ["html", "id", "dispatch_id", "braze_id"];
        let mut told = mail
            .iter()
            .filter(|(name, _)| !unread.contains(&name.as_str()));
        let whom = mail.get("braze_id").and_then(Value::as_str);
        told.any(|(_, value)| value.to_string().to_lowercase().contains(&wanted))
            || campaign_of(sandbox, mail).to_lowercase().contains(&wanted)
            || whom
                .and_then(|id| one_profile(sandbox, id))
                .is_some_and(|profile| search.found_in(&profile))
    };
    let found = all.into_iter().rev();
    let (items, next) = part(found.filter(|it| wanted.is_empty() || says(it)), search);
    Paged { items, next, total }
}

/// The events and purchases of the kept objects, newest first, with the profile they went to.
pub(super) fn find_events(sandbox: &Sandbox, search: &Search) -> Paged<Value> {
    let wanted = search.q.trim().to_lowercase();
    let ((items, next), total) = sandbox.inner.with_world(sandbox.inner.now(), |world| {
        let found = world
            .accepted
            .iter()
            .rev()
            .filter(|(one, _)| one.array != Array::Attributes)
            .map(|(one, _)| {
                let mut map = Map::clone(&one.object);
                let key = if one.array == Array::Purchases {
                    "product_id"
                } else {
                    "name"
                };
                let name = map.get(key).cloned().unwrap_or(Value::Null);
                map.insert("name".to_owned(), name);
                map.insert(
                    "kind".to_owned(),
                    json!(if one.array == Array::Purchases {
                        "purchase"
                    } else {
                        "event"
                    }),
                );
                map.insert("request".to_owned(), json!(one.request));
                map.insert("received_at".to_owned(), json!(dates::iso(one.arrived_at)));
                map.insert("braze_id".to_owned(), json!(one.braze_id));
                Value::Object(map)
            })
            .filter(|event| {
                search.name.is_none()
                    || event.get("name").and_then(Value::as_str) == search.name.as_deref()
            })
            .filter(|event| {
                wanted.is_empty() || event.to_string().to_lowercase().contains(&wanted)
            });
        let found = part(found, search);
        let total = world
            .accepted
            .iter()
            .filter(|(one, _)| one.array != Array::Attributes)
            .count();
        (found, total)
    });
    Paged { items, next, total }
}

pub(super) async fn events(
    State(sandbox): State<Sandbox>,
    Query(search): Query<Search>,
    headers: HeaderMap,
) -> Response {
    if views::wants_html(&headers, &search) {
        return views::events(&sandbox, &search);
    }
    let found = find_events(&sandbox, &search);
    Json(json!({"events": found.items, "next_cursor": found.next, "total": found.total}))
        .into_response()
}

/// `GET /sandbox/mails`
pub(super) async fn mails(
    State(sandbox): State<Sandbox>,
    Query(search): Query<Search>,
    headers: HeaderMap,
) -> Response {
    if views::wants_html(&headers, &search) {
        return views::mails(&sandbox, &search);
    }
    let mut found = find_mails(&sandbox, &search);
    for mail in &mut found.items {
        // The look of a mail has an address of its own.
        mail.remove("html");
    }
    Json(json!({"mails": found.items, "next_cursor": found.next, "total": found.total}))
        .into_response()
}

pub(super) async fn accepted(
    State(sandbox): State<Sandbox>,
    Query(search): Query<Search>,
) -> Response {
    let all = sandbox.accepted();
    let skip = all.len().saturating_sub(search.limit());
    Json(json!({"accepted": all.iter().skip(skip).collect::<Vec<_>>(), "waiting": sandbox.waiting()})).into_response()
}

pub(super) async fn totals(State(sandbox): State<Sandbox>) -> Response {
    let stalled = sandbox
        .inner
        .records()
        .list
        .iter()
        .filter(|record| record.outcome == Outcome::Stalled)
        .count();
    let mut value = json!(sandbox.totals());
    if let Some(map) = value.as_object_mut() {
        map.insert("profiles".to_owned(), json!(sandbox.profile_count()));
        map.insert("waiting".to_owned(), json!(sandbox.waiting()));
        map.insert("stalled".to_owned(), json!(stalled));
    }
    Json(value).into_response()
}
