use super::super::super::{Stage, playing::Table};
use super::*;

#[test]
fn one_tap_chooses_and_brings_the_next_pair() {
    let mut table = Table::with(sample());
    let html = table.face("en", Stage::Play);
    assert!(
        html.contains("Question 1 of 4")
            && html.contains("value=\"cone\"")
            && html.contains("value=\"cup\""),
        "{html}"
    );
    assert!(
        !html.contains("type=\"radio\""),
        "a button each, nothing to confirm: {html}"
    );
    table
        .send(&[("question", "vessel"), ("option", "cup")])
        .unwrap();
    assert!(table.face("en", Stage::Play).contains("Question 2 of 4"));
}

#[test]
fn every_choice_is_told_and_compared_with_everybodys_at_the_end() {
    let mut table = Table::with(sample());
    for option in ["cup", "fruit", "harbour", "alone"] {
        table.send(&[("option", option)]).unwrap();
    }
    assert!(table.finished);
    assert_eq!(table.facts["answer:bench"].to_text(), "harbour");
    assert_eq!(table.facts["answer_text:family"].to_text(), "Fruity");
    let html = table.face("en", Stage::Results);
    assert_eq!(html.matches("your answer").count(), 4, "{html}");
}

#[test]
fn a_round_has_two_sides_and_no_third() {
    let mut card = sample();
    let options = card.setup["questions"][1]["options"]
        .as_array_mut()
        .unwrap();
    options.push(serde_json::json!({ "key": "both", "label": "Both" }));
    let shell = super::super::super::Shell {
        card_key: "x",
        locales: &[Locale::ENGLISH],
        images: &[],
        form_first: false,
    };
    let found = KIND.open(&card.setup, &shell).unwrap().problems(&shell);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].path, "questions[1].options");
}
