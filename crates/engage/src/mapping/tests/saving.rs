//! What is said about transforms, operations, nested paths, questions, purchases and several identifiers when a mapping is saved.
//! Promises that every finding names its place and a remedy.
//! Leaves the simple cases to `checks`.

use super::{
    checks::{attribute, cards, check, only},
    doc,
};
use crate::{hub::Severity, mapping::Mapping};

fn error_at(more: &str, place: &str) -> String {
    let (severity, path, words) = only(more);
    assert_eq!(
        (severity, path.as_str()),
        (Severity::Error, place),
        "{words}"
    );
    words
}

#[test]
fn transforms_are_read_when_the_mapping_is_saved() {
    for (transform, says) in [
        ("trimm", "`trim`"),
        ("trim:x", "`trim`"),
        ("number:dot", "`number:point`"),
        ("date:TT.MM.JJJJ", "YYYY"),
        ("date_text", "date_text:"),
        ("phone:XX", "phone:DE"),
        ("boolean:yes", "slash"),
        ("default:", "default:unknown"),
    ] {
        let words = error_at(
            &format!(
                "attributes = [{{ from = \"field:first_name\", to = \"x\", transforms = [\"trim\", \"{transform}\"] }}]"
            ),
            "attributes[0].transforms[1]",
        );
        assert!(words.contains(says), "{transform}: {words}");
    }
}

#[test]
fn a_transform_that_reads_the_value_settles_the_doubt() {
    assert_eq!(
        attribute(r#"from = "field:favourite_flavour", to = "x", type = "number""#).0,
        Severity::Warning
    );
    for line in [
        r#"from = "field:favourite_flavour", to = "x", type = "number", transforms = ["number"]"#,
        r#"from = "field:favourite_flavour", to = "dob", transforms = ["date"]"#,
        r#"from = "field:favourite_flavour", to = "phone", transforms = ["phone:DE"]"#,
        r#"from = "field:favourite_flavour", to = "country", transforms = ["country"]"#,
        r#"from = ["field:first_name", "field:favourite_flavour"], to = "both""#,
    ] {
        assert_eq!(
            check(&format!("attributes = [{{ {line} }}]")),
            vec![],
            "{line}"
        );
    }
}

#[test]
fn a_nested_path_has_keys_that_braze_keeps() {
    for to in ["taste..flavour", "taste.", "taste.my flavour", "taste.$add"] {
        error_at(
            &format!("attributes = [{{ from = \"answer:flavour\", to = \"{to}\" }}]"),
            "attributes[0].to",
        );
    }
    error_at(
        "attributes = [{ from = \"answer:flavour\", to = \"taste.flavours\", operation = \"add\" }]",
        "attributes[0].to",
    );
    assert_eq!(
        check(
            "attributes = [{ from = \"answer:flavour\", to = \"taste.flavour\" }, { from = \"score\", to = \"taste.score\" }]"
        ),
        vec![]
    );
    let words = error_at(
        "attributes = [{ from = \"answer:flavour\", to = \"taste.flavour\" }, { from = \"score\", to = \"taste\" }]",
        "attributes[1].to",
    );
    assert!(words.contains("inside"), "{words}");
}

#[test]
fn one_name_has_one_type_over_all_cards() {
    let words = error_at(
        r#"attributes = [
            { from = "field:age", to = "x", cards = ["welcome"] },
            { from = "answer:flavour", to = "x", cards = ["flavour-poll"] },
        ]"#,
        "attributes[1].to",
    );
    assert!(
        words.contains("a text") && words.contains("a number"),
        "{words}"
    );
    let words = error_at(
        r#"attributes = [
            { from = "answer:flavour", to = "x", cards = ["flavour-poll"] },
            { from = "field:favourite_flavour", to = "x", operation = "add", cards = ["welcome"] },
        ]"#,
        "attributes[1].to",
    );
    assert!(words.contains("a list"), "{words}");
    // Several answers may fill one list.
    assert_eq!(
        check(
            r#"attributes = [
                { from = "answer:flavour", to = "tastes", operation = "add" },
                { from = "field:favourite_flavour", to = "tastes", operation = "add" },
            ]"#
        ),
        vec![]
    );
}

#[test]
fn operations_fit_their_target() {
    error_at(
        "attributes = [{ from = \"field:age\", to = \"first_name\", operation = \"increment\" }]",
        "attributes[0].operation",
    );
    error_at(
        "attributes = [{ from = \"field:age\", to = \"x\", type = \"string\", operation = \"increment\" }]",
        "attributes[0].type",
    );
    error_at(
        "attributes = [{ from = \"field:member\", to = \"x\", operation = \"increment\" }]",
        "attributes[0].operation",
    );
}

#[test]
fn lines_name_cards_that_exist() {
    let words = error_at(
        "[[events]]\non = \"entry\"\nname = \"e\"\ncards = [\"welcom\"]\n",
        "events[0].cards[0]",
    );
    assert!(words.contains("\"welcome\""), "{words}");
}

