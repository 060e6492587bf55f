//! What must never be seen: headers of every route, secrets in logs and files, personal data in logs, active pictures.

use std::path::Path;

use serde_json::json;
use store::testing::TestDatabase;

use crate::{
    binary::Binary,
    harness::{Braze, KEY, Place, entries_of, entry, eventually, hub, import, play_id},
    http::{Http, Reply},
};

/// Addresses that a page names.
fn links(page: &str) -> Vec<String> {
    let quoted = page.split(['"', '\'']);
    let own = |text: &&str| {
        text.starts_with("/assets/") || text.starts_with("/images/") || text.starts_with("/h/")
    };
    quoted
        .filter(own)
        .map(|text| text.split('#').next().unwrap().replace("&amp;", "&"))
        .collect()
}

fn has_security_headers(method: &str, path: &str, reply: &Reply) {
    let about = format!("{method} {path} ({})", reply.status);
    let policy = reply.header("content-security-policy");
    assert!(policy.contains("default-src 'none'"), "{about}: {policy}");
    assert!(
        !policy.contains("unsafe-eval") && !policy.contains('*'),
        "{about}: {policy}"
    );
    if !path.starts_with("/images/") {
        assert!(!policy.contains("unsafe-inline"), "{about}: {policy}");
        for part in [
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{about}: {policy}");
        }
    }
    assert_eq!(reply.header("x-content-type-options"), "nosniff", "{about}");
    assert!(
        !reply.header("referrer-policy").is_empty()
            && !reply.header("permissions-policy").is_empty(),
        "{about}"
    );
    for telling in ["server", "x-powered-by", "access-control-allow-origin"] {
        assert_eq!(reply.header(telling), "", "{about}: {telling}");
    }
}

async fn every_answer_carries_the_security_headers(database: TestDatabase) {
    let place = Place::on(database).await;
    let http = place.http();
    let mut to_visit: Vec<String> = [
        "/h/test",
        "/h/test?lang=de",
        "/h/nobody",
        "/nothing",
        "/",
        "/healthz",
        "/readyz",
        "/robots.txt",
        "/favicon.ico",
        "/h/test/c/unborn",
        "/images/none.svg",
        "/assets/none.js",
    ]
    .map(str::to_owned)
    .to_vec();
    let mut seen = std::collections::BTreeSet::new();
    let mut picture = None;
    while let Some(path) = to_visit.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let reply = http.get(&path).await;
        assert!(reply.status < 500, "{path}: {}", reply.status);
        has_security_headers("GET", &path, &reply);
        if path.starts_with("/images/") && reply.status == 200 {
            picture = Some(path.clone());
        }
        if reply.header("content-type").starts_with("text/html") {
            let page = reply.text();
            assert!(
                !page.contains(" style=\"")
                    && !page.contains("<style")
                    && !page.contains(" onclick="),
                "{path}: inline style or script"
            );
            assert!(
                page.split("<script").skip(1).all(|tag| tag
                    .split('>')
                    .next()
                    .unwrap()
                    .contains("src=")
                    || tag.contains("type=\"application/")),
                "{path}: an inline script"
            );
            to_visit.extend(links(&page));
        }
    }
    assert!(
        seen.iter().any(|path| path.contains("/c/welcome"))
            && seen.iter().any(|path| path.contains("/theme-")),
        "{seen:?}"
    );

    let body = entry("ann@example.org");
    for (method, path, body) in [
        ("POST", entries_of("welcome"), body.to_string()),
        ("POST", entries_of("welcome"), body.to_string()),
        ("POST", entries_of("over"), body.to_string()),
        ("POST", entries_of("welcome"), "{".into()),
        ("POST", entries_of("welcome"), "x".repeat(400_000)),
        ("PUT", entries_of("welcome"), String::new()),
        ("POST", "/h/test/c/cone-or-cup/plays".into(), "{}".into()),
        (
            "POST",
            format!("/h/test/c/cone-or-cup/plays/{}/moves", play_id()),
            "{}".into(),
        ),
        ("OPTIONS", entries_of("welcome"), String::new()),
        ("DELETE", "/h/test".into(), String::new()),
    ] {
        let reply = http
            .send(
                method,
                &path,
                &[
                    ("content-type", "application/json"),
                    ("origin", &format!("http://{}", place.server.address)),
                ],
                body,
            )
            .await;
        has_security_headers(method, &path, &reply);
        assert!(
            !reply.header("cache-control").contains("public"),
            "{method} {path}"
        );
    }

    // A picture with a script in it is shown, and can do nothing.
    let picture = picture.expect("a page shows the picture");
    let reply = http.get(&picture).await;
    assert_eq!(reply.header("content-type"), "image/svg+xml");
    let policy = reply.header("content-security-policy");
    assert!(
        policy.contains("sandbox")
            && !policy.contains("script-src")
            && !policy.contains("allow-scripts"),
        "{policy}"
    );
    place.server.stop().await;
}

both!(headers, every_answer_carries_the_security_headers);

