//! The developer's side of the project: `cargo xtask ci`, `contract`, `load`, `freshness`, `outage`, `delivery`, `neighbour`, `ledger`, `lighthouse`.
//! Promises: the same command on a laptop and on a CI machine, and failure texts that say how to fix.
//! Leaves to others: everything that a user of the product runs; that is the `komo` binary.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line program talks to its user on stdout and stderr"
)]

mod bench;
mod browser;
mod ci;
mod contract;
mod mutants;
mod prepare;
mod shell;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "Developer commands of Komo"
)]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run every gate, each with its time, then a summary. The same command is the CI.
    Ci(ci::Args),
    /// Plant bugs that break promises of delivery, one after the other, and demand that the tests notice each.
    MutantsByHand(mutants::Args),
    /// Find or install what the tests need: PostgreSQL's server, Chromium, Node and npm.
    Prepare,
    /// Try the contract with Braze on the workspace that KOMO_CONTRACT_BRAZE_URL and _KEY name; without one, on the sandbox.
    Contract(contract::Args),
    /// Run the browser tests against the built binary.
    E2e(browser::E2eArgs),
    /// Measure the demo's pages with Lighthouse (mobile), median of several runs.
    Lighthouse(browser::LighthouseArgs),
    /// Durable entries per second on SQLite and PostgreSQL against a bare echo, in one run.
    Load(bench::load::Args),
    /// Time from acknowledgement to arrival in the sandbox, at a steady rate of entries.
    Freshness(bench::freshness::Args),
    /// Objects delivered per second of processor time, against a sink that answers at once.
    Delivery(bench::delivery::Args),
    /// What a neighbour's long queue costs a fresh entry, and how soon a server is ready with a million queued.
    Neighbour(bench::neighbour::Args),
    /// What comes after an outage of Braze: when the first and the last of the backlog arrive, and how late fresh entries are meanwhile.
    Outage(bench::outage::Args),
    /// How long the ledger's questions take over a million deliveries, on SQLite and PostgreSQL.
    Ledger(bench::ledger::Args),
    /// A server that accepts everything and keeps nothing, for `delivery` and `load`.
    Sink(bench::sink::Args),
}

impl Task {
    /// Measuring with an unoptimised load generator would measure the generator.
    fn measures(&self) -> bool {
        matches!(
            self,
            Self::Load(_)
                | Self::Freshness(_)
                | Self::Delivery(_)
                | Self::Neighbour(_)
                | Self::Outage(_)
        )
    }
}

fn main() -> ExitCode {
    let task = Cli::parse().command;
    if cfg!(debug_assertions) && task.measures() {
        return optimised();
    }
    let outcome = match task {
        Task::Ci(args) => return ci::run(&args),
        Task::MutantsByHand(args) => mutants::run(&args),
        Task::Prepare => prepare::run(),
        Task::Contract(args) => contract::run(&args),
        Task::E2e(args) => browser::e2e(&args),
        Task::Lighthouse(args) => browser::lighthouse(&args),
        Task::Load(args) => bench::load::run(args),
        Task::Freshness(args) => bench::freshness::run(&args),
        Task::Delivery(args) => bench::delivery::run(&args),
        Task::Neighbour(args) => bench::neighbour::run(&args),
        Task::Outage(args) => bench::outage::run(&args),
        Task::Ledger(args) => bench::ledger::run(&args),
        Task::Sink(args) => bench::sink::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Builds this very program for release and lets it do the work.
fn optimised() -> ExitCode {
    let status = shell::cargo()
        .args(["run", "--quiet", "--release", "--package", "xtask", "--"])
        .args(std::env::args_os().skip(1))
        .status();
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: cannot start cargo: {error}");
            ExitCode::FAILURE
        }
    }
}
