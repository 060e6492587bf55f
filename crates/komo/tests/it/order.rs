//! Order and copies through a bad line: whatever Braze and the network do, each person's entries arrive in the order in which they
//! were accepted, all of them, and twice only where nobody could know.

use std::collections::BTreeMap;

use braze_sandbox::{FaultKind, FaultSpec};
use serde_json::json;
use store::{ledger::Filter, testing::TestDatabase};

use crate::harness::{Place, all_rows, backlog, connections, count, entries_of, eventually};

const PEOPLE: usize = 10;
const ENTRIES_EACH: usize = 40;
const MOST_ENTRIES_EACH: usize = 1_000;

/// A trouble for a share of the calls, so many times at most.
fn trouble(kind: FaultKind, share: f64, times: u64, seed: u64) -> FaultSpec {
    let path = Some("/users/track".to_owned());
    FaultSpec {
        share: Some(share),
        times: Some(times),
        seed,
        path,
        ..FaultSpec::new(kind)
    }
}

fn troubles(seed: u64) -> Vec<FaultSpec> {
    vec![
        FaultSpec {
            delay_ms: Some(40),
            ..trouble(FaultKind::Delay, 0.3, 60, seed)
        },
        FaultSpec {
            retry_after: Some(1),
            ..trouble(FaultKind::RateLimit, 0.05, 4, seed + 1)
        },
        FaultSpec {
            status: Some(500),
            ..trouble(FaultKind::Status, 0.06, 10, seed + 2)
        },
        FaultSpec {
            status: Some(502),
            ..trouble(FaultKind::StatusAfter, 0.06, 10, seed + 3)
        },
        trouble(FaultKind::DropBefore, 0.06, 10, seed + 4),
        trouble(FaultKind::DropAfter, 0.08, 12, seed + 5),
        trouble(FaultKind::Truncate, 0.05, 8, seed + 6),
        trouble(FaultKind::Garbage, 0.05, 8, seed + 7),
    ]
}

async fn order_holds_through_a_bad_line(database: TestDatabase) {
    let place = Place::on(database).await;
    place.braze.sandbox.add_faults(troubles(20_261_123));
    let mut people = tokio::task::JoinSet::new();
    for person in 0..PEOPLE {
        let (http, sandbox) = (place.http(), place.braze.sandbox.clone());
        people.spawn(async move {
            let email = format!("person{person}@example.org");
            // How many calls the entries need is the server's choice: on it goes until each trouble has struck.
            let seen_all = || sandbox.faults().iter().all(|fault| fault.hits > 0);
            let mut accepted = Vec::new();
            for page in 0.. {
                if page >= ENTRIES_EACH && (page >= MOST_ENTRIES_EACH || seen_all()) {
                    break;
                }
                // The next entry is sent only when the one before is acknowledged: the order of acceptance is known.
                let reply = http
                    .json(
                        &entries_of("diary"),
                        &json!({"fields": {"email": email, "page": format!("page {page}")}}),
                    )
                    .await;
                assert_eq!(reply.status, 201, "{}", reply.text());
                accepted.push(reply.json()["entry_id"].as_str().unwrap().to_owned());
            }
            (email, accepted)
        });
    }
    let accepted: BTreeMap<String, Vec<String>> = people.join_all().await.into_iter().collect();
    place.drained().await;
    let backlog = backlog(place.store()).await;
    assert_eq!(
        (backlog.parked, backlog.unknown, backlog.skipped),
        (0, 0, 0),
        "a bad line is no reason to set anything aside"
    );

    let history = place.braze.history();
    history.is_complete(accepted.values().flatten());
    history.is_in_order(&accepted);
    let copies = history.copies_are_explained(|_, _| false);
    for (email, pages) in &accepted {
        let profile = place
            .braze
            .sandbox
            .profile_by_alias("komo_email", email)
            .unwrap();
        let last = format!("page {}", pages.len() - 1);
        assert_eq!(
            profile.custom_attributes["last_page"],
            last.as_str(),
            "an older answer overwrote a newer one"
        );
    }
    let faults = place.braze.sandbox.faults();
    for fault in &faults {
        assert!(
            fault.hits > 0,
            "the test never saw a {}",
            fault.spec.kind.name()
        );
    }
    let hits: u64 = faults.iter().map(|fault| fault.hits).sum();
    println!(
        "{} entries through {hits} troubles: in order, {copies} copies",
        history.arrivals.len()
    );
    place.server.stop().await;
}

