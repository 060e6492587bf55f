//! What came in and what was answered, kept for looking at.
//! Promises bounded memory: a number of requests, and a number of bytes for all bodies together.
//! Leaves showing them to `page`.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use serde::Serialize;

/// No body is kept beyond this many bytes of its beginning.
const BODY: usize = 256 * 1024;

/// How an attempt to talk to the sandbox ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// An answer was sent.
    Answered,
    /// The connection was closed without an answer, or in the middle of one.
    Dropped,
    /// The request is held without an answer.
    Stalled,
    /// Still at work.
    Open,
}

/// One request and what became of it.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its number, counted from 1 in order of arrival.
    pub seq: u64,
    /// When its head arrived, UTC milliseconds.
    pub arrived_at: i64,
    /// HTTP method.
    pub method: String,
    /// Path without the query.
    pub path: String,
    /// The query, empty when there is none.
    pub query: String,
    /// Name of the key that was used, never the key itself; `None` when it was not valid.
    pub key: Option<String>,
    /// Length of the whole body in bytes.
    pub bytes: usize,
    /// The body as it came; `None` when it is no longer kept.
    pub body: Option<Bytes>,
    /// The status that was answered, if one was.
    pub status: Option<u16>,
    /// The answer's body; `None` when there was none or it is no longer kept.
    pub answer: Option<Bytes>,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether the request had its effect, whatever the client was told.
    pub processed: bool,
    /// Number of the fault that struck.
    pub fault: Option<u64>,
    /// Microseconds from arrival to answer.
    pub micros: u64,
    /// Accepted attributes, events and purchases of a `/users/track` request.
    pub accepted: [usize; 3],
    /// Items refused one by one.
    pub refused: usize,
    /// Billable data points (Braze contract 7).
    pub data_points: u64,
}

impl Record {
    fn weight(&self) -> usize {
        self.body.as_ref().map_or(0, Bytes::len) + self.answer.as_ref().map_or(0, Bytes::len)
    }
}

/// Sums over everything since the start or the last clearing; they are not bounded by what is kept.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Totals {
    /// Requests to paths of Braze.
    pub requests: u64,
    /// The same by path and status; status 0 means no answer.
    pub by_path: BTreeMap<String, BTreeMap<u16, u64>>,
    /// Accepted attributes objects.
    pub attributes: u64,
    /// Accepted events.
    pub events: u64,
    /// Accepted purchases.
    pub purchases: u64,
    /// Items refused one by one.
    pub refused: u64,
    /// Billable data points.
    pub data_points: u64,
}

/// The kept requests, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Records {
    pub(crate) list: VecDeque<Record>,
    pub(crate) totals: Totals,
    last: u64,
    bytes: usize,
    /// So many records at the front have lost their bodies already.
    emptied: usize,
}

/// A copy of the beginning: the network's buffer is larger than the body and would be kept alive with it.
pub(crate) fn keep(body: &[u8]) -> Bytes {
    Bytes::copy_from_slice(body.get(..BODY).unwrap_or(body))
}

impl Records {
    pub(crate) fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    pub(crate) fn find(&self, seq: u64) -> Option<&Record> {
        let first = self.list.front()?.seq;
        // Almost always dense; the search covers the rest.
        let guess = usize::try_from(seq.checked_sub(first)?).ok()?;
        self.list
            .get(guess)
            .filter(|record| record.seq == seq)
            .or_else(|| self.list.iter().find(|r| r.seq == seq))
    }

    /// Puts a finished (or for ever unfinished) request on the list and forgets the oldest.
    pub(crate) fn push(&mut self, record: Record, most: usize, most_bytes: usize) {
        self.totals.requests += 1;
        let path =
            self.totals.by_path.len() < 200 || self.totals.by_path.contains_key(&record.path);
        let path = if path {
            record.path.clone()
        } else {
            "other".to_owned()
        };
        *self
            .totals
            .by_path
            .entry(path)
            .or_default()
            .entry(record.status.unwrap_or(0))
            .or_default() += 1;
        let [attributes, events, purchases] = record.accepted.map(|count| count as u64);
        self.totals.attributes += attributes;
        self.totals.events += events;
        self.totals.purchases += purchases;
        self.totals.refused += record.refused as u64;
        self.totals.data_points += record.data_points;

        self.bytes += record.weight();
        self.list.push_back(record);
        while self.list.len() > most {
            let Some(old) = self.list.pop_front() else {
                break;
            };
            self.bytes -= old.weight();
            self.emptied = self.emptied.saturating_sub(1);
        }
        if self.bytes > most_bytes {
            self.drop_bodies(most_bytes);
        }
    }

    /// Forgets the oldest bodies. Goes on where it stopped: at the cap this runs for every request.
    fn drop_bodies(&mut self, most_bytes: usize) {
        while self.bytes > most_bytes {
            let Some(record) = self.list.get_mut(self.emptied) else {
                break;
            };
            self.bytes -= record.weight();
            record.body = None;
            record.answer = None;
            self.emptied += 1;
        }
    }

    pub(crate) fn clear(&mut self) {
        self.list.clear();
        self.bytes = 0;
        self.emptied = 0;
        self.totals = Totals::default();
    }
}
