//! One connection: its client, its budget, its lanes. Leases lanes that are free and runs a task for each.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use braze::{Client, Options, Timeouts};
use engage::{
    delivery::{Budget, BudgetSettings, lane::Settings as LaneSettings},
    hub::ConnectionType,
    ids::ConnectionId,
    time::Millis,
};
use metrics::counter;
use store::{hubs, outbox};
use tokio::{
    sync::watch,
    task::{JoinError, JoinSet},
    time::Instant,
};

use super::{
    Deliver, lane,
    members::{Members, share},
};
use crate::{clock, live::LiveConnection};

/// The pace of one connection on this node. It outlives the connection's runner, so that a new key, a resume or a replay does not
/// forget that Braze asked to wait.
pub(super) type SharedBudget = Arc<Mutex<Budget>>;

/// What the lanes of a connection share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) deliver: Deliver,
    pub(super) connection: Arc<LiveConnection>,
    pub(super) client: Client,
    pub(super) budget: SharedBudget,
    pub(super) lane_settings: LaneSettings,
    /// Nobody on the connection has got through since some call failed.
    pub(super) in_trouble: AtomicBool,
    /// Tells when the clock has been set.
    pub(super) clock_set: watch::Receiver<i64>,
}

impl Shared {
    pub(super) fn with_budget<T>(&self, act: impl FnOnce(&mut Budget) -> T) -> T {
        act(&mut self.budget.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes whether Braze is there. When it is back, every lane looks again: what one has found out holds for all.
    pub(super) fn heard(&self, there: bool) {
        if !there {
            self.in_trouble.store(true, Ordering::Relaxed);
        } else if self.in_trouble.swap(false, Ordering::Relaxed) {
            let lanes = self.connection.lanes.iter().copied();
            lanes.for_each(|lane| self.deliver.wakers.wake(lane));
        }
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
    budget: SharedBudget,
    members: watch::Receiver<Members>,
    clock_set: watch::Receiver<i64>,
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
    budget
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .retune(BudgetSettings::of(doc));
    let lane_settings = LaneSettings {
        retry_window_ms: deliver.settings.retry_window_ms,
        // A little more than the client takes to give up.
        call_ms: longest_call_ms(&deliver) + (deliver.settings.lease_ms / 10).min(2_000),
        ..LaneSettings::of(doc)
    };
    let shared = Arc::new(Shared {
        deliver,
        connection,
        client,
        budget,
        lane_settings,
        in_trouble: AtomicBool::new(false),
        clock_set,
    });
    lease_and_run(shared, members, stop).await;
}

/// How long one call may take. Half a lease at most: lanes are renewed when a third of the lease has gone, so a call can always
/// start, however short the lease, and none outlives the lease even if it can't be renewed meanwhile.
fn longest_call_ms(deliver: &Deliver) -> i64 {
    let patience = i64::try_from(Timeouts::default().whole.as_millis()).unwrap_or(i64::MAX);
    patience.min(deliver.settings.lease_ms / 2)
}

/// A client that reaches nobody (`.invalid` is never resolved, RFC 2606): lanes of the mail server carry mails and nothing else.
fn mail_only(id: ConnectionId) -> Option<Client> {
    let options = Options {
        allow_other_hosts: true,
        ..Options::default()
    };
    let endpoint = "https://smtp.invalid".parse().ok()?;
    Client::new(endpoint, "none".to_owned().into(), options)
        .inspect_err(|error| tracing::error!(connection.id = %id, %error, "mails wait"))
        .ok()
}

/// The client, or why there is none yet.
fn client(deliver: &Deliver, connection: &LiveConnection) -> Option<Client> {
    let id = connection.id;
    if connection.doc.kind == ConnectionType::Smtp {
        return mail_only(id);
    }
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

/// The lanes that this node holds, each with its task.
#[derive(Default)]
struct Held {
    tasks: JoinSet<()>,
    lanes: HashMap<i64, HeldLane>,
    /// Lanes whose task has panicked: how often in a row, and when the last of it began.
    crashed: HashMap<i64, (u32, Instant)>,
}

struct HeldLane {
    stop: watch::Sender<bool>,
    task: tokio::task::Id,
    since: Instant,
}

impl Held {
    /// Forgets a task that has ended. One that panicked is a mistake of ours: the lane goes on from what is stored, a little later
    /// each time, so that a panic that comes back at once does not take the machine.
    fn ended(&mut self, connection: ConnectionId, ended: Result<(tokio::task::Id, ()), JoinError>) {
        let task = ended
            .as_ref()
            .map_or_else(JoinError::id, |(task, ())| *task);
        let found = self.lanes.iter().find(|(_, lane)| lane.task == task);
        let Some((lane, since)) = found.map(|(lane, held)| (*lane, held.since)) else {
            return;
        };
        self.lanes.remove(&lane);
        let Err(error) = ended else {
            self.crashed.remove(&lane);
            return;
        };
        counter!("komo_delivery_crashes_total").increment(1);
        tracing::error!(connection.id = %connection, lane, "a lane's task has failed, a mistake of ours; it begins anew: {error}");
        let before = self.crashed.get(&lane).map_or(0, |(times, _)| *times);
        let times = if since.elapsed() > CRASH_FORGIVEN {
            1
        } else {
            before + 1
        };
        self.crashed.insert(lane, (times, Instant::now()));
    }

    /// Whether a lane has to wait because its task has just panicked.
    fn rests(&self, lane: i64) -> bool {
        self.crashed.get(&lane).is_some_and(|(times, at)| {
            let rest = CRASH_REST * 2_u32.saturating_pow((times - 1).min(6));
            at.elapsed() < rest
        })
    }
}

/// How long a lane rests after the first panic of its task; twice as long after each further one.
const CRASH_REST: Duration = Duration::from_millis(500);
/// A lane that has run for so long begins anew with the shortest rest.
const CRASH_FORGIVEN: Duration = Duration::from_mins(1);

/// After nodes have come or gone, only this node's share is taken for so long: the others take theirs. What nobody has taken by
/// then is anybody's.
const SETTLING: Duration = Duration::from_secs(10);
/// How often is looked while nodes settle.
const SETTLING_LOOK: Duration = Duration::from_millis(500);

/// Keeps trying to lease lanes; each leased lane runs as a task until it is lost, given to a node that has joined, or the connection
/// stops.
async fn lease_and_run(
    shared: Arc<Shared>,
    mut members: watch::Receiver<Members>,
    mut stop: watch::Receiver<bool>,
) {
    let mut held = Held::default();
    let lease_ms = shared.deliver.settings.lease_ms;
    // A free lane is looked for a few times per lease, so that a crashed node's lanes are soon somebody's.
    let every = Duration::from_millis((lease_ms / 4).clamp(200, 5_000).unsigned_abs());
    let mut settled_at = Instant::now();
    loop {
        let mine = {
            let nodes = members.borrow_and_update();
            let lanes = &shared.connection.lanes;
            share(&nodes, &shared.deliver.owner, shared.connection.id, lanes)
        };
        let settling = Instant::now() < settled_at;
        for lane_id in shared.connection.lanes.iter().copied() {
            let others = settling && !mine.contains(&lane_id);
            if held.lanes.contains_key(&lane_id) || others || held.rests(lane_id) {
                continue;
            }
            match take(&shared, lane_id, &mut held).await {
                Ok(()) => {}
                Err(error) => {
                    tracing::warn!(connection.id = %shared.connection.id, %error, "lanes can't be leased at the moment");
                    break;
                }
            }
        }
        let resting = held
            .crashed
            .keys()
            .any(|lane| !held.lanes.contains_key(lane));
        let soon = settling || resting;
        tokio::select! {
            () = tokio::time::sleep(if soon { SETTLING_LOOK.min(every) } else { every }) => {}
            Some(ended) = held.tasks.join_next_with_id() => held.ended(shared.connection.id, ended),
            changed = members.changed() => {
                if changed.is_err() { break }
                settled_at = Instant::now() + SETTLING;
                let nodes = members.borrow_and_update().clone();
                let mine = share(&nodes, &shared.deliver.owner, shared.connection.id, &shared.connection.lanes);
                for (_, lane) in held.lanes.iter().filter(|(id, _)| !mine.contains(id)) {
                    // It finishes its call, and gives the lease back.
                    lane.stop.send_replace(true);
                }
            }
            changed = stop.changed() => if changed.is_err() || *stop.borrow() { break },
        }
    }
    for lane in held.lanes.values() {
        lane.stop.send_replace(true);
    }
    while let Some(ended) = held.tasks.join_next_with_id().await {
        held.ended(shared.connection.id, ended);
    }
}

/// Leases a lane if it is free, and runs it.
async fn take(shared: &Arc<Shared>, lane_id: i64, held: &mut Held) -> store::Result<()> {
    let now = clock::now();
    let owner = Arc::clone(&shared.deliver.owner);
    let until = now.plus(shared.deliver.settings.lease_ms);
    let leased = shared.deliver.store.write(move |tx| {
        Box::pin(async move { outbox::lease(tx, lane_id, &owner, now, until).await })
    });
    if let Some(leased) = leased.await? {
        let (stop, stopping) = watch::channel(false);
        let run = lane::run(Arc::clone(shared), leased, until, stopping);
        let lane = HeldLane {
            stop,
            task: held.tasks.spawn(run).id(),
            since: Instant::now(),
        };
        held.lanes.insert(lane_id, lane);
    }
    Ok(())
}

async fn wait_for_stop(stop: &mut watch::Receiver<bool>) {
    while stop.changed().await.is_ok() && !*stop.borrow() {}
}

/// The wait until a moment; nothing when it has passed.
pub(super) fn until(moment: Millis) -> Duration {
    Duration::from_millis(moment.since(clock::now()).max(0).unsigned_abs())
}
