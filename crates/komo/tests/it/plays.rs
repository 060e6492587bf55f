//! Polls from outside: the play, its moves, its results, and what of it reaches Braze; with scripts and without.

use serde_json::{Value, json};
use store::testing::TestDatabase;

use crate::{
    harness::{Place, entries_of, eventually, play_id},
    http::Http,
};

/// Starts a play and answers a card's poll.
async fn vote(http: &Http, card: &str, option: &str) -> (String, Value) {
    let started = http
        .json(&format!("/h/test/c/{card}/plays"), &json!({}))
        .await;
    assert_eq!(started.status, 201, "{}", started.text());
    let play = started.json()["play_id"].as_str().unwrap().to_owned();
    let moved = http
        .json(
            started.json()["moves"].as_str().unwrap(),
            &json!({"option": option}),
        )
        .await;
    assert_eq!(moved.status, 200, "{}", moved.text());
    (play, moved.json())
}

fn votes(stand: &Value) -> Vec<(String, u64)> {
    let rows = stand["results"].as_array().unwrap().iter();
    rows.map(|row| {
        (
            row["option"].as_str().unwrap().to_owned(),
            row["votes"].as_u64().unwrap(),
        )
    })
    .collect()
}

async fn an_answer_before_the_form_reaches_braze_with_the_entry(database: TestDatabase) {
    let place = Place::on(database).await;
    let http = place.http();
    let (play, stand) = vote(&http, "flavour-poll", "fig").await;
    assert_eq!(
        (stand["finished"].as_bool(), stand["next"].as_str()),
        (Some(true), Some("form"))
    );
    assert_eq!(stand["outcome"]["answer:flavour"], "fig");
    assert_eq!(
        votes(&stand),
        [
            ("pistachio".into(), 0),
            ("fig".into(), 1),
            ("lemon".into(), 0)
        ]
    );

    let moves = format!("/h/test/c/flavour-poll/plays/{play}/moves");
    // A vote is cast once: neither a repetition nor a change of mind counts.
    for option in ["fig", "lemon"] {
        let again = http.json(&moves, &json!({"option": option})).await;
        assert_eq!(
            (again.status, &again.json()["outcome"]["answer:flavour"]),
            (200, &json!("fig"))
        );
        assert_eq!(votes(&again.json())[1], ("fig".into(), 1));
        assert_eq!(votes(&again.json())[2], ("lemon".into(), 0));
    }
    let fresh = http
        .json("/h/test/c/flavour-poll/plays", &json!({}))
        .await
        .json();
    http.json(
        fresh["moves"].as_str().unwrap(),
        &json!({"option": "bucket"}),
    )
    .await
    .is_problem(422);
    http.json(
        &format!("/h/test/c/flavour-poll/plays/{}/moves", play_id()),
        &json!({"option": "fig"}),
    )
    .await
    .is_problem(404);
    http.json(
        &format!("/h/test/c/cone-or-cup/plays/{play}/moves"),
        &json!({"option": "cone"}),
    )
    .await
    .is_problem(404);

    let entry = json!({"fields": {"email": "ann@example.org"}, "consents": {"newsletter": true}, "play_id": play});
    let first = http.json(&entries_of("flavour-poll"), &entry).await;
    assert_eq!(first.status, 201, "{}", first.text());
    let second = http.json(&entries_of("flavour-poll"), &entry).await;
    assert_eq!(
        (second.status, second.json()["entry_id"].clone()),
        (201, first.json()["entry_id"].clone()),
        "sent again"
    );
    let other = json!({"fields": {"email": "bea@example.org"}, "play_id": play});
    assert!(
        [409, 422].contains(&http.json(&entries_of("flavour-poll"), &other).await.status),
        "a play is one person's"
    );
    let unfinished = http
        .json("/h/test/c/flavour-poll/plays", &json!({}))
        .await
        .json();
    let early = json!({"fields": {"email": "cleo@example.org"}, "play_id": unfinished["play_id"]});
    http.json(&entries_of("flavour-poll"), &early)
        .await
        .is_problem(409);

    let show = http
        .send(
            "GET",
            &format!("/h/test/c/flavour-poll/plays/{play}"),
            &[],
            "",
        )
        .await;
    assert_eq!(
        (
            show.status,
            show.json()["next"].as_str().unwrap().to_owned()
        ),
        (200, "done".to_owned())
    );

    place.drained().await;
    let profile = place
        .braze
        .sandbox
        .profile_by_alias("komo_email", "ann@example.org")
        .unwrap();
    assert_eq!(profile.custom_attributes["voted_flavour"], "fig");
    assert_eq!(profile.text("email_subscribe"), Some("opted_in"));
    let event = &profile
        .happenings
        .iter()
        .find(|it| it.name == "komo_entry")
        .unwrap()
        .object;
    assert_eq!(event["properties"]["flavour"], "fig");
    assert_eq!(event["properties"]["card"], "flavour-poll");
    assert_eq!(place.braze.sandbox.profile_count(), 1);
    assert_eq!(place.entries("flavour-poll").await, 1);
    place.server.stop().await;
}

