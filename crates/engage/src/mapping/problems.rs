//! What is wrong or doubtful in a mapping, said before anybody enters: names, types, sources, two ways to the same target.
//! Promises that a mapping without errors makes no object that Braze refuses for its shape.
//! Leaves values that only show up in entries to the plan's notes.

use super::{
    Attribute, CustomEvent, Mapping, Subscription, Target,
    convert::{LONGEST_TEXT, Standard},
    source::{KINDS, Origin},
};
use crate::{
    fields::FieldDoc,
    hub::{
        AttributeMapping, CardDoc, ConnectionDoc, ConsentMapping, EventMapping, GivenState,
        IdentifyBy, MappedType, Problem, Severity, Source, WithheldState, nearest,
    },
};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What kind of values a field holds, as far as a mapping cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Any text: short texts, choices, hidden values.
    Text,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A country's code.
    Country,
    /// A number.
    Number,
    /// Yes or no.
    YesNo,
    /// A day.
    Date,
    /// A consent or terms.
    Permission,
}

/// A field of a card of the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownField {
    /// Its key.
    pub key: String,
    /// What it holds.
    pub shape: Shape,
    /// Whether it is personal data.
    pub pii: bool,
    /// The contact property it grows.
    pub property: Option<String>,
}

/// A card of the hub: what its form asks and its play tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownCard {
    /// Its key.
    pub key: String,
    /// The fields of its form.
    pub fields: Vec<KnownField>,
    /// Whole names of the play's facts: `answer:flavour`.
    pub facts: Vec<String>,
}

impl KnownCard {
    /// Describes a card of the document; the facts come from its engine.
    pub fn new(card: &CardDoc, facts: Vec<String>) -> Self {
        let fields = card
            .form
            .iter()
            .flat_map(|form| &form.fields)
            .map(known_field)
            .collect();
        Self {
            key: card.key.clone(),
            fields,
            facts,
        }
    }
}

fn known_field(field: &FieldDoc) -> KnownField {
    let shape = match field.kind.name() {
        "email" => Shape::Email,
        "phone" => Shape::Phone,
        "country" => Shape::Country,
        "number" => Shape::Number,
        "yes_no" => Shape::YesNo,
        "birthday" => Shape::Date,
        "consent" | "terms" => Shape::Permission,
        _ => Shape::Text,
    };
    KnownField {
        key: field.key.clone(),
        shape,
        pii: field.is_pii(),
        property: field.property().map(str::to_owned),
    }
}

pub(super) fn compile(doc: &ConnectionDoc) -> Result<Mapping, Vec<Problem>> {
    let mut check = Check {
        path: String::new(),
        cards: &[],
        found: Vec::new(),
    };
    let mapping = check.connection(doc);
    let errors: Vec<Problem> = check
        .found
        .into_iter()
        .filter(|problem| problem.severity == Severity::Error)
        .collect();
    match mapping {
        Some(mapping) if errors.is_empty() => Ok(mapping),
        _ => Err(errors),
    }
}

pub(super) fn problems(doc: &ConnectionDoc, path: &str, cards: &[KnownCard]) -> Vec<Problem> {
    let mut check = Check {
        path: path.to_owned(),
        cards,
        found: Vec::new(),
    };
    check.connection(doc);
    check.found
}

/// Fields of an attributes object that are not values of a profile, or that the mapping sets elsewhere.
const RESERVED: [(&str, &str); 14] = [
    (
        "external_id",
        "Set how people are identified under the connection's `user`.",
    ),
    (
        "user_alias",
        "Set how people are identified under the connection's `user`.",
    ),
    (
        "braze_id",
        "Set how people are identified under the connection's `user`.",
    ),
    (
        "_update_existing_only",
        "Use `update_existing_only` under the connection's `user`.",
    ),
    ("_merge_objects", "Choose another name."),
    ("push_token_import", "Choose another name."),
    (
        "push_tokens",
        "Choose another name; push tokens come from Braze's own SDK.",
    ),
    (
        "subscription_groups",
        "Map a consent to `group:<id>` under the connection's `consents`.",
    ),
    (
        "email_subscribe",
        "Map a consent to `email_subscribe` under the connection's `consents`.",
    ),
    (
        "push_subscribe",
        "Map a consent to `push_subscribe` under the connection's `consents`.",
    ),
    (
        "email_subscription_info",
        "Choose another name; Braze refuses this one.",
    ),
    ("bio", "Choose another name; Braze ignores this one."),
    (
        "current_location",
        "Choose another name; locations cannot be mapped.",
    ),
    ("app_id", "Choose another name."),
];

