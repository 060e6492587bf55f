//! The database goes away under load and comes back: nobody is told "entered" who is not, pages are still shown, and nothing has
//! to be restarted.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use komo::serve::Server;
use store::testing::PostgresServer;

use crate::{
    harness::{Braze, KEY, drained, entries_of, entry, eventually, hub, play_id, seed},
    http::Http,
};

/// Sends entries until told to stop. Answers the acknowledged entries; a refused one is sent again with the same play id.
async fn send(
    http: Http,
    sender: usize,
    enough: Arc<AtomicBool>,
    refused: Arc<AtomicI64>,
) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for n in 0.. {
        if enough.load(Ordering::Relaxed) {
            break;
        }
        let mut body = entry(&format!("s{sender}n{n}@example.org"));
        body["play_id"] = play_id().into();
        loop {
            let reply = http.json(&entries_of("welcome"), &body).await;
            match reply.status {
                201 => {
                    acknowledged.push(reply.json()["entry_id"].as_str().unwrap().to_owned());
                    break;
                }
                503 => {
                    reply.is_problem(503);
                    assert!(reply.header("retry-after").parse::<u64>().unwrap() >= 1);
                    refused.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                }
                other => panic!("{other}: {}", reply.text()),
            }
        }
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_killed_under_load_loses_nothing_and_comes_back() {
    let mut postgres = tokio::task::spawn_blocking(PostgresServer::start)
        .await
        .unwrap();
    let braze = Braze::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = crate::harness::config(&store::testing::TestDatabase::sqlite(), folder.path());
    config.database.url = postgres.url("postgres");
    seed(&config, hub(&braze.endpoint()), KEY).await;
    let server = Server::start(&config).await.unwrap();
    let http = Http::new(server.address);

    let (enough, refused) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicI64::new(0)),
    );
    let mut senders = tokio::task::JoinSet::new();
    for sender in 0..6 {
        senders.spawn(send(
            Http::new(server.address),
            sender,
            Arc::clone(&enough),
            Arc::clone(&refused),
        ));
    }
    for round in 0..3 {
        let before = braze.sandbox.profile_count();
        eventually("entries arrive", || async {
            braze.sandbox.profile_count() > before + 20
        })
        .await;
        postgres.kill();
        let told = refused.load(Ordering::Relaxed);
        eventually("entries are refused", || async {
            refused.load(Ordering::Relaxed) > told + 5
        })
        .await;
        eventually("the server says that it is not ready", || async {
            http.get("/readyz").await.status == 503
        })
        .await;
        // What is in memory is still shown.
        assert_eq!(http.get("/healthz").await.status, 200);
        for path in [
            "/h/test",
            "/h/test/more",
            "/h/test/c/welcome",
            "/h/test/terms/terms",
        ] {
            assert_eq!(http.get(path).await.status, 200, "{path} in round {round}");
        }
        // A person reads a page, with the time to come back.
        let page = http
            .form(&entries_of("diary"), "email=ann%40example.org")
            .await;
        assert_eq!(page.status, 503);
        assert!(
            page.header("content-type").starts_with("text/html")
                && !page.header("retry-after").is_empty()
        );
        // A vote and a play's page are as unavailable as an entry.
        assert_eq!(
            http.json("/h/test/c/cone-or-cup/plays", &serde_json::json!({}))
                .await
                .status,
            503
        );
        postgres = tokio::task::spawn_blocking(move || {
            postgres.run();
            postgres
        })
        .await
        .unwrap();
        eventually("the server is ready again by itself", || async {
            http.get("/readyz").await.status == 200
        })
        .await;
    }
    enough.store(true, Ordering::Relaxed);
    let acknowledged: HashSet<String> = senders.join_all().await.into_iter().flatten().collect();
    drained(&server.store).await;
    let card = server.hubs.find("test").unwrap().card("welcome").unwrap().0;
    let stored = server
        .store
        .read(move |tx| Box::pin(store::entries::count(tx, card)))
        .await
        .unwrap();
    assert_eq!(
        stored,
        crate::harness::count(acknowledged.len()),
        "entries are either acknowledged or not there"
    );
    let history = braze.history();
    history.is_complete(&acknowledged);
    println!(
        "{stored} entries, {} refusals, none lost",
        refused.load(Ordering::Relaxed)
    );
    server.stop().await;
}

/// A folder on a file system of its own with little room; none without the right to mount one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={megabytes}m");
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(folder.path())
            .output();
        mounted
            .is_ok_and(|it| it.status.success())
            .then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the database may still be closing its files.
        drop(
            std::process::Command::new("umount")
                .arg("-l")
                .arg(self.0.path())
                .output(),
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_entries_until_there_is_room_on_sqlite() {
    let Some(disk) = SmallDisk::new(24) else {
        eprintln!("skipped: mounting a small disk needs the rights of root");
        return;
    };
    let braze = Braze::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = crate::harness::config(&store::testing::TestDatabase::sqlite(), folder.path());
    config.database.url = format!("sqlite:{}", disk.0.path().join("komo.db").display());
    seed(&config, hub(&braze.endpoint()), KEY).await;
    let server = Server::start(&config).await.unwrap();
    let http = Http::new(server.address);
    let mut acknowledged = HashSet::new();
    let mut take = async |n: usize| {
        let reply = http
            .json(&entries_of("diary"), &entry(&format!("p{n}@example.org")))
            .await;
        if reply.status == 201 {
            acknowledged.insert(reply.json()["entry_id"].as_str().unwrap().to_owned());
        }
        reply
    };
    for n in 0..20 {
        assert_eq!(take(n).await.status, 201);
    }
    let ballast = disk.0.path().join("ballast");
    let mut file = std::fs::File::create(&ballast).unwrap();
    while std::io::Write::write_all(&mut file, &[7; 4096]).is_ok() {}
    let mut refusals = 0;
    // The files that are there have a little room left.
    for n in 20..20_000 {
        let reply = take(n).await;
        match reply.status {
            201 => {}
            503 => {
                assert!(!reply.header("retry-after").is_empty());
                refusals += 1;
            }
            other => panic!("{other}: {}", reply.text()),
        }
        if refusals > 10 {
            break;
        }
    }
    assert!(refusals > 10, "the disk was never full");
    assert_eq!(
        http.get("/h/test").await.status,
        200,
        "pages are still shown"
    );
    drop(file);
    std::fs::remove_file(&ballast).unwrap();
    eventually("entries are taken again", || async {
        http.json(&entries_of("twice-a-day"), &entry("ann@example.org"))
            .await
            .status
            == 201
    })
    .await;
    drained(&server.store).await;
    let card = server.hubs.find("test").unwrap().card("diary").unwrap().0;
    let stored = server
        .store
        .read(move |tx| Box::pin(store::entries::count(tx, card)))
        .await
        .unwrap();
    assert_eq!(
        stored,
        crate::harness::count(acknowledged.len()),
        "entries are either acknowledged or not there"
    );
    let history = braze.history();
    assert!(acknowledged.iter().all(|entry| history.copies(entry) >= 1));
    server.stop().await;
}
