//! Troubles on order: what can go wrong between a client and Braze, made to happen (Braze contract 3.6).
//! Promises that the same list, seed and order of requests give the same troubles.
//! Leaves carrying them out to `transport` and `serve`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Answer with `status` (default 503), the request is not processed.
    Status,
    /// Process the request, then answer with `status` all the same: the unknown outcome.
    StatusAfter,
    /// Wait `delay_ms`, then go on as if nothing had been.
    Delay,
    /// Hold the request without processing or answering it.
    Stall,
    /// Process the request, then hold it without an answer.
    StallAfter,
    /// Close the connection before processing.
    DropBefore,
    /// Process the request, then close the connection without an answer.
    DropAfter,
    /// Process the request, send half of the answer, close the connection.
    Truncate,
    /// Process the request, answer 200 with something that is not JSON (or `body`).
    Garbage,
    /// Process the request, answer with `status` (default 201) and `body` in place of the real answer.
    Answer,
    /// 429 with the account's headers; `retry_after` seconds (default 1).
    RateLimit,
    /// 401, as if the key had been withdrawn.
    RevokeKey,
    /// 403, as if the key lacked the permission.
    RevokePermission,
}

impl FaultKind {
    /// All kinds, in the order of the page.
    pub const ALL: [Self; 13] = [
        Self::Status,
        Self::StatusAfter,
        Self::RateLimit,
        Self::Delay,
        Self::DropBefore,
        Self::DropAfter,
        Self::Truncate,
        Self::Stall,
        Self::StallAfter,
        Self::Garbage,
        Self::Answer,
        Self::RevokeKey,
        Self::RevokePermission,
    ];

    /// Its name in JSON and TOML.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::StatusAfter => "status_after",
            Self::Delay => "delay",
            Self::Stall => "stall",
            Self::StallAfter => "stall_after",
            Self::DropBefore => "drop_before",
            Self::DropAfter => "drop_after",
            Self::Truncate => "truncate",
            Self::Garbage => "garbage",
            Self::Answer => "answer",
            Self::RateLimit => "rate_limit",
            Self::RevokeKey => "revoke_key",
            Self::RevokePermission => "revoke_permission",
        }
    }

    /// What it does, for people.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Status => "Fail with a status",
            Self::StatusAfter => "Take effect, then fail with a status",
            Self::Delay => "Answer late",
            Self::Stall => "Never answer",
            Self::StallAfter => "Take effect, never answer",
            Self::DropBefore => "Drop the connection",
            Self::DropAfter => "Take effect, then drop the connection",
            Self::Truncate => "Take effect, send half an answer",
            Self::Garbage => "Take effect, answer nonsense",
            Self::Answer => "Take effect, answer something else",
            Self::RateLimit => "Too many requests",
            Self::RevokeKey => "Withdraw the key",
            Self::RevokePermission => "Withdraw the permission",
        }
    }
}

/// One trouble on order.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultSpec {
    /// What goes wrong.
    pub kind: FaultKind,
    /// Only for this path; a trailing `*` matches the rest. Absent: every path of Braze.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The status to answer with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Milliseconds to wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    /// Seconds that a 429 asks to wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// Leave the first so many matching requests alone.
    #[serde(default)]
    pub skip: u64,
    /// Strike so many requests, then never again. Absent: until it is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// Strike this share of the matching requests, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// Seeds the choice of `share`.
    #[serde(default)]
    pub seed: u64,
    /// Strike every n-th matching request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
    /// Strike only for so many milliseconds after it was ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_ms: Option<u64>,
    /// The body to answer with: a JSON value, or a text that is sent as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// Headers to put on the answer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
}

impl FaultSpec {
    /// A fault of a kind that strikes every request until it is removed.
    pub fn new(kind: FaultKind) -> Self {
        Self {
            kind,
            path: None,
            status: None,
            delay_ms: None,
            retry_after: None,
            skip: 0,
            times: None,
            share: None,
            seed: 0,
            every: None,
            for_ms: None,
            body: None,
            headers: BTreeMap::new(),
        }
    }

