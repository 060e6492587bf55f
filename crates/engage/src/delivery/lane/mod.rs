//! One lane of one connection: a log with a cursor, read in order, one call at a time, as a pure state machine.
//! Promises: the cursor moves only with a commit, a call starts only after the last one's commit, nobody overtakes within a contact.
//! Leaves leasing, reading, sending and committing to the worker, which carries out the acts and reports back.

mod answers;
mod open;
mod work;

use super::{Item, Limits, Mark, ParkReason, budget::Budget};
use crate::{hub::UnknownEvents, ids::ContactId, time::Millis};
use open::Open;
use std::collections::VecDeque;

/// How a lane behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What fits into one call.
    pub limits: Limits,
    /// What happens to events of which nobody knows whether they arrived.
    pub unknown_events: UnknownEvents,
    /// How long a delivery is retried by itself, from its first try; 72 hours.
    pub retry_window_ms: i64,
    /// Between two calls a lane waits this long for more rows when the last call was only just made.
    pub linger_ms: i64,
    /// The same while the connection's budget is more than half used.
    pub linger_busy_ms: i64,
    /// Rows per read.
    pub read_limit: usize,
    /// The longest that a call can take; no call is started that could outlive the lease.
    pub call_ms: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            unknown_events: UnknownEvents::Repeat,
            retry_window_ms: 72 * 3_600_000,
            linger_ms: 3,
            linger_busy_ms: 20,
            read_limit: 300,
            call_ms: 15_000,
        }
    }
}

/// Where a delivery stands that is not simply "before" or "behind" the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is tried again by itself.
    Retrying {
        /// Not before this moment.
        due: Millis,
    },
    /// It waits behind an older one of the same contact.
    Waiting,
    /// Kept, and tried again only when somebody asks for it.
    Parked(ParkReason),
    /// Sent without an answer; by the connection's choice its events are not sent again.
    Unknown,
}

impl State {
    /// The state's stable name: `retrying`, `waiting`, `parked` or `unknown`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Retrying { .. } => "retrying",
            Self::Waiting => "waiting",
            Self::Parked(_) => "parked",
            Self::Unknown => "unknown",
        }
    }
}

/// A row to write for a delivery that the cursor passes without being delivered.
#[derive(Clone, Debug, PartialEq)]
pub struct Exception {
    /// The delivery.
    pub seq: i64,
    /// Whose it is.
    pub contact: ContactId,
    /// Where it stands.
    pub state: State,
    /// Calls that carried it and did not settle it.
    pub attempts: u32,
    /// When it was first tried.
    pub first_tried: Option<Millis>,
    /// What became of each of its objects, see [`Item::marks_text`].
    pub marks: String,
    /// Braze's own words, for the ledger; may be empty.
    pub detail: String,
}

/// An exception that is still at work, read back with its payload.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenException {
    /// The delivery, with its attempts and marks as last written.
    pub item: Item,
    /// `Retrying` or `Waiting`.
    pub state: State,
}

/// What came to pass.
#[derive(Clone, Debug)]
pub enum Event {
    /// The lane now belongs to this worker.
    Leased {
        /// The fencing token; goes into every commit.
        fence: i64,
        /// The last delivery that has been passed.
        cursor: i64,
        /// All retrying and waiting rows of the lane.
        exceptions: Vec<OpenException>,
        /// When the lease ends unless it is renewed. `Millis(i64::MAX)` if the worker watches over this itself.
        until: Millis,
    },
    /// The lease was renewed.
    Renewed {
        /// Its new end.
        until: Millis,
    },
    /// The answer to [`Act::Read`].
    Rows {
        /// The `after` of the read; an answer to an old question is ignored.
        after: i64,
        /// Deliveries of this lane with a greater seq, in order, without gaps.
        items: Vec<Item>,
        /// There are more behind these.
        more: bool,
    },
    /// New rows may exist.
    Woken,
    /// The answer to [`Act::Send`].
    Answered {
        /// Which call.
        batch: u64,
        /// What it came to.
        answer: braze::Answer,
        /// The rate headers, if there were any.
        budget: Option<braze::Budget>,
    },
    /// The commit is on disk.
    Committed,
    /// The commit is not on disk.
    CommitFailed(CommitFailure),
    /// A moment asked for by [`Act::WakeAt`] has come, or simply some time has passed.
    Tick,
    /// Somebody, or another lane, has paused the connection.
    ConnectionPaused,
    /// The connection goes on.
    ConnectionResumed,
    /// Parked or unknown deliveries are to be sent again; the store has already marked them as retrying.
    ReplayRequested {
        /// The deliveries, with their marks as last written.
        items: Vec<Item>,
    },
    /// Finish what is in flight, send nothing new, then say [`Act::Stopped`].
    Stop,
}

