//! What is done to a value on its way: trimmed, read as a number, brought into E.164, joined with others.
//! Promises that a value which cannot be read as the author wants is left out with a note, never sent as something else.
//! Leaves where values come from to `source`, and what Braze takes to `convert`.

use super::{
    Facts,
    convert::Unfit,
    dates::{self, Pattern},
    known::Shape,
    number::{self, Decimal},
    source::{Found, Origin},
};
use crate::{
    Value,
    fields::{Asked, FieldType, country::Country, phone::Phone},
    form::RawValue,
    hub::Transform,
    text::Locale,
};
use std::borrow::Cow;

/// One step of the way.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Trim,
    Lower,
    Upper,
    Title,
    Number(Decimal),
    Boolean(Words),
    Date(Option<Pattern>),
    DateText(Pattern),
    Phone(Phone),
    Country,
    Join(String),
    Split(String),
    Default(String),
    Constant(String),
}

/// What means yes and what means no, in lower case.
#[derive(Clone, Debug)]
pub(super) struct Words {
    yes: Vec<String>,
    no: Vec<String>,
}

/// Words for yes and no that need no explanation: English, German, French, Italian, Spanish, Japanese, and what programs
/// write.
const YES: [&str; 13] = [
    "yes", "y", "true", "on", "1", "ja", "j", "oui", "si", "sì", "sí", "wahr", "はい",
];
const NO: [&str; 10] = [
    "no",
    "n",
    "false",
    "off",
    "0",
    "nein",
    "non",
    "falsch",
    "non merci",
    "いいえ",
];

/// The names of all transforms, for "did you mean".
pub(super) const NAMES: [&str; 14] = [
    "trim",
    "lower",
    "upper",
    "title",
    "number",
    "boolean",
    "date",
    "date_text",
    "phone",
    "country",
    "join",
    "split",
    "default",
    "constant",
];

impl Step {
    /// Reads a transform. The error says what is wrong and what to do.
    pub(super) fn read(transform: &Transform) -> Result<Self, (String, String)> {
        let text = transform.as_str();
        let (name, argument) = match text.split_once(':') {
            Some((name, argument)) => (name.trim(), Some(argument)),
            None => (text.trim(), None),
        };
        let no_argument = |step: Self| match argument {
            None => Ok(step),
            Some(_) => Err((
                format!("\"{name}\" takes nothing behind a colon."),
                format!("Write `{name}`."),
            )),
        };
        let needs = |example: &str| {
            argument.filter(|it| !it.is_empty()).ok_or_else(|| {
                (
                    format!("\"{name}\" needs something behind a colon."),
                    format!("Write for example `{example}`."),
                )
            })
        };
        match name {
            "trim" => no_argument(Self::Trim),
            "lower" => no_argument(Self::Lower),
            "upper" => no_argument(Self::Upper),
            "title" => no_argument(Self::Title),
            "country" => no_argument(Self::Country),
            "number" => match argument.map(str::trim) {
                None => Ok(Self::Number(Decimal::Told)),
                Some("comma") => Ok(Self::Number(Decimal::Comma)),
                Some("point") => Ok(Self::Number(Decimal::Point)),
                Some(other) => Err((
                    format!("\"{other}\" is no decimal mark."),
                    "Write `number`, `number:comma` or `number:point`.".to_owned(),
                )),
            },
            "boolean" => words(argument).map(Self::Boolean),
            "date" => match argument {
                None => Ok(Self::Date(None)),
                Some(pattern) => read_pattern(pattern).map(|it| Self::Date(Some(it))),
            },
            "date_text" => read_pattern(needs("date_text:DD.MM.YYYY")?).map(Self::DateText),
            "phone" => phone(argument).map(Self::Phone),
            // An empty separator joins without one.
            "join" => Ok(Self::Join(argument.unwrap_or(" ").to_owned())),
            "split" => Ok(Self::Split(needs("split:,")?.to_owned())),
            "default" => Ok(Self::Default(needs("default:unknown")?.to_owned())),
            "constant" => Ok(Self::Constant(needs("constant:yes")?.to_owned())),
            _ => Err((
                format!("\"{text}\" is no transform."),
                crate::hub::nearest(name, NAMES).map_or_else(
                    || format!("Use one of {}.", NAMES.join(", ")),
                    |near| format!("Did you mean `{near}`?"),
                ),
            )),
        }
    }

