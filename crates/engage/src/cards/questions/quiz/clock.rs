//! The time that a quiz leaves for each question, where its author wants that.
//! Promises that the server decides by the moments of the moves, that reading a verdict takes nobody's time, that a slow
//! connection loses no points, and that everybody may play without a limit. Leaves what a late answer is worth to the quiz.

use serde::{Deserialize, Serialize};

use crate::{
    cards::{Move, Refusal},
    time::Millis,
};

/// What the way from the server to the eyes and back may take.
const GRACE_MS: i64 = 3_000;
/// Fewer can't be read, more is no limit.
pub(super) const SECONDS: std::ops::RangeInclusive<u16> = 5..=600;

/// What a quiz with a limit remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Clock {
    /// Whether the participant plays without the limit.
    #[serde(default)]
    relaxed: bool,
    /// When the question that is open was asked; none while none is.
    #[serde(default)]
    asked_at: Option<Millis>,
    /// Keys of the questions that were answered too late.
    #[serde(default)]
    pub(super) late: Vec<String>,
}

/// What is to be done before the next question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waits {
    /// Choosing between playing with and without the limit.
    Start,
    /// Going on when the verdict is read.
    Next,
}

impl Clock {
    /// What the play waits for; `begun` is whether anything was answered.
    pub(super) fn waits(&self, begun: bool) -> Option<Waits> {
        match (self.relaxed, self.asked_at) {
            (true, _) | (_, Some(_)) => None,
            (false, None) if begun => Some(Waits::Next),
            (false, None) => Some(Waits::Start),
        }
    }

    /// Does what the play waited for: from now on the question is open.
    pub(super) fn go(&mut self, waits: Waits, movement: &Move, now: Millis) -> Result<(), Refusal> {
        match (waits, movement.get("start"), movement.get("next")) {
            (Waits::Start, "relaxed", _) => self.relaxed = true,
            (Waits::Start, "timed", _) => self.asked_at = Some(now),
            (Waits::Next, _, next) if !next.is_empty() => self.asked_at = Some(now),
            _ => return Err(Refusal::because("quiz-not-open")),
        }
        Ok(())
    }

    /// Milliseconds that are left for the open question; none where nobody counts.
    pub(super) fn left(&self, seconds: u16, now: Millis) -> Option<i64> {
        let asked_at = self.asked_at.filter(|_| !self.relaxed)?;
        let passed = now.since(asked_at);
        Some(
            i64::from(seconds)
                .saturating_mul(1_000)
                .saturating_sub(passed),
        )
    }

    /// Takes the answer to a question. `pauses` is whether there is something to read before the next one.
    pub(super) fn answered(&mut self, question: &str, seconds: u16, now: Millis, pauses: bool) {
        let Some(left) = self.left(seconds, now) else {
            return;
        };
        if left < -GRACE_MS {
            self.late.push(question.to_owned());
        }
        self.asked_at = (!pauses).then_some(now);
    }
}