/// Why a commit did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitFailure {
    /// Somebody else holds the lane; everything this worker remembers of it is void.
    LostLease,
    /// The database did not answer or refused; the commit is tried again.
    Storage,
}

/// What the worker has to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// Read deliveries of this lane in order and answer with [`Event::Rows`].
    Read {
        /// Only greater seqs.
        after: i64,
        /// At most this many.
        limit: usize,
    },
    /// Make one call to `/users/track` and answer with [`Event::Answered`].
    Send {
        /// Names the call; unique within a lease.
        batch: u64,
        /// The whole JSON body.
        body: Vec<u8>,
        /// The deliveries in it, for the log.
        seqs: Vec<i64>,
    },
    /// In one transaction, if the fence still holds: cursor, rows and call record. Answer with `Committed` or `CommitFailed`.
    Commit(Commit),
    /// Send [`Event::Tick`] at this moment. A later one replaces an earlier one.
    WakeAt(Millis),
    /// The connection cannot go on until a person helps: tell all its lanes and its owner.
    PauseConnection {
        /// What happened.
        sentence: &'static str,
        /// What to do.
        remedy: &'static str,
        /// Braze's own words and status.
        detail: String,
    },
    /// All lanes of the connection wait until then (the shared budget knows it already; this is for the ledger).
    ConnectionLimited {
        /// The end of the wait.
        until: Millis,
    },
    /// The lane is no longer this worker's.
    LeaseLost,
    /// Nothing to do until something happens.
    Idle,
    /// After [`Event::Stop`]: nothing is in flight and everything is committed.
    Stopped,
}

/// One transaction of a lane.
#[derive(Clone, Debug, PartialEq)]
pub struct Commit {
    /// The fencing token of the lease; an older one must be refused.
    pub fence: i64,
    /// The last delivery that is passed.
    pub cursor: i64,
    /// Rows to insert or replace.
    pub put: Vec<Exception>,
    /// Rows to remove: these deliveries are done.
    pub delete: Vec<i64>,
    /// The call that led to this, if there was one.
    pub call: Option<CallRecord>,
}

/// What one call came to, for the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// When it was made.
    pub sent_at: Millis,
    /// When its fate was known.
    pub answered_at: Millis,
    /// The first delivery in it.
    pub first_seq: i64,
    /// The last delivery in it.
    pub last_seq: i64,
    /// How many deliveries.
    pub items: usize,
    /// How many objects.
    pub objects: usize,
    /// What it came to.
    pub outcome: CallOutcome,
    /// The HTTP status, if it matters and there was one.
    pub status: Option<u16>,
    /// Braze's own words; may be empty.
    pub detail: String,
}

/// What a call came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallOutcome {
    /// Taken, all of it.
    Accepted,
    /// Taken but for some objects.
    AcceptedInPart,
    /// 429.
    RateLimited,
    /// Too large a body or too many objects.
    TooLarge,
    /// Refused because of the data.
    Refused,
    /// Refused because of the key or the address.
    KeyRefused,
    /// 5xx.
    Unavailable,
    /// No proper answer.
    Unknown,
    /// Certainly not applied.
    NotSent,
}

