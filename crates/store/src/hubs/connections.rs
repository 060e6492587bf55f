//! Connections: where a hub's data goes, and how.
//! Promises: a document is never overwritten unseen; what is taken away keeps its history; every change is noticed by all
//! servers within a second. Leaves to others: what a document means (`engage::hub`, `engage::mapping`), sealing of keys (`komo`).

use engage::{
    ids::{ConnectionId, HubId, WorkspaceId},
    time::Millis,
};

use super::{LANES, changed};
use crate::{error::Result, outbox, params, seam::Tx, statements, value::Row};

/// A connection's row.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The connection.
    pub id: ConnectionId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its hub.
    pub hub: HubId,
    /// Its key among the hub's connections.
    pub key: String,
    /// Endpoint, user mapping, field mapping (`engage::hub::ConnectionDoc`), as JSON.
    pub document: String,
    /// The sealed API key; none until one is given.
    pub sealed_key: Option<Vec<u8>>,
    /// Rises with every change that workers must notice.
    pub revision: i64,
    /// Rises when everything is to be sent again.
    pub resend_epoch: i64,
    /// Why nothing is sent at the moment: code and sentence.
    pub paused: Option<(String, String)>,
    /// Its lanes by number.
    pub lanes: Vec<i64>,
}

/// A connection that is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewConnection {
    /// In case it is new.
    pub id: ConnectionId,
    /// Its key among the hub's connections.
    pub key: String,
    /// Its document, as JSON.
    pub document: String,
}

statements! {
    INSERT_CONNECTION = "INSERT INTO connections (id, workspace_id, hub_id, key, document, revision, resend_epoch, created_at) VALUES ($1, $2, $3, $4, $5, 1, 0, $6) ON CONFLICT (hub_id, key) DO NOTHING";
    PUT_CONNECTION = "INSERT INTO connections (id, workspace_id, hub_id, key, document, revision, resend_epoch, created_at) VALUES ($1, $2, $3, $4, $5, 1, 0, $6) ON CONFLICT (hub_id, key) DO UPDATE SET document = excluded.document, removed_at = NULL, revision = connections.revision + 1, resend_epoch = connections.resend_epoch + 1 WHERE connections.document <> excluded.document OR connections.removed_at IS NOT NULL";
    ADD_CONNECTION = "INSERT INTO connections (id, workspace_id, hub_id, key, document, revision, resend_epoch, created_at) SELECT $1, workspace_id, id, $2, $3, 1, 0, $4 FROM hubs WHERE id = $5 AND workspace_id = $6 ON CONFLICT (hub_id, key) DO NOTHING";
    CONNECTIONS = "SELECT id, workspace_id, hub_id, key, document, sealed_key, revision, paused_code, paused_reason, resend_epoch FROM connections WHERE hub_id = $1 AND removed_at IS NULL ORDER BY key";
    CONNECTIONS_OF_WORKSPACE = "SELECT id, workspace_id, hub_id, key, document, sealed_key, revision, paused_code, paused_reason, resend_epoch FROM connections WHERE workspace_id = $1 AND removed_at IS NULL ORDER BY hub_id, key";
    CONNECTION = "SELECT id, workspace_id, hub_id, key, document, sealed_key, revision, paused_code, paused_reason, resend_epoch FROM connections WHERE id = $1 AND workspace_id = $2 AND removed_at IS NULL";
    REMOVE_CONNECTION = "UPDATE connections SET removed_at = $1, revision = revision + 1 WHERE id = $2 AND workspace_id = $3 AND removed_at IS NULL";
    SAVE_DOCUMENT = "UPDATE connections SET document = $1, revision = revision + $2, resend_epoch = resend_epoch + $2 WHERE id = $3 AND workspace_id = $4 AND document = $5 AND removed_at IS NULL";
    SET_KEY = "UPDATE connections SET sealed_key = $1, revision = revision + 1, resend_epoch = resend_epoch + 1, paused_code = NULL, paused_reason = NULL, paused_at = NULL WHERE id = $2";
    PAUSE = "UPDATE connections SET paused_code = $1, paused_reason = $2, paused_at = $3, revision = revision + 1 WHERE id = $4 AND revision = $5";
    FORGET_FIRST_TRIES = "UPDATE delivery_exceptions SET first_tried_at = NULL WHERE state IN ('retrying', 'waiting') AND lane_id IN (SELECT id FROM lanes WHERE connection_id = $1)";
    FORGET_TRIED = "UPDATE lanes SET tried = '' WHERE connection_id = $1";
    RESUME = "UPDATE connections SET paused_code = NULL, paused_reason = NULL, paused_at = NULL, revision = revision + 1 WHERE id = $1";
    MINUTES = "SELECT c.started_at / 60000, CAST(sum(CASE WHEN c.outcome IN ('accepted', 'accepted_in_part') THEN c.objects ELSE 0 END) AS BIGINT), CAST(sum(CASE WHEN c.outcome IN ('accepted', 'accepted_in_part') THEN 0 ELSE 1 END) AS BIGINT), count(*), max(c.millis) FROM calls c JOIN lanes l ON l.id = c.lane_id WHERE l.connection_id = $1 AND c.started_at >= $2 AND c.seq > (SELECT coalesce(max(seq), 0) FROM calls) - 200000 GROUP BY c.started_at / 60000 ORDER BY 1";
    TOUCH = "UPDATE connections SET revision = revision + 1 WHERE id = $1";
}

