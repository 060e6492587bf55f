//! What a failure of the program itself means: the task that made a call has panicked.
//! Promises that the delivery which brings it about is soon alone, is parked after a few tries, and holds up nobody else.
//! Leaves catching the panic to the worker. What is counted here lasts as long as the lease: a restart may well have mended it.

use super::{
    Act, CallOutcome, Lane,
    answers::{Ruling, again_at, record},
};
use crate::{
    delivery::{Budget, Mark, ParkReason},
    time::Millis,
};

/// So often a delivery may bring the program down, alone, before it is parked.
pub(super) const MOST_CRASHES: u32 = 3;

impl Lane {
    pub(super) fn crashed(
        &mut self,
        now: Millis,
        batch: u64,
        dice: u64,
        budget: &Budget,
        acts: &mut Vec<Act>,
    ) {
        let Some(mut flight) = self.landed(batch) else {
            return;
        };
        let call = record(
            &flight,
            now,
            (CallOutcome::Unknown, None, "crashed".to_owned()),
        );
        // Whether the call went out before is not known.
        let mut rulings = self.failed(&mut flight, true, now, dice, budget);
        // It is no outage: nobody else has to wait.
        self.log_trouble.until = None;
        self.free_trouble.until = None;
        if let [item] = flight.items.as_mut_slice() {
            let crashes = self.crashes.entry(item.seq).or_default();
            *crashes += 1;
            if *crashes >= MOST_CRASHES {
                self.crashes.remove(&item.seq);
                item.turn(Mark::Open, Mark::Refused);
                rulings = vec![Ruling::parked(item, ParkReason::Crashed)];
            } else if rulings.iter().all(Ruling::is_back) {
                rulings = vec![Ruling::alone(again_at(item, now, dice))];
            }
        } else {
            // Which of them it was shows when they go in smaller calls.
            rulings = self.split(&flight, now);
        }
        self.settle(
            now,
            flight.source,
            flight.items,
            flight.held,
            rulings,
            Some(call),
            acts,
        );
    }
}
