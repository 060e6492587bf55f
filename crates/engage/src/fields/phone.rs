//! A phone number.
//! Promises a valid number in E.164, so that one person is found again however the number is typed.
//! Leaves the world's numbering plans to the `phonenumber` crate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Asked, FieldDoc, FieldProblem, FieldType, InputSpec, SettingProblem, line};
use crate::{Value, form::RawValue, text::Locale};

/// Settings of a phone number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Phone {
    /// Region of numbers without a country code (ISO 3166-1 alpha-2, `DE`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// Longest number as typed, with spaces and brackets.
const MAX: usize = 40;

impl Phone {
    fn region(&self) -> Option<phonenumber::country::Id> {
        self.region
            .as_deref()
            .and_then(|region| region.to_ascii_uppercase().parse().ok())
    }
}

impl FieldType for Phone {
    fn parse(&self, raw: &RawValue, _: &Asked<'_>) -> Result<Option<Value>, FieldProblem> {
        let Some(text) = line(raw, MAX)? else {
            return Ok(None);
        };
        let wrong = || FieldProblem::new("phone-wrong");
        // The parser looks for a number inside any text; only what is nothing but a number is meant as one.
        let plausible = |c: char| c.is_ascii_digit() || " +-()/.\u{a0}\u{2010}\u{2011}".contains(c);
        if !text.chars().all(plausible) || text.chars().skip(1).any(|c| c == '+') {
            return Err(wrong());
        }
        let text = match text.strip_prefix("00") {
            Some(rest) => format!("+{rest}"),
            None => text,
        };
        let number = phonenumber::parse(self.region(), &text).map_err(|_| wrong())?;
        if !number.is_valid() {
            return Err(wrong());
        }
        Ok(Some(Value::Text(
            number.format().mode(phonenumber::Mode::E164).to_string(),
        )))
    }

    fn input(&self, _: &FieldDoc, _: &Asked<'_>, _: &Locale, spec: &mut InputSpec) {
        spec.input_type = "tel";
        spec.inputmode = Some("tel");
        spec.autocomplete = Some("tel");
        spec.max_length = Some(40);
    }

    fn problems(&self) -> Vec<SettingProblem> {
        if self.region.is_some() && self.region().is_none() {
            return vec![SettingProblem::new(
                "region",
                "this is not a region with phone numbers",
                "Write a two-letter code such as DE",
            )];
        }
        Vec::new()
    }

    fn pii(&self) -> bool {
        true
    }

    fn missing(&self) -> &'static str {
        "phone-missing"
    }

    fn sample(&self) -> RawValue {
        "+49 30 1234567".into()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepted, refused};
    use super::*;

    #[test]
    fn one_number_has_one_spelling() {
        let german = Phone {
            region: Some("DE".to_owned()),
        };
        for typed in [
            "030 1234567",
            "+49 30 1234567",
            "+49 (30) 123-4567",
            "0049 30 1234567",
            "030/1234567",
        ] {
            assert_eq!(
                accepted(&german, typed),
                Some(Value::Text("+49301234567".to_owned())),
                "{typed}"
            );
        }
        assert_eq!(
            accepted(&german, "+1 212 555 2368"),
            Some(Value::Text("+12125552368".to_owned()))
        );
    }

    #[test]
    fn what_cannot_be_called_is_refused_with_an_example() {
        for typed in [
            "030 1234567",
            "12",
            "call me",
            "+49",
            "+999 123456789",
            "+49 30 12345678901234",
            "++49301234567",
        ] {
            assert!(
                refused(&Phone::default(), typed).contains("+49 30 1234567"),
                "{typed}"
            );
        }
    }

    #[test]
    fn an_unknown_region_is_a_problem_of_the_document() {
        assert_eq!(
            Phone {
                region: Some("Germany".to_owned())
            }
            .problems()
            .len(),
            1
        );
        assert!(
            Phone {
                region: Some("de".to_owned())
            }
            .problems()
            .is_empty()
        );
    }
}
