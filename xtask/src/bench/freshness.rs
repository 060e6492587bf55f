//! `cargo xtask freshness`: how long after its acknowledgement an entry arrives at Braze, at a steady rate.
//! Promises: entries are sent by the clock, not by the answers; one that never arrives is reported as missing.
//! Leaves to others: the sandbox's arrival times, which have the resolution of a millisecond.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result};
use serde_json::Value;

use super::body::{Template, now_millis};
use super::http::{self, Connection};
use super::komo::{self, Demo, DemoOptions};
use super::postgres::Cluster;
use super::stats::{machine, millis, percentile};
use crate::prepare::Parts;

/// What is not there this long after the last entry counts as missing.
const PATIENCE: Duration = Duration::from_secs(30);

/// What `cargo xtask freshness` can be told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Entries per second.
    #[arg(long, default_value_t = 100)]
    rate: u32,
    /// For how long, in seconds.
    #[arg(long, default_value_t = 30)]
    seconds: u32,
    /// The database: sqlite or postgres.
    #[arg(long, value_parser = ["sqlite", "postgres"], default_value = "sqlite")]
    database: String,
    /// The program to measure instead of a fresh release build.
    #[arg(long, value_name = "PROGRAM")]
    bin: Option<PathBuf>,
    /// A further argument for `komo demo` (may be given several times).
    #[arg(long = "komo-arg", value_name = "ARG", allow_hyphen_values = true)]
    komo_arg: Vec<String>,
}

/// What the sending side knows.
#[derive(Default)]
struct Sent {
    /// Time of the acknowledgement in microseconds since 1970, by entry id.
    acknowledged: BTreeMap<String, i64>,
    /// Microseconds from sending to acknowledgement.
    answers: Vec<u32>,
    refused: BTreeMap<String, u64>,
}

