//! Edge cases 41 to 64: what is written to a profile.

use serde_json::{Value, json};

use crate::client::{Bench, bench};

async fn set(bench: &Bench, name: &str, value: Value) -> Value {
    bench
        .attributes(json!({"external_id": "cust", name: value}))
        .await;
    bench.custom(name)
}

async fn merge(bench: &Bench, name: &str, value: Value) -> Value {
    bench
        .attributes(json!({"external_id": "cust", "_merge_objects": true, name: value}))
        .await;
    bench.custom(name)
}

#[tokio::test]
async fn case_041_042_null_removes_a_field_but_never_an_identifier() {
    let bench = bench().await;
    bench
        .attributes(json!({"external_id": "cust", "first_name": "Ines", "tag": 1}))
        .await;
    bench
        .attributes(json!({"external_id": "cust", "first_name": null, "tag": null}))
        .await;
    assert_eq!(bench.profile("cust").text("first_name"), None);
    assert_eq!(bench.custom("tag"), Value::Null);
    let id = bench.profile("cust").braze_id;
    bench
        .attributes(json!({"braze_id": id, "external_id": null, "user_alias": null, "tag": 2}))
        .await;
    assert_eq!(bench.custom("tag"), 2);
}

#[tokio::test]
async fn case_043_a_bad_address_refuses_its_object_and_no_other() {
    let bench = bench().await;
    let reply = bench.track(json!({"attributes": [{"external_id": "bad", "email": "x@"}, {"external_id": "cust", "tag": 1}]})).await;
    assert_eq!(
        (reply.status, reply.json()["attributes_processed"].clone()),
        (201, json!(1))
    );
    assert_eq!(
        reply.errors(),
        ["The value provided for the 'email' field is not a valid email."]
    );
    assert!(bench.sandbox.profile("bad").is_none());
}

#[tokio::test]
async fn case_044_045_countries_are_mapped_and_bad_zones_ignored() {
    let bench = bench().await;
    bench
        .attributes(
            json!({"external_id": "cust", "country": "Australia", "time_zone": "Europe/Paris"}),
        )
        .await;
    assert_eq!(bench.profile("cust").text("country"), Some("AU"));
    bench
        .attributes(json!({"external_id": "cust", "country": "Atlantis", "time_zone": "Moon/Base"}))
        .await;
    assert_eq!(bench.profile("cust").text("country"), None);
    assert_eq!(
        bench.profile("cust").text("time_zone"),
        Some("Europe/Paris")
    );
}

#[tokio::test]
async fn fields_of_the_wrong_kind_are_ignored_with_a_warning() {
    let bench = bench().await;
    bench
        .attributes(json!({"external_id": "cust", "first_name": 7, "dob": "1991-07-30T00:00:00Z", "gender": "female", "language": "french"}))
        .await;
    assert!(bench.profile("cust").fields.is_empty());
    assert_eq!(bench.profile("cust").warnings.len(), 4);
    bench
        .attributes(
            json!({"external_id": "cust", "dob": "1991-07-30", "gender": "F", "language": "FR"}),
        )
        .await;
    assert_eq!(bench.profile("cust").text("language"), Some("fr"));
}

#[tokio::test]
async fn case_046_047_states_and_groups_have_closed_sets_of_values() {
    let bench = bench().await;
    let id = "6c3f1b2e-7a55-4a0e-9a53-0f6f0e6c9d11";
    for (field, value, error) in [
        (
            "email_subscribe",
            json!("yes"),
            "BAD_EMAIL_SUBSCRIPTION_STATE",
        ),
        ("push_subscribe", json!(true), "BAD_PUSH_SUBSCRIPTION_STATE"),
        (
            "subscription_groups",
            json!({}),
            "BAD_SUBSCRIPTION_GROUP_ARRAY",
        ),
        (
            "subscription_groups",
            json!(["x"]),
            "BAD_SUBSCRIPTION_GROUP_HASH",
        ),
        (
            "subscription_groups",
            json!([{"subscription_group_id": "x", "subscription_state": "subscribed"}]),
            "BAD_SUBSCRIPTION_GROUP_ID",
        ),
        (
            "subscription_groups",
            json!([{"subscription_group_id": id, "subscription_state": "opted_in"}]),
            "BAD_SUBSCRIPTION_GROUP_STATE",
        ),
        ("current_location", json!("here"), "BAD_LOCATION_UPDATE"),
        ("push_tokens", json!("x"), "BAD_PUSH_TOKEN_VALUE"),
        (
            "push_tokens",
            json!([{"app_id": "a", "token": 1}]),
            "BAD_PUSH_TOKEN_STRING",
        ),
        (
            "push_tokens",
            json!([{"app_id": "a", "token": "t", "device_id": "short"}]),
            "BAD_DEVICE_ID",
        ),
    ] {
        let reply = bench
            .track(json!({"attributes": [{"external_id": "cust", field: value}]}))
            .await;
        assert_eq!(
            (reply.status, reply.errors()),
            (400, vec![error.to_owned()])
        );
    }
    bench.attributes(json!({"external_id": "cust", "email_subscribe": "opted_in", "current_location": {"longitude": -73.99, "latitude": 40.75}})).await;
    assert_eq!(
        bench.profile("cust").text("email_subscribe"),
        Some("opted_in")
    );
}

