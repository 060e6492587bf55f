//! Ten thousand varied entries, and what Braze knows afterwards: every mapped value, nobody missing, nobody twice.

use std::{collections::HashMap, sync::Arc};

use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Map, Value, json};
use store::testing::TestDatabase;

use crate::{
    harness::{Braze, KEY, Place, entries_of, eventually, play_id},
    http::Http,
};

const ENTRIES: usize = 10_000;
const CONNECTIONS: usize = 32;
const SEED: u64 = 20_261_123;
/// Stands in a field that is not mapped: it must never leave the product.
const CANARY: &str = "canary-4711";

/// What is sent, and what Braze must know afterwards.
struct Case {
    json: bool,
    fields: Map<String, Value>,
    newsletter: Option<bool>,
    play_id: Option<String>,
    alias: String,
    expected: Map<String, Value>,
}

const NAMES: [&str; 22] = [
    "Ann",
    "Zoë",
    "Jürgen",
    "Łukasz",
    "Nguyễn Thị Minh Khai",
    "O'Brien-Śmith",
    "李小龍",
    "Владимир",
    "محمد",
    "अनुष्का",
    "👩‍👩‍👧‍👦",
    "🦄 Einhorn",
    "e\u{301}galité",
    "\"quoted\"",
    "back\\slash",
    "<b>bold</b>",
    "{{ 7*7 }}",
    "a,b;c\u{2028}d",
    "null",
    "0",
    "𝒜𝓃𝓃",
    "שרה",
];
const FLAVOURS: [&str; 8] = [
    "Pistachio",
    "Amalfi lemon",
    "Schoko-Kirsch 🍒",
    "ピスタチオ",
    "50 % cacao & sea salt",
    "'; DROP TABLE entries; --",
    "ß",
    "true",
];
const COUNTRIES: [(&str, &str); 12] = [
    ("DE", "DE"),
    ("de", "DE"),
    ("Germany", "DE"),
    ("Deutschland", "DE"),
    ("Österreich", "AT"),
    ("Switzerland", "CH"),
    ("USA", "US"),
    ("united kingdom", "GB"),
    ("ITA", "IT"),
    ("Japan", "JP"),
    ("Frankreich", "FR"),
    ("br", "BR"),
];

impl Case {
    fn new(n: usize, dice: &mut StdRng) -> Self {
        let (local, domain) = match n % 7 {
            0 => (format!("Person.{n}"), "Example.ORG"),
            1 => (format!("p{n}+tag"), "example.org"),
            2 => (format!("o'neil_{n}"), "mail.example.co.uk"),
            3 => (format!("x-{n}-{}", "y".repeat(40)), "example.com"),
            4 => (format!("{n}"), "xn--mller-kva.example"),
            _ => (format!("person{n}"), "example.org"),
        };
        let email = format!("{local}@{domain}");
        let alias = email.to_lowercase();
        let mut fields = Map::new();
        let mut expected = Map::new();
        let typed = if dice.random_bool(0.1) {
            format!("  {email} ")
        } else {
            email
        };
        fields.insert("email".into(), typed.into());
        expected.insert("email".into(), alias.clone().into());

        for key in ["first_name", "last_name"] {
            if dice.random_bool(0.8) {
                let name = Self::text(&NAMES, 80, dice);
                expected.insert(key.into(), name.trim().into());
                fields.insert(key.into(), name.into());
            }
        }
        if dice.random_bool(0.7) {
            let (typed, code) = COUNTRIES.choose(dice).unwrap();
            fields.insert("country".into(), (*typed).into());
            expected.insert("country".into(), (*code).into());
        }
        if dice.random_bool(0.7) {
            let flavour = Self::text(&FLAVOURS, 60, dice);
            let trimmed = flavour.trim();
            expected.insert("favourite_flavour".into(), trimmed.into());
            fields.insert("favourite_flavour".into(), flavour.into());
        } else if dice.random_bool(0.3) {
            fields.insert(
                "favourite_flavour".into(),
                if dice.random_bool(0.5) {
                    Value::Null
                } else {
                    "   ".into()
                },
            );
        }
        fields.insert("staff_note".into(), format!("{CANARY}-{n}").into());
        let newsletter = [None, Some(true), Some(false)][dice.random_range(0..3)];
        expected.insert(
            "email_subscribe".into(),
            if newsletter == Some(true) {
                "opted_in"
            } else {
                "subscribed"
            }
            .into(),
        );
        let play_id = dice.random_bool(0.5).then(play_id);
        Self {
            json: dice.random_bool(0.7),
            fields,
            newsletter,
            play_id,
            alias,
            expected,
        }
    }

