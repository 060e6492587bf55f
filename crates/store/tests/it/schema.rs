use engage::time::Millis;
use store::{Options, StoreError, testing::TestDatabase};

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    for database in TestDatabase::both() {
        let store = database.open().await;
        assert_eq!(
            store::prepare_all(&store).await.unwrap(),
            [],
            "on {}",
            database.url()
        );
        store.close().await;
    }
}

#[tokio::test]
async fn both_databases_have_the_same_tables_columns_indexes_and_references() {
    let [sqlite, postgres] = TestDatabase::both();
    let ours = store::schema(&sqlite.open().await).await.unwrap();
    let theirs = store::schema(&postgres.open().await).await.unwrap();
    let only = |these: &[String], those: &[String]| {
        these
            .iter()
            .filter(|line| !those.contains(line))
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(only(&ours, &theirs), Vec::<String>::new(), "only in SQLite");
    assert_eq!(
        only(&theirs, &ours),
        Vec::<String>::new(),
        "only in PostgreSQL"
    );
    assert!(ours.len() > 100, "the comparison saw {} lines", ours.len());
}

#[tokio::test]
async fn opening_again_changes_nothing() {
    for database in TestDatabase::both() {
        let before = store::schema(&database.open().await).await.unwrap();
        assert_eq!(store::schema(&database.open().await).await.unwrap(), before);
    }
}

#[tokio::test]
async fn a_server_that_could_lose_acknowledged_data_is_refused_unless_told_otherwise() {
    let database = TestDatabase::postgres();
    database.run_sql("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$");
    let refused = store::open(&database.address, Options::default(), Millis(1)).await;
    let Err(error @ StoreError::UnsafeDurability { .. }) = refused else {
        panic!("not refused: {refused:?}")
    };
    assert!(
        error.to_string().contains("synchronous_commit = off"),
        "{error}"
    );
    let told = Options {
        allow_unsafe_durability: true,
        ..Options::default()
    };
    assert!(
        store::open(&database.address, told, Millis(1))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused() {
    for database in TestDatabase::both() {
        database.open().await.close().await;
        database.run_sql("INSERT INTO schema_migrations (version, name, text_length, applied_at) VALUES (9999, 'later', 1, 1)");
        let refused = store::open(&database.address, Options::default(), Millis(2)).await;
        assert!(
            matches!(refused, Err(StoreError::NewerSchema { found: 9999, .. })),
            "{refused:?}"
        );
    }
}
