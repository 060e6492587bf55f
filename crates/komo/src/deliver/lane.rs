//! One leased lane: feeds events to its state machine and carries out what it says. The machine is pure; all IO is here.

use std::{collections::VecDeque, sync::Arc};

use engage::{
    delivery::{Act, Commit, CommitFailure, Event, Lane},
    time::Millis,
};
use futures_util::future::OptionFuture;
use metrics::{counter, histogram};
use store::{
    StoreError,
    outbox::{self, Leased},
};
use tokio::{sync::watch, task::JoinHandle};

use super::{
    connection::{Shared, until},
    send,
};
use crate::clock;

/// A lane looks at its log this often even if nobody has woken it.
const POLL_MS: i64 = 5_000;

/// Rows that another transaction is about to make visible (PostgreSQL) are looked for this soon.
const SOON_MS: i64 = 10;

/// What a lane has under way besides its timer: never more than one of each.
#[derive(Default)]
struct UnderWay {
    read: Option<(i64, JoinHandle<store::Result<outbox::LaneRows>>)>,
    call: Option<(u64, JoinHandle<braze::Call>)>,
    commit: Option<JoinHandle<store::Result<()>>>,
    renewal: Option<(Millis, JoinHandle<store::Result<bool>>)>,
}

/// Runs a lane until its lease is lost or the connection stops.
pub(super) async fn run(
    shared: Arc<Shared>,
    leased: Leased,
    leased_until: Millis,
    mut stop: watch::Receiver<bool>,
) {
    let (lane_id, fence) = (leased.lane, leased.fence);
    let waker = shared.deliver.wakers.of(lane_id);
    let lease_ms = shared.deliver.settings.lease_ms;
    let mut machine = Lane::new(shared.lane_settings);
    let mut under_way = UnderWay::default();
    let mut events = VecDeque::from([Event::Leased {
        fence,
        cursor: leased.cursor,
        tried: leased.tried,
        exceptions: leased.exceptions,
        until: leased_until,
    }]);
    let mut acts = Vec::new();
    let mut wake_at: Option<Millis> = None;
    let mut poll_at = clock::now().plus(POLL_MS);
    let mut renew_at = clock::now().plus(lease_ms / 3);
    let mut stopping = false;
    if *stop.borrow() {
        events.push_back(Event::Stop);
        stopping = true;
    }
    let mut clock_set = shared.clock_set.clone();
    clock_set.mark_unchanged();

    loop {
        while let Some(event) = events.pop_front() {
            wake_at = None;
            let there = is_there(&event);
            shared.with_budget(|budget| {
                machine.step(clock::now(), event, clock::dice(), budget, &mut acts);
            });
            if let Some(there) = there {
                shared.heard(there);
            }
            for act in acts.drain(..) {
                match act {
                    Act::Read { after, limit } => {
                        let store = shared.deliver.store.clone();
                        let read = tokio::spawn(async move {
                            outbox::read(&store, lane_id, after, limit).await
                        });
                        under_way.read = Some((after, read));
                    }
                    Act::Send {
                        batch, call, body, ..
                    } => {
                        let shared = Arc::clone(&shared);
                        let sent =
                            tokio::spawn(async move { send::send(&shared, call, body).await });
                        under_way.call = Some((batch, sent));
                    }
                    Act::Commit(commit) => {
                        under_way.commit =
                            Some(tokio::spawn(write(Arc::clone(&shared), lane_id, commit)));
                    }
                    Act::WakeAt(moment) => wake_at = Some(moment),
                    Act::PauseConnection {
                        sentence,
                        remedy,
                        detail,
                    } => {
                        let mut text = format!("{sentence} {remedy}");
                        if !detail.is_empty() {
                            text.push_str(" Braze says: ");
                            text.push_str(&detail);
                        }
                        let shared = Arc::clone(&shared);
                        tokio::spawn(async move { shared.pause("key_refused", text).await });
                    }
                    Act::ConnectionLimited { until } => {
                        counter!("komo_delivery_rate_limited_total").increment(1);
                        tracing::info!(connection.id = %shared.connection.id, wait_ms = until.since(clock::now()), "the connection is rate limited");
                    }
                    Act::LeaseLost => {
                        tracing::warn!(connection.id = %shared.connection.id, lane = lane_id, "the lane has passed to another worker");
                        return;
                    }
                    Act::Idle => {}
                    Act::Stopped => return release(&shared, lane_id, fence).await,
                }
            }
        }

        let timer = [wake_at, Some(poll_at), Some(renew_at)]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(poll_at);
        tokio::select! {
            biased;
            Some(done) = OptionFuture::from(under_way.commit.as_mut()) => {
                under_way.commit = None;
                events.push_back(match done {
                    Ok(Ok(())) => Event::Committed,
                    Ok(Err(StoreError::LeaseLost)) => Event::CommitFailed(CommitFailure::LostLease),
                    Ok(Err(error)) => {
                        tracing::warn!(connection.id = %shared.connection.id, %error, "a delivery's outcome could not be stored; trying again");
                        Event::CommitFailed(CommitFailure::Storage)
                    }
                    Err(_) => Event::CommitFailed(CommitFailure::Storage),
                });
            }
            Some(done) = OptionFuture::from(under_way.call.as_mut().map(|(_, call)| call)) => {
                let Some((batch, _)) = under_way.call.take() else { continue };
                events.push_back(match done {
                    Ok(call) => answered(&shared, batch, call),
                    Err(error) => {
                        counter!("komo_delivery_crashes_total").increment(1);
                        tracing::error!(connection.id = %shared.connection.id, lane = lane_id, "making a call has failed, a mistake of ours; it is tried again: {error}");
                        Event::Crashed { batch }
                    }
                });
            }
            Some(done) = OptionFuture::from(under_way.read.as_mut().map(|(_, read)| read)) => {
                let Some((after, _)) = under_way.read.take() else { continue };
                match done {
                    Ok(Ok(rows)) => {
                        if rows.soon {
                            poll_at = clock::now().plus(SOON_MS);
                        }
                        events.push_back(Event::Rows { after, items: rows.items, more: rows.more });
                    }
                    failed => {
                        if let Ok(Err(error)) = failed {
                            tracing::warn!(connection.id = %shared.connection.id, %error, "a lane can't be read at the moment");
                        }
                        // An empty answer ends the read; the next poll asks again.
                        events.push_back(Event::Rows { after, items: Vec::new(), more: false });
                    }
                }
            }
            Some(done) = OptionFuture::from(under_way.renewal.as_mut().map(|(_, renewal)| renewal)) => {
                let Some((to, _)) = under_way.renewal.take() else { continue };
                match done {
                    Ok(Ok(true)) => events.push_back(Event::Renewed { until: to }),
                    Ok(Ok(false)) => events.push_back(Event::CommitFailed(CommitFailure::LostLease)),
                    _ => renew_at = clock::now().plus(500),
                }
            }
            () = waker.notified() => events.push_back(Event::Woken),
            changed = stop.changed(), if !stopping => {
                if changed.is_err() || *stop.borrow() {
                    stopping = true;
                    events.push_back(Event::Stop);
                }
            }
            // Every moment that the lane remembers is another one now: it ends, and begins anew with what is stored.
            Ok(()) = clock_set.changed(), if !stopping => {
                stopping = true;
                events.push_back(Event::Stop);
            }
            () = tokio::time::sleep(until(timer)) => {
                let now = clock::now();
                if now >= renew_at {
                    let to = now.plus(lease_ms);
                    renew_at = now.plus(lease_ms / 3);
                    let (store, owner) = (shared.deliver.store.clone(), Arc::clone(&shared.deliver.owner));
                    let renewal = tokio::spawn(async move {
                        store.write(move |tx| Box::pin(async move { outbox::renew(tx, lane_id, &owner, fence, to).await })).await
                    });
                    under_way.renewal = Some((to, renewal));
                }
                if now >= poll_at {
                    poll_at = now.plus(POLL_MS);
                    events.push_back(Event::Woken);
                } else {
                    events.push_back(Event::Tick);
                }
            }
        }
    }
}

