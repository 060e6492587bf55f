use serde_json::json;

use super::super::super::{Stage, playing::Table};
use super::*;

fn guessed(card: CardDoc, guesses: &[&str]) -> Table {
    let mut table = Table::with(card);
    for guess in guesses {
        table.send(&[(GUESS, guess)]).unwrap();
    }
    table
}

#[test]
fn a_guess_within_the_tolerance_is_right_and_ends_the_play() {
    let table = guessed(sample(), &["1 900", "447"]);
    assert!(table.finished);
    assert_eq!(table.facts["answer:hazelnuts"], Value::Integer(447));
    assert_eq!(table.facts["off_by"], Value::Integer(10));
    assert_eq!(table.facts["tries"], Value::Integer(2));
    assert_eq!(table.facts["outcome"].to_text(), "right");
    let html = table.face("en", Stage::Results);
    assert!(
        html.contains("You must have counted!") && html.contains("437 hazelnuts"),
        "{html}"
    );
}

#[test]
fn when_the_tries_are_used_up_the_closest_guess_is_what_is_told() {
    let table = guessed(sample(), &["100", "500", "900", "1500", "2000"]);
    assert!(table.finished);
    assert_eq!(table.facts["answer:hazelnuts"], Value::Integer(500));
    assert_eq!(table.facts["outcome"].to_text(), "wrong");
    assert_eq!(table.facts["off_by"], Value::Integer(63));
}

#[test]
fn the_hints_say_how_near_or_where_to_and_never_the_number() {
    let mut table = Table::with(sample());
    for (guess, hint) in [
        ("480", "Hot"),
        ("600", "Warm"),
        ("900", "Cool"),
        ("2000", "Ice cold"),
    ] {
        table.send(&[(GUESS, guess)]).unwrap();
        let html = table.face("en", Stage::Play);
        assert!(
            html.contains(&format!("tabindex=\"-1\">{hint}")),
            "{guess}: {html}"
        );
        assert!(!html.contains("437"), "{html}");
    }
    let mut card = sample();
    card.setup.insert("hints".to_owned(), json!("higher-lower"));
    let html = guessed(card, &["400"]).face("en", Stage::Play);
    assert!(
        html.contains("It is more") && html.contains("4 tries left"),
        "{html}"
    );
}

#[test]
fn before_a_guess_the_page_is_the_same_whatever_the_number_is() {
    let mut other = sample();
    other.setup.insert("number".to_owned(), json!(1_200));
    let (one, other) = (Table::with(sample()), Table::with(other));
    assert_eq!(one.face("en", Stage::Play), other.face("en", Stage::Play));
    assert_eq!(one.face("en", Stage::Results), "");
}

#[test]
fn what_is_no_possible_number_uses_up_no_try_and_stays_to_be_corrected() {
    let mut table = Table::with(sample());
    for wrong in ["", "many", "1.5", "0", "2001"] {
        table.send(&[(GUESS, wrong)]).unwrap_err();
    }
    let html = table.face("en", Stage::Play);
    assert!(
        html.contains("value=\"2001\"")
            && html.contains("no more than 2000")
            && html.contains("5 tries left"),
        "{html}"
    );
    let mut card = sample();
    card.setup.insert("max".to_owned(), json!(400));
    let shell = super::super::super::Shell {
        card_key: "x",
        locales: &[Locale::ENGLISH],
        images: &[],
        form_first: false,
    };
    let found = KIND.open(&card.setup, &shell).unwrap().problems(&shell);
    assert_eq!(found[0].path, "number");
}
