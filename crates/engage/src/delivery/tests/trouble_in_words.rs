//! What a lane does when Braze refuses, fails, or says nothing: one promise per test.
//! Promises that each test reads as a story.
//! Leaves the unforeseen to the model.

use super::{START, item, read_body, story::*};
use crate::{
    delivery::{Act, Event, Group, ParkReason, Settings, State},
    hub::UnknownEvents,
};
use braze::{Answer, Array, ItemError, NotSentWhy, UnknownWhy};
use proptest::prelude::*;
use std::collections::BTreeSet;

#[test]
fn exactly_the_refused_delivery_is_parked_with_brazes_words() {
    let mut story = Story::with(vec![
        item(1, 1, false, 1, 0),
        item(2, 2, true, 1, 0),
        item(3, 3, true, 1, 0),
    ]);
    // attributes[0] belongs to delivery 2, not to the first delivery.
    let commit = story.answer_and_commit(accepted_but(&[(Array::Attributes, 0)]));
    assert_eq!(
        states(&commit),
        vec![(2, State::Parked(ParkReason::EmailNotValid))]
    );
    assert_eq!(
        (commit.put[0].marks.as_str(), commit.put[0].detail.as_str()),
        ("rd", "EMAIL_BAD_FORMAT")
    );
    assert_eq!(commit.cursor, 3);
}

#[test]
fn a_parked_delivery_holds_nobody_back() {
    let mut story = Story::with(vec![item(1, 1, true, 0, 0)]);
    let commit = story.answer_and_commit(Answer::Refused {
        status: 400,
        message: "No".into(),
        item_errors: vec![],
    });
    assert_eq!(
        states(&commit),
        vec![(1, State::Parked(ParkReason::CallRefused))]
    );
    story.tell(Event::Woken).tell(Event::Rows {
        after: 1,
        items: vec![item(2, 1, true, 0, 0)],
        more: false,
    });
    assert_eq!(story.sent(), Some(vec![2]));
}

#[test]
fn a_refused_call_is_halved_until_the_bad_delivery_is_alone() {
    let mut story = Story::with(people(9));
    let (mut parked, mut calls, mut delivered) = (Vec::new(), 0, Vec::new());
    while let Some(seqs) = story.sent() {
        calls += 1;
        let bad = seqs.contains(&6);
        let answer = if bad {
            Answer::Refused {
                status: 400,
                message: "?".into(),
                item_errors: vec![],
            }
        } else {
            accepted()
        };
        if !bad {
            delivered.extend(seqs);
        }
        let commit = story.answer_and_commit(answer);
        parked.extend(
            commit
                .put
                .iter()
                .filter(|row| matches!(row.state, State::Parked(_)))
                .map(|row| row.seq),
        );
        if story.sent().is_none() && story.acts.iter().any(|act| matches!(act, Act::WakeAt(_))) {
            story.wait();
        }
        assert!(calls < 30);
    }
    assert_eq!(parked, vec![6]);
    assert_eq!(delivered, vec![1, 2, 3, 4, 5, 7, 8, 9]);
}

#[test]
fn a_400_that_names_every_object_parks_them_all_without_another_call() {
    let mut story = Story::with(vec![item(1, 1, true, 0, 0), item(2, 2, true, 0, 0)]);
    let errors = (0..2).map(|index| ItemError {
        kind: "EMAIL_BAD_FORMAT".into(),
        array: Array::Attributes,
        index,
    });
    let answer = Answer::Refused {
        status: 400,
        message: "Valid data".into(),
        item_errors: errors.collect(),
    };
    let commit = story.answer_and_commit(answer);
    assert_eq!(commit.put.len(), 2);
    assert_eq!(commit.cursor, 2);
    assert_eq!(story.sent(), None);
}

#[test]
fn a_wrong_key_pauses_the_connection_and_keeps_everything() {
    let mut story = Story::with(people(3));
    story.answer(Answer::KeyRefused {
        status: 401,
        message: "Error authenticating credentials".into(),
    });
    assert!(
        story.acts.iter().any(
            |act| matches!(act, Act::PauseConnection { remedy, .. } if remedy.contains("key"))
        )
    );
    let commit = story.commit().expect("the call is recorded");
    assert_eq!((commit.cursor, commit.put.len()), (0, 0));
    story.tell(Event::Committed);
    story.now = story.now.plus(5 * 24 * 3_600_000);
    assert_eq!(story.tell(Event::Tick).sent(), None);
    assert_eq!(
        story.tell(Event::ConnectionResumed).sent(),
        Some(vec![1, 2, 3])
    );
}

