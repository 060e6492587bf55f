//! A picker: some of many pictures or words are picked.
//! Promises that as many are picked as the author asks for.
//! Leaves counting to the store.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{
    super::{
        Control, ControlKind, FaceContext, FactDef, FactValues, Kind, Move, Outcome, PlayContext,
        Refusal,
    },
    asking::{self, Asking, asks},
    ballot::{self, ShowResults},
    checks::Checks,
    questionnaire::{Choice, Question, Questionnaire, control, option_controls},
    several::{self, Tick},
};
use crate::{
    hub::CardDoc,
    text::{LocalText, Locale},
};

pub(super) const KIND: Kind = asks!(
    PickerSetup,
    "picker-title",
    island: "",
    example: &[]
);

/// More pictures nobody looks through.
const MOST_PICTURES: usize = 40;

/// The setup of a picker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PickerSetup {
    /// Key of the question, as in `answer:flavour`; the card's key when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The question.
    pub question: LocalText,
    /// What there is to pick from.
    pub options: Vec<Choice>,
    /// The fewest that have to be picked; one when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<u32>,
    /// The most that may be picked; as many as there are when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// When participants see what everybody picked.
    #[serde(default)]
    pub show_results: ShowResults,
}

fn sample() -> CardDoc {
    let option = |key: &str, label: &str| Choice {
        image: Some(key.to_owned()),
        ..Choice::new(key, label)
    };
    let setup = PickerSetup {
        key: Some("sundae".to_owned()),
        question: "Build your sundae: which flavours go in?".into(),
        options: vec![
            option("pistachio", "Pistachio"),
            option("stracciatella", "Stracciatella"),
            option("lemon", "Lemon"),
            option("cherry", "Sour cherry"),
            option("hazelnut", "Hazelnut"),
            option("yoghurt", "Yoghurt and honey"),
        ],
        min: None,
        max: Some(3),
        show_results: ShowResults::AfterVote,
    };
    asking::card("sundae", "Build your sundae", &setup)
}

#[derive(Template)]
#[template(path = "cards/questions/picker/face.html")]
struct PlayFace<'a> {
    context: &'a FaceContext<'a>,
    question: &'a str,
    hint: String,
    ticks: Vec<Tick<'a>>,
}

impl PickerSetup {
    fn allowed(&self) -> std::ops::RangeInclusive<usize> {
        several::allowed(self.min.or(Some(1)), self.max, self.options.len())
    }
}

impl Asking for PickerSetup {
    const NAME: &'static str = "picker";

    fn questions(&self, card: &str) -> Vec<Question> {
        vec![Question {
            key: self.key.clone().unwrap_or_else(|| card.to_owned()),
            question: self.question.clone(),
            options: self.options.clone(),
        }]
    }

    fn check(&self, questions: &Questionnaire, checks: &mut Checks<'_>) {
        for question in &questions.questions {
            checks.question("", question, &(2..=MOST_PICTURES));
        }
        several::check(checks, "", self.min, self.max, self.options.len());
    }

    fn controls() -> Vec<Control> {
        let options = ControlKind::List {
            item: option_controls([]),
            min: 2,
            max: MOST_PICTURES,
        };
        let number = |min| ControlKind::Number { min, max: 40 };
        vec![
            control(
                "question",
                "questions-control-question",
                ControlKind::LocalText,
                true,
            ),
            control("key", "questions-control-key", ControlKind::Key, false),
            control("options", "questions-control-options", options, true),
            control("min", "questions-control-fewest", number(0), false),
            control("max", "questions-control-most", number(1), false),
            ShowResults::control(),
        ]
    }

    fn ask(&self, _: &Questionnaire, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        PlayFace {
            context,
            question: context.local(&self.question),
            hint: several::hint(context, self.min, self.max),
            ticks: several::ticks(context, &self.options, context.tried.all(several::INPUT)),
        }
        .render()
    }

    fn end(
        &self,
        questions: &Questionnaire,
        context: &FaceContext<'_>,
    ) -> Result<String, askama::Error> {
        ballot::results_or_thanks(self.show_results, questions, context, "")
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
            let these = several::picked(question, movement, &self.allowed())?;
            several::tell(&mut outcome.facts, questions, &question.key, &these);
            outcome.tally = several::tally(&question.key, &these);
        }
        Ok(outcome)
    }

    fn facts(&self, questions: &Questionnaire) -> Vec<FactDef> {
        let each = questions.questions.iter();
        each.flat_map(|question| several::facts(questions, question))
            .collect()
    }

    fn shows_results(&self) -> bool {
        self.show_results.are_shown()
    }

    fn summary(&self, questions: &Questionnaire, facts: &FactValues, locale: &Locale) -> String {
        several::summary(questions, facts, locale)
    }
}

#[cfg(test)]
mod tests;
