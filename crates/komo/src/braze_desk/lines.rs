//! A mapping as a form: rows out of a document, a document out of rows.
//! Promises: what the form does not show (cards, transforms, purchases) is carried along untouched; every problem finds the field
//! it is about. Leaves to others: what is wrong (`engage::mapping`), how a row looks (`web::studio`).

use engage::hub::{ConnectionDoc, Problem};
use serde_json::{Map, Value as Json, json};

/// One line of the form: what is authored, and what the form does not show of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// Its number among the lines of its kind; part of the names of its fields.
    pub n: usize,
    /// Everything that is authored, as JSON.
    pub rest: Map<String, Json>,
}

impl Line {
    /// A line of a stored document.
    pub fn of(n: usize, json: &Json) -> Self {
        Self {
            n,
            rest: json.as_object().cloned().unwrap_or_default(),
        }
    }

    /// A text of it; empty when it is not there or no text.
    pub fn text(&self, key: &str) -> &str {
        self.rest
            .get(key)
            .and_then(Json::as_str)
            .unwrap_or_default()
    }

    /// Everything, as it travels through the form.
    pub fn carried(&self) -> String {
        if self.rest.is_empty() {
            String::new()
        } else {
            Json::Object(self.rest.clone()).to_string()
        }
    }

    /// Sets a text, or takes it out when it is empty.
    fn put(&mut self, key: &str, value: &str) {
        if value.is_empty() {
            self.rest.remove(key);
        } else {
            self.rest.insert(key.to_owned(), value.into());
        }
    }
}

/// Which kind of line, by the letter that its fields begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Attributes.
    Row,
    /// Questions.
    Question,
    /// Consents.
    Consent,
    /// Events.
    Event,
}

impl Kind {
    const fn letter(self) -> &'static str {
        match self {
            Self::Row => "row",
            Self::Question => "q",
            Self::Consent => "c",
            Self::Event => "e",
        }
    }

    /// The list in the document.
    const fn list(self) -> &'static str {
        match self {
            Self::Row => "attributes",
            Self::Question => "questions",
            Self::Consent => "consents",
            Self::Event => "events",
        }
    }

    /// The field at which a problem of a line is shown.
    const fn target(self) -> &'static str {
        match self {
            Self::Row | Self::Consent => "to",
            Self::Question => "attribute",
            Self::Event => "name",
        }
    }
}

/// A document made of a form, with the number that each of its lines has in the form.
#[derive(Clone, Debug)]
pub struct Typed {
    /// The document.
    pub doc: ConnectionDoc,
    numbers: Vec<(Kind, Vec<usize>)>,
}

/// A problem with the field it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The field's name in the form; empty when it is about none.
    pub field: String,
    /// Whether it stops saving.
    pub error: bool,
    /// What is wrong and what to do.
    pub words: String,
}

/// The pairs of a form, looked up by name.
struct Pairs<'a>(&'a [(String, String)]);

impl Pairs<'_> {
    fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.trim())
            .unwrap_or_default()
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// The numbers of a kind's lines in the order of the form.
    fn numbers(&self, letter: &str) -> Vec<usize> {
        let prefix = format!("{letter}-");
        let mut found = Vec::new();
        for (key, _) in self.0 {
            let number = key
                .strip_prefix(&prefix)
                .and_then(|rest| rest.split_once('-'))
                .and_then(|(number, _)| number.parse::<usize>().ok());
            if let Some(number) = number
                && found.last() != Some(&number)
                && !found.contains(&number)
            {
                found.push(number);
            }
        }
        found
    }
}

