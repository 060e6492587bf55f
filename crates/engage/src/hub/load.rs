//! Reading and writing the hub document as TOML or JSON.
//! Promises that a wrong document is refused with the full path of the trouble and what to write instead.
//! Leaves what is right in form and wrong in sense to `problems`.

use serde_json::Value as Json;

use super::doc::{FORMAT, HubDoc};

/// Why a document can't be read: where, what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}. {remedy}")]
pub struct DocError {
    /// For example `cards[0].form.fields[2].max_lenght`; `line 3, column 7` when the text is no TOML or JSON at all.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// Keys that every field may have; serde names only those of the type's settings.
const FIELD_KEYS: [&str; 9] = [
    "key",
    "type",
    "label",
    "help",
    "placeholder",
    "required",
    "property",
    "prefill",
    "default",
];

impl HubDoc {
    /// Reads a document from TOML.
    pub fn from_toml(text: &str) -> Result<Self, DocError> {
        let table: toml::Table = toml::from_str(text).map_err(|error| {
            let (line, column) = position(text, error.span().map_or(0, |span| span.start));
            DocError {
                path: format!("line {line}, column {column}"),
                message: error.message().to_owned(),
                remedy: "Correct the TOML there".to_owned(),
            }
        })?;
        Self::from_value(json(toml::Value::Table(table)))
    }

    /// Reads a document from JSON.
    pub fn from_json(text: &str) -> Result<Self, DocError> {
        let value = serde_json::from_str(text).map_err(|error| DocError {
            path: format!("line {}, column {}", error.line(), error.column()),
            message: error.to_string(),
            remedy: "Correct the JSON there".to_owned(),
        })?;
        Self::from_value(value)
    }

    /// Reads a document from parsed JSON.
    pub fn from_value(value: Json) -> Result<Self, DocError> {
        let format = value
            .get("format")
            .and_then(Json::as_str)
            .unwrap_or_default();
        if format != FORMAT {
            return Err(DocError {
                path: "format".to_owned(),
                message: if format.is_empty() {
                    "the document does not say its format".to_owned()
                } else {
                    format!(
                        "`{}` is not a format this version knows",
                        format.chars().take(40).collect::<String>()
                    )
                },
                remedy: format!("Write format = \"{FORMAT}\" at the top of the document"),
            });
        }
        read_table(value)
    }

    /// The document as TOML. Reading it again gives the same document.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    /// The document as JSON.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }

    /// The JSON Schema of the document (draft 2020-12), for editors and for checking a TOML that was turned into JSON.
    pub fn json_schema() -> Json {
        schemars::schema_for!(Self).to_value()
    }
}

/// Reads any table of the document, for example a card's setup, with the path of what is wrong.
pub(crate) fn read_table<T: serde::de::DeserializeOwned>(table: Json) -> Result<T, DocError> {
    serde_path_to_error::deserialize(table)
        .map_err(|error| explain(error.path().to_string(), error.inner()))
}

/// Line and column, both from 1, of a byte position.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count().saturating_add(1);
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        .saturating_add(1);
    (line, column)
}

/// TOML as JSON; its dates become text, as the document has them.
fn json(value: toml::Value) -> Json {
    match value {
        toml::Value::String(text) => Json::String(text),
        toml::Value::Integer(number) => Json::from(number),
        toml::Value::Float(number) => Json::from(number),
        toml::Value::Boolean(yes) => Json::Bool(yes),
        toml::Value::Datetime(moment) => Json::String(moment.to_string()),
        toml::Value::Array(items) => Json::Array(items.into_iter().map(json).collect()),
        toml::Value::Table(table) => Json::Object(
            table
                .into_iter()
                .map(|(key, value)| (key, json(value)))
                .collect(),
        ),
    }
}

/// Turns serde's sentence into a path, a message and a remedy.
fn explain(path: String, error: &serde_json::Error) -> DocError {
    let text = error.to_string();
    let mut names = text.split('`').skip(1).step_by(2);
    let unknown_key = text.starts_with("unknown field");
    let unknown_value = text.starts_with("unknown variant");
    if unknown_key || unknown_value {
        let given = names.next().unwrap_or_default().to_owned();
        let mut known: Vec<&str> = names.collect();
        let inside_field = path.ends_with(']')
            && path
                .rsplit('.')
                .next()
                .is_some_and(|last| last.starts_with("fields["));
        if unknown_key && inside_field {
            known.extend(FIELD_KEYS);
            known.push("pii");
        }
        let path = match (unknown_key, inside_field) {
            // serde has already stepped into the unknown key, except where the table was buffered.
            (true, _) if last_key(&path) != given => join(&path, &given),
            (false, true) => join(&path, "type"),
            _ => path,
        };
        let thing = if unknown_key { "key" } else { "value" };
        return DocError {
            path,
            message: format!("`{given}` is not a known {thing}"),
            remedy: remedy_for(&given, &known, thing),
        };
    }
    if text.starts_with("missing field") {
        let missing = names.next().unwrap_or_default();
        return DocError {
            path: join(&path, missing),
            message: format!("`{missing}` is missing"),
            remedy: format!("Add `{missing}`"),
        };
    }
    let path = if path == "." {
        "document".to_owned()
    } else {
        path
    };
    let remedy = match text.rsplit_once("expected ") {
        // serde's own sentences and ours say what they expect; those of other libraries read too strangely.
        Some((_, wanted)) if text.starts_with("invalid ") || text.starts_with("expected ") => {
            format!("Write {wanted} here")
        }
        _ if path.ends_with("_at") || path.ends_with("from") || path.ends_with("until") => {
            "Write a moment with its zone here, such as 2026-05-04T09:00:00Z".to_owned()
        }
        _ => "Correct this value".to_owned(),
    };
    DocError {
        path,
        message: text,
        remedy,
    }
}

fn last_key(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

fn join(path: &str, key: &str) -> String {
    if path == "." || path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

fn remedy_for(given: &str, known: &[&str], thing: &str) -> String {
    match super::nearest(given, known.iter().copied()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None if known.is_empty() => format!("Remove it: there are no {thing}s here"),
        None => format!("Known {thing}s here: {}", known.join(", ")),
    }
}
