//! Pages of the ledger: numbers from the narrowest index that a filter allows, newest first, then the rows, then what is left
//! of the filter. Promises that a page looks through a bounded number of rows and says where to go on.

use std::collections::{BTreeSet, HashSet};

use engage::{
    ids::{CardId, ConnectionId, ContactId, EntryId, WorkspaceId},
    time::Millis,
};

use super::{Filter, LaneAt, Page, Row, State, row};
use crate::{error::Result, params, row as values, seam::Tx, sql::Sql, statements, value::Value};

/// A page looks through this many rows at most.
const LOOKED_THROUGH: usize = 20_000;

/// A card with fewer entries than this is looked up by its entries, one with more by walking the log.
const FEW: i64 = 2_000;

/// Clocks of several nodes differ, and a number may be given out a little before its moment is: a range of time is looked for
/// this much wider, in milliseconds, and then compared exactly.
const SKEW: i64 = 10_000;

statements! {
    LANES = "SELECT l.id, l.cursor, l.connection_id FROM lanes l JOIN connections c ON c.id = l.connection_id WHERE c.id = $1 AND c.workspace_id = $2 ORDER BY l.number";
    BY_LOG = "SELECT seq FROM deliveries WHERE lane_id = $1 AND seq < $2 AND seq > $3 ORDER BY seq DESC LIMIT $4";
    // The plus keeps the engines from reading the lane's index instead of the contact's.
    BY_CONTACT = "SELECT seq FROM deliveries WHERE +lane_id = $1 AND contact_id = $5 AND seq < $2 AND seq > $3 ORDER BY seq DESC LIMIT $4";
    BY_STATE = "SELECT seq FROM delivery_exceptions WHERE lane_id = $1 AND state = $5 AND seq < $2 AND seq > $3 ORDER BY seq DESC LIMIT $4";
    BY_CODE = "SELECT seq FROM delivery_exceptions WHERE lane_id = $1 AND state = $5 AND code = $6 AND seq < $2 AND seq > $3 ORDER BY seq DESC LIMIT $4";
    ENTRIES_OF_CARD = "SELECT id, contact_id FROM entries WHERE card_id = $1 LIMIT $2";
    OF_CONTACTS (contact_id: Uuid) = "SELECT d.seq, d.lane_id, d.entry_id FROM {rows} JOIN deliveries d ON d.contact_id = r.contact_id";
    ROWS (seq: Int) = "SELECT d.seq, d.lane_id, d.contact_id, d.entry_id, d.created_at, CASE WHEN d.attributes IS NULL THEN 0 ELSE 1 END, d.event_count, d.purchase_count, x.state, x.attempts, x.due_at, x.code, x.detail, x.updated_at, x.replaced_by, x.marks, e.card_id, d.call_kind FROM {rows} JOIN deliveries d ON d.seq = r.seq LEFT JOIN delivery_exceptions x ON x.lane_id = d.lane_id AND x.seq = d.seq LEFT JOIN entries e ON e.id = d.entry_id";
    NUMBERS = "SELECT (SELECT min(seq) FROM deliveries), (SELECT max(seq) FROM deliveries)";
    MADE_AT = "SELECT created_at FROM deliveries WHERE seq >= $1 ORDER BY seq LIMIT 1";
}

/// The lanes of a connection of this workspace; none when it is another workspace's.
pub(super) async fn lanes(
    tx: &mut Tx,
    workspace: WorkspaceId,
    connection: ConnectionId,
) -> Result<Vec<LaneAt>> {
    let rows = tx.query(&LANES, params![connection, workspace]).await?;
    rows.into_iter().map(lane).collect()
}

pub(super) fn lane(mut row: crate::value::Row) -> Result<LaneAt> {
    Ok(LaneAt {
        id: row.take(0)?,
        cursor: row.take(1)?,
        connection: row.take(2)?,
    })
}