impl Typed {
    /// Reads a form over the document it was made from. The sentence says why it can't be one at all.
    pub fn read(base: &ConnectionDoc, pairs: &[(String, String)]) -> Result<Self, String> {
        let pairs = Pairs(pairs);
        let mut doc = serde_json::to_value(base).map_err(|error| error.to_string())?;
        let object = doc.as_object_mut().ok_or("no document")?;
        let mut user = Line::of(0, object.get("user").unwrap_or(&Json::Null));
        user.put("by", pairs.get("by"));
        user.put("from", pairs.get("from"));
        user.put(
            "label",
            if pairs.get("by") == "alias" {
                pairs.get("label")
            } else {
                ""
            },
        );
        user.rest.insert(
            "update_existing_only".into(),
            pairs.has("update_existing_only").into(),
        );
        if pairs.has("identify") && pairs.get("by") == "external_id" {
            user.rest.insert("identify".into(), true.into());
        } else {
            user.rest.remove("identify");
        }
        object.insert("user".into(), Json::Object(user.rest));
        let mut numbers = Vec::new();
        for kind in [Kind::Row, Kind::Question, Kind::Consent, Kind::Event] {
            let mut list = Vec::new();
            let mut places = Vec::new();
            for n in pairs.numbers(kind.letter()) {
                if let Some(line) = line(kind, n, &pairs) {
                    list.push(Json::Object(line.rest));
                    places.push(n);
                }
            }
            if list.is_empty() {
                object.remove(kind.list());
            } else {
                object.insert(kind.list().into(), Json::Array(list));
            }
            numbers.push((kind, places));
        }
        let doc = serde_json::from_value(doc).map_err(|error| error.to_string())?;
        Ok(Self { doc, numbers })
    }

    /// Puts each problem at its field.
    pub fn place(&self, problems: Vec<Problem>) -> Vec<Placed> {
        problems
            .into_iter()
            .map(|it| Placed {
                field: self.field(&it.path),
                error: it.severity == engage::hub::Severity::Error,
                words: format!("{} {}", sentence(&it.message), it.remedy)
                    .trim_end()
                    .to_owned(),
            })
            .collect()
    }

    /// `connections[0].attributes[3].to` to `row-7-to`.
    fn field(&self, path: &str) -> String {
        let path = path.strip_prefix("connections[0].").unwrap_or(path);
        if let Some(part) = path.strip_prefix("user.") {
            let part = part.split(['.', '[']).next().unwrap_or_default();
            return if matches!(part, "by" | "from" | "label") {
                part.to_owned()
            } else {
                "by".to_owned()
            };
        }
        for (kind, numbers) in &self.numbers {
            let place = path
                .strip_prefix(kind.list())
                .and_then(|rest| rest.strip_prefix('['))
                .and_then(|rest| rest.split_once(']'))
                .and_then(|(place, _)| place.parse::<usize>().ok());
            if let Some(n) = place.and_then(|place| numbers.get(place)) {
                return format!("{}-{n}-{}", kind.letter(), kind.target());
            }
        }
        String::new()
    }
}

fn sentence(text: &str) -> String {
    let text = text.trim_end_matches('.');
    format!("{text}.")
}

