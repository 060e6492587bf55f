use serde_json::json;

use super::super::super::{Stage, kind, playing::Table};
use super::*;

/// Three doors from the first of December on, in Rome.
fn card(late: bool) -> CardDoc {
    let mut card = sample();
    for (name, value) in [
        ("first_day", json!("2026-12-01")),
        ("late_doors", json!(late)),
        (
            "doors",
            json!([
                { "title": "One", "text": "Behind the first" },
                { "title": "Two", "chance": true },
                { "title": "Three", "chance": true },
            ]),
        ),
    ] {
        card.setup.insert(name.to_owned(), value);
    }
    card
}

fn at(table: &mut Table, moment: &str) {
    table.now = Millis(moment.parse::<jiff::Timestamp>().unwrap().as_millisecond());
}

fn refused(table: &mut Table, door: &str) -> Refusal {
    table.send(&[("door", door)]).unwrap_err()
}

#[test]
fn a_door_opens_at_midnight_in_the_authors_zone_and_not_before() {
    let mut table = Table::with(card(true));
    at(&mut table, "2026-11-30T22:59:00Z");
    assert!(
        table
            .face("en", Stage::Play)
            .contains("opens on 1 December 2026")
    );
    assert_eq!(
        refused(&mut table, "1"),
        Refusal::because("advent-calendar-too-early")
    );
    at(&mut table, "2026-11-30T23:00:00Z");
    table.send(&[("door", "1")]).unwrap();
    let page = table.face("en", Stage::Play);
    assert!(
        page.contains("One</h2>") && page.contains("Behind the first"),
        "{page}"
    );
    assert!(
        !page.contains("Two") && !page.contains("Three"),
        "closed doors keep what is behind them"
    );
    assert_eq!(
        refused(&mut table, "2"),
        Refusal::because("advent-calendar-too-early")
    );
    assert_eq!(
        refused(&mut table, "1"),
        Refusal::because("advent-calendar-open-already")
    );
    assert_eq!(
        refused(&mut table, "9"),
        Refusal::because("advent-calendar-none-chosen")
    );
}

#[test]
fn who_comes_late_opens_all_doors_if_the_author_lets_them() {
    let mut table = Table::with(card(true));
    at(&mut table, "2027-01-20T12:00:00Z");
    for (door, finished) in [("3", false), ("1", false), ("2", true)] {
        table.send(&[("door", door)]).unwrap();
        assert_eq!(table.finished, finished);
    }
    assert_eq!(
        table.facts[OPENED],
        Value::List(vec!["1".into(), "2".into(), "3".into()])
    );
    let page = table.face("en", Stage::Results);
    assert!(
        ["One", "Two", "Three"]
            .iter()
            .all(|title| page.contains(title)),
        "{page}"
    );
}

#[test]
fn where_doors_are_for_their_day_only_the_last_one_ends_the_play() {
    let mut table = Table::with(card(false));
    at(&mut table, "2026-12-02T12:00:00Z");
    assert_eq!(
        refused(&mut table, "1"),
        Refusal::because("advent-calendar-too-late")
    );
    table.send(&[("door", "2")]).unwrap();
    assert!(!table.finished, "door 3 is to come");
    at(&mut table, "2026-12-03T12:00:00Z");
    table.send(&[("door", "3")]).unwrap();
    assert!(table.finished);
    assert_eq!(table.facts[COUNT].to_text(), "2");
}

#[test]
fn each_door_has_its_own_luck_and_a_play_wins_once() {
    let (mut second, mut third) = (0, 0);
    for seed in 0..400 {
        let mut table = Table::with(card(true));
        table.seed = seed;
        at(&mut table, "2027-01-20T12:00:00Z");
        table.send(&[("door", "1")]).unwrap();
        assert!(table.stock.given.is_empty(), "nothing is won behind words");
        table.send(&[("door", "2")]).unwrap();
        let after_two = table.stock.given.values().sum::<u64>();
        table.send(&[("door", "3")]).unwrap();
        let after_three = table.stock.given.values().sum::<u64>();
        assert!(after_three <= 1, "one play, one prize");
        assert_eq!(table.facts["won"].to_text(), (after_three == 1).to_string());
        second += after_two;
        third += after_three - after_two;
    }
    assert!(second > 80 && third > 40, "{second} and {third} of 400");
}

#[test]
fn the_launch_check_asks_for_a_real_zone_and_for_prizes_where_doors_promise_them() {
    let mut card = card(true);
    card.setup.insert("time_zone".to_owned(), "Rome".into());
    card.setup.insert("prizes".to_owned(), json!([]));
    let shell = Shell {
        card_key: "calendar",
        locales: &[Locale::ENGLISH],
        images: &[],
        form_first: true,
    };
    let found = kind("advent-calendar")
        .unwrap()
        .open(&card.setup, &shell)
        .unwrap()
        .problems(&shell);
    let paths: Vec<&str> = found.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["time_zone", "doors"]);
}
