use std::{collections::BTreeMap, sync::Arc};

use engage::{
    delivery::{CallOutcome, CallRecord, Commit, Exception, ParkReason, State as LaneState},
    entry::{EntryLimit, identities, updates},
    ids::{CardId, ConnectionId, ContactId, EntryId, HubId, WorkspaceId},
    time::Millis,
};
use store::{
    Batcher, Store,
    entries::{Accept, NewEntry, Verdict},
    hubs::{self, NewConnection, NewIds},
    ledger::{self, Filter, Page, State, Who},
    outbox::{self, NewDelivery},
    testing::TestDatabase,
};
use uuid::Uuid;

const WORKSPACE: u128 = 1;
const COMMON: u128 = 3;
const RARE: u128 = 4;
const PEOPLE: u128 = 12;
/// Entries come this far apart, in milliseconds: further than the skew that a range of time allows for.
const STEP: i64 = 60_000;

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) connection: ConnectionId,
    pub(crate) lanes: Arc<[i64]>,
    line: Batcher<Accept>,
    people: BTreeMap<u128, ContactId>,
}

fn workspace() -> WorkspaceId {
    WorkspaceId::from_uuid(Uuid::from_u128(WORKSPACE))
}

fn card(id: u128) -> CardId {
    CardId::from_uuid(Uuid::from_u128(id))
}

fn email(person: u128) -> String {
    format!("person{person}@example.org")
}

impl World {
    pub(crate) async fn new(database: &TestDatabase) -> Self {
        let store = database.open().await;
        let connection = ConnectionId::from_uuid(Uuid::from_u128(5));
        let lanes = store
            .write(move |tx| {
                Box::pin(async move {
                    hubs::first_workspace(tx, workspace(), "Test", Millis(1)).await?;
                    let ids = NewIds {
                        hub: HubId::from_uuid(Uuid::from_u128(2)),
                        cards: vec![("common".into(), card(COMMON)), ("rare".into(), card(RARE))],
                        connections: vec![NewConnection {
                            id: connection,
                            key: "braze".into(),
                            document: "{}".into(),
                        }],
                        keep_connections: false,
                    };
                    hubs::save(tx, workspace(), "test", "{}", ids, Millis(1)).await?;
                    outbox::lanes(tx, connection).await
                })
            })
            .await
            .unwrap();
        Self {
            line: Batcher::new(&store),
            store,
            connection,
            lanes: lanes.into(),
            people: BTreeMap::new(),
        }
    }

    /// The n-th entry: people in turn, every tenth on the rare card, every seventeenth never sendable.
    async fn enter(&mut self, n: u128) {
        let person = n % PEOPLE;
        let address = engage::Value::Text(email(person));
        let properties = [("email", &address)];
        let skipped = n % 17 == 16;
        let entry = NewEntry {
            workspace: workspace(),
            hub: HubId::from_uuid(Uuid::from_u128(2)),
            card: card(if n % 10 == 9 { RARE } else { COMMON }),
            entry: EntryId::from_uuid(Uuid::from_u128(1_000 + n)),
            contact: ContactId::from_uuid(Uuid::from_u128(0xabcd_0000 + n * 0x1_0001)),
            submission_key: Some(Uuid::from_u128(n).into_bytes()),
            fingerprint: Uuid::from_u128(n).into_bytes(),
            identities: identities(properties),
            person: None,
            limit: EntryLimit::Unlimited,
            status: "qualified".into(),
            properties: updates(properties),
            content: "{}".into(),
            consents: Vec::new(),
            play: None,
            deliveries: vec![NewDelivery {
                lanes: Arc::clone(&self.lanes),
                attributes: (!skipped).then(|| format!("{{\"n\":{n}}}")),
                events: if skipped {
                    Vec::new()
                } else {
                    vec![format!("{{\"e\":{n}}}"), "{}".into()]
                },
                skipped: skipped.then(|| ("no_identifier", "Nobody is named.".to_owned())),
                ..NewDelivery::default()
            }],
            now: at(n),
        };
        let Verdict::Accepted { contact, .. } = self.line.submit(entry).await.unwrap() else {
            panic!("not accepted")
        };
        self.people.insert(person, contact);
    }

    async fn page(&self, filter: &Filter, before: Option<i64>, limit: usize) -> Page {
        let (filter, connection) = (filter.clone(), self.connection);
        self.store
            .read(move |tx| {
                Box::pin(async move {
                    ledger::page(tx, workspace(), connection, &filter, before, limit).await
                })
            })
            .await
            .unwrap()
    }

