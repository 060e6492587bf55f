//! Publishing: the check, what will change, the button; the versions there were, each one press away.
//! Promises: what is published is what was looked at; running plays go on; an earlier version comes back as it was.
//! Leaves to others: the check (`launch`), the differences (`diff`), storage (`store::hubs`).

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use engage::hub::{HubDoc, HubState, Publication};
use http::StatusCode;
use store::{
    accounts_sessions,
    hubs::{self, drafts as stored},
};

use super::{
    super::{
        access::AtHub,
        form::Sent,
        frame::{Frame, ago, full, hub_path, with_status},
        hub::connection_rows,
        problem::StudioProblem,
    },
    diff::{self, Difference},
    drafts::{self, Draft},
    launch::{self, Found, Surroundings},
    page::{self, Bar, Tabs},
};
use crate::{app::App, clock};

type Answer = Result<Response, StudioProblem>;

struct VersionRow {
    number: i64,
    when: String,
    exact: String,
    live: bool,
}

#[derive(Template)]
#[template(path = "publish.html", config = "src/web/studio/askama.toml")]
struct PublishPage {
    frame: Frame,
    tabs: Tabs,
    bar: Bar,
    base: String,
    slug: String,
    live: bool,
    errors: Vec<Found>,
    warnings: Vec<Found>,
    differences: Vec<Difference>,
    /// Nothing was ever published.
    first: bool,
    seen: i64,
    meanwhile: bool,
    versions: Vec<VersionRow>,
}

/// `GET /studio/hubs/{hub}/publish`
pub(in super::super) async fn show(
    State(app): State<App>,
    at: AtHub,
    Query(query): Query<Vec<(String, String)>>,
) -> Answer {
    whole(&app, &at, &query, StatusCode::OK, false).await
}

async fn whole(
    app: &App,
    at: &AtHub,
    query: &[(String, String)],
    status: StatusCode,
    meanwhile: bool,
) -> Answer {
    let draft = Draft::read(app, at).await?;
    let hub = draft.hub.clone();
    let found = app.store.read(move |tx| {
        Box::pin(async move {
            let live = match hub.published_version {
                Some(version) => stored::publication(tx, hub.id, version).await?,
                None => None,
            };
            Ok((live, stored::versions(tx, hub.id).await?))
        })
    });
    let (live, versions) = found.await?;
    let live = live.and_then(|it| HubDoc::from_json(&it).ok());
    let connected = !connection_rows(app, at.hub.id).await?.is_empty();
    let surroundings = Surroundings {
        now: clock::now(),
        connected,
    };
    let found = launch::check(&draft.doc, surroundings);
    let (errors, warnings) = found.into_iter().partition(|it| it.error);
    let around = drafts::around(app, &draft.hub).await?;
    let rows = versions.into_iter().map(|(number, moment)| VersionRow {
        number,
        when: ago(moment),
        exact: full(moment),
        live: draft.hub.published_version == Some(number),
    });
    let mut frame = page::frame(at, &draft.doc, "Publish", query);
    frame.wrong = status != StatusCode::OK;
    let whole = PublishPage {
        frame,
        tabs: Tabs::new(at, "publish"),
        bar: Bar::new(at, "", &around, false),
        base: hub_path(&at.hub.slug),
        slug: at.hub.slug.clone(),
        live: draft.hub.is_live(),
        errors,
        warnings,
        differences: live
            .as_ref()
            .map_or_else(Vec::new, |live| diff::between(live, &draft.doc)),
        first: live.is_none(),
        seen: draft.hub.revision,
        meanwhile,
        versions: rows.collect(),
    };
    with_status(status, &whole)
}

