//! From a form as authored to a form as shown: one view per field, with what was typed and what is wrong with it.
//! Promises a label, an `autocomplete` token where one exists, and errors tied to their inputs.
//! Checking answers is `engage::form`'s.

use std::collections::BTreeMap;

use engage::{
    fields::{FieldDoc, FieldKind, single_choice::ChoiceStyle},
    hub::{CardDoc, CardForm},
    text::LocalText,
};

use super::{
    Site, build, markdown,
    texts::Texts,
    view::{Control, ErrorLine, FieldView, FormView, LinkView, OptionView},
};

/// What a form starts with: prefill values, or what was typed and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// Values by field key; ticked boxes are `true`.
    pub values: BTreeMap<String, String>,
    /// Problems: field key (empty for the whole form) and sentence.
    pub errors: Vec<(String, String)>,
}

/// Whether a posted text means a ticked box.
fn is_yes(value: &str) -> bool {
    matches!(value, "true" | "on" | "1" | "yes")
}

/// The form of a card.
pub(super) fn form(
    site: &Site<'_>,
    card: &CardDoc,
    form: &CardForm,
    play_id: &str,
    answers: &Answers,
) -> FormView {
    let words = build::words(site);
    let optional = |text: Option<&LocalText>| {
        text.map(|text| build::local(site, text))
            .unwrap_or_default()
    };
    let fields: Vec<FieldView> = form
        .fields
        .iter()
        .map(|doc| field(site, doc, answers))
        .collect();
    let errors = answers
        .errors
        .iter()
        .map(|(key, message)| ErrorLine {
            target: fields
                .iter()
                .find(|field| field.name == *key && field.control != Control::Hidden)
                .map(|field| match field.control {
                    Control::Radio => field
                        .options
                        .first()
                        .map_or_else(|| field.id.clone(), |first| first.id.clone()),
                    _ => field.id.clone(),
                })
                .unwrap_or_default(),
            message: message.clone(),
        })
        .collect();
    let submit = optional(form.submit.as_ref());
    FormView {
        action: build::entries_href(site, &card.key),
        play_id: play_id.to_owned(),
        title: optional(form.title.as_ref()),
        intro_html: markdown::to_html(&optional(form.intro.as_ref())),
        submit: if submit.is_empty() {
            words.submit.to_owned()
        } else {
            submit
        },
        fields,
        errors,
        thanks: build::thanks(site, card),
        again: build::again(site),
        closed: build::closed(site, None),
    }
}

