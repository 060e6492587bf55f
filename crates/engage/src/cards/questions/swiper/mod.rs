//! A swiper: a pile of cards, each thrown to the left or to the right.
//! Promises that buttons, arrow keys and swipes do the same, and that each card's answer is told, as is the list of those
//! that were liked. Leaves counting to the store.

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
    ballot::{self, ShowResults},
    checks::{Checks, MOST_QUESTIONS},
    ending,
    questionnaire::{Answers, Asked, Choice, Question, Questionnaire, Share, answer_fact, control},
};
use crate::{
    Value,
    hub::CardDoc,
    text::{LocalText, Locale, markdown, texts},
};

pub(super) const KIND: Kind = asks!(
    SwiperSetup,
    "swiper-title",
    island: include_str!("../swipe.js"),
    example: &[]
);

/// What a swipe to the left is stored as.
const NO: &str = "no";
/// What a swipe to the right is stored as.
const YES: &str = "yes";
/// The fact with the keys of the liked cards.
const LIKED: &str = "liked";
/// The fact with what stands on them.
const LIKED_TEXT: &str = "liked_text";

/// The setup of a swiper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SwiperSetup {
    /// The cards, in this order.
    pub cards: Vec<SwiperCard>,
    /// What the left side says; "No" when left out.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub no_label: LocalText,
    /// What the right side says; "Yes" when left out.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub yes_label: LocalText,
    /// When participants see how everybody swiped.
    #[serde(default)]
    pub show_results: ShowResults,
}

/// A card of the pile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SwiperCard {
    /// As in `answer:basil`.
    pub key: String,
    /// What stands on it.
    pub label: LocalText,
    /// The small words below; Markdown.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub text: LocalText,
    /// Key of an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

fn sample() -> CardDoc {
    let card = |key: &str, label: &str, text: &str| SwiperCard {
        key: key.to_owned(),
        label: label.into(),
        text: text.into(),
        image: Some(key.to_owned()),
    };
    let setup = SwiperSetup {
        cards: vec![
            card(
                "basil",
                "Basil and lime",
                "Green as a deck chair, and just as relaxing.",
            ),
            card(
                "ricotta",
                "Ricotta and fig",
                "Tastes of the last week of August.",
            ),
            card("liquorice", "Liquorice", "There are two kinds of people."),
            card(
                "olive-oil",
                "Olive oil and sea salt",
                "Sounds like a salad. Is not.",
            ),
            card("rose", "Rose water", "Nonna wore it to dances."),
        ],
        no_label: "Not for me".into(),
        yes_label: "A scoop, please".into(),
        show_results: ShowResults::AfterVote,
    };
    asking::card("new-flavours", "Which of these shall we make?", &setup)
}

/// The card on top, beside its question.
struct Top<'a> {
    html: String,
    image: Option<&'a str>,
    /// Whether others lie below it.
    more: bool,
}

#[derive(Template)]
#[template(path = "cards/questions/swiper/face.html")]
struct PlayFace<'a> {
    context: &'a FaceContext<'a>,
    top: Option<(Asked<'a>, Top<'a>)>,
}

#[derive(Template)]
#[template(path = "cards/questions/swiper/results.html")]
struct ResultsFace<'a> {
    context: &'a FaceContext<'a>,
    title: String,
    liked: Vec<&'a str>,
    /// Keys and labels of the cards, with how many swiped them to the right; none where that is not to be seen.
    everybody: Vec<(&'a str, &'a str, Share<'a>)>,
    total: u64,
}

/// What a side says: the author's words, else the product's in all its languages.
fn side(key: &str, own: &LocalText, id: &str) -> Choice {
    let label = if own.is_empty() {
        texts::everywhere(id)
    } else {
        own.clone()
    };
    Choice::new(key, label)
}

impl SwiperSetup {
    /// The cards that were swiped to the right.
    fn liked<'a>(&'a self, facts: &FactValues) -> Vec<&'a SwiperCard> {
        let liked = self.cards.iter().filter(|card| {
            let answer = facts.get(&answer_fact(&card.key));
            answer.is_some_and(|answer| answer.to_text() == YES)
        });
        liked.collect()
    }
}

impl Asking for SwiperSetup {
    const NAME: &'static str = "swiper";

    fn questions(&self, _: &str) -> Vec<Question> {
        let sides = vec![
            side(NO, &self.no_label, "swiper-no"),
            side(YES, &self.yes_label, "swiper-yes"),
        ];
        let cards = self.cards.iter().map(|card| Question {
            key: card.key.clone(),
            question: card.label.clone(),
            options: sides.clone(),
        });
        cards.collect()
    }

    fn check(&self, _: &Questionnaire, checks: &mut Checks<'_>) {
        checks.optional_text("no_label", &self.no_label);
        checks.optional_text("yes_label", &self.yes_label);
        checks.count("cards", "cards", self.cards.len(), &(1..=MOST_QUESTIONS));
        checks.once(
            "cards",
            "card",
            self.cards.iter().map(|card| card.key.as_str()),
        );
        for (at, card) in self.cards.iter().enumerate() {
            let place = |part: &str| format!("cards[{at}].{part}");
            checks.key(&place("key"), &card.key);
            checks.text(
                &place("label"),
                &card.label,
                "nothing stands on the card",
                "Write what it is about",
            );
            checks.optional_text(&place("text"), &card.text);
            checks.image(&place("image"), card.image.as_deref());
        }
    }

