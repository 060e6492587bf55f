//! A quiz: one question after the other, each with a right answer, and a result by the number of right ones.
//! Promises that no face shows a right answer before its question was answered.
//! Leaves what a result is worth to whoever maps it.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{
    super::{
        Card, Control, ControlKind, FaceContext, FactDef, FactKind, FactValues, Kind, Move, Outcome,
        PlayContext, Refusal, ResultRow, SetupProblem, Shell, Stage, Tally,
        card::{state, stored},
        kind::{read, write},
    },
    checks::{Checks, MOST_OPTIONS},
    ending::{self, Range, Reached},
    questionnaire::{Answers, Asked, Choice, Question, Questionnaire, control, option_controls, questions_control},
};
use crate::{
    Value,
    hub::CardDoc,
    text::{LocalText, Locale, markdown, texts},
};

pub(super) const KIND: Kind = Kind {
    name: "quiz",
    engine: "questions",
    title: "quiz-title",
    setup_version: 1,
    open: |setup, shell| {
        let setup = read::<QuizSetup>(setup)?;
        let questions = Questionnaire {
            questions: setup.questions.iter().map(QuizQuestion::question).collect(),
            locale: shell.default_locale().clone(),
        };
        Ok(Box::new(Quiz { setup, questions }))
    },
    upgrade: |_, setup| setup,
    sample,
    example: &[],
    schema: || schemars::schema_for!(QuizSetup).to_value(),
    island: "",
    style: concat!(include_str!("../shared.css"), include_str!("style.css")),
    texts: &[
        ("en", include_str!("texts.en.ftl")),
        ("de", include_str!("texts.de.ftl")),
        ("fr", include_str!("texts.fr.ftl")),
        ("es", include_str!("texts.es.ftl")),
        ("ja", include_str!("texts.ja.ftl")),
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
        let options = self.options.iter().map(|option| Choice {
            key: option.key.clone(),
            label: option.label.clone(),
            image: option.image.clone(),
        });
        Question {
            key: self.key.clone(),
            question: self.question.clone(),
            options: options.collect(),
        }
    }

    fn is_right(&self, chosen: &str) -> bool {
        self.options.iter().any(|option| option.correct && option.key == chosen)
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

/// A quiz that has been opened.
#[derive(Clone, Debug)]
struct Quiz {
    setup: QuizSetup,
    questions: Questionnaire,
}

fn sample() -> CardDoc {
    let question = |key: &str, text: &str, options: [(&str, &str, bool); 3], explanation: &str| QuizQuestion {
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
                [("bergamo", "Bergamo", true), ("naples", "Naples", false), ("vienna", "Vienna", false)],
                "Enrico Panattoni stirred dark chocolate into milk ice cream in **Bergamo in 1961**.",
            ),
            question(
                "warmer",
                "Why does gelato taste more intense than other ice cream?",
                [("sugar", "It has more sugar", false), ("warm", "It is served less cold", true), ("salt", "It is salted", false)],
                "A few degrees make the difference: what is very cold numbs the tongue.",
            ),
            question(
                "sorbet",
                "What does a good sorbet do without?",
                [("fruit", "Fruit", false), ("sugar", "Sugar", false), ("milk", "Milk", true)],
                "Fruit, water and sugar are all it takes.",
            ),
        ],
        results: vec![
            result("beginner", 0, "A beginner with taste", "The best way to learn is by the spoonful."),
            result("gourmet", 2, "A true gourmet", "You know what is in the cone. Nonna nods."),
            result("nonna", 3, "You could be Nonna herself", "Everything right! Come behind the counter."),
        ],
        tell_right_answers: true,
    };
    CardDoc {
        setup: write(&setup),
        ..CardDoc::new("quiz", "quiz", "How well do you know gelato?")
    }
}

/// How an answer turned out, in words.
struct Verdict<'a> {
    question: &'a str,
    right: bool,
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
    asked: Option<Asked<'a>>,
}

#[derive(Template)]
#[template(path = "cards/questions/quiz/results.html")]
struct ResultsFace<'a> {
    context: &'a FaceContext<'a>,
    reached: Reached<'a>,
    verdicts: Vec<Verdict<'a>>,
}

impl Quiz {
    fn points(&self, answers: &Answers) -> usize {
        let right = self.setup.questions.iter().filter(|question| {
            let chosen = answers.answers.get(&question.key);
            chosen.is_some_and(|chosen| question.is_right(chosen))
        });
        right.count()
    }

