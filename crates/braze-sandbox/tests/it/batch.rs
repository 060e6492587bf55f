//! Edge cases 15 to 24: how many objects, and what becomes of each.

use braze_sandbox::BatchMode;
use serde_json::{Value, json};

use crate::client::{bench, bench_with};

const NOTHING: &str =
    "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields.";

fn people(count: usize) -> Vec<Value> {
    (0..count)
        .map(|at| json!({"external_id": format!("p{at}"), "n": at}))
        .collect()
}

#[tokio::test]
async fn case_015_016_nothing_to_do_is_fatal() {
    let bench = bench().await;
    for body in [
        json!({}),
        json!({"attributes": [], "events": [], "purchases": null}),
    ] {
        let reply = bench.track(body).await;
        assert_eq!(
            (reply.status, reply.json()),
            (400, json!({ "message": NOTHING }))
        );
    }
}

#[tokio::test]
async fn case_017_018_seventy_five_objects_are_the_most() {
    let bench = bench().await;
    let reply = bench.track(json!({"attributes": people(75)})).await;
    assert_eq!(
        (reply.status, reply.json()),
        (
            201,
            json!({"message": "success", "attributes_processed": 75})
        )
    );
    bench.sandbox.clear();
    let reply = bench.track(json!({"attributes": people(76)})).await;
    assert_eq!(
        (reply.status, reply.json()),
        (400, json!({"message": "Max Input Length Exceeded"}))
    );
    assert_eq!(bench.sandbox.profile_count(), 0);
}

#[tokio::test]
async fn case_019_legacy_accounts_take_seventy_five_in_each_array() {
    let bench = bench_with(|settings| settings.batch_mode = BatchMode::PerArray75).await;
    let events: Vec<Value> = (0..75)
        .map(|_| json!({"external_id": "p1", "name": "e", "time": "2026-05-01"}))
        .collect();
    let purchase = json!({"external_id": "p1", "product_id": "x", "currency": "EUR", "price": 1, "time": "2026-05-01"});
    let body = json!({"attributes": people(75), "events": events, "purchases": vec![purchase; 75]});
    let reply = bench.track(body).await;
    assert_eq!(
        reply.json(),
        json!({"message": "success", "attributes_processed": 75, "events_processed": 75, "purchases_processed": 75})
    );
    assert_eq!(
        bench.track(json!({"attributes": people(76)})).await.status,
        400
    );
}

#[tokio::test]
async fn case_020_021_one_valid_object_saves_a_request_and_none_does_not() {
    let bench = bench().await;
    let mut list = vec![json!({"first_name": "nobody"}); 74];
    list.push(json!({"external_id": "cust", "tag": 1}));
    let reply = bench.track(json!({"attributes": list})).await;
    assert_eq!((reply.status, reply.errors().len()), (201, 74));
    assert_eq!(reply.json()["attributes_processed"], 1);
    let reply = bench
        .track(json!({"attributes": vec![json!({"tag": 1}); 3]}))
        .await;
    assert_eq!((reply.status, reply.errors().len()), (400, 3));
    assert_eq!(reply.json()["message"], NOTHING);
}

#[tokio::test]
async fn case_022_errors_come_in_order_of_arrays_and_carry_the_position_in_each() {
    let bench = bench().await;
    let reply = bench
        .track(json!({
            "purchases": [{"external_id": "c", "product_id": "p", "currency": "EUR", "price": 1, "quantity": 0, "time": "2026-05-01"}],
            "events": [{"external_id": "c", "name": "e", "time": "2026-05-01"}, {"name": "e", "time": "2026-05-01"}],
            "attributes": [{"external_id": "c", "email": "not an address"}],
        }))
        .await;
    assert_eq!(reply.status, 201);
    assert_eq!(
        reply.json(),
        json!({"message": "success", "events_processed": 1, "errors": [
            {"type": "The value provided for the 'email' field is not a valid email.", "input_array": "attributes", "index": 0},
            {"type": "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required", "input_array": "events", "index": 1},
            {"type": "'quantity' is not valid", "input_array": "purchases", "index": 0},
        ]})
    );
}

#[tokio::test]
async fn case_023_an_event_of_the_same_request_finds_the_person_its_attributes_made() {
    let bench = bench().await;
    let alias = json!({"alias_name": "v1", "alias_label": "web_visitor"});
    let reply = bench
        .track(json!({
            "purchases": [{"user_alias": alias, "product_id": "p", "currency": "EUR", "price": 2.5, "quantity": 4, "time": "2026-05-01"}],
            "events": [{"user_alias": alias, "name": "seen", "time": "2026-05-01T10:00:00Z"}],
            "attributes": [{"user_alias": alias, "_update_existing_only": false, "tag": "x"}],
        }))
        .await;
    assert_eq!(reply.status, 201);
    let profile = bench.sandbox.profile_by_alias("web_visitor", "v1").unwrap();
    assert_eq!(profile.custom_events["seen"].count, 1);
    assert_eq!(profile.purchases["p"].count, 4);
    assert!((profile.total_revenue - 10.0).abs() < 1e-9);
}

#[tokio::test]
async fn case_024_two_objects_for_one_person_are_applied_in_order() {
    let bench = bench().await;
    bench.track(json!({"attributes": [{"external_id": "cust", "tag": 1}, {"external_id": "cust", "tag": 2}]})).await;
    assert_eq!(bench.custom("tag"), 2);
}