#[test]
fn after_a_429_the_same_deliveries_go_again_when_the_wait_is_over() {
    let mut story = Story::with(people(2));
    story.answer_and_commit(Answer::RateLimited {
        wait: Some(std::time::Duration::from_secs(17)),
    });
    assert_eq!(story.sent(), None);
    let before = story.now;
    story.wait();
    assert!(story.now.since(before) >= 16_000);
    assert_eq!(story.sent(), Some(vec![1, 2]));
}

#[test]
fn in_an_outage_the_call_stays_whole_and_waits_longer_and_longer() {
    let mut story = Story::with(people(5));
    for _ in 0..5 {
        assert_eq!(story.sent(), Some(vec![1, 2, 3, 4, 5]));
        let commit = story.answer_and_commit(Answer::Unavailable { status: 503 });
        assert_eq!((commit.cursor, commit.put.len()), (0, 0));
        story.wait();
    }
    assert_eq!(story.answer_and_commit(accepted()).cursor, 5);
}

#[test]
fn a_call_that_keeps_failing_while_others_get_through_is_split_and_the_poison_set_apart() {
    let mut story = Story::with(people(4));
    let mut done = Vec::new();
    for _ in 0..40 {
        let Some(seqs) = story.sent() else {
            if story.acts.iter().any(|act| matches!(act, Act::WakeAt(_))) {
                story.wait();
                continue;
            }
            break;
        };
        let poison = seqs.contains(&2);
        if !poison {
            done.extend(seqs);
        }
        // Another lane's call gets through.
        story.budget.succeeded(Group::Track);
        let commit = story.answer_and_commit(if poison {
            Answer::Unavailable { status: 500 }
        } else {
            accepted()
        });
        assert!(
            commit.put.iter().all(|row| row.seq == 2),
            "{:?}",
            commit.put
        );
    }
    assert_eq!(done, vec![1, 3, 4]);
    assert_eq!(story.lane.cursor(), 4);
}

#[test]
fn rather_never_gives_up_the_events_and_repeats_the_attributes() {
    let settings = Settings {
        unknown_events: UnknownEvents::Drop,
        ..Settings::default()
    };
    let mut story = Story::with_settings(
        settings,
        vec![item(1, 1, true, 1, 0), item(2, 2, false, 1, 0)],
    );
    let commit = story.answer_and_commit(Answer::Unknown {
        why: UnknownWhy::Timeout,
    });
    assert_eq!(
        states(&commit),
        vec![(1, State::Waiting), (2, State::Unknown)]
    );
    assert_eq!(
        commit
            .put
            .iter()
            .map(|row| row.marks.as_str())
            .collect::<Vec<_>>(),
        vec!["ou", "u"]
    );
    assert_eq!(story.wait().sent(), Some(vec![1]));
    let body = story.acts.iter().find_map(|act| match act {
        Act::Send { body, .. } => Some(read_body(body)),
        _ => None,
    });
    assert_eq!(body, Some(vec![("attributes".into(), 0, 1, 0)]));
    assert_eq!(
        states(&story.answer_and_commit(accepted())),
        vec![(1, State::Unknown)]
    );
}

#[test]
fn what_was_certainly_not_sent_is_tried_for_72_hours_and_then_parked() {
    let mut story = Story::with(people(1));
    let first = story.now;
    loop {
        let commit = story.answer_and_commit(Answer::NotSent {
            why: NotSentWhy::Dns,
        });
        if let Some(row) = commit
            .put
            .iter()
            .find(|row| matches!(row.state, State::Parked(_)))
        {
            assert_eq!(row.state, State::Parked(ParkReason::RetryWindowOver));
            break;
        }
        if story.sent().is_none() {
            story.wait();
        }
    }
    assert!((72 * 3_600_000..73 * 3_600_000).contains(&story.now.since(first)));
}

