//! A country.
//! Promises its ISO 3166-1 alpha-2 code in upper case, from a code in any case or the name in English or
//! German.
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

/// A country as (alpha-2 code, name).
type Named = (&'static str, String);

/// German names by code, one a line; English ones come from the `celes` crate.
const GERMAN: &str = include_str!("countries.de.txt");

static ENGLISH_LIST: LazyLock<Vec<Named>> =
    LazyLock::new(|| list(|country| friendly(country.long_name)));

static GERMAN_LIST: LazyLock<Vec<Named>> = LazyLock::new(|| {
    list(|country| {
        let german = GERMAN
            .lines()
            .filter_map(|line| line.split_once(' '))
            .find(|(code, _)| *code == country.alpha2)
            .map(|(_, name)| name.to_owned());
        german.unwrap_or_else(|| friendly(country.long_name))
    })
});

/// All countries, by name as people of the language sort them.
fn countries(locale: &Locale) -> &'static [Named] {
    match locale.language() {
        "de" => &GERMAN_LIST,
        _ => &ENGLISH_LIST,
    }
}

fn list(name: impl Fn(&celes::Country) -> String) -> Vec<Named> {
    let mut all: Vec<Named> = celes::Country::get_countries()
        .iter()
        .map(|country| (country.alpha2, name(country)))
        .collect();
    all.sort_by_cached_key(|(_, name)| sort_key(name));
    all
}

/// German dictionaries sort umlauts like their bare letters (DIN 5007-1).
fn sort_key(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .map(|c| match c {
            'ä' | 'å' | 'à' | 'á' | 'ã' => 'a',
            'ç' => 'c',
            'é' | 'è' => 'e',
            'í' => 'i',
            'ö' | 'ô' | 'ó' => 'o',
            'ü' => 'u',
            other => other,
        })
        .collect()
}

/// The name as people look for it: under G, not under T for "The".
fn friendly(name: &str) -> String {
    name.strip_prefix("The ").unwrap_or(name).to_owned()
}

/// The code of a name that stands in one of the lists that participants see.
fn by_name(text: &str) -> Option<&'static str> {
    let wanted = text.to_lowercase();
    ENGLISH_LIST
        .iter()
        .chain(GERMAN_LIST.iter())
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

    #[test]
    fn every_country_has_a_german_name_and_is_found_by_it() {
        let german = "de".parse().unwrap();
        assert_eq!(
            accepted(&Country {}, "österreich"),
            Some(Value::Text("AT".to_owned()))
        );
        for (code, name) in countries(&german) {
            assert!(
                GERMAN.lines().any(|line| line == format!("{code} {name}")),
                "add the German name of {code} ({name}) to countries.de.txt"
            );
            let parsed = Country {}.parse(&name.as_str().into(), &asked());
            assert_eq!(parsed, Ok(Some(Value::Text((*code).to_owned()))), "{name}");
        }
        let names: Vec<&str> = countries(&german)
            .iter()
            .map(|(_, name)| name.as_str())
            .collect();
        let at = |wanted: &str| names.iter().position(|name| *name == wanted).unwrap();
        assert!(
            at("Österreich") < at("Pakistan") && at("Ägypten") < at("Albanien"),
            "umlauts are sorted like vowels"
        );
    }
}
