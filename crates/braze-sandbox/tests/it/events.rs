//! Edge cases 65 to 76: events, purchases, and the checked shop events.

use serde_json::{Map, Value, json};

use crate::client::{Bench, NINE, bench};

fn changed(mut object: Value, change: Value) -> Value {
    if let (Value::Object(object), Value::Object(change)) = (&mut object, change) {
        object.extend(change);
    }
    object
}

fn event(change: Value) -> Value {
    let event = json!({"external_id": "cust", "name": "seen", "time": "2026-05-04T08:00:00Z"});
    changed(event, change)
}

fn purchase(change: Value) -> Value {
    let one = json!({"external_id": "cust", "product_id": "order", "currency": "EUR", "price": 9.5, "time": "2026-05-04"});
    changed(one, change)
}

async fn taken(bench: &Bench, change: Value) {
    let reply = bench.track(json!({"events": [event(change)]})).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
}

async fn event_errors(change: Value) -> Vec<String> {
    bench()
        .await
        .track(json!({"events": [event(change)]}))
        .await
        .errors()
}

async fn purchase_errors(change: Value) -> Vec<String> {
    bench()
        .await
        .track(json!({"purchases": [purchase(change)]}))
        .await
        .errors()
}

#[tokio::test]
async fn case_065_name_and_time_are_required() {
    assert_eq!(
        event_errors(json!({"name": null, "time": null})).await,
        ["'name' is required", "'time' is required"]
    );
    assert_eq!(
        event_errors(json!({"name": "", "time": 1_777_885_200})).await,
        ["'name' is not valid", "'time' is not valid"]
    );
    assert_eq!(
        event_errors(json!({"time": "yesterday"})).await,
        ["'time' is not valid"]
    );
}

#[tokio::test]
async fn case_066_067_time_is_utc_and_never_in_the_future() {
    let bench = bench().await;
    taken(&bench, json!({"time": "2030-01-01"})).await;
    assert_eq!(bench.profile("cust").custom_events["seen"].last, NINE);
    taken(
        &bench,
        json!({"name": "plain", "time": "2026-05-04T08:59:00"}),
    )
    .await;
    assert_eq!(
        bench.profile("cust").custom_events["plain"].last,
        NINE - 60_000
    );
}

#[tokio::test]
async fn case_068_069_070_properties_have_rules() {
    for bad in [
        json!({"time": 1}),
        json!({"event_name": 1}),
        json!({"$x": 1}),
        json!({"": 1}),
        json!("text"),
    ] {
        assert_eq!(
            event_errors(json!({"properties": bad})).await,
            ["'properties' is not valid"],
            "{bad}"
        );
    }
    let large: Vec<Value> = (0..1000).map(|_| json!("x".repeat(120))).collect();
    assert_eq!(
        event_errors(json!({"properties": {"list": large}})).await,
        ["'properties' is not valid"]
    );
}

#[tokio::test]
async fn case_071_only_the_first_256_properties_are_kept() {
    let bench = bench().await;
    let many: Map<String, Value> = (0..257).map(|n| (format!("p{n}"), json!(n))).collect();
    taken(&bench, json!({"properties": many})).await;
    let profile = bench.profile("cust");
    let kept = profile.happenings[0].object["properties"]
        .as_object()
        .unwrap()
        .clone();
    assert_eq!((kept.len(), kept.contains_key("p256")), (256, false));
    taken(
        &bench,
        json!({"name": "long", "properties": {"a": "x".repeat(256), "b": "ok"}}),
    )
    .await;
    assert_eq!(
        bench.profile("cust").happenings[1].object["properties"],
        json!({"b": "ok"})
    );
}

#[tokio::test]
async fn case_072_the_same_event_twice_counts_twice() {
    let bench = bench().await;
    taken(&bench, json!({"time": "2026-05-04T07:00:00Z"})).await;
    taken(&bench, json!({})).await;
    taken(&bench, json!({})).await;
    let count = bench.profile("cust").custom_events["seen"];
    assert_eq!(
        (count.count, count.first, count.last),
        (3, NINE - 7_200_000, NINE - 3_600_000)
    );
}

#[tokio::test]
async fn case_073_074_075_numbers_and_currencies_of_purchases() {
    for quantity in [json!(0), json!(101), json!(1.5), json!("2"), json!(-1)] {
        assert_eq!(
            purchase_errors(json!({"quantity": quantity})).await,
            ["'quantity' is not valid"],
            "{quantity}"
        );
    }
    for quantity in [1, 100] {
        assert!(
            purchase_errors(json!({"quantity": quantity}))
                .await
                .is_empty()
        );
    }
    assert_eq!(
        purchase_errors(json!({"price": "9.50"})).await,
        ["'price' is not valid"]
    );
    assert_eq!(
        purchase_errors(json!({"currency": "XYZ"})).await,
        ["'currency' is not valid"]
    );
    assert_eq!(
        purchase_errors(json!({"product_id": 7})).await,
        ["'product_id' is not valid"]
    );
    assert!(purchase_errors(json!({"price": -4})).await.is_empty());
    assert_eq!(
        purchase_errors(json!({"product_id": null, "currency": null, "price": null, "time": null}))
            .await,
        [
            "'product_id' is required",
            "'currency' is required",
            "'price' is required",
            "'time' is required"
        ]
    );
}

fn order(change: Value) -> Value {
    let order = json!({"order_id": "1", "total_value": 9, "currency": "EUR", "source": "web",
        "products": [{"product_id": "a", "product_name": "A", "variant_id": "v", "quantity": 1, "price": 9}]});
    json!({"name": "ecommerce.order_placed", "properties": changed(order, change)})
}

#[tokio::test]
async fn case_076_shop_events_are_checked_against_a_closed_list_of_properties() {
    assert!(
        event_errors(order(json!({"metadata": {"anything": 1}})))
            .await
            .is_empty()
    );
    assert_eq!(
        event_errors(order(json!({"sku_abcd": 1}))).await,
        [
            "The property '#/' contains additional properties [\"sku_abcd\"] outside of the schema when none are allowed"
        ]
    );
    assert_eq!(
        event_errors(order(json!({"order_id": 7}))).await,
        ["The property '#/order_id' of type integer did not match the following type: string"]
    );
    let viewed = json!({"name": "ecommerce.product_viewed", "properties": {"product_name": "A", "variant_id": "v", "price": 1, "currency": "EUR", "source": "web"}});
    assert_eq!(
        event_errors(viewed).await,
        ["The property '#/' did not contain a required property of 'product_id'"]
    );
}

#[tokio::test]
async fn raw_objects_are_kept_as_they_were_accepted() {
    let bench = bench().await;
    taken(&bench, json!({"properties": {"submission_id": "s1"}})).await;
    let accepted = bench.sandbox.accepted();
    assert_eq!(accepted[0].object["properties"]["submission_id"], "s1");
    assert_eq!(accepted[0].braze_id, Some(bench.profile("cust").braze_id));
}
