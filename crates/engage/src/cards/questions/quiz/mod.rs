//! A quiz: one question after the other, each with a right answer, and a result by the number of right ones.
//! Promises that no face shows a right answer before its question was answered.
//! Leaves what a result is worth to whoever maps it.

mod clock;
mod sample;

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use self::{
    clock::{Clock, SECONDS, Waits},
    sample::sample,
};
use super::{
    super::{
        Control, ControlKind, FaceContext, FactDef, FactKind, FactValues, Kind, Move, Outcome,
        PlayContext, Refusal,
        card::{state, stored},
    },
    asking::{self, Asking},
    checks::{Checks, MOST_OPTIONS},
    ending::{self, Range, Reached},
    questionnaire::{
        Answers, Asked, Choice, Question, Questionnaire, control, option_controls,
        questions_control,
    },
};
use crate::{
    Value,
    text::{LocalText, Locale, markdown, texts},
};

pub(super) const KIND: Kind = Kind {
    name: "quiz",
    engine: "questions",
    title: "quiz-title",
    setup_version: 1,
    open: asking::open::<QuizSetup>,
    upgrade: |_, setup| setup,
    sample,
    example: &[],
    schema: asking::schema::<QuizSetup>,
    island: include_str!("island.js"),
    style: concat!(include_str!("../shared.css"), include_str!("style.css")),
    texts: &[
        ("en", include_str!("texts.en.ftl")),
        ("de", include_str!("texts.de.ftl")),
        ("fr", include_str!("texts.fr.ftl")),
        ("es", include_str!("texts.es.ftl")),
        ("ja", include_str!("texts.ja.ftl")),
        ("en", include_str!("clock.en.ftl")),
        ("de", include_str!("clock.de.ftl")),
        ("fr", include_str!("clock.fr.ftl")),
        ("es", include_str!("clock.es.ftl")),
        ("ja", include_str!("clock.ja.ftl")),
    ],
};

/// The setup of a quiz.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuizSetup {
    /// The questions, in this order.
    pub questions: Vec<QuizQuestion>,
    /// The results, by the number of right answers.
    pub results: Vec<Range>,
    /// Whether participants learn after each answer whether it was right, and what is right.
    #[serde(default = "yes")]
    pub tell_right_answers: bool,
    /// Seconds for each question, 5 to 600; no limit when left out. Whoever wants may play without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u16>,
}

const fn yes() -> bool {
    true
}

/// A question of a quiz.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuizQuestion {
    /// As in `answer:cone`.
    pub key: String,
    /// What is asked.
    pub question: LocalText,
    /// The answers to choose from.
    pub options: Vec<QuizOption>,
    /// What is told after the answer; Markdown.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub explanation: LocalText,
}

impl QuizQuestion {
    fn question(&self) -> Question {
        let options = self.options.iter();
        Question {
            key: self.key.clone(),
            question: self.question.clone(),
            options: options
                .map(|option| Choice::of(&option.key, &option.label, option.image.as_ref()))
                .collect(),
        }
    }

    fn is_right(&self, chosen: &str) -> bool {
        self.options
            .iter()
            .any(|option| option.correct && option.key == chosen)
    }
}

/// An answer of a quiz.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuizOption {
    /// What is stored and sent.
    pub key: String,
    /// What is read.
    pub label: LocalText,
    /// Whether it is right. There may be several right answers.
    #[serde(default)]
    pub correct: bool,
    /// Key of an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

/// How an answer turned out, in words.
struct Verdict<'a> {
    question: &'a str,
    right: bool,
    /// Right, wrong or too late.
    word: String,
    mine: &'a str,
    /// The right answers; empty where the own one is.
    answer: String,
    html: String,
}

#[derive(Template)]
#[template(path = "cards/questions/quiz/face.html")]
struct PlayFace<'a> {
    context: &'a FaceContext<'a>,
    verdict: Option<Verdict<'a>>,
    waits: Option<Waits>,
    /// For each question.
    seconds: u16,
    /// Milliseconds for this one; none where nobody counts.
    left: Option<i64>,
    seconds_left: i64,
    percent_left: i64,
    asked: Option<Asked<'a>>,
}

