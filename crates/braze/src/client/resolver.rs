//! Name resolution that drops addresses a user's endpoint must not reach.
//! Promises that a connection is made only to an address that was checked: the HTTP library connects to what this returns, without
//! a second look-up, so a name that changes its answer in between (DNS rebinding) gains nothing.
//! Leaves caching to the connection pool: a look-up happens per new connection, not per call.

use std::{fmt, io, net::SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::{
    address::{Reason, address_allowed},
    endpoint::{Endpoint, HostKind},
};

/// Which addresses a name may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Policy {
    /// All: a sandbox on this machine.
    Any,
    /// Public ones.
    Public,
    /// Public ones, also through a NAT64 gateway: in a network with IPv6 only, that is the one way to Braze, and
    /// whoever answers there still has to prove by certificate to be Braze.
    PublicOrNat64,
}

/// The system's resolver behind the address table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guarded {
    policy: Policy,
}

impl Guarded {
    pub(super) fn new(endpoint: &Endpoint, allow_private: bool) -> Self {
        let policy = match endpoint.host() {
            _ if allow_private => Policy::Any,
            HostKind::Braze => Policy::PublicOrNat64,
            HostKind::Address(_) | HostKind::Name => Policy::Public,
        };
        Self { policy }
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = self.policy;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0))
                .await
                .map_err(NotFound)?;
            let allowed = filter(policy, found)?;
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// The allowed ones of the found addresses; an error when there were only forbidden ones, or none.
fn filter(
    policy: Policy,
    found: impl Iterator<Item = SocketAddr>,
) -> Result<Vec<SocketAddr>, Box<dyn std::error::Error + Send + Sync>> {
    let mut allowed = Vec::new();
    let mut forbidden = None;
    for address in found {
        match (policy, address_allowed(address.ip())) {
            (Policy::Any, _) | (_, Ok(())) | (Policy::PublicOrNat64, Err(Reason::Nat64)) => {
                allowed.push(address);
            }
            (_, Err(reason)) => forbidden = Some(reason),
        }
    }
    match (allowed.is_empty(), forbidden) {
        (false, _) => Ok(allowed),
        (true, Some(reason)) => Err(Box::new(Forbidden(reason))),
        (true, None) => Err(Box::new(NotFound(io::ErrorKind::NotFound.into()))),
    }
}

/// The name has only forbidden addresses.
#[derive(Debug)]
pub(super) struct Forbidden(Reason);

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the host's address is {}", self.0)
    }
}

impl std::error::Error for Forbidden {}

/// The name has no address.
#[derive(Debug)]
pub(super) struct NotFound(io::Error);

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the host's name could not be resolved: {}", self.0)
    }
}

impl std::error::Error for NotFound {}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(addresses: &[&str]) -> Vec<SocketAddr> {
        addresses
            .iter()
            .map(|address| SocketAddr::new(address.parse().unwrap(), 0))
            .collect()
    }

    #[test]
    fn forbidden_addresses_of_a_name_are_dropped() {
        let mixed = ["127.0.0.1", "8.8.8.8", "64:ff9b::808:808", "::1"];
        for (policy, kept) in [
            (Policy::Any, &mixed[..]),
            (Policy::Public, &["8.8.8.8"]),
            (Policy::PublicOrNat64, &["8.8.8.8", "64:ff9b::808:808"]),
        ] {
            assert_eq!(
                filter(policy, found(&mixed).into_iter()).unwrap(),
                found(kept),
                "{policy:?}"
            );
        }
        for policy in [Policy::Public, Policy::PublicOrNat64] {
            let error = filter(policy, found(&["10.0.0.1"]).into_iter()).unwrap_err();
            assert!(error.is::<Forbidden>(), "{error}");
        }
        assert!(
            filter(Policy::Any, std::iter::empty())
                .unwrap_err()
                .is::<NotFound>()
        );
    }
}
