//! PostgreSQL hands numbers out before commit: rows of the log can become visible out of the order of their numbers. Told with two
//! transactions that are held open by hand.

use engage::ids::{ConnectionId, HubId, WorkspaceId};
use engage::time::Millis;
use store::{Store, hubs, outbox, testing::TestDatabase};
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

async fn client(database: &TestDatabase) -> Client {
    let (client, connection) = tokio_postgres::connect(&database.url(), NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    client
}

async fn lane(store: &Store) -> i64 {
    store
        .write(|tx| {
            Box::pin(async move {
                let id = WorkspaceId::from_uuid(Uuid::now_v7());
                let workspace = hubs::first_workspace(tx, id, "Test", Millis(1)).await?;
                let connection = ConnectionId::from_uuid(Uuid::now_v7());
                let ids = hubs::NewIds {
                    hub: HubId::from_uuid(Uuid::now_v7()),
                    cards: Vec::new(),
                    connections: vec![hubs::NewConnection {
                        id: connection,
                        key: "braze".into(),
                        document: "{}".into(),
                    }],
                    keep_connections: false,
                };
                hubs::save(tx, workspace, "test", "{}", ids, Millis(1)).await?;
                outbox::lanes(tx, connection).await
            })
        })
        .await
        .unwrap()[0]
}

/// Begins a transaction the way the product does (first an id, then the number) and inserts one row.
async fn begin_and_insert(client: &Client, lane: i64, attributes: &str) {
    client
        .batch_execute("BEGIN; SELECT pg_current_xact_id()")
        .await
        .unwrap();
    client
        .execute(
            "INSERT INTO deliveries (lane_id, contact_id, attributes, events, event_count, purchases, purchase_count, created_at) VALUES ($1, $2, $3, '', 0, '', 0, 1)",
            &[&lane, &Uuid::now_v7(), &attributes],
        )
        .await
        .unwrap();
}

async fn seen(store: &Store, lane: i64) -> (Vec<String>, bool) {
    let rows = outbox::read(store, lane, 0, 100).await.unwrap();
    let texts = rows.items.iter().filter_map(|it| it.attributes.as_deref());
    (texts.map(str::to_owned).collect(), rows.soon)
}

#[tokio::test]
async fn a_row_is_never_passed_that_has_its_number_but_not_yet_its_commit() {
    let database = TestDatabase::postgres();
    let store = database.open().await;
    let lane = lane(&store).await;
    let (early, late) = (client(&database).await, client(&database).await);
    begin_and_insert(&early, lane, "first number, last commit").await;
    begin_and_insert(&late, lane, "second number, first commit").await;
    assert_eq!(seen(&store, lane).await.0, Vec::<String>::new());
    late.batch_execute("COMMIT").await.unwrap();
    let (rows, soon) = seen(&store, lane).await;
    assert_eq!(
        rows,
        Vec::<String>::new(),
        "the later number must wait for the earlier one"
    );
    assert!(soon, "and the reader knows that something is on its way");
    early.batch_execute("COMMIT").await.unwrap();
    let both = ["first number, last commit", "second number, first commit"];
    assert_eq!(
        seen(&store, lane).await.0,
        both,
        "in the order of their numbers"
    );
    store.close().await;
}

#[tokio::test]
async fn a_number_that_was_given_back_holds_nobody_up() {
    let database = TestDatabase::postgres();
    let store = database.open().await;
    let lane = lane(&store).await;
    let (early, late) = (client(&database).await, client(&database).await);
    begin_and_insert(&early, lane, "never").await;
    begin_and_insert(&late, lane, "kept").await;
    late.batch_execute("COMMIT").await.unwrap();
    assert_eq!(seen(&store, lane).await.0, Vec::<String>::new());
    early.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(seen(&store, lane).await.0, ["kept"]);
    store.close().await;
}

#[tokio::test]
async fn news_never_skips_a_lane_whose_row_comes_late() {
    let database = TestDatabase::postgres();
    let store = database.open().await;
    let lane = lane(&store).await;
    let (early, late) = (client(&database).await, client(&database).await);
    begin_and_insert(&early, lane, "early").await;
    begin_and_insert(&late, lane + 1, "late").await;
    late.batch_execute("COMMIT").await.unwrap();
    let (lanes, next) = outbox::news(&store, 0).await.unwrap();
    assert_eq!(lanes, [lane + 1]);
    early.batch_execute("COMMIT").await.unwrap();
    let (lanes, _) = outbox::news(&store, next).await.unwrap();
    assert!(lanes.contains(&lane), "{lanes:?} after {next}");
    store.close().await;
}
