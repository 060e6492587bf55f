//! An article: text in parts, with pictures between them.
//! Promises an honest reading time, also in languages without spaces.
//! Leaves the look of text to the hub.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    super::{Control, ControlKind, FaceContext, Kind},
    checks::Checks,
    content::{self, Content, control, looked_at},
    picture::{Picture, picture},
};
use crate::{
    hub::CardDoc,
    text::{LocalText, markdown},
};

pub(super) const KIND: Kind = looked_at!(ArticleSetup, "article-title", "");

/// Longer ones are better two articles.
const MOST_PARTS: usize = 30;
/// Words that people read in a minute, in round figures.
const WORDS_A_MINUTE: usize = 200;
/// Signs of Chinese and Japanese that people read in a minute.
const SIGNS_A_MINUTE: usize = 500;

/// The setup of an article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArticleSetup {
    /// The parts from top to bottom.
    pub parts: Vec<ArticlePart>,
}

/// A part of an article: text, a picture, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArticlePart {
    /// The text, Markdown.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub text: LocalText,
    /// Key of a picture below the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// What stands below the picture.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub caption: LocalText,
}

fn sample() -> CardDoc {
    let part = |text: &str, image: Option<&str>, caption: &str| ArticlePart {
        text: text.into(),
        image: image.map(str::to_owned),
        caption: caption.into(),
    };
    let setup = ArticleSetup {
        parts: vec![
            part(
                "Nonna Sole never owned a recipe book. She had a notebook, stained with lemon, in which every page ended with the \
                 same four words: *taste, then decide*.",
                Some("notebook"),
                "The page for lemon sorbet. Nobody has ever managed to read the last line.",
            ),
            part(
                "## Why we still churn at night\n\nMilk is calmer when the street is quiet, she used to say. We think it was \
                 rather that the neighbours could not smell the hazelnuts at night, and so could not come down to ask for some.",
                None,
                "",
            ),
            part(
                "## Three things she taught us\n\n- **Ripe beats sweet.** Sugar does not repair a tired peach.\n- **Cold is a \
                 spice.** Serve it two degrees warmer than you dare.\n- **Give a spoon first.** Nobody should choose blindly.",
                None,
                "",
            ),
        ],
    };
    content::card(
        "nonnas-notebook",
        "Nonna’s notebook",
        "How an ice cream without a recipe came to be.",
        &setup,
    )
}

struct PartFace<'a> {
    html: String,
    picture: Option<Picture<'a>>,
}

#[derive(Template)]
#[template(path = "cards/media/article/face.html")]
struct Face<'a> {
    reading_time: String,
    parts: Vec<PartFace<'a>>,
}

/// How long a text takes to read, in whole minutes, at least one.
fn minutes<'a>(texts: impl Iterator<Item = &'a str>) -> u64 {
    let (mut words, mut signs) = (0_usize, 0_usize);
    for word in texts.flat_map(str::split_whitespace) {
        let here = word
            .chars()
            .filter(|c| matches!(*c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}'))
            .count();
        signs = signs.saturating_add(here);
        words = words.saturating_add(usize::from(here == 0));
    }
    let parts = words
        .saturating_mul(SIGNS_A_MINUTE)
        .saturating_add(signs.saturating_mul(WORDS_A_MINUTE));
    u64::try_from(parts.div_ceil(WORDS_A_MINUTE * SIGNS_A_MINUTE))
        .unwrap_or(u64::MAX)
        .max(1)
}

impl Content for ArticleSetup {
    const NAME: &'static str = "article";

    fn check(&self, checks: &mut Checks<'_>) {
        checks.count("parts", self.parts.len(), 1, MOST_PARTS);
        for (at, part) in self.parts.iter().enumerate() {
            if part.text.is_empty() && part.image.is_none() {
                checks.error(
                    format!("parts[{at}]"),
                    "this part is empty",
                    "Write its text, choose a picture, or remove it",
                );
            }
            checks.translated(&format!("parts[{at}].text"), &part.text);
            checks.translated(&format!("parts[{at}].caption"), &part.caption);
            if let Some(image) = &part.image {
                checks.picture(format!("parts[{at}].image"), image);
            }
        }
    }

    fn controls() -> Vec<Control> {
        vec![control(
            "parts",
            "article-control-parts",
            ControlKind::List {
                item: vec![
                    control("text", "article-control-text", ControlKind::LongText, false),
                    control("image", "article-control-image", ControlKind::Image, false),
                    control(
                        "caption",
                        "article-control-caption",
                        ControlKind::LocalText,
                        false,
                    ),
                ],
                min: 1,
                max: MOST_PARTS,
            },
            true,
        )]
    }

    fn look(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let texts = self.parts.iter().map(|part| context.local(&part.text));
        let parts = self.parts.iter().map(|part| PartFace {
            html: markdown::html(context.local(&part.text)),
            picture: part
                .image
                .as_deref()
                .and_then(|image| picture(context, image, &part.caption)),
        });
        Face {
            reading_time: context.say_number("article-reading-time", minutes(texts)),
            parts: parts.collect(),
        }
        .render()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_is_told_how_long_it_takes_and_never_nothing() {
        assert_eq!(minutes(["One scoop"].into_iter()), 1);
        assert_eq!(minutes([&*"word ".repeat(900)].into_iter()), 5);
        assert_eq!(minutes([&*"\u{6c37}".repeat(1_001)].into_iter()), 3);
    }
}
