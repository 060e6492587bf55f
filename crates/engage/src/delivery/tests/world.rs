//! A small world for the lane: a store, a Braze that records arrivals, and a worker that crashes.
//! Promises one history per seed: no clock, no sleep, own dice.
//! Leaves what must hold at the end of a history to the model.

use super::{START, item, own_call, read_body};
use crate::{
    delivery::{
        Act, Budget, BudgetSettings, CallKind, CommitFailure, Event, Exception, Group, Item, Lane,
        Limits, OpenException, Settings, State,
    },
    hub::{BatchMode, UnknownEvents},
    time::Millis,
};
use braze::{Answer, Array, ItemError, NotSentWhy, UnknownWhy};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What is wrong with a delivery, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Poison {
    /// Its last object is refused by name.
    Named,
    /// Every call with it is refused without a word about who.
    WholeCall,
    /// Every call with it is "too large".
    TooLarge,
    /// Every call with it ends in a 500.
    Breaks,
    /// Its last object is refused without a name.
    Unnamed,
}

/// A call of its own in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Own {
    Identify,
    Delete,
    Trigger,
}

impl Own {
    pub(super) fn kind(self) -> CallKind {
        match self {
            Self::Identify => CallKind::Identify,
            Self::Delete => CallKind::Delete,
            Self::Trigger => CallKind::CampaignTrigger,
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) who: u128,
    pub(super) attributes: bool,
    pub(super) events: u16,
    /// A call of its own instead of the above.
    pub(super) call: Option<Own>,
    pub(super) poison: Option<Poison>,
}

pub(super) struct Dice(u64);
impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
    fn one_in(&mut self, sides: u64) -> bool {
        self.roll().is_multiple_of(sides)
    }
}

type Object = (i64, usize);

pub(super) struct Holder {
    lane: Lane,
    read: Option<(i64, usize)>,
    call: Option<(u64, Answer, Vec<Object>)>,
    commit: Option<crate::delivery::Commit>,
    wake: Option<Millis>,
    /// The group of the last call.
    group: Option<Group>,
    /// Answered, but the commit is not on disk: a crash now repeats the call.
    uncommitted: Vec<Object>,
}

pub(super) struct World {
    pub(super) now: Millis,
    pub(super) dice: Dice,
    pub(super) settings: Settings,
    pub(super) poison: HashMap<i64, Poison>,
    // the store
    pub(super) log: Vec<Item>,
    pub(super) cursor: i64,
    pub(super) fence: i64,
    pub(super) tried: String,
    pub(super) rows: BTreeMap<i64, Exception>,
    // Braze
    pub(super) arrivals: HashMap<Object, Vec<usize>>,
    pub(super) calls: usize,
    // the worker
    pub(super) budget: Budget,
    pub(super) holder: Option<Holder>,
    pub(super) zombies: Vec<Holder>,
    pub(super) paused: bool,
    pub(super) limited_until: BTreeMap<Group, Millis>,
    pub(super) ambiguous: HashMap<Object, usize>,
    pub(super) crashed: HashMap<Object, usize>,
}

impl World {
    pub(super) fn new(seed: u64, unknown_events: UnknownEvents, batch: BatchMode) -> Self {
        let settings = Settings {
            limits: Limits {
                batch,
                ..Limits::default()
            },
            unknown_events,
            read_limit: 12,
            retry_window_ms: 4 * 3_600_000,
            ..Settings::default()
        };
        Self {
            now: START,
            dice: Dice(seed | 1),
            settings,
            poison: HashMap::new(),
            log: Vec::new(),
            cursor: 0,
            fence: 0,
            tried: String::new(),
            rows: BTreeMap::new(),
            arrivals: HashMap::new(),
            calls: 0,
            budget: Budget::new(BudgetSettings::default()),
            holder: None,
            zombies: Vec::new(),
            paused: false,
            limited_until: BTreeMap::new(),
            ambiguous: HashMap::new(),
            crashed: HashMap::new(),
        }
    }

    fn accept(&mut self, shape: Shape) {
        let seq = self
            .log
            .last()
            .map_or(1, |item| item.seq + 1 + i64::from(self.dice.one_in(3)));
        self.log.push(match shape.call {
            Some(call) => own_call(seq, shape.who, call.kind()),
            None => item(seq, shape.who, shape.attributes, shape.events, 0),
        });
        self.poison.extend(shape.poison.map(|poison| (seq, poison)));
        self.feed(Event::Woken);
    }

    fn feed(&mut self, event: Event) {
        let Some(mut holder) = self.holder.take() else {
            return;
        };
        let acts = self.step(&mut holder, event);
        let lost = acts.contains(&Act::LeaseLost);
        self.carry_out(&mut holder, acts);
        if !lost {
            self.holder = Some(holder);
        }
    }

