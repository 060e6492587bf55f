//! Every kind of card there is, played over HTTP by what its pages offer, with the form first, last and not at all: what its play
//! tells arrives at Braze as it is mapped. Promises that a new kind is covered by being registered.
//! Leaves what a kind decides to its own tests.

use std::collections::{BTreeMap, BTreeSet};

use braze_sandbox::Profile;
use engage::{
    cards::{self, filling},
    hub::{CardDoc, FormPosition, HubDoc, Severity},
    ids::PlayId,
    mapping::{KnownCard, cards_of, choices},
};
use serde_json::{Value, json};
use store::{backfill::Scope, testing::TestDatabase};

use crate::{
    again::{is_done, profiles, second_connection},
    harness::{Braze, Place, eventually, hub},
    http::Http,
};

/// Plays of one card until everything it can tell was told: prizes are won by luck.
const MOST_PLAYS: usize = 150;

const POSITIONS: [(&str, Option<FormPosition>); 3] = [
    ("start", Some(FormPosition::Start)),
    ("end", Some(FormPosition::End)),
    ("alone", None),
];

/// The sample of a kind with its form in this place.
fn variant(kind: &cards::Kind, word: &str, position: Option<FormPosition>) -> CardDoc {
    let mut card = (kind.sample)();
    card.key = format!("{}-{word}", kind.name);
    card.form = position.map(|position| {
        serde_json::from_value(json!({
            "position": position,
            "fields": [
                {"key": "email", "type": "email", "label": "E-mail", "required": true},
                {"key": "called", "type": "short_text", "label": "Name", "property": "nickname"},
                {"key": "newsletter", "type": "consent", "label": "Send me the letter.", "version": "1", "subscription": "newsletter"},
            ],
        }))
        .unwrap()
    });
    card.entries = None;
    card
}

/// The keys of the pictures that a setup names.
fn pictures(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| pictures(item, found)),
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(key) if name == "image" => {
                        found.insert(key.clone());
                    }
                    other => pictures(other, found),
                }
            }
        }
        _ => {}
    }
}

/// The test hub with these cards instead of its own.
fn hub_of(endpoint: &str, cards: Vec<CardDoc>) -> HubDoc {
    let mut doc = hub(endpoint);
    doc.pages.truncate(1);
    doc.pages[0].sections.clear();
    doc.terms.clear();
    let mut keys = BTreeSet::new();
    for card in &cards {
        pictures(&Value::Object(card.setup.clone()), &mut keys);
        keys.extend(card.image.clone());
    }
    let sun = doc.images.remove(0);
    doc.images = keys
        .into_iter()
        .map(|key| engage::hub::Image { key, ..sun.clone() })
        .collect();
    doc.cards = cards;
    let known = cards_of(&doc).unwrap();
    doc.connections[0] = serde_json::from_value(mapping(&doc, &known)).unwrap();
    doc
}

/// What stops a hub from being published.
fn stopped_by(doc: &HubDoc) -> Vec<String> {
    let problems = doc.problems().into_iter();
    let errors = problems.filter(|it| it.severity == Severity::Error);
    errors
        .map(|it| format!("{}: {}", it.path, it.message))
        .collect()
}

/// The facts of a card, each with the source that names it.
fn facts(card: &KnownCard) -> Vec<(String, String)> {
    let told = KnownCard {
        fields: Vec::new(),
        ..card.clone()
    };
    let sources = choices(std::slice::from_ref(&told));
    let sources = sources.into_iter().map(|it| it.source);
    let facts = card.facts.iter().map(|fact| fact.key.clone());
    facts.zip(sources).collect()
}

fn attribute_of(card: &str, fact: &str) -> String {
    format!("{card} {}", fact.replace(':', " "))
}

