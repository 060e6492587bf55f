//! What an answer of Braze means for every delivery of the call: done, again, split, park, unknown.
//! Promises: exactly the refused objects are parked, and nothing else is ever given up before its 72 hours.
//! Leaves moving the deliveries and the cursor to `work`.

use super::{Act, CallOutcome, CallRecord, Exception, Flight, Lane, Phase, Source, State, Trouble};
use crate::{
    delivery::{Budget, CallKind, Group, Item, Mark, ParkReason, Slot, backoff, item::Array},
    hub::UnknownEvents,
    time::Millis,
};

/// Failures before a batch is suspected, if the connection answers others meanwhile.
const SUSPECT_AFTER: u32 = 3;
/// Failures before a lane sets its first delivery apart, though nothing says that the connection is alive: it may be
/// that only this lane has something to send, and that this very delivery is the reason. It costs nothing: set apart it
/// keeps its place within its contact, and is tried as often.
const PROBE_AFTER: u32 = 6;
/// How many deliveries may be set apart in that way at once.
const PROBES: usize = 8;

/// No more of Braze's words about one delivery are kept once they are longer than this.
const WORDS: usize = 500;

/// What becomes of one delivery of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Done,
    Park(ParkReason),
    Unknown,
    /// Alone, not before the moment.
    Alone(Millis),
    /// In a row of its own, together with others.
    Wait,
    /// Of the log, held back by an older one of its contact.
    Held,
    /// Unchanged, where it was.
    Back,
}

/// A verdict and Braze's words.
#[derive(Clone, Debug)]
pub(super) struct Ruling {
    verdict: Verdict,
    detail: String,
}

impl Ruling {
    fn new(verdict: Verdict) -> Self {
        Self {
            verdict,
            detail: String::new(),
        }
    }
    pub(super) fn back() -> Self {
        Self::new(Verdict::Back)
    }
    pub(super) fn held() -> Self {
        Self::new(Verdict::Held)
    }
    /// For an item without open objects.
    pub(super) fn settled(item: &Item) -> Self {
        Self::new(if item.has(Mark::Refused) {
            Verdict::Park(ParkReason::of_item_error(&item.words))
        } else if item.has(Mark::Unknown) {
            Verdict::Unknown
        } else {
            Verdict::Done
        })
    }
    pub(super) fn alone(due: Millis) -> Self {
        Self::new(Verdict::Alone(due))
    }
    /// For an item that is given up, unless nothing of it was left to send.
    pub(super) fn parked(item: &Item, reason: ParkReason) -> Self {
        final_ruling(item, reason, String::new())
    }
    pub(super) fn is_back(&self) -> bool {
        self.verdict == Verdict::Back
    }
    pub(super) fn is_done(&self) -> bool {
        self.verdict == Verdict::Done
    }
    pub(super) fn is_settled(&self) -> bool {
        !matches!(self.verdict, Verdict::Back | Verdict::Held)
    }
    /// The state afterwards; `before` for what comes back; `None` for delivered.
    pub(super) fn state(&self, before: State) -> Option<State> {
        match self.verdict {
            Verdict::Done => None,
            Verdict::Park(reason) => Some(State::Parked(reason)),
            Verdict::Unknown => Some(State::Unknown),
            Verdict::Alone(due) => Some(State::Retrying { due }),
            Verdict::Wait | Verdict::Held => Some(State::Waiting),
            Verdict::Back => Some(before),
        }
    }
    pub(super) fn row(&self, item: &Item, state: State) -> Exception {
        Exception {
            seq: item.seq,
            contact: item.contact,
            state,
            attempts: item.attempts,
            first_tried: item.first_tried,
            marks: item.marks_text(),
            detail: if self.detail.is_empty() {
                item.words.clone()
            } else {
                self.detail.clone()
            },
        }
    }
}

