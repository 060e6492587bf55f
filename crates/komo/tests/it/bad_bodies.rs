//! Requests that make no sense: each gets the answer that HTTP has for it, never a 5xx, and nothing of it is stored.

use serde_json::json;
use store::testing::TestDatabase;

use crate::{
    harness::{Braze, Place, entries_of, entry, play_id},
    http::Http,
};

const JSON: (&str, &str) = ("content-type", "application/json");

async fn what_cannot_be_read_is_refused(database: TestDatabase) {
    let place = Place::on(database).await;
    let http = place.http();
    let path = entries_of("welcome");
    let deep = |depth: usize| {
        format!(
            "{{\"fields\":{{\"email\":{}{}}}}}",
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    let many = |count: usize| {
        format!(
            "{{\"fields\":{{{}}}}}",
            (0..count)
                .map(|n| format!("\"k{n}\":{n}"))
                .collect::<Vec<_>>()
                .join(",")
        )
    };
    let bodies: Vec<(&str, Vec<u8>, u16)> = vec![
        ("nothing", b"".to_vec(), 400),
        ("half an object", b"{\"fields\":{".to_vec(), 400),
        ("not JSON", b"email=ann@example.org".to_vec(), 400),
        ("two documents", b"{}{}".to_vec(), 400),
        ("a trailing comma", b"{\"fields\":{},}".to_vec(), 400),
        ("NaN", b"{\"fields\":{\"email\":NaN}}".to_vec(), 400),
        (
            "a number out of range",
            b"{\"fields\":{\"email\":1e999}}".to_vec(),
            400,
        ),
        (
            "a lone surrogate",
            b"{\"fields\":{\"email\":\"\\ud800\"}}".to_vec(),
            400,
        ),
        (
            "a NUL byte",
            b"{\"fields\":{\"email\":\"a\0@example.org\"}}".to_vec(),
            400,
        ),
        (
            "an escaped NUL",
            b"{\"fields\":{\"email\":\"a\\u0000@example.org\"}}".to_vec(),
            422,
        ),
        (
            "invalid UTF-8",
            b"{\"fields\":{\"email\":\"\xff\xfe@example.org\"}}".to_vec(),
            400,
        ),
        (
            "UTF-16",
            "{}".encode_utf16().flat_map(u16::to_le_bytes).collect(),
            400,
        ),
        (
            "a key that stands twice",
            b"{\"fields\":{\"email\":\"a@example.org\",\"email\":\"b@example.org\"}}".to_vec(),
            400,
        ),
        (
            "fields that stand twice",
            b"{\"fields\":{},\"fields\":{\"email\":\"b@example.org\"}}".to_vec(),
            400,
        ),
        ("an array", b"[]".to_vec(), 422),
        ("a text", b"\"fields\"".to_vec(), 422),
        ("a number", b"5".to_vec(), 422),
        ("null", b"null".to_vec(), 422),
        ("an empty object", b"{}".to_vec(), 422),
        (
            "fields as an array",
            b"{\"fields\":[\"email\"]}".to_vec(),
            422,
        ),
        ("fields as a text", b"{\"fields\":\"email\"}".to_vec(), 422),
        (
            "consents as an array",
            b"{\"fields\":{\"email\":\"a@example.org\"},\"consents\":[true]}".to_vec(),
            422,
        ),
        ("deep JSON", deep(100_000).into_bytes(), 400),
        ("fairly deep JSON", deep(50).into_bytes(), 422),
        ("ten thousand keys", many(10_000).into_bytes(), 422),
        (
            "a long text",
            format!(
                "{{\"fields\":{{\"first_name\":\"{}\"}}}}",
                "x".repeat(200_000)
            )
            .into_bytes(),
            422,
        ),
        (
            "a megabyte",
            format!(
                "{{\"fields\":{{\"first_name\":\"{}\"}}}}",
                "x".repeat(1_000_000)
            )
            .into_bytes(),
            413,
        ),
        (
            "a play id that is no text",
            b"{\"fields\":{\"email\":\"a@example.org\"},\"play_id\":5}".to_vec(),
            422,
        ),
        (
            "a play id that is no UUID",
            b"{\"fields\":{\"email\":\"a@example.org\"},\"play_id\":\"1\"}".to_vec(),
            422,
        ),
        (
            "a play id that is an object",
            b"{\"fields\":{\"email\":\"a@example.org\"},\"play_id\":{}}".to_vec(),
            422,
        ),
    ];
    for (name, body, status) in bodies {
        let reply = http.send("POST", &path, &[JSON], body).await;
        assert_eq!(reply.status, status, "{name}: {}", reply.text());
        let problem = reply.is_problem(status);
        if status == 422 {
            assert!(
                problem["errors"]
                    .as_array()
                    .is_some_and(|it| !it.is_empty()),
                "{name}: {problem}"
            );
        }
    }
    let wrong = [
        "{\"fields\":{\"email\":\"x\"}",
        "[[[[[[",
        "true",
        "{\"option\":{}}",
        "{\"option\":5}",
        "{\"question\":[]}",
        "[1,2]",
        "{\"play_id\":[]}",
        "{\"surprise\":1}",
    ];
    for card in ["flavour-poll", "cone-or-cup", "name-first", "welcome"] {
        for body in wrong {
            for path in [
                format!("/h/test/c/{card}/plays"),
                format!("/h/test/c/{card}/plays/{}/moves", play_id()),
                format!("/h/test/c/{card}/plays/nope/moves"),
            ] {
                let reply = http.send("POST", &path, &[JSON], body).await;
                // A new play needs no more than an object of any kind.
                let started = path.ends_with("/plays") && reply.status == 201;
                assert!(
                    (400..500).contains(&reply.status) || started,
                    "{path} {body}: {} {}",
                    reply.status,
                    reply.text()
                );
            }
        }
    }
    assert_eq!(place.entries("welcome").await, 0);
    place.server.stop().await;
}

both!(unreadable, what_cannot_be_read_is_refused);

async fn every_wrong_address_method_and_type_has_its_answer(database: TestDatabase) {
    let place = Place::on(database).await;
    let http = place.http();
    let body = entry("ann@example.org").to_string();
    let html = ("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8");

    for path in [
        "/h/nobody/c/welcome/entries",
        "/h/test/c/nothing/entries",
        "/h/test/c/nothing/plays",
        "/h/te%73t2/c/welcome/entries",
        "/h/%00/c/welcome/entries",
    ] {
        http.send("POST", path, &[JSON], body.clone())
            .await
            .is_problem(404);
    }
    let pages = [
        "/h/nobody",
        "/h/nobody/c/welcome",
        "/h/nobody/page",
        "/h/nobody/terms/terms",
        "/h/test/nothing",
        "/h/test/c/nothing",
        "/h/test/terms/nothing",
        "/nothing",
        "/h",
        "/",
        "/h/test/c/unborn",
    ];
    for path in pages {
        let reply = http.send("GET", path, &[html], "").await;
        assert_eq!(reply.status, 404, "{path}");
        assert!(
            reply.header("content-type").starts_with("text/html"),
            "a person at {path} reads {}",
            reply.text()
        );
        assert!(reply.text().contains("<h1"), "{path}");
        assert_eq!(
            http.send("GET", path, &[("accept", "application/json")], "")
                .await
                .status,
            404,
            "{path}"
        );
        let german = http
            .send("GET", path, &[html, ("accept-language", "de")], "")
            .await;
        assert!(german.text().contains("lang=\"de\""), "{path}");
    }
    for path in [
        "/images/nothing.svg",
        "/images/..%2f..%2fetc%2fpasswd",
        "/assets/nothing.css",
        "/assets/..%2fmod.rs",
        "/h/test/c/cone-or-cup/plays/nope",
    ] {
        assert_eq!(http.get(path).await.status, 404, "{path}");
    }

    for (method, path) in [
        ("GET", entries_of("welcome")),
        ("PUT", entries_of("welcome")),
        ("DELETE", entries_of("welcome")),
        ("PATCH", entries_of("welcome")),
        ("GET", "/h/test/c/cone-or-cup/plays".into()),
        (
            "PUT",
            format!("/h/test/c/cone-or-cup/plays/{}/moves", play_id()),
        ),
        ("POST", "/h/test".into()),
        ("DELETE", "/h/test/c/welcome".into()),
        ("POST", "/healthz".into()),
        ("TRACE", "/h/test".into()),
    ] {
        let reply = http.send(method, &path, &[JSON], body.clone()).await;
        assert_eq!(reply.status, 405, "{method} {path}");
        assert!(
            !reply.header("allow").is_empty(),
            "{method} {path}: no Allow (RFC 9110, 15.5.6)"
        );
    }
    for kind in [
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/x-json",
        "",
        "json",
        "application/xml",
    ] {
        let reply = http
            .send(
                "POST",
                &entries_of("welcome"),
                &[("content-type", kind)],
                body.clone(),
            )
            .await;
        reply.is_problem(415);
    }
    http.send("POST", &entries_of("welcome"), &[], body.clone())
        .await
        .is_problem(415);

    for headers in [
        [("sec-fetch-site", "cross-site"), ("x", "")],
        [("sec-fetch-site", "same-site"), ("x", "")],
        [("origin", "https://evil.example"), ("x", "")],
        [("origin", "null"), ("x", "")],
        [
            ("sec-fetch-site", "cross-site"),
            ("origin", "http://127.0.0.1"),
        ],
    ] {
        let [one, two] = headers;
        http.send(
            "POST",
            &entries_of("welcome"),
            &[JSON, one, two],
            body.clone(),
        )
        .await
        .is_problem(403);
        http.send(
            "POST",
            "/h/test/c/cone-or-cup/plays",
            &[JSON, one, two],
            "{}",
        )
        .await
        .is_problem(403);
    }
    assert_eq!(place.entries("welcome").await, 0);
    let own = format!("http://{}", place.server.address);
    let reply = http
        .send(
            "POST",
            &entries_of("welcome"),
            &[JSON, ("origin", &own), ("sec-fetch-site", "same-origin")],
            body,
        )
        .await;
    assert_eq!(reply.status, 201, "the hub's own page may send");
    place.server.stop().await;
}

both!(
    addresses_and_methods,
    every_wrong_address_method_and_type_has_its_answer
);

async fn the_same_submission_sent_twice_is_one_entry(database: TestDatabase) {
    let place = Place::on(database).await;
    let http = place.http();
    let path = entries_of("diary");
    let body = |page: &str| json!({"fields": {"email": "ann@example.org", "page": page}});
    let key = ("idempotency-key", "order-4711");
    let first = http
        .send("POST", &path, &[JSON, key], body("one").to_string())
        .await;
    let second = http
        .send("POST", &path, &[JSON, key], body("one").to_string())
        .await;
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.json(), second.json(), "the same answer again");
    http.send("POST", &path, &[JSON, key], body("two").to_string())
        .await
        .is_problem(422);
    // The play id does the same, and a UUID means the same in both places.
    let play = play_id();
    let with_play =
        |page: &str| json!({"fields": {"email": "ann@example.org", "page": page}, "play_id": play});
    let first = http.json(&path, &with_play("one")).await;
    let second = http.json(&path, &with_play("one")).await;
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.json()["entry_id"], second.json()["entry_id"]);
    http.json(&path, &with_play("two")).await.is_problem(422);
    for bad in ["", " ", &"k".repeat(256)] {
        http.send(
            "POST",
            &path,
            &[JSON, ("idempotency-key", bad)],
            body("one").to_string(),
        )
        .await
        .is_problem(400);
    }
    assert_eq!(place.entries("diary").await, 2);

    // Fifty at once: a double click, a browser's retry, a proxy's replay.
    let storm = play_id();
    let mut copies = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (http, storm) = (place.http(), storm.clone());
        copies.spawn(async move {
            let body = json!({"fields": {"email": "storm@example.org"}});
            http.send(
                "POST",
                &entries_of("welcome"),
                &[JSON, ("idempotency-key", &storm)],
                body.to_string(),
            )
            .await
        });
    }
    let replies = copies.join_all().await;
    let entries: std::collections::HashSet<String> = replies
        .iter()
        .map(|reply| {
            assert_eq!(reply.status, 201, "{}", reply.text());
            reply.json()["entry_id"].to_string()
        })
        .collect();
    assert_eq!((entries.len(), place.entries("welcome").await), (1, 1));
    place.drained().await;
    assert_eq!(
        place.braze.history().arrivals.len(),
        3,
        "and Braze hears of each once"
    );
    assert_eq!(place.braze.history().copies_are_explained(|_, _| false), 0);
    place.server.stop().await;
}

