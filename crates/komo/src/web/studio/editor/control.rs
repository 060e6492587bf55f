//! What an editor of the studio offers: controls as data, from the kinds of cards and from the studio itself.
//! Promises: one way to draw and to save them all (`draw`, `save`), whoever declared them.
//! Leaves to others: which controls there are (`shell`, and the kinds in `engage::cards`).

use engage::{
    cards::{self, ControlKind},
    text::{Locale, texts},
};
use serde_json::Value as Json;

/// A control.
#[derive(Clone, Debug)]
pub(super) struct Control {
    /// Where its value stands, below what is edited (or below the list's item): `form.thanks.title`.
    pub(super) path: String,
    pub(super) label: String,
    pub(super) help: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
    /// Only matters for some values of another control: `name=one|two`.
    pub(super) when: &'static str,
}

/// What to draw.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A line, the same in all languages.
    Text,
    /// A line per language.
    LocalText,
    /// Several lines per language, Markdown.
    LongText,
    /// Made by the studio, and never shown.
    Key,
    /// One of the hub's pictures.
    Image,
    Number {
        min: i64,
        max: i64,
    },
    Percent,
    YesNo,
    Moment,
    Address,
    Colour,
    /// Lines, the same in all languages.
    Texts {
        max: usize,
    },
    /// One of these: value, label.
    Choice(Vec<(String, String)>),
    /// Some of these.
    Several(Vec<(String, String)>),
    List(List),
}

/// Items that can be added, taken away and moved.
#[derive(Clone, Debug)]
pub(super) struct List {
    pub(super) items: Items,
    pub(super) min: usize,
    pub(super) max: usize,
}

/// What an item of a list is made of.
#[derive(Clone, Debug)]
pub(super) enum Items {
    /// All have the same controls.
    Alike(Vec<Control>),
    /// Fields of a form: by their type.
    Fields,
}

impl Control {
    pub(super) fn new(path: &str, label: &str, kind: Kind) -> Self {
        Self {
            path: path.to_owned(),
            label: label.to_owned(),
            help: "",
            kind,
            required: false,
            when: "",
        }
    }

    pub(super) fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(super) const fn help(mut self, help: &'static str) -> Self {
        self.help = help;
        self
    }

    pub(super) const fn when(mut self, when: &'static str) -> Self {
        self.when = when;
        self
    }

    /// A list of items that are all alike.
    pub(super) fn list(path: &str, label: &str, items: Vec<Self>, min: usize, max: usize) -> Self {
        let items = Items::Alike(items);
        Self::new(path, label, Kind::List(List { items, min, max }))
    }
}

/// Choices with the same text for value and label made ready.
pub(super) fn choices(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter()
        .map(|(value, label)| ((*value).to_owned(), (*label).to_owned()))
        .collect()
}

/// The controls that a kind of card declares, below `setup`.
pub(super) fn of_setup(controls: &[cards::Control], setup: &Json, locale: &Locale) -> Vec<Control> {
    let mut all = below(controls, setup, locale);
    for control in &mut all {
        control.path.insert_str(0, "setup.");
    }
    all
}

fn below(controls: &[cards::Control], setup: &Json, locale: &Locale) -> Vec<Control> {
    let say = |id: &str| texts::plain(&Locale::ENGLISH, id);
    let convert = |it: &cards::Control| {
        let kind = match &it.kind {
            ControlKind::Text => Kind::Text,
            ControlKind::LocalText => Kind::LocalText,
            ControlKind::Key => Kind::Key,
            ControlKind::Image => Kind::Image,
            ControlKind::LongText => Kind::LongText,
            ControlKind::Number { min, max } => Kind::Number {
                min: *min,
                max: *max,
            },
            ControlKind::Percent => Kind::Percent,
            ControlKind::YesNo => Kind::YesNo,
            ControlKind::Moment => Kind::Moment,
            ControlKind::Address => Kind::Address,
            ControlKind::Texts { max, .. } => Kind::Texts { max: *max },
            ControlKind::Choice(all) => Kind::Choice(
                all.iter()
                    .map(|(value, label)| ((*value).to_owned(), say(label)))
                    .collect(),
            ),
            ControlKind::ItemOf(list) => Kind::Choice(items_of(setup, list, locale)),
            ControlKind::List { item, min, max } => Kind::List(List {
                items: Items::Alike(below(item, setup, locale)),
                min: *min,
                max: *max,
            }),
        };
        Control {
            path: it.path.to_owned(),
            label: say(it.label),
            help: "",
            kind,
            required: it.required,
            when: "",
        }
    };
    controls.iter().map(convert).collect()
}

/// Keys and names of the items of a list.
fn items_of(setup: &Json, list: &str, locale: &Locale) -> Vec<(String, String)> {
    let items = setup.get(list).and_then(Json::as_array);
    let named = items.into_iter().flatten().filter_map(|item| {
        let key = item.get("key")?.as_str()?;
        let name = Some(item_name(item, locale)).filter(|it| !it.is_empty());
        Some((key.to_owned(), name.unwrap_or_else(|| key.to_owned())))
    });
    named.collect()
}

/// What people call an item of a list: its first text; empty when it has none.
pub(super) fn item_name(item: &Json, locale: &Locale) -> String {
    [
        "title", "question", "name", "label", "heading", "text", "caption",
    ]
    .iter()
    .filter_map(|name| item.get(*name))
    .map(|text| super::values::local(text, locale))
    .find(|text| !text.trim().is_empty())
    .unwrap_or_default()
}
