//! `cargo xtask neighbour`: a hub with a long queue beside one with fresh entries, in one server; and how soon that server is ready.
//! Promises: the same measurement without and with the queue, in one run; the queue is still long at the end, or that is said.
//! Leaves to others: how the queue was filled, which is the product's own code.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::freshness::watch;
use super::http;
use super::komo::{self, Process};
use super::postgres::Cluster;
use super::stats::{machine, millis, percentile, whole_u64};

/// Filling a queue of some millions may take this long.
const FILLING: Duration = Duration::from_hours(1);
/// A server may take this long to say where it is.
const START: Duration = Duration::from_mins(2);

/// What `cargo xtask neighbour` can be told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Deliveries in the neighbour's queue.
    #[arg(long, default_value_t = 1_000_000)]
    rows: u64,
    /// What the neighbour's account allows, as calls/seconds.
    #[arg(long, value_name = "CALLS/SECONDS", default_value = "60/1")]
    limit: String,
    /// Fresh entries per second beside it.
    #[arg(long, default_value_t = 50)]
    rate: u32,
    /// For how long, in seconds.
    #[arg(long, default_value_t = 30)]
    seconds: u32,
    /// Measure only this database: sqlite or postgres.
    #[arg(long, value_parser = ["sqlite", "postgres"])]
    only: Option<String>,
    /// The program to measure instead of a fresh release build.
    #[arg(long, value_name = "PROGRAM")]
    bin: Option<PathBuf>,
}

struct Measured {
    rows: u64,
    ready: Duration,
    answers: Vec<u32>,
    delays: Vec<u32>,
    missing: usize,
    taken: u64,
}

#[derive(Deserialize)]
struct Counts {
    objects: u64,
}

/// Measures each database without and with a queue, and prints a table.
pub(crate) fn run(args: &Args) -> Result<()> {
    super::block_on(measure(args))
}

async fn measure(args: &Args) -> Result<()> {
    let program = komo::binary(args.bin.as_deref())?;
    let mut measured = Vec::new();
    for name in ["sqlite", "postgres"] {
        if args.only.as_deref().is_none_or(|only| only == name) {
            for rows in [0, args.rows] {
                measured.push((name, once(&program, args, name, rows).await?));
            }
        }
    }
    println!("\n{}", machine());
    println!(
        "{} entries/s for {} s beside a neighbour's queue that goes out at {} s\n",
        args.rate, args.seconds, args.limit
    );
    println!(
        "| database | neighbour's queue | sent of it meanwhile | server ready after ms | entry to acknowledgement p99 ms | acknowledgement to Braze p50 ms | p99 ms |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|");
    for (name, it) in &mut measured {
        println!(
            "| {name} | {} | {} | {} | {} | {} | {} |",
            whole_u64(it.rows),
            whole_u64(it.taken / 2),
            it.ready.as_millis(),
            millis(percentile(&mut it.answers, 0.99)),
            millis(percentile(&mut it.delays, 0.5)),
            millis(percentile(&mut it.delays, 0.99)),
        );
    }
    for pair in measured.chunks_mut(2) {
        let [(name, alone), (_, beside)] = pair else {
            continue;
        };
        let p99 = |of: &mut Measured| percentile(&mut of.delays, 0.99).map(f64::from);
        if let (Some(alone), Some(with)) = (p99(alone), p99(beside)) {
            println!(
                "\n{name}: the 99th percentile is {:.2} of what it is without the queue",
                with / alone.max(1.0)
            );
        }
        if beside.taken >= beside.rows * 2 {
            println!(
                "{name}: the queue ended before the measurement; take more rows, or a lower limit"
            );
        }
        anyhow::ensure!(
            alone.missing + beside.missing == 0,
            "{} acknowledged entries did not arrive",
            alone.missing + beside.missing
        );
    }
    Ok(())
}

async fn once(program: &Path, args: &Args, database: &str, rows: u64) -> Result<Measured> {
    let folder = tempfile::Builder::new()
        .prefix("komo-neighbour-")
        .tempdir()
        .context("cannot make a folder")?;
    let cluster = Cluster::of(database)?;
    let url = cluster.as_ref().map_or_else(
        || format!("sqlite:{}", folder.path().join("komo.db").display()),
        Cluster::url,
    );
    let myself = std::env::current_exe().context("cannot find myself")?;
    let text = |words: &[&str]| -> Vec<String> { words.iter().map(ToString::to_string).collect() };
    let mut sink = Process::start(&myself, &text(&["sink", "--listen", "127.0.0.1:0"]))?;
    let sink_at = sink.address("sink")?;
    let mut sandbox = Process::start(
        program,
        &text(&["braze-sandbox", "--listen", "127.0.0.1:0"]),
    )?;
    let sandbox_at = sandbox.address("sandbox")?;

    let data = folder.path().display().to_string();
    let mut filler = Process::start(
        program,
        &text(&[
            "bench-outbox",
            "--data",
            &data,
            "--database",
            &url,
            "--objects",
            &(rows * 2).to_string(),
            "--endpoint",
            &format!("http://{sink_at}"),
            "--limit",
            &args.limit,
            "--beside",
            &format!("http://{sandbox_at}"),
        ]),
    )?;
    filler
        .line("filled", FILLING)
        .context("`komo bench-outbox` did not fill its outbox")?;
    drop(filler);
    if let Some(cluster) = &cluster {
        cluster.settle()?;
    }

    let config = folder.path().join("komo.toml");
    let key_file = folder.path().join("secret.key");
    std::fs::write(
        &config,
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\nmetrics_listen = \"\"\n[database]\nurl = \"{url}\"\n[secrets]\nkey_file = \"{}\"\n\
             [limits]\nexempt = [\"127.0.0.0/8\"]\n[delivery]\nallow_private_addresses = true\nallow_other_hosts = true\n[log]\nlevel = \"warn\"\n",
            key_file.display()
        ),
    )
    .context("cannot write the configuration")?;
    let mut server = Process::start(
        program,
        &text(&["serve", "--config", &config.display().to_string()]),
    )?;
    let address: std::net::SocketAddr = server
        .line("serving", START)?
        .trim_start_matches("http://")
        .parse()
        .context("`serving` is followed by no address")?;
    let ready = server.ready(address, "/readyz").await?;
    let (sent, arrivals) = watch(args.rate, args.seconds, address, sandbox_at).await?;
    let (_, body) = http::get(sink_at, "/counts").await?;
    let counts: Counts =
        serde_json::from_slice(&body).context("the sink's counts are not readable")?;
    let delays = arrivals.delays(&sent);
    Ok(Measured {
        rows,
        ready,
        missing: sent.acknowledged.len() - delays.len(),
        delays,
        answers: sent.answers,
        taken: counts.objects,
    })
}
