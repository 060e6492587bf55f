//! Rate-limit headers in both of Braze's dialects: how much is left, and how long to wait after a 429.
//! Promises never to answer with a wait above one hour, whatever the headers say, nor to fail on headers that make no sense.
//! Leaves jitter, back-off and the shared token bucket to the sender.

use std::time::Duration;

use crate::limits::MAX_WAIT;

/// A reset value from here on is an epoch in seconds; anything smaller is seconds left (contract 3.3).
const EPOCH_FROM: u64 = 1_000_000_000;

/// What is left of the current rate-limit window, as the last answer told it (contract 3.3).
/// On accounts that pay by monthly active users it describes the hourly window only; the burst limit shows itself only as a 429.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Requests allowed per window.
    pub limit: u64,
    /// Requests left in the window; approximate.
    pub remaining: u64,
    /// Time until the window starts anew; zero when it already did, at most one hour.
    pub resets_in: Duration,
}

impl Budget {
    /// Reads the budget from an answer's headers; `None` unless all three headers are there and make sense.
    /// `now_epoch_ms`: the time of the answer in UTC milliseconds.
    pub fn from_headers<'a>(
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
        now_epoch_ms: i64,
    ) -> Option<Self> {
        RateHeaders::read(headers).budget(now_epoch_ms)
    }
}

/// The five headers that speak about limits, as far as they could be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RateHeaders<'a> {
    limit: Option<u64>,
    remaining: Option<u64>,
    reset: Option<u64>,
    braze_retry_after: Option<u64>,
    retry_after: Option<&'a str>,
}

impl<'a> RateHeaders<'a> {
    /// Picks the known headers, names in any case (contract 14, item 14). Of a repeated header the first readable one counts.
    pub(crate) fn read(headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut found = Self::default();
        for (name, value) in headers {
            // Most headers of an answer are none of ours: a length check settles it without comparing.
            match name.len() {
                11 if name.eq_ignore_ascii_case("retry-after") => {
                    found.retry_after = found.retry_after.or(Some(value));
                }
                17 if name.eq_ignore_ascii_case("x-ratelimit-limit") => {
                    found.limit = found.limit.or_else(|| number(value));
                }
                17 if name.eq_ignore_ascii_case("x-ratelimit-reset") => {
                    found.reset = found.reset.or_else(|| number(value));
                }
                21 if name.eq_ignore_ascii_case("x-ratelimit-remaining") => {
                    found.remaining = found.remaining.or_else(|| number(value));
                }
                23 if name.eq_ignore_ascii_case("x-ratelimit-retry-after") => {
                    found.braze_retry_after = found.braze_retry_after.or_else(|| number(value));
                }
                _ => {}
            }
        }
        found
    }

    /// The budget, if all three of its headers are there.
    pub(crate) fn budget(&self, now_epoch_ms: i64) -> Option<Budget> {
        Some(Budget {
            limit: self.limit?,
            remaining: self.remaining?,
            resets_in: until_reset(self.reset?, now_epoch_ms),
        })
    }

    /// How long a 429 asks to wait, in the order of preference of contract 3.4: `x-ratelimit-retry-after`, `retry-after`, the reset.
    ///
    /// `None` means "back off on your own". Two cases besides missing headers come to that: a wait of zero (a reset in the past),
    /// because a server that just refused is not helped by an immediate repeat; and a reset while `remaining` says that there is
    /// budget left, because then a burst limit refused and the reset belongs to the other, hourly window (edge case 79).
    pub(crate) fn wait(&self, now_epoch_ms: i64) -> Option<Duration> {
        let told = self.braze_retry_after.map(capped_seconds);
        let standard = || {
            self.retry_after
                .and_then(|value| standard_retry_after(value, now_epoch_ms))
        };
        let reset = || {
            let window_is_empty = self.remaining.is_none_or(|left| left == 0);
            self.reset
                .filter(|_| window_is_empty)
                .map(|reset| until_reset(reset, now_epoch_ms))
        };
        told.filter(|wait| !wait.is_zero())
            .or_else(|| standard().filter(|wait| !wait.is_zero()))
            .or_else(|| reset().filter(|wait| !wait.is_zero()))
    }
}

/// A whole number, a decimal one rounded up ("17.5"), or a negative one as zero.
fn number(value: &str) -> Option<u64> {
    let value = value.trim();
    if let Ok(whole) = value.parse() {
        return Some(whole);
    }
    let decimal: f64 = value.parse().ok()?;
    if !decimal.is_finite() || decimal > 1e15 {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked: between zero and 1e15, no fraction"
    )]
    let whole = decimal.ceil().max(0.0) as u64;
    Some(whole)
}

