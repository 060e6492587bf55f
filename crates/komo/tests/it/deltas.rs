//! What Braze has already is not sent again, from the form to the profile; and everything is when that is asked for.

use serde_json::{Value, json};
use store::{sent, testing::TestDatabase};

use crate::harness::{Braze, Place, connections, entries_of, hub};

/// The attributes objects of all calls that took effect, without who they are for.
fn attributes(place: &Place) -> Vec<Value> {
    let requests = place.braze.sandbox.requests();
    let tracks = requests.iter().filter(|it| it.path == "/users/track");
    tracks
        .filter_map(|it| it.body.as_deref())
        .flat_map(|body| {
            let body: Value = serde_json::from_slice(body).unwrap();
            body["attributes"].as_array().cloned().unwrap_or_default()
        })
        .map(|mut object| {
            let members = object.as_object_mut().unwrap();
            members.remove("user_alias");
            members.remove("_update_existing_only");
            object
        })
        .collect()
}

async fn enter(place: &Place, page: &str) {
    let body = json!({"fields": {"email": "ann@example.org", "page": page}});
    let answer = place.http().json(&entries_of("diary"), &body).await;
    assert_eq!(answer.status, 201);
    place.drained().await;
}

async fn unchanged_values_stay_and_a_full_resend_sends_them_all(database: TestDatabase) {
    let place = Place::on(database).await;
    enter(&place, "one").await;
    enter(&place, "one").await;
    enter(&place, "two").await;
    let both = |page: &str| json!({"email": "ann@example.org", "last_page": page});
    assert_eq!(
        attributes(&place),
        [both("one"), json!({"last_page": "two"})],
        "the second entry told nothing new"
    );
    let profile = || {
        place
            .braze
            .sandbox
            .profile_by_alias("komo_email", "ann@example.org")
            .unwrap()
    };
    assert_eq!(profile().custom_attributes["last_page"], "two");
    assert_eq!(
        profile().custom_events["komo_entry"].count,
        3,
        "events are always sent"
    );

    let connection = connections(place.store()).await[0].id;
    let saved = place
        .store()
        .read(move |tx| Box::pin(sent::saved(tx, connection)))
        .await
        .unwrap();
    assert_eq!(saved, 3, "e-mail and page, then the e-mail");

    // Somebody has cleaned up in Braze; one action puts it right as people come back.
    place
        .store()
        .write(move |tx| Box::pin(sent::resend_all(tx, connection)))
        .await
        .unwrap();
    place.server.hubs.refresh(place.store()).await.unwrap();
    enter(&place, "two").await;
    assert_eq!(attributes(&place).last(), Some(&both("two")));
    enter(&place, "two").await;
    assert_eq!(attributes(&place).len(), 3);
}
both!(
    deltas,
    unchanged_values_stay_and_a_full_resend_sends_them_all
);

async fn somebody_who_is_recognised_later_keeps_one_profile(database: TestDatabase) {
    let braze = Braze::start().await;
    let mut doc = hub(&braze.endpoint());
    doc.connections[0].user = serde_json::from_value(json!({
        "by": "external_id", "from": "param:komo_e:cid", "identify": true,
        "otherwise": [{"by": "alias", "label": "komo_email", "from": "field:email"}],
    }))
    .unwrap();
    let place = Place::with_hub(database, braze, doc, |_| {}).await;
    enter(&place, "one").await;
    let known = json!({"fields": {"email": "ann@example.org", "page": "two"}});
    let address = format!("{}?komo_e:cid=c-1", entries_of("diary"));
    assert_eq!(place.http().json(&address, &known).await.status, 201);
    place.drained().await;

    let sandbox = &place.braze.sandbox;
    assert_eq!(sandbox.profile_count(), 1, "the two are one");
    let profile = sandbox.profile("c-1").unwrap();
    assert_eq!(profile.custom_attributes["last_page"], "two");
    assert_eq!(profile.custom_events["komo_entry"].count, 2);
    let calls = sandbox.requests();
    let paths: Vec<&str> = calls.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(paths, ["/users/track", "/users/identify", "/users/track"]);
}
both!(
    identified_later,
    somebody_who_is_recognised_later_keeps_one_profile
);
