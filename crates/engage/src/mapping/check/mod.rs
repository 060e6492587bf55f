//! What is wrong or doubtful in a mapping, said before anybody enters: names, types, sources, two ways to the same target.
//! Promises that a mapping without errors makes no object that Braze refuses for its shape.
//! Leaves values that only show up in entries to the plan's notes.

mod attributes;
mod consents;
mod events;
mod fit;
mod user;

use super::{
    Mapping,
    convert::LONGEST_TEXT,
    known::{KnownCard, KnownField, Shape},
    source::{KINDS, Origin},
    transform::{Recipe, Step},
};
use crate::hub::{ConnectionDoc, Problem, Severity, Source, Transform, nearest};
use serde_json::Value as Json;
use std::collections::BTreeSet;

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

/// How a value is written in the document.
#[derive(Clone, Copy)]
struct Written<'a> {
    /// Where it stands: `attributes[3]`.
    place: &'a str,
    from: &'a [Source],
    value: Option<&'a Json>,
    transforms: &'a [Transform],
    cards: Option<&'a [String]>,
}

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
        let identifiers = self.user(doc);
        let attributes = self.attributes(doc);
        let subscriptions = self.consents(&doc.consents);
        let events = self.events(doc);
        let purchases = self.purchases(doc);
        Some(Mapping {
            identifiers: identifiers?,
            join: doc.user.identify,
            attributes,
            subscriptions,
            events,
            purchases,
        })
    }

    /// Reads how a value is made. `as_list`: several sources stay a list, else they are joined by a space.
    fn recipe(&mut self, written: Written<'_>, as_list: bool) -> Option<Recipe> {
        let Written { place, from, .. } = written;
        if from.is_empty() {
            self.error(
                &format!("{place}.from"),
                "The list of sources is empty.".to_owned(),
                "Name at least one, such as `field:email`.",
            );
            return None;
        }
        let mut origins = Vec::with_capacity(from.len());
        for (number, source) in from.iter().enumerate() {
            let here = if from.len() == 1 {
                format!("{place}.from")
            } else {
                format!("{place}.from[{number}]")
            };
            origins.extend(self.source(&here, source, written.value, written.cards));
        }
        let mut steps = Vec::with_capacity(written.transforms.len());
        for (number, transform) in written.transforms.iter().enumerate() {
            match Step::read(transform) {
                Ok(step) => steps.push(step),
                Err((message, remedy)) => {
                    self.error(&format!("{place}.transforms[{number}]"), message, remedy);
                }
            }
        }
        if origins.len() < from.len() || steps.len() < written.transforms.len() {
            return None;
        }
        let joined = steps
            .iter()
            .any(|step| matches!(step, Step::Join(_) | Step::Split(_)));
        if origins.len() > 1 && !joined && !as_list {
            steps.push(Step::Join(" ".to_owned()));
        }
        Some(Recipe::new(origins, steps))
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
                    || {
                        let kinds = KINDS.map(|kind| match kind {
                            "entry:" => "entry:id, entry:time, entry:locale",
                            "card:" => "card:key, card:title, hub:slug",
                            kind => kind,
                        });
                        format!("Use one of {}.", kinds.join(", "))
                    },
                    |near| format!("Did you mean `{near}`?"),
                );
                self.error(place, message, remedy);
                return None;
            }
        };
        if self.cards.is_empty() {
            return Some(origin);
        }
        if let Origin::Param(name) = &origin
            && !["utm_", "komo_e:"]
                .iter()
                .any(|kept| name.starts_with(kept))
        {
            self.warn(
                place,
                format!("The parameter \"{name}\" of a visit's address is not kept."),
                format!("Name it `komo_e:{name}` in the address and `param:komo_e:{name}` here."),
            );
        }
        let chosen: Vec<&KnownCard> = self
            .cards
            .iter()
            .filter(|card| cards.is_none_or(|cards| cards.contains(&card.key)))
            .collect();
        let fields = || chosen.iter().flat_map(|card| &card.fields);
        let permission = |field: &&KnownField| field.shape == Shape::Permission;
        let key = |field: &'_ KnownField| field.key.clone();
        let (known, asked): (BTreeSet<String>, &str) = match &origin {
            Origin::Field(asked) => (fields().map(key).collect(), asked),
            Origin::Consent(asked) => {
                let known = fields().filter(permission).map(key).collect();
                (known, asked)
            }
            Origin::Play(asked) => {
                let facts = chosen.iter().flat_map(|card| &card.facts);
                let known = facts.map(|fact| fact.key.clone()).collect();
                (known, asked)
            }
            Origin::Property(asked) => {
                let known = fields()
                    .filter_map(|field| field.property.clone())
                    .collect();
                (known, asked)
            }
            _ => return Some(origin),
        };
        if !known.contains(asked) {
            let remedy = nearest(asked, known.iter().map(String::as_str)).map_or_else(
                || "Add it to a card, or correct the name.".to_owned(),
                |near| format!("Did you mean \"{near}\"?"),
            );
            let message = format!("No card that this line applies to has \"{asked}\".");
            self.error(place, message, remedy);
        }
        Some(origin)
    }

    /// The cards that a line is for.
    fn card_list(&mut self, place: &str, cards: Option<&[String]>) {
        if self.cards.is_empty() {
            return;
        }
        for (number, card) in cards.unwrap_or_default().iter().enumerate() {
            if self.cards.iter().any(|known| known.key == *card) {
                continue;
            }
            let remedy = nearest(card, self.cards.iter().map(|known| known.key.as_str()))
                .map_or_else(
                    || "Name a card of this hub by its key.".to_owned(),
                    |near| format!("Did you mean \"{near}\"?"),
                );
            self.error(
                &format!("{place}.cards[{number}]"),
                format!("The hub has no card \"{card}\"."),
                remedy,
            );
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
}

/// Whether two lines can apply to the same card.
fn overlap(one: Option<&[String]>, other: Option<&[String]>) -> bool {
    match (one, other) {
        (Some(some), Some(others)) => some.iter().any(|card| others.contains(card)),
        _ => true,
    }
}