#[test]
fn an_error_that_names_nothing_sends_each_delivery_once_more_alone() {
    let mut story = Story::with(people(3));
    let answer = || Answer::Accepted {
        item_errors: vec![],
        unassigned: vec!["?".into()],
    };
    story.answer_and_commit(answer());
    let mut sent = Vec::new();
    while let Some(seqs) = story.sent() {
        let commit = story.answer_and_commit(if seqs == [2] { answer() } else { accepted() });
        assert_eq!(commit.put.len(), usize::from(seqs == [2]));
        sent.push(seqs);
    }
    assert_eq!(sent, vec![vec![1], vec![2], vec![3]]);
}

proptest! {
    #[test]
    fn of_any_call_with_any_bad_deliveries_all_good_ones_arrive_once_and_exactly_the_bad_ones_are_parked(
        count in 1_i64..=75,
        bad in proptest::collection::btree_set(1_i64..=75, 0..6),
        says_too_large: bool,
    ) {
        let mut story = Story::with((1..=count).map(|seq| item(seq, 1, true, 0, 0)).collect());
        let (mut parked, mut arrived, mut calls) = (BTreeSet::new(), Vec::new(), 0);
        while let Some(seqs) = story.sent() {
            calls += 1;
            prop_assert!(calls < 200, "does not end");
            let answer = if !seqs.iter().any(|seq| bad.contains(seq)) {
                arrived.extend(seqs);
                accepted()
            } else if says_too_large {
                Answer::TooLarge
            } else {
                Answer::Refused { status: 400, message: "Bad Request".into(), item_errors: vec![] }
            };
            let commit = story.answer_and_commit(answer);
            parked.extend(commit.put.iter().map(|row| row.seq));
            if story.sent().is_none() && story.acts.iter().any(|act| matches!(act, Act::WakeAt(_))) {
                story.wait();
            }
        }
        let expected: BTreeSet<i64> = bad.into_iter().filter(|seq| *seq <= count).collect();
        let good: Vec<i64> = (1..=count).filter(|seq| !expected.contains(seq)).collect();
        prop_assert_eq!(parked, expected);
        prop_assert_eq!(arrived, good);
    }
}

#[test]
fn a_restart_during_an_outage_does_not_begin_the_retry_window_anew() {
    let settings = Settings {
        retry_window_ms: 3_600_000,
        ..Settings::default()
    };
    let mut story = Story::with_settings(settings, people(2));
    let outage = || Answer::Unavailable { status: 503 };
    let commit = story.answer_and_commit(outage());
    let tried = commit.tried.expect("what was tried is written down");
    // A later one is tried together with them, and its own window begins then.
    story.tell(Event::Woken);
    story.tell(Event::Rows {
        after: 2,
        items: vec![item(3, 3, true, 0, 0)],
        more: false,
    });
    story.now = START.plus(1_800_000);
    story.tell(Event::Tick);
    let commit = story.answer_and_commit(outage());
    let later = commit.tried.expect("and so is this");
    assert_ne!(tried, later);

    let mut story = Story::again(settings, Vec::new(), later);
    story.now = START.plus(3_700_000);
    story.tell(Event::Rows {
        after: 0,
        items: [people(2), vec![item(3, 3, true, 0, 0)]].concat(),
        more: false,
    });
    let commit = story.answer_and_commit(outage());
    assert_eq!(
        states(&commit),
        [1, 2].map(|seq| (seq, State::Parked(ParkReason::RetryWindowOver))),
        "an hour is over for the first two only"
    );
    assert_eq!(commit.put[0].detail, "1 hour");
}

#[test]
fn when_somebody_gets_through_after_an_outage_nobody_waits_for_an_old_backoff() {
    let mut story = Story::with(people(9));
    let away = Answer::Unavailable { status: 503 };
    let mut failures = 0;
    while failures < 10 || story.sent().is_some() {
        if story.sent().is_some() {
            story.answer_and_commit(away.clone());
            failures += 1;
        } else {
            story.wait();
        }
    }
    // Another lane of the connection has got through.
    story.now = story.now.plus(1_000);
    story.budget.succeeded(Group::Track);
    story.tell(Event::Tick);
    let mut delivered = Vec::new();
    while let Some(seqs) = story.sent() {
        delivered.extend(seqs);
        story.answer_and_commit(accepted());
    }
    delivered.sort_unstable();
    assert_eq!(
        delivered,
        (1..=9).collect::<Vec<_>>(),
        "all of them, at once"
    );
}