/// `POST /studio/hubs/{hub}/publish`
pub(in super::super) async fn publish(State(app): State<App>, at: AtHub, sent: Sent) -> Answer {
    let draft = Draft::read(&app, &at).await?;
    if sent.text("seen").parse() != Ok(draft.hub.revision) {
        return whole(&app, &at, &[], StatusCode::CONFLICT, true).await;
    }
    let surroundings = Surroundings {
        now: clock::now(),
        connected: true,
    };
    let stopped = launch::check(&draft.doc, surroundings)
        .iter()
        .any(|it| it.error);
    let mut doc = draft.doc.clone();
    doc.hub.state = HubState::Published;
    let frozen = Publication::freeze(Arc::new(doc.clone()));
    let (false, Ok(publication)) = (stopped, frozen) else {
        return whole(&app, &at, &[], StatusCode::UNPROCESSABLE_ENTITY, false).await;
    };
    let document = doc
        .to_json()
        .map_err(|error| StudioProblem::broken(&error))?;
    let hash = publication.version().to_owned();
    let cards: Vec<_> = doc
        .cards
        .iter()
        .map(|card| (card.key.clone(), clock::new_id()))
        .collect();
    let (hub, now, member) = (draft.hub.clone(), clock::now(), at.found.member.id);
    let same = doc == draft.doc;
    let published = app.store.write(move |tx| {
        Box::pin(async move {
            if !same {
                let change = stored::Change {
                    document: document.clone(),
                    words: "Publish".to_owned(),
                    member,
                    joins: false,
                };
                if !stored::change(tx, &hub, change, now).await? {
                    return Ok(false);
                }
            }
            hubs::know_cards(tx, hub.workspace, hub.id, cards).await?;
            hubs::publish(tx, hub.id, &document, &hash, now).await?;
            let line = ("hub.published", hub.slug.as_str(), "");
            accounts_sessions::record(tx, hub.workspace, Some(member), line, now).await?;
            Ok(true)
        })
    });
    if !published.await? {
        return whole(&app, &at, &[], StatusCode::CONFLICT, true).await;
    }
    app.hubs.refresh_now(&app.store).await;
    let address = format!("{}/publish?done=published", hub_path(&at.hub.slug));
    Ok(Redirect::to(&address).into_response())
}

/// `POST /studio/hubs/{hub}/publish/end`: takes the hub offline.
pub(in super::super) async fn end(State(app): State<App>, at: AtHub) -> Answer {
    let (hub, now, member) = (at.hub.clone(), clock::now(), at.found.member.id);
    let done = app.store.write(move |tx| {
        Box::pin(async move {
            hubs::unpublish(tx, hub.id, now).await?;
            let line = ("hub.unpublished", hub.slug.as_str(), "");
            accounts_sessions::record(tx, hub.workspace, Some(member), line, now).await
        })
    });
    done.await?;
    app.hubs.refresh_now(&app.store).await;
    let address = format!("{}/publish?done=unpublished", hub_path(&at.hub.slug));
    Ok(Redirect::to(&address).into_response())
}

/// `POST /studio/hubs/{hub}/publications/{version}/live`: an earlier version is shown again.
pub(in super::super) async fn go_back(
    State(app): State<App>,
    at: AtHub,
    Path((_, version)): Path<(String, String)>,
) -> Answer {
    let version: i64 = version.parse().map_err(|_| StudioProblem::NotFound)?;
    let (hub, now, member) = (at.hub.clone(), clock::now(), at.found.member.id);
    let done = app.store.write(move |tx| {
        Box::pin(async move {
            let there = stored::go_live(tx, hub.id, version, now).await?;
            if there {
                let detail = format!("Version {version}");
                let line = ("hub.rolled_back", hub.slug.as_str(), detail.as_str());
                accounts_sessions::record(tx, hub.workspace, Some(member), line, now).await?;
            }
            Ok(there)
        })
    });
    if !done.await? {
        return Err(StudioProblem::NotFound);
    }
    app.hubs.refresh_now(&app.store).await;
    let address = format!("{}/publish?done=rolled-back", hub_path(&at.hub.slug));
    Ok(Redirect::to(&address).into_response())
}

impl PublishPage {
    fn may_publish(&self) -> bool {
        self.frame.may("editor")
            && self.errors.is_empty()
            && (self.first || !self.live || !self.differences.is_empty())
    }
}
