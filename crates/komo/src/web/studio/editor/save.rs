//! From what was sent to a changed document: values first, then one act on a list.
//! Promises: only what a control offers can be changed, only where it was changed, and new items are whole.
//! Leaves to others: storing (`drafts`), what is wrong with the document (`HubDoc::problems`).

use std::collections::HashMap;

use engage::text::Locale;
use serde_json::{Map, Value as Json, json};

use super::{
    control::{Control, Items, Kind, List},
    fields,
    values::{self, Languages},
};

/// What was sent, by name; a control without a name in it is left alone.
#[derive(Debug, Default)]
pub(super) struct Sent<'a>(HashMap<&'a str, Vec<&'a str>>);

impl<'a> Sent<'a> {
    pub(super) fn of(pairs: &'a [(String, String)]) -> Self {
        let mut all: HashMap<&str, Vec<&str>> = HashMap::new();
        for (name, value) in pairs {
            all.entry(name).or_default().push(value);
        }
        Self(all)
    }

    /// One value: the last, because a hidden input before a box says what the box does not.
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.0.get(name)?.last().copied()
    }

    fn lines(&self, name: &str) -> Option<String> {
        let all = self.0.get(name)?;
        let lines: Vec<&str> = all.iter().filter(|it| !it.is_empty()).copied().collect();
        Some(lines.join("\n"))
    }
}

/// What is known while a document is changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Desk<'a> {
    pub(super) languages: Languages<'a>,
    /// Keys of the hub's pictures.
    pub(super) images: &'a [String],
    /// Keys of the hub's terms with their titles.
    pub(super) terms: &'a [(String, String)],
    /// The month, as the version of a new consent: `2026-03`.
    pub(super) month: &'a str,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Saved {
    /// Labels of what was changed.
    pub(super) changed: Vec<String>,
    /// What could not be stored, by name.
    pub(super) refused: Vec<(String, String)>,
}

/// Writes what was sent into what is edited.
pub(super) fn values(
    controls: &[Control],
    json: &mut Json,
    base: &str,
    sent: &Sent<'_>,
    desk: &Desk<'_>,
    saved: &mut Saved,
) {
    for control in controls {
        let name = format!("{base}{}", control.path);
        if let Kind::List(list) = &control.kind {
            let count = values::get(json, &name)
                .and_then(Json::as_array)
                .map_or(0, Vec::len);
            for at in 0..count {
                let item = format!("{name}[{at}]");
                let inside = values::get(json, &item).cloned().unwrap_or_default();
                let controls = controls_of(list, &inside, desk);
                values(&controls, json, &format!("{item}."), sent, desk, saved);
            }
            continue;
        }
        let got = match &control.kind {
            Kind::Several(_) => sent.lines(&name),
            _ => sent.get(&name).map(|it| it.replace("\r\n", "\n")),
        };
        let Some(got) = got else { continue };
        let old = values::get(json, &name);
        if got == values::shown(&control.kind, old, desk.languages.locale) {
            continue;
        }
        match values::stored(&control.kind, control.required, old, &got, desk.languages) {
            Ok(new) if new.as_ref() == old => {}
            Ok(new) => {
                values::put(json, &name, new);
                saved.changed.push(control.label.clone());
            }
            Err(words) => saved.refused.push((name, words)),
        }
    }
}

/// The controls of one item of a list.
pub(super) fn controls_of(list: &List, item: &Json, desk: &Desk<'_>) -> Vec<Control> {
    match &list.items {
        Items::Alike(controls) => controls.clone(),
        Items::Fields => {
            let kind = item.get("type").and_then(Json::as_str).unwrap_or_default();
            fields::controls(kind, desk.terms)
        }
    }
}

/// Does what a button of a list says: `add path`, `remove path[2]`, `up path[2]`, `down path[2]`. Answers the words for it and the
/// name of the item to go on with; nothing when there is no such list or no room.
pub(super) fn act(
    controls: &[Control],
    json: &mut Json,
    button: &str,
    sent: &Sent<'_>,
    desk: &Desk<'_>,
) -> Option<(String, String)> {
    let (what, path) = button.split_once(' ')?;
    let (list_path, at) = match path.strip_suffix(']').and_then(|it| it.rsplit_once('[')) {
        Some((list, at)) => (list, at.parse::<usize>().ok()?),
        None => (path, 0),
    };
    let (label, list) = find(controls, json, "", list_path, desk)?;
    let word = one(&label);
    if values::get(json, list_path).is_none_or(Json::is_null) {
        values::put(json, list_path, Some(json!([])));
    }
    let siblings = values::get(json, list_path)?.as_array()?.clone();
    let new = (what == "add" && siblings.len() < list.max).then(|| match &list.items {
        Items::Alike(controls) => item(controls, list_path, &siblings, desk),
        Items::Fields => {
            let wish = sent.get(&format!("new {list_path}")).unwrap_or_default();
            fields::new(wish, &siblings, desk)
        }
    });
    let items = values::get_mut(json, list_path)?.as_array_mut()?;
    let (words, at) = match what {
        "add" => {
            items.push(new?);
            (format!("Add {word}"), items.len() - 1)
        }
        "remove" if at < items.len() && items.len() > list.min => {
            items.remove(at);
            (
                format!("Remove {word}"),
                at.min(items.len().saturating_sub(1)),
            )
        }
        "up" if at > 0 && at < items.len() => {
            items.swap(at, at - 1);
            (format!("Move {word}"), at - 1)
        }
        "down" if at + 1 < items.len() => {
            items.swap(at, at + 1);
            (format!("Move {word}"), at + 1)
        }
        _ => return None,
    };
    Some((words, format!("{list_path}[{at}]")))
}

