//! The nodes that deliver, and which lanes are whose. Promises: every node comes to the same shares; a node that joins has its share
//! within seconds; a node that leaves is taken over. Leaves to others: that no lane is held twice, which leases see to.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use engage::ids::ConnectionId;
use store::outbox;
use tokio::sync::watch;

use super::Deliver;
use crate::clock;

/// The names of all nodes, sorted.
pub(super) type Members = Arc<[String]>;

/// How often a node says that it is there.
const BEAT: Duration = Duration::from_secs(1);
/// A node that has been silent for so long does not count. Clocks of nodes may differ by less than this.
const SILENT_MS: i64 = 8_000;

/// This node's share of a connection's lanes: every n-th, beginning at a place that differs by connection, so that many
/// connections with few lanes are spread too.
pub(super) fn share(
    nodes: &Members,
    own: &str,
    connection: ConnectionId,
    lanes: &[i64],
) -> HashSet<i64> {
    let Some(place) = nodes.iter().position(|node| node == own) else {
        // Not among them (yet), or alone.
        return lanes.iter().copied().collect();
    };
    let mut hasher = DefaultHasher::new();
    connection.uuid().as_bytes().hash(&mut hasher);
    let first = usize::try_from(hasher.finish() % 1_000).unwrap_or_default();
    let numbered = lanes.iter().enumerate();
    numbered
        .filter(|(number, _)| (number + first) % nodes.len() == place)
        .map(|(_, lane)| *lane)
        .collect()
}

/// Beats until told to stop, and tells who else does. Alone on an embedded database: nobody to tell.
pub(super) async fn follow(
    deliver: Deliver,
    members: watch::Sender<Members>,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        let own = Arc::clone(&deliver.owner);
        let now = clock::now();
        let found = deliver.store.write(move |tx| {
            Box::pin(async move { outbox::beat(tx, &own, now, now.plus(-SILENT_MS)).await })
        });
        // A database that does not answer is the lanes' to report; who was there stays.
        if let Ok(found) = found.await {
            members.send_if_modified(|known| {
                let news = known[..] != found[..];
                if news {
                    tracing::info!(nodes = found.len(), "nodes that deliver have come or gone");
                    *known = found.into();
                }
                news
            });
        }
        tokio::select! {
            () = tokio::time::sleep(BEAT) => {}
            stopping = stop.changed() => if stopping.is_err() || *stop.borrow() { break },
        }
    }
    let own = Arc::clone(&deliver.owner);
    let left = deliver
        .store
        .write(move |tx| Box::pin(async move { outbox::leave(tx, &own).await }));
    if let Err(error) = left.await {
        tracing::debug!(%error, "the others notice in some seconds that this node has gone");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn all_lanes_are_somebodys_and_nobody_has_more_than_one_above_another() {
        let lanes: Vec<i64> = (10..18).collect();
        for count in 1..=9 {
            let nodes: Members = (0..count).map(|n| format!("node{n}")).collect();
            for connection in 0..20 {
                let connection = ConnectionId::from_uuid(Uuid::from_u128(connection));
                let shares: Vec<HashSet<i64>> = nodes
                    .iter()
                    .map(|node| share(&nodes, node, connection, &lanes))
                    .collect();
                let all: HashSet<i64> = shares.iter().flatten().copied().collect();
                assert_eq!((all.len(), shares.iter().map(HashSet::len).sum()), (8, 8));
                let most = shares.iter().map(HashSet::len).max().unwrap();
                let least = shares.iter().map(HashSet::len).min().unwrap();
                assert!(most - least <= 1, "{count} nodes: {shares:?}");
            }
        }
    }

    #[test]
    fn a_node_alone_or_not_yet_known_takes_what_is_free() {
        let connection = ConnectionId::from_uuid(Uuid::from_u128(1));
        let nobody: Members = Arc::from([]);
        assert_eq!(share(&nobody, "me", connection, &[1, 2]).len(), 2);
    }
}
