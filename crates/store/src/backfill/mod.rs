//! Backfill: history on its way into a connection, contact by contact, as a durable job.
//! Promises: a step and its place in the job are one transaction, so that a crash repeats nothing and leaves nothing out; one worker
//! at a time, by a lease with a fencing token. Leaves to others: what is planned (`komo::backfill`), when to wait for live work.

mod again;

pub(crate) use again::STATEMENTS as AGAIN;
pub use again::{
    Done, History, PastConsent, PastDelivery, PastEntry, PastPlay, Replanned, Settled, replan,
};

use engage::{
    ids::{CardId, ConnectionId, ContactId, Id, WorkspaceId},
    time::Millis,
};

use crate::{
    error::{Result, StoreError},
    params, row,
    seam::Tx,
    statements,
    value::Row,
};

/// Marks a backfill's id.
#[derive(Debug)]
pub enum BackfillKind {}
/// A backfill.
pub type BackfillId = Id<BackfillKind>;

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// A server works on it, or will as soon as one is there.
    Running,
    /// Somebody has stopped it; it can go on.
    Paused,
    /// Every contact has been dealt with.
    Done,
    /// Somebody has ended it; what was sent stays sent.
    Cancelled,
    /// It could not go on; `detail` says why.
    Failed,
}

impl JobState {
    /// The stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    fn read(code: &str) -> Result<Self> {
        [
            Self::Running,
            Self::Paused,
            Self::Done,
            Self::Cancelled,
            Self::Failed,
        ]
        .into_iter()
        .find(|state| state.code() == code)
        .ok_or_else(|| StoreError::Corrupt(format!("a backfill in the state `{code}`")))
    }
}

/// Which entries are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only entries of these cards; none: of all.
    pub cards: Option<Vec<CardId>>,
    /// Only entries accepted at this moment or later.
    pub from: Option<Millis>,
    /// Only entries accepted before this moment.
    pub to: Option<Millis>,
}

/// A backfill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backfill {
    /// Its id.
    pub id: BackfillId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Where the history goes.
    pub connection: ConnectionId,
    /// How it stands.
    pub state: JobState,
    /// Which entries are meant.
    pub scope: Scope,
    /// The last contact that was dealt with.
    pub position: Option<ContactId>,
    /// How many contacts have been dealt with.
    pub done: i64,
    /// How many contacts there were at the start.
    pub total: i64,
    /// Deliveries that were made.
    pub deliveries: i64,
    /// Objects in them.
    pub objects: i64,
    /// Milliseconds spent on it, waiting for live deliveries included, pauses not.
    pub active_ms: i64,
    /// Why it waits or has failed; may be empty.
    pub detail: String,
    /// When it was started.
    pub created_at: Millis,
    /// When it last changed.
    pub updated_at: Millis,
    /// When it ended.
    pub finished_at: Option<Millis>,
}

/// A job that this worker now holds.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The job.
    pub job: Backfill,
    /// The fencing token: goes into every step.
    pub fence: i64,
}

/// What a step did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The job has been paused, ended, or taken by another worker: nothing was written.
    Gone,
    /// Some contacts were dealt with, and there may be more.
    More(Done),
    /// That was the last one; the job is done.
    Last(Done),
}