    /// All pages of a filter, each of a few rows.
    async fn all(&self, filter: &Filter) -> Vec<ledger::Row> {
        let (mut rows, mut before) = (Vec::new(), None);
        loop {
            let page = self.page(filter, before, 7).await;
            assert!(page.rows.len() <= 7);
            rows.extend(page.rows);
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert!(
            rows.windows(2).all(|two| two[0].seq > two[1].seq),
            "newest first, each once"
        );
        rows
    }

    async fn counts(&self) -> ledger::Counts {
        let connection = self.connection;
        self.store
            .read(move |tx| Box::pin(ledger::counts(tx, workspace(), connection)))
            .await
            .unwrap()
    }

    async fn show(&self, seq: i64) -> ledger::Detail {
        self.store
            .read(move |tx| Box::pin(ledger::show(tx, workspace(), seq)))
            .await
            .unwrap()
            .unwrap()
    }

    async fn commit(&self, lane: i64, make: impl FnOnce(i64) -> Commit + Send + 'static) {
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let leased = outbox::lease(tx, lane, "me", Millis(5), Millis(6)).await?;
                    let commit = make(leased.unwrap().fence);
                    outbox::commit(tx, lane, commit, Millis(77)).await
                })
            })
            .await
            .unwrap();
    }
}

fn at(n: u128) -> Millis {
    Millis(1_000_000 + i64::try_from(n).unwrap() * STEP)
}

fn call(first_seq: i64, last_seq: i64, listed: Vec<i64>, outcome: CallOutcome) -> CallRecord {
    CallRecord {
        sent_at: Millis(40),
        answered_at: Millis(47),
        first_seq,
        last_seq,
        listed,
        items: 3,
        objects: 9,
        outcome,
        status: None,
        detail: "words".into(),
    }
}

fn exception(row: &ledger::Row, state: LaneState, marks: &str) -> Exception {
    Exception {
        seq: row.seq,
        contact: row.contact,
        state,
        attempts: 2,
        first_tried: Some(Millis(30)),
        marks: marks.into(),
        detail: "Braze's words".into(),
    }
}

const ENTRIES: u128 = 200;

/// What the ledger must say of every delivery, worked out beside it.
struct Told {
    states: BTreeMap<i64, State>,
    rows: Vec<ledger::Row>,
}

impl Told {
    fn with(&self, wanted: impl Fn(&ledger::Row) -> bool) -> Vec<i64> {
        let fits = self.rows.iter().filter(|row| wanted(row));
        fits.map(|row| row.seq).collect()
    }

    fn state(&self, row: &ledger::Row) -> State {
        self.states[&row.seq]
    }
}

/// Every lane passes all but its last three deliveries; of those it passes the first are set aside in various ways.
async fn deliver(world: &World) -> Told {
    let rows = world.all(&Filter::default()).await;
    assert_eq!(rows.len(), usize::try_from(ENTRIES).unwrap());
    let mut states: BTreeMap<i64, State> = BTreeMap::new();
    for lane in world.lanes.iter().copied() {
        let mut of_lane: Vec<_> = rows
            .iter()
            .filter(|row| row.lane == lane)
            .cloned()
            .collect();
        of_lane.reverse();
        if of_lane.is_empty() {
            continue;
        }
        let passed = of_lane.len().saturating_sub(3);
        let (behind, ahead) = of_lane.split_at(passed);
        let mut put = Vec::new();
        let sendable = behind.iter().filter(|row| row.state != State::Skipped);
        for (n, row) in sendable.enumerate() {
            let (state, told) = match n {
                0 => (LaneState::Parked(ParkReason::EmailNotValid), State::Parked),
                1 => (LaneState::Retrying { due: Millis(99) }, State::Retrying),
                2 => (LaneState::Waiting, State::Waiting),
                3 => (LaneState::Unknown, State::Unknown),
                4 => (LaneState::Parked(ParkReason::TooLarge), State::Parked),
                _ => continue,
            };
            put.push(exception(row, state, "rdd"));
            states.insert(row.seq, told);
        }
        for row in &of_lane {
            let otherwise = if row.state == State::Skipped {
                State::Skipped
            } else if ahead.iter().any(|it| it.seq == row.seq) {
                State::Pending
            } else {
                State::Delivered
            };
            states.entry(row.seq).or_insert(otherwise);
        }
        let (first, last) = (
            behind.first().map_or(0, |row| row.seq),
            behind.last().map_or(0, |row| row.seq),
        );
        let record =
            (first > 0).then(|| call(first, last, Vec::new(), CallOutcome::AcceptedInPart));
        world
            .commit(lane, move |fence| Commit {
                fence,
                cursor: last,
                put,
                call: record,
                ..Commit::default()
            })
            .await;
    }
    Told { states, rows }
}

