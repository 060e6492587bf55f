//! A look at what a mapping sends: the real JSON of the latest entry or of a sample, and a test send.
//! Promises: a test goes to the profile that was named and to no other; nothing of it is stored as an entry.
//! Leaves to others: what is sent (`engage::mapping`).

use std::collections::BTreeMap;

use braze::Answer;
use engage::{
    Value,
    form::ConsentGiven,
    hub::{ConnectionDoc, HubDoc},
    mapping::{Mapping, Preview, SampleEntry},
    text::Locale,
};
use serde::Deserialize;
use store::hubs::Latest;

use super::Sentence;
use crate::clock;

#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    fields: BTreeMap<String, Value>,
    #[serde(default)]
    params: BTreeMap<String, String>,
    #[serde(default)]
    locale: String,
}

/// The latest entry as a mapping sees it; none when its card is gone.
pub fn real_entry(hub: &HubDoc, latest: &Latest) -> Option<SampleEntry> {
    let mut entry = SampleEntry::of(hub, &latest.card, latest.accepted_at)?;
    let content: Content = serde_json::from_str(&latest.content).ok()?;
    let card = hub.card(&latest.card)?;
    let fields = card.form.iter().flat_map(|form| &form.fields);
    entry.properties = fields
        .filter_map(|field| {
            let value = content.fields.get(&field.key)?;
            Some((field.property()?.to_owned(), value.clone()))
        })
        .collect();
    entry.entry_id = latest.entry;
    entry.fields = content.fields;
    entry.params = content.params;
    entry.locale = content.locale;
    entry.play = latest
        .facts
        .as_deref()
        .and_then(|facts| serde_json::from_str(facts).ok())
        .unwrap_or_default();
    let locale = Locale::ENGLISH;
    let consents = latest.consents.iter();
    entry.consents = consents
        .map(|(key, given, subscription)| ConsentGiven {
            key: key.clone(),
            given: *given,
            version: String::new(),
            text_hash: [0; 32],
            text: String::new(),
            locale: locale.clone(),
            subscription: subscription.clone(),
        })
        .collect();
    Some(entry)
}

/// A sample of a card's entries.
pub fn sample(hub: &HubDoc, card: &str) -> Option<SampleEntry> {
    SampleEntry::of(hub, card, clock::now())
}

/// What a document makes of an entry; none while it has errors.
pub fn preview(doc: &ConnectionDoc, entry: &SampleEntry) -> Option<Preview> {
    let mapping = Mapping::compile(doc).ok()?;
    Some(mapping.preview(&entry.facts()))
}

/// Why nothing is sent although it could be, in words; empty when something is.
pub fn silence(preview: &Preview) -> String {
    match (&preview.body, preview.skipped) {
        (Some(_), _) => String::new(),
        (None, Some(reason)) => format!("{} {}", reason.sentence(), reason.remedy()),
        (None, None) => "Nothing is mapped for this card, so nothing is sent for it. Map a field, a question or an event.".into(),
    }
}

/// What came of a test send.
#[derive(Clone, Debug)]
pub struct Tested {
    /// Whether Braze took it.
    pub taken: bool,
    /// What happened, in a sentence.
    pub what: String,
    /// What to do; empty when there is nothing to do.
    pub remedy: String,
    /// What was sent, to be read.
    pub sent: String,
    /// What was answered.
    pub answer: String,
}

/// Sends an entry's sample with another identifier: to the profile `to`.
pub async fn test_send(
    client: &braze::Client,
    doc: &ConnectionDoc,
    mut entry: SampleEntry,
    to: &str,
) -> Result<Tested, Sentence> {
    let from = doc.user.from.as_str();
    let value = Value::Text(to.to_owned());
    match from.split_once(':') {
        Some(("field", key)) => drop(entry.fields.insert(key.to_owned(), value)),
        Some(("property", key)) => drop(entry.properties.insert(key.to_owned(), value)),
        Some(("param", key)) => drop(entry.params.insert(key.to_owned(), to.to_owned())),
        Some(("utm", key)) => drop(entry.params.insert(format!("utm_{key}"), to.to_owned())),
        _ => {
            return Err(format!(
                "The person is identified by “{from}”, which can't be chosen for a test. Use a field of the form."
            ));
        }
    }
    let preview = preview(doc, &entry)
        .ok_or("The mapping has errors. Correct them first; they stand at their fields.")?;
    let Some(body) = preview.body.clone() else {
        return Err(silence(&preview));
    };
    let call = client.track(body.into()).await;
    let explained = call.answer.explain();
    let taken = explained.is_none() && matches!(call.answer, Answer::Accepted { .. });
    let (what, remedy) = explained.map_or_else(
        || {
            (
                format!(
                    "Braze took it. Look up {to} in Braze: the profile shows it within seconds."
                ),
                String::new(),
            )
        },
        |it| (it.what, it.remedy),
    );
    Ok(Tested {
        taken,
        what,
        remedy,
        sent: preview.pretty().unwrap_or_default(),
        answer: call.status.map_or_else(
            || call.text.clone(),
            |status| format!("{status} {}", call.text),
        ),
    })
}
