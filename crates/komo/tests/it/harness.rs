//! A whole installation inside a test: database, server, Braze sandbox.
//! Promises that nothing is shared between two of them and nothing is left behind.
//! Leaves what is tested to the modules.

use std::{future::Future, net::SocketAddr, time::Duration};

use braze_sandbox::{Sandbox, Settings};
use engage::{
    hub::HubDoc,
    ids::{CardId, ConnectionId, WorkspaceId},
};
use komo::{config::Config, hubfile, secrets::Keyring, serve::Server};
use secrecy::SecretString;
use serde_json::{Value, json};
use store::{
    Store, hubs,
    ledger::{self, Filter, Row},
    outbox::Backlog,
    testing::TestDatabase,
};
use tokio::{net::TcpListener, runtime::Runtime, task::JoinHandle, time::Instant};

use crate::{history::History, http::Http};

/// The key that a sandbox takes.
pub(crate) const KEY: &str = "demo-braze-key";
/// The hub of most tests.
pub(crate) const HUB: &str = include_str!("hub.toml");
/// Long enough for a busy machine; a condition that is met ends the wait at once.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Runs a test on both databases: `both!(name, function)` with `async fn function(database: TestDatabase)`.
macro_rules! both {
    ($name:ident, $function:path) => {
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                use super::*;
                $function(store::testing::TestDatabase::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                use super::*;
                $function(store::testing::TestDatabase::postgres()).await;
            }
        }
    };
}

/// Waits for a condition, and says what it waited for when it never came.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut check: impl FnMut() -> F) {
    let since = Instant::now();
    while !check().await {
        assert!(
            since.elapsed() < PATIENCE,
            "waited {PATIENCE:?} in vain: {what}"
        );
        // A pause between two looks, not a guess at how long something takes.
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}

