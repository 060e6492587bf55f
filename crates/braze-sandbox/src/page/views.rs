//! The pages that people look at: the same facts as the JSON, put the way a marketer looks for them.
//! Promises that every text from outside is escaped by the template engine.
//! Leaves finding what to show to `api`.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Map, Value};

use super::api::{self, Search};
use super::words::{self, Act, Fact, Person, call_of, fault_of, mail_of};
use crate::faults::FaultKind;
use crate::profiles::Profile;
use crate::sandbox::Sandbox;

/// What every page shows around its content.
struct Frame {
    tab: &'static str,
    profiles: usize,
    events: u64,
    requests: u64,
    mails: usize,
    faults: usize,
    stored: bool,
}

fn frame(sandbox: &Sandbox, tab: &'static str) -> Frame {
    let totals = sandbox.totals();
    let (faults, now) = (sandbox.faults(), sandbox.inner.now());
    Frame {
        tab,
        profiles: sandbox.profile_count(),
        events: totals.events + totals.purchases,
        requests: totals.requests,
        mails: sandbox.mail_count(),
        faults: faults.iter().filter(|fault| !fault.is_over(now)).count(),
        stored: sandbox.inner.settings().state_file.is_some(),
    }
}

/// Whether the asker is a browser: it names `text/html` and does not ask for JSON in the query.
pub(super) fn wants_html(headers: &HeaderMap, search: &Search) -> bool {
    match search.format.as_deref() {
        Some("html") => true,
        Some(_) => false,
        None => headers
            .get(header::ACCEPT)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|accept| accept.starts_with("text/html")),
    }
}

