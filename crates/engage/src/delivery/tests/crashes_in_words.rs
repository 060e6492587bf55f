//! What a lane does when the program itself panics while a call is made: one promise per test.
//! Promises that each test reads as a story.
//! Leaves catching the panic to the worker's tests.

use super::{item, story::*};
use crate::{
    delivery::{Event, ParkReason, Settings, State},
    hub::UnknownEvents,
};

#[test]
fn who_brings_the_program_down_is_found_and_parked_and_everybody_else_arrives() {
    let mut story = Story::with(people(9));
    let (mut crashes, mut delivered, mut parked) = (0, Vec::new(), Vec::new());
    loop {
        let Some(seqs) = story.sent() else {
            if parked.is_empty() {
                story.wait();
                continue;
            }
            break;
        };
        if seqs.contains(&6) {
            crashes += 1;
            let commit = story.crash();
            let states = states(&commit).into_iter();
            parked.extend(states.filter(|(_, state)| matches!(state, State::Parked(_))));
            story.now = story.now.plus(100);
            story.tell(Event::Committed);
        } else {
            delivered.extend(seqs);
            story.answer_and_commit(accepted());
        }
    }
    assert_eq!(parked, [(6, State::Parked(ParkReason::Crashed))]);
    delivered.sort_unstable();
    assert_eq!(delivered, [1, 2, 3, 4, 5, 7, 8, 9]);
    assert!(crashes <= 8, "{crashes} crashes");
}

#[test]
fn one_crash_is_no_reason_to_give_anything_up() {
    let mut story = Story::with(vec![item(1, 1, true, 1, 0)]);
    let commit = story.crash();
    assert!(matches!(states(&commit)[..], [(1, State::Retrying { .. })]));
    story.tell(Event::Committed).wait();
    assert_eq!(story.sent(), Some(vec![1]));
    let commit = story.answer_and_commit(accepted());
    assert_eq!((commit.cursor, commit.delete), (1, vec![1]));
}

#[test]
fn rather_never_gives_up_the_events_of_a_call_that_crashed() {
    let settings = Settings {
        unknown_events: UnknownEvents::Drop,
        ..Settings::default()
    };
    let mut story = Story::with_settings(settings, vec![item(1, 1, false, 1, 0)]);
    assert_eq!(states(&story.crash()), [(1, State::Unknown)]);
}
