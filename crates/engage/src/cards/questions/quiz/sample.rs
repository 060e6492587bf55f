//! A quiz that a maker of ice cream might ask: what the studio's "new card" begins with.

use super::{QuizOption, QuizQuestion, QuizSetup, Range, asking};
use crate::hub::CardDoc;

pub(super) fn sample() -> CardDoc {
    let question =
        |key: &str, text: &str, options: [(&str, &str, bool); 3], explanation: &str| QuizQuestion {
            key: key.to_owned(),
            question: text.into(),
            options: options
                .map(|(key, label, correct)| QuizOption {
                    key: key.to_owned(),
                    label: label.into(),
                    correct,
                    image: None,
                })
                .to_vec(),
            explanation: explanation.into(),
        };
    let result = |key: &str, from, title: &str, text: &str| Range {
        key: key.to_owned(),
        from,
        title: title.into(),
        text: text.into(),
        image: None,
    };
    let setup = QuizSetup {
        questions: vec![
            question(
                "stracciatella",
                "Where was stracciatella ice cream invented?",
                [
                    ("bergamo", "Bergamo", true),
                    ("naples", "Naples", false),
                    ("vienna", "Vienna", false),
                ],
                "Enrico Panattoni stirred dark chocolate into milk ice cream in **Bergamo in 1961**.",
            ),
            question(
                "warmer",
                "Why does gelato taste more intense than other ice cream?",
                [
                    ("sugar", "It has more sugar", false),
                    ("warm", "It is served less cold", true),
                    ("salt", "It is salted", false),
                ],
                "A few degrees make the difference: what is very cold numbs the tongue.",
            ),
            question(
                "sorbet",
                "What does a good sorbet do without?",
                [
                    ("fruit", "Fruit", false),
                    ("sugar", "Sugar", false),
                    ("milk", "Milk", true),
                ],
                "Fruit, water and sugar are all it takes.",
            ),
        ],
        results: vec![
            result(
                "beginner",
                0,
                "A beginner with taste",
                "The best way to learn is by the spoonful.",
            ),
            result(
                "gourmet",
                2,
                "A true gourmet",
                "You know what is in the cone. Nonna nods.",
            ),
            result(
                "nonna",
                3,
                "You could be Nonna herself",
                "Everything right! Come behind the counter.",
            ),
        ],
        tell_right_answers: true,
        seconds: None,
    };
    asking::card("quiz", "How well do you know gelato?", &setup)
}
