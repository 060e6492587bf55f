//! `komo hub import | export | list | schema`

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Subcommand;
use engage::hub::HubDoc;
use store::hubs;

use super::Source;
use crate::hubfile;

/// Hubs as files.
#[derive(Debug, Subcommand)]
pub(crate) enum Hub {
    /// Make or update a hub from a file (TOML, or JSON by its ending); published when its state says so
    Import {
        /// The hub's file; pictures are read beside it
        file: PathBuf,
        #[command(flatten)]
        source: Source,
        /// Only look for problems
        #[arg(long)]
        check: bool,
    },
    /// Write a hub as a file; API keys are never in it
    Export {
        /// The hub's slug
        slug: String,
        /// Where to (TOML, or JSON by its ending); pictures go beside it. Without it: standard output, pictures within
        #[arg(long, short)]
        output: Option<PathBuf>,
        #[command(flatten)]
        source: Source,
    },
    /// Show all hubs
    List {
        #[command(flatten)]
        source: Source,
    },
    /// Print the JSON Schema of hub files
    Schema,
}

impl Hub {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Import {
                file,
                source,
                check,
            } => import(&file, &source, check).await,
            Self::Export {
                slug,
                output,
                source,
            } => export(&slug, output.as_deref(), &source).await,
            Self::List { source } => list(&source).await,
            Self::Schema => {
                println!("{}", serde_json::to_string_pretty(&HubDoc::json_schema())?);
                Ok(())
            }
        }
    }
}

async fn import(file: &Path, source: &Source, check: bool) -> anyhow::Result<()> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("can't read {}", file.display()))?;
    let doc = hubfile::parse(&file.display().to_string(), &text)?;
    let folder = file.parent().unwrap_or(Path::new(".")).to_owned();
    if check {
        let mut doc = doc;
        hubfile::store_pictures(&mut doc, &hubfile::Beside(folder))?;
        let problems = hubfile::check(&doc);
        for (severity, line) in &problems {
            println!("{}: {line}", format!("{severity:?}").to_lowercase());
        }
        anyhow::ensure!(
            !problems
                .iter()
                .any(|(severity, _)| *severity == engage::hub::Severity::Error),
            "the hub can't be published like this"
        );
        println!("the hub `{}` is fine", doc.hub.slug);
        return Ok(());
    }
    let (_, store) = source.open().await?;
    let imported = hubfile::import(&store, doc, &hubfile::Beside(folder)).await?;
    for warning in &imported.warnings {
        println!("worth a look: {warning}");
    }
    match imported.version {
        Some(version) => println!("hub `{}` is published as version {version}", imported.slug),
        None => println!(
            "hub `{}` is saved as a draft; set state = \"published\" to publish it",
            imported.slug
        ),
    }
    store.close().await;
    Ok(())
}

async fn export(slug: &str, output: Option<&Path>, source: &Source) -> anyhow::Result<()> {
    let (_, store) = source.open().await?;
    match output {
        Some(file) => {
            let mut folder = file.with_extension("").into_os_string();
            folder.push("-images");
            let doc = hubfile::export(&store, slug, Some(Path::new(&folder))).await?;
            let json = file
                .extension()
                .is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
            let text = if json { doc.to_json()? } else { doc.to_toml()? };
            std::fs::write(file, text)
                .with_context(|| format!("can't write {}", file.display()))?;
            println!("hub `{slug}` is written to {}", file.display());
        }
        None => print!("{}", hubfile::export(&store, slug, None).await?.to_toml()?),
    }
    store.close().await;
    Ok(())
}

async fn list(source: &Source) -> anyhow::Result<()> {
    let (_, store) = source.open().await?;
    let workspace = hubfile::workspace(&store).await?;
    let hubs = store
        .read(move |tx| Box::pin(hubs::list(tx, workspace)))
        .await?;
    if hubs.is_empty() {
        println!("there are no hubs yet; make one with `komo hub import FILE`");
    }
    for hub in hubs {
        let state = hub.published_version.map_or_else(
            || "draft".to_owned(),
            |version| format!("published, version {version}"),
        );
        println!("{:<24} {state}", hub.slug);
    }
    store.close().await;
    Ok(())
}
