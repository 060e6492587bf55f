//! Accepting entries: the hot path, an operation over a batch of waiting submissions.
//! Promises: an entry, its contact, its limit, its consents, its play and its deliveries are written in one transaction, and the
//! same submission sent twice is one entry. Leaves to others: parsing and rules (`engage`), delivering (`outbox`).

mod accept;
mod entered;

pub use accept::Accept;
pub(crate) use accept::{contact_turn, identity_turn, turn};

use engage::{
    entry::{EntryLimit, Identity, Person},
    ids::{CardId, ContactId, EntryId, HubId, PlayId, WorkspaceId},
    time::Millis,
};
use serde_json::Map;

use crate::{
    backfill::PastConsent, error::Result, outbox::NewDelivery, params, seam::Tx, sql::Sql,
    statements,
};

/// A submission that passed the form and the rules that need no storage. Ids are made by the caller.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// The workspace it belongs to.
    pub workspace: WorkspaceId,
    /// The hub it was sent on.
    pub hub: HubId,
    /// The card it was sent on.
    pub card: CardId,
    /// The id the entry gets when it is accepted.
    pub entry: EntryId,
    /// The id a contact gets when none is found.
    pub contact: ContactId,
    /// Two submissions with the same key are the same one, sent twice; none: nothing tells them apart.
    pub submission_key: Option<[u8; 16]>,
    /// A hash of what was submitted: tells a repetition from another submission under a used key.
    pub fingerprint: [u8; 16],
    /// The person's identifiers, strongest first.
    pub identities: Vec<Identity>,
    /// What makes two entries the same person's; none: nobody to compare with.
    pub person: Option<Person>,
    /// How often one person may enter.
    pub limit: EntryLimit,
    /// `qualified`, `disqualified` or a status of the author's.
    pub status: String,
    /// What the contact's profile learns.
    pub properties: Map<String, serde_json::Value>,
    /// One JSON object: fields, parameters, locale.
    pub content: String,
    /// What was agreed to or not.
    pub consents: Vec<NewConsent>,
    /// The play this entry belongs to.
    pub play: Option<EntryPlay>,
    /// What goes to the hub's connections.
    pub deliveries: Vec<NewDelivery>,
    /// The moment of acceptance.
    pub now: Millis,
}

/// How an entry and a play hang together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryPlay {
    /// The form came first: the play starts with the entry.
    Starts(PlayId),
    /// The form came last: the play was finished before and now gets its entry.
    Finished(PlayId),
    /// The card has nothing to play; the id only names the submission.
    Named(PlayId),
}

impl EntryPlay {
    /// The play's id.
    pub const fn id(self) -> PlayId {
        match self {
            Self::Starts(id) | Self::Finished(id) | Self::Named(id) => id,
        }
    }
}

/// One recorded yes or no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewConsent {
    /// The field's key.
    pub key: String,
    /// The subscription it is about, if any.
    pub subscription: Option<String>,
    /// Yes or no.
    pub given: bool,
    /// The author's version of the text.
    pub version: String,
    /// SHA-256 of the exact text.
    pub text_hash: [u8; 32],
    /// The exact text.
    pub text: String,
    /// The language it was shown in.
    pub locale: String,
}

/// What came of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is an entry now, and on disk.
    Accepted {
        /// The entry.
        entry: EntryId,
        /// Whose it is.
        contact: ContactId,
    },
    /// It had been accepted before: the first answer again.
    Repeated {
        /// The entry.
        entry: EntryId,
        /// Its status then.
        status: String,
    },
    /// Its key was used by another submission. Nothing was written.
    KeyUsed,
    /// The person has entered as often as the card allows. Nothing was written.
    AlreadyEntered {
        /// When the person may enter again; none: never.
        again_at: Option<Millis>,
    },
    /// The play is another entry's, or is not finished. Nothing was written.
    PlayUnusable,
}

statements! {
    CONTENT = "SELECT content FROM entries WHERE id = $1 AND card_id = $2";
    CONSENTS = "SELECT key, given, version, locale, subscription FROM consents WHERE contact_id = $1 AND entry_id = $2";
    COUNT = "SELECT count(*) FROM entries WHERE card_id = $1";
}

/// The statements of accepting, for the test that prepares them on both databases.
pub(crate) static ACCEPT_STATEMENTS: &[&Sql] = accept::STATEMENTS;

/// What was sent with an entry: one JSON object with `fields`, `params` and `locale`.
pub async fn content(tx: &mut Tx, card: CardId, entry: EntryId) -> Result<Option<String>> {
    tx.query_opt(&CONTENT, params![entry, card])
        .await?
        .map(|mut row| row.take(0))
        .transpose()
}

/// What a contact agreed to or not with an entry.
pub async fn consents(tx: &mut Tx, contact: ContactId, entry: EntryId) -> Result<Vec<PastConsent>> {
    let rows = tx.query(&CONSENTS, params![contact, entry]).await?;
    let consents = rows.into_iter().map(|mut row| {
        Ok(PastConsent {
            key: row.take(0)?,
            given: row.take(1)?,
            version: row.take(2)?,
            locale: row.take(3)?,
            subscription: row.take(4)?,
        })
    });
    consents.collect()
}

/// The number of entries of a card.
pub async fn count(tx: &mut Tx, card: CardId) -> Result<i64> {
    match tx.query_opt(&COUNT, params![card]).await? {
        Some(mut row) => row.take(0),
        None => Ok(0),
    }
}
