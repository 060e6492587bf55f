//! Plays: one participant's run through a card, and what it told.
//! Promises: a play is finished once; its votes are counted in the same transaction; a repeated move changes nothing.
//! Leaves to others: rules and outcomes (`engage::cards`).

use engage::{
    ids::{CardId, ContactId, EntryId, PlayId, WorkspaceId},
    time::Millis,
};

use crate::{
    entries,
    error::{Result, StoreError},
    outbox::{self, NewDelivery},
    params, row,
    seam::{Tx, diverge},
    sent, statements,
};

/// A stored play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Play {
    /// Its id, made by the page.
    pub id: PlayId,
    /// Who plays, once known.
    pub contact: Option<ContactId>,
    /// The entry it belongs to, once there is one.
    pub entry: Option<EntryId>,
    /// Whether it has come to its end.
    pub finished: bool,
    /// What it can tell, as one JSON object.
    pub facts: String,
}

/// The end of a play.
#[derive(Clone, Debug)]
pub struct Finish {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The card.
    pub card: CardId,
    /// The play.
    pub play: PlayId,
    /// What it told, as one JSON object.
    pub facts: String,
    /// Votes to count: question and choice.
    pub votes: Vec<(String, String)>,
    /// What goes to connections when the contact is known already (the form came first).
    pub deliveries: Vec<NewDelivery>,
    /// Now.
    pub now: Millis,
}

statements! {
    FIND = "SELECT id, contact_id, entry_id, state, facts FROM plays WHERE id = $1 AND card_id = $2";
    START (id: Uuid, workspace_id: Uuid, card_id: Uuid, now: Int) = "INSERT INTO plays (id, workspace_id, card_id, contact_id, entry_id, state, facts, started_at, finished_at) SELECT r.id, r.workspace_id, r.card_id, NULL, NULL, 'started', '{}', r.now, NULL FROM {rows} WHERE true ON CONFLICT (id) DO NOTHING";
    FINISH = "UPDATE plays SET state = 'finished', facts = $1, finished_at = $2 WHERE id = $3 AND card_id = $4 AND state = 'started'";
    COUNT_VOTES (card_id: Uuid, question: Text, choice: Text) = "INSERT INTO tallies (card_id, question, choice, votes) SELECT r.card_id, r.question, r.choice, 1 FROM {rows} WHERE true ON CONFLICT (card_id, question, choice) DO UPDATE SET votes = tallies.votes + 1";
    TALLIES = "SELECT question, choice, votes FROM tallies WHERE card_id = $1";
}

/// Finds a play of a card.
pub async fn find(tx: &mut Tx, card: CardId, play: PlayId) -> Result<Option<Play>> {
    let Some(mut row) = tx.query_opt(&FIND, params![play, card]).await? else {
        return Ok(None);
    };
    let state: String = row.take(3)?;
    Ok(Some(Play {
        id: row.take(0)?,
        contact: row.take(1)?,
        entry: row.take(2)?,
        finished: state == "finished",
        facts: row.take(4)?,
    }))
}

/// Starts a play, or finds the one that has this id already (the page asked twice).
pub async fn start(
    tx: &mut Tx,
    workspace: WorkspaceId,
    card: CardId,
    play: PlayId,
    now: Millis,
) -> Result<Play> {
    tx.execute_rows(&START, vec![row![play, workspace, card, now]])
        .await?;
    find(tx, card, play)
        .await?
        .ok_or_else(|| StoreError::Conflict("the play's id belongs to another card".into()))
}

/// Finishes a play; when it was finished before, nothing changes. Answers the play as it stands.
pub async fn finish(tx: &mut Tx, end: Finish) -> Result<Play> {
    // Who appends deliveries takes turns over their contact: history that is sent again at this moment must know this play.
    let before = if end.deliveries.is_empty() {
        None
    } else {
        find(tx, end.card, end.play).await?
    };
    let contact = before.and_then(|play| play.contact);
    diverge::take_turns(tx, contact.map(entries::contact_turn).into_iter()).await?;
    let changed = tx
        .execute(&FINISH, params![end.facts, end.now, end.play, end.card])
        .await?;
    let play = find(tx, end.card, end.play)
        .await?
        .ok_or_else(|| StoreError::Conflict("there is no such play".into()))?;
    if changed == 1 {
        // One order for all, so that two plays with several votes never wait for each other in a circle.
        let mut votes = end.votes;
        votes.sort();
        tx.execute_rows(
            &COUNT_VOTES,
            votes
                .into_iter()
                .map(|(question, choice)| row![end.card, question, choice])
                .collect(),
        )
        .await?;
        if let Some(contact) = play.contact {
            let deliveries = sent::decide(tx, contact, end.deliveries).await?;
            let planned = deliveries
                .into_iter()
                .map(|delivery| (contact, play.entry, delivery, end.now));
            outbox::append(tx, planned.collect()).await?;
        }
    }
    Ok(play)
}

/// The votes of a card: question, choice, number.
pub async fn tallies(tx: &mut Tx, card: CardId) -> Result<Vec<(String, String, i64)>> {
    let rows = tx.query(&TALLIES, params![card]).await?;
    rows.into_iter()
        .map(|mut row| Ok((row.take(0)?, row.take(1)?, row.take(2)?)))
        .collect()
}
