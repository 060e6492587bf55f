//! What a play may end with: a result with title, text and picture.
//! Promises that a number of points always has one result, because each begins where its author says and reaches up to the next.
//! Leaves how points come about to the kinds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    checks::Checks,
    questionnaire::{Questionnaire, control},
};
use crate::{
    Value,
    cards::{Control, ControlKind, FaceContext, FactDef, FactKind, FactValues},
    text::{LocalText, markdown},
};

/// A result, from a number of points on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// What is stored and sent.
    pub key: String,
    /// The fewest points for it.
    pub from: u32,
    /// Its title.
    pub title: LocalText,
    /// What else is to be said; Markdown.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub text: LocalText,
    /// Key of an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

/// The result for a number of points: the one that begins highest among those reached.
pub(super) fn range(ranges: &[Range], points: usize) -> Option<&Range> {
    let points = u32::try_from(points).unwrap_or(u32::MAX);
    let reached = ranges.iter().filter(|range| range.from <= points);
    reached.max_by_key(|range| range.from)
}

/// A number of points as a fact.
pub(super) fn number(points: usize) -> Value {
    Value::Integer(i64::try_from(points).unwrap_or(i64::MAX))
}

/// What is wrong with the ranges under `results`, when so many points can be reached.
pub(super) fn check(checks: &mut Checks<'_>, ranges: &[Range], most: usize) {
    checks.count("results", "results", ranges.len(), &(1..=20));
    checks.once(
        "results",
        "result",
        ranges.iter().map(|range| range.key.as_str()),
    );
    if !ranges.is_empty() && range(ranges, 0).is_none() {
        checks.error(
            "results",
            "no result begins at 0 points",
            "Let the lowest result begin at 0, so that everybody gets one",
        );
    }
    for (at, range) in ranges.iter().enumerate() {
        let twice = ranges
            .iter()
            .take(at)
            .any(|before| before.from == range.from);
        if twice || usize::try_from(range.from).is_ok_and(|from| from > most) {
            checks.warning(
                format!("results[{at}].from"),
                "nobody can reach this result",
                "Let it begin at a number of points of its own that can be reached",
            );
        }
        ending(
            checks,
            &format!("results[{at}]."),
            &range.key,
            &range.title,
            &range.text,
        );
        checks.image(&format!("results[{at}].image"), range.image.as_deref());
    }
}

/// What is wrong with one result; `place` is the beginning of its paths.
pub(super) fn ending(
    checks: &mut Checks<'_>,
    place: &str,
    key: &str,
    title: &LocalText,
    text: &LocalText,
) {
    checks.key(&format!("{place}key"), key);
    checks.text(
        &format!("{place}title"),
        title,
        "the result has no title",
        "Write what participants read first",
    );
    checks.optional_text(&format!("{place}text"), text);
}

/// The controls of a result, with those that a kind adds.
pub(super) fn controls(more: impl IntoIterator<Item = Control>) -> Vec<Control> {
    let own = [
        control(
            "title",
            "questions-control-result-title",
            ControlKind::LocalText,
            true,
        ),
        control(
            "key",
            "questions-control-result-key",
            ControlKind::Key,
            true,
        ),
    ];
    let end = [
        control(
            "text",
            "questions-control-result-text",
            ControlKind::LongText,
            false,
        ),
        control(
            "image",
            "questions-control-image",
            ControlKind::Image,
            false,
        ),
    ];
    own.into_iter().chain(more).chain(end).collect()
}

/// The control of a list of ranges under `results`.
pub(super) fn ranges_control() -> Control {
    let from = control(
        "from",
        "questions-control-result-from",
        ControlKind::Number { min: 0, max: 1_000 },
        true,
    );
    let list = ControlKind::List {
        item: controls([from]),
        min: 1,
        max: 20,
    };
    control("results", "questions-control-results", list, true)
}

/// Tells which result it is.
pub(super) fn tell(
    facts: &mut FactValues,
    questions: &Questionnaire,
    key: &str,
    title: &LocalText,
) {
    facts.insert("outcome".to_owned(), Value::Text(key.to_owned()));
    facts.insert(
        "outcome_text".to_owned(),
        Value::Text(questions.own(title).to_owned()),
    );
}

/// The facts about results that there may be; `label` is what members read.
pub(super) fn facts<'a>(
    questions: &Questionnaire,
    label: &str,
    endings: impl Iterator<Item = (&'a str, &'a LocalText)>,
) -> [FactDef; 2] {
    let options = endings.map(|(key, title)| (key.to_owned(), questions.own(title).to_owned()));
    [
        FactDef {
            options: options.collect(),
            ..FactDef::new("outcome", label, FactKind::Choice)
        },
        FactDef::new("outcome_text", label, FactKind::Text),
    ]
}

/// A result on the page.
pub(super) struct Reached<'a> {
    pub(super) title: &'a str,
    pub(super) html: String,
    pub(super) image: Option<&'a str>,
    /// How it came about, in words; may be empty.
    pub(super) score: String,
}

/// A result as it is shown.
pub(super) fn reached<'a>(
    context: &FaceContext<'a>,
    title: &'a LocalText,
    text: &'a LocalText,
    image: Option<&str>,
    score: String,
) -> Reached<'a> {
    Reached {
        title: context.local(title),
        html: markdown::html(context.local(text)),
        image: image.and_then(|image| context.image_url(image)),
        score,
    }
}
