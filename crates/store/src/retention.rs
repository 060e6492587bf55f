//! Deletion by age, in small steps: records of calls, deliveries that were set aside, deliveries that were delivered.
//! Promises: what is still to be sent is never deleted; the newest row of a numbered table stays, because its number must not be
//! given again; no step holds the writer for long. Leaves to others: how old is old, and when to do it.

use std::collections::BTreeMap;

use engage::time::Millis;

use crate::{
    error::Result,
    params, row,
    seam::{Store, Tx},
    statements,
};

/// Before which moments things go; `None`: they stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Before {
    /// Records of calls.
    pub calls: Option<Millis>,
    /// Deliveries that were parked, given up, skipped, replaced or erased, by when they were.
    pub set_aside: Option<Millis>,
    /// Delivered ones, by when they were made.
    pub delivered: Option<Millis>,
}

/// How much has gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Records of calls.
    pub calls: u64,
    /// Deliveries that were set aside.
    pub set_aside: u64,
    /// Delivered ones.
    pub delivered: u64,
}

/// Rows in one step.
const STEP: i64 = 500;

statements! {
    OLD_CALLS = "SELECT seq, lane_id, first_seq, last_seq, started_at FROM calls WHERE seq < (SELECT max(seq) FROM calls) ORDER BY seq LIMIT $1";
    DROP_CALL_ITEMS (lane_id: Int, first: Int, last: Int, call_seq: Int) = "DELETE FROM call_items WHERE (lane_id, seq, call_seq) IN (SELECT i.lane_id, i.seq, i.call_seq FROM {rows} JOIN call_items i ON i.lane_id = r.lane_id AND i.seq >= r.first AND i.seq <= r.last AND i.call_seq = r.call_seq)";
    DROP_CALLS (seq: Int) = "DELETE FROM calls WHERE seq IN (SELECT r.seq FROM {rows})";
    OLD_ASIDE = "SELECT lane_id, seq FROM delivery_exceptions WHERE state = $1 AND updated_at < $2 AND seq < (SELECT max(seq) FROM deliveries) ORDER BY lane_id, seq LIMIT $3";
    DROP_ASIDE = "DELETE FROM delivery_exceptions WHERE lane_id = $1 AND seq = $2 AND state = $3 AND updated_at < $4";
    DROP_DELIVERY = "DELETE FROM deliveries WHERE seq = $1";
    UNCOUNT = "UPDATE lanes SET passed = passed - 1 WHERE id = $1 AND cursor >= $2";
    WALK_DELIVERED = "SELECT d.seq, d.created_at, CASE WHEN d.seq <= l.cursor AND x.seq IS NULL THEN 1 ELSE 0 END FROM (SELECT seq, lane_id, created_at FROM deliveries WHERE seq > $1 AND seq < (SELECT max(seq) FROM deliveries) ORDER BY seq LIMIT $2) d JOIN lanes l ON l.id = d.lane_id LEFT JOIN delivery_exceptions x ON x.lane_id = d.lane_id AND x.seq = d.seq ORDER BY d.seq";
    DROP_DELIVERED (seq: Int) = "DELETE FROM deliveries WHERE seq IN (SELECT r.seq FROM {rows}) AND seq <= (SELECT l.cursor FROM lanes l WHERE l.id = deliveries.lane_id) AND NOT EXISTS (SELECT 1 FROM delivery_exceptions x WHERE x.lane_id = deliveries.lane_id AND x.seq = deliveries.seq)";
}

/// States of deliveries that nobody works on any more.
const ASIDE: [&str; 5] = ["parked", "unknown", "skipped", "replaced", "erased"];

