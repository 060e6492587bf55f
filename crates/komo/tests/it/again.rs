//! What was entered before, sent (again): a corrected mapping mends what was parked; history goes into a new connection.
//! Promises that nothing is sent twice, whatever is killed under way. Leaves the folding of values to `engage`.

use std::collections::{BTreeMap, BTreeSet};

use braze_sandbox::{FaultKind, FaultSpec, Profile, Sandbox, SubscriptionGroup};
use engage::{hub::ConnectionDoc, ids::ConnectionId};
use komo::{
    backfill::{self, Which},
    hubfile,
    secrets::Keyring,
};
use serde_json::{Value, json};
use store::{
    Store,
    backfill::{JobState, Scope},
    hubs::{self, NewConnection},
    ledger::{self, Filter, Row, State, Who},
    testing::TestDatabase,
};

use crate::{
    binary::Binary,
    harness::{
        Braze, KEY, Place, all_rows, backlog, connections, count, drained, entries_of, eventually,
        give_key, hub, play_id,
    },
    http::Http,
};

/// A group that no Braze of a test knows.
pub(crate) const GROUP: &str = "0d1f7a52-4e0c-4c2c-9a5b-0c6f6c7a7f10";

pub(crate) async fn change(
    store: &Store,
    row: hubs::Connection,
    change: impl FnOnce(&mut ConnectionDoc),
) {
    let mut doc: ConnectionDoc = serde_json::from_str(&row.document).unwrap();
    change(&mut doc);
    let text = hubfile::connection_text(&doc).unwrap();
    let saved = store
        .write(move |tx| {
            Box::pin(async move {
                hubs::save_document(tx, row.workspace, row.id, &row.document, &text, false).await
            })
        })
        .await
        .unwrap();
    assert!(saved);
}

async fn a_corrected_mapping_mends_what_was_parked(database: TestDatabase) {
    let braze = Braze::start().await;
    braze.sandbox.set(|settings| {
        settings.subscription_groups = vec![SubscriptionGroup {
            id: "11111111-2222-4333-8444-555555555555".to_owned(),
            name: "Letter".to_owned(),
            channel: "email".to_owned(),
        }];
    });
    let mut doc = hub(&braze.endpoint());
    doc.connections[0].consents[0].to = format!("group:{GROUP}");
    let place = Place::with_hub(database, braze, doc, |_| {}).await;
    let http = place.http();
    for n in 0..40 {
        let body = json!({
            "fields": {"email": format!("p{n}@example.org"), "first_name": format!("Name {n}")},
            "consents": {"newsletter": n % 4 == 1},
        });
        assert_eq!(http.json(&entries_of("welcome"), &body).await.status, 201);
    }
    place.drained().await;
    assert_eq!(backlog(place.store()).await.parked, 10);
    // One of them comes back before anybody looks: what was told later must win.
    let body = json!({"fields": {"email": "p5@example.org", "page": "later"}});
    assert_eq!(http.json(&entries_of("diary"), &body).await.status, 201);
    place.drained().await;

    let row = connections(place.store()).await.remove(0);
    let (workspace, connection) = (row.workspace, row.id);
    let parked = all_rows(
        place.store(),
        workspace,
        connection,
        Filter {
            state: Some(State::Parked),
            ..Filter::default()
        },
    )
    .await;
    assert_eq!(parked.len(), 10);
    let why = komo::ledger::why(&parked[0]);
    assert!(
        why.what.contains("subscription group") && why.remedy.contains("mapping"),
        "{why:?}"
    );

    // Sent again with the same mapping they are refused again; with the corrected one they arrive.
    let all = Which::Matching(Filter::default());
    let send = || backfill::send_again(place.store(), workspace, connection, &all, None);
    assert_eq!(
        backfill::count_again(place.store(), workspace, connection, &all)
            .await
            .unwrap(),
        10
    );
    assert_eq!(send().await.unwrap().settled, 10);
    eventually("they are refused again", || async {
        place.drained().await;
        backlog(place.store()).await.parked == 10
    })
    .await;
    let row = connections(place.store()).await.remove(0);
    change(place.store(), row, |doc| {
        doc.consents[0].to = "email_subscribe".into();
    })
    .await;
    let sent = send().await.unwrap();
    assert_eq!((sent.found, sent.settled, sent.deliveries), (10, 10, 10));
    place.drained().await;
    assert_eq!(backlog(place.store()).await.parked, 0);

    let profiles = place.braze.sandbox.profiles();
    assert_eq!(profiles.len(), 40);
    let agreed = profiles
        .iter()
        .filter(|it| it.text("email_subscribe") == Some("opted_in"));
    assert_eq!(agreed.count(), 10);
    let named = profiles.iter().filter(|it| it.text("first_name").is_some());
    assert_eq!(named.count(), 40);
    let history = place.braze.history();
    assert_eq!(
        (
            history.arrivals.len(),
            history.copies_are_explained(|_, _| false)
        ),
        (41, 0),
        "an event that was delivered is not sent again"
    );
    // The ledger keeps what was, and names what came instead.
    let rows = all_rows(place.store(), workspace, connection, Filter::default()).await;
    let replaced: Vec<&Row> = rows
        .iter()
        .filter(|row| row.state == State::Replaced)
        .collect();
    assert_eq!(replaced.len(), 20);
    for row in replaced {
        let by = rows
            .iter()
            .find(|it| Some(it.seq) == row.replaced_by)
            .unwrap();
        assert_eq!((by.entry, by.contact), (row.entry, row.contact));
        assert!(by.seq > row.seq);
    }
    place.server.stop().await;
}

