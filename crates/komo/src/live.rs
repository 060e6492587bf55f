//! What is published, in memory: read from the database, frozen, swapped in whole when something changes.
//! Promises: a request sees one version from beginning to end; a change made by another process is seen within a second.
//! Leaves to others: rendering and rules.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use arc_swap::ArcSwap;
use engage::{
    hub::{ConnectionDoc, HubDoc, Publication, PublishedCard},
    ids::{CardId, ConnectionId, HubId, WorkspaceId},
    mapping::Mapping,
};
use store::{Store, hubs};
use tokio::sync::{Notify, watch};

use crate::web::hub::cache::Pages;

/// How often the database is asked whether anything has changed.
const LOOK: Duration = Duration::from_millis(500);

/// All published hubs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LiveHubs {
    current: Arc<ArcSwap<Snapshot>>,
    changed: watch::Sender<i64>,
    soon: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Snapshot {
    version: i64,
    hubs: HashMap<String, Arc<LiveHub>>,
    /// Connections of hubs that are not published: what they have queued still goes out.
    others: Vec<Arc<LiveConnection>>,
}

/// One published hub.
#[derive(Debug)]
pub struct LiveHub {
    /// The hub.
    pub id: HubId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its frozen document.
    pub publication: Publication,
    /// Ids of cards by key.
    pub cards: BTreeMap<String, CardId>,
    /// Where its data goes.
    pub connections: Vec<Arc<LiveConnection>>,
    /// Pages rendered and compressed once.
    pub pages: Pages,
}

/// One connection of a published hub.
#[derive(Debug)]
pub struct LiveConnection {
    /// The connection.
    pub id: ConnectionId,
    /// Its hub.
    pub hub: HubId,
    /// Its document.
    pub doc: ConnectionDoc,
    /// What of an entry is sent.
    pub mapping: Mapping,
    /// The sealed API key.
    pub sealed_key: Option<Vec<u8>>,
    /// Why nothing is sent at the moment: code and sentence.
    pub paused: Option<(String, String)>,
    /// Its lanes.
    pub lanes: Arc<[i64]>,
    /// Rises with every change of key or pause.
    pub revision: i64,
}

impl LiveConnection {
    /// The connections that a document names. One that was taken out of it keeps its row and what is queued for it.
    fn all(
        docs: &[ConnectionDoc],
        stored: Vec<hubs::Connection>,
    ) -> anyhow::Result<Vec<Arc<Self>>> {
        let mut all = Vec::new();
        for row in stored {
            let Some(doc) = docs.iter().find(|doc| doc.key == row.key) else {
                continue;
            };
            let mapping = Mapping::compile(doc).map_err(|problems| {
                let first = problems.first();
                let first = first.map(|it| format!("{}: {}", it.path, it.message));
                anyhow::anyhow!(
                    "the mapping of the connection `{}` has problems: {}",
                    doc.key,
                    first.unwrap_or_default()
                )
            })?;
            all.push(Arc::new(Self {
                id: row.id,
                hub: row.hub,
                doc: doc.clone(),
                mapping,
                sealed_key: row.sealed_key,
                paused: row.paused,
                lanes: row.lanes.into(),
                revision: row.revision,
            }));
        }
        Ok(all)
    }

    /// Whether nothing that a worker depends on has changed.
    pub fn same_as(&self, other: &Self) -> bool {
        self.revision == other.revision && self.doc == other.doc && self.lanes == other.lanes
    }
}

impl LiveHub {
    fn freeze(row: hubs::Published) -> anyhow::Result<Self> {
        let doc = HubDoc::from_json(&row.document).context("the publication can't be read")?;
        let publication = Publication::freeze(Arc::new(doc)).map_err(|problems| {
            let first = problems
                .first()
                .map(|it| format!("{}: {}", it.path, it.message))
                .unwrap_or_default();
            anyhow::anyhow!("the publication has problems: {first}")
        })?;
        let connections = LiveConnection::all(publication.connections(), row.connections)?;
        Ok(Self {
            id: row.hub,
            workspace: row.workspace,
            publication,
            cards: row.cards.into_iter().collect(),
            connections,
            pages: Pages::default(),
        })
    }

