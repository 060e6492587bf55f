//! A kind of card: what the registry knows about it before any card of it is opened.
//! Promises that a stored setup of an older version is brought up to date before it is read, and that one of a newer
//! version is refused.
//! Leaves the rules to the opened card.

use serde_json::{Map, Value as Json};

use super::{Card, Shell};
use crate::hub::{CardDoc, DocError, read_table};

/// A stored setup may name its version under this key; without it, it is of the current version.
const VERSION_KEY: &str = "setup_version";

/// Reads a setup of the current version.
pub(super) type Open = fn(Map<String, Json>, &Shell<'_>) -> Result<Box<dyn Card>, DocError>;

/// A kind of card.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Name in documents: `poll`.
    pub name: &'static str,
    /// The engine below it: `questions`.
    pub engine: &'static str,
    /// Id of the text that the studio calls it by.
    pub title: &'static str,
    /// Version of the setup that this binary writes, from 1.
    pub setup_version: u32,
    /// Reads a setup of the current version.
    pub(super) open: Open,
    /// Brings a setup of an older version up to the next one: (that version, setup).
    pub(super) upgrade: fn(u32, Map<String, Json>) -> Map<String, Json>,
    /// A whole card of this kind for the studio's "new card".
    pub sample: fn() -> CardDoc,
    /// What to type into the sample's inputs that leave nothing to choose, by their names: what a test, a tour or a reader of
    /// the documentation needs to get through.
    pub example: &'static [(&'static str, &'static str)],
    /// JSON Schema of the setup.
    pub schema: fn() -> Json,
    /// JavaScript module of the island; empty when the face needs none.
    pub island: &'static str,
    /// Style sheet.
    pub style: &'static str,
    /// Fluent source per language.
    pub texts: &'static [(&'static str, &'static str)],
}

impl Kind {
    /// Opens a card of this kind. The error's path is relative to the setup.
    pub fn open(
        &self,
        setup: &Map<String, Json>,
        shell: &Shell<'_>,
    ) -> Result<Box<dyn Card>, DocError> {
        let mut setup = setup.clone();
        if let Some(stored) = setup.remove(VERSION_KEY) {
            let stored = stored
                .as_u64()
                .and_then(|version| u32::try_from(version).ok())
                .unwrap_or(0);
            if stored == 0 || stored > self.setup_version {
                return Err(DocError {
                    path: VERSION_KEY.to_owned(),
                    message: format!(
                        "setups of the kind `{}` have versions 1 to {}",
                        self.name, self.setup_version
                    ),
                    remedy: "Open this hub with the program version that wrote it, or a newer one"
                        .to_owned(),
                });
            }
            for version in stored..self.setup_version {
                setup = (self.upgrade)(version, setup);
            }
        }
        (self.open)(setup, shell)
    }
}

/// Reads a setup into its struct, with the path of what is wrong.
pub(super) fn read<T: serde::de::DeserializeOwned>(
    setup: Map<String, Json>,
) -> Result<T, DocError> {
    read_table(Json::Object(setup))
}

/// The setup as a table.
pub(super) fn write<T: serde::Serialize>(setup: &T) -> Map<String, Json> {
    match serde_json::to_value(setup) {
        Ok(Json::Object(table)) => table,
        _ => Map::new(),
    }
}
