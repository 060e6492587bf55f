//! What all handlers share.

use std::{sync::Arc, time::Duration};

use engage::time::Millis;
use store::{Batcher, Store, entries::Accept};

use crate::{
    config::Config,
    deliver::Wakers,
    live::LiveHubs,
    secrets::Keyring,
    web::{assets::Assets, door::Door, studio::Studio},
};

/// The running program. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App(Arc<Inner>);

/// The parts.
#[derive(Debug)]
pub struct Inner {
    /// The database.
    pub store: Store,
    /// The waiting line of entries.
    pub line: Batcher<Accept>,
    /// What is published.
    pub hubs: LiveHubs,
    /// Wakes deliveries.
    pub wakers: Wakers,
    /// Rate limits and sender addresses.
    pub door: Door,
    /// The studio's own parts.
    pub studio: Studio,
    /// Static files.
    pub assets: Assets,
    /// Whether entries could be stored, and when that was tried.
    pub ready: tokio::sync::Mutex<Option<(Millis, bool)>>,
    /// How long a browser's answers are remembered, in milliseconds; `None`: for ever.
    pub visitors_keep_ms: Option<i64>,
    /// Largest body in bytes.
    pub body_limit: usize,
    /// How long a body may take to arrive.
    pub body_within: Duration,
    /// The address by which the world knows this server, without a slash at the end; empty when unknown.
    pub public_url: String,
}

impl App {
    /// Puts the parts together.
    pub fn new(
        config: &Config,
        store: Store,
        hubs: LiveHubs,
        wakers: Wakers,
        keyring: Arc<Keyring>,
    ) -> Self {
        let limits = &config.limits;
        Self(Arc::new(Inner {
            line: Batcher::new(&store),
            store,
            hubs,
            wakers,
            door: Door::new(
                limits.submissions_per_minute,
                limits.exempt.clone(),
                config.server.trusted_proxies.clone(),
            ),
            studio: Studio::new(config, keyring),
            assets: Assets::load(),
            ready: tokio::sync::Mutex::default(),
            visitors_keep_ms: config.visitors.keep_ms(),
            body_limit: limits.body_kib * 1024,
            // The other half of the request's time is for storing it: whoever sends slowly is told so, not that it could not be stored.
            body_within: Duration::from_secs(config.server.request_timeout_seconds) / 2,
            public_url: config.server.public_url.trim_end_matches('/').to_owned(),
        }))
    }
}

impl std::ops::Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}
