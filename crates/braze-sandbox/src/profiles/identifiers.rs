//! Who an object is about (Braze contract 4.2 and 4.3).
//! Promises one identifier per object, or the errors that refuse it.
//! Leaves finding the profile to `resolve`.

use serde_json::{Map, Value};

use super::Alias;
use crate::settings::Settings;

pub(crate) const NO_IDENTIFIER: &str =
    "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required";
pub(crate) const TWO_IDENTIFIERS: &str =
    "only one of 'external_id', 'braze_id' or 'user_alias' is allowed";
pub(crate) const BAD_EMAIL: &str = "The value provided for the 'email' field is not a valid email.";
pub(crate) const TOO_LONG_ID: &str = "'external_id' must be fewer than 988 bytes";
pub(crate) const DUMMY_ID: &str = "provided external_id is blacklisted and disallowed";

/// The identifier that decides about an object.
#[derive(Debug, Clone)]
pub(crate) enum Who {
    External(String),
    Alias(Alias),
    Braze(String),
    Email(String),
    Phone(String),
}

/// A valid address in lower case.
pub(crate) fn email(text: &str) -> Option<String> {
    let options = email_address::Options::default()
        .without_display_text()
        .without_domain_literal()
        .with_required_tld();
    email_address::EmailAddress::parse_with_options(text, options)
        .ok()
        .map(|_| text.to_lowercase())
}

/// A number in E.164: separators are dropped, ten digits without `+` are read as a US number.
pub(crate) fn phone(text: &str) -> Option<String> {
    let text = text.trim();
    if text
        .chars()
        .any(|c| !(c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '.' | '/')))
    {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if text.starts_with('+') {
        ((7..=15).contains(&digits.len()) && !digits.starts_with('0')).then(|| format!("+{digits}"))
    } else {
        (digits.len() == 10).then(|| format!("+1{digits}"))
    }
}

/// Reads `{"alias_name", "alias_label"}`; both must be non-empty texts.
pub(crate) fn alias(value: &Value) -> Option<Alias> {
    let part = |key| {
        value
            .get(key)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    Some(Alias {
        alias_name: part("alias_name")?,
        alias_label: part("alias_label")?,
    })
}

/// Whether an external id may be used; the text that refuses it otherwise.
pub(crate) fn external(settings: &Settings, id: &str) -> Result<(), &'static str> {
    if id.is_empty() {
        return Err("'external_id' is not valid");
    }
    if id.len() > 987 {
        return Err(TOO_LONG_ID);
    }
    let plain = id.trim().to_lowercase();
    if settings.blacklist.contains(&plain) {
        return Err(DUMMY_ID);
    }
    Ok(())
}

fn present<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    // A null identifier is as good as none: it cannot be removed and names nobody.
    object.get(key).filter(|value| !value.is_null())
}

/// Finds the deciding identifier of an object, or says why it is refused.
pub(crate) fn who(settings: &Settings, object: &Map<String, Value>) -> Result<Who, Vec<String>> {
    let (id, name, braze) = (
        present(object, "external_id"),
        present(object, "user_alias"),
        present(object, "braze_id"),
    );
    let primaries = [id, name, braze].iter().flatten().count();
    if primaries > 1 {
        return Err(vec![TWO_IDENTIFIERS.to_owned()]);
    }
    let refuse = |text: &str| Err(vec![text.to_owned()]);
    if let Some(id) = id {
        let Some(id) = id.as_str() else {
            return refuse("'external_id' is not valid");
        };
        return match external(settings, id) {
            Ok(()) => Ok(Who::External(id.to_owned())),
            Err(text) => refuse(text),
        };
    }
    if let Some(name) = name {
        return alias(name).map_or_else(
            || refuse("'user_alias' is not valid"),
            |alias| Ok(Who::Alias(alias)),
        );
    }
    if let Some(braze) = braze {
        return match braze.as_str() {
            Some(id) if !id.is_empty() => Ok(Who::Braze(id.to_owned())),
            _ => refuse("'braze_id' is not valid"),
        };
    }
    if let Some(address) = present(object, "email") {
        return address
            .as_str()
            .and_then(email)
            .map_or_else(|| refuse(BAD_EMAIL), |email| Ok(Who::Email(email)));
    }
    if let Some(number) = present(object, "phone") {
        let number = number.as_str().and_then(phone);
        return number.map_or_else(
            || refuse("'phone' is not valid"),
            |phone| Ok(Who::Phone(phone)),
        );
    }
    refuse(NO_IDENTIFIER)
}