/// "Questions" as "question".
pub(super) fn one(label: &str) -> String {
    let lower = label.to_lowercase();
    lower.strip_suffix('s').unwrap_or(&lower).to_owned()
}

/// The list at a path, with its label.
fn find(
    controls: &[Control],
    json: &Json,
    base: &str,
    wanted: &str,
    desk: &Desk<'_>,
) -> Option<(String, List)> {
    for control in controls {
        let Kind::List(list) = &control.kind else {
            continue;
        };
        let name = format!("{base}{}", control.path);
        if name == wanted {
            return Some((control.label.clone(), list.clone()));
        }
        let Some(rest) = wanted.strip_prefix(&name).filter(|it| it.starts_with('[')) else {
            continue;
        };
        let item = format!("{name}{}", rest.split_inclusive(']').next()?);
        let controls = controls_of(list, values::get(json, &item)?, desk);
        return find(&controls, json, &format!("{item}."), wanted, desk);
    }
    None
}

/// A new item: empty, and complete enough to be read.
pub(super) fn item(controls: &[Control], list: &str, siblings: &[Json], desk: &Desk<'_>) -> Json {
    let mut item = Map::new();
    for control in controls {
        let value = match &control.kind {
            Kind::Key => Some(Json::from(key(list, siblings))),
            Kind::YesNo => Some(json!(false)),
            Kind::List(inner) => {
                let mut items = Vec::new();
                let path = format!("{list}.{}", control.path);
                while let Items::Alike(controls) = &inner.items
                    && items.len() < inner.min
                {
                    items.push(self::item(controls, &path, &items, desk));
                }
                Some(Json::from(items))
            }
            _ if !control.required => None,
            Kind::Number { min, .. } => Some(json!(min)),
            Kind::Percent => Some(json!(1)),
            Kind::Texts { .. } | Kind::Several(_) => Some(json!([])),
            Kind::Image => Some(Json::from(desk.images.first().cloned().unwrap_or_default())),
            Kind::Choice(all) => Some(Json::from(
                all.first()
                    .map(|(value, _)| value.clone())
                    .unwrap_or_default(),
            )),
            Kind::Text
            | Kind::LocalText
            | Kind::LongText
            | Kind::Address
            | Kind::Colour
            | Kind::Moment => Some(json!("")),
        };
        if let Some(value) = value {
            item.insert(control.path.clone(), value);
        }
    }
    Json::Object(item)
}

/// A key that no sibling has: `question4`. It is good as a part of addresses and as the name of a fact.
fn key(list: &str, siblings: &[Json]) -> String {
    let name = list.rsplit(['.', ']']).next().unwrap_or(list);
    let word: String = one(name)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    free_key(&word, siblings, siblings.len() + 1)
}

/// The first key of the form `word`, `word2`, ... from a number on that no sibling has.
pub(super) fn free_key(word: &str, siblings: &[Json], from: usize) -> String {
    let taken = |key: &str| {
        siblings
            .iter()
            .any(|it| it.get("key").and_then(Json::as_str) == Some(key))
    };
    (from..=from + siblings.len())
        .map(|number| match number {
            1 => word.to_owned(),
            more => format!("{word}{more}"),
        })
        .find(|key| !taken(key))
        .unwrap_or_default()
}

/// A sample's pictures that the hub does not have become pictures that it has.
pub(super) fn with_pictures(controls: &[Control], json: &mut Json, base: &str, desk: &Desk<'_>) {
    for control in controls {
        let name = format!("{base}{}", control.path);
        match &control.kind {
            Kind::List(list) => {
                let count = values::get(json, &name)
                    .and_then(Json::as_array)
                    .map_or(0, Vec::len);
                for at in 0..count {
                    let item = format!("{name}[{at}]");
                    let inside = values::get(json, &item).cloned().unwrap_or_default();
                    let controls = controls_of(list, &inside, desk);
                    with_pictures(&controls, json, &format!("{item}."), desk);
                }
            }
            Kind::Image => {
                let known = |key: &Json| {
                    desk.images
                        .iter()
                        .any(|it| Some(it.as_str()) == key.as_str())
                };
                if values::get(json, &name).is_some_and(|it| !known(it)) {
                    let first = desk.images.first().filter(|_| control.required);
                    values::put(json, &name, first.map(|it| Json::from(it.as_str())));
                }
            }
            _ => {}
        }
    }
}

