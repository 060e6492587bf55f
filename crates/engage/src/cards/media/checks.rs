//! What the launch check asks of every card of this engine.
//! Promises a path and a remedy for each trouble, in the same words for every kind.
//! Leaves what only one kind knows to that kind.

use super::{
    super::{SetupProblem, Shell, zone},
    address::Address,
};
use crate::text::LocalText;

/// The troubles found so far.
#[derive(Debug)]
pub(super) struct Checks<'a> {
    shell: &'a Shell<'a>,
    found: Vec<SetupProblem>,
}

impl<'a> Checks<'a> {
    pub(super) fn of(shell: &'a Shell<'a>) -> Self {
        Self {
            shell,
            found: Vec::new(),
        }
    }

    pub(super) fn error(&mut self, path: impl Into<String>, message: &str, remedy: &str) {
        self.found.push(SetupProblem::error(path, message, remedy));
    }

    /// A text that may be empty, but not in some languages only.
    pub(super) fn translated(&mut self, path: &str, text: &LocalText) {
        if text.is_empty() {
            return;
        }
        for locale in text.missing(self.shell.locales) {
            self.found.push(SetupProblem::warning(
                path,
                format!("the text is missing in `{locale}`"),
                "Translate it; until then the default language is shown",
            ));
        }
    }

    /// A text that has to be there.
    pub(super) fn text(&mut self, path: &str, text: &LocalText) {
        if text.is_empty() {
            self.error(path, "the text is empty", "Write what people read");
        }
        self.translated(path, text);
    }

    /// The name of a time zone.
    pub(super) fn zone(&mut self, path: &str, name: &str) {
        self.found.extend(zone::problem(path, name));
    }

    /// One of the hub's pictures.
    pub(super) fn picture(&mut self, path: impl Into<String>, key: &str) {
        if !self.shell.images.contains(&key) {
            self.found.push(SetupProblem::error(
                path,
                format!("the hub has no picture `{key}`"),
                "Add the picture to the hub, or choose another",
            ));
        }
    }

    /// An address elsewhere.
    pub(super) fn address(&mut self, path: &str, address: &str) {
        if Address::read(address).is_none() {
            self.error(
                path,
                "this is not an address that can be opened safely",
                "Write it in full and without spaces, beginning with https://",
            );
        }
    }

    /// A list with too few or too many items.
    pub(super) fn count(&mut self, path: &str, count: usize, min: usize, max: usize) {
        if count < min {
            self.error(
                path,
                &format!("there are {count} of at least {min}"),
                "Add some",
            );
        }
        if count > max {
            self.error(
                path,
                &format!("there are {count} of at most {max}"),
                "Remove some",
            );
        }
    }

    pub(super) fn found(self) -> Vec<SetupProblem> {
        self.found
    }
}
