//! The chain of the log: each line's hash covers the line and the hash of the one before it in its workspace.
//! Promises: a line that was changed, moved, or taken out of the middle is found; lines are chained in the order of their numbers on
//! both databases. Leaves to others: what is written into it (`accounts_sessions::record`), and keeping the last hash elsewhere,
//! without which nobody can tell that the newest lines were cut off.

use engage::ids::{MemberId, WorkspaceId};
use engage::time::Millis;
use sha2::{Digest as _, Sha256};

use crate::{
    entries,
    error::Result,
    params,
    seam::{Tx, diverge},
    statements,
    value::Row,
};

/// Lines that are read at once.
const PAGE: usize = 500;

/// What a check of a workspace's log came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Lines that are part of the chain.
    pub lines: u64,
    /// Lines from before there was a chain.
    pub before: u64,
    /// The hash of the newest line; empty if there is none.
    pub last: Vec<u8>,
    /// The number of the first line that is not as it was written, or whose predecessor is missing.
    pub broken_at: Option<i64>,
}

statements! {
    NAME = "SELECT name FROM members WHERE id = $1";
    LAST = "SELECT hash FROM audit_log WHERE workspace_id = $1 ORDER BY seq DESC LIMIT 1";
    APPEND = "INSERT INTO audit_log (workspace_id, member_id, member_name, act, subject, detail, at, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    LINES = "SELECT seq, member_id, member_name, act, subject, detail, at, hash FROM audit_log WHERE workspace_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
}

/// A line as it is hashed.
struct Line<'a> {
    member: Option<MemberId>,
    name: &'a str,
    act: &'a str,
    subject: &'a str,
    detail: &'a str,
    at: Millis,
}

impl Line<'_> {
    fn hash(&self, workspace: WorkspaceId, before: &[u8]) -> Vec<u8> {
        let member = self.member.map(|id| id.uuid().into_bytes());
        let workspace = workspace.uuid().into_bytes();
        let at = self.at.0.to_be_bytes();
        let parts: [&[u8]; 8] = [
            before,
            &workspace,
            member.as_ref().map_or(&[], |id| id.as_slice()),
            self.name.as_bytes(),
            self.act.as_bytes(),
            self.subject.as_bytes(),
            self.detail.as_bytes(),
            &at,
        ];
        let mut hash = Sha256::new();
        for part in parts {
            // With its length in front, so that no text can pass for two.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().to_vec()
    }
}

/// Appends a line to a workspace's log.
pub(crate) async fn append(
    tx: &mut Tx,
    workspace: WorkspaceId,
    member: Option<MemberId>,
    (act, subject, detail): (&str, &str, &str),
    at: Millis,
) -> Result<()> {
    let same_log = entries::turn(&[b"audit", workspace.uuid().as_bytes()]);
    diverge::take_turns(tx, std::iter::once(same_log)).await?;
    let name = match member {
        Some(id) => tx.query_opt(&NAME, params![id]).await?,
        None => None,
    };
    let name: Option<String> = name.map(|mut row| row.take(0)).transpose()?;
    let name = name.as_deref().unwrap_or("Command line");
    let before: Option<Vec<u8>> = match tx.query_opt(&LAST, params![workspace]).await? {
        Some(mut row) => row.take(0)?,
        None => None,
    };
    let line = Line {
        member,
        name,
        act,
        subject,
        detail,
        at,
    };
    let hash = line.hash(workspace, before.as_deref().unwrap_or_default());
    let values = params![workspace, member, name, act, subject, detail, at, hash];
    tx.execute(&APPEND, values).await?;
    Ok(())
}

/// Goes through a workspace's log from its beginning.
pub async fn check(tx: &mut Tx, workspace: WorkspaceId) -> Result<Checked> {
    let mut checked = Checked::default();
    let mut after = 0_i64;
    loop {
        let page = params![workspace, after, PAGE];
        let rows = tx.query(&LINES, page).await?;
        let full = rows.len() == PAGE;
        for mut row in rows {
            after = row.take(0)?;
            if !follows(&mut row, workspace, &mut checked)? {
                checked.broken_at = Some(after);
                return Ok(checked);
            }
        }
        if !full {
            return Ok(checked);
        }
    }
}

/// Whether a line is as it was written, behind those that were checked before it.
fn follows(row: &mut Row, workspace: WorkspaceId, checked: &mut Checked) -> Result<bool> {
    let (name, act): (String, String) = (row.take(2)?, row.take(3)?);
    let (subject, detail): (String, String) = (row.take(4)?, row.take(5)?);
    let line = Line {
        member: row.take(1)?,
        name: &name,
        act: &act,
        subject: &subject,
        detail: &detail,
        at: row.take(6)?,
    };
    let hash: Option<Vec<u8>> = row.take(7)?;
    match hash {
        None if checked.lines == 0 => checked.before += 1,
        Some(hash) if hash == line.hash(workspace, &checked.last) => {
            checked.lines += 1;
            checked.last = hash;
        }
        _ => return Ok(false),
    }
    Ok(true)
}
