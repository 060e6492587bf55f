//! Who sees what, when: hub, card and placement each have a say, and the strictest wins.
//! Promises a pure answer for any moment.
//! Leaves preview for members to the web crate.

use jiff::Timestamp;

use super::doc::{CardDoc, CardState, HubDoc, HubState, Placement, PlacementVisibility};
use crate::time::Millis;

/// What participants get to see of something at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Seen and playable.
    Visible,
    /// Seen as over since this moment.
    Closed {
        /// The end of the run.
        since: Millis,
    },
    /// Seen as coming at this moment.
    NotYetOpen {
        /// The start of the run.
        from: Millis,
    },
    /// Not seen at all.
    Hidden,
}

impl Visibility {
    /// Whether it can be played now.
    pub fn is_open(self) -> bool {
        self == Self::Visible
    }

    /// Whether anything of it is shown.
    pub fn is_seen(self) -> bool {
        self != Self::Hidden
    }

    /// The strictest of two layers: hidden, then closed (it will not open again), then not yet open.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Hidden, _) | (_, Self::Hidden) => Self::Hidden,
            (Self::Closed { since: one }, Self::Closed { since: two }) => Self::Closed {
                since: one.min(two),
            },
            (closed @ Self::Closed { .. }, _) | (_, closed @ Self::Closed { .. }) => closed,
            (Self::NotYetOpen { from: one }, Self::NotYetOpen { from: two }) => {
                Self::NotYetOpen { from: one.max(two) }
            }
            (later @ Self::NotYetOpen { .. }, _) | (_, later @ Self::NotYetOpen { .. }) => later,
            (Self::Visible, Self::Visible) => Self::Visible,
        }
    }
}

fn millis(moment: Timestamp) -> Millis {
    Millis(moment.as_millisecond())
}

/// A run from its first moment up to, and without, its last.
fn run(opens_at: Option<Timestamp>, closes_at: Option<Timestamp>, now: Millis) -> Visibility {
    match (opens_at.map(millis), closes_at.map(millis)) {
        (_, Some(since)) if now >= since => Visibility::Closed { since },
        (Some(from), _) if now < from => Visibility::NotYetOpen { from },
        _ => Visibility::Visible,
    }
}

/// The hub's layer.
pub(super) fn of_hub(hub: &HubDoc, now: Millis) -> Visibility {
    match hub.hub.state {
        HubState::Draft => Visibility::Hidden,
        HubState::Published => run(hub.hub.opens_at, hub.hub.closes_at, now),
    }
}

/// The card's layer.
pub(super) fn of_card(card: &CardDoc, now: Millis) -> Visibility {
    match (card.state, run(card.opens_at, card.closes_at, now)) {
        (CardState::Draft, _) | (CardState::Scheduled, Visibility::NotYetOpen { .. }) => {
            Visibility::Hidden
        }
        (CardState::Scheduled | CardState::Published, seen) => seen,
    }
}

/// The placement's layer: it only shows or hides.
pub(super) fn of_placement(placement: &Placement, now: Millis) -> Visibility {
    let shown = match placement.visibility {
        PlacementVisibility::Visible => true,
        PlacementVisibility::Hidden => false,
        PlacementVisibility::Scheduled => run(placement.from, placement.until, now).is_open(),
    };
    if shown {
        Visibility::Visible
    } else {
        Visibility::Hidden
    }
}
