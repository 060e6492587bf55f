//! What nobody waits for: telling how connections are doing, and deleting what is too old.
//! Promises: a change of a connection's health is logged once, and metrics always show the present one. Leaves to others: the rules
//! of health (`engage::delivery::health`), what may be deleted (`store::retention`).

use std::{collections::HashMap, time::Duration};

use engage::{
    delivery::health::{Health, Level, health},
    ids::ConnectionId,
    time::Millis,
};
use metrics::gauge;
use store::{Store, outbox, retention};
use tokio::{sync::watch, time::Instant};

use super::Deliver;
use crate::clock;

/// How often is looked how connections are doing.
const LOOK: Duration = Duration::from_secs(15);
/// How often old things are deleted.
const TIDY: Duration = Duration::from_hours(1);

/// How long things are kept, in milliseconds; `None`: for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// Records of calls.
    pub calls_ms: Option<i64>,
    /// Deliveries that were set aside.
    pub set_aside_ms: Option<i64>,
    /// Delivered ones.
    pub delivered_ms: Option<i64>,
}

impl Keep {
    /// From numbers of days; 0 means for ever.
    pub fn days(calls: u32, set_aside: u32, delivered: u32) -> Self {
        let ms = |days: u32| (days > 0).then(|| i64::from(days) * 86_400_000);
        Self {
            calls_ms: ms(calls),
            set_aside_ms: ms(set_aside),
            delivered_ms: ms(delivered),
        }
    }

    fn before(self, now: Millis) -> retention::Before {
        let ago = |ms: Option<i64>| ms.map(|ms| now.plus(-ms));
        retention::Before {
            calls: ago(self.calls_ms),
            set_aside: ago(self.set_aside_ms),
            delivered: ago(self.delivered_ms),
        }
    }
}

/// How a connection is doing now; `None` if there is no such connection.
pub async fn connection_health(
    store: &Store,
    connection: ConnectionId,
    retry_window_ms: i64,
) -> store::Result<Option<Health>> {
    let standing = store
        .read(move |tx| Box::pin(outbox::standing(tx, connection)))
        .await?;
    Ok(standing.map(|standing| health(&standing, retry_window_ms, clock::now())))
}

/// Runs until told to stop.
pub(super) async fn run(deliver: Deliver, mut stop: watch::Receiver<bool>) {
    let mut told: HashMap<ConnectionId, (Level, &'static str)> = HashMap::new();
    let mut tidy_at = Instant::now();
    loop {
        look(&deliver, &mut told).await;
        if Instant::now() >= tidy_at {
            tidy_at = Instant::now() + TIDY;
            let purge =
                retention::purge(&deliver.store, deliver.settings.keep.before(clock::now()));
            tokio::select! {
                purged = purge => match purged {
                    Ok(purged) if purged != retention::Purged::default() => {
                        tracing::info!(calls = purged.calls, set_aside = purged.set_aside, delivered = purged.delivered, "what was too old has been deleted");
                    }
                    Ok(_) => {}
                    Err(error) => tracing::debug!(%error, "what is too old could not be deleted; later again"),
                },
                stopping = stop.changed() => if stopping.is_err() || *stop.borrow() { return },
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            stopping = stop.changed() => if stopping.is_err() || *stop.borrow() { return },
        }
    }
}

async fn look(deliver: &Deliver, told: &mut HashMap<ConnectionId, (Level, &'static str)>) {
    let connections = deliver.hubs.connections();
    told.retain(|id, _| connections.contains_key(id));
    for id in connections.into_keys() {
        let window = deliver.settings.retry_window_ms;
        // A database that does not answer is told by those who need it.
        let Ok(Some(health)) = connection_health(&deliver.store, id, window).await else {
            continue;
        };
        let label = id.to_string();
        gauge!("komo_connection_health", "connection" => label.clone()).set(health.level.number());
        #[expect(clippy::cast_precision_loss, reason = "a count for a chart")]
        gauge!("komo_connection_affected", "connection" => label).set(health.affected as f64);
        let before = told.insert(id, (health.level, health.code));
        if before == Some((health.level, health.code)) {
            continue;
        }
        match health.level {
            Level::Well if before.is_none() => {}
            Level::Well => tracing::info!(connection.id = %id, "the connection is well again"),
            Level::Notice => {
                tracing::info!(connection.id = %id, code = health.code, affected = health.affected, "{}", health.sentence);
            }
            Level::Warning => {
                tracing::warn!(connection.id = %id, code = health.code, affected = health.affected, "{} {}", health.sentence, health.remedy);
            }
            Level::Alarm => {
                tracing::error!(connection.id = %id, code = health.code, affected = health.affected, "{} {}", health.sentence, health.remedy);
            }
        }
    }
}
