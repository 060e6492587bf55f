//! What is wrong or doubtful in a mapping, said before anybody enters: names, types, sources, two ways to the same target.
//! Promises that a mapping without errors makes no object that Braze refuses for its shape.
//! Leaves values that only show up in entries to the plan's notes.

use super::{
    Attribute, CustomEvent, Mapping, Subscription, Target,
    convert::{LONGEST_TEXT, Standard},
    known::{KnownCard, KnownField, Shape},
    source::{KINDS, Origin},
};
use crate::hub::{
    AttributeMapping, ConnectionDoc, ConsentMapping, EventMapping, GivenState, IdentifyBy, Problem,
    Severity, Source, WithheldState, nearest,
};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

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

pub(super) struct Check<'a> {
    path: String,
    pub(super) cards: &'a [KnownCard],
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

    pub(super) fn error(&mut self, place: &str, message: String, remedy: impl Into<String>) {
        self.say(Severity::Error, place, message, remedy);
    }

    pub(super) fn warn(&mut self, place: &str, message: String, remedy: impl Into<String>) {
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
            .map(|(place, event)| self.event(place, event))
            .collect();
        let user = &doc.user;
        let flag = match user.by {
            // Addresses existing profiles whatever the flag says.
            IdentifyBy::BrazeId => None,
            _ if user.update_existing_only => Some(true),
            // The one kind that does not create profiles unless told to (contract 4.4).
            IdentifyBy::Alias => Some(false),
            IdentifyBy::ExternalId | IdentifyBy::Email | IdentifyBy::Phone => None,
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

    fn event(&mut self, place: usize, event: &EventMapping) -> CustomEvent {
        let place = format!("events[{place}]");
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
        CustomEvent {
            on: event.on,
            name: event.name.clone(),
            cards: event.cards.clone(),
            properties,
        }
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
            .filter(|card| cards.is_none_or(|cards| cards.contains(&card.key)))
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
}
