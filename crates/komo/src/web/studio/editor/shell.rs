//! The controls that the studio itself declares: what all cards share, the look of a hub, its texts.
//! Promises: groups in the order in which a hub is made.
//! Leaves to others: what a kind of card adds (`control::of_setup`).

use engage::{
    cards::{self, Shell},
    hub::{CardDoc, HubDoc},
    text::{Locale, texts},
};
use serde_json::Value as Json;

use super::control::{self, Control, Items, Kind, List, choices};

/// Controls under one heading.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) help: &'static str,
    pub(super) controls: Vec<Control>,
}

const fn group(
    id: &'static str,
    title: &'static str,
    help: &'static str,
    controls: Vec<Control>,
) -> Group {
    Group {
        id,
        title,
        help,
        controls,
    }
}

/// The controls of a kind, also where a setup can't be opened at the moment.
fn of_kind(doc: &HubDoc, card: &CardDoc, locale: &Locale) -> Vec<Control> {
    let Some(kind) = cards::kind(&card.kind) else {
        return Vec::new();
    };
    let images: Vec<&str> = doc.images.iter().map(|it| it.key.as_str()).collect();
    let shell = Shell {
        card_key: &card.key,
        locales: &doc.hub.locales,
        images: &images,
        form_first: card.form_first(),
    };
    let opened = kind
        .open(&card.setup, &shell)
        .or_else(|_| kind.open(&(kind.sample)().setup, &shell));
    let setup = Json::Object(card.setup.clone());
    opened.map_or_else(
        |_| Vec::new(),
        |it| control::of_setup(&it.controls(), &setup, locale),
    )
}

/// Everything of a card.
pub(super) fn of_card(doc: &HubDoc, card: &CardDoc, locale: &Locale) -> Vec<Group> {
    let text = |path: &str, label: &str| Control::new(path, label, Kind::LocalText);
    let long = |path: &str, label: &str| Control::new(path, label, Kind::LongText);
    let cover = vec![
        text("title", "Title").required(),
        long("description", "Description").help("A sentence or two below the title."),
        Control::new("image", "Picture", Kind::Image),
        text("call_to_action", "Button").help("What the button on the hub’s page says."),
        text("author", "Presented by"),
    ];
    let setup = of_kind(doc, card, locale);
    let mut groups = vec![group("cover", "Cover", "What people see first.", cover)];
    if !setup.is_empty() {
        groups.push(group("content", "Content", "", setup));
    }
    if let Some(form) = &card.form {
        groups.push(group(
            "form",
            "Form",
            "What people tell you.",
            of_form(!card.setup.is_empty()),
        ));
        let fields = form.fields.iter().filter(|it| !it.is_permission());
        let fields = fields
            .map(|it| {
                (
                    it.key.clone(),
                    it.label.get(locale, doc.default_locale()).to_owned(),
                )
            })
            .collect();
        groups.push(group(
            "rules",
            "Entry rules",
            "How often the same person may enter.",
            of_rules(fields),
        ));
    }
    let states = choices(&[
        ("published", "Shown when the hub is published"),
        ("scheduled", "Shown from its start on"),
        ("draft", "A draft: not part of what is published"),
    ]);
    groups.push(group(
        "schedule",
        "Schedule",
        "All times are in UTC.",
        vec![
            Control::new("state", "Visibility", Kind::Choice(states)).required(),
            Control::new("opens_at", "Opens", Kind::Moment),
            Control::new("closes_at", "Closes", Kind::Moment)
                .help("From then on the card is shown as closed."),
        ],
    ));
    groups
}

fn of_form(playable: bool) -> Vec<Control> {
    let text = |path: &str, label: &str| Control::new(path, label, Kind::LocalText);
    let fields = Kind::List(List {
        items: Items::Fields,
        min: 0,
        max: 40,
    });
    let places = choices(&[
        ("start", "Before the play: you know who plays"),
        ("end", "After the play: people are already with you"),
    ]);
    let mut all = Vec::new();
    if playable {
        all.push(Control::new(
            "form.position",
            "Where it stands",
            Kind::Choice(places),
        ));
    }
    all.extend([
        Control::new("form.fields", "Fields", fields),
        text("form.title", "Heading"),
        Control::new("form.intro", "Text above the fields", Kind::LongText),
        text("form.submit", "Button"),
        text("form.thanks.title", "Thanks: heading"),
        Control::new("form.thanks.text", "Thanks: text", Kind::LongText),
    ]);
    all
}

