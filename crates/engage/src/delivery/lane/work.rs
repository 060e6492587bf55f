//! What a lane does next: read, hold back, pack, send, or wait.
//! Promises: nothing is sent while paused, out of turn, beyond the lease or beyond the budget.
//! Leaves the meaning of answers to `answers`.

use super::{Act, Commit, Flight, Lane, Phase, Source, State, answers::Ruling};
use crate::{
    delivery::{
        Budget, Group, Item, Take,
        pack::{Filler, capacity, pack},
    },
    hub::UnknownEvents,
    time::Millis,
};
use std::collections::HashSet;

/// Whether a source of work can be used.
enum Can {
    Now,
    At(Millis),
    No,
}

impl Lane {
    pub(super) fn advance(&mut self, now: Millis, budget: &mut Budget, acts: &mut Vec<Act>) {
        let Some((_, lease_end)) = self.lease else {
            if self.stopping {
                acts.push(Act::Stopped);
            }
            return;
        };
        if let Phase::Committing {
            commit,
            retry_at: Some(at),
            ..
        } = &mut self.phase
        {
            if *at > now {
                acts.push(Act::WakeAt(*at));
            } else {
                commit.again = true;
                acts.push(Act::Commit(commit.clone()));
                if let Phase::Committing { retry_at, .. } = &mut self.phase {
                    *retry_at = None;
                }
            }
        }
        let read_at = self.read(now, budget, acts);
        if !matches!(self.phase, Phase::Ready) {
            return;
        }
        if self.stopping {
            acts.push(Act::Stopped);
            return;
        }
        if self.paused || lease_end.since(now) < self.settings.call_ms {
            acts.push(Act::Idle);
            return;
        }
        if !self.queue.is_empty() && self.queue.iter().all(|item| self.open.holds(item.contact)) {
            // Nothing to send, but the cursor can go on: they wait as rows of their own.
            let held = std::mem::take(&mut self.queue).into();
            let source = Source::Log(Group::Track);
            self.settle(now, source, Vec::new(), held, Vec::new(), None, acts);
            return;
        }
        if self
            .outage
            .is_some_and(|before| before != budget.successes(Group::Track))
        {
            // It is over: who was set apart meanwhile need not wait for a backoff that was meant for the outage.
            self.outage = None;
            self.open.hurry(now);
        }
        let mut wake = read_at;
        for source in self.order() {
            match self.can(source, now, budget) {
                Can::Now => match budget.check(source.group(), now) {
                    Some(at) => wake = Some(wake.map_or(at, |other| other.min(at))),
                    None => return self.start(source, now, budget, acts),
                },
                Can::At(at) => wake = Some(wake.map_or(at, |other| other.min(at))),
                Can::No => {}
            }
        }
        match wake {
            Some(at) => acts.push(Act::WakeAt(at)),
            None if !self.reading => acts.push(Act::Idle),
            None => {}
        }
    }

    /// Whose turn it is: log and exceptions alternate, and so do the exceptions' two groups, so that nobody is held back longer
    /// than by one call.
    fn order(&self) -> [Source; 5] {
        let log = Source::Log(self.log_group());
        let (first, second) = if self.own_turn {
            (Group::Own, Group::Track)
        } else {
            (Group::Track, Group::Own)
        };
        let [a, b, c, d] = [
            Source::Alone(first),
            Source::Free(first),
            Source::Alone(second),
            Source::Free(second),
        ];
        if self.log_turn {
            [log, a, b, c, d]
        } else {
            [a, b, c, d, log]
        }
    }

    /// What the next call from the log is: calls of their own step aside for `/users/track` unless nothing else is there.
    fn log_group(&self) -> Group {
        let track = self
            .queue
            .iter()
            .any(|item| item.call.is_none() && !self.open.holds(item.contact));
        if track || self.queue.is_empty() {
            Group::Track
        } else {
            Group::Own
        }
    }

    /// Reads on in the log, if there is anything to read and room for it. New rows are read only once they could be sent, in
    /// one go, not one by one as they come; answers when that will be.
    fn read(&mut self, now: Millis, budget: &mut Budget, acts: &mut Vec<Act>) -> Option<Millis> {
        if self.stopping || self.reading {
            return None;
        }
        // While a call of its own is under way, what has come in meanwhile is made ready: it goes next.
        let soon = match &self.phase {
            Phase::Ready => true,
            Phase::InFlight(flight) => flight.source.group() == Group::Own,
            Phase::Committing { .. } => false,
        };
        if self.woken && !self.more && soon {
            if let Some(at) = self.lingers(now, budget).filter(|_| !self.is_full()) {
                return Some(at);
            }
            self.more = true;
        }
        if self.more && self.queue.len() <= self.settings.read_limit / 2 {
            (self.reading, self.more, self.woken) = (true, false, false);
            acts.push(Act::Read {
                after: self.read_to,
                limit: self.settings.read_limit,
            });
        }
        None
    }

