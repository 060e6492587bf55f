//! Group commit: an operation over a batch of waiting items, fed by whatever has queued up, one verdict an item.
//! Promises: an item's verdict is given after the commit that made it true; a failing item is isolated and fails alone.
//! Leaves to others: what the operation does (`entries::accept`, `plays::finish`).

use std::sync::{Arc, Mutex};

use tokio::{runtime::Handle, sync::oneshot};

use super::{Body, Engine, Store, Tx, postgres, sqlite};
use crate::error::{Result, StoreError};

/// An operation over a batch.
pub trait BatchOp: Send + Sync + 'static {
    /// What is asked for.
    type Item: Send + Sync + 'static;
    /// What came of it.
    type Verdict: Send + 'static;

    /// Does the operation for all items, in their order, in one transaction; answers one verdict an item, in their order.
    fn run<'a>(tx: &'a mut Tx, items: &'a [Self::Item]) -> Body<'a, Vec<Self::Verdict>>;
}

/// The waiting line before an operation. Cheap to clone.
pub struct Batcher<Op: BatchOp> {
    store: Store,
    line: Arc<Mutex<Line<Op>>>,
}

impl<Op: BatchOp> Clone for Batcher<Op> {
    fn clone(&self) -> Self {
        Self {
            store: self.store.clone(),
            line: Arc::clone(&self.line),
        }
    }
}

impl<Op: BatchOp> std::fmt::Debug for Batcher<Op> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batcher").finish_non_exhaustive()
    }
}

struct Line<Op: BatchOp> {
    items: Vec<Op::Item>,
    replies: Vec<Reply<Op>>,
    /// SQLite: 1 while a job that will empty the line is queued. PostgreSQL: batches in flight.
    runners: usize,
}

/// Items and who waits for them, in the same order.
type Waiting<Op> = (Vec<<Op as BatchOp>::Item>, Vec<Reply<Op>>);
type Reply<Op> = oneshot::Sender<Result<<Op as BatchOp>::Verdict>>;

impl<Op: BatchOp> Line<Op> {
    fn take(&mut self, most: usize) -> Waiting<Op> {
        if self.items.len() <= most {
            return (
                std::mem::take(&mut self.items),
                std::mem::take(&mut self.replies),
            );
        }
        let items = self.items.drain(..most).collect();
        (items, self.replies.drain(..most).collect())
    }
}

impl<Op: BatchOp> Batcher<Op> {
    /// A waiting line on this database.
    pub fn new(store: &Store) -> Self {
        let line = Line {
            items: Vec::new(),
            replies: Vec::new(),
            runners: 0,
        };
        Self {
            store: store.clone(),
            line: Arc::new(Mutex::new(line)),
        }
    }

    /// Waits in line and answers the item's verdict once it is durable.
    pub async fn submit(&self, item: Op::Item) -> Result<Op::Verdict> {
        let (reply, verdict) = oneshot::channel();
        let start = {
            let mut line = sqlite::lock(&self.line);
            if line.items.len() >= self.store.options.waiting_items {
                return Err(StoreError::Unavailable(
                    "too many submissions are waiting".into(),
                ));
            }
            line.items.push(item);
            line.replies.push(reply);
            let most = if self.store.is_embedded() {
                1
            } else {
                self.store.options.batches_in_flight
            };
            let start = line.runners < most;
            line.runners += usize::from(start);
            start
        };
        if start {
            self.start();
        }
        verdict
            .await
            .unwrap_or_else(|_| Err(StoreError::Unavailable("the database is closing".into())))
    }

    fn start(&self) {
        match &*self.store.engine {
            Engine::Sqlite(sqlite) => {
                let line = Arc::clone(&self.line);
                let runtime = Handle::current();
                let job: sqlite::Job =
                    Box::new(move |tx, clean| run_on_sqlite(&line, tx, clean, runtime));
                if sqlite.enqueue_first(job).is_err() {
                    // Closing: dropping the replies tells everybody in line.
                    sqlite::lock(&self.line).take(usize::MAX);
                }
            }
            Engine::Postgres(_) => {
                tokio::spawn(self.clone().run_on_postgres());
            }
        }
    }

    /// One of the batches in flight: empties the line until nobody waits.
    async fn run_on_postgres(self) {
        let Engine::Postgres(postgres) = &*self.store.engine else {
            return;
        };
        let mut place = Place {
            line: &self.line,
            left: false,
        };
        while let Some((items, replies)) = place.next(self.store.options.batch_items) {
            let mut verdicts: Vec<Option<Result<Op::Verdict>>> = Vec::new();
            verdicts.resize_with(items.len(), || None);
            // Halves of a failed batch, each in a transaction of its own, until the failing item stands alone.
            let mut ranges = vec![(0, items.len(), 0_u8)];
            while let Some((from, to, tries)) = ranges.pop() {
                let slice = items.get(from..to).unwrap_or_default();
                match transact::<Op>(postgres, slice).await {
                    Ok(done) => fill(&mut verdicts, from, done.into_iter().map(Ok)),
                    // Chosen as the victim of a deadlock: the same again, a few times.
                    Err(StoreError::Contention(_)) if tries < 5 => {
                        ranges.push((from, to, tries + 1));
                    }
                    Err(error) if to - from == 1 || error.is_transient() => {
                        fill(&mut verdicts, from, (from..to).map(|_| Err(error.clone())));
                    }
                    Err(_) => {
                        let middle = from + (to - from) / 2;
                        ranges.extend([(middle, to, 0), (from, middle, 0)]);
                    }
                }
            }
            answer::<Op>(replies, verdicts);
        }
    }
}

