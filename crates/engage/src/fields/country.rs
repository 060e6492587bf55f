//! A country.
//! Promises its ISO 3166-1 alpha-2 code in upper case, from a code in any case or the English name.
//! Leaves which countries may take part to entry rules.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use std::sync::LazyLock;

use super::{Asked, ControlShape, FieldDoc, FieldProblem, FieldType, InputOption, InputSpec, line};
use crate::{Value, form::RawValue, text::Locale};

/// Settings of a country: none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Country {}

impl FieldType for Country {
    fn parse(&self, raw: &RawValue, _: &Asked<'_>) -> Result<Option<Value>, FieldProblem> {
        let Some(text) = line(raw, 100)? else {
            return Ok(None);
        };
        // The table knows names without spaces and marks: "Cote d'Ivoire", "cote-divoire".
        let bare: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
        // Its numbers are ISO's too, but nobody who types 276 means Germany.
        if bare.chars().any(|c| c.is_ascii_digit()) {
            return Err(FieldProblem::new("country-unknown"));
        }
        let country = celes::Country::from_alpha2(&bare)
            .or_else(|_| celes::Country::from_alpha3(&bare))
            .or_else(|_| celes::Country::from_name(&bare))
            .or_else(|_| celes::Country::from_alias(&bare))
            .map(|country| country.alpha2)
            .ok()
            .or_else(|| by_name(&text))
            .ok_or_else(|| FieldProblem::new("country-unknown"))?;
        Ok(Some(Value::Text(country.to_owned())))
    }

    fn input(&self, _: &FieldDoc, asked: &Asked<'_>, _: &Locale, spec: &mut InputSpec) {
        spec.shape = ControlShape::Select;
        spec.autocomplete = Some("country");
        spec.options = countries(asked.locale)
            .iter()
            .map(|(code, name)| InputOption {
                value: (*code).to_owned(),
                label: name.clone(),
            })
            .collect();
    }

    fn missing(&self) -> &'static str {
        "country-missing"
    }

    fn sample(&self) -> RawValue {
        "DE".into()
    }
}

/// All countries as (alpha-2 code, name), by name.
fn countries(_: &Locale) -> &'static [(&'static str, String)] {
    static ENGLISH: LazyLock<Vec<(&'static str, String)>> = LazyLock::new(|| {
        let mut all: Vec<_> = celes::Country::get_countries()
            .iter()
            .map(|country| (country.alpha2, friendly(country.long_name)))
            .collect();
        all.sort_by(|left, right| left.1.cmp(&right.1));
        all
    });
    &ENGLISH
}

/// The name as people look for it: under G, not under T for "The".
fn friendly(name: &str) -> String {
    name.strip_prefix("The ").unwrap_or(name).to_owned()
}

/// The code of a name that stands in the list the participant sees.
fn by_name(text: &str) -> Option<&'static str> {
    let wanted = text.to_lowercase();
    countries(&Locale::ENGLISH)
        .iter()
        .find(|(_, name)| name.to_lowercase() == wanted)
        .map(|(code, _)| *code)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepted, asked, refused};
    use super::*;

    #[test]
    fn a_country_is_found_by_code_or_name() {
        for (typed, code) in [
            ("DE", "DE"),
            ("de", "DE"),
            ("deu", "DE"),
            ("Germany", "DE"),
            ("united states of america", "US"),
            ("USA", "US"),
            ("Italy", "IT"),
            ("Switzerland", "CH"),
        ] {
            assert_eq!(
                accepted(&Country {}, typed),
                Some(Value::Text(code.to_owned())),
                "{typed}"
            );
        }
        for typed in ["Atlantis", "XX", "276", "\u{1f1e9}\u{1f1ea}", "D E U T"] {
            assert!(
                refused(&Country {}, typed).contains("two-letter"),
                "{typed}"
            );
        }
    }

    #[test]
    fn every_country_of_the_list_is_an_answer_by_code_and_by_name() {
        assert!(countries(&Locale::ENGLISH).len() >= 249);
        for (code, name) in countries(&Locale::ENGLISH) {
            for typed in [*code, name.as_str()] {
                let parsed = Country {}.parse(&typed.into(), &asked());
                assert_eq!(parsed, Ok(Some(Value::Text((*code).to_owned()))), "{typed}");
            }
        }
    }
}
