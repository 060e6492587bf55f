use serde_json::json;

use super::super::super::{Shell, Stage, playing::Table};
use super::*;

fn answered(answers: &[&str]) -> Table {
    let mut table = Table::with(sample());
    for answer in answers {
        table.send(&[("option", answer)]).unwrap();
    }
    table
}

#[test]
fn the_outcome_with_the_most_points_is_shown_and_told() {
    let table = answered(&["balcony", "good-shirt", "cup"]);
    assert!(table.finished);
    assert_eq!(table.facts["outcome"].to_text(), "pistachio");
    assert_eq!(table.facts["outcome_text"].to_text(), "You are Pistachio");
    assert_eq!(table.facts["answer:suitcase"].to_text(), "good-shirt");
    let html = table.face("en", Stage::Results);
    assert!(
        html.contains("You are Pistachio") && html.contains("take your time"),
        "{html}"
    );
}

#[test]
fn among_outcomes_with_the_same_points_the_one_listed_first_wins() {
    // Two for lemon, two for pistachio, and two for pistachio against two for lemon once more: lemon stands before it.
    let table = answered(&["sea", "good-shirt", "cone"]);
    assert_eq!(table.facts["outcome"].to_text(), "lemon");
    let table = answered(&["piazza", "map", "cone"]);
    assert_eq!(table.facts["outcome"].to_text(), "stracciatella");
    let mut card = sample();
    for question in 0..3 {
        card.setup["questions"][question]["options"][0]["points"] = json!([]);
    }
    let mut table = Table::with(card);
    for answer in ["piazza", "map", "cone"] {
        table.send(&[("option", answer)]).unwrap();
    }
    assert_eq!(
        table.facts["outcome"].to_text(),
        "stracciatella",
        "nobody has any points"
    );
}

#[test]
fn the_launch_check_finds_points_for_nothing_and_outcomes_without_points() {
    let mut card = sample();
    card.setup["questions"][0]["options"][1]["points"][0]["outcome"] = json!("mango");
    card.setup["outcomes"][2]["key"] = json!("walnut");
    let shell = Shell {
        card_key: "test",
        locales: &[Locale::ENGLISH],
        images: &[],
        form_first: true,
    };
    let found = KIND.open(&card.setup, &shell).unwrap().problems(&shell);
    let found: Vec<_> = found
        .iter()
        .map(|problem| (problem.path.as_str(), problem.error))
        .collect();
    assert!(
        found.contains(&("questions[0].options[1].points[0].outcome", true)),
        "{found:?}"
    );
    assert!(found.contains(&("outcomes[2]", false)), "{found:?}");
}
