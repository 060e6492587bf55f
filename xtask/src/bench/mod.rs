//! Measurements of the built product on one machine: load, freshness, delivery, neighbours, outages.
//! Promises: loopback only, real processes, and figures that come from one run so that their ratios mean something.
//! Leaves to others: judging the figures; docs/benchmarks.md keeps them with the command that made them.

mod body;
pub(crate) mod delivery;
mod drive;
pub(crate) mod freshness;
mod http;
mod komo;
pub(crate) mod ledger;
pub(crate) mod load;
pub(crate) mod neighbour;
pub(crate) mod outage;
mod postgres;
pub(crate) mod sink;
mod stats;

pub(crate) use komo::Process;
pub(crate) use postgres::Cluster;

use std::future::Future;

use anyhow::{Context, Result};

/// Runs `work` to its end on one thread: measuring must not take the cores from what is measured.
fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, work)
}
