//! A connection's settings: name, address, key, how it sends, pause, removal.
//! Promises: a change counts within a second on every node; the key is write-only.
//! Leaves to others: the mapping (`mapping`), what is under way (`deliveries`).

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use engage::hub::ConnectionDoc;
use http::StatusCode;
use secrecy::SecretString;
use store::{accounts_sessions, hubs};

use super::{
    access::AtConnection,
    connect::{Address, CheckPart, refused},
    form::{Errors, Sent},
    frame::{At, Frame, ago, connection_path, hub_name, hub_path, page, with_status},
    hub::document,
    problem::StudioProblem,
    workspace::{PAUSED_BY_HAND, connection_name},
};
use crate::{
    app::App,
    braze_desk::{self, Changed, CheckLine, Seen},
    clock,
};

type Answer = Result<Response, StudioProblem>;

/// Which page of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    Deliveries,
    Mapping,
    Settings,
}

/// What stands above every page of a connection.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) name: String,
    pub(super) base: String,
    pub(super) tab: Tab,
    /// Why nothing is sent at the moment; empty when it is.
    pub(super) stopped: String,
    pub(super) by_hand: bool,
    pub(super) no_key: bool,
}

impl Head {
    pub(super) fn is(&self, tab: &str) -> bool {
        matches!(
            (self.tab, tab),
            (Tab::Deliveries, "deliveries")
                | (Tab::Mapping, "mapping")
                | (Tab::Settings, "settings")
        )
    }
}

/// The frame and the head of a page of a connection.
pub(super) fn head(
    at: &AtConnection,
    doc: &ConnectionDoc,
    tab: Tab,
    title: &str,
) -> Result<(Frame, Head), StudioProblem> {
    let hub_doc = document(&at.hub)?;
    let hub = hub_path(&at.hub.slug);
    let name = connection_name(Some(doc), &at.connection.key);
    let integrations = format!("{hub}/settings/integrations");
    let frame = Frame::new(
        &at.found,
        Some(&at.place),
        At::Hubs,
        &format!("{title} · {name}"),
    )
    .crumb(&hub_name(&hub_doc), hub.clone())
    .crumb("Hub settings", format!("{hub}/settings"))
    .crumb("Integrations", integrations.clone())
    .crumb("Braze", format!("{integrations}/braze"))
    .crumb(&name, "");
    let paused = at.connection.paused.as_ref();
    let head = Head {
        name,
        base: connection_path(at.connection.id),
        tab,
        stopped: paused.map(|(_, reason)| reason.clone()).unwrap_or_default(),
        by_hand: paused.is_some_and(|(code, _)| code == PAUSED_BY_HAND),
        no_key: at.connection.sealed_key.is_none(),
    };
    Ok((frame, head))
}

#[derive(Template)]
#[template(
    path = "connection_settings.html",
    config = "src/web/studio/askama.toml"
)]
struct SettingsPage {
    frame: Frame,
    head: Head,
    errors: Errors,
    lines: Vec<CheckLine>,
    name: String,
    address: Address,
    instances: &'static [braze::Instance],
    other_allowed: bool,
    batch_mode: String,
    unknown_events: String,
    requests: String,
    seconds: String,
    seen: String,
    /// Who saved in between; empty when nobody.
    meanwhile: String,
}

/// What the form holds, from the document or as it was sent.
struct Typed {
    name: String,
    address: Address,
    batch_mode: String,
    unknown_events: String,
    requests: String,
    seconds: String,
}

