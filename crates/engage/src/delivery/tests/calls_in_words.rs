//! Calls of their own in a lane, told step by step.
//! Promises that they keep the order of their contact, and that neither they nor `/users/track` hold back others.
//! Leaves the unforeseen to the model.

use super::{START, item, own_call, story::*};
use crate::{
    delivery::{Act, CallKind, Group, ParkReason, Settings, State},
    hub::UnknownEvents,
};
use braze::{Answer, UnknownWhy};
use std::time::Duration;

fn called(story: &Story) -> Option<(Option<CallKind>, Vec<i64>)> {
    story.acts.iter().find_map(|act| match act {
        Act::Send { call, seqs, .. } => Some((call.clone(), seqs.clone())),
        _ => None,
    })
}

fn lost() -> Answer {
    Answer::Unknown {
        why: UnknownWhy::ConnectionLost,
    }
}

#[test]
fn a_call_of_its_own_is_sent_alone_after_what_its_contact_said_before() {
    let mut story = Story::with(vec![
        item(1, 1, true, 1, 0),
        own_call(2, 1, CallKind::Identify),
        item(3, 1, true, 0, 0),
        item(4, 2, true, 0, 0),
    ]);
    assert_eq!(
        called(&story),
        Some((None, vec![1, 4])),
        "others do not wait for it"
    );
    let commit = story.answer(accepted()).commit().expect("a commit");
    assert_eq!(
        states(&commit),
        vec![(2, State::Waiting), (3, State::Waiting)]
    );
    story.now = story.now.plus(100);
    story.tell(crate::delivery::Event::Committed);
    assert_eq!(called(&story), Some((Some(CallKind::Identify), vec![2])));
    assert_eq!(story.answer_and_commit(accepted()).delete, vec![2]);
    assert_eq!(called(&story), Some((None, vec![3])));
}

#[test]
fn a_hundred_mails_hold_back_a_fresh_entry_by_one_call_at_most() {
    let mut rows: Vec<_> = (1..=100)
        .map(|seq| own_call(seq, u128::try_from(seq).unwrap(), CallKind::CampaignTrigger))
        .collect();
    rows.push(item(101, 500, true, 1, 0));
    let mut story = Story::with(rows);
    assert_eq!(called(&story), Some((None, vec![101])));
    story.answer_and_commit(accepted());
    assert_eq!(called(&story).map(|(_, seqs)| seqs), Some(vec![1]));
    // While the mails go one by one, another entry comes.
    story.tell(crate::delivery::Event::Woken);
    story.tell(crate::delivery::Event::Rows {
        after: 101,
        items: vec![item(102, 501, true, 1, 0)],
        more: false,
    });
    story.answer_and_commit(accepted());
    assert_eq!(called(&story), Some((None, vec![102])));
    story.answer_and_commit(accepted());
    assert_eq!(called(&story).map(|(_, seqs)| seqs), Some(vec![2]));
}

#[test]
fn a_key_without_the_permission_parks_the_call_and_pauses_nothing() {
    let mut story = Story::with(vec![
        own_call(1, 1, CallKind::Delete),
        item(2, 1, true, 0, 0),
    ]);
    let commit = {
        assert_eq!(
            called(&story).map(|(_, seqs)| seqs),
            None,
            "both step aside first"
        );
        let commit = story.commit().expect("they become rows");
        assert_eq!(
            states(&commit),
            vec![(1, State::Waiting), (2, State::Waiting)]
        );
        story.tell(crate::delivery::Event::Committed);
        assert_eq!(called(&story), Some((Some(CallKind::Delete), vec![1])));
        story
            .answer(Answer::NotPermitted {
                status: 403,
                message: "You do not have permission to access this resource".into(),
            })
            .commit()
            .expect("a commit")
    };
    assert_eq!(
        states(&commit),
        vec![(1, State::Parked(ParkReason::NotPermitted))]
    );
    assert!(
        commit.put[0].detail.contains("users.delete"),
        "{}",
        commit.put[0].detail
    );
    assert!(
        !story
            .acts
            .iter()
            .any(|act| matches!(act, Act::PauseConnection { .. })),
        "the connection goes on"
    );
    story.tell(crate::delivery::Event::Committed);
    assert_eq!(called(&story), Some((None, vec![2])));
}

#[test]
fn a_paused_campaign_parks_its_message_with_words_about_the_campaign() {
    let mut story = Story::with(vec![own_call(1, 1, CallKind::CampaignTrigger)]);
    let commit = story.answer_and_commit(Answer::Refused {
        status: 400,
        message: "The campaign is paused.".into(),
        item_errors: Vec::new(),
    });
    assert_eq!(
        states(&commit),
        vec![(1, State::Parked(ParkReason::CampaignNotUsable))]
    );
}

#[test]
fn an_unknown_fate_is_repeated_where_that_is_harmless_and_else_the_connection_decides() {
    for (kind, choice, given_up) in [
        (CallKind::Delete, UnknownEvents::Drop, false),
        (CallKind::CampaignTrigger, UnknownEvents::Repeat, false),
        (CallKind::CampaignTrigger, UnknownEvents::Drop, true),
        (
            CallKind::TransactionalEmail {
                campaign: "c".to_owned(),
            },
            UnknownEvents::Drop,
            false,
        ),
    ] {
        let settings = Settings {
            unknown_events: choice,
            ..Settings::default()
        };
        let mut story = Story::with_settings(settings, vec![own_call(1, 1, kind.clone())]);
        let commit = story.answer_and_commit(lost());
        if given_up {
            assert_eq!(states(&commit), vec![(1, State::Unknown)], "{kind}");
            assert_eq!((commit.cursor, called(&story)), (1, None));
        } else {
            assert_eq!(commit.cursor, 0, "{kind}");
            story.wait();
            assert_eq!(called(&story), Some((Some(kind), vec![1])));
        }
    }
}

#[test]
fn a_429_to_a_call_of_its_own_does_not_stop_the_others() {
    let mut story = Story::with(vec![own_call(1, 1, CallKind::Delete)]);
    story.answer_and_commit(Answer::RateLimited {
        wait: Some(Duration::from_mins(10)),
    });
    assert_eq!(called(&story), None);
    assert!(story.budget.check(Group::Own, story.now).is_some());
    story.tell(crate::delivery::Event::Woken);
    story.tell(crate::delivery::Event::Rows {
        after: 1,
        items: vec![item(2, 2, true, 0, 0)],
        more: false,
    });
    assert_eq!(called(&story), Some((None, vec![2])));
    story.answer_and_commit(accepted());
    assert_eq!(
        called(&story),
        None,
        "the call itself waits as long as Braze asked"
    );
    story.wait();
    assert!(story.now.since(START) >= 600_000);
    assert_eq!(called(&story), Some((Some(CallKind::Delete), vec![1])));
}
