use serde_json::{Value as Json, json};

use super::super::{
    Refusal, Stage, kind,
    playing::{Dice, Table, choose},
};

fn table(name: &str, seed: u64) -> Table {
    let mut table = Table::with((kind(name).unwrap().sample)());
    table.seed = seed;
    table
}

fn started(name: &str, seed: u64) -> Table {
    let mut table = table(name, seed);
    table.send(&[("start", "1")]).unwrap();
    table
}

/// A post a moment later, with many moves in it.
fn post(table: &mut Table, moves: &[String]) -> Result<(), Refusal> {
    table.now = table.now.plus(60_000);
    table.send(&[("moves", &moves.join(","))])
}

fn fact(table: &Table, name: &str) -> String {
    table.facts[name].to_text()
}

/// The places of the cards of a game of pairs, pair after pair.
fn pairs(table: &Table) -> Vec<String> {
    let cards = table.state["board"]["pictures"].as_array().unwrap();
    let pictures: Vec<u64> = cards.iter().map(|it| it.as_u64().unwrap()).collect();
    let mut places: Vec<usize> = (0..pictures.len()).collect();
    places.sort_by_key(|place| pictures[*place]);
    places.iter().map(ToString::to_string).collect()
}

/// The first and the last letter of each hidden word.
fn lines(table: &Table) -> Vec<String> {
    let board = &table.state["board"];
    let side = board["side"].as_i64().unwrap();
    let text = |it: &Json| it.as_str().unwrap().to_owned();
    let letters: Vec<String> = board["grid"].as_array().unwrap().iter().map(text).collect();
    let letter = |row: i64, column: i64| {
        let inside = (0..side).contains(&row) && (0..side).contains(&column);
        inside.then(|| letters[usize::try_from(row * side + column).unwrap()].as_str())
    };
    let words = board["words"].as_array().unwrap().iter().map(text);
    words
        .flat_map(|word| {
            let last = i64::try_from(word.chars().count()).unwrap() - 1;
            let all = (0..side * side)
                .flat_map(|place| [(0, 1), (1, 0), (1, 1), (1, -1)].map(|way| (place, way)));
            let (from, (down, right)) = all
                .into_iter()
                .find(|(place, (down, right))| {
                    let read: Option<String> = (0..=last)
                        .map(|n| letter(place / side + n * down, place % side + n * right))
                        .collect();
                    read.as_deref() == Some(word.as_str())
                })
                .unwrap_or_else(|| panic!("{word} is not in the field"));
            [from, from + last * (down * side + right)].map(|place| place.to_string())
        })
        .collect()
}

/// The shortest way to solve a puzzle, by looking at all of them.
fn solution(table: &Table) -> Vec<String> {
    const SOLVED: [u8; 9] = [1, 2, 3, 4, 5, 6, 7, 8, 0];
    let begin: [u8; 9] = serde_json::from_value(table.state["board"]["pieces"].clone()).unwrap();
    // From the solved puzzle on: the piece that leads one step back to it.
    let mut back = std::collections::HashMap::from([(SOLVED, 0_u8)]);
    let mut next = std::collections::VecDeque::from([SOLVED]);
    let slide = |field: [u8; 9], piece: u8| {
        field.map(|it| match it {
            0 => piece,
            it if it == piece => 0,
            it => it,
        })
    };
    while !back.contains_key(&begin) {
        let field = next.pop_front().expect("the puzzle can be solved");
        let gap = field.iter().position(|it| *it == 0).unwrap();
        for (place, piece) in field.into_iter().enumerate() {
            if (place / 3).abs_diff(gap / 3) + (place % 3).abs_diff(gap % 3) == 1 {
                let before = slide(field, piece);
                if let std::collections::hash_map::Entry::Vacant(new) = back.entry(before) {
                    new.insert(piece);
                    next.push_back(before);
                }
            }
        }
    }
    let mut way = Vec::new();
    let mut at = begin;
    while at != SOLVED {
        let piece = back[&at];
        way.push(piece.to_string());
        at = slide(at, piece);
    }
    way
}

/// What solves a game, as somebody who sees everything.
fn perfect(name: &str, table: &Table) -> Vec<String> {
    match name {
        "memory" => pairs(table),
        "word-search" => lines(table),
        "slide-puzzle" => solution(table),
        "word-guess" => vec![table.state["board"]["word"].as_str().unwrap().to_owned()],
        other => panic!("{other} is solved by nobody"),
    }
}

const SOLVED: [&str; 4] = ["memory", "slide-puzzle", "word-search", "word-guess"];

