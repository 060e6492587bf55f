//! The pace of one connection, shared by all its lanes (Braze contract 3).
//! Promises: in no window of the configured length, wherever it begins, more calls than Braze allows; none before a 429's wait is over.
//! Leaves sending, and sharing the budget between threads, to the caller; jitter comes in as dice.

use super::backoff;
use crate::{hub::ConnectionDoc, time::Millis};
use std::time::Duration;

/// What the connection is allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetSettings {
    /// Calls per window; Braze's default for `/users/track` is 3,000.
    pub requests: u32,
    /// The window's length in seconds; 3 by default.
    pub seconds: u32,
    /// The share of it used as the steady rate, in percent; the rest is the burst. 80 by default.
    pub share_percent: u32,
}

impl Default for BudgetSettings {
    fn default() -> Self {
        Self {
            requests: 3_000,
            seconds: 3,
            share_percent: 80,
        }
    }
}

impl BudgetSettings {
    /// The pace that a connection's document asks for.
    pub fn of(doc: &ConnectionDoc) -> Self {
        let default = Self::default();
        match doc.requests_per_window {
            Some((requests, seconds)) => Self {
                requests,
                seconds,
                ..default
            },
            None => default,
        }
    }
}

/// Whether a call may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Take {
    /// Now, and it has been counted.
    Ok,
    /// Not before this moment; ask again then.
    WaitUntil(Millis),
}

/// Which of Braze's limits a call counts against (contract 3.1): `/users/track` has its own, and when one is used up the other
/// goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// `/users/track`.
    Track,
    /// Calls of their own: identity, messages.
    Own,
}

/// What the answers' headers say about a longer window (contract 3.3, hourly as a rule).
#[derive(Clone, Copy, Debug)]
struct Learnt {
    limit: u64,
    remaining: u64,
    resets_at: Millis,
}

/// One call costs this many units, so that fractions of a call can be refilled in whole numbers.
const CALL: i64 = 1_000_000;
/// No single wait is longer than this (contract 3.4), jitter apart.
const LONGEST_WAIT_MS: i64 = 3_600_000;

/// A bucket that refills at the steady rate and holds at most the burst. Steady rate plus burst is the allowance, which is
/// why the promise holds for every window, and so for Braze's clock-aligned ones too.
#[derive(Debug)]
pub struct Budget {
    refill_per_ms: i64,
    burst: i64,
    level: i64,
    filled_at: Option<Millis>,
    track: Gate,
    own: Gate,
}

/// What is known of one group's limit.
#[derive(Debug, Default)]
struct Gate {
    paused_until: Option<Millis>,
    refusals: u32,
    learnt: Option<Learnt>,
    not_before: Option<Millis>,
    successes: u64,
}

impl Gate {
    fn end(&self) -> Option<Millis> {
        self.paused_until.max(self.not_before)
    }
}

/// Steady rate a millisecond, and burst, in units.
fn rates(settings: BudgetSettings) -> (i64, i64) {
    let requests = i64::from(settings.requests.max(1)) * CALL;
    let share = i64::from(settings.share_percent.clamp(1, 100));
    let steady = requests / 100 * share;
    // At least one call must fit, or nothing would ever be sent; then the steady rate gives way instead.
    let burst = (requests - steady).max(CALL);
    let steady = steady.min((requests - burst).max(CALL));
    let window_ms = i64::from(settings.seconds.max(1)) * 1_000;
    ((steady / window_ms).max(1), burst)
}

impl Budget {
    /// A full bucket.
    pub fn new(settings: BudgetSettings) -> Self {
        let (refill_per_ms, burst) = rates(settings);
        Self {
            refill_per_ms,
            burst,
            level: burst,
            filled_at: None,
            track: Gate::default(),
            own: Gate::default(),
        }
    }

    /// Takes over another pace. What was used up stays used up, and a 429's wait goes on: Braze knows nothing of our settings.
    pub fn retune(&mut self, settings: BudgetSettings) {
        (self.refill_per_ms, self.burst) = rates(settings);
        self.level = self.level.min(self.burst);
    }

    /// The clock was set: what is waited for is as far away as before.
    pub fn clock_set(&mut self, by_ms: i64) {
        let shift = |moment: &mut Option<Millis>| *moment = moment.map(|it| it.plus(by_ms));
        shift(&mut self.filled_at);
        for gate in [&mut self.track, &mut self.own] {
            shift(&mut gate.paused_until);
            shift(&mut gate.not_before);
            if let Some(learnt) = &mut gate.learnt {
                learnt.resets_at = learnt.resets_at.plus(by_ms);
            }
        }
    }