/// Everything that the cards can tell, to an attribute each, to an event's properties, and in one event with all answers.
fn mapping(doc: &HubDoc, known: &[KnownCard]) -> Value {
    let mut attributes = vec![json!({"from": "property:email", "to": "email"})];
    let mut events = Vec::new();
    for card in known {
        let mut properties = Vec::new();
        for (fact, source) in facts(card) {
            let to = attribute_of(&card.key, &fact);
            attributes.push(json!({"from": source, "to": to, "cards": [card.key]}));
            properties.push(json!({"from": source, "to": fact.replace(':', " ")}));
        }
        if card.fields.is_empty() || card.facts.is_empty() {
            continue;
        }
        properties.push(json!({"from": "property:nickname", "to": "nickname"}));
        properties.push(json!({"from": "consent:newsletter", "to": "newsletter"}));
        properties.push(json!({"from": "entry:id", "to": "submission_id"}));
        events.push(json!({
            "on": "answered", "name": format!("told {}", card.key), "cards": [card.key],
            "properties": properties,
        }));
        events.push(json!({
            "on": "answered", "name": format!("all {}", card.key), "cards": [card.key],
            "all_answers": "both",
        }));
    }
    json!({
        "key": doc.connections[0].key, "endpoint": doc.connections[0].endpoint,
        "user": {"by": "alias", "label": "komo_email", "from": "property:email"},
        "attributes": attributes,
        "consents": [{"from": "consent:newsletter", "to": "email_subscribe"}],
        "events": events,
    })
}

/// What somebody has seen of a card when nothing is left to do.
struct Played {
    play: Option<String>,
    /// Whether the box of the consent was ticked; nothing without a form.
    agreed: Option<bool>,
}

/// Goes through a card as a browser without scripts would, by dice.
async fn go_through(
    http: &Http,
    card: &str,
    email: &str,
    example: &[(&str, &str)],
    dice: &mut filling::Dice,
) -> Played {
    let address = format!("/h/test/c/{card}");
    let mut typed = vec![("email", email), ("called", "Nina")];
    typed.extend(example);
    let mut page = http.get(&address).await;
    let mut played = Played {
        play: None,
        agreed: None,
    };
    for _ in 0..400 {
        assert!(matches!(page.status, 200 | 422), "{card}: {}", page.text());
        let Some(filled) = filling::fill_in(&page.text(), dice, &typed) else {
            return played;
        };
        let given = |name: &str| filled.inputs.iter().any(|(of, _)| of == name);
        let (is_form, agreed) = (given("email"), given("newsletter"));
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&filled.inputs)
            .finish();
        let reply = http.form(&filled.action, &body).await;
        if reply.status == 422 {
            // What is not taken is said and tried again, as people do.
            page = reply;
            continue;
        }
        assert_eq!(reply.status, 303, "{card}: {}", reply.text());
        if is_form {
            played.agreed = Some(agreed);
        }
        let next = reply.header("location").split('#').next().unwrap();
        let play = next.split("play=").nth(1).map(str::to_owned);
        played.play = play.or(played.play);
        page = http.get(next).await;
    }
    panic!("{card}: after 400 posts there is still something to do");
}

/// What the play has told, by its own page.
async fn told(http: &Http, card: &str, play: &str) -> BTreeMap<String, Value> {
    let reply = http
        .send("GET", &format!("/h/test/c/{card}/plays/{play}"), &[], "")
        .await;
    assert_eq!(reply.status, 200, "{card}: {}", reply.text());
    let stand = reply.json();
    assert_eq!(stand["finished"], true, "{card}: {stand}");
    serde_json::from_value(stand["outcome"].clone()).unwrap()
}

/// Whether Braze holds what was told: a day is held as the midnight it begins with.
fn holds(held: Option<&Value>, told: &Value) -> bool {
    let midnight = || Some(format!("{}T00:00:00.000Z", told.as_str()?));
    held == Some(told)
        || held
            .and_then(Value::as_str)
            .is_some_and(|held| Some(held) == midnight().as_deref())
}