#[test]
fn who_plays_perfectly_has_all_points_and_the_prize_whether_moves_come_at_once_or_one_by_one() {
    for name in SOLVED {
        for seed in 0..3 {
            let mut at_once = started(name, seed);
            let moves = perfect(name, &at_once);
            post(&mut at_once, &moves).unwrap();
            let mut one_by_one = started(name, seed);
            for movement in &moves {
                assert!(!one_by_one.finished, "{name}");
                post(&mut one_by_one, std::slice::from_ref(movement)).unwrap();
            }
            for table in [&at_once, &one_by_one] {
                assert!(table.finished, "{name}");
                assert_eq!(fact(table, "score"), "100", "{name}");
                assert_eq!(fact(table, "moves"), moves.len().to_string(), "{name}");
                assert_eq!(fact(table, "award:key"), "scoop", "{name}");
                assert!(
                    table
                        .face("en", Stage::Results)
                        .contains("You won: A free scoop</h2>")
                );
            }
        }
    }
}

#[test]
fn who_stops_early_keeps_what_was_reached_and_wins_nothing() {
    for name in SOLVED {
        let mut table = started(name, 3);
        table.send(&[("finish", "1")]).unwrap();
        assert!(table.finished && table.stock.given.is_empty(), "{name}");
        assert_eq!(
            (
                fact(&table, "score").as_str(),
                fact(&table, "reached").as_str()
            ),
            ("0", "false")
        );
        assert!(
            table
                .face("en", Stage::Results)
                .contains("Well played</h2>"),
            "{name}"
        );
    }
}

#[test]
fn moves_that_no_hand_could_make_are_refused_and_change_nothing() {
    for name in ["memory", "slide-puzzle", "word-search"] {
        let mut table = started(name, 5);
        let moves = perfect(name, &table);
        let before = table.state.clone();
        // One second after the start, but as many moves as need more.
        let many: Vec<String> = moves.iter().cycle().take(40).cloned().collect();
        let refused = table.send(&[("moves", &many.join(","))]).unwrap_err();
        assert_eq!(refused, Refusal::impossible(), "{name}");
        assert_eq!(table.state, before, "{name}");
    }
}

#[test]
fn moves_beyond_the_end_and_moves_that_are_none_are_refused() {
    for name in SOLVED {
        let mut table = started(name, 9);
        let mut moves = perfect(name, &table);
        moves.push(moves[0].clone());
        assert_eq!(
            post(&mut table, &moves).unwrap_err(),
            Refusal::impossible(),
            "{name}"
        );
        for wrong in ["", "-1", "99999", "\u{1f366}", "0.5"] {
            assert!(
                post(&mut table, &[wrong.to_owned()]).is_err(),
                "{name}: {wrong}"
            );
        }
    }
    let mut table = table("memory", 1);
    assert_eq!(
        table.send(&[("moves", "1")]).unwrap_err(),
        Refusal::because("skill-start-first")
    );
}

#[test]
fn a_page_shows_nothing_of_the_board_that_is_still_hidden() {
    // Two different boards look the same before anything was turned or guessed.
    for name in ["memory", "word-guess"] {
        let (mut one, mut other) = (started(name, 1), started(name, 2));
        assert_ne!(one.state["board"], other.state["board"], "{name}");
        for table in [&mut one, &mut other] {
            table.now = super::super::super::time::Millis(0);
        }
        assert_eq!(
            one.face("en", Stage::Play),
            other.face("en", Stage::Play),
            "{name}"
        );
    }
    let mut table = started("memory", 1);
    let first = pairs(&table)[0].clone();
    post(&mut table, &[first]).unwrap();
    assert_eq!(
        table.face("en", Stage::Play).matches("memory-face").count(),
        1,
        "one card is up"
    );
    let search = started("word-search", 1);
    assert!(!search.face("en", Stage::Play).contains("search-found"));
}

#[test]
fn a_pair_stays_open_and_two_different_cards_do_not() {
    let mut table = started("memory", 4);
    let places = pairs(&table);
    post(&mut table, &[places[0].clone(), places[2].clone()]).unwrap();
    let page = table.face("en", Stage::Play);
    assert!(
        page.contains("0 of 6 pairs") && page.matches("memory-face").count() == 2,
        "{page}"
    );
    post(&mut table, &[places[0].clone()]).unwrap();
    assert_eq!(
        table.face("en", Stage::Play).matches("memory-face").count(),
        1
    );
    assert!(
        post(&mut table, &[places[0].clone()]).is_err(),
        "the same card twice is no pair"
    );
    post(&mut table, &[places[1].clone()]).unwrap();
    let page = table.face("en", Stage::Play);
    assert!(
        page.contains("1 of 6 pairs") && page.matches("memory-found").count() == 2,
        "{page}"
    );
}

