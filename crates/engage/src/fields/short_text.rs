//! A line of free text, with suggestions if the author likes.
//! Promises one line without control characters, of a bounded length, otherwise as typed.
//! Leaves the meaning of the text to the author.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Asked, FieldDoc, FieldProblem, FieldType, InputSpec, SettingProblem, line};
use crate::{Value, form::RawValue, text::Locale};

/// Settings of a short text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShortText {
    /// Fewest characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u32>,
    /// Most characters; 200 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// A pattern the whole text must match (the syntax of the `regex` crate).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub pattern: Option<Pattern>,
    /// Suggestions the participant can pick or ignore.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<String>,
}

/// Most characters when the author says nothing.
const DEFAULT_MAX: u32 = 200;
/// Most characters that an author may allow; Braze keeps 255 (contract 5.5).
const HARD_MAX: u32 = 1000;

impl ShortText {
    fn max(&self) -> u32 {
        self.max_length.unwrap_or(DEFAULT_MAX).min(HARD_MAX)
    }
}

impl FieldType for ShortText {
    fn parse(&self, raw: &RawValue, _: &Asked<'_>) -> Result<Option<Value>, FieldProblem> {
        let Some(text) = line(raw, self.max() as usize)? else {
            return Ok(None);
        };
        if let Some(min) = self
            .min_length
            .filter(|min| text.chars().count() < *min as usize)
        {
            return Err(FieldProblem::new("field-too-short").with("min", min));
        }
        if self
            .pattern
            .as_ref()
            .is_some_and(|pattern| !pattern.matches(&text))
        {
            return Err(FieldProblem::new("short-text-pattern"));
        }
        Ok(Some(Value::Text(text)))
    }

    fn input(&self, field: &FieldDoc, _: &Asked<'_>, _: &Locale, spec: &mut InputSpec) {
        spec.input_type = "text";
        spec.min_length = self.min_length;
        spec.max_length = Some(self.max());
        spec.suggestions.clone_from(&self.suggestions);
        let meaning = field.property().unwrap_or(&field.key);
        spec.autocomplete = match meaning {
            "first_name" => Some("given-name"),
            "last_name" => Some("family-name"),
            "name" | "full_name" => Some("name"),
            "street" | "address" => Some("street-address"),
            "city" => Some("address-level2"),
            "postal_code" | "zip" => Some("postal-code"),
            "company" => Some("organization"),
            "email" => Some("email"),
            "phone" => Some("tel"),
            _ => None,
        };
    }

    fn problems(&self) -> Vec<SettingProblem> {
        let mut found = Vec::new();
        if self
            .max_length
            .is_some_and(|max| max == 0 || max > HARD_MAX)
        {
            found.push(SettingProblem::new(
                "max_length",
                "the longest text is out of range",
                format!("Write a number from 1 to {HARD_MAX}"),
            ));
        }
        if self.min_length.is_some_and(|min| min > self.max()) {
            found.push(SettingProblem::new(
                "min_length",
                "the shortest text is longer than the longest",
                "Make min_length smaller than max_length",
            ));
        }
        found
    }

    fn pii(&self) -> bool {
        true
    }

    fn sample(&self) -> RawValue {
        "Ann".into()
    }
}

/// A pattern that a whole text must match. Compiled when the document is read, so that a wrong one is refused there;
/// the engine takes linear time whatever the pattern and the text.
#[derive(Clone, Debug)]
pub struct Pattern(regex::Regex, String);

impl Pattern {
    /// Compiles a pattern in the syntax of the `regex` crate.
    pub fn new(source: &str) -> Result<Self, String> {
        regex::RegexBuilder::new(&format!("^(?:{source})$"))
            .size_limit(1 << 18)
            .build()
            .map(|compiled| Self(compiled, source.to_owned()))
            .map_err(|_| {
                format!(
                    "a pattern such as [A-Z]{{2}}[0-9]+ instead of `{source}`, which cannot be read"
                )
            })
    }

    fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.1 == other.1
    }
}

impl Eq for Pattern {}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.1)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let source = String::deserialize(deserializer)?;
        Self::new(&source).map_err(|wanted| serde::de::Error::custom(format!("expected {wanted}")))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepted, refused};
    use super::*;

    #[test]
    fn text_is_kept_as_typed() {
        for typed in [
            "Zo\u{eb}",
            "\u{674e}\u{5c0f}\u{9f99}",
            "\u{1f366} gelato",
            "O'Neil <b>&amp;",
            "e\u{301}",
        ] {
            assert_eq!(
                accepted(&ShortText::default(), typed),
                Some(Value::Text(typed.to_owned()))
            );
        }
    }

    #[test]
    fn lengths_count_characters_and_not_bytes() {
        let five = ShortText {
            max_length: Some(5),
            min_length: Some(2),
            ..ShortText::default()
        };
        assert!(accepted(&five, "\u{1f366}\u{1f366}\u{1f366}\u{1f366}\u{1f366}").is_some());
        assert!(refused(&five, "abcdef").contains('5'));
        assert!(refused(&five, "a").contains('2'));
    }

    #[test]
    fn a_pattern_must_match_the_whole_text() {
        let plate = ShortText {
            pattern: Some(Pattern::new("[A-Z]{2}|[0-9]+").unwrap()),
            ..ShortText::default()
        };
        assert!(accepted(&plate, "AB").is_some());
        assert!(refused(&plate, "xAB").contains("form"));
        assert!(refused(&plate, "AB1").contains("form"));
    }

    #[test]
    fn a_pattern_that_cannot_be_read_is_refused_with_the_document() {
        assert!(Pattern::new("[").is_err());
        assert!(Pattern::new("(a{1000}){1000}").is_err());
    }
}
