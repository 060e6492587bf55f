//! Deletion by age, tried on both databases: what is still to be sent stays, and the counts stay true.

use engage::{
    delivery::{CallOutcome, CallRecord, Commit, Exception, ParkReason, State},
    ids::{ConnectionId, ContactId, HubId, WorkspaceId},
    time::Millis,
};
use store::{
    hubs, outbox,
    retention::{self, Before, Purged},
    testing::TestDatabase,
};
use uuid::Uuid;

const DAY: i64 = 86_400_000;

async fn what_is_old_goes_and_what_is_to_be_sent_stays(database: TestDatabase) {
    let store = database.open().await;
    let connection = ConnectionId::from_uuid(Uuid::now_v7());
    let lane = store
        .write(move |tx| {
            Box::pin(async move {
                let id = WorkspaceId::from_uuid(Uuid::now_v7());
                let workspace = hubs::first_workspace(tx, id, "Test", Millis(1)).await?;
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
        .unwrap()[0];
    for n in 1..=6 {
        database.run_sql(&format!(
            "INSERT INTO deliveries (lane_id, contact_id, attributes, events, event_count, purchases, purchase_count, created_at) SELECT {lane}, id, '{{}}', '', 0, '', 0, {} FROM connections",
            n * DAY
        ));
    }
    let rows = outbox::read(&store, lane, 0, 10).await.unwrap().items;
    let seqs: Vec<i64> = rows.iter().map(|it| it.seq).collect();
    let nobody = ContactId::from_uuid(Uuid::nil());
    let aside = |seq, state| Exception {
        seq,
        contact: nobody,
        state,
        attempts: 1,
        first_tried: None,
        marks: String::new(),
        detail: String::new(),
    };
    let call = |first, last, at| CallRecord {
        sent_at: Millis(at),
        answered_at: Millis(at + 5),
        first_seq: first,
        last_seq: last,
        items: 1,
        objects: 1,
        outcome: CallOutcome::Accepted,
        status: Some(201),
        detail: String::new(),
        listed: vec![first],
    };
    // One delivered, one parked, one retrying, one delivered; two are still to come.
    let commits = [
        (
            seqs[1],
            vec![aside(seqs[1], State::Parked(ParkReason::DataRefused))],
            call(seqs[0], seqs[1], DAY),
            2 * DAY,
        ),
        (
            seqs[3],
            vec![aside(
                seqs[2],
                State::Retrying {
                    due: Millis(9 * DAY),
                },
            )],
            call(seqs[2], seqs[3], 4 * DAY),
            4 * DAY,
        ),
    ];
    let leased = store
        .write(move |tx| {
            Box::pin(
                async move { outbox::lease(tx, lane, "me", Millis(1), Millis(i64::MAX)).await },
            )
        })
        .await
        .unwrap()
        .unwrap();
    for (cursor, put, call, at) in commits {
        let commit = Commit {
            fence: leased.fence,
            cursor,
            put,
            call: Some(call),
            ..Commit::default()
        };
        store
            .write(move |tx| Box::pin(outbox::commit(tx, lane, commit, Millis(at))))
            .await
            .unwrap();
    }
    let before = |at| Before {
        calls: Some(Millis(at)),
        set_aside: Some(Millis(at)),
        delivered: Some(Millis(at)),
    };
    assert_eq!(
        retention::purge(&store, Before::default()).await.unwrap(),
        Purged::default()
    );
    assert_eq!(
        retention::purge(&store, before(DAY)).await.unwrap(),
        Purged::default()
    );
    let purged = retention::purge(&store, before(20 * DAY)).await.unwrap();
    assert_eq!(
        purged,
        Purged {
            calls: 1,
            set_aside: 1,
            delivered: 2
        },
        "the newest call stays"
    );
    let left: Vec<i64> = outbox::read(&store, lane, 0, 10)
        .await
        .unwrap()
        .items
        .iter()
        .map(|it| it.seq)
        .collect();
    assert_eq!(
        left,
        [seqs[2], seqs[4], seqs[5]],
        "retrying and pending ones stay, however old"
    );
    let backlog = store
        .read(move |tx| Box::pin(outbox::backlog(tx, connection)))
        .await
        .unwrap();
    assert_eq!(
        (backlog.pending, backlog.retrying, backlog.parked),
        (2, 1, 0)
    );
    let again = retention::purge(&store, before(20 * DAY)).await.unwrap();
    assert_eq!(again, Purged::default());
    let standing = store
        .read(move |tx| Box::pin(outbox::standing(tx, connection)))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (standing.to_send, standing.oldest),
        (3, Some(Millis(3 * DAY)))
    );
    store.close().await;
}

#[tokio::test]
async fn old_things_go_on_sqlite() {
    what_is_old_goes_and_what_is_to_be_sent_stays(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn old_things_go_on_postgres() {
    what_is_old_goes_and_what_is_to_be_sent_stays(TestDatabase::postgres()).await;
}
