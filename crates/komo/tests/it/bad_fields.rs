//! Wrong answers, one field at a time: each is refused with the field's name and a sentence, in the participant's language, and
//! nothing of it is stored.

use serde_json::{Value, json};
use store::testing::TestDatabase;

use crate::{
    harness::{Place, entries_of, entry},
    http::{Http, Reply},
};

/// An entry that the card with every field type takes.
fn good() -> Value {
    json!({"fields": {"email": "ann@example.org"}, "consents": {"agreed": true}})
}

fn wrong_values() -> Vec<(&'static str, Vec<Value>)> {
    let long = |length: usize| Value::from("x".repeat(length));
    let shapes = || {
        vec![
            json!(true),
            json!([]),
            json!(["ann@example.org"]),
            json!([1]),
            json!({}),
            json!({"a": [1]}),
        ]
    };
    let with = |mut values: Vec<Value>, more: Vec<Value>| {
        values.extend(more);
        values
    };
    vec![
        (
            "email",
            with(
                shapes(),
                vec![
                    json!(""),
                    json!("   "),
                    Value::Null,
                    json!("ann"),
                    json!("ann@"),
                    json!("@example.org"),
                    json!("a b@example.org"),
                    json!("ann@localhost"),
                    json!("\"ann\"@example.org"),
                    json!("ann@[127.0.0.1]"),
                    json!("Ann <ann@example.org>"),
                    json!("ann@example.org\u{0}"),
                    json!("ann@example.org\nbcc: x@example.org"),
                    json!(5),
                    json!(format!("{}@example.org", "a".repeat(300))),
                    long(200_000),
                ],
            ),
        ),
        (
            "nickname",
            with(
                shapes(),
                vec![
                    json!("ab"),
                    json!("abcdefghijk"),
                    json!("abc1"),
                    json!("a\tbc"),
                    json!(1234),
                    long(100_000),
                ],
            ),
        ),
        (
            "phone",
            with(
                shapes(),
                vec![
                    json!("12"),
                    json!("call me"),
                    json!("+999 999 999 999"),
                    json!("0171 2345678 ext 5"),
                    json!(12),
                ],
            ),
        ),
        (
            "serving",
            with(shapes(), vec![json!("bucket"), json!("Cone"), json!(1)]),
        ),
        (
            "country",
            with(
                shapes(),
                vec![json!("Atlantis"), json!("XX"), json!(276), json!("D\u{0}E")],
            ),
        ),
        (
            "birthday",
            with(
                shapes(),
                vec![
                    json!("31.12.1990"),
                    json!("1990-02-30"),
                    json!("2999-01-01"),
                    json!("2020-01-01"),
                    json!("1850-01-01"),
                    json!("1990-1-1"),
                    json!(19_900_101),
                    json!("yesterday"),
                ],
            ),
        ),
        (
            "scoops",
            with(
                shapes(),
                vec![
                    json!("0"),
                    json!(13),
                    json!(2.5),
                    json!("many"),
                    json!(1e300),
                    json!(-1),
                    json!("1.000"),
                ],
            ),
        ),
        (
            "vegan",
            vec![
                json!("maybe"),
                json!(7),
                json!([]),
                json!({}),
                json!(["yes"]),
            ],
        ),
        ("newsletter", vec![json!("maybe"), json!([true]), json!({})]),
        ("shop", with(shapes(), vec![long(501), json!("a\u{7}b")])),
    ]
}

async fn post(http: &Http, language: &str, body: &Value) -> Reply {
    let headers = [
        ("content-type", "application/json"),
        ("accept-language", language),
    ];
    http.send(
        "POST",
        &entries_of("everything"),
        &headers,
        body.to_string(),
    )
    .await
}

fn the_one_error(reply: &Reply, field: &str, sent: &Value) -> String {
    assert_eq!(reply.status, 422, "{sent}: {}", reply.text());
    let problem = reply.is_problem(422);
    let errors = problem["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{sent}: {problem}");
    assert_eq!(errors[0]["field"], field, "{sent}: {problem}");
    let message = errors[0]["message"].as_str().unwrap().to_owned();
    assert!(
        message.chars().count() > 10 && !message.contains('{'),
        "{sent}: {message}"
    );
    message
}

