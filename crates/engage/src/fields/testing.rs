//! The conformance test that every field type passes, and helpers for the types' own tests.
//! Promises that a new type is covered by being registered.
//! Leaves what is special about a type to its own file.

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;
use crate::{
    Value,
    form::RawValue,
    text::{Locale, texts},
};

/// The participant's day in tests.
pub(super) const TODAY: Date = date(2026, 11, 23);

pub(super) fn asked() -> Asked<'static> {
    Asked {
        locale: &Locale::ENGLISH,
        today: TODAY,
    }
}

pub(super) fn accepted(field: &dyn FieldType, typed: &str) -> Option<Value> {
    field
        .parse(&typed.into(), &asked())
        .unwrap_or_else(|problem| panic!("`{typed}` is refused: {}", problem.id()))
}

pub(super) fn refused(field: &dyn FieldType, typed: &str) -> String {
    match field.parse(&typed.into(), &asked()) {
        Err(problem) => problem.message(&Locale::ENGLISH, "Label"),
        Ok(value) => panic!("`{typed}` is accepted as {value:?}"),
    }
}

/// One field of every type, by its name in the registry.
fn every_type() -> Vec<FieldDoc> {
    FieldKind::NAMES
        .iter()
        .map(|name| {
            let mut table = serde_json::json!({ "key": "answer", "label": "Label", "type": name });
            let extra = match *name {
                "single_choice" => {
                    serde_json::json!({ "options": [{ "key": "a", "label": "A" }, { "key": "b", "label": "B" }] })
                }
                "consent" => serde_json::json!({ "version": "1" }),
                "terms" => serde_json::json!({ "terms": "terms" }),
                _ => serde_json::json!({}),
            };
            table.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            serde_json::from_value(table).unwrap()
        })
        .collect()
}

fn each(check: impl Fn(&FieldDoc, &dyn FieldType)) {
    for field in every_type() {
        check(&field, field.kind.field_type());
    }
}

#[test]
fn the_sample_of_every_type_is_accepted_and_its_answer_is_accepted_again() {
    each(|field, kind| {
        let value = kind.parse(&kind.sample(), &asked()).unwrap().unwrap();
        let again = kind
            .parse(&value.to_text().as_str().into(), &asked())
            .unwrap();
        assert_eq!(again, Some(value), "{}", field.kind.name());
    });
}

#[test]
fn every_type_stays_the_same_when_it_is_stored_and_read() {
    each(|field, _| {
        let json = serde_json::to_string(field).unwrap();
        assert_eq!(serde_json::from_str::<FieldDoc>(&json).unwrap(), *field);
        assert!(json.contains(&format!("\"type\":\"{}\"", field.kind.name())));
    });
}

#[test]
fn every_type_refuses_a_key_nobody_knows() {
    each(|field, _| {
        let mut table = serde_json::to_value(field).unwrap();
        table["colour"] = "red".into();
        let problem = serde_json::from_value::<FieldDoc>(table)
            .unwrap_err()
            .to_string();
        assert!(
            problem.contains("colour"),
            "{}: {problem}",
            field.kind.name()
        );
    });
}

#[test]
fn the_settings_of_every_sample_are_without_problems() {
    each(|field, kind| assert_eq!(kind.problems(), [], "{}", field.kind.name()));
}

#[test]
fn nothing_typed_is_no_answer_and_a_required_field_says_what_to_enter() {
    each(|field, kind| {
        for nothing in [RawValue::Null, "".into(), " \t\n ".into()] {
            assert_eq!(
                kind.parse(&nothing, &asked()),
                Ok(None),
                "{}",
                field.kind.name()
            );
            let required = FieldDoc {
                required: true,
                ..field.clone()
            };
            let problem = required.parse(&nothing, &asked()).unwrap_err();
            for language in texts::languages() {
                let message = problem.message(&language, "Label");
                assert!(message.ends_with(['.', '。']), "{message}");
                assert!(
                    !message.contains('$') && !message.contains('{'),
                    "{message}"
                );
            }
        }
    });
}

