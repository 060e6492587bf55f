use super::super::super::{Stage, playing::Table};
use super::*;
use crate::time::Millis;

fn at(left: i64) -> String {
    let mut table = Table::with(sample());
    let setup: CountdownSetup =
        serde_json::from_value(serde_json::Value::Object(table.hub.cards[0].setup.clone()))
            .unwrap();
    table.now = Millis(setup.moment.as_millisecond() - left);
    table.face("en", Stage::Play)
}

#[test]
fn the_time_left_and_the_moment_are_there_without_scripts() {
    let page = at(((2 * 24 + 3) * 60 + 4) * 60_000 + 4_001);
    for (unit, number) in [
        ("days", "2"),
        ("hours", "3"),
        ("minutes", "4"),
        ("seconds", "5"),
    ] {
        assert!(
            page.contains(&format!("data-unit=\"{unit}\">{number}<")),
            "{unit}: {page}"
        );
    }
    assert!(page.contains("23 June 2031, 20:00 (Europe/Rome)"), "{page}");
}

#[test]
fn what_comes_afterwards_is_on_the_page_from_the_moment_on_and_not_before() {
    let (before, after) = (at(1), at(0));
    assert!(before.contains("data-unit=\"seconds\">1<"));
    assert!(
        !before.contains("kitchen is open") && !before.contains("example.com"),
        "{before}"
    );
    assert!(
        after.contains("The kitchen is open</h2>")
            && after.contains("https://www.example.com/kitchen"),
        "{after}"
    );
    assert!(!after.contains("data-unit"));
}
