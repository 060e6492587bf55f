//! One promise of a lane per test, told step by step.
//! Promises that each test reads as a story: what came in, what the lane did.
//! Leaves the unforeseen to the model.

use super::{START, contact, item, read_body};
use crate::{
    delivery::{
        Act, Budget, BudgetSettings, CallOutcome, Commit, CommitFailure, Event, Item, Lane, Mark,
        OpenException, ParkReason, Settings, State,
    },
    hub::UnknownEvents,
    time::Millis,
};
use braze::{Answer, Array, ItemError, NotSentWhy, UnknownWhy};

struct Story {
    lane: Lane,
    budget: Budget,
    now: Millis,
    acts: Vec<Act>,
}

impl Story {
    fn begin(settings: Settings, exceptions: Vec<OpenException>) -> Self {
        let mut story = Self {
            lane: Lane::new(settings),
            budget: Budget::new(BudgetSettings::default()),
            now: START,
            acts: vec![],
        };
        story.tell(Event::Leased {
            fence: 7,
            cursor: 0,
            exceptions,
            until: Millis(i64::MAX),
        });
        story
    }

    /// A lane that has read these deliveries.
    fn with(items: Vec<Item>) -> Self {
        Self::with_settings(Settings::default(), items)
    }

    fn with_settings(settings: Settings, items: Vec<Item>) -> Self {
        let mut story = Self::begin(settings, Vec::new());
        story.tell(Event::Rows {
            after: 0,
            items,
            more: false,
        });
        story
    }

    fn tell(&mut self, event: Event) -> &mut Self {
        self.acts.clear();
        self.lane
            .step(self.now, event, 4_242, &mut self.budget, &mut self.acts);
        self
    }

    fn answer(&mut self, answer: Answer) -> &mut Self {
        let batch = self.lane.next_batch_for_tests() - 1;
        self.tell(Event::Answered {
            batch,
            answer,
            budget: None,
        })
    }

    /// Answers and lets the commit succeed; returns it.
    fn answer_and_commit(&mut self, answer: Answer) -> Commit {
        let commit = self.answer(answer).commit().expect("a commit");
        self.now = self.now.plus(100);
        self.tell(Event::Committed);
        while self.commit().is_some_and(|commit| commit.call.is_none()) {
            // Deliveries that only step aside are committed without a call.
            self.tell(Event::Committed);
        }
        commit
    }

    fn sent(&self) -> Option<Vec<i64>> {
        self.acts.iter().find_map(|act| match act {
            Act::Send { seqs, .. } => Some(seqs.clone()),
            _ => None,
        })
    }

    fn commit(&self) -> Option<Commit> {
        self.acts.iter().find_map(|act| match act {
            Act::Commit(commit) => Some(commit.clone()),
            _ => None,
        })
    }

    /// Waits as long as the lane asks for.
    fn wait(&mut self) -> &mut Self {
        let wake = self.acts.iter().find_map(|act| match act {
            Act::WakeAt(at) => Some(*at),
            _ => None,
        });
        self.now = wake.expect("a moment to wake at");
        self.tell(Event::Tick)
    }
}

fn accepted() -> Answer {
    Answer::Accepted {
        item_errors: Vec::new(),
        unassigned: Vec::new(),
    }
}

fn accepted_but(errors: &[(Array, usize)]) -> Answer {
    let item_errors = errors
        .iter()
        .map(|(array, index)| ItemError {
            kind: "EMAIL_BAD_FORMAT".into(),
            array: *array,
            index: *index,
        })
        .collect();
    Answer::Accepted {
        item_errors,
        unassigned: Vec::new(),
    }
}

fn people(count: i64) -> Vec<Item> {
    (1..=count)
        .map(|seq| item(seq, u128::try_from(seq).unwrap(), true, 1, 0))
        .collect()
}

fn states(commit: &Commit) -> Vec<(i64, State)> {
    commit.put.iter().map(|row| (row.seq, row.state)).collect()
}

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
        story.budget.succeeded();
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
    story.tell(Event::Woken).tell(Event::Rows {
        after: 1,
        items: vec![item(2, 2, true, 0, 0)],
        more: false,
    });
    assert_eq!(story.acts, vec![Act::WakeAt(START.plus(3))]);
    story.tell(Event::Woken).tell(Event::Rows {
        after: 2,
        items: vec![item(3, 3, true, 0, 0)],
        more: false,
    });
    assert_eq!(story.wait().sent(), Some(vec![2, 3]));
}

#[test]
fn rows_read_before_a_new_lease_are_ignored() {
    let mut story = Story::with(people(1));
    story.tell(Event::Leased {
        fence: 9,
        cursor: 0,
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
