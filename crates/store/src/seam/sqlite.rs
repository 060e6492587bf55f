//! SQLite behind the seam: one writer thread that commits whatever has queued up, a few readers, checkpoints off the commit path.
//! Promises: `synchronous=FULL`, so that an acknowledged write survives a power cut; a failing body leaves nothing behind.
//! Leaves to others: statements and their meaning.

use std::{
    collections::VecDeque,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    pin::pin,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
    thread,
    time::{Duration, Instant},
};

use rusqlite::{OpenFlags, config::DbConfig, params_from_iter};
use tokio::sync::{Semaphore, oneshot};

use super::{Body, Inner, Options, Tx, checkpoint::Checkpointer};
use crate::{
    error::{Result, StoreError},
    sql::Sql,
    value::{Row, Value},
};

/// How often the writer looks at the log under load. A page that many entries change is moved once for all of them, so seldom
/// is better than often.
const LOOK: Duration = Duration::from_secs(1);

/// What the writer thread runs: it is given the open transaction (or the reason why there is none) and whether nothing has been
/// written in it yet, does its part, and answers with what to do once the commit's fate is known.
pub(super) type Job = Box<dyn FnOnce(Result<&mut Tx>, bool) -> Finish + Send>;
/// Called with the fate of the commit.
pub(super) type Finish = Box<dyn FnOnce(&Result<()>) + Send>;

/// An embedded database.
#[derive(Debug)]
pub(super) struct Sqlite {
    queue: Arc<Queue>,
    readers: Arc<Readers>,
    writer: Mutex<Option<thread::JoinHandle<()>>>,
}

#[derive(Default)]
struct Queue {
    jobs: Mutex<VecDeque<Job>>,
    filled: Condvar,
    closed: AtomicBool,
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Semaphore,
    patience: Duration,
}

/// One SQLite connection with its statement cache.
#[derive(Debug)]
pub(super) struct Connection(rusqlite::Connection);

impl Sqlite {
    pub(super) fn open(path: &Path, options: &Options) -> Result<Self> {
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            fs::create_dir_all(folder).map_err(|error| {
                StoreError::Unavailable(format!(
                    "can't make the folder {}: {error}",
                    folder.display()
                ))
            })?;
        }
        let writer = Connection::open(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
            options.patience,
        )?;
        // Order matters: the busy timeout is set on opening, or two processes that open at once fail with "database is locked".
        writer.0.pragma_update(None, "journal_mode", "WAL")?;
        writer.0.pragma_update(None, "synchronous", "FULL")?;
        writer.0.pragma_update(None, "foreign_keys", "ON")?;
        writer.0.pragma_update(None, "wal_autocheckpoint", 0)?;
        // A savepoint keeps the old form of each page it changes; in memory, or every transaction would write a file for it.
        writer.0.pragma_update(None, "temp_store", "MEMORY")?;
        // A commit may walk the whole table of the cache (SQLite moves pages by way of a far page number), and that table's size
        // is the next power of two: just below 8,192 pages.
        writer.0.pragma_update(None, "cache_size", 8_100)?;
        restrict(path);

        let queue = Arc::new(Queue::default());
        let checkpointer = Checkpointer::start(path, options.patience)?;
        let thread = thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn({
                let queue = Arc::clone(&queue);
                move || write_loop(&queue, Tx(Inner::Sqlite(writer)), checkpointer)
            })
            .map_err(|error| {
                StoreError::Unavailable(format!("can't start the writer thread: {error}"))
            })?;
        let readers = Readers {
            path: path.to_owned(),
            idle: Mutex::new(Vec::new()),
            permits: Semaphore::new(options.connections),
            patience: options.patience,
        };
        Ok(Self {
            queue,
            readers: Arc::new(readers),
            writer: Mutex::new(Some(thread)),
        })
    }

    /// Puts a job into the queue of the writer thread.
    pub(super) fn enqueue(&self, job: Job) -> std::result::Result<(), Job> {
        self.put(job, VecDeque::push_back)
    }

    /// The same before all others: what runs first in a transaction needs no savepoint.
    pub(super) fn enqueue_first(&self, job: Job) -> std::result::Result<(), Job> {
        self.put(job, VecDeque::push_front)
    }

    fn put(&self, job: Job, put: fn(&mut VecDeque<Job>, Job)) -> std::result::Result<(), Job> {
        if self.queue.closed.load(Ordering::Acquire) {
            return Err(job);
        }
        put(&mut lock(&self.queue.jobs), job);
        self.queue.filled.notify_one();
        Ok(())
    }

    pub(super) async fn write<T, F>(&self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Tx) -> Body<'a, T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |tx, _| {
            let outcome = tx.and_then(|tx| apart(tx, |tx| at_once(body(tx))));
            Box::new(move |commit| {
                let outcome = match commit {
                    Ok(()) => outcome,
                    Err(error) => Err(error.clone()),
                };
                // Nobody waiting any more is no reason to fail: the write is done.
                drop(reply.send(outcome));
            })
        });
        if self.enqueue(job).is_err() {
            return Err(closing());
        }
        answer.await.unwrap_or_else(|_| Err(closing()))
    }

    pub(super) async fn read<T, F>(&self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Tx) -> Body<'a, T> + Send + 'static,
    {
        let readers = Arc::clone(&self.readers);
        let permit = tokio::time::timeout(readers.patience, readers.permits.acquire());
        let Ok(Ok(_permit)) = permit.await else {
            return Err(StoreError::Unavailable(
                "all connections for reading are busy".into(),
            ));
        };
        let worker = Arc::clone(&readers);
        let run = tokio::task::spawn_blocking(move || worker.run(body));
        run.await
            .unwrap_or_else(|_| Err(StoreError::Statement("a read body panicked".into())))
    }

    pub(super) async fn close(&self) {
        self.queue.closed.store(true, Ordering::Release);
        self.queue.filled.notify_all();
        let thread = lock(&self.writer).take();
        if let Some(thread) = thread {
            drop(tokio::task::spawn_blocking(move || thread.join()).await);
        }
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.queue.closed.store(true, Ordering::Release);
        self.queue.filled.notify_all();
    }
}

