//! The sandbox as a client meets it: a real listener, plain HTTP, the edge cases of the Braze contract by number.

mod attributes;
mod batch;
mod client;
mod events;
mod faults;
mod identifiers;
mod identity;
mod limits;
mod mail;
mod pages;
mod transport;
