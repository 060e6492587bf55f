//! A contact's history, read back, and what is made of it appended: one transaction under the contact's lock.
//! Promises: nothing older can overwrite something newer, because nobody appends for the contact meanwhile; what is sent instead is
//! named at what it replaces. Leaves to others: planning (`komo::backfill`), folding (`engage::again`).

use std::collections::{BTreeMap, HashMap};

use engage::{
    ids::{CardId, ContactId, EntryId, PlayId},
    time::Millis,
};

use crate::{
    entries,
    error::{Result, StoreError},
    ledger::State,
    outbox::{self, NewDelivery},
    params, row,
    seam::{Tx, diverge},
    sent, statements,
    value::Row,
};

/// All that a contact has told and what of it went to one connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The contact's entries, oldest first.
    pub entries: Vec<PastEntry>,
    /// The contact's deliveries to the connection, oldest first.
    pub deliveries: Vec<PastDelivery>,
}

/// An entry, as it was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastEntry {
    /// The entry.
    pub entry: EntryId,
    /// Its card.
    pub card: CardId,
    /// When it was accepted.
    pub accepted_at: Millis,
    /// One JSON object: fields, parameters, locale.
    pub content: String,
    /// What was agreed to or not.
    pub consents: Vec<PastConsent>,
    /// Its play, if that is finished.
    pub play: Option<PastPlay>,
}

/// A recorded yes or no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastConsent {
    /// The field's key.
    pub key: String,
    /// The subscription it is about, if any.
    pub subscription: Option<String>,
    /// Yes or no.
    pub given: bool,
    /// The author's version of the text.
    pub version: String,
    /// The language it was shown in.
    pub locale: String,
}

/// A finished play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastPlay {
    /// One JSON object: what the play can tell.
    pub facts: String,
    /// When it was finished; before its entry was accepted if the form came last.
    pub finished_at: Millis,
}

/// A delivery of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastDelivery {
    /// Its number.
    pub seq: i64,
    /// The entry it tells about.
    pub entry: Option<EntryId>,
    /// Where it stands.
    pub state: State,
    /// One letter an object (`o` open, `d` delivered, `r` refused, `u` unknown); empty while all are the same.
    pub marks: String,
    /// Whether it holds an attributes object, which is its first object then.
    pub has_attributes: bool,
    /// Complete JSON objects, separated by commas.
    pub events: String,
    /// Complete JSON objects, separated by commas.
    pub purchases: String,
    /// It is a call of its own: there is nothing to plan anew.
    pub is_call: bool,
}

/// What is made of a contact's history.
#[derive(Clone, Debug, Default)]
pub struct Replanned {
    /// Deliveries to append, in this order.
    pub deliveries: Vec<(Option<EntryId>, NewDelivery)>,
    /// What becomes of deliveries that were set aside.
    pub settled: Vec<(i64, Settled)>,
}

/// What becomes of a delivery that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Another one is made instead: the new one of this entry, or the first new one; or nothing was left to send.
    Replaced(Option<EntryId>),
    /// It can't be sent: a stable code and a sentence.
    Skipped(&'static str, String),
    /// The very same objects go again.
    Back,
}

/// What was done for some contacts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Deliveries that were appended.
    pub deliveries: i64,
    /// Objects in them.
    pub objects: i64,
    /// Deliveries that were set aside and now are replaced or on their way again.
    pub settled: i64,
    /// Lanes to wake.
    pub lanes: Vec<i64>,
    /// Deliveries were put back on their way: workers must read their lanes anew.
    pub back: bool,
}

