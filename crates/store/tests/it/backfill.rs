use std::sync::Mutex;

use engage::{
    entry::{EntryLimit, identities, updates},
    ids::{CardId, ConnectionId, ContactId, HubId, Id, WorkspaceId},
    time::Millis,
};
use store::{
    Batcher, Store,
    backfill::{self, BackfillId, Claimed, History, JobState, Replanned, Scope, Settled, Step},
    entries::{Accept, NewEntry},
    hubs::{self, NewConnection, NewIds},
    ledger::{self, Filter, State},
    outbox::{self, NewDelivery},
    testing::TestDatabase,
};
use uuid::Uuid;

const PEOPLE: u128 = 25;

fn id<K>(n: u128) -> Id<K> {
    Id::from_uuid(Uuid::from_u128(n))
}

struct World {
    store: Store,
    workspace: WorkspaceId,
    connection: ConnectionId,
    lanes: Vec<i64>,
}

impl World {
    /// Some people with an entry each, none of which went anywhere; the last ones were skipped by the first connection.
    async fn new(database: &TestDatabase) -> Self {
        let store = database.open().await;
        let (workspace, connection) = (id(1), id(5));
        let card: CardId = id(3);
        let lanes = store
            .write(move |tx| {
                Box::pin(async move {
                    hubs::first_workspace(tx, workspace, "Test", Millis(1)).await?;
                    let hub: HubId = id(2);
                    let ids = NewIds {
                        hub,
                        cards: vec![("card".into(), card)],
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
        let line = Batcher::<Accept>::new(&store);
        for n in 0..PEOPLE {
            let address = engage::Value::Text(format!("p{n}@example.org"));
            let properties = [("email", &address)];
            let entry = NewEntry {
                workspace,
                hub: id(2),
                card,
                entry: id(1_000 + n),
                contact: id(0xabcd_0000 + n * 0x1_0001),
                submission_key: Some(Uuid::from_u128(n).into_bytes()),
                fingerprint: Uuid::from_u128(n).into_bytes(),
                identities: identities(properties),
                person: None,
                limit: EntryLimit::Unlimited,
                status: "qualified".into(),
                properties: updates(properties),
                content: format!("{{\"fields\":{{\"n\":{n}}},\"locale\":\"en\"}}"),
                consents: Vec::new(),
                play: None,
                deliveries: if n < 20 {
                    Vec::new()
                } else {
                    vec![NewDelivery {
                        lanes: lanes.clone().into(),
                        skipped: Some(("no_identifier", "Nobody is named.".into())),
                        ..NewDelivery::default()
                    }]
                },
                now: Millis(100),
            };
            line.submit(entry).await.unwrap();
        }
        Self {
            store,
            workspace,
            connection,
            lanes,
        }
    }

    async fn start(&self, n: u128) -> bool {
        let (workspace, connection) = (self.workspace, self.connection);
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let total = backfill::count_contacts(tx, workspace).await?;
                    let scope = Scope {
                        cards: Some(vec![id(3), id(4)]),
                        from: Some(Millis(7)),
                        to: None,
                    };
                    backfill::start(tx, id(n), workspace, connection, &scope, total, Millis(200))
                        .await
                })
            })
            .await
            .unwrap()
    }

    async fn claim(&self, owner: &'static str, now: i64) -> Option<Claimed> {
        self.store
            .write(move |tx| {
                Box::pin(
                    async move { backfill::claim(tx, owner, Millis(now), Millis(now + 50)).await },
                )
            })
            .await
            .unwrap()
    }

    /// A step of ten contacts that sends each its own number.
    async fn step(&self, claimed: &Claimed) -> Step {
        let (claimed, lanes) = (claimed.clone(), self.lanes.clone());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let plan = |_: ContactId, history: &History| {
                        let entry = &history.entries[0];
                        Replanned {
                            deliveries: vec![(
                                Some(entry.entry),
                                NewDelivery {
                                    attributes: Some(entry.content.clone()),
                                    events: vec!["{}".into()],
                                    ..NewDelivery::default()
                                },
                            )],
                            settled: Vec::new(),
                        }
                    };
                    let (now, until) = (Millis(300), Millis(350));
                    backfill::step(tx, &claimed, &lanes, 10, 5, now, until, &plan).await
                })
            })
            .await
            .unwrap()
    }

    async fn change(&self, job: BackfillId, to: JobState) -> bool {
        let workspace = self.workspace;
        self.store
            .write(move |tx| {
                Box::pin(async move { backfill::change(tx, workspace, job, to, Millis(400)).await })
            })
            .await
            .unwrap()
    }

    async fn rows(&self, state: State) -> Vec<ledger::Row> {
        let (workspace, connection) = (self.workspace, self.connection);
        self.store
            .read(move |tx| {
                Box::pin(async move {
                    let filter = Filter {
                        state: Some(state),
                        ..Filter::default()
                    };
                    ledger::page(tx, workspace, connection, &filter, None, 1_000).await
                })
            })
            .await
            .unwrap()
            .rows
    }
}

