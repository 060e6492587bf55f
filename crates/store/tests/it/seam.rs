use std::future::Future;

use engage::{ids::WorkspaceId, time::Millis};
use store::{Address, BatchOp, Batcher, Body, StoreError, Tx, hubs, testing::TestDatabase};
use uuid::Uuid;

fn workspace() -> WorkspaceId {
    WorkspaceId::from_uuid(Uuid::from_u128(7))
}

#[tokio::test]
async fn what_a_failing_body_wrote_is_gone_and_its_neighbours_stay() {
    for database in TestDatabase::both() {
        let store = database.open().await;
        let failing = store.write(|tx| {
            Box::pin(async move {
                hubs::first_workspace(tx, workspace(), "lost", Millis(1)).await?;
                Err::<(), _>(StoreError::Corrupt("on purpose".into()))
            })
        });
        let fine = store.write(|tx| Box::pin(async move { hubs::version(tx).await }));
        let (failing, fine) = tokio::join!(failing, fine);
        assert!(
            matches!(failing, Err(StoreError::Corrupt(_))),
            "{failing:?}"
        );
        assert!(fine.is_ok());
        let other = WorkspaceId::from_uuid(Uuid::from_u128(8));
        let first = store.write(move |tx| {
            Box::pin(async move { hubs::first_workspace(tx, other, "kept", Millis(2)).await })
        });
        assert_eq!(
            first.await.unwrap(),
            other,
            "the failing body's workspace was rolled back"
        );
    }
}

#[tokio::test]
async fn a_body_that_waits_for_anything_but_the_database_fails() {
    let database = TestDatabase::sqlite();
    let store = database.open().await;
    let outcome = store
        .write(|tx| {
            Box::pin(async move {
                hubs::version(tx).await?;
                tokio::task::yield_now().await;
                Ok(())
            })
        })
        .await;
    assert!(
        matches!(outcome, Err(StoreError::AwaitedOutside)),
        "{outcome:?}"
    );
    assert!(
        store.write(|tx| Box::pin(hubs::version(tx))).await.is_ok(),
        "the writer goes on"
    );
}

#[tokio::test]
async fn a_panic_in_a_body_fails_that_transaction_and_the_next_one_works() {
    for database in TestDatabase::both() {
        let store = database.open().await;
        let outcome = store
            .write(|_| Box::pin(async move { panic!("on purpose") as store::Result<()> }))
            .await;
        assert!(outcome.is_err());
        assert!(
            store.write(|tx| Box::pin(hubs::version(tx))).await.is_ok(),
            "on {}",
            database.url()
        );
    }
}

/// Makes a workspace an item; an odd item breaks a rule of the schema.
enum Fussy {}

impl BatchOp for Fussy {
    type Item = u128;
    type Verdict = u128;

    fn run<'a>(tx: &'a mut Tx, items: &'a [u128]) -> Body<'a, Vec<u128>> {
        Box::pin(async move {
            for item in items {
                let hub = engage::ids::HubId::from_uuid(Uuid::from_u128(*item));
                // A publication of a hub that does not exist breaks a foreign key at once.
                if item % 2 == 1 {
                    hubs::publish(tx, hub, "{}", "hash", Millis(1)).await?;
                }
            }
            Ok(items.to_vec())
        })
    }
}

#[tokio::test]
async fn a_failing_item_of_a_batch_fails_alone() {
    for database in TestDatabase::both() {
        let store = database.open().await;
        let line = Batcher::<Fussy>::new(&store);
        let mut waiting = tokio::task::JoinSet::new();
        for item in 0..64_u128 {
            let line = line.clone();
            waiting.spawn(async move { (item, line.submit(item).await) });
        }
        while let Some(done) = waiting.join_next().await {
            let (item, verdict) = done.unwrap();
            match verdict {
                Ok(answer) => assert_eq!((answer, item % 2), (item, 0), "an odd item passed"),
                Err(error) => assert_eq!(
                    (item % 2, matches!(error, StoreError::Conflict(_))),
                    (1, true),
                    "{error}"
                ),
            }
        }
    }
}

#[test]
fn a_slip_in_the_address_names_the_choices_instead_of_making_a_new_database() {
    for slip in [
        "komo.db",
        "postgre://host/db",
        "mysql://host/db",
        "",
        "sqlite:",
    ] {
        let error = Address::parse(slip).unwrap_err().to_string();
        assert!(error.contains("sqlite:/path/to/komo.db"), "{slip}: {error}");
    }
    assert!(Address::parse("sqlite:///var/lib/komo.db").is_ok());
    assert!(Address::parse("postgresql://localhost/komo").is_ok());
}

/// Two writes share a commit, and the commit comes to nothing because one of them panics: the other must not hear that it was stored.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_shares_a_commit_that_came_to_nothing_is_not_told_that_it_was_stored() {
    let database = TestDatabase::sqlite();
    let store = database.open().await;
    let (release, held) = std::sync::mpsc::channel::<()>();
    let (began, mut begun) = tokio::sync::mpsc::channel(1);
    // The writer is kept busy, so that the two queue up for one commit.
    let first = tokio::spawn({
        let store = store.clone();
        async move {
            store
                .write(move |_| {
                    Box::pin(async move {
                        let _ = began.try_send(());
                        let _ = held.recv();
                        Ok(())
                    })
                })
                .await
        }
    });
    begun.recv().await.unwrap();
    let mut good = std::pin::pin!(store.write(|tx| {
        Box::pin(async move { hubs::first_workspace(tx, workspace(), "Kept?", Millis(1)).await })
    }));
    let mut bad =
        std::pin::pin!(store.write::<(), _>(|_| Box::pin(async { panic!("on purpose") })));
    // Polled once, both are in the queue.
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(good.as_mut().poll(&mut context).is_pending());
    assert!(bad.as_mut().poll(&mut context).is_pending());
    release.send(()).unwrap();
    first.await.unwrap().unwrap();
    let (good, bad) = tokio::join!(good, bad);
    assert!(bad.is_err());
    let found = store
        .write(|tx| {
            Box::pin(async move {
                let other = WorkspaceId::from_uuid(Uuid::from_u128(99));
                hubs::first_workspace(tx, other, "Other", Millis(1)).await
            })
        })
        .await
        .unwrap();
    assert_eq!(
        good.is_ok(),
        found == workspace(),
        "what is told is what is stored"
    );
}
