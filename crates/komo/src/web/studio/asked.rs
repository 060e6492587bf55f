//! What is asked for on the delivery screen, as it stands in the address.
//! Promises: an address that was sent to a colleague shows the same filters.
//! Leaves to others: finding it (`store::ledger`).

use engage::ids::{ContactId, EntryId, HubId, WorkspaceId};
use store::{
    Tx, hubs,
    ledger::{self, Filter, Who},
};

use crate::clock;

/// Spans of time to choose from: code, words, milliseconds.
pub(super) const TIMES: [(&str, &str, i64); 4] = [
    ("hour", "The last hour", 3_600_000),
    ("day", "The last 24 hours", 24 * 3_600_000),
    ("week", "The last 7 days", 7 * 24 * 3_600_000),
    ("month", "The last 30 days", 30 * 24 * 3_600_000),
];

/// What is asked for, as it stands in the address.
#[derive(Clone)]
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

    /// The filter for the ledger; nothing when it asks for a person nobody knows here.
    pub(super) async fn filter(
        self,
        tx: &mut Tx,
        workspace: WorkspaceId,
        hub: HubId,
    ) -> store::Result<Option<Filter>> {
        let mut filter = Filter {
            state: self.state.parse().ok(),
            from: TIMES
                .iter()
                .find(|(code, ..)| *code == self.time)
                .map(|(.., millis)| clock::now().plus(-millis)),
            reason: Some(self.reason).filter(|it| !it.is_empty()),
            ..Filter::default()
        };
        let cards = hubs::cards(tx, hub).await?;
        filter.card = cards
            .iter()
            .find(|(key, _)| *key == self.card)
            .map(|(_, id)| *id);
        let people = who(&self.who);
        for person in &people {
            if filter.contact.is_none() {
                filter.contact = ledger::contact_of(tx, workspace, person).await?;
            }
        }
        Ok((people.is_empty() || filter.contact.is_some()).then_some(filter))
    }

    pub(super) fn filtered(&self) -> bool {
        self.named().iter().any(|(_, value)| !value.is_empty())
    }

    /// The filters by name, unless they are none, or show what cannot be sent again.
    pub(super) fn matching(&self) -> Vec<(&'static str, String)> {
        if !self.filtered() || !matches!(self.state.as_str(), "" | "parked" | "unknown" | "skipped")
        {
            return Vec::new();
        }
        self.named()
            .map(|(name, value)| (name, value.clone()))
            .into()
    }

    fn named(&self) -> [(&'static str, &String); 5] {
        [
            ("state", &self.state),
            ("reason", &self.reason),
            ("card", &self.card),
            ("time", &self.time),
            ("who", &self.who),
        ]
    }

    /// The address's query with another place to go on.
    pub(super) fn query(&self, before: Option<i64>) -> String {
        let mut out = form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.named() {
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

#[cfg(test)]
mod tests {
    use super::Asked;

    fn asked(query: &str) -> Asked {
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        Asked::of(&pairs)
    }

    #[test]
    fn what_the_filters_show_is_sent_again_only_where_it_was_set_aside() {
        let names = |query| asked(query).matching().len();
        assert_eq!(names(""), 0, "everything has a button of its own");
        assert_eq!(names("state=delivered"), 0);
        assert_eq!(names("state=pending&time=day"), 0);
        let shown = asked("state=parked&time=day&reason=too_large&before=7").matching();
        let shown: Vec<_> = shown.iter().filter(|(_, it)| !it.is_empty()).collect();
        assert_eq!(shown.len(), 3);
        assert!(names("who=ann@example.org") > 0);
    }
}
