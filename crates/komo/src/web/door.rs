//! What every request passes before its handler: who sends it, from which page, how often; and the headers of every answer.
//! Promises: a forged sender address changes nothing unless the operator named the proxy; a page of another site can't act here.
//! Leaves to others: what the request is about.

use std::{
    net::{IpAddr, SocketAddr},
    num::NonZeroU32,
};

use axum::{extract::Request, middleware::Next, response::Response};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use ipnet::IpNet;

use super::problem::Problem;

/// The rate limit of submissions, and whose word about sender addresses counts.
#[derive(Debug)]
pub struct Door {
    limiter: DefaultKeyedRateLimiter<IpAddr>,
    exempt: Vec<IpNet>,
    trusted_proxies: Vec<IpNet>,
}

impl Door {
    /// A door with the operator's limits.
    pub fn new(per_minute: u32, exempt: Vec<IpNet>, trusted_proxies: Vec<IpNet>) -> Self {
        let quota = Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN));
        Self {
            limiter: RateLimiter::keyed(quota),
            exempt,
            trusted_proxies,
        }
    }

    /// The address a request comes from: the connection's, or what trusted proxies say, read from the right.
    pub fn sender(&self, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
        let mut sender = peer.ip().to_canonical();
        let trusted = |address: IpAddr| {
            self.trusted_proxies
                .iter()
                .any(|network| network.contains(&address))
        };
        if !trusted(sender) {
            return sender;
        }
        let forwarded: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect();
        for hop in forwarded.join(",").rsplit(',').map(str::trim) {
            let Ok(address) = hop.parse::<IpAddr>() else {
                break;
            };
            sender = address.to_canonical();
            if !trusted(sender) {
                break;
            }
        }
        sender
    }

    /// Counts a submission; too many are sent away with a time to come back.
    pub fn admit(&self, sender: IpAddr) -> Result<(), Problem> {
        if self.exempt.iter().any(|network| network.contains(&sender)) {
            return Ok(());
        }
        self.limiter.check_key(&household(sender)).map_err(|until| {
            let wait = until.wait_time_from(governor::clock::DefaultClock::default().now());
            Problem::TooMany {
                retry_after: wait.as_secs() + 1,
            }
        })
    }

    /// Forgets senders that have not sent anything for a while.
    pub fn tidy(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

/// One subscriber has a whole /64 of IPv6 addresses.
pub(super) fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => IpAddr::V6((u128::from(six) & !u128::from(u64::MAX)).into()),
    }
}

/// Refuses what a page of another site made a browser send (Fetch Metadata, W3C). Programs send neither header and pass.
pub fn same_site(headers: &HeaderMap) -> Result<(), Problem> {
    if let Some(site) = headers.get("sec-fetch-site") {
        return match site.as_bytes() {
            b"same-origin" | b"none" => Ok(()),
            _ => Err(Problem::CrossSite),
        };
    }
    let (Some(origin), Some(host)) = (headers.get(header::ORIGIN), headers.get(header::HOST))
    else {
        return Ok(());
    };
    let origin = origin.to_str().unwrap_or_default();
    let named = origin.split_once("://").map_or("", |(_, host)| host);
    if named.as_bytes() == host.as_bytes() {
        Ok(())
    } else {
        Err(Problem::CrossSite)
    }
}

/// Nothing but our own files, and no page may frame ours.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
     connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/// Lets a page show these origins in frames. Without any, it keeps the policy that all pages have and frames nothing.
pub fn allow_frames(response: &mut Response, origins: &[&str]) {
    if origins.is_empty() {
        return;
    }
    let policy = format!("{CONTENT_SECURITY_POLICY}; frame-src {}", origins.join(" "));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// Puts the security headers on every answer; a handler's own value of one stays.
pub async fn security_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let busy = response.status() == StatusCode::SERVICE_UNAVAILABLE;
    let headers = response.headers_mut();
    if busy {
        headers
            .entry(header::RETRY_AFTER)
            .or_insert(HeaderValue::from_static("2"));
    }
    let set: [(HeaderName, &'static str); 5] = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=(), interest-cohort=()",
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in set {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_frames_what_its_card_names_and_nothing_else() {
        let mut response = Response::default();
        allow_frames(&mut response, &[]);
        assert!(response.headers().is_empty());
        allow_frames(&mut response, &["https://player.example"]);
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert!(
            policy.ends_with("; frame-src https://player.example"),
            "{policy}"
        );
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    fn door(trusted: &[&str]) -> Door {
        Door::new(
            2,
            vec![],
            trusted.iter().map(|it| it.parse().unwrap()).collect(),
        )
    }

    #[test]
    fn a_forged_sender_address_changes_nothing() {
        let peer: SocketAddr = "203.0.113.9:1000".parse().unwrap();
        let forged = headers(&[("x-forwarded-for", "10.0.0.1")]);
        assert_eq!(door(&[]).sender(peer, &forged).to_string(), "203.0.113.9");
        let through = headers(&[("x-forwarded-for", "1.1.1.1, 198.51.100.7, 10.1.1.1")]);
        let proxy: SocketAddr = "10.0.0.2:1000".parse().unwrap();
        assert_eq!(
            door(&["10.0.0.0/8"]).sender(proxy, &through).to_string(),
            "198.51.100.7"
        );
        assert_eq!(
            door(&["10.0.0.0/8"])
                .sender(proxy, &headers(&[]))
                .to_string(),
            "10.0.0.2"
        );
    }

    #[test]
    fn too_many_submissions_are_sent_away_with_a_time_to_come_back() {
        let door = door(&[]);
        let address = "203.0.113.9".parse().unwrap();
        assert!(door.admit(address).is_ok() && door.admit(address).is_ok());
        assert!(
            matches!(door.admit(address), Err(Problem::TooMany { retry_after }) if (1..=31).contains(&retry_after))
        );
        assert!(
            door.admit("203.0.113.10".parse().unwrap()).is_ok(),
            "another address is not meant"
        );
        let neighbours: [IpAddr; 3] = [
            "2001:db8::1".parse().unwrap(),
            "2001:db8::2".parse().unwrap(),
            "2001:db8::ffff:3".parse().unwrap(),
        ];
        assert_eq!(
            neighbours.map(|it| door.admit(it).is_ok()),
            [true, true, false],
            "one household of IPv6"
        );
    }

    #[test]
    fn a_page_of_another_site_cannot_act_here() {
        assert!(same_site(&headers(&[])).is_ok(), "a program");
        assert!(same_site(&headers(&[("sec-fetch-site", "same-origin")])).is_ok());
        for site in ["cross-site", "same-site", "surprise"] {
            assert!(
                same_site(&headers(&[("sec-fetch-site", site)])).is_err(),
                "{site}"
            );
        }
        assert!(
            same_site(&headers(&[
                ("origin", "https://hub.example"),
                ("host", "hub.example")
            ]))
            .is_ok()
        );
        assert!(
            same_site(&headers(&[
                ("origin", "https://evil.example"),
                ("host", "hub.example")
            ]))
            .is_err()
        );
        assert!(same_site(&headers(&[("origin", "null"), ("host", "hub.example")])).is_err());
    }
}
