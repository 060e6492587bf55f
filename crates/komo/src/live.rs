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
    /// One reads at a time, so that nothing older replaces something newer.
    turn: Arc<tokio::sync::Mutex<()>>,
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
    pub publication: Arc<Publication>,
    /// Ids of cards by key.
    pub cards: BTreeMap<String, CardId>,
    /// Where its data goes.
    pub connections: Vec<Arc<LiveConnection>>,
    /// Pages rendered and compressed once.
    pub pages: Arc<Pages>,
    /// The number of the publication.
    version: i64,
}

/// One connection. It is not part of the publication: a change takes effect when it is saved.
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
    /// Rises with every change that workers must notice.
    pub revision: i64,
    /// Rises when everything is to be sent again.
    pub resend_epoch: i64,
}

impl LiveConnection {
    fn read(row: hubs::Connection) -> anyhow::Result<Self> {
        let doc: ConnectionDoc =
            serde_json::from_str(&row.document).context("its document can't be read")?;
        let mapping = Mapping::compile(&doc).map_err(|problems| {
            let first = problems.first();
            let first = first.map(|it| format!("{}: {}", it.path, it.message));
            anyhow::anyhow!("the mapping has problems: {}", first.unwrap_or_default())
        })?;
        Ok(Self {
            id: row.id,
            hub: row.hub,
            doc,
            mapping,
            sealed_key: row.sealed_key,
            paused: row.paused,
            lanes: row.lanes.into(),
            revision: row.revision,
            resend_epoch: row.resend_epoch,
        })
    }

    /// One that can't be read never takes its hub down with it: its last good version stays.
    fn all(rows: Vec<hubs::Connection>, last: Option<&Snapshot>) -> Vec<Arc<Self>> {
        let read = rows.into_iter().filter_map(|row| {
            let id = row.id;
            Self::read(row).map(Arc::new).map_or_else(
                |error| {
                    tracing::error!(connection.id = %id, "a connection can't be used: {error:#}");
                    last?.connections().find(|it| it.id == id).map(Arc::clone)
                },
                Some,
            )
        });
        read.collect()
    }

    /// Whether nothing that a worker depends on has changed. What is planned from now on is not a worker's concern.
    pub fn same_as(&self, other: &Self) -> bool {
        self.revision == other.revision
            && self.lanes == other.lanes
            && same_sending(&self.doc, &other.doc)
    }
}

/// Whether two documents of a connection send to the same place in the same way; what is mapped may differ.
pub fn same_sending(one: &ConnectionDoc, other: &ConnectionDoc) -> bool {
    // Everything but the mapping, so that a setting that is added later counts by itself.
    let sending = |doc: &ConnectionDoc| ConnectionDoc {
        name: String::new(),
        user: one.user.clone(),
        attributes: Vec::new(),
        consents: Vec::new(),
        events: Vec::new(),
        ..doc.clone()
    };
    sending(one) == sending(other)
}

impl LiveHub {
    fn freeze(row: hubs::Published, last: Option<&Snapshot>) -> anyhow::Result<Self> {
        let connections = LiveConnection::all(row.connections, last);
        let cards = row.cards.into_iter().collect();
        // The same version need not be frozen and rendered again because something else has changed.
        let before = last.and_then(|last| last.hubs.get(&row.slug));
        if let Some(before) = before.filter(|it| it.id == row.hub && it.version == row.version) {
            return Ok(Self {
                id: row.hub,
                workspace: row.workspace,
                publication: Arc::clone(&before.publication),
                cards,
                connections,
                pages: Arc::clone(&before.pages),
                version: row.version,
            });
        }
        let doc = HubDoc::from_json(&row.document).context("the publication can't be read")?;
        let publication = Publication::freeze(Arc::new(doc)).map_err(|problems| {
            let first = problems
                .first()
                .map(|it| format!("{}: {}", it.path, it.message))
                .unwrap_or_default();
            anyhow::anyhow!("the publication has problems: {first}")
        })?;
        Ok(Self {
            id: row.hub,
            workspace: row.workspace,
            publication: Arc::new(publication),
            cards,
            connections,
            pages: Arc::default(),
            version: row.version,
        })
    }

    /// A card with its identity.
    pub fn card(&self, key: &str) -> Option<(CardId, &PublishedCard)> {
        self.cards.get(key).copied().zip(self.publication.card(key))
    }
}

impl Snapshot {
    fn connections(&self) -> impl Iterator<Item = &Arc<LiveConnection>> {
        let published = self.hubs.values().flat_map(|hub| &hub.connections);
        published.chain(&self.others)
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
            turn: Arc::default(),
        })
    }

    /// A published hub by its slug.
    pub fn find(&self, slug: &str) -> Option<Arc<LiveHub>> {
        self.current.load().hubs.get(slug).cloned()
    }

    /// All connections, those of hubs that are not published included.
    pub fn connections(&self) -> HashMap<ConnectionId, Arc<LiveConnection>> {
        self.current
            .load()
            .connections()
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

    /// Looks for changes and waits for them: what was just saved counts on this server when this returns.
    pub async fn refresh_now(&self, store: &Store) {
        if let Err(error) = self.refresh(store).await {
            tracing::warn!(%error, "a change is seen later");
            self.refresh_soon();
        }
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
        let _turn = self.turn.lock().await;
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
        match LiveHub::freeze(row, last) {
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
    let others = LiveConnection::all(unpublished, last);
    Ok(Snapshot {
        version,
        hubs: found,
        others,
    })
}
