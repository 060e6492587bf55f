//! One lane of one connection: a log with a cursor, read in order, one call at a time, as a pure state machine.
//! Promises: the cursor moves only with a commit, a call starts only after the last one's commit, nobody overtakes within a contact.
//! Leaves leasing, reading, sending and committing to the worker, which carries out the acts and reports back.

mod acts;
mod answers;
mod crashed;
mod open;
mod tried;
mod work;

pub use acts::{
    Act, CallOutcome, CallRecord, Commit, CommitFailure, Event, Exception, OpenException, State,
};

use super::{
    Item, Limits, Mark, backoff,
    budget::{Budget, Group},
};
use crate::{
    hub::{ConnectionDoc, UnknownEvents},
    time::Millis,
};
use open::Open;
use std::collections::{HashMap, VecDeque};
use tried::Tried;
pub use tried::trying_since;

/// How a lane behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What fits into one call.
    pub limits: Limits,
    /// What happens to events of which nobody knows whether they arrived.
    pub unknown_events: UnknownEvents,
    /// How long a delivery is retried by itself, from its first try; 72 hours.
    pub retry_window_ms: i64,
    /// Between two calls of `/users/track` a lane waits this long for more rows when the last call was only just made.
    pub linger_ms: i64,
    /// The same while the connection's budget is more than half used.
    pub linger_busy_ms: i64,
    /// Rows per read.
    pub read_limit: usize,
    /// The longest that a call can take; no call is started that could outlive the lease.
    pub call_ms: i64,
}

impl Settings {
    /// The defaults with what a connection's document says.
    pub fn of(doc: &ConnectionDoc) -> Self {
        let default = Self::default();
        Self {
            limits: Limits {
                batch: doc.batch_mode,
                ..default.limits
            },
            unknown_events: doc.unknown_events,
            ..default
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            unknown_events: UnknownEvents::Repeat,
            retry_window_ms: 72 * 3_600_000,
            linger_ms: 20,
            linger_busy_ms: 60,
            read_limit: 300,
            call_ms: 15_000,
        }
    }
}

/// Where the items of a call came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// The log, in order.
    Log(Group),
    /// Exceptions that wait for nobody any more.
    Free(Group),
    /// One retrying exception.
    Alone(Group),
}

impl Source {
    const fn group(self) -> Group {
        match self {
            Self::Log(group) | Self::Free(group) | Self::Alone(group) => group,
        }
    }

    const fn is_log(self) -> bool {
        matches!(self, Self::Log(_))
    }
}

#[derive(Debug)]
struct Flight {
    batch: u64,
    source: Source,
    items: Vec<Item>,
    /// Items of the log between the sent ones, whose contact has an older delivery under way.
    held: Vec<Item>,
    packed: super::Packed,
    sent_at: Millis,
}

#[derive(Debug, Default)]
enum Phase {
    #[default]
    Ready,
    InFlight(Flight),
    Committing {
        commit: Commit,
        fails: u32,
        retry_at: Option<Millis>,
    },
}

/// Failures in a row of one source of work.
#[derive(Clone, Copy, Debug, Default)]
struct Trouble {
    fails: u32,
    /// The connection's successes at the first failure: more since then means that it is alive.
    successes: u64,
    /// The same at the last failure, and when that was.
    last: (u64, Option<Millis>),
    until: Option<Millis>,
}

/// Once the connection answers somebody again, nobody waits for longer than this after a failure.
const ALIVE_WAIT_MS: i64 = 1_000;

impl Trouble {
    /// Until when it has to wait, with the connection's successes so far.
    fn blocks(&self, now: Millis, successes: u64) -> Option<Millis> {
        let soon = self.last.1.map(|failed| failed.plus(ALIVE_WAIT_MS));
        let until = if self.last.0 == successes {
            self.until
        } else {
            self.until.min(soon.or(self.until))
        };
        until.filter(|until| *until > now)
    }
}

/// The state machine. Feed events to [`Lane::step`], carry out the acts.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent of each other: reading, woken, paused, stopping, whose turn"
)]
pub struct Lane {
    settings: Settings,
    lease: Option<(i64, Millis)>,
    cursor: i64,
    read_to: i64,
    reading: bool,
    /// The log is known to go on behind what was read: read ahead.
    more: bool,
    /// There may be new rows: read them when they could be sent.
    woken: bool,
    queue: VecDeque<Item>,
    tried: Tried,
    open: Open,
    phase: Phase,
    log_trouble: Trouble,
    free_trouble: Trouble,
    /// Of calls of their own, wherever they came from.
    own_trouble: Trouble,
    /// While nobody on the connection gets through: its successes so far.
    outage: Option<u64>,
    /// Sizes of the next calls from the log while a bad item is being looked for.
    pieces: VecDeque<usize>,
    /// While looking for the part of one item that is too much: how many objects of it to send at once.
    object_cap: Option<(i64, usize)>,
    /// How often a delivery has brought the program down, by its number.
    crashes: HashMap<i64, u32>,
    paused: bool,
    stopping: bool,
    next_batch: u64,
    last_sent: Option<Millis>,
    /// The last call came from an exception: now it is the log's turn.
    log_turn: bool,
    /// The last exception sent was for `/users/track`: next a call of its own.
    own_turn: bool,
}

