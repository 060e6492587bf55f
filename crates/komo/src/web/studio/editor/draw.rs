//! Controls as HTML: inputs with what is stored, and what is wrong with it, at its place.
//! Promises: a label for every input, ids that stay the same, and the same names that `save` reads.
//! Leaves to others: the page around them.

use askama::Template;
use engage::hub::Severity;
use serde_json::Value as Json;

use super::{
    control::{Control, Items, Kind, item_name},
    fields,
    save::{self, Desk},
    values,
};

/// What is wrong at a path, and whether it stands somewhere already.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    /// Below what is edited.
    pub(super) path: String,
    pub(super) error: bool,
    pub(super) words: String,
    pub(super) placed: bool,
}

/// A value to choose.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) chosen: bool,
}

/// An item of a list.
pub(super) struct Item {
    pub(super) name: String,
    pub(super) id: String,
    /// What it is: "Question 2".
    pub(super) word: String,
    /// What it says.
    pub(super) title: String,
    pub(super) first: bool,
    pub(super) last: bool,
    pub(super) open: bool,
    /// Which of its buttons gets the focus, for who moves it on.
    pub(super) focus: &'static str,
    pub(super) fields: Vec<Field>,
}

/// A control, ready to be drawn.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing that the template shows or leaves out"
)]
#[derive(Template)]
#[template(path = "editor_field.html", config = "src/web/studio/askama.toml")]
pub(super) struct Field {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) label: String,
    pub(super) help: &'static str,
    pub(super) when: &'static str,
    /// Which input.
    pub(super) shape: &'static str,
    pub(super) value: String,
    /// What the default language says, where this one says nothing.
    pub(super) placeholder: String,
    pub(super) lang: String,
    pub(super) choices: Vec<Choice>,
    pub(super) problems: Vec<Finding>,
    /// A list.
    pub(super) items: Vec<Item>,
    pub(super) word: String,
    pub(super) room: bool,
    pub(super) removable: bool,
    /// What can be added to it, where there is a choice.
    pub(super) wishes: Vec<(String, String)>,
    /// It gets the focus.
    pub(super) focus: bool,
    pub(super) may_edit: bool,
}

/// What drawing needs to know.
pub(super) struct Drawing<'a> {
    pub(super) desk: Desk<'a>,
    /// Keys of pictures with what they are called.
    pub(super) pictures: &'a [(String, String)],
    pub(super) findings: Vec<Finding>,
    /// The name of the item that was just touched, and how.
    pub(super) touched: String,
    pub(super) how: String,
    pub(super) may_edit: bool,
}

/// The id of the input with a name.
pub(super) fn id(name: &str) -> String {
    let id: String = name
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '-'
            }
        })
        .collect();
    format!("f-{id}")
}