statements! {
    ENTRIES (contact_id: Uuid) = "SELECT e.contact_id, e.id, e.card_id, e.accepted_at, e.content, e.play_id FROM {rows} JOIN entries e ON e.contact_id = r.contact_id";
    CONSENTS (contact_id: Uuid) = "SELECT c.contact_id, c.entry_id, c.key, c.given, c.version, c.locale, c.subscription FROM {rows} JOIN consents c ON c.contact_id = r.contact_id";
    PLAYS (id: Uuid) = "SELECT p.id, p.facts, p.finished_at FROM {rows} JOIN plays p ON p.id = r.id WHERE p.state = 'finished'";
    // The plus keeps the engines from reading the lane's index instead of the contact's.
    DELIVERIES (contact_id: Uuid, lane_id: Int) = "SELECT d.contact_id, d.seq, d.entry_id, x.state, x.marks, CASE WHEN d.attributes IS NULL THEN 0 ELSE 1 END, d.events, d.purchases, CASE WHEN d.call_kind IS NULL THEN 0 ELSE 1 END, l.cursor FROM {rows} JOIN deliveries d ON d.contact_id = r.contact_id AND +d.lane_id = r.lane_id JOIN lanes l ON l.id = d.lane_id LEFT JOIN delivery_exceptions x ON x.lane_id = d.lane_id AND x.seq = d.seq";
    APPEND (lane_id: Int, contact_id: Uuid, entry_id: Uuid, attributes: Text, events: Text, event_count: Int, purchases: Text, purchase_count: Int, created_at: Int) = "INSERT INTO deliveries (lane_id, contact_id, entry_id, attributes, events, event_count, purchases, purchase_count, created_at) SELECT r.lane_id, r.contact_id, r.entry_id, r.attributes, r.events, r.event_count, r.purchases, r.purchase_count, r.created_at FROM {rows} RETURNING seq, contact_id, entry_id";
    REPLACED (lane_id: Int, seq: Int, replaced_by: Int, now: Int) = "UPDATE delivery_exceptions SET state = 'replaced', replaced_by = r.replaced_by, due_at = NULL, updated_at = r.now FROM {rows} WHERE delivery_exceptions.lane_id = r.lane_id AND delivery_exceptions.seq = r.seq AND delivery_exceptions.state IN ('parked', 'unknown', 'skipped')";
    SKIPPED (lane_id: Int, seq: Int, code: Text, detail: Text, now: Int) = "UPDATE delivery_exceptions SET state = 'skipped', code = r.code, detail = r.detail, due_at = NULL, updated_at = r.now FROM {rows} WHERE delivery_exceptions.lane_id = r.lane_id AND delivery_exceptions.seq = r.seq AND delivery_exceptions.state IN ('parked', 'unknown', 'skipped')";
    BACK (lane_id: Int, seq: Int, now: Int) = "UPDATE delivery_exceptions SET state = 'retrying', marks = replace(replace(delivery_exceptions.marks, 'r', 'o'), 'u', 'o'), due_at = r.now, first_tried_at = NULL, attempts = 0, code = NULL, updated_at = r.now FROM {rows} WHERE delivery_exceptions.lane_id = r.lane_id AND delivery_exceptions.seq = r.seq AND delivery_exceptions.state IN ('parked', 'unknown')";
}

/// Reads the history of some contacts with a connection, asks `replan` what to make of each, and appends that. Nobody else
/// appends anything for these contacts until the transaction has ended.
pub async fn replan(
    tx: &mut Tx,
    lanes: &[i64],
    contacts: &[ContactId],
    now: Millis,
    replan: &(dyn Fn(ContactId, &History) -> Replanned + Sync),
) -> Result<Done> {
    diverge::take_turns(tx, contacts.iter().map(|id| entries::contact_turn(*id))).await?;
    let histories = read(tx, lanes, contacts).await?;
    let mut write = Write::default();
    let mut told = Vec::new();
    for (contact, history) in &histories {
        let Some(lane) = outbox::lane_of(*contact, lanes) else {
            continue;
        };
        let made = replan(*contact, history);
        if !(made.deliveries.is_empty() && made.settled.is_empty()) {
            told.push(*contact);
        }
        write.take(*contact, lane, made, now);
    }
    // What Braze has of them is another matter now: the next entry is sent whole.
    if let Some(lane) = lanes.first() {
        sent::forget_by_lane(tx, *lane, told).await?;
    }
    write.run(tx, now).await
}

