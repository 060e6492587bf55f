//! Trouble with Braze that a marketer has to hear about, or never should: wrong keys, poison, outages, shutdowns.

use std::time::{Duration, Instant};

use braze_sandbox::{FaultKind, FaultSpec, SubscriptionGroup};
use engage::time::Millis;
use komo::serve::Server;
use serde_json::json;
use store::{outbox, testing::TestDatabase};

use crate::{
    harness::{
        Braze, KEY, Place, backlog, connections, entries_of, entry, eventually, give_key, hub,
        seed, send_again,
    },
    http::Http,
};

async fn a_wrong_key_pauses_the_connection_until_there_is_a_right_one(database: TestDatabase) {
    let braze = Braze::start().await;
    let folder = tempfile::tempdir().unwrap();
    let config = crate::harness::config(&database, folder.path());
    seed(&config, hub(&braze.endpoint()), "wrong-key-canary").await;
    let server = Server::start(&config).await.unwrap();
    let http = Http::new(server.address);
    for n in 0..20 {
        assert_eq!(
            http.json(&entries_of("welcome"), &entry(&format!("p{n}@example.org")))
                .await
                .status,
            201,
            "entries are taken all the same"
        );
    }
    eventually("the connection is paused", || async {
        connections(&server.store).await[0].paused.is_some()
    })
    .await;
    let (code, sentence) = connections(&server.store).await[0].paused.clone().unwrap();
    assert_eq!(code, "key_refused");
    assert!(
        sentence.contains("key") && sentence.len() > 40,
        "the owner reads: {sentence}"
    );
    assert!(!sentence.contains("canary"), "the key is shown: {sentence}");
    assert_eq!(braze.sandbox.profile_count(), 0);
    let waiting = backlog(&server.store).await;
    assert_eq!(
        waiting.pending + waiting.retrying + waiting.waiting,
        20,
        "nothing is lost: {waiting:?}"
    );
    let calls = braze.sandbox.totals().requests;
    assert!(
        calls <= 8,
        "a wrong key is tried once by each lane at most, not {calls} times"
    );

    give_key(&server.store, &server.keyring, KEY).await;
    crate::harness::drained(&server.store).await;
    let history = braze.history();
    assert_eq!(history.arrivals.len(), 20);
    assert_eq!(history.copies_are_explained(|_, _| false), 0);
    assert_eq!(connections(&server.store).await[0].paused, None);
    server.stop().await;
}

both!(
    wrong_key,
    a_wrong_key_pauses_the_connection_until_there_is_a_right_one
);

async fn a_key_withdrawn_under_way_pauses_and_a_resume_goes_on(database: TestDatabase) {
    let place = Place::on(database).await;
    let http = place.http();
    assert_eq!(
        http.json(&entries_of("diary"), &entry("ann@example.org"))
            .await
            .status,
        201
    );
    place.drained().await;
    place
        .braze
        .sandbox
        .add_faults(vec![FaultSpec::new(FaultKind::RevokePermission)]);
    for _ in 0..5 {
        assert_eq!(
            http.json(&entries_of("diary"), &entry("ann@example.org"))
                .await
                .status,
            201
        );
    }
    eventually("the connection is paused", || async {
        connections(place.store()).await[0].paused.is_some()
    })
    .await;
    place.braze.sandbox.clear_faults();
    let connection = connections(place.store()).await[0].id;
    place
        .store()
        .write(move |tx| Box::pin(store::hubs::resume(tx, connection)))
        .await
        .unwrap();
    place.drained().await;
    assert_eq!(place.braze.history().arrivals.len(), 6);
    place.server.stop().await;
}

both!(
    withdrawn_key,
    a_key_withdrawn_under_way_pauses_and_a_resume_goes_on
);

const GROUP: &str = "0d1f7a52-4e0c-4c2c-9a5b-0c6f6c7a7f10";

