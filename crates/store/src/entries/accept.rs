//! Accepting a batch: read what is stored about its submissions, decide one after the other, write everything at once.
//! Promises: decisions see those before them in the same batch; the number of statements does not grow with the batch on
//! PostgreSQL. Leaves to others: what an entry is (the parent), group commit (`seam`).

use std::collections::{BTreeMap, HashMap, HashSet, hash_map::Entry};

use engage::{
    entry::{Decision, IdentityKind, Person, grow},
    ids::{CardId, ContactId, EntryId, PlayId, WorkspaceId},
    mapping::sent::Sent,
    time::Millis,
};
use serde_json::Map;

use super::{EntryPlay, NewEntry, Verdict, entered};
use crate::{
    error::{Result, StoreError},
    outbox::{self, NewDelivery},
    row,
    seam::{BatchOp, Body, Tx, diverge},
    sent::{self, Savings},
    statements,
    value::{Row, Value},
};

statements! {
    SUBMISSIONS (n: Int, card_id: Uuid, submission_key: Bytes) = "SELECT r.n, e.id, e.fingerprint, e.status FROM {rows} JOIN entries e ON e.card_id = r.card_id AND e.submission_key = r.submission_key";
    PERSONS (n: Int, card_id: Uuid, person: Bytes) = "SELECT r.n, p.times FROM {rows} JOIN entry_persons p ON p.card_id = r.card_id AND p.person = r.person";
    CONTACT_KEYS (n: Int, workspace_id: Uuid, kind: Text, value: Text) = "SELECT r.n, k.contact_id, k.entered FROM {rows} JOIN contact_keys k ON k.workspace_id = r.workspace_id AND k.kind = r.kind AND k.value = r.value";
    CONTACTS (id: Uuid) = "SELECT c.id, c.properties, c.sent FROM {rows} JOIN contacts c ON c.id = r.id";
    PLAYS (id: Uuid) = "SELECT p.id, p.state, p.entry_id, p.card_id FROM {rows} JOIN plays p ON p.id = r.id";
    INSERT_CONTACTS (id: Uuid, workspace_id: Uuid, state: Text, properties: Text, sent: Text, now: Int) = "INSERT INTO contacts (id, workspace_id, state, properties, sent, created_at, updated_at) SELECT r.id, r.workspace_id, r.state, r.properties, r.sent, r.now, r.now FROM {rows}";
    UPDATE_CONTACTS (id: Uuid, properties: Text, sent: Text, now: Int) = "UPDATE contacts SET properties = r.properties, sent = r.sent, updated_at = r.now FROM {rows} WHERE contacts.id = r.id";
    INSERT_CONTACT_KEYS (workspace_id: Uuid, kind: Text, value: Text, contact_id: Uuid, entered: Text) = "INSERT INTO contact_keys (workspace_id, kind, value, contact_id, entered) SELECT r.workspace_id, r.kind, r.value, r.contact_id, r.entered FROM {rows}";
    UPDATE_CONTACT_KEYS (workspace_id: Uuid, kind: Text, value: Text, entered: Text) = "UPDATE contact_keys SET entered = r.entered FROM {rows} WHERE contact_keys.workspace_id = r.workspace_id AND contact_keys.kind = r.kind AND contact_keys.value = r.value";
    INSERT_ENTRIES (id: Uuid, workspace_id: Uuid, card_id: Uuid, contact_id: Uuid, submission_key: Bytes, fingerprint: Bytes, status: Text, play_id: Uuid, content: Text, accepted_at: Int) = "INSERT INTO entries (id, workspace_id, card_id, contact_id, submission_key, fingerprint, status, play_id, content, accepted_at) SELECT r.id, r.workspace_id, r.card_id, r.contact_id, r.submission_key, r.fingerprint, r.status, r.play_id, r.content, r.accepted_at FROM {rows}";
    UPSERT_PERSONS (card_id: Uuid, person: Bytes, times: Text) = "INSERT INTO entry_persons (card_id, person, times) SELECT r.card_id, r.person, r.times FROM {rows} WHERE true ON CONFLICT (card_id, person) DO UPDATE SET times = excluded.times";
    INSERT_CONSENT_TEXTS (hash: Bytes, content: Text) = "INSERT INTO consent_texts (hash, content) SELECT r.hash, r.content FROM {rows} WHERE true ON CONFLICT (hash) DO NOTHING";
    INSERT_CONSENTS (workspace_id: Uuid, contact_id: Uuid, entry_id: Uuid, key: Text, subscription: Text, given: Int, version: Text, text_hash: Bytes, locale: Text, recorded_at: Int) = "INSERT INTO consents (workspace_id, contact_id, entry_id, key, subscription, given, version, text_hash, locale, recorded_at) SELECT r.workspace_id, r.contact_id, r.entry_id, r.key, r.subscription, r.given, r.version, r.text_hash, r.locale, r.recorded_at FROM {rows}";
    INSERT_PLAYS (id: Uuid, workspace_id: Uuid, card_id: Uuid, contact_id: Uuid, entry_id: Uuid, now: Int) = "INSERT INTO plays (id, workspace_id, card_id, contact_id, entry_id, state, facts, started_at, finished_at) SELECT r.id, r.workspace_id, r.card_id, r.contact_id, r.entry_id, 'started', '{}', r.now, NULL FROM {rows}";
    LINK_PLAYS (id: Uuid, contact_id: Uuid, entry_id: Uuid) = "UPDATE plays SET contact_id = r.contact_id, entry_id = r.entry_id FROM {rows} WHERE plays.id = r.id";
}