    /// One of the words, now and then as long as the field takes, now and then with space around it.
    fn text(words: &[&str], longest: usize, dice: &mut StdRng) -> String {
        let word = *words.choose(dice).unwrap();
        match dice.random_range(0..10) {
            0 => word
                .chars()
                .cycle()
                .take(longest)
                .collect::<String>()
                .trim()
                .to_owned(),
            1 => format!(" {word}\u{a0}"),
            _ => word.to_owned(),
        }
    }

    fn as_form(&self) -> String {
        let mut body = form_urlencoded::Serializer::new(String::new());
        for (key, value) in &self.fields {
            body.append_pair(key, value.as_str().unwrap_or_default());
        }
        // A box that is not ticked is not sent.
        if self.newsletter == Some(true) {
            body.append_pair("newsletter", "on");
        }
        if let Some(play) = &self.play_id {
            body.append_pair("play_id", play);
        }
        body.finish()
    }

    /// Sends it; answers the entry's id, if the answer tells.
    async fn send(&self, http: &Http) -> Option<String> {
        let path = entries_of("welcome");
        if self.json {
            let mut body = json!({"fields": self.fields});
            if let Some(given) = self.newsletter {
                body["consents"] = json!({"newsletter": given});
            }
            if let Some(play) = &self.play_id {
                body["play_id"] = play.clone().into();
            }
            let reply = http.json(&path, &body).await;
            assert_eq!(reply.status, 201, "{}", reply.text());
            let answer = reply.json();
            assert_eq!(answer["status"], "qualified");
            return Some(answer["entry_id"].as_str().unwrap().to_owned());
        }
        let reply = http.form(&path, &self.as_form()).await;
        assert_eq!(reply.status, 303, "{}", reply.text());
        // Without a play id of the page's own the address names the entry.
        let named = reply
            .header("location")
            .split(['=', '#'])
            .nth(1)
            .unwrap()
            .to_owned();
        self.play_id.is_none().then_some(named)
    }
}

async fn ten_thousand_entries_reach_braze_with_every_value_right(database: TestDatabase) {
    let place = Place::on(database).await;
    let mut dice = StdRng::seed_from_u64(SEED);
    let cases: Arc<Vec<Case>> = Arc::new((0..ENTRIES).map(|n| Case::new(n, &mut dice)).collect());

    let mut senders = tokio::task::JoinSet::new();
    for first in 0..CONNECTIONS {
        let (cases, http) = (Arc::clone(&cases), place.http());
        senders.spawn(async move {
            let mut receipts = Vec::new();
            for case in cases.iter().skip(first).step_by(CONNECTIONS) {
                if let Some(entry) = case.send(&http).await {
                    receipts.push((case.alias.clone(), entry));
                }
            }
            receipts
        });
    }
    let receipts: HashMap<String, String> =
        senders.join_all().await.into_iter().flatten().collect();
    assert_eq!(
        place.entries("welcome").await,
        crate::harness::count(ENTRIES)
    );
    place.drained().await;

    everybody_is_known(&place.braze, &cases).await;

    // The history of calls: each entry once, under the id that was acknowledged, and nothing that was not mapped.
    let history = place.braze.history();
    assert_eq!(
        history.arrivals.len(),
        ENTRIES,
        "as many submissions as entries"
    );
    assert_eq!(
        history.copies_are_explained(|_, _| false),
        0,
        "nothing is sent twice without a fault"
    );
    for (alias, entry) in &receipts {
        assert_eq!(
            history.firsts.get(alias),
            Some(&vec![entry.clone()]),
            "{alias}"
        );
    }
    assert!(
        !history.mentions("canary"),
        "the hidden, unmapped field left the product"
    );
    let known = serde_json::to_string(&place.braze.sandbox.profiles_json()).unwrap();
    assert!(
        !known.contains("canary"),
        "the hidden, unmapped field left the product"
    );
    place.server.stop().await;
}