/// Whether a path is at or below a name.
fn below(path: &str, name: &str) -> bool {
    path.strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

impl Drawing<'_> {
    fn findings(&mut self, name: &str) -> Vec<Finding> {
        let mut found: Vec<Finding> = Vec::new();
        for finding in &mut self.findings {
            if finding.placed || !below(&finding.path, name) {
                continue;
            }
            finding.placed = true;
            if !found.iter().any(|it| it.words == finding.words) {
                found.push(finding.clone());
            }
        }
        found
    }

    /// All controls, with their values.
    pub(super) fn fields(&mut self, controls: &[Control], json: &Json, base: &str) -> Vec<Field> {
        controls
            .iter()
            .filter(|control| !matches!(control.kind, Kind::Key))
            .map(|control| self.field(control, json, base))
            .collect()
    }

    fn field(&mut self, control: &Control, json: &Json, base: &str) -> Field {
        let name = format!("{base}{}", control.path);
        let stored = values::get(json, &name);
        let locale = self.desk.languages.locale;
        let value = values::shown(&control.kind, stored, locale);
        let (mut items, mut room, mut removable, mut wishes) =
            (Vec::new(), false, false, Vec::new());
        let word = save::one(&control.label);
        if let Kind::List(list) = &control.kind {
            let all = stored.and_then(Json::as_array).cloned().unwrap_or_default();
            room = all.len() < list.max;
            removable = all.len() > list.min;
            if matches!(list.items, Items::Fields) {
                wishes = fields::wishes();
            }
            for (at, item) in all.iter().enumerate() {
                let of_item = format!("{name}[{at}]");
                let controls = save::controls_of(list, item, &self.desk);
                let mut inner = self.fields(&controls, json, &format!("{of_item}."));
                let (first, last) = (at == 0, at + 1 == all.len());
                let focus = match self.how.as_str() {
                    _ if self.touched != of_item => "",
                    "up" if !first => "up",
                    "down" if !last => "down",
                    "up" => "down",
                    "down" => "up",
                    _ => "input",
                };
                if let Some(field) = inner.first_mut().filter(|_| focus == "input") {
                    field.focus = true;
                }
                let touched = below(&self.touched, &of_item);
                let wrong = inner.iter().any(Field::has_error);
                let word = match item.get("type").and_then(Json::as_str) {
                    Some(kind) if matches!(list.items, Items::Fields) => {
                        fields::type_name(kind).to_owned()
                    }
                    _ => format!("{} {}", capital(&word), at + 1),
                };
                items.push(Item {
                    id: id(&of_item),
                    title: item_name(item, locale),
                    word,
                    first,
                    last,
                    focus,
                    open: touched || wrong || all.len() == 1,
                    fields: inner,
                    name: of_item,
                });
            }
        }
        let (shape, choices) = self.shape(control, &value);
        let default = self.desk.languages.all.first();
        let placeholder = default
            .filter(|default| shape.starts_with("local") && *default != locale)
            .zip(stored)
            .map(|(default, text)| values::local(text, default))
            .unwrap_or_default();
        Field {
            id: id(&name),
            problems: self.findings(&name),
            label: control.label.clone(),
            help: control.help,
            when: control.when,
            shape,
            value,
            placeholder,
            lang: if shape.starts_with("local") {
                locale.to_string()
            } else {
                String::new()
            },
            choices,
            items,
            word,
            room,
            removable,
            wishes,
            focus: false,
            may_edit: self.may_edit,
            name,
        }
    }

    fn shape(&self, control: &Control, value: &str) -> (&'static str, Vec<Choice>) {
        let choose = |all: &[(String, String)], chosen: &dyn Fn(&str) -> bool| {
            let each = all.iter().map(|(value, label)| Choice {
                chosen: chosen(value),
                value: value.clone(),
                label: label.clone(),
            });
            each.collect::<Vec<_>>()
        };
        match &control.kind {
            Kind::Text | Kind::Key => ("text", Vec::new()),
            Kind::LocalText => ("local", Vec::new()),
            Kind::LongText => ("local-long", Vec::new()),
            Kind::Number { .. } => ("number", Vec::new()),
            Kind::Percent => ("percent", Vec::new()),
            Kind::YesNo => ("yes-no", Vec::new()),
            Kind::Moment => ("moment", Vec::new()),
            Kind::Address => ("address", Vec::new()),
            Kind::Colour => ("colour", Vec::new()),
            Kind::Texts { .. } => ("lines", Vec::new()),
            Kind::List(_) => ("list", Vec::new()),
            Kind::Image => {
                let none = ("", "No picture");
                let all = std::iter::once((none.0.to_owned(), none.1.to_owned()))
                    .filter(|_| !control.required || value.is_empty())
                    .chain(self.pictures.iter().cloned())
                    .collect::<Vec<_>>();
                ("choice", choose(&all, &|it| it == value))
            }
            Kind::Choice(all) => {
                let mut all = all.clone();
                if !all.iter().any(|(it, _)| it == value) {
                    all.insert(
                        0,
                        (
                            value.to_owned(),
                            if value.is_empty() { "Choose…" } else { value }.to_owned(),
                        ),
                    );
                }
                ("choice", choose(&all, &|it| it == value))
            }
            Kind::Several(all) => (
                "several",
                choose(all, &|it| value.lines().any(|line| line == it)),
            ),
        }
    }
}

impl Field {
    fn has_error(&self) -> bool {
        let own = self.problems.iter().any(|it| it.error);
        own || self
            .items
            .iter()
            .any(|item| item.fields.iter().any(Self::has_error))
    }

    /// A list of short items: one line each.
    fn in_lines(&self) -> bool {
        !self.items.is_empty() && self.items.iter().all(|item| item.fields.len() == 1)
    }

    fn described(&self) -> String {
        if self.help.is_empty() {
            format!("{}-said", self.id)
        } else {
            format!("{0}-help {0}-said", self.id)
        }
    }
}

/// A problem of a document as a finding below what is edited.
pub(super) fn finding(problem: &engage::hub::Problem, prefix: &str) -> Option<Finding> {
    Some(Finding {
        path: problem.path.strip_prefix(prefix)?.to_owned(),
        error: problem.severity == Severity::Error,
        words: sentence(&problem.message, &problem.remedy),
        placed: false,
    })
}

/// Message and remedy as two sentences.
pub(super) fn sentence(message: &str, remedy: &str) -> String {
    format!(
        "{}. {}.",
        capital(message.trim_end_matches('.')),
        remedy.trim_end_matches(['.', '?'])
    )
}

pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
