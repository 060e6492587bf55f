//! An editor's page: the form with its controls, the preview beside it, what is answered when it was saved.
//! Promises: what was typed stays in the form whatever becomes of it; a form that is drawn anew has the same ids.
//! Leaves to others: what is saved (`edit`), single controls (`draw`).

use askama::Template;
use axum::response::Response;
use engage::hub::HubDoc;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value as Json;
use store::hubs::drafts::Around;

use super::{
    super::{
        access::AtHub,
        frame::{At, Frame, hub_name, hub_path, with_status, workspace_path},
        problem::StudioProblem,
    },
    drafts::Draft,
    draw::{Drawing, Field, Finding, finding},
    part::Part,
    save::{self, Desk},
    values::{self, Languages},
};
use crate::{clock, web::door};

type Answer = Result<Response, StudioProblem>;

/// Where the hub's draft stands: what can be taken back.
#[derive(Template)]
#[template(path = "editor_bar.html", config = "src/web/studio/askama.toml")]
pub(super) struct Bar {
    pub(super) base: String,
    /// Where to come back to.
    pub(super) back: String,
    pub(super) undo: Option<String>,
    pub(super) redo: Option<String>,
    pub(super) may_edit: bool,
    /// It takes the place of the one on the page.
    pub(super) swap: bool,
}

impl Bar {
    pub(super) fn new(at: &AtHub, back: &str, around: &Around, swap: bool) -> Self {
        Self {
            base: hub_path(&at.hub.slug),
            back: back.to_owned(),
            undo: around.undo.clone(),
            redo: around.redo.clone(),
            may_edit: at.place.role >= store::accounts::Role::Editor,
            swap,
        }
    }
}

/// What is shown beside an editor.
pub(super) struct Preview {
    pub(super) base: String,
    /// Below the preview's address: `/c/quiz`, or nothing for the start page.
    pub(super) path: String,
    pub(super) lang: String,
    /// Whether there are several states to look at.
    pub(super) states: bool,
}

struct GroupView {
    id: &'static str,
    title: &'static str,
    help: &'static str,
    fields: Vec<Field>,
    /// A form that can be taken away, or put there.
    removable: bool,
}

/// The form with all controls of a part.
#[derive(Template)]
#[template(path = "editor_form.html", config = "src/web/studio/askama.toml")]
struct Form {
    address: String,
    seen: String,
    lang: String,
    languages: Vec<(String, String)>,
    groups: Vec<GroupView>,
    /// A card without a form.
    formless: bool,
    elsewhere: Vec<Finding>,
    /// Who has saved something else meanwhile.
    meanwhile: String,
    may_edit: bool,
}

#[derive(Template)]
#[template(path = "editor.html", config = "src/web/studio/askama.toml")]
struct EditorPage {
    frame: Frame,
    tabs: Tabs,
    bar: Bar,
    form: Form,
    preview: Preview,
}

/// What is said at a control.
struct Said {
    id: String,
    problems: Vec<Finding>,
}

/// What an autosave answers: what is right and wrong now, and no inputs.
#[derive(Template)]
#[template(path = "editor_saved.html", config = "src/web/studio/askama.toml")]
struct SavedPart {
    saved: String,
    seen: String,
    said: Vec<Said>,
    elsewhere: Vec<Finding>,
    bar: Bar,
}

/// An editor's form that takes the place of the one on the page.
#[derive(Template)]
#[template(path = "editor_again.html", config = "src/web/studio/askama.toml")]
struct Again {
    form: Form,
    bar: Bar,
    saved: String,
}

/// The pages of a hub, with the one that is shown.
#[derive(Template)]
#[template(path = "editor_tabs.html", config = "src/web/studio/askama.toml")]
pub(super) struct Tabs {
    pub(super) base: String,
    pub(super) current: &'static str,
}

impl Tabs {
    pub(super) fn new(at: &AtHub, current: &'static str) -> Self {
        Self {
            base: hub_path(&at.hub.slug),
            current,
        }
    }
}

