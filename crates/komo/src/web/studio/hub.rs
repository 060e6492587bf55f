//! A hub's settings and its connections.
//! Promises: what is live and what is a draft is told apart.
//! Leaves to others: a hub's content (`editor`), connecting (`connect`).

use askama::Template;
use axum::{extract::State, response::Response};
use engage::hub::HubDoc;
use store::{
    hubs,
    outbox::{self},
};

use super::{
    access::AtHub,
    frame::{At, Frame, connection_path, hub_name, hub_path, number, page},
    problem::StudioProblem,
    workspace::{Health, connection_name, instance},
};
use crate::app::App;

type Answer = Result<Response, StudioProblem>;

/// A connection in a list.
pub(super) struct ConnectionRow {
    pub(super) name: String,
    pub(super) endpoint: String,
    pub(super) href: String,
    pub(super) health: Health,
    pub(super) waiting: String,
    pub(super) parked: String,
}

/// The draft's document.
pub(super) fn document(hub: &hubs::Hub) -> Result<HubDoc, StudioProblem> {
    HubDoc::from_json(&hub.draft).map_err(|error| StudioProblem::broken(&error))
}

/// The connections of a hub as a list.
pub(super) async fn connection_rows(
    app: &App,
    hub: engage::ids::HubId,
) -> Result<Vec<ConnectionRow>, StudioProblem> {
    let found = app.store.read(move |tx| {
        Box::pin(async move {
            let mut all = Vec::new();
            for one in hubs::connections(tx, hub).await? {
                let backlog = outbox::backlog(tx, one.id).await?;
                all.push((one, backlog));
            }
            Ok(all)
        })
    });
    let rows = found.await?.into_iter().map(|(one, backlog)| {
        let doc: Option<engage::hub::ConnectionDoc> = serde_json::from_str(&one.document).ok();
        ConnectionRow {
            name: connection_name(doc.as_ref(), &one.key),
            href: connection_path(one.id),
            health: Health::of(&one, &backlog),
            waiting: number(backlog.pending + backlog.retrying + backlog.waiting),
            parked: number(backlog.parked + backlog.unknown),
            endpoint: doc.map(|doc| instance(&doc.endpoint)).unwrap_or_default(),
        }
    });
    Ok(rows.collect())
}

#[derive(Template)]
#[template(path = "hub_settings.html", config = "src/web/studio/askama.toml")]
struct HubSettingsPage {
    frame: Frame,
    slug: String,
    name: String,
    locales: String,
    live: bool,
    archived: bool,
    base: String,
}

/// The frame of a page below a hub's settings.
pub(super) fn settings_frame(at: &AtHub, name: &str, title: &str) -> Frame {
    let base = hub_path(&at.hub.slug);
    Frame::new(&at.found, Some(&at.place), At::Hubs, title)
        .crumb("Hubs", super::frame::workspace_path(at.place.workspace))
        .crumb(name, base.clone())
        .crumb("Hub settings", format!("{base}/settings"))
}

/// `GET /studio/hubs/{hub}/settings`
pub(super) async fn show_settings(at: AtHub) -> Answer {
    let doc = document(&at.hub)?;
    let name = hub_name(&doc);
    let mut frame = settings_frame(&at, &name, "Hub settings");
    if let Some(last) = frame.crumbs.last_mut() {
        last.href.clear();
    }
    let locales: Vec<&str> = doc
        .hub
        .locales
        .iter()
        .map(engage::text::Locale::as_str)
        .collect();
    page(&HubSettingsPage {
        frame,
        slug: at.hub.slug.clone(),
        locales: locales.join(", "),
        live: at.hub.is_live(),
        archived: at.hub.archived_at.is_some(),
        base: hub_path(&at.hub.slug),
        name,
    })
}

#[derive(Template)]
#[template(path = "integrations.html", config = "src/web/studio/askama.toml")]
struct IntegrationsPage {
    frame: Frame,
    connected: usize,
    base: String,
}

/// `GET /studio/hubs/{hub}/settings/integrations`
pub(super) async fn show_integrations(State(app): State<App>, at: AtHub) -> Answer {
    let doc = document(&at.hub)?;
    let connected = connection_rows(&app, at.hub.id).await?.len();
    page(&IntegrationsPage {
        frame: settings_frame(&at, &hub_name(&doc), "Integrations").crumb("Integrations", ""),
        connected,
        base: format!("{}/settings/integrations", hub_path(&at.hub.slug)),
    })
}
