//! The program itself fails while it delivers: a lane's task panics, or the one that makes a call. The lane goes on from what is stored,
//! and a delivery that brings it about again and again is set aside alone.

use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
};

use braze::Answer;
use engage::hub::MailRoute;
use komo::{
    deliver::{Deliver, Mailer, Settings, Wakers, housekeeping::Keep},
    live::LiveHubs,
    secrets::Keyring,
};
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use serde_json::json;
use store::{
    ledger::{Filter, State},
    testing::TestDatabase,
};
use tokio::sync::watch;

use crate::{
    harness::{Braze, Place, all_rows, backlog, connections, drained, entries_of, eventually},
    mails,
};

/// Counts nothing; instead, a lane's task that tells about its call fails, so many times.
struct Bomb {
    left: AtomicU32,
    last: AtomicI64,
}

impl Recorder for Bomb {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let take = |left: u32| left.checked_sub(1);
        if key.name() == "komo_delivery_calls_total"
            && self
                .left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
                .is_ok()
        {
            self.last.store(komo::clock::now().0, Ordering::Relaxed);
            panic!("planted: the call has been answered, and its outcome is not stored yet");
        }
        Counter::noop()
    }
    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }
    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

/// On one thread, which the bomb lies on.
async fn a_lane_whose_task_fails_goes_on_from_what_is_stored(database: TestDatabase) {
    let bomb = Bomb {
        left: AtomicU32::new(6),
        last: AtomicI64::new(0),
    };
    let place = Place::on(database).await;
    let lying = metrics::set_default_local_recorder(&bomb);
    let http = place.http();
    let mut accepted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for n in 0..48 {
        let email = format!("person{}@example.org", n % 8);
        let body = json!({"fields": {"email": email, "page": n.to_string()}});
        let reply = http.json(&entries_of("diary"), &body).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        let entry = reply.json()["entry_id"].as_str().unwrap().to_owned();
        accepted.entry(email).or_default().push(entry);
    }
    place.drained().await;
    drop(lying);
    assert_eq!(bomb.left.load(Ordering::Relaxed), 0, "nothing failed");
    let history = place.braze.history();
    history.is_complete(accepted.values().flatten());
    history.is_in_order(&accepted);
    // What was answered and not stored is sent again; nothing else is.
    let last = bomb.last.load(Ordering::Relaxed);
    let copies = history.copies_are_explained(|before, _| before.at <= last);
    assert!(copies > 0);
    place.server.stop().await;
}

#[tokio::test]
async fn a_lane_whose_task_fails_goes_on_sqlite() {
    a_lane_whose_task_fails_goes_on_from_what_is_stored(TestDatabase::sqlite()).await;
}

#[tokio::test]
async fn a_lane_whose_task_fails_goes_on_postgres() {
    a_lane_whose_task_fails_goes_on_from_what_is_stored(TestDatabase::postgres()).await;
}

/// Brings the program down with mails to one person, and takes all others.
#[derive(Debug, Default)]
struct Shaky {
    taken: Mutex<Vec<String>>,
    failures: AtomicU32,
}

impl Mailer for Shaky {
    fn send(&self, body: String) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>> {
        Box::pin(async move {
            if body.contains("bob@example.org") {
                self.failures.fetch_add(1, Ordering::Relaxed);
                panic!("planted: this mail cannot be made");
            }
            self.taken.lock().unwrap().push(body);
            Answer::Accepted {
                item_errors: Vec::new(),
                unassigned: Vec::new(),
            }
        })
    }
}

async fn a_delivery_that_fails_the_program_is_set_aside_after_a_few_tries(database: TestDatabase) {
    let braze = Braze::settings();
    // Nobody is there to take the mails yet.
    let nowhere = "smtp://127.0.0.1:9".to_owned();
    let (_braze, node, folder) = mails::place(&database, braze, MailRoute::Smtp, |config| {
        config.smtp.url = nowhere;
    })
    .await;
    for name in ["ann", "bob", "cy"] {
        mails::enter(&node, &format!("{name}@example.org")).await;
    }
    node.vanish();

    let config = crate::harness::config(&database, folder.path());
    let store = komo::serve::open_store(&config).await.unwrap();
    let shaky = Arc::new(Shaky::default());
    let deliver = Deliver {
        store: store.clone(),
        keyring: Arc::new(Keyring::open_or_make(&config.secrets.key_file).unwrap()),
        hubs: LiveHubs::load(&store).await.unwrap(),
        wakers: Wakers::default(),
        settings: Settings {
            allow_private: true,
            allow_other_hosts: true,
            lease_ms: 60_000,
            retry_window_ms: config.delivery.retry_window_ms(),
            keep: Keep::days(0, 0, 0),
            shared: false,
        },
        owner: config.delivery.node.clone().into(),
        mailer: Some(Arc::clone(&shaky) as Arc<dyn Mailer>),
    };
    let (stop, stopping) = watch::channel(false);
    let running = tokio::spawn(deliver.run(stopping));
    eventually("the mail that cannot be made is set aside", || async {
        backlog(&store).await.parked == 1
    })
    .await;
    drained(&store).await;
    assert_eq!(shaky.failures.load(Ordering::Relaxed), 3);
    let taken = shaky.taken.lock().unwrap().join("\n");
    assert!(taken.contains("ann@example.org") && taken.contains("cy@example.org"));
    let parked = Filter {
        state: Some(State::Parked),
        ..Filter::default()
    };
    let mut aside = Vec::new();
    for connection in connections(&store).await {
        let (workspace, id) = (connection.workspace, connection.id);
        aside.extend(all_rows(&store, workspace, id, parked.clone()).await);
    }
    assert_eq!(aside.len(), 1);
    assert_eq!(aside[0].code.as_deref(), Some("crashed"));
    stop.send_replace(true);
    running.await.unwrap();
    store.close().await;
}

both!(
    crashed_deliveries,
    a_delivery_that_fails_the_program_is_set_aside_after_a_few_tries
);
