//! A personality test: answers count for outcomes, and the one with the most points is yours.
//! Promises that among outcomes with the same points the one that stands first in the list wins, always.
//! Leaves what an outcome is worth to whoever maps it.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{
    super::{
        Control, ControlKind, FaceContext, FactDef, FactValues, Kind, Move, Outcome, PlayContext,
        Refusal,
    },
    asking::{self, Asking},
    ballot,
    checks::{Checks, MOST_OPTIONS},
    ending::{self, Reached},
    questionnaire::{
        Answers, Asked, Choice, Question, Questionnaire, control, option_controls,
        questions_control,
    },
};
use crate::{
    hub::CardDoc,
    text::{LocalText, Locale, texts},
};

pub(super) const KIND: Kind = Kind {
    name: "personality",
    engine: "questions",
    title: "personality-title",
    setup_version: 1,
    open: asking::open::<PersonalitySetup>,
    upgrade: |_, setup| setup,
    sample,
    example: &[],
    schema: asking::schema::<PersonalitySetup>,
    island: "",
    style: include_str!("../shared.css"),
    texts: &[
        ("en", include_str!("texts.en.ftl")),
        ("de", include_str!("texts.de.ftl")),
        ("fr", include_str!("texts.fr.ftl")),
        ("es", include_str!("texts.es.ftl")),
        ("ja", include_str!("texts.ja.ftl")),
    ],
};

/// The setup of a personality test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonalitySetup {
    /// The questions, in this order.
    pub questions: Vec<PersonalityQuestion>,
    /// The outcomes. Among those with the same points the one that stands first wins.
    pub outcomes: Vec<PersonalityOutcome>,
}

/// A question of a personality test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonalityQuestion {
    /// As in `answer:evening`.
    pub key: String,
    /// What is asked.
    pub question: LocalText,
    /// The answers to choose from.
    pub options: Vec<PersonalityOption>,
}

impl PersonalityQuestion {
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
}

/// An answer of a personality test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonalityOption {
    /// What is stored and sent.
    pub key: String,
    /// What is read.
    pub label: LocalText,
    /// Key of an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// What it counts for.
    #[serde(default)]
    pub points: Vec<Points>,
}

/// How much an answer counts for an outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Points {
    /// Key of the outcome.
    pub outcome: String,
    /// How many points.
    pub points: u16,
}

/// What a personality test may come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonalityOutcome {
    /// What is stored and sent.
    pub key: String,
    /// Its title.
    pub title: LocalText,
    /// What else is to be said; Markdown.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub text: LocalText,
    /// Key of an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

fn sample() -> CardDoc {
    let option = |key: &str, label: &str, points: &[(&str, u16)]| PersonalityOption {
        key: key.to_owned(),
        label: label.into(),
        image: None,
        points: points
            .iter()
            .map(|(outcome, points)| Points {
                outcome: (*outcome).to_owned(),
                points: *points,
            })
            .collect(),
    };
    let question = |key: &str, text: &str, options: Vec<PersonalityOption>| PersonalityQuestion {
        key: key.to_owned(),
        question: text.into(),
        options,
    };
    let outcome = |key: &str, title: &str, text: &str| PersonalityOutcome {
        key: key.to_owned(),
        title: title.into(),
        text: text.into(),
        image: None,
    };
    let setup = PersonalitySetup {
        questions: vec![
            question(
                "evening",
                "How does your perfect summer evening begin?",
                vec![
                    option(
                        "piazza",
                        "On the piazza, among people",
                        &[("stracciatella", 2)],
                    ),
                    option("sea", "By the sea, with bare feet", &[("lemon", 2)]),
                    option(
                        "balcony",
                        "On the balcony, with a book",
                        &[("pistachio", 2)],
                    ),
                ],
            ),
            question(
                "suitcase",
                "What is in your suitcase first?",
                vec![
                    option(
                        "map",
                        "A map with a dozen circles on it",
                        &[("lemon", 2), ("stracciatella", 1)],
                    ),
                    option("good-shirt", "My good shirt", &[("pistachio", 2)]),
                    option(
                        "nothing",
                        "Nothing yet, we leave in an hour",
                        &[("stracciatella", 2), ("lemon", 1)],
                    ),
                ],
            ),
            question(
                "spoon",
                "Cone or cup?",
                vec![
                    option(
                        "cone",
                        "Cone, and it may drip",
                        &[("stracciatella", 1), ("lemon", 1)],
                    ),
                    option("cup", "Cup, with a small spoon", &[("pistachio", 2)]),
                ],
            ),
        ],
        outcomes: vec![
            outcome(
                "stracciatella",
                "You are Stracciatella",
                "Light-hearted, with a bit of crunch: where you are, something happens.",
            ),
            outcome(
                "lemon",
                "You are Lemon",
                "Fresh and a little bold. You go in while others still try the water with a toe.",
            ),
            outcome(
                "pistachio",
                "You are Pistachio",
                "You know what is good, and take your time for it.",
            ),
        ],
    };
    asking::card("personality", "Which flavour are you?", &setup)
}

#[derive(Template)]
#[template(path = "cards/questions/personality/face.html")]
struct PlayFace<'a> {
    context: &'a FaceContext<'a>,
    asked: Option<Asked<'a>>,
}

#[derive(Template)]
#[template(path = "cards/questions/personality/results.html")]
struct ResultsFace<'a> {
    reached: Reached<'a>,
}

