//! Hubs as files: in, out, in again; what participants see afterwards; and what an author reads when a file is wrong.

use engage::hub::HubDoc;
use komo::hubfile;
use serde_json::Value;
use store::{hubs, testing::TestDatabase};

use crate::{
    harness::{Braze, HUB, KEY, Place, connections, entries_of, entry, eventually, hub, import},
    http::Http,
};

async fn importing_again_changes_nothing_and_a_change_keeps_every_entry(database: TestDatabase) {
    let place = Place::on(database).await;
    let (http, store) = (place.http(), place.store().clone());
    let endpoint = place.braze.endpoint();
    assert_eq!(
        http.json(&entries_of("welcome"), &entry("ann@example.org"))
            .await
            .status,
        201
    );
    let before = store
        .read(|tx| Box::pin(hubs::published(tx)))
        .await
        .unwrap();
    let again = import(&store, hub(&endpoint)).await;
    assert_eq!(
        again.version,
        Some(before[0].version),
        "the same file is the same version"
    );
    let after = store
        .read(|tx| Box::pin(hubs::published(tx)))
        .await
        .unwrap();
    assert_eq!(after.len(), 1);
    assert_eq!(
        (&after[0].cards, &after[0].document),
        (&before[0].cards, &before[0].document),
        "cards keep their identities"
    );
    assert_eq!(
        connections(&store)
            .await
            .iter()
            .map(|it| it.id)
            .collect::<Vec<_>>(),
        before[0]
            .connections
            .iter()
            .map(|it| it.id)
            .collect::<Vec<_>>()
    );
    assert!(
        connections(&store).await[0].sealed_key.is_some(),
        "the key stays"
    );

    let mut changed = hub(&endpoint);
    changed.cards[0].title = "Another title".into();
    changed.cards.retain(|card| card.key != "over");
    for section in changed.pages.iter_mut().flat_map(|page| &mut page.sections) {
        section
            .placements
            .retain(|placement| placement.card != "over");
    }
    let imported = import(&store, changed).await;
    assert_eq!(imported.version, Some(before[0].version + 1));
    eventually("the new version is shown", || async {
        http.get("/h/test/c/welcome")
            .await
            .text()
            .contains("Another title")
    })
    .await;
    assert_eq!(
        http.json(&entries_of("over"), &entry("ann@example.org"))
            .await
            .status,
        404,
        "a card that was taken out is gone"
    );
    assert_eq!(
        http.json(&entries_of("welcome"), &entry("ann@example.org"))
            .await
            .status,
        409,
        "who has entered has entered"
    );
    assert_eq!(place.entries("welcome").await, 1);
    // And back: the old content is a version of its own, the card has its identity again.
    import(&store, hub(&endpoint)).await;
    eventually("the old version is shown again", || async {
        http.json(&entries_of("over"), &entry("ann@example.org"))
            .await
            .status
            == 410
    })
    .await;
    let last = store
        .read(|tx| Box::pin(hubs::published(tx)))
        .await
        .unwrap();
    assert_eq!(last[0].cards, before[0].cards);
    place.server.stop().await;
}

both!(
    import_again,
    importing_again_changes_nothing_and_a_change_keeps_every_entry
);

