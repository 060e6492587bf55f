//! A rating: stars or faces for one thing or several.
//! Promises that a rating is a number of the author's scale, told thing by thing and as an average.
//! Leaves counting to the store.

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
    ballot::ShowResults,
    checks::{Checks, MOST_QUESTIONS},
    questionnaire::{Choice, Question, Questionnaire, answer_fact, control},
    several::complaint,
};
use crate::{
    Value,
    hub::CardDoc,
    text::{LocalText, Locale, texts},
};

pub(super) const KIND: Kind = asks!(
    RatingSetup,
    "rating-title",
    island: "",
    example: &[]
);

/// The mouths of the faces in a square of 36, from the worst to the best, with the ids of their names.
const FACES: [(&str, &str); 5] = [
    ("M10 27Q18 17 26 27", "rating-face-1"),
    ("M11 26Q18 21 25 26", "rating-face-2"),
    ("M11 25H25", "rating-face-3"),
    ("M11 23Q18 29 25 23", "rating-face-4"),
    ("M9 21Q18 34 27 21Z", "rating-face-5"),
];

/// The setup of a rating.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RatingSetup {
    /// What stands above the things.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub question: LocalText,
    /// What is rated.
    pub items: Vec<Choice>,
    /// Stars or faces.
    #[serde(default)]
    pub style: RatingStyle,
    /// How many stars there are, 3 to 10; 5 when left out. There are always five faces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stars: Option<u8>,
    /// Whether things may be left out. One has to be rated in any case.
    #[serde(default)]
    pub may_skip: bool,
    /// When participants see how everybody rated.
    #[serde(default)]
    pub show_results: ShowResults,
}

/// What a rating looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RatingStyle {
    /// One to five stars, or as many as the author likes.
    #[default]
    Stars,
    /// Five faces from sad to delighted.
    Faces,
}

fn sample() -> CardDoc {
    let setup = RatingSetup {
        question: LocalText::default(),
        items: vec![
            Choice::new("taste", "How did it taste?"),
            Choice::new("welcome", "How were you welcomed?"),
            Choice::new("wait", "How was the wait?"),
        ],
        style: RatingStyle::Stars,
        stars: None,
        may_skip: true,
        show_results: ShowResults::AfterVote,
    };
    asking::card("rating", "How was your visit?", &setup)
}

/// A thing on the page.
struct Rated<'a> {
    input: String,
    id: String,
    label: &'a str,
    image: Option<&'a str>,
    steps: Vec<Step>,
}

/// A step of the scale on the page.
struct Step {
    number: u8,
    /// The mouth of the face; empty for a star.
    mouth: &'static str,
    /// What it is in words.
    words: String,
    on: bool,
}

#[derive(Template)]
#[template(path = "cards/questions/rating/face.html")]
struct PlayFace<'a> {
    context: &'a FaceContext<'a>,
    question: &'a str,
    items: Vec<Rated<'a>>,
}

/// A thing with the own rating and everybody's.
struct Compared<'a> {
    label: &'a str,
    mine: String,
    everybody: String,
    /// For the bar.
    percent: u64,
}

#[derive(Template)]
#[template(path = "cards/questions/rating/results.html")]
struct ResultsFace<'a> {
    context: &'a FaceContext<'a>,
    items: Vec<Compared<'a>>,
}

impl RatingSetup {
    /// The highest rating.
    fn top(&self) -> u8 {
        match self.style {
            RatingStyle::Stars => self.stars.unwrap_or(5).clamp(3, 10),
            RatingStyle::Faces => 5,
        }
    }

    /// A rating in words: "4 of 5 stars", "Good".
    fn words(&self, number: u8, locale: &Locale) -> String {
        match (self.style, FACES.get(usize::from(number).wrapping_sub(1))) {
            (RatingStyle::Faces, Some((_, id))) => texts::plain(locale, id),
            _ => texts::message(
                locale,
                "rating-stars",
                &[("number", number.into()), ("total", self.top().into())],
            ),
        }
    }

    /// The ratings as they stand in the facts, by the order of the things.
    fn ratings(&self, facts: &FactValues) -> Vec<(&Choice, u8)> {
        let rated = self.items.iter().filter_map(|item| {
            let Some(Value::Integer(number)) = facts.get(&answer_fact(&item.key)) else {
                return None;
            };
            Some((item, u8::try_from(*number).ok()?))
        });
        rated.collect()
    }
}

/// A number with at most one decimal, as people of a language write it.
fn decimal(tenths: u64, locale: &Locale) -> String {
    let (whole, rest) = (tenths / 10, tenths % 10);
    texts::message(
        locale,
        "rating-decimal",
        &[("whole", whole.into()), ("rest", rest.into())],
    )
}

impl Asking for RatingSetup {
    const NAME: &'static str = "rating";

    fn questions(&self, _: &str) -> Vec<Question> {
        let steps: Vec<_> = (1..=self.top())
            .map(|number| Choice::new(&number.to_string(), number.to_string()))
            .collect();
        let items = self.items.iter().map(|item| Question {
            key: item.key.clone(),
            question: item.label.clone(),
            options: steps.clone(),
        });
        items.collect()
    }

    fn check(&self, _: &Questionnaire, checks: &mut Checks<'_>) {
        checks.optional_text("question", &self.question);
        checks.options("items", &self.items, &(1..=MOST_QUESTIONS));
        for (at, item) in self.items.iter().enumerate() {
            checks.key(&format!("items[{at}].key"), &item.key);
        }
        if self.stars.is_some_and(|stars| !(3..=10).contains(&stars)) {
            checks.error(
                "stars",
                "there are 3 to 10 stars",
                "Choose a number in between",
            );
        }
    }

