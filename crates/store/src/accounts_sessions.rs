//! Sessions of members, and the log of what they changed.
//! Promises: a session is found by the hash of its token only and ends when it is told to; the log is only appended to.
//! Leaves to others: tokens, cookies, limits of time (`komo`).

use engage::{
    ids::{MemberId, SessionId, WorkspaceId},
    time::Millis,
};

use crate::{audit, error::Result, params, seam::Tx, statements};

/// A session's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Names it in lists; not the secret.
    pub id: SessionId,
    /// Whose it is, once somebody has signed in.
    pub member: Option<MemberId>,
    /// One JSON object.
    pub data: String,
    /// The browser's own words about itself.
    pub agent: String,
    /// When it began.
    pub created_at: Millis,
    /// When it was last used, to within a few minutes.
    pub seen_at: Millis,
    /// When it ends by itself.
    pub expires_at: Millis,
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its place in the log.
    pub seq: i64,
    /// Who, by the name they had then.
    pub member_name: String,
    /// A stable code such as `connection.mapping`.
    pub act: String,
    /// What it was done to.
    pub subject: String,
    /// What changed, in words.
    pub detail: String,
    /// When.
    pub at: Millis,
}

statements! {
    PUT = "INSERT INTO sessions (id, token_hash, member_id, data, agent, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (token_hash) DO UPDATE SET member_id = excluded.member_id, data = excluded.data, seen_at = excluded.seen_at, expires_at = excluded.expires_at";
    ID_OF = "SELECT id FROM sessions WHERE token_hash = $1";
    LOAD = "SELECT id, member_id, data, agent, created_at, seen_at, expires_at FROM sessions WHERE token_hash = $1 AND expires_at > $2";
    DELETE = "DELETE FROM sessions WHERE token_hash = $1";
    OF_MEMBER = "SELECT id, member_id, data, agent, created_at, seen_at, expires_at FROM sessions WHERE member_id = $1 AND expires_at > $2 ORDER BY seen_at DESC";
    END = "DELETE FROM sessions WHERE id = $1 AND member_id = $2";
    END_ALL_BUT = "DELETE FROM sessions WHERE member_id = $1 AND token_hash <> $2";
    TIDY = "DELETE FROM sessions WHERE expires_at <= $1";
    LOG = "SELECT seq, member_name, act, subject, detail, at FROM audit_log WHERE workspace_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3";
    LAST_CHANGE = "SELECT seq, member_name, act, subject, detail, at FROM audit_log WHERE workspace_id = $1 AND subject = $2 ORDER BY seq DESC LIMIT 1";
}

/// The id of the session with a token.
pub async fn id_of(tx: &mut Tx, token_hash: &[u8]) -> Result<Option<SessionId>> {
    let row = tx.query_opt(&ID_OF, params![token_hash]).await?;
    row.map(|mut row| row.take(0)).transpose()
}

/// Makes a session or updates the one with this token.
pub async fn put(tx: &mut Tx, token_hash: &[u8], session: &Session) -> Result<()> {
    let values = params![
        session.id,
        token_hash,
        session.member,
        session.data.as_str(),
        session.agent.as_str(),
        session.created_at,
        session.seen_at,
        session.expires_at
    ];
    tx.execute(&PUT, values).await?;
    Ok(())
}

/// The session of a token, while it lasts.
pub async fn load(tx: &mut Tx, token_hash: &[u8], now: Millis) -> Result<Option<Session>> {
    let row = tx.query_opt(&LOAD, params![token_hash, now]).await?;
    row.map(|mut row| session(&mut row)).transpose()
}

fn session(row: &mut crate::value::Row) -> Result<Session> {
    Ok(Session {
        id: row.take(0)?,
        member: row.take(1)?,
        data: row.take(2)?,
        agent: row.take(3)?,
        created_at: row.take(4)?,
        seen_at: row.take(5)?,
        expires_at: row.take(6)?,
    })
}

/// Ends the session of a token.
pub async fn delete(tx: &mut Tx, token_hash: &[u8]) -> Result<()> {
    tx.execute(&DELETE, params![token_hash]).await?;
    Ok(())
}

/// A member's sessions, the last used first.
pub async fn of_member(tx: &mut Tx, member: MemberId, now: Millis) -> Result<Vec<Session>> {
    let rows = tx.query(&OF_MEMBER, params![member, now]).await?;
    rows.into_iter().map(|mut row| session(&mut row)).collect()
}

/// Ends one session of a member.
pub async fn end(tx: &mut Tx, member: MemberId, id: SessionId) -> Result<bool> {
    Ok(tx.execute(&END, params![id, member]).await? == 1)
}

/// Ends all sessions of a member but one; with an empty hash all of them.
pub async fn end_all_but(tx: &mut Tx, member: MemberId, token_hash: &[u8]) -> Result<u64> {
    tx.execute(&END_ALL_BUT, params![member, token_hash]).await
}

/// Forgets sessions that have ended by themselves.
pub async fn tidy(tx: &mut Tx, now: Millis) -> Result<u64> {
    tx.execute(&TIDY, params![now]).await
}

/// Writes a line of the log, within the transaction of the change. Without a member it was the command line.
pub async fn record(
    tx: &mut Tx,
    workspace: WorkspaceId,
    member: Option<MemberId>,
    line: (&str, &str, &str),
    now: Millis,
) -> Result<()> {
    audit::append(tx, workspace, member, line, now).await
}

/// The log of a workspace, newest first, before a place in it.
pub async fn log(
    tx: &mut Tx,
    workspace: WorkspaceId,
    before: i64,
    limit: i64,
) -> Result<Vec<Change>> {
    let rows = tx.query(&LOG, params![workspace, before, limit]).await?;
    rows.into_iter().map(|mut row| change(&mut row)).collect()
}

/// The last change to something.
pub async fn last_change(
    tx: &mut Tx,
    workspace: WorkspaceId,
    subject: &str,
) -> Result<Option<Change>> {
    let row = tx
        .query_opt(&LAST_CHANGE, params![workspace, subject])
        .await?;
    row.map(|mut row| change(&mut row)).transpose()
}

fn change(row: &mut crate::value::Row) -> Result<Change> {
    Ok(Change {
        seq: row.take(0)?,
        member_name: row.take(1)?,
        act: row.take(2)?,
        subject: row.take(3)?,
        detail: row.take(4)?,
        at: row.take(5)?,
    })
}