statements! {
    COUNT = "SELECT count(*) FROM contacts WHERE workspace_id = $1";
    CONTACTS_AFTER = "SELECT id, workspace_id, state FROM contacts WHERE id > $1 ORDER BY id LIMIT $2";
    ACTIVE = "SELECT id FROM backfills WHERE connection_id = $1 AND state IN ('running', 'paused') LIMIT 1";
    INSERT = "INSERT INTO backfills (id, workspace_id, connection_id, state, cards, from_at, to_at, position, done, total, deliveries, objects, active_ms, detail, owner, fence, leased_until, created_at, updated_at, finished_at) VALUES ($1, $2, $3, 'running', $4, $5, $6, NULL, 0, $7, 0, 0, 0, '', NULL, 0, 0, $8, $8, NULL)";
    LIST = "SELECT id, workspace_id, connection_id, state, cards, from_at, to_at, position, done, total, deliveries, objects, active_ms, detail, created_at, updated_at, finished_at FROM backfills WHERE connection_id = $1 AND workspace_id = $2 ORDER BY created_at DESC, id DESC LIMIT 50";
    FIND = "SELECT id, workspace_id, connection_id, state, cards, from_at, to_at, position, done, total, deliveries, objects, active_ms, detail, created_at, updated_at, finished_at FROM backfills WHERE id = $1";
    SET_STATE = "UPDATE backfills SET state = $1, detail = '', updated_at = $2, finished_at = $3 WHERE id = $4 AND workspace_id = $5 AND state = $6";
    FREE = "SELECT id FROM backfills WHERE state = 'running' AND (leased_until < $1 OR owner = $2) ORDER BY updated_at LIMIT 1";
    CLAIM = "UPDATE backfills SET owner = $1, fence = fence + 1, leased_until = $2, updated_at = $3 WHERE id = $4 AND state = 'running' AND (leased_until < $3 OR owner = $1) RETURNING fence";
    HOLD = "UPDATE backfills SET leased_until = $1, updated_at = $2 WHERE id = $3 AND fence = $4 AND state = 'running' RETURNING position";
    ADVANCE (id: Uuid, position: Uuid, done: Int, deliveries: Int, objects: Int, millis: Int, detail: Text) = "UPDATE backfills SET position = COALESCE(r.position, backfills.position), done = backfills.done + r.done, deliveries = backfills.deliveries + r.deliveries, objects = backfills.objects + r.objects, active_ms = backfills.active_ms + r.millis, detail = r.detail FROM {rows} WHERE backfills.id = r.id";
    END = "UPDATE backfills SET state = $1, detail = $2, updated_at = $3, finished_at = $3, owner = NULL, leased_until = 0 WHERE id = $4 AND fence = $5 AND state = 'running'";
    RELEASE = "UPDATE backfills SET owner = NULL, leased_until = 0 WHERE id = $1 AND fence = $2";
    WAITING = "SELECT count(*) FROM (SELECT 1 AS one FROM deliveries d JOIN lanes l ON l.id = d.lane_id WHERE l.id = $1 AND d.seq > l.cursor LIMIT $2) AS ahead";
}

/// How many contacts a workspace has. Counts them one by one: outside of transactions that write.
pub async fn count_contacts(tx: &mut Tx, workspace: WorkspaceId) -> Result<i64> {
    match tx.query_opt(&COUNT, params![workspace]).await? {
        Some(mut row) => row.take(0),
        None => Ok(0),
    }
}

/// Starts a job over `total` contacts; false when the connection has one already that is running or paused.
pub async fn start(
    tx: &mut Tx,
    id: BackfillId,
    workspace: WorkspaceId,
    connection: ConnectionId,
    scope: &Scope,
    total: i64,
    now: Millis,
) -> Result<bool> {
    // Two members may press at once.
    let turn = crate::entries::turn(&[b"backfill", connection.uuid().as_bytes()]);
    crate::seam::diverge::take_turns(tx, std::iter::once(turn)).await?;
    if tx.query_opt(&ACTIVE, params![connection]).await?.is_some() {
        return Ok(false);
    }
    let cards = scope.cards.as_ref().map(|cards| {
        let ids: Vec<String> = cards.iter().map(ToString::to_string).collect();
        ids.join(",")
    });
    let values = params![
        id, workspace, connection, cards, scope.from, scope.to, total, now
    ];
    tx.execute(&INSERT, values).await?;
    Ok(true)
}

/// A connection's jobs, newest first, at most 50.
pub async fn list(
    tx: &mut Tx,
    workspace: WorkspaceId,
    connection: ConnectionId,
) -> Result<Vec<Backfill>> {
    let rows = tx.query(&LIST, params![connection, workspace]).await?;
    rows.into_iter().map(read).collect()
}