both!(corrected_mapping, a_corrected_mapping_mends_what_was_parked);

/// Everything of a profile that does not depend on when Braze heard of it.
fn told(profile: &Profile) -> String {
    let sorted = |map: &serde_json::Map<String, Value>| -> BTreeMap<String, Value> {
        map.clone().into_iter().collect()
    };
    format!(
        "{:?} {:?} {:?} {:?} {:?}",
        sorted(&profile.fields),
        sorted(&profile.custom_attributes),
        profile.attribute_types,
        profile.subscription_groups,
        profile.custom_events
    )
}

pub(crate) fn profiles(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let profiles = sandbox.profiles();
    let by_alias = profiles.iter().map(|it| {
        (
            it.alias("komo_email").unwrap_or_default().to_owned(),
            told(it),
        )
    });
    by_alias.collect()
}

/// Adds a connection with the first one's mapping that goes elsewhere; answers it.
pub(crate) async fn second_connection(
    store: &Store,
    keyring: &Keyring,
    endpoint: &str,
) -> hubs::Connection {
    let first = connections(store).await.remove(0);
    let mut doc: ConnectionDoc = serde_json::from_str(&first.document).unwrap();
    doc.key = "second".into();
    endpoint.clone_into(&mut doc.endpoint);
    let new = NewConnection {
        id: komo::clock::new_id(),
        key: doc.key.clone(),
        document: hubfile::connection_text(&doc).unwrap(),
    };
    let id = new.id;
    let added = store
        .write(move |tx| {
            Box::pin(async move {
                hubs::add_connection(tx, first.workspace, first.hub, new, komo::clock::now()).await
            })
        })
        .await
        .unwrap();
    assert!(added);
    give_key(store, keyring, KEY).await;
    let all = connections(store).await;
    all.into_iter().find(|it| it.id == id).unwrap()
}

pub(crate) async fn is_done(store: &Store, connection: &hubs::Connection) -> bool {
    let all = backfill::progress(store, connection.workspace, connection.id)
        .await
        .unwrap();
    let newest = &all[0];
    assert!(
        matches!(newest.job.state, JobState::Running | JobState::Done),
        "{:?}: {}",
        newest.job.state,
        newest.job.detail
    );
    newest.job.state == JobState::Done
}

