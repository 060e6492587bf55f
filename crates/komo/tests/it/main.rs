//! The product from outside: HTTP in front, the Braze sandbox behind, a real database between, on SQLite and on PostgreSQL.
//! Promises: no sleep stands for a condition, no port is fixed, nothing is tried twice.
//! Leaves to others: rules alone (`engage`), statements alone (`store`), browsers (`e2e`).
#![cfg(unix)]

#[cfg(test)]
#[macro_use]
mod harness;
#[cfg(test)]
mod again;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod bad_bodies;
#[cfg(test)]
mod bad_fields;
#[cfg(test)]
mod binary;
#[cfg(test)]
mod braze_trouble;
#[cfg(test)]
mod clocks;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod correctness;
#[cfg(test)]
mod database_gone;
#[cfg(test)]
mod deltas;
#[cfg(test)]
mod durability;
#[cfg(test)]
mod erasure;
#[cfg(test)]
mod every_card;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod history;
#[cfg(test)]
mod http;
#[cfg(test)]
mod hub_files;
#[cfg(test)]
mod line;
#[cfg(test)]
mod mails;
#[cfg(test)]
mod mapped;
#[cfg(test)]
mod nodes;
#[cfg(test)]
mod order;
#[cfg(test)]
mod panics;
#[cfg(test)]
mod plays;
#[cfg(test)]
mod proxy;
#[cfg(test)]
mod returning;
#[cfg(test)]
mod security;
#[cfg(test)]
mod studio;
#[cfg(test)]
mod studio_deliveries;
