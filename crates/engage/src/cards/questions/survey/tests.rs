use serde_json::json;

use super::super::super::{Shell, Stage, playing::Table};
use super::*;
use crate::Value;

fn answered(card: CardDoc, moves: &[&[(&str, &str)]]) -> Table {
    let mut table = Table::with(card);
    for inputs in moves {
        table.send(inputs).unwrap();
    }
    table
}

/// A survey of these questions, all on one page where that is possible.
fn survey(questions: &serde_json::Value) -> CardDoc {
    let mut card = sample();
    card.setup =
        serde_json::from_value(json!({ "pages": "all-at-once", "questions": questions })).unwrap();
    card
}

#[test]
fn every_type_of_answer_is_told_in_its_own_way() {
    let table = answered(
        sample(),
        &[
            &[("answer:visit", "often")],
            &[("answer:visits", "12")],
            &[("answer:reasons", "terrace"), ("answer:reasons", "ice")],
            &[
                ("answer:matters:price", "2"),
                ("answer:matters:regional", "3"),
                ("answer:matters:new", "1"),
            ],
            &[("answer:wait", "4")],
            &[("answer:recommend", "5")],
            &[("answer:wish", " More shade. ")],
            &[("answer:day", "2026-08-15")],
        ],
    );
    assert!(table.finished);
    let list = |keys: &[&str]| Value::List(keys.iter().map(|key| (*key).to_owned()).collect());
    assert_eq!(table.facts["answer:visit"], Value::Text("often".to_owned()));
    assert_eq!(table.facts["answer_text:visit"].to_text(), "Every week");
    assert_eq!(table.facts["answer:visits"], Value::Integer(12));
    assert_eq!(table.facts["answer:reasons"], list(&["ice", "terrace"]));
    assert_eq!(
        table.facts["answer:matters"],
        list(&["new", "price", "regional"])
    );
    assert_eq!(
        table.facts["answer_text:matters"].to_text(),
        "New flavours, A fair price, Milk from around here"
    );
    assert_eq!(table.facts["answer:wait"], Value::Integer(4));
    assert_eq!(table.facts["nps:recommend"].to_text(), "detractor");
    assert_eq!(table.facts["answer:wish"].to_text(), "More shade.");
    assert_eq!(table.facts["answer:day"].to_text(), "2026-08-15");
    assert_eq!(table.facts["answered"], Value::Integer(8));
    assert!(table.face("en", Stage::Results).contains("Grazie!"));
    assert!(
        table
            .tallies
            .contains(&(("matters".to_owned(), "new".to_owned()), 1)),
        "a ranking counts for its first"
    );
}

#[test]
fn an_answer_decides_what_is_asked_next_and_what_is_never_asked() {
    let mut table = answered(sample(), &[&[("answer:visit", "first")]]);
    let html = table.face("en", Stage::Play);
    assert!(
        html.contains("How likely are you to recommend us") && html.contains("Question 6 of 8"),
        "{html}"
    );
    table.send(&[("answer:recommend", "9")]).unwrap();
    assert!(
        !table.face("en", Stage::Play).contains("do better"),
        "asked of who would not recommend only"
    );
    table.send(&[]).unwrap();
    assert!(table.finished);
    assert_eq!(table.facts["answered"], Value::Integer(2));
}

#[test]
fn an_answer_may_lead_to_the_end_at_once() {
    let card = survey(&json!([
        { "key": "of-age", "type": "single", "question": "Are you 18?", "required": true,
          "options": [{ "key": "yes", "label": "Yes" }, { "key": "no", "label": "No" }], "go_to": [{ "answer": "no", "to": "end" }] },
        { "key": "drink", "type": "short-text", "question": "What do you drink?" },
    ]));
    assert!(answered(card.clone(), &[&[("answer:of-age", "no")]]).finished);
    assert!(!answered(card, &[&[("answer:of-age", "yes")]]).finished);
}

#[test]
fn questions_that_hang_on_nothing_stand_on_one_page_and_the_others_come_when_it_is_known() {
    let card = survey(&json!([
        { "key": "name", "type": "short-text", "question": "What are you called?" },
        { "key": "again", "type": "scale", "question": "Would you come again?", "required": true },
        { "key": "why", "type": "long-text", "question": "Why not?", "only_if": "again", "only_if_any": ["1", "2"] },
        { "key": "when", "type": "date", "question": "When?" },
    ]));
    let mut table = Table::with(card);
    let html = table.face("en", Stage::Play);
    assert!(
        html.contains("What are you called?")
            && html.contains("come again")
            && !html.contains("Why not?"),
        "{html}"
    );
    table
        .send(&[("answer:name", "Ada"), ("answer:again", "2")])
        .unwrap();
    let html = table.face("en", Stage::Play);
    assert!(
        html.contains("Why not?") && html.contains("When?"),
        "{html}"
    );
}