/// A vote, then its form.
async fn vote_and_enter(http: &Http, email: &str, option: &str) {
    let play = play_id();
    let started = http
        .json("/h/test/c/flavour-poll/plays", &json!({"play_id": play}))
        .await;
    assert_eq!(started.status, 201, "{}", started.text());
    let moves = format!("/h/test/c/flavour-poll/plays/{play}/moves");
    assert_eq!(
        http.json(&moves, &json!({"option": option})).await.status,
        200
    );
    let body = json!({"fields": {"email": email}, "play_id": play});
    let entered = http.json(&entries_of("flavour-poll"), &body).await;
    assert_eq!(entered.status, 201, "{}", entered.text());
}

/// A form, then its vote.
async fn enter_and_vote(http: &Http, email: &str, option: &str) {
    let play = play_id();
    let body = json!({"fields": {"email": email}, "play_id": play});
    let entered = http.json(&entries_of("name-first"), &body).await;
    assert_eq!(entered.status, 201, "{}", entered.text());
    let moves = format!("/h/test/c/name-first/plays/{play}/moves");
    assert_eq!(
        http.json(&moves, &json!({"option": option})).await.status,
        200
    );
}

async fn a_backfill_makes_the_same_profiles_as_live_delivery(database: TestDatabase) {
    let place = Place::on(database).await;
    let http = place.http();
    for n in 0..30 {
        let email = format!("p{n}@example.org");
        let body = json!({
            "fields": {"email": email, "first_name": format!("Name {n}"), "favourite_flavour": "fig"},
            "consents": {"newsletter": n % 2 == 0},
        });
        assert_eq!(http.json(&entries_of("welcome"), &body).await.status, 201);
        for page in 0..n % 3 {
            let body = json!({"fields": {"email": email, "page": format!("{n} {page}")}});
            assert_eq!(http.json(&entries_of("diary"), &body).await.status, 201);
        }
        if n % 5 == 0 {
            vote_and_enter(&http, &email, "lemon").await;
        }
        if n % 7 == 0 {
            enter_and_vote(&http, &email, "nuts").await;
        }
    }
    place.drained().await;
    let live = profiles(&place.braze.sandbox);
    assert_eq!(live.len(), 30);

    let fresh = Braze::start().await;
    let second = second_connection(place.store(), &place.server.keyring, &fresh.endpoint()).await;
    // Somebody enters while the backfill is under way: that one is delivered live.
    let start = || backfill::start(place.store(), second.workspace, second.id, Scope::default());
    start().await.unwrap();
    assert!(start().await.is_err(), "one at a time");
    let body = json!({"fields": {"email": "p3@example.org", "page": "meanwhile"}});
    assert_eq!(http.json(&entries_of("diary"), &body).await.status, 201);
    eventually("the backfill is done", || is_done(place.store(), &second)).await;
    place.drained().await;

    eventually("both have the same", || async {
        profiles(&fresh.sandbox) == profiles(&place.braze.sandbox)
    })
    .await;
    assert_eq!(profiles(&fresh.sandbox).len(), 30);
    let history = fresh.history();
    assert_eq!(history.copies_are_explained(|_, _| false), 0);
    assert_eq!(history.arrivals.len(), place.braze.history().arrivals.len());

    // Once more: nothing is left to send.
    let sent = fresh.sandbox.accepted().len();
    start().await.unwrap();
    eventually("the second backfill is done", || {
        is_done(place.store(), &second)
    })
    .await;
    place.drained().await;
    assert_eq!(fresh.sandbox.accepted().len(), sent);
    let progress = backfill::progress(place.store(), second.workspace, second.id)
        .await
        .unwrap();
    assert_eq!((progress[0].percent, progress[0].job.deliveries), (100, 0));

    // Everybody's entries are found with their deliveries to both.
    let workspace = second.workspace;
    let found = place
        .store()
        .read(move |tx| {
            Box::pin(async move {
                let who = Who::Email("p20@example.org".into());
                ledger::whereabouts(tx, workspace, &who, None, 100).await
            })
        })
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.entries.len(), 4);
    for entry in found.entries {
        let places: BTreeSet<ConnectionId> =
            entry.deliveries.iter().map(|it| it.connection).collect();
        assert_eq!(places.len(), 2, "{entry:?}");
        assert!(
            entry
                .deliveries
                .iter()
                .all(|it| it.state == State::Delivered)
        );
    }
    place.server.stop().await;
}