impl Lane {
    /// A lane without a lease.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            lease: None,
            cursor: 0,
            read_to: 0,
            reading: false,
            more: false,
            woken: false,
            queue: VecDeque::new(),
            tried: Tried::default(),
            open: Open::default(),
            phase: Phase::Ready,
            log_trouble: Trouble::default(),
            free_trouble: Trouble::default(),
            own_trouble: Trouble::default(),
            outage: None,
            pieces: VecDeque::new(),
            object_cap: None,
            crashes: HashMap::new(),
            paused: false,
            stopping: false,
            next_batch: 1,
            last_sent: None,
            log_turn: false,
            own_turn: false,
        }
    }

    /// The last delivery that has been passed.
    pub const fn cursor(&self) -> i64 {
        self.cursor
    }

    /// Whether a call is under way.
    pub const fn is_in_flight(&self) -> bool {
        matches!(self.phase, Phase::InFlight(_))
    }

    #[cfg(test)]
    pub(super) const fn next_batch_for_tests(&self) -> u64 {
        self.next_batch
    }

    /// Takes in one event and says what to do. `dice` must be random anew for every step; `budget` is the connection's.
    pub fn step(
        &mut self,
        now: Millis,
        event: Event,
        dice: u64,
        budget: &mut Budget,
        acts: &mut Vec<Act>,
    ) {
        match event {
            Event::Leased {
                fence,
                cursor,
                tried,
                exceptions,
                until,
            } => {
                self.leased(fence, cursor, exceptions, until, now);
                self.tried = Tried::read(&tried);
            }
            Event::Renewed { until } => {
                if let Some((_, end)) = &mut self.lease {
                    *end = (*end).max(until);
                }
            }
            Event::Rows { after, items, more } => {
                if self.reading && after == self.read_to && self.lease.is_some() {
                    self.reading = false;
                    self.more = more;
                    self.read_to = items.last().map_or(self.read_to, |item| item.seq);
                    for mut item in items {
                        item.first_tried = self.tried.since(item.seq).map(|it| it.min(now));
                        self.queue.push_back(item);
                    }
                }
            }
            Event::Woken => self.woken = true,
            Event::Answered {
                batch,
                answer,
                budget: headers,
            } => {
                if let Some(headers) = headers {
                    budget.learn(self.flight_group(), now, &headers);
                }
                self.answered(now, batch, answer, dice, budget, acts);
            }
            Event::Crashed { batch } => self.crashed(now, batch, dice, budget, acts),
            Event::Committed => {
                if matches!(self.phase, Phase::Committing { .. }) {
                    self.phase = Phase::Ready;
                }
            }
            Event::CommitFailed(CommitFailure::LostLease) => {
                self.lose();
                acts.push(Act::LeaseLost);
            }
            Event::CommitFailed(CommitFailure::Storage) => {
                if let Phase::Committing {
                    fails, retry_at, ..
                } = &mut self.phase
                {
                    *fails = fails.saturating_add(1);
                    *retry_at = Some(now.plus(backoff::wait_ms(*fails, dice)));
                }
            }
            Event::Tick => {}
            Event::ConnectionPaused => self.paused = true,
            Event::ConnectionResumed => self.resume(now),
            Event::ReplayRequested { items } => {
                for mut item in items.into_iter().filter(|_| self.lease.is_some()) {
                    if self.open.contains(item.seq) || self.flies(item.seq) {
                        continue;
                    }
                    item.turn(Mark::Refused, Mark::Open);
                    item.turn(Mark::Unknown, Mark::Open);
                    (item.attempts, item.first_tried) = (0, None);
                    self.open.insert(item, State::Retrying { due: now });
                }
            }
            Event::Stop => {
                self.stopping = true;
                // What waits to be written has no time to lose, and the clock may be another one by now.
                if let Phase::Committing {
                    retry_at: Some(at), ..
                } = &mut self.phase
                {
                    *at = now;
                }
            }
        }
        self.advance(now, budget, acts);
    }

    fn leased(
        &mut self,
        fence: i64,
        cursor: i64,
        exceptions: Vec<OpenException>,
        until: Millis,
        now: Millis,
    ) {
        let (paused, stopping, next_batch) = (self.paused, self.stopping, self.next_batch);
        *self = Self::new(self.settings);
        (self.paused, self.stopping, self.next_batch) = (paused, stopping, next_batch);
        self.lease = Some((fence, until));
        (self.cursor, self.read_to, self.more) = (cursor, cursor, true);
        for mut row in exceptions {
            // Written by a clock that was ahead: nobody waits for longer than the longest wait there is.
            row.item.first_tried = row.item.first_tried.map(|first| first.min(now));
            if let State::Retrying { due } = &mut row.state
                && due.since(now) > backoff::CAP_MS
            {
                *due = now;
            }
            self.open.insert(row.item, row.state);
        }
    }

    fn lose(&mut self) {
        let (paused, stopping, next_batch) = (self.paused, self.stopping, self.next_batch);
        *self = Self::new(self.settings);
        (self.paused, self.stopping, self.next_batch) = (paused, stopping, next_batch);
    }

    /// A pause was nobody's failure: retry windows begin anew, and nobody waits for an old backoff.
    fn resume(&mut self, now: Millis) {
        if !std::mem::take(&mut self.paused) {
            return;
        }
        for item in &mut self.queue {
            item.first_tried = None;
        }
        self.tried.forget();
        self.log_trouble.until = None;
        self.free_trouble.until = None;
        self.own_trouble.until = None;
        self.open.refresh(now);
    }

    /// The group of the call under way.
    const fn flight_group(&self) -> Group {
        match &self.phase {
            Phase::InFlight(flight) => flight.source.group(),
            Phase::Ready | Phase::Committing { .. } => Group::Track,
        }
    }

    fn flies(&self, seq: i64) -> bool {
        matches!(&self.phase, Phase::InFlight(flight) if flight.items.iter().any(|item| item.seq == seq))
    }
}
