//! Drafts: changed step by step in the studio, taken back, made again; and the publications that came of them.
//! Promises: nobody overwrites what they have not seen (the revision says so); taking back gives the exact earlier document.
//! Leaves to others: what a document means (`engage::hub`), which words name a change (`komo`).

use engage::{
    ids::{HubId, MemberId},
    time::Millis,
};

use super::{Hub, changed};
use crate::{error::Result, params, seam::Tx, statements};

/// How many steps of a draft are kept.
pub const MOST_STEPS: i64 = 120;
/// Changes of the same thing by the same member within this time are one step: a sentence is not taken back letter by letter.
const ONE_STEP_MS: i64 = 60_000;

statements! {
    CHANGE = "UPDATE hubs SET draft = $1, draft_step = $2, revision = revision + 1, updated_at = $3 WHERE id = $4 AND workspace_id = $5 AND revision = $6";
    AT = "SELECT draft_step FROM hubs WHERE id = $1";
    STEP = "SELECT document, words, member_id, made_at FROM draft_steps WHERE hub_id = $1 AND step = $2";
    WORDS = "SELECT step, words FROM draft_steps WHERE hub_id = $1 AND step BETWEEN $2 AND $3 ORDER BY step";
    INSERT_STEP = "INSERT INTO draft_steps (hub_id, step, document, words, member_id, made_at) VALUES ($1, $2, $3, $4, $5, $6)";
    REPLACE_STEP = "UPDATE draft_steps SET document = $1 WHERE hub_id = $2 AND step = $3";
    FORGET_AFTER = "DELETE FROM draft_steps WHERE hub_id = $1 AND step > $2";
    FORGET_BEFORE = "DELETE FROM draft_steps WHERE hub_id = $1 AND step <= $2";
    LAST_BY = "SELECT m.name, s.made_at FROM draft_steps s JOIN members m ON m.id = s.member_id WHERE s.hub_id = $1 AND s.step = $2";
    VERSIONS = "SELECT version, created_at FROM publications WHERE hub_id = $1 ORDER BY version DESC LIMIT 30";
    PUBLICATION = "SELECT document FROM publications WHERE hub_id = $1 AND version = $2";
    GO_LIVE = "UPDATE hubs SET published_version = $1, updated_at = $2 WHERE id = $3";
}

/// A change of a draft.
#[derive(Clone, Debug)]
pub struct Change {
    /// The draft from now on, as JSON.
    pub document: String,
    /// What was changed, in the words of the button that takes it back.
    pub words: String,
    /// Who does it.
    pub member: MemberId,
    /// Whether it continues the same member's last change if that has the same words.
    pub joins: bool,
}

/// What can be taken back and made again, and who was here last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// What would be taken back.
    pub undo: Option<String>,
    /// What would be made again.
    pub redo: Option<String>,
    /// Who made the last step, and when it was begun.
    pub last: Option<(String, Millis)>,
}

struct Step {
    document: String,
    words: String,
    member: Option<MemberId>,
    made_at: Millis,
}

async fn at(tx: &mut Tx, hub: HubId) -> Result<i64> {
    match tx.query_opt(&AT, params![hub]).await? {
        Some(mut row) => row.take(0),
        None => Ok(0),
    }
}

async fn step(tx: &mut Tx, hub: HubId, number: i64) -> Result<Option<Step>> {
    let Some(mut row) = tx.query_opt(&STEP, params![hub, number]).await? else {
        return Ok(None);
    };
    Ok(Some(Step {
        document: row.take(0)?,
        words: row.take(1)?,
        member: row.take(2)?,
        made_at: row.take(3)?,
    }))
}

/// Saves a draft, if it still is what the caller has seen (`hub`); false when somebody else was quicker.
pub async fn change(tx: &mut Tx, hub: &Hub, new: Change, now: Millis) -> Result<bool> {
    let mut number = at(tx, hub.id).await?;
    let current = step(tx, hub.id, number).await?;
    let known = current.as_ref().is_some_and(|it| it.document == hub.draft);
    let joins = known
        && new.joins
        && current.is_some_and(|it| {
            it.words == new.words
                && it.member == Some(new.member)
                && now.since(it.made_at) < ONE_STEP_MS
        });
    let before = number;
    if !joins {
        // What came from elsewhere (an import, the first change at all) is a step to go back to, too.
        number += if known { 1 } else { 2 };
    }
    let values = params![
        new.document.as_str(),
        number,
        now,
        hub.id,
        hub.workspace,
        hub.revision
    ];
    if tx.execute(&CHANGE, values).await? != 1 {
        return Ok(false);
    }
    tx.execute(&FORGET_AFTER, params![hub.id, before]).await?;
    if joins {
        tx.execute(&REPLACE_STEP, params![new.document, hub.id, number])
            .await?;
        return Ok(true);
    }
    if !known {
        let values = params![
            hub.id,
            number - 1,
            hub.draft.as_str(),
            "",
            None::<MemberId>,
            now
        ];
        tx.execute(&INSERT_STEP, values).await?;
    }
    let values = params![hub.id, number, new.document, new.words, new.member, now];
    tx.execute(&INSERT_STEP, values).await?;
    tx.execute(&FORGET_BEFORE, params![hub.id, number - MOST_STEPS])
        .await?;
    Ok(true)
}

