//! `komo connection list | key | check | resume | deliveries | replay`: what an operator does while nobody is in the studio.

use std::io::{IsTerminal as _, Read as _};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use engage::{hub::ConnectionDoc, ids::ConnectionId};
use secrecy::SecretString;
use store::{Store, hubs, ledger::Filter, outbox};

use super::{Source, deliveries, shown};
use crate::{
    backfill, config::Config, deliver::housekeeping::connection_health, hubfile, secrets::Keyring,
};

/// Which connection.
#[derive(Debug, Args, Clone)]
pub(crate) struct Which {
    /// The hub's slug
    hub: String,
    /// The connection's key among the hub's connections
    #[arg(default_value = "braze")]
    connection: String,
    #[command(flatten)]
    source: Source,
}

/// Connections.
#[derive(Debug, Subcommand)]
pub(crate) enum Connection {
    /// Show a hub's connections with what is waiting
    List {
        /// The hub's slug
        hub: String,
        #[command(flatten)]
        source: Source,
    },
    /// Store the API key, read from standard input; it is encrypted and never shown again
    Key {
        #[command(flatten)]
        which: Which,
    },
    /// Try endpoint and key without sending data
    Check {
        #[command(flatten)]
        which: Which,
    },
    /// Send again on a connection that was paused
    Resume {
        #[command(flatten)]
        which: Which,
    },
    /// Show deliveries that were set aside, with the reason and what to do
    Deliveries {
        #[command(flatten)]
        which: Which,
    },
    /// Send again what was parked or is of unknown fate, planned with the mapping of today (more choices: `komo deliveries again`)
    Replay {
        #[command(flatten)]
        which: Which,
    },
}

impl Connection {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::List { hub, source } => {
                let (config, store) = source.open().await?;
                let connections = of_hub(&store, &hub).await?;
                if connections.is_empty() {
                    println!("the hub `{hub}` has no connections");
                }
                for connection in connections {
                    print_one(&store, &config, &connection).await?;
                }
                store.close().await;
                Ok(())
            }
            Self::Key { which } => {
                let (config, store, connection) = which.open().await?;
                set_key(
                    &store,
                    &Keyring::open_or_make(&config.secrets.key_file)?,
                    connection.id,
                    read_key()?,
                )
                .await?;
                println!("the key is stored; a running server uses it within a second");
                store.close().await;
                Ok(())
            }
            Self::Check { which } => which.check().await,
            Self::Resume { which } => {
                let (_, store, connection) = which.open().await?;
                store
                    .write(move |tx| Box::pin(hubs::resume(tx, connection.id)))
                    .await?;
                println!(
                    "deliveries are tried again; `komo connection list` shows whether Braze takes them"
                );
                store.close().await;
                Ok(())
            }
            Self::Deliveries { which } => {
                let (config, store, connection) = which.open().await?;
                print_one(&store, &config, &connection).await?;
                let aside = store
                    .read(move |tx| Box::pin(outbox::set_aside(tx, connection.id, 0, 100)))
                    .await?;
                for it in aside {
                    let entry = it
                        .entry
                        .map_or_else(|| "-".to_owned(), |entry| entry.to_string());
                    println!(
                        "\n#{} {} since {}, entry {entry}\n  {}",
                        it.seq,
                        it.state,
                        shown(it.at),
                        it.explain()
                    );
                }
                store.close().await;
                Ok(())
            }
            Self::Replay { which } => {
                let (_, store, connection) = which.open().await?;
                let all = backfill::Which::Matching(Filter::default());
                let sent =
                    backfill::send_again(&store, connection.workspace, connection.id, &all, None)
                        .await?;
                deliveries::print_sent(&sent);
                store.close().await;
                Ok(())
            }
        }
    }
}

