//! Filling in the forms of a page by dice, as somebody would who reads nothing. Feature `testing`.
//! Promises that what it sends could have been sent by a browser without scripts, and knows nothing of kinds of cards.
//! Leaves sending it, and what comes of it, to the tests. Panics freely: it only ever runs in tests.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test whose page can't be read stops"
)]
#![expect(
    clippy::missing_panics_doc,
    reason = "everything here panics when it can't do its work"
)]

use std::{collections::BTreeMap, sync::LazyLock};

use regex::Regex;

use super::prizes;

/// Dice that fall the same way each time.
#[derive(Clone, Copy, Debug)]
pub struct Dice(pub u64);

impl Dice {
    /// A number below this one; 0 if there is none.
    pub fn below(&mut self, sides: usize) -> usize {
        self.0 = prizes::spread(self.0);
        let sides = u64::try_from(sides.max(1)).expect("a number of sides");
        usize::try_from(self.0 % sides).expect("less than the number of sides")
    }
}

/// A form that was filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Where it is sent.
    pub action: String,
    /// Its inputs, with the button that was pressed.
    pub inputs: Vec<(String, String)>,
}

static TAGS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?s)<(input|textarea|button)\b([^>]*)>"));
static SELECTS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?s)<select\b([^>]*)>(.*?)</select>"));

/// Fills in one of the forms of a page that are posted, and presses one of its buttons; nothing if there is no such form. What
/// can't be chosen is taken from `example`, by the name of the input.
pub fn fill_in(html: &str, dice: &mut Dice, example: &[(&str, &str)]) -> Option<Filled> {
    let posted = |form: &&str| {
        let tag = form.split('>').next().unwrap_or_default();
        tag.contains("method=\"post\"")
    };
    let forms = html.split("<form ").skip(1);
    let forms: Vec<&str> = forms
        .map(|form| form.split("</form>").next().unwrap_or_default())
        .filter(posted)
        .collect();
    if forms.is_empty() {
        return None;
    }
    let form = forms[dice.below(forms.len())];
    let tag = form.split('>').next().unwrap_or_default();
    let action = attribute(&format!(" {tag}"), "action").unwrap_or_default();
    let mut inputs: Vec<(String, String)> = Vec::new();
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut buttons = Vec::new();
    for found in TAGS.captures_iter(form) {
        let (tag, attributes) = (&found[1], &found[2]);
        let name = attribute(attributes, "name").unwrap_or_default();
        let value = attribute(attributes, "value");
        if attributes.contains(" disabled") {
            continue;
        }
        let kind = attribute(attributes, "type").unwrap_or_default();
        if let Some((_, text)) = example.iter().find(|(of, _)| *of == name)
            && !matches!(kind.as_str(), "hidden" | "radio" | "checkbox" | "submit")
        {
            inputs.push((name, (*text).to_owned()));
            continue;
        }
        match (tag, kind.as_str()) {
            ("button", "button") => {}
            // A way back, which leads to no end.
            ("button", _) if attributes.contains(" formnovalidate") => {}
            ("button", _) => buttons.push((name, value.unwrap_or_default())),
            ("input", "hidden") => inputs.push((name, value.unwrap_or_default())),
            ("input", "radio") => groups
                .entry(name)
                .or_default()
                .push(value.unwrap_or_else(|| "on".to_owned())),
            ("input", "checkbox") => {
                if dice.below(2) == 0 {
                    inputs.push((name, value.unwrap_or_else(|| "on".to_owned())));
                }
            }
            ("input", "number" | "range") => inputs.push((name, number(attributes, dice))),
            ("input", "date") => inputs.push((name, "2000-01-01".to_owned())),
            _ => {
                let length = attribute(attributes, "minlength").and_then(|it| it.parse().ok());
                inputs.push((name, "e".repeat(length.unwrap_or(3))));
            }
        }
    }
    for found in SELECTS.captures_iter(form) {
        let name = attribute(&found[1], "name").unwrap_or_default();
        let options = found[2].split("<option").skip(1);
        let values = options.filter_map(|option| attribute(option, "value"));
        groups.entry(name).or_default().extend(values);
    }
    for (name, values) in groups {
        let value = values[dice.below(values.len())].clone();
        inputs.push((name, value));
    }
    assert!(!buttons.is_empty(), "a form without a button: {form}");
    let (name, value) = buttons[dice.below(buttons.len())].clone();
    if !name.is_empty() {
        inputs.push((name, value));
    }
    Some(Filled { action, inputs })
}

/// A number within the bounds of an input.
fn number(attributes: &str, dice: &mut Dice) -> String {
    let bound = |which: &str| attribute(attributes, which).and_then(|it| it.parse::<i64>().ok());
    let (min, max) = (bound("min").unwrap_or(0), bound("max").unwrap_or(10));
    let span = usize::try_from(max - min).unwrap_or(0) + 1;
    (min + i64::try_from(dice.below(span)).unwrap_or(0)).to_string()
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern")
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let rest = tag.split(&format!(" {name}=\"")).nth(1)?;
    let value = rest.split('"').next()?;
    let unescaped = value
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#38;", "&");
    Some(unescaped)
}
