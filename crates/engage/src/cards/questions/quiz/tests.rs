use serde_json::json;

use super::super::super::{Shell, Stage, playing::Table};
use super::*;

fn answered(answers: &[&str]) -> Table {
    let mut table = Table::with(sample());
    for answer in answers {
        table.send(&[("option", answer)]).unwrap();
    }
    table
}

#[test]
fn a_quiz_tells_how_many_were_right_which_result_that_is_and_every_answer() {
    let table = answered(&["bergamo", "sugar", "milk"]);
    assert!(table.finished);
    let text = |key: &str| table.facts[key].to_text();
    assert_eq!(text("score"), "2");
    assert_eq!(text("outcome"), "gourmet");
    assert_eq!(text("outcome_text"), "A true gourmet");
    assert_eq!(text("answer:warmer"), "sugar");
    assert_eq!(text("answer_text:sorbet"), "Milk");
    let html = table.face("en", Stage::Results);
    assert!(
        html.contains("2 of 3 right") && html.contains("A true gourmet"),
        "{html}"
    );
}

#[test]
fn after_each_answer_people_read_whether_it_was_right_and_why() {
    let right = answered(&["bergamo"]).face("en", Stage::Play);
    assert!(
        right.contains("That’s right!") && right.contains("in 1961"),
        "{right}"
    );
    let wrong = answered(&["naples"]).face("en", Stage::Play);
    assert!(
        wrong.contains("Not quite") && wrong.contains("The right answer: <b>Bergamo"),
        "{wrong}"
    );
    assert!(wrong.contains("Question 2 of 3"), "{wrong}");
}

#[test]
fn nobody_can_see_the_right_answer_before_answering() {
    let mut other = sample();
    for option in 0..3 {
        other.setup["questions"][0]["options"][option]["correct"] = json!(option == 1);
    }
    other.setup["questions"][0]["explanation"] = json!("Something else");
    let (one, other) = (Table::with(sample()), Table::with(other));
    assert_eq!(one.face("en", Stage::Play), other.face("en", Stage::Play));
    assert_eq!(one.face("en", Stage::Results), "");
}

#[test]
fn an_author_may_keep_the_right_answers_back() {
    let mut card = sample();
    card.setup
        .insert("tell_right_answers".to_owned(), false.into());
    let mut table = Table::with(card);
    for answer in ["naples", "sugar", "fruit"] {
        table.send(&[("option", answer)]).unwrap();
        let html = table.face("en", Stage::Play) + &table.face("en", Stage::Results);
        assert!(
            !html.contains("right answer") && !html.contains("1961"),
            "{html}"
        );
    }
}

#[test]
fn an_answer_to_another_question_than_the_one_that_is_asked_is_refused() {
    let mut table = Table::with(sample());
    let refused = table
        .send(&[("question", "sorbet"), ("option", "milk")])
        .unwrap_err();
    assert_eq!(refused, Refusal::unknown_question());
}

#[test]
fn the_launch_check_finds_questions_without_a_right_answer_and_results_nobody_gets() {
    let mut card = sample();
    card.setup["questions"][1]["options"][1]["correct"] = json!(false);
    card.setup["results"][0]["from"] = json!(1);
    card.setup["results"][2]["from"] = json!(4);
    let shell = Shell {
        card_key: "quiz",
        locales: &[Locale::ENGLISH],
        images: &[],
        form_first: true,
    };
    let found = KIND.open(&card.setup, &shell).unwrap().problems(&shell);
    let found: Vec<_> = found
        .iter()
        .map(|problem| (problem.path.as_str(), problem.error))
        .collect();
    assert_eq!(
        found,
        [
            ("questions[1].options", true),
            ("results", true),
            ("results[2].from", false)
        ]
    );
}

/// A quiz with twenty seconds for each question.
fn timed() -> Table {
    let mut card = sample();
    card.setup.insert("seconds".to_owned(), 20.into());
    Table::with(card)
}

/// Lets time pass; the move itself takes another second.
fn wait(table: &mut Table, seconds: i64) {
    table.now = table.now.plus(seconds * 1_000 - 1_000);
}

#[test]
fn an_answer_in_time_counts_and_one_that_comes_too_late_does_not() {
    let mut table = timed();
    table.send(&[("start", "timed")]).unwrap();
    wait(&mut table, 19);
    table.send(&[("option", "bergamo")]).unwrap();
    table.send(&[("next", "1")]).unwrap();
    wait(&mut table, 24);
    table.send(&[("option", "warm")]).unwrap();
    assert!(table.face("en", Stage::Play).contains("Too late"));
    table.send(&[("next", "1")]).unwrap();
    table.send(&[("option", "milk")]).unwrap();
    assert_eq!(table.facts["score"].to_text(), "2");
    assert_eq!(table.facts["late"].to_text(), "1");
    assert_eq!(
        table.facts["answer:warmer"].to_text(),
        "warm",
        "what was answered is told all the same"
    );
    assert!(table.face("en", Stage::Results).contains("2 of 3 right"));
}

#[test]
fn a_slow_connection_and_a_long_look_at_the_verdict_lose_no_points() {
    let mut table = timed();
    table.send(&[("start", "timed")]).unwrap();
    wait(&mut table, 22);
    table.send(&[("option", "bergamo")]).unwrap();
    wait(&mut table, 900);
    table.send(&[("next", "1")]).unwrap();
    table.send(&[("option", "warm")]).unwrap();
    table.send(&[("next", "1")]).unwrap();
    table.send(&[("option", "milk")]).unwrap();
    assert_eq!(table.facts["score"].to_text(), "3");
    assert_eq!(table.facts["late"].to_text(), "0");
}

#[test]
fn whoever_wants_plays_without_the_limit_and_for_the_same_points() {
    let mut table = timed();
    assert!(
        table
            .face("en", Stage::Play)
            .contains("Play without a limit")
    );
    table.send(&[("start", "relaxed")]).unwrap();
    for answer in ["bergamo", "warm", "milk"] {
        let html = table.face("en", Stage::Play);
        assert!(!html.contains("komo-quiz"), "no clock: {html}");
        wait(&mut table, 300);
        table.send(&[("option", answer)]).unwrap();
    }
    assert_eq!(table.facts["score"].to_text(), "3");
}

#[test]
fn the_clock_goes_on_through_a_reload_and_no_question_is_seen_before_it_runs() {
    let mut table = timed();
    let html = table.face("en", Stage::Play);
    assert!(
        html.contains("20 seconds for each question") && !html.contains("Bergamo"),
        "{html}"
    );
    assert_eq!(
        table.send(&[("option", "bergamo")]).unwrap_err(),
        Refusal::because("quiz-not-open")
    );
    table.send(&[("start", "timed")]).unwrap();
    table.now = table.now.plus(5_000);
    let html = table.face("en", Stage::Play);
    assert!(
        html.contains("data-left=\"15000\"") && html.contains("15 seconds left"),
        "{html}"
    );
    table.send(&[("option", "bergamo")]).unwrap();
    let html = table.face("en", Stage::Play);
    assert!(
        html.contains("in 1961")
            && html.contains("Next question")
            && !html.contains("It is salted"),
        "{html}"
    );
}
