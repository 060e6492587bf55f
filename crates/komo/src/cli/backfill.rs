//! `komo backfill start | status | pause | resume | cancel`: history into a connection. A running server does the work.

use anyhow::Context;
use clap::Subcommand;
use store::{
    Store,
    backfill::{BackfillId, JobState, Scope},
    hubs,
};

use super::{
    connection::Which,
    deliveries::{card, moment},
};
use crate::{
    backfill::{self, Progress},
    ledger,
};

/// Backfills.
#[derive(Debug, Subcommand)]
pub(crate) enum Backfill {
    /// Send entries that this connection has no delivery of yet, planned with the mapping of today
    Start {
        #[command(flatten)]
        which: Which,
        /// Only entries of this card; may be given several times
        #[arg(long, value_name = "KEY")]
        card: Vec<String>,
        /// Only entries accepted at this moment or later: 2026-05-04, or 2026-05-04T07:30:00Z
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
        /// Only entries accepted before this moment
        #[arg(long, value_name = "TIME")]
        to: Option<String>,
    },
    /// Show how far backfills are
    Status {
        #[command(flatten)]
        which: Which,
    },
    /// Let it stand until it is resumed
    Pause {
        #[command(flatten)]
        which: Which,
    },
    /// Go on where it was paused
    Resume {
        #[command(flatten)]
        which: Which,
    },
    /// End it; what was sent stays sent
    Cancel {
        #[command(flatten)]
        which: Which,
    },
}

impl Backfill {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Start {
                which,
                card: keys,
                from,
                to,
            } => {
                let (_, store, connection) = which.open().await?;
                let mut cards = Vec::new();
                for key in &keys {
                    cards.push(card(&store, &connection, key).await?);
                }
                let scope = Scope {
                    cards: (!cards.is_empty()).then_some(cards),
                    from: from.as_deref().map(moment).transpose()?,
                    to: to.as_deref().map(moment).transpose()?,
                };
                backfill::start(&store, connection.workspace, connection.id, scope).await?;
                println!(
                    "the backfill is started; a running server takes it up within a second, `komo backfill status` shows how far it is"
                );
                store.close().await;
                Ok(())
            }
            Self::Status { which } => {
                let (_, store, connection) = which.open().await?;
                let all = backfill::progress(&store, connection.workspace, connection.id).await?;
                if all.is_empty() {
                    println!("this connection has had no backfill");
                }
                for progress in &all {
                    print_one(progress);
                }
                store.close().await;
                Ok(())
            }
            Self::Pause { which } => change(which, JobState::Paused, "it stands still").await,
            Self::Resume { which } => change(which, JobState::Running, "it goes on").await,
            Self::Cancel { which } => change(which, JobState::Cancelled, "it is ended").await,
        }
    }
}

async fn change(which: Which, to: JobState, said: &str) -> anyhow::Result<()> {
    let (_, store, connection) = which.open().await?;
    let id = active(&store, &connection).await?;
    backfill::change(&store, connection.workspace, id, to).await?;
    println!("{said}");
    store.close().await;
    Ok(())
}

async fn active(store: &Store, connection: &hubs::Connection) -> anyhow::Result<BackfillId> {
    let all = backfill::progress(store, connection.workspace, connection.id).await?;
    let found = all
        .into_iter()
        .find(|it| matches!(it.job.state, JobState::Running | JobState::Paused));
    Ok(found
        .context("no backfill of this connection is running or paused")?
        .job
        .id)
}

fn print_one(progress: &Progress) {
    let job = &progress.job;
    println!(
        "{:<10} {:>3} %  {} of {} contacts, {} deliveries with {} objects, started {}",
        job.state.code(),
        progress.percent,
        job.done,
        job.total.max(job.done),
        job.deliveries,
        job.objects,
        super::shown(job.created_at)
    );
    if let Some(seconds) = progress.seconds_left {
        let rate = progress.per_second.unwrap_or_default();
        println!(
            "{:<10} {rate:.0} contacts a second, {} left",
            "",
            ledger::duration(seconds)
        );
    }
    if !job.detail.is_empty() {
        println!("{:<10} {}", "", job.detail);
    }
}