/// The language to show: the wished one if the hub has it.
pub(super) fn language<'a>(wish: &str, all: &'a [Locale]) -> &'a Locale {
    all.iter()
        .find(|it| it.as_str() == wish)
        .or_else(|| all.first())
        .unwrap_or(&Locale::ENGLISH)
}

#[cfg(test)]
mod tests {
    use engage::cards::{self, Shell};

    use super::{super::control, *};

    /// Gives `act` each kind with its sample and controls.
    fn each(mut act: impl FnMut(&cards::Kind, &[Control], Json, &Desk<'_>)) {
        let all: [Locale; 2] = ["en", "de"].map(|it| it.parse().unwrap());
        let images = ["hero".to_owned()];
        let desk = Desk {
            languages: Languages {
                locale: &all[1],
                all: &all,
            },
            images: &images,
            terms: &[],
            month: "2026-03",
        };
        for kind in cards::kinds() {
            let setup = Json::Object((kind.sample)().setup);
            let controls =
                control::of_setup(&open(kind, &setup).unwrap().controls(), &setup, &all[0]);
            act(kind, &controls, json!({ "setup": setup }), &desk);
        }
    }

    fn open(kind: &cards::Kind, setup: &Json) -> Result<Box<dyn cards::Card>, String> {
        let shell = Shell {
            card_key: "test",
            locales: &[],
            images: &["hero"],
            form_first: false,
        };
        let setup = setup.as_object().cloned().unwrap_or_default();
        kind.open(&setup, &shell).map_err(|error| error.to_string())
    }

    /// Everything that a form with these controls would send.
    fn sent(
        controls: &[Control],
        json: &Json,
        base: &str,
        desk: &Desk<'_>,
        pairs: &mut Vec<(String, String)>,
        lists: &mut Vec<String>,
    ) {
        for control in controls {
            let name = format!("{base}{}", control.path);
            let value = values::get(json, &name);
            if let Kind::List(list) = &control.kind {
                lists.push(name.clone());
                for (at, item) in value
                    .and_then(Json::as_array)
                    .into_iter()
                    .flatten()
                    .enumerate()
                {
                    let controls = controls_of(list, item, desk);
                    sent(
                        &controls,
                        json,
                        &format!("{name}[{at}]."),
                        desk,
                        pairs,
                        lists,
                    );
                }
            } else {
                pairs.push((
                    name,
                    values::shown(&control.kind, value, desk.languages.locale),
                ));
            }
        }
    }

    #[test]
    fn what_is_sent_as_it_was_shown_changes_nothing_in_any_kind_of_card() {
        each(|kind, controls, json, desk| {
            let (mut pairs, mut lists) = (Vec::new(), Vec::new());
            sent(controls, &json, "", desk, &mut pairs, &mut lists);
            let (mut after, mut saved) = (json.clone(), Saved::default());
            values(
                controls,
                &mut after,
                "",
                &Sent::of(&pairs),
                desk,
                &mut saved,
            );
            assert_eq!(after, json, "{}", kind.name);
            assert!(saved.refused.is_empty(), "{}: {saved:?}", kind.name);
        });
    }

    fn without_empty_lists(json: Json) -> Json {
        match json {
            Json::Array(items) => items.into_iter().map(without_empty_lists).collect(),
            Json::Object(members) => {
                let members = members.into_iter();
                let told = members.filter(|(_, it)| it.as_array().is_none_or(|it| !it.is_empty()));
                told.map(|(key, it)| (key, without_empty_lists(it)))
                    .collect()
            }
            other => other,
        }
    }

    #[test]
    fn an_item_can_be_added_to_every_list_of_every_kind_and_taken_away_again() {
        each(|kind, controls, json, desk| {
            let (mut pairs, mut lists) = (Vec::new(), Vec::new());
            sent(controls, &json, "", desk, &mut pairs, &mut lists);
            for list in lists {
                let mut after = json.clone();
                let none = Sent::default();
                let Some((words, item)) =
                    act(controls, &mut after, &format!("add {list}"), &none, desk)
                else {
                    continue;
                };
                assert!(words.starts_with("Add "), "{words}");
                let opened = open(kind, &after["setup"]);
                assert!(
                    opened.is_ok(),
                    "{} with one more in {list}: {}",
                    kind.name,
                    opened.unwrap_err()
                );
                let up = act(controls, &mut after, &format!("up {item}"), &none, desk);
                let item = up.map_or(item, |(_, item)| item);
                act(controls, &mut after, &format!("remove {item}"), &none, desk).unwrap();
                // A list that was not there may stay as an empty one.
                let same = without_empty_lists(after) == without_empty_lists(json.clone());
                assert!(same, "{}: {list}", kind.name);
            }
        });
    }
}