fn capped_seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds).min(MAX_WAIT)
}

/// Time until a reset given in either dialect.
fn until_reset(reset: u64, now_epoch_ms: i64) -> Duration {
    if reset < EPOCH_FROM {
        return capped_seconds(reset);
    }
    let reset_ms = i64::try_from(reset.saturating_mul(1_000)).unwrap_or(i64::MAX);
    let left = u64::try_from(reset_ms.saturating_sub(now_epoch_ms)).unwrap_or(0);
    Duration::from_millis(left).min(MAX_WAIT)
}

/// The standard header: seconds, or an HTTP date as proxies in between may send it.
fn standard_retry_after(value: &str, now_epoch_ms: i64) -> Option<Duration> {
    if let Some(seconds) = number(value) {
        return Some(capped_seconds(seconds));
    }
    let at = httpdate::parse_http_date(value.trim()).ok()?;
    let epoch = at.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(until_reset(epoch.as_secs().max(EPOCH_FROM), now_epoch_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000_000;

    fn wait(headers: &[(&str, &str)]) -> Option<u64> {
        RateHeaders::read(headers.iter().copied())
            .wait(NOW)
            .map(|wait| wait.as_secs())
    }

    #[test]
    fn the_budget_is_read_in_both_dialects() {
        for (reset, resets_in) in [
            ("1800000040", 40),
            ("40", 40),
            ("0", 0),
            ("1799999990", 0),
            ("1900000000", 3_600),
            ("999999999", 3_600),
            ("-5", 0),
        ] {
            let headers = [
                ("X-RateLimit-Limit", "250000"),
                ("x-ratelimit-remaining", "249998"),
                ("x-ratelimit-reset", reset),
            ];
            let budget = Budget::from_headers(headers, NOW).unwrap();
            assert_eq!(
                (budget.limit, budget.remaining, budget.resets_in.as_secs()),
                (250_000, 249_998, resets_in),
                "{reset}"
            );
        }
    }

    #[test]
    fn an_incomplete_or_unreadable_budget_is_no_budget() {
        for headers in [
            vec![],
            vec![("x-ratelimit-limit", "10"), ("x-ratelimit-remaining", "5")],
            vec![
                ("x-ratelimit-limit", "ten"),
                ("x-ratelimit-remaining", "5"),
                ("x-ratelimit-reset", "1"),
            ],
            vec![
                ("x-ratelimit-limit", ""),
                ("x-ratelimit-remaining", "NaN"),
                ("x-ratelimit-reset", "inf"),
            ],
        ] {
            assert_eq!(
                Budget::from_headers(headers.clone(), NOW),
                None,
                "{headers:?}"
            );
        }
    }

    #[test]
    fn the_wait_follows_the_order_of_preference() {
        let a = ("x-ratelimit-retry-after", "17");
        let b = ("Retry-After", "23");
        let c = ("x-ratelimit-reset", "1800000042");
        assert_eq!(wait(&[c, b, a]), Some(17));
        assert_eq!(wait(&[c, b]), Some(23));
        assert_eq!(wait(&[c]), Some(42));
        assert_eq!(wait(&[("x-ratelimit-reset", "42")]), Some(42));
        assert_eq!(wait(&[]), None);
    }

    #[test]
    fn a_wait_is_never_longer_than_an_hour_and_never_zero() {
        for (header, value, expected) in [
            ("x-ratelimit-retry-after", "99999999999999", Some(3_600)),
            (
                "x-ratelimit-retry-after",
                "99999999999999999999999999",
                None,
            ),
            ("x-ratelimit-retry-after", "0", None),
            ("x-ratelimit-retry-after", "1.2", Some(2)),
            ("x-ratelimit-retry-after", "soon", None),
            ("retry-after", "86400", Some(3_600)),
            ("retry-after", "Fri, 15 Jan 2027 08:00:30 GMT", Some(30)),
            ("retry-after", "Thu, 01 Jan 1970 00:00:10 GMT", None),
            ("x-ratelimit-reset", "1799999000", None),
            ("x-ratelimit-reset", "18446744073709551615", Some(3_600)),
        ] {
            assert_eq!(wait(&[(header, value)]), expected, "{header}: {value}");
        }
    }

    #[test]
    fn a_burst_limit_does_not_wait_for_the_hourly_window() {
        let hourly = [
            ("x-ratelimit-limit", "250000"),
            ("x-ratelimit-remaining", "1000"),
            ("x-ratelimit-reset", "1800002400"),
        ];
        assert_eq!(wait(&hourly), None);
        let empty = [
            ("x-ratelimit-limit", "250000"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1800002400"),
        ];
        assert_eq!(wait(&empty), Some(2_400));
    }
}
