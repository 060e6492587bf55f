//! Deliveries in words: names of states, reasons with remedies, what a call came to, ages.
//! Promises: every code that can be stored has words here; a code of a newer version is shown as it is, never dropped.
//! Leaves to others: finding deliveries (`store::ledger`), sending them again (`backfill`).

use engage::{
    delivery::{CallKind, ParkReason},
    mapping::SkipReason,
    time::Millis,
};
use store::ledger::{Row, State};

/// What a member reads about a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateWords {
    /// One or two words.
    pub name: &'static str,
    /// What it means, in one sentence.
    pub sentence: &'static str,
    /// Whether somebody should look at it.
    pub needs_care: bool,
}

/// The words of a state.
pub const fn state_words(state: State) -> StateWords {
    let (name, sentence, needs_care) = match state {
        State::Pending => (
            "pending",
            "It is on its way and will be sent in a moment.",
            false,
        ),
        State::Retrying => (
            "in retry",
            "Braze could not take it yet; it is tried again by itself for 72 hours.",
            false,
        ),
        State::Waiting => (
            "waiting",
            "An older delivery of the same person is tried again first, so that nothing arrives out of order.",
            false,
        ),
        State::Delivered => ("delivered", "Braze has taken it.", false),
        State::Parked => (
            "parked",
            "It was set aside with a reason and holds up nobody; it is kept until somebody sends it again.",
            true,
        ),
        State::Unknown => (
            "unknown",
            "It was sent but no answer came, and this connection is set to rather miss an event than send it twice.",
            true,
        ),
        State::Skipped => (
            "skipped",
            "It could never be sent, because nothing in it says whose it is in Braze.",
            true,
        ),
        State::Replaced => (
            "sent again",
            "It was set aside, and another delivery was made from its entry instead.",
            false,
        ),
        State::Erased => (
            "erased",
            "The person it was about was erased before it was delivered.",
            false,
        ),
    };
    StateWords {
        name,
        sentence,
        needs_care,
    }
}

/// Why a delivery stands where it stands, and what to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Why {
    /// What happened, in one sentence.
    pub what: String,
    /// What to do about it; empty when there is nothing to do.
    pub remedy: String,
    /// Braze's own words; may be empty.
    pub braze: String,
}

/// Why a delivery stands where it stands.
pub fn why(row: &Row) -> Why {
    let words = state_words(row.state);
    let by_state = |remedy: &str| Why {
        what: words.sentence.to_owned(),
        remedy: remedy.to_owned(),
        braze: String::new(),
    };
    let code = row.code.as_deref().unwrap_or_default();
    match row.state {
        State::Parked | State::Retrying | State::Waiting | State::Replaced => {
            let remedy = match row.replaced_by {
                Some(by) => format!("See delivery {by}."),
                None if row.state == State::Replaced => {
                    "Nothing of it was left to send by the mapping of that day.".to_owned()
                }
                None => String::new(),
            };
            let (what, own) = Some(row.state)
                .filter(|state| *state == State::Parked)
                .and_then(|state| reason_words(state, code))
                .unwrap_or((words.sentence, ""));
            Why {
                what: what.to_owned(),
                remedy: if own.is_empty() {
                    remedy
                } else {
                    own.to_owned()
                },
                braze: row.detail.clone(),
            }
        }
        State::Skipped => match reason_words(State::Skipped, code) {
            Some((what, remedy)) => Why {
                what: what.to_owned(),
                remedy: remedy.to_owned(),
                braze: String::new(),
            },
            None => Why {
                what: row.detail.clone(),
                ..Why::default()
            },
        },
        State::Unknown => by_state(
            "Look the person up in Braze; send the delivery again if the event is missing there.",
        ),
        State::Pending | State::Delivered | State::Erased => by_state(""),
    }
}

/// What a reason says and what to do about it, by its stable code; none for a code of a newer version. Parked and skipped
/// deliveries have reasons of their own, which may share a code.
pub fn reason_words(state: State, code: &str) -> Option<(&'static str, &'static str)> {
    if state == State::Skipped {
        let skip = SkipReason::ALL.iter().find(|it| it.code() == code)?;
        return Some((skip.sentence(), skip.remedy()));
    }
    let reason: ParkReason = code.parse().ok()?;
    Some((reason.sentence(), reason.remedy()))
}

/// What a call came to, by its stable code (`engage::delivery::CallOutcome`).
pub fn outcome_words(code: &str) -> &str {
    match code {
        "accepted" => "taken",
        "accepted_in_part" => "taken but for some objects",
        "rate_limited" => "too many calls: Braze asked to wait",
        "too_large" => "too large for one call",
        "refused" => "refused because of the data",
        "key_refused" => "refused because of the API key or the address",
        "unavailable" => "Braze was not able to answer",
        "unknown" => "no proper answer came",
        "not_sent" => "not sent: no connection came about",
        other => other,
    }
}

/// What a delivery holds, in a few words: `profile and 2 events`, or the name of its call.
pub fn contents(row: &Row) -> String {
    if let Some(call) = &row.call {
        let kind: Option<CallKind> = call.parse().ok();
        return kind.map_or_else(|| call.clone(), |kind| kind.name().replace('_', " "));
    }
    let several = |number: u16, word: &str| match number {
        0 => None,
        1 => Some(format!("1 {word}")),
        _ => Some(format!("{number} {word}s")),
    };
    let parts: Vec<String> = [
        row.has_attributes.then(|| "profile".to_owned()),
        several(row.events, "event"),
        several(row.purchases, "purchase"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() {
        "nothing".to_owned()
    } else {
        parts.join(", ")
    }
}

/// How long ago something was: `5 min ago`.
pub fn age(now: Millis, then: Millis) -> String {
    let seconds = now.since(then) / 1_000;
    match seconds {
        ..60 => "less than a minute ago".to_owned(),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..86_400 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

/// How long something will take: `about 5 min`.
pub fn duration(seconds: u64) -> String {
    match seconds {
        ..60 => "less than a minute".to_owned(),
        60..3_600 => format!("about {} min", seconds.div_ceil(60)),
        3_600..172_800 => format!("about {} h", seconds.div_ceil(3_600)),
        _ => format!("about {} days", seconds.div_ceil(86_400)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stored_code_has_words() {
        for state in State::ALL {
            assert!(state_words(*state).sentence.ends_with('.'), "{state}");
        }
        let parked = ParkReason::ALL.iter().map(|it| (State::Parked, it.code()));
        let skipped = SkipReason::ALL.iter().map(|it| (State::Skipped, it.code()));
        for (state, code) in parked.chain(skipped) {
            let (what, remedy) = reason_words(state, code).expect(code);
            assert!(what.ends_with('.') && remedy.ends_with('.'), "{code}");
        }
        assert_eq!(reason_words(State::Parked, "of_a_newer_version"), None);
    }

    #[test]
    fn ages_and_durations_read_like_speech() {
        let now = Millis(10 * 86_400_000);
        assert_eq!(age(now, now), "less than a minute ago");
        assert_eq!(age(now, now.plus(-7_200_000)), "2 h ago");
        assert_eq!(duration(59), "less than a minute");
        assert_eq!(duration(61), "about 2 min");
        assert_eq!(duration(200_000), "about 3 days");
    }
}
