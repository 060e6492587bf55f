//! The product from outside: HTTP in front, the Braze sandbox behind, a real database between, on SQLite and on PostgreSQL.
//! Promises: no sleep stands for a condition, no port is fixed, nothing is tried twice.
//! Leaves to others: rules alone (`engage`), statements alone (`store`), browsers (`e2e`).

#[cfg(all(test, unix))]
#[macro_use]
mod harness;
#[cfg(all(test, unix))]
mod bad_bodies;
#[cfg(all(test, unix))]
mod bad_fields;
#[cfg(all(test, unix))]
mod binary;
#[cfg(all(test, unix))]
mod braze_trouble;
#[cfg(all(test, unix))]
mod correctness;
#[cfg(all(test, unix))]
mod database_gone;
#[cfg(all(test, unix))]
mod durability;
#[cfg(all(test, unix))]
mod fuzz;
#[cfg(all(test, unix))]
mod history;
#[cfg(all(test, unix))]
mod http;
#[cfg(all(test, unix))]
mod hub_files;
#[cfg(all(test, unix))]
mod nodes;
#[cfg(all(test, unix))]
mod order;
#[cfg(all(test, unix))]
mod plays;
#[cfg(all(test, unix))]
mod security;
