//! Workspaces, hubs, their publications, cards, pictures and connections.
//! Promises: participants only ever see a publication; importing the same hub again updates it; identities of cards and
//! connections stay. Leaves to others: what a document means (`engage::hub`), sealing of keys (`komo`).

pub(crate) mod connections;
pub mod drafts;
pub(crate) mod latest;

use connections::put_connections;
pub use connections::{
    Connection, Minute, NewConnection, add_connection, connection, connections,
    connections_of_workspace, minutes, pause, remove_connection, resume, save_document, set_key,
    touch,
};
use engage::{
    ids::{CardId, HubId, WorkspaceId},
    time::Millis,
};
pub use latest::{Latest, latest_entry};

use crate::{
    error::{Result, StoreError},
    params,
    seam::Tx,
    statements,
    value::Row,
};

/// How many lanes a connection's deliveries are spread over.
pub const LANES: u16 = 8;

/// A hub's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hub {
    /// The hub.
    pub id: HubId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its address.
    pub slug: String,
    /// The document the marketer works on, as JSON.
    pub draft: String,
    /// Rises with every change of the draft.
    pub revision: i64,
    /// The publication that participants see.
    pub published_version: Option<i64>,
    /// Since when the hub is out of sight, if it is.
    pub archived_at: Option<Millis>,
}

impl Hub {
    /// Whether participants can see it, as far as its being published goes.
    pub fn is_live(&self) -> bool {
        self.published_version.is_some() && self.archived_at.is_none()
    }
}

/// What participants see, with the identities that hang on it.
#[derive(Clone, Debug)]
pub struct Published {
    /// The hub.
    pub hub: HubId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its address.
    pub slug: String,
    /// The number of the publication.
    pub version: i64,
    /// The frozen document, as JSON.
    pub document: String,
    /// Ids of the cards by key.
    pub cards: Vec<(String, CardId)>,
    /// The hub's connections.
    pub connections: Vec<Connection>,
}

/// A stored picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// SHA-256 of the content in hexadecimal.
    pub hash: String,
    /// For example `image/svg+xml`.
    pub media_type: String,
    /// The bytes.
    pub content: Vec<u8>,
}

/// Ids for what an import may have to make. They are made by the caller, which has the clock and the dice.
#[derive(Clone, Debug)]
pub struct NewIds {
    /// For the hub.
    pub hub: HubId,
    /// For cards, by key.
    pub cards: Vec<(String, CardId)>,
    /// The connections there are to be, each with an id in case it is new.
    pub connections: Vec<NewConnection>,
    /// Connections that are there already stay as they are, whether they are in the list or not. Otherwise the list is the
    /// truth: those in it are overwritten, the others taken away.
    pub keep_connections: bool,
}

statements! {
    FIRST_WORKSPACE = "SELECT id FROM workspaces ORDER BY created_at, id LIMIT 1";
    INSERT_WORKSPACE = "INSERT INTO workspaces (id, name, created_at) VALUES ($1, $2, $3)";
    FIND_HUB = "SELECT id, workspace_id, slug, draft, revision, published_version, archived_at FROM hubs WHERE workspace_id = $1 AND slug = $2";
    WORKSPACES = "SELECT id, name FROM workspaces ORDER BY created_at, id";
    SLUG_TAKEN = "SELECT id FROM hubs WHERE slug = $1";
    HUB = "SELECT id, workspace_id, slug, draft, revision, published_version, archived_at FROM hubs WHERE workspace_id = $1 AND id = $2";
    ENTRIES_OF_HUB = "SELECT count(*) FROM entries e JOIN cards c ON c.id = e.card_id WHERE c.hub_id = $1";
    LIST_HUBS = "SELECT id, workspace_id, slug, draft, revision, published_version, archived_at FROM hubs WHERE workspace_id = $1 ORDER BY slug";
    INSERT_HUB = "INSERT INTO hubs (id, workspace_id, slug, draft, revision, created_at, updated_at) VALUES ($1, $2, $3, $4, 1, $5, $5)";
    UPDATE_DRAFT = "UPDATE hubs SET draft = $1, revision = revision + 1, updated_at = $2 WHERE id = $3 AND workspace_id = $4";
    INSERT_CARD = "INSERT INTO cards (id, workspace_id, hub_id, key) VALUES ($1, $2, $3, $4) ON CONFLICT (hub_id, key) DO NOTHING";
    CARDS = "SELECT key, id FROM cards WHERE hub_id = $1 ORDER BY key";
    INSERT_PUBLICATION = "INSERT INTO publications (hub_id, version, document, content_hash, created_at) VALUES ($1, $2, $3, $4, $5)";
    NEWEST_PUBLICATION = "SELECT version, content_hash FROM publications WHERE hub_id = $1 ORDER BY version DESC LIMIT 1";
    SET_PUBLISHED = "UPDATE hubs SET published_version = $1, updated_at = $2 WHERE id = $3";
    PUBLISHED = "SELECT h.id, h.workspace_id, h.slug, p.version, p.document FROM hubs h JOIN publications p ON p.hub_id = h.id AND p.version = h.published_version WHERE h.archived_at IS NULL ORDER BY h.slug";
    UNPUBLISHED = "SELECT id FROM hubs WHERE published_version IS NULL OR archived_at IS NOT NULL ORDER BY slug";
    CAN_WRITE = "INSERT INTO changes (name, version) VALUES ('ready', 1) ON CONFLICT (name) DO UPDATE SET version = changes.version + 1";
    BUMP = "UPDATE changes SET version = version + 1 WHERE name = $1";
    ARCHIVE = "UPDATE hubs SET archived_at = $1, updated_at = $2 WHERE id = $3";
    VERSION = "SELECT version FROM changes WHERE name = $1";
    INSERT_IMAGE = "INSERT INTO images (workspace_id, hash, media_type, content, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (workspace_id, hash) DO NOTHING";
    FIND_IMAGE = "SELECT media_type, content FROM images WHERE hash = $1 LIMIT 1";
}

