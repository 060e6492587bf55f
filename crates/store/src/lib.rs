#![doc = include_str!("../README.md")]

pub mod accounts;
pub mod accounts_sessions;
pub mod audit;
pub mod backfill;
pub mod entries;
pub mod erasure;
mod error;
pub mod hubs;
pub mod ledger;
pub mod mail;
mod migrate;
pub mod outbox;
pub mod plays;
pub mod retention;
mod seam;
pub mod sent;
mod sql;
#[cfg(all(unix, feature = "testing"))]
pub mod testing;
mod value;
pub mod visitors;

pub use error::{Result, StoreError};
pub use migrate::NEWEST as NEWEST_SCHEMA;
pub use seam::{Address, BatchOp, Batcher, Body, Options, Store, Tx};

use engage::time::Millis;

/// Opens a database, refuses one that could lose acknowledged data, and brings its schema up to date.
pub async fn open(address: &Address, options: Options, now: Millis) -> Result<Store> {
    let store = Store::connect(address, options).await?;
    migrate::run(&store, now).await?;
    Ok(store)
}

/// Every statement of the program, for the test that prepares them all: written once, run by both engines.
static STATEMENTS: &[&[&sql::Sql]] = &[
    migrate::STATEMENTS,
    accounts::STATEMENTS,
    accounts_sessions::STATEMENTS,
    audit::STATEMENTS,
    entries::STATEMENTS,
    entries::ACCEPT_STATEMENTS,
    erasure::STATEMENTS,
    hubs::STATEMENTS,
    hubs::connections::STATEMENTS,
    hubs::drafts::STATEMENTS,
    backfill::AGAIN,
    backfill::STATEMENTS,
    ledger::COUNTS,
    ledger::FIND,
    ledger::SHOW,
    ledger::WALK,
    hubs::latest::STATEMENTS,
    mail::STATEMENTS,
    outbox::STATEMENTS,
    plays::STATEMENTS,
    sent::STATEMENTS,
    retention::STATEMENTS,
    visitors::STATEMENTS,
];

/// Asks the database to prepare every statement; answers the names of those it refuses with its reasons. For tests.
pub async fn prepare_all(store: &Store) -> Result<Vec<(&'static str, String)>> {
    let own = if store.is_embedded() {
        &[]
    } else {
        seam::diverge::STATEMENTS
    };
    let all = STATEMENTS
        .iter()
        .copied()
        .chain(std::iter::once(own))
        .flatten();
    let mut refused = Vec::new();
    for statement in all {
        if let Err(error) = store
            .read(move |tx| Box::pin(async move { tx.prepare(statement).await }))
            .await
        {
            refused.push((statement.name, error.to_string()));
        }
    }
    Ok(refused)
}

/// The schema as the database tells it: one line a column, index and key, sorted. For the test that compares both engines.
#[cfg(feature = "testing")]
pub async fn schema(store: &Store) -> Result<Vec<String>> {
    store.read(|tx| Box::pin(seam::diverge::schema(tx))).await
}
