//! The outbox: a log of deliveries with a cursor a lane, leases with fencing tokens, rows only for exceptions.
//! Promises: a delivery exists exactly when its entry does; a lane is read in commit order; a worker whose lease has passed to
//! another can't move the cursor. Leaves to others: what is sent and what an answer means (`engage::delivery`).

use std::sync::Arc;

use engage::{
    delivery::{
        Commit, Exception, Item, OpenException, OwnCall, ParkReason, State, call::UnknownCall,
        health::Standing, lane::trying_since,
    },
    ids::{ConnectionId, ContactId, EntryId},
    mapping::sent::Delta,
    time::Millis,
};

use crate::{
    error::{Result, StoreError},
    params, row,
    seam::{Store, Tx, diverge},
    sent, statements,
    value::Row,
};

/// What one entry sends to one connection; finished JSON, so that sending is only reading and joining.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewDelivery {
    /// The connection's lanes; the contact decides which of them.
    pub lanes: Arc<[i64]>,
    /// One complete JSON object.
    pub attributes: Option<String>,
    /// Complete JSON objects.
    pub events: Vec<String>,
    /// Complete JSON objects.
    pub purchases: Vec<String>,
    /// A call of its own instead of the above: sent alone, after everything older of its contact is settled.
    pub call: Option<OwnCall>,
    /// The attributes in parts, instead of `attributes`: what Braze has already is left out when the delivery is accepted.
    pub delta: Option<Box<Delta>>,
    /// Nothing can be sent, for this reason: a stable code and a sentence. The ledger shows it.
    pub skipped: Option<(&'static str, String)>,
}

/// A lane that this worker now holds.
#[derive(Clone, Debug)]
pub struct Leased {
    /// The lane.
    pub lane: i64,
    /// The fencing token: goes into every commit.
    pub fence: i64,
    /// The last delivery that was dealt with.
    pub cursor: i64,
    /// What behind the cursor was tried in vain, see [`Commit::tried`].
    pub tried: String,
    /// Deliveries before the cursor that are still to be sent.
    pub exceptions: Vec<OpenException>,
}

/// What a read of a lane found.
#[derive(Clone, Debug, Default)]
pub struct LaneRows {
    /// Deliveries in order.
    pub items: Vec<Item>,
    /// There are more behind these.
    pub more: bool,
    /// Rows are about to become visible (PostgreSQL): look again soon even if nobody wakes you.
    pub soon: bool,
}

/// How many deliveries of a connection are where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Not yet dealt with.
    pub pending: i64,
    /// Tried, to be tried again.
    pub retrying: i64,
    /// Behind a retrying one of the same contact.
    pub waiting: i64,
    /// Set aside with a reason.
    pub parked: i64,
    /// Sent, no answer, and by the connection's choice not sent again.
    pub unknown: i64,
    /// Never sendable.
    pub skipped: i64,
    /// Gone with the person they were about, before they were delivered.
    pub erased: i64,
}

