//! `komo mail preview | diff | publish | test`: a hub's mails as files, and their look in Braze.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, ensure};
use clap::{Args, Subcommand};
use engage::{
    hub::{ConnectionType, HubDoc, MailRoute},
    mail::{MailKind, MailProperties},
    text::Locale,
};

use store::Store;

use super::Source;
use crate::{
    config::Config,
    hubfile,
    live::{LiveConnection, LiveHub, LiveHubs},
    mail::{
        self, ChangeKind, Design, MailServer,
        desk::{self, Test},
    },
    secrets::Keyring,
};

/// Mails.
#[derive(Debug, Subcommand)]
pub(crate) enum Mail {
    /// Write a hub's mails as files, in every language, with sample properties
    Preview {
        /// The hub's slug, or a hub file (.toml, .json)
        hub: String,
        /// Folder to write to
        #[arg(long, short, value_name = "DIR", default_value = "mail-preview")]
        output: PathBuf,
        /// Only this message type, for example entry_confirmation
        #[arg(long = "type", value_name = "TYPE")]
        kind: Option<MailKind>,
        /// Only this language of the hub
        #[arg(long, value_name = "LANG")]
        locale: Option<Locale>,
        #[command(flatten)]
        source: Source,
    },
    /// Show what publishing would change in Braze
    Diff {
        #[command(flatten)]
        which: Which,
        /// Also the lines that differ
        #[arg(long)]
        lines: bool,
    },
    /// Publish the published hub's look to Braze: content blocks and e-mail templates, only what has changed
    Publish {
        #[command(flatten)]
        which: Which,
        /// Also overwrite what somebody has edited in Braze
        #[arg(long)]
        overwrite: bool,
    },
    /// Send one mail with sample properties: through Braze as the hub says, or by the mail server
    Test {
        #[command(flatten)]
        which: Which,
        /// The message type
        #[arg(
            long = "type",
            value_name = "TYPE",
            default_value = "entry_confirmation"
        )]
        kind: MailKind,
        /// The language; the hub's first when left out
        #[arg(long, value_name = "LANG")]
        locale: Option<Locale>,
        /// The address
        #[arg(long, value_name = "ADDRESS")]
        to: String,
        /// Whose profile gets it, where people are identified by an id
        #[arg(long, value_name = "ID")]
        who: Option<String>,
        /// By the mail server, whatever the hub says
        #[arg(long)]
        smtp: bool,
    },
}

/// Which hub and which of its connections.
#[derive(Debug, Args, Clone)]
pub(crate) struct Which {
    /// The hub's slug
    hub: String,
    /// The connection's key; the first Braze connection when left out
    connection: Option<String>,
    #[command(flatten)]
    source: Source,
}

/// What a command about a published hub works with.
struct Open {
    config: Config,
    store: Store,
    hub: Arc<LiveHub>,
    connection: Option<Arc<LiveConnection>>,
}

impl Open {
    fn base(&self) -> &str {
        self.config.server.public_url.trim_end_matches('/')
    }

    fn braze(&self) -> anyhow::Result<(&Arc<LiveConnection>, braze::Client)> {
        let connection = self
            .connection
            .as_ref()
            .context("the hub has no such connection to Braze; `komo connection list` shows all")?;
        let keyring = Keyring::open_or_make(&self.config.secrets.key_file)?;
        let client = desk::client(&keyring, connection, &self.config.delivery)?;
        Ok((connection, client))
    }

    fn design(&self) -> anyhow::Result<Design> {
        ensure!(
            !self.base().is_empty(),
            "the mails' links and pictures need this server's public address: set the configuration key server.public_url"
        );
        Ok(Design::of(self.hub.publication.doc(), self.base())?)
    }
}

impl Which {
    async fn open(&self) -> anyhow::Result<Open> {
        let (config, store) = self.source.open().await?;
        let hubs = LiveHubs::load(&store).await?;
        let hub = hubs.find(&self.hub).with_context(|| {
            format!(
                "there is no published hub `{}`; `komo hub list` shows all",
                self.hub
            )
        })?;
        let connection = hub.connections.iter().find(|it| {
            it.doc.kind == ConnectionType::Braze
                && self
                    .connection
                    .as_ref()
                    .is_none_or(|key| it.doc.key == *key)
        });
        Ok(Open {
            config,
            store,
            connection: connection.cloned(),
            hub,
        })
    }
}