both!(repetitions, the_same_submission_sent_twice_is_one_entry);

async fn too_many_requests_are_sent_away_with_a_time(database: TestDatabase) {
    let place = Place::with(database, Braze::start().await, |config| {
        config.limits.exempt.clear();
        config.limits.submissions_per_minute = 5;
    })
    .await;
    let http = place.http();
    for n in 0..5 {
        assert_eq!(
            http.json(&entries_of("welcome"), &entry(&format!("p{n}@example.org")))
                .await
                .status,
            201
        );
    }
    let forged = [JSON, ("x-forwarded-for", "203.0.113.7")];
    let reply = http
        .send(
            "POST",
            &entries_of("welcome"),
            &forged,
            entry("late@example.org").to_string(),
        )
        .await;
    reply.is_problem(429);
    let wait: u64 = reply.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    let page = http
        .form(&entries_of("welcome"), "email=late%40example.org")
        .await;
    assert_eq!(page.status, 429);
    assert!(
        !page.header("retry-after").is_empty()
            && page.header("content-type").starts_with("text/html")
    );
    assert_eq!(
        http.json("/h/test/c/cone-or-cup/plays", &json!({}))
            .await
            .status,
        429,
        "moves count as well"
    );
    assert_eq!(http.get("/h/test").await.status, 200, "looking is free");
    assert_eq!(place.entries("welcome").await, 5);
    place.server.stop().await;
}