async fn poison_is_parked_with_a_reason_and_nobody_else_waits(database: TestDatabase) {
    let braze = Braze::start().await;
    let group = |id: &str| SubscriptionGroup {
        id: id.to_owned(),
        name: "Letter".to_owned(),
        channel: "email".to_owned(),
    };
    // The hub names a subscription group that Braze does not know: whoever agrees is refused, one by one.
    braze.sandbox.set(|settings| {
        settings.subscription_groups = vec![group("11111111-2222-4333-8444-555555555555")];
    });
    let mut doc = hub(&braze.endpoint());
    doc.connections[0].consents[0].to = format!("group:{GROUP}");
    let place = Place::with_hub(database, braze, doc, |_| {}).await;
    let http = place.http();
    let (mut poison, mut good) = (0, 0);
    for n in 0..200 {
        let agrees = n % 37 == 5;
        let body = json!({"fields": {"email": format!("p{n}@example.org"), "first_name": "Ann"}, "consents": {"newsletter": agrees}});
        assert_eq!(http.json(&entries_of("welcome"), &body).await.status, 201);
        if agrees { poison += 1 } else { good += 1 }
    }
    place.drained().await;
    assert_eq!(
        backlog(place.store()).await.parked,
        poison,
        "exactly the poison is set aside"
    );
    let people = place.braze.sandbox.profiles();
    assert_eq!(
        people
            .iter()
            .filter(|it| it.text("first_name") == Some("Ann"))
            .count(),
        good,
        "all the others are there"
    );

    let connection = connections(place.store()).await[0].id;
    let aside = place
        .store()
        .read(move |tx| Box::pin(outbox::set_aside(tx, connection, 0, 100)))
        .await
        .unwrap();
    assert_eq!(crate::harness::count(aside.len()), poison);
    for it in &aside {
        assert_eq!(
            (it.state.as_str(), it.code.as_deref()),
            ("parked", Some("subscription_group"))
        );
        assert!(
            it.explain().contains("subscription group") && it.entry.is_some(),
            "{}",
            it.explain()
        );
    }

    // Somebody makes the group in Braze and sends everything again.
    place
        .braze
        .sandbox
        .set(|settings| settings.subscription_groups.push(group(GROUP)));
    assert_eq!(send_again(place.store()).await.settled, poison);
    place.drained().await;
    assert_eq!(backlog(place.store()).await.parked, 0);
    let people = place.braze.sandbox.profiles();
    assert_eq!(
        people
            .iter()
            .filter(|it| it.text("first_name") == Some("Ann"))
            .count(),
        200
    );
    assert_eq!(
        crate::harness::count(
            people
                .iter()
                .filter(|it| it
                    .subscription_groups
                    .get(GROUP)
                    .is_some_and(|state| state == "subscribed"))
                .count()
        ),
        poison
    );
    let history = place.braze.history();
    assert_eq!(
        (
            history.arrivals.len(),
            history.copies_are_explained(|_, _| false)
        ),
        (200, 0),
        "what was delivered is not sent again"
    );
    place.server.stop().await;
}

both!(poison, poison_is_parked_with_a_reason_and_nobody_else_waits);

async fn one_hubs_outage_does_not_delay_another(database: TestDatabase) {
    let (sick, well) = (Braze::start().await, Braze::start().await);
    // The worst kind: calls are taken and never answered.
    sick.sandbox
        .add_faults(vec![FaultSpec::new(FaultKind::Stall)]);
    let mut other = hub(&well.endpoint());
    other.hub.slug = "other".to_owned();
    let folder = tempfile::tempdir().unwrap();
    let config = crate::harness::config(&database, folder.path());
    seed(&config, hub(&sick.endpoint()), KEY).await;
    seed(&config, other, KEY).await;
    let server = Server::start(&config).await.unwrap();
    let http = Http::new(server.address);
    for n in 0..100 {
        assert_eq!(
            http.json(&entries_of("welcome"), &entry(&format!("p{n}@example.org")))
                .await
                .status,
            201
        );
    }
    eventually("calls hang", || async {
        !sick.sandbox.faults().is_empty() && sick.sandbox.faults()[0].hits > 0
    })
    .await;
    let since = Instant::now();
    for n in 0..100 {
        // The same people, even: another hub is another matter.
        assert_eq!(
            http.json(
                "/h/other/c/welcome/entries",
                &entry(&format!("p{n}@example.org"))
            )
            .await
            .status,
            201
        );
    }
    eventually("the healthy hub's people arrive", || async {
        well.sandbox.profile_count() == 100
    })
    .await;
    let took = since.elapsed();
    assert!(
        took < Duration::from_secs(10),
        "the neighbour's outage cost {took:?}"
    );
    assert_eq!(sick.sandbox.profile_count(), 0);
    // Not asked to stop: the hanging calls would be waited for.
    drop(server);
}