/// Brings a hub's connections to what an import says; see `NewIds`.
pub(super) async fn put_connections(
    tx: &mut Tx,
    workspace: WorkspaceId,
    hub: HubId,
    wanted: Vec<NewConnection>,
    keep: bool,
    now: Millis,
) -> Result<()> {
    if !keep {
        for gone in connections(tx, hub).await? {
            if !wanted.iter().any(|it| it.key == gone.key) {
                tx.execute(&REMOVE_CONNECTION, params![now, gone.id, workspace])
                    .await?;
            }
        }
    }
    let put = if keep {
        &INSERT_CONNECTION
    } else {
        &PUT_CONNECTION
    };
    for it in wanted {
        tx.execute(
            put,
            params![it.id, workspace, hub, it.key, it.document, now],
        )
        .await?;
    }
    for connection in connections(tx, hub).await? {
        outbox::ensure_lanes(tx, connection.id, LANES).await?;
    }
    changed(tx).await
}

/// The connections of a hub, without those that were taken away.
pub async fn connections(tx: &mut Tx, hub: HubId) -> Result<Vec<Connection>> {
    let rows = tx.query(&CONNECTIONS, params![hub]).await?;
    read_connections(tx, rows).await
}

/// All connections of a workspace, hub by hub.
pub async fn connections_of_workspace(
    tx: &mut Tx,
    workspace: WorkspaceId,
) -> Result<Vec<Connection>> {
    let rows = tx
        .query(&CONNECTIONS_OF_WORKSPACE, params![workspace])
        .await?;
    read_connections(tx, rows).await
}

/// One connection of a workspace.
pub async fn connection(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: ConnectionId,
) -> Result<Option<Connection>> {
    let rows = tx.query(&CONNECTION, params![id, workspace]).await?;
    Ok(read_connections(tx, rows).await?.pop())
}

async fn read_connections(tx: &mut Tx, rows: Vec<Row>) -> Result<Vec<Connection>> {
    let mut all = Vec::with_capacity(rows.len());
    for mut row in rows {
        let id = row.take(0)?;
        let code: Option<String> = row.take(7)?;
        let reason: Option<String> = row.take(8)?;
        all.push(Connection {
            id,
            workspace: row.take(1)?,
            hub: row.take(2)?,
            key: row.take(3)?,
            document: row.take(4)?,
            sealed_key: row.take(5)?,
            revision: row.take(6)?,
            paused: code.zip(reason),
            resend_epoch: row.take(9)?,
            lanes: outbox::lanes(tx, id).await?,
        });
    }
    Ok(all)
}

