//! The latest entry of a hub, for a look at what a mapping makes of it.
//! Promises: a bounded look back; no entry of another hub.
//! Leaves to others: what is sent of it (`engage::mapping`).

use engage::{
    ids::{EntryId, HubId},
    time::Millis,
};

use crate::{error::Result, params, seam::Tx, statements};

/// What is stored of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latest {
    /// The entry.
    pub entry: EntryId,
    /// Its card's key.
    pub card: String,
    /// When it was accepted.
    pub accepted_at: Millis,
    /// One JSON object: fields, parameters, locale.
    pub content: String,
    /// What its play told, as a JSON object; none when nothing was played.
    pub facts: Option<String>,
    /// Keys of its consents, with yes or no and the subscription.
    pub consents: Vec<(String, bool, Option<String>)>,
}

statements! {
    LATEST = "SELECT x.id, c.key, x.accepted_at, x.content, p.facts FROM (SELECT id, card_id, accepted_at, content, play_id FROM entries ORDER BY id DESC LIMIT 2000) x JOIN cards c ON c.id = x.card_id LEFT JOIN plays p ON p.id = x.play_id WHERE c.hub_id = $1 ORDER BY x.id DESC LIMIT 1";
    CONSENTS = "SELECT s.key, s.given, s.subscription FROM consents s JOIN entries e ON e.contact_id = s.contact_id AND e.id = s.entry_id WHERE e.id = $1 ORDER BY s.key";
}

/// The latest entry of a hub, among the newest two thousand of the installation.
pub async fn latest_entry(tx: &mut Tx, hub: HubId) -> Result<Option<Latest>> {
    let Some(mut row) = tx.query_opt(&LATEST, params![hub]).await? else {
        return Ok(None);
    };
    let entry: EntryId = row.take(0)?;
    let mut consents = Vec::new();
    for mut row in tx.query(&CONSENTS, params![entry]).await? {
        consents.push((row.take(0)?, row.take(1)?, row.take(2)?));
    }
    Ok(Some(Latest {
        entry,
        card: row.take(1)?,
        accepted_at: row.take(2)?,
        content: row.take(3)?,
        facts: row.take(4)?,
        consents,
    }))
}