both!(rate_limit, too_many_requests_are_sent_away_with_a_time);

/// A request as bytes, for what no client would send.
async fn raw(http: std::net::SocketAddr, request: &[u8]) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(http).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

async fn bytes_that_no_client_sends_do_no_harm(database: TestDatabase) {
    let place = Place::on(database).await;
    let address = place.server.address;
    // A body of unknown length is cut off at the limit, too.
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let head = "POST /h/test/c/welcome/entries HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n";
    let chunked = format!(
        "{head}transfer-encoding: chunked\r\n\r\n{}0\r\n\r\n",
        chunk.repeat(5)
    );
    assert!(
        raw(address, chunked.as_bytes())
            .await
            .starts_with("HTTP/1.1 413")
    );
    let smuggled =
        format!("{head}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n");
    let answer = raw(address, smuggled.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "two lengths: {answer}");
    for nonsense in [
        "GET / HTTP/9\r\n\r\n",
        "\0\0\0\0\r\n\r\n",
        "GET /h/te st HTTP/1.1\r\nhost: x\r\n\r\n",
    ] {
        let answer = raw(address, nonsense.as_bytes()).await;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{nonsense:?}: {answer}"
        );
    }
    let many = format!(
        "GET /h/test HTTP/1.1\r\nhost: x\r\n{}\r\n",
        "x-a: b\r\n".repeat(500)
    );
    assert!(
        raw(address, many.as_bytes())
            .await
            .starts_with("HTTP/1.1 431")
    );
    assert_eq!(
        Http::new(address).get("/h/test").await.status,
        200,
        "and the server goes on"
    );
    assert_eq!(place.entries("welcome").await, 0);
    place.server.stop().await;
}

both!(raw_bytes, bytes_that_no_client_sends_do_no_harm);
