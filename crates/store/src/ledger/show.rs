//! One delivery in full: its objects, and every call that carried it with what came back.

use engage::{delivery::item::split_objects, ids::WorkspaceId, time::Millis};

use super::{Row, walk};
use crate::{error::Result, params, seam::Tx, statements};

/// No more calls than this are shown of one delivery, the newest ones.
const MOST_CALLS: i64 = 100;

/// A call from the log never reaches further back than this many deliveries of its lane.
const REACH: i64 = 1_000;

/// One delivery in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// Where it stands.
    pub row: Row,
    /// Its attributes object: complete JSON.
    pub attributes: Option<String>,
    /// Its events: complete JSON objects.
    pub events: Vec<String>,
    /// Its purchases: complete JSON objects.
    pub purchases: Vec<String>,
    /// Its call of its own: complete JSON.
    pub call_body: Option<String>,
    /// The calls that carried it, newest first.
    pub calls: Vec<Call>,
}

/// A call with what came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its number.
    pub seq: i64,
    /// How many deliveries it carried.
    pub items: i64,
    /// How many objects it carried.
    pub objects: i64,
    /// The HTTP status, if it matters and there was one.
    pub status: Option<i64>,
    /// What it came to: the stable code of `engage::delivery::CallOutcome`.
    pub outcome: String,
    /// Braze's own words; may be empty.
    pub message: String,
    /// When it was made.
    pub started_at: Millis,
    /// How long the answer took, in milliseconds.
    pub millis: i64,
}

statements! {
    LANE_OF = "SELECT l.id, l.cursor, l.connection_id FROM deliveries d JOIN lanes l ON l.id = d.lane_id JOIN connections c ON c.id = l.connection_id WHERE d.seq = $1 AND c.workspace_id = $2";
    OBJECTS = "SELECT attributes, events, purchases, call_body FROM deliveries WHERE seq = $1";
    FAR_BACK = "SELECT seq FROM deliveries WHERE lane_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT 1 OFFSET $3";
    CALLS_AROUND = "SELECT seq, items, objects, status, outcome, message, started_at, millis FROM calls WHERE lane_id = $1 AND first_seq <= $2 AND first_seq > $3 AND last_seq >= $2 AND listed = 0 ORDER BY seq DESC LIMIT $4";
    CALLS_LISTED = "SELECT c.seq, c.items, c.objects, c.status, c.outcome, c.message, c.started_at, c.millis FROM call_items i JOIN calls c ON c.seq = i.call_seq WHERE i.lane_id = $1 AND i.seq = $2 ORDER BY i.call_seq DESC LIMIT $3";
}

/// One delivery of the workspace in full.
pub async fn show(tx: &mut Tx, workspace: WorkspaceId, seq: i64) -> Result<Option<Detail>> {
    let Some(lane) = tx.query_opt(&LANE_OF, params![seq, workspace]).await? else {
        return Ok(None);
    };
    let lane = walk::lane(lane)?;
    let found = walk::rows(tx, &[lane], vec![seq]).await?;
    let (Some(row), Some(mut objects)) = (
        found.into_iter().next(),
        tx.query_opt(&OBJECTS, params![seq]).await?,
    ) else {
        return Ok(None);
    };
    let (events, purchases): (String, String) = (objects.take(1)?, objects.take(2)?);
    let apart = |text: &str| split_objects(text).map(str::to_owned).collect();
    Ok(Some(Detail {
        attributes: objects.take(0)?,
        events: apart(&events),
        purchases: apart(&purchases),
        call_body: objects.take(3)?,
        calls: calls(tx, &row).await?,
        row,
    }))
}

async fn calls(tx: &mut Tx, row: &Row) -> Result<Vec<Call>> {
    // A delivery without objects is passed, not carried.
    if !row.has_attributes && row.events == 0 && row.purchases == 0 && row.call.is_none() {
        return Ok(Vec::new());
    }
    let far = tx
        .query_opt(&FAR_BACK, params![row.lane, row.seq, REACH])
        .await?;
    let far: i64 = far.map_or(Ok(0), |mut row| row.take(0))?;
    let around = params![row.lane, row.seq, far, MOST_CALLS];
    let mut found = tx.query(&CALLS_AROUND, around).await?;
    let listed = params![row.lane, row.seq, MOST_CALLS];
    found.extend(tx.query(&CALLS_LISTED, listed).await?);
    let calls = found.into_iter().map(|mut row| {
        Ok(Call {
            seq: row.take(0)?,
            items: row.take(1)?,
            objects: row.take(2)?,
            status: row.take(3)?,
            outcome: row.take(4)?,
            message: row.take(5)?,
            started_at: row.take(6)?,
            millis: row.take(7)?,
        })
    });
    let mut calls = calls.collect::<Result<Vec<_>>>()?;
    calls.sort_unstable_by_key(|call| std::cmp::Reverse(call.seq));
    Ok(calls)
}
