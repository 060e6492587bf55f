//! Entry limits: once, a number within a rolling window, a number in each fixed slot, or as often as one likes.

use crate::{
    hub::{EntryRules, LimitKind},
    time::Millis,
};

/// How often one person may enter a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryLimit {
    /// As often as one likes.
    Unlimited,
    /// Once and never again.
    Single,
    /// At most `max` entries within any stretch of `window` milliseconds.
    Rolling {
        /// Length of the window in milliseconds.
        window: i64,
        /// Entries that fit in it.
        max: usize,
    },
    /// At most `max` entries in each slot of `length` milliseconds, the first of which starts at `from`.
    Slots {
        /// Start of the first slot.
        from: Millis,
        /// Length of a slot in milliseconds.
        length: i64,
        /// Entries that fit in one.
        max: usize,
    },
}

/// What a limit says to one more entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The person may enter. `times` is what to remember: the earlier entries that still count, and this one.
    Allowed {
        /// Moments of entries, oldest first.
        times: Vec<Millis>,
    },
    /// Not now.
    Refused {
        /// When the person may enter again; none: never.
        again_at: Option<Millis>,
    },
}

const HOUR: i64 = 3_600_000;

impl EntryLimit {
    /// Reads the author's rules. A window that was left out is a day, a number that was left out is one.
    pub fn from_rules(rules: &EntryRules) -> Self {
        let length = i64::from(rules.window_hours.unwrap_or(24).max(1)) * HOUR;
        let max = rules.max.unwrap_or(1).max(1) as usize;
        match rules.limit {
            LimitKind::Unlimited => Self::Unlimited,
            LimitKind::Single => Self::Single,
            LimitKind::Rolling => Self::Rolling {
                window: length,
                max,
            },
            LimitKind::Slots => {
                let from = rules
                    .slots_from
                    .map_or(Millis(0), |from| Millis(from.as_millisecond()));
                Self::Slots { from, length, max }
            }
        }
    }

    /// Decides about one more entry at `now`, given the moments of the person's earlier entries, oldest first.
    pub fn decide(&self, earlier: &[Millis], now: Millis) -> Decision {
        let (counting, max, again_at): (Vec<Millis>, usize, Option<Millis>) = match *self {
            Self::Unlimited => return Decision::Allowed { times: Vec::new() },
            Self::Single => (earlier.to_vec(), 1, None),
            Self::Rolling { window, max } => {
                let counting: Vec<Millis> = earlier
                    .iter()
                    .copied()
                    .filter(|at| now.since(*at) < window)
                    .collect();
                // Room comes back when the oldest of the last `max` leaves the window.
                let first = counting
                    .len()
                    .checked_sub(max)
                    .and_then(|index| counting.get(index))
                    .map(|at| at.plus(window));
                (counting, max, first)
            }
            Self::Slots { from, length, max } => {
                if now < from {
                    return Decision::Refused {
                        again_at: Some(from),
                    };
                }
                let slot = now.since(from).div_euclid(length);
                let start = from.plus(slot.saturating_mul(length));
                let counting = earlier.iter().copied().filter(|at| *at >= start).collect();
                (counting, max, Some(start.plus(length)))
            }
        };
        if counting.len() >= max {
            return Decision::Refused { again_at };
        }
        let mut times = counting;
        times.push(now);
        Decision::Allowed { times }
    }

    /// Whether earlier entries matter at all.
    pub fn counts(&self) -> bool {
        !matches!(self, Self::Unlimited)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(decision: &Decision) -> bool {
        matches!(decision, Decision::Allowed { .. })
    }

    /// Enters at each moment and tells which entries were taken.
    fn enter(limit: EntryLimit, moments: &[i64]) -> Vec<bool> {
        let mut stored = Vec::new();
        moments
            .iter()
            .map(|now| match limit.decide(&stored, Millis(*now)) {
                Decision::Allowed { times } => {
                    stored = times;
                    true
                }
                Decision::Refused { .. } => false,
            })
            .collect()
    }

    #[test]
    fn single_means_once_and_never_again() {
        assert_eq!(
            enter(EntryLimit::Single, &[0, 1, i64::MAX]),
            [true, false, false]
        );
        assert_eq!(
            EntryLimit::Single.decide(&[Millis(0)], Millis(9)),
            Decision::Refused { again_at: None }
        );
    }

    #[test]
    fn unlimited_takes_every_entry() {
        assert_eq!(enter(EntryLimit::Unlimited, &[5, 5, 5]), [true; 3]);
    }

    #[test]
    fn a_rolling_window_counts_back_from_each_entry() {
        let twice_an_hour = EntryLimit::Rolling {
            window: HOUR,
            max: 2,
        };
        assert_eq!(
            enter(
                twice_an_hour,
                &[0, 10, 20, HOUR - 1, HOUR, HOUR + 9, HOUR + 10]
            ),
            [true, true, false, false, true, false, true]
        );
        let refused = twice_an_hour.decide(&[Millis(0), Millis(10)], Millis(20));
        assert_eq!(
            refused,
            Decision::Refused {
                again_at: Some(Millis(HOUR))
            }
        );
        assert!(allowed(
            &twice_an_hour.decide(&[Millis(0), Millis(10)], Millis(HOUR))
        ));
    }

    #[test]
    fn fixed_slots_start_anew_at_their_borders() {
        let daily = EntryLimit::Slots {
            from: Millis(1_000),
            length: 100,
            max: 1,
        };
        assert_eq!(
            enter(daily, &[999, 1_000, 1_099, 1_100, 1_150, 1_200]),
            [false, true, false, true, false, true]
        );
        assert_eq!(
            daily.decide(&[Millis(1_000)], Millis(1_099)),
            Decision::Refused {
                again_at: Some(Millis(1_100))
            }
        );
        assert_eq!(
            daily.decide(&[], Millis(5)),
            Decision::Refused {
                again_at: Some(Millis(1_000))
            }
        );
    }

    #[test]
    fn only_entries_that_still_count_are_remembered() {
        let limit = EntryLimit::Rolling { window: 10, max: 3 };
        let Decision::Allowed { times } =
            limit.decide(&[Millis(0), Millis(5), Millis(9)], Millis(14))
        else {
            panic!("refused")
        };
        assert_eq!(times, [Millis(5), Millis(9), Millis(14)]);
    }
}
