//! Browsers and what was told in them, so that forms need not ask twice.
//! Promises: a browser is shown only what was typed in it, never what else is known of the contact; when somebody else enters in
//! it, what the one before told is gone. Leaves to others: the cookie (`komo`), what is asked (`engage::form::Place`).

use engage::{
    entry::grow,
    form::Told,
    ids::{ContactId, WorkspaceId},
    time::Millis,
};

use crate::{
    error::{Result, StoreError},
    params,
    seam::{Store, Tx},
    statements,
};

/// What an entry has told in a browser.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Where.
    pub workspace: WorkspaceId,
    /// SHA-256 of the browser's cookie.
    pub token_hash: [u8; 32],
    /// Whose entry it is.
    pub contact: ContactId,
    /// Whether it says who that is.
    pub identified: bool,
    /// Its answers by contact property.
    pub told: Told,
    /// When.
    pub now: Millis,
}

statements! {
    FIND = "SELECT told, contact_id, identified FROM visitors WHERE workspace_id = $1 AND token_hash = $2";
    PUT = "INSERT INTO visitors (workspace_id, token_hash, contact_id, identified, told, seen_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace_id, token_hash) DO UPDATE SET contact_id = excluded.contact_id, identified = excluded.identified, told = excluded.told, seen_at = excluded.seen_at";
    FORGET = "DELETE FROM visitors WHERE workspace_id = $1 AND token_hash = $2";
    ERASE = "DELETE FROM visitors WHERE contact_id = $1";
    PURGE = "DELETE FROM visitors WHERE (workspace_id, token_hash) IN (SELECT workspace_id, token_hash FROM visitors WHERE seen_at < $1 ORDER BY seen_at LIMIT $2)";
}

/// What was told in a browser; empty when it is not known.
pub async fn told(tx: &mut Tx, workspace: WorkspaceId, token_hash: [u8; 32]) -> Result<Told> {
    Ok(find(tx, workspace, token_hash)
        .await?
        .map(|(told, ..)| told)
        .unwrap_or_default())
}

async fn find(
    tx: &mut Tx,
    workspace: WorkspaceId,
    token_hash: [u8; 32],
) -> Result<Option<(Told, ContactId, bool)>> {
    let Some(mut row) = tx
        .query_opt(&FIND, params![workspace, token_hash.as_slice()])
        .await?
    else {
        return Ok(None);
    };
    let told: String = row.take(0)?;
    let told =
        serde_json::from_str(&told).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    Ok(Some((told, row.take(1)?, row.take::<i64>(2)? != 0)))
}

/// Remembers what an entry has told. Answers of somebody else in the same browser are forgotten.
pub async fn remember(tx: &mut Tx, heard: &Heard) -> Result<()> {
    let before = find(tx, heard.workspace, heard.token_hash).await?;
    let (mut told, contact, identified) = match before {
        // Who does not say who they are is whoever was here before.
        Some((told, contact, identified)) if !heard.identified => (told, contact, identified),
        Some((told, _, false)) => (told, heard.contact, true),
        Some((told, contact, true)) if contact == heard.contact => (told, contact, true),
        _ => (Told::new(), heard.contact, heard.identified),
    };
    grow(&mut told, &heard.told);
    let text =
        serde_json::to_string(&told).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let values = params![
        heard.workspace,
        heard.token_hash.as_slice(),
        contact,
        identified,
        text,
        heard.now
    ];
    tx.execute(&PUT, values).await?;
    Ok(())
}

/// Forgets a browser.
pub async fn forget(tx: &mut Tx, workspace: WorkspaceId, token_hash: [u8; 32]) -> Result<()> {
    tx.execute(&FORGET, params![workspace, token_hash.as_slice()])
        .await?;
    Ok(())
}

/// Forgets the browsers of a contact.
pub(crate) async fn erase(tx: &mut Tx, contact: ContactId) -> Result<()> {
    tx.execute(&ERASE, params![contact]).await?;
    Ok(())
}

/// Forgets browsers that nobody has entered with since a moment, step by step; answers how many.
pub async fn purge(store: &Store, before: Millis) -> Result<u64> {
    const STEP: i64 = 500;
    let mut gone = 0;
    loop {
        let step = store
            .write(move |tx| {
                Box::pin(async move { tx.execute(&PURGE, params![before, STEP]).await })
            })
            .await?;
        gone += step;
        if step == 0 {
            return Ok(gone);
        }
    }
}