    const fn gate(&mut self, group: Group) -> &mut Gate {
        match group {
            Group::Track => &mut self.track,
            Group::Own => &mut self.own,
        }
    }

    /// When the next call may be made: `None` for now. Nothing is counted.
    pub fn check(&mut self, group: Group, now: Millis) -> Option<Millis> {
        self.refill(now);
        let mut at = self.gate(group).end().map_or(now, |end| end.max(now));
        if self.level < CALL {
            let missing = CALL - self.level;
            at = at.max(now.plus(missing / self.refill_per_ms + 1));
        }
        (at > now).then_some(at)
    }

    /// Counts a call if it may be made now.
    pub fn take(&mut self, group: Group, now: Millis) -> Take {
        if let Some(at) = self.check(group, now) {
            return Take::WaitUntil(at);
        }
        self.level -= CALL;
        let gate = self.gate(group);
        gate.not_before = None;
        if let Some(learnt) = &mut gate.learnt {
            learnt.remaining = learnt.remaining.saturating_sub(1);
            let left_ms = learnt.resets_at.since(now);
            if left_ms <= 0 {
                gate.learnt = None;
            } else if learnt.remaining.saturating_mul(10) < learnt.limit {
                // Little is left of the hour: spread it, so that other senders of the account keep head-room.
                let calls = i64::try_from(learnt.remaining).unwrap_or(i64::MAX).max(1);
                gate.not_before = Some(now.plus((left_ms / calls).min(LONGEST_WAIT_MS)));
            }
        }
        Take::Ok
    }

    /// Reads the headers of an answer.
    pub fn learn(&mut self, group: Group, now: Millis, headers: &braze::Budget) {
        let resets_at = now.plus(millis(headers.resets_in).min(LONGEST_WAIT_MS));
        let gate = self.gate(group);
        gate.learnt = Some(Learnt {
            limit: headers.limit,
            remaining: headers.remaining,
            resets_at,
        });
        if headers.remaining == 0 {
            gate.not_before = gate.not_before.max(Some(resets_at));
        }
    }

    /// A call was answered with success: refusals in a row are over, and the connection is alive.
    pub fn succeeded(&mut self, group: Group) {
        let gate = self.gate(group);
        gate.refusals = 0;
        gate.successes = gate.successes.wrapping_add(1);
    }

    /// How many calls have succeeded so far. A lane compares two readings to tell a poison batch from an outage.
    pub const fn successes(&self, group: Group) -> u64 {
        match group {
            Group::Track => self.track.successes,
            Group::Own => self.own.successes,
        }
    }

    /// A 429: all lanes wait with calls of this group, and up to 20 % longer so that they do not start together with everyone else.
    /// Returns the end of the pause. A missing wait, or one in the past, counts as one second, doubling.
    pub fn limited(
        &mut self,
        group: Group,
        now: Millis,
        wait: Option<Duration>,
        dice: u64,
    ) -> Millis {
        let gate = self.gate(group);
        gate.refusals = gate.refusals.saturating_add(1);
        let guess = (1_000_i64 << gate.refusals.saturating_sub(1).min(6)).min(backoff::CAP_MS);
        let told = wait
            .map(millis)
            .filter(|told| *told > 0)
            .unwrap_or(guess)
            .min(LONGEST_WAIT_MS);
        let until = now.plus(told + backoff::spread(told / 5, dice));
        gate.paused_until = gate.paused_until.max(Some(until));
        gate.paused_until.unwrap_or(until)
    }

    /// Whether more than half of the burst is used up: lanes then wait a little longer to fill their calls.
    pub fn is_busy(&mut self, now: Millis) -> bool {
        self.refill(now);
        self.level < self.burst / 2 || self.track.not_before.is_some_and(|gate| gate > now)
    }

    fn refill(&mut self, now: Millis) {
        // A clock that goes back gives nothing, and never takes anything away.
        let passed = self.filled_at.map_or(0, |before| now.since(before)).max(0);
        self.level = self
            .level
            .saturating_add(passed.saturating_mul(self.refill_per_ms))
            .min(self.burst);
        self.filled_at = self.filled_at.max(Some(now));
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