/// A Braze of the test's own.
pub(crate) struct Braze {
    pub(crate) sandbox: Sandbox,
    pub(crate) address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Drop for Braze {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Braze {
    /// A Braze without rate limits that forgets nothing.
    pub(crate) async fn start() -> Self {
        Self::with(Settings {
            unlimited: true,
            ..Self::settings()
        })
        .await
    }

    pub(crate) fn settings() -> Settings {
        Settings {
            keep_requests: 1_000_000,
            keep_bytes: 1 << 30,
            keep_objects: 1_000_000,
            keep_events: 1_000_000,
            ..Settings::default()
        }
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let sandbox = Sandbox::new(settings);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn({
            let sandbox = sandbox.clone();
            async move {
                sandbox
                    .serve(listener, std::future::pending())
                    .await
                    .unwrap();
            }
        });
        Self {
            sandbox,
            address,
            serving,
        }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn history(&self) -> History {
        History::of(&self.sandbox)
    }
}

/// The test hub's document, sending to `endpoint`.
pub(crate) fn hub(endpoint: &str) -> HubDoc {
    let mut doc = HubDoc::from_toml(HUB).unwrap();
    for connection in &mut doc.connections {
        connection.endpoint = endpoint.to_owned();
    }
    doc
}

/// A configuration for tests: any port, everything local allowed, no limit for this computer.
pub(crate) fn config(database: &TestDatabase, folder: &std::path::Path) -> Config {
    let mut config = Config::load(None, []).unwrap();
    config.server.listen = "127.0.0.1:0".parse().unwrap();
    config.server.metrics_listen = String::new();
    config.database.url = database.url();
    config.secrets.key_file = folder.join("secret.key");
    config.delivery.allow_private_addresses = true;
    config.delivery.allow_other_hosts = true;
    config.delivery.node = "test".into();
    config.limits.exempt = vec!["127.0.0.0/8".parse().unwrap()];
    config
}

/// Imports a hub and gives its connections a key.
pub(crate) async fn seed(config: &Config, doc: HubDoc, key: &str) {
    let store = komo::serve::open_store(config).await.unwrap();
    import(&store, doc).await;
    give_key(
        &store,
        &Keyring::open_or_make(&config.secrets.key_file).unwrap(),
        key,
    )
    .await;
    store.close().await;
}

pub(crate) async fn import(store: &Store, doc: HubDoc) -> hubfile::Imported {
    hubfile::import(store, doc, &hubfile::Beside("no-pictures-here".into()))
        .await
        .unwrap()
}

/// Gives every connection without a key, and every paused one, a key.
pub(crate) async fn give_key(store: &Store, keyring: &Keyring, key: &str) {
    for connection in connections(store).await {
        if connection.sealed_key.is_none() || connection.paused.is_some() {
            let sealed = keyring
                .seal(
                    &SecretString::from(key.to_owned()),
                    connection.id.uuid().as_bytes(),
                )
                .unwrap();
            store
                .write(move |tx| {
                    Box::pin(async move { hubs::set_key(tx, connection.id, &sealed).await })
                })
                .await
                .unwrap();
        }
    }
}

/// All connections of all published hubs.
pub(crate) async fn connections(store: &Store) -> Vec<hubs::Connection> {
    let published = store
        .read(|tx| Box::pin(hubs::published(tx)))
        .await
        .unwrap();
    published
        .into_iter()
        .flat_map(|hub| hub.connections)
        .collect()
}

/// Sends everything again that was set aside on the first connection.
pub(crate) async fn send_again(store: &Store) -> komo::backfill::Sent {
    let connection = connections(store).await.remove(0);
    let all = komo::backfill::Which::Matching(Filter::default());
    komo::backfill::send_again(store, connection.workspace, connection.id, &all, None)
        .await
        .unwrap()
}

/// What is not delivered yet, of all connections together.
pub(crate) async fn backlog(store: &Store) -> Backlog {
    let mut sum = Backlog::default();
    for connection in connections(store).await {
        let one = store
            .read(move |tx| Box::pin(store::outbox::backlog(tx, connection.id)))
            .await
            .unwrap();
        sum.pending += one.pending;
        sum.retrying += one.retrying;
        sum.waiting += one.waiting;
        sum.parked += one.parked;
        sum.unknown += one.unknown;
        sum.skipped += one.skipped;
        sum.erased += one.erased;
    }
    sum
}

/// All deliveries of a connection that a filter lets through, newest first.
pub(crate) async fn all_rows(
    store: &Store,
    workspace: WorkspaceId,
    connection: ConnectionId,
    filter: Filter,
) -> Vec<Row> {
    let (mut rows, mut before) = (Vec::new(), None);
    loop {
        let filter = filter.clone();
        let page = store
            .read(move |tx| {
                Box::pin(async move {
                    ledger::page(tx, workspace, connection, &filter, before, 500).await
                })
            })
            .await
            .unwrap();
        rows.extend(page.rows);
        before = page.next;
        if before.is_none() {
            return rows;
        }
    }
}

/// Waits until nothing is on its way any more.
pub(crate) async fn drained(store: &Store) {
    let since = Instant::now();
    loop {
        let backlog = backlog(store).await;
        if (backlog.pending, backlog.retrying, backlog.waiting) == (0, 0, 0) {
            return;
        }
        assert!(
            since.elapsed() < PATIENCE,
            "after {PATIENCE:?} there are still deliveries on their way: {backlog:?}"
        );
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}

/// An installation with the test hub: it runs until the test ends.
pub(crate) struct Place {
    pub(crate) server: Server,
    pub(crate) config: Config,
    pub(crate) braze: Braze,
    pub(crate) database: TestDatabase,
    pub(crate) folder: tempfile::TempDir,
}

impl Place {
    pub(crate) async fn on(database: TestDatabase) -> Self {
        Self::with(database, Braze::start().await, |_| {}).await
    }

    pub(crate) async fn with(
        database: TestDatabase,
        braze: Braze,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let doc = hub(&braze.endpoint());
        Self::with_hub(database, braze, doc, change).await
    }

    pub(crate) async fn with_hub(
        database: TestDatabase,
        braze: Braze,
        doc: HubDoc,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = config(&database, folder.path());
        change(&mut config);
        seed(&config, doc, KEY).await;
        let server = Server::start(&config).await.unwrap();
        Self {
            server,
            config,
            braze,
            database,
            folder,
        }
    }

    pub(crate) fn http(&self) -> Http {
        Http::new(self.server.address)
    }

    pub(crate) fn store(&self) -> &Store {
        &self.server.store
    }

    pub(crate) fn card(&self, key: &str) -> CardId {
        self.server.hubs.find("test").unwrap().card(key).unwrap().0
    }

    /// The number of entries of a card.
    pub(crate) async fn entries(&self, card: &str) -> i64 {
        let card = self.card(card);
        self.store()
            .read(move |tx| Box::pin(store::entries::count(tx, card)))
            .await
            .unwrap()
    }

    pub(crate) async fn drained(&self) {
        drained(self.store()).await;
    }
}

/// A server on a runtime of its own, which can be made to vanish without a good-bye.
pub(crate) struct Node {
    pub(crate) address: SocketAddr,
    runtime: Option<Runtime>,
    server: Option<Server>,
}

impl Node {
    pub(crate) async fn start(config: &Config) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let config = config.clone();
        let started = runtime
            .spawn(async move { Server::start(&config).await })
            .await?;
        match started {
            Ok(server) => Ok(Self {
                address: server.address,
                runtime: Some(runtime),
                server: Some(server),
            }),
            Err(error) => {
                runtime.shutdown_background();
                Err(error)
            }
        }
    }

    /// Ends every task of the server where it stands.
    pub(crate) fn vanish(mut self) {
        let server = self.server.take();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        drop(server);
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A count as the database gives it.
pub(crate) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap()
}

/// `POST` address of a card's entries.
pub(crate) fn entries_of(card: &str) -> String {
    format!("/h/test/c/{card}/entries")
}

/// An entry of one e-mail address and nothing else.
pub(crate) fn entry(email: &str) -> Value {
    json!({"fields": {"email": email}})
}

pub(crate) fn play_id() -> String {
    uuid::Uuid::now_v7().to_string()
}
