//! From a form as authored to a form as shown: one view per field, with what was typed and what is wrong with it.
//! Promises a label, an `autocomplete` token where one exists, and errors tied to their inputs.
//! Checking answers is `engage::form`'s.

use std::collections::BTreeMap;

use engage::{
    fields::{Asked, ControlShape, FieldDoc, InputSpec},
    form::{Known, Place, RawValue},
    hub::{CardDoc, CardForm},
    text::{LocalText, markdown},
};

use super::{
    Site, Visit, build,
    view::{Control, ErrorLine, FieldView, FormView, KnownView, LinkView, OptionView},
};

/// Whether a posted text means a ticked box.
fn is_yes(value: &str) -> bool {
    matches!(value, "true" | "on" | "1" | "yes")
}

/// The form of a card.
pub(super) fn form(site: &Site<'_>, card: &CardDoc, form: &CardForm, visit: &Visit) -> FormView {
    let words = build::words(site);
    let optional = |text: Option<&LocalText>| {
        text.map(|text| build::local(site, text))
            .unwrap_or_default()
    };
    let asked = Asked {
        locale: site.locale,
        today: build::today(site),
    };
    let prefilled: BTreeMap<_, _> = form.prefilled(site.told, &asked).into_iter().collect();
    let fields: Vec<FieldView> = form
        .places(site.told, &asked)
        .filter(|(_, place)| *place == Place::Asked)
        .map(|(doc, _)| field(site, doc, &asked, visit, prefilled.get(&doc.key)))
        .collect();
    let errors = visit
        .errors
        .iter()
        .map(|error| ErrorLine {
            target: fields
                .iter()
                .find(|field| field.name == error.field && field.control != Control::Hidden)
                .map(|field| match field.control {
                    Control::Radio => field
                        .options
                        .first()
                        .map_or_else(|| field.id.clone(), |first| first.id.clone()),
                    _ => field.id.clone(),
                })
                .unwrap_or_default(),
            message: error.message.clone(),
        })
        .collect();
    let submit = optional(form.submit.as_ref());
    FormView {
        action: build::entries_href(site, &card.key),
        play_id: visit.play_id.map(|id| id.to_string()).unwrap_or_default(),
        fresh: false,
        leads_on: false,
        title: optional(form.title.as_ref()),
        intro_html: markdown::html(&optional(form.intro.as_ref())),
        submit: if submit.is_empty() {
            words.say(words.submit)
        } else {
            submit.into()
        },
        known: known(site, card, form),
        fields,
        errors,
        thanks: build::thanks(site, card),
        again: build::again(site, None),
        closed: build::closed(site, None),
    }
}

/// Earlier answers are used without asking; whose they are is said, for the next person at the same device.
fn known(site: &Site<'_>, card: &CardDoc, form: &CardForm) -> Option<KnownView> {
    if form.known == Known::Ask || site.told.is_empty() {
        return None;
    }
    let words = build::words(site);
    let who = ["email", "phone"]
        .iter()
        .find_map(|key| site.told.get(*key)?.as_str());
    Some(KnownView {
        line: who.map_or_else(
            || words.known_here.to_owned(),
            |who| format!("{} {who}", words.known_as),
        ),
        end: build::end_href(site),
        card: card.key.clone(),
    })
}

fn field(
    site: &Site<'_>,
    doc: &FieldDoc,
    asked: &Asked<'_>,
    visit: &Visit,
    prefilled: Option<&String>,
) -> FieldView {
    let words = build::words(site);
    let spec = doc.input(asked, site.publication.default_locale());
    let say = |sent: &RawValue| {
        doc.parse(sent, asked)
            .err()
            .map(|problem| problem.message(site.locale, &spec.label))
    };
    let beyond = |limit: Option<&String>, by: i8| {
        let value = outside(limit?, by)?;
        say(&RawValue::from(value.as_str()))
    };
    let short = || say(&RawValue::from("a")).filter(|_| spec.min_length > Some(1));
    let value = visit
        .values
        .get(&doc.key)
        .or(prefilled)
        .or(spec.value.as_ref())
        .cloned()
        .unwrap_or_default();
    FieldView {
        id: spec.id(),
        control: match spec.shape {
            ControlShape::Input => Control::Input,
            ControlShape::Radio => Control::Radio,
            ControlShape::Select => Control::Select,
            ControlShape::Checkbox => Control::Tick,
            ControlShape::Hidden => Control::Hidden,
        },
        input_type: spec.input_type.to_owned(),
        input_mode: spec.inputmode.unwrap_or_default().to_owned(),
        autocomplete: spec.autocomplete.unwrap_or_default().to_owned(),
        terms: spec
            .terms
            .as_deref()
            .and_then(|key| site.publication.doc().terms(key))
            .map(|terms| LinkView {
                label: build::local(site, &terms.title).into(),
                href: build::terms_href(site, &terms.key),
                current: false,
            }),
        required: spec.required,
        ticked: is_yes(&value),
        options: options(&spec, &value),
        suggestions: spec.suggestions.clone(),
        attributes: attributes(&spec),
        error: visit
            .errors
            .iter()
            .find(|error| error.field == doc.key)
            .map(|error| error.message.clone())
            .unwrap_or_default(),
        // The island says what the server would say.
        missing: say(&RawValue::Null).unwrap_or_else(|| words.missing.to_owned()),
        invalid: say(&RawValue::from("?")).unwrap_or_else(|| words.invalid.to_owned()),
        low: beyond(spec.min.as_ref(), -1)
            .or_else(short)
            .unwrap_or_default(),
        high: beyond(spec.max.as_ref(), 1).unwrap_or_default(),
        help: spec.help.unwrap_or_default(),
        placeholder: spec.placeholder.unwrap_or_default(),
        label: spec.label,
        name: spec.key,
        value,
    }
}

/// A number or day beyond a limit, to hear what the field says about it.
fn outside(limit: &str, by: i8) -> Option<String> {
    if let Ok(number) = limit.parse::<f64>() {
        return Some((number + f64::from(by)).to_string());
    }
    let day: jiff::civil::Date = limit.parse().ok()?;
    let beyond = day.checked_add(jiff::Span::new().days(by)).ok()?;
    Some(beyond.to_string())
}

/// The choices of a radio group or a list.
fn options(spec: &InputSpec, value: &str) -> Vec<OptionView> {
    let view = |key: &str, label: &str| OptionView {
        id: format!("{}-{key}", spec.id()),
        value: key.to_owned(),
        label: label.to_owned(),
        selected: value == key,
    };
    spec.options
        .iter()
        .map(|option| view(&option.value, &option.label))
        .collect()
}

/// Attributes that only some inputs have. Limits of numbers are the island's to check, because numbers are typed
/// into text inputs.
fn attributes(spec: &InputSpec) -> Vec<(&'static str, String)> {
    let mut attributes = Vec::new();
    if spec.verbatim {
        attributes.push(("autocapitalize", "none".to_owned()));
        attributes.push(("spellcheck", "false".to_owned()));
    }
    let number = spec.field_type == "number";
    if number {
        attributes.push(("data-number", String::new()));
    }
    let limits = [
        ("minlength", spec.min_length.map(|least| least.to_string())),
        ("maxlength", spec.max_length.map(|most| most.to_string())),
        (if number { "data-min" } else { "min" }, spec.min.clone()),
        (if number { "data-max" } else { "max" }, spec.max.clone()),
    ];
    attributes.extend(
        limits
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    attributes
}