/// The history of some contacts with a connection, by contact.
async fn read(
    tx: &mut Tx,
    lanes: &[i64],
    contacts: &[ContactId],
) -> Result<BTreeMap<ContactId, History>> {
    let all = || contacts.iter().map(|id| row![*id]).collect::<Vec<_>>();
    let mut histories: BTreeMap<ContactId, History> = BTreeMap::new();
    let mut plays: HashMap<PlayId, (ContactId, EntryId)> = HashMap::new();
    for mut row in tx.query_rows(&ENTRIES, all()).await? {
        let contact: ContactId = row.take(0)?;
        let entry = PastEntry {
            entry: row.take(1)?,
            card: row.take(2)?,
            accepted_at: row.take(3)?,
            content: row.take(4)?,
            consents: Vec::new(),
            play: None,
        };
        if let Some(play) = row.take::<Option<PlayId>>(5)? {
            plays.insert(play, (contact, entry.entry));
        }
        histories.entry(contact).or_default().entries.push(entry);
    }
    for mut row in tx.query_rows(&CONSENTS, all()).await? {
        let (contact, entry): (ContactId, EntryId) = (row.take(0)?, row.take(1)?);
        if let Some(entry) = entry_of(&mut histories, contact, entry) {
            entry.consents.push(PastConsent {
                key: row.take(2)?,
                given: row.take(3)?,
                version: row.take(4)?,
                locale: row.take(5)?,
                subscription: row.take(6)?,
            });
        }
    }
    let asked = plays.keys().map(|id| row![*id]).collect();
    for mut row in tx.query_rows(&PLAYS, asked).await? {
        let play: PlayId = row.take(0)?;
        let of = plays.get(&play).copied();
        if let Some(entry) = of.and_then(|(contact, id)| entry_of(&mut histories, contact, id)) {
            let (facts, finished_at): (_, Option<Millis>) = (row.take(1)?, row.take(2)?);
            entry.play = finished_at.map(|finished_at| PastPlay { facts, finished_at });
        }
    }
    let asked = contacts
        .iter()
        .filter_map(|id| Some(row![*id, outbox::lane_of(*id, lanes)?]));
    for mut row in tx.query_rows(&DELIVERIES, asked.collect()).await? {
        let contact: ContactId = row.take(0)?;
        let delivery = delivery(&mut row)?;
        let history = histories.entry(contact).or_default();
        history.deliveries.push(delivery);
    }
    for history in histories.values_mut() {
        history.entries.sort_by_key(|it| (it.accepted_at, it.entry));
        history.deliveries.sort_by_key(|it| it.seq);
    }
    Ok(histories)
}

fn entry_of(
    histories: &mut BTreeMap<ContactId, History>,
    contact: ContactId,
    entry: EntryId,
) -> Option<&mut PastEntry> {
    let entries = &mut histories.get_mut(&contact)?.entries;
    entries.iter_mut().find(|it| it.entry == entry)
}

fn delivery(row: &mut Row) -> Result<PastDelivery> {
    let (seq, cursor): (i64, i64) = (row.take(1)?, row.take(9)?);
    let state: Option<String> = row.take(3)?;
    Ok(PastDelivery {
        seq,
        entry: row.take(2)?,
        state: match state {
            Some(code) => code.parse()?,
            None if seq <= cursor => State::Delivered,
            None => State::Pending,
        },
        marks: row.take::<Option<String>>(4)?.unwrap_or_default(),
        has_attributes: row.take(5)?,
        events: row.take(6)?,
        purchases: row.take(7)?,
        is_call: row.take(8)?,
    })
}