/// Compares what Braze holds of somebody with what their play told.
fn compare(profile: &Profile, card: &KnownCard, told: &BTreeMap<String, Value>, agreed: bool) {
    let key = &card.key;
    for (fact, value) in told {
        assert!(
            card.facts.iter().any(|it| it.key == *fact),
            "{key} tells {fact} without declaring it"
        );
        let held = profile.custom_attributes.get(&attribute_of(key, fact));
        assert!(
            holds(held, value),
            "{key}: {fact} as an attribute: {held:?}"
        );
    }
    assert_eq!(
        profile.custom_attributes.len(),
        told.len(),
        "{key}: nothing else: {:?}",
        profile.custom_attributes
    );
    let state = profile.text("email_subscribe");
    assert_eq!(state == Some("opted_in"), agreed, "{key}: {state:?}");
    let properties = |name: &str| {
        let mut found = profile.happenings.iter().filter(|it| it.name == name);
        let properties = found.next().map(|it| it.object["properties"].clone());
        assert!(found.next().is_none(), "{name} happened twice");
        properties.unwrap_or_else(|| panic!("{name} did not happen"))
    };
    if told.is_empty() {
        assert!(profile.happenings.is_empty(), "{key}");
        return;
    }
    let event = properties(&format!("told {key}"));
    for (fact, value) in told {
        let held = event.get(fact.replace(':', " "));
        assert!(holds(held, value), "{key}: {fact}: {held:?}");
    }
    assert_eq!(
        (&event["nickname"], &event["newsletter"]),
        (&json!("Nina"), &json!(agreed)),
        "{key}: what the form told goes with what the play told"
    );
    let all = properties(&format!("all {key}"));
    for (fact, value) in told {
        let held = all.get(fact.replace(':', "_"));
        // What somebody has won is mapped by itself.
        let as_wanted = if fact.starts_with("award:") {
            held.is_none()
        } else {
            holds(held, value)
        };
        assert!(as_wanted, "{key}: {fact} among all answers: {held:?}");
    }
}

async fn what_every_card_tells_arrives_as_it_is_mapped(database: TestDatabase) {
    let braze = Braze::start().await;
    let mut made = Vec::new();
    for kind in cards::kinds() {
        for (word, position) in POSITIONS {
            let card = variant(kind, word, position);
            let doc = hub_of(&braze.endpoint(), vec![card.clone()]);
            let errors = stopped_by(&doc);
            let wins = doc.cards[0].setup.get("prizes").is_some();
            // Who may win is asked first who they are; a form alone needs one.
            let is_wanted = match (wins, kind.name) {
                (true, _) => word == "start",
                (false, "form-only" | "image-and-form") => word != "alone",
                (false, _) => true,
            };
            if position.is_some() || !errors.is_empty() {
                assert_eq!(errors.is_empty(), is_wanted, "{}: {errors:?}", card.key);
            }
            if errors.is_empty() {
                made.push((kind, card));
            }
        }
    }
    assert!(made.len() > cards::kinds().count());
    let all = made.iter().map(|(_, card)| card.clone()).collect();
    let doc = hub_of(&braze.endpoint(), all);
    assert_eq!(stopped_by(&doc), Vec::<String>::new());
    let known = cards_of(&doc).unwrap();
    let place = Place::with_hub(database, braze, doc, |_| {}).await;
    let http = place.http();

    let mut people = Vec::new();
    for ((kind, card), known) in made.iter().zip(&known) {
        let key = card.key.as_str();
        let mut dice = filling::Dice(11);
        let mut missing: BTreeSet<&str> = known.facts.iter().map(|it| it.key.as_str()).collect();
        // Who plays by dice wins no game of skill, and one of them can only be taken part in without scripts: what is told is
        // compared all the same. The engine's own tests play well.
        let skill = ["moves", "score", "seconds", "award:key", "award:name"];
        missing.retain(|fact| kind.engine != "skill" || !skill.contains(fact));
        for n in 0..MOST_PLAYS {
            let email = format!("{key}-{n}@example.org");
            let played = go_through(&http, key, &email, kind.example, &mut dice).await;
            let told = match &played.play {
                Some(play) if !known.facts.is_empty() => {
                    assert!(play.parse::<PlayId>().is_ok(), "{play}");
                    told(&http, key, play).await
                }
                _ => BTreeMap::new(),
            };
            assert_eq!(
                played.agreed.is_some(),
                card.form.is_some(),
                "{key}: a form is filled in where there is one"
            );
            missing.retain(|fact| !told.contains_key(*fact));
            if let Some(agreed) = played.agreed {
                people.push((email, known, told, agreed));
            }
            if missing.is_empty() {
                break;
            }
        }
        assert!(missing.is_empty(), "{key} never told {missing:?}");
    }
    place.drained().await;
    let sandbox = &place.braze.sandbox;
    assert_eq!(
        sandbox.profile_count(),
        people.len(),
        "without a form nobody is known, and nothing is sent"
    );
    for (email, card, told, agreed) in &people {
        let profile = sandbox
            .profile_by_alias("komo_email", email)
            .unwrap_or_else(|| panic!("{email} did not arrive"));
        assert_eq!(profile.text("email"), Some(email.as_str()));
        compare(&profile, card, told, *agreed);
    }

    // Played long ago, it is told to a new connection in the same words.
    let fresh = Braze::start().await;
    let second = second_connection(place.store(), &place.server.keyring, &fresh.endpoint()).await;
    komo::backfill::start(place.store(), second.workspace, second.id, Scope::default())
        .await
        .unwrap();
    eventually("the backfill is done", || is_done(place.store(), &second)).await;
    place.drained().await;
    assert_eq!(profiles(&fresh.sandbox), profiles(sandbox));
    for (email, card, told, agreed) in &people {
        let profile = fresh.sandbox.profile_by_alias("komo_email", email);
        compare(&profile.unwrap(), card, told, *agreed);
    }
    place.server.stop().await;
}
both!(answers, what_every_card_tells_arrives_as_it_is_mapped);