impl Which {
    /// Opens the database and finds the connection.
    pub(super) async fn open(&self) -> anyhow::Result<(Config, Store, hubs::Connection)> {
        let (config, store) = self.source.open().await?;
        let all = of_hub(&store, &self.hub).await?;
        let keys: Vec<String> = all.iter().map(|it| it.key.clone()).collect();
        let found = all.into_iter().find(|it| it.key == self.connection);
        let found = found.with_context(|| {
            format!(
                "the hub `{}` has no connection `{}`; it has: {}",
                self.hub,
                self.connection,
                keys.join(", ")
            )
        })?;
        Ok((config, store, found))
    }

    async fn check(&self) -> anyhow::Result<()> {
        let (config, store, connection) = self.open().await?;
        let doc: ConnectionDoc = serde_json::from_str(&connection.document)
            .context("the connection's document can't be read")?;
        let keyring = Keyring::open_or_make(&config.secrets.key_file)?;
        let sealed = connection
            .sealed_key
            .as_deref()
            .context("the connection has no API key yet: `komo connection key`")?;
        let key = keyring.open(sealed, connection.id.uuid().as_bytes())?;
        let options = braze::Options {
            allow_private: config.delivery.allow_private_addresses,
            allow_other_hosts: config.delivery.allow_other_hosts,
            ..braze::Options::default()
        };
        let client = braze::Client::new(doc.endpoint.parse()?, key, options)?;
        let (check, _) = client.check().await;
        println!("{} {}", check.explanation.what, check.explanation.remedy);
        store.close().await;
        if check.verdict == braze::CheckVerdict::Works {
            Ok(())
        } else {
            bail!("the connection does not work")
        }
    }
}

async fn of_hub(store: &Store, slug: &str) -> anyhow::Result<Vec<hubs::Connection>> {
    let workspace = hubfile::workspace(store).await?;
    let name = slug.to_owned();
    let found = store.read(move |tx| {
        Box::pin(async move {
            match hubs::find(tx, workspace, &name).await? {
                Some(hub) => Ok(Some(hubs::connections(tx, hub.id).await?)),
                None => Ok(None),
            }
        })
    });
    found
        .await?
        .with_context(|| format!("there is no hub `{slug}`; `komo hub list` shows all"))
}

/// Seals a key for its connection and stores it.
pub(super) async fn set_key(
    store: &Store,
    keyring: &Keyring,
    connection: ConnectionId,
    key: SecretString,
) -> anyhow::Result<()> {
    let sealed = keyring.seal(&key, connection.uuid().as_bytes())?;
    store
        .write(move |tx| Box::pin(async move { hubs::set_key(tx, connection, &sealed).await }))
        .await?;
    Ok(())
}

fn read_key() -> anyhow::Result<SecretString> {
    if std::io::stdin().is_terminal() {
        eprintln!("Paste the REST API key and press Enter, then Ctrl-D:");
    }
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .context("standard input can't be read")?;
    let text = text.trim();
    if text.is_empty() || text.chars().any(char::is_whitespace) {
        bail!(
            "that is no API key: it must be one word, as Braze shows it under Settings > APIs and Identifiers"
        );
    }
    Ok(SecretString::from(text.to_owned()))
}

async fn print_one(
    store: &Store,
    config: &Config,
    connection: &hubs::Connection,
) -> anyhow::Result<()> {
    let id = connection.id;
    let backlog = store
        .read(move |tx| Box::pin(outbox::backlog(tx, id)))
        .await?;
    let state = match (&connection.paused, &connection.sealed_key) {
        (Some((_, reason)), _) => format!("paused: {reason}"),
        (None, None) => "no API key yet: deliveries wait".to_owned(),
        (None, Some(_)) => "active".to_owned(),
    };
    println!("{:<16} {state}", connection.key);
    println!(
        "{:<16} {} pending, {} retrying, {} waiting behind one of the same contact, {} parked, {} of unknown fate, {} never sendable",
        "",
        backlog.pending,
        backlog.retrying,
        backlog.waiting,
        backlog.parked,
        backlog.unknown,
        backlog.skipped
    );
    let window = config.delivery.retry_window_ms();
    if let Some(health) = connection_health(store, id, window).await? {
        println!(
            "{:<16} {}: {} {}",
            "",
            health.level.code(),
            health.sentence,
            health.remedy
        );
    }
    Ok(())
}
