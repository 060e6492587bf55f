use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::time::Millis;

const DEMO: &str = r##"
format = "komo-hub-1"

[hub]
slug = "demo"
name = "Nonna Sole"
locales = ["en", "de"]
state = "published"
opens_at = 2026-01-01T00:00:00Z
closes_at = "2027-01-01T00:00:00Z"
logo = "hero"

[theme]
accent = "#C2410C"
heading_font = "serif"

[[images]]
key = "hero"
file = "images/hero.svg"
alt = { en = "Gelato", de = "Eis" }
width = 1200
height = 800

[[navigation]]
label = "Start"
page = ""

[[terms]]
key = "terms"
version = "2026-03"
title = "Terms"
text = "Be kind."

[[pages]]
path = ""
title = { en = "Welcome", de = "Willkommen" }

  [[pages.sections]]
  layout = "hero"
  image = "hero"

    [[pages.sections.placements]]
    card = "welcome"
    size = "wide"

    [[pages.sections.placements]]
    card = "flavour-poll"
    visibility = "scheduled"
    from = "2026-02-01T00:00:00Z"
    until = "2026-03-01T00:00:00Z"

[[cards]]
key = "welcome"
kind = "form-only"
title = "Welcome"
state = "published"

  [cards.form]
  submit = "Count me in"
  [cards.form.thanks]
  title = "Thanks"
  button = { label = "Back", page = "" }

    [[cards.form.fields]]
    key = "email"
    type = "email"
    label = "E-mail"
    required = true

    [[cards.form.fields]]
    key = "favourite_flavour"
    type = "short_text"
    label = "Flavour"
    suggestions = ["Lemon"]
    max_length = 80

    [[cards.form.fields]]
    key = "newsletter"
    type = "consent"
    label = "News, please"
    version = "2026-03"
    subscription = "newsletter"

  [cards.entries]
  limit = "single"
  same_person = ["email"]

[[cards]]
key = "flavour-poll"
kind = "poll"
title = "Poll"
state = "scheduled"
opens_at = "2026-01-15T00:00:00Z"
closes_at = "2026-06-01T00:00:00Z"

  [cards.setup]
  key = "flavour"
  question = "Which one?"
  options = [{ key = "lemon", label = "Lemon" }, { key = "mango", label = "Mango" }]

[[connections]]
key = "braze"
kind = "braze"
name = "Braze (sandbox)"
endpoint = "US-01"
batch_mode = "combined-75"
requests_per_window = [100, 3]

  [connections.user]
  by = "alias"
  label = "komo_email"
  from = "field:email"

  [[connections.attributes]]
  from = "constant"
  value = 3
  to = "visits"
  type = "number"
  cards = ["welcome"]

  [[connections.consents]]
  from = "consent:newsletter"
  to = "email_subscribe"

  [[connections.events]]
  on = "entry"
  name = "komo_entry"
  properties = [{ from = "card:key", to = "card" }]
"##;

fn demo() -> HubDoc {
    HubDoc::from_toml(DEMO).unwrap()
}

/// The demo with one thing changed, as JSON.
fn with(pointer: &str, value: Json) -> Result<HubDoc, DocError> {
    let mut json = serde_json::to_value(demo()).unwrap();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = json.pointer_mut(parent).unwrap();
    match parent {
        Json::Object(members) => drop(members.insert(key.to_owned(), value)),
        Json::Array(items) => items[key.parse::<usize>().unwrap()] = value,
        _ => panic!("{pointer}"),
    }
    HubDoc::from_value(json)
}

