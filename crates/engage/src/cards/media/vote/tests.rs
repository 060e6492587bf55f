use serde_json::json;

use super::super::super::{kind, playing::Table};
use super::*;

fn table(most: u32) -> Table {
    let mut card = sample();
    card.setup.insert("most".to_owned(), json!(most));
    Table::with(card)
}

#[test]
fn a_vote_for_several_counts_each_entry_once_and_tells_all() {
    let mut table = table(2);
    table
        .send(&[("option", "moon"), ("option", "rain"), ("option", "moon")])
        .unwrap();
    let counted = |key: &str| (("postcard".to_owned(), key.to_owned()), 1);
    assert_eq!(table.tallies, [counted("rain"), counted("moon")]);
    assert_eq!(
        table.facts["answer:postcard"],
        Value::List(vec!["rain".into(), "moon".into()])
    );
    assert_eq!(
        table.facts["answer_text:postcard"].to_text(),
        "Ice cream in the rain, Half moon, whole scoop"
    );
}

#[test]
fn a_vote_for_one_tells_one_key() {
    let mut table = table(1);
    assert!(table.face("en", Stage::Play).contains("type=\"radio\""));
    table.send(&[("option", "moon")]).unwrap();
    assert_eq!(table.facts["answer:postcard"], Value::Text("moon".into()));
}

#[test]
fn too_many_and_invented_entries_are_refused_and_count_nothing() {
    let mut table = table(2);
    let many = table
        .send(&[
            ("option", "moon"),
            ("option", "rain"),
            ("option", "seagull"),
        ])
        .unwrap_err();
    assert!(
        many.messages(&Locale::ENGLISH)[0]
            .message
            .contains("at most 2")
    );
    assert_eq!(
        table
            .send(&[("option", "moon"), ("option", "sun")])
            .unwrap_err(),
        Refusal::unknown_option()
    );
    assert_eq!(table.send(&[]).unwrap_err(), Refusal::nothing_chosen());
    assert!(table.tallies.is_empty());
}

#[test]
fn shares_are_seen_after_the_own_vote_and_only_if_the_author_wants_so() {
    let mut voted = table(2);
    assert!(voted.face("en", Stage::Results).is_empty());
    voted.send(&[("option", "moon")]).unwrap();
    let page = voted.face("en", Stage::Results);
    assert!(
        page.contains("data-stand") && page.contains("your vote") && page.contains("100%"),
        "{page}"
    );
    let mut card = sample();
    card.setup.insert("show_results".to_owned(), json!(false));
    let mut secret = Table::with(card);
    secret.send(&[("option", "moon")]).unwrap();
    assert!(secret.face("en", Stage::Results).is_empty());
}

#[test]
fn the_launch_check_wants_fewer_votes_than_entries_and_a_picture_for_each() {
    let mut card = sample();
    card.setup.insert("most".to_owned(), json!(4));
    let shell = Shell {
        card_key: "vote",
        locales: &[Locale::ENGLISH],
        images: &["lighthouse", "seagull", "rain"],
        form_first: false,
    };
    let found = kind("vote")
        .unwrap()
        .open(&card.setup, &shell)
        .unwrap()
        .problems(&shell);
    let paths: Vec<&str> = found.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["most", "entries[3].image"]);
}
