//! The few things that the two engines do differently, side by side.
//! Promises: every divergence of the storage code is in this file. Leaves to others: everything that is the same.

use std::sync::Mutex;

#[cfg(feature = "testing")]
use crate::sql::Sql;

use super::{Store, Tx, sqlite};
use crate::{error::Result, statements};

statements! {
    PG_LOCK (key: Int) = "SELECT pg_advisory_xact_lock(s.key), pg_current_xact_id()::text FROM (SELECT DISTINCT r.key FROM {rows} ORDER BY r.key) AS s";
    PG_TAKE_ID = "SELECT pg_current_xact_id()::text";
    PG_HEAD = "SELECT last_value FROM deliveries_seq_seq";
    PG_SCHEMA = "SELECT 'column ' || table_name || '.' || column_name || ' ' || CASE udt_name WHEN 'int8' THEN 'int' ELSE udt_name END || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END FROM information_schema.columns WHERE table_schema = 'public' UNION ALL SELECT 'index ' || t.relname || ' (' || (SELECT string_agg(a.attname, ', ' ORDER BY k.n) FROM unnest(i.indkey) WITH ORDINALITY AS k(num, n) JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.num) || ')' || CASE WHEN i.indisunique THEN ' unique' ELSE '' END FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace s ON s.oid = t.relnamespace WHERE s.nspname = 'public' UNION ALL SELECT 'reference ' || t.relname || '.' || a.attname || ' -> ' || o.relname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class o ON o.oid = c.confrelid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1] WHERE c.contype = 'f'";
    PG_OLDEST_RUNNING = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
    PG_OLDEST_RUNNING_AND_NEW_ID = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, pg_current_xact_id()::text::bigint";
}

/// Makes transactions that share a key take turns until the end of this one.
///
/// SQLite: nothing to do, there is one writer. PostgreSQL: advisory locks in ascending order, so that two batches never wait
/// for each other in a circle; the statement also takes a transaction id *before* any delivery gets its sequence number,
/// which `safe_head` relies on.
pub(crate) async fn take_turns(tx: &mut Tx, keys: impl Iterator<Item = i64> + Send) -> Result<()> {
    if tx.is_postgres() {
        let keys: Vec<_> = keys.map(|key| vec![key.into()]).collect();
        if keys.is_empty() {
            tx.execute(&PG_TAKE_ID, &[]).await?;
        }
        tx.execute_rows(&PG_LOCK, keys).await?;
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
/// may become visible after a higher one. Whoever gave out a number H had a transaction id before; an id X taken *after* H was
/// read is above all of those, so once a snapshot's `xmin` has reached X, all of them have ended. The snapshot's own `xmax` is
/// no such bound: it is the last *ended* transaction plus one, and transactions above it may be running.
pub(crate) async fn safe_head(tx: &mut Tx, horizon: &Horizon) -> Result<i64> {
    if !tx.is_postgres() {
        return Ok(i64::MAX);
    }
    let head: i64 = single(tx.query(&PG_HEAD, &[]).await?, 0)?;
    let known = *sqlite::lock(&horizon.0);
    if known.safe >= head {
        return Ok(known.safe);
    }
    if known.pending.is_some() {
        let oldest: i64 = single(tx.query(&PG_OLDEST_RUNNING, &[]).await?, 0)?;
        let mut marks = sqlite::lock(&horizon.0);
        marks.settle(oldest);
        if marks.pending.is_some() || marks.safe >= head {
            return Ok(marks.safe);
        }
    }
    // An id is only taken when there are new rows: ids are finite, and an idle lane asks several times a second.
    let mut rows = tx.query(&PG_OLDEST_RUNNING_AND_NEW_ID, &[]).await?;
    let row = rows
        .first_mut()
        .ok_or_else(|| crate::StoreError::Corrupt("no snapshot".into()))?;
    let (oldest, new_id): (i64, i64) = (row.take(0)?, row.take(1)?);
    let mut marks = sqlite::lock(&horizon.0);
    marks.settle(oldest);
    if oldest >= new_id {
        marks.safe = marks.safe.max(head);
    } else if marks.pending.is_none() && head > marks.safe {
        marks.pending = Some((head, new_id));
    }
    Ok(marks.safe)
}

impl Marks {
    /// Takes in that every transaction below `oldest` has ended.
    fn settle(&mut self, oldest: i64) {
        if let Some((number, below)) = self.pending
            && oldest >= below
        {
            self.safe = self.safe.max(number);
            self.pending = None;
        }
    }
}

/// Whether rows above the safe head are known to exist or to be on their way, so that looking again soon is worth it.
pub(crate) fn more_is_coming(store: &Store, horizon: &Horizon) -> bool {
    let marks = *sqlite::lock(&horizon.0);
    !store.is_embedded() && marks.pending.is_some_and(|(number, _)| number > marks.safe)
}

fn single<T: crate::value::FromValue>(
    mut rows: Vec<crate::value::Row>,
    column: usize,
) -> Result<T> {
    rows.first_mut()
        .ok_or_else(|| crate::StoreError::Corrupt("a statement answered no row".into()))?
        .take(column)
}

#[cfg(feature = "testing")]
static SQLITE_SCHEMA: Sql = Sql::new(
    "SQLITE_SCHEMA",
    "SELECT 'column ' || t.name || '.' || c.name || ' ' || CASE WHEN c.type = 'INTEGER' THEN 'int' ELSE lower(c.type) END || CASE WHEN c.\"notnull\" OR c.pk THEN ' not null' ELSE '' END FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' UNION ALL SELECT 'index ' || t.name || ' (' || (SELECT group_concat(x.name, ', ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno) x) || ')' || CASE WHEN i.\"unique\" THEN ' unique' ELSE '' END FROM sqlite_schema t JOIN pragma_index_list(t.name) i WHERE t.type = 'table' UNION ALL SELECT 'index ' || t.name || ' (' || c.name || ') unique' FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND c.pk = 1 AND c.type = 'INTEGER' AND t.name NOT LIKE 'sqlite_%' AND NOT EXISTS (SELECT 1 FROM pragma_index_list(t.name) i WHERE i.origin = 'pk') UNION ALL SELECT 'reference ' || t.name || '.' || f.\"from\" || ' -> ' || f.\"table\" FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) f WHERE t.type = 'table'",
    &[],
);

/// The schema as the database tells it, in the same words on both engines.
#[cfg(feature = "testing")]
pub(crate) async fn schema(tx: &mut Tx) -> Result<Vec<String>> {
    let sql = if tx.is_postgres() {
        &PG_SCHEMA
    } else {
        &SQLITE_SCHEMA
    };
    let mut lines: Vec<String> = tx
        .query(sql, &[])
        .await?
        .into_iter()
        .map(|mut row| row.take(0))
        .collect::<Result<_>>()?;
    // SQLite has one type for UUIDs and bytes.
    for line in &mut lines {
        *line = line.replace(" uuid", " blob").replace(" bytea", " blob");
    }
    lines.sort();
    Ok(lines)
}
