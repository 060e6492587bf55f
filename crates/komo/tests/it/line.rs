//! A bad line between the product and everybody it talks to: answers lost after a commit, trickles, delays, connections that hang and
//! come back in any order. What was acknowledged is kept once, arrives in order, and nobody waits for a neighbour's line.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::json;
use store::{
    ledger::{Filter, State},
    testing::TestDatabase,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};

use crate::{
    harness::{
        Braze, KEY, Node, Place, all_rows, connections, count, drained, entries_of, eventually,
        hub, play_id, seed,
    },
    http::Http,
    proxy::{Line, Proxy, Way},
};

const PEOPLE: usize = 6;

/// Sends one page of a diary until it is acknowledged, however often nobody answers or it could not be stored.
async fn insist(http: &Http, person: usize, page: usize) -> String {
    let body = json!({
        "fields": {"email": format!("person{person}@example.org"), "page": page.to_string()},
        "play_id": play_id(),
    })
    .to_string();
    loop {
        let (path, headers) = (entries_of("diary"), [("content-type", "application/json")]);
        let sent = http.try_send("POST", &path, &headers, body.clone().into());
        match sent.await {
            Ok(reply) if reply.status == 201 => {
                return reply.json()["entry_id"].as_str().unwrap().to_owned();
            }
            Ok(reply) => assert_eq!(reply.status, 503, "{}", reply.text()),
            Err(_) => {}
        }
        tokio::task::yield_now().await;
    }
}

/// Everybody fills pages, each the next one only when the last is acknowledged, until told that it is enough. Answers the entries in
/// the order of acceptance.
fn diaries(
    addresses: &[std::net::SocketAddr],
    enough: &Arc<AtomicBool>,
) -> JoinSet<(String, Vec<String>)> {
    let mut people = JoinSet::new();
    for person in 0..PEOPLE {
        let https: Vec<Http> = addresses.iter().copied().map(Http::new).collect();
        let enough = Arc::clone(enough);
        people.spawn(async move {
            let mut accepted = Vec::new();
            while !enough.load(Ordering::Relaxed) {
                let http = &https[accepted.len() % https.len()];
                accepted.push(insist(http, person, accepted.len()).await);
            }
            (format!("person{person}@example.org"), accepted)
        });
    }
    people
}

