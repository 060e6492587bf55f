//! Hidden commands that `cargo xtask load` and `cargo xtask delivery` measure.

use std::{io::Write as _, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use axum::{Json, Router, routing::post};
use clap::Args;
use engage::{entry::EntryLimit, hub::HubDoc, ids::ConnectionId};
use secrecy::SecretString;
use store::{
    Batcher,
    entries::{Accept, NewEntry},
    hubs,
    outbox::{self, NewDelivery},
};
use tokio::{io::AsyncBufReadExt as _, net::TcpListener, sync::watch, task::JoinSet};

use super::{connection::set_key, demo};
use crate::{
    clock,
    config::Config,
    hubfile::{self, Beside},
    secrets::Keyring,
    serve::{self, Server},
    telemetry,
    web::listen,
};

/// A JSON echo behind the same listener.
#[derive(Debug, Args)]
pub(crate) struct Echo {
    /// Address and port
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

impl Echo {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let listener = TcpListener::bind(self.listen).await?;
        println!("echo     http://{}/", listener.local_addr()?);
        let (stop, stopping) = watch::channel(false);
        let echo = |Json(body): Json<serde_json::Value>| async move { Json(body) };
        let router = Router::new().route("/", post(echo)).fallback(post(echo));
        let serving = tokio::spawn(listen::serve(listener, router, stopping));
        serve::until_asked_to_stop().await;
        stop.send_replace(true);
        serving.await?;
        Ok(())
    }
}

/// Fills the outbox of a connection, waits for a line on standard input, delivers, and ends.
#[derive(Debug, Args)]
pub(crate) struct Outbox {
    /// Folder for the data
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// PostgreSQL instead of SQLite
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Objects to deliver: an attributes object and an event an entry
    #[arg(long, default_value_t = 100_000)]
    objects: u64,
    /// Where to
    #[arg(long, value_name = "URL")]
    endpoint: String,
    /// How many objects a call takes
    #[arg(long, default_value = "combined-75")]
    batch: String,
    /// What the account allows, as calls/seconds; else as fast as the machine can
    #[arg(long, default_value = "1000000/1")]
    limit: String,
    /// Instead of delivering: also publish the demo's hub, which sends to this address, give all connections their keys, and end
    #[arg(long, value_name = "URL")]
    beside: Option<String>,
}

const HUB: &str = r#"
format = "komo-hub-1"
[hub]
slug = "bench"
name = "Bench"
locales = ["en"]
state = "published"
[theme]
[[pages]]
path = ""
title = "Bench"
[[cards]]
key = "form"
kind = "form-only"
name = "Form"
title = "Form"
state = "published"
[cards.form]
position = "start"
[[cards.form.fields]]
key = "email"
type = "email"
label = "E-mail"
required = true
[[connections]]
key = "braze"
kind = "braze"
name = "Sink"
endpoint = "http://127.0.0.1:1"
[connections.user]
by = "alias"
label = "komo_email"
from = "field:email"
[[connections.attributes]]
from = "field:email"
to = "email"
"#;

impl Outbox {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let mut config = Config::load(None, std::env::vars())?;
        config.server.listen = "127.0.0.1:0".parse()?;
        config.server.metrics_listen.clear();
        config.database.url = self
            .database
            .clone()
            .unwrap_or_else(|| format!("sqlite:{}", self.data.join("komo.db").display()));
        config.secrets.key_file = self.data.join("secret.key");
        config.delivery.allow_private_addresses = true;
        config.delivery.allow_other_hosts = true;
        "warn".clone_into(&mut config.log.level);
        telemetry::start_logs(&config.log)?;
        let connection = self.fill(&config).await?;
        if let Some(endpoint) = &self.beside {
            publish_demo(&config, endpoint).await?;
        }
        println!("filled   {} objects", self.objects);
        std::io::stdout().flush()?;
        if self.beside.is_some() {
            return Ok(());
        }
        let mut line = String::new();
        tokio::io::BufReader::new(tokio::io::stdin())
            .read_line(&mut line)
            .await?;

        // The key is what was missing: with it, delivery begins.
        let server = Server::start(&config).await?;
        set_key(
            &server.store,
            &server.keyring,
            connection,
            SecretString::from("bench-key"),
        )
        .await?;
        server.hubs.refresh_soon();
        // Counting a long queue costs as much as sending some of it: it is asked for less often the longer it is.
        let mut pause = Duration::from_millis(500);
        loop {
            tokio::time::sleep(pause).await;
            let backlog = server
                .store
                .read(move |tx| Box::pin(outbox::backlog(tx, connection)))
                .await?;
            if backlog == outbox::Backlog::default() {
                break;
            }
            if backlog.pending < 20_000 {
                pause = Duration::from_millis(20);
            }
        }
        println!("delivered {} objects", self.objects);
        std::io::stdout().flush()?;
        // Who measures looks at this process once more before it lets go.
        drop(
            tokio::io::BufReader::new(tokio::io::stdin())
                .read_line(&mut line)
                .await,
        );
        server.stop().await;
        Ok(())
    }

    async fn fill(&self, config: &Config) -> anyhow::Result<ConnectionId> {
        let mut doc: HubDoc = hubfile::parse("bench.toml", HUB)?;
        for connection in &mut doc.connections {
            connection.endpoint.clone_from(&self.endpoint);
            connection.batch_mode = serde_json::from_value(self.batch.clone().into())?;
            let limit = self
                .limit
                .split_once('/')
                .context("a limit is CALLS/SECONDS")?;
            connection.requests_per_window = Some((limit.0.parse()?, limit.1.parse()?));
        }
        drop(Keyring::open_or_make(&config.secrets.key_file)?);
        let store = serve::open_store(config).await?;
        let imported = hubfile::import(&store, doc, &Beside(self.data.clone())).await?;
        let workspace = hubfile::workspace(&store).await?;
        let published = store.read(|tx| Box::pin(hubs::published(tx))).await?;
        let hub = published
            .into_iter()
            .find(|it| it.hub == imported.hub)
            .context("the hub was not published")?;
        let connection = hub
            .connections
            .first()
            .context("the hub has no connection")?;
        let (_, card) = hub.cards.first().cloned().context("the hub has no card")?;
        let lanes: Arc<[i64]> = connection.lanes.clone().into();
        let line = Batcher::<Accept>::new(&store);
        let mut waiting = JoinSet::new();
        for n in 0..self.objects.div_ceil(2) {
            let last = n == self.objects / 2;
            let alias = format!(
                "\"user_alias\":{{\"alias_name\":\"p{n}@example.org\",\"alias_label\":\"komo_email\"}},\"_update_existing_only\":false"
            );
            let attributes = format!(
                "{{{alias},\"email\":\"p{n}@example.org\",\"first_name\":\"Person {n}\",\"country\":\"DE\",\"favourite_flavour\":\"Pistachio\"}}"
            );
            let event = format!(
                "{{{alias},\"name\":\"komo_entry\",\"time\":\"2026-01-01T00:00:00.000Z\",\"properties\":{{\"card\":\"form\",\"submission_id\":\"{n}\"}}}}"
            );
            let entry = NewEntry {
                workspace,
                hub: hub.hub,
                card,
                entry: clock::new_id(),
                contact: clock::new_id(),
                submission_key: None,
                fingerprint: [0; 16],
                identities: Vec::new(),
                person: None,
                limit: EntryLimit::Unlimited,
                status: "qualified".into(),
                properties: serde_json::Map::new(),
                content: "{}".into(),
                consents: Vec::new(),
                play: None,
                deliveries: vec![NewDelivery {
                    lanes: Arc::clone(&lanes),
                    attributes: Some(attributes),
                    events: if last { Vec::new() } else { vec![event] },
                    ..NewDelivery::default()
                }],
                now: clock::now(),
            };
            let line = line.clone();
            waiting.spawn(async move { line.submit(entry).await });
            while waiting.len() >= 2_000 {
                waiting.join_next().await.context("nobody waits")???;
            }
        }
        while let Some(done) = waiting.join_next().await {
            done??;
        }
        store.close().await;
        Ok(connection.id)
    }
}

/// Publishes the demo's hub beside what is there, and gives every connection its key: a server can be started on it.
async fn publish_demo(config: &Config, endpoint: &str) -> anyhow::Result<()> {
    let mut doc = demo::sample_hub()?;
    for connection in &mut doc.connections {
        endpoint.clone_into(&mut connection.endpoint);
    }
    let store = serve::open_store(config).await?;
    let keyring = Keyring::open_or_make(&config.secrets.key_file)?;
    hubfile::import(&store, doc, &demo::Files).await?;
    let published = store.read(|tx| Box::pin(hubs::published(tx))).await?;
    for connection in published.into_iter().flat_map(|hub| hub.connections) {
        let key = SecretString::from(demo::SANDBOX_KEY);
        set_key(&store, &keyring, connection.id, key).await?;
    }
    store.close().await;
    Ok(())
}