#[test]
fn one_mistake_loses_nothing_that_was_typed() {
    let card = survey(&json!([
        { "key": "name", "type": "short-text", "question": "What are you called?" },
        { "key": "age", "type": "number", "question": "How old are you?", "min": 1, "max": 120, "required": true },
        { "key": "scoops", "type": "scale", "question": "How many scoops?", "required": true },
    ]));
    let mut table = Table::with(card);
    let refused = table
        .send(&[
            ("answer:name", "Ada & Eve"),
            ("answer:age", "121"),
            ("answer:scoops", "3"),
        ])
        .unwrap_err();
    assert_eq!(refused.complaints().len(), 1);
    let html = table.face("en", Stage::Play);
    assert!(
        html.contains("value=\"Ada &#38; Eve\"") && html.contains("value=\"121\""),
        "{html}"
    );
    assert!(
        html.contains("value=\"3\" checked") && html.contains("no more than 120"),
        "{html}"
    );
    assert!(html.contains("aria-invalid=\"true\""), "{html}");
}

#[test]
fn a_step_back_shows_the_answers_of_the_page_before() {
    let mut table = answered(
        sample(),
        &[&[("answer:visit", "often")], &[("answer:visits", "12")]],
    );
    table.send(&[("back", "1")]).unwrap();
    assert!(table.face("en", Stage::Play).contains("value=\"12\""));
    table.send(&[("back", "1")]).unwrap();
    let html = table.face("en", Stage::Play);
    assert!(
        html.contains("value=\"often\" checked") && !html.contains("name=\"back\""),
        "{html}"
    );
    table.send(&[("answer:visit", "first")]).unwrap();
    assert_eq!(
        table.facts.get("answer:visits"),
        None,
        "what is no longer on the way is not told"
    );
}

#[test]
fn two_options_in_the_same_place_are_no_ranking() {
    let before: &[&[(&str, &str)]] = &[&[("answer:visit", "often")], &[], &[]];
    let mut table = answered(sample(), before);
    table
        .send(&[
            ("answer:matters:price", "1"),
            ("answer:matters:regional", "1"),
            ("answer:matters:new", "2"),
        ])
        .unwrap_err();
    let html = table.face("en", Stage::Play);
    assert!(html.contains("from 1 to 3"), "{html}");
    assert_eq!(
        html.matches("<option value=\"1\" selected>").count(),
        2,
        "it stays as it was chosen: {html}"
    );
    table
        .send(&[
            ("answer:matters", "new"),
            ("answer:matters", "price"),
            ("answer:matters", "regional"),
        ])
        .unwrap();
    assert_eq!(
        table.facts["answer_text:matters"].to_text(),
        "New flavours, A fair price, Milk from around here"
    );
}

#[test]
fn the_launch_check_finds_ways_that_lead_nowhere() {
    let card = survey(&json!([
        { "key": "one", "type": "single", "question": "One?", "options": [{ "key": "a", "label": "A" }, { "key": "b", "label": "B" }],
          "go_to": [{ "answer": "c", "to": "two" }, { "to": "nowhere" }] },
        { "key": "two", "type": "number", "question": "Two?", "min": 9, "max": 1, "only_if": "three", "go_to": [{ "to": "one" }] },
        { "key": "three", "type": "scale", "question": "Three?", "max": 50, "only_if": "one", "only_if_any": ["z"] },
        { "key": "end", "type": "date", "question": "End?" },
    ]));
    let shell = Shell {
        card_key: "survey",
        locales: &[Locale::ENGLISH],
        images: &[],
        form_first: false,
    };
    let found = KIND.open(&card.setup, &shell).unwrap().problems(&shell);
    let paths: Vec<_> = found.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "questions[0].go_to[0].answer",
            "questions[0].go_to[1].to",
            "questions[1].min",
            "questions[1].only_if",
            "questions[1].go_to[0].to",
            "questions[2].max",
            "questions[2].only_if_any[0]",
            "questions[3].key",
        ]
    );
}
