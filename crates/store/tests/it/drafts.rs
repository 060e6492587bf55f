//! Drafts, tried on both databases: every step can be taken back exactly, and nobody overwrites what they have not seen.

use engage::{
    ids::{HubId, MemberId, WorkspaceId},
    time::Millis,
};
use store::{
    Store,
    hubs::{self, Hub, drafts},
    testing::TestDatabase,
};
use uuid::Uuid;

fn member() -> MemberId {
    MemberId::from_uuid(Uuid::from_u128(9))
}

async fn hub(store: &Store) -> Hub {
    store
        .write(|tx| {
            Box::pin(async move {
                let id = WorkspaceId::from_uuid(Uuid::from_u128(1));
                let workspace = hubs::first_workspace(tx, id, "Test", Millis(1)).await?;
                if let Some(hub) = hubs::find(tx, workspace, "test").await? {
                    return Ok(hub);
                }
                let ids = hubs::NewIds {
                    hub: HubId::from_uuid(Uuid::from_u128(2)),
                    cards: Vec::new(),
                    connections: Vec::new(),
                    keep_connections: true,
                };
                hubs::save(tx, workspace, "test", "0", ids, Millis(1)).await?;
                Ok(hubs::find(tx, workspace, "test").await?.unwrap())
            })
        })
        .await
        .unwrap()
}

async fn change(
    store: &Store,
    seen: Hub,
    document: &str,
    words: &str,
    joins: bool,
    now: i64,
) -> bool {
    let change = drafts::Change {
        document: document.to_owned(),
        words: words.to_owned(),
        member: member(),
        joins,
    };
    store
        .write(move |tx| {
            Box::pin(async move { drafts::change(tx, &seen, change, Millis(now)).await })
        })
        .await
        .unwrap()
}

async fn turn(store: &Store, back: bool) -> Option<String> {
    let seen = hub(store).await;
    store
        .write(move |tx| {
            Box::pin(async move {
                if back {
                    drafts::undo(tx, &seen, Millis(1)).await
                } else {
                    drafts::redo(tx, &seen, Millis(1)).await
                }
            })
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn every_step_is_taken_back_and_made_again_exactly() {
    for database in TestDatabase::both() {
        let store = database.open().await;
        for number in 1..=110 {
            let seen = hub(&store).await;
            let words = format!("Step {number}");
            assert!(change(&store, seen, &number.to_string(), &words, false, number).await);
        }
        for number in (1..=110).rev() {
            assert_eq!(turn(&store, true).await, Some(format!("Step {number}")));
            assert_eq!(hub(&store).await.draft, (number - 1).to_string());
        }
        assert_eq!(turn(&store, true).await, None, "the beginning");
        assert_eq!(turn(&store, false).await, Some("Step 1".to_owned()));
        assert_eq!(turn(&store, false).await, Some("Step 2".to_owned()));
        assert_eq!(hub(&store).await.draft, "2");
        let seen = hub(&store).await;
        assert!(change(&store, seen, "other", "Other", false, 200).await);
        assert_eq!(
            turn(&store, false).await,
            None,
            "a new step ends what was taken back"
        );
        assert_eq!(turn(&store, true).await, Some("Other".to_owned()));
        store.close().await;
    }
}

#[tokio::test]
async fn what_somebody_else_saved_meanwhile_is_not_overwritten() {
    for database in TestDatabase::both() {
        let store = database.open().await;
        let seen = hub(&store).await;
        assert!(change(&store, seen.clone(), "theirs", "Theirs", false, 1).await);
        assert!(!change(&store, seen, "mine", "Mine", false, 1).await);
        assert_eq!(hub(&store).await.draft, "theirs");
        store.close().await;
    }
}

#[tokio::test]
async fn typing_is_one_step_and_an_import_is_one_to_go_back_to() {
    for database in TestDatabase::both() {
        let store = database.open().await;
        for (document, now) in [("H", 1_000), ("Hi", 2_000), ("Hi!", 90_000)] {
            let seen = hub(&store).await;
            assert!(change(&store, seen, document, "Change title", true, now).await);
        }
        let workspace = hub(&store).await.workspace;
        store
            .write(move |tx| {
                Box::pin(async move {
                    let ids = hubs::NewIds {
                        hub: HubId::from_uuid(Uuid::from_u128(2)),
                        cards: Vec::new(),
                        connections: Vec::new(),
                        keep_connections: true,
                    };
                    hubs::save(tx, workspace, "test", "imported", ids, Millis(1)).await
                })
            })
            .await
            .unwrap();
        let seen = hub(&store).await;
        assert!(change(&store, seen, "edited", "Change title", true, 91_000).await);
        for (words, draft) in [
            ("Change title", "imported"),
            ("", "Hi!"),
            ("Change title", "Hi"),
            ("Change title", "0"),
        ] {
            assert_eq!(turn(&store, true).await, Some(words.to_owned()));
            assert_eq!(hub(&store).await.draft, draft);
        }
        store.close().await;
    }
}
