//! The command line. Each command is a file; what it prints is for people, errors say what to do.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command's answer goes to the terminal"
)]

mod audit;
mod backfill;
mod bench;
mod bench_ledger;
mod check_config;
mod connection;
mod contact;
mod deliveries;
mod demo;
mod gallery;
mod hub;
mod mail;
mod member;
mod sandbox;

pub(crate) use demo::{Files as SampleFiles, sample_hub};

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};

use crate::{
    clock,
    config::Config,
    serve::{self, Server},
    telemetry,
};

/// Komo: a self-hosted customer-engagement platform.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Where the configuration comes from.
#[derive(Debug, Args, Clone)]
pub(crate) struct Source {
    /// Configuration file (TOML); `komo check-config --defaults` shows all keys
    #[arg(long, value_name = "FILE", env = "KOMO_CONFIG")]
    config: Option<PathBuf>,
    /// Database address, instead of the configured one: sqlite:PATH or postgres://...
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// A seeded workspace with a published hub and a Braze sandbox, all connected
    Demo(demo::Demo),
    /// Serve hubs and deliver to Braze
    Serve {
        #[command(flatten)]
        source: Source,
        /// Address and port, instead of the configured ones
        #[arg(long, value_name = "ADDR")]
        listen: Option<std::net::SocketAddr>,
    },
    /// Bring the database's schema up to date and stop
    Migrate {
        #[command(flatten)]
        source: Source,
    },
    /// Show the configuration in force, secrets masked
    CheckConfig(check_config::CheckConfig),
    /// Hubs as files: import, export, list, schema
    #[command(subcommand)]
    Hub(hub::Hub),
    /// Connections to Braze: list, key, check, resume, deliveries, replay
    #[command(subcommand)]
    Connection(connection::Connection),
    /// Contacts: erase
    #[command(subcommand)]
    Contact(contact::Contact),
    /// Deliveries: list, show, where somebody's entries are, counts, send again
    #[command(subcommand)]
    Deliveries(deliveries::Deliveries),
    /// History into a connection: start, status, pause, resume, cancel
    #[command(subcommand)]
    Backfill(backfill::Backfill),
    /// Transactional e-mails: preview, diff, publish, test
    #[command(subcommand)]
    Mail(mail::Mail),
    /// Members of the studio: list, reset a password
    #[command(subcommand)]
    Member(member::Member),
    /// The log of who changed what: check that it is as it was written
    #[command(subcommand)]
    Audit(audit::Audit),
    /// A local Braze for trials and tests
    BrazeSandbox(sandbox::BrazeSandbox),
    /// A bare JSON echo on the product's own HTTP stack, to measure against
    #[command(hide = true)]
    BenchEcho(bench::Echo),
    /// Fills an outbox and delivers it, to be measured
    #[command(hide = true)]
    BenchOutbox(bench::Outbox),
    /// Fills a ledger and asks it, to be measured
    #[command(hide = true)]
    BenchLedger(bench_ledger::Ledger),
}

/// Runs a command.
pub fn run(cli: Cli) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let outcome = runtime
        .context("can't start")
        .and_then(|runtime| runtime.block_on(act(cli.command)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("komo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn act(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Demo(demo) => demo.run().await,
        Command::Serve { source, listen } => {
            let mut config = source.load()?;
            if let Some(listen) = listen {
                config.server.listen = listen;
            }
            telemetry::start_logs(&config.log)?;
            let server = Server::start(&config).await?;
            println!("serving  http://{}", server.address);
            match &server.first_run {
                Some(path) => println!(
                    "studio   http://{}{path}  (the first to open it becomes the owner)",
                    server.address
                ),
                None => println!("studio   http://{}/studio", server.address),
            }
            if let Some(metrics) = server.metrics {
                println!("metrics  http://{metrics}/metrics");
            }
            serve::until_asked_to_stop().await;
            println!("stopping: requests and calls under way are finished first");
            server.stop().await;
            Ok(())
        }
        Command::Migrate { source } => {
            let config = source.load()?;
            let store = serve::open_store(&config).await?;
            println!("the database has schema version {}", store::NEWEST_SCHEMA);
            store.close().await;
            Ok(())
        }
        Command::CheckConfig(it) => it.run(),
        Command::Hub(it) => it.run().await,
        Command::Connection(it) => it.run().await,
        Command::Contact(it) => it.run().await,
        Command::Deliveries(it) => it.run().await,
        Command::Backfill(it) => it.run().await,
        Command::Mail(it) => it.run().await,
        Command::Member(it) => it.run().await,
        Command::Audit(it) => it.run().await,
        Command::BrazeSandbox(it) => it.run().await,
        Command::BenchEcho(it) => it.run().await,
        Command::BenchOutbox(it) => it.run().await,
        Command::BenchLedger(it) => it.run().await,
    }
}

impl Source {
    /// Reads the configuration.
    pub(crate) fn load(&self) -> anyhow::Result<Config> {
        let text = match &self.config {
            Some(file) => {
                let text = std::fs::read_to_string(file).with_context(|| {
                    format!("can't read the configuration file {}", file.display())
                })?;
                Some((file.display().to_string(), text))
            }
            None => None,
        };
        let file = text
            .as_ref()
            .map(|(name, text)| (name.as_str(), text.as_str()));
        let mut config = Config::load(file, std::env::vars())?;
        if let Some(url) = &self.database {
            config.database.url.clone_from(url);
        }
        Ok(config)
    }

    /// Opens the database for a command that is no server.
    pub(crate) async fn open(&self) -> anyhow::Result<(Config, store::Store)> {
        let config = self.load()?;
        telemetry::start_logs(&config.log)?;
        let store = serve::open_store(&config).await?;
        Ok((config, store))
    }
}

/// A moment as people read it.
fn shown(moment: engage::time::Millis) -> String {
    crate::ledger::age(clock::now(), moment)
}
