//! Counts requests in fixed, clock-aligned windows and speaks of it in two header dialects (Braze contract 3).
//! Promises that a window starts at a multiple of its length since the epoch, as Braze's hourly counter does.
//! Leaves which group a request belongs to, to the table of endpoints.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::StatusCode;

use crate::answer::Answer;
use crate::settings::{Dialect, LimitGroup, RateLimit, Settings};

#[derive(Debug, Default, Clone, Copy)]
struct Window {
    number: u64,
    used: u64,
}

impl Window {
    /// Takes one request out of the window that `now` is in; the number left, or `None` when it is full.
    fn take(&mut self, now: u64, seconds: u64, limit: u64) -> Option<u64> {
        let number = now / seconds.max(1);
        if number != self.number {
            *self = Self { number, used: 0 };
        }
        if self.used >= limit {
            return None;
        }
        self.used += 1;
        Some(limit - self.used)
    }
}

/// The counters of all groups.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    windows: Mutex<HashMap<(LimitGroup, bool, String), Window>>,
}

/// What the limiter says to one request.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Go on, and put these headers on the answer.
    Go(Vec<(&'static str, String)>),
    /// Over the limit: this is the answer.
    Stop(Answer),
}

fn left(now: u64, seconds: u64) -> u64 {
    let seconds = seconds.max(1);
    seconds - now % seconds
}

impl Limiter {
    /// Counts a request of `group` at `now_ms` (UTC milliseconds).
    pub(crate) fn check(&self, settings: &Settings, group: LimitGroup, now_ms: i64) -> Verdict {
        let Some(limit) = settings.limit(group) else {
            return Verdict::Go(Vec::new());
        };
        let dialect = if group == LimitGroup::Track {
            settings.dialect
        } else {
            Dialect::A
        };
        let now = u64::try_from(now_ms / 1000).unwrap_or(0);
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(burst) = limit.burst_requests {
            let seconds = limit.burst_seconds.unwrap_or(3);
            let window = windows.entry((group, true, String::new())).or_default();
            if window.take(now, seconds, burst).is_none() {
                return Verdict::Stop(refusal(dialect, &limit, now, left(now, seconds), None));
            }
        }
        let window = windows.entry((group, false, String::new())).or_default();
        let Some(remaining) = window.take(now, limit.seconds, limit.requests) else {
            return Verdict::Stop(refusal(
                dialect,
                &limit,
                now,
                left(now, limit.seconds),
                Some(0),
            ));
        };
        let wait = left(now, limit.seconds);
        Verdict::Go(headers(dialect, &limit, now, wait, remaining))
    }

    /// Counts a broadcast: 250 a minute altogether, 10 a minute for one audience. `false` means over the limit.
    pub(crate) fn broadcast(&self, settings: &Settings, audience: String, now_ms: i64) -> bool {
        if settings.unlimited {
            return true;
        }
        let now = u64::try_from(now_ms / 1000).unwrap_or(0);
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        // Audiences come from requests: forget those of past minutes, so that the table stays small.
        windows.retain(|(_, _, key), window| key.is_empty() || window.number == now / 60);
        let own = windows
            .entry((LimitGroup::Shared, true, audience))
            .or_default()
            .take(now, 60, 10);
        let all = windows
            .entry((LimitGroup::Shared, true, "all".to_owned()))
            .or_default()
            .take(now, 60, 250);
        own.is_some() && all.is_some()
    }

    pub(crate) fn clear(&self) {
        self.windows
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

fn headers(
    dialect: Dialect,
    limit: &RateLimit,
    now: u64,
    wait: u64,
    remaining: u64,
) -> Vec<(&'static str, String)> {
    let reset = match dialect {
        Dialect::A => now + wait,
        Dialect::B => wait,
    };
    vec![
        ("x-ratelimit-limit", limit.requests.to_string()),
        ("x-ratelimit-remaining", remaining.to_string()),
        ("x-ratelimit-reset", reset.to_string()),
    ]
}

/// A 429 in the dialect; `remaining` is absent when only the burst window is full.
fn refusal(
    dialect: Dialect,
    limit: &RateLimit,
    now: u64,
    wait: u64,
    remaining: Option<u64>,
) -> Answer {
    let mut answer = Answer::message(StatusCode::TOO_MANY_REQUESTS, "Rate Limited");
    if dialect == Dialect::B {
        return answer.with_header("x-ratelimit-retry-after", &wait.to_string());
    }
    for (name, value) in headers(dialect, limit, now, wait, remaining.unwrap_or(0)) {
        answer = answer.with_header(name, &value);
    }
    answer
}

/// The 429 of a fault: `wait` seconds, in the dialect of the account.
pub(crate) fn forced(settings: &Settings, group: LimitGroup, now_ms: i64, wait: u64) -> Answer {
    let dialect = if group == LimitGroup::Track {
        settings.dialect
    } else {
        Dialect::A
    };
    let limit = settings.limit(group).unwrap_or(RateLimit::new(3000, 3));
    refusal(
        dialect,
        &limit,
        u64::try_from(now_ms / 1000).unwrap_or(0),
        wait,
        Some(0),
    )
}
