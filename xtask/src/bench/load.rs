//! `cargo xtask load`: durable entries per second on both databases against a bare echo, interleaved in one run.
//! Promises: all figures of a table come from the same minutes of the same machine; errors are counted, never hidden.
//! Leaves to others: the echo and the product, which are started as processes.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::drive::{self, Round};
use super::komo::{self, Demo, DemoOptions, Process};
use super::postgres::Cluster;
use super::stats::{machine, median, millis, percentile, whole};
use crate::prepare::Parts;

/// Where the demo takes entries, and where the echo answers too.
const ENTRIES: &str = "/h/demo/c/welcome/entries";

/// After a round the backlog is delivered before the next one begins; this long at most.
const SETTLE: Duration = Duration::from_secs(90);

/// What `cargo xtask load` can be told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Seconds per round and target.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Keep-alive connections, each with one request at a time.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// How often each target gets its turn.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Threads of the load generator.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Measure only these: echo, sqlite, postgres.
    #[arg(long, value_delimiter = ',', value_name = "TARGETS")]
    only: Vec<String>,
    /// Where entries are delivered meanwhile: the demo's own sandbox, or a sink in a process of its own.
    #[arg(long, value_parser = ["sandbox", "sink"], default_value = "sink")]
    deliver_to: String,
    /// The program to measure instead of a fresh release build.
    #[arg(long, value_name = "PROGRAM")]
    bin: Option<PathBuf>,
    /// Folder for the databases; it should lie on the disk that is to be measured.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// A further argument for `komo demo` (may be given several times).
    #[arg(long = "komo-arg", value_name = "ARG", allow_hyphen_values = true)]
    komo_arg: Vec<String>,
}

/// One thing that is measured.
struct Target {
    name: &'static str,
    process: Process,
    address: SocketAddr,
    ready: Duration,
    idle: u64,
    peak: u64,
    rounds: Vec<Round>,
    /// For a second start on the same data: the folder and the database.
    again: Option<(tempfile::TempDir, Option<String>)>,
}

/// Runs the measurement and prints its table.
pub(crate) fn run(args: Args) -> Result<()> {
    if let Some(unknown) = args
        .only
        .iter()
        .find(|name| !["echo", "sqlite", "postgres"].contains(&name.as_str()))
    {
        bail!("there is no target `{unknown}`: echo, sqlite, postgres");
    }
    anyhow::ensure!(
        args.rounds > 0 && args.connections > 0 && args.threads > 0,
        "rounds, connections and threads begin at 1"
    );
    super::block_on(measure(args))
}

fn wanted(args: &Args, name: &str) -> bool {
    args.only.is_empty() || args.only.iter().any(|only| only == name)
}

async fn measure(args: Args) -> Result<()> {
    let program = komo::binary(args.bin.as_deref())?;
    let sink = match args.deliver_to.as_str() {
        "sink" => Some(start_sink()?),
        _ => None,
    };
    let deliver_to = sink
        .as_ref()
        .map(|(_, address)| format!("http://{address}"));

    let cluster = if wanted(&args, "postgres") {
        let bin = Parts::find().postgres.context(
            "PostgreSQL's server programs are missing: `cargo xtask prepare`, or --only echo,sqlite",
        )?;
        Some(Cluster::start(&bin)?)
    } else {
        None
    };

    let mut targets = Vec::new();
    if wanted(&args, "echo") {
        targets.push(echo(&program).await?);
    }
    if wanted(&args, "sqlite") {
        targets.push(demo(&program, &args, "sqlite", None, deliver_to.as_deref()).await?);
    }
    if let Some(cluster) = &cluster {
        targets.push(
            demo(
                &program,
                &args,
                "postgres",
                Some(cluster.url()),
                deliver_to.as_deref(),
            )
            .await?,
        );
    }

    // Nobody's first second counts: caches, file growth and the allocator settle.
    for target in &mut targets {
        let warm = drive::round(
            target.address,
            ENTRIES,
            args.connections,
            args.threads,
            Duration::from_secs(1),
        )
        .await?;
        if warm.done == 0 {
            bail!(
                "{}: not one entry was accepted: {}",
                target.name,
                warm.trouble()
            );
        }
    }
    for number in 1..=args.rounds {
        for at in 0..targets.len() {
            settle(&targets).await;
            let Some(target) = targets.get_mut(at) else {
                continue;
            };
            let round = sampled(target, &args).await?;
            eprintln!(
                "round {number} {:<9}{:>9}/s{}",
                target.name,
                whole(Some(round.rate())),
                if round.errors() > 0 {
                    format!("   errors: {}", round.trouble())
                } else {
                    String::new()
                }
            );
            target.rounds.push(round);
        }
    }
    settle(&targets).await;
    report(&args, &mut targets);
    restarts(&program, &args, targets, deliver_to.as_deref()).await
}

/// The same program answering with what it was sent: the ceiling of the stack on this machine.
async fn echo(program: &std::path::Path) -> Result<Target> {
    let arguments = ["bench-echo", "--listen", "127.0.0.1:0"].map(str::to_owned);
    let mut process = Process::start(program, &arguments)?;
    let address = process
        .address("echo")
        .context("`komo bench-echo` did not start")?;
    let ready = process.answering(address).await?;
    Ok(Target::new("echo", process, address, ready, None))
}

