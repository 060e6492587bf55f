//! `komo mail preview`: a hub's mails as files, to look at in a browser.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::Subcommand;
use engage::{
    hub::HubDoc,
    mail::{MailKind, MailProperties},
    text::Locale,
};

use super::Source;
use crate::{hubfile, mail::Design};

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
        }
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