/// Asks Braze's own export, fifty people at a time.
async fn everybody_is_known(braze: &Braze, cases: &[Case]) {
    let http = Http::new(braze.address);
    let authorization = format!("Bearer {KEY}");
    let headers = [
        ("content-type", "application/json"),
        ("authorization", authorization.as_str()),
    ];
    assert_eq!(
        braze.sandbox.profile_count(),
        cases.len(),
        "as many people as entries"
    );
    for fifty in cases.chunks(50) {
        let aliases: Vec<Value> = fifty
            .iter()
            .map(|case| json!({"alias_name": case.alias, "alias_label": "komo_email"}))
            .collect();
        let wanted = [
            "email",
            "first_name",
            "last_name",
            "country",
            "email_subscribe",
            "custom_attributes",
            "custom_events",
            "user_aliases",
        ];
        let body = json!({"user_aliases": aliases, "fields_to_export": wanted});
        let reply = http
            .send("POST", "/users/export/ids", &headers, body.to_string())
            .await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        let answer = reply.json();
        assert_eq!(answer.get("invalid_user_ids"), None, "somebody is missing");
        let users = answer["users"].as_array().unwrap();
        let by_alias: HashMap<&str, &Value> = users
            .iter()
            .map(|user| {
                (
                    user["user_aliases"][0]["alias_name"].as_str().unwrap(),
                    user,
                )
            })
            .collect();
        for case in fifty {
            let user = by_alias[case.alias.as_str()];
            let mut found = Map::new();
            for key in [
                "email",
                "first_name",
                "last_name",
                "country",
                "email_subscribe",
            ] {
                if let Some(value) = user.get(key) {
                    found.insert(key.into(), value.clone());
                }
            }
            let custom = user
                .get("custom_attributes")
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default();
            found.extend(custom);
            let sorted = |map: &Map<String, Value>| {
                map.clone()
                    .into_iter()
                    .collect::<std::collections::BTreeMap<_, _>>()
            };
            assert_eq!(sorted(&found), sorted(&case.expected), "{}", case.alias);
            let events = user["custom_events"].as_array().unwrap();
            assert_eq!(events.len(), 1, "{user}");
            assert_eq!(
                (events[0]["name"].as_str(), events[0]["count"].as_u64()),
                (Some("komo_entry"), Some(1)),
                "{user}"
            );
        }
    }
}

both!(
    ten_thousand_entries,
    ten_thousand_entries_reach_braze_with_every_value_right
);

async fn a_profile_grows_and_knows_the_newest_answer(database: TestDatabase) {
    let place = Place::on(database).await;
    let http = place.http();
    let page = |page: &str| json!({"fields": {"email": "Ann@example.org", "page": page}});
    for text in ["one", "two", "three"] {
        assert_eq!(
            http.json(&entries_of("diary"), &page(text)).await.status,
            201
        );
    }
    let everything = json!({
        "fields": {
            "email": "ann@EXAMPLE.org", "nickname": "Annie", "phone": "0171 2345678", "serving": "cup", "country": "Österreich",
            "birthday": "1990-02-28", "scoops": "3", "vegan": false, "shop": "corner",
        },
        "consents": {"newsletter": true, "agreed": true},
    });
    let reply = http.json(&entries_of("everything"), &everything).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    place.drained().await;
    eventually("the profile is complete", || async {
        place
            .braze
            .sandbox
            .profile_by_alias("komo_email", "ann@example.org")
            .is_some_and(|it| it.fields.contains_key("dob"))
    })
    .await;
    let profile = place
        .braze
        .sandbox
        .profile_by_alias("komo_email", "ann@example.org")
        .unwrap();
    assert_eq!(
        place.braze.sandbox.profile_count(),
        1,
        "one person, however the address is typed"
    );
    assert_eq!(profile.text("dob"), Some("1990-02-28"));
    assert_eq!(profile.text("phone"), Some("+491712345678"));
    assert_eq!(profile.text("country"), Some("AT"));
    assert_eq!(profile.text("email_subscribe"), Some("opted_in"));
    assert_eq!(profile.custom_attributes["last_page"], "three");
    assert_eq!(profile.custom_attributes["scoops"], 3);
    assert_eq!(profile.custom_attributes["vegan"], false);
    for absent in ["serving", "nickname", "shop", "agreed", "newsletter"] {
        assert!(
            !profile.custom_attributes.contains_key(absent),
            "{absent} is not mapped"
        );
    }
    place.server.stop().await;
}

both!(a_profile_grows, a_profile_grows_and_knows_the_newest_answer);
