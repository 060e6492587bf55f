//! Edge cases 25 to 40: who an object is about.

use serde_json::{Value, json};

use crate::client::{NINE, bench, bench_with};

async fn refused(object: Value) -> Vec<String> {
    let bench = bench().await;
    let reply = bench.track(json!({"attributes": [object]})).await;
    assert_eq!(reply.status, 400, "{}", reply.text);
    assert_eq!(bench.sandbox.profile_count(), 0);
    reply.errors()
}

const REQUIRED: &str = "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required";
const ONLY_ONE: &str = "only one of 'external_id', 'braze_id' or 'user_alias' is allowed";

#[tokio::test]
async fn case_025_026_027_exactly_one_primary_identifier_is_needed() {
    assert_eq!(refused(json!({"tag": 1})).await, [REQUIRED]);
    let alias = json!({"alias_name": "a", "alias_label": "b"});
    assert_eq!(
        refused(json!({"external_id": "c", "user_alias": alias})).await,
        [ONLY_ONE]
    );
    assert_eq!(
        refused(json!({"external_id": "c", "braze_id": "d"})).await,
        [ONLY_ONE]
    );
}

#[tokio::test]
async fn case_028_029_a_weaker_identifier_becomes_a_field() {
    let bench = bench().await;
    bench
        .attributes(json!({"external_id": "cust", "email": "Ines@Example.org"}))
        .await;
    assert_eq!(
        bench.profile("cust").text("email"),
        Some("ines@example.org")
    );
    bench
        .attributes(json!({"email": "leo@example.org", "phone": "+33 6 12 34 56 78"}))
        .await;
    let leo = &bench.sandbox.profiles_by_email("leo@example.org")[0];
    assert_eq!(leo.text("phone"), Some("+33612345678"));
    bench
        .attributes(json!({"email": "leo@example.org", "phone": "+33612345679"}))
        .await;
    assert_eq!(bench.sandbox.profiles_by_email("leo@example.org").len(), 1);
}

#[tokio::test]
async fn case_030_031_032_an_identifier_must_be_a_proper_text() {
    for id in [json!(""), json!(7), json!(null), json!({"id": 1})] {
        assert_eq!(
            refused(json!({"external_id": id, "tag": 1})).await.len(),
            1,
            "{id}"
        );
    }
    assert_eq!(
        refused(json!({"external_id": "é".repeat(494)})).await,
        ["'external_id' must be fewer than 988 bytes"]
    );
    let bench = bench().await;
    bench
        .attributes(json!({"external_id": "x".repeat(987), "tag": 1}))
        .await;
    assert_eq!(
        refused(json!({"user_alias": {"alias_name": "a"}}))
            .await
            .len(),
        1
    );
}

#[tokio::test]
async fn case_033_034_035_an_alias_is_exact_and_makes_a_person_only_on_request() {
    let bench = bench().await;
    let alias = |name: &str| json!({"alias_name": name, "alias_label": "komo_email"});
    bench
        .attributes(json!({"user_alias": alias("a@x.org"), "tag": 1}))
        .await;
    assert_eq!(bench.sandbox.profile_count(), 0);
    bench
        .attributes(
            json!({"user_alias": alias("a@x.org"), "_update_existing_only": false, "tag": 1}),
        )
        .await;
    bench
        .attributes(
            json!({"user_alias": alias("A@x.org"), "_update_existing_only": false, "tag": 2}),
        )
        .await;
    assert_eq!(bench.sandbox.profile_count(), 2);
    assert_eq!(
        bench
            .sandbox
            .profile_by_alias("komo_email", "a@x.org")
            .unwrap()
            .custom_attributes["tag"],
        1
    );
}

#[tokio::test]
async fn strict_accounts_never_make_an_alias_only_person_from_an_event() {
    let bench = bench_with(|settings| settings.strict_alias = true).await;
    let event = json!({"user_alias": {"alias_name": "a", "alias_label": "b"}, "_update_existing_only": false, "name": "e", "time": "2026-05-01"});
    assert_eq!(bench.track(json!({"events": [event]})).await.status, 201);
    assert_eq!(bench.sandbox.profile_count(), 0);
    bench.sandbox.set(|settings| settings.strict_alias = false);
    bench.track(json!({"events": [event]})).await;
    assert_eq!(bench.sandbox.profile_count(), 1);
}

#[tokio::test]
async fn case_036_an_unknown_address_makes_a_person_without_an_alias() {
    let bench = bench().await;
    bench
        .attributes(json!({"email": "new@example.org", "tag": 1, "_update_existing_only": true}))
        .await;
    assert_eq!(bench.sandbox.profile_count(), 0);
    bench
        .attributes(json!({"email": "new@example.org", "tag": 1}))
        .await;
    bench
        .attributes(json!({"phone": "7241234567", "tag": 1}))
        .await;
    let new = &bench.sandbox.profiles_by_email("NEW@example.org")[0];
    assert!(new.user_aliases.is_empty() && new.external_id.is_none());
    assert_eq!(
        bench.sandbox.profiles()[0].text("phone"),
        Some("+17241234567")
    );
}

#[tokio::test]
async fn case_037_a_shared_address_means_the_identified_person_who_changed_last() {
    let bench = bench().await;
    bench
        .attributes(json!({"email": "s@example.org", "tag": "anonymous"}))
        .await;
    bench
        .attributes(json!({"external_id": "old", "email": "s@example.org"}))
        .await;
    bench.at(NINE + 1000);
    bench
        .attributes(json!({"external_id": "new", "email": "s@example.org"}))
        .await;
    let alias = json!({"alias_name": "n", "alias_label": "l"});
    bench
        .attributes(
            json!({"user_alias": alias, "_update_existing_only": false, "email": "s@example.org"}),
        )
        .await;
    bench
        .attributes(json!({"email": "s@example.org", "hit": true}))
        .await;
    assert_eq!(bench.profile("new").custom_attributes["hit"], true);
    assert!(!bench.profile("old").custom_attributes.contains_key("hit"));
}

#[tokio::test]
async fn case_038_an_unknown_id_with_a_known_address_is_a_second_person() {
    let bench = bench().await;
    bench
        .attributes(json!({"email": "s@example.org", "tag": 1}))
        .await;
    bench
        .attributes(json!({"external_id": "cust", "email": "s@example.org"}))
        .await;
    assert_eq!(bench.sandbox.profiles_by_email("s@example.org").len(), 2);
}

#[tokio::test]
async fn case_039_placeholder_ids_are_refused() {
    for id in [
        "null",
        "undefined",
        " ",
        "0",
        "[object Object]",
        "00000000-0000-0000-0000-000000000000",
    ] {
        assert_eq!(
            refused(json!({"external_id": id})).await,
            ["provided external_id is blacklisted and disallowed"]
        );
    }
}

#[tokio::test]
async fn case_040_an_unknown_braze_id_changes_nothing() {
    let bench = bench().await;
    bench.attributes(json!({"braze_id": "5fbd99bac125ca40511f2cb1", "_update_existing_only": false, "tag": 1})).await;
    assert_eq!(bench.sandbox.profile_count(), 0);
    bench
        .attributes(json!({"external_id": "cust", "tag": 1}))
        .await;
    let id = bench.profile("cust").braze_id;
    assert_eq!(id.len(), 24);
    bench.attributes(json!({"braze_id": id, "tag": 2})).await;
    assert_eq!(bench.custom("tag"), 2);
}
