//! What differs between the draft and what is live, in words.
//! Promises: parts are known by their keys, not by their places; values are shown, long ones cut.
//! Leaves to others: which is which (`publish`).

use std::collections::BTreeMap;

use engage::hub::HubDoc;
use serde_json::Value as Json;

use super::{
    control::{Control, Items, Kind},
    draw::capital,
    fields,
    part::Part,
};

/// How many lines of one part are shown.
const MOST_LINES: usize = 12;
const LONGEST: usize = 60;

/// A part of the hub that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// `Added`, `Changed`, `Removed`.
    pub(super) what: &'static str,
    pub(super) title: String,
    pub(super) lines: Vec<String>,
    /// How many more there are.
    pub(super) more: usize,
}

/// What the draft has, lacks and says otherwise.
pub(super) fn between(live: &HubDoc, draft: &HubDoc) -> Vec<Difference> {
    let mut all = Vec::new();
    let locale = draft.default_locale();
    for card in &draft.cards {
        let part = Part::Card(card.key.clone());
        let title = part.title(draft);
        let Some(before) = live.card(&card.key) else {
            all.push(plain("Added", title));
            continue;
        };
        if before == card {
            continue;
        }
        let (before, after) = (json(before), json(card));
        let controls: Vec<Control> = part
            .groups(draft, locale)
            .into_iter()
            .flat_map(|it| it.controls)
            .collect();
        all.extend(changed(title, &before, &after, &controls));
    }
    for card in &live.cards {
        if draft.card(&card.key).is_none() {
            all.push(plain("Removed", Part::Card(card.key.clone()).title(live)));
        }
    }
    let rest = |doc: &HubDoc| {
        let mut doc = doc.clone();
        doc.cards.clear();
        doc.connections.clear();
        doc.hub.state = engage::hub::HubState::Published;
        doc
    };
    let (before, after) = (json(&rest(live)), json(&rest(draft)));
    for (name, title) in [
        ("hub", "The hub"),
        ("theme", "Look"),
        ("pages", "Pages"),
        ("terms", "Terms"),
        ("navigation", "Menu"),
        ("images", "Pictures"),
        ("mail", "Mails"),
    ] {
        let only = |json: &Json| {
            let mut one = serde_json::Map::new();
            if let Some(value) = json.get(name) {
                one.insert(name.to_owned(), value.clone());
            }
            Json::Object(one)
        };
        let part = if name == "theme" {
            Part::Look
        } else {
            Part::Texts
        };
        let controls: Vec<Control> = part
            .groups(draft, locale)
            .into_iter()
            .flat_map(|it| it.controls)
            .collect();
        all.extend(changed(
            title.to_owned(),
            &only(&before),
            &only(&after),
            &controls,
        ));
    }
    all
}

fn json(value: &impl serde::Serialize) -> Json {
    serde_json::to_value(value).unwrap_or_default()
}

fn plain(what: &'static str, title: String) -> Difference {
    Difference {
        what,
        title,
        lines: Vec::new(),
        more: 0,
    }
}

fn changed(title: String, before: &Json, after: &Json, controls: &[Control]) -> Option<Difference> {
    let (mut old, mut new) = (BTreeMap::new(), BTreeMap::new());
    leaves(before, "", &mut old);
    leaves(after, "", &mut new);
    let mut lines = Vec::new();
    for (path, value) in &new {
        let name = words(path, controls);
        match old.get(path) {
            None => lines.push(format!("{name}: {} added", quoted(value))),
            Some(was) if was != value => {
                lines.push(format!("{name}: {} becomes {}", quoted(was), quoted(value)));
            }
            Some(_) => {}
        }
    }
    for (path, value) in &old {
        if !new.contains_key(path) {
            lines.push(format!(
                "{}: {} removed",
                words(path, controls),
                quoted(value)
            ));
        }
    }
    let more = lines.len().saturating_sub(MOST_LINES);
    lines.truncate(MOST_LINES);
    (!lines.is_empty()).then_some(Difference {
        what: "Changed",
        title,
        lines,
        more,
    })
}

fn quoted(value: &str) -> String {
    let short: String = value.chars().take(LONGEST).collect();
    let dots = if short.len() < value.len() { "…" } else { "" };
    format!("“{short}{dots}”")
}

