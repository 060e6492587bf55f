//! The author's side of a survey's questions: what is wrong with them, and how they are edited.
//! Promises that a way always leads on, to a later question or to the end.
//! Leaves what participants see and send to `look` and `question`.

use super::{
    path::END,
    question::{Ask, SurveyQuestion},
};
use crate::cards::{
    Control, ControlKind,
    questions::{
        checks::{Checks, MOST_OPTIONS, MOST_QUESTIONS},
        questionnaire::{control, option_controls},
        several,
    },
};

/// What is wrong with the questions of a survey.
pub(super) fn check(checks: &mut Checks<'_>, questions: &[SurveyQuestion]) {
    checks.count(
        "questions",
        "questions",
        questions.len(),
        &(1..=MOST_QUESTIONS),
    );
    checks.once(
        "questions",
        "question",
        questions.iter().map(|question| question.key.as_str()),
    );
    for (at, question) in questions.iter().enumerate() {
        let place = |part: &str| format!("questions[{at}].{part}");
        checks.text(
            &place("question"),
            &question.question,
            "nothing is asked",
            "Write the question",
        );
        checks.optional_text(&place("help"), &question.help);
        checks.optional_text(&place("low_label"), &question.low_label);
        checks.optional_text(&place("high_label"), &question.high_label);
        checks.key(&place("key"), &question.key);
        if question.key == END {
            checks.error(
                place("key"),
                "`end` is where a survey ends, so no question can be called that",
                "Choose another key",
            );
        }
        match question.ask {
            Ask::Single | Ask::Multiple | Ask::Ranking => {
                checks.options(&place("options"), &question.options, &(2..=MOST_OPTIONS));
            }
            _ if !question.options.is_empty() => {
                checks.warning(
                    place("options"),
                    "a question of this type has no options",
                    "Remove them, or choose another type",
                );
            }
            _ => {}
        }
        if question.ask == Ask::Multiple {
            let (least, most) = question.picks();
            several::check(checks, &place(""), least, most, question.options.len());
        } else if let (Some(min), Some(max)) = (question.min, question.max)
            && min > max
        {
            checks.error(
                place("min"),
                "the smallest is above the largest",
                "Make min no larger than max",
            );
        }
        let steps = question.steps();
        if question.ask == Ask::Scale
            && (steps.start() >= steps.end() || question.max.is_some_and(|max| max > *steps.end()))
        {
            checks.error(
                place("max"),
                "a scale has 2 to 11 steps",
                "Let it begin and end accordingly",
            );
        }
        ways(checks, questions, at, question);
    }
}

/// What is wrong with the ways to and from a question.
fn ways(
    checks: &mut Checks<'_>,
    questions: &[SurveyQuestion],
    at: usize,
    question: &SurveyQuestion,
) {
    let before = questions.iter().take(at);
    if let Some(other) = &question.only_if {
        match before.clone().find(|before| before.key == *other) {
            None => checks.error(
                format!("questions[{at}].only_if"),
                &format!("no question before this one is called `{other}`"),
                "Name an earlier question by its key",
            ),
            Some(other) => {
                for (which, answer) in question.only_if_any.iter().enumerate() {
                    if !other.can_be(answer) {
                        checks.error(
                            format!("questions[{at}].only_if_any[{which}]"),
                            &format!("`{answer}` is no answer to that question"),
                            "Name an option by its key, or a step by its number",
                        );
                    }
                }
            }
        }
    }
    for (which, jump) in question.go_to.iter().enumerate() {
        let place = |part: &str| format!("questions[{at}].go_to[{which}].{part}");
        if jump.to != END
            && !questions
                .iter()
                .skip(at + 1)
                .any(|later| later.key == jump.to)
        {
            checks.error(
                place("to"),
                &format!("no question after this one is called `{}`", jump.to),
                "Name a later question by its key, or `end`",
            );
        }
        if let Some(answer) = jump
            .answer
            .as_ref()
            .filter(|answer| !question.can_be(answer))
        {
            checks.error(
                place("answer"),
                &format!("`{answer}` is no answer to this question"),
                "Name an option by its key, or a step by its number",
            );
        }
    }
}

/// Editor controls of a question.
pub(super) fn controls() -> Vec<Control> {
    const FAR: i64 = 1_000_000_000;
    let types = vec![
        ("single", "survey-control-type-single"),
        ("multiple", "survey-control-type-multiple"),
        ("short-text", "survey-control-type-short"),
        ("long-text", "survey-control-type-long"),
        ("number", "survey-control-type-number"),
        ("scale", "survey-control-type-scale"),
        ("nps", "survey-control-type-nps"),
        ("ranking", "survey-control-type-ranking"),
        ("date", "survey-control-type-date"),
    ];
    let options = ControlKind::List {
        item: option_controls([]),
        min: 0,
        max: MOST_OPTIONS,
    };
    let jumps = ControlKind::List {
        item: vec![
            control(
                "answer",
                "survey-control-jump-answer",
                ControlKind::Text,
                false,
            ),
            control("to", "survey-control-jump-to", ControlKind::Text, true),
        ],
        min: 0,
        max: MOST_OPTIONS,
    };
    let number = || ControlKind::Number {
        min: -FAR,
        max: FAR,
    };
    vec![
        control(
            "question",
            "questions-control-question",
            ControlKind::LocalText,
            true,
        ),
        control("key", "questions-control-key", ControlKind::Key, true),
        control(
            "type",
            "survey-control-type",
            ControlKind::Choice(types),
            true,
        ),
        control("help", "survey-control-help", ControlKind::LocalText, false),
        control(
            "required",
            "survey-control-required",
            ControlKind::YesNo,
            false,
        ),
        control("options", "questions-control-options", options, false),
        control("min", "survey-control-min", number(), false),
        control("max", "survey-control-max", number(), false),
        control(
            "low_label",
            "survey-control-low",
            ControlKind::LocalText,
            false,
        ),
        control(
            "high_label",
            "survey-control-high",
            ControlKind::LocalText,
            false,
        ),
        control(
            "only_if",
            "survey-control-only-if",
            ControlKind::Text,
            false,
        ),
        control(
            "only_if_any",
            "survey-control-only-if-any",
            ControlKind::Texts { min: 0, max: 20 },
            false,
        ),
        control("go_to", "survey-control-go-to", jumps, false),
    ]
}