    fn controls() -> Vec<Control> {
        let cards = ControlKind::List {
            item: vec![
                control(
                    "label",
                    "swiper-control-label",
                    ControlKind::LocalText,
                    true,
                ),
                control("key", "swiper-control-key", ControlKind::Key, true),
                control(
                    "image",
                    "questions-control-image",
                    ControlKind::Image,
                    false,
                ),
                control("text", "swiper-control-text", ControlKind::LongText, false),
            ],
            min: 1,
            max: MOST_QUESTIONS,
        };
        vec![
            control("cards", "swiper-control-cards", cards, true),
            control(
                "no_label",
                "swiper-control-no",
                ControlKind::LocalText,
                false,
            ),
            control(
                "yes_label",
                "swiper-control-yes",
                ControlKind::LocalText,
                false,
            ),
            ShowResults::control(),
        ]
    }

    fn ask(
        &self,
        questions: &Questionnaire,
        context: &FaceContext<'_>,
    ) -> Result<String, askama::Error> {
        let asked = questions.asked(context, &context.state::<Answers>());
        let top = asked.and_then(|asked| {
            let at = self.cards.iter().position(|card| card.key == asked.key)?;
            let card = self.cards.get(at)?;
            let top = Top {
                html: markdown::html(context.local(&card.text)),
                image: card
                    .image
                    .as_deref()
                    .and_then(|image| context.image_url(image)),
                more: at + 1 < self.cards.len(),
            };
            Some((asked, top))
        });
        PlayFace { context, top }.render()
    }

    fn end(
        &self,
        questions: &Questionnaire,
        context: &FaceContext<'_>,
    ) -> Result<String, askama::Error> {
        let liked = context
            .stand
            .map(|stand| self.liked(stand.facts))
            .unwrap_or_default();
        let shown = if self.shows_results() {
            questions.shown_results(context)
        } else {
            Vec::new()
        };
        let total = shown.first().map(|shares| shares.total);
        let everybody = shown.into_iter().filter_map(|shares| {
            let yes = shares.rows.into_iter().find(|row| row.key == YES)?;
            Some((shares.key, shares.question, yes))
        });
        let everybody: Vec<_> = everybody.collect();
        let liked_labels = liked.iter().map(|card| context.local(&card.label));
        ResultsFace {
            context,
            title: texts::message(
                context.locale,
                "swiper-liked",
                &[
                    ("number", liked.len().into()),
                    ("total", self.cards.len().into()),
                ],
            ),
            liked: liked_labels.collect(),
            everybody,
            total: total.unwrap_or_default(),
        }
        .render()
    }

    fn play(
        &self,
        questions: &Questionnaire,
        before: &Json,
        movement: &Move,
        _: &PlayContext<'_>,
    ) -> Result<Outcome, Refusal> {
        let mut outcome = ballot::vote(questions, before, movement)?;
        let liked = self.liked(&outcome.facts);
        let labels = liked.iter().map(|card| questions.own(&card.label));
        let text = labels.collect::<Vec<_>>().join(", ");
        let keys = liked.iter().map(|card| card.key.clone()).collect();
        let score = ending::number(liked.len());
        outcome.facts.insert(LIKED.to_owned(), Value::List(keys));
        outcome
            .facts
            .insert(LIKED_TEXT.to_owned(), Value::Text(text));
        outcome.facts.insert("score".to_owned(), score);
        Ok(outcome)
    }

    fn facts(&self, questions: &Questionnaire) -> Vec<FactDef> {
        let say = |id: &str| texts::plain(&questions.locale, id);
        let cards = self.cards.iter();
        let cards = cards.map(|card| (card.key.clone(), questions.own(&card.label).to_owned()));
        let mut facts = vec![
            FactDef {
                options: cards.collect(),
                ..FactDef::new(LIKED, say("swiper-fact-liked"), FactKind::Choices)
            },
            FactDef::new(LIKED_TEXT, say("swiper-fact-liked"), FactKind::Text),
            FactDef::new("score", say("swiper-fact-score"), FactKind::Number),
        ];
        facts.extend(questions.facts());
        facts
    }

    fn shows_results(&self) -> bool {
        self.show_results.are_shown()
    }

    fn summary(&self, questions: &Questionnaire, facts: &FactValues, locale: &Locale) -> String {
        let liked = self.liked(facts);
        let labels = liked
            .iter()
            .map(|card| card.label.get(locale, &questions.locale));
        let labels = labels.collect::<Vec<_>>().join(", ");
        texts::message(
            locale,
            "swiper-summary",
            &[("number", liked.len().into()), ("liked", labels.into())],
        )
    }
}

#[cfg(test)]
mod tests;
