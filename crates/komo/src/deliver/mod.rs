//! Delivery: one supervisor, one runner a connection, one task a lane. The decisions are `engage::delivery`'s; here they are
//! carried out: leasing, reading, sending, committing. Promises: one connection's trouble never touches another's; a bad key
//! pauses the connection and says so; on shutdown what is in flight is finished and leases are given back.

mod connection;
pub mod housekeeping;
mod lane;
mod members;
mod send;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use connection::SharedBudget;
use engage::{
    delivery::{Budget, BudgetSettings},
    ids::ConnectionId,
};
use members::Members;
use store::outbox;
use tokio::{
    sync::{Notify, watch},
    task::JoinHandle,
};

pub use send::Mailer;

use crate::{
    clock,
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
    /// How long things are kept.
    pub keep: housekeeping::Keep,
    /// Other nodes write to the same database: look for their deliveries, too.
    pub shared: bool,
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

    fn wake_all(&self) {
        if let Ok(wakers) = self.0.read() {
            wakers.values().for_each(|waker| waker.notify_one());
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
    /// Sends mails that do not go through Braze; `None` while no mail server is set up.
    pub mailer: Option<Arc<dyn Mailer>>,
}

impl Deliver {
    /// Runs until `stop` turns true, and then until everything in flight is finished.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut running: HashMap<ConnectionId, Running> = HashMap::new();
        // Those that were taken out and finish their calls: one that comes back begins after its own end.
        let mut leaving: HashMap<ConnectionId, Running> = HashMap::new();
        let mut budgets: HashMap<ConnectionId, SharedBudget> = HashMap::new();
        let (tell_members, members) = watch::channel(Members::from([]));
        let (tell_set, mut clock_set) = watch::channel(0);
        let following_clock = tokio::spawn(clock::follow(tell_set, stop.clone()));
        let mut clock_was_set_by = 0;
        let beating = self.settings.shared.then(|| {
            tokio::spawn(members::follow(
                self.clone(),
                tell_members.clone(),
                stop.clone(),
            ))
        });
        let mut changes = self.hubs.changes();
        let keeping_house = tokio::spawn(housekeeping::run(self.clone(), stop.clone()));
        let watch_others = self
            .settings
            .shared
            .then(|| tokio::spawn(self.clone().watch_others(stop.clone())));
        loop {
            let wanted = self.hubs.connections();
            for (id, connection) in &wanted {
                // A connection whose document, key or pause has changed gets a new runner; the others are left alone.
                // So does one whose task has failed.
                let same = running
                    .get(id)
                    .is_some_and(|it| it.connection.same_as(connection) && !it.task.is_finished());
                if !same {
                    let before = running.remove(id).or_else(|| leaving.remove(id));
                    let settings = BudgetSettings::of(&connection.doc);
                    let budget = budgets
                        .entry(*id)
                        .or_insert_with(|| Arc::new(Mutex::new(Budget::new(settings))));
                    let budget = Arc::clone(budget);
                    let news = (members.clone(), clock_set.clone());
                    let started = self.start(Arc::clone(connection), budget, news, before);
                    running.insert(*id, started);
                }
            }
            leaving.retain(|_, it| !it.task.is_finished());
            for (id, gone) in running.extract_if(|id, _| !wanted.contains_key(id)) {
                gone.stop.send_replace(true);
                leaving.insert(id, gone);
            }
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { break },
                Ok(()) = clock_set.changed() => {
                    let sum = *clock_set.borrow_and_update();
                    let by_ms = sum - std::mem::replace(&mut clock_was_set_by, sum);
                    for budget in budgets.values() {
                        budget.lock().unwrap_or_else(PoisonError::into_inner).clock_set(by_ms);
                    }
                }
                () = tokio::time::sleep(LOOK_FOR_FAILED) => {}
                stopping = stop.changed() => if stopping.is_err() || *stop.borrow() { break },
            }
        }
        for it in running.values() {
            it.stop.send_replace(true);
        }
        for it in running.into_values().chain(leaving.into_values()) {
            it.end().await;
        }
        drop(keeping_house.await);
        drop(following_clock.await);
        if let Some(task) = beating {
            drop(task.await);
        }
        if let Some(task) = watch_others {
            drop(task.await);
        }
    }

    /// A new runner, which begins once the one before it has finished its calls: an old call that hangs holds up nobody else.
    fn start(
        &self,
        connection: Arc<LiveConnection>,
        budget: SharedBudget,
        (members, clock_set): (watch::Receiver<Members>, watch::Receiver<i64>),
        before: Option<Running>,
    ) -> Running {
        let (stop, stopping) = watch::channel(false);
        let run = connection::run(
            self.clone(),
            Arc::clone(&connection),
            budget,
            members,
            clock_set,
            stopping,
        );
        let task = tokio::spawn(async move {
            if let Some(before) = before {
                before.end().await;
            }
            run.await;
        });
        Running {
            connection,
            stop,
            task,
        }
    }

    /// Wakes lanes for which another node has written deliveries: one small question for all lanes together.
    async fn watch_others(self, mut stop: watch::Receiver<bool>) {
        let mut seen = None;
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK_FOR_OTHERS) => {}
                stopping = stop.changed() => if stopping.is_err() || *stop.borrow() { return },
            }
            // A database that does not answer is the lanes' to report.
            let found = match seen {
                None => {
                    let newest = self.store.read(|tx| Box::pin(outbox::newest(tx))).await;
                    newest.map(|newest| (Vec::new(), newest))
                }
                Some(after) => outbox::news(&self.store, after).await,
            };
            if let Ok((lanes, next)) = found {
                if seen.is_none() {
                    self.wakers.wake_all();
                }
                seen = Some(next);
                for lane in lanes {
                    self.wakers.wake(lane);
                }
            }
        }
    }
}

/// How soon a connection whose task has failed is started anew.
const LOOK_FOR_FAILED: Duration = Duration::from_secs(5);

/// How soon another node's deliveries are noticed.
const LOOK_FOR_OTHERS: Duration = Duration::from_millis(100);

struct Running {
    connection: Arc<LiveConnection>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    async fn end(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "a delivery task ended badly");
        }
    }
}