/// Sends, waits for the arrivals, prints the distribution.
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
        .prefix("komo-freshness-")
        .tempdir()
        .context("cannot make a folder")?;
    let cluster = if args.database == "postgres" {
        let bin = Parts::find()
            .postgres
            .context("PostgreSQL's server programs are missing: `cargo xtask prepare`")?;
        Some(Cluster::start(&bin)?)
    } else {
        None
    };
    let database = cluster.as_ref().map(Cluster::url);
    let more: Vec<String> = komo::NO_VISITOR_LIMIT
        .iter()
        .map(ToString::to_string)
        .chain(args.komo_arg.iter().cloned())
        .collect();
    let options = DemoOptions {
        data: folder.path(),
        database: database.as_deref(),
        deliver_to: None,
        more: &more,
    };
    let demo = Demo::start(&program, &options)?;
    demo.process.ready(demo.hub, "/readyz").await?;

    let sent = Rc::new(RefCell::new(Sent::default()));
    let mut arrivals = Arrivals::default();
    let sending =
        tokio::task::spawn_local(send(args.rate, args.seconds, demo.hub, Rc::clone(&sent)));
    // The sandbox keeps only its latest requests: they are read while they come.
    while !sending.is_finished() {
        tokio::time::sleep(Duration::from_millis(500)).await;
        arrivals.read(demo.sandbox).await?;
    }
    sending.await.context("the sender failed")??;
    let until = Instant::now() + PATIENCE;
    loop {
        arrivals.read(demo.sandbox).await?;
        let all_here = sent
            .borrow()
            .acknowledged
            .keys()
            .all(|entry| arrivals.first.contains_key(entry));
        if all_here || Instant::now() > until {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    report(args, &mut sent.borrow_mut(), &arrivals)
}

/// By the clock: a slow answer does not put off the next entry, as waiting for it would hide the delay.
async fn send(rate: u32, seconds: u32, address: SocketAddr, sent: Rc<RefCell<Sent>>) -> Result<()> {
    let idle: Rc<RefCell<Vec<Connection>>> = Rc::default();
    let template = Template::entry(address, "/h/demo/c/welcome/entries");
    let mut clock = tokio::time::interval(Duration::from_secs(1) / rate);
    let first = u64::try_from(now_micros()?).unwrap_or_default();
    let mut tasks = Vec::new();
    for number in 0..u64::from(rate) * u64::from(seconds) {
        clock.tick().await;
        let (idle, sent, mut template) = (Rc::clone(&idle), Rc::clone(&sent), template.clone());
        tasks.push(tokio::task::spawn_local(async move {
            let result = one(
                address,
                &idle,
                template.of(first.wrapping_add(number), now_millis()),
            )
            .await;
            let mut sent = sent.borrow_mut();
            match result {
                Ok((entry, acknowledged, micros)) => {
                    sent.acknowledged.insert(entry, acknowledged);
                    sent.answers.push(micros);
                }
                Err(error) => *sent.refused.entry(format!("{error:#}")).or_default() += 1,
            }
        }));
    }
    for task in tasks {
        task.await.context("a request's task failed")?;
    }
    Ok(())
}

/// The entry's id, when it was acknowledged, and how long that took.
async fn one(
    address: SocketAddr,
    idle: &RefCell<Vec<Connection>>,
    request: &[u8],
) -> Result<(String, i64, u32)> {
    let pooled = idle.borrow_mut().pop();
    let mut connection = match pooled {
        Some(connection) => connection,
        None => Connection::open(address).await?,
    };
    let started = Instant::now();
    let answer = connection.exchange(request).await?;
    let (took, acknowledged) = (started.elapsed(), now_micros()?);
    let (status, body) = (answer.status, answer.body.to_vec());
    anyhow::ensure!(status == 201, "answered {status}");
    let body: Value = serde_json::from_slice(&body).context("the answer is not JSON")?;
    let entry = body
        .get("entry_id")
        .and_then(Value::as_str)
        .context("the answer has no entry_id")?
        .to_owned();
    idle.borrow_mut().push(connection);
    Ok((
        entry,
        acknowledged,
        u32::try_from(took.as_micros()).unwrap_or(u32::MAX),
    ))
}

/// What arrived at the sandbox.
#[derive(Default)]
struct Arrivals {
    /// UTC milliseconds of the first arrival, by entry id.
    first: BTreeMap<String, i64>,
    /// Events of entries, copies included.
    seen: u64,
    last_seen: u64,
}

impl Arrivals {
    /// Reads the requests that came since the last reading: newest first, page by page.
    async fn read(&mut self, sandbox: SocketAddr) -> Result<()> {
        let mut highest = self.last_seen;
        let mut cursor = String::new();
        loop {
            let path = format!(
                "/sandbox/requests?after={}&limit=1000{cursor}",
                self.last_seen
            );
            let (status, body) = http::get(sandbox, &path).await?;
            anyhow::ensure!(status == 200, "GET {path} answered {status}");
            let page: Value = serde_json::from_slice(&body)
                .context("GET /sandbox/requests did not answer with JSON")?;
            let records = page
                .get("requests")
                .and_then(Value::as_array)
                .context("no list of requests")?;
            for record in records {
                let number = record
                    .get("seq")
                    .and_then(Value::as_u64)
                    .context("a request without seq")?;
                let arrived = record
                    .get("arrived_at")
                    .and_then(Value::as_i64)
                    .context("a request without arrived_at")?;
                highest = highest.max(number);
                self.note(record.get("body").unwrap_or(&Value::Null), arrived);
            }
            match page.get("next_cursor").and_then(Value::as_u64) {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        self.last_seen = highest;
        Ok(())
    }

    fn note(&mut self, body: &Value, arrived: i64) {
        let events = body
            .get("events")
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default();
        for event in events {
            let entry = event
                .get("properties")
                .and_then(|properties| properties.get("submission_id"));
            if let Some(entry) = entry.and_then(Value::as_str) {
                self.seen += 1;
                let first = self.first.entry(entry.to_owned()).or_insert(arrived);
                *first = arrived.min(*first);
            }
        }
    }
}

fn report(args: &Args, sent: &mut Sent, arrivals: &Arrivals) -> Result<()> {
    let mut delays: Vec<u32> = sent
        .acknowledged
        .iter()
        .filter_map(|(entry, acknowledged)| {
            // The arrival has whole milliseconds: it may seem to lie before the acknowledgement, and then counts as 0.
            let micros = arrivals.first.get(entry)? * 1_000 - acknowledged;
            Some(u32::try_from(micros.max(0)).unwrap_or(u32::MAX))
        })
        .collect();
    let missing = sent.acknowledged.len() - delays.len();
    println!("\n{}", machine());
    println!(
        "{} entries/s for {} s on {}, delivered to the demo's sandbox\n",
        args.rate, args.seconds, args.database
    );
    println!("| | p50 ms | p90 ms | p99 ms | max ms |");
    println!("|---|---:|---:|---:|---:|");
    for (name, series) in [
        ("entry to acknowledgement", &mut sent.answers),
        ("acknowledgement to Braze", &mut delays),
    ] {
        println!(
            "| {name} | {} | {} | {} | {} |",
            millis(percentile(series, 0.5)),
            millis(percentile(series, 0.9)),
            millis(percentile(series, 0.99)),
            millis(percentile(series, 1.0)),
        );
    }
    let copies = arrivals.seen - arrivals.first.len() as u64;
    println!(
        "\n{} acknowledged, {missing} not arrived, {copies} copies",
        sent.acknowledged.len()
    );
    for (why, count) in &sent.refused {
        println!("{count} x not acknowledged: {why}");
    }
    anyhow::ensure!(
        !sent.acknowledged.is_empty(),
        "not one entry was acknowledged"
    );
    anyhow::ensure!(
        missing == 0,
        "{missing} acknowledged entries did not arrive within {PATIENCE:?}"
    );
    Ok(())
}

fn now_micros() -> Result<i64> {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .context("the clock is before 1970")?;
    i64::try_from(now.as_micros()).context("the clock is beyond its range")
}
