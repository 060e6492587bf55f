use std::sync::Arc;

use engage::{
    entry::{EntryLimit, Identity, IdentityKind, Person, identities, updates},
    ids::{CardId, ConnectionId, ContactId, EntryId, HubId, PlayId, WorkspaceId},
    time::Millis,
};
use store::{
    Batcher, Store,
    entries::{Accept, EntryPlay, NewConsent, NewEntry, Verdict},
    hubs::{self, NewConnection, NewIds},
    outbox::{self, NewDelivery},
    plays,
    testing::TestDatabase,
};
use uuid::Uuid;

struct World {
    store: Store,
    line: Batcher<Accept>,
    lanes: Arc<[i64]>,
    connection: ConnectionId,
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}
const WORKSPACE: u128 = 1;
const HUB: u128 = 2;
const CARD: u128 = 3;

impl World {
    async fn new(database: &TestDatabase) -> Self {
        let store = database.open().await;
        let connection = ConnectionId::from_uuid(id(4));
        let lanes = store
            .write(move |tx| {
                Box::pin(async move {
                    let workspace = WorkspaceId::from_uuid(id(WORKSPACE));
                    hubs::first_workspace(tx, workspace, "Test", Millis(1)).await?;
                    let ids = NewIds {
                        hub: HubId::from_uuid(id(HUB)),
                        cards: vec![("card".into(), CardId::from_uuid(id(CARD)))],
                        connections: vec![NewConnection {
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
            .unwrap();
        Self {
            line: Batcher::new(&store),
            store,
            lanes: lanes.into(),
            connection,
        }
    }

    fn entry(&self, n: u128, email: &str) -> NewEntry {
        let properties = [
            ("email", engage::Value::Text(email.into())),
            ("first_name", engage::Value::Text(format!("Name {n}"))),
        ];
        NewEntry {
            workspace: WorkspaceId::from_uuid(id(WORKSPACE)),
            hub: HubId::from_uuid(id(HUB)),
            card: CardId::from_uuid(id(CARD)),
            entry: EntryId::from_uuid(id(1000 + n)),
            contact: ContactId::from_uuid(id(500_000 + n)),
            submission_key: Some(id(n).into_bytes()),
            fingerprint: id(n).into_bytes(),
            identities: identities(properties.iter().map(|(key, value)| (*key, value))),
            person: Some(Person::Identity(0)),
            limit: EntryLimit::Single,
            status: "qualified".into(),
            properties: updates(properties.iter().map(|(key, value)| (*key, value))),
            content: "{}".into(),
            consents: vec![NewConsent {
                key: "newsletter".into(),
                subscription: None,
                given: true,
                version: "1".into(),
                text_hash: [7; 32],
                text: "Yes, write to me".into(),
                locale: "en".into(),
            }],
            play: None,
            deliveries: vec![NewDelivery {
                lanes: Arc::clone(&self.lanes),
                attributes: Some(format!("{{\"n\":{n}}}")),
                events: vec!["{}".into(), "{}".into()],
                ..NewDelivery::default()
            }],
            now: Millis(10 + i64::try_from(n).unwrap()),
        }
    }

    async fn submit(&self, entry: NewEntry) -> Verdict {
        self.line.submit(entry).await.unwrap()
    }

    async fn pending(&self) -> i64 {
        let connection = self.connection;
        self.store
            .read(move |tx| Box::pin(outbox::backlog(tx, connection)))
            .await
            .unwrap()
            .pending
    }
}

fn contact_of(verdict: &Verdict) -> ContactId {
    let Verdict::Accepted { contact, .. } = verdict else {
        panic!("not accepted: {verdict:?}")
    };
    *contact
}

#[tokio::test]
async fn a_submission_sent_twice_is_one_entry() {
    for database in TestDatabase::both() {
        let world = World::new(&database).await;
        let first = world.submit(world.entry(1, "ann@example.org")).await;
        assert!(matches!(first, Verdict::Accepted { .. }));
        let again = NewEntry {
            entry: EntryId::from_uuid(id(77)),
            ..world.entry(1, "ann@example.org")
        };
        assert_eq!(
            world.submit(again).await,
            Verdict::Repeated {
                entry: EntryId::from_uuid(id(1001)),
                status: "qualified".into()
            }
        );
        let other = NewEntry {
            fingerprint: [9; 16],
            ..world.entry(1, "bob@example.org")
        };
        assert_eq!(world.submit(other).await, Verdict::KeyUsed);
        assert_eq!(world.pending().await, 1);
    }
}

#[tokio::test]
async fn fifty_copies_at_once_are_one_entry() {
    for database in TestDatabase::both() {
        let world = World::new(&database).await;
        let mut storm = tokio::task::JoinSet::new();
        for n in 0..50_u128 {
            let line = world.line.clone();
            let copy = NewEntry {
                entry: EntryId::from_uuid(id(9000 + n)),
                contact: ContactId::from_uuid(id(8000 + n)),
                ..world.entry(1, "ann@example.org")
            };
            storm.spawn(async move { line.submit(copy).await.unwrap() });
        }
        let verdicts = storm.join_all().await;
        assert_eq!(
            verdicts
                .iter()
                .filter(|it| matches!(it, Verdict::Accepted { .. }))
                .count(),
            1,
            "{verdicts:?}"
        );
        assert_eq!(
            verdicts
                .iter()
                .filter(|it| matches!(it, Verdict::Repeated { .. }))
                .count(),
            49
        );
        assert_eq!(world.pending().await, 1);
    }
}

#[tokio::test]
async fn one_entry_a_person_holds_when_all_press_at_once() {
    for database in TestDatabase::both() {
        let world = World::new(&database).await;
        let mut storm = tokio::task::JoinSet::new();
        for n in 0..50_u128 {
            let line = world.line.clone();
            let entry = world.entry(n, "ann@example.org");
            storm.spawn(async move { line.submit(entry).await.unwrap() });
        }
        let verdicts = storm.join_all().await;
        assert_eq!(
            verdicts
                .iter()
                .filter(|it| matches!(it, Verdict::Accepted { .. }))
                .count(),
            1
        );
        assert_eq!(
            verdicts
                .iter()
                .filter(|it| matches!(it, Verdict::AlreadyEntered { again_at: None }))
                .count(),
            49
        );
    }
}

#[tokio::test]
async fn the_same_person_is_the_same_contact_by_email_or_by_phone() {
    for database in TestDatabase::both() {
        let world = World::new(&database).await;
        let open = |entry: NewEntry| NewEntry {
            limit: EntryLimit::Unlimited,
            ..entry
        };
        let phone = Identity {
            kind: IdentityKind::Phone,
            value: "+491701234567".into(),
        };

        let mut both = open(world.entry(1, "ann@example.org"));
        both.identities.push(phone.clone());
        let ann = contact_of(&world.submit(both).await);
        assert_eq!(
            contact_of(&world.submit(open(world.entry(2, "ann@example.org"))).await),
            ann
        );
        let by_phone = NewEntry {
            identities: vec![phone.clone()],
            ..open(world.entry(3, "x"))
        };
        assert_eq!(contact_of(&world.submit(by_phone).await), ann);
        // An e-mail address decides before a phone number, and takes nobody's number away.
        let mut bob = open(world.entry(4, "bob@example.org"));
        bob.identities.push(phone.clone());
        assert_eq!(
            contact_of(&world.submit(bob).await),
            ann,
            "a known number names the person when the address is new"
        );
        let nobody = NewEntry {
            identities: vec![],
            ..open(world.entry(5, "y"))
        };
        assert_ne!(contact_of(&world.submit(nobody).await), ann);
    }
}

#[tokio::test]
async fn a_play_belongs_to_one_entry_and_must_be_finished_first() {
    for database in TestDatabase::both() {
        let world = World::new(&database).await;
        let (workspace, card, play) = (
            WorkspaceId::from_uuid(id(WORKSPACE)),
            CardId::from_uuid(id(CARD)),
            PlayId::from_uuid(id(55)),
        );
        let with = |n, email| NewEntry {
            play: Some(EntryPlay::Finished(play)),
            ..world.entry(n, email)
        };
        assert_eq!(
            world.submit(with(1, "ann@example.org")).await,
            Verdict::PlayUnusable,
            "there is no such play"
        );
        world
            .store
            .write(move |tx| Box::pin(plays::start(tx, workspace, card, play, Millis(1))))
            .await
            .unwrap();
        assert_eq!(
            world.submit(with(2, "ann@example.org")).await,
            Verdict::PlayUnusable,
            "it is not finished"
        );
        let turn = plays::Turn {
            workspace,
            card,
            play,
            step: Some(0),
            starts: false,
            prizes: false,
            now: Millis(2),
            dice: 7,
        };
        for _ in 0..3 {
            let voted = plays::Moved {
                finished: true,
                facts: "{}".into(),
                progress: "null".into(),
                votes: vec![("q".into(), "a".into())],
                ..plays::Moved::default()
            };
            world
                .store
                .write(move |tx| Box::pin(plays::advance(tx, turn, move |_| Ok::<_, ()>(voted))))
                .await
                .unwrap()
                .unwrap();
        }
        let votes = world
            .store
            .read(move |tx| Box::pin(plays::tallies(tx, card)))
            .await
            .unwrap();
        assert_eq!(
            votes,
            [("q".to_owned(), "a".to_owned(), 1)],
            "a repeated move counts once"
        );
        assert!(matches!(
            world.submit(with(3, "ann@example.org")).await,
            Verdict::Accepted { .. }
        ));
        assert_eq!(
            world.submit(with(4, "bob@example.org")).await,
            Verdict::PlayUnusable,
            "it is Ann's"
        );
    }
}

#[tokio::test]
async fn a_lane_gives_its_deliveries_once_each_in_order_while_many_write() {
    for database in TestDatabase::both() {
        let world = World::new(&database).await;
        let mut writers = tokio::task::JoinSet::new();
        for n in 0..400_u128 {
            let line = world.line.clone();
            let entry = NewEntry {
                person: Some(Person::Fields(id(n).into_bytes())),
                ..world.entry(n, &format!("p{n}@example.org"))
            };
            writers.spawn(async move { line.submit(entry).await.unwrap() });
        }
        let mut seen = 0;
        let mut cursors: Vec<(i64, i64)> = world.lanes.iter().map(|lane| (*lane, 0)).collect();
        // Reads race with the writers: nothing may be missed below a cursor that has moved on.
        while seen < 400 {
            for (lane, cursor) in &mut cursors {
                for item in outbox::read(&world.store, *lane, *cursor, 7)
                    .await
                    .unwrap()
                    .items
                {
                    assert!(item.seq > *cursor);
                    *cursor = item.seq;
                    seen += 1;
                }
            }
            tokio::task::yield_now().await;
        }
        writers.join_all().await;
        for (lane, cursor) in cursors {
            assert_eq!(
                outbox::read(&world.store, lane, cursor, 7)
                    .await
                    .unwrap()
                    .items,
                []
            );
        }
    }
}

#[tokio::test]
async fn a_worker_whose_lease_has_passed_to_another_cannot_move_the_cursor() {
    for database in TestDatabase::both() {
        let world = World::new(&database).await;
        let lane = world.lanes[0];
        let lease = |owner: &'static str, now: i64| {
            world.store.write(move |tx| {
                Box::pin(outbox::lease(
                    tx,
                    lane,
                    owner,
                    Millis(now),
                    Millis(now + 10),
                ))
            })
        };
        let first = lease("one", 100).await.unwrap().unwrap();
        assert!(
            lease("two", 105).await.unwrap().is_none(),
            "the lease still holds"
        );
        let second = lease("two", 111).await.unwrap().unwrap();
        let commit = |fence| engage::delivery::Commit {
            fence,
            cursor: 9,
            ..Default::default()
        };
        let late = world
            .store
            .write(move |tx| Box::pin(outbox::commit(tx, lane, commit(first.fence), Millis(112))))
            .await;
        assert!(
            matches!(late, Err(store::StoreError::LeaseLost)),
            "{late:?}"
        );
        world
            .store
            .write(move |tx| Box::pin(outbox::commit(tx, lane, commit(second.fence), Millis(113))))
            .await
            .unwrap();
        assert_eq!(lease("two", 114).await.unwrap().unwrap().cursor, 9);
    }
}
