use super::super::super::{Stage, playing::Table};
use super::*;
use crate::Value;

fn pick(keys: &[&str]) -> (Table, Result<(), Refusal>) {
    let mut table = Table::with(sample());
    let inputs: Vec<_> = keys.iter().map(|key| (several::INPUT, *key)).collect();
    let done = table.send(&inputs);
    (table, done)
}

#[test]
fn what_was_picked_is_told_in_the_authors_order_and_counted_one_by_one() {
    let (table, done) = pick(&["yoghurt", "lemon", "pistachio", "lemon"]);
    done.unwrap();
    let keys = ["pistachio", "lemon", "yoghurt"]
        .map(str::to_owned)
        .to_vec();
    assert_eq!(table.facts["answer:sundae"], Value::List(keys));
    assert_eq!(
        table.facts["answer_text:sundae"].to_text(),
        "Pistachio, Lemon, Yoghurt and honey"
    );
    assert_eq!(table.tallies.len(), 3);
    let html = table.face("en", Stage::Results);
    assert_eq!(html.matches("your answer").count(), 3, "{html}");
}

#[test]
fn too_few_and_too_many_are_said_with_the_number_and_what_was_picked_stays() {
    let (table, _) = pick(&["lemon", "pistachio", "cherry", "hazelnut"]);
    let html = table.face("en", Stage::Play);
    assert!(
        html.contains("Choose no more than 3.") && html.contains("value=\"lemon\" checked"),
        "{html}"
    );
    let (table, _) = pick(&[]);
    assert!(table.face("en", Stage::Play).contains("Choose at least 1."));
    let (_, invented) = pick(&["lemon", "pistachio", "gold"]);
    assert_eq!(invented.unwrap_err(), Refusal::unknown_option());
}

#[test]
fn the_launch_check_finds_a_number_that_cannot_be_picked() {
    let mut card = sample();
    card.setup.insert("min".to_owned(), 7.into());
    card.setup.insert("max".to_owned(), 0.into());
    let shell = super::super::super::Shell {
        card_key: "x",
        locales: &[Locale::ENGLISH],
        images: &[
            "pistachio",
            "stracciatella",
            "lemon",
            "cherry",
            "hazelnut",
            "yoghurt",
        ],
        form_first: false,
    };
    let found = KIND.open(&card.setup, &shell).unwrap().problems(&shell);
    let paths: Vec<_> = found.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["min", "max"]);
}