impl Lane {
    pub(super) fn answered(
        &mut self,
        now: Millis,
        batch: u64,
        answer: braze::Answer,
        dice: u64,
        budget: &mut Budget,
        acts: &mut Vec<Act>,
    ) {
        let Some(mut flight) = self.landed(batch) else {
            return;
        };
        let call = record(&flight, now, describe(&answer));
        let rulings = match answer {
            braze::Answer::Accepted {
                item_errors,
                unassigned,
            } => {
                budget.succeeded(flight.source.group());
                self.relieve(flight.source);
                self.accepted(&mut flight, &item_errors, unassigned, now)
            }
            braze::Answer::RateLimited { wait } => {
                acts.push(Act::ConnectionLimited {
                    until: budget.limited(flight.source.group(), now, wait, dice),
                });
                all_back(&flight)
            }
            braze::Answer::TooLarge => self.refused(&mut flight, &[], None, now),
            braze::Answer::Refused {
                message,
                item_errors,
                ..
            } => self.refused(&mut flight, &item_errors, Some(&message), now),
            braze::Answer::KeyRefused { status, message } => {
                self.paused = true;
                let (sentence, remedy) = key_words(status);
                acts.push(Act::PauseConnection {
                    sentence,
                    remedy,
                    detail: format!("{status} {message}"),
                });
                all_back(&flight)
            }
            braze::Answer::NotPermitted { message, .. } => {
                self.not_permitted(&mut flight, &message)
            }
            braze::Answer::NotSent { .. } => self.failed(&mut flight, false, now, dice, budget),
            braze::Answer::Unavailable { .. } | braze::Answer::Unknown { .. } => {
                self.failed(&mut flight, true, now, dice, budget)
            }
        };
        let Flight {
            source,
            items,
            held,
            ..
        } = flight;
        self.settle(now, source, items, held, rulings, Some(call), acts);
    }

    /// The call under way, if it is this one: it is over.
    pub(super) fn landed(&mut self, batch: u64) -> Option<Flight> {
        match std::mem::take(&mut self.phase) {
            Phase::InFlight(flight) if flight.batch == batch => Some(flight),
            other => {
                self.phase = other;
                None
            }
        }
    }

    /// A source of work has got through.
    fn relieve(&mut self, source: Source) {
        match source {
            Source::Log(Group::Own) | Source::Free(Group::Own) => {
                self.own_trouble = Trouble::default();
            }
            Source::Log(Group::Track) => {
                self.pieces.pop_front();
                self.log_trouble.until = None;
                // While a bad item is being looked for, the next failing piece needs no three tries.
                if self.pieces.is_empty() {
                    self.log_trouble = Trouble::default();
                }
            }
            Source::Free(Group::Track) => self.free_trouble = Trouble::default(),
            Source::Alone(_) => {}
        }
    }

    fn accepted(
        &mut self,
        flight: &mut Flight,
        errors: &[braze::ItemError],
        mut unassigned: Vec<String>,
        now: Millis,
    ) -> Vec<Ruling> {
        let slots: Vec<Slot> = flight.packed.slots().collect();
        for slot in &slots {
            mark(&mut flight.items, *slot, Mark::Delivered);
        }
        let named = refuse_named(flight, errors, &mut unassigned);
        let lost = !unassigned.is_empty();
        let alone = flight.items.len() == 1;
        if lost {
            let drops = self.settings.unknown_events == UnknownEvents::Drop;
            for slot in slots {
                let Some(item) = item_of(&mut flight.items, slot) else {
                    continue;
                };
                let ordinal = ordinal_of(slot);
                if item.mark(ordinal) != Mark::Delivered {
                    continue;
                }
                item.set_mark(
                    ordinal,
                    match item.array_of(ordinal) {
                        _ if alone => Mark::Refused,
                        Array::Events | Array::Purchases if drops => Mark::Unknown,
                        _ => Mark::Open,
                    },
                );
            }
        }
        flight
            .items
            .iter_mut()
            .map(|item| {
                if item.open_objects() > 0 {
                    // Either sent in part, or of unknown fate: then alone, so that the refused one is found with one more copy at most.
                    item.attempts = item.attempts.saturating_add(u32::from(lost));
                    return Ruling::new(Verdict::Alone(now));
                }
                if lost && alone && !named {
                    return final_ruling(item, ParkReason::RefusedUnnamed, unassigned.join("; "));
                }
                Ruling::settled(item)
            })
            .collect()
    }

