//! Shares in whole percent.
//! Promises that they add up to 100 (or 0 when nobody answered), by largest remainder: rounding each share alone gives
//! 99 or 101, which participants notice.
//! Leaves labels and order to the caller.

/// The share of each count in whole percent, in the given order. Among equal remainders the earlier one gets the rest.
pub(in crate::cards) fn shares(counts: &[u64]) -> Vec<u8> {
    let total: u128 = counts.iter().map(|count| u128::from(*count)).sum();
    if total == 0 {
        return vec![0; counts.len()];
    }
    let hundredfold = |count: &u64| u128::from(*count) * 100;
    let mut shares: Vec<u8> = counts
        .iter()
        .map(|count| u8::try_from(hundredfold(count) / total).unwrap_or(100))
        .collect();
    let given: u32 = shares.iter().map(|share| u32::from(*share)).sum();
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|at| {
        std::cmp::Reverse(
            counts
                .get(*at)
                .map_or(0, |count| hundredfold(count) % total),
        )
    });
    for at in order
        .into_iter()
        .take(100_u32.saturating_sub(given) as usize)
    {
        if let Some(share) = shares.get_mut(at) {
            *share += 1;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn thirds_add_up_to_a_hundred() {
        assert_eq!(shares(&[1, 1, 1]), [34, 33, 33]);
        assert_eq!(shares(&[2, 1]), [67, 33]);
        assert_eq!(shares(&[0, 0]), [0, 0]);
        assert_eq!(shares(&[5, 0]), [100, 0]);
        assert_eq!(shares(&[]), [] as [u8; 0]);
    }

    proptest! {
        #[test]
        fn shares_always_add_up_and_are_less_than_one_off(counts in prop::collection::vec(any::<u64>(), 1..12)) {
            let shares = shares(&counts);
            let total: u128 = counts.iter().map(|count| u128::from(*count)).sum();
            let sum: u32 = shares.iter().map(|share| u32::from(*share)).sum();
            prop_assert_eq!(sum, if total == 0 { 0 } else { 100 });
            for (share, count) in shares.iter().zip(&counts) {
                if let Some(down) = (u128::from(*count) * 100).checked_div(total) {
                    prop_assert!(u128::from(*share) == down || u128::from(*share) == down + 1);
                }
            }
        }
    }
}
