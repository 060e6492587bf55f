//! Every page in every stage and language, held against what a participant's page may never lack or have.

use std::{collections::BTreeMap, sync::Arc};

use engage::{
    cards::ResultRow,
    form::{FieldError, Told},
    hub::{HubDoc, Image, Publication},
    ids::PlayId,
    text::Locale,
    time::Millis,
};

use super::*;

const DEMO: &str = include_str!("../../../../../demo/hub.toml");
const NOW: Millis = Millis(1_795_000_000_000);

fn demo() -> Publication {
    let doc = HubDoc::from_toml(DEMO).unwrap();
    Publication::freeze(Arc::new(doc)).unwrap()
}

fn with_site<T>(
    publication: &Publication,
    locale: &str,
    path: &str,
    keep: &str,
    show: impl Fn(&Site<'_>) -> T,
) -> T {
    let locale: Locale = locale.parse().unwrap();
    let assets = Assets::default();
    show(&Site {
        publication,
        locale: &locale,
        now: NOW,
        assets: &assets,
        theme_href: "/h/demo/theme-1.css",
        base: "/h/demo",
        origin: "https://hubs.example.com",
        path,
        keep,
        told: &Told::new(),
        image_href: &|image: &Image| format!("/h/demo/images/{}.svg", image.key),
    })
}

fn refused(field: &str, message: &str) -> FieldError {
    FieldError {
        field: field.to_owned(),
        message: message.to_owned(),
    }
}

fn voted() -> Visit {
    let row = |key: &str, percent| ResultRow {
        question: "flavour".to_owned(),
        key: key.to_owned(),
        label: key.to_owned(),
        count: 1,
        percent,
    };
    Visit {
        play_id: Some(PlayId::from_uuid(uuid::Uuid::from_u128(7))),
        stand: Some(Stand {
            facts: [(
                "answer:flavour".to_owned(),
                engage::Value::Text("fig".to_owned()),
            )]
            .into(),
            moves: 1,
            finished: true,
            ..Stand::default()
        }),
        results: vec![row("pistachio", 40), row("fig", 60)],
        ..Visit::default()
    }
}

fn mistaken() -> Visit {
    Visit {
        play_id: Some(PlayId::from_uuid(uuid::Uuid::from_u128(8))),
        values: BTreeMap::from([
            ("phone".to_owned(), "12\"><script>".to_owned()),
            ("serving".to_owned(), "cup".to_owned()),
        ]),
        errors: vec![
            refused("phone", "That is no number."),
            refused("serving", "Choose one."),
            refused("terms", "Tick the box."),
            refused("", "Send it again."),
        ],
        ..Visit::default()
    }
}

/// All pages of the demo in all stages, by name.
fn all_pages(locale: &str) -> Vec<(String, String)> {
    let publication = demo();
    let fresh = Visit {
        play_id: Some(PlayId::from_uuid(uuid::Uuid::from_u128(9))),
        ..Visit::default()
    };
    let mut pages = Vec::new();
    for page in &publication.doc().pages {
        let html = with_site(&publication, locale, "/h/demo", "", |site| {
            hub_page(site, page).unwrap()
        });
        pages.push((format!("page /{}", page.path), html));
    }
    for card in publication.cards() {
        let first = CardStage::first(card);
        let stages = [
            ("first", first, fresh.clone()),
            ("mistaken", CardStage::Form, mistaken()),
            ("played", CardStage::Form, voted()),
            ("done", CardStage::Done, fresh.clone()),
            ("done after a play", CardStage::Done, voted()),
            ("again", CardStage::Again(None), fresh.clone()),
            ("again later", CardStage::Again(Some(NOW)), fresh.clone()),
            ("closed", CardStage::Closed(Some(NOW)), fresh.clone()),
            ("early", CardStage::Early(Some(NOW)), fresh.clone()),
        ];
        for (stage, at, visit) in stages {
            let path = format!("/h/demo/c/{}", card.doc.key);
            let html = with_site(&publication, locale, &path, "", |site| {
                card_page(site, card, at, &visit).unwrap()
            });
            pages.push((format!("{} {stage}", card.doc.key), html));
        }
    }
    let troubles = [
        Trouble::NotFound,
        Trouble::Gone,
        Trouble::Stale,
        Trouble::Unreadable,
        Trouble::TooMany,
        Trouble::Broken(Some("7f3a".to_owned())),
        Trouble::Unavailable,
    ];
    for trouble in troubles {
        let html = with_site(&publication, locale, "/h/demo/x", "", |site| {
            let known = error_page(Some(site), site.assets, site.locale, &trouble).unwrap();
            let unknown = error_page(None, site.assets, site.locale, &trouble).unwrap();
            (known, unknown)
        });
        pages.push((format!("{trouble:?} of a hub"), html.0));
        pages.push((format!("{trouble:?} of no hub"), html.1));
    }
    for terms in &publication.doc().terms {
        let html = with_site(&publication, locale, "/h/demo/terms/terms", "", |site| {
            terms_page(site, terms).unwrap()
        });
        pages.push((format!("terms {}", terms.key), html));
    }
    pages
}

/// The start tags of an element with their attributes.
fn tags<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let open = format!("<{name}");
    html.split(open.as_str())
        .skip(1)
        .filter(|rest| rest.starts_with([' ', '>', '\n']))
        .map(|rest| rest.split_once('>').map_or(rest, |(tag, _)| tag))
        .collect()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let start = format!(" {name}=\"");
    tag.split_once(start.as_str())
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(value, _)| value)
}

