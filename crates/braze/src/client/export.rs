//! `/users/export/ids`: reading profiles back (contract 9).
//! Promises typed requests that Braze takes on old and new accounts, and answers kept as Braze sent them.
//! Leaves comparing what was sent with what was stored to the caller; read-back lags by seconds.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::{calls::UserAlias, limits::MAX_EXPORT_IDS};

/// Which profiles to read, and what of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ExportRequest {
    /// With `user_aliases` together at most 50.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub external_ids: Vec<String>,
    /// With `external_ids` together at most 50.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub user_aliases: Vec<UserAlias>,
    /// One profile by Braze's own id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub braze_id: Option<String>,
    /// All profiles with an e-mail address; not together with `phone`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_address: Option<String>,
    /// All profiles with a telephone number; not together with `email_address`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The fields to read, such as `external_id`, `email`, `custom_attributes`. Accounts since August 2024 require it.
    pub fields_to_export: Vec<String>,
}

impl ExportRequest {
    /// Whether Braze would take this request: somebody named, at most 50 of them, fields named, e-mail and phone not both.
    pub fn is_complete(&self) -> bool {
        let listed = self.external_ids.len() + self.user_aliases.len();
        let named = listed > 0
            || self.braze_id.is_some()
            || self.email_address.is_some()
            || self.phone.is_some();
        named
            && listed <= MAX_EXPORT_IDS
            && !self.fields_to_export.is_empty()
            && !(self.email_address.is_some() && self.phone.is_some())
    }
}

/// Profiles as Braze keeps them.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Export {
    /// One object per profile, with the fields asked for; a missing field is null or empty.
    #[serde(default)]
    pub users: Vec<serde_json::Map<String, Value>>,
    /// Ids that Braze does not know. An alias that it does not know may stand here too, as JSON text: its documentation shows only ids.
    #[serde(default, deserialize_with = "texts")]
    pub invalid_user_ids: Vec<String>,
}

/// A list of texts, in which something else is kept as its JSON: it must not make an answer unreadable.
fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let all: Option<Vec<Value>> = Deserialize::deserialize(deserializer)?;
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    Ok(all.unwrap_or_default().into_iter().map(text).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_people_are_read_whatever_names_them() {
        for (answer, unknown) in [
            (
                r#"{"users":[],"invalid_user_ids":["cust-1"]}"#,
                vec!["cust-1"],
            ),
            (
                r#"{"users":[],"invalid_user_ids":[{"alias_name":"a"}]}"#,
                vec![r#"{"alias_name":"a"}"#],
            ),
            (r#"{"users":[],"invalid_user_ids":null}"#, vec![]),
            (r#"{"users":[]}"#, vec![]),
        ] {
            let export: Export = serde_json::from_str(answer).unwrap();
            assert_eq!(export.invalid_user_ids, unknown, "{answer}");
        }
    }

    #[test]
    fn a_request_names_somebody_and_the_fields() {
        let fields = vec!["email".to_owned()];
        let one = ExportRequest {
            email_address: Some("ines@example.org".to_owned()),
            fields_to_export: fields.clone(),
            ..Default::default()
        };
        assert!(one.is_complete());
        assert_eq!(
            serde_json::to_string(&one).unwrap(),
            r#"{"email_address":"ines@example.org","fields_to_export":["email"]}"#
        );
        for incomplete in [
            ExportRequest {
                fields_to_export: vec![],
                ..one.clone()
            },
            ExportRequest {
                email_address: None,
                ..one.clone()
            },
            ExportRequest {
                phone: Some("+1".to_owned()),
                ..one.clone()
            },
            ExportRequest {
                external_ids: vec!["x".to_owned(); 51],
                ..one.clone()
            },
        ] {
            assert!(!incomplete.is_complete(), "{incomplete:?}");
        }
    }
}
