//! Edge cases 80 to 87: troubles on order.

use serde_json::{Value, json};

use crate::client::{Bench, NINE, bench};

fn event(id: &str) -> Value {
    json!({"events": [{"external_id": "cust", "name": "seen", "time": "2026-05-04", "properties": {"id": id}}]})
}

async fn order(bench: &Bench, fault: Value) {
    let body = json!({"faults": [fault]}).to_string();
    let reply = bench
        .send("POST", "/sandbox/faults", &[], body.as_bytes())
        .await
        .unwrap();
    assert_eq!(reply.status, 201, "{}", reply.text);
}

fn count(bench: &Bench) -> u64 {
    bench
        .sandbox
        .profile("cust")
        .and_then(|profile| profile.custom_events.get("seen").map(|one| one.count))
        .unwrap_or(0)
}

#[tokio::test]
async fn case_080_a_fault_strikes_so_many_times_and_then_no_more() {
    let bench = bench().await;
    order(
        &bench,
        json!({"kind": "status", "status": 500, "times": 1, "path": "/users/track"}),
    )
    .await;
    assert_eq!(bench.track(event("1")).await.status, 500);
    assert_eq!(bench.track(event("1")).await.status, 201);
    assert_eq!(count(&bench), 1);
    assert_eq!(bench.sandbox.faults()[0].hits, 1);
}

#[tokio::test]
async fn case_081_a_connection_is_cut_before_or_after_processing() {
    let bench = bench().await;
    order(&bench, json!({"kind": "drop_before", "times": 1})).await;
    assert!(bench.try_post("/users/track", &event("1")).await.is_none());
    assert_eq!(count(&bench), 0);
    for (kind, expected) in [("drop_after", 1), ("truncate", 2)] {
        order(&bench, json!({"kind": kind, "times": 1})).await;
        assert!(bench.try_post("/users/track", &event("1")).await.is_none());
        assert_eq!(count(&bench), expected, "{kind}");
    }
    let records = bench.get("/sandbox/requests").await.json();
    let told: Vec<(Value, Value)> = records["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["outcome"].clone(), one["processed"].clone()))
        .collect();
    assert_eq!(
        told,
        [
            (json!("dropped"), json!(true)),
            (json!("dropped"), json!(true)),
            (json!("dropped"), json!(false))
        ]
    );
}

#[tokio::test]
async fn a_stalled_request_gets_no_answer() {
    let bench = bench().await;
    order(&bench, json!({"kind": "stall_after", "times": 1})).await;
    let body = event("1");
    tokio::select! {
        _ = bench.try_post("/users/track", &body) => panic!("answered"),
        () = async { while bench.sandbox.requests().is_empty() { tokio::task::yield_now().await } } => {}
    }
    assert_eq!(count(&bench), 1);
    assert_eq!(bench.sandbox.requests()[0].status, None);
}

#[tokio::test]
async fn case_082_an_outage_ends_by_the_clock() {
    let bench = bench().await;
    order(
        &bench,
        json!({"kind": "status", "status": 503, "for_ms": 60_000}),
    )
    .await;
    assert_eq!(bench.track(event("1")).await.status, 503);
    bench.at(NINE + 60_000);
    assert_eq!(bench.track(event("1")).await.status, 201);
}

#[tokio::test]
async fn case_083_a_key_is_withdrawn_and_comes_back() {
    let bench = bench().await;
    order(&bench, json!({"kind": "revoke_key"})).await;
    assert_eq!(bench.track(event("1")).await.status, 401);
    let reply = bench
        .send("DELETE", "/sandbox/faults", &[], b"")
        .await
        .unwrap();
    assert_eq!(reply.status, 204);
    assert_eq!(bench.track(event("1")).await.status, 201);
}

#[tokio::test]
async fn case_084_085_086_087_answers_that_are_not_what_they_should_be() {
    let bench = bench().await;
    for (fault, text) in [
        (
            json!({"kind": "answer", "body": {"message": "queued"}}),
            r#"{"message":"queued"}"#,
        ),
        (json!({"kind": "answer", "status": 200, "body": ""}), ""),
        (
            json!({"kind": "answer", "body": {"message": "success", "errors": ["text"]}}),
            r#"{"message":"success","errors":["text"]}"#,
        ),
        (
            json!({"kind": "answer", "body": {"message": "success", "errors": [{"type": "x", "input_array": "events"}]}}),
            r#"{"message":"success","errors":[{"type":"x","input_array":"events"}]}"#,
        ),
        (
            json!({"kind": "garbage"}),
            "<html><body>It works!</body></html>",
        ),
    ] {
        bench.sandbox.clear_faults();
        order(&bench, fault).await;
        let reply = bench.track(event("1")).await;
        assert!((200..300).contains(&reply.status));
        assert_eq!(reply.text, text);
    }
    assert_eq!(count(&bench), 5);
}

#[tokio::test]
async fn a_share_of_the_requests_is_struck_the_same_way_each_time() {
    let bench = bench().await;
    let mut runs = Vec::new();
    for _ in 0..2 {
        bench.sandbox.clear_faults();
        order(
            &bench,
            json!({"kind": "rate_limit", "share": 0.3, "seed": 7, "retry_after": 2}),
        )
        .await;
        let mut run = Vec::new();
        for _ in 0..30 {
            run.push(bench.track(event("1")).await.status);
        }
        runs.push(run);
    }
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].contains(&429) && runs[0].contains(&201));
}

#[tokio::test]
async fn an_order_that_cannot_be_carried_out_is_refused_with_the_reason() {
    let bench = bench().await;
    for fault in [
        json!({"kind": "earthquake"}),
        json!({"kind": "status", "status": 42}),
        json!({"kind": "status", "sahre": 1}),
    ] {
        let body = json!({"faults": [fault]}).to_string();
        let reply = bench
            .send("POST", "/sandbox/faults", &[], body.as_bytes())
            .await
            .unwrap();
        assert_eq!(reply.status, 400);
        assert!(reply.json()["message"].is_string());
    }
}

#[tokio::test]
async fn a_late_answer_has_its_effect_although_nobody_waited_for_it() {
    let bench = bench().await;
    order(&bench, json!({"kind": "delay", "delay_ms": 30})).await;
    let body = event("1");
    tokio::select! {
        _ = bench.try_post("/users/track", &body) => panic!("answered at once"),
        () = async { while bench.sandbox.faults()[0].hits == 0 { tokio::task::yield_now().await } } => {}
    }
    while bench.sandbox.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(count(&bench), 1);
}
