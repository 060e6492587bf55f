//! One promise of a lane per test, told step by step.
//! Promises that each test reads as a story: what came in, what the lane did.
//! Leaves the unforeseen to the model.

use super::{START, contact, item, read_body, story::*};
use crate::{
    delivery::{
        Act, BudgetSettings, CallOutcome, CommitFailure, Event, Mark, OpenException, Settings,
        State,
    },
    hub::{BatchMode, ConnectionDoc, UnknownEvents},
    time::Millis,
};

#[test]
fn a_lone_delivery_goes_at_once_and_the_cursor_moves_only_after_the_answer() {
    let mut story = Story::begin(Settings::default(), Vec::new());
    assert_eq!(
        story.acts,
        vec![Act::Read {
            after: 0,
            limit: 300
        }]
    );
    story.tell(Event::Rows {
        after: 0,
        items: people(1),
        more: false,
    });
    assert_eq!(story.sent(), Some(vec![1]));
    assert_eq!((story.lane.cursor(), story.commit()), (0, None));
    let commit = story.answer(accepted()).commit().expect("a commit");
    assert_eq!((commit.cursor, commit.fence), (1, 7));
    assert!(commit.put.is_empty() && commit.delete.is_empty());
    assert_eq!(
        commit.call.map(|call| (call.outcome, call.objects)),
        Some((CallOutcome::Accepted, 2))
    );
}

#[test]
fn the_next_call_waits_for_the_commit_of_the_last_one() {
    let mut story = Story::with(people(60));
    assert_eq!(story.sent().map(|seqs| seqs.len()), Some(37));
    assert_eq!(story.answer(accepted()).sent(), None);
    story.tell(Event::CommitFailed(CommitFailure::Storage));
    assert_eq!(story.sent(), None);
    assert!(story.wait().commit().is_some(), "the commit is tried again");
    assert_eq!(
        story.tell(Event::Committed).sent().map(|seqs| seqs.len()),
        Some(23)
    );
}

#[test]
fn who_has_an_older_delivery_under_way_waits_and_goes_right_after_it() {
    let retrying = |seq, due| OpenException {
        item: item(seq, 1, true, 0, 0),
        state: State::Retrying { due },
    };
    let mut story = Story::begin(Settings::default(), vec![retrying(1, START.plus(500))]);
    let rows = vec![
        item(3, 1, true, 0, 0),
        item(4, 2, true, 0, 0),
        item(5, 1, true, 0, 0),
    ];
    story.tell(Event::Rows {
        after: 0,
        items: rows,
        more: false,
    });
    assert_eq!(story.sent(), Some(vec![4]));
    let commit = story.answer_and_commit(accepted());
    assert_eq!(
        states(&commit),
        vec![(3, State::Waiting), (5, State::Waiting)]
    );
    assert_eq!((commit.cursor, story.sent()), (5, None));
    assert_eq!(story.wait().sent(), Some(vec![1]));
    assert_eq!(story.answer_and_commit(accepted()).delete, vec![1]);
    assert_eq!(story.sent(), Some(vec![3, 5]));
    assert_eq!(story.answer_and_commit(accepted()).delete, vec![3, 5]);
}

#[test]
fn the_rest_of_a_delivery_that_is_too_big_goes_before_its_contacts_next_one() {
    let mut story = Story::with(vec![item(1, 1, true, 90, 0), item(2, 1, true, 0, 0)]);
    let mut order = Vec::new();
    while let Some(seqs) = story.sent() {
        order.extend(seqs);
        story.answer_and_commit(accepted());
    }
    assert_eq!(order, vec![1, 1, 2]);
}

#[test]
fn a_replayed_delivery_sends_only_what_was_refused() {
    let mut story = Story::begin(Settings::default(), Vec::new());
    story.tell(Event::Rows {
        after: 0,
        items: vec![],
        more: false,
    });
    let mut parked = item(1, 1, true, 1, 0);
    (parked.marks, parked.attempts) = (vec![Mark::Delivered, Mark::Refused], 3);
    story.tell(Event::ReplayRequested {
        items: vec![parked],
    });
    let body = story.acts.iter().find_map(|act| match act {
        Act::Send { body, .. } => Some(read_body(body)),
        _ => None,
    });
    assert_eq!(body, Some(vec![("events".into(), 0, 1, 1)]));
    assert_eq!(story.answer_and_commit(accepted()).delete, vec![1]);
}

#[test]
fn a_holder_that_lost_its_lease_forgets_everything_and_sends_nothing() {
    let mut story = Story::with(people(50));
    story
        .answer(accepted())
        .tell(Event::CommitFailed(CommitFailure::LostLease));
    assert_eq!(story.acts, vec![Act::LeaseLost]);
    story.now = story.now.plus(1_000);
    assert_eq!(story.tell(Event::Woken).acts, vec![]);
}

