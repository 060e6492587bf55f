//! The composition root: opens the database, reads what is published, serves, delivers, and ends gracefully.

use std::{fs::File, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, bail};
use store::{Address, Options, Store};
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

use crate::{
    app::App,
    backfill::Worker,
    clock,
    config::Config,
    deliver::{Deliver, Mailer, Settings, Wakers, housekeeping::Keep},
    live::LiveHubs,
    mail::{HubMailer, MailServer},
    secrets::Keyring,
    telemetry,
    web::{self, listen},
};

/// Calls under way at shutdown, and storing their outcomes, have this long.
const LAST_CALLS: Duration = Duration::from_secs(45);

/// A running server.
#[derive(Debug)]
pub struct Server {
    /// Where participants find it.
    pub address: SocketAddr,
    /// Where metrics are, if anywhere.
    pub metrics: Option<SocketAddr>,
    /// The database.
    pub store: Store,
    /// What is published.
    pub hubs: LiveHubs,
    /// The secret key.
    pub keyring: Arc<Keyring>,
    /// The path by which the first member comes in, while there is none.
    pub first_run: Option<String>,
    stop: watch::Sender<bool>,
    stop_delivery: watch::Sender<bool>,
    web: JoinSet<()>,
    delivery: JoinSet<()>,
    _lock: Option<File>,
}

/// Opens the configured database and brings its schema up to date.
pub async fn open_store(config: &Config) -> anyhow::Result<Store> {
    let address =
        Address::parse(&config.database.url).context("configuration key `database.url`")?;
    let options = Options {
        connections: config.database.connections,
        batches_in_flight: config.database.batches_in_flight,
        allow_unsafe_durability: config.database.allow_unsafe_durability,
        ..Options::default()
    };
    store::open(&address, options, clock::now())
        .await
        .context("the database can't be opened")
}

/// Two servers on one SQLite file would both deliver: the second is refused.
fn lock_file(config: &Config) -> anyhow::Result<Option<File>> {
    let Address::Sqlite(path) = Address::parse(&config.database.url)? else {
        return Ok(None);
    };
    let mut name = path.clone().into_os_string();
    name.push(".lock");
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("can't make the folder {}", folder.display()))?;
    }
    let file = File::create(&name)
        .with_context(|| format!("can't make the lock file {}", name.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => bail!(
            "another komo server uses {} already. Stop it first; several servers need PostgreSQL",
            path.display()
        ),
        Err(std::fs::TryLockError::Error(error)) => {
            Err(error).context("the lock file can't be locked")
        }
    }
}

