//! Erasing a person, tried on both databases against a worker that still holds their data.

use std::{collections::BTreeSet, sync::Arc};

use engage::{
    delivery::{CallKind, Commit, Exception, ParkReason, State, erase::ProfileName},
    entry::{EntryLimit, Identity, IdentityKind},
    ids::{CardId, ConnectionId, ContactId, EntryId, HubId, WorkspaceId},
    time::Millis,
};
use store::{
    Batcher, Store,
    entries::{self, Accept, NewEntry, Verdict},
    erasure::{self, Who},
    hubs,
    outbox::{self, NewDelivery},
    testing::TestDatabase,
    visitors,
};
use uuid::Uuid;

const ANN: &str = "ann@example.org";

struct Place {
    store: Store,
    line: Batcher<Accept>,
    workspace: WorkspaceId,
    hub: HubId,
    card: CardId,
    connection: ConnectionId,
    lanes: Arc<[i64]>,
    _database: TestDatabase,
}

impl Place {
    async fn on(database: TestDatabase) -> Self {
        let store = database.open().await;
        let card = CardId::from_uuid(Uuid::now_v7());
        let connection = ConnectionId::from_uuid(Uuid::now_v7());
        let (workspace, hub, lanes) = store
            .write(move |tx| {
                Box::pin(async move {
                    let id = WorkspaceId::from_uuid(Uuid::now_v7());
                    let workspace = hubs::first_workspace(tx, id, "Test", Millis(1)).await?;
                    let ids = hubs::NewIds {
                        hub: HubId::from_uuid(Uuid::now_v7()),
                        cards: vec![("card".to_owned(), card)],
                        connections: vec![hubs::NewConnection {
                            id: connection,
                            key: "braze".into(),
                            document: "{}".into(),
                        }],
                        keep_connections: false,
                    };
                    let hub = hubs::save(tx, workspace, "test", "{}", ids, Millis(1)).await?;
                    Ok((workspace, hub, outbox::lanes(tx, connection).await?))
                })
            })
            .await
            .unwrap();
        Self {
            line: Batcher::new(&store),
            store,
            workspace,
            hub,
            card,
            connection,
            lanes: lanes.into(),
            _database: database,
        }
    }