impl Mail {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Preview {
                hub,
                output,
                kind,
                locale,
                source,
            } => preview(&hub, &output, kind, locale, &source).await,
            Self::Diff { which, lines } => {
                let open = which.open().await?;
                let (connection, client) = open.braze()?;
                let found =
                    mail::diff(&open.store, &client, connection.id, &open.design()?).await?;
                for change in &found.changes {
                    println!("{:<18} {}", words(change.what), change.name);
                    if lines && change.what != ChangeKind::Same {
                        for line in change.lines() {
                            println!("    {line}");
                        }
                    }
                }
                open.store.close().await;
                Ok(())
            }
            Self::Publish { which, overwrite } => {
                let open = which.open().await?;
                let (connection, client) = open.braze()?;
                let design = open.design()?;
                let done =
                    mail::publish(&open.store, &client, connection.id, &design, overwrite).await?;
                for name in &done.written {
                    println!("published          {name}");
                }
                for name in &done.left_alone {
                    println!("edited in Braze    {name}: left alone; --overwrite replaces it");
                }
                if done.written.is_empty() && done.left_alone.is_empty() {
                    println!("Braze has everything already");
                }
                open.store.close().await;
                Ok(())
            }
            Self::Test {
                which,
                kind,
                locale,
                to,
                who,
                smtp,
            } => {
                let open = which.open().await?;
                let doc = open.hub.publication.doc();
                let test = Test {
                    kind,
                    locale: locale.unwrap_or_else(|| doc.default_locale().clone()),
                    to,
                    who,
                };
                if smtp || doc.mail.of(kind).send == MailRoute::Smtp {
                    let server = MailServer::of(&open.config.smtp)?
                        .context("no mail server is set up: configuration key smtp.url")?;
                    test.by_mail_server(&server, doc, open.base()).await?;
                } else {
                    let (connection, client) = open.braze()?;
                    test.through_braze(&client, connection, doc, open.base())
                        .await?;
                }
                println!("sent to {}", test.to);
                open.store.close().await;
                Ok(())
            }
        }
    }
}

const fn words(what: ChangeKind) -> &'static str {
    match what {
        ChangeKind::New => "new",
        ChangeKind::Changed => "changed",
        ChangeKind::Renamed => "renamed",
        ChangeKind::Same => "same",
        ChangeKind::EditedInBraze => "edited in Braze",
        ChangeKind::NotUsedAnyMore => "not used any more",
    }
}

async fn preview(
    hub: &str,
    output: &Path,
    kind: Option<MailKind>,
    locale: Option<Locale>,
    source: &Source,
) -> anyhow::Result<()> {
    let doc = document(hub, source).await?;
    let design = Design::of(&doc, "https://hubs.example.com")?;
    fs::create_dir_all(output)
        .with_context(|| format!("can't make the folder {}", output.display()))?;
    let kinds = MailKind::ALL
        .into_iter()
        .filter(|it| kind.is_none_or(|wanted| wanted == *it));
    for kind in kinds {
        let wanted = |it: &&Locale| locale.as_ref().is_none_or(|wanted| wanted == *it);
        for locale in doc.hub.locales.iter().filter(wanted) {
            let sample = MailProperties::sample(kind, &doc, locale, "https://hubs.example.com");
            let mail = design.render(&sample, kind)?;
            for (ending, text) in [("html", &mail.html), ("txt", &mail.text)] {
                let file = output.join(format!("{kind}.{locale}.{ending}"));
                fs::write(&file, text)
                    .with_context(|| format!("can't write {}", file.display()))?;
            }
            println!("{:<20} {locale:<6} {}", kind.name(), mail.subject);
        }
    }
    println!("written to {}", output.display());
    Ok(())
}

/// A hub's draft with its pictures inside: of the database, or of a file.
async fn document(hub: &str, source: &Source) -> anyhow::Result<HubDoc> {
    let path = Path::new(hub);
    let is_file = path
        .extension()
        .is_some_and(|it| it.eq_ignore_ascii_case("toml") || it.eq_ignore_ascii_case("json"));
    if is_file {
        let text = fs::read_to_string(path).with_context(|| format!("can't read {hub}"))?;
        let mut doc = hubfile::parse(hub, &text)?;
        let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
        hubfile::embed_pictures(&mut doc, &hubfile::Beside(folder))?;
        return Ok(doc);
    }
    let (_, store) = source.open().await?;
    let doc = hubfile::export(&store, hub, None).await?;
    store.close().await;
    Ok(doc)
}