async fn job_in_steps(database: TestDatabase) {
    let world = World::new(&database).await;
    assert!(world.start(70).await);
    assert!(!world.start(71).await, "one at a time");
    let first = world.claim("one", 210).await.unwrap();
    assert_eq!(first.job.total, 25);
    assert_eq!(first.job.scope.cards, Some(vec![id(3), id(4)]));
    assert_eq!(first.job.scope.from, Some(Millis(7)));
    assert!(world.claim("two", 220).await.is_none(), "somebody holds it");
    assert!(
        matches!(world.step(&first).await, Step::More(done) if done.deliveries == 10 && done.objects == 20)
    );

    // The first worker is not heard of; another one takes over, and what the first does afterwards changes nothing.
    let second = world.claim("two", 900).await.unwrap();
    assert_eq!(world.step(&first).await, Step::Gone);
    assert!(matches!(world.step(&second).await, Step::More(done) if done.deliveries == 10));

    // Paused between two steps.
    assert!(world.change(id(70), JobState::Paused).await);
    assert_eq!(world.step(&second).await, Step::Gone);
    assert!(world.claim("two", 950).await.is_none());
    assert!(!world.start(71).await, "a paused one counts");
    assert!(world.change(id(70), JobState::Running).await);
    let second = world.claim("two", 960).await.unwrap();
    assert!(matches!(world.step(&second).await, Step::More(done) if done.deliveries == 5));
    assert!(matches!(world.step(&second).await, Step::Last(done) if done.deliveries == 0));
    let (workspace, connection) = (world.workspace, world.connection);
    let jobs = world
        .store
        .read(move |tx| Box::pin(backfill::list(tx, workspace, connection)))
        .await
        .unwrap();
    let [job] = jobs.as_slice() else {
        panic!("{jobs:?}")
    };
    assert_eq!(
        (job.state, job.done, job.deliveries, job.objects),
        (JobState::Done, 25, 25, 50)
    );
    assert_eq!(world.rows(State::Pending).await.len(), 25, "everybody once");
    assert!(
        !world.change(id(70), JobState::Cancelled).await,
        "it is over"
    );
    assert!(world.start(71).await, "and another one can be started");
    assert!(world.change(id(71), JobState::Cancelled).await);
    let lanes = world.lanes.clone();
    let waiting = world
        .store
        .read(move |tx| {
            Box::pin(async move {
                Ok((
                    backfill::waiting(tx, &lanes, 1_000).await?,
                    backfill::waiting(tx, &lanes, 3).await?,
                ))
            })
        })
        .await
        .unwrap();
    assert_eq!(waiting, (30, 3));
    world.store.close().await;
}

#[tokio::test]
async fn a_backfill_goes_step_by_step_and_belongs_to_one_worker() {
    for database in TestDatabase::both() {
        job_in_steps(database).await;
    }
}

async fn settle(database: TestDatabase) {
    let world = World::new(&database).await;
    let skipped = world.rows(State::Skipped).await;
    assert_eq!(skipped.len(), 5);
    let (lanes, contacts) = (
        world.lanes.clone(),
        skipped.iter().map(|it| it.contact).collect::<Vec<_>>(),
    );
    let fate = [
        Settled::Replaced(Some(id(1_020))),
        Settled::Replaced(None),
        Settled::Skipped("dummy_identifier", "A placeholder.".into()),
        Settled::Back,
    ];
    let seen = Mutex::new(0);
    let done = world
        .store
        .write(move |tx| {
            Box::pin(async move {
                let plan = |_: ContactId, history: &History| {
                    let entry = history.entries[0].entry;
                    let [delivery] = history.deliveries.as_slice() else {
                        return Replanned::default();
                    };
                    let nth = usize::try_from(entry.uuid().as_u128() - 1_020).unwrap();
                    *seen.lock().unwrap() += 1;
                    let Some(fate) = fate.get(nth) else {
                        return Replanned::default();
                    };
                    let new = NewDelivery {
                        events: vec!["{}".into()],
                        ..NewDelivery::default()
                    };
                    Replanned {
                        deliveries: (nth == 0)
                            .then_some((Some(entry), new))
                            .into_iter()
                            .collect(),
                        settled: vec![(delivery.seq, fate.clone())],
                    }
                };
                backfill::replan(tx, &lanes, &contacts, Millis(500), &plan).await
            })
        })
        .await
        .unwrap();
    assert_eq!((done.deliveries, done.objects, done.lanes.len()), (1, 1, 1));
    let replaced = world.rows(State::Replaced).await;
    assert_eq!(replaced.len(), 2);
    let new = world.rows(State::Pending).await;
    assert_eq!(new.len(), 1);
    let with = replaced
        .iter()
        .find(|it| it.entry == Some(id(1_020)))
        .unwrap();
    assert_eq!(with.replaced_by, Some(new[0].seq));
    assert_eq!(
        with.code.as_deref(),
        Some("no_identifier"),
        "why it was set aside stays known"
    );
    let without = replaced
        .iter()
        .find(|it| it.entry == Some(id(1_021)))
        .unwrap();
    assert_eq!(without.replaced_by, None);
    let skipped = world.rows(State::Skipped).await;
    let codes: Vec<_> = skipped.iter().filter_map(|it| it.code.as_deref()).collect();
    assert_eq!(
        codes,
        ["no_identifier", "no_identifier", "dummy_identifier"]
    );
    assert!(
        world.rows(State::Retrying).await.is_empty(),
        "what can't be sent is not put back"
    );
    world.store.close().await;
}

#[tokio::test]
async fn what_was_set_aside_is_replaced_or_keeps_its_reason() {
    for database in TestDatabase::both() {
        settle(database).await;
    }
}
