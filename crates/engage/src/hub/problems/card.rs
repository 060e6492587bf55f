//! What is wrong with the cards of a hub document: shell, setup, form, entry rules.
//! Promises that a form which recognises nobody is noticed before the first entry.
//! Leaves a setup to its kind and a field's settings to its type.

use super::{
    super::doc::{Button, CardDoc, CardForm, CardState, EntryRules, LimitKind},
    Check, Problem, is_field_key, is_slug, shell_images, unknown_kind,
};
use crate::{
    cards::{self, Shell},
    fields::{Asked, FieldDoc, FieldKind},
    form::{Known, RawValue},
    text::Locale,
};

impl<'a> Check<'a> {
    pub(super) fn card(&mut self, at: usize, card: &'a CardDoc) {
        let base = format!("cards[{at}]");
        if !is_slug(&card.key) {
            self.error(
                format!("{base}.key"),
                "this cannot be part of an address",
                "Use 1 to 63 lower-case letters, digits and `-`",
            );
        }
        self.text(format!("{base}.title"), &card.title);
        self.translated(format!("{base}.description"), &card.description);
        self.optional(
            format!("{base}.call_to_action"),
            card.call_to_action.as_ref(),
        );
        self.optional(format!("{base}.author"), card.author.as_ref());
        self.image(format!("{base}.image"), card.image.as_ref());
        if card.state == CardState::Scheduled && card.opens_at.is_none() {
            self.error(
                format!("{base}.opens_at"),
                "a scheduled card needs a start",
                "Write `opens_at`",
            );
        }
        self.times(
            format!("{base}.closes_at"),
            card.opens_at,
            card.closes_at,
            ("opens_at", "closes_at"),
        );
        self.setup(at, card);
        if let Some(form) = &card.form {
            self.form(&base, form);
            self.recognised(&base, card, form);
        }
        if let Some(rules) = &card.entries {
            self.entries(&base, rules);
        }
    }

    fn setup(&mut self, at: usize, card: &CardDoc) {
        let Some(kind) = cards::kind(&card.kind) else {
            self.found.push(unknown_kind(at, &card.kind));
            return;
        };
        let images = shell_images(self.doc);
        let shell = Shell {
            card_key: &card.key,
            locales: &self.doc.hub.locales,
            images: &images,
            form_first: card.form_first(),
        };
        match kind.open(&card.setup, &shell) {
            Err(error) => self.found.push(Problem::setup(at, &error)),
            Ok(engine) => {
                for problem in engine.problems(&shell) {
                    let make = if problem.error {
                        Problem::error
                    } else {
                        Problem::warning
                    };
                    self.found.push(make(
                        format!("cards[{at}].setup.{}", problem.path),
                        problem.message,
                        problem.remedy,
                    ));
                }
                if engine.wants_form() && card.form.is_none() {
                    self.error(
                        format!("cards[{at}].form"),
                        "the card lives by its form, and has no form",
                        "Add a form",
                    );
                }
            }
        }
    }

    fn form(&mut self, base: &str, form: &'a CardForm) {
        let base = format!("{base}.form");
        self.optional(format!("{base}.title"), form.title.as_ref());
        self.optional(format!("{base}.intro"), form.intro.as_ref());
        self.optional(format!("{base}.submit"), form.submit.as_ref());
        if let Some(thanks) = &form.thanks {
            self.optional(format!("{base}.thanks.title"), thanks.title.as_ref());
            self.optional(format!("{base}.thanks.text"), thanks.text.as_ref());
            if let Some(button) = &thanks.button {
                self.button(&format!("{base}.thanks.button"), button);
            }
        }
        if form.fields.is_empty() {
            self.error(
                format!("{base}.fields"),
                "the form asks nothing",
                "Add a field, or remove the form",
            );
        }
        if form.ask_at_most == Some(0) {
            self.error(
                format!("{base}.ask_at_most"),
                "the form would never ask anything new",
                "Write 1 or more, or leave it out to ask everything that is still open",
            );
        }
        if form.ask_at_most.is_some() && form.known != Known::Skip {
            self.warn(
                format!("{base}.ask_at_most"),
                "this has no effect on a form that asks everything each time",
                "Add `known = \"skip\"`, or remove it",
            );
        }
        for (at, field) in form.fields.iter().enumerate() {
            self.field(&format!("{base}.fields[{at}]"), field);
        }
        self.unique(
            &format!("{base}.fields"),
            "key",
            form.fields.iter().map(|field| field.key.as_str()),
        );
    }

