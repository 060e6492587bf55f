//! What is checked in the setup of every kind that asks.
//! Promises one message for one trouble, with the path where it is and the remedy.
//! Leaves what only one kind knows to that kind.

use std::ops::RangeInclusive;

use super::questionnaire::{Choice, Question};
use crate::{
    cards::{SetupProblem, Shell},
    text::LocalText,
};

/// A list of troubles that grows.
#[derive(Debug)]
pub(super) struct Checks<'a> {
    shell: &'a Shell<'a>,
    pub(super) found: Vec<SetupProblem>,
}

impl<'a> Checks<'a> {
    pub(super) const fn new(shell: &'a Shell<'a>) -> Self {
        Self {
            shell,
            found: Vec::new(),
        }
    }

    pub(super) fn error(&mut self, path: impl Into<String>, message: &str, remedy: &str) {
        self.found.push(SetupProblem::error(path, message, remedy));
    }

    pub(super) fn warning(&mut self, path: impl Into<String>, message: &str, remedy: &str) {
        self.found
            .push(SetupProblem::warning(path, message, remedy));
    }

    /// A text that has to be there.
    pub(super) fn text(&mut self, path: &str, text: &LocalText, message: &str, remedy: &str) {
        if text.is_empty() {
            self.error(path, message, remedy);
        }
        self.translated(path, text);
    }

    /// A text that may be left out, but not in one language only.
    pub(super) fn optional_text(&mut self, path: &str, text: &LocalText) {
        if !text.is_empty() {
            self.translated(path, text);
        }
    }

    fn translated(&mut self, path: &str, text: &LocalText) {
        for locale in text.missing(self.shell.locales) {
            self.found.push(SetupProblem::warning(
                path,
                format!("the text is missing in `{locale}`"),
                "Translate it; until then the default language is shown",
            ));
        }
    }

    /// A key that stands in names of facts, so it is short and plain.
    pub(super) fn key(&mut self, path: &str, key: &str) {
        if !crate::hub::is_field_key(&key.replace('-', "_")) {
            self.error(
                path,
                "this cannot be the key of a question",
                "Use lower-case letters, digits, `-` and `_`, beginning with a letter",
            );
        }
    }

    /// Keys of which each may stand once; `list` is the list's path, `what` names an item.
    pub(super) fn once<'k>(&mut self, list: &str, what: &str, keys: impl Iterator<Item = &'k str>) {
        let mut seen: Vec<&str> = Vec::new();
        for (at, key) in keys.enumerate() {
            if seen.contains(&key) {
                self.error(
                    format!("{list}[{at}].key"),
                    &format!("the {what} `{key}` stands twice"),
                    &format!("Give every {what} a key of its own"),
                );
            }
            seen.push(key);
        }
    }

    pub(super) fn image(&mut self, path: &str, image: Option<&str>) {
        if let Some(image) = image.filter(|image| !self.shell.images.contains(image)) {
            self.error(
                path,
                &format!("the hub has no image `{image}`"),
                "Add the image to the hub, or choose another",
            );
        }
    }

    /// How many items a list has.
    pub(super) fn count(
        &mut self,
        list: &str,
        what: &str,
        have: usize,
        allowed: &RangeInclusive<usize>,
    ) {
        if have < *allowed.start() {
            let least = match allowed.start() {
                1 => "one".to_owned(),
                2 => "two".to_owned(),
                more => more.to_string(),
            };
            self.error(
                list,
                &format!("at least {least} {what} are needed"),
                &format!("Add {what}"),
            );
        }
        if have > *allowed.end() {
            let message = format!("there are at most {} {what}", allowed.end());
            self.error(list, &message, &format!("Remove {what}"));
        }
    }

    /// The options of a question; `list` is their path.
    pub(super) fn options(
        &mut self,
        list: &str,
        options: &[Choice],
        allowed: &RangeInclusive<usize>,
    ) {
        self.count(list, "options", options.len(), allowed);
        self.once(
            list,
            "option",
            options.iter().map(|option| option.key.as_str()),
        );
        for (at, option) in options.iter().enumerate() {
            let unusable = option.key.trim().is_empty()
                || option.key.len() > 64
                || option.key.chars().any(char::is_control);
            if unusable {
                self.error(
                    format!("{list}[{at}].key"),
                    "the option has no usable key",
                    "Give it a short key, such as `pistachio`",
                );
            }
            self.text(
                &format!("{list}[{at}].label"),
                &option.label,
                "the option has no label",
                "Write what participants read",
            );
            self.image(&format!("{list}[{at}].image"), option.image.as_deref());
        }
    }

    /// A question with its options; `place` is the beginning of its paths, empty or `questions[3].`.
    pub(super) fn question(
        &mut self,
        place: &str,
        question: &Question,
        allowed: &RangeInclusive<usize>,
    ) {
        self.text(
            &format!("{place}question"),
            &question.question,
            "nothing is asked",
            "Write the question",
        );
        self.key(&format!("{place}key"), &question.key);
        self.options(&format!("{place}options"), &question.options, allowed);
    }

    /// A list of questions under `questions`.
    pub(super) fn questions(&mut self, questions: &[Question], allowed: &RangeInclusive<usize>) {
        self.count(
            "questions",
            "questions",
            questions.len(),
            &(1..=MOST_QUESTIONS),
        );
        self.once(
            "questions",
            "question",
            questions.iter().map(|question| question.key.as_str()),
        );
        for (at, question) in questions.iter().enumerate() {
            self.question(&format!("questions[{at}]."), question, allowed);
        }
    }
}

/// More than anybody answers in one go.
pub(super) const MOST_QUESTIONS: usize = 50;
/// More would not fit on a phone's screen.
pub(super) const MOST_OPTIONS: usize = 12;
