//! Every kind of target, from the form through the mapping to a profile as the sandbox keeps it by Braze's rules.

use serde_json::json;
use store::testing::TestDatabase;

use crate::harness::{Braze, Place, entries_of, hub};

async fn every_kind_of_target_arrives_as_braze_keeps_it(database: TestDatabase) {
    let braze = Braze::start().await;
    let mut doc = hub(&braze.endpoint());
    let mapped = json!({
        "key": doc.connections[0].key, "endpoint": doc.connections[0].endpoint,
        "user": doc.connections[0].user,
        "attributes": [
            {"from": "field:page", "to": "pages", "operation": "add"},
            {"from": "constant", "value": 1, "to": "entries", "operation": "increment"},
            {"from": "field:page", "to": "reading.page"},
            {"from": "entry:time", "to": "reading.since"},
            {"from": ["constant:Page", "field:page"], "to": "title", "transforms": ["trim", "title"]},
            {"from": "field:last_name", "to": "last_name", "transforms": ["default:Unknown"]},
        ],
        "questions": [
            {"from": "answer:flavour", "attribute": "voted_flavour", "event": "flavour_voted"},
            {"from": "answer_text:flavour", "attribute": "wanted", "operation": "add"},
        ],
        "events": [{
            "on": "answered", "name": "whole_poll", "all_answers": "both",
            "properties": [{"from": "card:key", "to": "card"}],
        }],
        "purchases": [{
            "on": "entry", "product": "constant:Diary page", "price": "constant:0,50",
            "currency": "constant:EUR", "cards": ["diary"],
        }],
    });
    doc.connections[0] = serde_json::from_value(mapped).unwrap();
    let place = Place::with_hub(database, braze, doc, |_| {}).await;
    let http = place.http();
    for page in ["one", "two", "one"] {
        let body = json!({"fields": {"email": "ann@example.org", "page": page}});
        assert_eq!(http.json(&entries_of("diary"), &body).await.status, 201);
    }
    let play = http
        .json("/h/test/c/flavour-poll/plays", &json!({}))
        .await
        .json();
    let moves = play["moves"].as_str().unwrap();
    let vote = http.json(moves, &json!({"option": "fig"})).await;
    assert_eq!(vote.status, 200, "{}", vote.text());
    let body = json!({"fields": {"email": "ann@example.org"}, "play_id": play["play_id"]});
    assert_eq!(
        http.json(&entries_of("flavour-poll"), &body).await.status,
        201
    );
    place.drained().await;

    let profile = place
        .braze
        .sandbox
        .profile_by_alias("komo_email", "ann@example.org")
        .unwrap();
    let custom = &profile.custom_attributes;
    // One that is added again moves to the end.
    assert_eq!(custom["pages"], json!(["two", "one"]));
    assert_eq!(custom["entries"], 4);
    assert_eq!(custom["reading"]["page"], "one");
    assert!(
        custom["reading"].get("since").is_some(),
        "merged, not replaced"
    );
    assert_eq!(custom["title"], "Page One");
    assert_eq!(profile.text("last_name"), Some("Unknown"));
    assert_eq!(custom["voted_flavour"], "fig");
    assert_eq!(custom["wanted"].as_array().unwrap().len(), 1);
    let event = |name: &str| {
        let found = profile.happenings.iter().find(|it| it.name == name);
        found.unwrap().object["properties"].clone()
    };
    assert_eq!(event("flavour_voted"), json!({"flavour": "fig"}));
    let whole = event("whole_poll");
    assert_eq!(
        (&whole["card"], &whole["answer_flavour"]),
        (&json!("flavour-poll"), &json!("fig"))
    );
    assert!(whole["answer_text_flavour"].is_string());
    assert_eq!(profile.purchases["Diary page"].count, 3);
}
both!(every_target, every_kind_of_target_arrives_as_braze_keeps_it);