#[tokio::test]
async fn case_048_a_group_change_reaches_everyone_with_the_same_address() {
    let bench = bench().await;
    let id = "6c3f1b2e-7a55-4a0e-9a53-0f6f0e6c9d11";
    bench
        .attributes(json!({"external_id": "other", "email": "s@example.org"}))
        .await;
    bench
        .attributes(json!({"external_id": "cust", "email": "s@example.org",
            "subscription_groups": [{"subscription_group_id": id, "subscription_state": "subscribed"}]}))
        .await;
    assert_eq!(bench.profile("other").subscription_groups[id], "subscribed");
}

#[tokio::test]
async fn case_049_counting_starts_at_nought_and_goes_both_ways() {
    let bench = bench().await;
    assert_eq!(set(&bench, "visits", json!({"inc": 2})).await, 2);
    assert_eq!(set(&bench, "visits", json!({"inc": -5})).await, -3);
    set(&bench, "visits", json!("many")).await;
    assert_eq!(set(&bench, "visits", json!({"inc": 1})).await, 1);
}

#[tokio::test]
async fn case_050_an_array_is_an_ordered_set() {
    let bench = bench().await;
    assert_eq!(
        set(&bench, "tags", json!(["a", "a", "a", "b"])).await,
        json!(["a", "b"])
    );
    assert_eq!(
        set(&bench, "tags", json!({"add": ["a"]})).await,
        json!(["b", "a"])
    );
    assert_eq!(
        set(&bench, "tags", json!({"add": ["c"], "remove": ["b", "c"]})).await,
        json!(["a"])
    );
}

#[tokio::test]
async fn case_051_the_oldest_elements_fall_out_of_a_full_array() {
    let bench = bench().await;
    set(&bench, "tags", (0..500).map(|n| json!(n)).collect()).await;
    let tags = set(&bench, "tags", json!({"add": [500]})).await;
    assert_eq!(
        (
            tags.as_array().unwrap().len(),
            tags[0].clone(),
            tags[499].clone()
        ),
        (500, json!(1), json!(500))
    );
}

#[tokio::test]
async fn case_052_an_over_long_text_is_not_stored_and_the_request_succeeds() {
    let bench = bench().await;
    assert_eq!(
        set(&bench, "note", json!("é".repeat(255))).await,
        json!("é".repeat(255))
    );
    assert_eq!(
        set(&bench, "note", json!("é".repeat(256))).await,
        json!("é".repeat(255))
    );
    assert!(
        bench
            .profile("cust")
            .warnings
            .back()
            .unwrap()
            .contains("note")
    );
}

#[tokio::test]
async fn case_053_054_texts_that_look_like_dates_become_times() {
    let bench = bench().await;
    assert_eq!(
        set(&bench, "seen", json!("2026-03-26")).await,
        "2026-03-26T00:00:00.000Z"
    );
    assert_eq!(bench.profile("cust").attribute_types["seen"], "time");
    assert_eq!(
        set(&bench, "code", json!("12-1-2021")).await,
        "2021-12-01T00:00:00.000Z"
    );
    assert_eq!(set(&bench, "far", json!("3001-01-01")).await, "3001-01-01");
    assert_eq!(bench.profile("cust").attribute_types["far"], "string");
}

#[tokio::test]
async fn case_055_nested_objects_are_replaced_unless_merging_is_asked_for() {
    let bench = bench().await;
    set(&bench, "prefs", json!({"mail": {"weekly": true}, "n": 1})).await;
    assert_eq!(
        merge(&bench, "prefs", json!({"mail": {"daily": false}})).await,
        json!({"mail": {"weekly": true, "daily": false}, "n": 1})
    );
    assert_eq!(set(&bench, "prefs", json!({"n": 2})).await, json!({"n": 2}));
    assert_eq!(
        set(&bench, "prefs", json!({"since": {"$time": "2024-02-01"}})).await,
        json!({"since": "2024-02-01T00:00:00.000Z"})
    );
    assert_eq!(set(&bench, "prefs", json!(null)).await, Value::Null);
}