/// Accepts a batch of submissions, in their order.
#[derive(Debug)]
pub enum Accept {}

impl BatchOp for Accept {
    type Item = NewEntry;
    type Verdict = Verdict;

    fn run<'a>(tx: &'a mut Tx, items: &'a [NewEntry]) -> Body<'a, Vec<Verdict>> {
        Box::pin(accept(tx, items))
    }
}

async fn accept(tx: &mut Tx, items: &[NewEntry]) -> Result<Vec<Verdict>> {
    diverge::take_turns(tx, items.iter().flat_map(turns)).await?;
    let mut known = Known::read(tx, items).await?;
    let mut writes = Writes::default();
    // One after the other, each seeing what those before it did: two submissions of one person may be in the same batch.
    let verdicts = items
        .iter()
        .map(|item| known.decide(item, &mut writes))
        .collect();
    writes.run(tx, &known).await?;
    Ok(verdicts)
}

/// What two submissions must take turns over: the submission itself, the person, the contact, the play.
fn turns(item: &NewEntry) -> impl Iterator<Item = i64> + '_ {
    let card = item.card.uuid();
    let submission = item
        .submission_key
        .map(|key| turn(&[card.as_bytes(), &key]));
    // A person told by an identifier takes turns by that identifier, below.
    let person = fields_person(item).map(|hash| turn(&[card.as_bytes(), b"person", &hash]));
    let play = item
        .play
        .filter(|play| !matches!(play, EntryPlay::Named(_)))
        .map(|play| turn(&[b"play", play.id().uuid().as_bytes()]));
    let contacts = item
        .identities
        .iter()
        .map(move |identity| identity_turn(item.workspace, identity.kind.word(), &identity.value));
    submission
        .into_iter()
        .chain(person)
        .chain(play)
        .chain(contacts)
}

/// What whoever changes the way from an identifier to its contact takes a turn over.
pub(crate) fn identity_turn(workspace: WorkspaceId, kind: &str, value: &str) -> i64 {
    turn(&[
        workspace.uuid().as_bytes(),
        kind.as_bytes(),
        value.as_bytes(),
    ])
}

/// What whoever changes a contact takes a turn over, after those of its identifiers.
pub(crate) fn contact_turn(contact: ContactId) -> i64 {
    turn(&[b"contact", contact.uuid().as_bytes()])
}

/// A number for a key. Two keys that happen to share one only wait for each other.
pub(crate) fn turn(parts: &[&[u8]]) -> i64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    // Every node of a cluster must come to the same number: this hasher's keys are fixed.
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish().cast_signed()
}

/// The person's hash, where the card counts and does so by other fields than an identifier.
fn fields_person(item: &NewEntry) -> Option<[u8; 16]> {
    match item.person {
        Some(Person::Fields(hash)) if item.limit.counts() => Some(hash),
        _ => None,
    }
}

