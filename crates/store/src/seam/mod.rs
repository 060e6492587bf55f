//! The storage seam: one body of statements runs on embedded SQLite or on PostgreSQL.
//! Promises: a write is acknowledged only after its commit is durable; hundreds of writes share one flush; a transaction is
//! never open while anything but the database is awaited. Leaves to others: what the statements mean (one module per thing).

mod batch;
mod checkpoint;
pub(crate) mod diverge;
mod postgres;
mod sqlite;

use std::{future::Future, path::PathBuf, pin::Pin, sync::Arc, time::Duration};

pub use batch::{BatchOp, Batcher};
use futures_util::future::join_all;

use crate::{
    error::{Result, StoreError},
    sql::Sql,
    value::{Row, Value},
};

/// A boxed future, as storage bodies return it: `|tx| Box::pin(async move { ... })`.
pub type Body<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// A multi-row statement with its rows.
pub(crate) type Many = (&'static Sql, Vec<Vec<Value>>);

/// Where the data is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// An SQLite file; made when it does not exist and `create` was asked for.
    Sqlite(PathBuf),
    /// A PostgreSQL address, `postgres://user:password@host:port/database`.
    Postgres(String),
}

impl Address {
    /// Reads `sqlite:PATH`, `postgres://...` or `postgresql://...`. Anything else is refused with the choices, so that a slip
    /// in an address never makes a new, empty database.
    pub fn parse(text: &str) -> Result<Self> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() {
                return Err(StoreError::Address(
                    "the database address `sqlite:` names no file: write sqlite:/path/to/komo.db"
                        .into(),
                ));
            }
            return Ok(Self::Sqlite(path.into()));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err(StoreError::Address(
            "the database address must be sqlite:/path/to/komo.db or postgres://user:password@host:port/database".into(),
        ))
    }
}

/// Choices that differ between a laptop and a cluster.
#[derive(Clone, Debug)]
pub struct Options {
    /// Connections for reading (SQLite) or in all (PostgreSQL).
    pub connections: usize,
    /// Batches of a hot operation in flight at once on PostgreSQL; SQLite has one writer.
    pub batches_in_flight: usize,
    /// Largest number of items in one batch.
    pub batch_items: usize,
    /// Items that may wait for a batch before more are refused with `Unavailable`.
    pub waiting_items: usize,
    /// How long to wait for a connection or a lock before giving up.
    pub patience: Duration,
    /// Start even if the server may lose acknowledged data (`fsync` or `synchronous_commit` off).
    pub allow_unsafe_durability: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connections: 8,
            batches_in_flight: 4,
            batch_items: 256,
            waiting_items: 20_000,
            patience: Duration::from_secs(3),
            allow_unsafe_durability: false,
        }
    }
}

/// A database, open. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    engine: Arc<Engine>,
    options: Arc<Options>,
    horizon: Arc<diverge::Horizon>,
}

#[derive(Debug)]
enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

/// An open transaction on either engine.
#[derive(Debug)]
pub struct Tx(Inner);

#[derive(Debug)]
enum Inner {
    Sqlite(sqlite::Connection),
    Postgres(postgres::Transaction),
}

impl Store {
    /// Opens the database without looking at its schema; `crate::open` also migrates.
    pub(crate) async fn connect(address: &Address, options: Options) -> Result<Self> {
        let engine = match address {
            Address::Sqlite(path) => Engine::Sqlite(sqlite::Sqlite::open(path, &options)?),
            Address::Postgres(url) => {
                Engine::Postgres(postgres::Postgres::connect(url, &options).await?)
            }
        };
        Ok(Self {
            engine: Arc::new(engine),
            options: Arc::new(options),
            horizon: Arc::default(),
        })
    }

    /// Runs a body in a read transaction. It may be run beside any number of writers.
    pub async fn read<T, F>(&self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Tx) -> Body<'a, T> + Send + 'static,
    {
        match &*self.engine {
            Engine::Sqlite(sqlite) => sqlite.read(body).await,
            Engine::Postgres(postgres) => postgres.look(body).await,
        }
    }

    /// Runs a body in a write transaction and answers once it is durable. When the body fails, nothing of it stays.
    pub async fn write<T, F>(&self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Tx) -> Body<'a, T> + Send + 'static,
    {
        match &*self.engine {
            Engine::Sqlite(sqlite) => sqlite.write(body).await,
            Engine::Postgres(postgres) => postgres.transact(body).await,
        }
    }

    pub(crate) fn horizon(&self) -> Arc<diverge::Horizon> {
        Arc::clone(&self.horizon)
    }

    /// Whether this is the embedded database (one process, one writer).
    pub fn is_embedded(&self) -> bool {
        matches!(&*self.engine, Engine::Sqlite(_))
    }

    /// Finishes what is queued, moves SQLite's log into the main file, and closes.
    pub async fn close(&self) {
        match &*self.engine {
            Engine::Sqlite(sqlite) => sqlite.close().await,
            Engine::Postgres(postgres) => postgres.close(),
        }
    }
}