/// The frame of a page that shows the preview of a hub.
pub(super) fn frame(at: &AtHub, doc: &HubDoc, title: &str, query: &[(String, String)]) -> Frame {
    Frame::new(&at.found, Some(&at.place), At::Hubs, title)
        .crumb("Hubs", workspace_path(at.place.workspace))
        .crumb(&hub_name(doc), hub_path(&at.hub.slug))
        .crumb(title, "")
        .done(query)
}

/// A page that may frame our own pages.
pub(super) fn framing(status: StatusCode, template: &impl Template) -> Answer {
    let mut response = with_status(status, template)?;
    let policy = format!("{}; frame-src 'self'", door::CONTENT_SECURITY_POLICY);
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response
            .headers_mut()
            .insert(http::header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

/// What is to be shown besides the draft itself.
#[derive(Default)]
pub(super) struct View {
    pub(super) lang: String,
    pub(super) touched: String,
    /// `add`, `up`, `down`, `remove`.
    pub(super) how: String,
    pub(super) meanwhile: String,
    /// What was typed and is not stored, in place of the draft's.
    pub(super) typed: Option<Json>,
    pub(super) refused: Vec<(String, String)>,
}

pub(super) fn whole(
    at: &AtHub,
    part: &Part,
    draft: &Draft,
    around: &Around,
    view: &View,
    status: StatusCode,
    query: &[(String, String)],
) -> Answer {
    let form = form_of(at, part, draft, view);
    let back = format!("{}?lang={}", part.path(), form.lang);
    let mut frame = frame(at, &draft.doc, &part.title(&draft.doc), query);
    frame.wrong = status != StatusCode::OK;
    let (current, path) = match part {
        Part::Card(key) => ("cards", format!("/c/{key}")),
        Part::Look => ("look", String::new()),
        Part::Texts => ("texts", String::new()),
    };
    framing(
        status,
        &EditorPage {
            frame,
            tabs: Tabs::new(at, current),
            bar: Bar::new(at, &back, around, false),
            preview: Preview {
                base: format!("{}/preview", hub_path(&at.hub.slug)),
                states: !path.is_empty(),
                path,
                lang: form.lang.clone(),
            },
            form,
        },
    )
}

/// Gives `act` what is known about the draft.
pub(super) fn with_desk<T>(draft: &Draft, lang: &str, act: impl FnOnce(Desk<'_>) -> T) -> T {
    let doc = &draft.doc;
    let locale = save::language(lang, &doc.hub.locales);
    let images: Vec<String> = doc.images.iter().map(|it| it.key.clone()).collect();
    let default = doc.default_locale();
    let terms: Vec<(String, String)> = doc
        .terms
        .iter()
        .map(|it| (it.key.clone(), it.title.get(default, default).to_owned()))
        .collect();
    let month = clock::today().strftime("%Y-%m").to_string();
    act(Desk {
        languages: Languages {
            locale,
            all: &doc.hub.locales,
        },
        images: &images,
        terms: &terms,
        month: &month,
    })
}

fn form_of(at: &AtHub, part: &Part, draft: &Draft, view: &View) -> Form {
    let doc = &draft.doc;
    let place = part.place(doc).unwrap_or_default();
    let prefix = if place.is_empty() {
        String::new()
    } else {
        format!("{place}.")
    };
    let mut findings: Vec<Finding> = doc
        .problems()
        .iter()
        .filter(|it| part.owns(doc, &it.path))
        .filter_map(|it| finding(it, &prefix))
        .collect();
    findings.extend(view.refused.iter().map(|(path, words)| Finding {
        path: path.clone(),
        error: true,
        words: words.clone(),
        placed: false,
    }));
    let locale = save::language(&view.lang, &doc.hub.locales);
    let groups = part.groups(doc, locale);
    let json = view.typed.as_ref().unwrap_or(&draft.json);
    let json = values::get(json, &place).cloned().unwrap_or_default();
    let pictures: Vec<(String, String)> = doc
        .images
        .iter()
        .map(|it| {
            (
                it.key.clone(),
                super::draw::capital(&it.key.replace(['-', '_'], " ")),
            )
        })
        .collect();
    let may_edit = at.place.role >= store::accounts::Role::Editor;
    let (groups, elsewhere) = with_desk(draft, &view.lang, |desk| {
        let mut drawing = Drawing {
            desk,
            pictures: &pictures,
            findings,
            touched: view.touched.clone(),
            how: view.how.clone(),
            may_edit,
        };
        let needs_form = needs_form(part, doc);
        let groups: Vec<GroupView> = groups
            .iter()
            .map(|group| GroupView {
                id: group.id,
                title: group.title,
                help: group.help,
                fields: drawing.fields(&group.controls, &json, ""),
                removable: group.id == "form" && !needs_form,
            })
            .collect();
        let left = drawing.findings.into_iter().filter(|it| !it.placed);
        (groups, left.collect())
    });
    let name = |locale| crate::web::pages::texts::own_name(locale).to_owned();
    let languages = doc.hub.locales.iter().map(|it| (it.to_string(), name(it)));
    Form {
        address: format!("{}{}", hub_path(&at.hub.slug), part.path()),
        seen: part.seen(&draft.json, &place),
        lang: locale.to_string(),
        languages: languages.collect(),
        groups,
        formless: matches!(part, Part::Card(key) if doc.card(key).is_some_and(|it| it.form.is_none())),
        elsewhere,
        meanwhile: view.meanwhile.clone(),
        may_edit,
    }
}

/// Whether a card is nothing without its form.
fn needs_form(part: &Part, doc: &HubDoc) -> bool {
    let Part::Card(key) = part else { return false };
    doc.card(key).is_some_and(|card| card.setup.is_empty())
}

pub(super) fn again(
    at: &AtHub,
    part: &Part,
    draft: &Draft,
    around: &Around,
    view: &View,
    status: StatusCode,
) -> Answer {
    let form = form_of(at, part, draft, view);
    let back = format!("{}?lang={}", part.path(), form.lang);
    let saved = if status == StatusCode::OK {
        saved_words()
    } else {
        "Not saved".to_owned()
    };
    let mut response = with_status(
        status,
        &Again {
            form,
            bar: Bar::new(at, &back, around, true),
            saved,
        },
    )?;
    let headers = response.headers_mut();
    let set = [
        ("hx-retarget", "#editor"),
        ("hx-reswap", "outerHTML show:none"),
    ];
    for (name, value) in set {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    tell(headers);
    Ok(response)
}

/// The preview is out of date.
fn tell(headers: &mut HeaderMap) {
    headers.insert(
        HeaderName::from_static("hx-trigger"),
        HeaderValue::from_static("komo-saved"),
    );
}

fn saved_words() -> String {
    let now = super::super::frame::full(clock::now());
    format!("Saved {}", now.get(11..16).unwrap_or_default())
}

/// What is said at each control.
fn flat(fields: Vec<Field>, said: &mut Vec<Said>) {
    for field in fields {
        for item in field.items {
            flat(item.fields, said);
        }
        said.push(Said {
            id: field.id,
            problems: field.problems,
        });
    }
}

/// The answer to what was saved while somebody types: what is right and wrong now, and no inputs.
pub(super) fn saved_part(
    at: &AtHub,
    part: &Part,
    draft: &Draft,
    around: &Around,
    view: &View,
) -> Answer {
    let form = form_of(at, part, draft, view);
    let back = format!("{}?lang={}", part.path(), form.lang);
    let mut said = Vec::new();
    for group in form.groups {
        flat(group.fields, &mut said);
    }
    let saved = if view.refused.is_empty() {
        saved_words()
    } else {
        "Not all of it is saved".to_owned()
    };
    let mut response = with_status(
        StatusCode::OK,
        &SavedPart {
            saved,
            seen: form.seen,
            said,
            elsewhere: form.elsewhere,
            bar: Bar::new(at, &back, around, true),
        },
    )?;
    tell(response.headers_mut());
    Ok(response)
}