/// An identifier of a workspace: its kind and value.
type IdentityKey<'a> = (WorkspaceId, IdentityKind, &'a str);

/// An entry that was accepted before: its id, the fingerprint of what was sent, its status.
type Submission = (EntryId, Vec<u8>, String);

/// An identifier that is stored, or is about to be.
struct KnownIdentity {
    contact: ContactId,
    /// When its owner has entered which card (`super::entered`).
    entered: String,
    stored: bool,
    changed: bool,
}

/// What a contact's profile holds.
enum Profile<'a> {
    /// New, and so far only what this entry told: it can be written as it came.
    Told(&'a NewEntry),
    Grown(Map<String, serde_json::Value>),
}

/// What the connections have been sent of a contact: read only when it is needed.
#[derive(Default)]
struct Knowledge {
    stored: String,
    read: Option<Sent>,
}

impl Knowledge {
    fn stored(text: String) -> Self {
        Self {
            stored: text,
            read: None,
        }
    }

    fn text(&self) -> String {
        self.read
            .as_ref()
            .map_or_else(|| self.stored.clone(), Sent::write)
    }

    fn read(&mut self) -> &mut Sent {
        self.read.get_or_insert_with(|| Sent::read(&self.stored))
    }
}

/// What is stored about the batch's submissions, persons and contacts, kept up to date while deciding.
#[derive(Default)]
struct Known<'a> {
    submissions: HashMap<(CardId, [u8; 16]), Submission>,
    persons: HashMap<(CardId, [u8; 16]), Vec<Millis>>,
    identities: HashMap<IdentityKey<'a>, KnownIdentity>,
    contacts: HashMap<ContactId, Profile<'a>>,
    /// By contact; none: nothing has been sent.
    sent: HashMap<ContactId, Knowledge>,
    /// State, entry and card of a play. An id may be another card's: then the play is not usable here.
    plays: HashMap<PlayId, (String, Option<EntryId>, CardId)>,
}

fn identity_keys(item: &NewEntry) -> impl Iterator<Item = IdentityKey<'_>> {
    let identities = item.identities.iter();
    identities.map(|it| (item.workspace, it.kind, it.value.as_str()))
}

impl<'a> Known<'a> {
    async fn read(tx: &mut Tx, items: &'a [NewEntry]) -> Result<Self> {
        let mut known = Self::default();
        let numbered = || (0_i64..).zip(items);
        let item = |row: &mut Row| -> Result<&NewEntry> {
            let n: i64 = row.take(0)?;
            usize::try_from(n)
                .ok()
                .and_then(|n| items.get(n))
                .ok_or_else(|| StoreError::Corrupt("a row for no item".into()))
        };
        let keys: Vec<IdentityKey<'a>> = {
            let mut seen = HashSet::new();
            let all = items.iter().flat_map(identity_keys);
            all.filter(|key| seen.insert(*key)).collect()
        };
        let asked = vec![
            (
                &SUBMISSIONS,
                numbered()
                    .filter_map(|(n, item)| {
                        Some(row![n, item.card, item.submission_key?.as_slice()])
                    })
                    .collect(),
            ),
            (
                &PERSONS,
                numbered()
                    .filter_map(|(n, item)| {
                        Some(row![n, item.card, fields_person(item)?.as_slice()])
                    })
                    .collect(),
            ),
            (
                &CONTACT_KEYS,
                (0_i64..)
                    .zip(&keys)
                    .map(|(n, (workspace, kind, value))| row![n, *workspace, kind.word(), *value])
                    .collect(),
            ),
            (
                &PLAYS,
                items
                    .iter()
                    .filter_map(|item| match item.play {
                        Some(EntryPlay::Finished(id) | EntryPlay::Starts(id)) => Some(row![id]),
                        _ => None,
                    })
                    .collect(),
            ),
        ];
        let mut answers = tx.query_all(asked).await?.into_iter();
        for mut row in answers.next().unwrap_or_default() {
            let item = item(&mut row)?;
            let found = (row.take(1)?, row.take(2)?, row.take(3)?);
            if let Some(key) = item.submission_key {
                known.submissions.insert((item.card, key), found);
            }
        }
        for mut row in answers.next().unwrap_or_default() {
            let item = item(&mut row)?;
            let times: String = row.take(1)?;
            if let Some(person) = fields_person(item) {
                let times = entered::read_times(&times)?;
                known.persons.insert((item.card, person), times);
            }
        }
        for mut row in answers.next().unwrap_or_default() {
            let n: i64 = row.take(0)?;
            if let Some(key) = usize::try_from(n).ok().and_then(|n| keys.get(n)) {
                let identity = KnownIdentity {
                    contact: row.take(1)?,
                    entered: row.take(2)?,
                    stored: true,
                    changed: false,
                };
                known.identities.insert(*key, identity);
            }
        }
        for mut row in answers.next().unwrap_or_default() {
            let found = (row.take(1)?, row.take(2)?, row.take(3)?);
            known.plays.insert(row.take(0)?, found);
        }

