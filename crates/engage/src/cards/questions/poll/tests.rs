use std::collections::BTreeMap;

use serde_json::json;

use super::super::super::{Card, Shell, Stage, Tally, kind, playing::Table};
use super::*;

fn card() -> CardDoc {
    let mut card = sample();
    card.setup = serde_json::from_value(json!({
        "key": "flavour",
        "question": { "en": "Which one?", "de": "Welche Sorte?" },
        "options": [
            { "key": "pistachio", "label": { "en": "Pistachio", "de": "Pistazie" } },
            { "key": "lemon", "label": { "en": "Lemon", "de": "Zitrone" } },
            { "key": "mango", "label": "Mango" }
        ]
    }))
    .unwrap();
    card
}

fn open(card: &CardDoc) -> Box<dyn Card> {
    let shell = Shell {
        card_key: &card.key,
        locales: &[Locale::ENGLISH],
        images: &[],
        form_first: false,
    };
    kind("poll").unwrap().open(&card.setup, &shell).unwrap()
}

fn voted(inputs: &[(&str, &str)]) -> Result<Table, Refusal> {
    let mut table = Table::with(card());
    table.send(inputs)?;
    Ok(table)
}

fn tallies(counts: &[(&str, u64)]) -> Vec<(Tally, u64)> {
    counts
        .iter()
        .map(|(option, count)| (("flavour".to_owned(), (*option).to_owned()), *count))
        .collect()
}

#[test]
fn a_vote_tells_the_option_and_its_label_in_the_authors_language() {
    let table = voted(&[("question", "flavour"), ("option", "pistachio")]).unwrap();
    assert!(table.finished);
    let text = |key: &str| table.facts[key].to_text();
    assert_eq!(text("answer:flavour"), "pistachio");
    assert_eq!(text("answer_text:flavour"), "Pistachio");
    assert_eq!(table.tallies, tallies(&[("pistachio", 1)]));
    let unnamed = voted(&[("option", "pistachio")]).unwrap();
    assert_eq!(
        unnamed.facts, table.facts,
        "a poll has one question, which need not be named"
    );
}

#[test]
fn invented_votes_are_refused_and_count_nothing() {
    let refused = |inputs: &[(&str, &str)]| voted(inputs).unwrap_err();
    assert_eq!(refused(&[]), Refusal::nothing_chosen());
    assert_eq!(
        refused(&[("option", "Pistachio")]),
        Refusal::unknown_option()
    );
    let elsewhere = [("question", "weather"), ("option", "pistachio")];
    assert_eq!(refused(&elsewhere), Refusal::unknown_question());
}

#[test]
fn without_a_key_of_its_own_the_question_has_the_cards() {
    let mut card = card();
    card.setup.remove("key");
    card.key = "flavour-poll".to_owned();
    assert_eq!(open(&card).facts()[0].key, "answer:flavour-poll");
}

#[test]
fn results_list_every_option_in_the_authors_order_and_add_up() {
    let rows = open(&card()).results(
        &tallies(&[
            ("mango", 1),
            ("pistachio", 1),
            ("lemon", 1),
            ("removed-option", 9),
        ]),
        &"de".parse().unwrap(),
    );
    let shown: Vec<_> = rows
        .iter()
        .map(|row| (row.label.as_str(), row.count, row.percent))
        .collect();
    assert_eq!(
        shown,
        [("Pistazie", 1, 34), ("Zitrone", 1, 33), ("Mango", 1, 33)]
    );
}

#[test]
fn the_play_is_a_group_of_radio_buttons_in_the_participants_language() {
    let mut table = Table::with(card());
    let html = table.face("de", Stage::Play);
    assert!(html.contains("<legend>Welche Sorte?</legend>"), "{html}");
    assert!(html.contains("Pistazie") && html.contains("Abstimmen"));
    assert!(html.contains("action=\"/h/demo/c/x/plays\""));
    assert!(html.contains("name=\"play_id\" value=\"00000000-0000-0000-0000-000000000007\""));
    table.send(&[]).unwrap_err();
    let html = table.face("de", Stage::Play);
    assert!(
        html.contains("role=\"alert\"") && html.contains("aria-describedby"),
        "{html}"
    );
}

#[test]
fn results_are_seen_after_the_own_vote_only_and_never_if_the_author_wants_so() {
    let before = Table::with(card()).face("en", Stage::Results);
    assert!(before.is_empty(), "{before}");
    let after = voted(&[("option", "lemon")])
        .unwrap()
        .face("en", Stage::Results);
    assert!(after.contains("your answer"), "{after}");
    assert!(
        after.contains("Votes so far: <span data-total=\"flavour\">1</span>"),
        "{after}"
    );
    assert!(
        after.contains("data-stand=\"/h/demo/c/x/plays/7\""),
        "the island learns where to look for newer shares"
    );
    let mut secret = card();
    secret
        .setup
        .insert("show_results".to_owned(), "never".into());
    let mut table = Table::with(secret);
    table.send(&[("option", "lemon")]).unwrap();
    let after = table.face("en", Stage::Results);
    assert!(after.is_empty(), "{after}");
}

#[test]
fn the_launch_check_names_what_is_wrong_with_a_poll() {
    let mut broken = card();
    broken.setup = serde_json::from_value(json!({
        "key": "Bad Key", "question": "", "options": [{ "key": "a", "label": "", "image": "nowhere" }, { "key": "a", "label": { "en": "A" } }]
    }))
    .unwrap();
    let shell = Shell {
        card_key: "poll",
        locales: &[Locale::ENGLISH, "de".parse().unwrap()],
        images: &[],
        form_first: false,
    };
    let engine = kind("poll").unwrap().open(&broken.setup, &shell).unwrap();
    let paths: Vec<_> = engine
        .problems(&shell)
        .into_iter()
        .map(|problem| (problem.path, problem.error))
        .collect();
    for expected in [
        ("question", true),
        ("key", true),
        ("options[1].key", true),
        ("options[0].label", true),
        ("options[0].image", true),
        ("options[1].label", false),
    ] {
        assert!(
            paths.contains(&(expected.0.to_owned(), expected.1)),
            "{expected:?} in {paths:?}"
        );
    }
    broken.setup["options"].as_array_mut().unwrap().truncate(1);
    let engine = kind("poll").unwrap().open(&broken.setup, &shell).unwrap();
    assert!(
        engine
            .problems(&shell)
            .iter()
            .any(|problem| problem.message.contains("two options"))
    );
}

#[test]
fn a_finished_play_is_summed_up_in_the_members_language() {
    let engine = open(&card());
    let facts = voted(&[("option", "lemon")]).unwrap().facts;
    assert_eq!(
        engine.summary(&facts, &"de".parse().unwrap()),
        "Antwort: Zitrone"
    );
    assert_eq!(engine.summary(&BTreeMap::new(), &Locale::ENGLISH), "");
}
