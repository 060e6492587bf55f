//! Which IP addresses a server may call when the address came from a user: the table against server-side request forgery.
//! Promises that an address is only allowed when it is ordinary public unicast, also in its IPv6 disguises.
//! Leaves resolving names, and calling the very address that was checked, to the client.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Why an address must not be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// `0.0.0.0/8` or `::`: "this host".
    Unspecified,
    /// `127.0.0.0/8` or `::1`: the machine itself.
    Loopback,
    /// `10/8`, `172.16/12`, `192.168/16`, `fc00::/7`, `fec0::/10`: private networks.
    Private,
    /// `100.64.0.0/10`: between a provider and its customers (RFC 6598).
    CarrierNat,
    /// `169.254.0.0/16` or `fe80::/10`: the same link, also the metadata services of clouds.
    LinkLocal,
    /// `224.0.0.0/4` or `ff00::/8`.
    Multicast,
    /// Broadcast, documentation, benchmarking and other ranges that are nobody's on the internet.
    Reserved,
    /// `::ffff:0:0/96` or `::/96`: an IPv4 address written as IPv6.
    EmbeddedV4,
    /// `64:ff9b::/96` or `64:ff9b:1::/48`: an IPv4 address behind a NAT64 gateway.
    Nat64,
    /// `2002::/16` or `2001::/32`: an IPv4 address inside a 6to4 or Teredo tunnel.
    Tunnel,
}

impl Reason {
    /// The reason as the end of a sentence: "the address is ...".
    pub const fn text(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Loopback => "this machine itself",
            Self::Private => "in a private network",
            Self::CarrierNat => "inside a provider's network",
            Self::LinkLocal => "on the local link",
            Self::Multicast => "a multicast address",
            Self::Reserved => "reserved",
            Self::EmbeddedV4 => "an IPv4 address written as IPv6",
            Self::Nat64 => "behind a NAT64 gateway",
            Self::Tunnel => "inside a tunnel",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// Whether `address` may be called on behalf of a user. Ranges from IANA's special-purpose address registries.
pub fn address_allowed(address: IpAddr) -> Result<(), Reason> {
    let reason = match address {
        IpAddr::V4(v4) => reason_v4(v4),
        IpAddr::V6(v6) => reason_v6(v6),
    };
    reason.map_or(Ok(()), Err)
}

fn reason_v4(address: Ipv4Addr) -> Option<Reason> {
    let reason = match address.octets() {
        [0, ..] => Reason::Unspecified,
        [127, ..] => Reason::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Reason::Private,
        [100, 64..=127, ..] => Reason::CarrierNat,
        [169, 254, ..] => Reason::LinkLocal,
        [224..=239, ..] => Reason::Multicast,
        // IETF protocol assignments, three documentation nets, 6to4 relays, benchmarking, class E with broadcast.
        [192, 0, 0 | 2, _]
        | [198, 51, 100, _]
        | [203, 0, 113, _]
        | [192, 88, 99, _]
        | [198, 18 | 19, ..]
        | [240..=255, ..] => Reason::Reserved,
        _ => return None,
    };
    Some(reason)
}

fn reason_v6(address: Ipv6Addr) -> Option<Reason> {
    let reason = match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Reason::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => Reason::Loopback,
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => Reason::EmbeddedV4,
        [0x64, 0xff9b, 0, 0, 0, 0, ..] | [0x64, 0xff9b, 1, ..] => Reason::Nat64,
        [0x2002, ..] | [0x2001, 0, ..] => Reason::Tunnel,
        [0xfc00..=0xfdff | 0xfec0..=0xfeff, ..] => Reason::Private,
        [0xfe80..=0xfebf, ..] => Reason::LinkLocal,
        [0xff00..=0xffff, ..] => Reason::Multicast,
        // Of global unicast, the protocol assignments and the two documentation nets.
        [0x2001, 0x1..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Reason::Reserved,
        [0x2000..=0x3fff, ..] => return None,
        // Nothing outside 2000::/3 is handed out as global unicast.
        _ => Reason::Reserved,
    };
    Some(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_allowed() {
        for (address, expected) in [
            ("8.8.8.8", None),
            ("151.101.1.1", None),
            ("100.63.255.255", None),
            ("100.128.0.0", None),
            ("172.15.255.255", None),
            ("172.32.0.0", None),
            ("192.0.1.1", None),
            ("223.255.255.255", None),
            ("2606:4700::1", None),
            ("2a00:1450:4001::1", None),
            ("0.0.0.0", Some(Reason::Unspecified)),
            ("0.1.2.3", Some(Reason::Unspecified)),
            ("127.0.0.1", Some(Reason::Loopback)),
            ("127.255.255.254", Some(Reason::Loopback)),
            ("10.0.0.1", Some(Reason::Private)),
            ("172.16.0.1", Some(Reason::Private)),
            ("172.31.255.255", Some(Reason::Private)),
            ("192.168.1.1", Some(Reason::Private)),
            ("100.64.0.1", Some(Reason::CarrierNat)),
            ("100.127.255.255", Some(Reason::CarrierNat)),
            ("169.254.169.254", Some(Reason::LinkLocal)),
            ("224.0.0.1", Some(Reason::Multicast)),
            ("239.255.255.255", Some(Reason::Multicast)),
            ("240.0.0.1", Some(Reason::Reserved)),
            ("255.255.255.255", Some(Reason::Reserved)),
            ("192.0.0.8", Some(Reason::Reserved)),
            ("192.0.2.1", Some(Reason::Reserved)),
            ("198.18.0.1", Some(Reason::Reserved)),
            ("198.51.100.1", Some(Reason::Reserved)),
            ("203.0.113.1", Some(Reason::Reserved)),
            ("::", Some(Reason::Unspecified)),
            ("::1", Some(Reason::Loopback)),
            ("::ffff:127.0.0.1", Some(Reason::EmbeddedV4)),
            ("::ffff:8.8.8.8", Some(Reason::EmbeddedV4)),
            ("::127.0.0.1", Some(Reason::EmbeddedV4)),
            ("::ffff:0:127.0.0.1", Some(Reason::EmbeddedV4)),
            ("64:ff9b::7f00:1", Some(Reason::Nat64)),
            ("64:ff9b:1::1", Some(Reason::Nat64)),
            ("2002:7f00:1::", Some(Reason::Tunnel)),
            ("2001::1", Some(Reason::Tunnel)),
            ("fc00::1", Some(Reason::Private)),
            ("fd12:3456::1", Some(Reason::Private)),
            ("fec0::1", Some(Reason::Private)),
            ("fe80::1", Some(Reason::LinkLocal)),
            ("febf::1", Some(Reason::LinkLocal)),
            ("ff02::1", Some(Reason::Multicast)),
            ("2001:db8::1", Some(Reason::Reserved)),
            ("3fff::1", Some(Reason::Reserved)),
            ("100::1", Some(Reason::Reserved)),
            ("4000::1", Some(Reason::Reserved)),
        ] {
            assert_eq!(
                address_allowed(address.parse().unwrap()).err(),
                expected,
                "{address}"
            );
        }
    }
}