        let ids: HashSet<ContactId> = known.identities.values().map(|it| it.contact).collect();
        if ids.is_empty() {
            return Ok(known);
        }
        // One contact may be named by its address here and by its number in another batch: they take turns, too, or the later
        // one would write over what the earlier one told.
        diverge::take_turns(tx, ids.iter().map(|id| contact_turn(*id))).await?;
        let rows = ids.into_iter().map(|id| row![id]).collect();
        for mut row in tx.query_rows(&CONTACTS, rows).await? {
            let (id, properties): (ContactId, String) = (row.take(0)?, row.take(1)?);
            if let Some(text) = row.take(2)? {
                known.sent.insert(id, Knowledge::stored(text));
            }
            let properties = serde_json::from_str(&properties)
                .map_err(|error| StoreError::Corrupt(error.to_string()))?;
            known.contacts.insert(id, Profile::Grown(properties));
        }
        Ok(known)
    }

    fn decide(&mut self, item: &'a NewEntry, writes: &mut Writes<'a>) -> Verdict {
        if let Some(key) = item.submission_key
            && let Some((entry, fingerprint, status)) = self.submissions.get(&(item.card, key))
        {
            return if fingerprint.as_slice() == item.fingerprint {
                Verdict::Repeated {
                    entry: *entry,
                    status: status.clone(),
                }
            } else {
                Verdict::KeyUsed
            };
        }
        match item.play {
            Some(EntryPlay::Finished(id)) if !matches!(self.plays.get(&id), Some((state, None, card)) if state == "finished" && *card == item.card) =>
            {
                return Verdict::PlayUnusable;
            }
            Some(EntryPlay::Starts(id)) if self.plays.contains_key(&id) => {
                return Verdict::PlayUnusable;
            }
            _ => {}
        }
        let counted = match self.count(item) {
            Ok(counted) => counted,
            Err(refused) => return refused,
        };
        let contact = self.contact(item, writes);
        if let Some(times) = counted {
            self.remember(item, times, writes);
        }
        if let Some(key) = item.submission_key {
            self.submissions.insert(
                (item.card, key),
                (item.entry, item.fingerprint.to_vec(), item.status.clone()),
            );
        }
        if let Some(EntryPlay::Starts(id) | EntryPlay::Finished(id)) = item.play {
            self.plays
                .insert(id, ("taken".into(), Some(item.entry), item.card));
        }
        let deliveries = self.deliveries(item, contact, writes);
        writes.entry(item, contact, deliveries);
        Verdict::Accepted {
            entry: item.entry,
            contact,
        }
    }

    /// What to remember of the person's entries, this one included; none where nothing is counted. `Err`: not now.
    fn count(&self, item: &NewEntry) -> std::result::Result<Option<Vec<Millis>>, Verdict> {
        let Some(person) = item.person.filter(|_| item.limit.counts()) else {
            return Ok(None);
        };
        let earlier = match person {
            Person::Identity(place) => identity_keys(item)
                .nth(place)
                .and_then(|key| self.identities.get(&key))
                .map(|it| entered::on(&it.entered, item.card))
                .unwrap_or_default(),
            Person::Fields(hash) => {
                let times = self.persons.get(&(item.card, hash));
                times.cloned().unwrap_or_default()
            }
        };
        match item.limit.decide(&earlier, item.now) {
            Decision::Refused { again_at } => Err(Verdict::AlreadyEntered { again_at }),
            Decision::Allowed { times } => Ok(Some(times)),
        }
    }

    fn remember(&mut self, item: &'a NewEntry, times: Vec<Millis>, writes: &mut Writes<'a>) {
        match item.person {
            Some(Person::Identity(place)) => {
                let key = identity_keys(item).nth(place);
                if let Some(identity) = key.and_then(|key| self.identities.get_mut(&key)) {
                    entered::set(&mut identity.entered, item.card, &times);
                    identity.changed = true;
                }
            }
            Some(Person::Fields(hash)) => {
                self.persons.insert((item.card, hash), times);
                writes.persons.insert((item.card, hash));
            }
            None => {}
        }
    }

    /// The contact that one of the identifiers names, else a new one; its profile grows. An identifier that belongs to
    /// somebody else stays theirs: joining two people needs a proof that a form can't give.
    fn contact(&mut self, item: &'a NewEntry, writes: &mut Writes<'a>) -> ContactId {
        let found =
            identity_keys(item).find_map(|key| self.identities.get(&key).map(|it| it.contact));
        let contact = found.unwrap_or(item.contact);
        for key in identity_keys(item) {
            self.identities.entry(key).or_insert(KnownIdentity {
                contact,
                entered: String::new(),
                stored: false,
                changed: false,
            });
        }
        match self.contacts.entry(contact) {
            Entry::Occupied(mut profile) => {
                if let Profile::Told(first) = profile.get() {
                    let told = first.properties.clone();
                    profile.insert(Profile::Grown(told));
                }
                if let Profile::Grown(properties) = profile.get_mut()
                    && grow(properties, &item.properties)
                    && !writes.new_contacts.contains_key(&contact)
                {
                    writes.grown.insert(contact, item.now);
                }
            }
            Entry::Vacant(free) => {
                free.insert(Profile::Told(item));
                writes.new_contacts.insert(contact, item);
            }
        }
        contact
    }

    /// What goes out for the entry: of somebody new everything, else what the connections do not have yet.
    fn deliveries(
        &mut self,
        item: &NewEntry,
        contact: ContactId,
        writes: &mut Writes<'a>,
    ) -> Vec<NewDelivery> {
        let is_new = writes
            .new_contacts
            .get(&contact)
            .is_some_and(|first| first.entry == item.entry);
        if is_new {
            let (deliveries, text) = sent::all_of(&item.deliveries);
            self.sent
                .extend(text.map(|text| (contact, Knowledge::stored(text))));
            return deliveries;
        }
        if item.deliveries.iter().all(|it| it.delta.is_none()) {
            return item.deliveries.clone();
        }
        let known = self.sent.entry(contact).or_default().read();
        let before = known.clone();
        let news = sent::news_of(&item.deliveries, contact, known, &mut writes.savings);
        if *known != before && !writes.new_contacts.contains_key(&contact) {
            writes.grown.insert(contact, item.now);
        }
        news
    }

    fn properties(&self, contact: ContactId) -> Result<String> {
        let properties = match self.contacts.get(&contact) {
            Some(Profile::Told(item)) => &item.properties,
            Some(Profile::Grown(properties)) => properties,
            None => return Err(StoreError::Corrupt("a contact without properties".into())),
        };
        serde_json::to_string(properties).map_err(|error| StoreError::Corrupt(error.to_string()))
    }
}