impl Tx {
    /// Whether this transaction is on PostgreSQL. For `diverge` only: anything else is written once for both.
    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.0, Inner::Postgres(_))
    }

    /// Runs a statement; answers the number of rows it changed.
    pub async fn execute(&mut self, sql: &'static Sql, params: &[Value]) -> Result<u64> {
        match &mut self.0 {
            Inner::Sqlite(connection) => connection.execute(sql, params),
            Inner::Postgres(transaction) => transaction.execute(sql, params).await,
        }
        .map_err(|error| named(error, sql))
    }

    /// Runs a statement and answers its rows.
    pub async fn query(&mut self, sql: &'static Sql, params: &[Value]) -> Result<Vec<Row>> {
        match &mut self.0 {
            Inner::Sqlite(connection) => {
                let mut rows = Vec::new();
                connection.query(sql, params, &mut rows).map(|()| rows)
            }
            Inner::Postgres(transaction) => transaction.query(sql, params).await,
        }
        .map_err(|error| named(error, sql))
    }

    /// Runs a statement that answers one row or none.
    pub async fn query_opt(&mut self, sql: &'static Sql, params: &[Value]) -> Result<Option<Row>> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// Runs a multi-row statement over all rows; answers the number of rows it changed. No rows: nothing is run.
    pub async fn execute_rows(&mut self, sql: &'static Sql, rows: Vec<Vec<Value>>) -> Result<u64> {
        if rows.is_empty() {
            return Ok(0);
        }
        match &mut self.0 {
            Inner::Sqlite(connection) => connection.execute_rows(sql, &rows),
            Inner::Postgres(transaction) => transaction.execute_rows(sql, rows).await,
        }
        .map_err(|error| named(error, sql))
    }

    /// Runs a multi-row query over all rows and answers the rows of all. No rows: nothing is run.
    pub async fn query_rows(
        &mut self,
        sql: &'static Sql,
        rows: Vec<Vec<Value>>,
    ) -> Result<Vec<Row>> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        match &mut self.0 {
            Inner::Sqlite(connection) => connection.query_rows(sql, &rows),
            Inner::Postgres(transaction) => transaction.query_rows(sql, rows).await,
        }
        .map_err(|error| named(error, sql))
    }

    /// Runs several multi-row statements that do not depend on each other, in their order; on PostgreSQL without waiting for
    /// one answer before the next is sent.
    pub(crate) async fn execute_all(&mut self, all: Vec<Many>) -> Result<()> {
        let all = all.into_iter().filter(|(_, rows)| !rows.is_empty());
        match &mut self.0 {
            Inner::Sqlite(connection) => {
                for (sql, rows) in all {
                    connection
                        .execute_rows(sql, &rows)
                        .map_err(|error| named(error, sql))?;
                }
            }
            Inner::Postgres(transaction) => {
                let transaction = &*transaction;
                let sent = all.map(|(sql, rows)| async move {
                    let done = transaction.execute_rows(sql, rows).await;
                    done.map_err(|error| named(error, sql))
                });
                all_or_first_error(join_all(sent).await)?;
            }
        }
        Ok(())
    }

    /// The same for queries; answers the rows of each.
    pub(crate) async fn query_all(&mut self, all: Vec<Many>) -> Result<Vec<Vec<Row>>> {
        match &mut self.0 {
            Inner::Sqlite(connection) => all
                .into_iter()
                .map(|(sql, rows)| {
                    connection
                        .query_rows(sql, &rows)
                        .map_err(|error| named(error, sql))
                })
                .collect(),
            Inner::Postgres(transaction) => {
                let transaction = &*transaction;
                let sent = all.into_iter().map(|(sql, rows)| async move {
                    if rows.is_empty() {
                        return Ok(Vec::new());
                    }
                    let found = transaction.query_rows(sql, rows).await;
                    found.map_err(|error| named(error, sql))
                });
                all_or_first_error(join_all(sent).await)
            }
        }
    }

    /// Runs several statements given as text, separated by semicolons: migrations only.
    pub(crate) async fn batch(&mut self, text: &str) -> Result<()> {
        match &mut self.0 {
            Inner::Sqlite(connection) => connection.batch(text),
            Inner::Postgres(transaction) => transaction.batch(text).await,
        }
    }

    /// Prepares a statement without running it; the test over all statements uses it.
    pub(crate) async fn prepare(&mut self, sql: &'static Sql) -> Result<()> {
        match &mut self.0 {
            Inner::Sqlite(connection) => connection.prepare(sql),
            Inner::Postgres(transaction) => transaction.prepare(sql).await,
        }
        .map_err(|error| named(error, sql))
    }
}

/// All values, or the error that came first: those after it only say that the transaction has failed already.
fn all_or_first_error<T>(outcomes: Vec<Result<T>>) -> Result<Vec<T>> {
    outcomes.into_iter().collect()
}

/// Names the statement in errors that are about the statement.
fn named(error: StoreError, sql: &Sql) -> StoreError {
    match error {
        StoreError::Statement(text) => StoreError::Statement(format!("{}: {text}", sql.name)),
        StoreError::Conflict(text) => StoreError::Conflict(format!("{}: {text}", sql.name)),
        StoreError::Corrupt(text) => StoreError::Corrupt(format!("{}: {text}", sql.name)),
        other => other,
    }
}
