//! How many objects one `/users/track` request may carry, and in which of its three arrays an object sits.
//! Promises that a batch which `fits` is never refused for its count by an account in that mode.
//! Leaves the size in bytes to the sender (`limits::BATCH_BODY_BYTES`).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// One of the three arrays of a `/users/track` request (contract 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Array {
    /// Profile fields and custom attributes.
    Attributes,
    /// Custom events.
    Events,
    /// Purchases.
    Purchases,
}

impl Array {
    /// The array's name in requests and in `input_array` of errors.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attributes => "attributes",
            Self::Events => "events",
            Self::Purchases => "purchases",
        }
    }

    /// The array of that name, if there is one.
    pub fn by_name(name: &str) -> Option<Self> {
        [Self::Attributes, Self::Events, Self::Purchases]
            .into_iter()
            .find(|array| array.name() == name)
    }
}

impl fmt::Display for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How an account counts the objects of one `/users/track` request (contract 5.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum BatchMode {
    /// 75 objects over all three arrays: the standard, and safe on legacy accounts too.
    #[default]
    #[serde(rename = "combined-75")]
    Combined75,
    /// 75 objects in each array, 225 in total: accounts on legacy rate limits.
    #[serde(rename = "per-array-75")]
    PerArray75,
    /// 50 objects over all three arrays: some contracts on monthly active users.
    #[serde(rename = "combined-50")]
    Combined50,
}

impl BatchMode {
    /// All modes, the default first.
    pub const ALL: [Self; 3] = [Self::Combined75, Self::PerArray75, Self::Combined50];

    /// Whether a request with these counts is within the account's limit. An empty request fits, but must not be sent.
    pub const fn fits(self, attributes: usize, events: usize, purchases: usize) -> bool {
        let total = attributes.saturating_add(events).saturating_add(purchases);
        match self {
            Self::Combined75 => total <= 75,
            Self::PerArray75 => attributes <= 75 && events <= 75 && purchases <= 75,
            Self::Combined50 => total <= 50,
        }
    }

    /// Most objects of any kind that one request can carry in this mode.
    pub const fn max_objects(self) -> usize {
        match self {
            Self::Combined75 => 75,
            Self::PerArray75 => 225,
            Self::Combined50 => 50,
        }
    }

    /// The mode's name in settings, for example `combined-75`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Combined75 => "combined-75",
            Self::PerArray75 => "per-array-75",
            Self::Combined50 => "combined-50",
        }
    }
}

impl fmt::Display for BatchMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A batch mode that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no batch mode “{0}”; use combined-75 (the standard), per-array-75 or combined-50"
)]
pub struct UnknownBatchMode(pub String);

impl FromStr for BatchMode {
    type Err = UnknownBatchMode;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|mode| mode.name() == name)
            .ok_or_else(|| UnknownBatchMode(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seventy_five_objects_fit_and_one_more_does_not() {
        for (mode, counts, fits) in [
            (BatchMode::Combined75, (75, 0, 0), true),
            (BatchMode::Combined75, (25, 25, 25), true),
            (BatchMode::Combined75, (75, 1, 0), false),
            (BatchMode::PerArray75, (75, 75, 75), true),
            (BatchMode::PerArray75, (0, 76, 0), false),
            (BatchMode::Combined50, (25, 25, 0), true),
            (BatchMode::Combined50, (25, 25, 1), false),
            (BatchMode::Combined75, (usize::MAX, usize::MAX, 2), false),
        ] {
            assert_eq!(
                mode.fits(counts.0, counts.1, counts.2),
                fits,
                "{mode} {counts:?}"
            );
        }
    }

    #[test]
    fn a_mode_is_read_back_from_its_name() {
        for mode in BatchMode::ALL {
            assert_eq!(mode.name().parse(), Ok(mode));
            assert_eq!(serde_json::to_value(mode).unwrap(), mode.name());
        }
        assert!(
            "combined-76"
                .parse::<BatchMode>()
                .unwrap_err()
                .to_string()
                .contains("combined-75")
        );
    }
}