    /// The call was refused for its data: nothing of it was applied. `message` is `None` for "too large".
    fn refused(
        &mut self,
        flight: &mut Flight,
        errors: &[braze::ItemError],
        message: Option<&str>,
        now: Millis,
    ) -> Vec<Ruling> {
        if refuse_named(flight, errors, &mut Vec::new()) {
            self.relieve(flight.source);
            return flight
                .items
                .iter()
                .map(|item| match item.open_objects() {
                    0 => Ruling::settled(item),
                    _ => Ruling::new(Verdict::Wait),
                })
                .collect();
        }
        if flight.items.len() > 1 {
            return self.split(flight, now);
        }
        let objects = flight.packed.objects();
        let Some(item) = flight.items.first_mut() else {
            return Vec::new();
        };
        self.relieve(flight.source);
        if objects > 1 {
            self.object_cap = Some((item.seq, objects / 2));
            return vec![Ruling::new(Verdict::Alone(now))];
        }
        let reason = match message {
            Some(message) if item.call.is_some() => ParkReason::of_call_refusal(message),
            Some(_) => ParkReason::CallRefused,
            None => ParkReason::TooLarge,
        };
        let slots: Vec<Slot> = flight.packed.slots().collect();
        for slot in slots {
            mark(&mut flight.items, slot, Mark::Refused);
        }
        flight
            .items
            .iter()
            .map(|item| match item.open_objects() {
                0 => final_ruling(item, reason, message.unwrap_or_default().to_owned()),
                _ => Ruling::new(Verdict::Alone(now)),
            })
            .collect()
    }

    /// The key may not make this kind of call: it waits for somebody, and the rest of the connection goes on.
    fn not_permitted(&mut self, flight: &mut Flight, message: &str) -> Vec<Ruling> {
        self.relieve(flight.source);
        let reason = match &flight.packed.call {
            Some(CallKind::Smtp) => ParkReason::MailServerMissing,
            _ => ParkReason::NotPermitted,
        };
        let detail = match &flight.packed.call {
            Some(kind) if !kind.permission().is_empty() => {
                format!("{message} (permission {})", kind.permission())
            }
            _ => message.to_owned(),
        };
        flight
            .items
            .iter_mut()
            .map(|item| {
                item.turn(Mark::Open, Mark::Refused);
                final_ruling(item, reason, detail.clone())
            })
            .collect()
    }

    /// Halves a call from the log; what was free goes one by one.
    pub(super) fn split(&mut self, flight: &Flight, now: Millis) -> Vec<Ruling> {
        if !flight.source.is_log() {
            return flight
                .items
                .iter()
                .map(|_| Ruling::new(Verdict::Alone(now)))
                .collect();
        }
        let (all, half) = (flight.items.len(), flight.items.len() / 2);
        self.pieces.pop_front();
        self.pieces.push_front(all - half);
        self.pieces.push_front(half);
        all_back(flight)
    }