fn of_rules(fields: Vec<(String, String)>) -> Vec<Control> {
    let number =
        |path: &str, label: &str, max| Control::new(path, label, Kind::Number { min: 1, max });
    let limits = choices(&[
        ("single", "Once and never again"),
        ("rolling", "Some entries within a number of hours"),
        ("slots", "Some entries in each period, counted from a start"),
        ("unlimited", "As often as wanted"),
    ]);
    vec![
        Control::new("entries.limit", "How often", Kind::Choice(limits)),
        number("entries.window_hours", "Hours", 24 * 366).when("entries.limit=rolling|slots"),
        number("entries.max", "Entries in that time", 1_000).when("entries.limit=rolling|slots"),
        Control::new("entries.slots_from", "First period starts", Kind::Moment)
            .when("entries.limit=slots"),
        Control::new(
            "entries.same_person",
            "The same person has the same",
            Kind::Several(fields),
        )
        .help("Left empty, e-mail or phone decide."),
        Control::new("entries.closes_at", "No entries from", Kind::Moment).help("In UTC."),
    ]
}

/// The look of a hub.
pub(super) fn of_look() -> Vec<Group> {
    let colour = |path: &str, label: &str| Control::new(path, label, Kind::Colour).required();
    let fonts = choices(&[
        ("system", "Plain: the device’s own"),
        ("serif", "With serifs"),
        ("rounded", "Rounded"),
        ("mono", "Typewriter"),
    ]);
    let font =
        |path: &str, label: &str| Control::new(path, label, Kind::Choice(fonts.clone())).required();
    vec![
        group(
            "colours",
            "Colours",
            "Contrast is checked with every change.",
            vec![
                colour("theme.accent", "Buttons and marks"),
                colour("theme.on_accent", "Text on buttons"),
                colour("theme.background", "Background"),
                colour("theme.surface", "Cards and forms"),
                colour("theme.text", "Text"),
                colour("theme.muted", "Secondary text"),
            ],
        ),
        group(
            "shapes",
            "Letters and shapes",
            "",
            vec![
                font("theme.heading_font", "Headings"),
                font("theme.body_font", "Everything else"),
                Control::new(
                    "theme.radius",
                    "Roundness of corners",
                    Kind::Number { min: 0, max: 40 },
                )
                .required(),
                Control::new("hub.logo", "Logo", Kind::Image),
            ],
        ),
    ]
}

/// The texts of a hub that belong to no card.
pub(super) fn of_texts(doc: &HubDoc) -> Vec<Group> {
    let text = |path: &str, label: &str| Control::new(path, label, Kind::LocalText);
    let long = |path: &str, label: &str| Control::new(path, label, Kind::LongText);
    let known = texts::languages();
    let mut languages: Vec<(String, String)> = Vec::new();
    for locale in known.iter().chain(&doc.hub.locales) {
        let code = locale.to_string();
        if !languages.iter().any(|(it, _)| *it == code) {
            languages.push((code, crate::web::pages::texts::own_name(locale).to_owned()));
        }
    }
    let mut groups = vec![group(
        "name",
        "The hub",
        "",
        vec![
            text("hub.name", "Name").required(),
            long("hub.description", "Description").help("For search engines and shared links."),
            Control::new("hub.locales", "Languages", Kind::Several(languages))
                .required()
                .help("The first is the one that is shown where a text is missing."),
            Control::new("hub.contact_email", "E-mail for questions", Kind::Text),
        ],
    )];
    if let Some(start) = doc.pages.iter().position(|page| page.path.is_empty()) {
        let looks = choices(&[
            ("hero", "Large, with a picture"),
            ("grid", "Cards side by side"),
            ("row", "One line that scrolls"),
        ]);
        let section = vec![
            text("heading", "Heading"),
            long("text", "Text"),
            Control::new("image", "Picture", Kind::Image),
            Control::new("layout", "Layout", Kind::Choice(looks)),
        ];
        let path = format!("pages[{start}].sections");
        groups.push(group(
            "start",
            "Start page",
            "Cards are put into sections on the page Cards.",
            vec![Control::list(&path, "Sections", section, 0, 30)],
        ));
    }
    let terms = vec![
        text("title", "Title").required(),
        Control::new("key", "Key", Kind::Key),
        Control::new("version", "Version", Kind::Text)
            .required()
            .help("Change it whenever the text changes, for example 2026-03."),
        long("text", "Text").required(),
    ];
    groups.push(group(
        "terms",
        "Terms and privacy",
        "People agree to these in forms. Their exact text is kept with each consent.",
        vec![Control::list("terms", "Terms", terms, 0, 20)],
    ));
    groups
}
