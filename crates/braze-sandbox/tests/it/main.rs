//! The sandbox as a client meets it: a real listener, plain HTTP, the edge cases of the Braze contract by number.

#[cfg(test)]
mod attributes;
#[cfg(test)]
mod batch;
#[cfg(test)]
mod client;
#[cfg(test)]
mod events;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod identifiers;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod transport;
