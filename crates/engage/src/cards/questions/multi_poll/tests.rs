use serde_json::json;

use super::super::super::{Stage, playing::Table};
use super::*;

fn voted(card: CardDoc) -> Table {
    let mut table = Table::with(card);
    for option in ["always", "nuts", "bite"] {
        assert!(!table.finished);
        table.send(&[("option", option)]).unwrap();
    }
    table
}

#[test]
fn after_the_last_vote_people_see_how_everybody_answered_each_question() {
    let table = voted(sample());
    assert!(table.finished);
    let html = table.face("en", Stage::Results);
    assert_eq!(html.matches("your answer").count(), 3, "{html}");
    for key in ["season", "topping", "bite"] {
        assert!(
            html.contains(&format!("data-total=\"{key}\">1<")),
            "the island counts on each: {html}"
        );
    }
    assert!(html.contains("data-stand=\"/h/demo/c/x/plays/7\""));
    assert_eq!(table.facts["answer:bite"].to_text(), "bite");
    assert_eq!(
        table.facts["answer_text:topping"].to_text(),
        "Roasted hazelnuts"
    );
}

#[test]
fn results_are_never_seen_on_the_way_or_where_the_author_keeps_them() {
    let mut table = Table::with(sample());
    table.send(&[("option", "summer")]).unwrap();
    assert_eq!(table.face("en", Stage::Results), "");
    let mut secret = sample();
    secret
        .setup
        .insert("show_results".to_owned(), json!("never"));
    let html = voted(secret).face("en", Stage::Results);
    assert!(html.contains("Thank you") && !html.contains('%'), "{html}");
}
