//! An entry that nobody made: what a card's fields and its engine give as examples, for previews before the first real one.
//! Promises values that the form itself accepts, with all consents given.
//! Leaves real entries to the store.

use super::{Facts, Moment};
use crate::{
    Value,
    cards::{self, FactKind, Move, PlayContext, Shell},
    form::{ConsentGiven, Form, Input, Submission},
    hub::{CardDoc, HubDoc},
    ids::EntryId,
    time::Millis,
};
use std::collections::BTreeMap;
use uuid::Uuid;

/// An example of an entry, with everything that a mapping may look at.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleEntry {
    /// An id that no entry has.
    pub entry_id: EntryId,
    /// When it is said to have been accepted.
    pub accepted_at: Millis,
    /// The hub.
    pub hub_slug: String,
    /// The card.
    pub card_key: String,
    /// The card's title in the default language.
    pub card_title: String,
    /// The hub's default language.
    pub locale: String,
    /// Answers that the form accepts.
    pub fields: BTreeMap<String, Value>,
    /// What the contact's profile learns from them.
    pub properties: BTreeMap<String, Value>,
    /// All consents, given.
    pub consents: Vec<ConsentGiven>,
    /// What a play tells.
    pub play: BTreeMap<String, Value>,
    /// Parameters of the visit.
    pub params: BTreeMap<String, String>,
}

impl SampleEntry {
    /// An example of an entry of this card; `None` if the hub has no such card.
    pub fn of(doc: &HubDoc, card: &str, now: Millis) -> Option<Self> {
        let card = doc.cards.iter().find(|it| it.key == card)?;
        let locale = doc.default_locale();
        let submission = card
            .form
            .as_ref()
            .map(|form| submission(&Form::new(form, doc), doc, now))
            .unwrap_or_default();
        let fields = card.form.iter().flat_map(|form| &form.fields);
        let properties = fields
            .filter_map(|field| {
                let value = submission.fields.get(&field.key)?;
                Some((field.property()?.to_owned(), value.clone()))
            })
            .collect();
        let params = [
            ("utm_source", "newsletter"),
            ("utm_medium", "email"),
            ("utm_campaign", "spring"),
        ];
        Some(Self {
            entry_id: EntryId::from_uuid(Uuid::nil()),
            accepted_at: now,
            hub_slug: doc.hub.slug.clone(),
            card_key: card.key.clone(),
            card_title: card.title.get(locale, locale).to_owned(),
            locale: locale.as_str().to_owned(),
            fields: submission.fields,
            properties,
            consents: submission.consents,
            play: play(doc, card, now),
            params: params
                .map(|(key, text)| (key.to_owned(), text.to_owned()))
                .into(),
        })
    }

    /// The entry as a mapping sees it.
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            entry_id: self.entry_id,
            accepted_at: self.accepted_at,
            hub_slug: &self.hub_slug,
            card_key: &self.card_key,
            card_title: &self.card_title,
            locale: &self.locale,
            fields: &self.fields,
            properties: &self.properties,
            consents: &self.consents,
            play: &self.play,
            params: &self.params,
            moment: Moment::Entry,
        }
    }
}

/// The samples of all fields. One that does not pass the author's own rules (a pattern, a smallest number) is left out.
fn submission(form: &Form, doc: &HubDoc, now: Millis) -> Submission {
    let now = jiff::Timestamp::from_millisecond(now.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let today = jiff::tz::Offset::UTC.to_datetime(now).date();
    let mut input = Input::default();
    for field in form.fields() {
        if field.is_permission() {
            input.consents.insert(field.key.clone(), true);
        } else {
            let sample = match field.key.as_str() {
                "first_name" => "Ada".into(),
                "last_name" => "Lovelace".into(),
                _ => field.kind.field_type().sample(),
            };
            input.fields.insert(field.key.clone(), sample);
        }
    }
    let locale = doc.default_locale();
    let mut optional = form.doc().clone();
    match form.parse(&input, locale, today) {
        Ok(submission) => submission,
        Err(errors) => {
            for error in errors {
                input.fields.remove(&error.field);
            }
            for field in &mut optional.fields {
                field.required = false;
            }
            Form::new(&optional, doc)
                .parse(&input, locale, today)
                .unwrap_or_default()
        }
    }
}

/// What a play tells: a real one where the engine offers something to choose, else a value of each fact's kind.
fn play(doc: &HubDoc, card: &CardDoc, now: Millis) -> BTreeMap<String, Value> {
    let shell = Shell {
        card_key: &card.key,
        locales: &doc.hub.locales,
        images: &[],
    };
    let Some(Ok(engine)) = cards::kind(&card.kind).map(|kind| kind.open(&card.setup, &shell))
    else {
        return BTreeMap::new();
    };
    if !engine.playable() {
        return BTreeMap::new();
    }
    let context = PlayContext {
        now,
        seed: 0,
        attempt: 1,
    };
    let rows = engine.results(&[], doc.default_locale());
    let chosen = rows.first().map(|row| Move {
        question: None,
        option: row.key.clone(),
    });
    let played = chosen.and_then(|movement| engine.play(&movement, context).ok());
    let mut facts = played.map(|outcome| outcome.facts).unwrap_or_default();
    for fact in engine.facts() {
        facts.entry(fact.key).or_insert_with(|| match fact.kind {
            FactKind::Choice => Value::Text("option".to_owned()),
            FactKind::Text => Value::Text(fact.label),
            FactKind::Number => Value::Integer(1),
        });
    }
    facts
}
