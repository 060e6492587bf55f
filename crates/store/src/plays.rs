//! Plays: one participant's run through a card, move by move, and what it told.
//! Promises: a move counts once, however often it is sent; its votes, its prize and its deliveries are written in its
//! transaction, and a prize is never given more often than the rules were told that it is there.
//! Leaves to others: rules and outcomes (`engage::cards`), which are asked in the middle of the transaction.

use std::collections::BTreeMap;

use engage::{
    cards::Stock,
    ids::{CardId, ContactId, EntryId, PlayId, WorkspaceId},
    time::Millis,
};

use crate::{
    backfill::PastConsent,
    entries,
    error::{Result, StoreError},
    outbox::{self, NewDelivery},
    params, row,
    seam::{Tx, diverge},
    sent, statements,
    value::Row,
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
    /// What it can tell by now, as one JSON object.
    pub facts: String,
    /// What the last move left, as one JSON value; `null` before the first.
    pub progress: String,
    /// How many moves there were.
    pub moves: u32,
    /// Its chance; nothing before the first move.
    pub seed: u64,
    /// When it was started.
    pub started_at: Millis,
}

/// A move that is to be made.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The card.
    pub card: CardId,
    /// The play.
    pub play: PlayId,
    /// How many moves came before this one, if the sender says so: fewer than there are makes it a repetition.
    pub step: Option<u32>,
    /// Whether the play may be started by this move.
    pub starts: bool,
    /// Whether the card has prizes, so that its stock has to be looked at.
    pub prizes: bool,
    /// Now.
    pub now: Millis,
    /// The play's chance, if this is its first move.
    pub dice: u64,
}

/// What the rules are told.
#[derive(Debug)]
pub struct Table<'a> {
    /// The play as it stands, with its chance.
    pub play: &'a Play,
    /// What of the card's prizes is gone, and what the player has won of them.
    pub stock: Stock,
    /// What was sent with the entry, where the form came first.
    pub content: Option<String>,
    /// What was agreed to or not with that entry.
    pub consents: Vec<PastConsent>,
}

/// What a move came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moved {
    /// Whether the play is over.
    pub finished: bool,
    /// What it can tell by now, as one JSON object.
    pub facts: String,
    /// What the next move needs, as one JSON value.
    pub progress: String,
    /// Votes to count: question and choice.
    pub votes: Vec<(String, String)>,
    /// The prize that is given.
    pub award: Option<String>,
    /// What goes to connections when the contact is known already (the form came first).
    pub deliveries: Vec<NewDelivery>,
}

statements! {
    FIND = "SELECT id, contact_id, entry_id, state, facts, progress, moves, seed, started_at FROM plays WHERE id = $1 AND card_id = $2";
    START (id: Uuid, workspace_id: Uuid, card_id: Uuid, now: Int) = "INSERT INTO plays (id, workspace_id, card_id, contact_id, entry_id, state, facts, started_at, finished_at) SELECT r.id, r.workspace_id, r.card_id, NULL, NULL, 'started', '{}', r.now, NULL FROM {rows} WHERE true ON CONFLICT (id) DO NOTHING";
    MOVE = "UPDATE plays SET state = $1, facts = $2, progress = $3, moves = $4, seed = $5, finished_at = $6 WHERE id = $7 AND card_id = $8";
    COUNT_VOTES (card_id: Uuid, question: Text, choice: Text, votes: Int) = "INSERT INTO tallies (card_id, question, choice, votes) SELECT r.card_id, r.question, r.choice, r.votes FROM {rows} WHERE true ON CONFLICT (card_id, question, choice) DO UPDATE SET votes = tallies.votes + excluded.votes";
    TALLIES = "SELECT question, choice, votes FROM tallies WHERE card_id = $1";
    STOCK = "SELECT prize, given FROM prize_stock WHERE card_id = $1";
    WON_BEFORE = "SELECT count(*) FROM awards WHERE card_id = $1 AND contact_id = $2";
    TAKE (card_id: Uuid, prize: Text) = "INSERT INTO prize_stock (card_id, prize, given) SELECT r.card_id, r.prize, 1 FROM {rows} WHERE true ON CONFLICT (card_id, prize) DO UPDATE SET given = prize_stock.given + 1";
    AWARD = "INSERT INTO awards (play_id, workspace_id, card_id, contact_id, prize, given_at) VALUES ($1, $2, $3, $4, $5, $6)";
}

fn read(row: &mut Row) -> Result<Play> {
    let state: String = row.take(3)?;
    let moves: i64 = row.take(6)?;
    Ok(Play {
        id: row.take(0)?,
        contact: row.take(1)?,
        entry: row.take(2)?,
        finished: state == "finished",
        facts: row.take(4)?,
        progress: row.take(5)?,
        moves: u32::try_from(moves).unwrap_or(u32::MAX),
        seed: row.take::<i64>(7)?.cast_unsigned(),
        started_at: row.take(8)?,
    })
}