    fn button(&mut self, base: &str, button: &Button) {
        self.text(format!("{base}.label"), &button.label);
        match (&button.page, &button.card, &button.url) {
            (Some(page), None, None) => self.page(format!("{base}.page"), page),
            (None, Some(card), None) => self.card_key(format!("{base}.card"), card),
            (None, None, Some(url)) => self.url(format!("{base}.url"), url),
            _ => self.error(
                base,
                "the button needs one destination",
                "Write one of `page`, `card` and `url`",
            ),
        }
    }

    fn field(&mut self, base: &str, field: &FieldDoc) {
        if !is_field_key(&field.key) || field.key == "play_id" {
            self.error(
                format!("{base}.key"),
                "this cannot be the key of a field",
                "Use lower-case letters, digits and `_`, beginning with a letter; `play_id` is taken",
            );
        }
        if !matches!(field.kind, FieldKind::Hidden(_)) {
            self.text(format!("{base}.label"), &field.label);
        }
        self.optional(format!("{base}.help"), field.help.as_ref());
        self.optional(format!("{base}.placeholder"), field.placeholder.as_ref());
        for problem in field.kind.field_type().problems() {
            self.error(
                format!("{base}.{}", problem.key),
                problem.message,
                problem.remedy,
            );
        }
        match &field.kind {
            FieldKind::Terms(setting) => {
                let known: Vec<&str> = self
                    .doc
                    .terms
                    .iter()
                    .map(|terms| terms.key.as_str())
                    .collect();
                self.refer(format!("{base}.terms"), "terms", &setting.terms, &known);
            }
            FieldKind::SingleChoice(choice) => {
                for (at, option) in choice.options.iter().enumerate() {
                    self.translated(format!("{base}.options[{at}].label"), &option.label);
                }
            }
            _ => {}
        }
        if let Some(default) = &field.default {
            // Ages depend on the day; any day does for telling whether the value can be read at all.
            let asked = Asked {
                locale: &Locale::ENGLISH,
                today: jiff::civil::Date::MAX,
            };
            let too_old = |id: &str| id == "birthday-too-old";
            let parsed = field
                .kind
                .field_type()
                .parse(&RawValue::from(default.clone()), &asked);
            if field.is_permission() {
                self.error(
                    format!("{base}.default"),
                    "a consent cannot be given in advance",
                    "Remove the default",
                );
            } else if parsed.is_err_and(|problem| !too_old(problem.id())) {
                self.error(
                    format!("{base}.default"),
                    "the field would refuse this value",
                    "Write a value that it accepts",
                );
            }
        }
    }

    /// Whether two entries of one person can be told from two people's.
    fn recognised(&mut self, base: &str, card: &CardDoc, form: &CardForm) {
        let rules = card.entries.clone().unwrap_or_default();
        if let Some(same_person) = &rules.same_person {
            let known: Vec<&str> = form
                .fields
                .iter()
                .filter(|field| !field.is_permission())
                .map(|field| field.key.as_str())
                .collect();
            for (at, key) in same_person.iter().enumerate() {
                if !known.contains(&key.as_str()) {
                    self.error(
                        format!("{base}.entries.same_person[{at}]"),
                        format!("the form has no field `{key}`"),
                        format!("Use some of its fields: {}", known.join(", ")),
                    );
                }
                if form
                    .fields
                    .iter()
                    .any(|field| field.key == *key && !field.is_required())
                {
                    self.warn(
                        format!("{base}.entries.same_person[{at}]"),
                        format!("people who leave `{key}` empty are not recognised"),
                        "Make the field required",
                    );
                }
            }
        }
        let identity = form
            .fields
            .iter()
            .any(|field| matches!(field.kind, FieldKind::Email(_) | FieldKind::Phone(_)));
        let told = rules
            .same_person
            .as_ref()
            .is_some_and(|fields| !fields.is_empty());
        if !identity && !told && rules.limit != LimitKind::Unlimited {
            self.warn(
                format!("{base}.form.fields"),
                "nobody can be recognised: the form asks neither for an e-mail address nor for a phone number",
                "Add such a field, name `same_person` fields, or write limit = \"unlimited\"",
            );
        }
    }

    fn entries(&mut self, base: &str, rules: &EntryRules) {
        let base = format!("{base}.entries");
        let windowed = matches!(rules.limit, LimitKind::Rolling | LimitKind::Slots);
        if windowed && rules.window_hours.is_none_or(|hours| hours == 0) {
            self.error(
                format!("{base}.window_hours"),
                "the limit needs the length of its window",
                "Write it in hours",
            );
        }
        if rules.limit == LimitKind::Slots && rules.slots_from.is_none() {
            self.error(
                format!("{base}.slots_from"),
                "the first slot has no start",
                "Write when it begins",
            );
        }
        if rules.max == Some(0) {
            self.error(
                format!("{base}.max"),
                "nobody could enter",
                "Write 1 or more",
            );
        }
    }
}
