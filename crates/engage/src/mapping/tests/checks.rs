//! What the studio says about a mapping before anybody enters.
//! Promises that every finding names its place and a remedy.
//! Leaves the rest of the document to the hub's own problems.

use super::{DEMO, doc};
use crate::{
    cards::{FactDef, FactKind},
    hub::{HubDoc, Problem, Severity},
    mapping::{KnownCard, KnownField, Mapping, Shape},
};

pub(super) fn cards() -> Vec<KnownCard> {
    let field = |key: &str, shape, pii| KnownField {
        key: key.to_owned(),
        label: key.to_owned(),
        shape,
        pii,
        property: pii.then(|| key.to_owned()),
    };
    let fact = |key: &str, kind| FactDef::new(key, key, kind);
    vec![
        KnownCard {
            key: "welcome".to_owned(),
            fields: vec![
                field("email", Shape::Email, true),
                field("first_name", Shape::Text, true),
                field("country", Shape::Country, true),
                field("favourite_flavour", Shape::Text, false),
                field("age", Shape::Number, false),
                field("member", Shape::YesNo, false),
                field("newsletter", Shape::Permission, false),
            ],
            facts: Vec::new(),
        },
        KnownCard {
            key: "flavour-poll".to_owned(),
            fields: vec![
                field("email", Shape::Email, true),
                field("newsletter", Shape::Permission, false),
            ],
            facts: vec![
                fact("answer:flavour", FactKind::Choice),
                fact("answer_text:flavour", FactKind::Text),
                fact("score", FactKind::Number),
            ],
        },
    ]
}

pub(super) fn check(more: &str) -> Vec<Problem> {
    let found = Mapping::problems(&doc(&format!("{DEMO}{more}")), "connections[0]", &cards());
    for problem in &found {
        assert!(problem.path.starts_with("connections[0]"), "{problem:?}");
        assert!(
            problem.message.ends_with(['.', '?']) && problem.remedy.ends_with(['.', '?']),
            "{problem:?}"
        );
    }
    found
}

/// The only finding: its severity, its path below the connection, and its texts.
pub(super) fn only(more: &str) -> (Severity, String, String) {
    let found = check(more);
    assert_eq!(found.len(), 1, "{found:?}");
    let problem = &found[0];
    let path = problem
        .path
        .trim_start_matches("connections[0].")
        .to_owned();
    (
        problem.severity,
        path,
        format!("{} {}", problem.message, problem.remedy),
    )
}

pub(super) fn attribute(line: &str) -> (Severity, String, String) {
    only(&format!("attributes = [{{ {line} }}]"))
}

#[test]
fn the_demo_has_nothing_to_complain_about() {
    let more = r#"
        attributes = [
            { from = "field:email", to = "email" },
            { from = "field:first_name", to = "first_name" },
            { from = "field:country", to = "country" },
            { from = "answer:flavour", to = "favourite_flavour", cards = ["flavour-poll"] },
            { from = "field:favourite_flavour", to = "favourite_flavour", cards = ["welcome"] },
        ]
        [[consents]]
        from = "consent:newsletter"
        to = "email_subscribe"
        [[events]]
        on = "entry"
        name = "komo_entry"
        properties = [{ from = "card:key", to = "card" }, { from = "answer:flavour", to = "flavour" }]
    "#;
    assert_eq!(check(more), vec![]);
}