    async fn enter(&self, email: &str) -> (EntryId, ContactId) {
        let named = format!(
            r#"{{"user_alias":{{"alias_name":"{email}","alias_label":"komo_email"}},"first_name":"canary"}}"#
        );
        let mut properties = serde_json::Map::new();
        properties.insert("email".into(), email.into());
        let entry = NewEntry {
            workspace: self.workspace,
            hub: self.hub,
            card: self.card,
            entry: EntryId::from_uuid(Uuid::now_v7()),
            contact: ContactId::from_uuid(Uuid::now_v7()),
            submission_key: None,
            fingerprint: [3; 16],
            identities: vec![Identity {
                kind: IdentityKind::Email,
                value: email.into(),
            }],
            person: None,
            limit: EntryLimit::Unlimited,
            status: "qualified".into(),
            properties,
            content: format!(r#"{{"fields":{{"email":"{email}"}}}}"#),
            consents: Vec::new(),
            play: None,
            deliveries: vec![NewDelivery {
                lanes: Arc::clone(&self.lanes),
                attributes: Some(named),
                ..NewDelivery::default()
            }],
            now: Millis(10),
        };
        match self.line.submit(entry).await.unwrap() {
            Verdict::Accepted { entry, contact } => (entry, contact),
            other => panic!("{other:?}"),
        }
    }

    async fn lease(&self, lane: i64) -> outbox::Leased {
        self.store
            .write(move |tx| {
                Box::pin(async move { outbox::lease(tx, lane, "me", Millis(20), Millis(90)).await })
            })
            .await
            .unwrap()
            .unwrap()
    }

    async fn commit(&self, lane: i64, commit: Commit) {
        self.store
            .write(move |tx| Box::pin(outbox::commit(tx, lane, commit, Millis(30))))
            .await
            .unwrap();
    }

    async fn erase(&self, contact: ContactId) -> erasure::Erased {
        let workspace = self.workspace;
        let found = self
            .store
            .read(move |tx| Box::pin(erasure::look(tx, workspace, contact)))
            .await
            .unwrap();
        self.store
            .write(move |tx| {
                Box::pin(
                    async move { erasure::erase(tx, workspace, contact, found, Millis(50)).await },
                )
            })
            .await
            .unwrap()
            .unwrap()
    }
}

fn row(seq: i64, contact: ContactId, state: State) -> Exception {
    Exception {
        seq,
        contact,
        state,
        attempts: 2,
        first_tried: Some(Millis(20)),
        marks: String::new(),
        detail: "canary words".into(),
    }
}

async fn nothing_that_waits_retries_or_is_parked_keeps_the_persons_data(database: TestDatabase) {
    let place = Place::on(database).await;
    let mut entry = None;
    let mut contact = None;
    for _ in 0..4 {
        let (id, who) = place.enter(ANN).await;
        (entry, contact) = (Some(id), Some(who));
    }
    let (entry, contact) = (entry.unwrap(), contact.unwrap());
    let (_, bob) = place.enter("bob@example.org").await;
    let lane = outbox::lane_of(contact, &place.lanes).unwrap();
    let leased = place.lease(lane).await;
    let read = outbox::read(&place.store, lane, 0, 100)
        .await
        .unwrap()
        .items;
    let seqs: Vec<i64> = read
        .iter()
        .filter(|it| it.contact == contact)
        .map(|it| it.seq)
        .collect();
    assert_eq!(seqs.len(), 4);
    // The first is delivered, the second retries, the third is parked, the fourth is pending.
    let bobs = read
        .iter()
        .filter(|it| it.contact == bob && it.seq < seqs[2])
        .count();
    assert_eq!(bobs, 0);
    let put = vec![
        row(seqs[1], contact, State::Retrying { due: Millis(25) }),
        row(seqs[2], contact, State::Parked(ParkReason::DataRefused)),
    ];
    let progress = |cursor, put: &[Exception]| Commit {
        fence: leased.fence,
        cursor,
        put: put.to_vec(),
        delete: Vec::new(),
        forget: Vec::new(),
        ..Commit::default()
    };
    place.commit(lane, progress(seqs[2], &put)).await;

    let browser = visitors::Heard {
        workspace: place.workspace,
        token_hash: [7; 32],
        contact,
        identified: true,
        told: serde_json::from_str(r#"{"first_name":"canary"}"#).unwrap(),
        now: Millis(15),
    };
    place
        .store
        .write(move |tx| Box::pin(async move { visitors::remember(tx, &browser).await }))
        .await
        .unwrap();
    let erased = place.erase(contact).await;
    let workspace = place.workspace;
    let told = place
        .store
        .read(move |tx| Box::pin(visitors::told(tx, workspace, [7; 32])))
        .await;
    assert!(told.unwrap().is_empty());
    assert_eq!(
        (erased.found.entries, erased.found.deliveries, erased.calls),
        (4, 4, 1)
    );
    assert_eq!(
        erased.found.profiles[&place.connection],
        BTreeSet::from([ProfileName::Alias("komo_email".into(), ANN.into())])
    );
    assert_eq!(erased.lanes, vec![(lane, leased.fence)]);
    let held = |now| {
        let lanes = erased.lanes.clone();
        place
            .store
            .read(move |tx| Box::pin(async move { erasure::is_still_held(tx, &lanes, now).await }))
    };
    assert!(
        held(Millis(60)).await.unwrap(),
        "a worker may hold the data in memory"
    );
    assert!(!held(Millis(91)).await.unwrap(), "its lease is over");

    // The worker that held the lane finishes what it had in flight: that brings nothing back.
    place
        .commit(
            lane,
            progress(
                seqs[3],
                &[row(seqs[3], contact, State::Retrying { due: Millis(40) })],
            ),
        )
        .await;
    let again = place.lease(lane).await;
    assert!(!held(Millis(60)).await.unwrap(), "the lane was leased anew");
    let waiting: Vec<i64> = again.exceptions.iter().map(|row| row.item.seq).collect();
    assert!(!waiting.iter().any(|seq| seqs.contains(seq)), "{waiting:?}");
    let items = outbox::read(&place.store, lane, 0, 100)
        .await
        .unwrap()
        .items;
    for item in items.iter().filter(|it| seqs.contains(&it.seq)) {
        assert_eq!(
            (item.objects(), item.attributes.as_deref(), &*item.events),
            (0, None, "")
        );
    }
    let call = items
        .iter()
        .find(|it| it.contact == contact && it.call.is_some())
        .unwrap();
    let own = call.call.as_ref().unwrap();
    assert_eq!(own.kind, CallKind::Delete);
    assert!(
        own.body.contains(ANN) && call.seq > seqs[3],
        "Braze is asked last"
    );
    // Once Braze has taken it, the name in it goes too.
    let done = Commit {
        fence: again.fence,
        cursor: call.seq,
        forget: vec![call.seq],
        ..Commit::default()
    };
    place.commit(lane, done).await;
    let items = outbox::read(&place.store, lane, 0, 100)
        .await
        .unwrap()
        .items;
    let call = items.iter().find(|it| it.seq == call.seq).unwrap();
    assert_eq!(call.call.as_ref().unwrap().body, "{}");

    let (workspace, card) = (place.workspace, place.card);
    let content = place
        .store
        .read(move |tx| Box::pin(entries::content(tx, card, entry)))
        .await
        .unwrap();
    assert_eq!(content.as_deref(), Some("{}"));
    let gone = place.store.read(move |tx| {
        Box::pin(async move { erasure::find(tx, workspace, &Who::Email(ANN.into())).await })
    });
    assert_eq!(gone.await.unwrap(), None);
    let connection = place.connection;
    let backlog = place
        .store
        .read(move |tx| Box::pin(outbox::backlog(tx, connection)))
        .await
        .unwrap();
    assert_eq!(
        (backlog.erased, backlog.parked, backlog.retrying),
        (3, 0, 0)
    );
    // Somebody who enters with the address later is somebody new.
    let (_, newcomer) = place.enter(ANN).await;
    assert_ne!(newcomer, contact);
}

#[tokio::test]
async fn nothing_keeps_the_data_on_sqlite() {
    nothing_that_waits_retries_or_is_parked_keeps_the_persons_data(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn nothing_keeps_the_data_on_postgres() {
    nothing_that_waits_retries_or_is_parked_keeps_the_persons_data(TestDatabase::postgres()).await;
}