statements! {
    APPEND (lane_id: Int, contact_id: Uuid, entry_id: Uuid, attributes: Text, events: Text, event_count: Int, purchases: Text, purchase_count: Int, call_kind: Text, call_body: Text, created_at: Int) = "INSERT INTO deliveries (lane_id, contact_id, entry_id, attributes, events, event_count, purchases, purchase_count, call_kind, call_body, created_at) SELECT r.lane_id, r.contact_id, r.entry_id, r.attributes, r.events, r.event_count, r.purchases, r.purchase_count, r.call_kind, r.call_body, r.created_at FROM {rows}";
    APPEND_SKIPPED = "INSERT INTO deliveries (lane_id, contact_id, entry_id, attributes, events, event_count, purchases, purchase_count, created_at) VALUES ($1, $2, $3, NULL, '', 0, '', 0, $4) RETURNING seq";
    LANES = "SELECT id FROM lanes WHERE connection_id = $1 ORDER BY number";
    INSERT_LANES (connection_id: Uuid, number: Int) = "INSERT INTO lanes (connection_id, number, cursor, fence, leased_until) SELECT r.connection_id, r.number, 0, 0, 0 FROM {rows} WHERE true ON CONFLICT (connection_id, number) DO NOTHING";
    LEASE = "UPDATE lanes SET owner = $1, fence = fence + 1, leased_until = $2 WHERE id = $3 AND (owner IS NULL OR owner = $1 OR leased_until < $4) RETURNING fence, cursor, tried";
    SET_TRIED = "UPDATE lanes SET tried = $1 WHERE id = $2";
    HOLDERS = "SELECT id, owner FROM lanes WHERE connection_id = $1 ORDER BY number";
    LANES_WITH_NEWS = "SELECT DISTINCT lane_id FROM deliveries WHERE seq > $1 ORDER BY lane_id";
    BEAT = "INSERT INTO nodes (name, seen_at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at";
    NODES = "SELECT name FROM nodes WHERE seen_at > $1 ORDER BY name";
    LEAVE = "DELETE FROM nodes WHERE name = $1";
    STANDING = "SELECT c.paused_reason, c.paused_at, CASE WHEN c.sealed_key IS NULL THEN 0 ELSE 1 END FROM connections c WHERE c.id = $1";
    OLDEST = "SELECT (SELECT d.created_at FROM deliveries d WHERE d.lane_id = l.id AND d.seq > l.cursor ORDER BY d.seq LIMIT 1), l.tried FROM lanes l WHERE l.connection_id = $1";
    OPEN_SINCE = "SELECT min(x.first_tried_at), min(d.created_at) FROM delivery_exceptions x JOIN lanes l ON l.id = x.lane_id JOIN deliveries d ON d.seq = x.seq WHERE l.connection_id = $1 AND x.state IN ('retrying', 'waiting')";
    LAST_PARKED = "SELECT max(x.updated_at) FROM delivery_exceptions x JOIN lanes l ON l.id = x.lane_id WHERE l.connection_id = $1 AND x.state = 'parked'";
    RENEW = "UPDATE lanes SET leased_until = $1 WHERE id = $2 AND owner = $3 AND fence = $4";
    RELEASE = "UPDATE lanes SET owner = NULL, leased_until = 0 WHERE id = $1 AND owner = $2 AND fence = $3";
    READ = "SELECT seq, contact_id, attributes, events, event_count, purchases, purchase_count, call_kind, call_body FROM deliveries WHERE lane_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4";
    OPEN_EXCEPTIONS = "SELECT d.seq, d.contact_id, d.attributes, d.events, d.event_count, d.purchases, d.purchase_count, d.call_kind, d.call_body, x.state, x.due_at, x.attempts, x.first_tried_at, x.marks, x.detail FROM delivery_exceptions x JOIN deliveries d ON d.seq = x.seq WHERE x.lane_id = $1 AND x.state IN ('retrying', 'waiting') ORDER BY x.seq";
    MOVE_CURSOR = "UPDATE lanes SET cursor = $1, passed = passed + (SELECT count(*) FROM deliveries d WHERE d.lane_id = $2 AND d.seq > lanes.cursor AND d.seq <= $1) WHERE id = $2 AND fence = $3";
    PUT_EXCEPTIONS (lane_id: Int, seq: Int, contact_id: Uuid, state: Text, marks: Text, attempts: Int, first_tried_at: Int, due_at: Int, code: Text, detail: Text, updated_at: Int) = "INSERT INTO delivery_exceptions (lane_id, seq, contact_id, state, marks, attempts, first_tried_at, due_at, code, detail, updated_at) SELECT r.lane_id, r.seq, r.contact_id, r.state, r.marks, r.attempts, r.first_tried_at, r.due_at, r.code, r.detail, r.updated_at FROM {rows} WHERE true ON CONFLICT (lane_id, seq) DO UPDATE SET state = excluded.state, marks = excluded.marks, attempts = excluded.attempts, first_tried_at = excluded.first_tried_at, due_at = excluded.due_at, code = excluded.code, detail = excluded.detail, updated_at = excluded.updated_at WHERE delivery_exceptions.state <> 'erased'";
    DROP_EXCEPTIONS (lane_id: Int, seq: Int) = "DELETE FROM delivery_exceptions WHERE (lane_id, seq) IN (SELECT r.lane_id, r.seq FROM {rows}) AND state <> 'erased'";
    FORGET (seq: Int) = "UPDATE deliveries SET call_body = '{}' FROM {rows} WHERE deliveries.seq = r.seq";
    RECORD_CALL = "INSERT INTO calls (lane_id, first_seq, last_seq, items, objects, status, outcome, message, started_at, millis, listed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING seq";
    CALL_IS_RECORDED = "SELECT seq FROM calls WHERE lane_id = $1 AND first_seq = $2 AND last_seq = $3 AND started_at = $4 LIMIT 1";
    LIST_CALL (lane_id: Int, seq: Int, call_seq: Int) = "INSERT INTO call_items (lane_id, seq, call_seq) SELECT r.lane_id, r.seq, r.call_seq FROM {rows}";
    PENDING = "SELECT count(*) FROM deliveries d JOIN lanes l ON l.id = d.lane_id WHERE l.connection_id = $1 AND d.seq > l.cursor";
    EXCEPTIONS = "SELECT x.state, count(*) FROM delivery_exceptions x JOIN lanes l ON l.id = x.lane_id WHERE l.connection_id = $1 GROUP BY x.state";
    NEWEST = "SELECT max(seq) FROM deliveries";
    PARKED = "SELECT x.seq, x.contact_id, x.state, x.code, x.detail, x.updated_at, d.entry_id FROM delivery_exceptions x JOIN lanes l ON l.id = x.lane_id JOIN deliveries d ON d.seq = x.seq WHERE l.connection_id = $1 AND x.state IN ('parked', 'unknown', 'skipped') AND x.seq > $2 ORDER BY x.seq LIMIT $3";
}

