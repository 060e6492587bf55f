//! A workspace: its hubs, its connected apps, its settings, its log.
//! Promises: only what belongs to it; numbers come with what they count.
//! Leaves to others: members (`members`), hubs and connections one by one.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use engage::hub::{ConnectionDoc, HubDoc};
use http::StatusCode;
use store::{
    accounts,
    accounts_sessions::{self, Change},
    hubs::{self, Connection},
    outbox::{self, Backlog},
};

use super::{
    access::InWorkspace,
    editor::starts,
    form::{Errors, Sent},
    frame::{
        At, Frame, ago, connection_path, full, hub_name, hub_path, number, page, with_status,
        workspace_path,
    },
    problem::StudioProblem,
};
use crate::{app::App, clock, hubfile};

type Answer = Result<Response, StudioProblem>;

/// How a connection is doing, in one word and one colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Health {
    pub(super) word: &'static str,
    /// `good`, `warn`, `bad` or `idle`.
    pub(super) tone: &'static str,
}

impl Health {
    pub(super) fn of(connection: &Connection, backlog: &Backlog) -> Self {
        let (word, tone) = if let Some((code, _)) = &connection.paused {
            if code == PAUSED_BY_HAND {
                ("Paused", "warn")
            } else {
                ("Stopped", "bad")
            }
        } else if connection.sealed_key.is_none() {
            ("Not finished", "warn")
        } else if backlog.parked > 0 || backlog.unknown > 0 {
            ("Needs a look", "warn")
        } else if backlog.retrying > 0 {
            ("Retrying", "warn")
        } else {
            ("Delivering", "good")
        };
        Self { word, tone }
    }
}

/// The code of a pause that a member asked for.
pub(super) const PAUSED_BY_HAND: &str = "by_hand";

struct HubRow {
    name: String,
    slug: String,
    href: String,
    live: bool,
    archived: bool,
    entries: String,
    health: Health,
    apps: usize,
}

#[derive(Template)]
#[template(path = "hubs.html", config = "src/web/studio/askama.toml")]
struct HubsPage {
    frame: Frame,
    hubs: Vec<HubRow>,
    /// Out of sight, one press away.
    archived: Vec<HubRow>,
    base: String,
}

/// `GET /studio/w/{workspace}`
pub(super) async fn show_hubs(
    State(app): State<App>,
    at: InWorkspace,
    Query(query): Query<Vec<(String, String)>>,
) -> Answer {
    let workspace = at.place.workspace;
    let found = app.store.read(move |tx| {
        Box::pin(async move {
            let mut all = Vec::new();
            for hub in hubs::list(tx, workspace).await? {
                let entries = hubs::entries(tx, hub.id).await?;
                let mut connections = Vec::new();
                for one in hubs::connections(tx, hub.id).await? {
                    let backlog = outbox::backlog(tx, one.id).await?;
                    connections.push((one, backlog));
                }
                all.push((hub, entries, connections));
            }
            Ok(all)
        })
    });
    let rows = found.await?.into_iter().map(|(hub, entries, connections)| {
        let doc = HubDoc::from_json(&hub.draft).ok();
        let worst = connections
            .iter()
            .map(|(one, backlog)| Health::of(one, backlog))
            .max_by_key(|it| match it.tone {
                "bad" => 2,
                "warn" => 1,
                _ => 0,
            });
        HubRow {
            name: doc.as_ref().map_or_else(|| hub.slug.clone(), hub_name),
            href: hub_path(&hub.slug),
            live: hub.is_live(),
            archived: hub.archived_at.is_some(),
            entries: number(entries),
            apps: connections.len(),
            health: worst.unwrap_or(Health {
                word: "Not connected",
                tone: "idle",
            }),
            slug: hub.slug,
        }
    });
    let (archived, hubs) = rows.partition(|it| it.archived);
    page(&HubsPage {
        frame: Frame::new(&at.found, Some(&at.place), At::Hubs, "Hubs").done(&query),
        hubs,
        archived,
        base: workspace_path(workspace),
    })
}