#[derive(Template)]
#[template(path = "cards/questions/quiz/results.html")]
struct ResultsFace<'a> {
    context: &'a FaceContext<'a>,
    reached: Reached<'a>,
    verdicts: Vec<Verdict<'a>>,
}

/// The state of a play.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Run {
    #[serde(flatten)]
    answers: Answers,
    #[serde(default)]
    clock: Clock,
}

impl QuizSetup {
    fn points(&self, run: &Run) -> usize {
        let right = self.questions.iter().filter(|question| {
            let chosen = run.answers.answers.get(&question.key);
            chosen.is_some_and(|chosen| question.is_right(chosen))
                && !run.clock.late.contains(&question.key)
        });
        right.count()
    }

    /// What a play waits for before the next question.
    fn waits(&self, run: &Run) -> Option<Waits> {
        self.seconds?;
        run.clock.waits(!run.answers.answers.is_empty())
    }

    /// How the answered questions turned out; nothing where the author keeps it back.
    fn verdicts<'a>(&'a self, context: &FaceContext<'a>, run: &Run) -> Vec<Verdict<'a>> {
        if !self.tell_right_answers {
            return Vec::new();
        }
        let answered = self.questions.iter().filter_map(|question| {
            let chosen = run.answers.answers.get(&question.key)?;
            let mine = question
                .options
                .iter()
                .find(|option| option.key == *chosen)?;
            let late = run.clock.late.contains(&question.key);
            let right: Vec<_> = question
                .options
                .iter()
                .filter(|option| option.correct && !mine.correct)
                .map(|option| context.local(&option.label))
                .collect();
            Some(Verdict {
                question: context.local(&question.question),
                right: mine.correct && !late,
                word: context.say(match (late, mine.correct) {
                    (true, _) => "quiz-late",
                    (false, true) => "quiz-right",
                    (false, false) => "quiz-wrong",
                }),
                mine: context.local(&mine.label),
                answer: right.join(", "),
                html: markdown::html(context.local(&question.explanation)),
            })
        });
        answered.collect()
    }
}

impl Asking for QuizSetup {
    const NAME: &'static str = KIND.name;

    fn questions(&self, _: &str) -> Vec<Question> {
        self.questions.iter().map(QuizQuestion::question).collect()
    }

    fn check(&self, questions: &Questionnaire, checks: &mut Checks<'_>) {
        checks.questions(&questions.questions, &(2..=MOST_OPTIONS));
        for (at, question) in self.questions.iter().enumerate() {
            checks.optional_text(
                &format!("questions[{at}].explanation"),
                &question.explanation,
            );
            if !question.options.iter().any(|option| option.correct) {
                checks.error(
                    format!("questions[{at}].options"),
                    "no answer is right",
                    "Mark the right answer",
                );
            }
        }
        if self
            .seconds
            .is_some_and(|seconds| !SECONDS.contains(&seconds))
        {
            checks.error(
                "seconds",
                "the time for a question is 5 to 600 seconds",
                "Choose a number in between, or leave it out",
            );
        }
        ending::check(checks, &self.results, self.questions.len());
    }

    fn controls() -> Vec<Control> {
        let correct = control("correct", "quiz-control-correct", ControlKind::YesNo, false);
        let explanation = control(
            "explanation",
            "quiz-control-explanation",
            ControlKind::LongText,
            false,
        );
        let seconds = ControlKind::Number {
            min: (*SECONDS.start()).into(),
            max: (*SECONDS.end()).into(),
        };
        vec![
            questions_control(
                option_controls([correct]),
                &(2..=MOST_OPTIONS),
                [explanation],
            ),
            ending::ranges_control(),
            control(
                "tell_right_answers",
                "quiz-control-tell",
                ControlKind::YesNo,
                false,
            ),
            control("seconds", "quiz-control-seconds", seconds, false),
        ]
    }

