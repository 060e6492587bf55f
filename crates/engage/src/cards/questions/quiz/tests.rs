use serde_json::json;

use super::super::super::playing::Table;
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
    assert!(html.contains("2 of 3 right") && html.contains("A true gourmet"), "{html}");
}

#[test]
fn after_each_answer_people_read_whether_it_was_right_and_why() {
    let right = answered(&["bergamo"]).face("en", Stage::Play);
    assert!(right.contains("That’s right!") && right.contains("in 1961"), "{right}");
    let wrong = answered(&["naples"]).face("en", Stage::Play);
    assert!(wrong.contains("Not quite") && wrong.contains("The right answer: <b>Bergamo"), "{wrong}");
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
    card.setup.insert("tell_right_answers".to_owned(), false.into());
    let mut table = Table::with(card);
    for answer in ["naples", "sugar", "fruit"] {
        table.send(&[("option", answer)]).unwrap();
        let html = table.face("en", Stage::Play) + &table.face("en", Stage::Results);
        assert!(!html.contains("right answer") && !html.contains("1961"), "{html}");
    }
}

#[test]
fn an_answer_to_another_question_than_the_one_that_is_asked_is_refused() {
    let mut table = Table::with(sample());
    let refused = table.send(&[("question", "sorbet"), ("option", "milk")]).unwrap_err();
    assert_eq!(refused, Refusal::unknown_question());
}

#[test]
fn the_launch_check_finds_questions_without_a_right_answer_and_results_nobody_gets() {
    let mut card = sample();
    card.setup["questions"][1]["options"][1]["correct"] = json!(false);
    card.setup["results"][0]["from"] = json!(1);
    card.setup["results"][2]["from"] = json!(4);
    let shell = Shell { card_key: "quiz", locales: &[Locale::ENGLISH], images: &[], form_first: true };
    let found = KIND.open(&card.setup, &shell).unwrap().problems(&shell);
    let found: Vec<_> = found.iter().map(|problem| (problem.path.as_str(), problem.error)).collect();
    assert_eq!(
        found,
        [("questions[1].options", true), ("results", true), ("results[2].from", false)]
    );
}
