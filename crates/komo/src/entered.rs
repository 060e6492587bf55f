//! An entry as it is kept, read back for whoever plans from it later: a play that ends after its entry, history that is sent (again).
//! Promises the facts that the mapping saw when the entry was accepted, by the form of today.
//! Leaves planning to `engage::mapping`.

use std::collections::BTreeMap;

use engage::{Value, form::ConsentGiven, hub::PublishedCard, text::Locale};
use serde::Deserialize;
use store::backfill::PastConsent;

/// What was entered.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Entered {
    /// Answers of the form.
    pub fields: BTreeMap<String, Value>,
    /// Parameters of the visit.
    pub params: BTreeMap<String, String>,
    /// The language in which the card was shown; empty once the person was erased.
    pub locale: String,
    /// What the contact's profile learned from the answers.
    #[serde(skip)]
    pub properties: BTreeMap<String, Value>,
    /// What was agreed to or not, in the order of the form.
    #[serde(skip)]
    pub consents: Vec<ConsentGiven>,
}

impl Entered {
    /// Reads what is kept of an entry.
    pub fn read(
        content: &str,
        consents: &[PastConsent],
        card: Option<&PublishedCard>,
        default: &Locale,
    ) -> serde_json::Result<Self> {
        let mut entered: Self = serde_json::from_str(content)?;
        let form = card.and_then(|card| card.form.as_ref());
        let property = |(key, value): (&String, &Value)| {
            Some((form?.field(key)?.property()?.to_owned(), value.clone()))
        };
        entered.properties = entered.fields.iter().filter_map(property).collect();
        let locale = entered.locale.parse().unwrap_or_else(|_| default.clone());
        let place = |key: &str| form?.fields().iter().position(|field| field.key == key);
        entered.consents = consents.iter().map(|it| given(it, &locale)).collect();
        let at = |it: &ConsentGiven| place(&it.key).unwrap_or(usize::MAX);
        entered.consents.sort_by_key(at);
        Ok(entered)
    }
}

fn given(past: &PastConsent, locale: &Locale) -> ConsentGiven {
    ConsentGiven {
        key: past.key.clone(),
        subscription: past.subscription.clone(),
        given: past.given,
        version: past.version.clone(),
        // What leaves the product is the choice, never the text.
        text_hash: [0; 32],
        text: String::new(),
        locale: past.locale.parse().unwrap_or_else(|_| locale.clone()),
    }
}