    /// Until when the log waits for more rows, so that calls are full; none: no longer.
    fn lingers(&self, now: Millis, budget: &mut Budget) -> Option<Millis> {
        let linger = if budget.is_busy(now) {
            self.settings.linger_busy_ms
        } else {
            self.settings.linger_ms
        };
        let until = self.last_sent?.plus(linger);
        // A clock that was set back must not stretch the wait.
        (until > now && until.since(now) <= linger).then_some(until)
    }

    fn can(&self, source: Source, now: Millis, budget: &mut Budget) -> Can {
        match source {
            Source::Alone(group) => match self.open.next_due(group) {
                Some(due) if due <= now => Can::Now,
                Some(due) => Can::At(due),
                None => Can::No,
            },
            Source::Free(group) if !self.open.has_free(group) => Can::No,
            Source::Log(_) if self.queue.is_empty() => Can::No,
            Source::Free(Group::Track) => {
                let until = self
                    .free_trouble
                    .blocks(now, budget.successes(Group::Track));
                until.map_or(Can::Now, Can::At)
            }
            Source::Free(Group::Own) | Source::Log(Group::Own) => {
                let until = self.own_trouble.blocks(now, budget.successes(Group::Own));
                until.map_or(Can::Now, Can::At)
            }
            Source::Log(Group::Track) => {
                // "Rather never" gives up the events of every call of unknown fate: one at a time is enough.
                let gives_up = self.settings.unknown_events == UnknownEvents::Drop;
                if gives_up && self.free_trouble.fails > 0 && self.open.has_free(Group::Track) {
                    return Can::No;
                }
                if let Some(until) = self.log_trouble.blocks(now, budget.successes(Group::Track)) {
                    return Can::At(until);
                }
                if self.is_full() {
                    return Can::Now;
                }
                if self.reading {
                    return Can::No;
                }
                self.lingers(now, budget).map_or(Can::Now, Can::At)
            }
        }
    }

    /// Whether the next call from the log would be full anyway.
    fn is_full(&self) -> bool {
        let enough = capacity(self.settings.limits.batch);
        let pieces = self
            .pieces
            .front()
            .is_some_and(|piece| *piece <= self.queue.len());
        let mut objects = 0;
        pieces
            || self.queue.len() >= 75
            || self.queue.iter().any(|item| {
                objects += item.open_objects();
                objects >= enough
            })
    }

    fn start(&mut self, source: Source, now: Millis, budget: &mut Budget, acts: &mut Vec<Act>) {
        let mut limits = self.settings.limits;
        let mut held = Vec::new();
        let mut items = Vec::new();
        let mut filler = Filler::new(limits);
        match source {
            Source::Log(Group::Track) => self.take_from_log(&mut filler, &mut items, &mut held),
            Source::Log(Group::Own) => self.take_call_from_log(&mut items, &mut held),
            Source::Free(group) => items = self.open.take_free(group, &mut filler),
            Source::Alone(group) => {
                items.extend(self.open.take_due(group, now).map(|(item, _)| item));
            }
        }
        if let (Some((seq, cap)), [item]) = (self.object_cap, items.as_slice())
            && item.seq == seq
        {
            limits.max_objects = cap;
        }
        let packed = pack(&items, &limits);
        self.log_turn = !source.is_log();
        if !source.is_log() {
            self.own_turn = source.group() == Group::Track;
        }
        if packed.objects() == 0 {
            // Everything in them was settled before (a crash came between the last answer and the last commit).
            let rulings = items.iter().map(Ruling::settled).collect();
            self.settle(now, source, items, held, rulings, None, acts);
            return;
        }
        match budget.take(source.group(), now) {
            Take::Ok => {}
            Take::WaitUntil(at) => {
                // Cannot happen after `check`, unless somebody shares the budget without sharing the lock.
                let rulings = items.iter().map(|_| Ruling::back()).collect();
                self.apply(now, source, items, held, rulings);
                acts.push(Act::WakeAt(at));
                return;
            }
        }
        let batch = self.next_batch;
        self.next_batch += 1;
        if source.group() == Group::Track {
            self.last_sent = Some(now);
        }
        let mut packed = packed;
        let body = std::mem::take(&mut packed.body);
        acts.push(Act::Send {
            batch,
            call: packed.call.clone(),
            body,
            seqs: items.iter().map(|item| item.seq).collect(),
        });
        self.phase = Phase::InFlight(Flight {
            batch,
            source,
            items,
            held,
            packed,
            sent_at: now,
        });
    }

