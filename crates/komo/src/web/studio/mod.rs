//! The studio: where members work. Server-rendered pages that work without JavaScript and are improved by htmx.
//! Promises: every route says who may call it (`routes`), and is reached only by them (`access`); no inline script or style.
//! Leaves to others: what Braze screens do (`braze_desk`), storage (`store`), rules (`engage`).

mod access;
mod account;
mod asked;
mod backfills;
mod connect;
mod connection;
mod deliveries;
mod delivery_words;
mod door;
mod editor;
mod enter;
mod form;
mod frame;
mod hub;
mod mapping;
mod mapping_form;
mod mapping_rows;
mod mapping_view;
mod members;
pub mod passwords;
mod problem;
pub mod routes;
mod sessions;
mod workspace;

use std::sync::Arc;

pub use access::Who;
pub use door::Attempts;
pub(super) use routes::router;

use crate::{config::Config, secrets::Keyring};

/// What the studio needs besides what all handlers share.
#[derive(Debug)]
pub struct Studio {
    /// Seals and opens API keys.
    pub keyring: Arc<Keyring>,
    /// Hashes and checks passwords.
    pub passwords: passwords::Passwords,
    /// How often somebody may try to sign in.
    pub attempts: Attempts,
    /// The code that the first member needs; printed at start.
    pub first_run: String,
    /// Reached by https: the cookie is bound to it.
    pub secure: bool,
    /// What calls to Braze may do.
    pub calls: braze::Options,
    /// How long deliveries are tried by themselves, in milliseconds.
    pub retry_window_ms: i64,
}

impl Studio {
    /// Puts the parts together.
    pub fn new(config: &Config, keyring: Arc<Keyring>) -> Self {
        Self {
            first_run: keyring.derived("first run"),
            keyring,
            passwords: passwords::Passwords::default(),
            attempts: Attempts::default(),
            retry_window_ms: config.delivery.retry_window_ms(),
            secure: config.server.public_url.starts_with("https://"),
            calls: braze::Options {
                allow_private: config.delivery.allow_private_addresses,
                allow_other_hosts: config.delivery.allow_other_hosts,
                ..braze::Options::default()
            },
        }
    }
}