    /// What is wrong with the order, in a sentence; `None` when it can be carried out.
    pub fn problem(&self) -> Option<String> {
        if self
            .status
            .is_some_and(|status| !(200..=599).contains(&status))
        {
            return Some("status must be between 200 and 599".to_owned());
        }
        if self
            .share
            .is_some_and(|share| !(0.0..=1.0).contains(&share))
        {
            return Some("share must be between 0 and 1".to_owned());
        }
        if self.every == Some(0) {
            return Some("every must be at least 1".to_owned());
        }
        if self.kind == FaultKind::Delay && self.delay_ms.is_none() {
            return Some("a delay needs delay_ms".to_owned());
        }
        None
    }

    fn covers(&self, path: &str) -> bool {
        match self.path.as_deref() {
            None | Some("") => true,
            Some(wanted) => match wanted.strip_suffix('*') {
                Some(start) => path.starts_with(start),
                None => path == wanted,
            },
        }
    }
}

/// A fault in the list, with what it has done so far.
#[derive(Debug, Clone, Serialize)]
pub struct Fault {
    /// Its number; never used twice.
    pub id: u64,
    /// The order.
    #[serde(flatten)]
    pub spec: FaultSpec,
    /// When it was ordered, UTC milliseconds.
    pub since: i64,
    /// Requests it could have struck.
    pub seen: u64,
    /// Requests it struck.
    pub hits: u64,
}

impl Fault {
    /// Whether it has struck as often or as long as it was ordered to.
    pub(crate) fn is_over(&self, now: i64) -> bool {
        let ends = |length| self.since.saturating_add_unsigned(length);
        self.spec.times.is_some_and(|times| self.hits >= times)
            || self.spec.for_ms.is_some_and(|length| now >= ends(length))
    }

    fn strikes(&mut self, dice: &mut StdRng, path: &str, now: i64) -> bool {
        if !self.spec.covers(path) || self.is_over(now) {
            return false;
        }
        self.seen += 1;
        if self.seen <= self.spec.skip {
            return false;
        }
        let chosen = self
            .spec
            .every
            .is_none_or(|every| (self.seen - self.spec.skip).is_multiple_of(every))
            && self
                .spec
                .share
                .is_none_or(|share| dice.random_bool(share.clamp(0.0, 1.0)));
        self.hits += u64::from(chosen);
        chosen
    }
}

#[derive(Debug, Default)]
struct List {
    faults: Vec<(Fault, StdRng)>,
    next: u64,
}

/// The list of faults.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    any: AtomicBool,
    list: Mutex<List>,
}

/// What strikes one request: a wait, and perhaps one trouble.
#[derive(Debug, Default)]
pub(crate) struct Strike {
    pub(crate) delay_ms: u64,
    pub(crate) fault: Option<(u64, FaultSpec)>,
}

impl Faults {
    pub(crate) fn add(&self, specs: Vec<FaultSpec>, now: i64) -> Vec<Fault> {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        let mut added = Vec::new();
        for spec in specs {
            list.next += 1;
            let dice = StdRng::seed_from_u64(spec.seed);
            let fault = Fault {
                id: list.next,
                spec,
                since: now,
                seen: 0,
                hits: 0,
            };
            added.push(fault.clone());
            list.faults.push((fault, dice));
        }
        self.any.store(!list.faults.is_empty(), Ordering::Release);
        added
    }

    pub(crate) fn all(&self) -> Vec<Fault> {
        self.list
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .faults
            .iter()
            .map(|(fault, _)| fault.clone())
            .collect()
    }

    pub(crate) fn clear(&self) {
        self.list
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .faults
            .clear();
        self.any.store(false, Ordering::Release);
    }

    /// Removes one fault; `false` when there is none with that number.
    pub(crate) fn remove(&self, id: u64) -> bool {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        let before = list.faults.len();
        list.faults.retain(|(fault, _)| fault.id != id);
        list.faults.len() != before
    }

    /// Waits add up; the first other fault that strikes is the one that happens.
    pub(crate) fn strike(&self, path: &str, now: i64) -> Strike {
        let mut strike = Strike::default();
        if !self.any.load(Ordering::Acquire) {
            return strike;
        }
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        for (fault, dice) in &mut list.faults {
            if !fault.strikes(dice, path, now) {
                continue;
            }
            strike.delay_ms += fault.spec.delay_ms.unwrap_or(0);
            if fault.spec.kind != FaultKind::Delay {
                strike.fault = Some((fault.id, fault.spec.clone()));
                break;
            }
        }
        strike
    }
}
