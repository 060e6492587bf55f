//! The mapping in product words, with the exact JSON that leaves.
//! Promises one test per pitfall of the contract's section 13 that a mapping can step into.
//! Leaves Braze's own reading of the objects to the sandbox's tests.

mod checks;
mod helpers;
mod plans;
mod saving;
mod sent;
mod transformed;

use super::{Facts, Mapping, Moment, Plan, Planned};
use crate::{
    Value, form::ConsentGiven, hub::ConnectionDoc, ids::EntryId, text::Locale, time::Millis,
};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The demo's connection, with more lines if a test needs them.
pub(super) const DEMO: &str = r#"
key = "braze"
endpoint = "US-01"
user = { by = "alias", label = "komo_email", from = "field:email" }
"#;

pub(super) fn doc(toml: &str) -> ConnectionDoc {
    toml::from_str(toml).expect("a connection")
}

pub(super) fn demo(more: &str) -> Mapping {
    Mapping::compile(&doc(&format!("{DEMO}{more}"))).expect("a mapping without errors")
}

/// An entry of the card `welcome`, to be changed by a test.
pub(super) struct Entry {
    pub(super) fields: BTreeMap<String, Value>,
    pub(super) properties: BTreeMap<String, Value>,
    pub(super) consents: Vec<ConsentGiven>,
    pub(super) play: BTreeMap<String, Value>,
    pub(super) params: BTreeMap<String, String>,
    pub(super) card: &'static str,
    pub(super) moment: Moment,
}

impl Entry {
    pub(super) fn new(fields: &[(&str, &str)]) -> Self {
        Self {
            fields: fields
                .iter()
                .map(|(key, text)| ((*key).to_owned(), Value::Text((*text).to_owned())))
                .collect(),
            properties: BTreeMap::new(),
            consents: Vec::new(),
            play: BTreeMap::new(),
            params: BTreeMap::new(),
            card: "welcome",
            moment: Moment::Entry,
        }
    }

    /// Ada, who left only her address.
    pub(super) fn ada() -> Self {
        Self::new(&[("email", "ada@example.org")])
    }

    pub(super) fn field(mut self, key: &str, value: Value) -> Self {
        self.fields.insert(key.to_owned(), value);
        self
    }

    pub(super) fn fact(mut self, key: &str, text: &str) -> Self {
        self.play
            .insert(key.to_owned(), Value::Text(text.to_owned()));
        self
    }

    pub(super) fn consent(mut self, key: &str, given: bool) -> Self {
        self.consents.push(ConsentGiven {
            key: key.to_owned(),
            given,
            version: "2026-03".to_owned(),
            text_hash: [0; 32],
            text: "Yes, send me news".to_owned(),
            locale: Locale::ENGLISH,
            subscription: None,
        });
        self
    }

    pub(super) fn plan(&self, mapping: &Mapping) -> Plan {
        mapping.plan(&self.facts())
    }

    pub(super) fn facts(&self) -> Facts<'_> {
        Facts {
            entry_id: EntryId::from_uuid(Uuid::from_u128(7)),
            accepted_at: Millis(1_777_879_870_412),
            hub_slug: "demo",
            card_key: self.card,
            card_title: "Welcome",
            locale: "de-AT",
            fields: &self.fields,
            properties: &self.properties,
            consents: &self.consents,
            play: &self.play,
            params: &self.params,
            moment: self.moment,
        }
    }

    pub(super) fn sent(&self, mapping: &Mapping) -> Planned {
        match self.plan(mapping) {
            Plan::Send(planned) => planned,
            other => panic!("expected something to send, got {other:?}"),
        }
    }

    pub(super) fn attributes(&self, mapping: &Mapping) -> String {
        let planned = self.sent(mapping).attributes;
        planned.expect("an attributes object").json
    }
}