both!(
    backfill_same_profiles,
    a_backfill_makes_the_same_profiles_as_live_delivery
);

/// People with one entry each: more than a backfill queues up at once.
const PEOPLE: usize = 1_600;

async fn a_backfill_that_is_killed_goes_on_and_sends_nothing_twice(database: TestDatabase) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (braze, fresh) = (Braze::start().await, Braze::start().await);
    let url = match database.url() {
        postgres if postgres.starts_with("postgres") => postgres,
        _ => format!("sqlite:{}", data.join("komo.db").display()),
    };
    let binary = Binary::start(&data, &url, &braze.endpoint(), &[]).await;
    let mut senders = tokio::task::JoinSet::new();
    for sender in 0..8 {
        let http = Http::new(binary.address);
        senders.spawn(async move {
            let mut entries = Vec::new();
            for n in (sender..PEOPLE).step_by(8) {
                let body = json!({"fields": {"email": format!("guest{n}@example.org"), "first_name": format!("N {n}")}});
                let reply = http.json("/h/demo/c/welcome/entries", &body).await;
                assert_eq!(reply.status, 201, "{}", reply.text());
                entries.push(reply.json()["entry_id"].as_str().unwrap().to_owned());
            }
            entries
        });
    }
    let entered: Vec<String> = senders.join_all().await.into_iter().flatten().collect();
    assert_eq!(entered.len(), PEOPLE);

    let address = store::Address::parse(&url).unwrap();
    let store = store::open(&address, store::Options::default(), komo::clock::now())
        .await
        .unwrap();
    drained(&store).await;
    // Braze is slow, so that the backfill has to wait for it, and is killed while it waits.
    fresh.sandbox.add_faults(vec![FaultSpec {
        delay_ms: Some(500),
        ..FaultSpec::new(FaultKind::Delay)
    }]);
    let keyring = Keyring::open_or_make(&data.join("secret.key")).unwrap();
    let second = second_connection(&store, &keyring, &fresh.endpoint()).await;
    backfill::start(&store, second.workspace, second.id, Scope::default())
        .await
        .unwrap();
    let job = || async {
        let all = backfill::progress(&store, second.workspace, second.id)
            .await
            .unwrap();
        all.into_iter().next().unwrap().job
    };
    eventually("the backfill is in its middle", || async {
        job().await.done >= 900
    })
    .await;
    let killed = komo::clock::now().0;
    binary.kill().await;
    let before = job().await;
    assert_eq!(before.state, JobState::Running, "{before:?}");

    fresh.sandbox.clear_faults();
    let binary = Binary::start(&data, &url, &braze.endpoint(), &[]).await;
    eventually("the backfill is done", || is_done(&store, &second)).await;
    drained(&store).await;
    assert!(binary.stop().await.success());

    // Made once each, and received once each but for what was in flight when the process died.
    let rows = all_rows(&store, second.workspace, second.id, Filter::default()).await;
    let told: BTreeSet<_> = rows.iter().filter_map(|row| row.entry).collect();
    assert_eq!((rows.len(), told.len()), (PEOPLE, PEOPLE));
    assert!(rows.iter().all(|row| row.state == State::Delivered));
    let history = fresh.history();
    history.is_complete(&entered);
    // Of a call that Braze had not dealt with when its sender died, the record may come after that of the next one.
    history.copies_are_explained(|one, other| {
        one.at.min(other.at) <= killed && one.at.max(other.at) >= killed
    });
    assert_eq!(fresh.sandbox.profile_count(), PEOPLE);
    let after = job().await;
    assert_eq!(after.deliveries, count(PEOPLE));
    store.close().await;
}

both!(
    backfill_killed,
    a_backfill_that_is_killed_goes_on_and_sends_nothing_twice
);
