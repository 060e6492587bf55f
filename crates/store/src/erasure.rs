//! Erasing a person: everything that tells who they are goes, in one transaction, and Braze is asked to delete them.
//! Promises: no delivery that is planned, waiting or retrying carries their data afterwards; what cannot tell who they were
//! (that an entry was made, that a vote was counted) stays. Leaves to others: waiting until no worker holds old data (`komo`).

use std::collections::{BTreeMap, BTreeSet};

use engage::{
    delivery::erase::{ProfileName, delete_calls, names_in},
    ids::{ConnectionId, ContactId, WorkspaceId},
    time::Millis,
};

use crate::{
    entries,
    error::Result,
    hubs,
    outbox::{self, NewDelivery},
    params, row,
    seam::{Tx, diverge},
    statements, visitors,
};

/// Who is to be erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// By e-mail address, in any case.
    Email(String),
    /// By telephone number in E.164.
    Phone(String),
    /// By the contact's id.
    Id(ContactId),
}

/// What is stored about a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// How the contact can be found: kind and value.
    pub keys: Vec<(String, String)>,
    /// Entries of the contact.
    pub entries: i64,
    /// Recorded consents.
    pub consents: i64,
    /// Deliveries with payload, delivered or not.
    pub deliveries: i64,
    /// For each connection that has deliveries of the contact: the names Braze may know them by.
    pub profiles: BTreeMap<ConnectionId, BTreeSet<ProfileName>>,
}

/// What an erasure has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// What there was.
    pub found: Found,
    /// Calls to Braze that were planned, one for each connection and way of naming.
    pub calls: usize,
    /// Lanes whose workers may still hold the person's data, with the fencing token they hold it by.
    pub lanes: Vec<(i64, i64)>,
}

statements! {
    BY_KEY = "SELECT contact_id FROM contact_keys WHERE workspace_id = $1 AND kind = $2 AND value = $3";
    BY_ID = "SELECT id FROM contacts WHERE workspace_id = $1 AND id = $2";
    KEYS = "SELECT kind, value FROM contact_keys WHERE workspace_id = $1 AND contact_id = $2 ORDER BY kind, value";
    COUNTS = "SELECT (SELECT count(*) FROM entries WHERE contact_id = $1), (SELECT count(*) FROM consents WHERE contact_id = $1)";
    PAYLOADS = "SELECT l.connection_id, d.attributes, d.events, d.purchases, d.call_body FROM deliveries d JOIN lanes l ON l.id = d.lane_id WHERE d.contact_id = $1 AND (d.attributes IS NOT NULL OR d.event_count > 0 OR d.purchase_count > 0 OR d.call_body IS NOT NULL) ORDER BY d.seq";
    LANES_OF = "SELECT DISTINCT lane_id FROM deliveries WHERE contact_id = $1 ORDER BY lane_id";
    HOLD_LANE = "UPDATE lanes SET fence = fence WHERE id = $1 RETURNING fence";
    BLANK = "UPDATE deliveries SET attributes = NULL, events = '', event_count = 0, purchases = '', purchase_count = 0, call_kind = NULL, call_body = NULL WHERE contact_id = $1";
    CLOSE_EXCEPTIONS = "UPDATE delivery_exceptions SET state = 'erased', marks = '', due_at = NULL, code = NULL, detail = '', updated_at = $1 WHERE lane_id = $2 AND contact_id = $3";
    CLOSE_PENDING = "INSERT INTO delivery_exceptions (lane_id, seq, contact_id, state, marks, attempts, first_tried_at, due_at, code, detail, updated_at) SELECT d.lane_id, d.seq, d.contact_id, 'erased', '', 0, NULL, NULL, NULL, '', $1 FROM deliveries d JOIN lanes l ON l.id = d.lane_id WHERE d.lane_id = $2 AND d.contact_id = $3 AND d.seq > l.cursor ON CONFLICT (lane_id, seq) DO NOTHING";
    BLANK_ENTRIES = "UPDATE entries SET content = '{}', fingerprint = $2 WHERE contact_id = $1";
    UNLINK_AWARDS = "UPDATE awards SET contact_id = NULL WHERE play_id IN (SELECT play_id FROM entries WHERE contact_id = $1 AND play_id IS NOT NULL)";
    UNLINK_PLAYS = "UPDATE plays SET contact_id = NULL, entry_id = NULL, state = 'erased', facts = '{}', progress = 'null' WHERE id IN (SELECT play_id FROM entries WHERE contact_id = $1 AND play_id IS NOT NULL)";
    UNLINK_CONSENTS = "UPDATE consents SET contact_id = $2 WHERE contact_id = $1";
    DROP_KEYS (workspace_id: Uuid, kind: Text, value: Text, contact_id: Uuid) = "DELETE FROM contact_keys WHERE (workspace_id, kind, value, contact_id) IN (SELECT r.workspace_id, r.kind, r.value, r.contact_id FROM {rows})";
    BLANK_CONTACT = "UPDATE contacts SET state = 'erased', properties = '{}', sent = NULL, updated_at = $1 WHERE id = $2";
    STILL_HELD = "SELECT count(*) FROM lanes WHERE id = $1 AND fence = $2 AND owner IS NOT NULL AND leased_until >= $3";
    CONNECTION_LANES = "SELECT connection_id FROM lanes WHERE id = $1";
    IS_THERE = "SELECT id FROM connections WHERE id = $1 AND removed_at IS NULL";
}

