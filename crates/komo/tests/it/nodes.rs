//! Several servers on one database: refused on SQLite, a team on PostgreSQL.

use std::collections::BTreeMap;

use braze_sandbox::{FaultKind, FaultSpec};
use komo::serve::Server;
use serde_json::json;
use store::testing::TestDatabase;

use crate::{
    harness::{Braze, KEY, Node, Place, drained, entries_of, eventually, hub, seed},
    http::Http,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_server_on_one_sqlite_file_is_refused_with_a_sentence() {
    let place = Place::on(TestDatabase::sqlite()).await;
    let error = format!("{:#}", Server::start(&place.config).await.unwrap_err());
    assert!(
        error.contains("another komo server uses") && error.contains("PostgreSQL"),
        "{error}"
    );
    assert_eq!(
        place.http().get("/readyz").await.status,
        200,
        "the first one goes on"
    );
    let config = place.config.clone();
    place.server.stop().await;
    Server::start(&config)
        .await
        .expect("and after its end the file is free")
        .stop()
        .await;
}

/// Sends entries of a few people, one after the other, to the nodes in turn.
async fn write_pages(
    nodes: &[&Node],
    from: usize,
    to: usize,
    accepted: &mut BTreeMap<String, Vec<String>>,
) {
    let https: Vec<Http> = nodes.iter().map(|node| Http::new(node.address)).collect();
    for n in from..to {
        let email = format!("person{}@example.org", n % 12);
        let reply = https[n % https.len()]
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
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_takes_over_from_one_that_vanished_on_postgres() {
    let database = TestDatabase::postgres();
    let braze = Braze::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut one = crate::harness::config(&database, folder.path());
    one.delivery.lease_seconds = 2;
    one.delivery.node = "one".into();
    let mut two = one.clone();
    two.delivery.node = "two".into();
    seed(&one, hub(&braze.endpoint()), KEY).await;
    let (first, second) = (
        Node::start(&one).await.unwrap(),
        Node::start(&two).await.unwrap(),
    );

    // Together: whoever takes an entry, it is delivered, once and in order.
    let mut accepted = BTreeMap::new();
    write_pages(&[&first, &second], 0, 120, &mut accepted).await;
    let store = komo::serve::open_store(&one).await.unwrap();
    drained(&store).await;
    let history = braze.history();
    history.is_complete(accepted.values().flatten());
    history.is_in_order(&accepted);
    assert_eq!(
        history.copies_are_explained(|_, _| false),
        0,
        "two nodes sent the same"
    );

    // One vanishes in the middle of its calls and says no good-bye.
    braze.sandbox.add_faults(vec![FaultSpec {
        delay_ms: Some(300),
        times: Some(20),
        ..FaultSpec::new(FaultKind::Delay)
    }]);
    write_pages(&[&first, &second], 120, 200, &mut accepted).await;
    eventually("calls are under way", || async {
        braze.sandbox.faults()[0].hits > 0
    })
    .await;
    let gone = komo::clock::now().0;
    first.vanish();
    write_pages(&[&second], 200, 280, &mut accepted).await;
    drained(&store).await;
    let history = braze.history();
    history.is_complete(accepted.values().flatten());
    history.is_in_order(&accepted);
    // Only what was in flight when it vanished may have come twice.
    history.copies_are_explained(|before, after| before.at <= gone && after.at >= gone);

    // A node that comes back under its name works again.
    let first = Node::start(&one).await.unwrap();
    write_pages(&[&first, &second], 280, 320, &mut accepted).await;
    drained(&store).await;
    let history = braze.history();
    history.is_complete(accepted.values().flatten());
    history.is_in_order(&accepted);
    store.close().await;
}

/// How many lanes each node holds.
async fn shares(store: &store::Store) -> BTreeMap<String, usize> {
    let connection = crate::harness::connections(store).await[0].id;
    let holders = store
        .read(move |tx| Box::pin(store::outbox::holders(tx, connection)))
        .await
        .unwrap();
    let mut shares = BTreeMap::new();
    for owner in holders.into_iter().filter_map(|(_, owner)| owner) {
        *shares.entry(owner).or_default() += 1;
    }
    shares
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_come_and_go_share_the_lanes_fairly_on_postgres() {
    let database = TestDatabase::postgres();
    let braze = Braze::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut one = crate::harness::config(&database, folder.path());
    one.delivery.node = "one".into();
    let mut two = one.clone();
    two.delivery.node = "two".into();
    seed(&one, hub(&braze.endpoint()), KEY).await;
    let store = komo::serve::open_store(&one).await.unwrap();
    let first = Node::start(&one).await.unwrap();
    eventually("the first node has all lanes", || async {
        shares(&store).await.get("one") == Some(&8)
    })
    .await;
    let second = Server::start(&two).await.unwrap();
    eventually("each has its half", || async {
        shares(&store).await.values().copied().collect::<Vec<_>>() == [4, 4]
    })
    .await;
    // What both write meanwhile is delivered once, in order.
    let mut accepted = BTreeMap::new();
    write_pages(&[&first], 0, 60, &mut accepted).await;
    second.stop().await;
    write_pages(&[&first], 60, 120, &mut accepted).await;
    eventually("the one that stays takes over at once", || async {
        shares(&store).await.get("one") == Some(&8)
    })
    .await;
    drained(&store).await;
    let history = braze.history();
    history.is_complete(accepted.values().flatten());
    history.is_in_order(&accepted);
    assert_eq!(history.copies_are_explained(|_, _| false), 0);
    store.close().await;
}