fn at(moment: &str) -> Millis {
    Millis(moment.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

#[test]
fn a_document_says_the_same_in_toml_and_json() {
    let doc = demo();
    assert_eq!(HubDoc::from_toml(&doc.to_toml().unwrap()).unwrap(), doc);
    assert_eq!(HubDoc::from_json(&doc.to_json().unwrap()).unwrap(), doc);
    assert_eq!(doc.card("flavour-poll").unwrap().setup["key"], "flavour");
    assert_eq!(doc.connections[0].requests_per_window, Some((100, 3)));
}

#[test]
fn what_is_written_fits_the_published_schema() {
    let schema = HubDoc::json_schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let doc = serde_json::to_value(demo()).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&doc)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let mut wrong = doc.clone();
    wrong["hub"]["sluk"] = "x".into();
    assert!(!validator.is_valid(&wrong), "an unknown key does not fit");
}

#[test]
fn a_mistake_is_named_by_its_path_with_the_word_that_was_meant() {
    for (pointer, value, path, remedy) in [
        ("/hub/sluk", json!("x"), "hub.sluk", "`slug`"),
        ("/theme/acent", json!("#fff"), "theme.acent", "`accent`"),
        (
            "/cards/0/form/fields/1/max_lenght",
            json!(3),
            "cards[0].form.fields[1].max_lenght",
            "`max_length`",
        ),
        (
            "/cards/0/form/fields/0/requird",
            json!(true),
            "cards[0].form.fields[0].requird",
            "`required`",
        ),
        (
            "/cards/0/form/fields/0/type",
            json!("e-mail"),
            "cards[0].form.fields[0].type",
            "`email`",
        ),
        (
            "/cards/0/state",
            json!("publish"),
            "cards[0].state",
            "`published`",
        ),
        (
            "/pages/0/sections/0/layout",
            json!("wall"),
            "pages[0].sections[0].layout",
            "hero, grid, row",
        ),
        (
            "/connections/0/user/by",
            json!("mail"),
            "connections[0].user.by",
            "`email`",
        ),
        ("/hub/name", json!(3), "hub.name", "per language"),
        ("/hub/locales/0", json!("english"), "hub.locales[0]", "en"),
        (
            "/hub/opens_at",
            json!("tomorrow"),
            "hub.opens_at",
            "2026-05-04T09:00:00Z",
        ),
        ("/theme/radius", json!(-1), "theme.radius", "u8"),
    ] {
        let problem = with(pointer, value).unwrap_err();
        assert_eq!(problem.path, path, "{problem}");
        assert!(problem.to_string().contains(remedy), "{problem}");
    }
}

#[test]
fn what_is_no_document_is_refused_with_the_place() {
    let problem = HubDoc::from_toml("format = \"komo-hub-1\"\n[hub\n").unwrap_err();
    assert!(problem.path.starts_with("line 2"), "{problem}");
    let problem = HubDoc::from_json("{\n \"format\": ").unwrap_err();
    assert!(problem.path.starts_with("line 2"), "{problem}");
    let problem = HubDoc::from_toml("format = \"komo-hub-9\"").unwrap_err();
    assert!(problem.remedy.contains("komo-hub-1"), "{problem}");
    let problem = HubDoc::from_toml("format = \"komo-hub-1\"").unwrap_err();
    assert_eq!(problem.path, "hub", "{problem}");
}

#[test]
fn a_good_document_has_no_problems() {
    assert_eq!(demo().problems(), []);
}

#[test]
fn every_broken_reference_and_mistake_stops_publishing() {
    for (pointer, value, path) in [
        ("/hub/slug", json!("Demo Hub"), "hub.slug"),
        ("/hub/locales", json!([]), "hub.locales"),
        ("/hub/logo", json!("her"), "hub.logo"),
        (
            "/hub/closes_at",
            json!("2025-01-01T00:00:00Z"),
            "hub.closes_at",
        ),
        ("/theme/accent", json!("red;}"), "theme.accent"),
        (
            "/images/0/file",
            json!("../../etc/passwd"),
            "images[0].file",
        ),
        (
            "/images/0/file",
            json!("https://elsewhere.example/x.png"),
            "images[0].file",
        ),
        ("/navigation/0", json!({ "label": "x" }), "navigation[0]"),
        (
            "/navigation/0",
            json!({ "label": "x", "url": "javascript:alert(1)" }),
            "navigation[0].url",
        ),
        ("/navigation/0/page", json!("nowhere"), "navigation[0].page"),
        ("/pages/0/path", json!("c"), "pages[0].path"),
        (
            "/pages/0/sections/0/image",
            json!("nowhere"),
            "pages[0].sections[0].image",
        ),
        (
            "/pages/0/sections/0/placements/0/card",
            json!("welcom"),
            "pages[0].sections[0].placements[0].card",
        ),
        (
            "/pages/0/sections/0/placements/1/until",
            json!("2026-01-01T00:00:00Z"),
            "pages[0].sections[0].placements[1].until",
        ),
        ("/cards/0/key", json!("Welcome!"), "cards[0].key"),
        ("/cards/1/key", json!("welcome"), "cards[1].key"),
        ("/cards/1/kind", json!("pol"), "cards[1].kind"),
        (
            "/cards/1/setup",
            json!({ "question": "?", "options": [] }),
            "cards[1].setup.options",
        ),
        (
            "/cards/1/setup",
            json!({ "options": [] }),
            "cards[1].setup.question",
        ),
        ("/cards/1/opens_at", Json::Null, "cards[1].opens_at"),
        ("/cards/0/form", Json::Null, "cards[0].form"),
        ("/cards/0/form/fields", json!([]), "cards[0].form.fields"),
        (
            "/cards/0/form/fields/1/key",
            json!("email"),
            "cards[0].form.fields[1].key",
        ),
        (
            "/cards/0/form/fields/1/key",
            json!("play_id"),
            "cards[0].form.fields[1].key",
        ),
        (
            "/cards/0/form/fields/1/label",
            json!(""),
            "cards[0].form.fields[1].label",
        ),
        (
            "/cards/0/form/fields/1/max_length",
            json!(0),
            "cards[0].form.fields[1].max_length",
        ),
        (
            "/cards/0/form/fields/1/default",
            json!("a\u{0}"),
            "cards[0].form.fields[1].default",
        ),
        (
            "/cards/0/form/fields/2",
            json!({ "key": "t", "type": "terms", "terms": "rules", "label": "x" }),
            "cards[0].form.fields[2].terms",
        ),
        (
            "/cards/0/form/fields/2/default",
            json!(true),
            "cards[0].form.fields[2].default",
        ),
        (
            "/cards/0/form/thanks/button",
            json!({ "label": "x", "page": "", "card": "welcome" }),
            "cards[0].form.thanks.button",
        ),
        (
            "/cards/0/entries/same_person",
            json!(["mail"]),
            "cards[0].entries.same_person[0]",
        ),
        (
            "/cards/0/entries/limit",
            json!("rolling"),
            "cards[0].entries.window_hours",
        ),
        (
            "/cards/0/entries/limit",
            json!("slots"),
            "cards[0].entries.slots_from",
        ),
        ("/cards/0/entries/max", json!(0), "cards[0].entries.max"),
    ] {
        let doc = with(pointer, value).unwrap();
        let problems = Publication::freeze(Arc::new(doc)).unwrap_err();
        let named = problems.iter().any(|problem| {
            problem.path == path
                && problem.severity == Severity::Error
                && !problem.remedy.is_empty()
        });
        assert!(named, "`{path}` is not named: {problems:#?}");
    }
}

#[test]
fn what_could_be_better_is_said_and_does_not_stop_publishing() {
    for (pointer, value, path) in [
        ("/theme/text", json!("#999999"), "theme.text"),
        ("/theme/on_accent", json!("#000000"), "theme.on_accent"),
        (
            "/cards/0/title",
            json!({ "en": "Welcome" }),
            "cards[0].title",
        ),
        (
            "/cards/1/setup/question",
            json!({ "en": "Which?" }),
            "cards[1].setup.question",
        ),
        ("/images/0/width", Json::Null, "images[0]"),
        (
            "/cards/0/entries/same_person",
            json!(["favourite_flavour"]),
            "cards[0].entries.same_person[0]",
        ),
        (
            "/cards/0/form/fields/0",
            json!({ "key": "name", "type": "short_text", "label": "Name", "required": true }),
            "cards[0].form.fields",
        ),
        (
            "/pages/0/sections/0/placements/0/from",
            json!("2026-01-01T00:00:00Z"),
            "pages[0].sections[0].placements[0].visibility",
        ),
    ] {
        let mut doc = with(pointer, value).unwrap();
        if path == "cards[0].form.fields" {
            doc.cards[0].entries = None;
        }
        let publication = Publication::freeze(Arc::new(doc))
            .unwrap_or_else(|problems| panic!("{path}: {problems:#?}"));
        assert!(
            publication
                .warnings()
                .iter()
                .any(|problem| problem.path == path),
            "`{path}` is not named: {:#?}",
            publication.warnings()
        );
    }
}

#[test]
fn drafts_never_leak_and_may_be_unfinished() {
    let mut doc = demo();
    doc.cards[1].state = CardState::Draft;
    doc.cards[1].setup.clear();
    let publication = Publication::freeze(Arc::new(doc)).unwrap();
    assert!(publication.card("flavour-poll").is_none());
    assert_eq!(
        publication.card_visibility("flavour-poll", at("2026-02-15T00:00:00Z")),
        Visibility::Hidden
    );
    assert!(
        publication
            .warnings()
            .iter()
            .any(|problem| problem.path.starts_with("cards[1].setup"))
    );
}

#[test]
fn hub_card_and_placement_each_have_a_say() {
    let publication = Publication::freeze(Arc::new(demo())).unwrap();
    let placement = &publication.page("").unwrap().sections[0].placements[1];
    for (moment, card, placed) in [
        (
            "2025-12-31T23:59:59Z",
            Visibility::Hidden,
            Visibility::Hidden,
        ),
        (
            "2026-01-14T23:59:59.999Z",
            Visibility::Hidden,
            Visibility::Hidden,
        ),
        (
            "2026-01-15T00:00:00Z",
            Visibility::Visible,
            Visibility::Hidden,
        ),
        (
            "2026-02-01T00:00:00Z",
            Visibility::Visible,
            Visibility::Visible,
        ),
        (
            "2026-02-28T23:59:59.999Z",
            Visibility::Visible,
            Visibility::Visible,
        ),
        (
            "2026-03-01T00:00:00Z",
            Visibility::Visible,
            Visibility::Hidden,
        ),
        (
            "2026-06-01T00:00:00Z",
            Visibility::Closed {
                since: at("2026-06-01T00:00:00Z"),
            },
            Visibility::Hidden,
        ),
    ] {
        assert_eq!(
            publication.card_visibility("flavour-poll", at(moment)),
            card,
            "card at {moment}"
        );
        assert_eq!(
            publication.placement_visibility(placement, at(moment)),
            placed,
            "placement at {moment}"
        );
    }
    let before = at("2025-12-31T23:59:59Z");
    let opens = Visibility::NotYetOpen {
        from: at("2026-01-01T00:00:00Z"),
    };
    assert_eq!(publication.card_visibility("welcome", before), opens);
    assert_eq!(publication.hub_visibility(before), opens);
    let closed = Visibility::Closed {
        since: at("2027-01-01T00:00:00Z"),
    };
    assert_eq!(
        publication.card_visibility("welcome", at("2027-01-01T00:00:00Z")),
        closed
    );
    assert_eq!(
        publication.card_visibility("nowhere", at("2026-02-01T00:00:00Z")),
        Visibility::Hidden
    );
}

#[test]
fn a_draft_hub_is_hidden_altogether() {
    let publication =
        Publication::freeze(Arc::new(with("/hub/state", json!("draft")).unwrap())).unwrap();
    assert_eq!(
        publication.card_visibility("welcome", at("2026-02-01T00:00:00Z")),
        Visibility::Hidden
    );
}

#[test]
fn the_version_is_the_content_and_not_the_order_of_keys() {
    let one = Publication::freeze(Arc::new(demo())).unwrap();
    let mut reversed = serde_json::to_value(demo()).unwrap();
    let setup = reversed["cards"][1]["setup"].as_object_mut().unwrap();
    *setup = setup.clone().into_iter().rev().collect();
    let same = Publication::freeze(Arc::new(HubDoc::from_value(reversed).unwrap())).unwrap();
    let other =
        Publication::freeze(Arc::new(with("/hub/name", json!("Nonna Luna")).unwrap())).unwrap();
    assert_eq!(one.version().len(), 64);
    assert_eq!(one.version(), same.version());
    assert_ne!(one.version(), other.version());
}

#[test]
fn a_published_card_brings_its_rules_form_and_limit() {
    let publication = Publication::freeze(Arc::new(demo())).unwrap();
    let welcome = publication.card("welcome").unwrap();
    assert_eq!(welcome.limit, crate::entry::EntryLimit::Single);
    assert_eq!(welcome.same_person, ["email"]);
    assert!(welcome.form.as_ref().unwrap().field("newsletter").is_some());
    let poll = publication.card("flavour-poll").unwrap();
    assert!(poll.engine.playable() && poll.form.is_none());
}

proptest! {
    #[test]
    fn no_text_makes_reading_a_document_panic(text in "\\PC{0,200}") {
        let _ = HubDoc::from_toml(&text);
        let _ = HubDoc::from_json(&text);
        let _ = HubDoc::from_toml(&format!("format = \"komo-hub-1\"\n{text}"));
    }

    #[test]
    fn no_value_anywhere_makes_the_launch_check_panic(text in "\\PC{0,30}", place in 0_usize..14) {
        let pointers = [
            "/hub/slug", "/hub/name", "/hub/logo", "/theme/accent", "/theme/text", "/images/0/file", "/images/0/key",
            "/pages/0/path", "/cards/0/key", "/cards/1/kind", "/cards/0/form/fields/0/key", "/connections/0/key",
            "/cards/1/setup/question", "/cards/0/form/fields/0/label",
        ];
        if let Ok(doc) = with(pointers[place], json!(text)) {
            let problems = doc.problems();
            prop_assert!(problems.iter().all(|problem| !problem.message.is_empty() && !problem.remedy.is_empty()));
        }
    }
}
