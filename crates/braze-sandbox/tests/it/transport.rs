//! Edge cases 1 to 14: how a request gets in.

use braze_sandbox::ApiKey;
use serde_json::json;

use crate::client::{bench, bench_with};

const JSON: (&str, &str) = ("Content-Type", "application/json");
const KEY: (&str, &str) = ("Authorization", "Bearer demo-braze-key");
const ONE: &[u8] = br#"{"attributes":[{"external_id":"cust","first_name":"Ines"}]}"#;

#[tokio::test]
async fn case_001_002_only_the_exact_authorization_is_let_in() {
    let bench = bench().await;
    assert_eq!(
        bench
            .send("POST", "/users/track", &[JSON], ONE)
            .await
            .unwrap()
            .status,
        401
    );
    for value in [
        "bearer demo-braze-key",
        "Bearer \"demo-braze-key\"",
        "Bearer  demo-braze-key",
        "Bearer other",
        "demo-braze-key",
    ] {
        let reply = bench
            .send(
                "POST",
                "/users/track",
                &[JSON, ("Authorization", value)],
                ONE,
            )
            .await
            .unwrap();
        assert_eq!(reply.status, 401, "{value}");
        assert_eq!(
            reply.json(),
            json!({"message": "Error authenticating credentials"})
        );
    }
    assert_eq!(bench.sandbox.profile_count(), 0);
}

fn narrow(permissions: &[&str], nets: &[&str]) -> ApiKey {
    ApiKey {
        key: "narrow".to_owned(),
        name: "narrow".to_owned(),
        permissions: permissions.iter().map(|text| (*text).to_owned()).collect(),
        allowed_ips: nets.iter().map(|net| net.parse().unwrap()).collect(),
    }
}

#[tokio::test]
async fn case_003_004_permission_and_address_are_checked() {
    let bench = bench_with(|settings| settings.keys = vec![narrow(&["users.delete"], &[])]).await;
    let headers = [("Authorization", "Bearer narrow"), JSON];
    let reply = bench
        .send("POST", "/users/track", &headers, ONE)
        .await
        .unwrap();
    assert_eq!(
        (reply.status, reply.json()["message"].clone()),
        (
            403,
            json!("You do not have permission to access this resource")
        )
    );

    bench
        .sandbox
        .set(|settings| settings.keys = vec![narrow(&["users.track"], &["10.0.0.0/8"])]);
    let reply = bench
        .send("POST", "/users/track", &headers, ONE)
        .await
        .unwrap();
    assert_eq!(
        (reply.status, reply.json()["message"].clone()),
        (403, json!("Invalid whitelisted IPs"))
    );

    bench
        .sandbox
        .set(|settings| settings.keys = vec![narrow(&["users.track"], &["127.0.0.0/8"])]);
    assert_eq!(
        bench
            .send("POST", "/users/track", &headers, ONE)
            .await
            .unwrap()
            .status,
        201
    );
}

#[tokio::test]
async fn case_005_006_a_trailing_slash_and_a_wrong_method_are_not_found() {
    let bench = bench().await;
    for (method, path) in [
        ("POST", "/users/track/"),
        ("GET", "/users/track"),
        ("PUT", "/users/track"),
        ("POST", "/nowhere"),
    ] {
        let reply = bench.send(method, path, &[KEY, JSON], ONE).await.unwrap();
        assert_eq!(
            (reply.status, reply.json()),
            (404, json!({"message": "Not Found"})),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn case_007_only_json_is_a_supported_media_type() {
    let bench = bench().await;
    for kind in ["text/plain", "application/x-www-form-urlencoded"] {
        assert_eq!(
            bench
                .send("POST", "/users/track", &[KEY, ("Content-Type", kind)], ONE)
                .await
                .unwrap()
                .status,
            415
        );
    }
    assert_eq!(
        bench
            .send("POST", "/users/track", &[KEY], ONE)
            .await
            .unwrap()
            .status,
        415
    );
    let utf8 = ("Content-Type", "application/json; charset=utf-8");
    assert_eq!(
        bench
            .send("POST", "/users/track", &[KEY, utf8], ONE)
            .await
            .unwrap()
            .status,
        201
    );
}

#[tokio::test]
async fn case_008_009_010_an_unreadable_body_answers_with_the_key_error() {
    let bench = bench().await;
    let text = "\nProblem:\n  message body does not match declared format\nResolution:\n  when specifying application/json as content-type, you must pass valid application/json in the request's 'body' ";
    for body in [
        &b"{"[..],
        br#"{"attributes":[],}"#,
        b"{\"attributes\":[{\"external_id\":\"\xff\"}]}",
        b"",
    ] {
        let reply = bench
            .send("POST", "/users/track", &[KEY, JSON], body)
            .await
            .unwrap();
        assert_eq!(
            (reply.status, reply.json()),
            (400, json!({ "error": text }))
        );
    }
}

#[tokio::test]
async fn case_011_a_body_that_is_no_object_is_bad() {
    let bench = bench().await;
    assert_eq!(bench.post("/users/track", json!([])).await.status, 400);
    assert_eq!(
        bench
            .track(json!({"attributes": {"external_id": "cust"}}))
            .await
            .json(),
        json!({"message": "Bad Request"})
    );
}

#[tokio::test]
async fn case_012_four_megabytes_fit_and_one_byte_more_does_not() {
    let bench = bench().await;
    let frame = r#"{"attributes":[{"external_id":"cust","tag":1}],"partner":""}"#;
    for (size, status) in [(4 * 1024 * 1024, 201), (4 * 1024 * 1024 + 1, 413)] {
        let body = frame.replace("\"\"", &format!("\"{}\"", "x".repeat(size - frame.len())));
        assert_eq!(body.len(), size);
        let reply = bench
            .send("POST", "/users/track", &[KEY, JSON], body.as_bytes())
            .await
            .unwrap();
        assert_eq!(reply.status, status);
    }
}

#[tokio::test]
async fn case_014_header_names_come_in_any_case() {
    let bench = bench().await;
    let headers = [
        ("aUTHORIZATION", "Bearer demo-braze-key"),
        ("content-TYPE", "application/json"),
    ];
    assert_eq!(
        bench
            .send("POST", "/users/track", &headers, ONE)
            .await
            .unwrap()
            .status,
        201
    );
}