    fn step(&mut self, holder: &mut Holder, event: Event) -> Vec<Act> {
        let mut acts = Vec::new();
        let dice = self.dice.roll();
        holder
            .lane
            .step(self.now, event, dice, &mut self.budget, &mut acts);
        acts
    }

    fn carry_out(&mut self, holder: &mut Holder, acts: Vec<Act>) {
        for act in acts {
            match act {
                Act::Read { after, limit } => holder.read = Some((after, limit)),
                Act::Send {
                    batch,
                    call,
                    body,
                    seqs,
                } => {
                    assert!(holder.call.is_none(), "two calls at once");
                    assert!(
                        holder.commit.is_none(),
                        "a call before the last one's commit"
                    );
                    assert!(!self.paused, "a call while the connection is paused");
                    let group = if call.is_some() {
                        Group::Own
                    } else {
                        Group::Track
                    };
                    assert!(
                        self.limited_until
                            .get(&group)
                            .is_none_or(|until| self.now >= *until),
                        "a call before the end of a 429's wait"
                    );
                    holder.group = Some(group);
                    let (answer, objects) = self.call(call.as_ref(), &body);
                    assert_eq!(
                        seqs.iter().copied().collect::<BTreeSet<_>>(),
                        objects.iter().map(|(seq, _)| *seq).collect(),
                        "the log of calls names other deliveries than the call held"
                    );
                    holder.call = Some((batch, answer, objects));
                }
                Act::Commit(commit) => holder.commit = Some(commit),
                Act::WakeAt(at) => holder.wake = Some(at),
                Act::PauseConnection { .. } => self.paused = true,
                Act::ConnectionLimited { until } => {
                    if let Some(group) = holder.group {
                        let end = self.limited_until.entry(group).or_insert(until);
                        *end = (*end).max(until);
                    }
                }
                Act::Idle | Act::LeaseLost | Act::Stopped => {}
            }
        }
    }

    /// Braze: applies what is good, unless a fault comes in between.
    fn call(&mut self, call: Option<&CallKind>, body: &[u8]) -> (Answer, Vec<Object>) {
        let objects = read_body(body);
        if let Some(kind) = call {
            assert_eq!(objects.len(), 1, "a call of its own carries one thing");
            let stored = self.log.iter().find(|item| item.seq == objects[0].2);
            let stored = stored
                .and_then(|item| item.call.as_ref())
                .expect("a call of its own");
            assert_eq!(
                &stored.kind, kind,
                "sent as another call than it was accepted as"
            );
        } else {
            assert!(
                objects.iter().all(|(array, ..)| array != "call"),
                "a call of its own among others"
            );
        }
        let sent: Vec<Object> = objects
            .iter()
            .map(|(_, _, seq, ordinal)| (*seq, *ordinal))
            .collect();
        let in_one = |name: &str| objects.iter().filter(|(array, ..)| array == name).count();
        let (held, most) = match self.settings.limits.batch {
            BatchMode::Combined75 => (objects.len(), 75),
            BatchMode::Combined50 => (objects.len(), 50),
            BatchMode::PerArray75 => {
                let arrays = ["attributes", "events", "purchases"];
                (arrays.map(in_one).into_iter().max().unwrap_or(0), 75)
            }
        };
        assert!(held <= most, "{held} objects in one call");
        let faulty = self.faults_on() && self.dice.one_in(2);
        if faulty {
            let answer = match self.dice.roll() % 7 {
                0 => Answer::RateLimited {
                    wait: Some(std::time::Duration::from_secs(self.dice.roll() % 9)),
                },
                1 => Answer::NotSent {
                    why: NotSentWhy::ConnectRefused,
                },
                2 => Answer::KeyRefused {
                    status: 401,
                    message: "no".into(),
                },
                3 | 4 => Answer::Unavailable { status: 503 },
                _ => {
                    // Stored, then the answer was lost.
                    self.apply(&objects);
                    Answer::Unknown {
                        why: UnknownWhy::ConnectionLost,
                    }
                }
            };
            if answer.may_have_been_taken() {
                self.note_ambiguous(&sent);
            }
            return (answer, sent);
        }
        let has = |world: &Self, kind: Poison| {
            sent.iter()
                .any(|(seq, _)| world.poison.get(seq) == Some(&kind))
        };
        if has(self, Poison::Breaks) {
            self.note_ambiguous(&sent);
            return (Answer::Unavailable { status: 500 }, sent);
        }
        if has(self, Poison::TooLarge) {
            return (Answer::TooLarge, sent);
        }
        let refused = |message: &str, item_errors| Answer::Refused {
            status: 400,
            message: message.into(),
            item_errors,
        };
        if call.is_some() && has(self, Poison::Named) {
            let message = "You do not have permission".into();
            return (
                Answer::NotPermitted {
                    status: 403,
                    message,
                },
                sent,
            );
        }
        if has(self, Poison::WholeCall) || (call.is_some() && has(self, Poison::Unnamed)) {
            return (refused("Bad Request", Vec::new()), sent);
        }
        let (mut item_errors, mut unassigned) = (Vec::new(), Vec::new());
        for (array, index, seq, ordinal) in &objects {
            match self.refuses(*seq, *ordinal) {
                Some(Poison::Named) => item_errors.push(ItemError {
                    kind: "'name' is not valid".into(),
                    array: if array == "attributes" {
                        Array::Attributes
                    } else {
                        Array::Events
                    },
                    index: *index,
                }),
                Some(_) => unassigned.push("something".into()),
                None => {}
            }
        }
        if item_errors.len() == objects.len() {
            return (refused("Valid data must be provided", item_errors), sent);
        }
        self.apply(&objects);
        let answer = Answer::Accepted {
            item_errors,
            unassigned,
        };
        if answer.may_have_been_taken() {
            self.note_ambiguous(&sent);
        }
        (answer, sent)
    }