/// Deliveries of a connection with a number below `before` (none: from the newest) that pass the filter, newest first, at
/// most `limit`.
pub async fn page(
    tx: &mut Tx,
    workspace: WorkspaceId,
    connection: ConnectionId,
    filter: &Filter,
    before: Option<i64>,
    limit: usize,
) -> Result<Page> {
    // The cursors first: what is read afterwards can only have gone further.
    let lanes = lanes(tx, workspace, connection).await?;
    let mut walk = Walk::start(tx, lanes, filter, before).await?;
    let mut page = Page::default();
    let (mut looked, mut chunk) = (0, limit.clamp(1, 1_000));
    loop {
        let (numbers, rest) = walk.numbers(tx, filter, chunk).await?;
        looked += numbers.len();
        let found = rows(tx, &walk.lanes, numbers).await?;
        let mut fits = found.into_iter().filter(|row| filter.takes(row));
        for row in fits.by_ref() {
            let seq = row.seq;
            page.rows.push(row);
            if page.rows.len() >= limit {
                page.next = (rest || fits.next().is_some()).then_some(seq);
                return Ok(page);
            }
        }
        if !rest {
            return Ok(page);
        }
        if looked >= LOOKED_THROUGH {
            page.next = Some(walk.before);
            return Ok(page);
        }
        chunk = (chunk * 2).min(1_000);
    }
}

/// The rows with these numbers that are the lanes', highest number first.
pub(super) async fn rows(tx: &mut Tx, lanes: &[LaneAt], numbers: Vec<i64>) -> Result<Vec<Row>> {
    let asked = numbers.into_iter().map(|seq| values![seq]).collect();
    let mut found = Vec::new();
    for mut columns in tx.query_rows(&ROWS, asked).await? {
        let id: i64 = columns.take(1)?;
        if let Some(lane) = lanes.iter().find(|lane| lane.id == id) {
            found.push(row(&mut columns, *lane)?);
        }
    }
    found.sort_unstable_by_key(|row| std::cmp::Reverse(row.seq));
    Ok(found)
}

impl Filter {
    /// What no index has answered.
    fn takes(&self, row: &Row) -> bool {
        let is = |wanted: Option<bool>| wanted.unwrap_or(true);
        is(self.contact.map(|contact| contact == row.contact))
            && is(self.card.map(|card| Some(card) == row.card))
            && is(self.from.map(|from| row.created_at >= from))
            && is(self.to.map(|to| row.created_at < to))
            && is(self.state.map(|state| state == row.state))
            && is(self
                .reason
                .as_deref()
                .map(|reason| row.code.as_deref() == Some(reason)))
    }
}

/// Where a walk has got to.
struct Walk {
    lanes: Vec<LaneAt>,
    /// Only numbers below this, and above the other.
    before: i64,
    above: i64,
    /// The deliveries of a card with few entries, all of them.
    few: Option<BTreeSet<i64>>,
}

impl Walk {
    async fn start(
        tx: &mut Tx,
        lanes: Vec<LaneAt>,
        filter: &Filter,
        before: Option<i64>,
    ) -> Result<Self> {
        let mut walk = Self {
            lanes,
            before: before.unwrap_or(i64::MAX),
            above: 0,
            few: None,
        };
        if filter.from.is_some() || filter.to.is_some() {
            walk.within(tx, filter.from, filter.to).await?;
        }
        let driven_elsewhere = filter.contact.is_some()
            || filter.reason.is_some()
            || filter.state.is_some_and(State::is_exception);
        if let Some(card) = filter.card.filter(|_| !driven_elsewhere) {
            walk.few = few(tx, &walk.lanes, card).await?;
        }
        Ok(walk)
    }

    /// Narrows the numbers down to a range of time: numbers rise with time, so a search by halves finds the ends.
    async fn within(
        &mut self,
        tx: &mut Tx,
        from: Option<Millis>,
        to: Option<Millis>,
    ) -> Result<()> {
        let Some(mut ends) = tx.query_opt(&NUMBERS, &[]).await? else {
            return Ok(());
        };
        let (Some(lowest), Some(highest)) =
            (ends.take::<Option<i64>>(0)?, ends.take::<Option<i64>>(1)?)
        else {
            return Ok(());
        };
        if let Some(from) = from {
            let first = first_made(tx, from.plus(-SKEW), lowest, highest).await?;
            self.above = self.above.max(first - 1);
        }
        if let Some(to) = to {
            let end = first_made(tx, to.plus(SKEW), lowest, highest).await?;
            self.before = self.before.min(end);
        }
        Ok(())
    }

