//! Delivery: one supervisor, one runner a connection, one task a lane. The decisions are `engage::delivery`'s; here they are
//! carried out: leasing, reading, sending, committing. Promises: one connection's trouble never touches another's; a bad key
//! pauses the connection and says so; on shutdown what is in flight is finished and leases are given back.

mod connection;
mod lane;

use std::{collections::HashMap, sync::Arc, time::Duration};

use engage::ids::ConnectionId;
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
};

use crate::{
    live::{LiveConnection, LiveHubs},
    secrets::Keyring,
};

/// How workers behave; from the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Calls may go to private addresses.
    pub allow_private: bool,
    /// Calls may go to other hosts than Braze's.
    pub allow_other_hosts: bool,
    /// Length of a lease in milliseconds.
    pub lease_ms: i64,
    /// How long a delivery is tried by itself, in milliseconds.
    pub retry_window_ms: i64,
    /// How often a lane looks for new rows even if nobody woke it: rows of other nodes.
    pub poll: Duration,
}

/// Wakes the lanes of a connection when this node has committed deliveries for it.
#[derive(Clone, Debug, Default)]
pub struct Wakers(Arc<std::sync::RwLock<HashMap<i64, Arc<Notify>>>>);

impl Wakers {
    /// Says that a lane may have new rows.
    pub fn wake(&self, lane: i64) {
        if let Ok(wakers) = self.0.read()
            && let Some(waker) = wakers.get(&lane)
        {
            waker.notify_one();
        }
    }

    fn of(&self, lane: i64) -> Arc<Notify> {
        match self.0.write() {
            Ok(mut wakers) => Arc::clone(wakers.entry(lane).or_default()),
            Err(_) => Arc::default(),
        }
    }
}

/// Everything that delivering needs.
#[derive(Clone, Debug)]
pub struct Deliver {
    /// The database.
    pub store: store::Store,
    /// Opens API keys.
    pub keyring: Arc<Keyring>,
    /// What is published.
    pub hubs: LiveHubs,
    /// Wakes lanes.
    pub wakers: Wakers,
    /// Choices.
    pub settings: Settings,
    /// This process among several: a lease belongs to it.
    pub owner: Arc<str>,
}

impl Deliver {
    /// Runs until `stop` turns true, and then until everything in flight is finished.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut running: HashMap<ConnectionId, Running> = HashMap::new();
        let mut changes = self.hubs.changes();
        loop {
            let wanted = self.hubs.connections();
            // A connection whose document, key or pause has changed gets a new runner; the others are left alone.
            let outdated: Vec<ConnectionId> = running
                .iter()
                .filter(|(id, it)| wanted.get(id).is_none_or(|now| !now.same_as(&it.connection)))
                .map(|(id, _)| *id)
                .collect();
            let stopped: Vec<Running> = outdated.iter().filter_map(|id| running.remove(id)).collect();
            stop_all(stopped).await;
            for (id, connection) in wanted {
                running.entry(id).or_insert_with(|| self.start(connection));
            }
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { break },
                stopping = stop.changed() => if stopping.is_err() || *stop.borrow() { break },
            }
        }
        stop_all(running.into_values().collect()).await;
    }

    fn start(&self, connection: Arc<LiveConnection>) -> Running {
        let (stop, stopping) = watch::channel(false);
        let task = tokio::spawn(connection::run(self.clone(), Arc::clone(&connection), stopping));
        Running { connection, stop, task }
    }
}

struct Running {
    connection: Arc<LiveConnection>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

async fn stop_all(running: Vec<Running>) {
    for it in &running {
        it.stop.send_replace(true);
    }
    for it in running {
        if let Err(error) = it.task.await {
            tracing::error!(%error, "a delivery task ended badly");
        }
    }
}