#[test]
fn control_characters_are_refused_with_a_clear_message() {
    each(|field, kind| {
        for typed in [
            "a\u{0}b",
            "\u{0}",
            "a\nb",
            "a\u{7f}b",
            "a\u{85}b",
            "\u{1b}[31m",
        ] {
            let message = match kind.parse(&typed.into(), &asked()) {
                Err(problem) => problem.message(&Locale::ENGLISH, "Label"),
                Ok(value) => panic!("{} accepts {typed:?} as {value:?}", field.kind.name()),
            };
            assert!(
                message.contains("control characters"),
                "{}: {message}",
                field.kind.name()
            );
        }
    });
}

#[test]
fn a_megabyte_is_refused_by_its_length() {
    let huge = "\u{1f366}".repeat(250_000);
    each(|field, kind| {
        let problem = kind.parse(&huge.as_str().into(), &asked()).unwrap_err();
        assert_eq!(problem.id(), "field-too-long", "{}", field.kind.name());
    });
}

#[test]
fn shapes_that_no_field_takes_are_refused() {
    each(|field, kind| {
        for raw in [RawValue::Other, RawValue::List(vec!["a".to_owned()])] {
            assert!(kind.parse(&raw, &asked()).is_err(), "{}", field.kind.name());
        }
    });
}

#[test]
fn every_visible_input_has_a_label_and_inputs_about_people_have_an_autocomplete_token() {
    each(|field, kind| {
        let spec = field.input(&asked(), &Locale::ENGLISH);
        assert_eq!(spec.label, "Label");
        assert_eq!(spec.field_type, field.kind.name());
        let about_people = matches!(
            field.kind.name(),
            "email" | "phone" | "country" | "birthday"
        );
        assert_eq!(
            spec.autocomplete.is_some(),
            about_people,
            "{}",
            field.kind.name()
        );
        if matches!(spec.shape, ControlShape::Radio | ControlShape::Select) {
            assert!(spec.options.len() >= 2);
            for option in spec.options {
                assert!(kind.parse(&option.value.as_str().into(), &asked()).is_ok());
            }
        }
    });
}

#[test]
fn names_carry_the_tokens_of_wcag() {
    for (key, token) in [("first_name", "given-name"), ("last_name", "family-name")] {
        let field: FieldDoc = serde_json::from_value(
            serde_json::json!({ "key": key, "label": "Name", "type": "short_text" }),
        )
        .unwrap();
        assert_eq!(
            field.input(&asked(), &Locale::ENGLISH).autocomplete,
            Some(token)
        );
        assert_eq!(field.property(), Some(key));
    }
}

proptest! {
    #[test]
    fn no_answer_makes_a_type_panic_and_what_is_accepted_is_clean(typed in ".{0,60}") {
        for field in every_type() {
            if let Ok(Some(Value::Text(kept))) = field.parse(&typed.as_str().into(), &asked()) {
                prop_assert!(!kept.chars().any(char::is_control));
                prop_assert_eq!(kept.trim(), kept.as_str());
            }
        }
    }

    #[test]
    fn any_digits_and_marks_are_a_number_or_refused(typed in "[-+0-9., ']{0,20}") {
        let field = number::Number::default();
        if let Ok(Some(Value::Number(number))) = field.parse(&typed.as_str().into(), &asked()) {
            prop_assert!(number.is_finite());
        }
    }

    #[test]
    fn any_digits_are_a_phone_number_or_refused(typed in "[+0-9 ()/-]{0,20}") {
        let field = phone::Phone { region: Some("DE".to_owned()) };
        if let Ok(Some(Value::Text(number))) = field.parse(&typed.as_str().into(), &asked()) {
            prop_assert!(number.starts_with('+'));
        }
    }
}