#[test]
fn a_letter_that_the_word_has_once_is_marked_once() {
    let mut card = (kind("word-guess").unwrap().sample)();
    card.setup.insert("words".to_owned(), json!(["abbey"]));
    let mut table = Table::with(card);
    table.send(&[("start", "1")]).unwrap();
    post(&mut table, &["KEBAB".to_owned()]).unwrap();
    let page = table.face("en", Stage::Play);
    for said in [
        "K: not in the word.",
        "E: in another place.",
        "B: in the right place.",
        "A: in another place.",
        "B: in another place.",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.to_lowercase().contains("abbey"));
    assert_eq!(
        post(&mut table, &["kebab".to_owned()]).unwrap_err(),
        Refusal::about("moves", "word-guess-again")
    );
    assert_eq!(
        post(&mut table, &["cone".to_owned()]).unwrap_err(),
        Refusal::about("moves", "word-guess-five")
    );
}

#[test]
fn a_word_counts_in_either_direction_and_a_line_that_spells_nothing_does_not() {
    let mut table = started("word-search", 6);
    let ends = lines(&table);
    post(&mut table, &[ends[1].clone(), ends[0].clone()]).unwrap();
    assert!(table.face("en", Stage::Play).contains("1 of 5 words"));
    post(&mut table, &[ends[0].clone(), ends[1].clone()]).unwrap();
    let page = table.face("en", Stage::Play);
    assert!(
        page.contains("1 of 5 words") && page.contains("That is none of the words."),
        "found once: {page}"
    );
    table.send(&[("finish", "1")]).unwrap();
    assert_eq!(fact(&table, "score"), "20");
}

#[test]
fn a_time_is_what_the_servers_clock_allows() {
    let wait = |table: &Table, round: usize| table.state["board"]["waits"][round].as_i64().unwrap();
    let mut table = started("reaction", 7);
    let start = table.now;
    // Moves are a second later than where the clock stands.
    let at = |table: &mut Table, millis: i64| table.now = start.plus(millis - 1_000);
    let signal = wait(&table, 0);
    at(&mut table, signal + 150);
    assert_eq!(
        table.send(&[("moves", "200")]).unwrap_err(),
        Refusal::impossible(),
        "not that long can have passed"
    );
    at(&mut table, signal + 300);
    assert_eq!(
        table.send(&[("moves", "99")]).unwrap_err(),
        Refusal::impossible(),
        "nobody is that fast"
    );
    at(&mut table, signal + 300);
    table.send(&[("moves", "240")]).unwrap();
    assert!(table.face("en", Stage::Play).contains("240 milliseconds"));
    let second = wait(&table, 1);
    table.now = table.now.plus(second + 2_000 - 1_000);
    table.send(&[("moves", "200")]).unwrap();
    assert!(
        table.face("en", Stage::Play).contains("500 milliseconds"),
        "beyond what a network takes, the server's clock counts"
    );
    table.send(&[("moves", "early")]).unwrap();
    assert!(table.finished);
    assert_eq!(
        fact(&table, "score"),
        ((1_000 - (240 + 500 + 1_000) / 3) * 100 / 750).to_string()
    );
}

#[test]
fn who_does_not_race_takes_part_with_the_same_chance() {
    for before in [false, true] {
        let mut table = if before {
            started("reaction", 1)
        } else {
            table("reaction", 1)
        };
        assert!(
            table
                .face("en", Stage::Play)
                .contains("Take part without tapping")
        );
        table.send(&[("enter", "1")]).unwrap();
        assert!(table.finished && !table.facts.contains_key("score"));
        assert_eq!(fact(&table, "award:key"), "scoop");
        assert!(table.face("en", Stage::Results).contains("You won"));
    }
    let mut other = started("memory", 1);
    assert!(
        other.send(&[("enter", "1")]).is_err(),
        "where everybody can play, everybody plays"
    );
}

#[test]
fn a_browser_without_scripts_plays_every_game() {
    for kind in super::KINDS {
        for seed in 0..6 {
            let mut table = table(kind.name, seed);
            for _ in 0..30 {
                if table.finished {
                    break;
                }
                let movement = choose(
                    &table.face("en", Stage::Play),
                    &mut Dice(seed + u64::from(table.moves)),
                    kind.example,
                );
                let _ = table.make(&movement);
            }
            assert!(table.moves > 0, "{}", kind.name);
        }
    }
}
