//! Since when deliveries of the log are being tried: what of it has to outlive a restart.
//! Promises that the retry window of a delivery begins with its own first try, also after a crash.
//! Leaves storing the text to the store.

use crate::{delivery::Item, time::Millis};
use std::collections::VecDeque;

/// The earliest first try in a text written by a lane, see [`super::Commit::tried`]; `None` when nothing is being tried in vain.
pub fn trying_since(tried: &str) -> Option<Millis> {
    let steps = Tried::read(tried).steps;
    steps.iter().map(|(_, since)| *since).min()
}

/// Steps along the log: up to this number, tried since that moment.
#[derive(Debug, Default)]
pub(super) struct Tried {
    steps: Vec<(i64, Millis)>,
    on_file: String,
}

impl Tried {
    /// Reads what [`Tried::changed`] has written; what cannot be read counts as not tried.
    pub(super) fn read(text: &str) -> Self {
        let steps = text.split(',').filter_map(|step| {
            let (seq, since) = step.split_once(':')?;
            Some((seq.parse().ok()?, Millis(since.parse().ok()?)))
        });
        Self {
            steps: steps.collect(),
            on_file: text.to_owned(),
        }
    }

    /// When a delivery that is read now was first tried, by whoever held the lane before.
    pub(super) fn since(&self, seq: i64) -> Option<Millis> {
        let step = self.steps.iter().find(|(last, _)| seq <= *last)?;
        Some(step.1)
    }

    /// A pause was nobody's failure: what was tried before does not count.
    pub(super) fn forget(&mut self) {
        self.steps.clear();
    }

    /// The text to write for what is in the queue now, if it is another one than on file.
    pub(super) fn changed(&mut self, queue: &VecDeque<Item>) -> Option<String> {
        let mut steps = Vec::new();
        let mut tried = queue
            .iter()
            .map_while(|item| Some((item.seq, item.first_tried?)))
            .peekable();
        while let Some((seq, since)) = tried.next() {
            if tried.peek().is_some_and(|(_, next)| *next == since) {
                continue;
            }
            steps.push(format!("{seq}:{}", since.0));
        }
        let text = steps.join(",");
        if text == self.on_file {
            return None;
        }
        self.on_file.clone_from(&text);
        Some(text)
    }
}
