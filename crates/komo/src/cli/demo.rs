//! `komo demo`: a hub one would show, a Braze sandbox, everything connected. Restarting on the same folder keeps the data.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use anyhow::Context;
use braze_sandbox::{Sandbox, Settings};
use clap::{Args, ValueEnum};
use engage::{
    hub::{ConnectionDoc, HubDoc},
    mail::MailKind,
};
use rust_embed::RustEmbed;
use secrecy::SecretString;
use store::{
    Store,
    accounts::{self, Member, Role},
    hubs,
};
use tokio::{net::TcpListener, sync::watch};

use super::{connection::set_key, gallery::gallery};
use crate::{
    clock,
    config::Config,
    hubfile::{self, Pictures},
    mail::{self, Design},
    secrets::Keyring,
    serve::{self, Server},
    telemetry,
    web::studio::passwords::Passwords,
};

/// The key that the demo's sandbox takes.
pub(crate) const SANDBOX_KEY: &str = "demo-braze-key";

/// Who signs in to the demo's studio.
const DEMO_MEMBER: &str = "demo@example.com";

/// Starts the demo.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Address and port of the hub
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Address and port of the Braze sandbox
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8090")]
    sandbox_listen: SocketAddr,
    /// Address and port of the metrics; none when left out
    #[arg(long, value_name = "ADDR")]
    metrics_listen: Option<SocketAddr>,
    /// Folder for the data
    #[arg(long, value_name = "DIR", default_value = "komo-data")]
    data: PathBuf,
    /// PostgreSQL instead of SQLite: postgres://user:password@host:port/database
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Send to this Braze endpoint instead of the sandbox
    #[arg(long, value_name = "URL")]
    braze_endpoint: Option<String>,
    /// Whether one visitor may send only so much a minute; this computer itself always may
    #[arg(long, value_enum, default_value = "on")]
    visitor_limit: Switch,
    /// error, warn, info, debug, trace, or a filter
    #[arg(long, value_name = "LEVEL", default_value = "warn")]
    log: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

/// The demo's hub and its pictures, inside the program.
#[derive(RustEmbed)]
#[folder = "../../demo/"]
pub(crate) struct Files;

/// The demo's hub, as a sample to start from.
pub(crate) fn sample_hub() -> anyhow::Result<HubDoc> {
    let text = Files::get("hub.toml").context("the demo's hub is missing in the program")?;
    hubfile::parse("demo/hub.toml", &String::from_utf8(text.data.into_owned())?)
}

impl Pictures for Files {
    fn read(&self, file: &str) -> anyhow::Result<Vec<u8>> {
        Ok(Self::get(file)
            .with_context(|| format!("the demo has no picture {file}"))?
            .data
            .into_owned())
    }
}

impl Demo {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let config = self.config()?;
        telemetry::start_logs(&config.log)?;

        let settings = Settings {
            campaign_templates: campaign_templates()?,
            state_file: Some(self.data.join("sandbox.json")),
            ..Settings::default()
        };
        let sandbox = Sandbox::new(settings);
        let listener = TcpListener::bind(self.sandbox_listen)
            .await
            .with_context(|| {
                format!(
                    "can't listen on {} for the sandbox; choose another with --sandbox-listen",
                    self.sandbox_listen
                )
            })?;
        let sandbox_address = listener.local_addr()?;
        let endpoint = self
            .braze_endpoint
            .clone()
            .unwrap_or_else(|| format!("http://{sandbox_address}"));
        let login = self.seed(&config, &endpoint).await?;

        let server = Server::start(&config).await?;
        let (stop, mut stopping) = watch::channel(false);
        let serving = tokio::spawn({
            let sandbox = sandbox.clone();
            async move {
                sandbox
                    .serve(listener, async move {
                        drop(stopping.changed().await);
                    })
                    .await
            }
        });
        if self.braze_endpoint.is_none() {
            // Somebody else's Braze gets mails only when it is asked for.
            publish_mails(&server, &config).await?;
        }
        println!("hub      http://{}/h/demo", server.address);
        println!("cards    http://{}/h/gallery", server.address);
        println!("sandbox  http://{sandbox_address}/sandbox");
        println!("studio   http://{}/studio", server.address);
        println!("login    {login}");
        if let Some(metrics) = server.metrics {
            println!("metrics  http://{metrics}/metrics");
        }
        println!("data     {}", self.data.display());
        println!(
            "ready    fill in the form of the hub, then look the person up in the sandbox; Ctrl-C ends the demo"
        );

