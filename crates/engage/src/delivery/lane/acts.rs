//! The words between a lane and its worker: what came to pass, what has to be done, and the rows that are written.
//! Promises that a worker which handles every variant has missed nothing.
//! Leaves the decisions to the lane.

use super::super::{CallKind, Item, ParkReason};
use crate::{ids::ContactId, time::Millis};

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
        /// What behind the cursor was tried in vain, as last written by [`Commit::tried`].
        tried: String,
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
    /// The answer to [`Act::Send`], unless it has [`Event::Crashed`].
    Answered {
        /// Which call.
        batch: u64,
        /// What it came to.
        answer: braze::Answer,
        /// The rate headers, if there were any.
        budget: Option<braze::Budget>,
    },
    /// Making the call has brought the program down (a panic); whether it went out is not known.
    Crashed {
        /// Which call.
        batch: u64,
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
    /// Make one call and answer with [`Event::Answered`].
    Send {
        /// Names the call; unique within a lease.
        batch: u64,
        /// What to call; `None` for `/users/track`.
        call: Option<CallKind>,
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Commit {
    /// The fencing token of the lease; an older one must be refused.
    pub fence: i64,
    /// The last delivery that is passed.
    pub cursor: i64,
    /// Rows to insert or replace.
    pub put: Vec<Exception>,
    /// Rows to remove: these deliveries are done.
    pub delete: Vec<i64>,
    /// Deliveries whose content is not needed any more and must not be kept: a person's deletion names the person.
    pub forget: Vec<i64>,
    /// If it has changed: which deliveries behind the cursor were tried in vain, and since when. Kept as it is and handed back
    /// with [`Event::Leased`], so that a restart does not begin their retry window anew.
    pub tried: Option<String>,
    /// The call that led to this, if there was one.
    pub call: Option<CallRecord>,
    /// It was tried before, and may be on disk already although nobody heard of it: the call is recorded only once.
    pub again: bool,
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
    /// The deliveries in it, when they are not simply all of the lane between the first and the last; else empty.
    pub listed: Vec<i64>,
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