#[test]
fn every_page_is_safe_to_serve_under_the_strict_policy() {
    for (name, html) in ["en", "de", "fr", "es", "ja", "ar"]
        .into_iter()
        .flat_map(all_pages)
    {
        assert!(
            !html.contains(" style="),
            "{name} has an inline style; use a class of hub.css"
        );
        assert!(
            !html.contains("<style"),
            "{name} has a style element; use hub.css"
        );
        assert!(!html.contains("javascript:"), "{name} has a script address");
        for tag in tags(&html, "script") {
            assert!(
                attribute(tag, "src").is_some(),
                "{name} has an inline script: <script{tag}>"
            );
        }
        for event in [
            " onclick=",
            " onload=",
            " onerror=",
            " onsubmit=",
            " onchange=",
        ] {
            assert!(!html.contains(event), "{name} has an inline handler{event}");
        }
        assert!(
            !html.contains("12\"><script>"),
            "{name} shows what was typed without escaping"
        );
    }
}

#[test]
fn every_page_has_one_heading_one_main_part_and_a_language() {
    for locale in ["en", "de", "fr", "es", "ja"] {
        for (name, html) in all_pages(locale) {
            assert_eq!(tags(&html, "h1").len(), 1, "{name} needs exactly one h1");
            assert_eq!(
                tags(&html, "main").len(),
                1,
                "{name} needs exactly one main"
            );
            assert_eq!(
                tags(&html, "title").len(),
                1,
                "{name} needs exactly one title"
            );
            assert_eq!(
                attribute(tags(&html, "html")[0], "lang"),
                Some(locale),
                "{name} needs its language"
            );
            assert!(
                html.contains("href=\"#main\""),
                "{name} needs the skip link"
            );
        }
    }
}

#[test]
fn a_page_in_arabic_runs_from_right_to_left_and_marks_the_words_that_are_in_english() {
    let english = texts::Words::of(&Locale::ENGLISH);
    for (name, html) in all_pages("ar") {
        if name.ends_with("of no hub") {
            // Nobody has chosen its language: it is English throughout.
            assert!(html.contains("<html lang=\"en\">"), "{name}");
            continue;
        }
        assert!(html.contains("<html lang=\"ar\" dir=\"rtl\">"), "{name}");
        for words in [
            english.skip,
            english.product,
            english.look,
            english.more,
            english.submit,
            english.choose,
            english.optional,
            english.thanks_title,
            english.closed_title,
            english.errors.home,
        ] {
            let shown = html.matches(&format!(">{words}<")).count();
            let marked = format!(" lang=\"en\" dir=\"ltr\">{words}<");
            assert_eq!(
                html.matches(&marked).count(),
                shown,
                "{name} does not mark `{words}`"
            );
        }
        assert!(
            html.contains("<span lang=\"en\" dir=\"ltr\">Made with Komo</span>"),
            "{name}"
        );
    }
    let closed = all_pages("ar")
        .into_iter()
        .find(|(name, _)| name == "welcome closed")
        .unwrap()
        .1;
    assert!(
        closed.contains("<span lang=\"en\" dir=\"ltr\">Entries closed on <time"),
        "{closed}"
    );
    assert!(
        all_pages("cy")
            .iter()
            .all(|(_, html)| !html.contains(" dir=\"rtl\""))
    );
}

#[test]
fn every_stylesheet_of_a_page_mirrors_by_itself() {
    let physical = |declaration: &str| {
        let (name, value) = declaration.split_once(':').unwrap_or_default();
        let (name, value) = (name.trim(), value.trim());
        let sided = |text: &str| text == "left" || text == "right";
        // A selector may tell left from right; a property may not.
        let is_property = name.bytes().all(|it| it.is_ascii_lowercase() || it == b'-');
        sided(name)
            || is_property && (name.contains("-left") || name.contains("-right"))
            || matches!(name, "text-align" | "float" | "clear") && sided(value)
    };
    let kinds = engage::cards::kinds().map(|kind| (kind.name, kind.style));
    for (name, css) in kinds.chain([("the pages", include_str!("../../../assets/hub.css"))]) {
        let found = css.split([';', '{', '}']).find(|it| physical(it));
        assert_eq!(
            found, None,
            "the style of {name} names a side; say start or end, so that pages mirror"
        );
    }
}