/// What is written, gathered over the contacts.
#[derive(Default)]
struct Write {
    rows: Vec<Vec<crate::value::Value>>,
    skipped: Vec<(ContactId, Option<EntryId>, NewDelivery, Millis)>,
    settled: Vec<(ContactId, i64, i64, Settled)>,
    done: Done,
}

impl Write {
    fn take(&mut self, contact: ContactId, lane: i64, made: Replanned, now: Millis) {
        for (entry, delivery) in made.deliveries {
            self.done.deliveries += 1;
            if !self.done.lanes.contains(&lane) {
                self.done.lanes.push(lane);
            }
            if delivery.skipped.is_some() {
                self.skipped.push((contact, entry, delivery, now));
                continue;
            }
            let (events, purchases) = (delivery.events.len(), delivery.purchases.len());
            let objects = usize::from(delivery.attributes.is_some()) + events + purchases;
            self.done.objects += i64::try_from(objects).unwrap_or(0);
            self.rows.push(row![
                lane,
                contact,
                entry,
                delivery.attributes,
                delivery.events.join(","),
                events,
                delivery.purchases.join(","),
                purchases,
                now,
            ]);
        }
        for (seq, settled) in made.settled {
            self.settled.push((contact, lane, seq, settled));
        }
    }

    async fn run(mut self, tx: &mut Tx, now: Millis) -> Result<Done> {
        let mut by_entry: HashMap<(ContactId, Option<EntryId>), i64> = HashMap::new();
        let mut first: HashMap<ContactId, i64> = HashMap::new();
        for mut row in tx.query_rows(&APPEND, self.rows).await? {
            let (seq, contact, entry): (i64, ContactId, Option<EntryId>) =
                (row.take(0)?, row.take(1)?, row.take(2)?);
            by_entry.entry((contact, entry)).or_insert(seq);
            let first = first.entry(contact).or_insert(seq);
            *first = seq.min(*first);
        }
        outbox::append(tx, self.skipped).await?;
        let (mut replaced, mut skipped, mut back) = (Vec::new(), Vec::new(), Vec::new());
        for (contact, lane, seq, settled) in self.settled {
            match settled {
                Settled::Replaced(entry) => {
                    let by = entry.and_then(|_| {
                        let own = by_entry.get(&(contact, entry));
                        own.or_else(|| first.get(&contact)).copied()
                    });
                    replaced.push(row![lane, seq, by, now]);
                }
                Settled::Skipped(code, sentence) => {
                    skipped.push(row![lane, seq, code, sentence, now]);
                }
                Settled::Back => back.push(row![lane, seq, now]),
            }
        }
        self.done.back = !back.is_empty();
        self.done.settled = i64::try_from(replaced.len() + back.len())
            .map_err(|_| StoreError::Corrupt("too many deliveries at once".into()))?;
        tx.execute_rows(&REPLACED, replaced).await?;
        tx.execute_rows(&SKIPPED, skipped).await?;
        tx.execute_rows(&BACK, back).await?;
        Ok(self.done)
    }
}

/// Contacts after one, in the order of their ids, at most `limit`, those of other workspaces and erased ones left out; and the last one that
/// was looked at.
pub(super) async fn contacts_after(
    tx: &mut Tx,
    workspace: engage::ids::WorkspaceId,
    after: Option<ContactId>,
    limit: usize,
) -> Result<(Vec<ContactId>, Option<ContactId>)> {
    let after = after.map_or(uuid::Uuid::nil(), ContactId::uuid);
    let (mut ours, mut last) = (Vec::new(), None);
    for mut row in tx
        .query(&super::CONTACTS_AFTER, params![after, limit])
        .await?
    {
        let (id, of): (ContactId, engage::ids::WorkspaceId) = (row.take(0)?, row.take(1)?);
        let state: String = row.take(2)?;
        last = Some(id);
        if of == workspace && state != "erased" {
            ours.push(id);
        }
    }
    Ok((ours, last))
}
