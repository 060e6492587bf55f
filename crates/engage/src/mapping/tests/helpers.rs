//! What helps an author: proposals for a new connection, samples for previews, the list of sources.
//! Promises that a proposal has no errors, and that a sample passes its own form.
//! Leaves showing them to the studio.

use crate::{
    hub::{ConnectionDoc, HubDoc, Severity},
    mapping::{Mapping, Plan, SampleEntry, Shape, cards_of, choices, suggest},
    time::Millis,
};
use serde_json::{Value as Json, json};

const NOW: Millis = Millis(1_777_879_870_412);

fn hub(fields: &str) -> HubDoc {
    HubDoc::from_toml(&format!(
        r#"
        format = "komo-hub-1"
        [hub]
        slug = "demo"
        name = "Nonna Sole"
        locales = ["en"]
        [[cards]]
        key = "welcome"
        kind = "form-only"
        title = "Welcome"
        [cards.form]
        fields = [{fields}]
        [[cards]]
        key = "flavour-poll"
        kind = "poll"
        title = "Which one?"
        [cards.setup]
        key = "flavour"
        question = "Which one?"
        options = [{{ key = "pistachio", label = "Pistachio" }}, {{ key = "lemon", label = "Lemon" }}]
        [cards.form]
        position = "end"
        fields = [{{ key = "email", type = "email", label = "E-mail" }}]
        "#
    ))
    .expect("a document")
}

const FULL: &str = r#"
    { key = "email", type = "email", label = "E-mail", required = true },
    { key = "first_name", type = "short_text", label = "First name" },
    { key = "last_name", type = "short_text", label = "Last name" },
    { key = "phone", type = "phone", label = "Phone", region = "DE" },
    { key = "birthday", type = "birthday", label = "Birthday" },
    { key = "country", type = "country", label = "Country" },
    { key = "scoops", type = "number", label = "Scoops", min = 100, max = 200 },
    { key = "remark", type = "short_text", label = "Remark" },
    { key = "voucher", type = "short_text", label = "Voucher", pattern = "[0-9]{6}", required = true },
    { key = "newsletter", type = "consent", label = "Send me news by e-mail", version = "1" },
    { key = "sms", type = "consent", label = "Send me an SMS", version = "1" }
"#;

fn connected(doc: &HubDoc) -> ConnectionDoc {
    let mut connection: ConnectionDoc = toml::from_str(
        "key = \"b\"\nendpoint = \"US-01\"\nuser = { by = \"email\", from = \"field:email\" }\n",
    )
    .unwrap();
    suggest(doc).put_into(&mut connection);
    connection
}

#[test]
fn a_new_connection_begins_with_what_the_hub_asks() {
    let doc = hub(FULL);
    let suggestion = suggest(&doc);
    let attributes: Vec<(String, &str)> = suggestion
        .attributes
        .iter()
        .map(|it| (it.from.to_string(), it.to.as_str()))
        .collect();
    let attributes: Vec<(&str, &str)> = attributes
        .iter()
        .map(|(from, to)| (from.as_str(), *to))
        .collect();
    assert_eq!(
        attributes,
        [
            ("field:email", "email"),
            ("field:first_name", "first_name"),
            ("field:last_name", "last_name"),
            ("field:phone", "phone"),
            ("field:birthday", "dob"),
            ("field:country", "country"),
            ("field:scoops", "scoops"),
        ]
    );
    assert_eq!(suggestion.user.label.as_deref(), Some("komo_email"));
    assert_eq!(
        suggestion.user.otherwise[0].label.as_deref(),
        Some("komo_phone")
    );
    let consents: Vec<&str> = suggestion
        .consents
        .iter()
        .map(|it| it.from.as_str())
        .collect();
    assert_eq!(consents, ["consent:newsletter"]);
    assert!(suggestion.remarks.iter().any(|it| it.contains("\"sms\"")));
    assert_eq!(
        suggestion.questions[0].attribute.as_deref(),
        Some("flavour")
    );
    let events: Vec<&str> = suggestion
        .events
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(events, ["komo_entry", "komo_flavour_poll"]);
}

#[test]
fn a_proposal_has_no_errors() {
    for fields in [
        FULL,
        "",
        r#"{ key = "customer_id", type = "hidden" }, { key = "email", type = "email", label = "E-mail" }"#,
        r#"{ key = "phone", type = "phone", label = "Phone" }, { key = "flavour", type = "short_text", label = "Flavour", property = "flavour" }"#,
    ] {
        let doc = hub(fields);
        let connection = connected(&doc);
        let found = Mapping::problems(&connection, "connections[0]", &cards_of(&doc).unwrap());
        let errors: Vec<_> = found
            .iter()
            .filter(|it| it.severity == Severity::Error)
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
        // And it can be written and read again.
        let json = serde_json::to_string(&connection).unwrap();
        assert_eq!(
            serde_json::from_str::<ConnectionDoc>(&json).unwrap(),
            connection
        );
        let text = toml::to_string(&connection).unwrap();
        assert_eq!(toml::from_str::<ConnectionDoc>(&text).unwrap(), connection);
    }
    let own = suggest(&hub(
        r#"{ key = "customer_id", type = "hidden" }, { key = "email", type = "email", label = "E-mail" }"#,
    ));
    assert!(own.user.identify && own.user.from.as_str() == "field:customer_id");
}

#[test]
fn a_sample_entry_shows_every_mapped_value() {
    let doc = hub(FULL);
    let mapping = Mapping::compile(&connected(&doc)).unwrap();
    let sample = SampleEntry::of(&doc, "welcome", NOW).unwrap();
    let preview = mapping.preview(&sample.facts());
    let body: Json = serde_json::from_str(&preview.body.unwrap()).unwrap();
    let profile = &body["attributes"][0];
    assert_eq!(profile["first_name"], "Ada");
    assert_eq!(profile["dob"], "1990-05-28");
    assert_eq!(profile["email_subscribe"], "opted_in");
    assert_eq!(body["events"][0]["time"], "2026-05-04T07:31:10.412Z");
    assert_eq!(profile["scoops"], 100.0);
    // What the author's own rules refuse is left out of the sample.
    assert_eq!(sample.fields.get("voucher"), None);
    let poll = SampleEntry::of(&doc, "flavour-poll", NOW).unwrap();
    let Plan::Send(planned) = mapping.plan(&poll.facts()) else {
        panic!("nothing to send")
    };
    let event: Json = serde_json::from_str(planned.events.last().unwrap()).unwrap();
    assert_eq!(event["properties"]["answer_flavour"], json!("pistachio"));
    assert_eq!(
        event["properties"]["answer_text_flavour"],
        json!("Pistachio")
    );
    assert_eq!(SampleEntry::of(&doc, "nothing", NOW), None);
}

#[test]
fn the_list_of_sources_names_each_once_with_its_cards() {
    let cards = cards_of(&hub(FULL)).unwrap();
    let choices = choices(&cards);
    let email: Vec<_> = choices
        .iter()
        .filter(|it| it.source == "field:email")
        .collect();
    assert_eq!(email.len(), 1);
    assert_eq!(email[0].cards, ["welcome", "flavour-poll"]);
    assert_eq!((email[0].shape, email[0].pii), (Some(Shape::Email), true));
    for wanted in [
        "consent:newsletter",
        "answer:flavour",
        "property:email",
        "entry:time",
    ] {
        assert!(choices.iter().any(|it| it.source == wanted), "{wanted}");
    }
}