impl CallOutcome {
    /// The outcome's stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::AcceptedInPart => "accepted_in_part",
            Self::RateLimited => "rate_limited",
            Self::TooLarge => "too_large",
            Self::Refused => "refused",
            Self::KeyRefused => "key_refused",
            Self::Unavailable => "unavailable",
            Self::Unknown => "unknown",
            Self::NotSent => "not_sent",
        }
    }

    /// Whether Braze may or may not have applied the call.
    pub const fn is_ambiguous(self) -> bool {
        matches!(self, Self::Unavailable | Self::Unknown)
    }
}

/// Where the items of a call came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// The log, in order.
    Log,
    /// Exceptions that wait for nobody any more.
    Free,
    /// One retrying exception.
    Alone,
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
    until: Option<Millis>,
}

impl Trouble {
    fn blocks(&self, now: Millis) -> Option<Millis> {
        self.until.filter(|until| *until > now)
    }
}

/// The state machine. Feed events to [`Lane::step`], carry out the acts.
#[derive(Debug)]
pub struct Lane {
    settings: Settings,
    lease: Option<(i64, Millis)>,
    cursor: i64,
    read_to: i64,
    reading: bool,
    more: bool,
    queue: VecDeque<Item>,
    open: Open,
    phase: Phase,
    log_trouble: Trouble,
    free_trouble: Trouble,
    /// Sizes of the next calls from the log while a bad item is being looked for.
    pieces: VecDeque<usize>,
    /// While looking for the part of one item that is too much: how many objects of it to send at once.
    object_cap: Option<(i64, usize)>,
    paused: bool,
    stopping: bool,
    next_batch: u64,
    last_sent: Option<Millis>,
    /// The last call came from an exception: now it is the log's turn.
    log_turn: bool,
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
            queue: VecDeque::new(),
            open: Open::default(),
            phase: Phase::Ready,
            log_trouble: Trouble::default(),
            free_trouble: Trouble::default(),
            pieces: VecDeque::new(),
            object_cap: None,
            paused: false,
            stopping: false,
            next_batch: 1,
            last_sent: None,
            log_turn: false,
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
                exceptions,
                until,
            } => self.leased(fence, cursor, exceptions, until),
            Event::Renewed { until } => {
                if let Some((_, end)) = &mut self.lease {
                    *end = (*end).max(until);
                }
            }
            Event::Rows { after, items, more } => {
                if self.reading && after == self.read_to && self.lease.is_some() {
                    self.reading = false;
                    // A wake-up that came while the read was under way asks for one more read.
                    self.more |= more;
                    self.read_to = items.last().map_or(self.read_to, |item| item.seq);
                    self.queue.extend(items);
                }
            }
            Event::Woken => self.more = true,
            Event::Answered {
                batch,
                answer,
                budget: headers,
            } => {
                if let Some(headers) = headers {
                    budget.learn(now, &headers);
                }
                self.answered(now, batch, answer, dice, budget, acts);
            }
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
                    *retry_at = Some(now.plus(super::backoff::wait_ms(*fails, dice)));
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
            Event::Stop => self.stopping = true,
        }
        self.advance(now, budget, acts);
    }

    fn leased(&mut self, fence: i64, cursor: i64, exceptions: Vec<OpenException>, until: Millis) {
        let (paused, stopping, next_batch) = (self.paused, self.stopping, self.next_batch);
        *self = Self::new(self.settings);
        (self.paused, self.stopping, self.next_batch) = (paused, stopping, next_batch);
        self.lease = Some((fence, until));
        (self.cursor, self.read_to, self.more) = (cursor, cursor, true);
        for row in exceptions {
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
        self.log_trouble.until = None;
        self.free_trouble.until = None;
        self.open.refresh(now);
    }

    fn flies(&self, seq: i64) -> bool {
        matches!(&self.phase, Phase::InFlight(flight) if flight.items.iter().any(|item| item.seq == seq))
    }
}