async fn demo(
    program: &std::path::Path,
    args: &Args,
    name: &'static str,
    database: Option<String>,
    deliver_to: Option<&str>,
) -> Result<Target> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("komo-load-");
    let folder = match &args.dir {
        Some(dir) => builder.tempdir_in(dir),
        None => builder.tempdir(),
    }
    .context("cannot make a folder for the data")?;
    let (process, address, ready) =
        start_demo(program, args, &folder, database.as_deref(), deliver_to).await?;
    Ok(Target::new(
        name,
        process,
        address,
        ready,
        Some((folder, database)),
    ))
}

async fn start_demo(
    program: &std::path::Path,
    args: &Args,
    folder: &tempfile::TempDir,
    database: Option<&str>,
    deliver_to: Option<&str>,
) -> Result<(Process, SocketAddr, Duration)> {
    let more: Vec<String> = komo::NO_VISITOR_LIMIT
        .iter()
        .map(ToString::to_string)
        .chain(args.komo_arg.iter().cloned())
        .collect();
    let options = DemoOptions {
        data: folder.path(),
        database,
        deliver_to,
        more: &more,
    };
    let demo = Demo::start(program, &options)?;
    let ready = demo.process.ready(demo.hub, "/readyz").await?;
    Ok((demo.process, demo.hub, ready))
}

fn start_sink() -> Result<(Process, SocketAddr)> {
    let program = std::env::current_exe().context("cannot find myself")?;
    let mut process = Process::start(
        &program,
        &["sink", "--listen", "127.0.0.1:0"].map(str::to_owned),
    )?;
    let address = process.address("sink")?;
    Ok((process, address))
}

/// One round with the target's memory watched meanwhile.
async fn sampled(target: &mut Target, args: &Args) -> Result<Round> {
    let work = drive::round(
        target.address,
        ENTRIES,
        args.connections,
        args.threads,
        Duration::from_secs(args.seconds.max(1)),
    );
    tokio::pin!(work);
    let mut tick = tokio::time::interval(Duration::from_millis(200));
    loop {
        tokio::select! {
            round = &mut work => return round,
            _ = tick.tick() => target.peak = target.peak.max(target.process.resident()),
        }
    }
}

/// Waits until no target works any more: what is still being delivered would be charged to the next one.
async fn settle(targets: &[Target]) {
    let until = Instant::now() + SETTLE;
    let used = || {
        targets
            .iter()
            .map(|target| target.process.cpu())
            .sum::<Duration>()
    };
    let mut before = used();
    while Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = used();
        if now.saturating_sub(before) <= Duration::from_millis(20) {
            return;
        }
        before = now;
    }
    eprintln!(
        "note: after {SETTLE:?} a backlog is still being delivered; the next round shares the machine with it"
    );
}

fn report(args: &Args, targets: &mut [Target]) {
    println!("\n{}", machine());
    println!(
        "{} connections, bodies of 1 KiB, {} rounds of {} s each, interleaved; delivery to the {} meanwhile\n",
        args.connections, args.rounds, args.seconds, args.deliver_to
    );
    println!(
        "| target | accepted/s (median) | of the echo | p50 ms | p99 ms | max ms | errors | idle MiB | loaded MiB | start ms |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    let echo: Vec<f64> = targets
        .iter()
        .filter(|target| target.name == "echo")
        .flat_map(|target| target.rounds.iter().map(Round::rate))
        .collect();
    for target in &mut *targets {
        let rates: Vec<f64> = target.rounds.iter().map(Round::rate).collect();
        let ratios: Vec<f64> = rates
            .iter()
            .zip(&echo)
            .map(|(rate, echo)| rate / echo)
            .collect();
        let mut latencies: Vec<u32> = target
            .rounds
            .iter_mut()
            .flat_map(|round| std::mem::take(&mut round.latencies))
            .collect();
        let errors: u64 = target.rounds.iter().map(Round::errors).sum();
        println!(
            "| {} | {} | {} | {} | {} | {} | {errors} | {} | {} | {} |",
            target.name,
            whole(median(&rates)),
            median(&ratios).map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}")),
            millis(percentile(&mut latencies, 0.5)),
            millis(percentile(&mut latencies, 0.99)),
            millis(latencies.last().copied()),
            target.idle / 1024,
            target.peak / 1024,
            target.ready.as_millis(),
        );
    }
    println!();
    for target in targets {
        let rates: Vec<String> = target
            .rounds
            .iter()
            .map(|round| whole(Some(round.rate())))
            .collect();
        println!("{}: rounds {}", target.name, rates.join(", "));
        for round in target.rounds.iter().filter(|round| round.errors() > 0) {
            println!("{}: errors: {}", target.name, round.trouble());
        }
    }
}

/// How long a restart takes on the data of this run.
async fn restarts(
    program: &std::path::Path,
    args: &Args,
    targets: Vec<Target>,
    deliver_to: Option<&str>,
) -> Result<()> {
    for target in targets {
        let Some((folder, database)) = target.again else {
            continue;
        };
        let entries: u64 = target.rounds.iter().map(|round| round.done).sum();
        drop(target.process);
        let (_process, _, ready) =
            start_demo(program, args, &folder, database.as_deref(), deliver_to).await?;
        println!(
            "{}: restart on the data of {} measured entries: ready after {} ms",
            target.name,
            whole_count(entries),
            ready.as_millis()
        );
    }
    Ok(())
}

fn whole_count(count: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    whole(Some(count as f64))
}

impl Target {
    fn new(
        name: &'static str,
        process: Process,
        address: SocketAddr,
        ready: Duration,
        again: Option<(tempfile::TempDir, Option<String>)>,
    ) -> Self {
        let idle = process.resident();
        Self {
            name,
            process,
            address,
            ready,
            idle,
            peak: idle,
            rounds: Vec::new(),
            again,
        }
    }
}
