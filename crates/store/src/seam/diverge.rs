//! The few things that the two engines do differently, side by side.
//! Promises: every divergence of the storage code is in this file. Leaves to others: everything that is the same.

use std::sync::Mutex;

use super::{Store, Tx, sqlite};
use crate::{error::Result, statements};

statements! {
    PG_LOCK (key: Int) = "SELECT pg_advisory_xact_lock(s.key), pg_current_xact_id()::text FROM (SELECT DISTINCT r.key FROM {rows} ORDER BY r.key) AS s";
    PG_HEAD = "SELECT last_value FROM deliveries_seq_seq";
    PG_SNAPSHOT = "SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint FROM (SELECT pg_current_snapshot() AS s) AS q";
}

/// Makes transactions that share a key take turns until the end of this one.
///
/// SQLite: nothing to do, there is one writer. PostgreSQL: advisory locks in ascending order, so that two batches never wait
/// for each other in a circle; the statement also takes a transaction id *before* any delivery gets its sequence number,
/// which `safe_head` relies on.
pub(crate) async fn take_turns(tx: &mut Tx, keys: impl Iterator<Item = i64> + Send) -> Result<()> {
    if tx.is_postgres() {
        tx.query_rows(&PG_LOCK, keys.map(|key| vec![key.into()]).collect()).await?;
    }
    Ok(())
}

/// What is known about rows of the delivery log that may still appear on PostgreSQL.
#[derive(Debug, Default)]
pub(crate) struct Horizon(Mutex<Marks>);

#[derive(Debug, Default, Clone, Copy)]
struct Marks {
    /// Every row up to this sequence number is visible or will never be.
    safe: i64,
    /// Becomes safe once every transaction below the id has ended: (sequence number, transaction id).
    pending: Option<(i64, i64)>,
}

/// The sequence number up to which no row of the delivery log can still appear.
///
/// SQLite: rows become visible in the order of their numbers. PostgreSQL hands numbers out before commit, so a lower number
/// may become visible after a higher one. A number H read *before* a snapshot was given out by a transaction whose id is
/// below that snapshot's `xmax`; once a later snapshot's `xmin` has reached it, all of them have ended.
pub(crate) async fn safe_head(tx: &mut Tx, horizon: &Horizon) -> Result<i64> {
    if !tx.is_postgres() {
        return Ok(i64::MAX);
    }
    let head: i64 = single(tx.query(&PG_HEAD, &[]).await?, 0)?;
    let mut rows = tx.query(&PG_SNAPSHOT, &[]).await?;
    let row = rows.first_mut().ok_or_else(|| crate::StoreError::Corrupt("no snapshot".into()))?;
    let (xmin, xmax): (i64, i64) = (row.take(0)?, row.take(1)?);

    let mut marks = sqlite::lock(&horizon.0);
    if let Some((number, below)) = marks.pending
        && xmin >= below
    {
        marks.safe = marks.safe.max(number);
        marks.pending = None;
    }
    if xmin >= xmax {
        marks.safe = marks.safe.max(head);
        marks.pending = None;
    } else if marks.pending.is_none() {
        marks.pending = Some((head, xmax));
    }
    Ok(marks.safe)
}

/// Whether rows above the safe head are known to exist or to be on their way, so that looking again soon is worth it.
pub(crate) fn more_is_coming(store: &Store, horizon: &Horizon) -> bool {
    let marks = *sqlite::lock(&horizon.0);
    !store.is_embedded() && marks.pending.is_some_and(|(number, _)| number > marks.safe)
}

fn single<T: crate::value::FromValue>(mut rows: Vec<crate::value::Row>, column: usize) -> Result<T> {
    rows.first_mut().ok_or_else(|| crate::StoreError::Corrupt("a statement answered no row".into()))?.take(column)
}
