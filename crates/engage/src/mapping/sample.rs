//! An entry that nobody made: what a card's fields and its engine give as examples, for previews before the first real one.
//! Promises values that the form itself accepts, with all consents given.
//! Leaves real entries to the store.

use super::{Facts, Moment};
use crate::{
    Value,
    cards::{self, FactDef, FactKind, Shell},
    form::{ConsentGiven, Form, Input, Submission, Told},
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
            play: play(doc, card),
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
    match form.parse(&input, &Told::new(), locale, today) {
        Ok(submission) => submission,
        Err(errors) => {
            for error in errors {
                input.fields.remove(&error.field);
            }
            for field in &mut optional.fields {
                field.required = false;
            }
            Form::new(&optional, doc)
                .parse(&input, &Told::new(), locale, today)
                .unwrap_or_default()
        }
    }
}

/// What a play tells: of each fact a value of its kind; where there are options, the first.
fn play(doc: &HubDoc, card: &CardDoc) -> BTreeMap<String, Value> {
    let shell = Shell {
        card_key: &card.key,
        locales: &doc.hub.locales,
        images: &[],
        form_first: card.form_first(),
    };
    let Some(Ok(engine)) = cards::kind(&card.kind).map(|kind| kind.open(&card.setup, &shell))
    else {
        return BTreeMap::new();
    };
    let facts = engine.facts();
    // The words of an answer are those of the option that is taken as the example.
    let label_of = |key: &str| {
        let (kind, question) = key.split_once(':').unwrap_or((key, ""));
        let of = kind.strip_suffix("_text")?;
        let of = if question.is_empty() {
            of.to_owned()
        } else {
            format!("{of}:{question}")
        };
        let fact = facts.iter().find(|fact| fact.key == of)?;
        Some(fact.options.first()?.1.clone())
    };
    let example = |fact: &FactDef| {
        let option = fact.options.first().map(|(key, _)| key.clone());
        match fact.kind {
            FactKind::Choice => Value::Text(option.unwrap_or_else(|| "option".to_owned())),
            FactKind::Choices => Value::List(option.into_iter().collect()),
            FactKind::Text => {
                Value::Text(label_of(&fact.key).unwrap_or_else(|| fact.label.clone()))
            }
            FactKind::Number => Value::Integer(1),
            FactKind::YesNo => Value::Bool(true),
            FactKind::Date => Value::Date(jiff::civil::date(2000, 1, 1)),
        }
    };
    facts
        .iter()
        .map(|fact| (fact.key.clone(), example(fact)))
        .collect()
}