both!(
    form_at_the_end,
    an_answer_before_the_form_reaches_braze_with_the_entry
);

async fn everybodys_votes_add_up(database: TestDatabase) {
    let place = Place::on(database).await;
    let mut crowd = tokio::task::JoinSet::new();
    for person in 0..60_usize {
        let http = place.http();
        crowd.spawn(async move {
            let play = play_id();
            let option = if person.is_multiple_of(3) {
                "cup"
            } else {
                "cone"
            };
            // Twice at once, as an impatient finger does.
            let start = json!({"play_id": play});
            let moves = format!("/h/test/c/cone-or-cup/plays/{play}/moves");
            assert_eq!(
                http.json("/h/test/c/cone-or-cup/plays", &start)
                    .await
                    .status,
                201
            );
            assert_eq!(
                http.json("/h/test/c/cone-or-cup/plays", &start)
                    .await
                    .status,
                201,
                "asking for the same play again is no mistake"
            );
            let (movement, second) = (json!({"option": option}), Http::new(http.address()));
            let (one, two) =
                tokio::join!(http.json(&moves, &movement), second.json(&moves, &movement));
            assert_eq!((one.status, two.status), (200, 200));
            assert_eq!(
                one.json()["next"],
                "done",
                "a poll without a form ends with the vote"
            );
        });
    }
    crowd.join_all().await;
    let (_, stand) = vote(&place.http(), "cone-or-cup", "cone").await;
    assert_eq!(votes(&stand), [("cone".into(), 41), ("cup".into(), 20)]);
    let percent: u64 = stand["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["percent"].as_u64().unwrap())
        .sum();
    assert_eq!(percent, 100);
    assert_eq!(
        place.braze.sandbox.totals().requests,
        0,
        "nobody gave a name: nothing is sent"
    );
    place.server.stop().await;
}

both!(no_form, everybodys_votes_add_up);

async fn an_answer_after_the_form_follows_its_entry(database: TestDatabase) {
    let place = Place::on(database).await;
    let http = place.http();
    let play = play_id();
    // Nobody plays before the form.
    http.json("/h/test/c/name-first/plays", &json!({"play_id": play}))
        .await
        .is_problem(409);
    let entry = json!({"fields": {"email": "ann@example.org"}, "play_id": play});
    let reply = http.json(&entries_of("name-first"), &entry).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let entry_id = reply.json()["entry_id"].as_str().unwrap().to_owned();
    assert_eq!(
        http.json("/h/test/c/name-first/plays", &json!({"play_id": play}))
            .await
            .status,
        201
    );
    for option in ["nuts", "nuts", "cream"] {
        let moved = http
            .json(
                &format!("/h/test/c/name-first/plays/{play}/moves"),
                &json!({"option": option}),
            )
            .await;
        assert_eq!(moved.status, 200, "{}", moved.text());
        assert_eq!(moved.json()["outcome"]["answer:topping"], "nuts");
        assert_eq!(
            moved.json()["results"],
            json!([]),
            "the author keeps the results secret"
        );
    }
    place.drained().await;
    eventually("the answer arrived", || async {
        place
            .braze
            .sandbox
            .profile_by_alias("komo_email", "ann@example.org")
            .is_some_and(|it| it.custom_events.contains_key("komo_play"))
    })
    .await;
    let profile = place
        .braze
        .sandbox
        .profile_by_alias("komo_email", "ann@example.org")
        .unwrap();
    assert_eq!(profile.custom_attributes["topping"], "nuts");
    assert_eq!(
        (
            profile.custom_events["komo_entry"].count,
            profile.custom_events["komo_play"].count
        ),
        (1, 1)
    );
    let names: Vec<&str> = profile
        .happenings
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(names, ["komo_entry", "komo_play"]);
    assert_eq!(
        profile.happenings[1].object["properties"],
        json!({"topping": "nuts", "submission_id": entry_id})
    );
    place.server.stop().await;
}

both!(
    form_at_the_start,
    an_answer_after_the_form_follows_its_entry
);

/// The value of a hidden input.
pub(crate) fn hidden(page: &str, name: &str) -> String {
    let tag = page
        .split("<input")
        .map(|rest| rest.split('>').next().unwrap())
        .find(|tag| tag.contains(&format!("name=\"{name}\"")))
        .unwrap_or_else(|| panic!("no {name} in {page}"));
    tag.split("value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned()
}

async fn everything_works_without_scripts(database: TestDatabase) {
    let place = Place::on(database).await;
    let http = place.http();
    // Open, vote, see the results with the form beneath them, enter, read the thanks.
    let page = http.get("/h/test/c/flavour-poll?utm_source=poster").await;
    assert_eq!(page.status, 200);
    let play = hidden(&page.text(), "play_id");
    let voted = http
        .form(
            "/h/test/c/flavour-poll/plays?utm_source=poster",
            &format!("play_id={play}&option=lemon"),
        )
        .await;
    assert_eq!(voted.status, 303, "{}", voted.text());
    let next = voted.header("location").to_owned();
    assert!(
        next.contains("utm_source=poster") && next.contains(&play),
        "{next}"
    );
    let results = http.get(&next).await;
    assert!(
        results.text().contains("100") && results.text().contains("name=\"email\""),
        "results and form"
    );
    let reload = http
        .form(
            "/h/test/c/flavour-poll/plays",
            &format!("play_id={play}&option=fig"),
        )
        .await;
    assert_eq!(
        reload.status, 303,
        "a reload of the vote leads to the same place"
    );
    let entered = http
        .form(
            &entries_of("flavour-poll"),
            &format!("play_id={play}&email=ann%40example.org&newsletter=on"),
        )
        .await;
    assert_eq!(entered.status, 303, "{}", entered.text());
    let thanks = http
        .get(entered.header("location").split('#').next().unwrap())
        .await;
    assert!(
        thanks.text().contains("You will hear from us"),
        "{}",
        thanks.text()
    );
    let again = http
        .form(
            &entries_of("flavour-poll"),
            &format!("play_id={play}&email=ann%40example.org&newsletter=on"),
        )
        .await;
    assert_eq!(again.status, 303, "the browser's reload is the same entry");

    // A form-only card.
    let page = http.get("/h/test/c/welcome").await;
    let play = hidden(&page.text(), "play_id");
    let entered = http
        .form(
            &entries_of("welcome"),
            &format!("play_id={play}&email=ann%40example.org&first_name=Ann"),
        )
        .await;
    assert_eq!(entered.status, 303);
    assert!(
        http.get(entered.header("location").split('#').next().unwrap())
            .await
            .text()
            .contains("Grazie!")
    );

    // Nothing chosen.
    let empty = http.form("/h/test/c/cone-or-cup/plays", "").await;
    assert_eq!(empty.status, 422);
    assert!(empty.header("content-type").starts_with("text/html"));

    place.drained().await;
    let profile = place
        .braze
        .sandbox
        .profile_by_alias("komo_email", "ann@example.org")
        .unwrap();
    assert_eq!(
        (
            profile.text("first_name"),
            &profile.custom_attributes["voted_flavour"]
        ),
        (Some("Ann"), &json!("lemon"))
    );
    assert_eq!(profile.custom_events["komo_entry"].count, 2);
    assert_eq!(
        (
            place.entries("flavour-poll").await,
            place.entries("welcome").await
        ),
        (1, 1)
    );
    place.server.stop().await;
}

both!(without_scripts, everything_works_without_scripts);
