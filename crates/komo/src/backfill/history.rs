//! What of a contact's history is to be sent, and what has gone already.
//! Promises: an event counts as gone when it was delivered or is on its way; what nobody knows counts as gone unless somebody asks for
//! just that delivery. Leaves folding to `engage::again`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use engage::{
    again::{self, Gone, Told},
    delivery::item::split_objects,
    ids::{ContactId, EntryId},
    mapping::{Plan, SkipReason},
};
use store::{
    backfill::{History, PastDelivery, PastEntry, Replanned, Scope, Settled},
    ledger::State,
    outbox::NewDelivery,
};

use super::{Planner, SET_ASIDE};

/// The plans of a history, and the entries that name nobody.
struct Plans {
    told: Vec<Told>,
    skipped: BTreeMap<EntryId, SkipReason>,
}

impl Planner {
    /// What a backfill sends of a contact: entries within its scope that have no delivery to this connection yet.
    pub(super) fn backfill(&self, scope: &Scope, history: &History) -> Replanned {
        let sent: BTreeSet<EntryId> = history
            .deliveries
            .iter()
            .filter(|it| !it.is_call)
            .filter_map(|it| it.entry)
            .collect();
        let within = |entry: &PastEntry| {
            scope
                .cards
                .as_ref()
                .is_none_or(|cards| cards.contains(&entry.card))
                && scope.from.is_none_or(|from| entry.accepted_at >= from)
                && scope.to.is_none_or(|to| entry.accepted_at < to)
        };
        let wanted: BTreeSet<EntryId> = history
            .entries
            .iter()
            .filter(|it| self.has_card(it.card) && !sent.contains(&it.entry) && within(it))
            .map(|it| it.entry)
            .collect();
        if wanted.is_empty() {
            return Replanned::default();
        }
        let plans = self.all(history, &wanted, &BTreeSet::new());
        let skipped = plans.skipped.iter().map(|(entry, reason)| {
            let delivery = NewDelivery {
                lanes: Arc::clone(&self.lanes),
                skipped: Some((reason.code(), words(*reason))),
                ..NewDelivery::default()
            };
            (Some(*entry), delivery)
        });
        let mut deliveries: Vec<_> = skipped.collect();
        deliveries.extend(self.fold(&plans.told, BTreeMap::new()));
        Replanned {
            deliveries,
            settled: Vec::new(),
        }
    }

    /// What is sent again of a contact: the entries of the asked for deliveries, as far as they have not gone.
    pub(super) fn again(
        &self,
        _contact: ContactId,
        history: &History,
        asked: &BTreeSet<i64>,
    ) -> Replanned {
        let chosen: Vec<&PastDelivery> = history
            .deliveries
            .iter()
            .filter(|it| asked.contains(&it.seq) && SET_ASIDE.contains(&it.state))
            .collect();
        let mut made = Replanned::default();
        let mut wanted = BTreeSet::new();
        for delivery in chosen {
            let entry = delivery.entry.filter(|entry| {
                !delivery.is_call && history.entries.iter().any(|it| it.entry == *entry)
            });
            match entry {
                Some(entry) => {
                    wanted.insert(entry);
                }
                // Nothing to plan it from: the same again.
                None if delivery.state != State::Skipped => {
                    made.settled.push((delivery.seq, Settled::Back));
                }
                None => {}
            }
        }
        let of = |entry: EntryId| {
            let all = history.deliveries.iter();
            all.filter(move |it| it.entry == Some(entry) && !it.is_call)
        };
        let mut gone: BTreeMap<EntryId, Gone> = BTreeMap::new();
        let mut operated = BTreeSet::new();
        for entry in wanted.iter().copied() {
            let mut sent = Gone::default();
            for delivery in of(entry) {
                if has_gone(delivery, asked, &mut sent) {
                    operated.insert(entry);
                }
            }
            gone.insert(entry, sent);
        }
        let plans = self.all(history, &wanted, &operated);
        made.deliveries = self.fold(&plans.told, gone);
        for entry in wanted {
            // Whatever else of the entry was set aside is in the new delivery, too.
            let aside = of(entry).filter(|it| {
                matches!(it.state, State::Parked | State::Skipped)
                    || it.state == State::Unknown && asked.contains(&it.seq)
            });
            for delivery in aside {
                let settled = match plans.skipped.get(&entry) {
                    Some(reason) => Settled::Skipped(reason.code(), words(*reason)),
                    None if made.deliveries.is_empty() => Settled::Replaced(None),
                    None => Settled::Replaced(Some(entry)),
                };
                made.settled.push((delivery.seq, settled));
            }
        }
        made
    }

    fn all(
        &self,
        history: &History,
        wanted: &BTreeSet<EntryId>,
        operated: &BTreeSet<EntryId>,
    ) -> Plans {
        let mut plans = Plans {
            told: Vec::new(),
            skipped: BTreeMap::new(),
        };
        for entry in &history.entries {
            for plan in self.plans(entry) {
                match plan {
                    Plan::Send(plan) => plans.told.push(Told {
                        entry: entry.entry,
                        plan,
                        wanted: wanted.contains(&entry.entry),
                        operated: operated.contains(&entry.entry),
                    }),
                    Plan::Skip(reason) if wanted.contains(&entry.entry) => {
                        plans.skipped.insert(entry.entry, reason);
                    }
                    Plan::Skip(_) | Plan::Nothing => {}
                }
            }
        }
        plans
    }

    fn fold(
        &self,
        told: &[Told],
        gone: BTreeMap<EntryId, Gone>,
    ) -> Vec<(Option<EntryId>, NewDelivery)> {
        let folded = again::fold(told, gone).into_iter().map(|it| {
            let delivery = NewDelivery {
                lanes: Arc::clone(&self.lanes),
                attributes: it.attributes,
                events: it.events,
                purchases: it.purchases,
                ..NewDelivery::default()
            };
            (it.entry, delivery)
        });
        folded.collect()
    }
}

fn words(reason: SkipReason) -> String {
    format!("{} {}", reason.sentence(), reason.remedy())
}

/// Adds what has gone of a delivery; says whether its attributes have.
fn has_gone(delivery: &PastDelivery, asked: &BTreeSet<i64>, gone: &mut Gone) -> bool {
    let mut marks = delivery.marks.chars();
    let mut next = || {
        let mark = marks.next();
        match delivery.state {
            // On its way, or there. A refused object will be set aside for itself.
            State::Delivered | State::Pending | State::Retrying | State::Waiting => {
                mark != Some('r')
            }
            State::Erased => true,
            State::Unknown if mark.is_none() => !asked.contains(&delivery.seq),
            State::Parked | State::Unknown | State::Skipped | State::Replaced => match mark {
                Some('d') => true,
                // One that was replaced was asked for: its successor says what became of it.
                Some('u') => delivery.state != State::Replaced && !asked.contains(&delivery.seq),
                _ => false,
            },
        }
    };
    let attributes = delivery.has_attributes && next();
    for event in split_objects(&delivery.events) {
        if next() {
            gone.events.extend(again::name_of(event, "name"));
        }
    }
    for purchase in split_objects(&delivery.purchases) {
        if next() {
            gone.purchases
                .extend(again::name_of(purchase, "product_id"));
        }
    }
    attributes
}
