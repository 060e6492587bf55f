//! Who an entry belongs to: the identifiers it carries, the fields that make two entries the same person's, and what the
//! contact's profile learns from it.

use std::collections::BTreeMap;

use serde_json::Map;
use sha2::{Digest, Sha256};

use crate::{Value, hub::EntryRules};

/// How a contact can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentityKind {
    /// An e-mail address in lower case.
    Email,
    /// A phone number in E.164.
    Phone,
}

impl IdentityKind {
    /// The stable word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }
}

/// One identifier of a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// Its kind.
    pub kind: IdentityKind,
    /// Its normalised value.
    pub value: String,
}

/// The identifiers among the properties that a form fills, the strongest first.
pub fn identities<'a>(properties: impl IntoIterator<Item = (&'a str, &'a Value)>) -> Vec<Identity> {
    let mut found: Vec<Identity> = properties
        .into_iter()
        .filter_map(|(property, value)| {
            let kind = match property {
                "email" => IdentityKind::Email,
                "phone" => IdentityKind::Phone,
                _ => return None,
            };
            let Value::Text(text) = value else {
                return None;
            };
            (!text.is_empty()).then(|| Identity {
                kind,
                value: text.to_lowercase(),
            })
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

/// Whether answers by contact property say who somebody is.
pub fn says_who(told: &Map<String, serde_json::Value>) -> bool {
    ["email", "phone"].iter().any(|key| told.contains_key(*key))
}

/// The fields whose values together make two entries the same person's: the author's choice, else the e-mail address, else the
/// phone number. Empty when the form has none of these: then everybody is a stranger.
pub fn same_person_fields(rules: &EntryRules, form_fields: &[&str]) -> Vec<String> {
    if let Some(chosen) = &rules.same_person {
        return chosen.clone();
    }
    ["email", "phone"]
        .into_iter()
        .filter(|key| form_fields.contains(key))
        .take(1)
        .map(str::to_owned)
        .collect()
}

/// By what a card tells whether two entries are the same person's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Person {
    /// By one of the entry's identifiers: its place among them.
    Identity(usize),
    /// By other fields, or several: a hash of their values, the first 16 bytes of SHA-256.
    Fields([u8; 16]),
}

/// Whose entry it is, by the values of the `same_person` fields; none when none of them has a value. `property` answers which
/// property of the profile a field fills. Text is compared without regard to case and to space around it.
pub fn person<'a>(
    same_person: &[String],
    answers: &BTreeMap<String, Value>,
    identities: &[Identity],
    property: impl Fn(&str) -> Option<&'a str>,
) -> Option<Person> {
    if let [field] = same_person
        && let Some(property) = property(field)
        && let Some(Value::Text(text)) = answers.get(field)
        && let Some(place) = identities
            .iter()
            .position(|it| it.kind.word() == property && it.value == text.to_lowercase())
    {
        return Some(Person::Identity(place));
    }
    person_key(same_person, answers).map(Person::Fields)
}

fn person_key(fields: &[String], answers: &BTreeMap<String, Value>) -> Option<[u8; 16]> {
    let mut hash = Sha256::new();
    let mut known = false;
    for field in fields {
        let text = answers
            .get(field)
            .map(|value| value.to_text().trim().to_lowercase())
            .unwrap_or_default();
        known |= !text.is_empty();
        // The length keeps ("ab", "c") apart from ("a", "bc").
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    let digest = hash.finalize();
    known.then(|| digest.first_chunk::<16>().copied()).flatten()
}

/// The properties that a submission fills, as JSON: what `grow` takes.
pub fn updates<'a>(
    properties: impl IntoIterator<Item = (&'a str, &'a Value)>,
) -> Map<String, serde_json::Value> {
    properties
        .into_iter()
        .filter_map(|(key, value)| {
            serde_json::to_value(value)
                .ok()
                .map(|json| (key.to_owned(), json))
        })
        .collect()
}

/// Adds what an entry told to a contact's properties: a newer answer replaces an older one, silence changes nothing.
/// Answers whether anything changed.
pub fn grow(
    properties: &mut Map<String, serde_json::Value>,
    updates: &Map<String, serde_json::Value>,
) -> bool {
    let mut changed = false;
    for (key, value) in updates {
        if properties.get(key) != Some(value) {
            properties.insert(key.clone(), value.clone());
            changed = true;
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(pairs: &[(&str, &str)]) -> BTreeMap<String, Value> {
        pairs
            .iter()
            .map(|(key, text)| ((*key).to_owned(), Value::Text((*text).to_owned())))
            .collect()
    }

    #[test]
    fn the_same_address_in_another_case_is_the_same_person() {
        let fields = vec!["email".to_owned()];
        let ann = person_key(
            &fields,
            &answers(&[("email", "ann@example.org"), ("first_name", "Ann")]),
        );
        assert!(ann.is_some());
        assert_eq!(
            ann,
            person_key(&fields, &answers(&[("email", " Ann@Example.ORG ")]))
        );
        assert_ne!(
            ann,
            person_key(&fields, &answers(&[("email", "bob@example.org")]))
        );
        assert_eq!(
            person_key(&fields, &answers(&[("first_name", "Ann")])),
            None
        );
    }

    #[test]
    fn a_field_that_is_an_identifier_is_compared_as_one() {
        let told = answers(&[("mail", "Ann@example.org"), ("nick", "ann@example.org")]);
        let identities = identities([("email", &told["mail"])]);
        let property = |field: &str| (field == "mail").then_some("email");
        let by = |field: &str| person(&[field.to_owned()], &told, &identities, property);
        assert_eq!(by("mail"), Some(Person::Identity(0)));
        assert!(
            matches!(by("nick"), Some(Person::Fields(_))),
            "a name that happens to look like the address is still a name"
        );
        assert_eq!(by("absent"), None);
        let both = ["mail".to_owned(), "nick".to_owned()];
        let both = person(&both, &told, &identities, property);
        assert!(matches!(both, Some(Person::Fields(_))));
    }

    #[test]
    fn several_fields_are_kept_apart() {
        let fields = vec!["a".to_owned(), "b".to_owned()];
        assert_ne!(
            person_key(&fields, &answers(&[("a", "xy"), ("b", "z")])),
            person_key(&fields, &answers(&[("a", "x"), ("b", "yz")]))
        );
    }

    #[test]
    fn the_email_address_comes_before_the_phone_number() {
        let answers = answers(&[("phone", "+491701234567"), ("email", "Ann@example.org")]);
        let found = identities(answers.iter().map(|(key, value)| (key.as_str(), value)));
        assert_eq!(
            found
                .iter()
                .map(|identity| identity.kind)
                .collect::<Vec<_>>(),
            [IdentityKind::Email, IdentityKind::Phone]
        );
        assert_eq!(found[0].value, "ann@example.org");
    }

    #[test]
    fn a_profile_grows_and_forgets_nothing() {
        let text = |text: &str| Value::Text(text.to_owned());
        let mut profile = updates([("first_name", &text("Ann")), ("country", &text("DE"))]);
        assert!(grow(&mut profile, &updates([("country", &text("IT"))])));
        assert!(!grow(
            &mut profile,
            &updates([("first_name", &text("Ann"))])
        ));
        assert_eq!(
            serde_json::Value::Object(profile),
            serde_json::json!({"first_name": "Ann", "country": "IT"})
        );
    }
}