/// The installation's first workspace, made when there is none.
pub async fn first_workspace(
    tx: &mut Tx,
    id: WorkspaceId,
    name: &str,
    now: Millis,
) -> Result<WorkspaceId> {
    if let Some(mut row) = tx.query_opt(&FIRST_WORKSPACE, &[]).await? {
        return row.take(0);
    }
    tx.execute(&INSERT_WORKSPACE, params![id, name, now])
        .await?;
    Ok(id)
}

/// All workspaces of the installation with their names, for the command line.
pub async fn workspaces(tx: &mut Tx) -> Result<Vec<(WorkspaceId, String)>> {
    let rows = tx.query(&WORKSPACES, &[]).await?;
    rows.into_iter()
        .map(|mut row| Ok((row.take(0)?, row.take(1)?)))
        .collect()
}

/// Finds a hub of a workspace by its slug.
pub async fn find(tx: &mut Tx, workspace: WorkspaceId, slug: &str) -> Result<Option<Hub>> {
    tx.query_opt(&FIND_HUB, params![workspace, slug])
        .await?
        .map(hub)
        .transpose()
}

/// Whether any workspace has a hub at this address.
pub async fn slug_taken(tx: &mut Tx, slug: &str) -> Result<bool> {
    Ok(tx.query_opt(&SLUG_TAKEN, params![slug]).await?.is_some())
}

/// A hub of a workspace by its id.
pub async fn get(tx: &mut Tx, workspace: WorkspaceId, hub: HubId) -> Result<Option<Hub>> {
    tx.query_opt(&HUB, params![workspace, hub])
        .await?
        .map(self::hub)
        .transpose()
}

/// The number of entries of all cards of a hub.
pub async fn entries(tx: &mut Tx, hub: HubId) -> Result<i64> {
    match tx.query_opt(&ENTRIES_OF_HUB, params![hub]).await? {
        Some(mut row) => row.take(0),
        None => Ok(0),
    }
}

/// The ids of a hub's cards by key.
pub async fn cards(tx: &mut Tx, hub: HubId) -> Result<Vec<(String, CardId)>> {
    let rows = tx.query(&CARDS, params![hub]).await?;
    rows.into_iter()
        .map(|mut row| Ok((row.take(0)?, row.take(1)?)))
        .collect()
}

/// All hubs of a workspace by slug.
pub async fn list(tx: &mut Tx, workspace: WorkspaceId) -> Result<Vec<Hub>> {
    tx.query(&LIST_HUBS, params![workspace])
        .await?
        .into_iter()
        .map(hub)
        .collect()
}

fn hub(mut row: Row) -> Result<Hub> {
    Ok(Hub {
        id: row.take(0)?,
        workspace: row.take(1)?,
        slug: row.take(2)?,
        draft: row.take(3)?,
        revision: row.take(4)?,
        published_version: row.take(5)?,
        archived_at: row.take(6)?,
    })
}

/// Makes or updates a hub's draft, with identities for its cards and connections; answers the hub.
pub async fn save(
    tx: &mut Tx,
    workspace: WorkspaceId,
    slug: &str,
    draft: &str,
    ids: NewIds,
    now: Millis,
) -> Result<HubId> {
    let id = if let Some(hub) = find(tx, workspace, slug).await? {
        tx.execute(&UPDATE_DRAFT, params![draft, now, hub.id, workspace])
            .await?;
        hub.id
    } else {
        tx.execute(&INSERT_HUB, params![ids.hub, workspace, slug, draft, now])
            .await?;
        ids.hub
    };
    know_cards(tx, workspace, id, ids.cards).await?;
    put_connections(
        tx,
        workspace,
        id,
        ids.connections,
        ids.keep_connections,
        now,
    )
    .await?;
    Ok(id)
}