/// Makes the lanes of a connection (unless they exist) and answers their ids by number.
pub async fn ensure_lanes(tx: &mut Tx, connection: ConnectionId, number: u16) -> Result<Vec<i64>> {
    tx.execute_rows(
        &INSERT_LANES,
        (0..number).map(|n| row![connection, n]).collect(),
    )
    .await?;
    lanes(tx, connection).await
}

/// The ids of a connection's lanes by number.
pub async fn lanes(tx: &mut Tx, connection: ConnectionId) -> Result<Vec<i64>> {
    tx.query(&LANES, params![connection])
        .await?
        .iter_mut()
        .map(|row| row.take(0))
        .collect()
}

/// Appends deliveries within the transaction of what they tell about.
pub(crate) async fn append(
    tx: &mut Tx,
    deliveries: Vec<(ContactId, Option<EntryId>, NewDelivery, Millis)>,
) -> Result<()> {
    let mut rows = Vec::with_capacity(deliveries.len());
    for (contact, entry, delivery, now) in deliveries {
        let Some(lane) = lane_of(contact, &delivery.lanes) else {
            continue;
        };
        if let Some((code, sentence)) = delivery.skipped {
            let answer = tx
                .query_opt(&APPEND_SKIPPED, params![lane, contact, entry, now])
                .await?;
            let seq: i64 = answer
                .ok_or_else(|| StoreError::Corrupt("no number for a delivery".into()))?
                .take(0)?;
            let skipped = row![
                lane,
                seq,
                contact,
                "skipped",
                "",
                0_i64,
                None::<i64>,
                None::<i64>,
                code,
                sentence,
                now
            ];
            tx.execute_rows(&PUT_EXCEPTIONS, vec![skipped]).await?;
            continue;
        }
        let (kind, body) = delivery.call.map_or((None, None), |call| {
            (Some(call.kind.code()), Some(call.body))
        });
        rows.push(row![
            lane,
            contact,
            entry,
            delivery.attributes,
            delivery.events.join(","),
            delivery.events.len(),
            delivery.purchases.join(","),
            delivery.purchases.len(),
            kind,
            body,
            now,
        ]);
    }
    tx.execute_rows(&APPEND, rows).await?;
    Ok(())
}

/// The lane of a contact: all of a person's deliveries to a connection go through one lane, in order.
pub fn lane_of(contact: ContactId, lanes: &[i64]) -> Option<i64> {
    // The last bytes of a UUIDv7 are random.
    let (_, random) = contact.uuid().as_u64_pair();
    let place = random.checked_rem(lanes.len() as u64)?;
    lanes.get(usize::try_from(place).ok()?).copied()
}