/// A runner's place among the batches in flight; given up even if the runner panics, or the line would stand still.
struct Place<'a, Op: BatchOp> {
    line: &'a Mutex<Line<Op>>,
    left: bool,
}

impl<Op: BatchOp> Place<'_, Op> {
    fn next(&mut self, most: usize) -> Option<Waiting<Op>> {
        let mut line = sqlite::lock(self.line);
        if line.items.is_empty() {
            // Leaving and seeing that nobody waits is one step: who comes later starts a new runner.
            line.runners -= 1;
            self.left = true;
            return None;
        }
        Some(line.take(most))
    }
}

impl<Op: BatchOp> Drop for Place<'_, Op> {
    fn drop(&mut self) {
        if !self.left {
            sqlite::lock(self.line).runners -= 1;
        }
    }
}

async fn transact<Op: BatchOp>(
    postgres: &postgres::Postgres,
    items: &[Op::Item],
) -> Result<Vec<Op::Verdict>> {
    let mut tx = postgres.begin().await?;
    let outcome = Op::run(&mut tx, items).await;
    postgres::end(tx, outcome).await
}

/// Everything in line, within the writer thread's current transaction.
fn run_on_sqlite<Op: BatchOp>(
    line: &Mutex<Line<Op>>,
    tx: Result<&mut Tx>,
    clean: bool,
    runtime: Handle,
) -> sqlite::Finish {
    let (items, replies) = {
        let mut line = sqlite::lock(line);
        line.runners = 0;
        line.take(usize::MAX)
    };
    let mut verdicts = Vec::new();
    verdicts.resize_with(items.len(), || None);
    match tx {
        Ok(tx) if clean => whole::<Op>(tx, &items, &mut verdicts),
        Ok(tx) => halves::<Op>(tx, &items, 0, &mut verdicts),
        Err(error) => fill(&mut verdicts, 0, items.iter().map(|_| Err(error.clone()))),
    }
    Box::new(move |commit| {
        if let Err(error) = commit {
            verdicts = replies.iter().map(|_| Some(Err(error.clone()))).collect();
        }
        // Told from within the runtime: waking each waiting request from this thread would cost a system call each.
        runtime.spawn(async move { answer::<Op>(replies, verdicts) });
    })
}

/// Runs all items as the first of a transaction: when that fails, which is rare, the transaction begins anew and the failing
/// item is looked for. A savepoint each time would copy every page that the batch changes.
fn whole<Op: BatchOp>(
    tx: &mut Tx,
    items: &[Op::Item],
    verdicts: &mut [Option<Result<Op::Verdict>>],
) {
    match sqlite::at_once(Op::run(tx, items)) {
        Ok(done) => fill(verdicts, 0, done.into_iter().map(Ok)),
        Err(_) => match sqlite::begin_anew(tx) {
            Ok(()) => halves::<Op>(tx, items, 0, verdicts),
            Err(error) => fill(verdicts, 0, items.iter().map(|_| Err(error.clone()))),
        },
    }
}

/// Runs a slice in a savepoint; when it fails, its halves, until the failing item stands alone.
fn halves<Op: BatchOp>(
    tx: &mut Tx,
    items: &[Op::Item],
    from: usize,
    verdicts: &mut [Option<Result<Op::Verdict>>],
) {
    match sqlite::apart(tx, |tx| sqlite::at_once(Op::run(tx, items))) {
        Ok(done) => fill(verdicts, from, done.into_iter().map(Ok)),
        Err(error) if items.len() <= 1 || error.is_transient() => {
            fill(verdicts, from, items.iter().map(|_| Err(error.clone())));
        }
        Err(_) => {
            let (left, right) = items.split_at(items.len() / 2);
            halves::<Op>(tx, left, from, verdicts);
            halves::<Op>(tx, right, from + left.len(), verdicts);
        }
    }
}

fn fill<V>(verdicts: &mut [Option<V>], from: usize, values: impl Iterator<Item = V>) {
    for (slot, value) in verdicts.iter_mut().skip(from).zip(values) {
        *slot = Some(value);
    }
}

fn answer<Op: BatchOp>(replies: Vec<Reply<Op>>, verdicts: Vec<Option<Result<Op::Verdict>>>) {
    for (reply, verdict) in replies.into_iter().zip(verdicts) {
        let verdict = verdict.unwrap_or_else(|| {
            Err(StoreError::Statement(
                "the operation gave no verdict".into(),
            ))
        });
        // Who asked may be gone; what was done stays done.
        drop(reply.send(verdict));
    }
}
