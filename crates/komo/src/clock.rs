//! The only place where the product reads the clock and throws dice; everything below gets both as arguments.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use engage::{ids::Id, time::Millis};
use tokio::{sync::watch, time::Instant};
use uuid::Uuid;

/// Now.
pub fn now() -> Millis {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Today in UTC.
pub fn today() -> jiff::civil::Date {
    jiff::Timestamp::now()
        .to_zoned_datetime(jiff::tz::TimeZone::UTC)
        .date()
}

/// A new id, which sorts by the time it was made.
pub fn new_id<K>() -> Id<K> {
    Id::from_uuid(Uuid::now_v7())
}

/// A random number for jitter and choices that are no secrets.
pub fn dice() -> u64 {
    rand::random()
}

/// How often is looked whether somebody has set the clock.
const LOOK: Duration = Duration::from_secs(1);
/// What the clock may go wrong between two looks, in milliseconds: it is put right in small steps all the time.
const SMALL_STEP_MS: i64 = 1_000;

/// Tells, whenever the clock is set, by how much it has been set since the beginning, in milliseconds. Sleeping machines count: their
/// clock goes on while they stand still. Runs until told to stop.
pub async fn follow(tell: watch::Sender<i64>, mut stop: watch::Receiver<bool>) {
    let mut seen = (now(), Instant::now());
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            stopping = stop.changed() => if stopping.is_err() || *stop.borrow() { return },
        }
        let looked = (now(), Instant::now());
        let passed = i64::try_from((looked.1 - seen.1).as_millis()).unwrap_or(i64::MAX);
        let set_by = looked.0.since(seen.0).saturating_sub(passed);
        seen = looked;
        if set_by.abs() > SMALL_STEP_MS {
            tracing::warn!(
                set_by_ms = set_by,
                "the clock has been set; deliveries begin anew"
            );
            tell.send_modify(|sum| *sum += set_by);
        }
    }
}
