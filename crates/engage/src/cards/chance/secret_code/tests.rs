use super::super::super::{Stage, kind, playing::Table};
use super::*;

fn table() -> Table {
    Table::with(sample())
}

/// Lets time pass until the next code may be tried.
fn later(table: &mut Table) {
    table.now = table.now.plus(LONGEST_WAIT);
}

#[test]
fn a_code_is_right_however_it_is_typed() {
    for typed in [
        "Fior di latte",
        "FIORDILATTE",
        "  fior-di-latte ",
        "ｆｉｏｒ　ｄｉ　ｌａｔｔｅ",
    ] {
        let mut table = table();
        table.send(&[("code", typed)]).unwrap();
        assert!(table.finished, "{typed}");
        assert_eq!(table.facts["award:key"].to_text(), "tub");
        assert_eq!(table.facts[CODE].to_text(), "gold-lid");
    }
}

#[test]
fn a_code_without_a_prize_has_words_of_its_own() {
    let mut table = table();
    table.send(&[("code", "amarena1961")]).unwrap();
    let page = table.face("en", Stage::Results);
    assert!(
        page.contains("A red lid!</h2>") && page.contains("<strong>three</strong>"),
        "{page}"
    );
    assert_eq!(table.facts["outcome"].to_text(), "none");
    assert_eq!(table.facts["outcome_text"].to_text(), "A red lid!");
}

#[test]
fn when_the_prize_of_a_code_is_gone_nobody_is_promised_one() {
    let mut table = table();
    table.stock.given.insert("tub".to_owned(), 200);
    table.send(&[("code", "Fior di latte")]).unwrap();
    assert_eq!(table.facts["won"].to_text(), "false");
    assert!(!table.face("en", Stage::Results).contains("You won"));
}

#[test]
fn no_page_says_anything_about_the_codes() {
    let mut table = table();
    let mut pages = vec![table.face("en", Stage::Play)];
    table.send(&[("code", "Stracciatella")]).unwrap();
    pages.push(table.face("en", Stage::Play));
    later(&mut table);
    table.send(&[("code", "amarena 1961")]).unwrap();
    pages.push(table.face("en", Stage::Results));
    for page in pages {
        let page = page.to_lowercase();
        for secret in ["fior", "1961", "gold-lid", "red-lid", "tub of"] {
            assert!(!page.contains(secret), "{secret}: {page}");
        }
    }
}

#[test]
fn tries_are_counted_and_then_it_is_over() {
    let mut table = table();
    for left in (0..5).rev() {
        assert!(!table.finished);
        later(&mut table);
        table.send(&[("code", "Stracciatella")]).unwrap();
        let page = table.face("en", Stage::Play);
        let said = if left == 1 {
            "one more try".to_owned()
        } else {
            format!("{left} more tries")
        };
        assert!(page.contains(&said), "{page}");
    }
    assert!(table.finished);
    assert!(
        table
            .face("en", Stage::Results)
            .contains("No more tries today</h2>")
    );
    assert_eq!(table.facts[TRIED].to_text(), "5");
}

#[test]
fn who_guesses_quickly_waits_and_learns_nothing_meanwhile() {
    let mut table = table();
    table.send(&[("code", "Stracciatella")]).unwrap();
    let soon = table.send(&[("code", "Fior di latte")]).unwrap_err();
    assert_eq!(soon, Refusal::about("code", "secret-code-too-soon"));
    assert!(
        !table.finished && table.moves == 1,
        "a code that came too soon is not even looked at"
    );
    table.now = table.now.plus(WAIT);
    table.send(&[("code", "Stracciatella")]).unwrap();
    table.now = table.now.plus(WAIT);
    assert!(
        table.send(&[("code", "Fior di latte")]).is_err(),
        "each wait is longer than the one before"
    );
    later(&mut table);
    table.send(&[("code", "Fior di latte")]).unwrap();
    assert!(table.finished);
}

#[test]
fn the_launch_check_finds_codes_that_are_the_same_once_typed() {
    let mut card = sample();
    card.setup["codes"][1]["code"] = "FIOR DI LATTE".into();
    card.setup["codes"][1]["prize"] = "yacht".into();
    let shell = Shell {
        card_key: "lid",
        locales: &[Locale::ENGLISH],
        images: &[],
        form_first: true,
    };
    let found = kind("secret-code")
        .unwrap()
        .open(&card.setup, &shell)
        .unwrap()
        .problems(&shell);
    let paths: Vec<&str> = found.iter().map(|problem| problem.path.as_str()).collect();
    assert!(
        paths.contains(&"codes[1].code") && paths.contains(&"codes[1].prize"),
        "{paths:?}"
    );
}
