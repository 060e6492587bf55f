//! A mail on its way: the finished request to Braze, whose it is, and what makes it the same mail when it is sent twice.
//! Promises bodies as the contract wants them (11.1 to 11.3): one identifier, the address written before the mail is rendered.
//! Leaves queueing to the store and rendering for SMTP to the binary.

use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::{Context, MailKind, MailProperties};
use crate::{
    Value,
    hub::{CardDoc, HubDoc},
    ids::EntryId,
    mapping::Facts,
    text::{LocalText, Locale},
};

/// Who a mail is for, by the connection's user mapping (contract 11.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// The workspace's own id.
    External(String),
    /// Braze's id.
    Braze(String),
    /// An alias.
    Alias {
        /// The alias' label.
        label: String,
        /// Its name.
        name: String,
    },
    /// An e-mail address.
    Email(String),
}

/// A mail about an entry, before it is known how it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryMail {
    /// The message type.
    pub kind: MailKind,
    /// What the mail can tell.
    pub properties: Map<String, Json>,
    /// The address, in lower case.
    pub address: String,
}

impl EntryMail {
    /// The confirmation of an entry; nothing when the form has brought no e-mail address. `base` is the server's address
    /// without a slash at its end.
    pub fn confirmation(
        doc: &HubDoc,
        card: &CardDoc,
        facts: &Facts<'_>,
        locale: &Locale,
        base: &str,
    ) -> Option<Self> {
        let kind = MailKind::EntryConfirmation;
        let address = card
            .form
            .iter()
            .flat_map(|form| &form.fields)
            .filter(|field| field.kind.name() == "email")
            .find_map(|field| text(facts.fields.get(&field.key)))?;
        let mut context = Context::new(kind, doc, Some(&card.key), locale, base);
        context.first_name = text(facts.properties.get("first_name"));
        context.last_name = text(facts.properties.get("last_name"));
        let outcome = outcome(doc, card, facts, locale);
        let properties =
            MailProperties::of_entry(context, facts.entry_id, facts.accepted_at, locale, outcome);
        Some(Self {
            kind,
            properties: properties.to_json(),
            address,
        })
    }

    /// The mail as a call to the installation's mail server: the shape of a transactional send, without an identifier.
    pub fn smtp_body(&self, send_id: &str) -> Option<String> {
        serde_json::to_string(&json!({
            "external_send_id": send_id,
            "trigger_properties": self.properties,
            "recipient": {"attributes": self.attributes()},
        }))
        .ok()
    }

    /// The attributes that go along, so that Braze knows the address and the names before it renders the mail.
    pub fn attributes(&self) -> Map<String, Json> {
        let mut attributes = Map::new();
        attributes.insert("email".to_owned(), json!(self.address));
        for name in ["first_name", "last_name"] {
            if let Some(value) = self.properties.get(name) {
                attributes.insert(name.to_owned(), value.clone());
            }
        }
        attributes
    }
}

fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Text(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        _ => None,
    }
}

/// What came of the play, as the participant would say it: the label of what was chosen, in their language, else what the play
/// tells by itself.
fn outcome(doc: &HubDoc, card: &CardDoc, facts: &Facts<'_>, locale: &Locale) -> Option<String> {
    let label = |key: &str| {
        let options = card.setup.get("options")?.as_array()?;
        let chosen = options
            .iter()
            .find(|option| option.get("key").and_then(Json::as_str) == Some(key))?;
        let label: LocalText = serde_json::from_value(chosen.get("label")?.clone()).ok()?;
        Some(label.get(locale, doc.default_locale()).to_owned())
    };
    let told = |beginning: &str| {
        let found = facts
            .play
            .iter()
            .find(|(name, _)| name.starts_with(beginning));
        text(found.map(|(_, value)| value))
    };
    let chosen = told("answer:");
    chosen
        .as_deref()
        .and_then(label)
        .or_else(|| told("outcome"))
        .or_else(|| told("answer_text:"))
        .or(chosen)
}

/// What makes the mail of an entry the same mail: letters, digits, `-` and `_` only (contract 11.2).
pub fn external_send_id(kind: MailKind, entry: EntryId) -> String {
    format!("komo-{kind}-{entry}")
}

#[derive(Serialize)]
struct Alias<'a> {
    alias_name: &'a str,
    alias_label: &'a str,
}

fn recipient(to: &Recipient) -> Map<String, Json> {
    let mut map = Map::new();
    match to {
        Recipient::External(id) => {
            map.insert("external_user_id".to_owned(), json!(id));
        }
        Recipient::Braze(id) => {
            map.insert("braze_id".to_owned(), json!(id));
        }
        Recipient::Alias { label, name } => {
            let alias = Alias {
                alias_name: name,
                alias_label: label,
            };
            map.insert("user_alias".to_owned(), json!(alias));
        }
        Recipient::Email(address) => {
            map.insert("email".to_owned(), json!(address));
            // Several profiles with one address: the one that is known best, and of these the one used last.
            map.insert(
                "prioritization".to_owned(),
                json!(["identified", "most_recently_updated"]),
            );
        }
    }
    map
}

/// The body for `/transactional/v1/campaigns/{id}/send`; nothing where the endpoint takes no such recipient.
pub fn transactional_body(mail: &EntryMail, to: &Recipient, send_id: &str) -> Option<String> {
    if !matches!(to, Recipient::External(_) | Recipient::Alias { .. }) {
        return None;
    }
    let mut one = recipient(to);
    one.insert("attributes".to_owned(), Json::Object(mail.attributes()));
    serde_json::to_string(&json!({
        "external_send_id": send_id,
        "trigger_properties": mail.properties,
        "recipient": one,
    }))
    .ok()
}

/// The body for `/campaigns/trigger/send`, with one recipient.
pub fn trigger_body(mail: &EntryMail, to: &Recipient, campaign: &str) -> Option<String> {
    let mut one = recipient(to);
    one.insert("attributes".to_owned(), Json::Object(mail.attributes()));
    // Aliases take no `false` (11.1); the other identifiers may be new to Braze.
    if matches!(to, Recipient::External(_) | Recipient::Email(_)) {
        one.insert("send_to_existing_only".to_owned(), json!(false));
    }
    serde_json::to_string(&json!({
        "campaign_id": campaign,
        "trigger_properties": mail.properties,
        "recipients": [one],
    }))
    .ok()
}
