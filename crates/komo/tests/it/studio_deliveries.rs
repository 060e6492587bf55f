//! The page of a connection's deliveries: what its filters show is what is sent again, and nothing else.

use serde_json::json;
use store::{
    accounts::Role,
    ledger::{Filter, State},
    testing::TestDatabase,
};

use crate::{
    again::{GROUP, change},
    harness::{Braze, Place, all_rows, connections, entries_of, hub},
    plays::hidden,
    studio::{Browser, PASSWORD, form, member},
};

const BUTTON: &str = "Send what these filters show again";

async fn signed_in(place: &Place, role: Role, word: &str) -> Browser {
    let workspace = connections(place.store()).await[0].workspace;
    member(place.store(), workspace, role, word).await;
    let browser = Browser::new(place);
    let reply = browser
        .sign_in(&format!("{word}@example.com"), PASSWORD)
        .await;
    assert_eq!(reply.status, 303, "{}", reply.text());
    browser
}

/// Presses the button of a page that shows these filters, with what the page itself would send.
async fn press(browser: &Browser, base: &str, filters: &str) -> String {
    let page = browser.get(&format!("{base}?{filters}")).await.text();
    assert!(page.contains(BUTTON), "{filters}: {page}");
    let shown = page.split("/replays").nth(1).unwrap();
    let mut pairs: Vec<(&str, String)> = ["state", "reason", "card", "time", "who"]
        .map(|name| (name, hidden(shown, name)))
        .into();
    pairs.push(("all", "matching".to_owned()));
    let pairs: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(name, it)| (*name, it.as_str()))
        .collect();
    let reply = browser
        .post(&format!("{base}/replays"), &form(&pairs))
        .await;
    assert_eq!(reply.status, 303, "{}", reply.text());
    let page = browser.get(reply.header("location")).await;
    assert_eq!(page.status, 200);
    page.text()
}

/// How many deliveries are in a state.
async fn standing(place: &Place, state: State) -> usize {
    let row = connections(place.store()).await.remove(0);
    let filter = Filter {
        state: Some(state),
        ..Filter::default()
    };
    all_rows(place.store(), row.workspace, row.id, filter)
        .await
        .len()
}

async fn only_what_the_filters_show_is_sent_again(database: TestDatabase) {
    let braze = Braze::start().await;
    // Braze knows some groups, but not this one.
    braze.sandbox.set(|settings| {
        settings.subscription_groups = serde_json::from_value(json!([
            {"id": "11111111-2222-4333-8444-555555555555", "name": "Letter", "channel": "email"}
        ]))
        .unwrap();
    });
    let mut doc = hub(&braze.endpoint());
    doc.connections[0].consents[0].to = format!("group:{GROUP}");
    let place = Place::with_hub(database, braze, doc, |_| {}).await;
    let http = place.http();
    for (card, people) in [("welcome", 3), ("everything", 2)] {
        for n in 0..people {
            let mut consents = json!({"newsletter": true});
            if card == "everything" {
                consents["agreed"] = json!(true);
            }
            let email = format!("{card}{n}@example.org");
            let body = json!({"fields": {"email": email}, "consents": consents});
            let reply = http.json(&entries_of(card), &body).await;
            assert_eq!(reply.status, 201, "{}", reply.text());
        }
    }
    place.drained().await;
    assert_eq!(standing(&place, State::Parked).await, 5);
    let row = connections(place.store()).await.remove(0);
    let base = format!("/studio/connections/{}", row.id);
    change(place.store(), row, |doc| {
        doc.consents[0].to = "email_subscribe".into();
    })
    .await;

    let analyst = signed_in(&place, Role::Analyst, "analyst").await;
    let page = analyst.get(&format!("{base}?state=parked")).await.text();
    assert!(page.contains("subscription group") && !page.contains(BUTTON));
    let editor = signed_in(&place, Role::Editor, "editor").await;
    for nothing in ["", "state=delivered", "who=nobody@example.org"] {
        let page = editor.get(&format!("{base}?{nothing}")).await.text();
        assert!(!page.contains(BUTTON), "{nothing}");
    }
    // Made up by hand, for somebody whom nobody knows.
    let made_up = form(&[("all", "matching"), ("who", "nobody@example.org")]);
    let reply = editor.post(&format!("{base}/replays"), &made_up).await;
    assert_eq!(reply.status, 303);
    place.drained().await;
    assert_eq!(standing(&place, State::Parked).await, 5);

    let told = press(&editor, &base, "who=welcome1@example.org").await;
    assert!(told.contains("On its way again"), "{told}");
    place.drained().await;
    assert_eq!(standing(&place, State::Parked).await, 4);
    let subscribed = |alias: &str| {
        let profile = place.braze.sandbox.profile_by_alias("komo_email", alias);
        profile.is_some_and(|it| it.text("email_subscribe") == Some("opted_in"))
    };
    assert!(subscribed("welcome1@example.org") && !subscribed("welcome0@example.org"));

    press(
        &editor,
        &base,
        "state=parked&card=welcome&time=day&reason=subscription_group",
    )
    .await;
    place.drained().await;
    for n in 0..3 {
        assert!(subscribed(&format!("welcome{n}@example.org")));
    }
    assert!(!subscribed("everything0@example.org"));
    assert_eq!(standing(&place, State::Parked).await, 2);
    assert_eq!(standing(&place, State::Replaced).await, 3);

    // The filters still show those that went before, but nothing that could go again.
    let reply = editor
        .post(
            &format!("{base}/replays"),
            &form(&[("all", "matching"), ("card", "welcome")]),
        )
        .await;
    let page = editor.get(reply.header("location")).await.text();
    assert!(page.contains("Nothing there could be sent again"), "{page}");
    place.server.stop().await;
}
both!(matching, only_what_the_filters_show_is_sent_again);

async fn who_named_nobody_is_sent_again_once_the_mapping_says_how(database: TestDatabase) {
    let braze = Braze::start().await;
    let mut doc = hub(&braze.endpoint());
    let good = doc.connections[0].user.clone();
    doc.connections[0].user =
        serde_json::from_value(json!({"by": "external_id", "from": "param:komo_e:customer"}))
            .unwrap();
    let place = Place::with_hub(database, braze, doc, |_| {}).await;
    let http = place.http();
    for name in ["ann", "bea"] {
        let body = json!({"fields": {"email": format!("{name}@example.org")}});
        assert_eq!(http.json(&entries_of("welcome"), &body).await.status, 201);
    }
    place.drained().await;
    assert_eq!(standing(&place, State::Skipped).await, 2);
    assert_eq!(place.braze.sandbox.profile_count(), 0);

    let editor = signed_in(&place, Role::Editor, "editor").await;
    let row = connections(place.store()).await.remove(0);
    let base = format!("/studio/connections/{}", row.id);
    let page = editor.get(&format!("{base}?state=skipped")).await.text();
    assert!(page.contains("Never sendable") && page.contains("name=\"delivery\""));
    assert!(!page.contains("set aside again"), "nothing was set aside");
    change(place.store(), row, |doc| doc.user = good).await;
    press(&editor, &base, "state=skipped").await;
    place.drained().await;
    assert_eq!(standing(&place, State::Skipped).await, 0);
    assert_eq!(standing(&place, State::Delivered).await, 2);
    assert_eq!(place.braze.sandbox.profile_count(), 2);
    place.server.stop().await;
}
both!(
    skipped,
    who_named_nobody_is_sent_again_once_the_mapping_says_how
);
