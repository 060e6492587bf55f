//! A participant who comes back: what was answered in the same browser is not asked again, and nobody else learns it.

use engage::form::Known;
use serde_json::json;
use store::testing::TestDatabase;

use crate::{
    harness::{Braze, Place, entries_of, entry, hub},
    http::Reply,
};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const PAGE: (&str, &str) = ("accept", "text/html");

async fn remembering(database: TestDatabase) -> Place {
    let braze = Braze::start().await;
    let mut doc = hub(&braze.endpoint());
    for card in &mut doc.cards {
        if let Some(form) = &mut card.form {
            form.known = Known::Skip;
        }
    }
    Place::with_hub(database, braze, doc, |_| {}).await
}

/// The cookie that an answer sets, as a browser sends it back.
fn cookie(reply: &Reply) -> String {
    let set = reply.headers["set-cookie"].to_str().unwrap();
    for wanted in ["HttpOnly", "SameSite=Lax", "Path=/h/", "Max-Age=15552000"] {
        assert!(set.contains(wanted), "{set}");
    }
    set.split(';').next().unwrap().to_owned()
}

async fn what_was_answered_is_not_asked_again_and_still_reaches_braze(database: TestDatabase) {
    let place = remembering(database).await;
    let http = place.http();
    let body = "email=ann%40example.org&first_name=Ann";
    let first = http
        .send("POST", &entries_of("welcome"), &[FORM, PAGE], body)
        .await;
    assert_eq!(first.status, 303, "{}", first.text());
    let cookie = cookie(&first);
    let mine = [PAGE, ("cookie", cookie.as_str())];

    let page = http.send("GET", "/h/test/c/diary", &mine, "").await.text();
    assert!(page.contains("You are taking part as ann@example.org"));
    assert!(!page.contains("name=\"email\"") && page.contains("name=\"page\""));
    let german = http.send("GET", "/h/test/c/diary?lang=de", &mine, "").await;
    assert!(german.text().contains("Du nimmst teil als ann@example.org"));
    let strangers = http.get("/h/test/c/diary").await.text();
    assert!(strangers.contains("name=\"email\"") && !strangers.contains("ann@example.org"));

    let headers = [FORM, PAGE, ("cookie", cookie.as_str())];
    let second = http
        .send("POST", &entries_of("diary"), &headers, "page=one")
        .await;
    assert_eq!(second.status, 303, "{}", second.text());
    place.drained().await;
    let alias = |email| place.braze.sandbox.profile_by_alias("komo_email", email);
    let profile = alias("ann@example.org").unwrap();
    let from = |card: &str| {
        let told = profile.happenings.iter();
        told.filter(|it| it.object["properties"]["card"] == card)
            .count()
    };
    assert_eq!((from("welcome"), from("diary")), (1, 1), "{profile:?}");

    let missing = http
        .send("POST", &entries_of("diary"), &[FORM, PAGE], "page=two")
        .await;
    assert_eq!(missing.status, 422, "who is new must say who they are");
}

async fn who_is_somebody_else_starts_afresh(database: TestDatabase) {
    let place = remembering(database).await;
    let http = place.http();
    let body = "email=ann%40example.org";
    let first = http
        .send("POST", &entries_of("welcome"), &[FORM, PAGE], body)
        .await;
    let cookie = cookie(&first);
    let headers = [FORM, PAGE, ("cookie", cookie.as_str())];
    let abroad = [
        FORM,
        PAGE,
        ("cookie", cookie.as_str()),
        ("sec-fetch-site", "cross-site"),
    ];
    let end = "/h/test/visit/end";
    let refused = http.send("POST", end, &abroad, "card=diary").await;
    assert_eq!(refused.status, 403);
    let ended = http.send("POST", end, &headers, "card=diary").await;
    assert_eq!(ended.status, 303);
    assert_eq!(ended.headers["location"], "/h/test/c/diary");
    let gone = ended.headers["set-cookie"].to_str().unwrap();
    assert!(
        gone.starts_with("komo_visitor=;") && gone.contains("Max-Age=0"),
        "{gone}"
    );
    // A copy of the cookie leads nowhere any more.
    let mine = [PAGE, ("cookie", cookie.as_str())];
    let page = http.send("GET", "/h/test/c/diary", &mine, "").await.text();
    assert!(page.contains("name=\"email\"") && !page.contains("ann@example.org"));
    let elsewhere = http
        .send("POST", end, &headers, "card=//evil.example")
        .await;
    assert_eq!(elsewhere.headers["location"], "/h/test");
}

async fn programs_and_hubs_that_ask_everything_set_no_cookie(database: TestDatabase) {
    let place = remembering(database).await;
    let http = place.http();
    let program = http
        .json(
            &entries_of("diary"),
            &json!({"fields": {"email": "a@example.org", "page": "x"}}),
        )
        .await;
    assert_eq!(program.status, 201);
    assert!(!program.headers.contains_key("set-cookie"));
    let headers = [
        ("content-type", "application/json"),
        ("sec-fetch-site", "same-origin"),
    ];
    let island = http
        .send(
            "POST",
            &entries_of("welcome"),
            &headers,
            entry("b@example.org").to_string(),
        )
        .await;
    assert_eq!(island.status, 201);
    assert!(cookie(&island).starts_with("komo_visitor="));

    let asking = Place::on(TestDatabase::sqlite()).await;
    let reply = asking
        .http()
        .send(
            "POST",
            &entries_of("welcome"),
            &[FORM, PAGE],
            "email=c%40example.org",
        )
        .await;
    assert_eq!(reply.status, 303);
    assert!(!reply.headers.contains_key("set-cookie"));
}

both!(
    skipping,
    what_was_answered_is_not_asked_again_and_still_reaches_braze
);
both!(not_you, who_is_somebody_else_starts_afresh);
both!(
    no_cookie,
    programs_and_hubs_that_ask_everything_set_no_cookie
);
