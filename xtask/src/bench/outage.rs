//! `cargo xtask outage`: Braze refuses everything for a while, and entries go on coming: what happens when it is back.
//! Promises: entries are sent by the clock before, during and after; every one has to arrive, and none twice.
//! Leaves to others: how fast a backlog can be delivered at most; that is `cargo xtask delivery`.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result};

use super::body::now_millis;
use super::freshness::{Arrivals, Sent, send};
use super::http;
use super::komo::{self, Demo, DemoOptions};
use super::postgres::Cluster;
use super::stats::{machine, millis, per_second, percentile, whole};

/// The backlog of a long outage takes its time.
const PATIENCE: Duration = Duration::from_mins(10);

/// What `cargo xtask outage` can be told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Entries per second.
    #[arg(long, default_value_t = 100)]
    rate: u32,
    /// How long Braze is away, in seconds.
    #[arg(long, default_value_t = 120)]
    seconds: u32,
    /// For how long entries come after that, in seconds.
    #[arg(long, default_value_t = 60)]
    after: u32,
    /// The database: sqlite or postgres.
    #[arg(long, value_parser = ["sqlite", "postgres"], default_value = "sqlite")]
    database: String,
    /// The program to measure instead of a fresh release build.
    #[arg(long, value_name = "PROGRAM")]
    bin: Option<PathBuf>,
}

/// Runs the outage and prints what came of it.
pub(crate) fn run(args: &Args) -> Result<()> {
    anyhow::ensure!(
        args.rate > 0 && args.seconds > 0,
        "rate and seconds begin at 1"
    );
    super::block_on(measure(args))
}

async fn measure(args: &Args) -> Result<()> {
    let program = komo::binary(args.bin.as_deref())?;
    let folder = tempfile::Builder::new()
        .prefix("komo-outage-")
        .tempdir()
        .context("cannot make a folder")?;
    let cluster = Cluster::of(&args.database)?;
    let database = cluster.as_ref().map(Cluster::url);
    let more: Vec<String> = komo::NO_VISITOR_LIMIT.map(str::to_owned).into();
    let demo = Demo::start(
        &program,
        &DemoOptions {
            data: folder.path(),
            database: database.as_deref(),
            deliver_to: None,
            more: &more,
        },
    )?;
    demo.process.ready(demo.hub, "/readyz").await?;

    let millis = u64::from(args.seconds) * 1_000;
    let away = format!(r#"{{"faults":[{{"kind":"status","status":503,"for_ms":{millis}}}]}}"#);
    let status = http::post(demo.sandbox, "/sandbox/faults", &away).await?;
    anyhow::ensure!(status < 300, "the sandbox takes no faults: {status}");
    let back = i64::try_from(now_millis() + millis).unwrap_or(i64::MAX);
    let sent = Rc::new(RefCell::new(Sent::default()));
    let sending = tokio::task::spawn_local(send(
        args.rate,
        args.seconds + args.after,
        demo.hub,
        Rc::clone(&sent),
    ));
    let mut arrivals = Arrivals::default();
    while !sending.is_finished() {
        tokio::time::sleep(Duration::from_millis(500)).await;
        arrivals.read(demo.sandbox).await?;
    }
    sending.await.context("the sender failed")??;
    let sent = Rc::into_inner(sent).context("a sender is still at work")?;
    let sent = sent.into_inner();
    arrivals.wait(demo.sandbox, &sent, PATIENCE).await?;
    report(args, &sent, &arrivals, back)
}

fn report(args: &Args, sent: &Sent, arrivals: &Arrivals, back: i64) -> Result<()> {
    let missing = sent.acknowledged.len() - arrivals.delays(sent).len();
    let arrived = |during: bool| {
        let entries = sent.acknowledged.iter();
        entries.filter_map(move |(entry, acknowledged)| {
            let arrived = *arrivals.first.get(entry)?;
            (during == (acknowledged / 1_000 < back)).then_some((acknowledged / 1_000, arrived))
        })
    };
    let backlog: Vec<i64> = arrived(true).map(|(_, arrived)| arrived).collect();
    let first = backlog.iter().min().map_or(0, |at| (at - back).max(0));
    let last = backlog.iter().max().map_or(0, |at| (at - back).max(0));
    let mut late: Vec<u32> = arrived(false)
        .map(|(acknowledged, arrived)| {
            u32::try_from((arrived - acknowledged).max(0) * 1_000).unwrap_or(u32::MAX)
        })
        .collect();
    let took = Duration::from_millis(u64::try_from(last - first).unwrap_or_default().max(1));
    println!("\n{}", machine());
    println!(
        "{} entries/s on {}, Braze away for {} s, then {} s more\n",
        args.rate, args.database, args.seconds, args.after
    );
    println!("| | |");
    println!("|---|---:|");
    println!(
        "| entries that waited when Braze was back | {} |",
        backlog.len()
    );
    println!("| until the first of them arrived | {first} ms |");
    println!("| until the last of them arrived | {last} ms |");
    println!(
        "| entries/s in between, two objects each | {} |",
        whole(Some(per_second(backlog.len() as u64, took)))
    );
    println!(
        "| fresh entries meanwhile, acknowledgement to Braze | p50 {} ms, p99 {} ms |",
        millis(percentile(&mut late, 0.5)),
        millis(percentile(&mut late, 0.99))
    );
    println!(
        "\n{} acknowledged, {missing} not arrived, {} copies",
        sent.acknowledged.len(),
        arrivals.copies()
    );
    anyhow::ensure!(
        missing == 0,
        "{missing} acknowledged entries did not arrive"
    );
    Ok(())
}