#[tokio::test]
async fn case_056_057_058_one_bad_value_inside_drops_that_attribute_only() {
    let bench = bench().await;
    set(&bench, "prefs", json!({"n": 1})).await;
    for bad in [
        json!({"a": null}),
        json!({"a": {"$time": null}}),
        json!({"a": {"$time": "soon"}}),
        json!({"a.b": 1}),
        json!({"$a": 1}),
        json!({"a b": 1}),
    ] {
        bench
            .attributes(json!({"external_id": "cust", "prefs": bad, "other": bad.to_string()}))
            .await;
        assert_eq!(bench.custom("prefs"), json!({"n": 1}), "{bad}");
        assert_eq!(bench.custom("other"), json!(bad.to_string()));
    }
}

#[tokio::test]
async fn case_059_nested_values_over_100_kilobytes_are_not_stored() {
    let bench = bench().await;
    let large: Vec<Value> = (0..1000).map(|_| json!("x".repeat(120))).collect();
    assert_eq!(
        set(&bench, "big", json!({"list": large})).await,
        Value::Null
    );
    set(&bench, "list", json!([{"id": 1}])).await;
    let many: Vec<Value> = (0..1000)
        .map(|id| json!({"id": id, "text": "x".repeat(100)}))
        .collect();
    assert_eq!(
        set(&bench, "list", json!({"$add": many})).await,
        json!([{"id": 1}])
    );
}

#[tokio::test]
async fn case_060_061_operators_run_add_remove_update() {
    let bench = bench().await;
    set(&bench, "pets", json!([{"id": 1, "type": "dog", "age": 3}])).await;
    let replaced = json!({"$add": [{"id": 2, "type": "cat"}], "$remove": [{"$identifier_key": "id", "$identifier_value": 2}]});
    assert_eq!(
        set(&bench, "pets", replaced).await,
        json!([{"id": 1, "type": "dog", "age": 3}])
    );
    let update = json!({"$update": [{"$identifier_key": "id", "$identifier_value": 1, "$new_object": {"id": 1, "age": 4}}]});
    assert_eq!(
        merge(&bench, "pets", update.clone()).await,
        json!([{"id": 1, "type": "dog", "age": 4}])
    );
    assert_eq!(
        set(&bench, "pets", update).await,
        json!([{"id": 1, "age": 4}])
    );
}

#[tokio::test]
async fn case_062_063_064_old_and_misspelt_fields() {
    let bench = bench().await;
    bench
        .attributes(json!({"external_id": "cust", "bio": "x", "Email": "not@an address"}))
        .await;
    assert_eq!(bench.custom("bio"), Value::Null);
    assert!(!bench.profile("cust").fields.contains_key("bio"));
    assert_eq!(bench.custom("Email"), "not@an address");
    let reply = bench
        .track(json!({"attributes": [{"external_id": "cust", "email_subscription_info": {}}]}))
        .await;
    assert_eq!(
        reply.errors(),
        ["INVALID_ATTRIBUTE_EMAIL_SUBSCRIPTION_INFO"]
    );
}

#[tokio::test]
async fn a_changed_type_is_stored_with_a_warning() {
    let bench = bench().await;
    set(&bench, "size", json!(42)).await;
    assert_eq!(set(&bench, "size", json!("42")).await, "42");
    assert!(bench.profile("cust").warnings[0].starts_with("Type drift"));
}

#[tokio::test]
async fn push_tokens_of_unknown_people_make_a_profile_each() {
    let bench = bench().await;
    let token = |token: &str| json!({"app_id": "app", "token": token});
    let body = json!({"attributes": [{"push_token_import": true, "push_tokens": [token("a"), token("b")]}]});
    assert_eq!(bench.track(body.clone()).await.status, 201);
    assert_eq!(bench.track(body).await.status, 201);
    assert_eq!(bench.sandbox.profile_count(), 2);
    let named = json!({"attributes": [{"push_token_import": true, "external_id": "cust", "push_tokens": [token("c")]}]});
    assert_eq!(bench.track(named).await.errors(), ["BAD_PUSH_TOKEN_IMPORT"]);
}