#[test]
fn unknown_sources_come_with_a_suggestion() {
    let (severity, path, words) = attribute(r#"from = "field:frist_name", to = "first_name""#);
    assert_eq!(
        (severity, path.as_str()),
        (Severity::Error, "attributes[0].from")
    );
    assert!(words.contains("Did you mean \"first_name\"?"), "{words}");
    let (severity, ..) = attribute(r#"from = "property:shoe_size", to = "shoe_size""#);
    assert_eq!(severity, Severity::Error);
    assert!(
        attribute(r#"from = "answr:flavour", to = "x""#)
            .2
            .contains("names no source")
    );
    assert!(
        attribute(r#"from = "field:", to = "x""#)
            .2
            .contains("lacks the name")
    );
    assert!(
        attribute(r#"from = "constant", to = "x""#)
            .2
            .contains("`value`")
    );
}

#[test]
fn a_source_must_exist_on_the_cards_the_line_is_for() {
    let (severity, path, _) =
        attribute(r#"from = "answer:flavour", to = "flavour", cards = ["welcome"]"#);
    assert_eq!(
        (severity, path.as_str()),
        (Severity::Error, "attributes[0].from")
    );
}

#[test]
fn names_that_braze_keeps_for_itself_are_refused() {
    for name in [
        "external_id",
        "subscription_groups",
        "email_subscribe",
        "_merge_objects",
        "$add",
        "",
    ] {
        let (severity, path, _) =
            attribute(&format!(r#"from = "field:first_name", to = "{name}""#));
        assert_eq!(
            (severity, path.as_str()),
            (Severity::Error, "attributes[0].to"),
            "{name}"
        );
    }
    assert!(
        attribute(&format!(
            r#"from = "field:first_name", to = "{}""#,
            "x".repeat(256)
        ))
        .2
        .contains("255")
    );
    let (severity, _, words) = attribute(r#"from = "field:email", to = "Email""#);
    assert_eq!(severity, Severity::Warning);
    assert!(words.contains("`email`"));
    let (severity, path, words) = only(
        "[[events]]\non = \"entry\"\nname = \"e\"\nproperties = [{ from = \"entry:time\", to = \"time\" }]\n",
    );
    assert_eq!(
        (severity, path.as_str()),
        (Severity::Error, "events[0].properties[0].to")
    );
    assert!(words.contains("entry_time"), "{words}");
}

#[test]
fn types_that_can_never_fit_are_errors_and_doubtful_ones_warnings() {
    assert_eq!(
        attribute(r#"from = "field:member", to = "x", type = "number""#).0,
        Severity::Error
    );
    assert_eq!(
        attribute(r#"from = "field:email", to = "dob""#).0,
        Severity::Error
    );
    assert_eq!(
        attribute(r#"from = "field:first_name", to = "x", type = "number""#).0,
        Severity::Warning
    );
    assert_eq!(
        attribute(r#"from = "field:first_name", to = "country""#).0,
        Severity::Warning
    );
    assert_eq!(
        attribute(r#"from = "field:country", to = "country", operation = "add""#).0,
        Severity::Error
    );
}

#[test]
fn one_target_has_one_source_per_card() {
    let (severity, path, _) = only(
        r#"attributes = [
            { from = "field:first_name", to = "name" },
            { from = "field:favourite_flavour", to = "name", cards = ["welcome"] },
        ]"#,
    );
    assert_eq!(
        (severity, path.as_str()),
        (Severity::Error, "attributes[1].to")
    );
}

#[test]
fn groups_need_a_valid_id_and_know_no_opted_in() {
    let (_, path, _) = only("[[consents]]\nfrom = \"consent:newsletter\"\nto = \"group:news\"\n");
    assert_eq!(path, "consents[0].to");
    let (_, path, _) = only(
        "[[consents]]\nfrom = \"consent:newsletter\"\nto = \"group:6c3f1b2e-7a55-4a0e-9a53-0f6f0e6c9d11\"\ngiven = \"opted_in\"\n",
    );
    assert_eq!(path, "consents[0].given");
    let (_, path, _) = only("[[consents]]\nfrom = \"field:email\"\nto = \"email_subscribe\"\n");
    assert_eq!(path, "consents[0].from");
}

#[test]
fn personal_data_in_an_event_is_pointed_out() {
    let (severity, path, words) = only(
        "[[events]]\non = \"entry\"\nname = \"e\"\nproperties = [{ from = \"field:email\", to = \"mail\" }]\n",
    );
    assert_eq!(
        (severity, path.as_str()),
        (Severity::Warning, "events[0].properties[0].from")
    );
    assert!(words.contains("personal data"));
}

#[test]
fn people_are_told_apart_by_something_that_tells_them_apart() {
    let user = |user: &str| {
        let toml = format!("key = \"b\"\nendpoint = \"US-01\"\nuser = {user}\n");
        Mapping::problems(&doc(&toml), "connections[0]", &cards())
    };
    assert_eq!(
        user(r#"{ by = "alias", from = "field:email" }"#)[0].path,
        "connections[0].user.label"
    );
    assert_eq!(
        user(r#"{ by = "external_id", from = "card:key" }"#)[0].path,
        "connections[0].user.from"
    );
    assert_eq!(
        user(r#"{ by = "phone", from = "field:email" }"#)[0].severity,
        Severity::Error
    );
    assert_eq!(
        user(r#"{ by = "external_id", from = "field:email" }"#)[0].severity,
        Severity::Warning
    );
}

#[test]
fn the_identifier_is_not_set_to_something_else() {
    let compile = |user: &str, attribute: &str| {
        let toml = format!(
            "key = \"b\"\nendpoint = \"US-01\"\nuser = {user}\nattributes = [{{ {attribute} }}]\n"
        );
        Mapping::compile(&doc(&toml))
            .map(|_| ())
            .map_err(|problems| problems[0].path.clone())
    };
    let by_email = r#"{ by = "email", from = "field:email" }"#;
    assert_eq!(
        compile(by_email, r#"from = "field:email", to = "email""#),
        Ok(())
    );
    assert_eq!(
        compile(by_email, r#"from = "field:other", to = "email""#),
        Err("attributes[0].to".to_owned())
    );
    let by_phone = r#"{ by = "phone", from = "field:phone" }"#;
    assert_eq!(
        compile(by_phone, r#"from = "field:email", to = "email""#),
        Err("attributes[0].to".to_owned())
    );
}

#[test]
fn a_hubs_document_is_checked_together_with_its_cards() {
    let hub = |source: &str| {
        let toml = format!(
            r#"
            format = "komo-hub-1"
            [hub]
            slug = "demo"
            name = "Nonna Sole"
            locales = ["en"]
            [[cards]]
            key = "flavour-poll"
            kind = "poll"
            title = "Which one?"
            [cards.setup]
            question = "Which one?"
            options = [{{ key = "pistachio", label = "Pistachio" }}, {{ key = "lemon", label = "Lemon" }}]
            [cards.form]
            [[cards.form.fields]]
            key = "email"
            type = "email"
            label = "E-mail"
            [[connections]]
            key = "braze"
            endpoint = "US-01"
            user = {{ by = "alias", label = "komo_email", from = "{source}" }}
            "#
        );
        Mapping::problems_of(&HubDoc::from_toml(&toml).expect("a document"))
    };
    assert_eq!(hub("field:email"), vec![]);
    let found = hub("field:mail");
    assert_eq!(found[0].path, "connections[0].user.from");
    assert!(found[0].remedy.contains("email"), "{found:?}");
}
