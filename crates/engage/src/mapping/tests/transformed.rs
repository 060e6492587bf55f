//! Transforms, operations, nested attributes, questions, purchases, and people who are known in several ways: to the letter.
//! Promises that what cannot be read as the author wants is left out with a note.
//! Leaves the simple cases to `plans`, deltas to `sent`.

use super::{Entry, demo, doc};
use crate::{
    Value,
    delivery::{Item, Limits, pack},
    hub::IdentifyBy,
    ids::ContactId,
    mapping::{Mapping, Moment, NoteKind, Plan, SkipReason},
};
use serde_json::{Value as Json, json};
use uuid::Uuid;

/// The attributes object as JSON, without the identifier.
fn profile(mapping: &Mapping, entry: &Entry) -> Json {
    let mut json: Json = serde_json::from_str(&entry.attributes(mapping)).unwrap();
    let object = json.as_object_mut().unwrap();
    object.remove("user_alias");
    object.remove("_update_existing_only");
    json
}

/// What one transformed field becomes; the notes' kinds if it is left out.
fn through(transforms: &str, text: &str) -> Result<Json, NoteKind> {
    let mapping = demo(&format!(
        "attributes = [{{ from = \"field:x\", to = \"x\", transforms = [{transforms}] }}, {{ from = \"card:key\", to = \"card\" }}]"
    ));
    let entry = Entry::ada().field("x", Value::Text(text.into()));
    let planned = entry.sent(&mapping);
    match planned.notes.first() {
        Some(note) => Err(note.kind),
        None => Ok(profile(&mapping, &entry)["x"].clone()),
    }
}

