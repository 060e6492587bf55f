//! A lane told step by step: what came in, what it did.
//! Promises no more than shorthand.
//! Leaves every expectation to the tests.

use super::{START, item};
use crate::{
    delivery::{
        Act, Budget, BudgetSettings, Commit, Event, Item, Lane, OpenException, Settings, State,
    },
    time::Millis,
};
use braze::{Answer, Array, ItemError};

pub(super) struct Story {
    pub(super) lane: Lane,
    pub(super) budget: Budget,
    pub(super) now: Millis,
    pub(super) acts: Vec<Act>,
}

impl Story {
    pub(super) fn begin(settings: Settings, exceptions: Vec<OpenException>) -> Self {
        Self::again(settings, exceptions, String::new())
    }

    /// After a restart, with what the lane had written about its tries.
    pub(super) fn again(settings: Settings, exceptions: Vec<OpenException>, tried: String) -> Self {
        let mut story = Self {
            lane: Lane::new(settings),
            budget: Budget::new(BudgetSettings::default()),
            now: START,
            acts: vec![],
        };
        story.tell(Event::Leased {
            fence: 7,
            cursor: 0,
            tried,
            exceptions,
            until: Millis(i64::MAX),
        });
        story
    }

    /// A lane that has read these deliveries.
    pub(super) fn with(items: Vec<Item>) -> Self {
        Self::with_settings(Settings::default(), items)
    }

    pub(super) fn with_settings(settings: Settings, items: Vec<Item>) -> Self {
        let mut story = Self::begin(settings, Vec::new());
        story.tell(Event::Rows {
            after: 0,
            items,
            more: false,
        });
        story
    }

    pub(super) fn tell(&mut self, event: Event) -> &mut Self {
        self.acts.clear();
        self.lane
            .step(self.now, event, 4_242, &mut self.budget, &mut self.acts);
        self
    }

    pub(super) fn answer(&mut self, answer: Answer) -> &mut Self {
        let batch = self.lane.next_batch_for_tests() - 1;
        self.tell(Event::Answered {
            batch,
            answer,
            budget: None,
        })
    }

    /// Answers and lets the commit succeed; returns it.
    pub(super) fn answer_and_commit(&mut self, answer: Answer) -> Commit {
        let commit = self.answer(answer).commit().expect("a commit");
        self.now = self.now.plus(100);
        self.tell(Event::Committed);
        while self.commit().is_some_and(|commit| commit.call.is_none()) {
            // Deliveries that only step aside are committed without a call.
            self.tell(Event::Committed);
        }
        commit
    }

    /// The program panics with the call under way; returns the commit, which is still to succeed.
    pub(super) fn crash(&mut self) -> Commit {
        let batch = self.lane.next_batch_for_tests() - 1;
        let commit = self.tell(Event::Crashed { batch }).commit();
        commit.expect("a commit")
    }

    pub(super) fn sent(&self) -> Option<Vec<i64>> {
        self.acts.iter().find_map(|act| match act {
            Act::Send { seqs, .. } => Some(seqs.clone()),
            _ => None,
        })
    }

    pub(super) fn commit(&self) -> Option<Commit> {
        self.acts.iter().find_map(|act| match act {
            Act::Commit(commit) => Some(commit.clone()),
            _ => None,
        })
    }

    /// Waits as long as the lane asks for.
    pub(super) fn wait(&mut self) -> &mut Self {
        let wake = self.acts.iter().find_map(|act| match act {
            Act::WakeAt(at) => Some(*at),
            _ => None,
        });
        self.now = wake.expect("a moment to wake at");
        self.tell(Event::Tick)
    }
}

pub(super) fn accepted() -> Answer {
    Answer::Accepted {
        item_errors: Vec::new(),
        unassigned: Vec::new(),
    }
}

pub(super) fn accepted_but(errors: &[(Array, usize)]) -> Answer {
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

pub(super) fn people(count: i64) -> Vec<Item> {
    (1..=count)
        .map(|seq| item(seq, u128::try_from(seq).unwrap(), true, 1, 0))
        .collect()
}

pub(super) fn states(commit: &Commit) -> Vec<(i64, State)> {
    commit.put.iter().map(|row| (row.seq, row.state)).collect()
}