both!(outage, one_hubs_outage_does_not_delay_another);

async fn a_graceful_end_finishes_calls_and_gives_the_lanes_back(database: TestDatabase) {
    let place = Place::on(database).await;
    let slow = FaultSpec {
        delay_ms: Some(600),
        ..FaultSpec::new(FaultKind::Delay)
    };
    place.braze.sandbox.add_faults(vec![slow]);
    let http = place.http();
    for n in 0..5 {
        assert_eq!(
            http.json(&entries_of("welcome"), &entry(&format!("p{n}@example.org")))
                .await
                .status,
            201
        );
    }
    eventually("a call is under way", || async {
        place.braze.sandbox.faults()[0].hits > 0
    })
    .await;
    let Place {
        server,
        config,
        braze,
        database: _database,
        folder: _folder,
    } = place;
    server.stop().await;
    let calls = braze.sandbox.totals().requests;
    assert!(calls >= 1, "the call under way was cut off");

    let store = komo::serve::open_store(&config).await.unwrap();
    for connection in connections(&store).await {
        for lane in connection.lanes {
            let now = komo::clock::now();
            let leased = store.write(move |tx| {
                Box::pin(
                    async move { outbox::lease(tx, lane, "another", now, Millis(now.0 + 1)).await },
                )
            });
            assert!(
                leased.await.unwrap().is_some(),
                "a lane is still held by a server that has ended"
            );
        }
    }
    store.close().await;
    // What was answered before the end is not sent again by the next start.
    braze.sandbox.clear_faults();
    let server = Server::start(&config).await.unwrap();
    crate::harness::drained(&server.store).await;
    let history = braze.history();
    assert_eq!(
        (
            history.arrivals.len(),
            history.copies_are_explained(|_, _| false)
        ),
        (5, 0)
    );
    server.stop().await;
}

both!(
    graceful_end,
    a_graceful_end_finishes_calls_and_gives_the_lanes_back
);

async fn entries_under_way_at_the_end_are_answered(database: TestDatabase) {
    let place = Place::on(database).await;
    let mut senders = tokio::task::JoinSet::new();
    let (first, mut begun) = tokio::sync::mpsc::channel(1);
    for sender in 0..8 {
        let (http, first) = (place.http(), first.clone());
        senders.spawn(async move {
            let mut acknowledged = 0_i64;
            for n in 0.. {
                let body = entry(&format!("s{sender}n{n}@example.org")).to_string();
                let path = entries_of("welcome");
                match http
                    .try_send(
                        "POST",
                        &path,
                        &[("content-type", "application/json")],
                        body.into(),
                    )
                    .await
                {
                    Ok(reply) if reply.status == 201 => acknowledged += 1,
                    Ok(reply) => panic!("{}", reply.text()),
                    // The door is closed: this one was never taken.
                    Err(_) => break,
                }
                let _ = first.try_send(());
            }
            acknowledged
        });
    }
    begun.recv().await.unwrap();
    let (config, _folder) = (place.config.clone(), place.folder);
    place.server.stop().await;
    let acknowledged: i64 = senders.join_all().await.into_iter().sum();
    let server = Server::start(&config).await.unwrap();
    let card = server.hubs.find("test").unwrap().card("welcome").unwrap().0;
    let entries = server
        .store
        .read(move |tx| Box::pin(store::entries::count(tx, card)))
        .await
        .unwrap();
    assert_eq!(
        entries, acknowledged,
        "each entry under way was either answered or not taken"
    );
    server.stop().await;
    drop(place.database);
}