async fn every_wrong_answer_is_refused_with_its_field_and_a_remedy(database: TestDatabase) {
    let place = Place::on(database).await;
    let http = place.http();
    for (field, values) in wrong_values() {
        for value in values {
            let mut body = good();
            body["fields"][field] = value.clone();
            let shown: String = value.to_string().chars().take(80).collect();
            let shown = Value::from(format!("{field} = {shown}"));
            let english = the_one_error(&post(&http, "en", &body).await, field, &shown);
            let german = the_one_error(
                &post(&http, "de-AT,de;q=0.9,en;q=0.5", &body).await,
                field,
                &shown,
            );
            assert_ne!(english, german, "{shown}: the message is not translated");
        }
    }

    // Permissions have a place of their own, where only true and false are answers.
    let mut body = good();
    body["consents"]["newsletter"] = "yes".into();
    the_one_error(&post(&http, "en", &body).await, "newsletter", &body);
    for agreed in [json!({}), json!({"agreed": false}), json!({"agreed": null})] {
        let body = json!({"fields": {"email": "ann@example.org"}, "consents": agreed});
        the_one_error(&post(&http, "en", &body).await, "agreed", &body);
    }
    // A yes and a no to the same question.
    let mut body = good();
    body["fields"]["newsletter"] = "no".into();
    body["consents"]["newsletter"] = true.into();
    the_one_error(&post(&http, "en", &body).await, "newsletter", &body);

    // Nothing is taken that nobody asked for.
    let unknown = [
        (json!({"surprise": 1}), json!({}), "surprise"),
        (
            json!({"__proto__": {"admin": true}}),
            json!({}),
            "__proto__",
        ),
        (json!({"Email": "x@example.org"}), json!({}), "Email"),
        (json!({}), json!({"everything": true}), "everything"),
        (json!({}), json!({"vegan": true}), "vegan"),
    ];
    for (fields, consents, named) in unknown {
        let mut body = good();
        body["fields"]
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        body["consents"]
            .as_object_mut()
            .unwrap()
            .extend(consents.as_object().unwrap().clone());
        the_one_error(&post(&http, "en", &body).await, named, &body);
    }
    let mut body = good();
    body["admin"] = true.into();
    the_one_error(&post(&http, "en", &body).await, "admin", &body);

    // All that is wrong is said at once, in the order of the form.
    let body = json!({"fields": {"email": "x", "scoops": 0, "country": "XX", "new": 1}});
    let problem = post(&http, "en", &body).await.is_problem(422);
    let named: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["field"].as_str().unwrap())
        .collect();
    assert_eq!(named, ["email", "country", "scoops", "agreed", "new"]);

    assert_eq!(
        place.entries("everything").await,
        0,
        "a refused entry was stored"
    );
    assert_eq!(
        post(&http, "en", &good()).await.status,
        201,
        "the entry without the mistakes is taken"
    );
    place.drained().await;
    assert_eq!(place.braze.history().arrivals.len(), 1);
    place.server.stop().await;
}

both!(
    wrong_answers,
    every_wrong_answer_is_refused_with_its_field_and_a_remedy
);

async fn a_browser_gets_the_form_back_with_what_was_typed(database: TestDatabase) {
    let place = Place::on(database).await;
    let http = place.http();
    let reply = http
        .form(
            &entries_of("everything"),
            "email=ann&scoops=99&nickname=%3Cb%3EAnnie%3C%2Fb%3E",
        )
        .await;
    assert_eq!(reply.status, 422);
    assert!(
        reply.header("content-type").starts_with("text/html"),
        "{reply:?}"
    );
    let page = reply.text();
    assert!(
        page.contains("value=\"ann\"") && page.contains("value=\"99\""),
        "what was typed is gone"
    );
    assert!(!page.contains("<b>Annie"), "what was typed became markup");
    for field in ["email", "scoops", "nickname", "agreed"] {
        assert!(
            page.contains(&format!("#field-{field}")),
            "the summary does not lead to {field}"
        );
        assert!(
            page.contains(&format!("field-{field}-error")),
            "no message at {field}"
        );
    }
    // Twice the same field: which of the two was meant?
    let reply = http
        .form(
            &entries_of("welcome"),
            "email=a%40example.org&email=b%40example.org",
        )
        .await;
    assert_eq!(reply.status, 422, "{}", reply.text());
    let reply = http
        .send(
            "POST",
            &entries_of("welcome"),
            &[("content-type", "application/x-www-form-urlencoded")],
            vec![b'e', 0xff, b'='],
        )
        .await;
    assert_eq!(reply.status, 400, "{}", reply.text());
    for body in [
        "",
        "&&&",
        "email",
        "=",
        "email=%",
        "email=%00",
        "email=%ff%40example.org",
        "play_id=nope&email=ann%40example.org",
    ] {
        let reply = http.form(&entries_of("welcome"), body).await;
        assert_eq!(reply.status, 422, "{body}: {}", reply.text());
    }
    assert_eq!(
        (
            place.entries("everything").await,
            place.entries("welcome").await
        ),
        (0, 0)
    );
    place.server.stop().await;
}

