//! The conformance test that every kind of card passes.
//! Promises that a new kind is covered by being registered.
//! Leaves what is special about a kind to its own tests.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::*;
use crate::{
    form::FieldError,
    hub::{CardDoc, HubDoc, Publication, Severity},
    ids::PlayId,
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
    hub.cards.push(card);
    hub
}

const STAGES: [Stage; 2] = [Stage::Play, Stage::Results];

/// The face of a hub's first card.
pub(super) fn face(
    hub: &HubDoc,
    language: &str,
    stage: Stage,
    chosen: Option<&str>,
    errors: &[FieldError],
) -> String {
    let card = &hub.cards[0];
    let shell = Shell {
        card_key: &card.key,
        locales: &hub.hub.locales,
        images: &[],
    };
    let engine = kind(&card.kind).unwrap().open(&card.setup, &shell).unwrap();
    let locale: Locale = language.parse().unwrap();
    let results = engine.results(&[], &locale);
    let context = FaceContext {
        locale: &locale,
        hub,
        card,
        stage,
        play_url: "/h/demo/c/x/plays",
        stand_url: "/h/demo/c/x/plays/7",
        image_urls: &BTreeMap::new(),
        play_id: Some(PlayId::from_uuid(uuid::Uuid::from_u128(7))),
        errors,
        results: &results,
        chosen,
    };
    engine.face(&context).unwrap()
}

fn each(check: impl Fn(&'static Kind, CardDoc, Box<dyn Card>)) {
    for kind in kinds() {
        let sample = (kind.sample)();
        let shell = Shell {
            card_key: &sample.key,
            locales: &[Locale::ENGLISH],
            images: &[],
        };
        let engine = kind.open(&sample.setup, &shell).unwrap();
        check(kind, sample, engine);
    }
}

fn moves() -> impl Strategy<Value = Move> {
    (
        prop::option::of("\\PC{0,12}|flavour"),
        "\\PC{0,12}|pistachio|lemon",
    )
        .prop_map(|(question, option)| Move { question, option })
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
fn every_play_can_be_sent_without_javascript_and_labels_all_inputs() {
    each(|kind, sample, engine| {
        let hub = hub_with(sample);
        let html = face(&hub, "en", Stage::Play, None, &[]);
        if !engine.playable() {
            assert!(
                html.is_empty(),
                "{}: what is not played has no face; its form is the page's",
                kind.name
            );
            return;
        }
        assert!(
            html.contains("method=\"post\"") && html.contains("type=\"submit\""),
            "{}",
            kind.name
        );
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
            assert!(
                labelled_around || labelled_by_id,
                "{}: give this input a label: {tag}",
                kind.name
            );
        }
        if html.contains("type=\"radio\"") {
            assert!(
                html.contains("<fieldset") && html.contains("<legend>"),
                "a group of radio buttons needs a legend"
            );
        }
    });
}

#[test]
fn no_face_has_inline_script_or_style_in_any_stage_and_language() {
    each(|kind, sample, _| {
        let hub = hub_with(sample);
        let errors = [FieldError {
            field: String::new(),
            message: "<b>No</b>".to_owned(),
        }];
        for language in texts::languages() {
            for stage in STAGES {
                for errors in [&errors[..], &[]] {
                    let html = face(&hub, language.as_str(), stage, None, errors);
                    for bad in ["<script", "style=", "javascript:", "onclick", "<b>No"] {
                        assert!(
                            !html.contains(bad),
                            "{} {stage:?}: remove `{bad}`: {html}",
                            kind.name
                        );
                    }
                    let attributes = html
                        .split('<')
                        .skip(1)
                        .filter_map(|tag| tag.split('>').next());
                    assert!(
                        attributes.clone().all(|tag| !tag.contains(" on")),
                        "{}: no event attributes",
                        kind.name
                    );
                }
            }
        }
    });
}

#[test]
fn what_authors_write_cannot_break_out_of_a_face() {
    each(|kind, mut sample, _| {
        fn poison(value: &mut Json) {
            match value {
                Json::String(text) if text.contains(char::is_uppercase) => {
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
        let hub = hub_with(sample);
        for stage in STAGES {
            let html = face(&hub, "en", stage, Some("lemon"), &[]);
            assert!(!html.contains("<script"), "{}: {html}", kind.name);
        }
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
            kind.island.len() < 4096,
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
    // Everything outside a kind's folder, except the list that registers it and the tests.
    fn outside(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                if !matches!(name.as_str(), "poll" | "form_only" | "mapping" | "delivery") {
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
    for (kind, module) in [("poll", "poll"), ("form-only", "form_only")] {
        let naming: Vec<&str> = files
            .iter()
            .filter(|(_, text)| {
                let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
                code.lines()
                    .map(|line| line.split("//").next().unwrap())
                    .any(|line| {
                        line.contains(&format!("{module}::"))
                            || line.contains(&format!("\"{kind}\""))
                            || line.trim() == format!("{module},")
                    })
            })
            .map(|(path, _)| path.as_str())
            .collect();
        assert_eq!(
            naming.len(),
            1,
            "`{kind}` may be named in one list only, and stands in {naming:?}"
        );
    }
}

proptest! {
    #[test]
    fn no_move_makes_a_card_panic_and_the_same_seed_gives_the_same_outcome(
        movement in moves(), now in any::<i64>(), seed in any::<u64>(), attempt in any::<u32>(),
    ) {
        for kind in kinds() {
            let sample = (kind.sample)();
            let shell = Shell { card_key: &sample.key, locales: &[Locale::ENGLISH], images: &[] };
            let engine = kind.open(&sample.setup, &shell).unwrap();
            let context = PlayContext { now: Millis(now), seed, attempt };
            let outcome = engine.play(&movement, context);
            prop_assert_eq!(&outcome, &engine.play(&movement, context));
            if let Ok(outcome) = outcome {
                let facts = engine.facts();
                for key in outcome.facts.keys() {
                    prop_assert!(facts.iter().any(|fact| fact.key == *key), "{} tells an undeclared fact {key}", kind.name);
                }
                prop_assert!(!engine.summary(&outcome.facts, &Locale::ENGLISH).is_empty());
            } else if let Err(refusal) = outcome {
                prop_assert!(refusal.message(&Locale::ENGLISH).ends_with('.'));
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
                    let shell = Shell { card_key: "card", locales: &[Locale::ENGLISH], images: &[] };
                    if let Ok(engine) = kind.open(&setup, &shell) {
                        let _ = engine.problems(&shell);
                        let _ = engine.facts();
                    }
                }
            }
        }
    }
}