/// Every single value by its path. Keys of items are no value of their own.
fn leaves(json: &Json, path: &str, all: &mut BTreeMap<String, String>) {
    match json {
        Json::Object(members) => {
            for (name, value) in members
                .iter()
                .filter(|(name, _)| *name != "key" && *name != "type")
            {
                let below = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                leaves(value, &below, all);
            }
        }
        Json::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                leaves(item, &format!("{path}[{at}]"), all);
            }
        }
        Json::Null => {}
        Json::String(text) => {
            if !text.is_empty() {
                all.insert(path.to_owned(), text.clone());
            }
        }
        Json::Bool(yes) => {
            all.insert(path.to_owned(), if *yes { "yes" } else { "no" }.to_owned());
        }
        Json::Number(number) => {
            all.insert(path.to_owned(), number.to_string());
        }
    }
}

/// A path in the words of the controls: "Questions 2, options 1, label (de)".
fn words(path: &str, controls: &[Control]) -> String {
    let mut said: Vec<String> = Vec::new();
    say(path, controls, &mut said);
    capital(&said.join(", ").to_lowercase())
}

fn say(path: &str, controls: &[Control], said: &mut Vec<String>) {
    for control in controls {
        let Some(rest) = path.strip_prefix(control.path.as_str()) else {
            continue;
        };
        if rest.is_empty() {
            said.push(control.label.clone());
            return;
        }
        if let Some(locale) = rest.strip_prefix('.') {
            said.push(format!("{} ({locale})", control.label));
            return;
        }
        let Some((number, rest)) = rest.strip_prefix('[').and_then(|it| it.split_once(']')) else {
            continue;
        };
        let number = number.parse::<usize>().unwrap_or(0) + 1;
        said.push(format!("{} {number}", super::save::one(&control.label)));
        let rest = rest.trim_start_matches('.');
        match &control.kind {
            _ if rest.is_empty() => {}
            Kind::List(list) => match &list.items {
                Items::Alike(controls) => say(rest, controls, said),
                Items::Fields => {
                    let all = [
                        "single_choice",
                        "short_text",
                        "consent",
                        "number",
                        "birthday",
                        "phone",
                        "terms",
                        "hidden",
                    ];
                    let controls: Vec<Control> = all
                        .iter()
                        .flat_map(|kind| fields::controls(kind, &[]))
                        .collect();
                    say(rest, &controls, said);
                }
            },
            _ => said.push(rest.to_owned()),
        }
        return;
    }
    // What no control offers, as it is called in files.
    let plain: String = path
        .split(['.', '['])
        .map(|it| it.trim_end_matches(']').replace('_', " "))
        .map(|it| {
            it.parse::<usize>()
                .map_or(it, |number| (number + 1).to_string())
        })
        .collect::<Vec<_>>()
        .join(" ");
    said.push(plain);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_differs_is_said_in_the_words_of_the_editor() {
        let live = crate::cli::sample_hub().unwrap();
        let mut json = serde_json::to_value(&live).unwrap();
        json["cards"][0]["title"]["de"] = json!("Komm rein");
        json["cards"][1]["setup"]["options"][1]["label"]["en"] = json!("Fig");
        json["cards"][0]["form"]["fields"][1]["required"] = json!(true);
        json["theme"]["accent"] = json!("#112233");
        let mut draft = HubDoc::from_value(json).unwrap();
        draft.cards.remove(3);
        let found = between(&live, &draft);
        let lines: Vec<String> = found.iter().flat_map(|it| it.lines.clone()).collect();
        for wanted in [
            "Title (de): “Komm in den Thekenclub” becomes “Komm rein”",
            "Answer 2, answer (en): “Fig and ricotta” becomes “Fig”",
            "Field 2, required: “no” becomes “yes”",
            "Buttons and marks: “#B4174F” becomes “#112233”",
        ] {
            assert!(
                lines.iter().any(|it| it.contains(wanted)),
                "{wanted}: {lines:#?}"
            );
        }
        assert!(found.iter().any(|it| it.what == "Removed"));
        assert_eq!(between(&live, &live), []);
    }
}