    /// The next numbers, highest first, and whether there may be more behind them.
    async fn numbers(
        &mut self,
        tx: &mut Tx,
        filter: &Filter,
        chunk: usize,
    ) -> Result<(Vec<i64>, bool)> {
        if let Some(few) = &self.few {
            let mut below = few.range(..self.before).rev().copied();
            let numbers: Vec<i64> = below
                .by_ref()
                .take_while(|seq| *seq > self.above)
                .take(chunk)
                .collect();
            let rest = numbers.len() == chunk;
            self.before = numbers.last().copied().unwrap_or(self.before);
            return Ok((numbers, rest));
        }
        let mut all = Vec::new();
        // A source that gave a full chunk may have more above what another one gave: only what lies above the ends of all full
        // chunks is complete.
        let mut complete_above = i64::MIN;
        for lane in &self.lanes {
            let (mut before, mut above) = (self.before, self.above);
            match filter.state {
                Some(State::Pending) => above = above.max(lane.cursor),
                Some(State::Delivered) => before = before.min(lane.cursor.saturating_add(1)),
                _ => {}
            }
            for (sql, more) in sources(filter) {
                let mut asked = vec![lane.id.into(), before.into(), above.into(), chunk.into()];
                asked.extend(more);
                let found = tx.query(sql, &asked).await?;
                let full = found.len() == chunk;
                for mut row in found {
                    all.push(row.take::<i64>(0)?);
                }
                if let Some(last) = all.last().filter(|_| full) {
                    complete_above = complete_above.max(*last);
                }
            }
        }
        all.retain(|seq| *seq >= complete_above);
        all.sort_unstable_by(|a, b| b.cmp(a));
        self.before = all.last().copied().unwrap_or(self.before);
        Ok((all, complete_above > i64::MIN))
    }
}

/// The narrowest indexes that know the numbers of a filter's deliveries.
fn sources(filter: &Filter) -> Vec<(&'static Sql, Vec<Value>)> {
    if let Some(contact) = filter.contact {
        return vec![(&BY_CONTACT, vec![contact.into()])];
    }
    let exception = filter.state.filter(|state| state.is_exception());
    match (&filter.reason, exception) {
        (Some(reason), state) => {
            let with_reason = [State::Parked, State::Skipped, State::Replaced];
            let states = with_reason
                .into_iter()
                .filter(|it| state.is_none_or(|state| state == *it));
            states
                .map(|it| (&BY_CODE, vec![it.code().into(), reason.as_str().into()]))
                .collect()
        }
        (None, Some(state)) => vec![(&BY_STATE, vec![state.code().into()])],
        (None, None) => vec![(&BY_LOG, Vec::new())],
    }
}

/// The first number whose delivery was made at a moment or later.
async fn first_made(tx: &mut Tx, moment: Millis, lowest: i64, highest: i64) -> Result<i64> {
    let (mut low, mut high) = (lowest, highest.saturating_add(1));
    while low < high {
        let middle = low + (high - low) / 2;
        let made: Option<Millis> = match tx.query_opt(&MADE_AT, params![middle]).await? {
            Some(mut row) => row.take(0)?,
            None => None,
        };
        if made.is_some_and(|made| made < moment) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

/// All deliveries of a card's entries, if the card has few.
async fn few(tx: &mut Tx, lanes: &[LaneAt], card: CardId) -> Result<Option<BTreeSet<i64>>> {
    let found = tx.query(&ENTRIES_OF_CARD, params![card, FEW]).await?;
    if i64::try_from(found.len()).is_ok_and(|number| number >= FEW) {
        return Ok(None);
    }
    let mut entries: HashSet<EntryId> = HashSet::new();
    let mut contacts: BTreeSet<ContactId> = BTreeSet::new();
    for mut row in found {
        entries.insert(row.take(0)?);
        contacts.insert(row.take(1)?);
    }
    let asked = contacts.into_iter().map(|id| values![id]).collect();
    let mut few = BTreeSet::new();
    for mut row in tx.query_rows(&OF_CONTACTS, asked).await? {
        let (seq, lane, entry): (i64, i64, Option<EntryId>) =
            (row.take(0)?, row.take(1)?, row.take(2)?);
        if lanes.iter().any(|it| it.id == lane) && entry.is_some_and(|it| entries.contains(&it)) {
            few.insert(seq);
        }
    }
    Ok(Some(few))
}