impl Known<'_> {
    fn sent_text(&self, contact: ContactId) -> Option<String> {
        self.sent.get(&contact).map(Knowledge::text)
    }
}

/// What the batch writes, gathered while deciding.
#[derive(Default)]
struct Writes<'a> {
    /// With the entry that made them.
    new_contacts: BTreeMap<ContactId, &'a NewEntry>,
    /// Whose properties have grown, or of whom something new is sent.
    grown: BTreeMap<ContactId, Millis>,
    savings: Savings,
    persons: HashSet<(CardId, [u8; 16])>,
    entries: Vec<Vec<Value>>,
    consent_texts: BTreeMap<[u8; 32], String>,
    consents: Vec<Vec<Value>>,
    new_plays: Vec<Vec<Value>>,
    linked_plays: Vec<Vec<Value>>,
    deliveries: Vec<(ContactId, Option<EntryId>, NewDelivery, Millis)>,
}

impl<'a> Writes<'a> {
    fn entry(&mut self, item: &'a NewEntry, contact: ContactId, deliveries: Vec<NewDelivery>) {
        self.entries.push(row![
            item.entry,
            item.workspace,
            item.card,
            contact,
            item.submission_key.as_ref().map(<[u8; 16]>::as_slice),
            item.fingerprint.as_slice(),
            item.status.as_str(),
            item.play.map(EntryPlay::id),
            item.content.as_str(),
            item.now,
        ]);
        for consent in &item.consents {
            self.consent_texts
                .entry(consent.text_hash)
                .or_insert_with(|| consent.text.clone());
            self.consents.push(row![
                item.workspace,
                contact,
                item.entry,
                consent.key.as_str(),
                consent.subscription.as_deref(),
                consent.given,
                consent.version.as_str(),
                consent.text_hash.as_slice(),
                consent.locale.as_str(),
                item.now,
            ]);
        }
        match item.play {
            Some(EntryPlay::Starts(id)) => {
                self.new_plays.push(row![
                    id,
                    item.workspace,
                    item.card,
                    contact,
                    item.entry,
                    item.now
                ]);
            }
            Some(EntryPlay::Finished(id)) => self.linked_plays.push(row![id, contact, item.entry]),
            Some(EntryPlay::Named(_)) | None => {}
        }
        let planned = deliveries
            .into_iter()
            .map(|delivery| (contact, Some(item.entry), delivery, item.now));
        self.deliveries.extend(planned);
    }

