//! `cargo xtask freshness`: how long after its acknowledgement an entry arrives at Braze, at a steady rate.
//! Promises: entries are sent by the clock, not by the answers; one that never arrives is reported as missing.
//! Leaves to others: the sandbox's arrival times, which have the resolution of a millisecond.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
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

/// What is not there this long after the last entry counts as missing.
const PATIENCE: Duration = Duration::from_secs(90);

/// A request that is held for a moment is overtaken by at most so many.
const LATE: u64 = 400;

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
    /// Let the sandbox fail now and then, in every way.
    #[arg(long)]
    faults: bool,
    /// A further argument for `komo demo` (may be given several times).
    #[arg(long = "komo-arg", value_name = "ARG", allow_hyphen_values = true)]
    komo_arg: Vec<String>,
}

/// What the sending side knows.
#[derive(Default)]
pub(super) struct Sent {
    /// Time of the acknowledgement in microseconds since 1970, by entry id.
    pub(super) acknowledged: BTreeMap<String, i64>,
    /// Microseconds from sending to acknowledgement.
    pub(super) answers: Vec<u32>,
    pub(super) refused: BTreeMap<String, u64>,
}

/// What may go wrong with a call: the kind of fault, its share of the calls in percent, and what is peculiar to it.
const TROUBLES: [(&str, f64, &str); 9] = [
    ("rate_limit", 1.0, r#""retry_after":1"#),
    ("status", 1.0, r#""status":500"#),
    ("status_after", 0.5, r#""status":502"#),
    ("delay", 2.0, r#""delay_ms":400"#),
    ("drop_before", 0.5, ""),
    ("drop_after", 0.5, ""),
    ("truncate", 0.5, ""),
    ("garbage", 0.5, ""),
    ("stall_after", 0.05, ""),
];

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
    let cluster = Cluster::of(&args.database)?;
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

    if args.faults {
        order_troubles(demo.sandbox).await?;
    }
    let (mut sent, arrivals) = watch(args.rate, args.seconds, demo.hub, demo.sandbox).await?;
    report(args, &mut sent, &arrivals)?;
    if args.faults {
        report_troubles(demo.sandbox, &arrivals).await?;
    }
    Ok(())
}

/// Sends entries by the clock and waits until all that were acknowledged have arrived, or for as long as patience lasts.
pub(super) async fn watch(
    rate: u32,
    seconds: u32,
    hub: SocketAddr,
    sandbox: SocketAddr,
) -> Result<(Sent, Arrivals)> {
    let sent = Rc::new(RefCell::new(Sent::default()));
    let mut arrivals = Arrivals::default();
    let sending = tokio::task::spawn_local(send(rate, seconds, hub, Rc::clone(&sent)));
    // The sandbox keeps only its latest requests: they are read while they come.
    while !sending.is_finished() {
        tokio::time::sleep(Duration::from_millis(500)).await;
        arrivals.read(sandbox).await?;
    }
    sending.await.context("the sender failed")??;
    let sent = Rc::into_inner(sent).context("a sender is still at work")?;
    let sent = sent.into_inner();
    arrivals.wait(sandbox, &sent, PATIENCE).await?;
    Ok((sent, arrivals))
}

async fn order_troubles(sandbox: SocketAddr) -> Result<()> {
    let faults = TROUBLES.iter().zip(1..).map(|((kind, percent, more), seed)| {
        let comma = if more.is_empty() { "" } else { "," };
        let share = percent / 100.0;
        format!(
            r#"{{"kind":"{kind}","path":"/users/track","share":{share},"seed":{seed}{comma}{more}}}"#
        )
    });
    let body = format!(r#"{{"faults":[{}]}}"#, faults.collect::<Vec<_>>().join(","));
    let status = http::post(sandbox, "/sandbox/faults", &body).await?;
    anyhow::ensure!(status < 300, "the sandbox takes no faults: {status}");
    Ok(())
}

async fn report_troubles(sandbox: SocketAddr, arrivals: &Arrivals) -> Result<()> {
    let (_, body) = http::get(sandbox, "/sandbox/faults").await?;
    let faults: Value = serde_json::from_slice(&body).context("faults that are not JSON")?;
    let faults = faults
        .get("faults")
        .and_then(Value::as_array)
        .context("no list of faults")?;
    println!("\n| trouble | ordered for | struck |");
    println!("|---|---:|---:|");
    for ((kind, percent, _), fault) in TROUBLES.iter().zip(faults) {
        let hits = fault
            .get("hits")
            .and_then(Value::as_u64)
            .unwrap_or_default();
        println!("| {kind} | {percent} % of the calls | {hits} |");
    }
    println!(
        "\n{} events lay in calls that had their effect without a proper answer, and may come again; {} did.",
        arrivals.doubtful,
        arrivals.copies()
    );
    anyhow::ensure!(
        arrivals.copies() <= arrivals.doubtful,
        "there are copies that no lost answer explains"
    );
    Ok(())
}

/// By the clock: a slow answer does not put off the next entry, as waiting for it would hide the delay.
pub(super) async fn send(
    rate: u32,
    seconds: u32,
    address: SocketAddr,
    sent: Rc<RefCell<Sent>>,
) -> Result<()> {
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
pub(super) struct Arrivals {
    /// UTC milliseconds of the first arrival, by entry id.
    pub(super) first: BTreeMap<String, i64>,
    /// Events of entries, copies included.
    seen: u64,
    /// Those in calls of which the sender could not know what came of them.
    doubtful: u64,
    last_seen: u64,
    /// Requests after that one that have been counted.
    noted: BTreeSet<u64>,
}

impl Arrivals {
    /// Waits until all that was acknowledged has arrived; what is not there when patience ends is missing.
    pub(super) async fn wait(
        &mut self,
        sandbox: SocketAddr,
        sent: &Sent,
        patience: Duration,
    ) -> Result<()> {
        let until = Instant::now() + patience;
        loop {
            self.read(sandbox).await?;
            let mut entries = sent.acknowledged.keys();
            if entries.all(|entry| self.first.contains_key(entry)) || Instant::now() > until {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Events that came more than once.
    pub(super) fn copies(&self) -> u64 {
        self.seen - self.first.len() as u64
    }

    /// Microseconds from acknowledgement to arrival, of all that have arrived.
    pub(super) fn delays(&self, sent: &Sent) -> Vec<u32> {
        let delays = sent
            .acknowledged
            .iter()
            .filter_map(|(entry, acknowledged)| {
                // The arrival has whole milliseconds: it may seem to lie before the acknowledgement, and then counts as 0.
                let micros = self.first.get(entry)? * 1_000 - acknowledged;
                Some(u32::try_from(micros.max(0)).unwrap_or(u32::MAX))
            });
        delays.collect()
    }

    /// Reads the requests that came since the last reading: newest first, page by page. One shows when it is
    /// answered, and its number is as old as its arrival: the latest numbers are looked at again.
    pub(super) async fn read(&mut self, sandbox: SocketAddr) -> Result<()> {
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
                highest = highest.max(number);
                if self.noted.insert(number) {
                    self.note(record)?;
                }
            }
            match page.get("next_cursor").and_then(Value::as_u64) {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        self.last_seen = highest.saturating_sub(LATE);
        self.noted = self.noted.split_off(&(self.last_seen + 1));
        Ok(())
    }

    fn note(&mut self, record: &Value) -> Result<()> {
        if record.get("processed").and_then(Value::as_bool) != Some(true) {
            return Ok(());
        }
        let number = |name: &str| record.get(name).and_then(Value::as_i64);
        let mut arrived = number("arrived_at").context("a request without arrived_at")?;
        let struck = record.get("fault").is_some_and(|it| !it.is_null());
        if struck {
            // It may have been held before it had its effect.
            arrived += number("micros").unwrap_or_default() / 1_000;
        }
        let understood = record.get("outcome").and_then(Value::as_str) == Some("answered")
            && number("status").is_some_and(|status| (200..300).contains(&status))
            && record.pointer("/answer/message").and_then(Value::as_str) == Some("success");
        let events = record
            .pointer("/body/events")
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default();
        for event in events {
            let entry = event.pointer("/properties/submission_id");
            if let Some(entry) = entry.and_then(Value::as_str) {
                self.seen += 1;
                self.doubtful += u64::from(!understood);
                let first = self.first.entry(entry.to_owned()).or_insert(arrived);
                *first = arrived.min(*first);
            }
        }
        Ok(())
    }
}

fn report(args: &Args, sent: &mut Sent, arrivals: &Arrivals) -> Result<()> {
    let mut delays = arrivals.delays(sent);
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
    let within = |seconds: u32| {
        let soon = delays
            .iter()
            .filter(|micros| **micros <= seconds * 1_000_000);
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        let share = soon.count() as f64 / delays.len().max(1) as f64;
        format!("{:.1} %", share * 100.0)
    };
    println!(
        "\nWithin one second {}, within five {}.",
        within(1),
        within(5)
    );
    println!(
        "\n{} acknowledged, {missing} not arrived, {} copies",
        sent.acknowledged.len(),
        arrivals.copies()
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
