use std::{collections::BTreeMap, sync::Arc};

use engage::{
    delivery::{CallKind, Commit, Exception, ParkReason, State},
    entry::{EntryLimit, identities, updates},
    hub::ConnectionDoc,
    ids::{CardId, ConnectionId, ContactId, EntryId, HubId, PlayId, WorkspaceId},
    mapping::{Facts, Mapping, Moment, Plan, sent::Delta},
    time::Millis,
};
use store::{
    Batcher, Store, backfill,
    entries::{Accept, EntryPlay, NewEntry, Verdict},
    hubs::{self, NewConnection, NewIds},
    outbox::{self, NewDelivery},
    plays, sent,
    testing::TestDatabase,
};
use uuid::Uuid;

const WHO: &str = r#"{"user_alias":{"alias_name":"ann@example.org","alias_label":"komo_email"},"_update_existing_only":false"#;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

struct World {
    store: Store,
    line: Batcher<Accept>,
    lanes: Arc<[i64]>,
    connection: ConnectionId,
    mapping: Mapping,
    epoch: i64,
}

type Answers<'a> = &'a [(&'a str, &'a str)];

impl World {
    async fn new(database: &TestDatabase) -> Self {
        let store = database.open().await;
        let connection = ConnectionId::from_uuid(id(4));
        let lanes = store
            .write(move |tx| {
                Box::pin(async move {
                    let workspace = WorkspaceId::from_uuid(id(1));
                    hubs::first_workspace(tx, workspace, "Test", Millis(1)).await?;
                    let ids = NewIds {
                        hub: HubId::from_uuid(id(2)),
                        cards: vec![("card".into(), CardId::from_uuid(id(3)))],
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
        let doc: ConnectionDoc = serde_json::from_str(
            r#"{
                "key": "braze", "endpoint": "US-01",
                "user": {
                    "by": "external_id", "from": "param:cid", "identify": true,
                    "otherwise": [{ "by": "alias", "label": "komo_email", "from": "field:email" }]
                },
                "attributes": [
                    { "from": "field:first_name", "to": "first_name" },
                    { "from": "field:city", "to": "home_city" },
                    { "from": "answer:flavour", "to": "flavour" }
                ]
            }"#,
        )
        .unwrap();
        Self {
            line: Batcher::new(&store),
            store,
            lanes: lanes.into(),
            connection,
            mapping: Mapping::compile(&doc).unwrap(),
            epoch: 0,
        }
    }

    fn deliveries(&self, answers: Answers<'_>, flavour: Option<&str>) -> Vec<NewDelivery> {
        let text = |text: &str| engage::Value::Text(text.to_owned());
        let pairs = answers.iter().filter(|(key, _)| *key != "cid");
        let fields = pairs
            .map(|(key, it)| ((*key).to_owned(), text(it)))
            .collect();
        let cid = answers.iter().filter(|(key, _)| *key == "cid");
        let params = cid
            .map(|(key, it)| ((*key).to_owned(), (*it).to_owned()))
            .collect();
        let play = flavour.map(|it| ("answer:flavour".to_owned(), text(it)));
        let facts = Facts {
            entry_id: EntryId::from_uuid(id(7)),
            accepted_at: Millis(10),
            hub_slug: "test",
            card_key: "card",
            card_title: "Card",
            locale: "en",
            fields: &fields,
            properties: &BTreeMap::new(),
            consents: &[],
            play: &play.into_iter().collect(),
            params: &params,
            moment: if flavour.is_some() {
                Moment::PlayFinished
            } else {
                Moment::Entry
            },
        };
        match self.mapping.plan(&facts) {
            Plan::Send(mut planned) => vec![NewDelivery {
                lanes: Arc::clone(&self.lanes),
                delta: Some(Box::new(Delta::of(
                    &mut planned,
                    self.connection,
                    self.epoch,
                ))),
                ..NewDelivery::default()
            }],
            _ => Vec::new(),
        }
    }

    fn entry(&self, n: u128, answers: Answers<'_>) -> NewEntry {
        let properties = [("email", engage::Value::Text("ann@example.org".into()))];
        NewEntry {
            workspace: WorkspaceId::from_uuid(id(1)),
            hub: HubId::from_uuid(id(2)),
            card: CardId::from_uuid(id(3)),
            entry: EntryId::from_uuid(id(1000 + n)),
            contact: ContactId::from_uuid(id(500_000 + n)),
            submission_key: Some(id(n).into_bytes()),
            fingerprint: id(n).into_bytes(),
            identities: identities(properties.iter().map(|(key, value)| (*key, value))),
            person: None,
            limit: EntryLimit::Unlimited,
            status: "qualified".into(),
            properties: updates(properties.iter().map(|(key, value)| (*key, value))),
            content: "{}".into(),
            consents: Vec::new(),
            play: None,
            deliveries: self.deliveries(answers, None),
            now: Millis(10),
        }
    }

    /// Ann enters with these answers beside her address.
    async fn enter(&self, n: u128, answers: Answers<'_>) -> ContactId {
        let answers = [&[("email", "ann@example.org")], answers].concat();
        let verdict = self.line.submit(self.entry(n, &answers)).await.unwrap();
        let Verdict::Accepted { contact, .. } = verdict else {
            panic!("not accepted: {verdict:?}")
        };
        contact
    }

    /// What is in the log after a number: number, kind of call, body or attributes.
    async fn log(&self, after: i64) -> Vec<(i64, Option<CallKind>, String)> {
        let mut all = Vec::new();
        for lane in self.lanes.iter() {
            let rows = outbox::read(&self.store, *lane, after, 100).await.unwrap();
            all.extend(rows.items.into_iter().map(|item| match item.call {
                Some(call) => (item.seq, Some(call.kind.clone()), call.body.clone()),
                None => (item.seq, None, item.attributes.unwrap_or_default().into()),
            }));
        }
        all.sort_by_key(|(seq, ..)| *seq);
        all
    }

    /// The attributes that were appended last.
    async fn last(&self) -> String {
        self.log(0).await.pop().unwrap().2
    }

    async fn park(&self, contact: ContactId, seq: i64) {
        let lane = outbox::lane_of(contact, &self.lanes).unwrap();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let leased =
                        outbox::lease(tx, lane, "worker", Millis(20), Millis(1_000)).await?;
                    let exception = Exception {
                        seq,
                        contact,
                        state: State::Parked(ParkReason::DataRefused),
                        attempts: 1,
                        first_tried: Some(Millis(20)),
                        marks: "r".into(),
                        detail: String::new(),
                    };
                    let commit = Commit {
                        fence: leased.unwrap().fence,
                        cursor: seq,
                        put: vec![exception],
                        delete: Vec::new(),
                        forget: Vec::new(),
                        tried: None,
                        call: None,
                        again: false,
                    };
                    outbox::commit(tx, lane, commit, Millis(21)).await
                })
            })
            .await
            .unwrap();
    }

