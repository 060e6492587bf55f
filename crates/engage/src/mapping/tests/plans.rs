//! What one entry sends, to the letter.
//! Promises that pitfalls are named where they are avoided.
//! Leaves warnings and errors of the mapping itself to `checks`.

use super::{DEMO, Entry, demo, doc};
use crate::{
    Value,
    mapping::{Mapping, Moment, NoteKind, Plan, SkipReason},
};
use proptest::prelude::*;

const WHO: &str = r#""user_alias":{"alias_name":"ada@example.org","alias_label":"komo_email"},"_update_existing_only":false"#;

const PROFILE: &str = r#"
[[attributes]]
from = "field:email"
to = "email"
[[attributes]]
from = "field:first_name"
to = "first_name"
[[attributes]]
from = "field:country"
to = "country"
[[attributes]]
from = "field:favourite_flavour"
to = "favourite_flavour"
"#;

#[test]
fn a_new_person_is_made_by_alias_with_what_is_mapped_and_nothing_else() {
    let entry = Entry::new(&[
        ("email", "ada@example.org"),
        ("first_name", "Ada"),
        ("country", "gb"),
        ("favourite_flavour", "pistachio"),
        ("staff_note", "rings at the side door"),
    ]);
    assert_eq!(
        entry.attributes(&demo(PROFILE)),
        format!(
            r#"{{{WHO},"email":"ada@example.org","first_name":"Ada","country":"GB","favourite_flavour":"pistachio"}}"#
        )
    );
}