    fn ask(
        &self,
        questions: &Questionnaire,
        context: &FaceContext<'_>,
    ) -> Result<String, askama::Error> {
        let run = context.state::<Run>();
        let waits = self.waits(&run);
        // While a question is open nothing else is on the page: its time is running.
        let timed = self
            .seconds
            .and_then(|seconds| run.clock.left(seconds, context.now));
        let verdict = self
            .verdicts(context, &run)
            .pop()
            .filter(|_| timed.is_none());
        let left = timed.map(|left| left.max(0));
        let seconds = self.seconds.unwrap_or_default();
        let shown = left.unwrap_or_default();
        PlayFace {
            context,
            verdict,
            waits,
            seconds,
            left,
            seconds_left: shown.saturating_add(999) / 1_000,
            percent_left: (shown / 10)
                .checked_div(seconds.into())
                .unwrap_or_default()
                .min(100),
            asked: questions.asked(context, &run.answers),
        }
        .render()
    }

    fn end(&self, _: &Questionnaire, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let run = context.state::<Run>();
        let points = self.points(&run);
        let Some(range) = ending::range(&self.results, points) else {
            return Ok(String::new());
        };
        let score = texts::message(
            context.locale,
            "quiz-score",
            &[
                ("number", points.into()),
                ("total", self.questions.len().into()),
            ],
        );
        ResultsFace {
            context,
            reached: ending::reached(
                context,
                &range.title,
                &range.text,
                range.image.as_deref(),
                score,
            ),
            verdicts: self.verdicts(context, &run),
        }
        .render()
    }

    fn play(
        &self,
        questions: &Questionnaire,
        before: &Json,
        movement: &Move,
        context: &PlayContext<'_>,
    ) -> Result<Outcome, Refusal> {
        let mut run = state::<Run>(before);
        let asked = questions
            .next(&run.answers)
            .map(|(_, question)| question.key.clone());
        let mut tally = None;
        if let Some(waits) = self.waits(&run).filter(|_| asked.is_some()) {
            run.clock.go(waits, movement, context.now)?;
        } else {
            tally = questions.answer(&mut run.answers, movement)?;
            if let (Some(seconds), Some(question)) = (self.seconds, asked) {
                run.clock
                    .answered(&question, seconds, context.now, self.tell_right_answers);
            }
        }
        let finished = questions.next(&run.answers).is_none();
        let mut facts = questions.told(&run.answers);
        if finished {
            let points = self.points(&run);
            facts.insert("score".to_owned(), ending::number(points));
            if self.seconds.is_some() {
                facts.insert("late".to_owned(), ending::number(run.clock.late.len()));
            }
            if let Some(range) = ending::range(&self.results, points) {
                ending::tell(&mut facts, questions, &range.key, &range.title);
            }
        }
        Ok(Outcome {
            finished,
            state: stored(&run),
            facts,
            tally: tally.into_iter().collect(),
            award: None,
        })
    }

    fn facts(&self, questions: &Questionnaire) -> Vec<FactDef> {
        let number = |key: &str, label: &str| {
            FactDef::new(
                key,
                texts::plain(&questions.locale, label),
                FactKind::Number,
            )
        };
        let endings = self
            .results
            .iter()
            .map(|range| (range.key.as_str(), &range.title));
        let outcome = texts::plain(&questions.locale, "quiz-fact-outcome");
        let mut facts = vec![number("score", "quiz-fact-score")];
        facts.extend(self.seconds.map(|_| number("late", "quiz-fact-late")));
        facts.extend(ending::facts(questions, &outcome, endings));
        facts.extend(questions.facts());
        facts
    }

    fn summary(&self, _: &Questionnaire, facts: &FactValues, locale: &Locale) -> String {
        let Some(Value::Integer(score)) = facts.get("score") else {
            return String::new();
        };
        let total = self.questions.len().into();
        texts::message(
            locale,
            "quiz-summary",
            &[("number", (*score).into()), ("total", total)],
        )
    }
}

#[cfg(test)]
mod tests;