async fn an_exported_hub_is_the_same_hub_and_holds_no_key(database: TestDatabase) {
    let place = Place::on(database).await;
    let store = place.store();
    let exported = hubfile::export(store, "test", None).await.unwrap();
    let toml = exported.to_toml().unwrap();
    assert!(
        !toml.contains(KEY) && !toml.to_lowercase().contains("sealed"),
        "a key is in the file"
    );
    assert_eq!(
        exported,
        hub(&place.braze.endpoint()),
        "what comes out is what went in"
    );
    for (name, text) in [
        ("hub.toml", toml),
        ("hub.json", exported.to_json().unwrap()),
    ] {
        assert_eq!(hubfile::parse(name, &text).unwrap(), exported, "{name}");
    }
    // With its pictures beside it, into an empty installation, and out again.
    let folder = place.folder.path().join("out-images");
    let with_files = hubfile::export(store, "test", Some(&folder)).await.unwrap();
    assert_eq!(with_files.images[0].file, "out-images/sun.svg");
    let elsewhere = TestDatabase::sqlite();
    let other = elsewhere.open().await;
    hubfile::import(
        &other,
        with_files,
        &hubfile::Beside(place.folder.path().to_owned()),
    )
    .await
    .unwrap();
    assert_eq!(
        hubfile::export(&other, "test", None).await.unwrap(),
        exported
    );
    other.close().await;
    let missing = hubfile::export(store, "nothing", None)
        .await
        .unwrap_err()
        .to_string();
    assert!(missing.contains("no hub `nothing`"), "{missing}");
    place.server.stop().await;
}

both!(export, an_exported_hub_is_the_same_hub_and_holds_no_key);

async fn a_draft_is_seen_by_nobody(database: TestDatabase) {
    let place = Place::on(database).await;
    let http = place.http();
    let mut draft = hub(&place.braze.endpoint());
    draft.hub.slug = "secret".to_owned();
    draft.hub.state = engage::hub::HubState::Draft;
    assert_eq!(import(place.store(), draft).await.version, None);
    place.server.hubs.refresh(place.store()).await.unwrap();
    for path in [
        "/h/secret",
        "/h/secret/c/welcome",
        "/h/secret/more",
        "/h/secret/terms/terms",
    ] {
        assert_eq!(http.get(path).await.status, 404, "{path}");
    }
    assert_eq!(
        http.json("/h/secret/c/welcome/entries", &entry("ann@example.org"))
            .await
            .status,
        404
    );

    // A draft card of a published hub is seen no more than that.
    let start = http.get("/h/test").await.text();
    assert!(start.contains("Join the club") && !start.contains("Unborn"));
    assert_eq!(http.get("/h/test/c/unborn").await.status, 404);

    // Taken offline, the hub is gone within a second, and its entries stay.
    assert_eq!(
        http.json(&entries_of("welcome"), &entry("ann@example.org"))
            .await
            .status,
        201
    );
    let mut offline = hub(&place.braze.endpoint());
    offline.hub.state = engage::hub::HubState::Draft;
    import(place.store(), offline).await;
    eventually("the hub is offline", || async {
        http.get("/h/test").await.status == 404
    })
    .await;
    import(place.store(), hub(&place.braze.endpoint())).await;
    eventually("the hub is back", || async {
        http.get("/h/test").await.status == 200
    })
    .await;
    assert_eq!(
        http.json(&entries_of("welcome"), &entry("ann@example.org"))
            .await
            .status,
        409
    );
    place.server.stop().await;
}

both!(drafts, a_draft_is_seen_by_nobody);

/// What is wrong with a document: a change of the good one, the path the author reads, a word of the remedy.
type Broken = (&'static str, fn(&mut Value), &'static str);