both!(bad_line, order_holds_through_a_bad_line);

async fn a_call_that_is_never_answered_holds_back_only_its_own(database: TestDatabase) {
    let place = Place::on(database).await;
    let stall = FaultSpec {
        times: Some(1),
        ..trouble(FaultKind::StallAfter, 1.0, 1, 1)
    };
    place.braze.sandbox.add_faults(vec![stall]);
    let http = place.http();
    let mut accepted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for n in 0..32 {
        let email = format!("person{}@example.org", n % 16);
        let reply = http
            .json(
                &entries_of("diary"),
                &json!({"fields": {"email": email, "page": n.to_string()}}),
            )
            .await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        accepted
            .entry(email)
            .or_default()
            .push(reply.json()["entry_id"].as_str().unwrap().to_owned());
    }
    // The held call ends at the client's own time limit and is made again; everything is in order all the same.
    place.drained().await;
    let history = place.braze.history();
    history.is_complete(accepted.values().flatten());
    history.is_in_order(&accepted);
    let copies = history.copies_are_explained(|_, _| false);
    assert!(
        copies >= 1,
        "the call without an answer took effect and was made again"
    );
    place.server.stop().await;
}

both!(stall, a_call_that_is_never_answered_holds_back_only_its_own);

/// Entries of the busiest person, unless `KOMO_TEST_HOT` says more.
const HOT: usize = 1_500;

async fn one_persons_thousands_of_entries_stay_in_order_and_in_nobodys_way(database: TestDatabase) {
    let hot = std::env::var("KOMO_TEST_HOT");
    let hot = hot.ok().and_then(|it| it.parse().ok()).unwrap_or(HOT);
    let place = Place::on(database).await;
    let slow = |millis| FaultSpec {
        delay_ms: Some(millis),
        ..FaultSpec::new(FaultKind::Delay)
    };
    // So slow that a queue forms however long the entries take here.
    place.braze.sandbox.add_faults(vec![slow(1_500)]);
    let mut senders = tokio::task::JoinSet::new();
    for sender in 0..20 {
        let http = place.http();
        senders.spawn(async move {
            for n in (sender..hot).step_by(20) {
                let body = json!({"fields": {"email": "hot@example.org", "page": n.to_string()}});
                let reply = http.json(&entries_of("diary"), &body).await;
                assert_eq!(reply.status, 201, "{}", reply.text());
            }
        });
    }
    senders.join_all().await;
    place.braze.sandbox.clear_faults();
    place.braze.sandbox.add_faults(vec![slow(100)]);
    // All of them are one lane's; whoever is in another one (seven of eight people) notices nothing.
    let people = 24;
    for n in 0..people {
        let body = json!({"fields": {"email": format!("fresh{n}@example.org"), "page": "1"}});
        assert_eq!(
            place.http().json(&entries_of("diary"), &body).await.status,
            201
        );
    }
    let queued = backlog(place.store()).await.pending;
    assert!(
        queued > count(people),
        "the queue was too short to show anything"
    );
    eventually("most fresh people arrive", || async {
        place.braze.sandbox.profile_count() > people / 2
    })
    .await;
    let left = backlog(place.store()).await.pending;
    assert!(
        left > queued / 2,
        "fresh people waited until {left} of {queued} were left"
    );
    place.drained().await;
    let connection = connections(place.store()).await.remove(0);
    let (workspace, id) = (connection.workspace, connection.id);
    let mut rows = all_rows(place.store(), workspace, id, Filter::default()).await;
    rows.sort_by_key(|row| row.seq);
    let history = place.braze.history();
    let arrived = &history.firsts["hot@example.org"];
    let mine: std::collections::HashSet<&String> = arrived.iter().collect();
    let accepted: Vec<String> = rows
        .iter()
        .filter_map(|row| Some(row.entry?.to_string()))
        .collect();
    let accepted: Vec<&String> = accepted
        .iter()
        .filter(|entry| mine.contains(entry))
        .collect();
    assert_eq!(arrived.len(), hot);
    assert_eq!(
        arrived.iter().collect::<Vec<_>>(),
        accepted,
        "in the order of the log"
    );
    assert_eq!(history.copies_are_explained(|_, _| false), 0);
    place.server.stop().await;
}

both!(
    hot_contact,
    one_persons_thousands_of_entries_stay_in_order_and_in_nobodys_way
);
