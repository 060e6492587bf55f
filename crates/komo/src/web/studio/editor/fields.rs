//! Fields of a form, as a marketer chooses them.
//! Promises: a new field has a key, a label in the hub's languages, and all that its type needs.
//! Leaves to others: the types (`engage::fields`).

use serde_json::{Map, Value as Json, json};

use super::{
    control::{Control, Kind, choices},
    save::{Desk, free_key},
};

/// A field to choose: wish, name, key, type, and its label in English and German.
struct Wish {
    code: &'static str,
    name: &'static str,
    kind: &'static str,
    labels: [&'static str; 2],
}

const fn wish(
    code: &'static str,
    name: &'static str,
    kind: &'static str,
    labels: [&'static str; 2],
) -> Wish {
    Wish {
        code,
        name,
        kind,
        labels,
    }
}

/// What is offered, the most usual first. The code is the key, too: some keys have a meaning of their own (`email`).
static WISHES: [Wish; 13] = [
    wish("email", "E-mail", "email", ["E-mail", "E-Mail"]),
    wish(
        "first_name",
        "First name",
        "short_text",
        ["First name", "Vorname"],
    ),
    wish(
        "last_name",
        "Last name",
        "short_text",
        ["Last name", "Nachname"],
    ),
    wish("phone", "Phone", "phone", ["Phone", "Telefon"]),
    wish(
        "birthday",
        "Date of birth",
        "birthday",
        ["Date of birth", "Geburtsdatum"],
    ),
    wish("country", "Country", "country", ["Country", "Land"]),
    wish(
        "newsletter",
        "Consent",
        "consent",
        [
            "Yes, send me news by e-mail. I can stop it at any time.",
            "Ja, schickt mir Neuigkeiten per E-Mail. Ich kann sie jederzeit abbestellen.",
        ],
    ),
    wish(
        "terms",
        "Terms to agree to",
        "terms",
        ["I agree to the terms.", "Ich stimme den Bedingungen zu."],
    ),
    wish(
        "answer",
        "Short answer",
        "short_text",
        ["Your answer", "Deine Antwort"],
    ),
    wish(
        "choice",
        "One of several",
        "single_choice",
        ["Your choice", "Deine Wahl"],
    ),
    wish("number", "Number", "number", ["How many?", "Wie viele?"]),
    wish("agree", "Yes or no", "yes_no", ["Yes, please", "Ja, bitte"]),
    wish("note", "Hidden value", "hidden", ["", ""]),
];

/// What can be added: code and name.
pub(super) fn wishes() -> Vec<(String, String)> {
    WISHES
        .iter()
        .map(|it| (it.code.to_owned(), it.name.to_owned()))
        .collect()
}

/// What a type is called.
pub(super) fn type_name(kind: &str) -> &'static str {
    match kind {
        "email" => "E-mail",
        "short_text" => "Short answer",
        "phone" => "Phone",
        "single_choice" => "One of several",
        "country" => "Country",
        "birthday" => "Date of birth",
        "number" => "Number",
        "yes_no" => "Yes or no",
        "consent" => "Consent",
        "terms" => "Terms",
        "hidden" => "Hidden",
        _ => "Field",
    }
}

/// A new field of the wished sort; an e-mail where nothing known is wished.
pub(super) fn new(code: &str, siblings: &[Json], desk: &Desk<'_>) -> Json {
    let Some(wish) = WISHES.iter().find(|it| it.code == code).or(WISHES.first()) else {
        return Json::Null;
    };
    let mut field = Map::new();
    field.insert("key".into(), free_key(wish.code, siblings, 1).into());
    field.insert("type".into(), wish.kind.into());
    let [english, german] = wish.labels;
    if !english.is_empty() {
        let texts = desk.languages.all.iter().filter_map(|locale| {
            let text = match locale.language() {
                "en" => english,
                "de" => german,
                _ => return None,
            };
            Some((locale.to_string(), Json::from(text)))
        });
        let texts: Map<String, Json> = texts.collect();
        let label = if texts.is_empty() {
            Json::from(english)
        } else {
            Json::Object(texts)
        };
        field.insert("label".into(), label);
    }
    match wish.kind {
        "email" => drop(field.insert("required".into(), json!(true))),
        "single_choice" => drop(field.insert(
            "options".into(),
            json!([{ "key": "option1", "label": "" }, { "key": "option2", "label": "" }]),
        )),
        "consent" => {
            field.insert("version".into(), desk.month.into());
            field.insert("subscription".into(), wish.code.into());
        }
        "terms" => {
            let first = desk.terms.first().map(|(key, _)| key.clone());
            field.insert("terms".into(), first.unwrap_or_default().into());
        }
        "hidden" => drop(field.insert("value".into(), json!(""))),
        _ => {}
    }
    Json::Object(field)
}

/// The controls of a field, by its type.
pub(super) fn controls(kind: &str, terms: &[(String, String)]) -> Vec<Control> {
    let number =
        |path: &str, label: &str, min, max| Control::new(path, label, Kind::Number { min, max });
    let label = match kind {
        "hidden" => None,
        "consent" => Some(
            Control::new("label", "The text that is agreed to", Kind::LocalText)
                .help("Exactly what people read is kept with each consent."),
        ),
        _ => Some(Control::new("label", "Label", Kind::LocalText)),
    };
    let mut all: Vec<Control> = label.map(Control::required).into_iter().collect();
    all.push(Control::new("key", "Key", Kind::Key));
    if !matches!(kind, "hidden" | "terms") {
        all.push(Control::new("required", "Required", Kind::YesNo));
    }
    match kind {
        "single_choice" => {
            let option = vec![
                Control::new("label", "Option", Kind::LocalText).required(),
                Control::new("key", "Key", Kind::Key),
            ];
            all.push(Control::list("options", "Options", option, 2, 50));
            let looks = choices(&[("radio", "All in sight"), ("select", "A drop-down list")]);
            all.push(Control::new("style", "Look", Kind::Choice(looks)));
        }
        "short_text" => {
            all.push(number("max_length", "Longest answer, in letters", 1, 1000));
            let help = "Offered while people type, one a line.";
            let suggestions = Kind::Texts { max: 50 };
            all.push(Control::new("suggestions", "Suggestions", suggestions).help(help));
        }
        "number" => {
            all.push(number("min", "Smallest", -1_000_000, 1_000_000));
            all.push(number("max", "Largest", -1_000_000, 1_000_000));
            all.push(Control::new("integer", "Whole numbers only", Kind::YesNo));
        }
        "birthday" => all.push(number("min_age", "Youngest age", 0, 120)),
        "phone" => {
            let help = "Two letters, for numbers without a country code: DE.";
            all.push(Control::new("region", "Country of local numbers", Kind::Text).help(help));
        }
        "consent" => {
            let help = "Change it whenever the text changes, for example 2026-03.";
            all.push(
                Control::new("version", "Version of the text", Kind::Text)
                    .required()
                    .help(help),
            );
            let help = "The name of the permission, as the mapping to Braze calls it.";
            all.push(Control::new("subscription", "Subscription", Kind::Text).help(help));
        }
        "terms" => {
            let help = "The texts themselves are on the page Texts.";
            all.push(
                Control::new("terms", "Which terms", Kind::Choice(terms.to_vec()))
                    .required()
                    .help(help),
            );
        }
        "hidden" => {
            all.push(Control::new("value", "Value", Kind::Text));
            let help = "Name of a parameter in the address that sets the value.";
            all.push(Control::new("prefill", "From the address", Kind::Text).help(help));
        }
        _ => {}
    }
    if !matches!(kind, "hidden" | "terms" | "consent") {
        all.push(Control::new(
            "help",
            "Hint below the label",
            Kind::LocalText,
        ));
    }
    all
}
