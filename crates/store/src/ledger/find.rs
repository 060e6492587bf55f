//! "Where is Ann's entry?": from an address to the contact, to the entries, to every delivery of each.

use std::collections::BTreeSet;

use engage::{
    entry::IdentityKind,
    ids::{CardId, ContactId, EntryId, HubId, PlayId, WorkspaceId},
    time::Millis,
};
use uuid::Uuid;

use super::{LaneAt, Row, walk};
use crate::{error::Result, params, row as values, seam::Tx, statements};

/// No more deliveries of one person than this are looked through, the newest ones.
const MOST: i64 = 5_000;

/// How a person is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// By e-mail address; upper and lower case are the same.
    Email(String),
    /// By phone number in E.164.
    Phone(String),
    /// By the contact itself.
    Contact(ContactId),
    /// By one of the person's entries.
    Entry(EntryId),
}

/// Where everything is that a person has entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whereabouts {
    /// The person.
    pub contact: ContactId,
    /// The person's entries, newest first.
    pub entries: Vec<EntryRow>,
    /// Deliveries that tell about no entry, newest first.
    pub others: Vec<Row>,
    /// Give this as `before` to see older entries; none: that was all.
    pub next: Option<EntryId>,
}

/// One entry with its deliveries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRow {
    /// The entry.
    pub entry: EntryId,
    /// Its card.
    pub card: CardId,
    /// That card's hub.
    pub hub: HubId,
    /// The card's key.
    pub card_key: String,
    /// `qualified`, `disqualified` or a status of the author's.
    pub status: String,
    /// The play it belongs to.
    pub play: Option<PlayId>,
    /// When it was accepted.
    pub accepted_at: Millis,
    /// Its deliveries to all connections, newest first; none: no connection had anything mapped.
    pub deliveries: Vec<Row>,
}

statements! {
    BY_KEY = "SELECT contact_id FROM contact_keys WHERE workspace_id = $1 AND kind = $2 AND value = $3";
    BY_ID = "SELECT id FROM contacts WHERE id = $2 AND workspace_id = $1";
    BY_ENTRY = "SELECT contact_id FROM entries WHERE id = $2 AND workspace_id = $1";
    ENTRIES = "SELECT e.id, e.card_id, c.hub_id, c.key, e.status, e.play_id, e.accepted_at FROM entries e JOIN cards c ON c.id = e.card_id WHERE e.contact_id = $1 AND e.workspace_id = $2 AND e.id < $3 ORDER BY e.id DESC LIMIT $4";
    DELIVERIES = "SELECT seq, lane_id, entry_id FROM deliveries WHERE contact_id = $1 ORDER BY seq DESC LIMIT $2";
    LANES_BY_ID (id: Int, workspace_id: Uuid) = "SELECT l.id, l.cursor, l.connection_id FROM {rows} JOIN lanes l ON l.id = r.id JOIN connections c ON c.id = l.connection_id AND c.workspace_id = r.workspace_id";
}

/// The contact that is meant, in this workspace.
pub async fn contact_of(
    tx: &mut Tx,
    workspace: WorkspaceId,
    who: &Who,
) -> Result<Option<ContactId>> {
    let by_key =
        |kind: IdentityKind, value: String| params![workspace, kind.word(), value].to_vec();
    let (sql, asked) = match who {
        Who::Email(address) => (
            &BY_KEY,
            by_key(IdentityKind::Email, address.trim().to_lowercase()),
        ),
        Who::Phone(number) => (&BY_KEY, by_key(IdentityKind::Phone, number.trim().into())),
        Who::Contact(id) => (&BY_ID, params![workspace, *id].to_vec()),
        Who::Entry(id) => (&BY_ENTRY, params![workspace, *id].to_vec()),
    };
    tx.query_opt(sql, &asked)
        .await?
        .map(|mut row| row.take(0))
        .transpose()
}

/// A contact's entries, older than `before` (none: from the newest), newest first, without their deliveries.
pub async fn entries_of(
    tx: &mut Tx,
    workspace: WorkspaceId,
    contact: ContactId,
    before: Option<EntryId>,
    limit: usize,
) -> Result<Vec<EntryRow>> {
    let before = before.map_or(Uuid::max(), EntryId::uuid);
    let rows = tx
        .query(&ENTRIES, params![contact, workspace, before, limit])
        .await?;
    let read = rows.into_iter().map(|mut row| {
        Ok(EntryRow {
            entry: row.take(0)?,
            card: row.take(1)?,
            hub: row.take(2)?,
            card_key: row.take(3)?,
            status: row.take(4)?,
            play: row.take(5)?,
            accepted_at: row.take(6)?,
            deliveries: Vec::new(),
        })
    });
    read.collect()
}

/// A person's entries, each with its deliveries to every connection and where they stand. `None`: nobody is known by that.
pub async fn whereabouts(
    tx: &mut Tx,
    workspace: WorkspaceId,
    who: &Who,
    before: Option<EntryId>,
    limit: usize,
) -> Result<Option<Whereabouts>> {
    let Some(contact) = contact_of(tx, workspace, who).await? else {
        return Ok(None);
    };
    let mut entries = entries_of(tx, workspace, contact, before, limit).await?;
    let next = entries
        .last()
        .filter(|_| entries.len() >= limit)
        .map(|last| last.entry);
    let wanted: BTreeSet<EntryId> = entries.iter().map(|it| it.entry).collect();
    let (mut numbers, mut lane_ids) = (Vec::new(), BTreeSet::new());
    for mut row in tx.query(&DELIVERIES, params![contact, MOST]).await? {
        let (seq, lane, entry): (i64, i64, Option<EntryId>) =
            (row.take(0)?, row.take(1)?, row.take(2)?);
        if entry.map_or(before.is_none(), |entry| wanted.contains(&entry)) {
            numbers.push(seq);
            lane_ids.insert(lane);
        }
    }
    let asked = lane_ids.into_iter().map(|id| values![id, workspace]);
    let lanes = tx.query_rows(&LANES_BY_ID, asked.collect()).await?;
    let lanes: Vec<LaneAt> = lanes.into_iter().map(walk::lane).collect::<Result<_>>()?;
    let mut others = Vec::new();
    for row in walk::rows(tx, &lanes, numbers).await? {
        match entries.iter_mut().find(|it| Some(it.entry) == row.entry) {
            Some(entry) => entry.deliveries.push(row),
            None => others.push(row),
        }
    }
    Ok(Some(Whereabouts {
        contact,
        entries,
        others,
        next,
    }))
}