async fn pages_and_counts(database: TestDatabase) {
    let mut world = World::new(&database).await;
    for n in 0..ENTRIES {
        world.enter(n).await;
    }
    let told = deliver(&world).await;

    let everything = world.all(&Filter::default()).await;
    for row in &everything {
        assert_eq!(row.state, told.state(row), "{row:?}");
    }
    let counts = world.counts().await;
    assert_eq!(counts.total(), i64::try_from(ENTRIES).unwrap());
    for state in State::ALL {
        let found = world
            .all(&Filter {
                state: Some(*state),
                ..Filter::default()
            })
            .await;
        let numbers: Vec<i64> = found.iter().map(|row| row.seq).collect();
        assert_eq!(
            numbers,
            told.with(|row| told.state(row) == *state),
            "{state}"
        );
        assert_eq!(
            counts.of(*state),
            i64::try_from(numbers.len()).unwrap(),
            "{state}"
        );
    }
    let oldest = told.with(|row| told.state(row) == State::Pending);
    let oldest = everything
        .iter()
        .find(|row| Some(&row.seq) == oldest.last());
    assert_eq!(counts.oldest_pending, oldest.map(|row| row.created_at));

    // Reasons: by themselves, and as a filter.
    let connection = world.connection;
    let reasons = world
        .store
        .read(move |tx| Box::pin(ledger::reasons(tx, workspace(), connection)))
        .await
        .unwrap();
    assert_eq!(
        reasons.iter().map(|(_, _, n)| n).sum::<i64>(),
        counts.parked + counts.skipped
    );
    for (state, reason, number) in reasons {
        let filter = Filter {
            reason: Some(reason.clone()),
            ..Filter::default()
        };
        let found = world.all(&filter).await;
        assert_eq!(i64::try_from(found.len()).unwrap(), number, "{reason}");
        assert!(
            found
                .iter()
                .all(|row| row.state == state && row.code.as_ref() == Some(&reason))
        );
    }
    world.store.close().await;
}

#[tokio::test]
async fn every_delivery_is_somewhere_and_filters_by_state_and_reason_find_it() {
    for database in TestDatabase::both() {
        pages_and_counts(database).await;
    }
}

async fn filters_together(database: TestDatabase) {
    let mut world = World::new(&database).await;
    for n in 0..ENTRIES {
        world.enter(n).await;
    }
    let told = deliver(&world).await;
    let ann = world.people[&3];
    let (from, to) = (at(50), at(120));
    let in_time = |row: &ledger::Row| row.created_at >= from && row.created_at < to;
    let wanted = |filter: &Filter| {
        told.with(|row| {
            filter.contact.is_none_or(|it| it == row.contact)
                && filter.card.is_none_or(|it| Some(it) == row.card)
                && (filter.from.is_none() || in_time(row))
                && filter.state.is_none_or(|it| it == told.state(row))
        })
    };
    let mut tried = 0;
    for contact in [None, Some(ann)] {
        for of_card in [None, Some(card(RARE)), Some(card(COMMON))] {
            for time in [false, true] {
                for state in [
                    None,
                    Some(State::Parked),
                    Some(State::Delivered),
                    Some(State::Pending),
                ] {
                    let filter = Filter {
                        contact,
                        card: of_card,
                        from: time.then_some(from),
                        to: time.then_some(to),
                        state,
                        reason: None,
                    };
                    let found: Vec<i64> =
                        world.all(&filter).await.iter().map(|it| it.seq).collect();
                    assert_eq!(found, wanted(&filter), "{filter:?}");
                    tried += usize::from(!found.is_empty());
                }
            }
        }
    }
    assert!(tried > 20, "only {tried} filters found anything");

    // Another workspace sees nothing of it.
    let (connection, seq) = (world.connection, told.rows[0].seq);
    let other = WorkspaceId::from_uuid(Uuid::from_u128(9));
    let foreign = world
        .store
        .read(move |tx| {
            Box::pin(async move {
                let page =
                    ledger::page(tx, other, connection, &Filter::default(), None, 10).await?;
                let shown = ledger::show(tx, other, seq).await?;
                let who = Who::Email(email(3));
                let found = ledger::whereabouts(tx, other, &who, None, 10).await?;
                let counts = ledger::counts(tx, other, connection).await?;
                Ok((page, shown, found, counts))
            })
        })
        .await
        .unwrap();
    assert_eq!(
        foreign,
        (Page::default(), None, None, ledger::Counts::default())
    );
    world.store.close().await;
}

