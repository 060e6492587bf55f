//! The ledger: every delivery of a connection with where it stands, read from cursor, exceptions and calls together.
//! Promises: state is derived, never stored per row; every question is bounded, however many rows there are and however rare what is
//! looked for. Leaves to others: words for people (`komo::ledger`), sending again (`again`), counting live work (`outbox`).

mod counts;
mod find;
mod show;
mod walk;

pub use counts::{Counts, counts, reasons};
pub use find::{EntryRow, Whereabouts, Who, contact_of, entries_of, whereabouts};
pub use show::{Call, Detail, show};
pub use walk::page;

use engage::{
    ids::{CardId, ConnectionId, ContactId, EntryId},
    time::Millis,
};

use crate::{
    error::{Result, StoreError},
    value::Row as Columns,
};

pub(crate) use counts::STATEMENTS as COUNTS;
pub(crate) use find::STATEMENTS as FIND;
pub(crate) use show::STATEMENTS as SHOW;
pub(crate) use walk::STATEMENTS as WALK;

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Its lane has not come to it yet.
    Pending,
    /// Tried, to be tried again by itself.
    Retrying,
    /// Behind an older one of the same contact that is being tried again.
    Waiting,
    /// Braze has taken it.
    Delivered,
    /// Set aside with a reason.
    Parked,
    /// Sent, no answer, and by the connection's choice not sent again.
    Unknown,
    /// Never sendable, with a reason.
    Skipped,
    /// Was set aside, and another delivery was made instead.
    Replaced,
    /// Gone with the person it was about, before it was delivered.
    Erased,
}

impl State {
    /// Every state, in the order of a delivery's life.
    pub const ALL: &[Self] = &[
        Self::Pending,
        Self::Retrying,
        Self::Waiting,
        Self::Delivered,
        Self::Parked,
        Self::Unknown,
        Self::Skipped,
        Self::Replaced,
        Self::Erased,
    ];

    /// The stable name, as stored, filtered by and shown by the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Retrying => "retrying",
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Parked => "parked",
            Self::Unknown => "unknown",
            Self::Skipped => "skipped",
            Self::Replaced => "replaced",
            Self::Erased => "erased",
        }
    }

    /// Whether deliveries in this state have a row of their own.
    const fn is_exception(self) -> bool {
        !matches!(self, Self::Pending | Self::Delivered)
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::str::FromStr for State {
    type Err = StoreError;

    fn from_str(code: &str) -> Result<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|state| state.code() == code)
            .ok_or_else(|| StoreError::Corrupt(format!("a delivery in the state `{code}`")))
    }
}

/// What to look for. Everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only this person's.
    pub contact: Option<ContactId>,
    /// Only those that tell about an entry of this card.
    pub card: Option<CardId>,
    /// Only those made at this moment or later.
    pub from: Option<Millis>,
    /// Only those made before this moment.
    pub to: Option<Millis>,
    /// Only those that stand there now.
    pub state: Option<State>,
    /// Only those set aside for this reason (its stable code).
    pub reason: Option<String>,
}

/// One delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number in the log; rises in the order of acceptance.
    pub seq: i64,
    /// Its lane.
    pub lane: i64,
    /// Where it goes.
    pub connection: ConnectionId,
    /// Whose it is.
    pub contact: ContactId,
    /// The entry it tells about.
    pub entry: Option<EntryId>,
    /// That entry's card.
    pub card: Option<CardId>,
    /// When it was made.
    pub created_at: Millis,
    /// Where it stands.
    pub state: State,
    /// Whether it holds an attributes object.
    pub has_attributes: bool,
    /// How many events it holds.
    pub events: u16,
    /// How many purchases it holds.
    pub purchases: u16,
    /// A call of its own instead: its kind's stable code, see `engage::delivery::CallKind`.
    pub call: Option<String>,
    /// Calls that carried it and did not settle it.
    pub attempts: u32,
    /// Retrying: not before this moment.
    pub due_at: Option<Millis>,
    /// Parked or skipped, also if it was replaced since: the reason's stable code.
    pub code: Option<String>,
    /// The other side's own words; for skipped ones the whole sentence.
    pub detail: String,
    /// Exceptions: since when it stands there.
    pub since: Option<Millis>,
    /// Replaced: the delivery that was made instead; none when nothing was left to send.
    pub replaced_by: Option<i64>,
    /// One letter an object (`o` open, `d` delivered, `r` refused, `u` unknown); empty while all are the same.
    pub marks: String,
}

/// Some deliveries, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The deliveries.
    pub rows: Vec<Row>,
    /// Give this as `before` to go on; none: that was all. A page can be short and still have more behind it: when what is
    /// looked for is rare, a page ends where enough has been looked through.
    pub next: Option<i64>,
}

/// A lane of a connection as it stood when a question began.
#[derive(Clone, Copy, Debug)]
struct LaneAt {
    id: i64,
    cursor: i64,
    connection: ConnectionId,
}

/// Builds a row from `walk`'s and `find`'s columns.
fn row(columns: &mut Columns, lane: LaneAt) -> Result<Row> {
    let seq: i64 = columns.take(0)?;
    let state: Option<String> = columns.take(8)?;
    let state = match state {
        Some(code) => code.parse()?,
        None if seq <= lane.cursor => State::Delivered,
        None => State::Pending,
    };
    Ok(Row {
        seq,
        lane: lane.id,
        connection: lane.connection,
        contact: columns.take(2)?,
        entry: columns.take(3)?,
        card: columns.take(16)?,
        created_at: columns.take(4)?,
        has_attributes: columns.take(5)?,
        events: columns.take(6)?,
        purchases: columns.take(7)?,
        call: columns.take(17)?,
        state,
        attempts: columns.take::<Option<u32>>(9)?.unwrap_or_default(),
        due_at: columns.take(10)?,
        code: columns.take(11)?,
        detail: columns.take::<Option<String>>(12)?.unwrap_or_default(),
        since: columns.take(13)?,
        replaced_by: columns.take(14)?,
        marks: columns.take::<Option<String>>(15)?.unwrap_or_default(),
    })
}