/// Whether an answer shows that Braze takes calls, or that it does not; nothing when it shows neither.
const fn is_there(event: &Event) -> Option<bool> {
    match event {
        Event::Answered { answer, .. } => match answer {
            braze::Answer::Accepted { .. } => Some(true),
            braze::Answer::Unavailable { .. }
            | braze::Answer::Unknown { .. }
            | braze::Answer::NotSent { .. } => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn answered(shared: &Shared, batch: u64, call: braze::Call) -> Event {
    counter!("komo_delivery_calls_total", "status" => call.status.map_or_else(|| "none".to_owned(), |status| status.to_string())).increment(1);
    histogram!("komo_delivery_call_seconds").record(call.duration.as_secs_f64());
    if let Some(problem) = call.answer.explain() {
        tracing::warn!(connection.id = %shared.connection.id, status = call.status, "a call was not fully taken: {}", problem.what);
    }
    Event::Answered {
        batch,
        answer: call.answer,
        budget: call.budget,
    }
}

async fn write(shared: Arc<Shared>, lane_id: i64, commit: Commit) -> store::Result<()> {
    let objects = commit.call.as_ref().map_or(0, |call| call.objects as u64);
    let done = shared
        .deliver
        .store
        .write(move |tx| Box::pin(outbox::commit(tx, lane_id, commit, clock::now())))
        .await;
    if done.is_ok() {
        counter!("komo_delivery_objects_total").increment(objects);
    }
    done
}

/// Gives the lane back, so that another node need not wait for the lease to run out.
async fn release(shared: &Shared, lane_id: i64, fence: i64) {
    let owner = Arc::clone(&shared.deliver.owner);
    let released = shared.deliver.store.write(move |tx| {
        Box::pin(async move { outbox::release(tx, lane_id, &owner, fence).await })
    });
    if let Err(error) = released.await {
        tracing::debug!(%error, "the lease was not given back; it runs out by itself");
    }
}
