//! What has to go when a person is erased: under which names Braze knows them, and the calls that delete them there.
//! Promises to find every name that was ever planned for this person, and to ask for nobody else.
//! Leaves blanking what is stored, and sending, to others.

use super::{
    call::{CallKind, OwnCall},
    item::split_objects,
};
use braze::calls::{Delete, EmailToDelete, MAX_ITEMS, PhoneToDelete, Priority, UserAlias};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A name under which Braze knows a profile (contract 4.2).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProfileName {
    /// The workspace's own id.
    ExternalId(String),
    /// Braze's id.
    BrazeId(String),
    /// Label and name of an alias.
    Alias(String, String),
    /// An e-mail address, where nothing stronger names the person.
    Email(String),
    /// A telephone number, where nothing stronger names the person.
    Phone(String),
}

/// The names in a delivery's objects (JSON objects joined by commas) or in the body of a call of its own.
pub fn names_in(objects: &str, names: &mut BTreeSet<ProfileName>) {
    for object in split_objects(objects) {
        if let Ok(Value::Object(object)) = serde_json::from_str(object) {
            of_object(&object, names);
            let lists = [
                "recipients",
                "aliases_to_identify",
                "emails_to_identify",
                "phone_numbers_to_identify",
                "user_aliases",
            ];
            let inner = lists
                .iter()
                .filter_map(|list| object.get(*list)?.as_array());
            let inner = inner.flatten().chain(object.get("recipient"));
            for person in inner.filter_map(Value::as_object) {
                of_object(person, names);
            }
        }
    }
}

fn of_object(object: &Map<String, Value>, names: &mut BTreeSet<ProfileName>) {
    let text = |key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
    let before = names.len();
    let external = text("external_id").or_else(|| text("external_user_id"));
    names.extend(external.map(ProfileName::ExternalId));
    names.extend(text("braze_id").map(ProfileName::BrazeId));
    let alias = object.get("user_alias").and_then(Value::as_object);
    names.extend(alias.and_then(alias_of).or_else(|| alias_of(object)));
    let known = |key: &str| object.get(key).is_some_and(|value| !value.is_null());
    let strong = [
        "external_id",
        "external_user_id",
        "braze_id",
        "user_alias",
        "alias_name",
    ];
    if names.len() > before || strong.iter().any(|key| known(key)) {
        return;
    }
    match text("email") {
        Some(email) => names.extend([ProfileName::Email(email)]),
        None => names.extend(text("phone").map(ProfileName::Phone)),
    }
}

fn alias_of(object: &Map<String, Value>) -> Option<ProfileName> {
    let part = |key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
    Some(ProfileName::Alias(
        part("alias_label")?,
        part("alias_name")?,
    ))
}

/// The calls that delete these profiles at Braze: one for each way of naming people, because Braze takes one way a call
/// (contract 8.5), and never more than 50 names in one.
pub fn delete_calls(names: &BTreeSet<ProfileName>) -> Vec<OwnCall> {
    // Among several with one address, track wrote to the identified one that changed last (contract 4.3); that one goes.
    let which = || vec![Priority::Identified, Priority::MostRecentlyUpdated];
    let (mut external, mut braze, mut aliases) = (Vec::new(), Vec::new(), Vec::new());
    let (mut emails, mut phones) = (Vec::new(), Vec::new());
    for name in names.iter().cloned() {
        match name {
            ProfileName::ExternalId(id) => external.push(id),
            ProfileName::BrazeId(id) => braze.push(id),
            ProfileName::Alias(alias_label, alias_name) => aliases.push(UserAlias {
                alias_name,
                alias_label,
            }),
            ProfileName::Email(email) => emails.push(EmailToDelete {
                email,
                prioritization: which(),
            }),
            ProfileName::Phone(phone) => phones.push(PhoneToDelete {
                phone,
                prioritization: which(),
            }),
        }
    }
    let requests = parts(&external, Delete::ExternalIds)
        .chain(parts(&braze, Delete::BrazeIds))
        .chain(parts(&aliases, Delete::UserAliases))
        .chain(parts(&emails, Delete::EmailAddresses))
        .chain(parts(&phones, Delete::PhoneNumbers));
    requests
        .filter_map(|request| {
            Some(OwnCall {
                kind: CallKind::Delete,
                body: serde_json::to_string(&request).ok()?,
            })
        })
        .collect()
}

fn parts<T: Clone>(all: &[T], request: fn(Vec<T>) -> Delete) -> impl Iterator<Item = Delete> {
    all.chunks(MAX_ITEMS)
        .map(move |part| request(part.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(objects: &str) -> Vec<ProfileName> {
        let mut names = BTreeSet::new();
        names_in(objects, &mut names);
        names.into_iter().collect()
    }

    #[test]
    fn every_name_that_was_planned_is_found_and_a_mere_profile_field_is_none() {
        let alias = ProfileName::Alias("komo_email".into(), "ann@example.org".into());
        assert_eq!(
            names(
                r#"{"user_alias":{"alias_name":"ann@example.org","alias_label":"komo_email"},"email":"ann@example.org"},{"external_id":"c-1","phone":"+491"}"#
            ),
            vec![ProfileName::ExternalId("c-1".into()), alias.clone()]
        );
        assert_eq!(
            names(r#"{"email":"ann@example.org","phone":"+491"},{"phone":"+492","name":"x"}"#),
            vec![
                ProfileName::Email("ann@example.org".into()),
                ProfileName::Phone("+492".into())
            ]
        );
        assert_eq!(
            names(
                r#"{"aliases_to_identify":[{"external_id":"c-1","user_alias":{"alias_name":"ann@example.org","alias_label":"komo_email"}}]}"#
            ),
            vec![ProfileName::ExternalId("c-1".into()), alias.clone()]
        );
        assert_eq!(
            names(
                r#"{"external_send_id":"x","recipient":{"external_user_id":"c-2","attributes":{"email":"a@b.c"}}}"#
            ),
            vec![ProfileName::ExternalId("c-2".into())]
        );
        assert_eq!(
            names(
                r#"{"user_aliases":[{"alias_name":"ann@example.org","alias_label":"komo_email"}]}"#
            ),
            vec![alias]
        );
        assert_eq!(names("not json"), vec![]);
    }

    #[test]
    fn each_way_of_naming_people_is_one_call() {
        let names: BTreeSet<ProfileName> = (0..51)
            .map(|n| ProfileName::ExternalId(format!("c-{n:02}")))
            .chain([ProfileName::Email("ann@example.org".into())])
            .collect();
        let calls = delete_calls(&names);
        assert_eq!(calls.len(), 3);
        assert!(calls.iter().all(|call| call.kind == CallKind::Delete));
        assert_eq!(calls[1].body, r#"{"external_ids":["c-50"]}"#);
        assert_eq!(
            calls[2].body,
            r#"{"email_addresses":[{"email":"ann@example.org","prioritization":["identified","most_recently_updated"]}]}"#
        );
        assert!(delete_calls(&BTreeSet::new()).is_empty());
    }
}