impl PersonalitySetup {
    /// The outcome with the most points; among equals the one that stands first.
    fn outcome(&self, answers: &Answers) -> Option<&PersonalityOutcome> {
        let chosen = || {
            self.questions.iter().filter_map(|question| {
                let chosen = answers.answers.get(&question.key)?;
                question.options.iter().find(|option| option.key == *chosen)
            })
        };
        let points = |outcome: &PersonalityOutcome| -> u64 {
            let counted = chosen().flat_map(|option| &option.points);
            let these = counted.filter(|points| points.outcome == outcome.key);
            these.map(|points| u64::from(points.points)).sum()
        };
        // The last of equals is what `max_by_key` finds.
        self.outcomes
            .iter()
            .rev()
            .max_by_key(|outcome| points(outcome))
    }
}

impl Asking for PersonalitySetup {
    const NAME: &'static str = KIND.name;

    fn questions(&self, _: &str) -> Vec<Question> {
        self.questions
            .iter()
            .map(PersonalityQuestion::question)
            .collect()
    }

    fn check(&self, questions: &Questionnaire, checks: &mut Checks<'_>) {
        let outcomes = &self.outcomes;
        checks.questions(&questions.questions, &(2..=MOST_OPTIONS));
        checks.count("outcomes", "outcomes", outcomes.len(), &(2..=MOST_OPTIONS));
        checks.once(
            "outcomes",
            "outcome",
            outcomes.iter().map(|outcome| outcome.key.as_str()),
        );
        let mut counted: Vec<&str> = Vec::new();
        for (at, question) in self.questions.iter().enumerate() {
            for (option, of) in question.options.iter().enumerate() {
                for (place, points) in of.points.iter().enumerate() {
                    if points.points > 0 {
                        counted.push(&points.outcome);
                    }
                    if !outcomes.iter().any(|outcome| outcome.key == points.outcome) {
                        checks.error(
                            format!("questions[{at}].options[{option}].points[{place}].outcome"),
                            &format!("there is no outcome `{}`", points.outcome),
                            "Name one of the outcomes by its key",
                        );
                    }
                }
            }
        }
        for (at, outcome) in outcomes.iter().enumerate() {
            ending::ending(
                checks,
                &format!("outcomes[{at}]."),
                &outcome.key,
                &outcome.title,
                &outcome.text,
            );
            checks.image(&format!("outcomes[{at}].image"), outcome.image.as_deref());
            if !counted.contains(&outcome.key.as_str()) {
                checks.warning(
                    format!("outcomes[{at}]"),
                    "no answer counts for this outcome",
                    "Give points for it to some answers",
                );
            }
        }
    }

    fn controls() -> Vec<Control> {
        let points = ControlKind::List {
            item: vec![
                control(
                    "outcome",
                    "personality-control-outcome",
                    ControlKind::ItemOf("outcomes"),
                    true,
                ),
                control(
                    "points",
                    "personality-control-points",
                    ControlKind::Number { min: 0, max: 100 },
                    true,
                ),
            ],
            min: 0,
            max: MOST_OPTIONS,
        };
        let points = control("points", "personality-control-counts", points, false);
        let outcomes = ControlKind::List {
            item: ending::controls([]),
            min: 2,
            max: MOST_OPTIONS,
        };
        vec![
            questions_control(option_controls([points]), &(2..=MOST_OPTIONS), []),
            control("outcomes", "personality-control-outcomes", outcomes, true),
        ]
    }

    fn ask(
        &self,
        questions: &Questionnaire,
        context: &FaceContext<'_>,
    ) -> Result<String, askama::Error> {
        let asked = questions.asked(context, &context.state());
        PlayFace { context, asked }.render()
    }

    fn end(
        &self,
        questions: &Questionnaire,
        context: &FaceContext<'_>,
    ) -> Result<String, askama::Error> {
        let facts = context.stand.map(|stand| questions.answers_in(stand.facts));
        let Some(outcome) = self.outcome(&facts.unwrap_or_default()) else {
            return Ok(String::new());
        };
        let image = outcome.image.as_deref();
        let reached = ending::reached(context, &outcome.title, &outcome.text, image, String::new());
        ResultsFace { reached }.render()
    }

    fn play(
        &self,
        questions: &Questionnaire,
        before: &Json,
        movement: &Move,
        _: &PlayContext<'_>,
    ) -> Result<Outcome, Refusal> {
        let mut outcome = ballot::vote(questions, before, movement)?;
        let answers = questions.answers_in(&outcome.facts);
        if let Some(reached) = self.outcome(&answers).filter(|_| outcome.finished) {
            ending::tell(&mut outcome.facts, questions, &reached.key, &reached.title);
        }
        Ok(outcome)
    }

    fn facts(&self, questions: &Questionnaire) -> Vec<FactDef> {
        let label = texts::plain(&questions.locale, "personality-fact-outcome");
        let outcomes = self.outcomes.iter();
        let endings = outcomes.map(|outcome| (outcome.key.as_str(), &outcome.title));
        let mut facts = ending::facts(questions, &label, endings).to_vec();
        facts.extend(questions.facts());
        facts
    }

    fn summary(&self, _: &Questionnaire, facts: &FactValues, locale: &Locale) -> String {
        let Some(outcome) = facts.get("outcome_text") else {
            return String::new();
        };
        texts::message(
            locale,
            "personality-summary",
            &[("outcome", outcome.to_text().into())],
        )
    }
}

#[cfg(test)]
mod tests;