    fn controls() -> Vec<Control> {
        let items = ControlKind::List {
            item: vec![
                control("label", "rating-control-item", ControlKind::LocalText, true),
                control("key", "questions-control-key", ControlKind::Key, true),
                control(
                    "image",
                    "questions-control-image",
                    ControlKind::Image,
                    false,
                ),
            ],
            min: 1,
            max: MOST_QUESTIONS,
        };
        let styles = vec![
            ("stars", "rating-control-style-stars"),
            ("faces", "rating-control-style-faces"),
        ];
        vec![
            control(
                "question",
                "rating-control-question",
                ControlKind::LocalText,
                false,
            ),
            control("items", "rating-control-items", items, true),
            control(
                "style",
                "rating-control-style",
                ControlKind::Choice(styles),
                true,
            ),
            control(
                "stars",
                "rating-control-stars",
                ControlKind::Number { min: 3, max: 10 },
                false,
            ),
            control("may_skip", "rating-control-skip", ControlKind::YesNo, false),
            ShowResults::control(),
        ]
    }

    fn ask(&self, _: &Questionnaire, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let items = self.items.iter().map(|item| {
            let input = answer_fact(&item.key);
            let tried = context.tried.get(&input);
            let steps = (1..=self.top()).map(|number| Step {
                number,
                mouth: match self.style {
                    RatingStyle::Stars => "",
                    RatingStyle::Faces => FACES
                        .get(usize::from(number - 1))
                        .map_or("", |(mouth, _)| mouth),
                },
                words: self.words(number, context.locale),
                on: tried == number.to_string(),
            });
            Rated {
                id: format!("card-{}-{}", context.card.key, item.key),
                label: context.local(&item.label),
                image: item
                    .image
                    .as_deref()
                    .and_then(|image| context.image_url(image)),
                steps: steps.collect(),
                input,
            }
        });
        PlayFace {
            context,
            question: context.local(&self.question),
            items: items.collect(),
        }
        .render()
    }

    fn end(
        &self,
        questions: &Questionnaire,
        context: &FaceContext<'_>,
    ) -> Result<String, askama::Error> {
        let mine = context
            .stand
            .map(|stand| self.ratings(stand.facts))
            .unwrap_or_default();
        let shares = questions.shown_results(context);
        let items = mine.iter().map(|(item, number)| {
            let rows = context
                .results
                .iter()
                .filter(|row| row.question == item.key);
            let (count, sum) = rows.fold((0_u64, 0_u64), |(count, sum), row| {
                let step = row.key.parse::<u64>().unwrap_or_default();
                (
                    count.saturating_add(row.count),
                    sum.saturating_add(row.count.saturating_mul(step)),
                )
            });
            // Rounded to tenths.
            let tenths = sum
                .saturating_mul(20)
                .saturating_add(count)
                .checked_div(count.saturating_mul(2));
            let everybody = tenths
                .filter(|_| !shares.is_empty() && self.shows_results())
                .map(|tenths| {
                    texts::message(
                        context.locale,
                        "rating-everybody",
                        &[
                            ("average", decimal(tenths, context.locale).into()),
                            ("total", self.top().into()),
                            ("count", count.into()),
                        ],
                    )
                });
            Compared {
                label: context.local(&item.label),
                mine: self.words(*number, context.locale),
                everybody: everybody.unwrap_or_default(),
                percent: u64::from(*number) * 100 / u64::from(self.top()),
            }
        });
        ResultsFace {
            context,
            items: items.collect(),
        }
        .render()
    }

    fn play(
        &self,
        _: &Questionnaire,
        _: &Json,
        movement: &Move,
        _: &PlayContext<'_>,
    ) -> Result<Outcome, Refusal> {
        let mut outcome = Outcome {
            finished: true,
            ..Outcome::default()
        };
        let mut wrong = Vec::new();
        let (mut sum, mut count) = (0_u32, 0_u32);
        for item in &self.items {
            let input = answer_fact(&item.key);
            let sent = movement.get(&input);
            match sent.parse::<u8>() {
                Ok(number) if (1..=self.top()).contains(&number) => {
                    outcome.facts.insert(input, Value::Integer(number.into()));
                    outcome.tally.push((item.key.clone(), number.to_string()));
                    sum += u32::from(number);
                    count += 1;
                }
                _ if !sent.is_empty() => wrong.push(complaint(input, "card-unknown-option", None)),
                _ if !self.may_skip => wrong.push(complaint(input, "rating-missing", None)),
                _ => {}
            }
        }
        if count == 0 && wrong.is_empty() {
            wrong.push(complaint("", "rating-nothing", None));
        }
        if !wrong.is_empty() {
            return Err(Refusal::all(wrong));
        }
        let average = (f64::from(sum) * 100.0 / f64::from(count)).round() / 100.0;
        outcome
            .facts
            .insert("score".to_owned(), Value::Number(average));
        Ok(outcome)
    }

    fn facts(&self, questions: &Questionnaire) -> Vec<FactDef> {
        let average = texts::plain(&questions.locale, "rating-fact-average");
        let items = self.items.iter().map(|item| {
            FactDef::new(
                answer_fact(&item.key),
                questions.own(&item.label),
                FactKind::Number,
            )
        });
        let mut facts = vec![FactDef::new("score", average, FactKind::Number)];
        facts.extend(items);
        facts
    }

    fn shows_results(&self) -> bool {
        self.show_results.are_shown()
    }

    fn summary(&self, questions: &Questionnaire, facts: &FactValues, locale: &Locale) -> String {
        let ratings = self.ratings(facts);
        let each = ratings.iter().map(|(item, number)| {
            let label = item.label.get(locale, &questions.locale);
            format!("{label} {number}/{}", self.top())
        });
        each.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests;