    /// The shape of the values behind this step.
    pub(super) const fn shape(&self, before: Option<Shape>) -> Option<Shape> {
        match self {
            Self::Trim | Self::Lower | Self::Upper | Self::Title | Self::Default(_) => before,
            Self::Number(_) => Some(Shape::Number),
            Self::Boolean(_) => Some(Shape::YesNo),
            Self::Date(_) => Some(Shape::Date),
            Self::Phone(_) => Some(Shape::Phone),
            Self::Country => Some(Shape::Country),
            Self::DateText(_) | Self::Join(_) | Self::Split(_) | Self::Constant(_) => {
                Some(Shape::Text)
            }
        }
    }

    fn apply<'a>(&'a self, found: Found<'a>) -> Result<Option<Found<'a>>, Unfit> {
        match self {
            Self::Trim => Ok(each(found, |text| match text {
                Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
                Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
            })),
            Self::Lower => Ok(each(found, |text| text.to_lowercase().into())),
            Self::Upper => Ok(each(found, |text| text.to_uppercase().into())),
            Self::Title => Ok(each(found, |text| title(&text).into())),
            Self::Number(decimal) => match found {
                Found::Integer(_) | Found::Number(_) => Ok(Some(found)),
                Found::Text(text) => number::read(&text, *decimal)
                    .map(Some)
                    .ok_or(Unfit::NotValid),
                _ => Err(Unfit::NotValid),
            },
            Self::Boolean(words) => match found {
                Found::Bool(_) => Ok(Some(found)),
                found => words.read(&found.into_text()).map(Some),
            },
            Self::Date(pattern) => match found {
                Found::Date(_) | Found::Time(_) => Ok(Some(found)),
                Found::Text(text) => match pattern {
                    Some(pattern) => pattern.parse(&text),
                    None => dates::read(&text),
                }
                .map(Some)
                .ok_or(Unfit::NotValid),
                _ => Err(Unfit::NotValid),
            },
            Self::DateText(pattern) => {
                let found = match found {
                    Found::Text(text) => dates::read(&text).ok_or(Unfit::NotValid)?,
                    found => found,
                };
                let text = pattern.write(&found).ok_or(Unfit::NotValid)?;
                Ok(Some(Found::Text(text.into())))
            }
            Self::Phone(phone) => parsed(phone, found),
            Self::Country => parsed(&Country {}, found),
            Self::Join(separator) => Ok(Some(match found {
                Found::List(items) => Found::Text(items.join(separator).into()),
                found => found,
            })),
            Self::Split(separator) => Ok(split(found, separator)),
            Self::Default(_) => Ok(Some(found)),
            Self::Constant(text) => Ok(Some(Found::Text(Cow::Borrowed(text)))),
        }
    }
}

fn words(argument: Option<&str>) -> Result<Words, (String, String)> {
    let list = |words: &str| -> Vec<String> {
        words
            .split(',')
            .map(|word| word.trim().to_lowercase())
            .filter(|word| !word.is_empty())
            .collect()
    };
    let Some(argument) = argument else {
        return Ok(Words {
            yes: list(&YES.join(",")),
            no: list(&NO.join(",")),
        });
    };
    let (yes, no) = argument.split_once('/').unwrap_or((argument, ""));
    let words = Words {
        yes: list(yes),
        no: list(no),
    };
    if words.yes.is_empty() || words.no.is_empty() {
        return Err((
            "The words for yes and for no are missing.".to_owned(),
            "Write the words for yes, a slash, and those for no: `boolean:gladly,yes/never,no`."
                .to_owned(),
        ));
    }
    Ok(words)
}

impl Words {
    fn read(&self, text: &str) -> Result<Found<'static>, Unfit> {
        let word = text.trim().to_lowercase();
        if self.yes.contains(&word) {
            Ok(Found::Bool(true))
        } else if self.no.contains(&word) {
            Ok(Found::Bool(false))
        } else {
            Err(Unfit::NotValid)
        }
    }
}

fn read_pattern(text: &str) -> Result<Pattern, (String, String)> {
    Pattern::read(text.trim()).map_err(|letter| {
        (
            format!("\"{letter}\" means nothing in a date pattern."),
            "Use YYYY, YY, MM, M, DD, D, HH, mm and ss, such as `DD.MM.YYYY`.".to_owned(),
        )
    })
}

fn phone(argument: Option<&str>) -> Result<Phone, (String, String)> {
    let phone = Phone {
        region: argument.map(|region| region.trim().to_owned()),
    };
    if phone.problems().is_empty() {
        Ok(phone)
    } else {
        Err((
            format!(
                "\"{}\" is no country with phone numbers.",
                argument.unwrap_or_default()
            ),
            "Write the two letters of a country, such as `phone:DE`.".to_owned(),
        ))
    }
}