/// Gives cards that are new to the hub their identities.
pub async fn know_cards(
    tx: &mut Tx,
    workspace: WorkspaceId,
    hub: HubId,
    cards: Vec<(String, CardId)>,
) -> Result<()> {
    for (key, card) in cards {
        tx.execute(&INSERT_CARD, params![card, workspace, hub, key])
            .await?;
    }
    Ok(())
}

/// Freezes a document as the hub's newest publication; the same content again makes no new one. Answers its version.
pub async fn publish(
    tx: &mut Tx,
    hub: HubId,
    document: &str,
    content_hash: &str,
    now: Millis,
) -> Result<i64> {
    let newest = tx.query_opt(&NEWEST_PUBLICATION, params![hub]).await?;
    let newest: Option<(i64, String)> = newest
        .map(|mut row| Ok::<_, StoreError>((row.take(0)?, row.take(1)?)))
        .transpose()?;
    let version = match newest {
        Some((version, hash)) if hash == content_hash => version,
        other => {
            let version = other.map_or(1, |(version, _)| version + 1);
            tx.execute(
                &INSERT_PUBLICATION,
                params![hub, version, document, content_hash, now],
            )
            .await?;
            version
        }
    };
    tx.execute(&SET_PUBLISHED, params![version, now, hub])
        .await?;
    changed(tx).await?;
    Ok(version)
}

/// Takes a hub offline.
pub async fn unpublish(tx: &mut Tx, hub: HubId, now: Millis) -> Result<()> {
    tx.execute(&SET_PUBLISHED, params![None::<i64>, now, hub])
        .await?;
    changed(tx).await
}

/// Puts a hub out of sight, or brings it back as it was.
pub async fn archive(tx: &mut Tx, hub: HubId, archived: bool, now: Millis) -> Result<()> {
    let since = archived.then_some(now);
    tx.execute(&ARCHIVE, params![since, now, hub]).await?;
    changed(tx).await
}

/// Tells all servers that hubs or connections have changed.
async fn changed(tx: &mut Tx) -> Result<()> {
    tx.execute(&BUMP, params!["hubs"]).await?;
    Ok(())
}

/// A number that rises with every change of publications and connections.
pub async fn version(tx: &mut Tx) -> Result<i64> {
    match tx.query_opt(&VERSION, params!["hubs"]).await? {
        Some(mut row) => row.take(0),
        None => Ok(0),
    }
}

/// Everything that participants can see, of all workspaces.
pub async fn published(tx: &mut Tx) -> Result<Vec<Published>> {
    let mut all = Vec::new();
    for mut row in tx.query(&PUBLISHED, &[]).await? {
        let hub: HubId = row.take(0)?;
        all.push(Published {
            hub,
            workspace: row.take(1)?,
            slug: row.take(2)?,
            version: row.take(3)?,
            document: row.take(4)?,
            cards: cards(tx, hub).await?,
            connections: connections(tx, hub).await?,
        });
    }
    Ok(all)
}

/// The connections of hubs that participants can't see at the moment: what they have queued still goes out.
pub async fn unpublished(tx: &mut Tx) -> Result<Vec<Connection>> {
    let mut all = Vec::new();
    for mut row in tx.query(&UNPUBLISHED, &[]).await? {
        all.extend(connections(tx, row.take(0)?).await?);
    }
    Ok(all)
}

/// Writes something small, to know whether entries can be stored.
pub async fn can_write(tx: &mut Tx) -> Result<()> {
    tx.execute(&CAN_WRITE, &[]).await?;
    Ok(())
}

/// Keeps a picture.
pub async fn save_image(
    tx: &mut Tx,
    workspace: WorkspaceId,
    image: &Image,
    now: Millis,
) -> Result<()> {
    let values = params![
        workspace,
        image.hash.as_str(),
        image.media_type.as_str(),
        image.content.as_slice(),
        now
    ];
    tx.execute(&INSERT_IMAGE, values).await?;
    Ok(())
}

/// Finds a picture by its hash.
pub async fn find_image(tx: &mut Tx, hash: &str) -> Result<Option<Image>> {
    let Some(mut row) = tx.query_opt(&FIND_IMAGE, params![hash]).await? else {
        return Ok(None);
    };
    Ok(Some(Image {
        hash: hash.to_owned(),
        media_type: row.take(0)?,
        content: row.take(1)?,
    }))
}