fn broken_documents() -> Vec<Broken> {
    vec![
        (
            "no format",
            |doc| drop(doc.as_object_mut().unwrap().remove("format")),
            "format",
        ),
        (
            "a format of the future",
            |doc| doc["format"] = "komo-hub-9".into(),
            "format",
        ),
        (
            "an unknown key",
            |doc| doc["cards"][0]["form"]["fields"][1]["max_lenght"] = 5.into(),
            "cards[0].form.fields[1]",
        ),
        (
            "an unknown field type",
            |doc| doc["cards"][0]["form"]["fields"][1]["type"] = "color".into(),
            "cards[0].form.fields[1]",
        ),
        (
            "a number where a text belongs",
            |doc| doc["hub"]["slug"] = 5.into(),
            "hub.slug",
        ),
        (
            "a slug with capitals",
            |doc| doc["hub"]["slug"] = "My Hub".into(),
            "hub.slug",
        ),
        (
            "a placement of a card that is not there",
            |doc| doc["pages"][0]["sections"][0]["placements"][0]["card"] = "nothing".into(),
            "pages[0].sections[0].placements[0].card",
        ),
        (
            "two cards with one key",
            |doc| doc["cards"][1]["key"] = "welcome".into(),
            "cards[1].key",
        ),
        (
            "two fields with one key",
            |doc| doc["cards"][0]["form"]["fields"][1]["key"] = "email".into(),
            "cards[0].form.fields[1].key",
        ),
        (
            "an unknown kind of card",
            |doc| doc["cards"][0]["kind"] = "crystal-ball".into(),
            "cards[0].kind",
        ),
        (
            "a poll without options",
            |doc| doc["cards"][5]["setup"]["options"] = Value::Array(vec![]),
            "cards[5].setup.options",
        ),
        (
            "terms that are not there",
            |doc| doc["cards"][1]["form"]["fields"][9]["terms"] = "small-print".into(),
            "cards[1].form.fields[9].terms",
        ),
        (
            "a picture that is not there",
            |doc| doc["cards"][0]["image"] = "moon".into(),
            "cards[0].image",
        ),
        (
            "a mapping from a field that is not there",
            |doc| doc["connections"][0]["attributes"][1]["from"] = "field:shoe_size".into(),
            "connections[0].attributes[1].from",
        ),
        (
            "a source of no known kind",
            |doc| doc["connections"][0]["attributes"][1]["from"] = "the moon".into(),
            "connections[0].attributes[1].from",
        ),
        (
            "an endpoint that is no address",
            |doc| doc["connections"][0]["endpoint"] = "US-99".into(),
            "connections[0].endpoint",
        ),
        (
            "colours that can't be read",
            |doc| doc["theme"] = serde_json::json!({"text": "red"}),
            "theme.text",
        ),
        (
            "the same person by a field that is not there",
            |doc| doc["cards"][0]["entries"]["same_person"] = serde_json::json!(["passport"]),
            "cards[0].entries.same_person",
        ),
    ]
}

async fn a_broken_file_is_refused_with_the_place_and_the_remedy(database: TestDatabase) {
    let braze = Braze::start().await;
    let place = Place::with(database, braze, |_| {}).await;
    let good: Value =
        serde_json::from_str(&HubDoc::from_toml(HUB).unwrap().to_json().unwrap()).unwrap();
    for (name, change, path) in broken_documents() {
        let mut doc = good.clone();
        doc["connections"][0]["endpoint"] = place.braze.endpoint().into();
        change(&mut doc);
        let outcome = match hubfile::parse("hub.json", &doc.to_string()) {
            Ok(doc) => hubfile::import(
                place.store(),
                doc,
                &hubfile::Beside(place.folder.path().to_owned()),
            )
            .await
            .map(|_| ()),
            Err(error) => Err(error),
        };
        let error = format!("{:#}", outcome.expect_err(name));
        assert!(
            error.contains(path),
            "{name}: the place is not named: {error}"
        );
        assert!(
            error
                .split_once(path)
                .map(|(_, rest)| rest)
                .is_some_and(|rest| rest.matches(". ").count() >= 1),
            "{name}: no remedy: {error}"
        );
    }
    for (name, text) in [
        ("hub.toml", "format = "),
        ("hub.json", "{\"format\":"),
        ("hub.toml", ""),
    ] {
        let error = hubfile::parse(name, text).unwrap_err().to_string();
        assert!(
            error.contains(name) && (error.contains("line 1") || error.contains("format")),
            "{error}"
        );
    }
    let published = place
        .store()
        .read(|tx| Box::pin(hubs::published(tx)))
        .await
        .unwrap();
    assert_eq!(
        (published.len(), published[0].version),
        (1, 1),
        "a refused file changed something"
    );
    assert_eq!(
        Http::new(place.server.address).get("/h/test").await.status,
        200
    );
    place.server.stop().await;
}

both!(
    broken_files,
    a_broken_file_is_refused_with_the_place_and_the_remedy
);