/// Applies to a text, or to each of a list; what is empty afterwards is left out.
fn each<'a>(found: Found<'a>, change: impl Fn(Cow<'a, str>) -> Cow<'a, str>) -> Option<Found<'a>> {
    match found {
        Found::Text(text) => {
            let text = change(text);
            (!text.is_empty()).then_some(Found::Text(text))
        }
        Found::List(items) => {
            let items: Vec<String> = items
                .iter()
                .map(|item| change(Cow::Owned(item.clone())).into_owned())
                .filter(|item| !item.is_empty())
                .collect();
            (!items.is_empty()).then_some(Found::List(items.into()))
        }
        found => Some(found),
    }
}

/// The first letter of each word in upper case, the others in lower case.
fn title(text: &str) -> String {
    let mut changed = String::with_capacity(text.len());
    let mut begins = true;
    for letter in text.chars() {
        if begins {
            changed.extend(letter.to_uppercase());
        } else {
            changed.extend(letter.to_lowercase());
        }
        begins = !letter.is_alphanumeric();
    }
    changed
}

/// What a type of form field makes of a text: one rule for what people type and for what comes in otherwise.
fn parsed<'a>(field: &impl FieldType, found: Found<'a>) -> Result<Option<Found<'a>>, Unfit> {
    let asked = Asked {
        locale: &Locale::ENGLISH,
        today: jiff::civil::Date::ZERO,
    };
    let text = RawValue::Text(found.into_text().into_owned());
    match field.parse(&text, &asked) {
        Ok(Some(Value::Text(text))) => Ok(Some(Found::Text(text.into()))),
        Ok(None) => Ok(None),
        _ => Err(Unfit::NotValid),
    }
}

fn split<'a>(found: Found<'a>, separator: &str) -> Option<Found<'a>> {
    let Found::Text(text) = found else {
        return Some(found);
    };
    let items: Vec<String> = text
        .split(separator)
        .map(|item| item.trim().to_owned())
        .filter(|item| !item.is_empty())
        .collect();
    (!items.is_empty()).then_some(Found::List(items.into()))
}

/// The values of several sources. Constants are there to go along: alone they are no value.
fn joined<'a>(origins: &'a [Origin], facts: &Facts<'a>) -> Option<Found<'a>> {
    let is_constant = |origin: &Origin| matches!(origin, Origin::Constant(_));
    let mut told = origins.iter().all(is_constant);
    let mut texts = Vec::with_capacity(origins.len());
    for origin in origins {
        if let Some(found) = origin.find(facts) {
            told |= !is_constant(origin);
            texts.push(found.into_text().into_owned());
        }
    }
    told.then_some(Found::List(texts.into()))
        .filter(|_| !origins.is_empty())
}

/// How a value is made: from where, and what is done to it.
#[derive(Clone, Debug)]
pub(super) struct Recipe {
    origins: Vec<Origin>,
    steps: Vec<Step>,
}

impl Recipe {
    pub(super) const fn new(origins: Vec<Origin>, steps: Vec<Step>) -> Self {
        Self { origins, steps }
    }

    pub(super) fn origins(&self) -> &[Origin] {
        &self.origins
    }

    pub(super) fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether a part of the value comes from the play, and so can come later than the entry.
    pub(super) fn is_play(&self) -> bool {
        self.origins.iter().any(Origin::is_play)
    }

    /// Whether several values come together and nothing says how: then they become a list.
    pub(super) fn makes_list(&self) -> bool {
        let listing = self.steps.iter().rev().find_map(|step| match step {
            Step::Split(_) => Some(true),
            Step::Join(_) | Step::Constant(_) => Some(false),
            _ => None,
        });
        listing.unwrap_or(self.origins.len() > 1)
    }

    /// The value; `None` when there is none.
    pub(super) fn make<'a>(&'a self, facts: &Facts<'a>) -> Result<Option<Found<'a>>, Unfit> {
        let mut found = match self.origins.as_slice() {
            [origin] => origin.find(facts),
            several => joined(several, facts),
        };
        for step in &self.steps {
            found = match (found, step) {
                (Some(found), step) => step.apply(found)?,
                (None, Step::Default(text)) => Some(Found::Text(Cow::Borrowed(text))),
                (None, _) => None,
            };
        }
        Ok(found)
    }
}