both!(
    forms_of_browsers,
    a_browser_gets_the_form_back_with_what_was_typed
);

async fn who_may_not_enter_is_told_why(database: TestDatabase) {
    let place = Place::on(database).await;
    let http = place.http();
    let ann = entry("ann@example.org");
    assert_eq!(http.json(&entries_of("welcome"), &ann).await.status, 201);
    for again in [ann.clone(), entry("  ANN@example.org ")] {
        let problem = http
            .json(&entries_of("welcome"), &again)
            .await
            .is_problem(409);
        assert_eq!(problem["type"], "urn:komo:problem:already-entered");
    }
    let page = http
        .form(&entries_of("welcome"), "email=ann%40example.org")
        .await;
    assert_eq!(page.status, 409);
    assert!(page.header("content-type").starts_with("text/html"));
    http.json(&entries_of("over"), &ann).await.is_problem(410);
    assert_eq!(
        http.form(&entries_of("over"), "email=ann%40example.org")
            .await
            .status,
        410
    );
    http.json(&entries_of("soon"), &ann).await.is_problem(403);
    assert_eq!(
        http.form(&entries_of("soon"), "email=ann%40example.org")
            .await
            .status,
        403
    );
    http.json(&entries_of("unborn"), &ann).await.is_problem(404);
    http.json(&entries_of("cone-or-cup"), &ann)
        .await
        .is_problem(404);
    // A play that was never made can't be what the form belongs to.
    let unplayed =
        json!({"fields": {"email": "ann@example.org"}, "play_id": crate::harness::play_id()});
    http.json(&entries_of("flavour-poll"), &unplayed)
        .await
        .is_problem(409);
    for (card, entries) in [
        ("welcome", 1),
        ("over", 0),
        ("soon", 0),
        ("flavour-poll", 0),
    ] {
        assert_eq!(place.entries(card).await, entries, "{card}");
    }
    place.server.stop().await;
}

both!(refusals, who_may_not_enter_is_told_why);

async fn the_limits_of_a_card_hold(database: TestDatabase) {
    let place = Place::on(database).await;
    let http = place.http();
    let ann = entry("ann@example.org");
    // Twice in any 24 hours.
    for status in [201, 201, 409] {
        assert_eq!(
            http.json(&entries_of("twice-a-day"), &ann).await.status,
            status
        );
    }
    let problem = http
        .json(&entries_of("twice-a-day"), &ann)
        .await
        .is_problem(409);
    assert!(
        problem["again_at"]
            .as_str()
            .is_some_and(|at| at.contains('T')),
        "{problem}"
    );
    // Once in each slot.
    assert_eq!(http.json(&entries_of("slots"), &ann).await.status, 201);
    let problem = http.json(&entries_of("slots"), &ann).await.is_problem(409);
    assert_eq!(
        problem["again_at"], "2028-09-27T00:00:00.000Z",
        "the start of the next slot"
    );
    assert_eq!(
        http.json(&entries_of("slots"), &entry("bea@example.org"))
            .await
            .status,
        201,
        "another person has a limit of her own"
    );
    // As often as one likes, and a person's fiftieth tab gains nothing where once is once.
    for _ in 0..5 {
        assert_eq!(http.json(&entries_of("diary"), &ann).await.status, 201);
    }
    let mut tabs = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let http = place.http();
        tabs.spawn(async move {
            http.json(&entries_of("welcome"), &entry("tabs@example.org"))
                .await
                .status
        });
    }
    let mut statuses = tabs.join_all().await;
    statuses.sort_unstable();
    assert_eq!((statuses[0], statuses[1], statuses[49]), (201, 409, 409));
    for (card, entries) in [
        ("twice-a-day", 2),
        ("slots", 2),
        ("diary", 5),
        ("welcome", 1),
    ] {
        assert_eq!(place.entries(card).await, entries, "{card}");
    }
    place.server.stop().await;
}

both!(limits_per_person, the_limits_of_a_card_hold);
