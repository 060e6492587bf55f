#![doc = include_str!("../README.md")]

mod error;
mod migrate;
mod seam;
mod sql;
mod value;

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
