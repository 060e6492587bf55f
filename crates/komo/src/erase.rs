//! Erasing a person for good: in the database, in what workers hold in memory, and at Braze where the key permits it.
//! Promises: when [`erase`] comes back, no call that starts from now on carries the person's data. Leaves to others: deleting at
//! Braze itself, which goes through the outbox like all else.

use std::time::Duration;

use anyhow::bail;
use engage::ids::{ContactId, WorkspaceId};
use store::{
    Store,
    erasure::{self, Erased, Found, Who},
};

use crate::clock;

/// How often is asked whether workers still hold what was erased.
const LOOK: Duration = Duration::from_millis(50);

/// Finds a contact and what is stored about it.
pub async fn look(
    store: &Store,
    workspace: WorkspaceId,
    who: Who,
) -> anyhow::Result<Option<(ContactId, Found)>> {
    let found = store.read(move |tx| {
        Box::pin(async move {
            let Some(contact) = erasure::find(tx, workspace, &who).await? else {
                return Ok(None);
            };
            Ok(Some((
                contact,
                erasure::look(tx, workspace, contact).await?,
            )))
        })
    });
    Ok(found.await?)
}

/// Erases a contact. `patience` bounds the wait for workers that may hold old data in memory; running servers let go within a
/// second, a server that has crashed keeps its lanes until their lease ends.
pub async fn erase(
    store: &Store,
    workspace: WorkspaceId,
    contact: ContactId,
    patience: Duration,
) -> anyhow::Result<Erased> {
    let erased = loop {
        let found = store
            .read(move |tx| Box::pin(erasure::look(tx, workspace, contact)))
            .await?;
        let done = store
            .write(move |tx| {
                let now = clock::now();
                Box::pin(async move { erasure::erase(tx, workspace, contact, found, now).await })
            })
            .await?;
        if let Some(erased) = done {
            break erased;
        }
    };
    tracing::info!(contact.id = %contact, calls = erased.calls, "a contact was erased");
    let since = tokio::time::Instant::now();
    loop {
        let lanes = erased.lanes.clone();
        let now = clock::now();
        let held = store
            .read(move |tx| Box::pin(async move { erasure::is_still_held(tx, &lanes, now).await }))
            .await?;
        if !held {
            return Ok(erased);
        }
        if since.elapsed() > patience {
            bail!(
                "the contact is erased in the database, but a server has not let go of its deliveries yet; run the command again to know when it has"
            );
        }
        tokio::time::sleep(LOOK).await;
    }
}