/// Whether a text stands in a file or in any file of a folder.
fn found_in(path: &Path, text: &str) -> Vec<String> {
    if path.is_dir() {
        return std::fs::read_dir(path)
            .unwrap()
            .flat_map(|entry| found_in(&entry.unwrap().path(), text))
            .collect();
    }
    let bytes = std::fs::read(path).unwrap_or_default();
    let hit = bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes());
    hit.then(|| path.display().to_string())
        .into_iter()
        .collect()
}

async fn logs_hold_no_secrets_and_no_personal_data(database: TestDatabase) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let braze = Braze::start().await;
    let binary = Binary::start(
        &data,
        &database.url(),
        &braze.endpoint(),
        &["--log", "trace"],
    )
    .await;
    let http = Http::new(binary.address);
    let path = "/h/demo/c/welcome/entries";
    let canaries = [
        "canary.mail@example.org",
        "Canaryfirst",
        "Canarylast",
        "Canaryflavour",
        "canarynote",
        "canaryquery",
        "canarykey",
    ];
    let [email, first, last, flavour, note, query, key] = canaries;
    let body = json!({"fields": {"email": email, "first_name": first, "last_name": last, "favourite_flavour": flavour, "staff_note": note}, "consents": {"newsletter": true}});
    let json_type = ("content-type", "application/json");
    assert_eq!(
        http.send(
            "POST",
            path,
            &[json_type, ("idempotency-key", key)],
            body.to_string()
        )
        .await
        .status,
        201
    );
    assert_eq!(
        http.send("POST", path, &[json_type], body.to_string())
            .await
            .status,
        409
    );
    for wrong in [
        "{\"fields\":{\"email\":\"Canaryfirst\"}}",
        "Canaryfirst",
        "{\"fields\":{\"canarynote\":1}}",
        "{\"canarykey\":{}}",
    ] {
        assert!((400..500).contains(&http.send("POST", path, &[json_type], wrong).await.status));
    }
    http.form(path, &format!("email={email}&first_name={first}"))
        .await;
    http.get(&format!(
        "/h/demo/c/welcome?utm_source={query}&email={email}"
    ))
    .await;
    http.get(&format!("/h/demo/{query}?first_name={first}"))
        .await;
    eventually("the entry arrived", || async {
        braze.sandbox.profile_count() == 1
    })
    .await;
    let log = binary.log.clone();
    assert!(binary.stop().await.success());
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(text.lines().count() > 10, "the log was on: {text}");
    for canary in canaries.iter().chain(&[KEY]) {
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| line.contains(canary))
            .take(3)
            .collect();
        assert!(lines.is_empty(), "the log holds `{canary}`: {lines:?}");
    }
    // The API key is nowhere in clear, and the entry is where it belongs.
    assert_eq!(
        found_in(&data, KEY),
        Vec::<String>::new(),
        "the API key can be read"
    );
    if database.url().starts_with("sqlite") {
        assert!(
            !found_in(&data, email).is_empty(),
            "the search finds what is there"
        );
    }
}

both!(logs, logs_hold_no_secrets_and_no_personal_data);

async fn one_hub_knows_nothing_of_another(database: TestDatabase) {
    let place = Place::on(database).await;
    let http = place.http();
    let elsewhere = Braze::start().await;
    let mut other = hub(&elsewhere.endpoint());
    other.hub.slug = "other".to_owned();
    import(place.store(), other).await;
    crate::harness::give_key(place.store(), &place.server.keyring, KEY).await;
    place.server.hubs.refresh(place.store()).await.unwrap();

    // A play, an entry and a submission of one hub are nothing to the other.
    let play = play_id();
    assert_eq!(
        http.json("/h/test/c/cone-or-cup/plays", &json!({"play_id": play}))
            .await
            .status,
        201
    );
    http.json(
        &format!("/h/other/c/cone-or-cup/plays/{play}/moves"),
        &json!({"option": "cone"}),
    )
    .await
    .is_problem(404);
    assert_eq!(
        http.send(
            "GET",
            &format!("/h/other/c/cone-or-cup/plays/{play}"),
            &[],
            ""
        )
        .await
        .status,
        404
    );
    http.json("/h/other/c/cone-or-cup/plays", &json!({"play_id": play}))
        .await
        .is_problem(409);
    let same = json!({"fields": {"email": "ann@example.org", "first_name": "Onlyhere"}, "play_id": play_id()});
    let here = http.json("/h/test/c/welcome/entries", &same).await;
    let there = http
        .json("/h/other/c/welcome/entries", &entry("ann@example.org"))
        .await;
    assert_eq!((here.status, there.status), (201, 201));
    assert_ne!(here.json()["entry_id"], there.json()["entry_id"]);
    place.drained().await;
    eventually("both arrived", || async {
        place.braze.sandbox.profile_count() == 1 && elsewhere.sandbox.profile_count() == 1
    })
    .await;
    assert!(
        place.braze.history().mentions("Onlyhere") && !elsewhere.history().mentions("Onlyhere")
    );
    place.server.stop().await;
}

both!(neighbours, one_hub_knows_nothing_of_another);
