//! The values that people give and cards tell: answers of form fields, facts of plays, properties of contacts.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A normalised value. Stored as plain JSON: a date is the text `YYYY-MM-DD`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other finite number.
    Number(f64),
    /// A calendar date without time or zone (ISO 8601).
    Date(Date),
    /// Text: a name, an option's key, an e-mail address in lower case, a phone number in E.164.
    Text(String),
    /// Several texts in the author's or participant's order.
    List(Vec<String>),
}

impl Value {
    /// The value as one line of text: lists joined by `, `, dates as `YYYY-MM-DD`.
    pub fn to_text(&self) -> String {
        match self {
            Self::Bool(yes) => yes.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Date(date) => date.to_string(),
            Self::Text(text) => text.clone(),
            Self::List(items) => items.join(", "),
        }
    }
}