impl Server {
    /// Starts everything; when this returns, requests are answered.
    pub async fn start(config: &Config) -> anyhow::Result<Self> {
        let handle = telemetry::start_metrics()?;
        let lock = lock_file(config)?;
        let keyring = Arc::new(Keyring::open_or_make(&config.secrets.key_file)?);
        let store = open_store(config).await?;
        let hubs = LiveHubs::load(&store).await?;
        let wakers = Wakers::default();
        let app = App::new(
            config,
            store.clone(),
            hubs.clone(),
            wakers.clone(),
            Arc::clone(&keyring),
        );
        let first_run = (!store
            .read(|tx| Box::pin(store::accounts::any_member(tx)))
            .await?)
            .then(|| format!("/studio/welcome?code={}", app.studio.first_run));
        let listen_on = config.server.listen;
        let listener = TcpListener::bind(listen_on)
            .await
            .with_context(|| format!("can't listen on {listen_on} (configuration key `server.listen`); is another program using it?"))?;
        let address = listener.local_addr()?;

        let (stop, stopping) = watch::channel(false);
        let (stop_delivery, delivery_stopping) = watch::channel(false);
        let mut web = JoinSet::new();
        let timeout = Duration::from_secs(config.server.request_timeout_seconds);
        let router = web::router(app.clone(), timeout);
        web.spawn(listen::serve(listener, router, stopping.clone()));
        web.spawn(hubs.clone().follow(store.clone(), stopping.clone()));
        web.spawn(tidy(app, stopping.clone()));
        let metrics = match config.server.metrics_listen.parse() {
            Ok(listen_on) => Some(telemetry::serve_metrics(listen_on, handle, stopping).await?),
            Err(_) => None,
        };

        let mailer = MailServer::of(&config.smtp)?.map(|server| {
            let mailer = HubMailer::new(server, hubs.clone(), &app_url(config));
            Arc::new(mailer) as Arc<dyn Mailer>
        });
        let deliver = Deliver {
            mailer,
            owner: owner(config, &store, address).into(),
            store: store.clone(),
            keyring: Arc::clone(&keyring),
            hubs: hubs.clone(),
            wakers,
            settings: Settings {
                allow_private: config.delivery.allow_private_addresses,
                allow_other_hosts: config.delivery.allow_other_hosts,
                lease_ms: i64::from(config.delivery.lease_seconds) * 1_000,
                retry_window_ms: config.delivery.retry_window_ms(),
                keep: Keep::days(
                    config.delivery.keep_calls_days,
                    config.delivery.keep_parked_days,
                    config.delivery.keep_delivered_days,
                ),
                shared: !store.is_embedded(),
            },
        };
        let worker = Worker {
            store: store.clone(),
            wakers: deliver.wakers.clone(),
            owner: Arc::clone(&deliver.owner),
        };
        let mut delivery = JoinSet::new();
        delivery.spawn(worker.run(delivery_stopping.clone()));
        delivery.spawn(deliver.run(delivery_stopping));
        Ok(Self {
            address,
            metrics,
            store,
            hubs,
            keyring,
            first_run,
            stop,
            stop_delivery,
            web,
            delivery,
            _lock: lock,
        })
    }

    /// Finishes requests, then calls that are under way, then closes the database.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.web.join_next().await.is_some() {}
        self.stop_delivery.send_replace(true);
        // Outcomes that can't be stored (the disk is full, the database is gone) must not keep the process for ever: those
        // deliveries are made again after the next start.
        let ended = async { while self.delivery.join_next().await.is_some() {} };
        if tokio::time::timeout(LAST_CALLS, ended).await.is_err() {
            tracing::warn!(
                "some deliveries could not be finished; they are made again after the next start"
            );
        }
        self.store.close().await;
    }
}

/// The address by which the world knows this server, without a slash at its end.
fn app_url(config: &Config) -> String {
    config.server.public_url.trim_end_matches('/').to_owned()
}

/// Whose leases this process takes. The same name after a restart takes its own lanes back at once.
fn owner(config: &Config, store: &Store, address: SocketAddr) -> String {
    if !config.delivery.node.is_empty() {
        return config.delivery.node.clone();
    }
    if store.is_embedded() {
        return "embedded".into();
    }
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    format!("{}:{}", host.trim(), address)
}

/// Forgets rate limits of senders who have left, and sessions that have ended.
async fn tidy(app: App, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_mins(1)) => {
                app.door.tidy();
                app.studio.attempts.tidy();
                let now = clock::now();
                let tidied = app.store.write(move |tx| Box::pin(store::accounts_sessions::tidy(tx, now)));
                if let Err(error) = tidied.await {
                    tracing::debug!(%error, "ended sessions could not be forgotten; they are later");
                }
                if let Some(keep) = app.visitors_keep_ms
                    && let Err(error) = store::visitors::purge(&app.store, now.plus(-keep)).await
                {
                    tracing::debug!(%error, "old visitors could not be forgotten; they are later");
                }
            }
            changed = stop.changed() => if changed.is_err() || *stop.borrow() { return },
        }
    }
}

/// Waits for the signal to end: Ctrl-C, or SIGTERM from a service manager.
pub async fn until_asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let Ok(mut terminate) =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        else {
            drop(interrupt.await);
            return;
        };
        tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    drop(interrupt.await);
}
