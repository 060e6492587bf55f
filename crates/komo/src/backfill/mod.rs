//! What was entered before, sent (again): deliveries that were set aside, and history into a new connection.
//! Promises: both plan anew with the connection's mapping of today, contact by contact, under the contact's lock; what was delivered
//! is not sent twice. Leaves to others: folding (`engage::again`), durable jobs and history (`store::backfill`).

mod history;
mod jobs;
mod planner;
mod worker;

pub use jobs::{Progress, change, progress, start};
pub use planner::Planner;
pub use worker::Worker;

use std::collections::{BTreeMap, BTreeSet};

use engage::{
    ids::{ConnectionId, ContactId, WorkspaceId},
    time::Millis,
};
use store::{
    Store,
    backfill::{self, Done},
    hubs,
    ledger::{self, Filter, State},
};

use crate::{clock, deliver::Wakers};

/// States of deliveries that can be sent again.
pub const SET_ASIDE: [State; 3] = [State::Parked, State::Unknown, State::Skipped];

/// Contacts whose deliveries are sent again in one transaction.
const AT_ONCE: usize = 50;

/// Deliveries that are looked up at once.
const PAGE: usize = 1_000;

/// Which deliveries to send again. Only those that were set aside count.
#[derive(Clone, Debug)]
pub enum Which {
    /// Some, by their numbers.
    These(Vec<i64>),
    /// All that pass a filter: by contact, card, time, reason. Without a state: parked and of unknown fate.
    Matching(Filter),
}

/// What sending again did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Deliveries that were looked at.
    pub found: i64,
    /// Of those: replaced by new ones, or on their way again as they are.
    pub settled: i64,
    /// New deliveries.
    pub deliveries: i64,
    /// Objects in the new ones.
    pub objects: i64,
}

/// The states that a filter means.
fn states(filter: &Filter) -> Vec<State> {
    match (filter.state, &filter.reason) {
        (Some(state), _) => SET_ASIDE.into_iter().filter(|it| *it == state).collect(),
        (None, Some(_)) => vec![State::Parked, State::Skipped],
        (None, None) => vec![State::Parked, State::Unknown],
    }
}

/// How many deliveries would be sent again: the dry run before it.
pub async fn count_again(
    store: &Store,
    workspace: WorkspaceId,
    connection: ConnectionId,
    which: &Which,
) -> store::Result<i64> {
    let mut count = 0;
    let mut pages = Pages::new(workspace, connection, which);
    while let Some(rows) = pages.next(store).await? {
        count += i64::try_from(rows.len()).unwrap_or(0);
    }
    Ok(count)
}

/// Sends deliveries again that were set aside: planned anew with the mapping of today, together with whatever the contact has
/// told since, so that nothing newer is overwritten. `wakers` are this server's, if this is one.
pub async fn send_again(
    store: &Store,
    workspace: WorkspaceId,
    connection: ConnectionId,
    which: &Which,
    wakers: Option<&Wakers>,
) -> anyhow::Result<Sent> {
    let planner = std::sync::Arc::new(Planner::load(store, workspace, connection).await?);
    let mut sent = Sent::default();
    let mut back = false;
    let mut pages = Pages::new(workspace, connection, which);
    while let Some(rows) = pages.next(store).await? {
        let mut by_contact: BTreeMap<ContactId, BTreeSet<i64>> = BTreeMap::new();
        for row in rows {
            sent.found += 1;
            by_contact.entry(row.contact).or_default().insert(row.seq);
        }
        let mut left = by_contact.into_iter().peekable();
        while left.peek().is_some() {
            let some: BTreeMap<_, _> = left.by_ref().take(AT_ONCE).collect();
            let (planner, now) = (std::sync::Arc::clone(&planner), clock::now());
            let done = store.write(move |tx| {
                Box::pin(async move {
                    let contacts: Vec<ContactId> = some.keys().copied().collect();
                    let empty = BTreeSet::new();
                    let plan = |contact: ContactId, history: &backfill::History| {
                        planner.again(contact, history, some.get(&contact).unwrap_or(&empty))
                    };
                    backfill::replan(tx, &planner.lanes, &contacts, now, &plan).await
                })
            });
            let done = done.await?;
            wake(wakers, &done);
            back |= done.back;
            sent.settled += done.settled;
            sent.deliveries += done.deliveries;
            sent.objects += done.objects;
        }
    }
    if back || wakers.is_none() && sent.deliveries > 0 {
        // A server of its own process is told by the connection's revision.
        store
            .write(move |tx| Box::pin(hubs::touch(tx, connection)))
            .await?;
    }
    Ok(sent)
}

fn wake(wakers: Option<&Wakers>, done: &Done) {
    if let Some(wakers) = wakers {
        done.lanes.iter().for_each(|lane| wakers.wake(*lane));
    }
}

/// The deliveries of a choice, page by page, newest first, state by state.
struct Pages {
    workspace: WorkspaceId,
    connection: ConnectionId,
    which: Which,
    left: Vec<State>,
    before: Option<i64>,
}

impl Pages {
    fn new(workspace: WorkspaceId, connection: ConnectionId, which: &Which) -> Self {
        let left = match which {
            Which::These(_) => vec![State::Parked],
            Which::Matching(filter) => states(filter),
        };
        Self {
            workspace,
            connection,
            which: which.clone(),
            left,
            before: None,
        }
    }

    async fn next(&mut self, store: &Store) -> store::Result<Option<Vec<ledger::Row>>> {
        let Some(state) = self.left.last().copied() else {
            return Ok(None);
        };
        let (workspace, connection, before) = (self.workspace, self.connection, self.before);
        match &self.which {
            Which::These(numbers) => {
                let numbers = numbers.clone();
                self.left.clear();
                let found = store.read(move |tx| {
                    Box::pin(async move {
                        let mut rows = Vec::new();
                        for seq in numbers {
                            let found = ledger::show(tx, workspace, seq).await?;
                            rows.extend(found.map(|it| it.row));
                        }
                        Ok(rows)
                    })
                });
                let mut rows = found.await?;
                rows.retain(|it| it.connection == connection && SET_ASIDE.contains(&it.state));
                Ok(Some(rows))
            }
            Which::Matching(filter) => {
                let filter = Filter {
                    state: Some(state),
                    ..filter.clone()
                };
                let page = store.read(move |tx| {
                    Box::pin(async move {
                        ledger::page(tx, workspace, connection, &filter, before, PAGE).await
                    })
                });
                let page = page.await?;
                self.before = page.next;
                if page.next.is_none() {
                    self.left.pop();
                }
                Ok(Some(page.rows))
            }
        }
    }
}

/// The moment that a step began, and how long it took so far.
fn elapsed(since: Millis) -> i64 {
    clock::now().since(since).max(0)
}