#[test]
fn values_are_tidied_on_their_way() {
    for (transforms, given, sent) in [
        (
            r#""trim", "lower""#,
            "  Salted PISTACHIO ",
            json!("salted pistachio"),
        ),
        (r#""upper""#, "gb", json!("GB")),
        (
            r#""trim", "title""#,
            " ada MARIA king-noel",
            json!("Ada Maria King-Noel"),
        ),
        (r#""number""#, "1.234,50", json!(1234.5)),
        (r#""number:comma""#, "1.000", json!(1000)),
        (r#""boolean""#, "Ja", json!(true)),
        (r#""boolean:gladly, sure/never""#, "Never", json!(false)),
        (r#""date""#, "30.7.1991", json!("1991-07-30T00:00:00.000Z")),
        (
            r#""date:MM/DD/YYYY""#,
            "07/08/1991",
            json!("1991-07-08T00:00:00.000Z"),
        ),
        (r#""date", "date_text:YYYY""#, "30.7.1991", json!("1991")),
        (r#""phone:AT""#, "0664 1234567", json!("+436641234567")),
        (r#""country""#, "Österreich", json!("AT")),
        (r#""split:,""#, "cone, cup ,", json!(["cone", "cup"])),
        (
            r#""split:,", "upper", "join:/""#,
            "cone,cup",
            json!("CONE/CUP"),
        ),
        (r#""constant:yes""#, "anything", json!("yes")),
        (r#""default:unknown""#, "known", json!("known")),
    ] {
        assert_eq!(
            through(transforms, given),
            Ok(sent),
            "{transforms} of {given:?}"
        );
    }
}

#[test]
fn what_cannot_be_read_is_left_out_with_a_note() {
    for (transforms, given) in [
        (r#""number""#, "1.000"),
        (r#""number""#, "many"),
        (r#""boolean""#, "perhaps"),
        (r#""date""#, "07/08/1991"),
        (r#""phone""#, "0664 1234567"),
        (r#""country""#, "Atlantis"),
        (r#""number", "default:0""#, "many"),
    ] {
        assert_eq!(
            through(transforms, given),
            Err(NoteKind::NotValid),
            "{transforms}"
        );
    }
}

#[test]
fn a_default_stands_in_for_what_is_missing_only() {
    let mapping = demo(
        r#"attributes = [{ from = "field:flavour", to = "flavour", transforms = ["trim", "default:undecided"] }]"#,
    );
    assert_eq!(
        profile(&mapping, &Entry::ada()),
        json!({"flavour": "undecided"})
    );
    let fig = Entry::ada().field("flavour", Value::Text(" fig ".into()));
    assert_eq!(profile(&mapping, &fig), json!({"flavour": "fig"}));
}

#[test]
fn several_sources_become_one_value() {
    let mapping = demo(
        r#"attributes = [
            { from = ["field:first_name", "field:last_name"], to = "full_name", transforms = ["trim", "title"] },
            { from = ["hub:slug", "card:key"], to = "seen", transforms = ["join:/"] },
            { from = ["field:first_name", "constant:club"], to = "labels", type = "array" },
        ]"#,
    );
    let entry = Entry::new(&[
        ("email", "ada@example.org"),
        ("first_name", "ADA"),
        ("last_name", "lovelace"),
    ]);
    assert_eq!(
        profile(&mapping, &entry),
        json!({"full_name": "Ada Lovelace", "seen": "demo/welcome", "labels": ["ADA", "club"]})
    );
    let half = Entry::new(&[("email", "ada@example.org"), ("last_name", "lovelace")]);
    assert_eq!(profile(&mapping, &half)["full_name"], "Lovelace");
    // A constant beside what was not answered is no answer.
    assert!(profile(&mapping, &half).get("labels").is_none());
}

#[test]
fn arrays_grow_and_shrink_and_numbers_are_counted_up() {
    let mapping = demo(
        r#"attributes = [
            { from = "answer:flavour", to = "tastes", operation = "add" },
            { from = "answer:vessel", to = "tastes", operation = "add" },
            { from = "field:gone", to = "tastes", operation = "remove" },
            { from = "field:sizes", to = "sizes", type = "number", operation = "add" },
            { from = "constant", value = 1, to = "entries", operation = "increment" },
            { from = "field:scoops", to = "scoops", operation = "increment" },
        ]"#,
    );
    let entry = Entry::ada()
        .fact("answer:flavour", "fig")
        .fact("answer:vessel", "cone")
        .field("gone", Value::List(vec!["cup".into(), "spoon".into()]))
        .field("sizes", Value::Integer(3))
        .field("scoops", Value::Number(1.5));
    assert_eq!(
        profile(&mapping, &entry),
        json!({"tastes": {"add": ["fig", "cone"], "remove": ["cup", "spoon"]}, "sizes": {"add": [3]}, "entries": {"inc": 1}})
    );
    // Braze counts in whole numbers only.
    assert_eq!(entry.sent(&mapping).notes[0].target, "scoops");
}

#[test]
fn a_path_leads_into_a_nested_attribute_that_is_merged() {
    let mapping = demo(
        r#"attributes = [
            { from = "answer:flavour", to = "taste.flavour" },
            { from = "field:first_name", to = "first_name" },
            { from = "field:born", to = "taste.since" },
            { from = "field:size", to = "taste.cup.size" },
            { from = "field:lid", to = "taste.cup.lid", type = "boolean" },
        ]"#,
    );
    let entry = Entry::new(&[
        ("email", "ada@example.org"),
        ("first_name", "Ada"),
        ("size", "big"),
        ("lid", "no"),
    ])
    .fact("answer:flavour", "fig")
    .field("born", Value::Date(jiff::civil::date(2024, 2, 1)));
    assert_eq!(
        profile(&mapping, &entry),
        json!({
            "_merge_objects": true,
            "taste": {"flavour": "fig", "since": {"$time": "2024-02-01T00:00:00.000Z"}, "cup": {"size": "big", "lid": false}},
            "first_name": "Ada"
        })
    );
    let planned = entry.sent(&mapping).attributes.unwrap();
    assert_eq!(planned.parts.len(), 2);
    assert!(planned.parts.iter().all(|part| part.delta));
    let plain = Entry::new(&[("email", "ada@example.org"), ("first_name", "Ada")]);
    assert_eq!(profile(&mapping, &plain), json!({"first_name": "Ada"}));
}

const RESEARCH: &str = r#"
questions = [
    { from = "answer:flavour", attribute = "voted_flavour", event = "flavour_voted" },
    { from = "answer_text:flavour", event = "flavour_voted", property = "flavour_name" },
    { from = "score", attribute = "scores", operation = "add", cards = ["quiz"] },
]
"#;

#[test]
fn a_question_is_mapped_in_one_step_to_an_attribute_and_an_event() {
    let mapping = demo(RESEARCH);
    let entry = Entry::ada()
        .fact("answer:flavour", "fig")
        .fact("answer_text:flavour", "Fig and ricotta");
    assert_eq!(profile(&mapping, &entry), json!({"voted_flavour": "fig"}));
    let planned = entry.sent(&mapping);
    assert_eq!(planned.events.len(), 1);
    let event: Json = serde_json::from_str(&planned.events[0]).unwrap();
    assert_eq!(event["name"], "flavour_voted");
    assert_eq!(
        event["properties"],
        json!({"flavour": "fig", "flavour_name": "Fig and ricotta"})
    );
    // Who has not voted has no such event.
    assert_eq!(Entry::ada().plan(&mapping), Plan::Nothing);
    // A number is a fact like any other, for whatever kind of card.
    let mut quiz = Entry::ada();
    quiz.card = "quiz";
    quiz.play.insert("score".into(), Value::Integer(7));
    quiz.moment = Moment::PlayFinished;
    assert_eq!(profile(&mapping, &quiz), json!({"scores": {"add": [7]}}));
}

#[test]
fn a_question_joins_an_event_that_is_there_already() {
    let mapping = demo(&format!(
        "{RESEARCH}\n[[events]]\non = \"entry\"\nname = \"flavour_voted\"\nproperties = [{{ from = \"card:key\", to = \"card\" }}]\n"
    ));
    let planned = Entry::ada().fact("answer:flavour", "fig").sent(&mapping);
    assert_eq!(planned.events.len(), 1);
    assert!(planned.events[0].ends_with(r#""properties":{"card":"welcome","flavour":"fig"}}"#));
    assert_eq!(Entry::ada().sent(&mapping).events.len(), 1);
}

#[test]
fn a_whole_card_is_one_event_with_all_answers() {
    let event = |answers: &str| {
        let mapping = demo(&format!(
            "[[events]]\non = \"answered\"\nname = \"komo_poll\"\nall_answers = \"{answers}\"\nproperties = [{{ from = \"card:key\", to = \"card\" }}]\n"
        ));
        let mut entry = Entry::ada()
            .fact("answer:flavour", "fig")
            .fact("answer_text:flavour", "Fig and ricotta")
            .fact("outcome", "gourmet")
            .fact("coupon:code", "SECRET-1");
        entry.play.insert("score".into(), Value::Integer(3));
        let planned = entry.sent(&mapping);
        let event: Json = serde_json::from_str(&planned.events[0]).unwrap();
        event["properties"].clone()
    };
    assert_eq!(
        event("keys"),
        json!({"card": "welcome", "answer_flavour": "fig", "outcome": "gourmet", "score": 3})
    );
    assert_eq!(
        event("texts"),
        json!({"card": "welcome", "answer_text_flavour": "Fig and ricotta", "outcome": "gourmet", "score": 3})
    );
    assert_eq!(event("both").as_object().unwrap().len(), 5);
}

#[test]
fn an_answered_card_is_told_once_wherever_its_form_stands() {
    let mapping = demo("[[events]]\non = \"answered\"\nname = \"e\"\nall_answers = \"keys\"\n");
    // The form comes first: the entry knows no answers yet, the play brings them.
    assert_eq!(Entry::ada().plan(&mapping), Plan::Nothing);
    let mut finished = Entry::ada().fact("answer:flavour", "fig");
    finished.moment = Moment::PlayFinished;
    assert_eq!(finished.sent(&mapping).events.len(), 1);
    // The form comes last: they are known with the entry.
    assert_eq!(
        Entry::ada()
            .fact("answer:flavour", "fig")
            .sent(&mapping)
            .events
            .len(),
        1
    );
}

const SALE: &str = r#"
[[purchases]]
on = "entry"
product = "constant:Sunday box"
price = "field:amount"
currency = "constant:eur"
quantity = "field:boxes"
properties = [{ from = "card:key", to = "card" }]
"#;

#[test]
fn a_purchase_has_a_price_or_does_not_happen() {
    let mapping = demo(SALE);
    let planned = Entry::new(&[
        ("email", "ada@example.org"),
        ("amount", "19,90"),
        ("boxes", "2"),
    ])
    .sent(&mapping);
    assert_eq!(planned.purchases.len(), 1);
    let mut purchase: Json = serde_json::from_str(&planned.purchases[0]).unwrap();
    purchase.as_object_mut().unwrap().remove("user_alias");
    assert_eq!(
        purchase,
        json!({
            "_update_existing_only": false, "product_id": "Sunday box", "currency": "EUR", "price": 19.9, "quantity": 2,
            "time": "2026-05-04T07:31:10.412Z", "properties": {"card": "welcome"}
        })
    );
    // The profile is made before the purchase needs it.
    assert!(planned.attributes.is_some());
    assert_eq!(Entry::ada().plan(&mapping), Plan::Nothing);
    for (amount, boxes) in [
        ("dear", "1"),
        ("19,90", "101"),
        ("19,90", "0"),
        ("19,90", "1,5"),
    ] {
        let entry = Entry::new(&[
            ("email", "ada@example.org"),
            ("amount", amount),
            ("boxes", boxes),
        ]);
        assert_eq!(entry.plan(&mapping), Plan::Nothing, "{amount} {boxes}");
    }
}

const KNOWN_TWICE: &str = r#"
key = "b"
endpoint = "US-01"
user = { by = "external_id", from = "param:cid", transforms = ["trim"], identify = true, otherwise = [
    { by = "alias", label = "komo_email", from = "field:email" },
    { by = "phone", from = "field:phone", transforms = ["phone:AT"], update_existing_only = true },
] }
attributes = [{ from = "card:key", to = "card" }, { from = "field:phone", to = "phone", transforms = ["phone:AT"] }]
"#;

#[test]
fn who_lacks_the_wanted_identifier_is_known_by_the_next_in_the_stated_order() {
    let mapping = Mapping::compile(&doc(KNOWN_TWICE)).unwrap();
    let mut entry = Entry::new(&[("email", "ada@example.org"), ("phone", "0664 1234567")]);
    entry.params.insert("cid".into(), " c-1 ".into());
    let sent = entry.sent(&mapping);
    assert_eq!(
        (sent.identity.rank, sent.identity.by),
        (0, IdentifyBy::ExternalId)
    );
    assert_eq!(
        sent.attributes.unwrap().json,
        r#"{"external_id":"c-1","card":"welcome","phone":"+436641234567"}"#
    );
    // A placeholder is nobody.
    entry.params.insert("cid".into(), "undefined".into());
    let sent = entry.sent(&mapping);
    assert_eq!(
        (sent.identity.rank, sent.identity.label.as_str()),
        (1, "komo_email")
    );
    assert!(
        sent.attributes
            .unwrap()
            .json
            .contains(r#""_update_existing_only":false"#)
    );
    entry.fields.remove("email");
    let sent = entry.sent(&mapping);
    assert_eq!(sent.identity.rank, 2);
    // The number is the identifier and not written a second time.
    assert_eq!(
        sent.attributes.unwrap().json,
        r#"{"phone":"+436641234567","_update_existing_only":true,"card":"welcome"}"#
    );
}

#[test]
fn with_none_of_the_identifiers_the_reason_is_the_one_that_can_be_mended() {
    let mapping = Mapping::compile(&doc(KNOWN_TWICE)).unwrap();
    assert_eq!(
        Entry::new(&[]).plan(&mapping),
        Plan::Skip(SkipReason::NoIdentifier)
    );
    let bad = Entry::new(&[("phone", "12")]);
    assert_eq!(
        bad.plan(&mapping),
        Plan::Skip(SkipReason::IdentifierNotValid)
    );
}

#[test]
fn an_address_beside_a_number_that_identifies_is_left_out() {
    let toml = KNOWN_TWICE.replace(
        "{ by = \"alias\", label = \"komo_email\", from = \"field:email\" },",
        "",
    ) + "\n[[attributes]]\nfrom = \"field:email\"\nto = \"email\"\n";
    let toml = toml.replace("attributes = [", "events = []\nattributes = [").replace("attributes = [{ from = \"card:key\", to = \"card\" }, { from = \"field:phone\", to = \"phone\", transforms = [\"phone:AT\"] }]", "");
    let mapping = Mapping::compile(&doc(&toml)).unwrap();
    let entry = Entry::new(&[("email", "ada@example.org"), ("phone", "0664 1234567")]);
    // Nothing else is mapped: an object without values would touch a profile for nothing.
    assert_eq!(entry.plan(&mapping), Plan::Nothing);
    let preview = mapping.preview(&entry.facts());
    assert_eq!(preview.notes[0].kind, NoteKind::WouldIdentify);
}

#[test]
fn a_preview_is_the_body_that_is_sent() {
    let mapping = demo(&format!(
        "{SALE}\n[[attributes]]\nfrom = \"field:email\"\nto = \"email\"\n[[attributes]]\nfrom = \"field:city\"\nto = \"home_city\"\n[[events]]\non = \"entry\"\nname = \"e\"\n[[events]]\non = \"entry\"\nname = \"f\"\n"
    ));
    let entry = Entry::new(&[
        ("email", "ada@example.org"),
        ("amount", "19,90"),
        ("boxes", "2"),
    ]);
    let preview = mapping.preview(&entry.facts());
    let planned = entry.sent(&mapping);
    let item = Item {
        seq: 1,
        contact: ContactId::from_uuid(Uuid::nil()),
        attributes: planned.attributes.map(|it| it.json.into_boxed_str()),
        event_count: 2,
        events: planned.events.join(",").into_boxed_str(),
        purchase_count: 1,
        purchases: planned.purchases.join(",").into_boxed_str(),
        call: None,
        attempts: 0,
        first_tried: None,
        marks: Vec::new(),
        words: String::new(),
    };
    let sent = pack(&[item], &Limits::default()).body;
    assert_eq!(preview.body.as_deref(), std::str::from_utf8(&sent).ok());
    assert!(preview.pretty().unwrap().contains("\n  \"events\": ["));
    let left_out: Vec<_> = preview
        .notes
        .iter()
        .map(|it| (it.target.as_str(), it.kind))
        .collect();
    assert_eq!(left_out, [("home_city", NoteKind::NoValue)]);
    assert_eq!(
        mapping
            .preview(&Entry::new(&[("amount", "1"), ("boxes", "1")]).facts())
            .skipped,
        Some(SkipReason::NoIdentifier)
    );
}