    /// How the answered questions turned out; nothing where the author keeps it back.
    fn verdicts<'a>(&'a self, context: &FaceContext<'a>, answers: &Answers) -> Vec<Verdict<'a>> {
        if !self.setup.tell_right_answers {
            return Vec::new();
        }
        let answered = self.setup.questions.iter().filter_map(|question| {
            let chosen = answers.answers.get(&question.key)?;
            let mine = question.options.iter().find(|option| option.key == *chosen)?;
            let right: Vec<_> = question
                .options
                .iter()
                .filter(|option| option.correct && !mine.correct)
                .map(|option| context.local(&option.label))
                .collect();
            Some(Verdict {
                question: context.local(&question.question),
                right: mine.correct,
                mine: context.local(&mine.label),
                answer: right.join(", "),
                html: markdown::html(context.local(&question.explanation)),
            })
        });
        answered.collect()
    }

    fn results_face(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let Some(stand) = context.stand.filter(|stand| stand.finished) else {
            return Ok(String::new());
        };
        let answers = self.questions.answers_in(stand.facts);
        let points = self.points(&answers);
        let Some(range) = ending::range(&self.setup.results, points) else {
            return Ok(String::new());
        };
        let score = texts::message(
            context.locale,
            "quiz-score",
            &[("number", points.into()), ("total", self.setup.questions.len().into())],
        );
        ResultsFace {
            context,
            reached: ending::reached(context, &range.title, &range.text, range.image.as_deref(), score),
            verdicts: self.verdicts(context, &answers),
        }
        .render()
    }
}

impl Card for Quiz {
    fn kind(&self) -> &'static str {
        KIND.name
    }

    fn problems(&self, shell: &Shell<'_>) -> Vec<SetupProblem> {
        let mut checks = Checks::new(shell);
        checks.questions(&self.questions.questions, &(2..=MOST_OPTIONS));
        for (at, question) in self.setup.questions.iter().enumerate() {
            checks.optional_text(&format!("questions[{at}].explanation"), &question.explanation);
            if !question.options.iter().any(|option| option.correct) {
                checks.error(
                    format!("questions[{at}].options"),
                    "no answer is right",
                    "Mark the right answer",
                );
            }
        }
        ending::check(&mut checks, &self.setup.results, self.setup.questions.len());
        checks.found
    }

    fn controls(&self) -> Vec<Control> {
        let correct = control("correct", "quiz-control-correct", ControlKind::YesNo, false);
        let explanation = control("explanation", "quiz-control-explanation", ControlKind::LongText, false);
        vec![
            questions_control(option_controls([correct]), &(2..=MOST_OPTIONS), [explanation]),
            ending::ranges_control(),
            control("tell_right_answers", "quiz-control-tell", ControlKind::YesNo, false),
        ]
    }

    fn setup(&self) -> Map<String, Json> {
        write(&self.setup)
    }

    fn face(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        if context.stage == Stage::Results {
            return self.results_face(context);
        }
        let answers = context.state::<Answers>();
        PlayFace {
            context,
            verdict: self.verdicts(context, &answers).pop(),
            asked: self.questions.asked(context, &answers),
        }
        .render()
    }

    fn play(&self, before: &Json, movement: &Move, _: &PlayContext<'_>) -> Result<Outcome, Refusal> {
        let mut answers = state::<Answers>(before);
        let tally = self.questions.answer(&mut answers, movement)?;
        let finished = self.questions.next(&answers).is_none();
        let mut facts = self.questions.told(&answers);
        if finished {
            let points = self.points(&answers);
            facts.insert("score".to_owned(), Value::Integer(i64::try_from(points).unwrap_or(i64::MAX)));
            if let Some(range) = ending::range(&self.setup.results, points) {
                ending::tell(&mut facts, &self.questions, &range.key, &range.title);
            }
        }
        Ok(Outcome {
            finished,
            state: stored(&answers),
            facts,
            tally: tally.into_iter().collect(),
            award: None,
        })
    }

    fn facts(&self) -> Vec<FactDef> {
        let locale = &self.questions.locale;
        let endings = self.setup.results.iter().map(|range| (range.key.as_str(), &range.title));
        let score = FactDef::new("score", texts::plain(locale, "quiz-fact-score"), FactKind::Number);
        let outcome = texts::plain(locale, "quiz-fact-outcome");
        let mut facts = vec![score];
        facts.extend(ending::facts(&self.questions, &outcome, endings));
        facts.extend(self.questions.facts());
        facts
    }

    fn results(&self, tallies: &[(Tally, u64)], locale: &Locale) -> Vec<ResultRow> {
        self.questions.rows(tallies, locale)
    }

    fn summary(&self, facts: &FactValues, locale: &Locale) -> String {
        let Some(Value::Integer(score)) = facts.get("score") else {
            return String::new();
        };
        let total = self.setup.questions.len().into();
        texts::message(locale, "quiz-summary", &[("number", (*score).into()), ("total", total)])
    }
}

#[cfg(test)]
mod tests;
