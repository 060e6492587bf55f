//! The load generator: a fixed number of connections, each sending the next entry as soon as the last is answered.
//! Promises: only answers 2xx that came before the end of the round count; everything else is told by its kind.
//! Leaves to others: whom to drive, and when.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result};

use super::body::{Template, now_millis};
use super::http::Connection;
use super::stats::per_second;

/// What one round came to.
#[derive(Default)]
pub(super) struct Round {
    /// Answers 2xx within the time.
    pub(super) done: u64,
    /// How long it lasted.
    took: Duration,
    /// Other answers and broken connections, by kind.
    others: BTreeMap<String, u64>,
    /// Microseconds from the first byte sent to the last byte read, of each answer 2xx.
    pub(super) latencies: Vec<u32>,
}

impl Round {
    /// Accepted entries per second.
    pub(super) fn rate(&self) -> f64 {
        per_second(self.done, self.took)
    }

    /// Everything that was not a 2xx.
    pub(super) fn errors(&self) -> u64 {
        self.others.values().sum()
    }

    /// The errors by kind, with advice where the kind has one.
    pub(super) fn trouble(&self) -> String {
        let mut text: Vec<_> = self
            .others
            .iter()
            .map(|(kind, count)| format!("{count} x {kind}"))
            .collect();
        if self.others.keys().any(|kind| kind.starts_with("429")) {
            text.push(
                "(429: the visitor limit is on; this must be off for one address to send so much)"
                    .to_owned(),
            );
        }
        if text.is_empty() {
            "none".to_owned()
        } else {
            text.join(", ")
        }
    }

    fn add(&mut self, other: Self) {
        self.done += other.done;
        self.took = self.took.max(other.took);
        self.latencies.extend(other.latencies);
        for (kind, count) in other.others {
            *self.others.entry(kind).or_default() += count;
        }
    }
}

/// Drives `address` for `time`. The connections are spread over `threads` threads of their own, so that watching
/// the process does not slow the sending.
pub(super) async fn round(
    address: SocketAddr,
    path: &'static str,
    connections: usize,
    threads: usize,
    time: Duration,
) -> Result<Round> {
    let seed = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .context("the clock is before 1970")?;
    // The identities of a run never meet those of another: nanoseconds, with room for a million per thread above.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the lower 64 bits of the nanoseconds are what is wanted"
    )]
    let seed = seed.as_nanos() as u64;
    let mut workers = Vec::new();
    for thread in 0..threads {
        let share = connections / threads + usize::from(thread < connections % threads);
        let first = seed.wrapping_add((thread as u64) << 56);
        workers.push(tokio::task::spawn_blocking(move || {
            super::block_on(thread_round(address, path, share, first, time))
        }));
    }
    let mut whole = Round::default();
    for worker in workers {
        whole.add(
            worker
                .await
                .context("a thread of the load generator failed")??,
        );
    }
    Ok(whole)
}

async fn thread_round(
    address: SocketAddr,
    path: &'static str,
    connections: usize,
    first: u64,
    time: Duration,
) -> Result<Round> {
    let next = Rc::new(Cell::new(first));
    let template = Template::entry(address, path);
    let mut opened = Vec::new();
    for _ in 0..connections {
        opened.push(
            Connection::open(address)
                .await
                .with_context(|| format!("cannot connect to {address}"))?,
        );
    }
    let started = Instant::now();
    let until = started + time;
    let tasks: Vec<_> = opened
        .into_iter()
        .map(|connection| {
            tokio::task::spawn_local(send(
                connection,
                address,
                template.clone(),
                Rc::clone(&next),
                until,
            ))
        })
        .collect();
    let mut whole = Round::default();
    for task in tasks {
        whole.add(task.await.context("a connection's task failed")?);
    }
    whole.took = time;
    Ok(whole)
}

async fn send(
    mut connection: Connection,
    address: SocketAddr,
    mut template: Template,
    next: Rc<Cell<u64>>,
    until: Instant,
) -> Round {
    let mut round = Round::default();
    let mut now = Instant::now();
    while now < until {
        let person = next.get();
        next.set(person.wrapping_add(1));
        let sent = now;
        let result = connection
            .exchange(template.of(person, now_millis()))
            .await
            .map(|answer| answer.status);
        now = Instant::now();
        match result {
            Ok(200..=299) if now <= until => {
                round.done += 1;
                round
                    .latencies
                    .push(u32::try_from((now - sent).as_micros()).unwrap_or(u32::MAX));
            }
            // An answer after the end is neither counted nor held against the server.
            Ok(200..=299) => {}
            Ok(status) => *round.others.entry(status.to_string()).or_default() += 1,
            Err(error) => {
                *round.others.entry(error.to_string()).or_default() += 1;
                match Connection::open(address).await {
                    Ok(fresh) => connection = fresh,
                    Err(error) => {
                        *round
                            .others
                            .entry(format!("cannot reconnect: {error}"))
                            .or_default() += 1;
                        return round;
                    }
                }
            }
        }
    }
    round
}
