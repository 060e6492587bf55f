//! The conformance test that every kind of card passes.
//! Promises that a new kind is covered by being registered.
//! Leaves what is special about a kind to its own tests.

use std::{collections::BTreeSet, fs, path::Path, sync::Arc};

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::{
    playing::{self, Dice, Table},
    *,
};
use crate::{
    Value,
    form::FieldError,
    hub::{CardDoc, HubDoc, Image, Publication, Severity},
    text::{Locale, texts},
    time::Millis,
};

/// A published hub with one card.
pub(super) fn hub_with(card: CardDoc) -> HubDoc {
    let mut hub = HubDoc::from_value(json!({
        "format": "komo-hub-1",
        "hub": { "slug": "demo", "name": "Nonna Sole", "locales": ["en"], "state": "published" },
        "pages": [{ "path": "", "title": "Welcome" }],
    }))
    .unwrap();
    hub.images = pictures_of(&card);
    hub.cards.push(card);
    hub
}

/// The pictures that a card's setup names: a sample names some that its author has yet to add.
fn pictures_of(card: &CardDoc) -> Vec<Image> {
    fn find(value: &Json, found: &mut BTreeSet<String>) {
        match value {
            Json::Array(items) => items.iter().for_each(|item| find(item, found)),
            Json::Object(members) => {
                for (name, value) in members {
                    if let ("image", Json::String(key)) = (name.as_str(), value) {
                        found.insert(key.clone());
                    }
                    find(value, found);
                }
            }
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    find(&Json::Object(card.setup.clone()), &mut found);
    let picture = |key: String| Image {
        file: format!("{key}.webp"),
        alt: "A scoop of ice cream".into(),
        width: Some(1200),
        height: Some(900),
        key,
    };
    found.into_iter().map(picture).collect()
}

fn each(check: impl Fn(&'static Kind, CardDoc, Box<dyn Card>)) {
    for kind in kinds() {
        let sample = (kind.sample)();
        let shell = Shell {
            card_key: &sample.key,
            locales: &[Locale::ENGLISH],
            images: &[],
            form_first: true,
        };
        let engine = kind.open(&sample.setup, &shell).unwrap();
        check(kind, sample, engine);
    }
}

fn moves() -> impl Strategy<Value = Move> {
    let name = prop_oneof![
        Just("option"),
        Just("answer"),
        Just("start"),
        Just("moves"),
        Just("code"),
        Just("choice"),
        Just("question")
    ];
    let value = "\\PC{0,12}|pistachio|lemon|[0-9]{1,20}|-[0-9]{1,3}|true|([a-z0-9]{1,3},){0,20}";
    (
        prop::collection::vec((name, value), 0..6),
        any::<Option<u32>>(),
    )
        .prop_map(|(pairs, step)| {
            let pairs = pairs
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value));
            let mut movement = Move::from_pairs(pairs).unwrap();
            movement.step = step;
            movement
        })
}

/// Every input that a person fills in has a label around it or one that names it.
fn inputs_are_labelled(kind: &str, html: &str) {
    for input in html
        .split("<input ")
        .skip(1)
        .filter(|input| !input.starts_with("type=\"hidden\""))
    {
        let tag = input.split('>').next().unwrap();
        let labelled_around = html
            .split("<label")
            .any(|label| label.split("</label>").next().unwrap().contains(tag));
        let labelled_by_id = tag.split("id=\"").nth(1).is_some_and(|rest| {
            html.contains(&format!("for=\"{}\"", rest.split('"').next().unwrap()))
        });
        let named = tag.contains("aria-label=\"") || tag.contains("aria-labelledby=\"");
        assert!(
            labelled_around || labelled_by_id || named,
            "{kind}: give this input a label: {tag}"
        );
    }
    if html.contains("type=\"radio\"") {
        assert!(
            html.contains("<fieldset") && html.contains("<legend"),
            "{kind}: name each group of answers by a fieldset with a legend"
        );
    }
    for image in html.split("<img ").skip(1) {
        let tag = image.split('>').next().unwrap();
        assert!(
            tag.contains("alt=\"") && tag.contains("width=\"") && tag.contains("height=\""),
            "{kind}: a picture needs alt, width and height: {tag}"
        );
    }
}

fn is_clean(kind: &str, html: &str) {
    for bad in ["<script", "style=", "javascript:", "onclick", "<b>No"] {
        assert!(!html.contains(bad), "{kind}: remove `{bad}`: {html}");
    }
    let mut tags = html
        .split('<')
        .skip(1)
        .filter_map(|tag| tag.split('>').next());
    assert!(
        tags.all(|tag| !tag.contains(" on")),
        "{kind}: no event attributes"
    );
}

#[test]
fn the_sample_of_every_kind_can_be_published_as_it_is() {
    each(|kind, sample, engine| {
        assert_eq!(engine.kind(), kind.name);
        assert_eq!(sample.kind, kind.name);
        let publication = Publication::freeze(Arc::new(hub_with(sample))).unwrap();
        assert_eq!(publication.warnings(), [], "{}", kind.name);
    });
}

#[test]
fn a_setup_stays_the_same_when_it_is_stored_and_opened() {
    each(|kind, sample, engine| {
        let shell = Shell {
            card_key: &sample.key,
            locales: &[Locale::ENGLISH],
            images: &[],
            form_first: true,
        };
        let again = kind.open(&engine.setup(), &shell).unwrap();
        assert_eq!(again.setup(), engine.setup());
        assert_eq!(again.facts(), engine.facts());
    });
}

#[test]
fn a_setup_of_a_newer_program_is_refused_and_one_of_this_version_is_not() {
    each(|kind, sample, _| {
        let shell = Shell {
            card_key: &sample.key,
            locales: &[Locale::ENGLISH],
            images: &[],
            form_first: true,
        };
        let mut setup = sample.setup.clone();
        setup.insert("setup_version".to_owned(), kind.setup_version.into());
        assert!(kind.open(&setup, &shell).is_ok());
        for wrong in [
            json!(kind.setup_version + 1),
            json!(0),
            json!("1"),
            json!(-1),
        ] {
            setup.insert("setup_version".to_owned(), wrong);
            let problem = kind.open(&setup, &shell).unwrap_err();
            assert!(problem.remedy.contains("newer"), "{problem}");
        }
    });
}

#[test]
fn a_key_that_no_setup_has_is_refused_by_its_path() {
    each(|kind, mut sample, _| {
        sample.setup.insert("shiny".to_owned(), true.into());
        let problems = Publication::freeze(Arc::new(hub_with(sample))).unwrap_err();
        assert_eq!(problems[0].path, "cards[0].setup.shiny", "{}", kind.name);
        assert_eq!(problems[0].severity, Severity::Error);
    });
}

#[test]
fn every_kind_is_played_to_its_end_by_what_its_faces_offer_without_scripts() {
    each(|kind, sample, engine| {
        if !engine.playable() {
            let html = Table::with(sample).face("en", Stage::Play);
            assert_eq!(
                html.trim().is_empty(),
                !engine.shown(),
                "{}: what is neither played nor shown has no face, and what is shown has one",
                kind.name
            );
            assert_eq!(
                engine.facts(),
                [],
                "{}: what is not played tells nothing",
                kind.name
            );
            return;
        }
        assert!(
            !engine.shown(),
            "{}: what is played is not shown beside its play",
            kind.name
        );
        let declared = engine.facts();
        for seed in 0..12 {
            let mut table = Table::with(sample.clone());
            table.seed = seed;
            table.play_through(&mut Dice(seed), kind.example);
            for (key, value) in &table.facts {
                let fact = declared.iter().find(|fact| fact.key == *key);
                let fact =
                    fact.unwrap_or_else(|| panic!("{} tells an undeclared fact {key}", kind.name));
                let fits = match (fact.kind, value) {
                    (FactKind::Choice, Value::Text(text)) => {
                        fact.options.is_empty() || fact.options.iter().any(|(key, _)| key == text)
                    }
                    (FactKind::Choices, Value::List(_))
                    | (FactKind::Text, Value::Text(_))
                    | (FactKind::Number, Value::Integer(_) | Value::Number(_))
                    | (FactKind::YesNo, Value::Bool(_))
                    | (FactKind::Date, Value::Date(_)) => true,
                    _ => false,
                };
                assert!(
                    fits,
                    "{}: {key} is declared as {:?} and told as {value:?}",
                    kind.name, fact.kind
                );
            }
            assert!(
                table.facts.is_empty() == declared.is_empty(),
                "{}: a finished play tells something",
                kind.name
            );
            assert_eq!(
                engine.summary(&table.facts, &Locale::ENGLISH).is_empty(),
                declared.is_empty(),
                "{}: members read one line about a finished play",
                kind.name
            );
        }
    });
}

#[test]
fn what_is_shown_on_the_way_is_clean_labelled_and_the_same_play_for_the_same_seed() {
    each(|kind, sample, engine| {
        if !engine.playable() {
            for language in texts::languages() {
                let html = Table::with(sample.clone()).face(language.as_str(), Stage::Play);
                is_clean(kind.name, &html);
                inputs_are_labelled(kind.name, &html);
                assert!(
                    !html.contains("<form"),
                    "{}: what is not played posts nothing",
                    kind.name
                );
            }
            return;
        }
        for language in texts::languages() {
            let (mut first, mut second) =
                (Table::with(sample.clone()), Table::with(sample.clone()));
            let mut dice = Dice(7);
            for _ in 0..60 {
                let html = first.face(language.as_str(), Stage::Play);
                assert_eq!(
                    html,
                    second.face(language.as_str(), Stage::Play),
                    "{}",
                    kind.name
                );
                is_clean(kind.name, &html);
                inputs_are_labelled(kind.name, &html);
                assert!(
                    html.contains("method=\"post\"")
                        && html.contains("type=\"submit\"")
                        && html.contains("name=\"step\""),
                    "{}: a form with its step and a button: {html}",
                    kind.name
                );
                let movement = playing::choose(&html, &mut dice, kind.example);
                assert_eq!(
                    first.decide(&movement),
                    second.decide(&movement),
                    "{}",
                    kind.name
                );
                let _ = (first.make(&movement), second.make(&movement));
                if first.finished {
                    break;
                }
            }
            let html = first.face(language.as_str(), Stage::Results);
            is_clean(kind.name, &html);
            inputs_are_labelled(kind.name, &html);
            first.errors = vec![FieldError {
                field: String::new(),
                message: "<b>No</b>".to_owned(),
            }];
            is_clean(kind.name, &first.face(language.as_str(), Stage::Play));
        }
    });
}

#[test]
fn what_authors_write_cannot_break_out_of_a_face() {
    each(|kind, mut sample, _| {
        fn poison(value: &mut Json) {
            match value {
                // A moment is no text: poisoned, it would not be read at all.
                Json::String(text)
                    if text.contains(char::is_uppercase)
                        && text.parse::<jiff::Timestamp>().is_err() =>
                {
                    *text = "\"'><script>alert(1)</script>".to_owned();
                }
                Json::Array(items) => items.iter_mut().for_each(poison),
                Json::Object(members) => members.values_mut().for_each(poison),
                _ => {}
            }
        }
        let mut json = serde_json::to_value(&sample).unwrap();
        poison(&mut json);
        sample = serde_json::from_value(json).unwrap();
        let mut table = Table::with(sample);
        if !table.engine.playable() {
            let html = table.face("en", Stage::Play);
            assert!(!html.contains("<script"), "{}: {html}", kind.name);
            return;
        }
        let mut dice = Dice(3);
        for _ in 0..30 {
            let html = table.face("en", Stage::Play);
            assert!(!html.contains("<script"), "{}: {html}", kind.name);
            if table.finished {
                break;
            }
            let movement = playing::choose(&html, &mut dice, kind.example);
            let _ = table.make(&movement);
        }
        let html = table.face("en", Stage::Results);
        assert!(!html.contains("<script"), "{}: {html}", kind.name);
    });
}

#[test]
fn every_kind_has_its_texts_in_every_language_and_names_itself() {
    each(|kind, _, engine| {
        for language in texts::languages() {
            assert!(
                kind.texts.iter().any(|(of, _)| *of == language.as_str()),
                "{} lacks {language}",
                kind.name
            );
            for id in ids(&engine.controls()).into_iter().chain([kind.title]) {
                assert_ne!(
                    texts::plain(&language, id),
                    id,
                    "add `{id}` to the texts of {}",
                    kind.name
                );
            }
        }
    });
}

fn ids(controls: &[Control]) -> Vec<&'static str> {
    controls
        .iter()
        .flat_map(|control| {
            let inner = match &control.kind {
                ControlKind::List { item, .. } => ids(item),
                ControlKind::Choice(choices) => choices.iter().map(|(_, label)| *label).collect(),
                _ => Vec::new(),
            };
            inner.into_iter().chain([control.label])
        })
        .collect()
}