/// Ends the diaries and answers who has filled what.
async fn filled(
    people: JoinSet<(String, Vec<String>)>,
    enough: &AtomicBool,
) -> BTreeMap<String, Vec<String>> {
    enough.store(true, Ordering::Relaxed);
    people.join_all().await.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_counts_once_on_postgres() {
    let database = TestDatabase::postgres();
    let (proxy, url) = Proxy::before_database(&database, 1).await;
    let place = Place::with(database, Braze::start().await, |config| {
        config.database.url = url;
    })
    .await;
    proxy.set(Line {
        lose_answer: Some((b"COMMIT\0", 4)),
        ..Line::default()
    });
    let enough = Arc::new(AtomicBool::new(false));
    let people = diaries(&[place.server.address], &enough);
    eventually("many commits have lost their answer", || async {
        proxy.cuts() >= 40
    })
    .await;
    let accepted = filled(people, &enough).await;
    proxy.set(Line::default());
    place.drained().await;

    let pages: usize = accepted.values().map(Vec::len).sum();
    assert_eq!(
        place.entries("diary").await,
        count(pages),
        "an entry whose commit was not confirmed is the same entry when it is sent again"
    );
    let history = place.braze.history();
    history.is_complete(accepted.values().flatten());
    history.is_in_order(&accepted);
    assert_eq!(
        history.copies_are_explained(|_, _| false),
        0,
        "an outcome that was stored is not forgotten because its answer was lost"
    );
    // The ledger tells what came to pass: each delivery was carried by one call.
    let connection = connections(place.store()).await.remove(0);
    let (workspace, id) = (connection.workspace, connection.id);
    let rows = all_rows(place.store(), workspace, id, Filter::default()).await;
    assert_eq!(rows.len(), pages);
    for row in rows {
        assert_eq!(row.state, State::Delivered);
        let shown = place
            .store()
            .read(move |tx| Box::pin(store::ledger::show(tx, workspace, row.seq)))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(shown.calls.len(), 1, "{:?}", shown.calls);
    }
    println!("{pages} pages, {} commits without an answer", proxy.cuts());
    place.server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_connection_that_hangs_is_given_up_on_postgres() {
    let database = TestDatabase::postgres();
    let (proxy, url) = Proxy::before_database(&database, 2).await;
    let place = Place::with(database, Braze::start().await, |config| {
        config.database.url = url;
        config.delivery.lease_seconds = 4;
    })
    .await;
    let enough = Arc::new(AtomicBool::new(false));
    let people = diaries(&[place.server.address], &enough);
    let arrived = || place.braze.sandbox.totals().requests;
    eventually("entries arrive", || async { arrived() > 20 }).await;
    // A server between, say: it takes what it is sent and never answers again. New connections are well.
    for tap in proxy.taps() {
        tap.clog(Way::Back);
    }
    let before = arrived();
    eventually("entries arrive again, without a restart", || async {
        arrived() > before + 20
    })
    .await;
    let accepted = filled(people, &enough).await;
    place.drained().await;
    let history = place.braze.history();
    history.is_complete(accepted.values().flatten());
    history.is_in_order(&accepted);
    place.server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_stop_and_go_in_any_order_lose_and_swap_nothing_on_postgres() {
    let database = TestDatabase::postgres();
    let (to_database, url) = Proxy::before_database(&database, 3).await;
    let braze = Braze::start().await;
    let to_braze = Proxy::before(braze.address, 4).await;
    let doc = hub(&format!("http://{}", to_braze.address));
    let place = Place::with_hub(database, braze, doc, |config| {
        config.database.url = url;
        // A call is given up after two seconds.
        config.delivery.lease_seconds = 4;
    })
    .await;
    let mut dice = StdRng::seed_from_u64(5);
    let enough = Arc::new(AtomicBool::new(false));
    let people = diaries(&[place.server.address], &enough);
    for round in 0..6 {
        let before = place.braze.sandbox.totals().requests;
        eventually("something arrives", || async {
            place.braze.sandbox.totals().requests > before + 10
        })
        .await;
        // One after the other stops, in one direction or the other, until nothing moves any more.
        let mut stopped = Vec::new();
        for proxy in [&to_braze, &to_database] {
            stopped.extend(proxy.taps());
        }
        while !stopped.is_empty() && dice.random_range(0..8) > 0 {
            let tap = stopped.swap_remove(dice.random_range(0..stopped.len()));
            let way = [Way::There, Way::Back][dice.random_range(0..2)];
            tap.clog(way);
            tokio::task::yield_now().await;
        }
        // Long enough for some calls to be given up, in some rounds.
        let hold = Duration::from_millis(dice.random_range(0..1_500) * (round % 3));
        tokio::time::sleep(hold).await;
        let mut all: Vec<_> = to_braze.taps();
        all.extend(to_database.taps());
        while !all.is_empty() {
            all.swap_remove(dice.random_range(0..all.len())).free();
            tokio::time::sleep(Duration::from_millis(dice.random_range(0..20))).await;
        }
    }
    let accepted = filled(people, &enough).await;
    place.drained().await;
    let history = place.braze.history();
    history.is_complete(accepted.values().flatten());
    history.is_in_order(&accepted);
    // The sandbox saw its answers off; the line held some of them back until the call was given up, or the commit of the outcome.
    let copies = history.copies_are_explained(|before, after| after.at - before.at >= 1_500);
    println!(
        "{} entries, {copies} copies",
        accepted.values().map(Vec::len).sum::<usize>()
    );
    place.server.stop().await;
}

async fn answers_that_trickle_end_at_the_time_limit(database: TestDatabase) {
    let braze = Braze::start().await;
    let proxy = Proxy::before(braze.address, 6).await;
    let doc = hub(&format!("http://{}", proxy.address));
    let place = Place::with_hub(database, braze, doc, |config| {
        config.delivery.lease_seconds = 4;
    })
    .await;
    let http = place.http();
    proxy.set(Line {
        trickle: Some((Way::Back, Duration::from_millis(50))),
        ..Line::default()
    });
    let mut accepted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for n in 0..PEOPLE * 3 {
        let entry = insist(&http, n % PEOPLE, n).await;
        let person = format!("person{}@example.org", n % PEOPLE);
        accepted.entry(person).or_default().push(entry);
    }
    let requests = || place.braze.sandbox.totals().requests;
    eventually("calls are given up and made again", || async {
        requests() >= 2 * PEOPLE as u64
    })
    .await;
    proxy.set(Line::default());
    place.drained().await;
    let history = place.braze.history();
    history.is_complete(accepted.values().flatten());
    history.is_in_order(&accepted);
    let copies = history.copies_are_explained(|before, after| after.at - before.at >= 1_500);
    assert!(copies > 0, "the trickle was never too slow");
    place.server.stop().await;
}

both!(trickled_answers, answers_that_trickle_end_at_the_time_limit);

/// Sends the beginning of a request, then nothing, and answers what comes back and after how long.
async fn dawdle(address: std::net::SocketAddr, beginning: &str) -> (String, Duration) {
    let since = Instant::now();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(beginning.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    (
        String::from_utf8_lossy(&answer).into_owned(),
        since.elapsed(),
    )
}

async fn who_sends_slowly_is_told_so_and_holds_up_nobody(database: TestDatabase) {
    let place = Place::with(database, Braze::start().await, |config| {
        config.server.request_timeout_seconds = 6;
    })
    .await;
    let slow_line = Proxy::before(place.server.address, 8).await;
    slow_line.set(Line {
        trickle: Some((Way::There, Duration::from_millis(100))),
        ..Line::default()
    });
    let head = |kind: &str, accept: &str| {
        format!(
            "POST {} HTTP/1.1\r\nhost: hub.example\r\ncontent-type: {kind}\r\naccept: {accept}\r\ncontent-length: 400\r\n\r\n",
            entries_of("diary")
        )
    };
    let program = head("application/json", "*/*") + "{\"fields\":{";
    let person = head("application/x-www-form-urlencoded", "text/html") + "email=ann";
    let (mut bodies, mut heads) = (JoinSet::new(), JoinSet::new());
    for n in 0..60 {
        let (address, text) = (
            place.server.address,
            if n % 2 == 0 { &program } else { &person }.clone(),
        );
        bodies.spawn(async move { dawdle(address, &text).await });
        let (address, text) = (slow_line.address, program.clone());
        heads.spawn(async move { dawdle(address, &text).await });
    }
    // Meanwhile everybody else enters as ever.
    let http = place.http();
    let since = Instant::now();
    for n in 0..50 {
        insist(&http, n % PEOPLE, n).await;
    }
    assert!(
        since.elapsed() < Duration::from_secs(3),
        "slow senders cost the others {:?}",
        since.elapsed()
    );
    let mut answers: HashMap<&str, usize> = HashMap::new();
    for (answer, took) in bodies.join_all().await {
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
        let kind = if answer.contains("urn:komo:problem:too-slow") {
            "for programs"
        } else {
            assert!(answer.contains("<h1"), "{answer}");
            "for people"
        };
        *answers.entry(kind).or_default() += 1;
        assert!(took < Duration::from_secs(6), "{took:?}");
    }
    assert_eq!(
        answers,
        HashMap::from([("for programs", 30), ("for people", 30)])
    );
    for (answer, took) in heads.join_all().await {
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 408 "),
            "{answer}"
        );
        assert!(took < Duration::from_secs(30), "{took:?}");
    }
    assert_eq!(place.entries("diary").await, 50);
    place.server.stop().await;
}

both!(
    slow_senders,
    who_sends_slowly_is_told_so_and_holds_up_nobody
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_overtake_one_another_on_two_nodes_arrive_in_the_order_of_the_log_on_postgres()
 {
    let database = TestDatabase::postgres();
    let (to_database, url) = Proxy::before_database(&database, 9).await;
    let braze = Braze::start().await;
    let to_braze = Proxy::before(braze.address, 10).await;
    let folder = tempfile::tempdir().unwrap();
    let mut one = crate::harness::config(&database, folder.path());
    one.database.url = url;
    one.delivery.node = "one".into();
    let mut two = one.clone();
    two.delivery.node = "two".into();
    seed(&one, hub(&format!("http://{}", to_braze.address)), KEY).await;
    let nodes = [
        Node::start(&one).await.unwrap(),
        Node::start(&two).await.unwrap(),
    ];
    let mut doors = Vec::new();
    for (node, seed) in nodes.iter().zip(11..) {
        doors.push(Proxy::before(node.address, seed).await);
    }
    let late = |most| Line {
        delay_ms: Some((0, most)),
        ..Line::default()
    };
    for door in &doors {
        door.set(late(60));
    }
    to_braze.set(late(30));
    to_database.set(late(3));
    // The same few people from many places at once: nobody but the database knows who was first.
    let mut senders = JoinSet::new();
    for sender in 0..24 {
        let http = Http::new(doors[sender % 2].address);
        senders.spawn(async move {
            for n in 0..15 {
                insist(&http, sender % PEOPLE, n).await;
            }
        });
    }
    senders.join_all().await;
    let store = komo::serve::open_store(&one).await.unwrap();
    drained(&store).await;

    let connection = connections(&store).await.remove(0);
    let mut rows = all_rows(
        &store,
        connection.workspace,
        connection.id,
        Filter::default(),
    )
    .await;
    rows.sort_by_key(|row| row.seq);
    assert_eq!(rows.len(), 24 * 15);
    let history = braze.history();
    let person_of: HashMap<&String, &String> = history
        .firsts
        .iter()
        .flat_map(|(person, entries)| entries.iter().map(move |entry| (entry, person)))
        .collect();
    let mut accepted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows {
        let entry = row.entry.unwrap().to_string();
        let person = person_of.get(&entry).expect("every entry has arrived");
        accepted.entry((*person).clone()).or_default().push(entry);
    }
    history.is_complete(accepted.values().flatten());
    history.is_in_order(&accepted);
    assert_eq!(history.copies_are_explained(|_, _| false), 0);
    store.close().await;
}
