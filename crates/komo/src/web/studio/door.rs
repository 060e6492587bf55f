//! How often somebody may try to sign in, and everything else that is tried with a secret.
//! Promises: known and unknown addresses count alike; an office behind one address is not locked out by one of its people.
//! Leaves to others: what the secret is.

use std::net::IpAddr;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _};
use sha2::{Digest, Sha256};

use super::problem::StudioProblem;
use crate::web::door::household;

/// Attempts at one account or link: this many at once, then one every 30 seconds.
const AT_ONE_ACCOUNT: u32 = 8;
const REFILL_SECONDS: u64 = 30;
/// Attempts from one address a minute, whatever they are at.
const FROM_ONE_ADDRESS: u32 = 60;

/// The two limits.
#[derive(Debug)]
pub struct Attempts {
    accounts: DefaultKeyedRateLimiter<[u8; 32]>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
}

impl Default for Attempts {
    fn default() -> Self {
        let burst = |number| std::num::NonZeroU32::new(number).unwrap_or(std::num::NonZeroU32::MIN);
        let slow = Quota::with_period(std::time::Duration::from_secs(REFILL_SECONDS))
            .unwrap_or(Quota::per_minute(burst(2)))
            .allow_burst(burst(AT_ONE_ACCOUNT));
        Self {
            accounts: RateLimiter::keyed(slow),
            addresses: RateLimiter::keyed(Quota::per_minute(burst(FROM_ONE_ADDRESS))),
        }
    }
}

impl Attempts {
    /// Counts an attempt at `what` (an e-mail address in lower case, a link's secret) from an address.
    pub(super) fn admit(&self, what: &str, from: IpAddr) -> Result<(), StudioProblem> {
        let now = || governor::clock::DefaultClock::default().now();
        self.addresses
            .check_key(&household(from))
            .map_err(|until| StudioProblem::TooMany(until.wait_time_from(now()).as_secs() + 1))?;
        self.accounts
            .check_key(&Sha256::digest(what).into())
            .map_err(|until| StudioProblem::TooMany(until.wait_time_from(now()).as_secs() + 1))
    }

    /// Forgets who has not tried for a while.
    pub fn tidy(&self) {
        self.accounts.retain_recent();
        self.addresses.retain_recent();
        self.accounts.shrink_to_fit();
        self.addresses.shrink_to_fit();
    }
}
