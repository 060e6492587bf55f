//! Who a delivery is for, and how somebody who was first known in one way becomes the same person in another.
//! Promises that one object names one person in one way, and that two profiles are joined only where the author asked for it.
//! Leaves making the call to `delivery`, and what was sent before to `sent`.

use super::{
    Facts, Mapping, SkipReason, convert, object::Object, source::Found, transform::Recipe,
};
use crate::hub::IdentifyBy;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::borrow::Cow;

/// Placeholders that must never become a person (contract 4.5), in lower case.
const DUMMIES: [&str; 9] = [
    "null",
    "undefined",
    "none",
    "nan",
    "0",
    "anonymous",
    "guest",
    "[object object]",
    "00000000-0000-0000-0000-000000000000",
];

/// Bytes of the longest external id (contract 4.2).
const LONGEST_ID: usize = 987;

/// One way to identify people, ready to be looked for.
#[derive(Clone, Debug)]
pub(super) struct Identifier {
    pub(super) by: IdentifyBy,
    pub(super) label: String,
    pub(super) from: Recipe,
    /// The flag `_update_existing_only`, where it has to be said (contract 4.4).
    pub(super) flag: Option<bool>,
}

/// How an attribute goes together with an identifier in one object (contract 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// It is a value like others.
    Beside,
    /// It is the identifier itself.
    IsIt,
    /// Braze would look the person up by it instead.
    Misleads,
}

/// Who a delivery is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedIdentity {
    /// Its place in the user mapping: 0 is the identifier that the author wants, 1 the first to fall back on, and so on.
    #[serde(rename = "r", default)]
    pub rank: u8,
    /// The kind of identifier.
    #[serde(rename = "b")]
    pub by: IdentifyBy,
    /// The alias label; empty for other kinds.
    #[serde(rename = "l", default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// The identifier itself.
    #[serde(rename = "n")]
    pub name: String,
    /// Whether profiles of the same person are to be joined at Braze.
    #[serde(rename = "j", default, skip_serializing_if = "std::ops::Not::not")]
    pub join: bool,
}

#[derive(Serialize)]
struct UserAlias<'a> {
    alias_name: &'a str,
    alias_label: &'a str,
}

impl PlannedIdentity {
    /// Whether both name the same profile.
    pub fn same_as(&self, other: &Self) -> bool {
        self.by == other.by && self.label == other.label && self.name == other.name
    }

    /// The body of the call to `/users/identify` that joins the profile of an earlier delivery to this one's; `None` where
    /// there is nothing to join: the same identifier, no external ID, or a connection that does not ask for it.
    pub fn identify(&self, earlier: &Self) -> Option<String> {
        if !self.join || self.by != IdentifyBy::ExternalId {
            return None;
        }
        let prioritization = ["unidentified", "most_recently_updated"];
        let body = match earlier.by {
            IdentifyBy::Alias => json!({"aliases_to_identify": [{
                "external_id": self.name,
                "user_alias": {"alias_name": earlier.name, "alias_label": earlier.label},
            }]}),
            IdentifyBy::Email => json!({"emails_to_identify": [{
                "external_id": self.name, "email": earlier.name, "prioritization": prioritization,
            }]}),
            IdentifyBy::Phone => json!({"phone_numbers_to_identify": [{
                "external_id": self.name, "phone": earlier.name, "prioritization": prioritization,
            }]}),
            // Another external ID is another person at Braze; a Braze ID cannot be joined.
            IdentifyBy::ExternalId | IdentifyBy::BrazeId => return None,
        };
        Some(body.to_string())
    }
}

impl Identifier {
    fn find<'a>(&'a self, facts: &Facts<'a>) -> Result<Cow<'a, str>, SkipReason> {
        let found = self
            .from
            .make(facts)
            .map_err(|_| SkipReason::IdentifierNotValid)?
            .ok_or(SkipReason::NoIdentifier)?;
        if matches!(found, Found::Bool(_) | Found::List(_) | Found::Number(_)) {
            return Err(SkipReason::IdentifierNotValid);
        }
        let text = found.into_text();
        match self.by {
            IdentifyBy::Email => convert::email(&text)
                .map(Cow::Owned)
                .ok_or(SkipReason::IdentifierNotValid),
            IdentifyBy::Phone => convert::phone(&text)
                .map(Cow::Owned)
                .ok_or(SkipReason::IdentifierNotValid),
            IdentifyBy::ExternalId | IdentifyBy::BrazeId | IdentifyBy::Alias => {
                let trimmed = text.trim();
                if trimmed.is_empty()
                    || DUMMIES
                        .iter()
                        .any(|dummy| trimmed.eq_ignore_ascii_case(dummy))
                {
                    return Err(SkipReason::DummyIdentifier);
                }
                if text.len() > LONGEST_ID {
                    Err(SkipReason::IdentifierTooLong)
                } else {
                    Ok(text)
                }
            }
        }
    }

    /// An object that says whose it is.
    pub(super) fn object(&self, name: &str) -> Object {
        let mut object = Object::new();
        match self.by {
            IdentifyBy::ExternalId => object.member("external_id", name),
            IdentifyBy::BrazeId => object.member("braze_id", name),
            IdentifyBy::Email => object.member("email", name),
            IdentifyBy::Phone => object.member("phone", name),
            IdentifyBy::Alias => {
                let alias = UserAlias {
                    alias_name: name,
                    alias_label: &self.label,
                };
                object.member("user_alias", &alias)
            }
        };
        if let Some(flag) = self.flag {
            object.member("_update_existing_only", &flag);
        }
        object
    }

    /// How an attribute goes together with this identifier in one object.
    pub(super) fn takes(&self, attribute: &str) -> Takes {
        match (self.by, attribute) {
            (IdentifyBy::Email, "email") | (IdentifyBy::Phone, "phone") => Takes::IsIt,
            (IdentifyBy::Phone, "email") => Takes::Misleads,
            _ => Takes::Beside,
        }
    }

    /// An alias-only profile comes into being only by attributes (contract 4.4).
    pub(super) fn makes_profile(&self) -> bool {
        self.by == IdentifyBy::Alias && self.flag == Some(false)
    }
}

impl Mapping {
    /// The first identifier that the entry has, with its value and its place. The reason is that of the one that was
    /// there but could not be used, if any.
    pub(super) fn identify<'a>(
        &'a self,
        facts: &Facts<'a>,
    ) -> Result<(&'a Identifier, PlannedIdentity), SkipReason> {
        let mut reason = SkipReason::NoIdentifier;
        for (rank, identifier) in (0..).zip(&self.identifiers) {
            match identifier.find(facts) {
                Ok(name) => {
                    let identity = PlannedIdentity {
                        rank,
                        by: identifier.by,
                        label: identifier.label.clone(),
                        name: name.into_owned(),
                        join: self.join,
                    };
                    return Ok((identifier, identity));
                }
                Err(other) if reason == SkipReason::NoIdentifier => reason = other,
                Err(_) => {}
            }
        }
        Err(reason)
    }
}