    /// The call did not get through. `ambiguous`: it may have been applied all the same.
    pub(super) fn failed(
        &mut self,
        flight: &mut Flight,
        ambiguous: bool,
        now: Millis,
        dice: u64,
        budget: &Budget,
    ) -> Vec<Ruling> {
        for item in &mut flight.items {
            item.attempts = item.attempts.saturating_add(1);
            item.first_tried.get_or_insert(flight.sent_at);
        }
        let gives_up = ambiguous
            && self.settings.unknown_events == UnknownEvents::Drop
            && flight
                .packed
                .slots()
                .any(|slot| is_unsafe(&flight.items, slot));
        if gives_up {
            let slots: Vec<Slot> = flight
                .packed
                .slots()
                .filter(|slot| is_unsafe(&flight.items, *slot))
                .collect();
            for slot in slots {
                mark(&mut flight.items, slot, Mark::Unknown);
            }
        }
        let rulings = match flight.source {
            Source::Alone(_) => flight
                .items
                .iter()
                .map(|item| Ruling::new(Verdict::Alone(again_at(item, now, dice))))
                .collect(),
            source => self.batch_failed(source, flight, ambiguous, gives_up, now, dice, budget),
        };
        let window = self.settings.retry_window_ms;
        flight
            .items
            .iter_mut()
            .zip(rulings)
            .map(|(item, ruling)| {
                if item.open_objects() == 0 {
                    return Ruling::settled(item);
                }
                if item
                    .first_tried
                    .is_none_or(|first| now.since(first) < window)
                {
                    return ruling;
                }
                item.turn(Mark::Open, Mark::Refused);
                Ruling {
                    verdict: Verdict::Park(ParkReason::RetryWindowOver),
                    detail: in_words(window),
                }
            })
            .collect()
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the second half of `failed`, not used elsewhere"
    )]
    fn batch_failed(
        &mut self,
        source: Source,
        flight: &Flight,
        ambiguous: bool,
        gives_up: bool,
        now: Millis,
        dice: u64,
        budget: &Budget,
    ) -> Vec<Ruling> {
        let successes = budget.successes(source.group());
        let trouble = self.trouble_mut(source);
        if trouble.fails == 0 {
            trouble.successes = successes;
        }
        trouble.fails = trouble.fails.saturating_add(1);
        trouble.last = (successes, Some(now));
        trouble.until = Some(now.plus(backoff::wait_ms(trouble.fails, dice)));
        let (fails, alive) = (trouble.fails, trouble.successes != successes);
        let failed = *trouble;
        if fails >= SUSPECT_AFTER && !alive && source.group() == Group::Track {
            self.outage = Some(successes);
        }
        if gives_up && source.group() == Group::Track {
            // What is left of them (attributes) must not lose the memory that the events are given up: rows of their own.
            self.free_trouble = Trouble {
                fails: failed.fails.max(self.free_trouble.fails),
                ..failed
            };
            self.pieces.clear();
            return flight
                .items
                .iter()
                .map(|_| Ruling::new(Verdict::Wait))
                .collect();
        }
        if !ambiguous {
            return all_back(flight);
        }
        let several = flight.items.len() > 1;
        if fails >= SUSPECT_AFTER && alive {
            // The connection answers others: it is something in this call.
            let soon = Some(now.plus(backoff::wait_ms(1, dice)));
            if several {
                self.trouble_mut(source).until = soon;
                return self.split(flight, now);
            }
            self.relieve(source);
            return flight
                .items
                .iter()
                .map(|item| Ruling::new(Verdict::Alone(again_at(item, now, dice))))
                .collect();
        }
        if fails >= PROBE_AFTER && self.open.retrying(source.group()) < PROBES {
            let mut rulings = all_back(flight);
            if let (Some(first), Some(item)) = (rulings.first_mut(), flight.items.first()) {
                *first = Ruling::new(Verdict::Alone(again_at(item, now, dice)));
            }
            return rulings;
        }
        all_back(flight)
    }

    fn trouble_mut(&mut self, source: Source) -> &mut Trouble {
        match source {
            Source::Log(Group::Track) => &mut self.log_trouble,
            Source::Free(Group::Own) | Source::Log(Group::Own) | Source::Alone(Group::Own) => {
                &mut self.own_trouble
            }
            Source::Free(Group::Track) | Source::Alone(Group::Track) => &mut self.free_trouble,
        }
    }
}

/// The record of a call for the ledger.
pub(super) fn record(
    flight: &Flight,
    answered_at: Millis,
    (outcome, status, detail): (CallOutcome, Option<u16>, String),
) -> CallRecord {
    CallRecord {
        sent_at: flight.sent_at,
        answered_at,
        first_seq: flight.items.first().map_or(0, |item| item.seq),
        last_seq: flight.items.last().map_or(0, |item| item.seq),
        listed: listed(flight),
        items: flight.items.len(),
        objects: flight.packed.objects(),
        outcome,
        status,
        detail,
    }
}

pub(super) fn again_at(item: &Item, now: Millis, dice: u64) -> Millis {
    now.plus(backoff::wait_ms(item.attempts, dice))
}

fn all_back(flight: &Flight) -> Vec<Ruling> {
    flight.items.iter().map(|_| Ruling::back()).collect()
}

/// Which deliveries a call carried, unless its first and last one say it all.
fn listed(flight: &Flight) -> Vec<i64> {
    let seqs = || flight.items.iter().map(|item| item.seq);
    let (Some(first), Some(last)) = (seqs().min(), seqs().max()) else {
        return Vec::new();
    };
    let between = |seq: i64| first < seq && seq < last;
    let whole = first == last
        || matches!(flight.source, Source::Log(_))
            && !flight.held.iter().any(|item| between(item.seq));
    if whole { Vec::new() } else { seqs().collect() }
}

fn final_ruling(item: &Item, reason: ParkReason, detail: String) -> Ruling {
    if item.has(Mark::Refused) {
        Ruling {
            verdict: Verdict::Park(reason),
            detail,
        }
    } else {
        Ruling::settled(item)
    }
}

