//! What is asked for on the delivery screen, as it stands in the address.
//! Promises: an address that was sent to a colleague shows the same filters.
//! Leaves to others: finding it (`store::ledger`).

use engage::ids::{ContactId, EntryId};
use store::ledger::Who;

/// Spans of time to choose from: code, words, milliseconds.
pub(super) const TIMES: [(&str, &str, i64); 4] = [
    ("hour", "The last hour", 3_600_000),
    ("day", "The last 24 hours", 24 * 3_600_000),
    ("week", "The last 7 days", 7 * 24 * 3_600_000),
    ("month", "The last 30 days", 30 * 24 * 3_600_000),
];

/// What is asked for, as it stands in the address.
pub(super) struct Asked {
    pub(super) state: String,
    pub(super) reason: String,
    pub(super) card: String,
    pub(super) time: String,
    pub(super) who: String,
    pub(super) before: Option<i64>,
}

impl Asked {
    pub(super) fn of(query: &[(String, String)]) -> Self {
        let get = |name: &str| {
            query
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.trim().to_owned())
                .unwrap_or_default()
        };
        Self {
            state: get("state"),
            reason: get("reason"),
            card: get("card"),
            time: get("time"),
            who: get("who"),
            before: get("before").parse().ok(),
        }
    }

    pub(super) fn filtered(&self) -> bool {
        [&self.state, &self.reason, &self.card, &self.time, &self.who]
            .iter()
            .any(|it| !it.is_empty())
    }

    /// The address's query with another place to go on.
    pub(super) fn query(&self, before: Option<i64>) -> String {
        let mut out = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("state", &self.state),
            ("reason", &self.reason),
            ("card", &self.card),
            ("time", &self.time),
            ("who", &self.who),
        ] {
            if !value.is_empty() {
                out.append_pair(name, value);
            }
        }
        if let Some(before) = before {
            out.append_pair("before", &before.to_string());
        }
        out.finish()
    }
}

/// Whom a text can mean: an e-mail address, a phone number, an id of an entry or of a contact.
pub(super) fn who(text: &str) -> Vec<Who> {
    if text.is_empty() {
        Vec::new()
    } else if text.starts_with('+') {
        vec![Who::Phone(text.replace([' ', '-', '/'], ""))]
    } else if let (Ok(entry), Ok(contact)) = (text.parse::<EntryId>(), text.parse::<ContactId>()) {
        vec![Who::Entry(entry), Who::Contact(contact)]
    } else {
        vec![Who::Email(text.to_owned())]
    }
}