/// Takes a lane that is free, this worker's own, or whose lease has run out.
pub async fn lease(
    tx: &mut Tx,
    lane: i64,
    owner: &str,
    now: Millis,
    until: Millis,
) -> Result<Option<Leased>> {
    let Some(mut row) = tx
        .query_opt(&LEASE, params![owner, until, lane, now])
        .await?
    else {
        return Ok(None);
    };
    let (fence, cursor, tried) = (row.take(0)?, row.take(1)?, row.take(2)?);
    let mut exceptions = Vec::new();
    for mut row in tx.query(&OPEN_EXCEPTIONS, params![lane]).await? {
        let mut item = item(&mut row)?;
        let state: String = row.take(9)?;
        let due: Option<Millis> = row.take(10)?;
        item.attempts = row.take(11)?;
        item.first_tried = row.take(12)?;
        item.marks = Item::marks_from_text(&row.take::<String>(13)?);
        item.words = row.take(14)?;
        let state = if state == "waiting" {
            State::Waiting
        } else {
            State::Retrying {
                due: due.unwrap_or(now),
            }
        };
        exceptions.push(OpenException { item, state });
    }
    Ok(Some(Leased {
        lane,
        fence,
        cursor,
        tried,
        exceptions,
    }))
}

/// Keeps a lease; false: it has passed to another.
pub async fn renew(tx: &mut Tx, lane: i64, owner: &str, fence: i64, until: Millis) -> Result<bool> {
    Ok(tx
        .execute(&RENEW, params![until, lane, owner, fence])
        .await?
        == 1)
}

/// Gives a lane back, so that another worker need not wait for the lease to run out.
pub async fn release(tx: &mut Tx, lane: i64, owner: &str, fence: i64) -> Result<()> {
    tx.execute(&RELEASE, params![lane, owner, fence]).await?;
    Ok(())
}

/// The number of the newest delivery that is visible: rises when any node has written one.
pub async fn newest(tx: &mut Tx) -> Result<i64> {
    let row = tx.query_opt(&NEWEST, &[]).await?;
    Ok(row
        .map(|mut row| row.take::<Option<i64>>(0))
        .transpose()?
        .flatten()
        .unwrap_or(0))
}

/// Lanes that may have got deliveries since a number, and the number to ask with the next time. Rows that become visible out of
/// the order of their numbers (PostgreSQL) are not missed: the number never passes one that can still appear.
pub async fn news(store: &Store, after: i64) -> Result<(Vec<i64>, i64)> {
    let horizon = store.horizon();
    store
        .read(move |tx| {
            Box::pin(async move {
                let safe = diverge::safe_head(tx, &horizon).await?;
                let newest = newest(tx).await?;
                if newest <= after {
                    return Ok((Vec::new(), after));
                }
                let rows = tx.query(&LANES_WITH_NEWS, params![after]).await?;
                let lanes = rows.into_iter().map(|mut row| row.take(0));
                Ok((lanes.collect::<Result<_>>()?, safe.min(newest).max(after)))
            })
        })
        .await
}

/// Who holds the lanes of a connection, by number.
pub async fn holders(tx: &mut Tx, connection: ConnectionId) -> Result<Vec<(i64, Option<String>)>> {
    let rows = tx.query(&HOLDERS, params![connection]).await?;
    rows.into_iter()
        .map(|mut row| Ok((row.take(0)?, row.take(1)?)))
        .collect()
}