/// Deletes what is too old, step by step; other writes come in between.
pub async fn purge(store: &Store, before: Before) -> Result<Purged> {
    let mut purged = Purged::default();
    if let Some(before) = before.calls {
        loop {
            let gone = calls(store, before).await?;
            purged.calls += gone;
            if gone == 0 {
                break;
            }
        }
    }
    if let Some(before) = before.set_aside {
        for state in ASIDE {
            loop {
                let gone = set_aside(store, state, before).await?;
                purged.set_aside += gone;
                if gone == 0 {
                    break;
                }
            }
        }
    }
    if let Some(before) = before.delivered {
        let mut after = 0;
        while let Some((gone, next)) = delivered(store, after, before).await? {
            purged.delivered += gone;
            after = next;
        }
    }
    Ok(purged)
}

async fn calls(store: &Store, before: Millis) -> Result<u64> {
    // They are numbered in the order of time: the oldest come first, and the first that is young enough ends it.
    let old = store.read(move |tx| {
        Box::pin(async move {
            let mut old: Vec<(i64, i64, i64, i64)> = Vec::new();
            for mut row in tx.query(&OLD_CALLS, params![STEP]).await? {
                let started: Millis = row.take(4)?;
                if started >= before {
                    break;
                }
                old.push((row.take(0)?, row.take(1)?, row.take(2)?, row.take(3)?));
            }
            Ok(old)
        })
    });
    let old = old.await?;
    if old.is_empty() {
        return Ok(0);
    }
    store
        .write(move |tx| {
            Box::pin(async move {
                let items = old
                    .iter()
                    .map(|(seq, lane, first, last)| row![*lane, *first, *last, *seq]);
                tx.execute_rows(&DROP_CALL_ITEMS, items.collect()).await?;
                let seqs = old.iter().map(|(seq, ..)| row![*seq]).collect();
                tx.execute_rows(&DROP_CALLS, seqs).await
            })
        })
        .await
}

async fn set_aside(store: &Store, state: &'static str, before: Millis) -> Result<u64> {
    let old = store.read(move |tx| {
        Box::pin(async move {
            let mut old: Vec<(i64, i64)> = Vec::new();
            for mut row in tx.query(&OLD_ASIDE, params![state, before, STEP]).await? {
                old.push((row.take(0)?, row.take(1)?));
            }
            Ok(old)
        })
    });
    let old = old.await?;
    store
        .write(move |tx| Box::pin(async move { drop_aside(tx, state, before, &old).await }))
        .await
}

async fn drop_aside(tx: &mut Tx, state: &str, before: Millis, old: &[(i64, i64)]) -> Result<u64> {
    let mut gone = 0;
    for (lane, seq) in old {
        // It may have been sent again meanwhile.
        let values = params![*lane, *seq, state, before];
        if tx.execute(&DROP_ASIDE, values).await? == 1 {
            // Without its row of its own it would count as delivered.
            tx.execute(&DROP_DELIVERY, params![*seq]).await?;
            tx.execute(&UNCOUNT, params![*lane, *seq]).await?;
            gone += 1;
        }
    }
    Ok(gone)
}

async fn delivered(store: &Store, after: i64, before: Millis) -> Result<Option<(u64, i64)>> {
    let walked = store.read(move |tx| {
        Box::pin(async move {
            let mut walked: BTreeMap<i64, bool> = BTreeMap::new();
            for mut row in tx.query(&WALK_DELIVERED, params![after, STEP]).await? {
                let made: Millis = row.take(1)?;
                if made >= before {
                    break;
                }
                walked.insert(row.take(0)?, row.take::<i64>(2)? == 1);
            }
            Ok(walked)
        })
    });
    let walked = walked.await?;
    let Some(last) = walked.last_key_value().map(|(seq, _)| *seq) else {
        return Ok(None);
    };
    let rows: Vec<_> = walked
        .into_iter()
        .filter(|(_, done)| *done)
        .map(|(seq, _)| row![seq])
        .collect();
    let gone = store
        .write(move |tx| Box::pin(async move { tx.execute_rows(&DROP_DELIVERED, rows).await }))
        .await?;
    Ok(Some((gone, last)))
}