/// The sample hub, as a start: published, without a connection.
pub(super) async fn make_sample(app: &App, at: &InWorkspace) -> Answer {
    let workspace = at.place.workspace;
    let mut doc = crate::cli::sample_hub()?;
    // Its connection belongs to the demo; here it is made in the studio.
    doc.connections.clear();
    doc.hub.slug = starts::free_slug(app, "sample").await?;
    let slug = doc.hub.slug.clone();
    hubfile::import_into(&app.store, workspace, doc, &crate::cli::SampleFiles, false).await?;
    let (member, now, subject) = (at.found.member.id, clock::now(), slug.clone());
    let noted = app.store.write(move |tx| {
        Box::pin(async move {
            let line = ("hub.made", subject.as_str(), "From the sample");
            accounts_sessions::record(tx, workspace, Some(member), line, now).await
        })
    });
    noted.await?;
    app.hubs.refresh_now(&app.store).await;
    Ok(Redirect::to(&format!("{}?done=hub", hub_path(&slug))).into_response())
}

struct AppRow {
    name: String,
    hub: String,
    hub_href: String,
    href: String,
    health: Health,
    waiting: String,
    parked: String,
    endpoint: String,
}

#[derive(Template)]
#[template(path = "apps.html", config = "src/web/studio/askama.toml")]
struct AppsPage {
    frame: Frame,
    apps: Vec<AppRow>,
    hubs: Vec<(String, String)>,
}

/// `GET /studio/w/{workspace}/apps`
pub(super) async fn show_apps(
    State(app): State<App>,
    at: InWorkspace,
    Query(query): Query<Vec<(String, String)>>,
) -> Answer {
    let workspace = at.place.workspace;
    let found = app.store.read(move |tx| {
        Box::pin(async move {
            let hubs = hubs::list(tx, workspace).await?;
            let mut all = Vec::new();
            for one in hubs::connections_of_workspace(tx, workspace).await? {
                let backlog = outbox::backlog(tx, one.id).await?;
                all.push((one, backlog));
            }
            Ok((hubs, all))
        })
    });
    let (all_hubs, all) = found.await?;
    let name_of = |hub: &hubs::Hub| {
        HubDoc::from_json(&hub.draft).map_or_else(|_| hub.slug.clone(), |doc| hub_name(&doc))
    };
    let apps = all.into_iter().map(|(one, backlog)| {
        let doc: Option<ConnectionDoc> = serde_json::from_str(&one.document).ok();
        let hub = all_hubs.iter().find(|hub| hub.id == one.hub);
        AppRow {
            name: connection_name(doc.as_ref(), &one.key),
            hub: hub.map(name_of).unwrap_or_default(),
            hub_href: hub.map(|hub| hub_path(&hub.slug)).unwrap_or_default(),
            href: connection_path(one.id),
            health: Health::of(&one, &backlog),
            waiting: number(backlog.pending + backlog.retrying + backlog.waiting),
            parked: number(backlog.parked + backlog.unknown),
            endpoint: doc.map(|doc| instance(&doc.endpoint)).unwrap_or_default(),
        }
    });
    let apps = apps.collect();
    let hubs = all_hubs
        .iter()
        .map(|hub| {
            (
                name_of(hub),
                format!("{}/settings/integrations/braze", hub_path(&hub.slug)),
            )
        })
        .collect();
    page(&AppsPage {
        frame: Frame::new(&at.found, Some(&at.place), At::Apps, "Connected apps").done(&query),
        apps,
        hubs,
    })
}

/// What people call a connection.
pub(super) fn connection_name(doc: Option<&ConnectionDoc>, key: &str) -> String {
    doc.map(|doc| doc.name.clone())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| key.to_owned())
}

/// The name of Braze's instance, or the host of another address.
pub(super) fn instance(endpoint: &str) -> String {
    let base = endpoint.parse::<braze::Endpoint>().ok();
    let base = base.as_ref().map_or(endpoint, braze::Endpoint::base);
    braze::INSTANCES
        .iter()
        .find(|it| it.rest == base)
        .map_or_else(
            || base.split("://").last().unwrap_or(base).to_owned(),
            |it| it.name.to_owned(),
        )
}

#[derive(Template)]
#[template(path = "settings.html", config = "src/web/studio/askama.toml")]
struct SettingsPage {
    frame: Frame,
    errors: Errors,
    name: String,
    base: String,
}

/// `GET /studio/w/{workspace}/settings`
pub(super) async fn show_settings(
    at: InWorkspace,
    Query(query): Query<Vec<(String, String)>>,
) -> Answer {
    settings_page(&at, &query, Errors::default(), &at.place.name)
}