/// Says that a node is there, and answers the names of all that were seen after a moment, sorted.
pub async fn beat(tx: &mut Tx, node: &str, now: Millis, since: Millis) -> Result<Vec<String>> {
    tx.execute(&BEAT, params![node, now]).await?;
    let rows = tx.query(&NODES, params![since]).await?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// Says that a node delivers no more.
pub async fn leave(tx: &mut Tx, node: &str) -> Result<()> {
    tx.execute(&LEAVE, params![node]).await?;
    Ok(())
}

/// Reads deliveries of a lane in order, after a number.
pub async fn read(store: &Store, lane: i64, after: i64, limit: usize) -> Result<LaneRows> {
    let horizon = store.horizon();
    let mut found = store
        .read({
            let horizon = Arc::clone(&horizon);
            move |tx| {
                Box::pin(async move {
                    let head = diverge::safe_head(tx, &horizon).await?;
                    let rows = tx.query(&READ, params![lane, after, head, limit]).await?;
                    rows.into_iter()
                        .map(|mut row| item(&mut row))
                        .collect::<Result<Vec<_>>>()
                })
            }
        })
        .await
        .map(|items| LaneRows {
            more: items.len() >= limit,
            soon: false,
            items,
        })?;
    found.soon = !found.more && diverge::more_is_coming(store, &horizon);
    Ok(found)
}

fn item(row: &mut Row) -> Result<Item> {
    Ok(Item {
        seq: row.take(0)?,
        contact: row.take(1)?,
        attributes: row.take::<Option<String>>(2)?.map(String::into_boxed_str),
        events: row.take::<String>(3)?.into_boxed_str(),
        event_count: row.take(4)?,
        purchases: row.take::<String>(5)?.into_boxed_str(),
        purchase_count: row.take(6)?,
        call: call(row.take(7)?, row.take(8)?)?,
        attempts: 0,
        first_tried: None,
        marks: Vec::new(),
        words: String::new(),
    })
}

/// Reads a call of its own back. A kind from a newer version stays for a server that knows it: this one cannot go past it.
fn call(kind: Option<String>, body: Option<String>) -> Result<Option<Box<OwnCall>>> {
    let Some(kind) = kind else { return Ok(None) };
    let kind = kind
        .parse()
        .map_err(|error: UnknownCall| StoreError::Corrupt(error.to_string()))?;
    let body = body.unwrap_or_default();
    Ok(Some(Box::new(OwnCall { kind, body })))
}

/// Carries out a lane's commit: cursor, exceptions and the record of the call, or nothing when the fence is old.
pub async fn commit(tx: &mut Tx, lane: i64, commit: Commit, now: Millis) -> Result<()> {
    // What was set aside did not arrive: what comes next of these people is sent in full. Before the lane's
    // row is held: erasing takes the turns of contacts first as well.
    let parked = commit
        .put
        .iter()
        .filter(|it| matches!(it.state, State::Parked(_)));
    let lost: Vec<ContactId> = parked.map(|it| it.contact).collect();
    if !lost.is_empty() {
        sent::forget_by_lane(tx, lane, lost).await?;
    }
    if tx
        .execute(&MOVE_CURSOR, params![commit.cursor, lane, commit.fence])
        .await?
        == 0
    {
        return Err(StoreError::LeaseLost);
    }
    tx.execute_rows(
        &PUT_EXCEPTIONS,
        commit
            .put
            .iter()
            .map(|it| exception(lane, it, now))
            .collect(),
    )
    .await?;
    tx.execute_rows(
        &DROP_EXCEPTIONS,
        commit.delete.iter().map(|seq| row![lane, *seq]).collect(),
    )
    .await?;
    if let Some(tried) = commit.tried {
        tx.execute(&SET_TRIED, params![tried, lane]).await?;
    }
    tx.execute_rows(
        &FORGET,
        commit.forget.iter().map(|seq| row![*seq]).collect(),
    )
    .await?;
    if let Some(call) = commit.call {
        let same = params![lane, call.first_seq, call.last_seq, call.sent_at];
        if commit.again && tx.query_opt(&CALL_IS_RECORDED, same).await?.is_some() {
            return Ok(());
        }
        let record = params![
            lane,
            call.first_seq,
            call.last_seq,
            call.items,
            call.objects,
            call.status.map(i64::from),
            call.outcome.code(),
            call.detail,
            call.sent_at,
            call.answered_at.since(call.sent_at),
            !call.listed.is_empty(),
        ];
        let made = tx.query_opt(&RECORD_CALL, record).await?;
        if let Some(mut made) = made.filter(|_| !call.listed.is_empty()) {
            let number: i64 = made.take(0)?;
            let carried = call.listed.iter().map(|seq| row![lane, *seq, number]);
            tx.execute_rows(&LIST_CALL, carried.collect()).await?;
        }
    }
    Ok(())
}

fn exception(lane: i64, it: &Exception, now: Millis) -> Vec<crate::value::Value> {
    let due = match it.state {
        State::Retrying { due } => Some(due),
        _ => None,
    };
    let code = match it.state {
        State::Parked(reason) => Some(reason.code()),
        _ => None,
    };
    row![
        lane,
        it.seq,
        it.contact,
        it.state.code(),
        it.marks.as_str(),
        it.attempts,
        it.first_tried,
        due,
        code,
        it.detail.as_str(),
        now
    ]
}

/// Counts a connection's deliveries by where they stand.
pub async fn backlog(tx: &mut Tx, connection: ConnectionId) -> Result<Backlog> {
    let mut backlog = Backlog::default();
    if let Some(mut row) = tx.query_opt(&PENDING, params![connection]).await? {
        backlog.pending = row.take(0)?;
    }
    for mut row in tx.query(&EXCEPTIONS, params![connection]).await? {
        let (state, count): (String, i64) = (row.take(0)?, row.take(1)?);
        match state.as_str() {
            "retrying" => backlog.retrying = count,
            "waiting" => backlog.waiting = count,
            "parked" => backlog.parked = count,
            "unknown" => backlog.unknown = count,
            "skipped" => backlog.skipped = count,
            "erased" => backlog.erased = count,
            // Another delivery was made instead, which is counted for itself.
            "replaced" => {}
            other => {
                return Err(StoreError::Corrupt(format!(
                    "a delivery in the state `{other}`"
                )));
            }
        }
    }
    Ok(backlog)
}

/// Where a connection stands, for `engage::delivery::health`. `None`: there is no such connection.
pub async fn standing(tx: &mut Tx, connection: ConnectionId) -> Result<Option<Standing>> {
    let Some(mut row) = tx.query_opt(&STANDING, params![connection]).await? else {
        return Ok(None);
    };
    let (reason, at): (Option<String>, Option<Millis>) = (row.take(0)?, row.take(1)?);
    let mut standing = Standing {
        paused: reason.map(|reason| (reason, at)),
        has_key: row.take::<i64>(2)? == 1,
        ..Standing::default()
    };
    let earlier =
        |one: Option<Millis>, other: Option<Millis>| [one, other].into_iter().flatten().min();
    for mut row in tx.query(&OLDEST, params![connection]).await? {
        let (oldest, tried): (Option<Millis>, String) = (row.take(0)?, row.take(1)?);
        standing.oldest = earlier(standing.oldest, oldest);
        standing.trying_since = earlier(standing.trying_since, trying_since(&tried));
    }
    if let Some(mut row) = tx.query_opt(&OPEN_SINCE, params![connection]).await? {
        standing.trying_since = earlier(standing.trying_since, row.take(0)?);
        standing.oldest = earlier(standing.oldest, row.take(1)?);
    }
    if let Some(mut row) = tx.query_opt(&LAST_PARKED, params![connection]).await? {
        standing.last_parked = row.take(0)?;
    }
    let backlog = backlog(tx, connection).await?;
    standing.to_send = backlog.pending + backlog.retrying + backlog.waiting;
    (standing.parked, standing.unknown) = (backlog.parked, backlog.unknown);
    Ok(Some(standing))
}

/// One delivery that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Its number in the log.
    pub seq: i64,
    /// Whose it is.
    pub contact: ContactId,
    /// The entry it tells about.
    pub entry: Option<EntryId>,
    /// `parked`, `unknown` or `skipped`.
    pub state: String,
    /// The reason's stable code; `ParkReason::from_str` has the words for parked ones.
    pub code: Option<String>,
    /// The other side's words, or for skipped ones the whole sentence.
    pub detail: String,
    /// Since when.
    pub at: Millis,
}

