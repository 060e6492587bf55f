//! The sandbox's own routes: what a person or a test reads, and who may change something.

use serde_json::json;

use crate::client::{bench, bench_with};

#[tokio::test]
async fn a_profile_is_found_by_search_and_told_in_full() {
    let bench = bench().await;
    let alias = json!({"alias_name": "ines@example.org", "alias_label": "komo_email"});
    bench
        .track(json!({
            "attributes": [{"user_alias": alias, "_update_existing_only": false, "email": "ines@example.org", "first_name": "Ines", "flavour": "lemon"}],
            "events": [{"user_alias": alias, "name": "komo_entry", "time": "2026-05-04T08:00:00Z", "properties": {"card": "welcome"}}],
        }))
        .await;
    bench
        .attributes(json!({"external_id": "other", "tag": 1}))
        .await;
    let found = bench.get("/sandbox/profiles?q=INES").await.json();
    assert_eq!(
        (
            found["total"].clone(),
            found["profiles"].as_array().unwrap().len()
        ),
        (json!(2), 1)
    );
    let profile = &found["profiles"][0];
    assert_eq!(profile["external_id"], json!(null));
    assert_eq!(
        profile["user_aliases"],
        json!([{"alias_name": "ines@example.org", "alias_label": "komo_email"}])
    );
    assert_eq!(profile["custom_attributes"], json!({"flavour": "lemon"}));
    assert_eq!(profile["email_subscribe"], "subscribed");
    assert_eq!(
        profile["custom_events"][0],
        json!({"name": "komo_entry", "first": "2026-05-04T08:00:00.000Z", "last": "2026-05-04T08:00:00.000Z", "count": 1})
    );
    assert_eq!(
        profile["events"][0]["properties"],
        json!({"card": "welcome"})
    );
    let by_alias = bench
        .get("/sandbox/profiles?alias_label=komo_email&alias_name=ines@example.org")
        .await
        .json();
    assert_eq!(by_alias["profiles"][0]["email"], "ines@example.org");
}

#[tokio::test]
async fn long_lists_come_in_pages() {
    let bench = bench().await;
    for n in 0..5 {
        bench
            .attributes(json!({"external_id": format!("p{n}"), "n": n}))
            .await;
    }
    let mut seen = Vec::new();
    let mut path = "/sandbox/profiles?limit=2".to_owned();
    loop {
        let page = bench.get(&path).await.json();
        seen.extend(
            page["profiles"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["external_id"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page["next_cursor"].as_u64() else {
            break;
        };
        path = format!("/sandbox/profiles?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, ["p4", "p3", "p2", "p1", "p0"]);
    let requests = bench.get("/sandbox/requests?limit=3").await.json();
    assert_eq!(requests["next_cursor"], 3);
}

#[tokio::test]
async fn a_request_is_recorded_with_its_answer_and_without_its_key() {
    let bench = bench().await;
    bench
        .attributes(json!({"external_id": "cust", "tag": 1}))
        .await;
    let reply = bench.get("/sandbox/requests").await;
    assert!(!reply.text.contains("demo-braze-key"));
    let record = reply.json()["requests"][0].clone();
    assert_eq!(
        record["body"],
        json!({"attributes": [{"external_id": "cust", "tag": 1}]})
    );
    assert_eq!(
        record["answer"],
        json!({"message": "success", "attributes_processed": 1})
    );
    assert_eq!(
        (record["status"].clone(), record["key"].clone()),
        (json!(201), json!("demo key"))
    );
    assert_eq!(record["arrived_at"], crate::client::NINE);
    assert!(
        !bench
            .get("/sandbox/settings")
            .await
            .text
            .contains("demo-braze-key")
    );
}

#[tokio::test]
async fn kept_bodies_stay_within_their_budget() {
    let bench = bench_with(|settings| {
        settings.keep_bytes = 10_000;
        settings.keep_requests = 50;
    })
    .await;
    for n in 0..80 {
        bench
            .attributes(json!({"external_id": "cust", "n": n, "fill": "x".repeat(200)}))
            .await;
    }
    let kept = bench.sandbox.requests();
    let bytes: usize = kept
        .iter()
        .map(|one| {
            one.body.as_ref().map_or(0, |body| body.len())
                + one.answer.as_ref().map_or(0, |body| body.len())
        })
        .sum();
    assert_eq!(kept.len(), 50);
    assert!(bytes <= 10_000 && bytes > 5000, "{bytes}");
    assert!(kept[49].body.is_some() && kept[0].body.is_none());
    assert_eq!(bench.sandbox.totals().attributes, 80);
}

#[tokio::test]
async fn a_page_of_another_site_changes_nothing() {
    let bench = bench().await;
    bench
        .attributes(json!({"external_id": "cust", "tag": 1}))
        .await;
    for headers in [
        [("Sec-Fetch-Site", "cross-site")],
        [("Sec-Fetch-Site", "same-site")],
        [("Origin", "https://evil.example")],
    ] {
        for (method, path) in [
            ("DELETE", "/sandbox/state"),
            ("POST", "/sandbox/state/clear"),
            ("POST", "/sandbox/faults"),
        ] {
            assert_eq!(
                bench
                    .send(method, path, &headers, b"{}")
                    .await
                    .unwrap()
                    .status,
                403
            );
        }
    }
    assert_eq!(bench.sandbox.profile_count(), 1);
    assert_eq!(
        bench
            .send("DELETE", "/sandbox/state", &[], b"")
            .await
            .unwrap()
            .status,
        204
    );
    assert_eq!(
        (
            bench.sandbox.profile_count(),
            bench.sandbox.requests().len()
        ),
        (0, 0)
    );
}

#[tokio::test]
async fn settings_change_while_it_runs() {
    let bench = bench().await;
    let reply = bench
        .send(
            "PATCH",
            "/sandbox/settings",
            &[],
            br#"{"batch_mode": "combined-50"}"#,
        )
        .await
        .unwrap();
    assert_eq!(reply.status, 200);
    let people: Vec<_> = (0..51)
        .map(|n| json!({"external_id": format!("p{n}")}))
        .collect();
    assert_eq!(bench.track(json!({"attributes": people})).await.status, 400);
    let reply = bench
        .send("PATCH", "/sandbox/settings", &[], br#"{"batch_mdoe": 1}"#)
        .await
        .unwrap();
    assert_eq!(reply.status, 400);
}

#[tokio::test]
async fn an_export_tells_what_was_asked_for_and_which_ids_are_unknown() {
    let bench = bench().await;
    bench
        .attributes(json!({"external_id": "cust", "email": "i@example.org", "tag": 1}))
        .await;
    assert_eq!(
        bench
            .post("/users/export/ids", json!({"external_ids": ["cust"]}))
            .await
            .status,
        400
    );
    let body = json!({"external_ids": ["cust", "ghost"], "fields_to_export": ["external_id", "email", "custom_attributes", "dob"]});
    let reply = bench.post("/users/export/ids", body).await;
    assert_eq!(
        reply.json(),
        json!({"message": "success", "users": [{"external_id": "cust", "email": "i@example.org", "custom_attributes": {"tag": 1}}], "invalid_user_ids": ["ghost"]})
    );
}
