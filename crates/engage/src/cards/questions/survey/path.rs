//! The way through a survey.
//! Promises that it only ever leads forward, that what is asked depends on answers that were given on this way, and that a page
//! never holds a question that depends on another one of the same page. Leaves what an answer is to the question.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Pages, SurveyQuestion, SurveySetup};
use crate::{Value, cards::Tally};

/// What was sent for the questions of a page, by their keys.
pub(super) type Page = BTreeMap<String, Vec<String>>;

/// The state of a play: what was sent, as it was sent, so that an answer is read anew when the author changes the survey.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Run {
    /// The pages that were answered, in this order.
    #[serde(default)]
    pages: Vec<Page>,
    /// What was answered on pages that somebody went back from.
    #[serde(default)]
    drafts: Page,
}

impl Run {
    /// Whether there is a page to go back to.
    pub(super) fn has_pages(&self) -> bool {
        !self.pages.is_empty()
    }

    /// Goes on from a page.
    pub(super) fn turn(&mut self, page: Page) {
        self.drafts.retain(|key, _| !page.contains_key(key));
        self.pages.push(page);
    }

    /// Goes back to the page before, whose answers stay filled in.
    pub(super) fn turn_back(&mut self) {
        self.drafts.extend(self.pages.pop().unwrap_or_default());
    }

    /// What was sent for a question.
    fn sent(&self, key: &str) -> Option<&Vec<String>> {
        self.pages.iter().rev().find_map(|page| page.get(key))
    }

    /// What is filled in for a question that somebody has come back to.
    pub(super) fn draft(&self, key: &str) -> &[String] {
        self.drafts.get(key).map_or(&[], Vec::as_slice)
    }
}

/// How far a play has come.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    /// The questions on the way with their answers; none where one was left out.
    pub(super) answered: Vec<(&'a SurveyQuestion, Option<Value>)>,
    /// The questions to be answered now, with their places; empty at the end.
    pub(super) page: Vec<(usize, &'a SurveyQuestion)>,
}

impl Walk<'_> {
    /// The answers that can be counted.
    pub(super) fn tally(&self) -> Vec<Tally> {
        let each = self.answered.iter().filter_map(|(question, answer)| {
            let counted = question.counts(answer.as_ref()?);
            Some(
                counted
                    .into_iter()
                    .map(|option| (question.key.clone(), option)),
            )
        });
        each.flatten().collect()
    }

    /// Whether a question is asked on this way.
    fn asks(&self, question: &SurveyQuestion) -> bool {
        let Some(other) = &question.only_if else {
            return true;
        };
        let answer = self
            .answered
            .iter()
            .find(|(before, _)| before.key == *other);
        let Some((_, Some(answer))) = answer else {
            return false;
        };
        let any = &question.only_if_any;
        any.is_empty() || words(answer).iter().any(|word| any.contains(word))
    }
}

/// An answer as conditions name it.
fn words(answer: &Value) -> Vec<String> {
    match answer {
        Value::List(keys) => keys.clone(),
        one => vec![one.to_text()],
    }
}

impl SurveySetup {
    /// The way that the answers lead.
    pub(super) fn walk(&self, run: &Run) -> Walk<'_> {
        let mut walk = Walk {
            answered: Vec::new(),
            page: Vec::new(),
        };
        let mut at = 0;
        while let Some(question) = self.questions.get(at) {
            let hangs_on_page =
                |(_, on): &(usize, &SurveyQuestion)| question.only_if.as_ref() == Some(&on.key);
            if walk.page.iter().any(hangs_on_page) {
                break;
            }
            if !walk.asks(question) {
                at += 1;
                continue;
            }
            let sent = run.sent(&question.key).filter(|_| walk.page.is_empty());
            if let Some(Ok(answer)) = sent.map(|values| question.read(values)) {
                at = self.after(at, question, answer.as_ref());
                walk.answered.push((question, answer));
                continue;
            }
            walk.page.push((at, question));
            if self.pages == Pages::OneByOne || !question.go_to.is_empty() {
                break;
            }
            at += 1;
        }
        walk
    }

    /// The place of the question that comes after an answer.
    fn after(&self, at: usize, question: &SurveyQuestion, answer: Option<&Value>) -> usize {
        let words = answer.map(words).unwrap_or_default();
        let jump = question.go_to.iter().find(|jump| match &jump.answer {
            Some(wanted) => words.contains(wanted),
            None => true,
        });
        let to = match jump {
            Some(jump) if jump.to == END => Some(self.questions.len()),
            Some(jump) => self
                .questions
                .iter()
                .position(|question| question.key == jump.to),
            None => None,
        };
        // Only forward: a way back would have no end.
        to.filter(|to| *to > at).unwrap_or(at + 1)
    }
}

/// Where a jump leads that ends the survey.
pub(super) const END: &str = "end";
