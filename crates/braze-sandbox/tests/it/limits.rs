//! Edge cases 77 to 79: rate limits in both dialects, on a clock that the test holds.

use braze_sandbox::{Dialect, LimitGroup, RateLimit};
use serde_json::{Value, json};

use crate::client::{NINE, bench_with};

fn one() -> Value {
    json!({"attributes": [{"external_id": "cust", "tag": 1}]})
}

#[tokio::test]
async fn case_077_078_dialect_a_names_the_epoch_of_the_next_window() {
    let bench = bench_with(|settings| {
        settings
            .rate_limits
            .insert(LimitGroup::Track, RateLimit::new(2, 60));
    })
    .await;
    bench.at(NINE + 50_000);
    let reply = bench.track(one()).await;
    assert_eq!(reply.header("x-ratelimit-limit").as_deref(), Some("2"));
    assert_eq!(reply.header("x-ratelimit-remaining").as_deref(), Some("1"));
    assert_eq!(
        reply.header("x-ratelimit-reset"),
        Some((NINE / 1000 + 60).to_string())
    );
    bench.track(one()).await;
    let reply = bench.track(one()).await;
    assert_eq!(
        (reply.status, reply.json()),
        (429, json!({"message": "Rate Limited"}))
    );
    assert_eq!(reply.header("x-ratelimit-remaining").as_deref(), Some("0"));
    assert_eq!(reply.header("retry-after"), None);
    // Fixed windows, not rolling ones: ten seconds later the minute is new.
    bench.at(NINE + 60_000);
    assert_eq!(bench.track(one()).await.status, 201);
}

#[tokio::test]
async fn case_077_078_079_dialect_b_counts_seconds_and_hides_its_burst() {
    let bench = bench_with(|settings| {
        settings.dialect = Dialect::B;
        let limit = RateLimit {
            requests: 100,
            seconds: 3600,
            burst_requests: Some(2),
            burst_seconds: Some(3),
        };
        settings.rate_limits.insert(LimitGroup::Track, limit);
    })
    .await;
    bench.at(NINE + 1000);
    let reply = bench.track(one()).await;
    assert_eq!(reply.header("x-ratelimit-reset").as_deref(), Some("3599"));
    bench.track(one()).await;
    let reply = bench.track(one()).await;
    assert_eq!(
        (reply.status, reply.header("x-ratelimit-retry-after")),
        (429, Some("2".to_owned()))
    );
    assert_eq!(reply.header("x-ratelimit-limit"), None);
    bench.at(NINE + 3000);
    let reply = bench.track(one()).await;
    assert_eq!(
        (reply.status, reply.header("x-ratelimit-remaining")),
        (201, Some("97".to_owned()))
    );
}

#[tokio::test]
async fn exports_of_few_fields_have_their_own_faster_limit() {
    let bench = bench_with(|_| {}).await;
    let body = json!({"external_ids": ["x"], "fields_to_export": ["email"]});
    let reply = bench.post("/users/export/ids", body).await;
    assert_eq!(reply.header("x-ratelimit-limit").as_deref(), Some("40"));
    let body = json!({"external_ids": ["x"], "fields_to_export": ["campaigns_received"]});
    let reply = bench.post("/users/export/ids", body).await;
    assert_eq!(reply.header("x-ratelimit-limit").as_deref(), Some("250"));
}

#[tokio::test]
async fn lag_hides_what_was_accepted_until_it_is_due() {
    let bench = bench_with(|settings| settings.lag_ms = 2000).await;
    bench.track(one()).await;
    assert_eq!(
        (bench.sandbox.profile_count(), bench.sandbox.waiting()),
        (0, 1)
    );
    bench.at(NINE + 2000);
    assert_eq!(
        (bench.sandbox.profile_count(), bench.sandbox.waiting()),
        (1, 0)
    );
}

#[tokio::test]
async fn shuffling_applies_requests_out_of_order() {
    let bench = bench_with(|settings| settings.shuffle = true).await;
    for n in 0..40 {
        bench
            .track(json!({"attributes": [{"external_id": "cust", "order": {"add": [n]}}]}))
            .await;
    }
    bench.at(NINE + 100);
    let order = bench.custom("order");
    assert_eq!(order.as_array().unwrap().len(), 40);
    assert_ne!(order, (0..40).map(|n| json!(n)).collect::<Value>());
}