        serve::until_asked_to_stop().await;
        server.stop().await;
        stop.send_replace(true);
        serving.await.context("the sandbox ended badly")??;
        sandbox
            .save()
            .context("the sandbox's state could not be saved")?;
        Ok(())
    }

    fn config(&self) -> anyhow::Result<Config> {
        let mut config = Config::load(None, std::env::vars())?;
        config.server.listen = self.listen;
        config.server.metrics_listen = self
            .metrics_listen
            .map(|it| it.to_string())
            .unwrap_or_default();
        if config.server.public_url.is_empty() && self.listen.port() != 0 {
            config.server.public_url = format!("http://{}", self.listen);
        }
        config.database.url = self
            .database
            .clone()
            .unwrap_or_else(|| format!("sqlite:{}", self.data.join("komo.db").display()));
        config.secrets.key_file = self.data.join("secret.key");
        config.delivery.allow_private_addresses = true;
        config.delivery.allow_other_hosts = true;
        config.limits.exempt = vec!["127.0.0.0/8".parse()?, "::1/128".parse()?];
        if self.visitor_limit == Switch::Off {
            config.limits.exempt = vec!["0.0.0.0/0".parse()?, "::/0".parse()?];
        }
        config.log.level.clone_from(&self.log);
        Ok(config)
    }

    /// Imports the demo's hub (again), connects it, and makes a member; answers how to sign in.
    async fn seed(&self, config: &Config, endpoint: &str) -> anyhow::Result<String> {
        let mut doc = sample_hub()?;
        for connection in &mut doc.connections {
            endpoint.clone_into(&mut connection.endpoint);
        }
        let store = serve::open_store(config).await?;
        let keyring = Keyring::open_or_make(&config.secrets.key_file)?;
        let keys: Vec<String> = doc.connections.iter().map(|it| it.key.clone()).collect();
        // What was mapped in the studio stays; only the sandbox may have moved to another address.
        let gallery = gallery(&doc);
        let imported = hubfile::import_with(&store, doc, &Files, true).await?;
        hubfile::import_with(&store, gallery, &Files, true).await?;
        let connections = store
            .read(move |tx| Box::pin(hubs::connections(tx, imported.hub)))
            .await?;
        for connection in connections {
            if !keys.contains(&connection.key) {
                continue;
            }
            point(&store, &connection, endpoint).await?;
            // A key that cannot be opened (the key file was lost) is replaced, too.
            let usable = connection.sealed_key.as_deref().is_some_and(|sealed| {
                keyring
                    .open(sealed, connection.id.uuid().as_bytes())
                    .is_ok()
            });
            if !usable || connection.paused.is_some() {
                set_key(
                    &store,
                    &keyring,
                    connection.id,
                    SecretString::from(SANDBOX_KEY),
                )
                .await?;
            }
        }
        let login = seed_member(&store, &keyring).await?;
        store.close().await;
        Ok(login)
    }
}

/// The demo's member, with a password of this installation's own; answers what to type.
async fn seed_member(store: &Store, keyring: &Keyring) -> anyhow::Result<String> {
    let workspace = hubfile::workspace(store).await?;
    let known = store
        .read(|tx| Box::pin(accounts::member_by_email(tx, DEMO_MEMBER)))
        .await?;
    let password = keyring.derived("demo login");
    let secret = || SecretString::from(password.clone());
    let passwords = Passwords::default();
    if let Some(member) = known {
        return Ok(if passwords.fits(secret(), member.password).await {
            format!("{DEMO_MEMBER}  {password}")
        } else {
            format!("{DEMO_MEMBER}  (the password you chose)")
        });
    }
    let member = Member {
        id: clock::new_id(),
        email: DEMO_MEMBER.to_owned(),
        name: "Demo".to_owned(),
        password: Some(passwords.hash(secret()).await?),
    };
    let now = clock::now();
    store
        .write(move |tx| {
            Box::pin(async move {
                accounts::make_member(tx, &member, now).await?;
                accounts::join(tx, workspace, member.id, Role::Owner, now).await?;
                accounts::rename_workspace(tx, workspace, "Nonna Sole").await
            })
        })
        .await?;
    Ok(format!("{DEMO_MEMBER}  {password}"))
}

/// Makes a connection send to `endpoint`.
async fn point(store: &Store, connection: &hubs::Connection, endpoint: &str) -> anyhow::Result<()> {
    let seen = connection.document.clone();
    let mut doc: ConnectionDoc =
        serde_json::from_str(&seen).context("the demo's connection can't be read")?;
    if doc.endpoint == endpoint {
        return Ok(());
    }
    endpoint.clone_into(&mut doc.endpoint);
    let document = hubfile::connection_text(&doc)?;
    let (workspace, id) = (connection.workspace, connection.id);
    store
        .write(move |tx| {
            Box::pin(
                async move { hubs::save_document(tx, workspace, id, &seen, &document, true).await },
            )
        })
        .await?;
    Ok(())
}

/// Which template each campaign of the demo was made from: in Braze, that is chosen in the dashboard.
fn campaign_templates() -> anyhow::Result<BTreeMap<String, String>> {
    let doc = sample_hub()?;
    let prefix = mail::prefix(&doc);
    let of_kind = |kind: MailKind| {
        let campaign = doc.mail.of(kind).campaign.clone()?;
        Some((campaign, format!("{prefix}_{kind}")))
    };
    Ok(MailKind::ALL.into_iter().filter_map(of_kind).collect())
}

/// Publishes the look of the demo's mails to the sandbox.
async fn publish_mails(server: &Server, config: &Config) -> anyhow::Result<()> {
    let slug = sample_hub()?.hub.slug;
    let hub = server
        .hubs
        .find(&slug)
        .context("the demo's hub is not published")?;
    let Some(connection) = hub.connections.first() else {
        return Ok(());
    };
    let client = mail::desk::client(&server.keyring, connection, &config.delivery)?;
    let base = config.server.public_url.trim_end_matches('/');
    let design = Design::of(hub.publication.doc(), base)?;
    mail::publish(&server.store, &client, connection.id, &design, true).await?;
    Ok(())
}
