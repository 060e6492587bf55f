//! Questions of which several options may be chosen.
//! Promises the author's order and each option once, whatever was sent, and as many as the author asks for.
//! Leaves which question that is to the kinds.

use std::{borrow::Cow, ops::RangeInclusive};

use super::{
    checks::Checks,
    questionnaire::{Choice, Question, Questionnaire, answer_fact, text_fact},
};
use crate::{
    Value,
    cards::{Complaint, FaceContext, FactDef, FactKind, FactValues, Move, Refusal, Tally},
    text::{Locale, texts},
};

/// The input of a card that has one question.
pub(super) const INPUT: &str = "option";

/// What is wrong with an input, in one of the product's sentences.
pub(super) fn complaint(
    input: impl Into<Cow<'static, str>>,
    text: &'static str,
    number: Option<i64>,
) -> Complaint {
    Complaint {
        input: input.into(),
        text,
        number,
    }
}

/// A count in a sentence.
pub(super) fn counted(number: usize) -> Option<i64> {
    i64::try_from(number).ok()
}

/// The options that were chosen, in the author's order; else the sentence that says what is wrong, with its number.
pub(super) fn chosen<'a>(
    options: &'a [Choice],
    values: &[String],
    allowed: &RangeInclusive<usize>,
) -> Result<Vec<&'a Choice>, (&'static str, Option<i64>)> {
    if values
        .iter()
        .any(|value| options.iter().all(|option| option.key != *value))
    {
        return Err(("card-unknown-option", None));
    }
    let these: Vec<_> = options
        .iter()
        .filter(|option| values.contains(&option.key))
        .collect();
    if these.len() < *allowed.start() {
        return Err(("questions-too-few", counted(*allowed.start())));
    }
    if these.len() > *allowed.end() {
        return Err(("questions-too-many", counted(*allowed.end())));
    }
    Ok(these)
}

/// What a move chooses of a card's only question.
pub(super) fn picked<'a>(
    question: &'a Question,
    movement: &Move,
    allowed: &RangeInclusive<usize>,
) -> Result<Vec<&'a Choice>, Refusal> {
    let picked = chosen(&question.options, movement.all(INPUT), allowed);
    picked.map_err(|(text, number)| Refusal::all(vec![complaint("", text, number)]))
}

/// Tells what was chosen: the keys, and the labels as one text.
pub(super) fn tell(
    facts: &mut FactValues,
    questions: &Questionnaire,
    question: &str,
    these: &[&Choice],
) {
    let keys = these.iter().map(|option| option.key.clone()).collect();
    let labels: Vec<_> = these
        .iter()
        .map(|option| questions.own(&option.label))
        .collect();
    facts.insert(answer_fact(question), Value::List(keys));
    facts.insert(text_fact(question), Value::Text(labels.join(", ")));
}

/// What can be told about such a question.
pub(super) fn facts(questions: &Questionnaire, question: &Question) -> [FactDef; 2] {
    let label = questions.own(&question.question);
    [
        FactDef {
            options: questions.labels(&question.options),
            ..FactDef::new(answer_fact(&question.key), label, FactKind::Choices)
        },
        FactDef::new(text_fact(&question.key), label, FactKind::Text),
    ]
}

/// Each of the chosen options, to be counted.
pub(super) fn tally(question: &str, these: &[&Choice]) -> Vec<Tally> {
    these
        .iter()
        .map(|option| (question.to_owned(), option.key.clone()))
        .collect()
}

/// What is wrong with how many may be chosen; `place` is the beginning of the paths.
pub(super) fn check(
    checks: &mut Checks<'_>,
    place: &str,
    least: Option<u32>,
    most: Option<u32>,
    options: usize,
) {
    let options = u32::try_from(options).unwrap_or(u32::MAX);
    let (least, most) = (least.unwrap_or(0), most.unwrap_or(options));
    if least > most || least > options {
        checks.error(
            format!("{place}min"),
            "so many can’t be chosen",
            "Let the fewest be no more than the most, and than there are options",
        );
    }
    if most == 0 {
        checks.error(
            format!("{place}max"),
            "nothing may be chosen",
            "Allow at least one",
        );
    }
}

/// How many may be chosen, where the author may have left it open.
pub(super) fn allowed(
    least: Option<u32>,
    most: Option<u32>,
    options: usize,
) -> RangeInclusive<usize> {
    let number = |given: Option<u32>, otherwise| {
        given
            .and_then(|it| usize::try_from(it).ok())
            .unwrap_or(otherwise)
    };
    number(least, 0)..=number(most, options)
}

/// An option on the page that can be ticked.
pub(super) struct Tick<'a> {
    pub(super) key: &'a str,
    pub(super) label: &'a str,
    pub(super) image: Option<&'a str>,
    pub(super) on: bool,
}

/// Options as they are shown; `on` are the keys of those that were chosen before.
pub(super) fn ticks<'a>(
    context: &FaceContext<'a>,
    options: &'a [Choice],
    on: &[String],
) -> Vec<Tick<'a>> {
    let ticks = options.iter().map(|option| Tick {
        key: &option.key,
        label: context.local(&option.label),
        image: option
            .image
            .as_deref()
            .and_then(|image| context.image_url(image)),
        on: on.contains(&option.key),
    });
    ticks.collect()
}

/// How many may be chosen, in words for participants; empty where that is left to them.
pub(super) fn hint(context: &FaceContext<'_>, least: Option<u32>, most: Option<u32>) -> String {
    match (least.filter(|least| *least > 0), most) {
        (Some(least), Some(most)) if least == most => {
            context.say_number("questions-exactly", least)
        }
        (Some(least), Some(most)) => texts::message(
            context.locale,
            "questions-between",
            &[("number", least.into()), ("most", most.into())],
        ),
        (Some(least), None) => context.say_number("questions-at-least", least),
        (None, Some(most)) => context.say_number("questions-up-to", most),
        (None, None) => String::new(),
    }
}

/// One line about what was chosen, for members.
pub(super) fn summary(questions: &Questionnaire, facts: &FactValues, locale: &Locale) -> String {
    let chosen = questions.questions.iter().filter_map(|question| {
        let Some(Value::List(keys)) = facts.get(&answer_fact(&question.key)) else {
            return None;
        };
        let these = question
            .options
            .iter()
            .filter(|option| keys.contains(&option.key));
        let labels: Vec<_> = these
            .map(|option| option.label.get(locale, &questions.locale))
            .collect();
        Some(labels.join(", "))
    });
    let answer = chosen.collect::<Vec<_>>().join(", ");
    texts::message(locale, "poll-summary", &[("answer", answer.into())])
}