#[test]
fn a_question_goes_somewhere_and_only_once() {
    error_at(
        "questions = [{ from = \"answer:flavour\" }]",
        "questions[0]",
    );
    error_at(
        "questions = [{ from = \"answer:flavour\", attribute = \"x\", operation = \"increment\" }]",
        "questions[0].operation",
    );
    error_at(
        "questions = [{ from = \"answer:flavor\", event = \"e\" }]",
        "questions[0].from",
    );
    error_at(
        "questions = [{ from = \"answer:flavor\", event = \"e\", attribute = \"x\" }]",
        "questions[0].from",
    );
    error_at(
        "questions = [{ from = \"answer:flavour\", event = \"e\" }, { from = \"answer_text:flavour\", event = \"e\", property = \"flavour\" }]",
        "questions[1].property",
    );
    error_at(
        "questions = [{ from = \"answer:flavour\", event = \"e\", property = \"time\" }]",
        "questions[0].property",
    );
    error_at(
        "attributes = [{ from = \"field:favourite_flavour\", to = \"x\" }]\nquestions = [{ from = \"answer:flavour\", attribute = \"x\" }]",
        "questions[0].attribute",
    );
    // An event that is made for a question has a name that Braze takes.
    error_at(
        "questions = [{ from = \"answer:flavour\", event = \"$e\" }]",
        "questions[0].event",
    );
}

#[test]
fn a_purchase_has_a_currency_and_a_price_that_are_some() {
    let purchase = |price: &str, currency: &str| {
        format!(
            "[[purchases]]\non = \"entry\"\nproduct = \"constant:Box\"\nprice = \"{price}\"\ncurrency = \"{currency}\"\n"
        )
    };
    assert_eq!(check(&purchase("field:age", "constant:EUR")), vec![]);
    error_at(
        &purchase("constant:dear", "constant:EUR"),
        "purchases[0].price",
    );
    error_at(
        &purchase("field:age", "constant:Euro"),
        "purchases[0].currency",
    );
    error_at(
        &purchase("field:agee", "constant:EUR"),
        "purchases[0].price",
    );
}

#[test]
fn what_no_card_tells_cannot_be_mapped() {
    for source in ["coupon:code", "points:balance", "award:name", "outcome"] {
        let (severity, path, _) = attribute(&format!("from = \"{source}\", to = \"x\""));
        assert_eq!(
            (severity, path.as_str()),
            (Severity::Error, "attributes[0].from"),
            "{source}"
        );
    }
}

#[test]
fn two_identifiers_are_better_joined() {
    let user = |more: &str| {
        let toml = format!(
            "key = \"b\"\nendpoint = \"US-01\"\nuser = {{ by = \"external_id\", from = \"param:komo_e:cid\", {more} }}\n"
        );
        Mapping::problems(&doc(&toml), "connections[0]", &cards())
    };
    let alias = r#"otherwise = [{ by = "alias", label = "komo_email", from = "field:email" }]"#;
    let found = user(alias);
    assert_eq!(
        (found.len(), found[0].severity, found[0].path.as_str()),
        (1, Severity::Warning, "connections[0].user")
    );
    assert!(found[0].remedy.contains("users.identify"));
    assert_eq!(user(&format!("identify = true, {alias}")), vec![]);
    assert_eq!(
        user("identify = true")[0].path,
        "connections[0].user.identify"
    );
    assert_eq!(
        user(r#"identify = true, otherwise = [{ by = "alias", from = "field:email" }]"#)[0].path,
        "connections[0].user.otherwise[0].label"
    );
    assert_eq!(
        user(r#"identify = true, otherwise = [{ by = "email", from = "field:country" }]"#)[0].path,
        "connections[0].user.otherwise[0].from"
    );
}

#[test]
fn two_consents_of_one_form_for_one_state_are_pointed_out() {
    let (severity, path, _) = only(
        "[[consents]]\nfrom = \"consent:newsletter\"\nto = \"email_subscribe\"\n[[consents]]\nfrom = \"consent:newsletter\"\nto = \"email_subscribe\"\nwithheld = \"unsubscribed\"\n",
    );
    assert_eq!(
        (severity, path.as_str()),
        (Severity::Warning, "consents[1].to")
    );
}

#[test]
fn a_parameter_that_is_not_kept_is_pointed_out() {
    let (severity, path, words) = attribute(r#"from = "param:shop", to = "shop""#);
    assert_eq!(
        (severity, path.as_str()),
        (Severity::Warning, "attributes[0].from")
    );
    assert!(words.contains("`param:komo_e:shop`"), "{words}");
    assert_eq!(
        check(r#"attributes = [{ from = "param:komo_e:shop", to = "shop" }]"#),
        vec![]
    );
}
