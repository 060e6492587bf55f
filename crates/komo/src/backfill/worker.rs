//! The worker that carries backfills out, in small steps beside live work.
//! Promises: it waits while live deliveries of the connection are queued up; a step is one transaction, so that a kill leaves nothing
//! out and repeats nothing; jobs take turns. Leaves to others: what a step sends (`planner`, `history`).

use std::{sync::Arc, time::Duration};

use engage::time::Millis;
use store::{
    Store, StoreError,
    backfill::{self, Claimed, JobState, Step},
    hubs,
};
use tokio::sync::watch;

use super::{Planner, elapsed, wake};
use crate::{clock, deliver::Wakers};

/// Contacts a transaction: on SQLite live entries wait for it, so it takes a few milliseconds at most.
const STEP: usize = 100;
/// With more deliveries than this before the cursor nothing is added: a fresh entry would stand behind them.
const QUEUED: i64 = 1_000;
/// How often free jobs are looked for.
const LOOK: Duration = Duration::from_secs(1);
/// The wait for the queue to empty.
const BREATH: Duration = Duration::from_millis(50);
/// A job is given back after this long, so that others have their turn, in milliseconds.
const SLICE_MS: i64 = 2_000;
/// A worker that is not heard of for this long has lost its job, in milliseconds.
const LEASE_MS: i64 = 30_000;

/// Carries backfills out until told to stop.
#[derive(Clone, Debug)]
pub struct Worker {
    /// The database.
    pub store: Store,
    /// Wakes lanes.
    pub wakers: Wakers,
    /// This process among several.
    pub owner: Arc<str>,
}

/// What became of a slice of work.
enum Slice {
    /// There is more to do.
    More,
    /// The job has ended, is paused, or is somebody else's.
    Over,
}

impl Worker {
    /// Runs until `stop` turns true; a step under way is finished first.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        loop {
            match self.once(&stop).await {
                Ok(true) => {
                    if *stop.borrow() {
                        return;
                    }
                    continue;
                }
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "backfills can't go on at the moment"),
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                stopping = stop.changed() => if stopping.is_err() || *stop.borrow() { return },
            }
        }
    }

    /// Takes a job and works on it for a while; false: there is none.
    async fn once(&self, stop: &watch::Receiver<bool>) -> store::Result<bool> {
        let (owner, now) = (Arc::clone(&self.owner), clock::now());
        let claimed = self.store.write(move |tx| {
            Box::pin(async move { backfill::claim(tx, &owner, now, now.plus(LEASE_MS)).await })
        });
        let Some(claimed) = claimed.await? else {
            return Ok(false);
        };
        let slice = self.slice(&claimed, stop).await;
        if !matches!(slice, Ok(Slice::Over)) {
            let mine = claimed.clone();
            self.store
                .write(move |tx| Box::pin(async move { backfill::release(tx, &mine).await }))
                .await?;
        }
        slice.map(|_| true)
    }

    async fn slice(&self, claimed: &Claimed, stop: &watch::Receiver<bool>) -> store::Result<Slice> {
        let (workspace, connection) = (claimed.job.workspace, claimed.job.connection);
        let planner = match Planner::load(&self.store, workspace, connection).await {
            Ok(planner) => Arc::new(planner),
            Err(error) => match error.downcast_ref::<StoreError>() {
                Some(error) => return Err(error.clone()),
                None => return self.give_up(claimed, format!("{error:#}")).await,
            },
        };
        let began = clock::now();
        let mut since = began;
        while elapsed(began) < SLICE_MS && !*stop.borrow() {
            let lanes = Arc::clone(&planner.lanes);
            let queued = self.store.read(move |tx| {
                Box::pin(async move {
                    let queued = backfill::waiting(tx, &lanes, QUEUED).await?;
                    Ok((queued, hubs::version(tx).await?))
                })
            });
            let (queued, version) = queued.await?;
            if version != planner.version {
                // Hub or mapping have changed: the next slice reads them anew.
                break;
            }
            if queued >= QUEUED {
                tokio::time::sleep(BREATH).await;
                continue;
            }
            let step = self.step(claimed, &planner, since).await?;
            since = clock::now();
            match step {
                Step::More(done) => wake(Some(&self.wakers), &done),
                Step::Last(done) => {
                    wake(Some(&self.wakers), &done);
                    tracing::info!(connection.id = %connection, "a backfill is done");
                    return Ok(Slice::Over);
                }
                Step::Gone => return Ok(Slice::Over),
            }
        }
        let (mine, millis, now) = (claimed.clone(), elapsed(since), clock::now());
        let held = self.store.write(move |tx| {
            Box::pin(async move {
                let why = "";
                backfill::wait(tx, &mine, why, millis, now, now.plus(LEASE_MS)).await
            })
        });
        Ok(if held.await? {
            Slice::More
        } else {
            Slice::Over
        })
    }

    async fn step(
        &self,
        claimed: &Claimed,
        planner: &Arc<Planner>,
        since: Millis,
    ) -> store::Result<Step> {
        let (mine, planner, now) = (claimed.clone(), Arc::clone(planner), clock::now());
        let millis = elapsed(since);
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let scope = &mine.job.scope;
                    let plan = |_: engage::ids::ContactId, history: &backfill::History| {
                        planner.backfill(scope, history)
                    };
                    let until = now.plus(LEASE_MS);
                    backfill::step(tx, &mine, &planner.lanes, STEP, millis, now, until, &plan).await
                })
            })
            .await
    }

    async fn give_up(&self, claimed: &Claimed, why: String) -> store::Result<Slice> {
        tracing::error!(connection.id = %claimed.job.connection, "a backfill has failed: {why}");
        let (mine, now) = (claimed.clone(), clock::now());
        self.store
            .write(move |tx| {
                Box::pin(async move { backfill::end(tx, &mine, JobState::Failed, &why, now).await })
            })
            .await?;
        Ok(Slice::Over)
    }
}