#[test]
fn no_call_is_started_that_could_outlive_the_lease() {
    let mut lane = Story::begin(Settings::default(), Vec::new());
    lane.tell(Event::Leased {
        fence: 8,
        cursor: 0,
        tried: String::new(),
        exceptions: vec![],
        until: START.plus(14_000),
    });
    lane.tell(Event::Rows {
        after: 0,
        items: people(1),
        more: false,
    });
    assert_eq!(lane.sent(), None);
    assert_eq!(
        lane.tell(Event::Renewed {
            until: START.plus(30_000)
        })
        .sent(),
        Some(vec![1])
    );
}

#[test]
fn stopping_finishes_the_call_and_its_commit_and_sends_nothing_new() {
    let mut story = Story::with(people(60));
    assert_eq!(story.tell(Event::Stop).acts, vec![]);
    assert!(story.answer(accepted()).commit().is_some());
    assert_eq!(story.tell(Event::Committed).acts, vec![Act::Stopped]);
}

#[test]
fn a_busy_lane_lingers_a_moment_to_fill_its_call() {
    let mut story = Story::with(people(1));
    story.answer(accepted()).tell(Event::Committed);
    story.tell(Event::Woken).tell(Event::Woken);
    assert_eq!(
        story.acts,
        vec![Act::WakeAt(START.plus(20))],
        "rows are not read one by one as they come"
    );
    story.wait();
    assert!(matches!(story.acts[..], [Act::Read { after: 1, .. }]));
    story.tell(Event::Rows {
        after: 1,
        items: vec![item(2, 2, true, 0, 0), item(3, 3, true, 0, 0)],
        more: false,
    });
    assert_eq!(story.sent(), Some(vec![2, 3]));
}

#[test]
fn at_full_load_calls_are_as_full_as_braze_allows() {
    const DELIVERIES: i64 = 3_000;
    for (batch, most) in [(BatchMode::Combined75, 14), (BatchMode::PerArray75, 7)] {
        let mut settings = Settings::default();
        settings.limits.batch = batch;
        let mut story = Story::begin(settings, Vec::new());
        let (mut calls, mut objects) = (0, 0);
        let (mut read, mut sent, mut commits) = (None, None, false);
        // Each delivery has two objects, as that of an entry.
        while objects < 2 * DELIVERIES {
            for act in &story.acts {
                match act {
                    Act::Read { after, limit } => read = Some((*after, *limit)),
                    Act::Send { seqs, .. } => sent = Some(seqs.len()),
                    Act::Commit(_) => commits = true,
                    _ => {}
                }
            }
            if let Some((after, limit)) = read.take() {
                let last = DELIVERIES.min(after + i64::try_from(limit).unwrap());
                let items = people(last).split_off(usize::try_from(after).unwrap());
                story.tell(Event::Rows {
                    after,
                    items,
                    more: last < DELIVERIES,
                });
            } else if std::mem::take(&mut commits) {
                story.tell(Event::Committed);
            } else if let Some(deliveries) = sent.take() {
                calls += 1;
                objects += 2 * i64::try_from(deliveries).unwrap();
                story.answer(accepted());
            } else {
                story.wait();
            }
        }
        let allowed = most * objects / 1_000;
        assert!(
            calls <= allowed,
            "{batch:?}: {calls} calls, {allowed} allowed"
        );
    }
}

#[test]
fn rows_read_before_a_new_lease_are_ignored() {
    let mut story = Story::with(people(1));
    story.tell(Event::Leased {
        fence: 9,
        cursor: 0,
        tried: String::new(),
        exceptions: vec![],
        until: Millis(i64::MAX),
    });
    story.tell(Event::Rows {
        after: 1,
        items: vec![item(2, 2, true, 0, 0)],
        more: false,
    });
    assert_eq!(story.sent(), None);
    story.tell(Event::Rows {
        after: 0,
        items: people(2),
        more: false,
    });
    assert_eq!(story.sent(), Some(vec![1, 2]));
    assert_eq!(contact(1), people(1)[0].contact);
}

#[test]
fn a_connections_document_sets_batches_pace_and_what_happens_to_unknown_events() {
    let doc: ConnectionDoc = toml::from_str(
        r#"
        key = "braze"
        endpoint = "US-01"
        batch_mode = "combined-50"
        unknown_events = "drop"
        requests_per_window = [100, 60]
        user = { by = "email", from = "field:email" }
        "#,
    )
    .expect("a connection");
    let settings = Settings::of(&doc);
    assert_eq!(settings.limits.batch, BatchMode::Combined50);
    assert_eq!(settings.unknown_events, UnknownEvents::Drop);
    let pace = BudgetSettings::of(&doc);
    assert_eq!(
        (pace.requests, pace.seconds, pace.share_percent),
        (100, 60, 80)
    );
}

#[test]
fn a_retry_that_was_noted_by_a_clock_far_ahead_is_due_now() {
    const TWO_DAYS: i64 = 2 * 86_400_000;
    let ahead = START.plus(TWO_DAYS);
    let mut noted = item(1, 1, true, 0, 0);
    (noted.attempts, noted.first_tried) = (3, Some(ahead));
    let rows = vec![OpenException {
        item: noted,
        state: State::Retrying { due: ahead },
    }];
    let story = Story::begin(Settings::default(), rows);
    assert_eq!(story.sent(), Some(vec![1]));
}
