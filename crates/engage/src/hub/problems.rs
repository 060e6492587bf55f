//! What is wrong with a hub document that could be read: errors stop publishing, warnings don't.
//! Promises the path, the trouble and the remedy of each, all at once, in the order of the document.
//! Leaves the mapping's own checks to `mapping`, a setup's to its kind, a field type's to the type.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use super::{
    contrast::{contrast, rgb},
    doc::{
        Button, CardDoc, CardForm, CardState, EntryRules, HubDoc, LimitKind, Placement,
        PlacementVisibility, Theme,
    },
    load::DocError,
    nearest::nearest,
};
use crate::{
    cards::{self, Shell},
    fields::{Asked, FieldDoc, FieldKind},
    form::RawValue,
    text::{LocalText, Locale},
};

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The hub can be published, but could be better.
    Warning,
    /// The hub can't be published.
    Error,
}

/// Something wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// For example `cards[0].form.fields[2].label`.
    pub path: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl Problem {
    /// An error.
    pub fn error(
        path: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            path: path.into(),
            severity: Severity::Error,
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    /// A warning.
    pub fn warning(
        path: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            path: path.into(),
            severity: Severity::Warning,
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    /// The setup of a card can't be read.
    pub(super) fn setup(card: usize, error: &DocError) -> Self {
        Self::error(
            format!("cards[{card}].setup.{}", error.path),
            error.message.clone(),
            error.remedy.clone(),
        )
    }
}

/// A kind that the registry doesn't have.
pub(super) fn unknown_kind(card: usize, kind: &str) -> Problem {
    let names: Vec<&str> = cards::kinds().map(|kind| kind.name).collect();
    let remedy = match nearest(kind, names.iter().copied()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => format!("Kinds there are: {}", names.join(", ")),
    };
    Problem::error(
        format!("cards[{card}].kind"),
        format!("there is no kind of card `{kind}`"),
        remedy,
    )
}

/// Keys of the hub's images, as cards are told them.
pub(super) fn shell_images(doc: &HubDoc) -> Vec<&str> {
    doc.images.iter().map(|image| image.key.as_str()).collect()
}

/// Parts of addresses: `^[a-z0-9][a-z0-9-]{0,62}$`.
pub(crate) fn is_slug(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && !text.starts_with('-')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Keys of fields and questions: `^[a-z][a-z0-9_]{0,62}$`.
pub(crate) fn is_field_key(text: &str) -> bool {
    text.len() <= 63
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

impl HubDoc {
    /// Everything that is wrong with the document, errors and warnings.
    pub fn problems(&self) -> Vec<Problem> {
        let mut check = Check {
            doc: self,
            found: Vec::new(),
        };
        check.head();
        check.theme(&self.theme);
        check.images();
        check.navigation();
        check.terms();
        check.pages();
        for (at, card) in self.cards.iter().enumerate() {
            let before = check.found.len();
            check.card(at, card);
            // A draft may be wrong as long as it is a draft: it is not part of the publication.
            if card.state == CardState::Draft {
                for problem in check.found.iter_mut().skip(before) {
                    problem.severity = Severity::Warning;
                }
            }
        }
        check.unique(
            "cards",
            "key",
            self.cards.iter().map(|card| card.key.as_str()),
        );
        check.connections();
        check.found
    }
}

struct Check<'a> {
    doc: &'a HubDoc,
    found: Vec<Problem>,
}

impl<'a> Check<'a> {
    fn error(
        &mut self,
        path: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.found.push(Problem::error(path, message, remedy));
    }

    fn warn(
        &mut self,
        path: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.found.push(Problem::warning(path, message, remedy));
    }

    /// Every key once.
    fn unique(&mut self, list: &str, key: &str, values: impl Iterator<Item = &'a str>) {
        let mut seen = BTreeSet::new();
        for (at, value) in values.enumerate() {
            if !seen.insert(value) {
                self.error(
                    format!("{list}[{at}].{key}"),
                    format!("`{value}` stands twice"),
                    "Give each its own",
                );
            }
        }
    }

    /// A text that has to be there, in every language.
    fn text(&mut self, path: impl Into<String>, text: &LocalText) {
        let path = path.into();
        if text.is_empty() {
            self.error(path, "there is no text", "Write what participants read");
        } else {
            self.translated(path, text);
        }
    }

    /// A text that may be left out, but not in some languages only.
    fn translated(&mut self, path: impl Into<String>, text: &LocalText) {
        if text.is_empty() {
            return;
        }
        let path = path.into();
        let missing: Vec<&str> = text
            .missing(&self.doc.hub.locales)
            .map(Locale::as_str)
            .collect();
        for locale in missing {
            self.found.push(Problem::warning(
                path.clone(),
                format!("the text is missing in `{locale}`"),
                "Translate it; until then the default language is shown",
            ));
        }
    }

    fn optional(&mut self, path: String, text: Option<&LocalText>) {
        if let Some(text) = text {
            self.translated(path, text);
        }
    }

    /// A reference to something that has to exist.
    fn refer(&mut self, path: String, thing: &str, key: &str, known: &[&str]) {
        if !known.contains(&key) {
            let remedy = match nearest(key, known.iter().copied()) {
                Some(near) => format!("Did you mean `{near}`?"),
                None if known.is_empty() => format!("Add the {thing} to the hub"),
                None => format!("Add it to the hub, or use one of: {}", known.join(", ")),
            };
            self.error(path, format!("the hub has no {thing} `{key}`"), remedy);
        }
    }

    fn image(&mut self, path: String, key: Option<&String>) {
        if let Some(key) = key {
            self.refer(path, "image", key, &shell_images(self.doc));
        }
    }

    fn page(&mut self, path: String, page: &str) {
        let known: Vec<&str> = self
            .doc
            .pages
            .iter()
            .map(|page| page.path.as_str())
            .collect();
        self.refer(path, "page", page, &known);
    }

    fn card_key(&mut self, path: String, key: &str) {
        let known: Vec<&str> = self
            .doc
            .cards
            .iter()
            .map(|card| card.key.as_str())
            .collect();
        self.refer(path, "card", key, &known);
    }

    /// Only addresses that a participant can safely follow.
    fn url(&mut self, path: String, url: &str) {
        let safe = ["https://", "http://", "mailto:", "tel:"]
            .iter()
            .any(|scheme| url.starts_with(scheme));
        if !safe || url.chars().any(|c| c.is_control() || c.is_whitespace()) {
            self.error(
                path,
                "this is not an address that can be opened",
                "Write it in full, beginning with https://",
            );
        }
    }

    fn times(
        &mut self,
        path: String,
        first: Option<Timestamp>,
        last: Option<Timestamp>,
        names: (&str, &str),
    ) {
        if let (Some(first), Some(last)) = (first, last)
            && first >= last
        {
            let (from, until) = names;
            self.error(
                path,
                format!("`{until}` is not after `{from}`"),
                format!("Make `{from}` earlier than `{until}`"),
            );
        }
    }

    fn head(&mut self) {
        let head = &self.doc.hub;
        if self.doc.format != super::doc::FORMAT {
            self.error(
                "format",
                "this is not a format this version knows",
                format!("Write {}", super::doc::FORMAT),
            );
        }
        if !is_slug(&head.slug) {
            self.error(
                "hub.slug",
                format!(
                    "`{}` cannot be part of an address",
                    head.slug.chars().take(80).collect::<String>()
                ),
                "Use 1 to 63 lower-case letters, digits and `-`, not beginning with `-`",
            );
        }
        self.text("hub.name", &head.name);
        self.translated("hub.description", &head.description);
        if head.locales.is_empty() {
            self.error(
                "hub.locales",
                "the hub speaks no language",
                "Name at least one, the default first",
            );
        }
        let mut seen = BTreeSet::new();
        for locale in &head.locales {
            if !seen.insert(locale) {
                self.error(
                    "hub.locales",
                    format!("`{locale}` stands twice"),
                    "Name each language once",
                );
            }
        }
        self.times(
            "hub.closes_at".to_owned(),
            head.opens_at,
            head.closes_at,
            ("opens_at", "closes_at"),
        );
        self.image("hub.logo".to_owned(), head.logo.as_ref());
        if let Some(address) = &head.contact_email
            && !email_address::EmailAddress::is_valid(address)
        {
            self.error(
                "hub.contact_email",
                "this is not an e-mail address",
                "Write it in the form name@example.com",
            );
        }
    }

    fn theme(&mut self, theme: &Theme) {
        let colours = [
            ("accent", &theme.accent),
            ("on_accent", &theme.on_accent),
            ("background", &theme.background),
            ("surface", &theme.surface),
            ("text", &theme.text),
            ("muted", &theme.muted),
        ];
        for (name, colour) in colours {
            if rgb(colour).is_none() {
                self.error(
                    format!("theme.{name}"),
                    "this is not a colour",
                    "Write it like #C2410C",
                );
            }
        }
        if theme.radius > 40 {
            self.error(
                "theme.radius",
                "the corners are too round",
                "Write a number from 0 to 40",
            );
        }
        // WCAG 2.2: 1.4.3 asks 4.5:1 for text, 1.4.11 asks 3:1 for controls.
        let pairs = [
            ("text", &theme.text, "background", &theme.background, 4.5),
            ("text", &theme.text, "surface", &theme.surface, 4.5),
            ("muted", &theme.muted, "background", &theme.background, 4.5),
            ("muted", &theme.muted, "surface", &theme.surface, 4.5),
            ("on_accent", &theme.on_accent, "accent", &theme.accent, 4.5),
            ("accent", &theme.accent, "surface", &theme.surface, 3.0),
        ];
        for (front, front_colour, back, back_colour, wanted) in pairs {
            let (Some(one), Some(other)) = (rgb(front_colour), rgb(back_colour)) else {
                continue;
            };
            let ratio = contrast(one, other);
            if ratio < wanted {
                // Cut, not rounded: 4.49 must not be called 4.5.
                let shown = (ratio * 100.0).floor() / 100.0;
                self.warn(
                    format!("theme.{front}"),
                    format!("`{front}` on `{back}` has a contrast of {shown}:1, which many people cannot read"),
                    format!("Choose a lighter or darker colour, with at least {wanted}:1"),
                );
            }
        }
    }

    fn images(&mut self) {
        let doc = self.doc;
        for (at, image) in doc.images.iter().enumerate() {
            if !is_field_key(&image.key.replace('-', "_")) {
                self.error(
                    format!("images[{at}].key"),
                    "this cannot be a key",
                    "Use lower-case letters, digits, `-`, `_`",
                );
            }
            let path = format!("images[{at}].file");
            let file = image.file.as_str();
            let inside = !file.is_empty()
                && !file.starts_with(['/', '\\'])
                && !file.contains(':')
                && !file.split(['/', '\\']).any(|part| part == "..");
            if !(inside || file.starts_with("data:image/")) {
                self.error(
                    path,
                    "this is not a file beside the hub",
                    "Write a path below the hub's folder, or a data: URI",
                );
            }
            self.translated(format!("images[{at}].alt"), &image.alt);
            if image.width.is_none() || image.height.is_none() {
                self.warn(
                    format!("images[{at}]"),
                    "the page jumps while this image loads",
                    "Write its width and height in pixels",
                );
            }
        }
        self.unique(
            "images",
            "key",
            doc.images.iter().map(|image| image.key.as_str()),
        );
    }

    fn navigation(&mut self) {
        for (at, item) in self.doc.navigation.iter().enumerate() {
            self.text(format!("navigation[{at}].label"), &item.label);
            match (&item.page, &item.url) {
                (Some(page), None) => self.page(format!("navigation[{at}].page"), page),
                (None, Some(url)) => self.url(format!("navigation[{at}].url"), url),
                _ => self.error(
                    format!("navigation[{at}]"),
                    "the entry needs one destination",
                    "Write either `page` or `url`",
                ),
            }
        }
    }

    fn terms(&mut self) {
        let doc = self.doc;
        for (at, terms) in doc.terms.iter().enumerate() {
            if !is_slug(&terms.key) {
                self.error(
                    format!("terms[{at}].key"),
                    "this cannot be part of an address",
                    "Use lower-case letters, digits and `-`",
                );
            }
            if terms.version.trim().is_empty() {
                self.error(
                    format!("terms[{at}].version"),
                    "the text has no version",
                    "Write one, for example 2026-03",
                );
            }
            self.text(format!("terms[{at}].title"), &terms.title);
            self.text(format!("terms[{at}].text"), &terms.text);
        }
        self.unique(
            "terms",
            "key",
            doc.terms.iter().map(|terms| terms.key.as_str()),
        );
    }

    fn pages(&mut self) {
        let doc = self.doc;
        if !doc.pages.iter().any(|page| page.path.is_empty()) {
            self.warn(
                "pages",
                "the hub has no start page",
                "Add a page with the path \"\"",
            );
        }
        for (at, page) in doc.pages.iter().enumerate() {
            let base = format!("pages[{at}]");
            // `c` and `terms` are the addresses of cards and terms.
            if !page.path.is_empty()
                && (!is_slug(&page.path) || matches!(page.path.as_str(), "c" | "terms"))
            {
                self.error(
                    format!("{base}.path"),
                    "this cannot be the address of a page",
                    "Use lower-case letters, digits and `-`; `c` and `terms` are taken",
                );
            }
            self.text(format!("{base}.title"), &page.title);
            for (at, section) in page.sections.iter().enumerate() {
                let base = format!("{base}.sections[{at}]");
                self.optional(format!("{base}.heading"), section.heading.as_ref());
                self.optional(format!("{base}.text"), section.text.as_ref());
                self.image(format!("{base}.image"), section.image.as_ref());
                for (at, placement) in section.placements.iter().enumerate() {
                    self.placement(&format!("{base}.placements[{at}]"), placement);
                }
            }
        }
        self.unique(
            "pages",
            "path",
            doc.pages.iter().map(|page| page.path.as_str()),
        );
    }

    fn placement(&mut self, base: &str, placement: &Placement) {
        self.card_key(format!("{base}.card"), &placement.card);
        let timed = placement.from.is_some() || placement.until.is_some();
        match placement.visibility {
            PlacementVisibility::Scheduled if !timed => self.error(
                format!("{base}.visibility"),
                "a scheduled placement needs a time",
                "Write `from`, `until` or both",
            ),
            PlacementVisibility::Visible | PlacementVisibility::Hidden if timed => self.warn(
                format!("{base}.visibility"),
                "the times have no effect",
                "Write visibility = \"scheduled\", or remove them",
            ),
            _ => {}
        }
        self.times(
            format!("{base}.until"),
            placement.from,
            placement.until,
            ("from", "until"),
        );
    }

    fn card(&mut self, at: usize, card: &'a CardDoc) {
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
                if !engine.playable() && card.form.is_none() {
                    self.error(
                        format!("cards[{at}].form"),
                        "the card has nothing but its form, and no form",
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

    fn connections(&mut self) {
        let doc = self.doc;
        for (at, connection) in doc.connections.iter().enumerate() {
            let base = format!("connections[{at}]");
            if !is_slug(&connection.key) {
                self.error(
                    format!("{base}.key"),
                    "this cannot be a key",
                    "Use lower-case letters, digits and `-`",
                );
            }
            let attributes = connection
                .attributes
                .iter()
                .map(|attribute| attribute.cards.as_ref());
            let events = connection.events.iter().map(|event| event.cards.as_ref());
            for (list, at, cards) in attributes
                .enumerate()
                .map(|(at, cards)| ("attributes", at, cards))
                .chain(events.enumerate().map(|(at, cards)| ("events", at, cards)))
            {
                for (card, key) in cards.into_iter().flatten().enumerate() {
                    self.card_key(format!("{base}.{list}[{at}].cards[{card}]"), key);
                }
            }
        }
        self.unique(
            "connections",
            "key",
            doc.connections
                .iter()
                .map(|connection| connection.key.as_str()),
        );
    }
}