impl Readers {
    fn run<T, F>(&self, body: F) -> Result<T>
    where
        F: for<'a> FnOnce(&'a mut Tx) -> Body<'a, T>,
    {
        let idle = lock(&self.idle).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => Connection::open(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE, self.patience)?
                .read_only()?,
        };
        let mut tx = Tx(Inner::Sqlite(connection));
        let outcome = tx
            .sqlite()?
            .control("BEGIN")
            .and_then(|()| at_once(body(&mut tx)));
        let ended = tx.sqlite()?.control("COMMIT");
        if let (Inner::Sqlite(connection), Ok(())) = (tx.0, ended) {
            lock(&self.idle).push(connection);
        }
        outcome
    }
}

impl Connection {
    pub(super) fn open(path: &Path, flags: OpenFlags, patience: Duration) -> Result<Self> {
        let connection =
            rusqlite::Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(patience)?;
        connection.set_prepared_statement_cache_capacity(256);
        // Plans do not depend on the values bound: without this SQLite prepares a statement anew whenever they change.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(Self(connection))
    }

    fn read_only(self) -> Result<Self> {
        self.0.pragma_update(None, "query_only", "ON")?;
        Ok(self)
    }

    pub(super) fn execute(&mut self, sql: &'static Sql, params: &[Value]) -> Result<u64> {
        let changed = self
            .0
            .prepare_cached(sql.sqlite())?
            .execute(params_from_iter(params))?;
        Ok(changed as u64)
    }

    pub(super) fn execute_rows(&mut self, sql: &'static Sql, rows: &[Vec<Value>]) -> Result<u64> {
        let mut statement = self.0.prepare_cached(sql.sqlite())?;
        rows.iter().try_fold(0, |changed, row| {
            Ok(changed + statement.execute(params_from_iter(row))? as u64)
        })
    }

    /// Runs a multi-row query; the statement is looked up once.
    pub(super) fn query_rows(
        &mut self,
        sql: &'static Sql,
        rows: &[Vec<Value>],
    ) -> Result<Vec<Row>> {
        let mut statement = self.0.prepare_cached(sql.sqlite())?;
        let columns = statement.column_count();
        let mut out = Vec::new();
        for params in rows {
            let mut found = statement.query(params_from_iter(params))?;
            while let Some(row) = found.next()? {
                let values = (0..columns).map(|index| Value::from_sqlite(row.get_ref(index)?));
                out.push(Row::new(values.collect::<Result<_>>()?));
            }
        }
        Ok(out)
    }

    pub(super) fn query(
        &mut self,
        sql: &'static Sql,
        params: &[Value],
        out: &mut Vec<Row>,
    ) -> Result<()> {
        let mut statement = self.0.prepare_cached(sql.sqlite())?;
        let columns = statement.column_count();
        let mut rows = statement.query(params_from_iter(params))?;
        while let Some(row) = rows.next()? {
            let values = (0..columns).map(|index| Value::from_sqlite(row.get_ref(index)?));
            out.push(Row::new(values.collect::<Result<_>>()?));
        }
        Ok(())
    }

