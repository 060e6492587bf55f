//! `cargo xtask delivery`: objects delivered per second of the sender's processor time.
//! Promises: the outbox is durable and filled before the clock starts; what the sink counted must be what was filled.
//! Leaves to others: filling and delivering, which is the product's own code.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::Deserialize;

use super::http;
use super::komo::{self, Process};
use super::postgres::Cluster;
use super::stats::{machine, median, per_second, whole, whole_u64};

/// Filling a large outbox and delivering it may each take this long.
const PATIENCE: Duration = Duration::from_mins(10);

/// What `cargo xtask delivery` can be told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Objects (attributes and events together) in the outbox.
    #[arg(long, default_value_t = 1_000_000)]
    objects: u64,
    /// How often it is measured; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How many objects Braze takes in one call: combined-75, per-array-75 or combined-50.
    #[arg(long, default_value = "combined-75")]
    batch: String,
    /// What the account allows, as calls/seconds, such as 100/3; else as fast as the machine can.
    #[arg(long, value_name = "CALLS/SECONDS")]
    limit: Option<String>,
    /// Measure only this database: sqlite or postgres.
    #[arg(long, value_parser = ["sqlite", "postgres"])]
    only: Option<String>,
    /// The program to measure instead of a fresh release build.
    #[arg(long, value_name = "PROGRAM")]
    bin: Option<PathBuf>,
}

/// What the sink says about itself.
#[derive(Deserialize, Clone, Copy)]
struct Counts {
    requests: u64,
    objects: u64,
    bytes: u64,
}

struct Measured {
    objects: u64,
    requests: u64,
    bytes: u64,
    cpu: Duration,
    took: Duration,
}

/// Measures each database in turn and prints a table.
pub(crate) fn run(args: &Args) -> Result<()> {
    super::block_on(measure(args))
}

async fn measure(args: &Args) -> Result<()> {
    let program = komo::binary(args.bin.as_deref())?;
    let wanted = |name: &str| args.only.as_deref().is_none_or(|only| only == name);
    let mut rows = Vec::new();
    for _ in 0..args.rounds.max(1) {
        for name in ["sqlite", "postgres"] {
            if !wanted(name) {
                continue;
            }
            let measured = once(&program, args, name).await?;
            eprintln!(
                "{name:<9} {} objects in {:.2} s, {:.2} s of processor time",
                whole_u64(measured.objects),
                measured.took.as_secs_f64(),
                measured.cpu.as_secs_f64()
            );
            rows.push((name, measured));
        }
    }
    println!("\n{}", machine());
    println!(
        "{} objects, batches {}, {}, median of {} rounds, delivered to a sink in a process of its own\n",
        whole_u64(args.objects),
        args.batch,
        args.limit.as_ref().map_or_else(
            || "no limit".to_owned(),
            |limit| format!("an account of {limit} s")
        ),
        args.rounds.max(1)
    );
    let allowed = args.limit.as_deref().map(calls_per_second).transpose()?;
    println!(
        "| database | CPU s per 100,000 objects | objects per processor second | objects/s | requests per 1,000 objects | bytes per object |{}",
        if allowed.is_some() {
            " calls/s | of the allowed rate |"
        } else {
            ""
        }
    );
    println!(
        "|---|---:|---:|---:|---:|---:|{}",
        if allowed.is_some() { "---:|---:|" } else { "" }
    );
    for name in ["sqlite", "postgres"] {
        let of = |figure: fn(&Measured) -> f64| {
            let figures: Vec<f64> = rows
                .iter()
                .filter(|(row, _)| *row == name)
                .map(|(_, row)| figure(row))
                .collect();
            median(&figures)
        };
        if of(|_| 0.0).is_none() {
            continue;
        }
        let requests = of(|row| ratio(row.requests, row.objects) * 1_000.0);
        let seconds = of(|row| row.cpu.as_secs_f64() * 100_000.0 / ratio(row.objects, 1));
        let calls = of(|row| per_second(row.requests, row.took));
        print!(
            "| {name} | {} | {} | {} | {} | {} |",
            two_digits(seconds),
            whole(of(|row| per_second(row.objects, row.cpu))),
            whole(of(|row| per_second(row.objects, row.took))),
            two_digits(requests),
            whole(of(|row| ratio(row.bytes, row.objects))),
        );
        if let Some(allowed) = allowed {
            let share = calls.map(|calls| calls / allowed);
            print!(" {} | {} |", two_digits(calls), two_digits(share));
        }
        println!();
    }
    Ok(())
}

/// `100/3` as calls per second.
fn calls_per_second(limit: &str) -> Result<f64> {
    let parts = limit.split_once('/').and_then(|(calls, seconds)| {
        Some((calls.parse::<f64>().ok()?, seconds.parse::<f64>().ok()?))
    });
    let (calls, seconds) = parts.context("a limit is written as CALLS/SECONDS, such as 100/3")?;
    Ok(calls / seconds)
}

fn two_digits(figure: Option<f64>) -> String {
    figure.map_or_else(|| "-".to_owned(), |figure| format!("{figure:.2}"))
}

/// Fills, delivers, and compares what arrived with what was filled.
async fn once(program: &std::path::Path, args: &Args, database: &str) -> Result<Measured> {
    let objects = args.objects;
    let folder = tempfile::Builder::new()
        .prefix("komo-delivery-")
        .tempdir()
        .context("cannot make a folder")?;
    let cluster = Cluster::of(database)?;
    let myself = std::env::current_exe().context("cannot find myself")?;
    let mut sink = Process::start(
        &myself,
        &["sink", "--listen", "127.0.0.1:0"].map(str::to_owned),
    )?;
    let sink_at = sink.address("sink")?;

    let mut arguments: Vec<String> = ["bench-outbox", "--data"].map(str::to_owned).into();
    arguments.push(folder.path().display().to_string());
    arguments.extend(["--objects".to_owned(), objects.to_string()]);
    arguments.extend(["--endpoint".to_owned(), format!("http://{sink_at}")]);
    arguments.extend(["--batch".to_owned(), args.batch.clone()]);
    if let Some(limit) = &args.limit {
        arguments.extend(["--limit".to_owned(), limit.clone()]);
    }
    if let Some(cluster) = &cluster {
        arguments.extend(["--database".to_owned(), cluster.url()]);
    }
    let mut sender = Process::start(program, &arguments)?;
    sender
        .line("filled", PATIENCE)
        .context("`komo bench-outbox` did not fill its outbox")?;

    let before = sender.cpu();
    let started = Instant::now();
    sender.tell("go")?;
    sender
        .line("delivered", PATIENCE)
        .context("`komo bench-outbox` did not deliver its outbox")?;
    let took = started.elapsed();
    let cpu = sender.cpu().saturating_sub(before);

    let (_, body) = http::get(sink_at, "/counts").await?;
    let counts: Counts =
        serde_json::from_slice(&body).context("the sink's counts are not readable")?;
    anyhow::ensure!(
        counts.objects == objects,
        "{objects} objects were filled, but {} arrived: the figure would be wrong",
        counts.objects
    );
    Ok(Measured {
        objects,
        requests: counts.requests,
        bytes: counts.bytes,
        cpu,
        took,
    })
}

fn ratio(part: u64, whole: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    let (part, whole) = (part as f64, whole as f64);
    part / whole.max(1.0)
}