#[test]
fn every_input_has_a_label_and_every_picture_its_size() {
    for (name, html) in all_pages("en") {
        for kind in ["input", "select"] {
            for tag in tags(&html, kind) {
                if attribute(tag, "type") == Some("hidden") {
                    continue;
                }
                let labelled =
                    attribute(tag, "id").is_some_and(|id| html.contains(&format!("for=\"{id}\"")));
                // The poll's radio buttons stand inside their labels.
                let inside = attribute(tag, "name") == Some("option")
                    && html.contains("<label class=\"answer\">");
                assert!(
                    labelled || inside,
                    "{name} has an input without a label: <{kind}{tag}>"
                );
            }
        }
        for tag in tags(&html, "img") {
            for needed in ["alt", "width", "height", "src"] {
                assert!(
                    attribute(tag, needed).is_some(),
                    "{name} has a picture without {needed}: <img{tag}>"
                );
            }
        }
        for tag in html
            .split('<')
            .filter(|tag| tag.contains("aria-describedby"))
        {
            for id in attribute(tag, "aria-describedby")
                .unwrap_or_default()
                .split(' ')
            {
                assert!(
                    html.contains(&format!("id=\"{id}\"")),
                    "{name} describes by a missing element: {id}"
                );
            }
        }
    }
}

fn show(card: &str, stage: CardStage, visit: &Visit) -> String {
    let publication = demo();
    with_site(
        &publication,
        "en",
        &format!("/h/demo/c/{card}"),
        "",
        |site| card_page(site, publication.card(card).unwrap(), stage, visit).unwrap(),
    )
}

#[test]
fn a_refused_form_names_every_problem_and_keeps_what_was_typed() {
    let html = show("sundays", CardStage::Form, &mistaken());
    assert!(html.contains("<title>Error: "), "the tab says it first");
    assert!(html.contains("There is a problem"));
    assert!(
        html.contains("href=\"#field-phone\""),
        "the summary leads to the input"
    );
    assert!(
        html.contains("href=\"#field-serving-cone\""),
        "and to the first radio button"
    );
    assert!(html.contains("id=\"field-phone-error\"") && html.contains("aria-invalid=\"true\""));
    assert!(
        html.contains("value=\"12&#34;&#62;&#60;script&#62;\""),
        "what was typed stays"
    );
    let cup = tags(&html, "input")
        .into_iter()
        .find(|tag| attribute(tag, "value") == Some("cup"))
        .unwrap();
    assert!(cup.contains("checked"), "what was chosen stays");
}

#[test]
fn a_poll_asks_then_shows_the_results_above_its_form() {
    let asked = show("flavour-poll", CardStage::Play, &Visit::default());
    assert!(asked.contains("/h/demo/c/flavour-poll/plays") && !asked.contains("/entries"));
    let voted = show("flavour-poll", CardStage::Form, &voted());
    let results = voted.find("60%").unwrap();
    let form = voted.find("/h/demo/c/flavour-poll/entries").unwrap();
    assert!(results < form);
    assert!(
        !voted.contains(" data-fresh"),
        "the form belongs to the play that was made"
    );
    assert!(voted.contains("value=\"00000000-0000-0000-0000-000000000007\""));
}

#[test]
fn a_closed_card_takes_nothing_and_says_when_it_ended() {
    let html = show(
        "postcards",
        CardStage::Closed(Some(Millis(1_790_805_599_000))),
        &Visit::default(),
    );
    assert!(!html.contains("<form"));
    assert!(
        html.contains("Entries closed on <time datetime=\"2026-09-30T21:59:59.000Z\">30 September 2026, 21:59 UTC</time>."),
        "{html}"
    );
}

#[test]
fn the_session_travels_with_every_inner_link_and_the_language_can_be_changed() {
    let publication = demo();
    let html = with_site(
        &publication,
        "de",
        "/h/demo",
        "lang=de&utm_source=tram",
        |site| hub_page(site, publication.page("").unwrap()).unwrap(),
    );
    assert!(
        html.contains("href=\"/h/demo/c/welcome?lang=de&#38;utm_source=tram\""),
        "{html}"
    );
    assert!(
        html.contains("href=\"/h/demo?lang=en&#38;utm_source=tram\""),
        "{html}"
    );
    assert!(html.contains("Das Leben ist kurz"));
}

#[test]
fn the_stylesheet_and_the_island_stay_small() {
    let css = include_str!("../../../assets/hub.css");
    let island = include_str!("../../../assets/komo-form.js");
    // Raw sizes, about three and a half times the compressed ones.
    assert!(
        css.len() < 32 * 1024,
        "hub.css has {} bytes; a hub page has to stay light",
        css.len()
    );
    assert!(
        island.len() < 18 * 1024,
        "komo-form.js has {} bytes; a hub page has to stay light",
        island.len()
    );
}