#[test]
fn controls_cover_the_setup_and_nothing_else() {
    each(|kind, _, engine| {
        let schema = (kind.schema)();
        let known: Map<String, Json> = schema["properties"]
            .as_object()
            .cloned()
            .unwrap_or_default();
        let mut offered: Vec<&str> = engine
            .controls()
            .iter()
            .map(|control| control.path)
            .collect();
        offered.sort_unstable();
        let mut wanted: Vec<&str> = known.keys().map(String::as_str).collect();
        wanted.sort_unstable();
        assert_eq!(
            offered, wanted,
            "the editor of {} has to offer what its setup holds",
            kind.name
        );
    });
}

#[test]
fn islands_are_small_and_bring_no_markup_of_their_own() {
    each(|kind, _, _| {
        assert!(
            kind.island.len() < 16 * 1024,
            "{}: the island has {} bytes, make it smaller",
            kind.name,
            kind.island.len()
        );
        for bad in ["innerHTML", "eval(", "document.write", "style."] {
            assert!(
                !kind.island.contains(bad),
                "{}: the island uses {bad}",
                kind.name
            );
        }
    });
}

#[test]
fn adding_a_kind_touches_its_folder_and_one_word() {
    // Everything outside the folders of the engines, and the lists of the engines themselves.
    fn outside(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let of_a_kind = path
                .parent()
                .and_then(Path::parent)
                .is_some_and(|it| it.ends_with("cards"))
                || name == "form_only";
            if path.is_dir() {
                if !of_a_kind && !matches!(name.as_str(), "mapping" | "delivery") {
                    outside(&path, found);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && !name.contains("test")
            {
                found.push((
                    path.display().to_string(),
                    fs::read_to_string(&path).unwrap(),
                ));
            }
        }
    }
    let mut files = Vec::new();
    outside(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut files,
    );
    for kind in kinds() {
        let module = kind.name.replace('-', "_");
        // The word of this kind is also a property of many setups, which says nothing about the kind.
        let is_property = kind.name == "image";
        let naming: Vec<&str> = files
            .iter()
            .filter(|(_, text)| {
                let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
                code.lines()
                    .map(|line| line.split("//").next().unwrap())
                    .any(|line| {
                        line.contains(&format!("{module}::KIND"))
                            || (!is_property && line.contains(&format!("\"{}\"", kind.name)))
                            || line.trim() == format!("{module},")
                    })
            })
            .map(|(path, _)| path.as_str())
            .collect();
        assert!(
            naming.len() <= 1,
            "`{}` may be named in one list only, and stands in {naming:?}",
            kind.name
        );
    }
}

proptest! {
    #[test]
    fn no_move_makes_a_card_panic_whatever_came_before_and_the_same_seed_gives_the_same_outcome(
        movement in moves(), now in any::<i64>(), seed in any::<u64>(), steps in 0_u8..5, other in any::<u64>(),
    ) {
        for kind in kinds() {
            let mut table = Table::with((kind.sample)());
            table.seed = seed;
            for _ in 0..steps {
                if table.finished || !table.engine.playable() {
                    break;
                }
                let html = table.face("en", Stage::Play);
                let _ = table.make(&playing::choose(&html, &mut Dice(other), kind.example));
            }
            table.now = Millis(now);
            let outcome = table.decide(&movement);
            prop_assert_eq!(&outcome, &table.decide(&movement));
            if let Err(refusal) = outcome {
                for message in refusal.messages(&Locale::ENGLISH) {
                    prop_assert!(message.message.ends_with('.'), "{}: {}", kind.name, message.message);
                }
            }
            // A state of another version of the card, or of none.
            for state in [json!(1), json!([]), json!({ "answers": 7 }), json!({ "at": -1 })] {
                table.state = state;
                let _ = table.decide(&movement);
            }
        }
    }

    #[test]
    fn no_stored_setup_makes_a_kind_panic(text in "\\PC{0,20}", number in any::<i64>()) {
        for kind in kinds() {
            for (key, _) in (kind.sample)().setup {
                for value in [json!(text), json!(number), json!(null), json!([text]), json!({ "en": text })] {
                    let mut setup = (kind.sample)().setup;
                    setup.insert(key.clone(), value);
                    let shell = Shell { card_key: "card", locales: &[Locale::ENGLISH], images: &[], form_first: true };
                    if let Ok(engine) = kind.open(&setup, &shell) {
                        let _ = engine.problems(&shell);
                        let _ = engine.facts();
                    }
                }
            }
        }
    }
}