    fn refuses(&self, seq: i64, ordinal: usize) -> Option<Poison> {
        let poison = *self.poison.get(&seq)?;
        let last = self.log.iter().find(|item| item.seq == seq)?.objects() - 1;
        (matches!(poison, Poison::Named | Poison::Unnamed) && ordinal == last).then_some(poison)
    }

    fn apply(&mut self, objects: &[(String, usize, i64, usize)]) {
        self.calls += 1;
        for (_, _, seq, ordinal) in objects {
            if self.refuses(*seq, *ordinal).is_none() {
                self.arrivals
                    .entry((*seq, *ordinal))
                    .or_default()
                    .push(self.calls);
            }
        }
    }

    fn note_ambiguous(&mut self, objects: &[Object]) {
        for object in objects {
            *self.ambiguous.entry(*object).or_default() += 1;
        }
    }

    fn faults_on(&self) -> bool {
        self.now.since(START) < 1_000_000
    }

    fn lease(&mut self) {
        self.fence += 1;
        let exceptions = self
            .rows
            .values()
            .filter(|row| matches!(row.state, State::Retrying { .. } | State::Waiting))
            .map(|row| {
                let mut item = self
                    .log
                    .iter()
                    .find(|item| item.seq == row.seq)
                    .cloned()
                    .expect("in the log");
                (item.attempts, item.first_tried) = (row.attempts, row.first_tried);
                item.marks = Item::marks_from_text(&row.marks);
                item.words.clone_from(&row.detail);
                OpenException {
                    item,
                    state: row.state,
                }
            })
            .collect();
        self.holder = Some(Holder {
            lane: Lane::new(self.settings),
            read: None,
            call: None,
            commit: None,
            wake: None,
            group: None,
            uncommitted: Vec::new(),
        });
        if self.paused {
            self.feed(Event::ConnectionPaused);
        }
        let (fence, cursor, tried) = (self.fence, self.cursor, self.tried.clone());
        self.feed(Event::Leased {
            fence,
            cursor,
            tried,
            exceptions,
            until: Millis(i64::MAX),
        });
    }

    fn crash(&mut self) {
        let Some(holder) = self.holder.take() else {
            return;
        };
        let in_flight = holder.call.iter().flat_map(|(_, _, objects)| objects);
        for object in in_flight.chain(&holder.uncommitted) {
            *self.crashed.entry(*object).or_default() += 1;
        }
        if self.dice.one_in(2) {
            // It only looks dead, and comes back with its old fence.
            self.zombies.push(holder);
        }
        self.budget = Budget::new(BudgetSettings::default());
        self.limited_until.clear();
    }

    /// An old holder wakes up: its commit must be refused, and it must send nothing more.
    fn zombie(&mut self) {
        let Some(mut holder) = self.zombies.pop() else {
            return;
        };
        let mut acts = Vec::new();
        if let Some((batch, answer, _)) = holder.call.take() {
            let mut own = Budget::new(BudgetSettings::default());
            holder.lane.step(
                self.now,
                Event::Answered {
                    batch,
                    answer,
                    budget: None,
                },
                1,
                &mut own,
                &mut acts,
            );
            holder.commit = acts.iter().find_map(|act| match act {
                Act::Commit(commit) => Some(commit.clone()),
                _ => None,
            });
        }
        if let Some(commit) = holder.commit.take()
            && !self.store(&commit)
        {
            let mut own = Budget::new(BudgetSettings::default());
            holder.lane.step(
                self.now,
                Event::CommitFailed(CommitFailure::LostLease),
                1,
                &mut own,
                &mut acts,
            );
            holder
                .lane
                .step(self.now.plus(90_000), Event::Tick, 1, &mut own, &mut acts);
            assert!(acts.contains(&Act::LeaseLost));
        }
        assert!(
            !acts.iter().any(|act| matches!(act, Act::Send { .. })),
            "an old holder sent something"
        );
    }