    fn take_from_log(&mut self, filler: &mut Filler, items: &mut Vec<Item>, held: &mut Vec<Item>) {
        let most = self.pieces.front().copied().unwrap_or(usize::MAX);
        let mut aside = HashSet::new();
        while let Some(next) = self.queue.front() {
            let steps_aside = next.call.is_some() || aside.contains(&next.contact);
            if steps_aside || self.open.holds(next.contact) {
                if steps_aside {
                    aside.insert(next.contact);
                }
                held.extend(self.queue.pop_front());
                continue;
            }
            if items.len() >= most {
                break;
            }
            let fits = filler.try_add(next);
            // One that does not even fit alone goes in parts.
            if fits || items.is_empty() {
                items.extend(self.queue.pop_front());
            }
            if !fits {
                break;
            }
        }
    }

    /// The first call of its own, when the log holds nothing else.
    fn take_call_from_log(&mut self, items: &mut Vec<Item>, held: &mut Vec<Item>) {
        while let Some(next) = self.queue.pop_front() {
            if self.open.holds(next.contact) {
                held.push(next);
                continue;
            }
            items.push(next);
            return;
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one call's whole outcome, used in four places"
    )]
    pub(super) fn settle(
        &mut self,
        now: Millis,
        source: Source,
        items: Vec<Item>,
        held: Vec<Item>,
        rulings: Vec<Ruling>,
        call: Option<super::CallRecord>,
        acts: &mut Vec<Act>,
    ) {
        let forget = items
            .iter()
            .zip(&rulings)
            .filter(|(item, ruling)| ruling.is_done() && item.is_deletion())
            .map(|(item, _)| item.seq)
            .collect();
        let (put, delete) = self.apply(now, source, items, held, rulings);
        let tried = self.tried.changed(&self.queue);
        let Some((fence, _)) = self.lease else { return };
        let commit = Commit {
            fence,
            cursor: self.cursor,
            put,
            delete,
            forget,
            tried,
            call,
            again: false,
        };
        acts.push(Act::Commit(commit.clone()));
        self.phase = Phase::Committing {
            commit,
            fails: 0,
            retry_at: None,
        };
    }

    /// Moves every item to where its ruling puts it, and says which rows change.
    fn apply(
        &mut self,
        now: Millis,
        source: Source,
        items: Vec<Item>,
        held: Vec<Item>,
        rulings: Vec<Ruling>,
    ) -> (Vec<super::Exception>, Vec<i64>) {
        let (mut put, mut delete) = (Vec::new(), Vec::new());
        if source.is_log() {
            let mut all: Vec<(Item, Ruling)> = items.into_iter().zip(rulings).collect();
            let none_back = all.iter().all(|(_, ruling)| !ruling.is_back());
            all.extend(held.into_iter().map(|item| (item, Ruling::held())));
            all.sort_unstable_by_key(|(item, _)| item.seq);
            // The cursor can pass up to the last one that is settled in whatever way; who must go again and lies before
            // it gets a row. The rest goes back to the log's front.
            let cut = if none_back {
                all.len()
            } else {
                all.iter()
                    .rposition(|(_, ruling)| ruling.is_settled())
                    .map_or(0, |last| last + 1)
            };
            for (item, _) in all.split_off(cut).into_iter().rev() {
                self.queue.push_front(item);
            }
            for (item, ruling) in all {
                self.cursor = item.seq;
                if let Some(state) = ruling.state(State::Waiting) {
                    put.push(ruling.row(&item, state));
                    self.keep(item, state);
                }
            }
            return (put, delete);
        }
        for (item, ruling) in items.into_iter().zip(rulings) {
            let before = if matches!(source, Source::Free(_)) {
                State::Waiting
            } else {
                State::Retrying { due: now }
            };
            match ruling.state(before) {
                None => delete.push(item.seq),
                Some(state) => {
                    if !ruling.is_back() {
                        put.push(ruling.row(&item, state));
                    }
                    self.keep(item, state);
                }
            }
        }
        (put, delete)
    }

    fn keep(&mut self, item: Item, state: State) {
        if matches!(state, State::Retrying { .. } | State::Waiting) {
            self.open.insert(item, state);
        }
    }
}
