//! Questions of a survey as they are shown.
//! Promises that what was typed or chosen before stands there again.
//! Leaves what an answer is to the question.

use super::{Ask, SurveyQuestion, path::Run};
use crate::cards::{
    FaceContext,
    questions::{
        questionnaire::Choice,
        several::{self, Tick},
    },
};

/// A question on the page.
pub(super) struct AskView<'a> {
    pub(super) input: String,
    pub(super) id: String,
    /// Id of what is wrong with it.
    pub(super) trouble: String,
    pub(super) question: &'a str,
    pub(super) help: &'a str,
    pub(super) optional: bool,
    pub(super) shape: Shape<'a>,
}

impl AskView<'_> {
    /// Whether it is answered by several inputs, which need a name together.
    pub(super) fn is_group(&self) -> bool {
        !matches!(
            self.shape,
            Shape::Line { .. } | Shape::Long { .. } | Shape::Date { .. }
        )
    }

    /// The ids of the words about the input.
    pub(super) fn described_by(&self, context: &FaceContext<'_>) -> String {
        let help = (!self.help.is_empty()).then(|| format!("{}-help", self.id));
        let trouble = context.error(&self.input).map(|_| self.trouble.clone());
        help.into_iter()
            .chain(trouble)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// How a question is answered.
pub(super) enum Shape<'a> {
    One(Vec<Tick<'a>>),
    Some {
        hint: String,
        ticks: Vec<Tick<'a>>,
    },
    Line {
        value: String,
        longest: usize,
        numeric: bool,
    },
    Long {
        value: String,
        longest: usize,
    },
    Date {
        value: String,
    },
    Steps {
        steps: Vec<(i64, bool)>,
        low: &'a str,
        high: &'a str,
    },
    Places(Vec<Place<'a>>),
}

/// An option of a ranking on the page.
pub(super) struct Place<'a> {
    pub(super) input: String,
    pub(super) id: String,
    pub(super) label: &'a str,
    pub(super) image: Option<&'a str>,
    /// The places there are, each with whether it is this option's.
    pub(super) places: Vec<(usize, bool)>,
}

/// A question with what was sent or answered before.
pub(super) fn view<'a>(
    context: &FaceContext<'a>,
    question: &'a SurveyQuestion,
    run: &Run,
) -> AskView<'a> {
    let sent = if context.tried.is_empty() {
        run.draft(&question.key).to_vec()
    } else {
        question.given(context.tried)
    };
    let id = format!("card-{}-{}", context.card.key, question.key);
    AskView {
        input: question.input(),
        trouble: format!("{id}-error"),
        question: context.local(&question.question),
        help: context.local(&question.help),
        optional: !question.required,
        shape: shape(context, question, &sent, &id),
        id,
    }
}

fn shape<'a>(
    context: &FaceContext<'a>,
    question: &'a SurveyQuestion,
    sent: &[String],
    id: &str,
) -> Shape<'a> {
    let value = sent.first().cloned().unwrap_or_default();
    let longest = question.longest();
    match question.ask {
        Ask::Single => Shape::One(several::ticks(context, &question.options, sent)),
        Ask::Multiple => {
            let (least, most) = question.picks();
            Shape::Some {
                hint: several::hint(context, least, most),
                ticks: several::ticks(context, &question.options, sent),
            }
        }
        Ask::ShortText => Shape::Line {
            value,
            longest,
            numeric: false,
        },
        Ask::Number => Shape::Line {
            value,
            longest: 40,
            numeric: true,
        },
        Ask::LongText => Shape::Long { value, longest },
        Ask::Date => Shape::Date { value },
        Ask::Scale | Ask::Nps => Shape::Steps {
            steps: question
                .steps()
                .map(|step| (step, value == step.to_string()))
                .collect(),
            low: context.local(&question.low_label),
            high: context.local(&question.high_label),
        },
        Ask::Ranking => {
            let places = question
                .options
                .iter()
                .map(|option| place(context, question, option, sent, id));
            Shape::Places(places.collect())
        }
    }
}

fn place<'a>(
    context: &FaceContext<'a>,
    question: &'a SurveyQuestion,
    option: &'a Choice,
    sent: &[String],
    id: &str,
) -> Place<'a> {
    let key = &option.key;
    let input = question.place_input(key);
    // What was typed, though it be wrong; else the place that it had.
    let tried = context.tried.get(&input).parse::<usize>().ok();
    let had = sent.iter().position(|sent| sent == key).map(|at| at + 1);
    let mine = tried.or(had.filter(|_| context.tried.is_empty()));
    Place {
        id: format!("{id}-{key}"),
        label: context.local(&option.label),
        image: option
            .image
            .as_deref()
            .and_then(|image| context.image_url(image)),
        places: (1..=question.options.len())
            .map(|at| (at, mine == Some(at)))
            .collect(),
        input,
    }
}