impl SetAside {
    /// What happened and what to do, for the marketer.
    pub fn explain(&self) -> String {
        if self.code.as_deref() == Some(ParkReason::RetryWindowOver.code())
            && !self.detail.is_empty()
        {
            let remedy = ParkReason::RetryWindowOver.remedy();
            return format!(
                "Braze could not be reached, or did not answer properly, for {}. {remedy}",
                self.detail
            );
        }
        let known: Option<ParkReason> = self.code.as_deref().and_then(|code| code.parse().ok());
        match (known, self.state.as_str()) {
            (_, "skipped") => self.detail.clone(),
            (Some(reason), _) if self.detail.is_empty() => format!("{} {}", reason.sentence(), reason.remedy()),
            (Some(reason), _) => format!("{} {} Braze says: {}", reason.sentence(), reason.remedy(), self.detail),
            (None, "unknown") => {
                "The call was sent but no answer came, and this connection is set to rather miss an event than send it twice. \
                 Look the person up in Braze; send the delivery again if the event is missing there."
                    .into()
            }
            _ => self.detail.clone(),
        }
    }
}

/// Deliveries that were set aside, in order, after a number.
pub async fn set_aside(
    tx: &mut Tx,
    connection: ConnectionId,
    after: i64,
    limit: i64,
) -> Result<Vec<SetAside>> {
    let rows = tx.query(&PARKED, params![connection, after, limit]).await?;
    let read = rows.into_iter().map(|mut row| {
        Ok(SetAside {
            seq: row.take(0)?,
            contact: row.take(1)?,
            state: row.take(2)?,
            code: row.take(3)?,
            detail: row.take(4)?,
            at: row.take(5)?,
            entry: row.take(6)?,
        })
    });
    read.collect()
}
