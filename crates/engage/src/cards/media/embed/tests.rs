use super::super::super::{Shell, Stage, kind, playing::Table};
use super::*;
use crate::text::Locale;

fn open(address: &str) -> Box<dyn super::super::super::Card> {
    let mut card = sample();
    card.setup.insert("address".to_owned(), address.into());
    kind("embed").unwrap().open(&card.setup, &shell()).unwrap()
}

fn shell() -> Shell<'static> {
    Shell {
        card_key: "film",
        locales: &[Locale::ENGLISH],
        images: &["churning"],
        form_first: false,
    }
}

#[test]
fn nothing_comes_from_elsewhere_before_somebody_wants_it() {
    let page = Table::with(sample()).face("en", Stage::Play);
    for loads in ["<iframe", "src=\"https:", "srcset", "<link"] {
        assert!(!page.contains(loads), "{loads}: {page}");
    }
    assert!(page.contains("Show content from Vimeo"), "{page}");
    assert!(
        page.contains("href=\"https://vimeo.com/76979871\""),
        "the link is the way without scripts"
    );
}

#[test]
fn the_page_may_frame_the_player_of_the_card_and_nobody_elses() {
    assert_eq!(
        open("https://youtu.be/aB9").frames(),
        ["https://www.youtube-nocookie.com"]
    );
    let unknown = open("https://evil.example/film");
    assert!(unknown.frames().is_empty());
    let problems = unknown.problems(&shell());
    assert_eq!(problems[0].path, "address");
    assert!(problems[0].error);
}
