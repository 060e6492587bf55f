//! The lane against a simple world: a store, a Braze that records arrivals, faults, and crashes between any two steps.
//! Promises that every run ends, and that at its end every accepted delivery is done or kept with a reason.
//! Leaves time to the simulation: no clock, no sleep; one seed, one history.

use crate::{
    delivery::{Item, Mark, ParkReason, State},
    hub::{BatchMode, UnknownEvents},
    ids::ContactId,
};
use proptest::prelude::*;
use std::collections::{BTreeSet, HashMap};

use super::world::{Own, Poison, Shape, World};

fn shape() -> impl Strategy<Value = Shape> {
    let poison = prop_oneof![
        24 => Just(None), 1 => Just(Some(Poison::Named)), 1 => Just(Some(Poison::WholeCall)),
        1 => Just(Some(Poison::TooLarge)), 1 => Just(Some(Poison::Breaks)), 1 => Just(Some(Poison::Unnamed)),
    ];
    let events = prop_oneof![10 => 0_u16..3, 1 => Just(90_u16)];
    let call = prop_oneof![
        6 => Just(None), 1 => Just(Some(Own::Identify)), 1 => Just(Some(Own::Delete)),
        1 => Just(Some(Own::Trigger)),
    ];
    (0_u128..6, any::<bool>(), events, call, poison).prop_map(
        |(who, attributes, events, call, poison)| Shape {
            who,
            attributes: attributes || events == 0,
            events,
            call,
            poison,
        },
    )
}

impl World {
    pub(super) fn check(&self) {
        let drops = self.settings.unknown_events == UnknownEvents::Drop;
        let mut latest: HashMap<ContactId, usize> = HashMap::new();
        for item in &self.log {
            let seq = item.seq;
            let row = self.rows.get(&seq);
            let marks = row
                .map(|row| Item::marks_from_text(&row.marks))
                .unwrap_or_default();
            let poisoned = self.poison.get(&seq);
            match row.map(|row| row.state) {
                None => assert!(
                    poisoned.is_none() || drops,
                    "{seq} counts as delivered but is bad ({poisoned:?})"
                ),
                Some(State::Parked(reason)) => {
                    assert!(
                        poisoned.is_some(),
                        "{seq} was parked ({reason:?}) though nothing is wrong with it"
                    );
                    let expected = match poisoned {
                        Some(Poison::Named) if item.call.is_some() => ParkReason::NotPermitted,
                        Some(Poison::Unnamed) if item.call.is_some() => ParkReason::CallRefused,
                        Some(Poison::Named) => ParkReason::EventRefused,
                        Some(Poison::WholeCall) => ParkReason::CallRefused,
                        Some(Poison::TooLarge) => ParkReason::TooLarge,
                        Some(Poison::Unnamed) => ParkReason::RefusedUnnamed,
                        _ => ParkReason::RetryWindowOver,
                    };
                    assert!(
                        reason == expected || item.objects() > 75 || drops,
                        "{seq}: {reason:?} for {poisoned:?}"
                    );
                }
                Some(State::Unknown) => {
                    assert!(drops, "{seq} given up against the connection's choice");
                }
                Some(other) => panic!("{seq} is still {other:?}"),
            }
            for ordinal in 0..item.objects() {
                let object = (seq, ordinal);
                let arrivals = self
                    .arrivals
                    .get(&object)
                    .map(Vec::as_slice)
                    .unwrap_or_default();
                let mark = marks.get(ordinal).copied().unwrap_or(if row.is_some() {
                    Mark::Open
                } else {
                    Mark::Delivered
                });
                assert!(
                    mark != Mark::Delivered || !arrivals.is_empty(),
                    "{object:?} never arrived"
                );
                assert_ne!(mark, Mark::Open, "{object:?} is still open");
                let crashes = self.crashed.get(&object).copied().unwrap_or_default();
                let unknown = self.ambiguous.get(&object).copied().unwrap_or_default();
                let allowed = if drops && !item.is_repeatable(ordinal) {
                    crashes
                } else {
                    crashes + unknown
                };
                assert!(
                    arrivals.len() <= allowed + 1,
                    "{object:?} arrived {} times, allowed 1 + {allowed}",
                    arrivals.len()
                );
            }
            let firsts = (0..item.objects())
                .filter_map(|ordinal| self.arrivals.get(&(seq, ordinal)))
                .map(|calls| calls[0]);
            let before = latest.get(&item.contact).copied().unwrap_or_default();
            let mut last = before;
            for first in firsts {
                assert!(
                    first >= before,
                    "{seq} arrived before an older delivery of the same contact"
                );
                last = last.max(first);
            }
            latest.insert(item.contact, last);
        }
        let known: BTreeSet<i64> = self.log.iter().map(|item| item.seq).collect();
        assert!(
            self.arrivals.keys().all(|(seq, _)| known.contains(seq)),
            "something arrived that nobody sent"
        );
    }
}

/// Histories that are tried; `KOMO_TEST_SEEDS` raises it.
fn seeds() -> u32 {
    let told = std::env::var("KOMO_TEST_SEEDS").ok();
    told.and_then(|text| text.parse().ok()).unwrap_or(200)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: seeds(), max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn whatever_fails_and_crashes_everything_accepted_arrives_in_order_or_is_kept_with_a_reason(
        seed: u64,
        shapes in proptest::collection::vec(shape(), 1..50),
        unknown_events in prop_oneof![2 => Just(UnknownEvents::Repeat), 1 => Just(UnknownEvents::Drop)],
        batch in prop_oneof![Just(BatchMode::Combined75), Just(BatchMode::PerArray75), Just(BatchMode::Combined50)],
    ) {
        let mut world = World::new(seed, unknown_events, batch);
        world.run(&shapes);
        world.check();
    }
}

#[test]
fn the_same_seed_gives_the_same_history() {
    let history = || {
        let mut world = World::new(77, UnknownEvents::Repeat, BatchMode::Combined75);
        let shapes: Vec<Shape> = (0..30)
            .map(|n| Shape {
                who: n % 4,
                attributes: true,
                events: 1,
                call: (n % 5 == 2).then_some(Own::Delete),
                poison: (n == 9).then_some(Poison::WholeCall),
            })
            .collect();
        world.run(&shapes);
        let mut arrivals: Vec<_> = world.arrivals.into_iter().collect();
        arrivals.sort_unstable();
        (arrivals, world.rows, world.now)
    };
    assert_eq!(history(), history());
}
