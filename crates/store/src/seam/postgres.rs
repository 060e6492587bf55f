//! PostgreSQL behind the seam: a pool, transactions that are never left open, multi-row statements by UNNEST.
//! Promises: a transaction is finished even if who asked for it is gone; a connection in doubt is thrown away, not reused.
//! Leaves to others: statements and their meaning.

use std::{
    error::Error as _,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime, Timeouts};
use tokio_postgres::{NoTls, types::ToSql};
use uuid::Uuid;

use super::{Body, Inner, Options, Tx};
use crate::{
    error::{Result, StoreError},
    sql::Sql,
    value::{Column, Row, Value},
};

/// The longest that a statement may take, and that a transaction may stand open with nothing going on in it.
const TALK_WITHIN: Duration = Duration::from_secs(15);

/// A connection that says nothing for so long is given up: the server has ended the statement long before, and something between
/// (a proxy, a pool) holds its answer back.
const SILENT_AFTER: Duration = Duration::from_secs(20);

/// The same for a server whose limits are the operator's, by the options in its address.
const SILENT_AFTER_OWN_LIMITS: Duration = Duration::from_hours(1);

#[derive(Debug)]
pub(super) struct Postgres {
    pool: Pool,
    silent_after: Duration,
}

/// A transaction on one connection of the pool.
#[derive(Debug)]
pub(super) struct Transaction {
    client: Option<Object>,
    finished: bool,
    silent_after: Duration,
    /// The server did not answer: nobody may use this connection any more.
    silent: AtomicBool,
}

impl Postgres {
    pub(super) async fn connect(url: &str, options: &Options) -> Result<Self> {
        let mut config: tokio_postgres::Config =
            url.parse().map_err(|error: tokio_postgres::Error| {
                let why = error
                    .source()
                    .map_or_else(String::new, |source| format!(": {source}"));
                StoreError::Address(format!("the database address can't be read{why}"))
            })?;
        config.connect_timeout(options.patience);
        // A server that disappears without a word must not hold requests for the quarter of an hour that TCP would wait.
        config.tcp_user_timeout(TALK_WITHIN);
        config.keepalives_idle(TALK_WITHIN);
        config.keepalives_interval(options.patience);
        let mut silent_after = SILENT_AFTER_OWN_LIMITS;
        if config.get_options().is_none() {
            silent_after = SILENT_AFTER;
            config.options(format!(
                "-c lock_timeout={} -c statement_timeout={limit} -c idle_in_transaction_session_timeout={limit}",
                options.patience.as_millis(),
                limit = TALK_WITHIN.as_millis(),
            ));
        }
        if config.get_application_name().is_none() {
            config.application_name("komo");
        }
        let manager = Manager::from_config(
            config,
            NoTls,
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let pool = Pool::builder(manager)
            .max_size(options.connections.max(options.batches_in_flight + 2))
            .runtime(Runtime::Tokio1)
            .timeouts(Timeouts {
                wait: Some(options.patience),
                create: Some(options.patience),
                recycle: Some(options.patience),
            })
            .build()
            .map_err(|error| StoreError::Address(error.to_string()))?;
        let postgres = Self { pool, silent_after };
        if !options.allow_unsafe_durability {
            postgres.require_durability().await?;
        }
        Ok(postgres)
    }

    /// An acknowledged entry must survive a crash of the server, so settings that break this are refused at start.
    async fn require_durability(&self) -> Result<()> {
        let client = self.pool.get().await?;
        for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
            let row = client
                .query_one("SELECT current_setting($1)", &[&setting])
                .await?;
            let value: String = row.try_get(0)?;
            if value == "off" {
                return Err(StoreError::UnsafeDurability {
                    setting: format!("{setting} = off"),
                });
            }
        }
        Ok(())
    }

