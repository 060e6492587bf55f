//! Moments as the product stores them: UTC milliseconds since 1970. The domain never reads a clock;
//! `now` always comes in as an argument.

use serde::{Deserialize, Serialize};

/// A moment: UTC milliseconds since the Unix epoch.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    /// This moment moved by some milliseconds; stops at the ends of the range instead of wrapping.
    #[must_use]
    pub const fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this moment (negative when `earlier` is later).
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// ISO 8601 in UTC with milliseconds, `2026-05-04T07:31:10.412Z`: the form sent to Braze
    /// (contract 5.6).
    pub fn to_iso(self) -> String {
        let moment =
            jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        format!("{moment:.3}")
    }
}