fn render(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page of the sandbox cannot be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn more(path: &str, search: &Search, next: Option<u64>) -> Option<String> {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("format", "html")
        .append_pair("q", &search.q)
        .append_pair("cursor", &next?.to_string())
        .finish();
    Some(format!("{path}?{query}"))
}

#[derive(Template)]
#[template(path = "profiles.html")]
struct ProfilesPage {
    frame: Frame,
    q: String,
    people: Vec<Person>,
    next: Option<String>,
}

pub(super) async fn home(
    State(sandbox): State<Sandbox>,
    axum::extract::Query(search): axum::extract::Query<Search>,
) -> Response {
    profiles(&sandbox, &search)
}

pub(super) fn profiles(sandbox: &Sandbox, search: &Search) -> Response {
    let found = api::find_profiles(sandbox, search);
    render(&ProfilesPage {
        frame: frame(sandbox, "profiles"),
        q: search.q.clone(),
        people: found.items.iter().map(words::person).collect(),
        next: more("/sandbox", search, found.next),
    })
}

#[derive(Template)]
#[template(path = "profile.html")]
struct ProfilePage {
    frame: Frame,
    person: Person,
    kind: &'static str,
    created: String,
    warnings: Vec<String>,
    identifiers: Vec<Fact>,
    fields: Vec<Fact>,
    states: Vec<Fact>,
    custom: Vec<Fact>,
    sums: Vec<Fact>,
    activity: Vec<Act>,
    json: String,
}

pub(super) fn profile(sandbox: &Sandbox, profile: &Profile) -> Response {
    let mut identifiers = Vec::new();
    if let Some(id) = &profile.external_id {
        identifiers.push(Fact::new("external_id", id));
    }
    for alias in &profile.user_aliases {
        identifiers.push(Fact::new(&alias.alias_label, &alias.alias_name).of("alias"));
    }
    identifiers.push(Fact::new("braze_id", &profile.braze_id));
    for id in &profile.deprecated_ids {
        identifiers.push(Fact::new("earlier external_id", id));
    }

    let state =
        |name: &str, field: &str| Fact::new(name, profile.text(field).unwrap_or("subscribed"));
    let mut states = vec![
        state("E-mail", "email_subscribe"),
        state("Push", "push_subscribe"),
    ];
    let settings = sandbox.inner.settings();
    for (id, value) in &profile.subscription_groups {
        let named = settings
            .subscription_groups
            .iter()
            .find(|group| group.id == *id && !group.name.is_empty());
        states.push(Fact::new(
            named.map_or(id.as_str(), |group| group.name.as_str()),
            value,
        ));
    }

    let fields = profile
        .fields
        .iter()
        .filter(|(name, _)| !name.ends_with("_subscribe"));
    let custom = profile.custom_attributes.iter().map(|(name, value)| {
        let kind = profile.attribute_types.get(name).map_or("", String::as_str);
        words::fact(name, value).of(&kind.replace('_', " "))
    });
    let events = profile
        .custom_events
        .iter()
        .map(|(name, count)| Fact::new(name, &count.count.to_string()));
    let purchases = profile
        .purchases
        .iter()
        .map(|(name, count)| Fact::new(name, &format!("{} bought", count.count)));
    // The raw state picks the colour, the spoken one is read.
    for state in &mut states {
        state.kind = std::mem::take(&mut state.value);
        state.value = state.kind.replace('_', " ");
    }
    render(&ProfilePage {
        frame: frame(sandbox, "profiles"),
        person: words::person(profile),
        kind: words::kind(profile),
        created: words::clock(profile.created_at),
        warnings: profile.warnings.iter().rev().cloned().collect(),
        identifiers,
        fields: fields
            .map(|(name, value)| words::fact(&words::label(name), value))
            .collect(),
        states,
        custom: custom.collect(),
        sums: events.chain(purchases).collect(),
        activity: profile.happenings.iter().rev().map(words::act).collect(),
        json: serde_json::to_string_pretty(&profile.to_json()).unwrap_or_default(),
    })
}

#[derive(Template)]
#[template(path = "events.html")]
struct EventsPage {
    frame: Frame,
    q: String,
    list: Vec<Act>,
    next: Option<String>,
}

pub(super) fn events(sandbox: &Sandbox, search: &Search) -> Response {
    let found = api::find_events(sandbox, search);
    let list = found.items.iter().map(|event| {
        let mut act = words::raw_act(event);
        if let Some(profile) = api::one_profile(sandbox, &act.profile) {
            act.who = words::person(&profile).title;
        }
        act
    });
    render(&EventsPage {
        frame: frame(sandbox, "events"),
        q: search.q.clone(),
        list: list.collect(),
        next: more("/sandbox/events", search, found.next),
    })
}

#[derive(Template)]
#[template(path = "requests.html")]
struct RequestsPage {
    frame: Frame,
    q: String,
    only: Option<u64>,
    list: Vec<words::Call>,
    next: Option<String>,
}

pub(super) fn requests(sandbox: &Sandbox, search: &Search) -> Response {
    let found = api::find_requests(sandbox, search);
    render(&RequestsPage {
        frame: frame(sandbox, "requests"),
        q: search.q.clone(),
        only: None,
        list: found.items.iter().map(call_of).collect(),
        next: more("/sandbox/requests", search, found.next),
    })
}

pub(super) fn request(sandbox: &Sandbox, seq: u64) -> Response {
    let record = sandbox.inner.records().find(seq).cloned();
    let status = if record.is_some() {
        StatusCode::OK
    } else {
        StatusCode::NOT_FOUND
    };
    let page = RequestsPage {
        frame: frame(sandbox, "requests"),
        q: String::new(),
        only: Some(seq),
        list: record.iter().map(call_of).collect(),
        next: None,
    };
    (status, render(&page)).into_response()
}

struct Preset {
    title: &'static str,
    text: &'static str,
    fields: &'static [(&'static str, &'static str)],
}

const PRESETS: &[Preset] = &[
    Preset {
        title: "One 503",
        text: "The next request fails, then all is well.",
        fields: &[("kind", "status"), ("status", "503"), ("times", "1")],
    },
    Preset {
        title: "Out for a minute",
        text: "503 to everything for 60 seconds.",
        fields: &[("kind", "status"), ("status", "503"), ("for_ms", "60000")],
    },
    Preset {
        title: "Lost answer",
        text: "The next request takes effect, the connection drops.",
        fields: &[("kind", "drop_after"), ("times", "1")],
    },
    Preset {
        title: "Rate limited",
        text: "429 for ten seconds.",
        fields: &[
            ("kind", "rate_limit"),
            ("retry_after", "10"),
            ("for_ms", "10000"),
        ],
    },
    Preset {
        title: "Key withdrawn",
        text: "401 until you end it.",
        fields: &[("kind", "revoke_key")],
    },
    Preset {
        title: "Slow",
        text: "Every answer takes three seconds more.",
        fields: &[("kind", "delay"), ("delay_ms", "3000")],
    },
];

#[derive(Template)]
#[template(path = "faults.html")]
struct FaultsPage {
    frame: Frame,
    /// Why the last order was refused; empty when there was none.
    problem: String,
    list: Vec<words::Trouble>,
    presets: &'static [Preset],
    kinds: Vec<(&'static str, &'static str)>,
}

pub(super) fn faults(sandbox: &Sandbox, problem: &str) -> Response {
    let now = sandbox.inner.now();
    let kinds = FaultKind::ALL
        .iter()
        .map(|kind| (kind.name(), kind.sentence()))
        .collect();
    render(&FaultsPage {
        frame: frame(sandbox, "faults"),
        problem: problem.to_owned(),
        list: sandbox
            .faults()
            .iter()
            .map(|fault| fault_of(fault, now))
            .collect(),
        presets: PRESETS,
        kinds,
    })
}

#[derive(Template)]
#[template(path = "mails.html")]
struct MailsPage {
    frame: Frame,
    q: String,
    list: Vec<words::Mail>,
    next: Option<String>,
}

pub(super) fn mails(sandbox: &Sandbox, search: &Search) -> Response {
    let found = api::find_mails(sandbox, search);
    let list = found.items.iter().map(|mail| shown(sandbox, mail));
    render(&MailsPage {
        frame: frame(sandbox, "mails"),
        q: search.q.clone(),
        list: list.collect(),
        next: more("/sandbox/mails", search, found.next),
    })
}

fn shown(sandbox: &Sandbox, mail: &Map<String, Value>) -> words::Mail {
    let mut shown = mail_of(mail, &api::campaign_of(sandbox, mail));
    if let Some(profile) = api::one_profile(sandbox, &shown.profile) {
        shown.to = words::person(&profile).title;
    }
    shown
}

#[derive(Template)]
#[template(path = "mail.html")]
struct MailPage {
    frame: Frame,
    one: words::Mail,
    night: bool,
}

pub(super) fn mail(sandbox: &Sandbox, mail: &Map<String, Value>, night: bool) -> Response {
    render(&MailPage {
        frame: frame(sandbox, "mails"),
        one: shown(sandbox, mail),
        night,
    })
}
