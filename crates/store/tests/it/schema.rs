use store::testing::TestDatabase;

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