    /// Moves what it can of the log into the main file; answers how many pages the log has.
    pub(super) fn checkpoint(&self) -> Result<i64> {
        Ok(self
            .0
            .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1))?)
    }

    /// Begins or ends a transaction or a savepoint.
    fn control(&mut self, text: &'static str) -> Result<()> {
        self.0.prepare_cached(text)?.execute([])?;
        Ok(())
    }

    pub(super) fn batch(&mut self, text: &str) -> Result<()> {
        Ok(self.0.execute_batch(text)?)
    }

    pub(super) fn prepare(&mut self, sql: &'static Sql) -> Result<()> {
        self.0.prepare(sql.sqlite())?;
        Ok(())
    }
}

impl Tx {
    pub(super) fn sqlite(&mut self) -> Result<&mut Connection> {
        match &mut self.0 {
            Inner::Sqlite(connection) => Ok(connection),
            Inner::Postgres(_) => Err(StoreError::Statement(
                "a PostgreSQL transaction on the SQLite thread".into(),
            )),
        }
    }
}

/// Runs something in a savepoint, so that its failure takes nothing of its neighbours in the same transaction along.
pub(super) fn apart<T>(tx: &mut Tx, run: impl FnOnce(&mut Tx) -> Result<T>) -> Result<T> {
    tx.sqlite()?.control("SAVEPOINT body")?;
    let outcome = run(tx);
    if outcome.is_err() {
        tx.sqlite()?.control("ROLLBACK TO body")?;
    }
    tx.sqlite()?.control("RELEASE body")?;
    outcome
}

/// Gives up what this transaction has written and begins it anew.
pub(super) fn begin_anew(tx: &mut Tx) -> Result<()> {
    let connection = tx.sqlite()?;
    connection.control("ROLLBACK")?;
    connection.control("BEGIN IMMEDIATE")
}

/// Runs a body that must not wait: SQLite answers at once, so a body that is not ready awaited something else, which
/// would hold every other writer up.
pub(super) fn at_once<T>(body: Body<'_, T>) -> Result<T> {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(body).poll(&mut context) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => Err(StoreError::AwaitedOutside),
    }
}

fn write_loop(queue: &Queue, mut tx: Tx, mut checkpointer: Checkpointer) {
    let mut looked = Instant::now();
    loop {
        let jobs = {
            let mut jobs = lock(&queue.jobs);
            while jobs.is_empty() {
                if queue.closed.load(Ordering::Acquire) {
                    drop(jobs);
                    checkpointer.stop();
                    if let Ok(connection) = tx.sqlite() {
                        drop(connection.batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA optimize;"));
                    }
                    return;
                }
                jobs = queue
                    .filled
                    .wait(jobs)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            std::mem::take(&mut *jobs)
        };
        commit(&mut tx, jobs);
        if looked.elapsed() >= LOOK {
            looked = Instant::now();
            if checkpointer.log_is_long()
                && let Ok(connection) = tx.sqlite()
            {
                // While a reader still looks at the old log this waits, at most for the busy timeout; the next look tries again.
                drop(connection.batch("PRAGMA wal_checkpoint(RESTART)"));
            }
            checkpointer.wake_if_worth_it();
        }
    }
}

/// One transaction for everything that has queued up.
fn commit(tx: &mut Tx, jobs: VecDeque<Job>) {
    let begun = tx
        .sqlite()
        .and_then(|connection| connection.control("BEGIN IMMEDIATE"));
    let mut begun = begun;
    let mut finishes: Vec<Finish> = Vec::with_capacity(jobs.len());
    for (place, job) in jobs.into_iter().enumerate() {
        let run = catch_unwind(AssertUnwindSafe(|| match &begun {
            Ok(()) => job(Ok(tx), place == 0),
            Err(error) => job(Err(error.clone()), false),
        }));
        match run {
            Ok(finish) => finishes.push(finish),
            // What the body had written can't be told from the rest any more: all of it goes, nothing is acknowledged,
            // and the writer lives on.
            Err(_) => begun = Err(StoreError::Statement("a storage body panicked".into())),
        }
    }
    let fate = begun.and_then(|()| tx.sqlite()?.control("COMMIT"));
    if fate.is_err()
        && let Ok(connection) = tx.sqlite()
        && !connection.0.is_autocommit()
    {
        drop(connection.batch("ROLLBACK"));
    }
    if let Err(error) = &fate {
        tracing::error!(%error, "a commit failed; nothing of it was acknowledged");
    }
    for finish in finishes {
        finish(&fate);
    }
}

/// Personal data is for the operator's account only.
fn restrict(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if let Err(error) = fs::set_permissions(path, fs::Permissions::from_mode(0o600)) {
            tracing::warn!(%error, "the database file's permissions could not be narrowed");
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}

fn closing() -> StoreError {
    StoreError::Unavailable("the database is closing".into())
}

/// A panic in one job must not stop all later ones, so a poisoned lock is taken as it is.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
