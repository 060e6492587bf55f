//! Backfills as people handle them: start, pause, go on, cancel, and how far they are.

use anyhow::{Context, bail};
use engage::{
    delivery::BudgetSettings,
    hub::{BatchMode, ConnectionDoc},
    ids::{ConnectionId, WorkspaceId},
};
use store::{
    Store,
    backfill::{self, Backfill, BackfillId, JobState, Scope},
    hubs,
};

use crate::clock;

/// How far a backfill is.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// The job.
    pub job: Backfill,
    /// Share of contacts dealt with, 0 to 100.
    pub percent: u8,
    /// Contacts a second so far; none before anything was measured.
    pub per_second: Option<f64>,
    /// Seconds until it is done, by the rate measured and by the rate that Braze allows, whichever is longer; none unless it is
    /// running and something was measured.
    pub seconds_left: Option<u64>,
}

/// Starts a backfill; a running server takes it up within a second. Refuses a second one for the same connection.
pub async fn start(
    store: &Store,
    workspace: WorkspaceId,
    connection: ConnectionId,
    scope: Scope,
) -> anyhow::Result<BackfillId> {
    let found = store.read(move |tx| {
        Box::pin(async move {
            let known = hubs::connection(tx, workspace, connection).await?.is_some();
            Ok((known, backfill::count_contacts(tx, workspace).await?))
        })
    });
    let (known, total) = found.await?;
    if !known {
        bail!("there is no such connection");
    }
    let (id, now) = (clock::new_id(), clock::now());
    let started = store.write(move |tx| {
        Box::pin(
            async move { backfill::start(tx, id, workspace, connection, &scope, total, now).await },
        )
    });
    if !started.await? {
        bail!("a backfill of this connection is running or paused; cancel it first");
    }
    Ok(id)
}

/// Pauses a running backfill, lets a paused one go on, or cancels it.
pub async fn change(
    store: &Store,
    workspace: WorkspaceId,
    id: BackfillId,
    to: JobState,
) -> anyhow::Result<()> {
    let now = clock::now();
    let changed = store
        .write(move |tx| {
            Box::pin(async move { backfill::change(tx, workspace, id, to, now).await })
        })
        .await?;
    if changed {
        Ok(())
    } else {
        bail!("the backfill does not stand so that this could be done")
    }
}

/// A connection's backfills, newest first, with how far they are.
pub async fn progress(
    store: &Store,
    workspace: WorkspaceId,
    connection: ConnectionId,
) -> anyhow::Result<Vec<Progress>> {
    let read = store.read(move |tx| {
        Box::pin(async move {
            let row = hubs::connection(tx, workspace, connection).await?;
            Ok((row, backfill::list(tx, workspace, connection).await?))
        })
    });
    let (row, jobs) = read.await?;
    let doc: ConnectionDoc =
        serde_json::from_str(&row.context("there is no such connection")?.document)
            .context("the connection can't be read")?;
    Ok(jobs.into_iter().map(|job| estimate(job, &doc)).collect())
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an estimate for people; all numbers are positive"
)]
fn estimate(job: Backfill, doc: &ConnectionDoc) -> Progress {
    let total = job.total.max(job.done).max(1);
    let finished = job.state == JobState::Done;
    let percent = if finished {
        100
    } else {
        job.done * 100 / total
    };
    let measured = job.done > 0 && job.active_ms > 0;
    let per_second = measured.then(|| job.done as f64 * 1_000.0 / job.active_ms as f64);
    let left = (total - job.done).max(0) as f64;
    let seconds_left = per_second
        .filter(|_| job.state == JobState::Running)
        .map(|rate| {
            let objects_left = left * job.objects as f64 / job.done as f64;
            (left / rate).max(objects_left / allowed(doc)).ceil() as u64
        });
    Progress {
        percent: percent.clamp(0, 100) as u8,
        per_second,
        seconds_left,
        job,
    }
}

/// Objects a second that Braze takes from this connection.
fn allowed(doc: &ConnectionDoc) -> f64 {
    let budget = BudgetSettings::of(doc);
    let calls = f64::from(budget.requests) * f64::from(budget.share_percent) / 100.0;
    let objects = match doc.batch_mode {
        BatchMode::Combined75 => 75.0,
        // Attributes and events come about alike, and purchases hardly.
        BatchMode::PerArray75 => 150.0,
        BatchMode::Combined50 => 50.0,
    };
    (calls / f64::from(budget.seconds.max(1)) * objects).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use engage::time::Millis;

    #[test]
    fn the_estimate_follows_the_slower_of_measured_rate_and_braze() {
        let doc: ConnectionDoc = serde_json::from_value(serde_json::json!({
            "key": "braze", "endpoint": "US-01",
            "user": {"by": "email", "from": "field:email"},
            "requests_per_window": [1, 1]
        }))
        .expect("a connection");
        let job = Backfill {
            id: clock::new_id(),
            workspace: clock::new_id(),
            connection: clock::new_id(),
            state: JobState::Running,
            scope: Scope::default(),
            position: None,
            done: 1_000,
            total: 11_000,
            deliveries: 1_000,
            objects: 2_000,
            active_ms: 10_000,
            detail: String::new(),
            created_at: Millis(1),
            updated_at: Millis(1),
            finished_at: None,
        };
        let told = estimate(job.clone(), &doc);
        assert_eq!(told.percent, 9);
        assert_eq!(told.per_second, Some(100.0));
        // 20,000 objects are left, and Braze takes at most 75 a second here.
        assert!(
            told.seconds_left.is_some_and(|left| left >= 266),
            "{told:?}"
        );
        let free = ConnectionDoc {
            requests_per_window: Some((1_000_000, 1)),
            ..doc
        };
        assert_eq!(estimate(job, &free).seconds_left, Some(100));
    }
}
