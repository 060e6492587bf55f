//! Identifiers and names: what Braze takes, what it silently drops, and what would merge strangers into one profile.
//! Promises that a name or id which passes is never the reason for a refusal.
//! Leaves wording for participants to the caller; the errors here speak to whoever sets up the mapping.

use crate::limits::{MAX_EXTERNAL_ID_BYTES, MAX_NAME_CHARS};

/// Ids that placeholders of broken programs leave behind; many users would share one profile (contract 4.5).
/// Compared in lower case, without surrounding spaces; the empty id belongs to them too.
pub const DENIED_EXTERNAL_IDS: &[&str] = &[
    "",
    "null",
    "undefined",
    "none",
    "nan",
    "0",
    "anonymous",
    "guest",
    "00000000-0000-0000-0000-000000000000",
    "00000000000000000000000000000000",
    "[object object]",
];

/// Names of event and purchase properties that make Braze refuse the event (contract 5.5).
pub const RESERVED_PROPERTIES: &[&str] = &["time", "event_name"];

/// Beginning of event names whose properties Braze checks against a closed schema (contract 5.9).
pub const RECOMMENDED_EVENT_PREFIX: &str = "ecommerce.";

/// Why an identifier cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// Over 987 bytes; accents and symbols count more than one.
    #[error(
        "the external_id is {bytes} bytes long; Braze takes at most 987. Choose a shorter identifier"
    )]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Empty, or a placeholder that many users would share.
    #[error(
        "“{0}” is a placeholder, not a user: everyone with it would end up in one Braze profile. Send the user's own id, or leave it out"
    )]
    Placeholder(String),
    /// One half of a user alias is missing.
    #[error("a user alias needs both a name and a label")]
    AliasIncomplete,
}

/// Checks an `external_id` (contract 4.2, 4.5).
pub fn check_external_id(id: &str) -> Result<(), IdentifierError> {
    check_external_id_with(id, &[])
}

/// As [`check_external_id`], with further denied ids, compared in the same way.
pub fn check_external_id_with(id: &str, denied: &[&str]) -> Result<(), IdentifierError> {
    if id.len() > MAX_EXTERNAL_ID_BYTES {
        return Err(IdentifierError::TooLong { bytes: id.len() });
    }
    let plain = id.trim();
    // All denied ids are short; real ones are not lower-cased for nothing.
    if DENIED_EXTERNAL_IDS
        .iter()
        .chain(denied)
        .any(|denied| denied.eq_ignore_ascii_case(plain))
    {
        return Err(IdentifierError::Placeholder(plain.to_owned()));
    }
    Ok(())
}

/// Checks the two halves of a user alias (contract 4.2). The name is case-sensitive at Braze: normalise it before.
pub fn check_alias(name: &str, label: &str) -> Result<(), IdentifierError> {
    if name.trim().is_empty() || label.trim().is_empty() {
        Err(IdentifierError::AliasIncomplete)
    } else {
        Ok(())
    }
}

/// Why a name of an event, a property or an attribute cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Empty or only spaces.
    #[error("the name is empty; enter one")]
    Empty,
    /// Over 255 characters.
    #[error("the name has {chars} characters; Braze takes at most 255. Shorten it")]
    TooLong {
        /// Its length.
        chars: usize,
    },
    /// A leading `$`, which Braze keeps for its operators.
    #[error("“{0}” begins with $, which Braze keeps for itself. Remove the $")]
    Dollar(String),
    /// `time` or `event_name` as a property: Braze refuses the event.
    #[error(
        "“{0}” is reserved by Braze, which would refuse the event. Choose another name, such as “entry_{0}”"
    )]
    Reserved(String),
    /// A control field or identifier, which decides about the profile rather than being stored in it.
    #[error(
        "“{0}” tells Braze which profile to update and cannot be a mapped attribute. Set it in the connection's user settings"
    )]
    Control(String),
    /// A field that Braze ignores or refuses.
    #[error("Braze no longer takes “{0}”. Choose another attribute")]
    Withdrawn(String),
}

fn check_name(name: &str) -> Result<(), NameError> {
    if name.trim().is_empty() {
        return Err(NameError::Empty);
    }
    let chars = name.chars().count();
    if chars > MAX_NAME_CHARS {
        return Err(NameError::TooLong { chars });
    }
    if name.starts_with('$') {
        return Err(NameError::Dollar(name.to_owned()));
    }
    Ok(())
}

/// Checks the name of a custom event (contract 5.5).
pub fn check_event_name(name: &str) -> Result<(), NameError> {
    check_name(name)
}

/// Checks the name of an event or purchase property (contract 5.5).
pub fn check_property_name(name: &str) -> Result<(), NameError> {
    check_name(name)?;
    if RESERVED_PROPERTIES.contains(&name) {
        Err(NameError::Reserved(name.to_owned()))
    } else {
        Ok(())
    }
}

/// The name checks of a custom attribute; `fields::attribute` tells custom from standard.
pub(crate) fn check_custom_attribute_name(name: &str) -> Result<(), NameError> {
    check_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn external_ids_are_counted_in_bytes() {
        assert_eq!(check_external_id(&"x".repeat(987)), Ok(()));
        assert_eq!(
            check_external_id(&"x".repeat(988)),
            Err(IdentifierError::TooLong { bytes: 988 })
        );
        assert_eq!(
            check_external_id(&"ä".repeat(494)),
            Err(IdentifierError::TooLong { bytes: 988 })
        );
    }

    #[test]
    fn placeholders_are_no_users() {
        for id in [
            "",
            "  ",
            "null",
            "NULL",
            "undefined",
            "None",
            "NaN",
            "0",
            " 0 ",
            "anonymous",
            "Guest",
            "[object Object]",
        ] {
            assert!(
                matches!(check_external_id(id), Err(IdentifierError::Placeholder(_))),
                "{id:?}"
            );
        }
        assert!(check_external_id("00000000-0000-0000-0000-000000000000").is_err());
        for id in ["cust-48213", "00", "nullable", "10"] {
            assert_eq!(check_external_id(id), Ok(()), "{id:?}");
        }
        assert!(check_external_id_with("TEST-USER", &["test-user"]).is_err());
    }

    #[test]
    fn an_alias_has_two_halves() {
        assert_eq!(check_alias("ines@example.org", "komo_email"), Ok(()));
        assert_eq!(
            check_alias("", "komo_email"),
            Err(IdentifierError::AliasIncomplete)
        );
        assert_eq!(check_alias("x", " "), Err(IdentifierError::AliasIncomplete));
    }

    #[test]
    fn names_that_braze_would_drop_or_refuse_are_caught() {
        assert_eq!(check_event_name("komo_entry"), Ok(()));
        assert_eq!(check_event_name(" "), Err(NameError::Empty));
        assert_eq!(check_event_name(&"ä".repeat(255)), Ok(()));
        assert_eq!(
            check_event_name(&"ä".repeat(256)),
            Err(NameError::TooLong { chars: 256 })
        );
        assert!(matches!(
            check_property_name("$set"),
            Err(NameError::Dollar(_))
        ));
        for name in RESERVED_PROPERTIES {
            assert!(
                check_property_name(name)
                    .unwrap_err()
                    .to_string()
                    .contains("Choose another name")
            );
        }
        assert_eq!(check_property_name("Time"), Ok(()));
    }
}