    fn store(&mut self, commit: &crate::delivery::Commit) -> bool {
        if commit.fence != self.fence {
            return false;
        }
        assert!(commit.cursor >= self.cursor, "the cursor went back");
        self.cursor = commit.cursor;
        if let Some(tried) = &commit.tried {
            self.tried.clone_from(tried);
        }
        for row in &commit.put {
            self.rows.insert(row.seq, row.clone());
        }
        for seq in &commit.delete {
            self.rows.remove(seq);
        }
        true
    }

    /// One random thing that can happen; false when nothing can but the passing of time.
    fn happen(&mut self) -> bool {
        let Some(holder) = &mut self.holder else {
            self.lease();
            return true;
        };
        let choices = [
            holder.read.is_some(),
            holder.call.is_some(),
            holder.commit.is_some(),
        ];
        if !choices.contains(&true) {
            return false;
        }
        let mut pick = usize::try_from(self.dice.roll() % 3).expect("small");
        while !choices[pick] {
            pick = (pick + 1) % 3;
        }
        match pick {
            0 => {
                let (after, limit) = holder.read.take().expect("a read");
                let all: Vec<Item> = self
                    .log
                    .iter()
                    .filter(|item| item.seq > after)
                    .cloned()
                    .collect();
                let more = all.len() > limit;
                self.feed(Event::Rows {
                    after,
                    items: all.into_iter().take(limit).collect(),
                    more,
                });
            }
            1 => {
                let (batch, answer, objects) = holder.call.take().expect("a call");
                holder.uncommitted = objects;
                let budget = self.dice.one_in(9).then_some(braze::Budget {
                    limit: 10_000,
                    remaining: 9_000,
                    resets_in: std::time::Duration::from_mins(1),
                });
                self.feed(Event::Answered {
                    batch,
                    answer,
                    budget,
                });
            }
            _ => {
                let commit = holder.commit.take().expect("a commit");
                if self.now.since(START) < 1_000_000 && self.dice.one_in(5) {
                    self.feed(Event::CommitFailed(CommitFailure::Storage));
                } else {
                    holder.uncommitted.clear();
                    assert!(self.store(&commit), "the holder's own commit was refused");
                    self.feed(Event::Committed);
                }
            }
        }
        true
    }

    pub(super) fn run(&mut self, shapes: &[Shape]) {
        let mut shapes = shapes.iter();
        while self.faults_on() {
            match self.dice.roll() % 12 {
                0 | 1 => {
                    if let Some(shape) = shapes.next() {
                        self.accept(*shape);
                    }
                }
                2 if self.dice.one_in(4) => self.crash(),
                3 => self.zombie(),
                4 if self.paused && self.dice.one_in(3) => self.resume(),
                5 | 6 => {
                    self.now = self
                        .now
                        .plus(i64::try_from(self.dice.roll() % 20_000).expect("small"));
                    self.feed(Event::Tick);
                }
                _ => {
                    self.happen();
                }
            }
        }
        shapes.for_each(|shape| self.accept(*shape));
        self.resume();
        for _ in 0..200_000 {
            if self.happen() {
                continue;
            }
            if self.paused {
                // A call from the time of the faults was refused for its key only now.
                self.resume();
                continue;
            }
            match self.holder.as_mut().and_then(|holder| holder.wake.take()) {
                Some(at) => self.now = self.now.max(at),
                None if self.settled() => return,
                None => panic!(
                    "stuck: nothing to do, but not everything is settled: {:?}",
                    self.rows
                ),
            }
            self.feed(Event::Tick);
        }
        panic!(
            "does not come to an end: cursor {}, rows {:?}",
            self.cursor,
            self.rows
                .values()
                .map(|row| (row.seq, row.state))
                .collect::<Vec<_>>()
        );
    }

    fn resume(&mut self) {
        self.tried.clear();
        self.paused = false;
        self.feed(Event::ConnectionResumed);
    }

    fn settled(&self) -> bool {
        self.cursor == self.log.last().map_or(0, |item| item.seq)
            && self
                .rows
                .values()
                .all(|row| matches!(row.state, State::Parked(_) | State::Unknown))
    }
}
