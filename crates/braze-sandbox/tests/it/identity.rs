//! Edge cases 88 to 98: who is who, and who goes.

use serde_json::{Value, json};

use crate::client::{Bench, bench};

fn alias(name: &str) -> Value {
    json!({"alias_name": name, "alias_label": "web"})
}

async fn visitor(bench: &Bench, name: &str, extra: Value) {
    let mut object = json!({"user_alias": alias(name), "_update_existing_only": false});
    object
        .as_object_mut()
        .unwrap()
        .extend(extra.as_object().unwrap().clone());
    bench.attributes(object).await;
}

async fn identify(bench: &Bench, body: Value) -> Value {
    let reply = bench.post("/users/identify", body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply.json()
}

#[tokio::test]
async fn case_088_an_unknown_id_is_given_to_the_visitor() {
    let bench = bench().await;
    visitor(&bench, "v", json!({"tag": 1})).await;
    let body = json!({"aliases_to_identify": [{"external_id": "cust", "user_alias": alias("v")}]});
    assert_eq!(
        identify(&bench, body).await,
        json!({"aliases_processed": 1, "message": "success"})
    );
    assert_eq!(
        (bench.custom("tag"), bench.sandbox.profile_count()),
        (json!(1), 1)
    );
}

#[tokio::test]
async fn case_089_a_visitor_goes_into_the_known_person_who_lacks_the_label() {
    let bench = bench().await;
    let event = |who: Value, time: &str| json!({"events": [{"user_alias": who, "name": "seen", "time": time}]});
    visitor(
        &bench,
        "v",
        json!({"tag": "visitor", "only": 1, "first_name": "Visitor", "email": "v@example.org"}),
    )
    .await;
    bench.track(event(alias("v"), "2026-05-01")).await;
    bench
        .attributes(json!({"external_id": "cust", "tag": "known", "first_name": "Ines"}))
        .await;
    bench
        .track(json!({"events": [{"external_id": "cust", "name": "seen", "time": "2026-05-02"}]}))
        .await;
    identify(
        &bench,
        json!({"aliases_to_identify": [{"external_id": "cust", "user_alias": alias("v")}]}),
    )
    .await;
    let profile = bench.profile("cust");
    assert_eq!(bench.sandbox.profile_count(), 1);
    assert_eq!(
        (profile.text("first_name"), profile.text("email")),
        (Some("Ines"), Some("v@example.org"))
    );
    assert_eq!(
        (
            profile.custom_attributes["tag"].clone(),
            profile.custom_attributes["only"].clone()
        ),
        (json!("known"), json!(1))
    );
    assert_eq!(profile.custom_events["seen"].count, 2);
    assert_eq!(
        bench
            .sandbox
            .profile_by_alias("web", "v")
            .unwrap()
            .external_id
            .as_deref(),
        Some("cust")
    );
    assert_eq!(bench.sandbox.profiles_by_email("v@example.org").len(), 1);
}

#[tokio::test]
async fn case_090_a_taken_label_stops_the_merge_in_silence() {
    let bench = bench().await;
    visitor(&bench, "v", json!({"tag": 1})).await;
    bench
        .attributes(json!({"external_id": "cust", "tag": 2}))
        .await;
    bench.post("/users/alias/new", json!({"user_aliases": [{"external_id": "cust", "alias_name": "w", "alias_label": "web"}]})).await;
    let body = json!({"aliases_to_identify": [{"external_id": "cust", "user_alias": alias("v")}]});
    assert_eq!(identify(&bench, body).await["aliases_processed"], 1);
    assert_eq!(bench.sandbox.profile_count(), 2);
}

#[tokio::test]
async fn case_091_two_matches_of_an_address_stop_it_too() {
    let bench = bench().await;
    visitor(&bench, "a", json!({"email": "s@example.org"})).await;
    visitor(&bench, "b", json!({"email": "s@example.org"})).await;
    let with = |order: Value| json!({"emails_to_identify": [{"external_id": "cust", "email": "S@example.org", "prioritization": order}]});
    identify(&bench, with(json!(["unidentified"]))).await;
    assert!(bench.sandbox.profile("cust").is_none());
    identify(
        &bench,
        with(json!(["unidentified", "most_recently_updated"])),
    )
    .await;
    assert_eq!(bench.profile("cust").alias("web"), Some("b"));
    let missing = identify(
        &bench,
        json!({"emails_to_identify": [{"email": "s@example.org"}]}),
    )
    .await;
    assert_eq!(missing["aliases_processed"], 0);
    assert_eq!(
        missing["errors"][0],
        json!({"type": "'external_id' is required", "input_array": "user_identifiers", "index": 0})
    );
}

#[tokio::test]
async fn case_092_fifty_items_are_the_most() {
    let bench = bench().await;
    let many: Vec<Value> = (0..51)
        .map(|n| json!({"external_id": format!("c{n}"), "user_alias": alias("v")}))
        .collect();
    assert_eq!(
        bench
            .post("/users/identify", json!({"aliases_to_identify": many}))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn case_093_merging_somebody_into_themselves_changes_nothing() {
    let bench = bench().await;
    bench
        .attributes(json!({"external_id": "cust", "tag": 1}))
        .await;
    let merge = |from: &str, into: &str| json!({"merge_updates": [{"identifier_to_merge": {"external_id": from}, "identifier_to_keep": {"external_id": into}}]});
    let reply = bench.post("/users/merge", merge("cust", "cust")).await;
    assert_eq!(
        (reply.status, reply.json()),
        (202, json!({"message": "success"}))
    );
    assert_eq!(bench.custom("tag"), 1);
    bench
        .attributes(json!({"external_id": "old", "extra": 1}))
        .await;
    bench.post("/users/merge", merge("old", "cust")).await;
    assert_eq!(
        (bench.custom("extra"), bench.sandbox.profile_count()),
        (json!(1), 1)
    );
    let reply = bench.post("/users/merge", json!({"merge_updates": [{"identifier_to_merge": {"external_id": 1}, "identifier_to_keep": {"external_id": "x"}}]})).await;
    assert_eq!(reply.status, 400);
}

#[tokio::test]
async fn case_094_people_are_deleted_in_one_way_at_a_time() {
    let bench = bench().await;
    bench
        .attributes(json!({"external_id": "cust", "email": "s@example.org"}))
        .await;
    bench
        .attributes(json!({"external_id": "twin", "email": "s@example.org"}))
        .await;
    let both = json!({"external_ids": ["cust"], "braze_ids": ["x"]});
    assert_eq!(bench.post("/users/delete", both).await.status, 400);
    assert_eq!(
        bench
            .post(
                "/users/delete",
                json!({"email_addresses": ["s@example.org"]})
            )
            .await
            .json()["deleted"],
        0
    );
    let reply = bench
        .post("/users/delete", json!({"external_ids": ["cust", "ghost"]}))
        .await;
    assert_eq!(
        (reply.status, reply.json()),
        (201, json!({"deleted": 1, "message": "success"}))
    );
    assert_eq!(
        bench
            .post(
                "/users/delete",
                json!({"email_addresses": ["s@example.org"]})
            )
            .await
            .json()["deleted"],
        1
    );
    assert_eq!(bench.sandbox.profile_count(), 0);
}

#[tokio::test]
async fn case_095_096_a_renamed_id_finds_its_person_until_it_is_removed() {
    let bench = bench().await;
    bench
        .attributes(json!({"external_id": "a", "tag": 1}))
        .await;
    bench
        .attributes(json!({"external_id": "b", "tag": 2}))
        .await;
    let rename = |from: &str, to: &str| json!({"external_id_renames": [{"current_external_id": from, "new_external_id": to}]});
    let used = bench
        .post("/users/external_ids/rename", rename("a", "b"))
        .await
        .json();
    assert_eq!(
        (
            used["external_ids"].clone(),
            used["rename_errors"][0][0].clone()
        ),
        (json!([]), json!(0))
    );
    let done = bench
        .post("/users/external_ids/rename", rename("a", "c"))
        .await
        .json();
    assert_eq!(
        done,
        json!({"message": "success", "external_ids": ["c"], "rename_errors": []})
    );
    assert_eq!(bench.profile("a").external_id.as_deref(), Some("c"));
    let remove = |id: &str| json!({"external_ids": [id]});
    assert_eq!(
        bench
            .post("/users/external_ids/remove", remove("c"))
            .await
            .json()["removal_errors"][0][0],
        0
    );
    assert_eq!(
        bench
            .post("/users/external_ids/remove", remove("a"))
            .await
            .json()["removed_ids"],
        json!(["a"])
    );
    assert!(bench.sandbox.profile("a").is_none());
}

#[tokio::test]
async fn aliases_are_made_renamed_and_never_doubled() {
    let bench = bench().await;
    let reply = bench.post("/users/alias/new", json!({"user_aliases": [{"alias_name": "v", "alias_label": "web"}, {"alias_name": "v", "alias_label": "web"}]})).await;
    assert_eq!(
        (reply.status, reply.json()["aliases_processed"].clone()),
        (201, json!(2))
    );
    assert_eq!(bench.sandbox.profile_count(), 1);
    bench.post("/users/alias/update", json!({"alias_updates": [{"alias_label": "web", "old_alias_name": "v", "new_alias_name": "w"}]})).await;
    assert!(
        bench.sandbox.profile_by_alias("web", "w").is_some()
            && bench.sandbox.profile_by_alias("web", "v").is_none()
    );
}

#[tokio::test]
async fn the_betas_are_closed_unless_the_account_takes_part() {
    let bench = bench().await;
    let body = json!({"attributes": [{"external_id": "cust", "tier": "gold"}]});
    for path in ["/users/track/bulk", "/users/track/sync"] {
        assert_eq!(bench.post(path, body.clone()).await.status, 403);
    }
    bench.sandbox.set(|settings| settings.betas = true);
    assert_eq!(
        bench.post("/users/track/sync", body.clone()).await.json(),
        json!({"users": [{"external_id": "cust", "custom_attributes": {"tier": "gold"}}], "message": "success"})
    );
    let many: Vec<Value> = (0..1000)
        .map(|n| json!({"external_id": format!("p{n}"), "n": n}))
        .collect();
    assert_eq!(
        bench
            .post("/users/track/bulk", json!({"attributes": many}))
            .await
            .json()["attributes_processed"],
        1000
    );
    let one: Vec<Value> = (0..101)
        .map(|n| json!({"external_id": "p", "n": n}))
        .collect();
    assert_eq!(
        bench
            .post("/users/track/bulk", json!({"attributes": one}))
            .await
            .status,
        400
    );
}
