use serde_json::json;

use super::super::super::{Stage, playing::Table};
use super::*;

fn swiped(card: CardDoc, sides: &[&str]) -> Table {
    let mut table = Table::with(card);
    for side in sides {
        table.send(&[("option", side)]).unwrap();
    }
    table
}

#[test]
fn each_card_is_told_and_so_is_the_list_of_those_that_were_liked() {
    let table = swiped(sample(), &[YES, NO, NO, YES, NO]);
    assert!(table.finished);
    assert_eq!(table.facts["answer:basil"].to_text(), YES);
    assert_eq!(table.facts["answer:ricotta"].to_text(), NO);
    assert_eq!(table.facts["answer_text:ricotta"].to_text(), "Not for me");
    assert_eq!(
        table.facts[LIKED],
        Value::List(vec!["basil".to_owned(), "olive-oil".to_owned()])
    );
    assert_eq!(
        table.facts[LIKED_TEXT].to_text(),
        "Basil and lime, Olive oil and sea salt"
    );
    assert_eq!(table.facts["score"].to_text(), "2");
    let html = table.face("en", Stage::Results);
    assert!(
        html.contains("You liked 2 of 5")
            && html.contains("data-question=\"basil\" data-option=\"yes\""),
        "{html}"
    );
}

#[test]
fn two_buttons_do_what_a_swipe_does_and_the_pile_says_how_high_it_is() {
    let html = Table::with(sample()).face("en", Stage::Play);
    assert!(
        html.contains("Question 1 of 5") && html.contains("Basil and lime"),
        "{html}"
    );
    assert_eq!(html.matches("type=\"submit\"").count(), 2, "{html}");
}

#[test]
fn without_words_of_the_authors_the_sides_speak_the_participants_language() {
    let mut card = sample();
    card.setup.remove("no_label");
    card.setup.remove("yes_label");
    let html = Table::with(card).face("de", Stage::Play);
    assert!(html.contains(">Nein<") && html.contains(">Ja<"), "{html}");
}

#[test]
fn where_the_author_keeps_the_results_only_the_own_choice_is_seen() {
    let mut card = sample();
    card.setup.insert("show_results".to_owned(), json!("never"));
    let html = swiped(card, &[YES, NO, NO, NO, NO]).face("en", Stage::Results);
    assert!(
        html.contains("Basil and lime") && !html.contains("Liquorice") && !html.contains('%'),
        "{html}"
    );
}
