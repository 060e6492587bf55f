//! One connection: its client, its budget, its lanes. Leases lanes that are free and runs a task for each.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use braze::{Client, Options, Timeouts};
use engage::{
    delivery::{Budget, BudgetSettings, lane::Settings as LaneSettings},
    time::Millis,
};
use store::{hubs, outbox};
use tokio::{sync::watch, task::JoinHandle};

use super::{Deliver, lane};
use crate::{clock, live::LiveConnection};

/// What the lanes of a connection share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) deliver: Deliver,
    pub(super) connection: Arc<LiveConnection>,
    pub(super) client: Client,
    pub(super) budget: Mutex<Budget>,
    pub(super) lane_settings: LaneSettings,
}

impl Shared {
    pub(super) fn with_budget<T>(&self, act: impl FnOnce(&mut Budget) -> T) -> T {
        act(&mut self.budget.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Stops the connection until a person helps, for all nodes.
    pub(super) async fn pause(&self, code: &'static str, sentence: String) {
        tracing::error!(connection.id = %self.connection.id, code, "deliveries are paused: {sentence}");
        let (id, revision) = (self.connection.id, self.connection.revision);
        loop {
            let words = sentence.clone();
            let paused = self.deliver.store.write(move |tx| {
                Box::pin(
                    async move { hubs::pause(tx, id, revision, code, &words, clock::now()).await },
                )
            });
            match paused.await {
                Ok(_) => break,
                Err(error) => {
                    // This node's lane has stopped anyway. It must be stored, or nobody could end the pause.
                    tracing::warn!(connection.id = %id, %error, "the pause could not be stored; trying again");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
        self.deliver.hubs.refresh_soon();
    }
}

/// Runs a connection until told to stop.
pub(super) async fn run(
    deliver: Deliver,
    connection: Arc<LiveConnection>,
    mut stop: watch::Receiver<bool>,
) {
    let id = connection.id;
    if let Some((code, _)) = &connection.paused {
        tracing::info!(connection.id = %id, code, "the connection is paused; its deliveries are kept");
        return wait_for_stop(&mut stop).await;
    }
    let Some(client) = client(&deliver, &connection) else {
        return wait_for_stop(&mut stop).await;
    };
    let doc = &connection.doc;
    let budget = BudgetSettings::of(doc);
    let lane_settings = LaneSettings {
        retry_window_ms: deliver.settings.retry_window_ms,
        // A little more than the client takes to give up.
        call_ms: longest_call_ms(&deliver) + (deliver.settings.lease_ms / 10).min(2_000),
        ..LaneSettings::of(doc)
    };
    let shared = Arc::new(Shared {
        client,
        budget: Mutex::new(Budget::new(budget)),
        lane_settings,
        connection,
        deliver,
    });
    lease_and_run(shared, stop).await;
}

/// How long one call may take. Half a lease at most: lanes are renewed when a third of the lease has gone, so a call can always
/// start, however short the lease, and none outlives the lease even if it can't be renewed meanwhile.
fn longest_call_ms(deliver: &Deliver) -> i64 {
    let patience = i64::try_from(Timeouts::default().whole.as_millis()).unwrap_or(i64::MAX);
    patience.min(deliver.settings.lease_ms / 2)
}

/// The client, or why there is none yet.
fn client(deliver: &Deliver, connection: &LiveConnection) -> Option<Client> {
    let id = connection.id;
    let Some(sealed) = &connection.sealed_key else {
        tracing::warn!(connection.id = %id, "the connection has no API key yet; its deliveries wait");
        return None;
    };
    let key = match deliver.keyring.open(sealed, id.uuid().as_bytes()) {
        Ok(key) => key,
        Err(error) => {
            tracing::error!(connection.id = %id, %error, "the API key can't be opened; deliveries wait");
            return None;
        }
    };
    let endpoint = match connection.doc.endpoint.parse() {
        Ok(endpoint) => endpoint,
        Err(error) => {
            tracing::error!(connection.id = %id, %error, "the endpoint can't be used; deliveries wait");
            return None;
        }
    };
    let options = Options {
        timeouts: Timeouts {
            whole: Duration::from_millis(longest_call_ms(deliver).unsigned_abs()),
            ..Timeouts::default()
        },
        allow_private: deliver.settings.allow_private,
        allow_other_hosts: deliver.settings.allow_other_hosts,
        ..Options::default()
    };
    match Client::new(endpoint, key, options) {
        Ok(client) => Some(client),
        Err(error) => {
            tracing::error!(connection.id = %id, %error, "the endpoint can't be used; deliveries wait");
            None
        }
    }
}

/// Keeps trying to lease every lane; each leased lane runs as a task until it is lost or the connection stops.
async fn lease_and_run(shared: Arc<Shared>, mut stop: watch::Receiver<bool>) {
    let mut tasks: HashMap<i64, JoinHandle<()>> = HashMap::new();
    let lease_ms = shared.deliver.settings.lease_ms;
    // A free lane is looked for a few times per lease, so that a crashed node's lanes are soon somebody's.
    let mut every = tokio::time::interval(Duration::from_millis(
        (lease_ms / 4).clamp(200, 5_000).unsigned_abs(),
    ));
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = every.tick() => {}
            changed = stop.changed() => if changed.is_err() || *stop.borrow() { break },
        }
        tasks.retain(|_, task| !task.is_finished());
        for lane_id in shared.connection.lanes.iter().copied() {
            if tasks.contains_key(&lane_id) {
                continue;
            }
            let now = clock::now();
            let (owner, until) = (Arc::clone(&shared.deliver.owner), now.plus(lease_ms));
            let leased = shared.deliver.store.write(move |tx| {
                Box::pin(async move { outbox::lease(tx, lane_id, &owner, now, until).await })
            });
            match leased.await {
                Ok(Some(leased)) => {
                    let task =
                        tokio::spawn(lane::run(Arc::clone(&shared), leased, until, stop.clone()));
                    tasks.insert(lane_id, task);
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(connection.id = %shared.connection.id, %error, "lanes can't be leased at the moment");
                    break;
                }
            }
        }
    }
    for (_, task) in tasks {
        if let Err(error) = task.await {
            tracing::error!(%error, "a lane's task ended badly");
        }
    }
}

async fn wait_for_stop(stop: &mut watch::Receiver<bool>) {
    while stop.changed().await.is_ok() && !*stop.borrow() {}
}

/// The wait until a moment; nothing when it has passed.
pub(super) fn until(moment: Millis) -> Duration {
    Duration::from_millis(moment.since(clock::now()).max(0).unsigned_abs())
}