    async fn run(self, tx: &mut Tx, known: &Known<'_>) -> Result<()> {
        let contacts = self.new_contacts.iter().map(|(id, item)| {
            let state = if item.identities.is_empty() {
                "anonymous"
            } else {
                "identified"
            };
            let (properties, sent) = (known.properties(*id)?, known.sent_text(*id));
            Ok(row![*id, item.workspace, state, properties, sent, item.now])
        });
        let contacts = contacts.collect::<Result<_>>()?;
        let grown = self
            .grown
            .iter()
            .map(|(id, now)| {
                let (properties, sent) = (known.properties(*id)?, known.sent_text(*id));
                Ok(row![*id, properties, sent, *now])
            })
            .collect::<Result<_>>()?;
        let (mut new_keys, mut changed_keys) = (Vec::new(), Vec::new());
        for ((workspace, kind, value), it) in &known.identities {
            let entered = it.entered.as_str();
            if !it.stored {
                new_keys.push(row![*workspace, kind.word(), *value, it.contact, entered]);
            } else if it.changed {
                changed_keys.push(row![*workspace, kind.word(), *value, entered]);
            }
        }
        let persons = self.persons.iter().map(|key| {
            let times = known
                .persons
                .get(key)
                .map(Vec::as_slice)
                .unwrap_or_default();
            row![key.0, key.1.as_slice(), entered::write_times(times)]
        });
        let persons = persons.collect();
        let texts = self
            .consent_texts
            .into_iter()
            .map(|(hash, text)| row![hash.as_slice(), text])
            .collect();

        let chance = self.deliveries.first().map(|(contact, ..)| *contact);
        let count = self.savings.count(chance);
        tx.execute_all(vec![
            (&INSERT_CONTACTS, contacts),
            (&UPDATE_CONTACTS, grown),
            (&INSERT_CONTACT_KEYS, new_keys),
            (&UPDATE_CONTACT_KEYS, changed_keys),
            (&INSERT_ENTRIES, self.entries),
            (&UPSERT_PERSONS, persons),
            (&INSERT_CONSENT_TEXTS, texts),
            (&INSERT_CONSENTS, self.consents),
            (&INSERT_PLAYS, self.new_plays),
            (&LINK_PLAYS, self.linked_plays),
            count,
        ])
        .await?;
        outbox::append(tx, self.deliveries).await
    }
}
