//! `kill -9` at random moments under load: what was acknowledged is in the database, reaches Braze, and is not made twice.
//! `KOMO_TEST_KILLS` raises the number of kills, `KOMO_TEST_SEED` chooses the moments.

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use engage::hub::HubDoc;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use store::testing::TestDatabase;
use tokio::sync::watch;

use crate::{
    binary::Binary,
    harness::{Braze, drained, eventually, play_id},
    http::Http,
};

/// Kills on each database, unless `KOMO_TEST_KILLS` says more.
const KILLS: usize = 50;
const SENDERS: usize = 8;
/// Longest time from the first served request to the kill.
const LONGEST_RUN_MS: u64 = 700;
const PATH: &str = "/h/demo/c/welcome/entries";

fn from_environment<T: std::str::FromStr>(name: &str, otherwise: T) -> T {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

fn now_ms() -> i64 {
    komo::clock::now().0
}

/// One submission: the same body is sent until it is acknowledged.
#[derive(Clone)]
struct Submission {
    number: u64,
    play_id: String,
}

impl Submission {
    fn email(&self) -> String {
        format!("guest{}@example.org", self.number)
    }

    fn body(&self) -> Value {
        json!({
            "fields": {"email": self.email(), "first_name": format!("Näme {}", self.number), "favourite_flavour": format!("flavour {}", self.number)},
            "consents": {"newsletter": self.number.is_multiple_of(2)},
            "play_id": self.play_id,
        })
    }
}

/// What a participant holds in the hand: the submission and the entry it became.
struct Receipt {
    submission: Submission,
    entry: String,
}

/// Sends one submission after the other, each until it is acknowledged, wherever the server is at the moment.
async fn send(
    mut server: watch::Receiver<Option<SocketAddr>>,
    numbers: Arc<AtomicU64>,
    enough: Arc<AtomicBool>,
) -> Vec<Receipt> {
    let mut receipts = Vec::new();
    let mut http: Option<(SocketAddr, Http)> = None;
    while !enough.load(Ordering::Relaxed) {
        let submission = Submission {
            number: numbers.fetch_add(1, Ordering::Relaxed),
            play_id: play_id(),
        };
        let body = submission.body().to_string();
        loop {
            let address = server.wait_for(Option::is_some).await.unwrap().unwrap();
            let (_, http) = match http.take() {
                Some(known) if known.0 == address => http.insert(known),
                _ => http.insert((address, Http::new(address))),
            };
            let Ok(reply) = http
                .try_send(
                    "POST",
                    PATH,
                    &[("content-type", "application/json")],
                    body.clone().into(),
                )
                .await
            else {
                // The server is gone: again when there is another, or when the kill turns out to be still on its way.
                drop(tokio::time::timeout(Duration::from_millis(20), server.changed()).await);
                continue;
            };
            if reply.status == 503 {
                assert!(!reply.header("retry-after").is_empty());
                tokio::task::yield_now().await;
                continue;
            }
            assert_eq!(
                reply.status,
                201,
                "a submission that is sent again with its play id is the same one: {}",
                reply.text()
            );
            receipts.push(Receipt {
                submission,
                entry: reply.json()["entry_id"].as_str().unwrap().to_owned(),
            });
            break;
        }
    }
    receipts
}

/// A time during which a server was killed and its successor was not there yet.
struct Gap {
    from: i64,
    to: i64,
}

async fn nothing_acknowledged_is_lost(database: TestDatabase) {
    let kills = from_environment("KOMO_TEST_KILLS", KILLS);
    let seed = from_environment("KOMO_TEST_SEED", rand::random());
    println!("KOMO_TEST_SEED={seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let braze = Braze::start().await;
    let url = match database.url() {
        postgres if postgres.starts_with("postgres") => postgres,
        _ => format!("sqlite:{}", data.join("komo.db").display()),
    };
    let endpoint = braze.endpoint();
    let start = || Binary::start(&data, &url, &endpoint, &[]);

    let (server, address) = watch::channel(None);
    let (numbers, enough) = (
        Arc::new(AtomicU64::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let mut senders = tokio::task::JoinSet::new();
    for _ in 0..SENDERS {
        senders.spawn(send(
            address.clone(),
            Arc::clone(&numbers),
            Arc::clone(&enough),
        ));
    }

    let mut gaps: Vec<Gap> = Vec::new();
    for _ in 0..kills {
        let binary = start().await;
        if let Some(last) = gaps.last_mut() {
            last.to = now_ms();
        }
        server.send_replace(Some(binary.address));
        // The moment is the experiment, not a wait for something.
        tokio::time::sleep(Duration::from_millis(dice.random_range(1..LONGEST_RUN_MS))).await;
        gaps.push(Gap {
            from: now_ms(),
            to: i64::MAX,
        });
        binary.kill().await;
        server.send_replace(None);
    }
    let binary = start().await;
    gaps.last_mut().unwrap().to = now_ms();
    server.send_replace(Some(binary.address));
    enough.store(true, Ordering::Relaxed);
    let receipts: Vec<Receipt> = senders.join_all().await.into_iter().flatten().collect();
    assert_eq!(
        receipts.len() as u64,
        numbers.load(Ordering::Relaxed),
        "every submission was acknowledged in the end"
    );

    // Every receipt is worth what it says: the same submission is answered with the same entry.
    let receipts = Arc::new(receipts);
    let mut checks = tokio::task::JoinSet::new();
    for first in 0..SENDERS {
        let (receipts, http) = (Arc::clone(&receipts), Http::new(binary.address));
        checks.spawn(async move {
            for receipt in receipts.iter().skip(first).step_by(SENDERS) {
                let reply = http.json(PATH, &receipt.submission.body()).await;
                assert_eq!(reply.status, 201, "{}", reply.text());
                assert_eq!(
                    reply.json()["entry_id"],
                    receipt.entry,
                    "an acknowledged entry is gone"
                );
            }
        });
    }
    checks.join_all().await;

    // Everything is delivered while the program runs on, then it ends when asked to.
    let wanted = receipts.len();
    eventually("everybody is known in Braze", || async {
        braze.sandbox.profile_count() >= wanted
    })
    .await;
    {
        let store = store::open(
            &address_of(&url),
            store::Options::default(),
            komo::clock::now(),
        )
        .await
        .unwrap();
        drained(&store).await;
        store.close().await;
    }
    assert!(binary.stop().await.success());

    in_the_database_once(&url, wanted).await;
    let history = braze.history();
    let acknowledged: HashSet<String> = receipts
        .iter()
        .map(|receipt| receipt.entry.clone())
        .collect();
    assert_eq!(
        acknowledged.len(),
        wanted,
        "two submissions became one entry"
    );
    history.is_complete(&acknowledged);
    let copies = history.copies_are_explained(|before, after| {
        gaps.iter()
            .any(|gap| gap.from <= after.at && before.at <= gap.to)
    });
    profiles_are_right(&braze, &receipts);
    println!(
        "{kills} kills, {wanted} acknowledged entries, none lost; {copies} deliveries repeated because a kill hid their answer"
    );
    // At most one batch of each lane can be in flight at a kill.
    assert!(
        copies <= kills * 8 * 75,
        "{copies} copies after {kills} kills"
    );
}

fn address_of(url: &str) -> store::Address {
    store::Address::parse(url).unwrap()
}

async fn in_the_database_once(url: &str, wanted: usize) {
    let store = store::open(
        &address_of(url),
        store::Options::default(),
        komo::clock::now(),
    )
    .await
    .unwrap();
    let published = store
        .read(|tx| Box::pin(store::hubs::published(tx)))
        .await
        .unwrap();
    let demo = published.iter().find(|hub| hub.slug == "demo").unwrap();
    let card = demo
        .cards
        .iter()
        .find(|(key, _)| key == "welcome")
        .unwrap()
        .1;
    let entries = store
        .read(move |tx| Box::pin(store::entries::count(tx, card)))
        .await
        .unwrap();
    assert_eq!(
        entries,
        crate::harness::count(wanted),
        "entries in the database"
    );
    assert!(HubDoc::from_json(&demo.document).is_ok());
    store.close().await;
}

fn profiles_are_right(braze: &Braze, receipts: &[Receipt]) {
    let profiles = braze.sandbox.profiles();
    assert_eq!(profiles.len(), receipts.len());
    let by_alias: HashMap<&str, _> = profiles
        .iter()
        .map(|profile| (profile.alias("komo_email").unwrap(), profile))
        .collect();
    for Receipt { submission, .. } in receipts {
        let profile = by_alias[submission.email().as_str()];
        assert_eq!(profile.text("email"), Some(submission.email().as_str()));
        assert_eq!(
            profile.text("first_name"),
            Some(format!("Näme {}", submission.number).as_str())
        );
        assert_eq!(
            profile.custom_attributes["favourite_flavour"],
            format!("flavour {}", submission.number)
        );
        let wanted = submission.number.is_multiple_of(2).then_some("opted_in");
        assert_eq!(profile.text("email_subscribe"), wanted);
    }
}

both!(kill_9, nothing_acknowledged_is_lost);
