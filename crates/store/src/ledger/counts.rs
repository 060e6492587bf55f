//! How many deliveries stand where. Delivered ones are never counted one by one: the lanes count what they pass.

use engage::{
    ids::{ConnectionId, WorkspaceId},
    time::Millis,
};

use super::State;
use crate::{error::Result, params, seam::Tx, statements};

/// How many deliveries of a connection stand where; together they are all there ever were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Their lane has not come to them yet.
    pub pending: i64,
    /// Tried, to be tried again by themselves.
    pub retrying: i64,
    /// Behind one of the same contact that is being tried again.
    pub waiting: i64,
    /// Taken by Braze.
    pub delivered: i64,
    /// Set aside with a reason.
    pub parked: i64,
    /// Sent, no answer, and by the connection's choice not sent again.
    pub unknown: i64,
    /// Never sendable.
    pub skipped: i64,
    /// Made anew as another delivery.
    pub replaced: i64,
    /// Gone with the person they were about, before they were delivered.
    pub erased: i64,
    /// When the oldest pending one was made.
    pub oldest_pending: Option<Millis>,
}

impl Counts {
    /// How many stand in a state.
    pub const fn of(&self, state: State) -> i64 {
        match state {
            State::Pending => self.pending,
            State::Retrying => self.retrying,
            State::Waiting => self.waiting,
            State::Delivered => self.delivered,
            State::Parked => self.parked,
            State::Unknown => self.unknown,
            State::Skipped => self.skipped,
            State::Replaced => self.replaced,
            State::Erased => self.erased,
        }
    }

    /// All deliveries there ever were.
    pub fn total(&self) -> i64 {
        State::ALL.iter().map(|state| self.of(*state)).sum()
    }

    const fn of_mut(&mut self, state: State) -> &mut i64 {
        match state {
            State::Pending => &mut self.pending,
            State::Retrying => &mut self.retrying,
            State::Waiting => &mut self.waiting,
            State::Delivered => &mut self.delivered,
            State::Parked => &mut self.parked,
            State::Unknown => &mut self.unknown,
            State::Skipped => &mut self.skipped,
            State::Replaced => &mut self.replaced,
            State::Erased => &mut self.erased,
        }
    }
}

statements! {
    // One statement, one moment: the sum over all states must hold while deliveries are on their way.
    LANES = "SELECT l.passed, (SELECT count(*) FROM deliveries d WHERE d.lane_id = l.id AND d.seq > l.cursor), (SELECT d.created_at FROM deliveries d WHERE d.lane_id = l.id AND d.seq > l.cursor ORDER BY d.seq LIMIT 1), (SELECT count(*) FROM delivery_exceptions x WHERE x.lane_id = l.id AND x.seq > l.cursor), (SELECT count(*) FROM delivery_exceptions x WHERE x.lane_id = l.id AND x.state = 'retrying'), (SELECT count(*) FROM delivery_exceptions x WHERE x.lane_id = l.id AND x.state = 'waiting'), (SELECT count(*) FROM delivery_exceptions x WHERE x.lane_id = l.id AND x.state = 'parked'), (SELECT count(*) FROM delivery_exceptions x WHERE x.lane_id = l.id AND x.state = 'unknown'), (SELECT count(*) FROM delivery_exceptions x WHERE x.lane_id = l.id AND x.state = 'skipped'), (SELECT count(*) FROM delivery_exceptions x WHERE x.lane_id = l.id AND x.state = 'replaced'), (SELECT count(*) FROM delivery_exceptions x WHERE x.lane_id = l.id AND x.state = 'erased') FROM lanes l JOIN connections c ON c.id = l.connection_id WHERE l.connection_id = $1 AND c.workspace_id = $2";
    REASONS = "SELECT x.state, x.code, count(*) FROM delivery_exceptions x JOIN lanes l ON l.id = x.lane_id JOIN connections c ON c.id = l.connection_id WHERE x.state IN ('parked', 'skipped') AND l.connection_id = $1 AND c.workspace_id = $2 GROUP BY x.state, x.code ORDER BY 3 DESC, 1, 2";
}

/// The states that have a row of their own, in the order of `LANES`' columns.
const EXCEPTIONS: [State; 7] = [
    State::Retrying,
    State::Waiting,
    State::Parked,
    State::Unknown,
    State::Skipped,
    State::Replaced,
    State::Erased,
];

/// Counts a connection's deliveries by where they stand.
pub async fn counts(
    tx: &mut Tx,
    workspace: WorkspaceId,
    connection: ConnectionId,
) -> Result<Counts> {
    let mut counts = Counts::default();
    for mut lane in tx.query(&LANES, params![connection, workspace]).await? {
        let (passed, ahead, settled_ahead): (i64, i64, i64) =
            (lane.take(0)?, lane.take(1)?, lane.take(3)?);
        let oldest: Option<Millis> = lane.take(2)?;
        let mut exceptions = 0;
        for (column, state) in (4..).zip(EXCEPTIONS) {
            let number: i64 = lane.take(column)?;
            *counts.of_mut(state) += number;
            exceptions += number;
        }
        // One that can never be sent is an exception from the start, before its lane has come to it.
        counts.pending += ahead - settled_ahead;
        counts.delivered += passed - (exceptions - settled_ahead);
        counts.oldest_pending = [counts.oldest_pending, oldest].into_iter().flatten().min();
    }
    Ok(counts)
}

/// Why deliveries of a connection were set aside: state, the reason's stable code, and how many; most first.
pub async fn reasons(
    tx: &mut Tx,
    workspace: WorkspaceId,
    connection: ConnectionId,
) -> Result<Vec<(State, String, i64)>> {
    let rows = tx.query(&REASONS, params![connection, workspace]).await?;
    let read = rows.into_iter().map(|mut row| {
        let state: String = row.take(0)?;
        let code: Option<String> = row.take(1)?;
        Ok((state.parse()?, code.unwrap_or_default(), row.take(2)?))
    });
    read.collect()
}
