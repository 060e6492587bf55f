//! The only place where the product reads the clock and throws dice; everything below gets both as arguments.

use std::time::{SystemTime, UNIX_EPOCH};

use engage::{ids::Id, time::Millis};
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
