//! Erasing a person: no later call carries their data, and Braze is asked to forget them too.

use std::time::Duration;

use braze_sandbox::{FaultKind, FaultSpec};
use komo::{erase, hubfile};
use serde_json::json;
use store::{erasure::Who, outbox, testing::TestDatabase};

use crate::harness::{Place, backlog, connections, entries_of, eventually, send_again};

const ANN: &str = "canary-ann@example.org";

async fn enter(place: &Place, email: &str, page: &str) {
    let body = json!({"fields": {"email": email, "page": page}});
    let reply = place.http().json(&entries_of("diary"), &body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
}

fn status(status: u16) -> FaultSpec {
    FaultSpec {
        status: Some(status),
        path: Some("/users/track".to_owned()),
        ..FaultSpec::new(FaultKind::Status)
    }
}

async fn erase_ann(place: &Place) -> store::erasure::Erased {
    let workspace = hubfile::workspace(place.store()).await.unwrap();
    let (contact, found) = erase::look(place.store(), workspace, Who::Email(ANN.to_uppercase()))
        .await
        .unwrap()
        .expect("Ann is known");
    assert!(found.entries > 0 && found.deliveries > 0);
    erase::erase(place.store(), workspace, contact, Duration::from_mins(1))
        .await
        .unwrap()
}

/// The bodies of calls that began after a moment, but for deletions.
fn later_bodies(place: &Place, first: usize) -> Vec<String> {
    let requests = place.braze.sandbox.requests();
    let later = requests.into_iter().skip(first);
    later
        .filter(|record| record.path != "/users/delete")
        .filter_map(|record| Some(String::from_utf8_lossy(&record.body?).into_owned()))
        .collect()
}

async fn an_erased_person_is_in_no_later_call_and_gone_at_braze(database: TestDatabase) {
    let place = Place::on(database).await;
    enter(&place, ANN, "delivered").await;
    place.drained().await;
    assert_eq!(place.braze.sandbox.profile_count(), 1);
    // Braze has an outage: what Ann and Bob write now waits in the database and in the worker's memory.
    place.braze.sandbox.add_faults(vec![status(503)]);
    for n in 0..5 {
        enter(&place, ANN, &format!("waiting {n}")).await;
        enter(&place, "bob@example.org", &format!("bob {n}")).await;
    }
    eventually("Ann's deliveries are being tried", || async {
        later_bodies(&place, 1)
            .iter()
            .any(|body| body.contains(ANN))
    })
    .await;
    let erased = erase_ann(&place).await;
    assert_eq!(erased.calls, 1);
    let seen = place.braze.sandbox.requests().len();
    place.braze.sandbox.clear_faults();
    place.drained().await;
    for body in later_bodies(&place, seen) {
        assert!(!body.contains(ANN), "sent after the erasure: {body}");
    }
    let left = place.braze.sandbox.profiles();
    assert_eq!(left.len(), 1, "Bob's profile is there and Ann's is gone");
    assert_eq!(left[0].custom_attributes["last_page"], "bob 4");
    let backlog = backlog(place.store()).await;
    assert_eq!((backlog.erased, backlog.parked), (5, 0), "{backlog:?}");
    let workspace = hubfile::workspace(place.store()).await.unwrap();
    let again = erase::look(place.store(), workspace, Who::Email(ANN.to_owned()))
        .await
        .unwrap();
    assert_eq!(again, None, "nobody is known by that address any more");
    place.server.stop().await;
}

both!(
    gone_everywhere,
    an_erased_person_is_in_no_later_call_and_gone_at_braze
);

async fn a_key_that_may_not_delete_parks_the_deletion_and_pauses_nothing(database: TestDatabase) {
    let place = Place::on(database).await;
    enter(&place, ANN, "one").await;
    place.drained().await;
    place.braze.sandbox.add_faults(vec![FaultSpec {
        path: Some("/users/delete".to_owned()),
        ..FaultSpec::new(FaultKind::RevokePermission)
    }]);
    erase_ann(&place).await;
    place.drained().await;
    let connection = connections(place.store()).await[0].clone();
    assert_eq!(connection.paused, None);
    let aside = place
        .store()
        .read(move |tx| Box::pin(outbox::set_aside(tx, connection.id, 0, 100)))
        .await
        .unwrap();
    assert_eq!(aside.len(), 1);
    assert_eq!(aside[0].code.as_deref(), Some("not_permitted"));
    assert!(
        aside[0].explain().contains("users.delete"),
        "{}",
        aside[0].explain()
    );
    enter(&place, "bob@example.org", "goes on").await;
    place.drained().await;
    // With the permission, sending it again does it.
    place.braze.sandbox.clear_faults();
    send_again(place.store()).await;
    place.drained().await;
    assert_eq!(place.braze.sandbox.profile_count(), 1, "only Bob is left");
    place.server.stop().await;
}

both!(
    no_permission,
    a_key_that_may_not_delete_parks_the_deletion_and_pauses_nothing
);

async fn a_wrong_key_is_told_apart_from_a_missing_permission(database: TestDatabase) {
    let place = Place::on(database).await;
    enter(&place, ANN, "one").await;
    place.drained().await;
    // Some accounts answer 401 where others answer 403.
    place.braze.sandbox.add_faults(vec![FaultSpec {
        path: Some("/users/delete".to_owned()),
        ..FaultSpec::new(FaultKind::RevokeKey)
    }]);
    erase_ann(&place).await;
    place.drained().await;
    assert_eq!(connections(place.store()).await[0].paused, None);
    assert_eq!(backlog(place.store()).await.parked, 1);
    // Now the key is wrong for everything: the connection is paused, and the deletion is kept.
    place.braze.sandbox.clear_faults();
    place
        .braze
        .sandbox
        .add_faults(vec![FaultSpec::new(FaultKind::RevokeKey)]);
    send_again(place.store()).await;
    eventually("the connection is paused", || async {
        connections(place.store()).await[0].paused.is_some()
    })
    .await;
    place.server.stop().await;
}

both!(
    wrong_key,
    a_wrong_key_is_told_apart_from_a_missing_permission
);