    async fn saved(&self) -> i64 {
        let connection = self.connection;
        let read = self
            .store
            .read(move |tx| Box::pin(sent::saved(tx, connection)));
        read.await.unwrap()
    }
}

#[tokio::test]
async fn a_value_that_has_not_changed_is_not_sent_again() {
    for database in TestDatabase::both() {
        let world = World::new(&database).await;
        world
            .enter(1, &[("first_name", "Ann"), ("city", "Turin")])
            .await;
        assert_eq!(
            world.last().await,
            format!(r#"{WHO},"first_name":"Ann","home_city":"Turin"}}"#)
        );
        world
            .enter(2, &[("first_name", "Ann"), ("city", "Bari")])
            .await;
        assert_eq!(world.last().await, format!(r#"{WHO},"home_city":"Bari"}}"#));
        let before = world.log(0).await.len();
        world
            .enter(3, &[("first_name", "Ann"), ("city", "Bari")])
            .await;
        assert_eq!(
            world.log(0).await.len(),
            before,
            "nothing is left to be sent"
        );
        assert_eq!(world.saved().await, 3);
        // Somebody else's name is another one.
        let mut other = world.entry(4, &[("email", "eve@example.org"), ("first_name", "Ann")]);
        other.identities.clear();
        world.line.submit(other).await.unwrap();
        assert!(world.last().await.contains("eve@example.org"));
    }
}

#[tokio::test]
async fn entries_of_one_person_in_one_batch_see_one_another() {
    for database in TestDatabase::both() {
        let world = World::new(&database).await;
        let mut storm = tokio::task::JoinSet::new();
        for n in 0..20 {
            let line = world.line.clone();
            let entry = world.entry(n, &[("email", "ann@example.org"), ("first_name", "Ann")]);
            storm.spawn(async move { line.submit(entry).await.unwrap() });
        }
        storm.join_all().await;
        assert_eq!(world.log(0).await.len(), 1);
        assert_eq!(world.saved().await, 19);
        world.enter(30, &[("first_name", "Anna")]).await;
        assert_eq!(
            world.last().await,
            format!(r#"{WHO},"first_name":"Anna"}}"#)
        );
    }
}

#[tokio::test]
async fn a_full_resend_and_a_new_key_send_everything_once_more() {
    for database in TestDatabase::both() {
        let mut world = World::new(&database).await;
        let answers = [("first_name", "Ann"), ("city", "Turin")];
        world.enter(1, &answers).await;
        let everything = world.last().await;
        let connection = world.connection;
        let resend = world
            .store
            .write(move |tx| Box::pin(sent::resend_all(tx, connection)));
        resend.await.unwrap();
        world.epoch = epoch(&world).await;
        assert_eq!(world.epoch, 1);
        world.enter(2, &answers).await;
        assert_eq!(
            (world.log(0).await.len(), world.last().await),
            (2, everything)
        );
        world.enter(3, &answers).await;
        assert_eq!(world.log(0).await.len(), 2);
        // The key decides which account it is.
        let store = &world.store;
        store
            .write(move |tx| {
                Box::pin(async move { hubs::set_key(tx, connection, b"sealed").await })
            })
            .await
            .unwrap();
        assert_eq!(epoch(&world).await, 2);
    }
}

async fn epoch(world: &World) -> i64 {
    let connection = world.connection;
    let found = world
        .store
        .read(move |tx| {
            Box::pin(hubs::connection(
                tx,
                WorkspaceId::from_uuid(id(1)),
                connection,
            ))
        })
        .await
        .unwrap();
    found.unwrap().resend_epoch
}

#[tokio::test]
async fn after_a_parked_delivery_the_next_one_is_whole() {
    for database in TestDatabase::both() {
        let world = World::new(&database).await;
        let answers = [("first_name", "Ann"), ("city", "Turin")];
        let contact = world.enter(1, &answers).await;
        let (seq, _, everything) = world.log(0).await.pop().unwrap();
        world.park(contact, seq).await;
        world.enter(2, &answers).await;
        assert_eq!(world.log(seq).await.len(), 1);
        assert_eq!(world.last().await, everything);
        // Sending the parked one again may bring back something older: the next is whole once more.
        let lanes = world.lanes.clone();
        let again = world.store.write(move |tx| {
            Box::pin(async move {
                let same = |_: ContactId, history: &backfill::History| {
                    let parked = history.deliveries.iter().find(|it| it.seq == seq);
                    let settled = parked.map(|it| (it.seq, backfill::Settled::Back));
                    backfill::Replanned {
                        deliveries: Vec::new(),
                        settled: settled.into_iter().collect(),
                    }
                };
                backfill::replan(tx, &lanes, &[contact], Millis(30), &same).await
            })
        });
        assert_eq!(again.await.unwrap().settled, 1);
        world.enter(3, &answers).await;
        assert_eq!(world.log(seq).await.len(), 2);
        world.enter(4, &answers).await;
        assert_eq!(world.log(seq).await.len(), 2);
    }
}

#[tokio::test]
async fn profiles_are_joined_before_anything_is_sent_to_the_new_one() {
    for database in TestDatabase::both() {
        let world = World::new(&database).await;
        world.enter(1, &[("first_name", "Ann")]).await;
        world
            .enter(2, &[("first_name", "Ann"), ("cid", "c-1")])
            .await;
        let log = world.log(0).await;
        assert_eq!(log.len(), 3);
        assert_eq!(log[1].1, Some(CallKind::Identify));
        assert!(log[1].2.contains(r#""aliases_to_identify""#) && log[1].2.contains("c-1"));
        assert_eq!(log[2].2, r#"{"external_id":"c-1","first_name":"Ann"}"#);
    }
}

#[tokio::test]
async fn a_play_that_ends_after_its_entry_sends_what_is_new() {
    for database in TestDatabase::both() {
        let world = World::new(&database).await;
        for (n, flavour) in [(1, "fig"), (2, "fig"), (3, "lemon")] {
            let play = PlayId::from_uuid(id(70 + n));
            let mut entry = world.entry(n, &[("email", "ann@example.org"), ("first_name", "Ann")]);
            entry.play = Some(EntryPlay::Starts(play));
            world.line.submit(entry).await.unwrap();
            let turn = plays::Turn {
                workspace: WorkspaceId::from_uuid(id(1)),
                card: CardId::from_uuid(id(3)),
                play,
                step: None,
                starts: false,
                prizes: false,
                now: Millis(12),
                dice: 7,
            };
            let end = plays::Moved {
                finished: true,
                facts: "{}".into(),
                progress: "null".into(),
                deliveries: world.deliveries(&[("email", "ann@example.org")], Some(flavour)),
                ..plays::Moved::default()
            };
            let finish = world
                .store
                .write(move |tx| Box::pin(plays::advance(tx, turn, move |_| Ok::<_, ()>(end))));
            finish.await.unwrap().unwrap();
        }
        let sent: Vec<String> = world
            .log(0)
            .await
            .into_iter()
            .map(|(_, _, it)| it)
            .collect();
        assert_eq!(
            sent,
            [
                format!(r#"{WHO},"first_name":"Ann"}}"#),
                format!(r#"{WHO},"flavour":"fig"}}"#),
                format!(r#"{WHO},"flavour":"lemon"}}"#),
            ]
        );
    }
}