impl Typed {
    fn of(doc: &ConnectionDoc) -> Self {
        let json = serde_json::to_value(doc).unwrap_or_default();
        let word = |key: &str| {
            json.get(key)
                .and_then(|it| it.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        let (requests, seconds) = doc.requests_per_window.map_or_else(
            || (String::new(), String::new()),
            |(requests, seconds)| (requests.to_string(), seconds.to_string()),
        );
        Self {
            name: doc.name.clone(),
            address: Address::of(&doc.endpoint),
            batch_mode: word("batch_mode"),
            unknown_events: word("unknown_events"),
            requests,
            seconds,
        }
    }

    fn sent(sent: &Sent) -> Self {
        let text = |name: &str| sent.text(name).to_owned();
        Self {
            name: text("name"),
            address: Address::sent(sent),
            batch_mode: text("batch_mode"),
            unknown_events: text("unknown_events"),
            requests: text("requests"),
            seconds: text("seconds"),
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of one page")]
fn settings_page(
    app: &App,
    at: &AtConnection,
    doc: &ConnectionDoc,
    typed: Typed,
    errors: Errors,
    lines: Vec<CheckLine>,
    query: &[(String, String)],
    meanwhile: String,
) -> Answer {
    let (mut frame, head) = head(at, doc, Tab::Settings, "Settings")?;
    frame.wrong = !errors.is_empty();
    let status = if !meanwhile.is_empty() {
        StatusCode::CONFLICT
    } else if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    with_status(
        status,
        &SettingsPage {
            frame: frame.done(query),
            head,
            errors,
            lines,
            name: typed.name,
            address: typed.address,
            instances: braze::INSTANCES,
            other_allowed: app.studio.calls.allow_other_hosts,
            batch_mode: typed.batch_mode,
            unknown_events: typed.unknown_events,
            requests: typed.requests,
            seconds: typed.seconds,
            seen: Seen::of(&at.connection).0,
            meanwhile,
        },
    )
}

/// `GET /studio/connections/{connection}/settings`
pub(super) async fn show(
    State(app): State<App>,
    at: AtConnection,
    Query(query): Query<Vec<(String, String)>>,
) -> Answer {
    let doc = braze_desk::document(&at.connection)?;
    let typed = Typed::of(&doc);
    settings_page(
        &app,
        &at,
        &doc,
        typed,
        Errors::default(),
        Vec::new(),
        &query,
        String::new(),
    )
}

/// `POST /studio/connections/{connection}/settings`
pub(super) async fn save(State(app): State<App>, at: AtConnection, sent: Sent) -> Answer {
    let doc = braze_desk::document(&at.connection)?;
    let typed = Typed::sent(&sent);
    let mut errors = Errors::default();
    if typed.name.is_empty() || typed.name.chars().count() > 80 {
        errors.add("name", "Give the connection a name, at most 80 characters.");
    }
    if let Some((field, words)) = typed.address.problem(&app.studio.calls) {
        errors.add(field, words);
    }
    let pace = match (typed.requests.as_str(), typed.seconds.as_str()) {
        ("", "") => None,
        (requests, seconds) => {
            let pair = (requests.parse::<u32>().ok(), seconds.parse::<u32>().ok());
            if let (Some(requests @ 1..=1_000_000), Some(seconds @ 1..=3_600)) = pair {
                Some((requests, seconds))
            } else {
                errors.add("requests", "Enter both as whole numbers, for example 250 calls in 3 seconds, or leave both empty.");
                None
            }
        }
    };
    let mut json = serde_json::to_value(&doc).map_err(|error| StudioProblem::broken(&error))?;
    if let Some(object) = json.as_object_mut() {
        object.insert("name".into(), typed.name.clone().into());
        object.insert("endpoint".into(), typed.address.endpoint().into());
        object.insert("batch_mode".into(), typed.batch_mode.clone().into());
        object.insert("unknown_events".into(), typed.unknown_events.clone().into());
        object.remove("requests_per_window");
        if let Some((requests, seconds)) = pace {
            object.insert(
                "requests_per_window".into(),
                serde_json::json!([requests, seconds]),
            );
        }
    }
    let new: Result<ConnectionDoc, _> = serde_json::from_value(json);
    if new.is_err() {
        errors.add("batch_mode", "Choose one of the listed values.");
    }
    let Some(new) = new.ok().filter(|_| errors.is_empty()) else {
        return settings_page(
            &app,
            &at,
            &doc,
            typed,
            errors,
            Vec::new(),
            &[],
            String::new(),
        );
    };
    let seen = Seen(sent.text("seen").to_owned());
    let by = at.found.member.id;
    let what = ("connection.endpoint", what_changed(&doc, &new));
    match braze_desk::change(&app.store, &at.connection, by, &seen, &new, what).await? {
        Changed::Saved => {
            app.hubs.refresh_now(&app.store).await;
            let address = format!("{}/settings?done=saved", connection_path(at.connection.id));
            Ok(Redirect::to(&address).into_response())
        }
        Changed::Meanwhile(who) => settings_page(
            &app,
            &at,
            &doc,
            typed,
            errors,
            Vec::new(),
            &[],
            meanwhile_words(who),
        ),
    }
}

/// Which settings differ, by name.
fn what_changed(old: &ConnectionDoc, new: &ConnectionDoc) -> String {
    let mut parts = Vec::new();
    if old.name != new.name {
        parts.push("name");
    }
    if old.endpoint != new.endpoint {
        parts.push("address");
    }
    if old.batch_mode != new.batch_mode || old.requests_per_window != new.requests_per_window {
        parts.push("pace");
    }
    if old.unknown_events != new.unknown_events {
        parts.push("events of unknown fate");
    }
    parts.join(", ")
}

/// Who saved in between.
pub(super) fn meanwhile_words(who: Option<(String, i64)>) -> String {
    who.map_or_else(
        || "Somebody else".to_owned(),
        |(name, millis)| format!("{name}, {}", ago(clock::now().plus(-millis))),
    )
}

/// `POST /studio/connections/{connection}/key`
pub(super) async fn set_key(State(app): State<App>, at: AtConnection, sent: Sent) -> Answer {
    let doc = braze_desk::document(&at.connection)?;
    if let Some(words) = braze_desk::key_problem(sent.text("key")) {
        let mut errors = Errors::default();
        errors.add("key", words);
        let typed = Typed::of(&doc);
        return settings_page(
            &app,
            &at,
            &doc,
            typed,
            errors,
            Vec::new(),
            &[],
            String::new(),
        );
    }
    let key = SecretString::from(sent.text("key").to_owned());
    let by = at.found.member.id;
    braze_desk::seal_key(&app.store, &app.studio.keyring, &at.connection, by, key).await?;
    app.hubs.refresh_now(&app.store).await;
    let address = format!("{}/settings?done=key", connection_path(at.connection.id));
    Ok(Redirect::to(&address).into_response())
}

/// `POST /studio/connections/{connection}/check`: tries what is stored.
pub(super) async fn check(State(app): State<App>, at: AtConnection, sent: Sent) -> Answer {
    app.studio
        .attempts
        .admit(&format!("check {}", at.found.member.id), sent.sender)?;
    let doc = braze_desk::document(&at.connection)?;
    let client = braze_desk::open_key(&app.studio.keyring, &at.connection)
        .and_then(|key| braze_desk::client(&doc.endpoint, key, &app.studio.calls));
    let lines = match client {
        Ok(client) => braze_desk::check(&client).await,
        Err(words) => vec![refused(words)],
    };
    if sent.partial() {
        return page(&CheckPart { lines });
    }
    let typed = Typed::of(&doc);
    settings_page(
        &app,
        &at,
        &doc,
        typed,
        Errors::default(),
        lines,
        &[],
        String::new(),
    )
}

async fn noted(
    app: &App,
    at: &AtConnection,
    act: &'static str,
    what: Act,
) -> Result<(), StudioProblem> {
    let doc = braze_desk::document(&at.connection)?;
    let subject = connection_name(Some(&doc), &at.connection.key);
    let (workspace, id, by, now) = (
        at.connection.workspace,
        at.connection.id,
        at.found.member.id,
        clock::now(),
    );
    let (revision, name) = (at.connection.revision, at.found.member.name.clone());
    let done = app.store.write(move |tx| {
        Box::pin(async move {
            match what {
                Act::Pause => {
                    let reason = format!("{name} paused this connection. Entries are still accepted; what is for Braze waits.");
                    hubs::pause(tx, id, revision, PAUSED_BY_HAND, &reason, now).await?;
                }
                Act::Resume => hubs::resume(tx, id).await?,
                Act::Resend => store::sent::resend_all(tx, id).await?,
                Act::Remove => {
                    hubs::remove_connection(tx, workspace, id, now).await?;
                }
            }
            let line = (act, subject.as_str(), "");
            accounts_sessions::record(tx, workspace, Some(by), line, now).await
        })
    });
    done.await?;
    app.hubs.refresh_now(&app.store).await;
    Ok(())
}

enum Act {
    Pause,
    Resume,
    Resend,
    Remove,
}

fn back(at: &AtConnection, sent: &Sent, code: &str) -> Response {
    // The button stands on every page of the connection.
    let page = match sent.text("from") {
        "settings" => "/settings",
        "mapping" => "/mapping",
        _ => "",
    };
    let address = format!("{}{page}?done={code}", connection_path(at.connection.id));
    Redirect::to(&address).into_response()
}

/// `POST /studio/connections/{connection}/pause`
pub(super) async fn pause(State(app): State<App>, at: AtConnection, sent: Sent) -> Answer {
    noted(&app, &at, "connection.paused", Act::Pause).await?;
    Ok(back(&at, &sent, "paused"))
}

/// `POST /studio/connections/{connection}/pause/end`
pub(super) async fn resume(State(app): State<App>, at: AtConnection, sent: Sent) -> Answer {
    noted(&app, &at, "connection.resumed", Act::Resume).await?;
    Ok(back(&at, &sent, "resumed"))
}

/// `POST /studio/connections/{connection}/resend`: from now on every value in full once more, whatever was sent before.
pub(super) async fn resend(State(app): State<App>, at: AtConnection, sent: Sent) -> Answer {
    noted(&app, &at, "connection.resend", Act::Resend).await?;
    Ok(back(&at, &sent, "resend"))
}

/// `POST /studio/connections/{connection}/removal`: the name has to be typed.
pub(super) async fn remove(State(app): State<App>, at: AtConnection, sent: Sent) -> Answer {
    let doc = braze_desk::document(&at.connection)?;
    if sent.text("confirm") != connection_name(Some(&doc), &at.connection.key) {
        let mut errors = Errors::default();
        errors.add(
            "confirm",
            "The name does not match. Type the connection's name exactly as it stands above.",
        );
        let typed = Typed::of(&doc);
        return settings_page(
            &app,
            &at,
            &doc,
            typed,
            errors,
            Vec::new(),
            &[],
            String::new(),
        );
    }
    noted(&app, &at, "connection.removed", Act::Remove).await?;
    let address = format!(
        "{}/settings/integrations/braze?done=removed",
        hub_path(&at.hub.slug)
    );
    Ok(Redirect::to(&address).into_response())
}