#[test]
fn what_was_not_answered_is_left_out_and_never_null() {
    let entry = Entry::ada().field("first_name", Value::Text("  ".into()));
    assert_eq!(
        entry.attributes(&demo(PROFILE)),
        format!(r#"{{{WHO},"email":"ada@example.org"}}"#)
    );
}

#[test]
fn quotes_line_breaks_and_emoji_stay_what_they_are() {
    let entry = Entry::ada().field("first_name", Value::Text("A\"da\\\n\u{0}🍦".into()));
    let json: serde_json::Value = serde_json::from_str(&entry.attributes(&demo(PROFILE))).unwrap();
    assert_eq!(json["first_name"], "A\"da\\\n\u{0}🍦");
}

#[test]
fn an_event_says_who_what_and_when() {
    let mapping = demo(
        r#"
        [[events]]
        on = "entry"
        name = "komo_entry"
        properties = [ { from = "card:key", to = "card" }, { from = "answer:flavour", to = "flavour" },
                       { from = "entry:id", to = "submission_id" }, { from = "utm:source", to = "source" } ]
        "#,
    );
    let mut entry = Entry::ada().fact("answer:flavour", "pistachio");
    entry.params.insert("utm_source".into(), "poster".into());
    let planned = entry.sent(&mapping);
    assert_eq!(
        planned.events,
        vec![format!(
            r#"{{{WHO},"name":"komo_entry","time":"2026-05-04T07:31:10.412Z","properties":{{"card":"welcome","flavour":"pistachio","submission_id":"00000000-0000-0000-0000-000000000007","source":"poster"}}}}"#
        )]
    );
    // An event alone must not be trusted to make an alias-only profile (contract 4.4).
    let planned = planned.attributes.expect("an attributes object");
    assert_eq!(planned.json, format!("{{{WHO}}}"));
    assert_eq!(planned.head_end, planned.json.len() - 1);
    assert_eq!(planned.without(|_| false), None);
}

#[test]
fn an_object_with_nothing_but_the_person_is_not_sent_where_nobody_has_to_be_made() {
    let more = r#"
        [[events]]
        on = "entry"
        name = "komo_entry"
    "#;
    let by = |user: &str| {
        let toml = format!("key = \"b\"\nendpoint = \"US-01\"\nuser = {user}\n{more}");
        Entry::ada().sent(&Mapping::compile(&doc(&toml)).unwrap())
    };
    let external = by(r#"{ by = "external_id", from = "entry:id" }"#);
    assert_eq!(external.attributes, None);
    assert_eq!(
        external.events,
        vec![
            r#"{"external_id":"00000000-0000-0000-0000-000000000007","name":"komo_entry","time":"2026-05-04T07:31:10.412Z"}"#
        ]
    );
    let existing = by(
        r#"{ by = "alias", label = "komo_email", from = "field:email", update_existing_only = true }"#,
    );
    assert_eq!(existing.attributes, None);
    assert!(existing.events[0].contains(r#""_update_existing_only":true"#));
    assert_eq!(
        by(r#"{ by = "email", from = "field:email" }"#).events[0]
            .matches("example")
            .count(),
        1
    );
}

#[test]
fn one_object_names_the_person_in_one_way_only() {
    for (user, start) in [
        (
            r#"{ by = "email", from = "field:email" }"#,
            r#"{"email":"ada@example.org","#,
        ),
        (
            r#"{ by = "phone", from = "field:phone" }"#,
            r#"{"phone":"+436641234567","#,
        ),
        (
            r#"{ by = "braze_id", from = "param:bid" }"#,
            r#"{"braze_id":"5f1a","#,
        ),
        (
            r#"{ by = "external_id", from = "param:cid" }"#,
            r#"{"external_id":"cust-1","#,
        ),
    ] {
        let toml = format!(
            "key = \"b\"\nendpoint = \"US-01\"\nuser = {user}\n[[attributes]]\nfrom = \"card:key\"\nto = \"last_card\"\n"
        );
        let mut entry = Entry::ada().field("phone", Value::Text("+43 664 1234567".into()));
        entry.params.extend([
            ("bid".to_owned(), "5f1a".to_owned()),
            ("cid".to_owned(), "cust-1".to_owned()),
        ]);
        let sent = entry.attributes(&Mapping::compile(&doc(&toml)).unwrap());
        assert_eq!(sent, format!(r#"{start}"last_card":"welcome"}}"#));
    }
}

#[test]
fn an_address_that_identifies_is_not_written_a_second_time() {
    let toml = r#"
        key = "b"
        endpoint = "US-01"
        user = { by = "email", from = "field:email" }
        [[attributes]]
        from = "field:email"
        to = "email"
        [[attributes]]
        from = "field:first_name"
        to = "first_name"
    "#;
    let entry = Entry::new(&[("email", "Ada@Example.org"), ("first_name", "Ada")]);
    let mapping = Mapping::compile(&doc(toml)).unwrap();
    assert_eq!(
        entry.attributes(&mapping),
        r#"{"email":"ada@example.org","first_name":"Ada"}"#
    );
}

#[test]
fn placeholders_never_become_a_person() {
    let toml = DEMO.replace("field:email", "param:customer");
    let mapping = Mapping::compile(&doc(&format!("{toml}{PROFILE}"))).unwrap();
    for dummy in [
        "null",
        "Undefined",
        "NaN",
        "0",
        " none ",
        "[object Object]",
        "anonymous",
        "00000000-0000-0000-0000-000000000000",
    ] {
        let mut entry = Entry::ada();
        entry.params.insert("customer".into(), dummy.into());
        assert_eq!(
            entry.plan(&mapping),
            Plan::Skip(SkipReason::DummyIdentifier),
            "{dummy}"
        );
    }
    assert_eq!(
        Entry::ada().plan(&mapping),
        Plan::Skip(SkipReason::NoIdentifier)
    );
    let mut entry = Entry::ada();
    entry.params.insert("customer".into(), "é".repeat(494));
    assert_eq!(
        entry.plan(&mapping),
        Plan::Skip(SkipReason::IdentifierTooLong)
    );
    for reason in SkipReason::ALL {
        assert!(
            reason.sentence().ends_with('.')
                && reason.remedy().ends_with('.')
                && !reason.code().is_empty()
        );
    }
}

#[test]
fn a_card_that_nothing_is_mapped_for_sends_nothing() {
    let mapping = demo(
        "[[attributes]]\nfrom = \"field:first_name\"\nto = \"first_name\"\ncards = [\"flavour-poll\"]\n",
    );
    assert_eq!(
        Entry::ada()
            .field("first_name", Value::Text("Ada".into()))
            .plan(&mapping),
        Plan::Nothing
    );
    assert_eq!(Entry::new(&[]).plan(&mapping), Plan::Nothing);
}

#[test]
fn consents_become_states_and_groups_and_a_no_is_left_alone_unless_the_author_says_otherwise() {
    let mapping = demo(
        r#"
        [[consents]]
        from = "consent:newsletter"
        to = "email_subscribe"
        [[consents]]
        from = "consent:sms"
        to = "group:6C3F1B2E-7A55-4A0E-9A53-0F6F0E6C9D11"
        [[consents]]
        from = "consent:shop"
        to = "group:b7f6a0c4-2d7e-4b0d-8f26-6b1f0f7f1c22"
        withheld = "unsubscribed"
        "#,
    );
    let entry = Entry::ada()
        .consent("newsletter", true)
        .consent("sms", true)
        .consent("shop", false);
    assert_eq!(
        entry.attributes(&mapping),
        format!(
            r#"{{{WHO},"email_subscribe":"opted_in","subscription_groups":[{{"subscription_group_id":"6c3f1b2e-7a55-4a0e-9a53-0f6f0e6c9d11","subscription_state":"subscribed"}},{{"subscription_group_id":"b7f6a0c4-2d7e-4b0d-8f26-6b1f0f7f1c22","subscription_state":"unsubscribed"}}]}}"#
        )
    );
    assert_eq!(
        Entry::ada().consent("newsletter", false).plan(&mapping),
        Plan::Nothing
    );
}

#[test]
fn each_type_is_sent_as_braze_reads_it() {
    let mapping = demo(
        r#"
        attributes = [
            { from = "field:age", to = "age" },
            { from = "field:height", to = "height", type = "number" },
            { from = "field:member", to = "member" },
            { from = "field:tags", to = "tags", operation = "add" },
            { from = "card:key", to = "cards", operation = "add" },
            { from = "field:born", to = "dob" },
            { from = "field:born", to = "born_at" },
            { from = "entry:time", to = "last_entry_at", type = "date" },
            { from = "entry:locale", to = "language" },
            { from = "field:gender", to = "gender" },
            { from = "constant", value = 3, to = "level" },
            { from = "field:age", to = "age_text", type = "string" },
        ]
        "#,
    );
    let entry = Entry::ada()
        .field("age", Value::Integer(36))
        .field("height", Value::Text("1.75".into()))
        .field("member", Value::Bool(true))
        .field("tags", Value::List(vec!["gelato".into(), "cone".into()]))
        .field("born", Value::Date(jiff::civil::date(1991, 7, 30)))
        .field("gender", Value::Text("Female".into()));
    assert_eq!(
        entry.attributes(&mapping),
        format!(
            r#"{{{WHO},"age":36,"height":1.75,"member":true,"tags":{{"add":["gelato","cone"]}},"cards":{{"add":["welcome"]}},"dob":"1991-07-30","born_at":"1991-07-30T00:00:00.000Z","last_entry_at":"2026-05-04T07:31:10.412Z","language":"de","gender":"F","level":3,"age_text":"36"}}"#
        )
    );
}

#[test]
fn values_braze_would_refuse_or_drop_are_left_out_with_a_note_and_the_rest_goes() {
    let mapping = demo(
        r#"
        attributes = [
            { from = "field:mail2", to = "email" },
            { from = "field:country", to = "country" },
            { from = "field:born", to = "dob" },
            { from = "field:story", to = "story" },
            { from = "field:age", to = "age", type = "number" },
            { from = "field:first_name", to = "first_name" },
        ]
        "#,
    );
    let entry = Entry::new(&[
        ("email", "ada@example.org"),
        ("mail2", "not an address"),
        ("country", "Atlantis"),
        ("born", "30.7.1991"),
        ("age", "thirty"),
        ("first_name", "Ada"),
    ])
    .field("story", Value::Text("x".repeat(256)));
    let planned = entry.sent(&mapping);
    assert_eq!(
        planned.attributes.expect("an attributes object").json,
        format!(r#"{{{WHO},"first_name":"Ada"}}"#)
    );
    let notes: Vec<_> = planned
        .notes
        .iter()
        .map(|note| (note.target.as_str(), note.kind))
        .collect();
    assert_eq!(
        notes,
        vec![
            ("email", NoteKind::NotValid),
            ("country", NoteKind::NotValid),
            ("dob", NoteKind::NotValid),
            ("story", NoteKind::TooLong),
            ("age", NoteKind::NotValid)
        ]
    );
    let fits = Entry::ada().field("story", Value::Text("é".repeat(255)));
    assert!(fits.sent(&mapping).notes.is_empty());
}

#[test]
fn full_country_names_become_codes() {
    for (given, code) in [("Australia", "AU"), ("de", "DE"), ("GB", "GB")] {
        let sent = Entry::ada()
            .field("country", Value::Text(given.into()))
            .attributes(&demo(PROFILE));
        assert!(sent.contains(&format!(r#""country":"{code}""#)), "{sent}");
    }
}

#[test]
fn a_play_that_ends_after_its_entry_sends_only_what_is_new() {
    let mapping = demo(
        r#"
        attributes = [
            { from = "field:first_name", to = "first_name" },
            { from = "answer:flavour", to = "favourite_flavour" },
        ]
        [[events]]
        on = "entry"
        name = "komo_entry"
        [[events]]
        on = "play_finished"
        name = "komo_play"
        properties = [ { from = "answer_text:flavour", to = "flavour" } ]
        "#,
    );
    let mut entry = Entry::new(&[("email", "ada@example.org"), ("first_name", "Ada")])
        .fact("answer:flavour", "pistachio")
        .fact("answer_text:flavour", "Pistachio from Bronte");
    entry.moment = Moment::PlayFinished;
    let planned = entry.sent(&mapping);
    assert_eq!(
        planned.attributes.expect("an attributes object").json,
        format!(r#"{{{WHO},"favourite_flavour":"pistachio"}}"#)
    );
    assert_eq!(planned.events.len(), 1);
    assert!(
        planned.events[0].contains(r#""name":"komo_play""#)
            && planned.events[0].contains("Pistachio from Bronte")
    );
}

#[test]
fn a_thousand_plans_take_no_noticeable_time() {
    // A coarse bound that holds in debug builds on a busy machine; `cargo bench` has the real figure.
    let mapping = demo(PROFILE);
    let entry = Entry::new(&[
        ("email", "ada@example.org"),
        ("first_name", "Ada"),
        ("country", "GB"),
    ]);
    for _ in 0..1_000 {
        assert!(matches!(entry.plan(&mapping), Plan::Send(_)));
    }
}

proptest! {
    #[test]
    fn nothing_unmapped_ever_leaves_and_the_json_is_always_valid(
        texts in proptest::collection::vec(".{0,40}", 4),
        mapped in proptest::sample::subsequence(vec!["a", "b", "c", "d"], 0..=4),
        number: f64, whole: i64, given: bool, finished: bool,
    ) {
        use std::fmt::Write as _;
        let mut more = String::from("attributes = [");
        for key in &mapped {
            write!(more, "{{ from = \"field:{key}\", to = \"{key}\" }},").unwrap();
        }
        more.push_str("{ from = \"field:whole\", to = \"whole\" }, { from = \"field:number\", to = \"number\" }, ");
        more.push_str("{ from = \"property:mapped\", to = \"mapped\" }, { from = \"answer:mapped\", to = \"answer\" }]\n");
        more.push_str("[[consents]]\nfrom = \"consent:yes\"\nto = \"email_subscribe\"\n");
        more.push_str("[[events]]\non = \"entry\"\nname = \"e\"\nproperties = [{ from = \"param:mapped\", to = \"p\" }, { from = \"field:number\", to = \"n\" }]\n");
        let mapping = demo(&more);
        let canary = "CANARY-7f3a";
        let mut entry = Entry::ada().consent("yes", given).consent(canary, true).fact("answer:other", canary);
        for (key, text) in ["a", "b", "c", "d"].into_iter().zip(&texts) {
            let text = if mapped.contains(&key) { text.clone() } else { format!("{canary}{text}") };
            entry = entry.field(key, Value::Text(text));
        }
        entry = entry.field("number", Value::Number(number)).field("whole", Value::Integer(whole));
        entry = entry.field(canary, Value::List(vec![canary.into()])).field("staff_note", Value::Text(canary.into()));
        entry.properties.insert("other".into(), Value::Text(canary.into()));
        entry.properties.insert("mapped".into(), Value::Text(texts[0].clone()));
        entry.params.insert("utm_source".into(), canary.into());
        entry.params.insert("mapped".into(), texts[1].clone());
        if finished { entry.moment = Moment::PlayFinished; }
        if let Plan::Send(planned) = entry.plan(&mapping) {
            for object in planned.attributes.iter().map(|it| &it.json).chain(&planned.events) {
                prop_assert!(!object.contains(canary), "{object}");
                let json: serde_json::Value = serde_json::from_str(object).expect("valid JSON");
                prop_assert!(json.as_object().unwrap().values().all(|value| !value.is_null()));
                prop_assert_eq!(&json["user_alias"]["alias_name"], "ada@example.org");
                for key in &mapped {
                    if let Some(text) = json.get(*key) {
                        let place = ["a", "b", "c", "d"].iter().position(|other| other == key).unwrap();
                        prop_assert_eq!(text, &texts[place]);
                    }
                }
            }
        }
    }
}

#[test]
fn a_profile_comes_in_parts_that_can_be_left_out() {
    let more = format!(
        "{PROFILE}\n[[consents]]\nfrom = \"consent:newsletter\"\nto = \"email_subscribe\"\n[[attributes]]\nfrom = \"card:key\"\nto = \"cards\"\noperation = \"add\"\n"
    );
    let planned = |name: &str| {
        Entry::new(&[("email", "ada@example.org"), ("first_name", name)])
            .consent("newsletter", true)
            .sent(&demo(&more))
            .attributes
            .expect("an attributes object")
    };
    let (ada, again, eve) = (planned("A\"da"), planned("A\"da"), planned("Eve"));
    assert_eq!(ada, again);
    assert_eq!(
        ada.json.get(..ada.head_end),
        Some(format!("{{{WHO}").as_str())
    );
    let members: Vec<&str> = ada
        .parts
        .iter()
        .map(|it| ada.json.get(it.start..it.end).expect("the bytes of a part"))
        .collect();
    assert_eq!(
        members,
        [
            r#""email":"ada@example.org""#,
            r#""first_name":"A\"da""#,
            r#""cards":{"add":["welcome"]}"#,
            r#""email_subscribe":"opted_in""#
        ]
    );
    // Operations are done again each time; subscriptions are changed by people at Braze, too.
    let deltas: Vec<bool> = ada.parts.iter().map(|it| it.delta).collect();
    assert_eq!(deltas, [true, true, false, false]);
    assert_eq!(ada.without(|_| false), Some(ada.json.clone()));
    assert_eq!(ada.without(|_| true), None);
    assert_eq!(
        ada.without(|part| part.delta),
        Some(format!(
            r#"{{{WHO},"cards":{{"add":["welcome"]}},"email_subscribe":"opted_in"}}"#
        ))
    );
    assert_eq!(ada.parts[1].name, eve.parts[1].name);
    assert_ne!(ada.parts[1].value, eve.parts[1].value);
    assert_ne!(ada.parts[0].name, ada.parts[1].name);
    // The same value for somebody else is another one.
    let other = Entry::new(&[("email", "eve@example.org"), ("first_name", "A\"da")])
        .sent(&demo(PROFILE))
        .attributes
        .expect("an attributes object");
    assert_ne!(ada.parts[1].value, other.parts[1].value);
}