    /// A card with its identity.
    pub fn card(&self, key: &str) -> Option<(CardId, &PublishedCard)> {
        self.cards.get(key).copied().zip(self.publication.card(key))
    }
}

impl LiveHubs {
    /// Reads everything that is published.
    pub async fn load(store: &Store) -> anyhow::Result<Self> {
        let snapshot = read(store, None).await?;
        let (changed, _) = watch::channel(snapshot.version);
        Ok(Self {
            current: Arc::new(ArcSwap::from_pointee(snapshot)),
            changed,
            soon: Arc::default(),
        })
    }

    /// A published hub by its slug.
    pub fn find(&self, slug: &str) -> Option<Arc<LiveHub>> {
        self.current.load().hubs.get(slug).cloned()
    }

    /// All connections, those of hubs that are not published included.
    pub fn connections(&self) -> HashMap<ConnectionId, Arc<LiveConnection>> {
        let snapshot = self.current.load();
        let published = snapshot.hubs.values().flat_map(|hub| &hub.connections);
        published
            .chain(&snapshot.others)
            .map(|it| (it.id, Arc::clone(it)))
            .collect()
    }

    /// Tells when a new version has been swapped in.
    pub fn changes(&self) -> watch::Receiver<i64> {
        self.changed.subscribe()
    }

    /// Looks for changes now instead of within half a second.
    pub fn refresh_soon(&self) {
        self.soon.notify_one();
    }

    /// Follows the database until `stop` turns true.
    pub async fn follow(self, store: Store, mut stop: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = self.soon.notified() => {}
                stopping = stop.changed() => if stopping.is_err() || *stop.borrow() { return },
            }
            if let Err(error) = self.refresh(&store).await {
                tracing::warn!(%error, "published hubs can't be read at the moment; the last known version stays");
            }
        }
    }

    /// Swaps in a new version if there is one.
    pub async fn refresh(&self, store: &Store) -> anyhow::Result<()> {
        let version = store.read(|tx| Box::pin(hubs::version(tx))).await?;
        let current = self.current.load_full();
        if version == current.version {
            return Ok(());
        }
        let snapshot = read(store, Some(&current)).await?;
        let version = snapshot.version;
        self.current.store(Arc::new(snapshot));
        self.changed.send_replace(version);
        Ok(())
    }
}

/// Reads and freezes all publications; one that can't be read keeps its last good version.
async fn read(store: &Store, last: Option<&Snapshot>) -> anyhow::Result<Snapshot> {
    let (version, rows, unpublished) = store
        .read(|tx| {
            Box::pin(async move {
                let version = hubs::version(tx).await?;
                Ok((
                    version,
                    hubs::published(tx).await?,
                    hubs::unpublished(tx).await?,
                ))
            })
        })
        .await?;
    let mut found = HashMap::new();
    for row in rows {
        let slug = row.slug.clone();
        match LiveHub::freeze(row) {
            Ok(hub) => {
                found.insert(slug, Arc::new(hub));
            }
            Err(error) => {
                tracing::error!(hub = slug, "a hub can't be shown: {error:#}");
                if let Some(hub) = last.and_then(|last| last.hubs.get(&slug)) {
                    found.insert(slug, Arc::clone(hub));
                }
            }
        }
    }
    let mut others = Vec::new();
    for (draft, stored) in unpublished {
        match HubDoc::from_json(&draft) {
            Ok(doc) => match LiveConnection::all(&doc.connections, stored) {
                Ok(found) => others.extend(found),
                Err(error) => tracing::error!("deliveries of a draft wait: {error:#}"),
            },
            Err(error) => tracing::error!("a draft can't be read, its deliveries wait: {error}"),
        }
    }
    Ok(Snapshot {
        version,
        hubs: found,
        others,
    })
}