struct Check<'a> {
    path: String,
    cards: &'a [KnownCard],
    found: Vec<Problem>,
}

impl Check<'_> {
    fn say(&mut self, severity: Severity, place: &str, message: String, remedy: impl Into<String>) {
        let path = match (self.path.is_empty(), place.is_empty()) {
            (true, _) => place.to_owned(),
            (false, true) => self.path.clone(),
            (false, false) => format!("{}.{place}", self.path),
        };
        self.found.push(Problem {
            path,
            severity,
            message,
            remedy: remedy.into(),
        });
    }

    fn error(&mut self, place: &str, message: String, remedy: impl Into<String>) {
        self.say(Severity::Error, place, message, remedy);
    }

    fn warn(&mut self, place: &str, message: String, remedy: impl Into<String>) {
        self.say(Severity::Warning, place, message, remedy);
    }

    fn connection(&mut self, doc: &ConnectionDoc) -> Option<Mapping> {
        let identifier = self.user(doc);
        let attributes = doc
            .attributes
            .iter()
            .enumerate()
            .filter_map(|(place, attribute)| self.attribute(doc, place, attribute))
            .collect();
        self.two_sources(&doc.attributes);
        let subscriptions = doc
            .consents
            .iter()
            .enumerate()
            .filter_map(|(place, consent)| self.consent(place, consent))
            .collect();
        let events = doc
            .events
            .iter()
            .enumerate()
            .filter_map(|(place, event)| self.event(place, event))
            .collect();
        let user = &doc.user;
        let flag = match (user.by, user.update_existing_only) {
            // Addresses existing profiles whatever the flag says.
            (IdentifyBy::BrazeId, _) => None,
            (_, true) => Some(true),
            // The one kind that does not create profiles unless told to (contract 4.4).
            (IdentifyBy::Alias, false) => Some(false),
            (IdentifyBy::ExternalId | IdentifyBy::Email | IdentifyBy::Phone, false) => None,
        };
        Some(Mapping {
            by: user.by,
            label: user.label.clone().unwrap_or_default(),
            identifier: identifier?,
            flag,
            attributes,
            subscriptions,
            events,
        })
    }

    fn user(&mut self, doc: &ConnectionDoc) -> Option<Origin> {
        let user = &doc.user;
        let label = user.label.as_deref().unwrap_or_default().trim();
        if user.by == IdentifyBy::Alias && label.is_empty() {
            self.error(
                "user.label",
                "An alias needs a label.".to_owned(),
                "Give one that says what the alias is, such as `komo_email`.",
            );
        }
        if user.by != IdentifyBy::Alias && user.label.is_some() {
            self.warn(
                "user.label",
                "Only an alias has a label.".to_owned(),
                "Remove it.",
            );
        }
        let origin = self.source("user.from", &user.from, None, None)?;
        let shape = self.shape(&origin);
        match (user.by, &origin, shape) {
            (
                _,
                Origin::CardKey
                | Origin::CardTitle
                | Origin::HubSlug
                | Origin::Constant(_)
                | Origin::EntryLocale
                | Origin::Consent(_),
                _,
            ) => {
                self.error(
                    "user.from",
                    format!(
                        "\"{}\" is the same for many people and cannot identify one.",
                        user.from
                    ),
                    "Use a field that differs from person to person, such as the e-mail address.",
                );
            }
            (IdentifyBy::Email, _, Some(shape)) if !matches!(shape, Shape::Email | Shape::Text) => {
                self.error(
                    "user.from",
                    format!("\"{}\" holds no e-mail address.", user.from),
                    "Use a field of the type e-mail.",
                );
            }
            (IdentifyBy::Phone, _, Some(shape)) if !matches!(shape, Shape::Phone | Shape::Text) => {
                self.error(
                    "user.from",
                    format!("\"{}\" holds no phone number.", user.from),
                    "Use a field of the type phone.",
                );
            }
            (IdentifyBy::ExternalId, _, Some(Shape::Email)) => self.warn(
                "user.from",
                "An e-mail address as external ID can be guessed and may change.".to_owned(),
                "Use an ID of your own system, or an alias.",
            ),
            _ => {}
        }
        Some(origin)
    }

    fn attribute(
        &mut self,
        doc: &ConnectionDoc,
        place: usize,
        attribute: &AttributeMapping,
    ) -> Option<Attribute> {
        let place = format!("attributes[{place}]");
        let to = attribute.to.as_str();
        self.card_list(&place, attribute.cards.as_deref());
        let origin = self.source(
            &format!("{place}.from"),
            &attribute.from,
            attribute.value.as_ref(),
            attribute.cards.as_deref(),
        )?;
        if let Some((_, remedy)) = RESERVED.iter().find(|(name, _)| *name == to) {
            self.error(
                &format!("{place}.to"),
                format!("\"{to}\" is not a profile field that can be mapped."),
                *remedy,
            );
            return None;
        }
        match (doc.user.by, to) {
            (IdentifyBy::Phone, "email") => {
                self.error(
                    &format!("{place}.to"),
                    "With an e-mail address in it, Braze would look the person up by that instead of the phone number.".to_owned(),
                    "Identify people by alias or external ID, or leave the e-mail address out.",
                );
                return None;
            }
            (IdentifyBy::Email, "email") | (IdentifyBy::Phone, "phone") => {
                if attribute.from != doc.user.from {
                    self.error(
                        &format!("{place}.to"),
                        format!("People are identified by \"{to}\", so it cannot be set to something else."),
                        "Remove this line, or identify people by alias or external ID.",
                    );
                }
                // The identifier itself is in every object already.
                return None;
            }
            _ => {}
        }
        let target = if let Some(field) = Standard::of(to) {
            self.standard_fits(&place, to, field, &origin, attribute.value_type);
            Target::Standard(field)
        } else {
            self.custom_name(&place, to);
            self.type_fits(&place, &origin, attribute.value_type);
            Target::Custom(attribute.value_type)
        };
        Some(Attribute {
            from: origin,
            to: to.to_owned(),
            target,
            cards: attribute.cards.clone(),
        })
    }

    fn consent(&mut self, place: usize, consent: &ConsentMapping) -> Option<Subscription> {
        let place = format!("consents[{place}]");
        let origin = self.source(&format!("{place}.from"), &consent.from, None, None)?;
        let Origin::Consent(key) = origin else {
            self.error(
                &format!("{place}.from"),
                format!("\"{}\" is not a consent.", consent.from),
                "Use `consent:` and the key of a consent field.",
            );
            return None;
        };
        let (to, is_group) = match consent.to.as_str() {
            state @ ("email_subscribe" | "push_subscribe") => (state.to_owned(), false),
            other => {
                let group = other
                    .strip_prefix("group:")
                    .and_then(|id| Uuid::try_parse(id.trim()).ok());
                let Some(group) = group else {
                    self.error(
                        &format!("{place}.to"),
                        format!("\"{other}\" is neither a subscription state nor a group with a valid ID."),
                        "Use `email_subscribe`, `push_subscribe`, or `group:` and the ID from Braze (Audience, Subscription groups).",
                    );
                    return None;
                };
                (group.hyphenated().to_string(), true)
            }
        };
        let given = match consent.given {
            Some(GivenState::OptedIn) if is_group => {
                self.error(
                    &format!("{place}.given"),
                    "A subscription group knows no `opted_in`.".to_owned(),
                    "Use `subscribed`, or leave it out.",
                );
                return None;
            }
            Some(GivenState::OptedIn) => "opted_in",
            None if !is_group => "opted_in",
            None | Some(GivenState::Subscribed) => "subscribed",
        };
        let withheld = match consent.withheld {
            WithheldState::Leave => None,
            WithheldState::Unsubscribed => Some("unsubscribed"),
        };
        Some(Subscription {
            consent: key,
            to,
            is_group,
            given,
            withheld,
        })
    }

    fn event(&mut self, place: usize, event: &EventMapping) -> Option<CustomEvent> {
        let place = format!("events[{place}]");
        self.card_list(&place, event.cards.as_deref());
        self.name(&format!("{place}.name"), "event", &event.name);
        if event.name.starts_with("ecommerce.") {
            self.warn(
                &format!("{place}.name"),
                format!("Braze checks the properties of \"{}\" against a fixed list.", event.name),
                "Use another name unless the properties are exactly those of Braze's e-commerce events.",
            );
        }
        if event.properties.len() > 256 {
            self.error(
                &format!("{place}.properties"),
                "Braze keeps 256 properties of an event.".to_owned(),
                "Remove some.",
            );
        }
        let mut names = BTreeSet::new();
        let mut properties = Vec::new();
        for (number, property) in event.properties.iter().enumerate() {
            let here = format!("{place}.properties[{number}]");
            let to_place = format!("{here}.to");
            self.name(&to_place, "property", &property.to);
            if matches!(property.to.as_str(), "time" | "event_name") {
                self.error(
                    &to_place,
                    format!(
                        "Braze keeps the name \"{}\" for itself and refuses the event.",
                        property.to
                    ),
                    format!("Choose another name, such as `entry_{}`.", property.to),
                );
            }
            if !names.insert(property.to.as_str()) {
                self.error(
                    &to_place,
                    format!("\"{}\" is set twice in this event.", property.to),
                    "Remove one of the two.",
                );
            }
            let origin = self.source(
                &format!("{here}.from"),
                &property.from,
                property.value.as_ref(),
                event.cards.as_deref(),
            );
            if let Some(origin) = origin {
                self.type_fits(&here, &origin, property.value_type);
                if let Origin::Field(key) | Origin::Property(key) = &origin
                    && self.is_pii(&origin)
                {
                    self.warn(
                        &format!("{here}.from"),
                        format!("\"{key}\" is personal data, and event properties cannot be changed or erased field by field."),
                        "Map it to a profile field instead, or leave it out.",
                    );
                }
                properties.push((property.to.clone(), origin, property.value_type));
            }
        }
        Some(CustomEvent {
            on: event.on,
            name: event.name.clone(),
            cards: event.cards.clone(),
            properties,
        })
    }

    /// Reads a source and, where the hub's cards are known, looks for it there.
    fn source(
        &mut self,
        place: &str,
        source: &Source,
        value: Option<&Json>,
        cards: Option<&[String]>,
    ) -> Option<Origin> {
        let origin = match Origin::read(source, value) {
            Ok(origin) => origin,
            Err(message) => {
                let remedy = nearest(source.as_str(), KINDS).map_or_else(
                    || "Use one of field:, property:, consent:, answer:, answer_text:, entry:id, entry:time, entry:locale, card:key, card:title, hub:slug, utm:, param:, constant.".to_owned(),
                    |near| format!("Did you mean `{near}`?"),
                );
                self.error(place, message, remedy);
                return None;
            }
        };
        if self.cards.is_empty() {
            return Some(origin);
        }
        let chosen: Vec<&KnownCard> = self
            .cards
            .iter()
            .filter(|card| cards.is_none_or(|cards| cards.iter().any(|key| *key == card.key)))
            .collect();
        let permission = |field: &&KnownField| field.shape == Shape::Permission;
        let (known, asked, is_error): (BTreeSet<&str>, &str, bool) = match &origin {
            Origin::Field(key) => (
                chosen
                    .iter()
                    .flat_map(|card| &card.fields)
                    .map(|field| field.key.as_str())
                    .collect(),
                key,
                true,
            ),
            Origin::Consent(key) => (
                chosen
                    .iter()
                    .flat_map(|card| &card.fields)
                    .filter(permission)
                    .map(|field| field.key.as_str())
                    .collect(),
                key,
                true,
            ),
            Origin::Play(key) => (
                chosen
                    .iter()
                    .flat_map(|card| &card.facts)
                    .map(String::as_str)
                    .collect(),
                key,
                true,
            ),
            // A contact may have brought the property from another hub or an import.
            Origin::Property(key) => {
                let all = self.cards.iter().flat_map(|card| &card.fields);
                (
                    all.filter_map(|field| field.property.as_deref()).collect(),
                    key,
                    false,
                )
            }
            _ => return Some(origin),
        };
        if !known.contains(asked) {
            let remedy = nearest(asked, known.iter().copied()).map_or_else(
                || "Add it to a card, or correct the name.".to_owned(),
                |near| format!("Did you mean \"{near}\"?"),
            );
            let severity = if is_error {
                Severity::Error
            } else {
                Severity::Warning
            };
            let message = format!("No card that this line applies to has \"{asked}\".");
            self.say(severity, place, message, remedy);
        }
        Some(origin)
    }

    fn card_list(&mut self, place: &str, cards: Option<&[String]>) {
        if self.cards.is_empty() {
            return;
        }
        for (number, key) in cards.unwrap_or_default().iter().enumerate() {
            if self.cards.iter().all(|card| card.key != *key) {
                let remedy = nearest(key, self.cards.iter().map(|card| card.key.as_str()))
                    .map_or_else(
                        || "Name a card of this hub.".to_owned(),
                        |near| format!("Did you mean \"{near}\"?"),
                    );
                self.error(
                    &format!("{place}.cards[{number}]"),
                    format!("The hub has no card \"{key}\"."),
                    remedy,
                );
            }
        }
    }

    fn name(&mut self, place: &str, what: &str, name: &str) {
        if name.trim().is_empty() {
            self.error(place, format!("The {what} has no name."), "Give it one.");
        } else if name.chars().count() > LONGEST_TEXT {
            self.error(
                place,
                format!("The {what}'s name is longer than 255 characters."),
                "Choose a shorter one.",
            );
        } else if name.starts_with('$') {
            self.error(
                place,
                format!("\"{name}\" begins with $, which Braze keeps for itself."),
                "Choose another name.",
            );
        }
    }

    fn custom_name(&mut self, place: &str, to: &str) {
        let place = format!("{place}.to");
        self.name(&place, "attribute", to);
        let lower = to.to_lowercase();
        if let Some((standard, _)) = Standard::TABLE
            .iter()
            .find(|(name, _)| *name == lower && *name != to)
        {
            self.warn(
                &place,
                format!(
                    "\"{to}\" becomes a custom attribute; Braze's own field is \"{standard}\"."
                ),
                format!("Write `{standard}` if you mean Braze's field."),
            );
        }
    }

    /// The same target from two sources, or with two types.
    fn two_sources(&mut self, attributes: &[AttributeMapping]) {
        let mut seen: BTreeMap<&str, Vec<&AttributeMapping>> = BTreeMap::new();
        for (place, attribute) in attributes.iter().enumerate() {
            let before = seen.entry(attribute.to.as_str()).or_default();
            let place = format!("attributes[{place}]");
            let clash = before
                .iter()
                .any(|other| match (&other.cards, &attribute.cards) {
                    (Some(some), Some(others)) => some.iter().any(|card| others.contains(card)),
                    _ => true,
                });
            if clash {
                self.error(
                    &format!("{place}.to"),
                    format!(
                        "\"{}\" gets its value from two sources for the same card.",
                        attribute.to
                    ),
                    "Remove one of them, or limit them to different cards.",
                );
            } else if before
                .iter()
                .any(|other| other.value_type != attribute.value_type)
                && Standard::of(&attribute.to).is_none()
            {
                self.warn(
                    &format!("{place}.type"),
                    format!("\"{}\" is sent with different types.", attribute.to),
                    "Use one type: Braze's filters work with the first one it sees.",
                );
            }
            before.push(attribute);
        }
    }

    /// The shape of a source, if the hub's cards tell.
    fn shape(&self, origin: &Origin) -> Option<Shape> {
        let fields = || self.cards.iter().flat_map(|card| &card.fields);
        match origin {
            Origin::Field(key) => fields()
                .find(|field| field.key == *key)
                .map(|field| field.shape),
            Origin::Property(key) => fields()
                .find(|field| field.property.as_deref() == Some(key))
                .map(|field| field.shape),
            Origin::Consent(_) => Some(Shape::Permission),
            Origin::Constant(Json::Number(_)) => Some(Shape::Number),
            Origin::Constant(Json::Bool(_)) => Some(Shape::YesNo),
            Origin::EntryTime => Some(Shape::Date),
            Origin::Play(_) | Origin::Constant(_) => Some(Shape::Text),
            _ => None,
        }
    }

    fn is_pii(&self, origin: &Origin) -> bool {
        self.cards
            .iter()
            .flat_map(|card| &card.fields)
            .any(|field| {
                field.pii
                    && match origin {
                        Origin::Field(key) => field.key == *key,
                        Origin::Property(key) => field.property.as_deref() == Some(key),
                        _ => false,
                    }
            })
    }

    fn type_fits(&mut self, place: &str, origin: &Origin, kind: Option<MappedType>) {
        let Some(shape) = self.shape(origin) else {
            return;
        };
        let (fits, doubtful) = match kind {
            None | Some(MappedType::String | MappedType::StringArrayAdd) => (true, false),
            Some(MappedType::Number) => (
                matches!(shape, Shape::Number | Shape::Text),
                shape == Shape::Text,
            ),
            Some(MappedType::Boolean) => (
                matches!(shape, Shape::YesNo | Shape::Permission | Shape::Text),
                shape == Shape::Text,
            ),
            Some(MappedType::Date) => (
                matches!(shape, Shape::Date | Shape::Text),
                shape == Shape::Text,
            ),
        };
        let place = format!("{place}.type");
        if !fits {
            self.error(
                &place,
                "The source never holds values of this type.".to_owned(),
                "Leave `type` out, or choose one that fits the field.",
            );
        } else if doubtful {
            self.warn(
                &place,
                "The source is free text: values that are not of this type are left out."
                    .to_owned(),
                "Use a field that only accepts such values.",
            );
        }
    }

    fn standard_fits(
        &mut self,
        place: &str,
        to: &str,
        field: Standard,
        origin: &Origin,
        kind: Option<MappedType>,
    ) {
        if kind == Some(MappedType::StringArrayAdd) {
            self.error(
                &format!("{place}.type"),
                format!("Braze's field \"{to}\" holds one value, not a list."),
                "Leave `type` out, or choose another name.",
            );
        }
        let Some(shape) = self.shape(origin) else {
            return;
        };
        let (fits, doubtful) = match field {
            Standard::Text => (!matches!(shape, Shape::Permission | Shape::YesNo), false),
            Standard::Email => (
                matches!(shape, Shape::Email | Shape::Text),
                shape == Shape::Text,
            ),
            Standard::Phone => (
                matches!(shape, Shape::Phone | Shape::Text),
                shape == Shape::Text,
            ),
            Standard::BirthDate | Standard::Time => (
                matches!(shape, Shape::Date | Shape::Text),
                shape == Shape::Text,
            ),
            Standard::Country => (
                matches!(shape, Shape::Country | Shape::Text),
                shape == Shape::Text,
            ),
            Standard::Gender | Standard::Language => (shape == Shape::Text, false),
            Standard::Bool => (
                matches!(shape, Shape::YesNo | Shape::Permission | Shape::Text),
                shape == Shape::Text,
            ),
        };
        let place = format!("{place}.from");
        if !fits {
            self.error(
                &place,
                format!("The source cannot fill Braze's field \"{to}\"."),
                "Use a field of the matching type.",
            );
        } else if doubtful {
            self.warn(
                &place,
                format!("The source is free text: values that are not valid for Braze's field \"{to}\" are left out."),
                "Use a field that only accepts such values.",
            );
        }
    }
}