#[tokio::test]
async fn filters_hold_together() {
    for database in TestDatabase::both() {
        filters_together(database).await;
    }
}

async fn where_is(database: TestDatabase) {
    let mut world = World::new(&database).await;
    for n in 0..ENTRIES {
        world.enter(n).await;
    }
    let told = deliver(&world).await;
    let ask = |who: Who, before, limit| {
        let store = world.store.clone();
        async move {
            store
                .read(move |tx| {
                    Box::pin(async move {
                        ledger::whereabouts(tx, workspace(), &who, before, limit).await
                    })
                })
                .await
                .unwrap()
        }
    };
    let ann = ask(Who::Email(" Person3@Example.ORG ".into()), None, 100)
        .await
        .unwrap();
    assert_eq!(ann.contact, world.people[&3]);
    assert_eq!(ann.next, None);
    let entered: Vec<EntryId> = (0..ENTRIES)
        .rev()
        .filter(|n| n % PEOPLE == 3)
        .map(|n| EntryId::from_uuid(Uuid::from_u128(1_000 + n)))
        .collect();
    assert_eq!(
        ann.entries.iter().map(|it| it.entry).collect::<Vec<_>>(),
        entered
    );
    for entry in &ann.entries {
        let [delivery] = entry.deliveries.as_slice() else {
            panic!("{entry:?}")
        };
        assert_eq!(delivery.state, told.state(delivery));
        assert_eq!(
            (delivery.entry, delivery.card),
            (Some(entry.entry), Some(entry.card))
        );
        assert_eq!(
            entry.card_key,
            if entry.card == card(RARE) {
                "rare"
            } else {
                "common"
            }
        );
    }
    // In pages, by contact and by entry.
    let some = ask(Who::Contact(ann.contact), None, 5).await.unwrap();
    assert_eq!(some.entries, ann.entries[..5]);
    let more = ask(Who::Entry(entered[9]), some.next, 5).await.unwrap();
    assert_eq!(more.entries, ann.entries[5..10]);
    assert_eq!(
        ask(Who::Email("nobody@example.org".into()), None, 5).await,
        None
    );
    world.store.close().await;
}

#[tokio::test]
async fn a_persons_entries_are_found_with_every_delivery() {
    for database in TestDatabase::both() {
        where_is(database).await;
    }
}

async fn calls_of(database: TestDatabase) {
    let mut world = World::new(&database).await;
    for n in 0..ENTRIES {
        world.enter(n).await;
    }
    let rows = world.all(&Filter::default()).await;
    let lane = rows[0].lane;
    let mut of_lane: Vec<i64> = rows
        .iter()
        .filter(|row| row.lane == lane && row.state != State::Skipped)
        .map(|row| row.seq)
        .collect();
    of_lane.reverse();
    let [a, b, c, d, ..] = of_lane[..] else {
        panic!("a lane with four deliveries")
    };
    // One call for all four that failed; one with a and c only; one with b alone.
    for (first, last, listed, outcome) in [
        (a, d, Vec::new(), CallOutcome::Unavailable),
        (a, c, vec![a, c], CallOutcome::Accepted),
        (b, b, Vec::new(), CallOutcome::AcceptedInPart),
    ] {
        world
            .commit(lane, move |fence| Commit {
                fence,
                cursor: d,
                call: Some(call(first, last, listed, outcome)),
                ..Commit::default()
            })
            .await;
    }
    let outcomes = |detail: &ledger::Detail| {
        detail
            .calls
            .iter()
            .map(|call| call.outcome.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(outcomes(&world.show(a).await), ["accepted", "unavailable"]);
    assert_eq!(
        outcomes(&world.show(b).await),
        ["accepted_in_part", "unavailable"]
    );
    assert_eq!(outcomes(&world.show(c).await), ["accepted", "unavailable"]);
    assert_eq!(outcomes(&world.show(d).await), ["unavailable"]);
    let shown = world.show(a).await;
    assert_eq!(
        (shown.calls[0].millis, shown.calls[0].message.as_str()),
        (7, "words")
    );
    assert_eq!(shown.events.len(), 2);
    assert!(shown.attributes.unwrap().starts_with("{\"n\":"));
    world.store.close().await;
}

#[tokio::test]
async fn a_delivery_is_shown_with_exactly_the_calls_that_carried_it() {
    for database in TestDatabase::both() {
        calls_of(database).await;
    }
}