/// Adds a connection to a hub of the workspace; false when the hub is not there or has one with this key already.
pub async fn add_connection(
    tx: &mut Tx,
    workspace: WorkspaceId,
    hub: HubId,
    new: NewConnection,
    now: Millis,
) -> Result<bool> {
    let added = tx
        .execute(
            &ADD_CONNECTION,
            params![new.id, new.key, new.document, now, hub, workspace],
        )
        .await?
        == 1;
    if added {
        outbox::ensure_lanes(tx, new.id, LANES).await?;
        changed(tx).await?;
    }
    Ok(added)
}

/// Saves a connection's document if it still is what the caller has seen; false when somebody else was quicker. `restart` says
/// that workers must begin anew, because it is sent elsewhere or otherwise.
pub async fn save_document(
    tx: &mut Tx,
    workspace: WorkspaceId,
    connection: ConnectionId,
    seen: &str,
    document: &str,
    restart: bool,
) -> Result<bool> {
    let values = params![document, restart, connection, workspace, seen];
    let saved = tx.execute(&SAVE_DOCUMENT, values).await? == 1;
    if saved {
        changed(tx).await?;
    }
    Ok(saved)
}

/// Takes a connection away: nothing is planned for it any more, what is queued waits, its history stays.
pub async fn remove_connection(
    tx: &mut Tx,
    workspace: WorkspaceId,
    connection: ConnectionId,
    now: Millis,
) -> Result<bool> {
    let removed = tx
        .execute(&REMOVE_CONNECTION, params![now, connection, workspace])
        .await?
        == 1;
    if removed {
        changed(tx).await?;
    }
    Ok(removed)
}

/// Gives a connection its sealed key; a pause ends with it. The key decides which account is written to, so everything is
/// sent again.
pub async fn set_key(tx: &mut Tx, connection: ConnectionId, sealed: &[u8]) -> Result<()> {
    tx.execute(&SET_KEY, params![sealed, connection]).await?;
    forget_first_tries(tx, connection).await?;
    changed(tx).await
}

/// Stops sending on a connection until somebody helps. A pause that is about an older state of the connection (another key
/// has been given meanwhile) changes nothing; answers whether it is paused now.
pub async fn pause(
    tx: &mut Tx,
    connection: ConnectionId,
    revision: i64,
    code: &str,
    reason: &str,
    now: Millis,
) -> Result<bool> {
    let paused = tx
        .execute(&PAUSE, params![code, reason, now, connection, revision])
        .await?
        == 1;
    if paused {
        changed(tx).await?;
    }
    Ok(paused)
}

/// Ends a pause.
pub async fn resume(tx: &mut Tx, connection: ConnectionId) -> Result<()> {
    tx.execute(&RESUME, params![connection]).await?;
    forget_first_tries(tx, connection).await?;
    changed(tx).await
}

/// A pause was nobody's failure: the hours of automatic retries begin anew.
async fn forget_first_tries(tx: &mut Tx, connection: ConnectionId) -> Result<()> {
    tx.execute(&FORGET_FIRST_TRIES, params![connection]).await?;
    tx.execute(&FORGET_TRIED, params![connection]).await?;
    Ok(())
}

/// Makes workers read the connection and its lanes anew.
pub async fn touch(tx: &mut Tx, connection: ConnectionId) -> Result<()> {
    tx.execute(&TOUCH, params![connection]).await?;
    changed(tx).await
}

/// What a connection's calls came to in one minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Minute {
    /// Minutes since 1970.
    pub minute: i64,
    /// Objects that Braze took.
    pub taken: i64,
    /// Calls that brought nothing in.
    pub failed: i64,
    /// Calls in all.
    pub calls: i64,
    /// The slowest of them, in milliseconds.
    pub slowest: i64,
}

/// A connection's calls by minute, from a moment on. Looks back over the newest two hundred thousand calls of the installation.
pub async fn minutes(tx: &mut Tx, connection: ConnectionId, from: Millis) -> Result<Vec<Minute>> {
    let rows = tx.query(&MINUTES, params![connection, from]).await?;
    let read = rows.into_iter().map(|mut row| {
        Ok(Minute {
            minute: row.take(0)?,
            taken: row.take(1)?,
            failed: row.take(2)?,
            calls: row.take(3)?,
            slowest: row.take(4)?,
        })
    });
    read.collect()
}
