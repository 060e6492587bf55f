//! A country.
//! Promises its ISO 3166-1 alpha-2 code in upper case, from a code in any case or the name in a language the product
//! speaks.
//! Leaves which countries may take part to entry rules.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
            .map(|(code, name)| InputOption {
                value: code.to_owned(),
                label: name.to_owned(),
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

/// Codes and names by language, English first, in the order in which people of the language look for them.
const NAMES: [(&str, &str); 5] = [
    ("en", include_str!("countries.en.tsv")),
    ("de", include_str!("countries.de.tsv")),
    ("fr", include_str!("countries.fr.tsv")),
    ("es", include_str!("countries.es.tsv")),
    ("ja", include_str!("countries.ja.tsv")),
];

/// What people write who do not choose from a list, beside the names of the lists and those that `celes` knows.
const ALSO: [(&str, &str); 10] = [
    ("Moldau", "MD"),
    ("Osttimor", "TL"),
    ("Vereinigte Staaten von Amerika", "US"),
    ("États-Unis d’Amérique", "US"),
    ("Estados Unidos de América", "US"),
    ("アメリカ", "US"),
    ("英国", "GB"),
    ("中華人民共和国", "CN"),
    ("大韓民国", "KR"),
    ("日本国", "JP"),
];

/// All countries by code and name, in a language that the product speaks; else in English.
fn countries(locale: &Locale) -> impl Iterator<Item = (&'static str, &'static str)> {
    let of = NAMES.iter().find(|(tag, _)| *tag == locale.language());
    let [english, ..] = &NAMES;
    rows(of.unwrap_or(english).1)
}

/// The lines that are no comments.
fn rows(list: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    list.lines().filter_map(|line| line.split_once('\t'))
}

/// The code of a name in any of the languages.
fn by_name(text: &str) -> Option<&'static str> {
    let plain = |name: &str| name.to_lowercase().replace('’', "'");
    let wanted = plain(text);
    let listed = NAMES.iter().flat_map(|(_, list)| rows(list));
    let also = ALSO.iter().map(|(name, code)| (*code, *name));
    listed
        .chain(also)
        .find(|(_, name)| plain(name) == wanted)
        .map(|(code, _)| code)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepted, asked, refused};
    use super::*;
    use crate::text::texts;

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
    fn every_country_of_every_list_is_an_answer_by_code_and_by_name() {
        for language in texts::languages() {
            let listed: Vec<_> = countries(&language).collect();
            assert_eq!(listed.len(), 250, "countries.{language}.tsv");
            for (code, name) in listed {
                for typed in [code, name] {
                    let parsed = Country {}.parse(&typed.into(), &asked());
                    assert_eq!(parsed, Ok(Some(Value::Text(code.to_owned()))), "{typed}");
                }
            }
        }
    }

    #[test]
    fn every_language_of_the_product_has_its_own_names() {
        for language in texts::languages() {
            assert!(
                NAMES.iter().any(|(tag, _)| *tag == language.as_str()),
                "add countries.{language}.tsv, in the order of the language"
            );
        }
        for (typed, code) in [
            ("österreich", "AT"),
            ("Allemagne", "DE"),
            ("cote d'ivoire", "CI"),
            ("Côte d'Ivoire", "CI"),
            ("estados unidos de américa", "US"),
            ("日本", "JP"),
            ("アメリカ", "US"),
        ] {
            assert_eq!(
                accepted(&Country {}, typed),
                Some(Value::Text(code.to_owned())),
                "{typed}"
            );
        }
    }

    #[test]
    fn countries_stand_where_people_of_the_language_look_for_them() {
        for (language, first, then) in [
            ("de", "Ägypten", "Albanien"),
            ("de", "Österreich", "Pakistan"),
            ("fr", "Égypte", "Espagne"),
            ("fr", "États-Unis", "Finlande"),
            ("es", "España", "Estados Unidos"),
            ("es", "México", "Mónaco"),
            ("ja", "韓国", "北朝鮮"),
            ("ja", "ニジェール", "日本"),
            ("cy", "Germany", "Ghana"),
        ] {
            let names: Vec<&str> = countries(&language.parse().unwrap())
                .map(|(_, name)| name)
                .collect();
            let at = |wanted: &str| names.iter().position(|name| *name == wanted).unwrap();
            assert!(at(first) < at(then), "{language}: {first} before {then}");
        }
    }
}