/// Pauses a running job, or lets a paused one go on, or ends either; false when it does not stand so. A step under way is
/// finished first.
pub async fn change(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: BackfillId,
    to: JobState,
    now: Millis,
) -> Result<bool> {
    let from: &[JobState] = match to {
        JobState::Running => &[JobState::Paused],
        JobState::Paused => &[JobState::Running],
        JobState::Cancelled => &[JobState::Running, JobState::Paused],
        JobState::Done | JobState::Failed => &[],
    };
    for from in from {
        let finished = (to == JobState::Cancelled).then_some(now);
        let values = params![to.code(), now, finished, id, workspace, from.code()];
        if tx.execute(&SET_STATE, values).await? == 1 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Takes the running job that has waited longest, if one is free.
pub async fn claim(
    tx: &mut Tx,
    owner: &str,
    now: Millis,
    until: Millis,
) -> Result<Option<Claimed>> {
    let Some(mut found) = tx.query_opt(&FREE, params![now, owner]).await? else {
        return Ok(None);
    };
    let id: BackfillId = found.take(0)?;
    let Some(mut claimed) = tx.query_opt(&CLAIM, params![owner, until, now, id]).await? else {
        return Ok(None);
    };
    let fence = claimed.take(0)?;
    let job = tx.query_opt(&FIND, params![id]).await?;
    let job = job.map(read).transpose()?;
    Ok(job.map(|job| Claimed { job, fence }))
}

/// Does the next contacts of a job: their history is replanned, and the job's place moves with what was appended.
/// `millis` is the time spent since the last step.
#[expect(clippy::too_many_arguments, reason = "one step, whole")]
pub async fn step(
    tx: &mut Tx,
    claimed: &Claimed,
    lanes: &[i64],
    limit: usize,
    millis: i64,
    now: Millis,
    until: Millis,
    plan: &(dyn Fn(ContactId, &History) -> Replanned + Sync),
) -> Result<Step> {
    let id = claimed.job.id;
    let held = tx
        .query_opt(&HOLD, params![until, now, id, claimed.fence])
        .await?;
    let Some(mut held) = held else {
        return Ok(Step::Gone);
    };
    let position: Option<ContactId> = held.take(0)?;
    let (contacts, last) =
        again::contacts_after(tx, claimed.job.workspace, position, limit).await?;
    let done = replan(tx, lanes, &contacts, now, plan).await?;
    let advance = row![
        id,
        last,
        contacts.len(),
        done.deliveries,
        done.objects,
        millis,
        ""
    ];
    tx.execute_rows(&ADVANCE, vec![advance]).await?;
    if last.is_some() {
        return Ok(Step::More(done));
    }
    end(tx, claimed, JobState::Done, "", now).await?;
    Ok(Step::Last(done))
}

/// Keeps a job while it waits, with the reason; false when it is not this worker's any more.
pub async fn wait(
    tx: &mut Tx,
    claimed: &Claimed,
    why: &str,
    millis: i64,
    now: Millis,
    until: Millis,
) -> Result<bool> {
    let id = claimed.job.id;
    let held = tx
        .query_opt(&HOLD, params![until, now, id, claimed.fence])
        .await?;
    if held.is_none() {
        return Ok(false);
    }
    let advance = row![id, None::<ContactId>, 0_i64, 0_i64, 0_i64, millis, why];
    tx.execute_rows(&ADVANCE, vec![advance]).await?;
    Ok(true)
}

/// Ends a job that this worker holds.
pub async fn end(
    tx: &mut Tx,
    claimed: &Claimed,
    state: JobState,
    detail: &str,
    now: Millis,
) -> Result<()> {
    let values = params![state.code(), detail, now, claimed.job.id, claimed.fence];
    tx.execute(&END, values).await?;
    Ok(())
}

/// Gives a job back, so that another worker, or another job, need not wait for the lease to run out.
pub async fn release(tx: &mut Tx, claimed: &Claimed) -> Result<()> {
    tx.execute(&RELEASE, params![claimed.job.id, claimed.fence])
        .await?;
    Ok(())
}

/// How many deliveries wait in some lanes; counts no further than `bound`.
pub async fn waiting(tx: &mut Tx, lanes: &[i64], bound: i64) -> Result<i64> {
    let mut sum = 0;
    for lane in lanes {
        if let Some(mut row) = tx.query_opt(&WAITING, params![*lane, bound]).await? {
            sum += row.take::<i64>(0)?;
        }
        if sum >= bound {
            return Ok(bound);
        }
    }
    Ok(sum)
}

fn read(mut row: Row) -> Result<Backfill> {
    let state: String = row.take(3)?;
    let cards: Option<String> = row.take(4)?;
    let cards = cards.map(|cards| {
        let ids = cards.split(',').filter(|id| !id.is_empty());
        ids.map(|id| {
            id.parse()
                .map_err(|_| StoreError::Corrupt("a card's id that is none".into()))
        })
        .collect::<Result<Vec<CardId>>>()
    });
    Ok(Backfill {
        id: row.take(0)?,
        workspace: row.take(1)?,
        connection: row.take(2)?,
        state: JobState::read(&state)?,
        scope: Scope {
            cards: cards.transpose()?,
            from: row.take(5)?,
            to: row.take(6)?,
        },
        position: row.take(7)?,
        done: row.take(8)?,
        total: row.take(9)?,
        deliveries: row.take(10)?,
        objects: row.take(11)?,
        active_ms: row.take(12)?,
        detail: row.take(13)?,
        created_at: row.take(14)?,
        updated_at: row.take(15)?,
        finished_at: row.take(16)?,
    })
}
