//! Connections stand beside the publication: what is saved counts at once, what is taken away keeps its history.

use engage::hub::{AttributeMapping, ConnectionDoc, Source};
use komo::hubfile;
use store::{Store, hubs, testing::TestDatabase};

use crate::{
    harness::{
        Braze, KEY, Node, Place, config, connections, drained, entries_of, entry, eventually, hub,
        import, seed,
    },
    http::Http,
};

async fn save(store: &Store, change: impl FnOnce(&mut ConnectionDoc), restart: bool) -> bool {
    let row = connections(store).await.remove(0);
    let mut doc: ConnectionDoc = serde_json::from_str(&row.document).unwrap();
    change(&mut doc);
    let text = hubfile::connection_text(&doc).unwrap();
    store
        .write(move |tx| {
            Box::pin(async move {
                hubs::save_document(tx, row.workspace, row.id, &row.document, &text, restart).await
            })
        })
        .await
        .unwrap()
}

fn constant(to: &str) -> AttributeMapping {
    let mut line: AttributeMapping =
        serde_json::from_value(serde_json::json!({"from": "constant", "value": "yes", "to": to}))
            .unwrap();
    line.from = engage::hub::Sources::One(Source::from("constant"));
    line
}

async fn a_saved_mapping_counts_on_every_node_without_publishing(database: TestDatabase) {
    let braze = Braze::start().await;
    let folder = tempfile::tempdir().unwrap();
    let config = config(&database, folder.path());
    seed(&config, hub(&braze.endpoint()), KEY).await;
    let store = komo::serve::open_store(&config).await.unwrap();
    let mut nodes = vec![Node::start(&config).await.unwrap()];
    if !store.is_embedded() {
        let mut second = config.clone();
        second.delivery.node = "second".into();
        nodes.push(Node::start(&second).await.unwrap());
    }
    let published = || async {
        let all = store
            .read(|tx| Box::pin(hubs::published(tx)))
            .await
            .unwrap();
        all.into_iter().map(|it| it.version).collect::<Vec<_>>()
    };
    let before = published().await;
    assert!(save(&store, |doc| doc.attributes.push(constant("vip")), false).await);
    for (n, node) in nodes.iter().enumerate() {
        let http = Http::new(node.address);
        eventually("an entry carries the new attribute", || async {
            let email = format!("{n}-{}@example.org", uuid::Uuid::now_v7());
            let reply = http.json(&entries_of("welcome"), &entry(&email)).await;
            assert_eq!(reply.status, 201, "{}", reply.text());
            drained(&store).await;
            let profile = braze
                .sandbox
                .profiles_json()
                .into_iter()
                .find(|it| it.to_string().contains(&email));
            profile.is_some_and(|it| it.to_string().contains("vip"))
        })
        .await;
    }
    assert_eq!(published().await, before, "nothing was published for it");
}
both!(
    a_saved_mapping_counts,
    a_saved_mapping_counts_on_every_node_without_publishing
);

async fn deliveries_go_where_the_saved_endpoint_says(database: TestDatabase) {
    let place = Place::on(database).await;
    let other = Braze::start().await;
    let (http, store) = (place.http(), place.store().clone());
    http.json(&entries_of("welcome"), &entry("first@example.org"))
        .await;
    place.drained().await;
    let there = other.endpoint();
    assert!(save(&store, |doc| doc.endpoint = there, true).await);
    eventually("an entry arrives at the other Braze", || async {
        let email = format!("{}@example.org", uuid::Uuid::now_v7());
        http.json(&entries_of("welcome"), &entry(&email)).await;
        place.drained().await;
        !other.sandbox.profiles().is_empty()
    })
    .await;
    assert!(!place.braze.sandbox.profiles().is_empty());
}
both!(the_endpoint, deliveries_go_where_the_saved_endpoint_says);

async fn a_document_is_never_overwritten_unseen(database: TestDatabase) {
    let place = Place::on(database).await;
    let store = place.store().clone();
    let row = connections(&store).await.remove(0);
    assert!(save(&store, |doc| doc.name = "One".into(), false).await);
    let (id, workspace, seen) = (row.id, row.workspace, row.document.clone());
    let late = store.write(move |tx| {
        Box::pin(async move { hubs::save_document(tx, workspace, id, &seen, "{}", false).await })
    });
    assert!(!late.await.unwrap(), "it was made from an older text");
    let now = connections(&store).await.remove(0);
    assert!(now.document.contains("\"One\""), "{}", now.document);
    assert_eq!(now.revision, row.revision, "workers need not begin anew");
}
both!(two_editors, a_document_is_never_overwritten_unseen);

async fn a_connection_can_be_taken_away_and_comes_back_with_its_key(database: TestDatabase) {
    let place = Place::on(database).await;
    let store = place.store().clone();
    let row = connections(&store).await.remove(0);
    let mut without = hub(&place.braze.endpoint());
    without.connections.clear();
    import(&store, without).await;
    assert!(connections(&store).await.is_empty());
    eventually("nothing is planned for it any more", || async {
        place.server.hubs.connections().is_empty()
    })
    .await;
    assert!(
        hubfile::export(&store, "test", None)
            .await
            .unwrap()
            .connections
            .is_empty()
    );
    import(&store, hub(&place.braze.endpoint())).await;
    let back = connections(&store).await.remove(0);
    assert_eq!((back.id, back.sealed_key), (row.id, row.sealed_key));
    place
        .http()
        .json(&entries_of("welcome"), &entry("back@example.org"))
        .await;
    place.drained().await;
}
both!(
    taken_away,
    a_connection_can_be_taken_away_and_comes_back_with_its_key
);

async fn another_workspace_finds_nothing_here(database: TestDatabase) {
    let place = Place::on(database).await;
    let store = place.store().clone();
    let row = connections(&store).await.remove(0);
    let stranger = komo::clock::new_id();
    let (id, hub, seen) = (row.id, row.hub, row.document.clone());
    let new = hubs::NewConnection {
        id: komo::clock::new_id(),
        key: "second".into(),
        document: seen.clone(),
    };
    let acts = store.write(move |tx| {
        Box::pin(async move {
            let now = engage::time::Millis(1);
            Ok((
                hubs::connection(tx, stranger, id).await?.is_some(),
                hubs::connections_of_workspace(tx, stranger).await?.len(),
                hubs::save_document(tx, stranger, id, &seen, "{}", true).await?,
                hubs::remove_connection(tx, stranger, id, now).await?,
                hubs::add_connection(tx, stranger, hub, new, now).await?,
            ))
        })
    });
    assert_eq!(acts.await.unwrap(), (false, 0, false, false, false));
    assert_eq!(connections(&store).await.len(), 1);
}
both!(strangers, another_workspace_finds_nothing_here);
