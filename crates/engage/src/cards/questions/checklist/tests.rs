use super::super::super::{Stage, playing::Table};
use super::*;

fn ticked(keys: &[&str]) -> Table {
    let mut table = Table::with(sample());
    let inputs: Vec<_> = keys.iter().map(|key| (several::INPUT, *key)).collect();
    table.send(&inputs).unwrap();
    table
}

#[test]
fn how_much_was_ticked_decides_the_result_and_is_told_with_every_tick() {
    let table = ticked(&["wasp", "barefoot", "nothing"]);
    assert!(table.finished);
    assert_eq!(table.facts["score"].to_text(), "3");
    assert_eq!(table.facts["outcome"].to_text(), "summer");
    assert_eq!(table.facts["outcome_text"].to_text(), "A proper summer");
    let keys = ["wasp", "barefoot", "nothing"].map(str::to_owned).to_vec();
    assert_eq!(table.facts["answer:summer"], Value::List(keys));
    let html = table.face("en", Stage::Results);
    assert!(
        html.contains("A proper summer") && html.contains("3 of 6"),
        "{html}"
    );
}

#[test]
fn who_ticks_nothing_gets_a_result_too() {
    let table = ticked(&[]);
    assert_eq!(table.facts["outcome"].to_text(), "spring");
    assert_eq!(table.facts["answer:summer"], Value::List(Vec::new()));
    assert!(table.face("en", Stage::Results).contains("0 of 6"));
}