/// Marks the objects that Braze named as refused; errors that name nothing we sent join `unassigned`.
/// Says whether any was named.
fn refuse_named(
    flight: &mut Flight,
    errors: &[braze::ItemError],
    unassigned: &mut Vec<String>,
) -> bool {
    let mut any = false;
    for error in errors {
        let slot = flight.packed.slot(error.array, error.index);
        let Some((slot, item)) =
            slot.and_then(|slot| item_of(&mut flight.items, slot).map(|item| (slot, item)))
        else {
            unassigned.push(error.kind.clone());
            continue;
        };
        any = true;
        item.set_mark(ordinal_of(slot), Mark::Refused);
        if item.words.len() < WORDS {
            let comma = if item.words.is_empty() { "" } else { "; " };
            item.words.push_str(comma);
            item.words.push_str(&error.kind);
        }
    }
    any
}

fn item_of(items: &mut [Item], slot: Slot) -> Option<&mut Item> {
    usize::try_from(slot.item)
        .ok()
        .and_then(|place| items.get_mut(place))
}

fn ordinal_of(slot: Slot) -> usize {
    usize::try_from(slot.ordinal).unwrap_or(usize::MAX)
}

fn mark(items: &mut [Item], slot: Slot, mark: Mark) {
    if let Some(item) = item_of(items, slot) {
        item.set_mark(ordinal_of(slot), mark);
    }
}

/// Whether sending the object twice would count twice (contract 2.5).
fn is_unsafe(items: &[Item], slot: Slot) -> bool {
    usize::try_from(slot.item)
        .ok()
        .and_then(|place| items.get(place))
        .is_some_and(|item| !item.is_repeatable(ordinal_of(slot)))
}

fn describe(answer: &braze::Answer) -> (CallOutcome, Option<u16>, String) {
    match answer {
        braze::Answer::Accepted {
            item_errors,
            unassigned,
        } if item_errors.is_empty() && unassigned.is_empty() => {
            (CallOutcome::Accepted, None, String::new())
        }
        braze::Answer::Accepted { unassigned, .. } => {
            (CallOutcome::AcceptedInPart, None, unassigned.join("; "))
        }
        braze::Answer::RateLimited { .. } => (CallOutcome::RateLimited, Some(429), String::new()),
        braze::Answer::TooLarge => (CallOutcome::TooLarge, None, String::new()),
        braze::Answer::Refused {
            status, message, ..
        } => (CallOutcome::Refused, http(*status), message.clone()),
        braze::Answer::KeyRefused { status, message } => {
            (CallOutcome::KeyRefused, Some(*status), message.clone())
        }
        braze::Answer::NotPermitted { status, message } => {
            (CallOutcome::Refused, http(*status), message.clone())
        }
        braze::Answer::Unavailable { status } => {
            (CallOutcome::Unavailable, Some(*status), String::new())
        }
        braze::Answer::Unknown { why } => (CallOutcome::Unknown, None, why.code().to_owned()),
        braze::Answer::NotSent { why } => (CallOutcome::NotSent, None, why.code().to_owned()),
    }
}

fn key_words(status: u16) -> (&'static str, &'static str) {
    match status {
        401 => (
            "Braze does not accept this connection's API key.",
            "Check that the key belongs to this endpoint's instance and workspace, enter it again, then resume the connection.",
        ),
        403 => (
            "Braze does not allow this connection's API key to send user data.",
            "Give the key the permission users.track and allow this server's address in Braze, then resume the connection.",
        ),
        404 => (
            "Braze does not know the address this connection calls.",
            "Correct the endpoint (the REST address of your Braze instance), then resume the connection.",
        ),
        _ => (
            "Braze refuses this connection as a whole.",
            "Check the endpoint and the API key with Braze's words below, then resume the connection.",
        ),
    }
}

/// A length of time for people: whole hours, or minutes below that.
fn in_words(millis: i64) -> String {
    let (count, unit) = match millis / 60_000 {
        minutes @ 0..60 => (minutes.max(1), "minute"),
        minutes => (minutes / 60, "hour"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

/// A status, unless the call ended before there was one.
fn http(status: u16) -> Option<u16> {
    (status != 0).then_some(status)
}
