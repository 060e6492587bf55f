//! A checklist: what applies is ticked, and how much that is decides the result.
//! Promises that everybody gets a result, whoever ticks nothing, too.
//! Leaves what a result is worth to whoever maps it.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{
    super::{
        Control, ControlKind, FaceContext, FactDef, FactKind, FactValues, Kind, Move, Outcome,
        PlayContext, Refusal,
    },
    asking::{self, Asking, asks},
    checks::Checks,
    ending::{self, Range, Reached},
    questionnaire::{Choice, Question, Questionnaire, control, option_controls},
    several::{self, Tick},
};
use crate::{
    Value,
    hub::CardDoc,
    text::{LocalText, Locale, texts},
};

pub(super) const KIND: Kind = asks!(
    ChecklistSetup,
    "checklist-title",
    island: "",
    example: &[]
);

/// More items nobody reads.
const MOST_ITEMS: usize = 40;

/// The setup of a checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChecklistSetup {
    /// Key of the question, as in `answer:habits`; the card's key when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What stands above the list.
    pub question: LocalText,
    /// What can be ticked.
    pub options: Vec<Choice>,
    /// The results, by how many were ticked.
    pub results: Vec<Range>,
}

fn sample() -> CardDoc {
    let result = |key: &str, from, title: &str, text: &str| Range {
        key: key.to_owned(),
        from,
        title: title.into(),
        text: text.into(),
        image: None,
    };
    let setup = ChecklistSetup {
        key: Some("summer".to_owned()),
        question: "What have you done this summer?".into(),
        options: vec![
            Choice::new("before-breakfast", "Had ice cream before breakfast"),
            Choice::new("wasp", "Shared a cone with a wasp"),
            Choice::new("dropped", "Lost a scoop to the pavement"),
            Choice::new("barefoot", "Walked home barefoot"),
            Choice::new("sunrise", "Seen the sun come up over the water"),
            Choice::new("nothing", "Spent a whole day doing nothing"),
        ],
        results: vec![
            result(
                "spring",
                0,
                "It is still spring",
                "There is time: the terrace is open until October.",
            ),
            result(
                "summer",
                2,
                "A proper summer",
                "You are on the right path. Keep an eye on that scoop.",
            ),
            result(
                "champion",
                5,
                "Champion of the summer",
                "Nothing left to do but do it **all again**.",
            ),
        ],
    };
    asking::card("summer-list", "How much summer have you had?", &setup)
}

#[derive(Template)]
#[template(path = "cards/questions/checklist/face.html")]
struct PlayFace<'a> {
    context: &'a FaceContext<'a>,
    question: &'a str,
    ticks: Vec<Tick<'a>>,
}

#[derive(Template)]
#[template(path = "cards/questions/personality/results.html")]
struct ResultsFace<'a> {
    reached: Reached<'a>,
}

/// How many were ticked, as the facts tell it.
fn score(facts: &FactValues) -> Option<usize> {
    match facts.get("score") {
        Some(Value::Integer(score)) => usize::try_from(*score).ok(),
        _ => None,
    }
}

impl ChecklistSetup {
    /// "4 of 6".
    fn in_words(&self, id: &str, ticked: usize, locale: &Locale) -> String {
        texts::message(
            locale,
            id,
            &[
                ("number", ticked.into()),
                ("total", self.options.len().into()),
            ],
        )
    }
}

impl Asking for ChecklistSetup {
    const NAME: &'static str = "checklist";

    fn questions(&self, card: &str) -> Vec<Question> {
        vec![Question {
            key: self.key.clone().unwrap_or_else(|| card.to_owned()),
            question: self.question.clone(),
            options: self.options.clone(),
        }]
    }

    fn check(&self, questions: &Questionnaire, checks: &mut Checks<'_>) {
        for question in &questions.questions {
            checks.question("", question, &(2..=MOST_ITEMS));
        }
        ending::check(checks, &self.results, self.options.len());
    }

    fn controls() -> Vec<Control> {
        let options = ControlKind::List {
            item: option_controls([]),
            min: 2,
            max: MOST_ITEMS,
        };
        vec![
            control(
                "question",
                "questions-control-question",
                ControlKind::LocalText,
                true,
            ),
            control("key", "questions-control-key", ControlKind::Key, false),
            control("options", "checklist-control-options", options, true),
            ending::ranges_control(),
        ]
    }

    fn ask(&self, _: &Questionnaire, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        PlayFace {
            context,
            question: context.local(&self.question),
            ticks: several::ticks(context, &self.options, context.tried.all(several::INPUT)),
        }
        .render()
    }

    fn end(&self, _: &Questionnaire, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let ticked = context
            .stand
            .and_then(|stand| score(stand.facts))
            .unwrap_or_default();
        let Some(range) = ending::range(&self.results, ticked) else {
            return Ok(String::new());
        };
        let words = self.in_words("checklist-score", ticked, context.locale);
        let image = range.image.as_deref();
        let reached = ending::reached(context, &range.title, &range.text, image, words);
        ResultsFace { reached }.render()
    }

    fn play(
        &self,
        questions: &Questionnaire,
        _: &Json,
        movement: &Move,
        _: &PlayContext<'_>,
    ) -> Result<Outcome, Refusal> {
        let mut outcome = Outcome {
            finished: true,
            ..Outcome::default()
        };
        for question in &questions.questions {
            let these = several::picked(question, movement, &(0..=usize::MAX))?;
            several::tell(&mut outcome.facts, questions, &question.key, &these);
            outcome.tally = several::tally(&question.key, &these);
            outcome
                .facts
                .insert("score".to_owned(), ending::number(these.len()));
            if let Some(range) = ending::range(&self.results, these.len()) {
                ending::tell(&mut outcome.facts, questions, &range.key, &range.title);
            }
        }
        Ok(outcome)
    }

    fn facts(&self, questions: &Questionnaire) -> Vec<FactDef> {
        let say = |id: &str| texts::plain(&questions.locale, id);
        let endings = self
            .results
            .iter()
            .map(|range| (range.key.as_str(), &range.title));
        let mut facts = vec![FactDef::new(
            "score",
            say("checklist-fact-score"),
            FactKind::Number,
        )];
        facts.extend(ending::facts(
            questions,
            &say("checklist-fact-outcome"),
            endings,
        ));
        for question in &questions.questions {
            facts.extend(several::facts(questions, question));
        }
        facts
    }

    fn summary(&self, _: &Questionnaire, facts: &FactValues, locale: &Locale) -> String {
        score(facts).map_or_else(String::new, |ticked| {
            self.in_words("checklist-summary", ticked, locale)
        })
    }
}

#[cfg(test)]
mod tests;
