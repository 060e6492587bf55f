use serde_json::json;

use super::super::super::{Complaint, Stage, playing::Table};
use super::*;

#[test]
fn each_rating_is_told_as_a_number_and_so_is_the_average() {
    let mut table = Table::with(sample());
    table
        .send(&[("answer:taste", "5"), ("answer:wait", "2")])
        .unwrap();
    assert!(table.finished);
    assert_eq!(table.facts["answer:taste"], Value::Integer(5));
    assert!(
        !table.facts.contains_key("answer:welcome"),
        "left out, and not told as anything"
    );
    assert_eq!(table.facts["score"], Value::Number(3.5));
    assert_eq!(table.tallies.len(), 2);
}

#[test]
fn people_compare_their_rating_with_everybodys() {
    let mut table = Table::with(sample());
    table.send(&[("answer:taste", "5")]).unwrap();
    table.tallies = vec![
        (("taste".to_owned(), "5".to_owned()), 2),
        (("taste".to_owned(), "3".to_owned()), 1),
    ];
    let html = table.face("en", Stage::Results);
    assert!(
        html.contains("5 of 5 stars") && html.contains("4.3 of 5 on average, from 3"),
        "{html}"
    );
    assert!(table.face("de", Stage::Results).contains("4,3 von 5"));
}

#[test]
fn what_has_to_be_rated_is_named_and_what_was_rated_stays() {
    let mut card = sample();
    card.setup.insert("may_skip".to_owned(), json!(false));
    card.setup.insert("style".to_owned(), json!("faces"));
    let mut table = Table::with(card);
    let refused = table
        .send(&[("answer:taste", "4"), ("answer:wait", "6")])
        .unwrap_err();
    let inputs: Vec<_> = refused
        .complaints()
        .iter()
        .map(|it: &Complaint| it.input.as_ref())
        .collect();
    assert_eq!(inputs, ["answer:welcome", "answer:wait"]);
    let html = table.face("en", Stage::Play);
    assert!(
        html.contains("name=\"answer:taste\" value=\"4\" checked") && html.contains("Very good"),
        "{html}"
    );
    assert_eq!(html.matches("role=\"alert\"").count(), 2);
    let nothing = Table::with(sample()).send(&[]).unwrap_err();
    assert_eq!(nothing, Refusal::because("rating-nothing"));
}