/// Finds a play of a card.
pub async fn find(tx: &mut Tx, card: CardId, play: PlayId) -> Result<Option<Play>> {
    let found = tx.query_opt(&FIND, params![play, card]).await?;
    found.map(|mut row| read(&mut row)).transpose()
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

/// Makes a move: the rules are asked with the play as it stands, and what they decide is written. A move that was made before, and
/// any move in a play that is over, changes nothing. Answers the play as it stands then, or why the rules refuse; a refused
/// first move starts no play.
pub async fn advance<R>(
    tx: &mut Tx,
    turn: Turn,
    decide: impl FnOnce(Table<'_>) -> std::result::Result<Moved, R> + Send,
) -> Result<std::result::Result<Play, R>> {
    // Moves of one play take turns with each other and with its entry; those for the same prizes do, too.
    let same_play = entries::turn(&[b"play", turn.play.uuid().as_bytes()]);
    let same_stock = entries::turn(&[b"stock", turn.card.uuid().as_bytes()]);
    let turns = std::iter::once(same_play).chain(turn.prizes.then_some(same_stock));
    diverge::take_turns(tx, turns).await?;
    let found = find(tx, turn.card, turn.play).await?;
    let is_new = found.is_none();
    let mut play = match found {
        Some(play) => play,
        None if turn.starts => fresh(&turn),
        None => return Err(StoreError::Conflict("there is no such play".into())),
    };
    if play.finished || turn.step.is_some_and(|step| step < play.moves) {
        return Ok(Ok(play));
    }
    if turn.step.is_some_and(|step| step > play.moves) {
        return Err(StoreError::Conflict(
            "a move before this one is missing".into(),
        ));
    }
    if play.moves == 0 {
        play.seed = turn.dice;
    }
    let (content, consents) = match (play.entry, play.contact) {
        (Some(entry), Some(contact)) => (
            entries::content(tx, turn.card, entry).await?,
            entries::consents(tx, contact, entry).await?,
        ),
        _ => (None, Vec::new()),
    };
    let table = Table {
        stock: if turn.prizes {
            stock(tx, turn.card, play.contact).await?
        } else {
            Stock::default()
        },
        content,
        consents,
        play: &play,
    };
    let moved = match decide(table) {
        Ok(moved) => moved,
        Err(refused) => return Ok(Err(refused)),
    };
    if is_new {
        start(tx, turn.workspace, turn.card, turn.play, turn.now).await?;
    }
    write(tx, &turn, &mut play, moved).await?;
    Ok(Ok(play))
}

/// A play before its first move.
fn fresh(turn: &Turn) -> Play {
    Play {
        id: turn.play,
        contact: None,
        entry: None,
        finished: false,
        facts: "{}".to_owned(),
        progress: "null".to_owned(),
        moves: 0,
        seed: 0,
        started_at: turn.now,
    }
}

async fn stock(tx: &mut Tx, card: CardId, contact: Option<ContactId>) -> Result<Stock> {
    let mut stock = Stock::default();
    for mut row in tx.query(&STOCK, params![card]).await? {
        let (prize, given): (String, i64) = (row.take(0)?, row.take(1)?);
        stock.given.insert(prize, given.unsigned_abs());
    }
    if let Some(contact) = contact
        && let Some(mut row) = tx.query_opt(&WON_BEFORE, params![card, contact]).await?
    {
        stock.won_before = row.take::<i64>(0)?.unsigned_abs();
    }
    Ok(stock)
}

async fn write(tx: &mut Tx, turn: &Turn, play: &mut Play, moved: Moved) -> Result<()> {
    // Who appends deliveries takes turns over their contact: history that is sent again at this moment must know this play.
    let contact = play.contact.filter(|_| !moved.deliveries.is_empty());
    diverge::take_turns(tx, contact.map(entries::contact_turn).into_iter()).await?;
    play.moves = play.moves.saturating_add(1);
    play.finished = moved.finished;
    play.facts = moved.facts;
    play.progress = moved.progress;
    let state = if play.finished { "finished" } else { "started" };
    let ended = play.finished.then_some(turn.now);
    let params = params![
        state,
        play.facts.as_str(),
        play.progress.as_str(),
        i64::from(play.moves),
        play.seed.cast_signed(),
        ended,
        play.id,
        turn.card
    ];
    tx.execute(&MOVE, params).await?;
    // One row a choice, in one order for all, so that two plays with several votes never wait for each other in a circle.
    let mut votes = BTreeMap::new();
    for vote in moved.votes {
        *votes.entry(vote).or_insert(0_i64) += 1;
    }
    let votes = votes.into_iter();
    let votes = votes.map(|((question, choice), votes)| row![turn.card, question, choice, votes]);
    tx.execute_rows(&COUNT_VOTES, votes.collect()).await?;
    if let Some(prize) = moved.award {
        tx.execute_rows(&TAKE, vec![row![turn.card, prize.as_str()]])
            .await?;
        let given = params![
            play.id,
            turn.workspace,
            turn.card,
            play.contact,
            prize,
            turn.now
        ];
        tx.execute(&AWARD, given).await?;
    }
    if let Some(contact) = contact {
        let deliveries = sent::decide(tx, contact, moved.deliveries).await?;
        let planned = deliveries
            .into_iter()
            .map(|delivery| (contact, play.entry, delivery, turn.now));
        outbox::append(tx, planned.collect()).await?;
    }
    Ok(())
}

/// The votes of a card: question, choice, number.
pub async fn tallies(tx: &mut Tx, card: CardId) -> Result<Vec<(String, String, i64)>> {
    let rows = tx.query(&TALLIES, params![card]).await?;
    rows.into_iter()
        .map(|mut row| Ok((row.take(0)?, row.take(1)?, row.take(2)?)))
        .collect()
}
