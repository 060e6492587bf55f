//! Deliveries in words: states, reasons with remedies, what a call came to.
//! Promises: a code of a newer version is shown as it is, never dropped.
//! Leaves to others: finding deliveries (`store::ledger`).

use engage::delivery::{CallKind, ParkReason};
use store::ledger::{self, Row, State};

/// Why a delivery stands where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Why {
    pub(super) what: String,
    pub(super) remedy: String,
    pub(super) braze: String,
}

/// A state in one or two words.
pub(super) const fn name(state: State) -> &'static str {
    match state {
        State::Pending => "Pending",
        State::Retrying => "Retrying",
        State::Waiting => "Waiting behind",
        State::Delivered => "Delivered",
        State::Parked => "Set aside",
        State::Unknown => "Unknown fate",
        State::Skipped => "Never sendable",
        State::Replaced => "Sent again",
        State::Erased => "Erased",
    }
}

/// Its colour.
pub(super) const fn tone(state: State) -> &'static str {
    match state {
        State::Delivered => "good",
        State::Parked => "bad",
        State::Unknown | State::Skipped | State::Retrying => "warn",
        _ => "idle",
    }
}

/// What happened and what to do.
pub(super) fn why(row: &Row) -> Why {
    let known: Option<ParkReason> = row.code.as_deref().and_then(|code| code.parse().ok());
    let (what, remedy) = match (row.state, known) {
        (State::Parked, Some(reason)) => (reason.sentence(), reason.remedy()),
        (State::Skipped, _) => (row.detail.as_str(), ""),
        (State::Unknown, _) => (
            "It was sent but no answer came, and this connection is set to rather miss an event than send it twice.",
            "Look the person up in Braze; send it again if the event is missing there.",
        ),
        (State::Retrying, _) => (
            "Braze could not take it yet. It is tried again by itself.",
            "",
        ),
        (State::Waiting, _) => (
            "An older delivery of the same person goes first, so that nothing arrives out of order.",
            "",
        ),
        (State::Replaced, _) => (
            "It was set aside, and another delivery was made in its place.",
            "",
        ),
        (State::Erased, _) => ("The person was erased; nothing of it is left.", ""),
        _ => ("", ""),
    };
    Why {
        what: what.to_owned(),
        remedy: remedy.to_owned(),
        braze: if row.state == State::Skipped {
            String::new()
        } else {
            row.detail.clone()
        },
    }
}

/// What a call came to, by its stable code.
pub(super) fn outcome_words(code: &str) -> &str {
    match code {
        "accepted" => "taken",
        "accepted_in_part" => "taken but for some objects",
        "rate_limited" => "Braze asked to wait",
        "too_large" => "too large for one call",
        "refused" => "refused because of the data",
        "key_refused" => "refused because of the key",
        "unavailable" => "Braze was not able to answer",
        "unknown" => "no proper answer came",
        "not_sent" => "no connection came about",
        other => other,
    }
}

/// What a delivery holds, in a few words.
pub(super) fn contents(row: &Row) -> String {
    if let Some(call) = &row.call {
        let kind: Option<CallKind> = call.parse().ok();
        return kind.map_or_else(|| call.clone(), |kind| kind.name().replace('_', " "));
    }
    let several = |number: u16, word: &str| match number {
        0 => None,
        1 => Some(format!("1 {word}")),
        _ => Some(format!("{number} {word}s")),
    };
    let parts = [
        row.has_attributes.then(|| "profile".to_owned()),
        several(row.events, "event"),
        several(row.purchases, "purchase"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        "nothing".to_owned()
    } else {
        parts.join(", ")
    }
}

/// The part of the request that is this delivery's, to be read.
pub(super) fn request(detail: &ledger::Detail) -> String {
    if let Some(body) = &detail.call_body {
        return pretty(body);
    }
    let arrays = [
        (
            "attributes",
            detail.attributes.clone().into_iter().collect::<Vec<_>>(),
        ),
        ("events", detail.events.clone()),
        ("purchases", detail.purchases.clone()),
    ];
    let parts = arrays
        .into_iter()
        .filter(|(_, objects)| !objects.is_empty())
        .map(|(name, objects)| format!("\"{name}\":[{}]", objects.join(",")));
    pretty(&format!("{{{}}}", parts.collect::<Vec<_>>().join(",")))
}

fn pretty(json: &str) -> String {
    serde_json::from_str::<serde_json::Value>(json)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| json.to_owned())
}
