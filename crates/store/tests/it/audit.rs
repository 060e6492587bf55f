//! The log of who changed what: whole however many write at once, and not to be changed unnoticed.

use engage::{ids::WorkspaceId, time::Millis};
use store::{
    Store, accounts_sessions,
    audit::{self, Checked},
    testing::TestDatabase,
};
use uuid::Uuid;

fn workspace(number: u128) -> WorkspaceId {
    WorkspaceId::from_uuid(Uuid::from_u128(number))
}

async fn note(store: &Store, of: WorkspaceId, detail: String) {
    let written = store.write(move |tx| {
        Box::pin(async move {
            let line = ("hub.made", "Nonna Sole", detail.as_str());
            accounts_sessions::record(tx, of, None, line, Millis(7)).await
        })
    });
    written.await.unwrap();
}

async fn check(store: &Store, of: WorkspaceId) -> Checked {
    store
        .read(move |tx| Box::pin(audit::check(tx, of)))
        .await
        .unwrap()
}

#[tokio::test]
async fn everybodys_lines_at_once_are_one_whole_chain_a_workspace() {
    for database in TestDatabase::both() {
        let store = database.open().await;
        let mut crowd = tokio::task::JoinSet::new();
        for n in 0..60_u128 {
            let store = store.clone();
            crowd.spawn(async move { note(&store, workspace(n % 3), format!("line {n}")).await });
        }
        crowd.join_all().await;
        for number in 0..3 {
            let checked = check(&store, workspace(number)).await;
            assert_eq!((checked.lines, checked.broken_at), (20, None));
            assert_eq!(checked.last.len(), 32);
        }
        let nobody = check(&store, workspace(9)).await;
        assert_eq!(nobody, Checked::default());
        store.close().await;
    }
}

#[tokio::test]
async fn a_line_that_was_changed_or_taken_out_is_found() {
    for database in TestDatabase::both() {
        let store = database.open().await;
        // From before there was a chain.
        note(&store, workspace(1), "long ago".into()).await;
        database.run_sql("UPDATE audit_log SET hash = NULL");
        for n in 2..=6 {
            note(&store, workspace(1), format!("line {n}")).await;
        }
        let whole = check(&store, workspace(1)).await;
        assert_eq!((whole.before, whole.lines, whole.broken_at), (1, 5, None));

        for (tampering, undone) in [
            ("detail = 'never'", "detail = 'line 4'"),
            ("at = 8", "at = 7"),
            ("member_name = 'Bob'", "member_name = 'Command line'"),
        ] {
            let change = |set: &str| format!("UPDATE audit_log SET {set} WHERE seq = 4");
            database.run_sql(&change(tampering));
            let found = check(&store, workspace(1)).await;
            assert_eq!(found.broken_at, Some(4), "{tampering}");
            database.run_sql(&change(undone));
            assert_eq!(check(&store, workspace(1)).await, whole);
        }
        database.run_sql("DELETE FROM audit_log WHERE seq = 4");
        let found = check(&store, workspace(1)).await;
        assert_eq!(found.broken_at, Some(5), "one is missing before it");
        store.close().await;
    }
}
