//! `komo audit`: whether the log of who changed what is as it was written.

use anyhow::bail;
use clap::Subcommand;
use store::{Store, audit, hubs};

use super::Source;

/// The log of who changed what.
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Check that no line of it was changed or taken out
    Check {
        #[command(flatten)]
        source: Source,
    },
}

impl Audit {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let Self::Check { source } = self;
        let (_, store) = source.open().await?;
        let broken = check(&store).await?;
        store.close().await;
        if broken > 0 {
            bail!("the log is not as it was written; compare it with a backup");
        }
        Ok(())
    }
}

/// Tells about each workspace's log; answers how many are broken.
async fn check(store: &Store) -> anyhow::Result<usize> {
    let found = store.read(|tx| {
        Box::pin(async move {
            let mut all = Vec::new();
            for (id, name) in hubs::workspaces(tx).await? {
                all.push((name, audit::check(tx, id).await?));
            }
            Ok(all)
        })
    });
    let mut broken = 0;
    for (workspace, checked) in found.await? {
        let lines = checked.lines;
        match checked.broken_at {
            Some(seq) => {
                broken += 1;
                println!(
                    "{workspace}: line {seq} was changed, or one before it was taken out; the {lines} before are whole"
                );
            }
            None if checked.last.is_empty() => println!("{workspace}: no lines yet"),
            None => println!(
                "{workspace}: {lines} lines, whole, last {}",
                hex::encode(&checked.last)
            ),
        }
    }
    Ok(broken)
}