/// Finds a contact of a workspace.
pub async fn find(tx: &mut Tx, workspace: WorkspaceId, who: &Who) -> Result<Option<ContactId>> {
    let found = match who {
        Who::Email(email) => {
            let values = params![workspace, "email", email.trim().to_lowercase()];
            tx.query_opt(&BY_KEY, values).await?
        }
        Who::Phone(phone) => {
            let values = params![workspace, "phone", phone.trim()];
            tx.query_opt(&BY_KEY, values).await?
        }
        Who::Id(id) => tx.query_opt(&BY_ID, params![workspace, *id]).await?,
    };
    found.map(|mut row| row.take(0)).transpose()
}

/// What is stored about a contact. Reads every key of the workspace: meant for a read transaction.
pub async fn look(tx: &mut Tx, workspace: WorkspaceId, contact: ContactId) -> Result<Found> {
    let mut found = Found::default();
    for mut row in tx.query(&KEYS, params![workspace, contact]).await? {
        found.keys.push((row.take(0)?, row.take(1)?));
    }
    if let Some(mut row) = tx.query_opt(&COUNTS, params![contact]).await? {
        (found.entries, found.consents) = (row.take(0)?, row.take(1)?);
    }
    payloads(tx, contact, &mut found).await?;
    Ok(found)
}

async fn payloads(tx: &mut Tx, contact: ContactId, found: &mut Found) -> Result<()> {
    found.deliveries = 0;
    for mut row in tx.query(&PAYLOADS, params![contact]).await? {
        let names = found.profiles.entry(row.take(0)?).or_default();
        for column in 1..=4 {
            if let Some(objects) = row.take::<Option<String>>(column)? {
                names_in(&objects, names);
            }
        }
        found.deliveries += 1;
    }
    Ok(())
}

/// Erases a contact. `found` is what [`look`] found a moment ago; keys that came since then make the answer `None`: look again.
pub async fn erase(
    tx: &mut Tx,
    workspace: WorkspaceId,
    contact: ContactId,
    found: Found,
    now: Millis,
) -> Result<Option<Erased>> {
    // The same turns as accepting an entry takes: nothing can join this contact while it goes.
    let keys = found
        .keys
        .iter()
        .map(|(kind, value)| entries::identity_turn(workspace, kind, value));
    diverge::take_turns(tx, keys.collect::<Vec<_>>().into_iter()).await?;
    diverge::take_turns(tx, std::iter::once(entries::contact_turn(contact))).await?;
    for (kind, value) in &found.keys {
        let values = params![workspace, kind.as_str(), value.as_str()];
        let still: Option<ContactId> = tx
            .query_opt(&BY_KEY, values)
            .await?
            .map(|mut row| row.take(0))
            .transpose()?;
        if still != Some(contact) {
            return Ok(None);
        }
    }
    let mut erased = Erased {
        found,
        ..Erased::default()
    };
    payloads(tx, contact, &mut erased.found).await?;
    let mut of_connection: BTreeMap<ConnectionId, Vec<i64>> = BTreeMap::new();
    for mut row in tx.query(&LANES_OF, params![contact]).await? {
        let lane: i64 = row.take(0)?;
        // Takes the lane's row, so that no worker commits meanwhile; what one holds in memory is dealt with by its revision.
        if let Some(mut row) = tx.query_opt(&HOLD_LANE, params![lane]).await? {
            erased.lanes.push((lane, row.take(0)?));
        }
        tx.execute(&CLOSE_EXCEPTIONS, params![now, lane, contact])
            .await?;
        tx.execute(&CLOSE_PENDING, params![now, lane, contact])
            .await?;
        if let Some(mut row) = tx.query_opt(&CONNECTION_LANES, params![lane]).await? {
            of_connection.entry(row.take(0)?).or_default().push(lane);
        }
    }
    tx.execute(&BLANK, params![contact]).await?;
    tx.execute(&UNLINK_AWARDS, params![contact]).await?;
    tx.execute(&UNLINK_PLAYS, params![contact]).await?;
    tx.execute(&BLANK_ENTRIES, params![contact, [0_u8; 16].as_slice()])
        .await?;
    tx.execute(&UNLINK_CONSENTS, params![contact, NOBODY])
        .await?;
    let keys = erased.found.keys.iter();
    let keys = keys.map(|(kind, value)| row![workspace, kind.as_str(), value.as_str(), contact]);
    tx.execute_rows(&DROP_KEYS, keys.collect()).await?;
    visitors::erase(tx, contact).await?;
    tx.execute(&BLANK_CONTACT, params![now, contact]).await?;
    for connection in of_connection.into_keys() {
        if tx
            .query_opt(&IS_THERE, params![connection])
            .await?
            .is_some()
        {
            let names = erased.found.profiles.get(&connection);
            let calls = names.map(delete_calls).unwrap_or_default();
            let lanes: std::sync::Arc<[i64]> = outbox::lanes(tx, connection).await?.into();
            erased.calls += calls.len();
            let planned = calls.into_iter().map(|call| {
                let delivery = NewDelivery {
                    lanes: lanes.clone(),
                    call: Some(call),
                    ..NewDelivery::default()
                };
                (contact, None, delivery, now)
            });
            outbox::append(tx, planned.collect()).await?;
        }
        hubs::touch(tx, connection).await?;
    }
    Ok(Some(erased))
}

/// Whose a consent is once its person has been erased: the record stays, and leads to nobody.
const NOBODY: ContactId = ContactId::from_uuid(uuid::Uuid::nil());

/// Whether a worker that took its lane before the erasure still has it, and with it perhaps the person's data in memory.
pub async fn is_still_held(tx: &mut Tx, lanes: &[(i64, i64)], now: Millis) -> Result<bool> {
    for (lane, fence) in lanes {
        let held: i64 = match tx
            .query_opt(&STILL_HELD, params![*lane, *fence, now])
            .await?
        {
            Some(mut row) => row.take(0)?,
            None => 0,
        };
        if held > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}
