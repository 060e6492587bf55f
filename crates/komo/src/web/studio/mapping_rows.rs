//! The rows of the mapping form: what a hub offers on the left, what it becomes in Braze on the right.
//! Promises: every line of the document has a row; what is not mapped has one, too, with a suggestion where there is one.
//! Leaves to others: reading a form back (`braze_desk::lines`).

use engage::{
    hub::{ConnectionDoc, HubDoc},
    mapping::{SourceChoice, cards_of, choices, suggest},
};
use serde_json::Value as Json;

use super::mapping_view::{
    Choice, Consent, Event, Message, Property, Question, Row, Rows, USER, UserChoice,
};
use crate::braze_desk::lines::Line;

fn list(json: &Json, key: &str) -> Vec<Json> {
    json.get(key)
        .and_then(Json::as_array)
        .cloned()
        .unwrap_or_default()
}

pub(super) fn word(json: &Json, key: &str) -> String {
    json.get(key)
        .and_then(Json::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// The sources of a line, as people read them.
fn from_words(line: &Json) -> String {
    match line.get("from") {
        Some(Json::String(one)) if one == "constant" => {
            let value = line
                .get("value")
                .map(ToString::to_string)
                .unwrap_or_default();
            format!("the same for everybody: {value}")
        }
        Some(Json::String(one)) => one.clone(),
        Some(Json::Array(several)) => several
            .iter()
            .filter_map(Json::as_str)
            .collect::<Vec<_>>()
            .join(" + "),
        _ => String::new(),
    }
}

fn only(line: &Json) -> String {
    let cards = list(line, "cards");
    let cards: Vec<&str> = cards.iter().filter_map(Json::as_str).collect();
    cards.join(", ")
}

fn transforms(line: &Json) -> String {
    let all = list(line, "transforms");
    let all: Vec<&str> = all.iter().filter_map(Json::as_str).collect();
    all.join(", ")
}

/// The form of a document.
pub(super) fn rows(hub: &HubDoc, doc: &ConnectionDoc) -> Rows {
    build(Some(hub), doc)
}

/// The form of a document whose hub is of no concern.
pub(super) fn rows_of(doc: &ConnectionDoc) -> Rows {
    build(None, doc)
}

fn build(hub: Option<&HubDoc>, doc: &ConnectionDoc) -> Rows {
    let json = serde_json::to_value(doc).unwrap_or_default();
    let user = json.get("user").cloned().unwrap_or_default();
    let known = hub.and_then(cards_of).unwrap_or_default();
    let catalogue = choices(&known);
    let suggested = hub
        .map(|hub| serde_json::to_value(suggestion_json(hub)).unwrap_or_default())
        .unwrap_or_default();
    let titles = |keys: &[String]| {
        let Some(hub) = hub else { return String::new() };
        let locale = hub.default_locale();
        let names: Vec<&str> = keys
            .iter()
            .filter_map(|key| hub.card(key))
            .map(|card| card.title.get(locale, locale))
            .collect();
        match names.as_slice() {
            [] => String::new(),
            [one] => format!("“{one}”"),
            [one, rest @ ..] => format!("“{one}” and {} more", rest.len()),
        }
    };
    let mut rows = Rows {
        user: USER
            .into_iter()
            .map(|(code, title, words)| UserChoice {
                code,
                title,
                words,
                chosen: word(&user, "by") == code,
            })
            .collect(),
        from: word(&user, "from"),
        label: word(&user, "label"),
        existing_only: user.get("update_existing_only") == Some(&Json::Bool(true)),
        identify: user.get("identify") == Some(&Json::Bool(true)),
        otherwise: list(&user, "otherwise")
            .iter()
            .map(|it| {
                format!(
                    "{} from {}",
                    word(it, "by").replace('_', " "),
                    word(it, "from")
                )
            })
            .collect(),
        sources: catalogue
            .iter()
            .filter(|it| !it.source.starts_with("consent:"))
            .map(|it| Choice {
                label: format!("{} ({})", it.label, it.source),
                source: it.source.clone(),
            })
            .collect(),
        purchases: list(&json, "purchases").len(),
        ..Rows::default()
    };
    attributes(&mut rows, &json, &catalogue, &suggested, &titles);
    consents(&mut rows, &json, &catalogue);
    events(&mut rows, &json);
    rows.suggestions = rows
        .fields
        .iter()
        .filter(|it| !it.suggestion.is_empty())
        .count()
        + rows
            .questions
            .iter()
            .filter(|it| !it.suggestion.is_empty())
            .count();
    rows
}

fn suggestion_json(hub: &HubDoc) -> Json {
    let all = suggest(hub);
    serde_json::json!({"attributes": all.attributes, "questions": all.questions})
}

/// Whether a source is what a play tells rather than what a form asks.
fn is_fact(source: &str) -> bool {
    ![
        "field:",
        "property:",
        "consent:",
        "entry:",
        "card:",
        "hub:",
        "utm:",
        "param:",
        "constant",
    ]
    .iter()
    .any(|kind| source.starts_with(kind))
}

/// Whether a source is about the entry rather than in it.
fn is_about(source: &str) -> bool {
    ["entry:", "card:", "hub:", "utm:", "param:"]
        .iter()
        .any(|kind| source.starts_with(kind))
}

fn attributes(
    rows: &mut Rows,
    json: &Json,
    catalogue: &[SourceChoice],
    suggested: &Json,
    titles: &dyn Fn(&[String]) -> String,
) {
    let mut n = 0;
    let mut lines: Vec<Option<Json>> = list(json, "attributes").into_iter().map(Some).collect();
    let mut questions: Vec<Option<Json>> = list(json, "questions").into_iter().map(Some).collect();
    let offered = |source: &str, key: &str, name: &str| {
        list(suggested, key)
            .iter()
            .find(|it| word(it, "from") == source)
            .map(|it| word(it, name))
            .unwrap_or_default()
    };
    for choice in catalogue {
        let source = choice.source.as_str();
        if source.starts_with("consent:") {
            continue;
        }
        let detail = titles(&choice.cards);
        if is_fact(source) {
            let mut found = false;
            for slot in &mut questions {
                if slot
                    .as_ref()
                    .is_some_and(|line| word(line, "from") == source)
                    && let Some(line) = slot.take()
                {
                    rows.questions
                        .push(question(n, &line, source, &choice.label, &detail));
                    (n, found) = (n + 1, true);
                }
            }
            let mapped = lines
                .iter()
                .flatten()
                .any(|line| word(line, "from") == source);
            if !found && !mapped {
                let empty = Json::Null;
                let mut row = question(n, &empty, source, &choice.label, &detail);
                row.suggestion = offered(source, "questions", "attribute");
                rows.questions.push(row);
                n += 1;
            }
            if !mapped {
                continue;
            }
        }
        let mut found = false;
        for slot in &mut lines {
            if slot
                .as_ref()
                .is_some_and(|line| word(line, "from") == source)
                && let Some(line) = slot.take()
            {
                let row = attribute(n, &line, source, &choice.label, &detail);
                if is_fact(source) {
                    rows.others.push(row);
                } else if is_about(source) {
                    rows.about.push(row);
                } else {
                    rows.fields.push(row);
                }
                (n, found) = (n + 1, true);
            }
        }
        // What a profile knows is offered as the form's own field already.
        if !found && !is_fact(source) && !source.starts_with("property:") {
            let mut row = attribute(n, &Json::Null, source, &choice.label, &detail);
            row.suggestion = offered(source, "attributes", "to");
            if is_about(source) {
                rows.about.push(row);
            } else {
                rows.fields.push(row);
            }
            n += 1;
        }
    }
    for line in questions.into_iter().flatten() {
        let source = from_words(&line);
        rows.questions
            .push(question(n, &line, &source, &source, ""));
        n += 1;
    }
    for line in lines.into_iter().flatten() {
        let label = from_words(&line);
        rows.others
            .push(attribute(n, &line, &word(&line, "from"), &label, ""));
        n += 1;
    }
}

fn attribute(n: usize, line: &Json, source: &str, label: &str, detail: &str) -> Row {
    let mut detail = detail.to_owned();
    let changed = transforms(line);
    if !changed.is_empty() {
        detail.push(' ');
        detail.push_str(&changed);
    }
    let label = if label.is_empty() { source } else { label };
    Row {
        to: word(line, "to"),
        kind: word(line, "type"),
        op: word(line, "operation"),
        only: only(line),
        line: Line::of(n, line),
        label: label.to_owned(),
        detail,
        source: source.to_owned(),
        suggestion: String::new(),
        message: Message {
            field: format!("row-{n}-to"),
            ..Message::default()
        },
    }
}

fn question(n: usize, line: &Json, source: &str, label: &str, detail: &str) -> Question {
    Question {
        attribute: word(line, "attribute"),
        event: word(line, "event"),
        op: word(line, "operation"),
        line: Line::of(n, line),
        label: label.to_owned(),
        detail: detail.to_owned(),
        source: source.to_owned(),
        suggestion: String::new(),
        message: Message {
            field: format!("q-{n}-attribute"),
            ..Message::default()
        },
    }
}

fn consents(rows: &mut Rows, json: &Json, catalogue: &[SourceChoice]) {
    let mut lines: Vec<Option<Json>> = list(json, "consents").into_iter().map(Some).collect();
    let mut n = 0;
    let mut add = |line: &Json, source: &str, label: &str| {
        let to = word(line, "to");
        let group = to.strip_prefix("group:").unwrap_or_default().to_owned();
        rows.consents.push(Consent {
            to: if group.is_empty() {
                to
            } else {
                "group".to_owned()
            },
            group,
            withheld: word(line, "withheld"),
            line: Line::of(n, line),
            label: label.to_owned(),
            source: source.to_owned(),
            message: Message {
                field: format!("c-{n}-to"),
                ..Message::default()
            },
        });
        n += 1;
    };
    for choice in catalogue
        .iter()
        .filter(|it| it.source.starts_with("consent:"))
    {
        let mut found = false;
        for slot in &mut lines {
            if slot
                .as_ref()
                .is_some_and(|line| word(line, "from") == choice.source)
                && let Some(line) = slot.take()
            {
                add(&line, &choice.source, &choice.label);
                found = true;
            }
        }
        if !found {
            add(&Json::Null, &choice.source, &choice.label);
        }
    }
    for line in lines.into_iter().flatten() {
        let source = word(&line, "from");
        add(&line, &source, &source);
    }
}

fn events(rows: &mut Rows, json: &Json) {
    let mut lines = list(json, "events");
    // An empty one at the end, to be filled.
    lines.push(Json::Null);
    for (n, line) in lines.iter().enumerate() {
        let mut properties: Vec<Property> = list(line, "properties")
            .iter()
            .enumerate()
            .map(|(m, it)| Property {
                m,
                from: from_words_of(it),
                to: word(it, "to"),
                carried: it.to_string(),
            })
            .collect();
        properties.push(Property {
            m: properties.len(),
            from: String::new(),
            to: String::new(),
            carried: String::new(),
        });
        rows.events.push(Event {
            name: word(line, "name"),
            on: word(line, "on"),
            all: word(line, "all_answers"),
            only: only(line),
            line: Line::of(n, line),
            properties,
            message: Message {
                field: format!("e-{n}-name"),
                ..Message::default()
            },
        });
    }
}

/// One source is shown as it is chosen; several are carried along.
fn from_words_of(line: &Json) -> String {
    match line.get("from") {
        Some(Json::String(one)) => one.clone(),
        _ => from_words(line),
    }
}
