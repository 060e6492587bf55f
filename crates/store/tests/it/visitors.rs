use engage::{
    form::Told,
    ids::{ContactId, WorkspaceId},
    time::Millis,
};
use serde_json::json;
use store::{
    Store,
    testing::TestDatabase,
    visitors::{self, Heard},
};
use uuid::Uuid;

const BROWSER: [u8; 32] = [7; 32];

fn workspace(number: u128) -> WorkspaceId {
    WorkspaceId::from_uuid(Uuid::from_u128(number))
}

async fn hear(store: &Store, contact: u128, told: &serde_json::Value, now: i64) {
    let heard = Heard {
        workspace: workspace(1),
        token_hash: BROWSER,
        contact: ContactId::from_uuid(Uuid::from_u128(contact)),
        identified: told.get("email").is_some(),
        told: told.as_object().unwrap().clone(),
        now: Millis(now),
    };
    store
        .write(move |tx| Box::pin(async move { visitors::remember(tx, &heard).await }))
        .await
        .unwrap();
}

async fn told(store: &Store, of: u128, browser: [u8; 32]) -> Told {
    store
        .read(move |tx| Box::pin(visitors::told(tx, workspace(of), browser)))
        .await
        .unwrap()
}

fn object(json: &serde_json::Value) -> Told {
    json.as_object().unwrap().clone()
}

#[tokio::test]
async fn a_browser_is_told_what_was_typed_in_it_and_no_other_is() {
    for database in TestDatabase::both() {
        let store = database.open().await;
        hear(&store, 1, &json!({ "email": "ann@example.org" }), 1).await;
        hear(
            &store,
            1,
            &json!({ "email": "ann@example.org", "country": "IT" }),
            2,
        )
        .await;
        let both = object(&json!({ "email": "ann@example.org", "country": "IT" }));
        assert_eq!(told(&store, 1, BROWSER).await, both);
        assert_eq!(told(&store, 1, [8; 32]).await, Told::new());
        assert_eq!(
            told(&store, 2, BROWSER).await,
            Told::new(),
            "another workspace"
        );
        store
            .write(|tx| Box::pin(visitors::forget(tx, workspace(1), BROWSER)))
            .await
            .unwrap();
        assert_eq!(told(&store, 1, BROWSER).await, Told::new());
    }
}

#[tokio::test]
async fn when_somebody_else_enters_in_a_browser_the_answers_of_the_one_before_are_gone() {
    for database in TestDatabase::both() {
        let store = database.open().await;
        hear(
            &store,
            1,
            &json!({ "email": "ann@example.org", "birthday": "1990-02-03" }),
            1,
        )
        .await;
        hear(&store, 2, &json!({ "email": "bob@example.org" }), 2).await;
        let bob = object(&json!({ "email": "bob@example.org" }));
        assert_eq!(told(&store, 1, BROWSER).await, bob);
    }
}

#[tokio::test]
async fn answers_from_before_a_person_says_who_they_are_count_as_theirs() {
    for database in TestDatabase::both() {
        let store = database.open().await;
        // Each entry without a name makes a contact of its own.
        hear(&store, 1, &json!({ "first_name": "Ann" }), 1).await;
        hear(&store, 2, &json!({ "country": "IT" }), 2).await;
        hear(&store, 3, &json!({ "email": "ann@example.org" }), 3).await;
        hear(&store, 4, &json!({ "last_name": "Rossi" }), 4).await;
        let all = json!({ "first_name": "Ann", "country": "IT", "email": "ann@example.org", "last_name": "Rossi" });
        assert_eq!(told(&store, 1, BROWSER).await, object(&all));
    }
}

#[tokio::test]
async fn browsers_that_have_not_entered_for_long_are_forgotten() {
    for database in TestDatabase::both() {
        let store = database.open().await;
        hear(&store, 1, &json!({ "email": "ann@example.org" }), 100).await;
        assert_eq!(visitors::purge(&store, Millis(100)).await.unwrap(), 0);
        assert_eq!(visitors::purge(&store, Millis(101)).await.unwrap(), 1);
        assert_eq!(told(&store, 1, BROWSER).await, Told::new());
    }
}
