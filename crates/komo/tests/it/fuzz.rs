//! Arbitrary JSON to every address that takes some: whatever comes, the answer is never a 5xx.

use proptest::{
    collection::{btree_map, vec},
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};
use store::testing::TestDatabase;

use crate::{
    harness::{Place, entries_of, play_id},
    http::Http,
};

const CASES: u32 = 300;

fn arbitrary_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[ -~]{0,40}".prop_map(Value::from),
        "[a-z]{1,8}@[a-z]{1,8}\\.org".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(key(), inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Names that mean something, and names that don't.
fn key() -> impl Strategy<Value = String> {
    let known = [
        "fields",
        "consents",
        "play_id",
        "email",
        "nickname",
        "phone",
        "serving",
        "country",
        "birthday",
        "scoops",
        "vegan",
        "newsletter",
        "agreed",
        "shop",
        "option",
        "question",
    ];
    prop_oneof![3 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => any::<String>()]
}

fn submission() -> impl Strategy<Value = Value> {
    let part = || {
        btree_map(key(), arbitrary_json(), 0..8)
            .prop_map(|map| Value::Object(map.into_iter().collect()))
    };
    prop_oneof![
        arbitrary_json(),
        (part(), part())
            .prop_map(|(fields, consents)| json!({"fields": fields, "consents": consents})),
        part().prop_map(|fields| json!({"fields": fields, "consents": {"agreed": true}})),
    ]
}

async fn whatever_is_sent_the_answer_is_no_5xx(database: TestDatabase) {
    let place = Place::on(database).await;
    let http = place.http();
    let runtime = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| {
        let config = Config {
            cases: CASES,
            failure_persistence: None,
            ..Config::default()
        };
        let mut runner =
            TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
        let tried = runner.run(&(submission(), arbitrary_json()), |(body, movement)| {
            let statuses = runtime.block_on(send(&http, &body, &movement));
            for (path, status) in statuses {
                prop_assert!(
                    (200..500).contains(&status),
                    "{path}: {status} for {body} and {movement}"
                );
            }
            Ok(())
        });
        tried.unwrap_or_else(|failure| panic!("{failure}"));
    });
    assert_eq!(http.get("/readyz").await.status, 200);
    place.drained().await;
    place.server.stop().await;
}

async fn send(http: &Http, body: &Value, movement: &Value) -> Vec<(String, u16)> {
    let play = play_id();
    let plays = "/h/test/c/cone-or-cup/plays";
    let mut posts = vec![
        (entries_of("everything"), body),
        (entries_of("flavour-poll"), body),
        (plays.to_owned(), body),
        (format!("{plays}/{play}/moves"), movement),
    ];
    let mut started = json!({});
    started["play_id"] = play.into();
    posts.insert(3, (plays.to_owned(), &started));
    let mut statuses = Vec::new();
    for (path, body) in posts {
        statuses.push((path.clone(), http.json(&path, body).await.status));
    }
    let text = body.to_string();
    let form: String = form_urlencoded::Serializer::new(String::new())
        .append_pair("email", &text)
        .append_pair(&text, "x")
        .finish();
    statuses.push((
        "form post".into(),
        http.form(&entries_of("everything"), &form).await.status,
    ));
    let encoded: String = form_urlencoded::byte_serialize(text.as_bytes())
        .take(300)
        .collect();
    statuses.push((
        "page".into(),
        http.get(&format!(
            "/h/test/c/flavour-poll?play={encoded}&lang={encoded}&utm_source={encoded}"
        ))
        .await
        .status,
    ));
    statuses.push((
        "page".into(),
        http.get(&format!("/h/test/{encoded}")).await.status,
    ));
    statuses
}

both!(arbitrary_requests, whatever_is_sent_the_answer_is_no_5xx);