    /// Runs a body in a transaction on a task of its own: the caller may go away (a participant closes the page) without
    /// leaving a transaction half done.
    pub(super) async fn transact<T, F>(&self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Tx) -> Body<'a, T> + Send + 'static,
    {
        let (pool, silent_after) = (self.pool.clone(), self.silent_after);
        let run = tokio::spawn(async move {
            let mut tx = begin(&pool, silent_after, "BEGIN").await?;
            let outcome = body(&mut tx).await;
            end(tx, outcome).await
        });
        run.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Runs a body that only reads, without a transaction: at READ COMMITTED each statement sees its own moment anyway, and
    /// the two round trips of BEGIN and COMMIT would be most of what a small read costs.
    pub(super) async fn look<T, F>(&self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Tx) -> Body<'a, T> + Send + 'static,
    {
        let (pool, silent_after) = (self.pool.clone(), self.silent_after);
        let run = tokio::spawn(async move {
            let mut transaction = Transaction::on(pool.get().await?, silent_after);
            transaction.finished = true;
            body(&mut Tx(Inner::Postgres(transaction))).await
        });
        run.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// A transaction for a batch of a hot operation. Its rows come by UNNEST, whose number PostgreSQL can't foresee: without
    /// these settings it may plan to read a whole table for a handful of keys.
    pub(super) async fn begin(&self) -> Result<Tx> {
        let settings = "BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off";
        begin(&self.pool, self.silent_after, settings).await
    }

    pub(super) fn close(&self) {
        self.pool.close();
    }
}

fn stopped() -> StoreError {
    StoreError::Unavailable("the database task was stopped".into())
}

async fn begin(pool: &Pool, silent_after: Duration, begin: &str) -> Result<Tx> {
    let mut transaction = Transaction::on(pool.get().await?, silent_after);
    transaction.batch(begin).await?;
    Ok(Tx(Inner::Postgres(transaction)))
}

/// Commits when the body went well, else rolls back. A connection whose end could not be confirmed is thrown away.
pub(super) async fn end<T>(tx: Tx, outcome: Result<T>) -> Result<T> {
    let Inner::Postgres(mut transaction) = tx.0 else {
        return Err(StoreError::Statement(
            "an SQLite transaction on the PostgreSQL path".into(),
        ));
    };
    let last = if outcome.is_ok() {
        "COMMIT"
    } else {
        "ROLLBACK"
    };
    if let (Err(error), true) = (&outcome, *transaction.silent.get_mut()) {
        return Err(error.clone());
    }
    let ended = transaction.batch(last).await;
    transaction.finished = ended.is_ok();
    match (outcome, ended) {
        (Ok(value), Ok(())) => Ok(value),
        (Ok(_), Err(StoreError::Statement(text))) => Err(StoreError::Unavailable(text)),
        (Ok(_), Err(error)) | (Err(error), _) => Err(error),
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        // Unfinished (a panic, a lost connection): the pool must never hand out a connection with an open transaction.
        if (!self.finished || *self.silent.get_mut())
            && let Some(client) = self.client.take()
        {
            drop(Object::take(client));
        }
    }
}

impl Transaction {
    fn on(client: Object, silent_after: Duration) -> Self {
        Self {
            client: Some(client),
            finished: false,
            silent_after,
            silent: AtomicBool::new(false),
        }
    }

    /// Waits for the server's answer, but not for ever.
    async fn answer<T>(
        &self,
        talk: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>,
    ) -> Result<T> {
        if let Ok(answer) = tokio::time::timeout(self.silent_after, talk).await {
            return Ok(answer?);
        }
        self.silent.store(true, Ordering::Relaxed);
        Err(StoreError::Unavailable(
            "the database does not answer on this connection".into(),
        ))
    }

    fn client(&self) -> Result<&Object> {
        self.client
            .as_ref()
            .ok_or_else(|| StoreError::Statement("the transaction has ended".into()))
    }

    pub(super) async fn execute(&mut self, sql: &'static Sql, params: &[Value]) -> Result<u64> {
        let client = self.client()?;
        self.answer(async {
            let statement = client.prepare_cached(sql.postgres()).await?;
            client.execute_raw(&statement, params).await
        })
        .await
    }

    pub(super) async fn query(&mut self, sql: &'static Sql, params: &[Value]) -> Result<Vec<Row>> {
        let params: Vec<&(dyn ToSql + Sync)> = params
            .iter()
            .map(|value| value as &(dyn ToSql + Sync))
            .collect();
        self.rows(sql, &params).await
    }

    pub(super) async fn execute_rows(
        &self,
        sql: &'static Sql,
        rows: Vec<Vec<Value>>,
    ) -> Result<u64> {
        let arrays = arrays(sql, rows)?;
        let params: Vec<&(dyn ToSql + Sync)> = arrays.iter().map(Array::param).collect();
        let client = self.client()?;
        self.answer(async {
            let statement = client.prepare_cached(sql.postgres()).await?;
            client.execute(&statement, &params).await
        })
        .await
    }

    pub(super) async fn query_rows(
        &self,
        sql: &'static Sql,
        rows: Vec<Vec<Value>>,
    ) -> Result<Vec<Row>> {
        let arrays = arrays(sql, rows)?;
        let params: Vec<&(dyn ToSql + Sync)> = arrays.iter().map(Array::param).collect();
        self.rows(sql, &params).await
    }

    async fn rows(&self, sql: &'static Sql, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>> {
        let client = self.client()?;
        let asked = async {
            let statement = client.prepare_cached(sql.postgres()).await?;
            client.query(&statement, params).await
        };
        let rows = self.answer(asked).await?;
        rows.iter()
            .map(|row| {
                (0..row.len())
                    .map(|index| Ok(row.try_get(index)?))
                    .collect::<Result<_>>()
                    .map(Row::new)
            })
            .collect()
    }

    pub(super) async fn batch(&mut self, text: &str) -> Result<()> {
        let client = self.client()?;
        self.answer(client.batch_execute(text)).await
    }

    pub(super) async fn prepare(&mut self, sql: &'static Sql) -> Result<()> {
        self.client()?.prepare(sql.postgres()).await?;
        Ok(())
    }
}

/// One column of a multi-row statement.
enum Array {
    Int(Vec<Option<i64>>),
    Text(Vec<Option<String>>),
    Bytes(Vec<Option<Vec<u8>>>),
    Uuid(Vec<Option<Uuid>>),
}

impl Array {
    fn param(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Int(values) => values,
            Self::Text(values) => values,
            Self::Bytes(values) => values,
            Self::Uuid(values) => values,
        }
    }

    fn push(&mut self, value: Value) -> std::result::Result<(), ()> {
        match (self, value) {
            (Self::Int(values), Value::Int(value)) => values.push(Some(value)),
            (Self::Text(values), Value::Text(value)) => values.push(Some(value)),
            (Self::Bytes(values), Value::Bytes(value)) => values.push(Some(value)),
            (Self::Uuid(values), Value::Uuid(value)) => values.push(Some(value)),
            (Self::Int(values), Value::Null) => values.push(None),
            (Self::Text(values), Value::Null) => values.push(None),
            (Self::Bytes(values), Value::Null) => values.push(None),
            (Self::Uuid(values), Value::Null) => values.push(None),
            _ => return Err(()),
        }
        Ok(())
    }
}

/// Turns rows into one array a column.
fn arrays(sql: &Sql, rows: Vec<Vec<Value>>) -> Result<Vec<Array>> {
    let size = rows.len();
    let mut arrays: Vec<Array> = sql
        .columns
        .iter()
        .map(|(_, kind)| match kind {
            Column::Int => Array::Int(Vec::with_capacity(size)),
            Column::Text => Array::Text(Vec::with_capacity(size)),
            Column::Bytes => Array::Bytes(Vec::with_capacity(size)),
            Column::Uuid => Array::Uuid(Vec::with_capacity(size)),
        })
        .collect();
    for row in rows {
        if row.len() != arrays.len() {
            return Err(StoreError::Statement(format!(
                "{} columns given, {} declared",
                row.len(),
                arrays.len()
            )));
        }
        for (array, (value, (name, _))) in arrays.iter_mut().zip(row.into_iter().zip(sql.columns)) {
            array.push(value).map_err(|()| {
                StoreError::Statement(format!("the value for `{name}` is of another kind"))
            })?;
        }
    }
    Ok(arrays)
}
