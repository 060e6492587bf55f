//! The exceptions of a lane that are not settled: retrying, and waiting behind an older one of the same contact.
//! Promises: of each contact only the oldest can be sent, so nobody overtakes.
//! Leaves deciding when to send, and writing the rows, to the lane.

use super::OpenException;
use super::State;
use crate::delivery::pack::Filler;
use crate::{
    delivery::{Group, Item},
    ids::ContactId,
    time::Millis,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

#[derive(Debug, Default)]
pub(super) struct Open {
    rows: BTreeMap<i64, OpenException>,
    chains: HashMap<ContactId, Chain>,
    track: Heads,
    own: Heads,
}

/// The oldest row of each contact, for one group of calls.
#[derive(Debug, Default)]
struct Heads {
    /// Those that retry, by when they are due.
    due: BTreeSet<(Millis, i64)>,
    /// Those that wait for nobody any more.
    free: BTreeSet<i64>,
}

#[derive(Debug, Default)]
struct Chain {
    seqs: BTreeSet<i64>,
    head: Option<(Group, i64, Option<Millis>)>,
}

impl Open {
    pub(super) fn insert(&mut self, item: Item, state: State) {
        let (seq, contact) = (item.seq, item.contact);
        self.rows.insert(seq, OpenException { item, state });
        self.chains.entry(contact).or_default().seqs.insert(seq);
        self.index(contact);
    }

    pub(super) fn holds(&self, contact: ContactId) -> bool {
        self.chains.contains_key(&contact)
    }

    pub(super) fn contains(&self, seq: i64) -> bool {
        self.rows.contains_key(&seq)
    }

    const fn heads(&self, group: Group) -> &Heads {
        match group {
            Group::Track => &self.track,
            Group::Own => &self.own,
        }
    }

    const fn heads_mut(&mut self, group: Group) -> &mut Heads {
        match group {
            Group::Track => &mut self.track,
            Group::Own => &mut self.own,
        }
    }

    pub(super) fn has_free(&self, group: Group) -> bool {
        !self.heads(group).free.is_empty()
    }

    /// When the next retry is due, if there is one.
    pub(super) fn next_due(&self, group: Group) -> Option<Millis> {
        self.heads(group).due.first().map(|(due, _)| *due)
    }

    /// How many heads are retrying.
    pub(super) fn retrying(&self, group: Group) -> usize {
        self.heads(group).due.len()
    }

    pub(super) fn take_due(&mut self, group: Group, now: Millis) -> Option<(Item, State)> {
        let (due, seq) = self.heads(group).due.first().copied()?;
        if due > now {
            return None;
        }
        let taken = self.remove(seq)?;
        // Who waits behind it is not being tried: the retry window of those begins with their own next try.
        let behind = self
            .chains
            .get(&taken.item.contact)
            .map(|chain| chain.seqs.clone())
            .unwrap_or_default();
        for seq in behind {
            if let Some(row) = self.rows.get_mut(&seq) {
                row.item.first_tried = None;
            }
        }
        Some((taken.item, taken.state))
    }

    /// Takes what waits for nobody any more: whole chains in their order, as far as the call has room. At least one.
    pub(super) fn take_free(&mut self, group: Group, filler: &mut Filler) -> Vec<Item> {
        let mut taken = Vec::new();
        let heads: Vec<i64> = self.heads(group).free.iter().copied().take(256).collect();
        for head in heads {
            let Some(contact) = self.rows.get(&head).map(|row| row.item.contact) else {
                continue;
            };
            let chain: Vec<i64> = self
                .chains
                .get(&contact)
                .map(|chain| chain.seqs.iter().copied().take(256).collect())
                .unwrap_or_default();
            for seq in chain {
                let Some(row) = self.rows.get(&seq) else {
                    continue;
                };
                if !matches!(row.state, State::Waiting) {
                    break;
                }
                if row.item.group() != group {
                    break;
                }
                let (fits, first) = (filler.try_add(&row.item), taken.is_empty());
                if fits || first {
                    taken.extend(self.remove(seq).map(|row| row.item));
                }
                if !fits {
                    return taken;
                }
            }
        }
        taken
    }

    /// Starts every retry window anew and makes everything due, after a pause that was nobody's failure.
    pub(super) fn refresh(&mut self, now: Millis) {
        for row in self.rows.values_mut() {
            row.item.first_tried = None;
        }
        self.hurry(now);
    }

    /// Makes everything due now.
    pub(super) fn hurry(&mut self, now: Millis) {
        let rows: Vec<OpenException> = std::mem::take(self).rows.into_values().collect();
        for mut row in rows {
            if let State::Retrying { due } = &mut row.state {
                *due = (*due).min(now);
            }
            self.insert(row.item, row.state);
        }
    }

    fn remove(&mut self, seq: i64) -> Option<OpenException> {
        let row = self.rows.remove(&seq)?;
        if let Some(chain) = self.chains.get_mut(&row.item.contact) {
            chain.seqs.remove(&seq);
        }
        self.index(row.item.contact);
        Some(row)
    }

    fn index(&mut self, contact: ContactId) {
        let Some(chain) = self.chains.get_mut(&contact) else {
            return;
        };
        match chain.head.take() {
            Some((group, seq, Some(due))) => {
                let heads = match group {
                    Group::Track => &mut self.track,
                    Group::Own => &mut self.own,
                };
                heads.due.remove(&(due, seq));
            }
            Some((group, seq, None)) => {
                let heads = match group {
                    Group::Track => &mut self.track,
                    Group::Own => &mut self.own,
                };
                heads.free.remove(&seq);
            }
            None => {}
        }
        let Some(seq) = chain.seqs.first().copied() else {
            self.chains.remove(&contact);
            return;
        };
        let Some(row) = self.rows.get(&seq) else {
            return;
        };
        let due = match row.state {
            State::Retrying { due } => Some(due),
            _ => None,
        };
        let group = row.item.group();
        chain.head = Some((group, seq, due));
        let heads = self.heads_mut(group);
        match due {
            Some(due) => heads.due.insert((due, seq)),
            None => heads.free.insert(seq),
        };
    }
}
