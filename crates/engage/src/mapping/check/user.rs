//! How people are identified: one way, or several in the author's order.
//! Promises that what identifies differs from person to person.
//! Leaves finding the identifier of an entry to `identity`.

use super::{Check, Written};
use crate::{
    hub::{ConnectionDoc, IdentifyBy, OtherIdentifier, Source, Transform},
    mapping::{identity::Identifier, known::Shape, source::Origin},
};

/// One way, as authored.
struct Way<'a> {
    place: String,
    by: IdentifyBy,
    label: Option<&'a str>,
    from: &'a Source,
    transforms: &'a [Transform],
    update_existing_only: bool,
}

impl<'a> Way<'a> {
    fn other(number: usize, other: &'a OtherIdentifier) -> Self {
        Self {
            place: format!("user.otherwise[{number}]"),
            by: other.by,
            label: other.label.as_deref(),
            from: &other.from,
            transforms: &other.transforms,
            update_existing_only: other.update_existing_only,
        }
    }
}

impl Check<'_> {
    /// All ways in their order; `None` if one cannot be read.
    pub(super) fn user(&mut self, doc: &ConnectionDoc) -> Option<Vec<Identifier>> {
        let user = &doc.user;
        let first = Way {
            place: "user".to_owned(),
            by: user.by,
            label: user.label.as_deref(),
            from: &user.from,
            transforms: &user.transforms,
            update_existing_only: user.update_existing_only,
        };
        let others = user.otherwise.iter().enumerate();
        let ways = std::iter::once(first).chain(others.map(|(at, it)| Way::other(at, it)));
        let identifiers: Vec<Option<Identifier>> = ways.map(|way| self.way(&way)).collect();
        self.joining(doc);
        identifiers.into_iter().collect()
    }

    fn joining(&mut self, doc: &ConnectionDoc) {
        let user = &doc.user;
        let can_join = user.by == IdentifyBy::ExternalId
            && user.otherwise.iter().any(|other| {
                matches!(
                    other.by,
                    IdentifyBy::Alias | IdentifyBy::Email | IdentifyBy::Phone
                )
            });
        if user.identify && !can_join {
            self.warn(
                "user.identify",
                "There is nothing to join: that takes an external ID first and another identifier to fall back on."
                    .to_owned(),
                "Remove `identify`, or add an alias, e-mail address or phone number under `otherwise`.",
            );
        } else if can_join && !user.identify {
            self.warn(
                "user",
                "Somebody who enters without the external ID and later with it has two profiles in Braze."
                    .to_owned(),
                "Set `identify = true` and give the key the permission `users.identify`, so that the two are joined.",
            );
        }
    }

    fn way(&mut self, way: &Way<'_>) -> Option<Identifier> {
        let place = way.place.as_str();
        let label = way.label.unwrap_or_default().trim();
        if way.by == IdentifyBy::Alias && label.is_empty() {
            self.error(
                &format!("{place}.label"),
                "An alias needs a label.".to_owned(),
                "Give one that says what the alias is, such as `komo_email`.",
            );
        }
        if way.by != IdentifyBy::Alias && way.label.is_some() {
            self.warn(
                &format!("{place}.label"),
                "Only an alias has a label.".to_owned(),
                "Remove it.",
            );
        }
        let written = Written {
            place,
            from: std::slice::from_ref(way.from),
            value: None,
            transforms: way.transforms,
            cards: None,
        };
        let recipe = self.recipe(written, false)?;
        let from = format!("{place}.from");
        let shape = self.shape(&recipe);
        if recipe.origins().iter().all(Origin::is_shared) {
            self.error(
                &from,
                format!(
                    "\"{}\" is the same for many people and cannot identify one.",
                    way.from
                ),
                "Use a field that differs from person to person, such as the e-mail address.",
            );
        }
        match (way.by, shape) {
            (IdentifyBy::Email, Some(shape)) if !matches!(shape, Shape::Email | Shape::Text) => {
                self.error(
                    &from,
                    format!("\"{}\" holds no e-mail address.", way.from),
                    "Use a field of the type e-mail.",
                );
            }
            (IdentifyBy::Phone, Some(shape)) if !matches!(shape, Shape::Phone | Shape::Text) => {
                self.error(
                    &from,
                    format!("\"{}\" holds no phone number.", way.from),
                    "Use a field of the type phone.",
                );
            }
            (IdentifyBy::ExternalId, Some(Shape::Email)) => self.warn(
                &from,
                "An e-mail address as external ID can be guessed and may change.".to_owned(),
                "Use an ID of your own system, or an alias.",
            ),
            _ => {}
        }
        let flag = match way.by {
            // Addresses existing profiles whatever the flag says.
            IdentifyBy::BrazeId => None,
            _ if way.update_existing_only => Some(true),
            // The one kind that does not create profiles unless told to (contract 4.4).
            IdentifyBy::Alias => Some(false),
            IdentifyBy::ExternalId | IdentifyBy::Email | IdentifyBy::Phone => None,
        };
        Some(Identifier {
            by: way.by,
            label: way.label.unwrap_or_default().to_owned(),
            from: recipe,
            flag,
        })
    }
}
