//! The pace of a connection: never too fast, never before a wait is over.
//! Promises that windows are checked wherever they begin.
//! Leaves the reading of headers to the `braze` crate.

use super::START;
use crate::{
    delivery::{Budget, BudgetSettings, Group, Take},
    time::Millis,
};
use proptest::prelude::*;
use std::time::Duration;

fn send_as_fast_as_possible(budget: &mut Budget, for_ms: i64) -> Vec<Millis> {
    let (mut now, mut sent) = (START, Vec::new());
    while now.since(START) < for_ms {
        match budget.take(Group::Track, now) {
            Take::Ok => sent.push(now),
            Take::WaitUntil(at) => {
                assert!(at > now, "a wait must lead on");
                now = at;
            }
        }
    }
    sent
}

#[test]
fn the_default_sends_at_four_fifths_of_brazes_rate() {
    let sent = send_as_fast_as_possible(&mut Budget::new(BudgetSettings::default()), 30_000).len();
    assert!((23_900..=24_700).contains(&sent), "{sent} calls in 30 s");
}

#[test]
fn a_clock_that_is_set_changes_neither_the_pace_nor_a_wait() {
    const TWO_DAYS: i64 = 2 * 86_400_000;
    for by_ms in [-TWO_DAYS, -3_600_000, 3_600_000, TWO_DAYS] {
        let mut budget = Budget::new(BudgetSettings::default());
        let before = send_as_fast_as_possible(&mut budget, 3_000).len();
        let until = budget.limited(
            Group::Track,
            START.plus(3_000),
            Some(Duration::from_secs(17)),
            0,
        );
        budget.clock_set(by_ms);
        let now = START.plus(3_000 + by_ms);
        assert_eq!(
            budget.check(Group::Track, now),
            Some(until.plus(by_ms)),
            "the wait is as long as before"
        );
        let (mut now, mut sent) = (until.plus(by_ms), 0);
        let end = now.plus(3_000);
        while now < end {
            match budget.take(Group::Track, now) {
                Take::Ok => sent += 1,
                Take::WaitUntil(at) => now = at,
            }
        }
        assert!(
            sent >= before - 10 && sent <= 3_000,
            "{sent} calls, {before} before"
        );
    }
}

#[test]
fn after_a_429_nobody_sends_before_the_wait_is_over_and_at_most_a_fifth_later() {
    let mut budget = Budget::new(BudgetSettings::default());
    let until = budget.limited(
        Group::Track,
        START,
        Some(Duration::from_secs(17)),
        12_345_678,
    );
    assert!((17_000..=20_400).contains(&until.since(START)));
    assert_eq!(
        budget.take(Group::Track, until.plus(-1)),
        Take::WaitUntil(until)
    );
    assert_eq!(budget.take(Group::Track, until), Take::Ok);
}

#[test]
fn a_429_without_a_wait_doubles_from_one_second_and_success_starts_over() {
    let mut budget = Budget::new(BudgetSettings::default());
    assert_eq!(
        budget.limited(Group::Track, START, None, 0).since(START),
        1_000
    );
    assert_eq!(
        budget
            .limited(Group::Track, START, Some(Duration::ZERO), 0)
            .since(START),
        2_000
    );
    assert_eq!(
        budget.limited(Group::Track, START, None, 0).since(START),
        4_000
    );
    budget.succeeded(Group::Track);
    let later = START.plus(60_000);
    assert_eq!(
        budget.limited(Group::Track, later, None, 0).since(later),
        1_000
    );
}

#[test]
fn no_wait_is_longer_than_an_hour_and_its_jitter() {
    let mut budget = Budget::new(BudgetSettings::default());
    let until = budget.limited(
        Group::Track,
        START,
        Some(Duration::from_hours(25)),
        u64::MAX - 1,
    );
    assert!(until.since(START) <= 3_600_000 * 12 / 10);
}

#[test]
fn when_the_hours_rest_is_used_up_nothing_is_sent_until_it_resets() {
    let mut budget = Budget::new(BudgetSettings::default());
    let headers = braze::Budget {
        limit: 1_000,
        remaining: 0,
        resets_in: Duration::from_secs(40),
    };
    budget.learn(Group::Track, START, &headers);
    assert_eq!(
        budget.take(Group::Track, START),
        Take::WaitUntil(START.plus(40_000))
    );
}

#[test]
fn the_last_tenth_of_the_hour_is_spread_over_what_is_left_of_it() {
    let mut budget = Budget::new(BudgetSettings::default());
    let headers = braze::Budget {
        limit: 1_000,
        remaining: 50,
        resets_in: Duration::from_secs(100),
    };
    budget.learn(Group::Track, START, &headers);
    let sent = send_as_fast_as_possible(&mut budget, 99_000).len();
    assert!((30..=51).contains(&sent), "{sent}");
}

proptest! {
    #[test]
    fn no_window_of_any_start_holds_more_calls_than_allowed(
        requests in 1_u32..60, seconds in 1_u32..5, share_percent in 1_u32..=100,
        pauses in proptest::collection::vec(0_i64..4_000, 1..30),
    ) {
        let mut budget = Budget::new(BudgetSettings { requests, seconds, share_percent });
        let (mut now, mut sent) = (START, Vec::new());
        for pause in pauses {
            now = now.plus(pause);
            for _ in 0..requests * 2 {
                if budget.take(Group::Track, now) == Take::Ok { sent.push(now); }
                now = now.plus(1);
            }
        }
        let window = i64::from(seconds) * 1_000;
        for (place, first) in sent.iter().enumerate() {
            let calls = sent[place..].iter().take_while(|at| at.since(*first) < window).count();
            prop_assert!(calls <= requests as usize, "{calls} calls in {seconds} s, allowed {requests}");
        }
        prop_assert!(!sent.is_empty());
    }
}