/// One line as it was sent; none when its target was left empty.
fn line(kind: Kind, n: usize, pairs: &Pairs<'_>) -> Option<Line> {
    let name = |part: &str| format!("{}-{n}-{part}", kind.letter());
    let get = |part: &str| pairs.get(&name(part)).to_owned();
    let rest = serde_json::from_str(pairs.get(&name("rest"))).unwrap_or_default();
    let mut line = Line { n, rest };
    if !line.rest.contains_key("from") && kind != Kind::Event {
        line.put("from", &get("from"));
    }
    match kind {
        Kind::Row => {
            let to = get("to");
            if to.is_empty() {
                return None;
            }
            line.put("to", &to);
            line.put("type", &get("type"));
            let operation = get("op");
            line.put(
                "operation",
                if operation == "set" { "" } else { &operation },
            );
        }
        Kind::Question => {
            let (attribute, event) = (get("attribute"), get("event"));
            if attribute.is_empty() && event.is_empty() {
                return None;
            }
            line.put("attribute", &attribute);
            line.put("event", &event);
            let operation = get("op");
            line.put(
                "operation",
                if operation == "set" { "" } else { &operation },
            );
        }
        Kind::Consent => {
            let to = match get("to").as_str() {
                "group" => format!("group:{}", get("group")),
                other => other.to_owned(),
            };
            if to.is_empty() {
                return None;
            }
            line.put("to", &to);
            line.put("withheld", &get("withheld"));
        }
        Kind::Event => {
            let title = get("name");
            if title.is_empty() {
                return None;
            }
            line.put("name", &title);
            line.put("on", &get("on"));
            line.put("all_answers", &get("all"));
            let mut properties = Vec::new();
            for m in 0..100 {
                let (from, to) = (get(&format!("{m}-from")), get(&format!("{m}-to")));
                if from.is_empty() && to.is_empty() {
                    continue;
                }
                let carried = get(&format!("{m}-rest"));
                let mut property: Map<String, Json> =
                    serde_json::from_str(&carried).unwrap_or_default();
                if !property.get("from").is_some_and(Json::is_array) {
                    property.insert("from".into(), json!(from));
                }
                property.insert("to".into(), json!(to));
                properties.push(Json::Object(property));
            }
            if properties.is_empty() {
                line.rest.remove("properties");
            } else {
                line.rest
                    .insert("properties".into(), Json::Array(properties));
            }
        }
    }
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> ConnectionDoc {
        serde_json::from_value(json!({
            "key": "braze", "endpoint": "US-01",
            "user": {"by": "alias", "label": "komo_email", "from": "field:email"},
            "attributes": [
                {"from": "field:first_name", "to": "first_name", "cards": ["welcome"]},
                {"from": "field:country", "to": "country"}
            ]
        }))
        .unwrap()
    }

    fn pairs(text: &[(&str, &str)]) -> Vec<(String, String)> {
        text.iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn what_the_form_does_not_show_is_carried_along() {
        let base = base();
        let carried = serde_json::to_string(&base.attributes[0]).unwrap();
        let typed = Typed::read(
            &base,
            &pairs(&[
                ("by", "email"),
                ("from", "field:email"),
                ("row-4-rest", &carried),
                ("row-4-to", "given_name"),
                ("row-5-rest", ""),
                ("row-5-from", "field:country"),
                ("row-5-to", ""),
                ("row-9-from", "field:scoops"),
                ("row-9-to", "scoops"),
                ("row-9-op", "set"),
            ]),
        )
        .unwrap();
        let json = serde_json::to_value(&typed.doc).unwrap();
        assert_eq!(json["attributes"][0]["cards"], json!(["welcome"]));
        assert_eq!(json["attributes"][0]["to"], "given_name");
        assert_eq!(
            json["attributes"][1],
            json!({"from": "field:scoops", "to": "scoops"})
        );
        assert_eq!(
            json["attributes"].as_array().unwrap().len(),
            2,
            "an empty target is no line"
        );
        assert_eq!(
            json["user"].get("label"),
            None,
            "a label belongs to an alias"
        );
        assert_eq!(
            typed.field("connections[0].attributes[1].to"),
            "row-9-to",
            "a problem finds its field"
        );
        assert_eq!(typed.field("connections[0].user.from"), "from");
        assert_eq!(typed.field("connections[0].purchases[0].price"), "");
    }

    #[test]
    fn what_is_no_mapping_at_all_is_a_sentence_and_no_panic() {
        for odd in [
            vec![("by", "telepathy"), ("from", "field:email")],
            vec![
                ("by", "email"),
                ("row-1-rest", "{\"surprise\": 1}"),
                ("row-1-to", "x"),
                ("row-1-from", "field:x"),
            ],
            vec![
                ("by", "email"),
                ("row-1-to", "x"),
                ("row-1-from", "field:x"),
                ("row-1-type", "soup"),
            ],
        ] {
            assert!(Typed::read(&base(), &pairs(&odd)).is_err(), "{odd:?}");
        }
    }
}