fn field(site: &Site<'_>, doc: &FieldDoc, answers: &Answers) -> FieldView {
    let words = build::words(site);
    let optional = |text: Option<&LocalText>| {
        text.map(|text| build::local(site, text))
            .unwrap_or_default()
    };
    let value = answers
        .values
        .get(&doc.key)
        .cloned()
        .unwrap_or_else(|| match &doc.default {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(serde_json::Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        });
    let mut view = FieldView {
        id: format!("f-{}", doc.key),
        name: doc.key.clone(),
        control: Control::Input,
        input_type: "text".to_owned(),
        input_mode: String::new(),
        autocomplete: autocomplete(doc).to_owned(),
        label: build::local(site, &doc.label),
        terms: None,
        help: optional(doc.help.as_ref()),
        placeholder: optional(doc.placeholder.as_ref()),
        required: doc.required,
        ticked: is_yes(&value),
        value,
        options: Vec::new(),
        suggestions: Vec::new(),
        attributes: Vec::new(),
        error: answers
            .errors
            .iter()
            .find(|(key, _)| *key == doc.key)
            .map(|(_, message)| message.clone())
            .unwrap_or_default(),
        missing: words.missing.to_owned(),
        invalid: words.invalid.to_owned(),
    };
    shape(site, doc, words, &mut view);
    view
}

/// What the type of the field adds.
fn shape(site: &Site<'_>, doc: &FieldDoc, words: &'static Texts, view: &mut FieldView) {
    let option = |view: &FieldView, key: &str, label: String| OptionView {
        id: format!("{}-{key}", view.id),
        value: key.to_owned(),
        label,
        selected: view.value == key,
    };
    match &doc.kind {
        FieldKind::Email(_) => {
            "email".clone_into(&mut view.input_type);
            words.invalid_email.clone_into(&mut view.invalid);
            view.attributes.push(("spellcheck", "false".to_owned()));
            view.attributes.push(("autocapitalize", "none".to_owned()));
        }
        FieldKind::Phone(_) => "tel".clone_into(&mut view.input_type),
        FieldKind::ShortText(text) => {
            if let Some(least) = text.min_length {
                view.attributes.push(("minlength", least.to_string()));
            }
            view.attributes
                .push(("maxlength", text.max_length.unwrap_or(200).to_string()));
            view.suggestions.clone_from(&text.suggestions);
        }
        FieldKind::Number(number) => {
            view.input_mode = if number.integer { "numeric" } else { "decimal" }.to_owned();
            view.attributes.push(("data-number", String::new()));
            if let Some(min) = number.min {
                view.attributes.push(("data-min", min.to_string()));
            }
            if let Some(max) = number.max {
                view.attributes.push(("data-max", max.to_string()));
            }
        }
        FieldKind::Birthday(_) => "date".clone_into(&mut view.input_type),
        FieldKind::SingleChoice(choice) => {
            view.control = match choice.style {
                ChoiceStyle::Radio => Control::Radio,
                ChoiceStyle::Select => Control::Select,
            };
            view.options = choice
                .options
                .iter()
                .map(|wanted| option(view, &wanted.key, build::local(site, &wanted.label)))
                .collect();
        }
        FieldKind::Country(_) => {
            view.control = Control::Select;
            view.options = countries(words.locale)
                .map(|(code, name)| option(view, code, name.to_owned()))
                .collect();
        }
        FieldKind::YesNo(_) => {
            view.control = Control::Radio;
            let (yes, no) = (
                is_yes(&view.value),
                matches!(view.value.as_str(), "false" | "0" | "no"),
            );
            view.options = vec![
                OptionView {
                    selected: yes,
                    ..option(view, "true", words.yes.to_owned())
                },
                OptionView {
                    selected: no,
                    ..option(view, "false", words.no.to_owned())
                },
            ];
        }
        FieldKind::Consent(_) => view.control = Control::Tick,
        FieldKind::Terms(terms) => {
            view.control = Control::Tick;
            view.required = true;
            view.terms = site.doc.terms(&terms.terms).map(|terms| LinkView {
                label: build::local(site, &terms.title),
                href: build::terms_href(site, &terms.key),
                current: false,
            });
        }
        FieldKind::Hidden(hidden) => {
            view.control = Control::Hidden;
            if view.value.is_empty() {
                view.value = hidden.value.clone().unwrap_or_default();
            }
        }
    }
}

/// The token that lets the browser fill the input (HTML, "autofill detail tokens").
fn autocomplete(doc: &FieldDoc) -> &'static str {
    match (&doc.kind, doc.property().unwrap_or(&doc.key)) {
        (FieldKind::Email(_), _) => "email",
        (FieldKind::Phone(_), _) => "tel",
        (FieldKind::Birthday(_), _) => "bday",
        (FieldKind::Country(_), _) => "country",
        (FieldKind::ShortText(_), "first_name") => "given-name",
        (FieldKind::ShortText(_), "last_name") => "family-name",
        (FieldKind::ShortText(_), "name") => "name",
        (FieldKind::ShortText(_), "city") => "address-level2",
        (FieldKind::ShortText(_), "postal_code" | "zip") => "postal-code",
        _ => "",
    }
}

/// ISO 3166-1 codes and names (CLDR) in the order of a language.
fn countries(locale: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let list = if locale == "de" {
        include_str!("countries.de.tsv")
    } else {
        include_str!("countries.en.tsv")
    };
    list.lines().filter_map(|line| line.split_once('\t'))
}