both!(last_requests, entries_under_way_at_the_end_are_answered);

async fn what_braze_asked_to_wait_outlives_a_resume_and_a_new_key(database: TestDatabase) {
    let place = Place::on(database).await;
    place.braze.sandbox.add_faults(vec![FaultSpec {
        retry_after: Some(4),
        times: Some(1),
        ..FaultSpec::new(FaultKind::RateLimit)
    }]);
    let http = place.http();
    assert_eq!(
        http.json(&entries_of("diary"), &entry("ann@example.org"))
            .await
            .status,
        201
    );
    eventually("Braze has asked to wait", || async {
        place.braze.sandbox.faults()[0].hits > 0
    })
    .await;
    let refused = place.braze.sandbox.requests()[0].arrived_at;
    // Somebody presses every button there is: each gives the connection a new runner.
    let connection = connections(place.store()).await[0].id;
    for _ in 0..3 {
        place
            .store()
            .write(move |tx| Box::pin(store::hubs::resume(tx, connection)))
            .await
            .unwrap();
    }
    send_again(place.store()).await;
    place
        .store()
        .write(move |tx| Box::pin(store::hubs::touch(tx, connection)))
        .await
        .unwrap();
    place.drained().await;
    let requests = place.braze.sandbox.requests();
    let next = requests[1].arrived_at;
    assert!(
        next - refused >= 3_000,
        "the next call came {} ms after a refusal that asked to wait until the fourth second",
        next - refused
    );
    place.server.stop().await;
}

both!(
    wait_outlives,
    what_braze_asked_to_wait_outlives_a_resume_and_a_new_key
);

async fn a_neighbours_long_queue_does_not_hold_up_a_fresh_entry(database: TestDatabase) {
    let (slow, well) = (Braze::start().await, Braze::start().await);
    slow.sandbox.add_faults(vec![FaultSpec {
        delay_ms: Some(300),
        ..FaultSpec::new(FaultKind::Delay)
    }]);
    // One call in ten seconds: its queue lasts for longer than this test.
    let mut busy = hub(&slow.endpoint());
    for connection in &mut busy.connections {
        connection.requests_per_window = Some((1, 10));
    }
    let mut other = hub(&well.endpoint());
    other.hub.slug = "other".to_owned();
    let folder = tempfile::tempdir().unwrap();
    let config = crate::harness::config(&database, folder.path());
    seed(&config, busy, KEY).await;
    seed(&config, other, KEY).await;
    let server = Server::start(&config).await.unwrap();
    let http = Http::new(server.address);
    for n in 0..600 {
        let reply = http
            .json(&entries_of("diary"), &entry(&format!("p{n}@example.org")))
            .await;
        assert_eq!(reply.status, 201);
    }
    for n in 0..8 {
        let queued = backlog(&server.store).await.pending;
        let email = format!("fresh{n}@example.org");
        let reply = http.json("/h/other/c/diary/entries", &entry(&email)).await;
        assert_eq!(reply.status, 201);
        let calls = slow.sandbox.totals().requests;
        eventually("the neighbour's fresh entry arrives", || async {
            well.sandbox.profile_count() > n
        })
        .await;
        // Told by progress, not by a clock: the long queue is still there, and hardly a call of it was made meanwhile.
        assert!(queued > 0, "the queue was too short to show anything");
        assert!(
            slow.sandbox.totals().requests <= calls + 5,
            "the fresh entry waited for calls of its neighbour"
        );
    }
    // Not asked to stop: the queue would be waited for.
    drop(server);
}

both!(
    fairness,
    a_neighbours_long_queue_does_not_hold_up_a_fresh_entry
);