fn settings_page(
    at: &InWorkspace,
    query: &[(String, String)],
    errors: Errors,
    name: &str,
) -> Answer {
    let mut frame = Frame::new(
        &at.found,
        Some(&at.place),
        At::Settings,
        "Workspace settings",
    )
    .done(query);
    frame.wrong = !errors.is_empty();
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    with_status(
        status,
        &SettingsPage {
            frame,
            errors,
            name: name.to_owned(),
            base: workspace_path(at.place.workspace),
        },
    )
}

/// `POST /studio/w/{workspace}/settings`
pub(super) async fn save_settings(State(app): State<App>, at: InWorkspace, sent: Sent) -> Answer {
    let name = sent.text("workspace").to_owned();
    if name.is_empty() || name.chars().count() > 80 {
        let mut errors = Errors::default();
        errors.add("workspace", "Enter a name, at most 80 characters.");
        return settings_page(&at, &[], errors, &name);
    }
    let (workspace, member, now) = (at.place.workspace, at.found.member.id, clock::now());
    let before = at.place.name.clone();
    let saved = app.store.write(move |tx| {
        Box::pin(async move {
            accounts::rename_workspace(tx, workspace, &name).await?;
            let detail = format!("Was {before}");
            let line = ("workspace.renamed", name.as_str(), detail.as_str());
            accounts_sessions::record(tx, workspace, Some(member), line, now).await
        })
    });
    saved.await?;
    let address = format!("{}/settings?done=workspace", workspace_path(workspace));
    Ok(Redirect::to(&address).into_response())
}

struct LogRow {
    when: String,
    exact: String,
    who: String,
    what: &'static str,
    subject: String,
    detail: String,
}

#[derive(Template)]
#[template(path = "log.html", config = "src/web/studio/askama.toml")]
struct LogPage {
    frame: Frame,
    rows: Vec<LogRow>,
    older: Option<i64>,
    base: String,
}

const LOG_PAGE: usize = 50;

/// `GET /studio/w/{workspace}/log`
pub(super) async fn show_log(
    State(app): State<App>,
    at: InWorkspace,
    Query(query): Query<Vec<(String, String)>>,
) -> Answer {
    let workspace = at.place.workspace;
    let before = query
        .iter()
        .find(|(key, _)| key == "before")
        .and_then(|(_, seq)| seq.parse().ok())
        .unwrap_or(i64::MAX);
    let found = app.store.read(move |tx| {
        Box::pin(async move { accounts_sessions::log(tx, workspace, before, 51).await })
    });
    let mut changes = found.await?;
    let older = (changes.len() > LOG_PAGE)
        .then(|| changes.get(LOG_PAGE - 1).map(|it| it.seq))
        .flatten();
    changes.truncate(LOG_PAGE);
    let rows = changes.into_iter().map(log_row).collect();
    page(&LogPage {
        frame: Frame::new(&at.found, Some(&at.place), At::Log, "Activity"),
        rows,
        older,
        base: workspace_path(workspace),
    })
}

fn log_row(change: Change) -> LogRow {
    LogRow {
        when: ago(change.at),
        exact: full(change.at),
        who: change.member_name,
        what: act_words(&change.act),
        subject: change.subject,
        detail: change.detail,
    }
}

/// What somebody did, as the middle of a sentence.
fn act_words(act: &str) -> &'static str {
    match act {
        "workspace.made" => "made the workspace",
        "workspace.renamed" => "renamed the workspace to",
        "member.invited" => "invited",
        "member.joined" => "joined as",
        "member.role" => "changed the role of",
        "member.removed" => "removed",
        "member.password" => "set a new password for",
        "invitation.withdrawn" => "withdrew the invitation of",
        "hub.made" => "made the hub",
        "hub.published" => "published the hub",
        "hub.unpublished" => "took offline the hub",
        "hub.rolled_back" => "went back to an earlier version of",
        "hub.archived" => "archived the hub",
        "hub.restored" => "brought back the hub",
        "connection.made" => "connected",
        "connection.endpoint" => "changed how it sends",
        "connection.key" => "stored a new key for",
        "connection.mapping" => "changed the mapping of",
        "connection.paused" => "paused",
        "connection.resumed" => "resumed",
        "connection.removed" => "disconnected",
        "connection.resend" => "asked for every value in full on",
        "connection.test" => "sent a test through",
        "deliveries.again" => "sent again on",
        "backfill.started" => "started a backfill on",
        "backfill.resumed" => "let the backfill go on for",
        "backfill.ended" => "ended the backfill on",
        "backfill.paused" => "paused the backfill on",
        _ => "changed",
    }
}
