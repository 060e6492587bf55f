use super::super::{
    Stage, kind,
    playing::{Dice, Table, choose},
};

/// The kinds in which one move decides.
fn drawing() -> impl Iterator<Item = &'static super::Kind> {
    let chosen = ["secret-code", "advent-calendar"];
    super::KINDS
        .iter()
        .filter(move |kind| !chosen.contains(&kind.name))
}

fn table(kind: &super::Kind, seed: u64) -> Table {
    let mut table = Table::with((kind.sample)());
    table.seed = seed;
    table
}

/// A play that won (or did not), with the page before its last move.
fn ended(kind: &super::Kind, won: bool) -> (String, Table) {
    (0..500)
        .find_map(|seed| {
            let mut table = table(kind, seed);
            let mut before = String::new();
            // Always the same choices, so that only chance differs.
            for _ in 0..20 {
                if table.finished {
                    break;
                }
                before = table.face("en", Stage::Play);
                let movement = choose(&before, &mut Dice(1), kind.example);
                table.make(&movement).unwrap();
            }
            (table.facts["won"].to_text() == won.to_string()).then_some((before, table))
        })
        .unwrap()
}

#[test]
fn the_page_before_a_win_and_before_a_loss_are_the_same_to_the_byte() {
    for kind in drawing() {
        let ((win, won), (loss, lost)) = (ended(kind, true), ended(kind, false));
        assert_eq!(win, loss, "{}", kind.name);
        assert!(
            !win.contains("data-stop") && !win.contains("data-symbol"),
            "{}",
            kind.name
        );
        let prize = won.facts["award:name"].to_text();
        let after = won.face("en", Stage::Results);
        assert!(
            after.contains(&format!("You won: {prize}</h2>")),
            "{}: {after}",
            kind.name
        );
        assert_eq!(
            after.matches("You won").count(),
            1,
            "{}: said once",
            kind.name
        );
        assert!(
            lost.face("en", Stage::Results)
                .contains("No prize this time</h2>")
        );
        assert!(!lost.facts.contains_key("award:key"), "{}", kind.name);
        assert_eq!(lost.facts["outcome"].to_text(), "none");
    }
}

#[test]
fn a_page_never_tells_how_likely_a_prize_is_or_how_many_are_left() {
    for kind in drawing() {
        let mut sample = (kind.sample)();
        for (at, prize) in sample.setup["prizes"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .enumerate()
        {
            prize["stock"] = (7_310 + at).into();
            prize["chance"] = (6.417).into();
        }
        let page = Table::with(sample).face("en", Stage::Play);
        assert!(
            !page.contains("731") && !page.contains("6.417"),
            "{}: {page}",
            kind.name
        );
    }
}

#[test]
fn when_a_prize_is_gone_its_winner_reads_the_words_for_who_wins_nothing() {
    for kind in drawing() {
        let (before, won) = ended(kind, true);
        let prize = won.facts["award:key"].to_text();
        let mut late = table(kind, won.seed);
        late.stock.given.insert(prize, u64::MAX);
        assert_eq!(
            late.face("en", Stage::Play),
            before,
            "nobody sees that it is gone"
        );
        late.make(&choose(&before, &mut Dice(1), kind.example))
            .unwrap();
        assert_eq!(late.facts["won"].to_text(), "false", "{}", kind.name);
        assert!(
            late.face("en", Stage::Results)
                .contains("No prize this time")
        );
    }
}

#[test]
fn who_has_won_as_often_as_one_person_may_wins_nothing_more() {
    for kind in drawing() {
        let (before, won) = ended(kind, true);
        let mut again = table(kind, won.seed);
        again.stock.won_before = 1;
        again
            .make(&choose(&before, &mut Dice(1), kind.example))
            .unwrap();
        assert_eq!(again.facts["won"].to_text(), "false", "{}", kind.name);
    }
}

#[test]
fn a_card_with_prizes_is_not_published_without_a_form_before_the_play() {
    for kind in drawing() {
        let mut sample = (kind.sample)();
        sample.form = None;
        let hub = super::super::testing::hub_with(sample);
        let found = hub.problems();
        let problem = found
            .iter()
            .find(|it| it.path == "cards[0].setup.prizes")
            .unwrap();
        assert!(
            problem.remedy.contains("form"),
            "{}: {problem:?}",
            kind.name
        );
    }
}

#[test]
fn it_does_not_matter_which_box_is_chosen() {
    let boxes = kind("pick-a-box").unwrap();
    for seed in 0..200 {
        let mut outcomes = (1..=6).map(|number: u32| {
            let mut table = table(boxes, seed);
            table.send(&[("box", &number.to_string())]).unwrap();
            assert_eq!(table.facts["choice:box"].to_text(), number.to_string());
            table.facts["outcome"].to_text()
        });
        let first = outcomes.next().unwrap();
        assert!(outcomes.all(|outcome| outcome == first));
    }
    let mut table = table(boxes, 1);
    assert!(table.send(&[("box", "7")]).is_err() && table.send(&[]).is_err());
}

#[test]
fn the_wheel_stops_at_the_slice_of_what_was_drawn() {
    let wheel = kind("spin-to-win").unwrap();
    for won in [true, false] {
        let (_, table) = ended(wheel, won);
        let page = table.face("en", Stage::Results);
        let turned: f64 = page
            .split("data-stop=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        // The slice whose middle the turn brings to the top.
        let middle = format!("rotate({:.2})", 360.0 - turned - 90.0);
        let at_top = page.lines().find(|line| line.contains(&middle)).unwrap();
        assert_eq!(at_top.contains("blank"), !won, "{at_top}");
    }
}

#[test]
fn three_symbols_are_alike_exactly_when_something_was_won() {
    let slots = kind("slot-machine").unwrap();
    for seed in 0..300 {
        let mut table = table(slots, seed);
        table.send(&[]).unwrap();
        let reels = table.state["reels"].as_array().unwrap();
        let alike = reels.iter().all(|reel| *reel == reels[0]);
        assert_eq!(alike.to_string(), table.facts["won"].to_text());
    }
}
