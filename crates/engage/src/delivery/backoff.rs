//! How long to wait after a failed call: exponential with full jitter (Braze contract 2.4).
//! Promises: never more than a minute, never nothing at all, and the first retry is quick.
//! Leaves the dice to the caller; the same dice give the same wait.

/// The longest wait between two tries, in milliseconds.
pub const CAP_MS: i64 = 60_000;
const BASE_MS: i64 = 1_000;
/// A floor, so that a run of lucky dice does not hammer a server that is coming back.
const FLOOR_MS: i64 = 50;

/// Milliseconds to wait after the `fails`-th failure in a row (1 is the first): at random between 50 ms and
/// 1 s, 2 s, 4 s ... 60 s.
pub fn wait_ms(fails: u32, dice: u64) -> i64 {
    let doublings = fails.saturating_sub(1).min(6);
    let ceiling = (BASE_MS << doublings).min(CAP_MS);
    FLOOR_MS + spread(ceiling - FLOOR_MS, dice)
}

/// A number from 0 to `range` (both included) out of one throw of the dice.
pub(super) fn spread(range: i64, dice: u64) -> i64 {
    let sides = u64::try_from(range).unwrap_or(0).saturating_add(1);
    i64::try_from(dice % sides).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_retry_comes_within_a_second_and_no_wait_is_over_a_minute() {
        assert_eq!(wait_ms(1, 0), 50);
        assert_eq!(wait_ms(1, 950), 1_000);
        assert_eq!(wait_ms(40, 59_950), 60_000);
    }

    proptest! {
        #[test]
        fn every_wait_lies_between_the_floor_and_the_doubling_ceiling(fails in 0_u32..200, dice: u64) {
            let ceiling = (1_000_i64 << fails.saturating_sub(1).min(6)).min(60_000);
            prop_assert!((50..=ceiling).contains(&wait_ms(fails, dice)));
        }
    }
}
