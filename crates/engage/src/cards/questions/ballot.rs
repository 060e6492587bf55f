//! Questions that are voted on: one after the other, and then how everybody answered.
//! Promises that results stay hidden until the own vote, and for ever if the author wants so.
//! Leaves how a question looks to the kinds, and counting to the store.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::questionnaire::{Answers, Questionnaire, Shares, control};
use crate::{
    cards::{
        Control, ControlKind, FaceContext, FactValues, Move, Outcome, Refusal,
        card::{state, stored},
    },
    text::{Locale, texts},
};

/// When participants see the results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ShowResults {
    /// After their own vote.
    #[default]
    AfterVote,
    /// Never.
    Never,
}

impl ShowResults {
    /// Whether who has voted may see them.
    pub(super) fn are_shown(self) -> bool {
        self == Self::AfterVote
    }

    /// The control of `show_results`.
    pub(super) fn control() -> Control {
        let choices = vec![
            ("after-vote", "poll-control-results-after"),
            ("never", "poll-control-results-never"),
        ];
        control(
            "show_results",
            "poll-control-results",
            ControlKind::Choice(choices),
            true,
        )
    }
}

/// Everybody's answers below a heading.
#[derive(Template)]
#[template(path = "cards/questions/results.html")]
struct Results<'a> {
    context: &'a FaceContext<'a>,
    /// Empty where the only question is the heading.
    title: String,
    shares: Vec<Shares<'a>>,
}

/// The face of everybody's answers, below the heading `title` where there are several questions; nothing where there is nothing
/// to be seen.
pub(super) fn results(
    questions: &Questionnaire,
    context: &FaceContext<'_>,
    title: &str,
) -> Result<String, askama::Error> {
    let shares = questions.shown_results(context);
    if shares.is_empty() {
        return Ok(String::new());
    }
    let title = match shares.len() {
        1 => String::new(),
        _ => context.say(title),
    };
    Results {
        context,
        title,
        shares,
    }
    .render()
}

/// The same for a kind that thanks where the results are not to be seen.
pub(super) fn results_or_thanks(
    show: ShowResults,
    questions: &Questionnaire,
    context: &FaceContext<'_>,
    title: &str,
) -> Result<String, askama::Error> {
    if show.are_shown() {
        return results(questions, context, title);
    }
    let title = context.say("questions-thanks");
    Results {
        context,
        title,
        shares: Vec::new(),
    }
    .render()
}

/// A vote on the next question; with the last one the play is over.
pub(super) fn vote(
    questions: &Questionnaire,
    before: &Json,
    movement: &Move,
) -> Result<Outcome, Refusal> {
    let mut answers = state::<Answers>(before);
    let tally = questions.answer(&mut answers, movement)?;
    Ok(Outcome {
        finished: questions.next(&answers).is_none(),
        state: stored(&answers),
        facts: questions.told(&answers),
        tally: tally.into_iter().collect(),
        award: None,
    })
}

/// One line about the votes for members.
pub(super) fn summary(questions: &Questionnaire, facts: &FactValues, locale: &Locale) -> String {
    let answer = questions.answered(facts, locale);
    if answer.is_empty() {
        return answer;
    }
    texts::message(locale, "poll-summary", &[("answer", answer.into())])
}