/// Takes the last change back; answers what it was, or nothing when there is none or somebody else was quicker.
pub async fn undo(tx: &mut Tx, hub: &Hub, now: Millis) -> Result<Option<String>> {
    let number = at(tx, hub.id).await?;
    let Some(current) = step(tx, hub.id, number).await? else {
        return Ok(None);
    };
    if current.document != hub.draft {
        return Ok(None);
    }
    go(tx, hub, number - 1, now, current.words).await
}

/// Makes the change again that was taken back last; answers what it was.
pub async fn redo(tx: &mut Tx, hub: &Hub, now: Millis) -> Result<Option<String>> {
    let number = at(tx, hub.id).await?;
    let here = step(tx, hub.id, number).await?;
    let next = step(tx, hub.id, number + 1).await?;
    match (here, next) {
        (Some(here), Some(next)) if here.document == hub.draft => {
            go(tx, hub, number + 1, now, next.words).await
        }
        _ => Ok(None),
    }
}

async fn go(
    tx: &mut Tx,
    hub: &Hub,
    number: i64,
    now: Millis,
    words: String,
) -> Result<Option<String>> {
    let Some(target) = step(tx, hub.id, number).await? else {
        return Ok(None);
    };
    let values = params![
        target.document,
        number,
        now,
        hub.id,
        hub.workspace,
        hub.revision
    ];
    Ok((tx.execute(&CHANGE, values).await? == 1).then_some(words))
}

/// What can be taken back and made again.
pub async fn around(tx: &mut Tx, hub: &Hub) -> Result<Around> {
    let number = at(tx, hub.id).await?;
    let known = step(tx, hub.id, number)
        .await?
        .is_some_and(|it| it.document == hub.draft);
    if !known {
        return Ok(Around::default());
    }
    let mut steps: Vec<(i64, String)> = Vec::new();
    let values = params![hub.id, number - 1, number + 1];
    for mut row in tx.query(&WORDS, values).await? {
        steps.push((row.take(0)?, row.take(1)?));
    }
    let words = |wanted: i64| {
        let found = steps.iter().find(|(step, _)| *step == wanted);
        found.map(|(_, words)| {
            if words.is_empty() {
                "what came from a file".to_owned()
            } else {
                words.clone()
            }
        })
    };
    let last = match tx.query_opt(&LAST_BY, params![hub.id, number]).await? {
        Some(mut row) => Some((row.take(0)?, row.take(1)?)),
        None => None,
    };
    Ok(Around {
        undo: words(number - 1).and_then(|_| words(number)),
        redo: words(number + 1),
        last,
    })
}

/// The hub's publications with the moments they were made, newest first; the newest thirty.
pub async fn versions(tx: &mut Tx, hub: HubId) -> Result<Vec<(i64, Millis)>> {
    let rows = tx.query(&VERSIONS, params![hub]).await?;
    rows.into_iter()
        .map(|mut row| Ok((row.take(0)?, row.take(1)?)))
        .collect()
}

/// The document of a publication, as JSON.
pub async fn publication(tx: &mut Tx, hub: HubId, version: i64) -> Result<Option<String>> {
    match tx.query_opt(&PUBLICATION, params![hub, version]).await? {
        Some(mut row) => Ok(Some(row.take(0)?)),
        None => Ok(None),
    }
}

/// Shows participants an earlier publication again; false when there is none of this number.
pub async fn go_live(tx: &mut Tx, hub: HubId, version: i64, now: Millis) -> Result<bool> {
    if publication(tx, hub, version).await?.is_none() {
        return Ok(false);
    }
    tx.execute(&GO_LIVE, params![version, now, hub]).await?;
    changed(tx).await?;
    Ok(true)
}