/// A wheel whose every turn wins while there is something to win.
fn wheel(stock: u32) -> CardDoc {
    let kind = cards::kind("spin-to-win").unwrap();
    let mut card = variant(kind, "start", Some(FormPosition::Start));
    card.setup["prizes"] =
        json!([{"key": "scoop", "name": "A free scoop", "stock": stock, "chance": 100}]);
    card
}

async fn a_prize_reaches_braze_for_who_has_won_it_and_nobody_else(database: TestDatabase) {
    const STOCK: u32 = 3;
    let braze = Braze::start().await;
    let mut doc = hub_of(&braze.endpoint(), vec![wheel(STOCK)]);
    let lines = json!({
        "key": doc.connections[0].key, "endpoint": doc.connections[0].endpoint,
        "user": doc.connections[0].user,
        "attributes": [{"from": "field:email", "to": "email"}],
        "questions": [
            {"from": "award:key", "attribute": "prizes", "operation": "add", "event": "prize_won", "property": "prize"},
            {"from": "award:name", "attribute": "last_prize", "event": "prize_won", "property": "name"},
        ],
    });
    doc.connections[0] = serde_json::from_value(lines).unwrap();
    assert_eq!(stopped_by(&doc), Vec::<String>::new());
    let place = Place::with_hub(database, braze, doc, |_| {}).await;
    let mut crowd = tokio::task::JoinSet::new();
    for n in 0..12 {
        let http = place.http();
        crowd.spawn(async move {
            let email = format!("p{n}@example.org");
            let mut dice = filling::Dice(n);
            let played = go_through(&http, "spin-to-win-start", &email, &[], &mut dice).await;
            let told = told(&http, "spin-to-win-start", &played.play.unwrap()).await;
            (email, told)
        });
    }
    let people = crowd.join_all().await;
    let won = |told: &BTreeMap<String, Value>| told.contains_key("award:key");
    let winners = people.iter().filter(|(_, told)| won(told)).count();
    assert_eq!(winners, usize::try_from(STOCK).unwrap());
    place.drained().await;
    for (email, told) in &people {
        let profile = place.braze.sandbox.profile_by_alias("komo_email", email);
        let profile = profile.unwrap();
        let custom = Value::Object(profile.custom_attributes.clone());
        let events: Vec<&Value> = profile
            .happenings
            .iter()
            .map(|it| &it.object["properties"])
            .collect();
        if won(told) {
            let prize = json!({"prizes": ["scoop"], "last_prize": "A free scoop"});
            assert_eq!(custom, prize, "{email}");
            assert_eq!(events, [&json!({"prize": "scoop", "name": "A free scoop"})]);
        } else {
            assert_eq!((custom, events.len()), (json!({}), 0), "{email}");
        }
    }
    place.server.stop().await;
}
both!(
    awards,
    a_prize_reaches_braze_for_who_has_won_it_and_nobody_else
);

#[test]
fn what_is_suggested_for_every_card_can_be_saved_as_it_is() {
    for kind in cards::kinds() {
        let card = variant(kind, "start", Some(FormPosition::Start));
        let mut doc = hub_of("US-01", vec![card]);
        let suggested = engage::mapping::suggest(&doc);
        suggested.put_into(&mut doc.connections[0]);
        assert_eq!(stopped_by(&doc), Vec::<String>::new(), "{}", kind.name);
    }
}
