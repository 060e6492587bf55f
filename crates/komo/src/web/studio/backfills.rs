//! Backfills of a connection: start, pause, go on, end, and how far they are.
//! Promises: the estimate says what it is made of; live entries go first.
//! Leaves to others: the work (`crate::backfill`).

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use store::{
    accounts_sessions,
    backfill::{BackfillId, JobState, Scope},
};

use super::{
    access::AtConnection,
    form::Sent,
    frame::{connection_path, number},
    problem::StudioProblem,
    workspace::connection_name,
};
use crate::{
    app::App,
    backfill, braze_desk, clock,
    ledger::{age, duration},
};

type Answer = Result<Response, StudioProblem>;

/// The newest backfill of a connection as the delivery screen shows it.
pub(super) struct Shown {
    pub(super) id: String,
    pub(super) state: &'static str,
    pub(super) percent: u8,
    pub(super) done: String,
    pub(super) total: String,
    pub(super) deliveries: String,
    /// How long it still takes; empty when that is not known.
    pub(super) left: String,
    pub(super) detail: String,
    pub(super) when: String,
}

impl Shown {
    pub(super) fn runs(&self) -> bool {
        self.state == "running"
    }

    pub(super) fn open(&self) -> bool {
        matches!(self.state, "running" | "paused")
    }
}

/// The newest backfill, if there ever was one.
pub(super) async fn newest(app: &App, at: &AtConnection) -> Result<Option<Shown>, StudioProblem> {
    let all = backfill::progress(&app.store, at.place.workspace, at.connection.id).await?;
    Ok(all.into_iter().next().map(|it| Shown {
        id: it.job.id.to_string(),
        state: it.job.state.code(),
        percent: it.percent,
        done: number(it.job.done),
        total: number(it.job.total),
        deliveries: number(it.job.deliveries),
        left: it.seconds_left.map(duration).unwrap_or_default(),
        detail: it.job.detail,
        when: age(clock::now(), it.job.created_at),
    }))
}

async fn noted(app: &App, at: &AtConnection, act: &'static str) -> Result<(), StudioProblem> {
    let doc = braze_desk::document(&at.connection)?;
    let subject = connection_name(Some(&doc), &at.connection.key);
    let (workspace, by, now) = (at.place.workspace, at.found.member.id, clock::now());
    let written = app.store.write(move |tx| {
        Box::pin(async move {
            let line = (act, subject.as_str(), "");
            accounts_sessions::record(tx, workspace, Some(by), line, now).await
        })
    });
    Ok(written.await?)
}

fn back(at: &AtConnection, code: &str) -> Response {
    let address = format!("{}?done={code}", connection_path(at.connection.id));
    Redirect::to(&address).into_response()
}

/// `POST /studio/connections/{connection}/backfills`
pub(super) async fn start(State(app): State<App>, at: AtConnection) -> Answer {
    let open = newest(&app, &at).await?.is_some_and(|it| it.open());
    if !open {
        let (workspace, id) = (at.place.workspace, at.connection.id);
        backfill::start(&app.store, workspace, id, Scope::default()).await?;
        noted(&app, &at, "backfill.started").await?;
    }
    Ok(back(&at, "backfill"))
}

/// `POST /studio/connections/{connection}/backfills/{backfill}`: paused, running again, or ended.
pub(super) async fn change(
    State(app): State<App>,
    at: AtConnection,
    Path((_, id)): Path<(String, String)>,
    sent: Sent,
) -> Answer {
    let id: BackfillId = id.parse().map_err(|_| StudioProblem::NotFound)?;
    let (to, act, code) = match sent.text("to") {
        "running" => (JobState::Running, "backfill.resumed", "backfill"),
        "cancelled" => (JobState::Cancelled, "backfill.ended", "backfill-ended"),
        _ => (JobState::Paused, "backfill.paused", "backfill-paused"),
    };
    let own = newest(&app, &at)
        .await?
        .filter(|it| it.id == id.to_string());
    if own.is_none() {
        return Err(StudioProblem::NotFound);
    }
    // One that has ended meanwhile stays as it is; the page shows it.
    if backfill::change(&app.store, at.place.workspace, id, to)
        .await
        .is_ok()
    {
        noted(&app, &at, act).await?;
    }
    Ok(back(&at, code))
}
