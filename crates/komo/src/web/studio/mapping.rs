//! The mapping of a connection: who people are, what is sent, a look at the real JSON, saving, a test send.
//! Promises: problems stand at their fields while one types; nobody's change is overwritten unseen; suggestions are never saved
//! by themselves. Leaves to others: what the rows mean (`braze_desk::lines`), what is wrong (`engage::mapping`).

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use engage::{
    hub::{ConnectionDoc, HubDoc},
    mapping::{STANDARD_ATTRIBUTES, SampleEntry},
};
use http::StatusCode;
use store::{accounts_sessions, hubs};

use super::{
    access::AtConnection,
    connection::{Head, Tab, head, meanwhile_words},
    form::Sent,
    frame::{Frame, ago, connection_path, page, with_status},
    hub::document,
    mapping_rows::rows,
    mapping_view::Rows,
    problem::StudioProblem,
    workspace::connection_name,
};
use crate::{
    app::App,
    braze_desk::{
        self, Changed, Seen,
        lines::{Placed, Typed},
        look::{self, Tested},
    },
    clock,
};

type Answer = Result<Response, StudioProblem>;

/// What a value can become, by code; nothing: as the source has it.
const KINDS: [(&str, &str); 5] = [
    ("string", "text"),
    ("number", "number"),
    ("boolean", "yes or no"),
    ("date", "date"),
    ("array", "list"),
];

/// What can be done with a value besides replacing what was there.
const OPERATIONS: [(&str, &str); 3] = [
    ("add", "add to the list"),
    ("remove", "take from the list"),
    ("increment", "add up"),
];

/// An entry to look at.
pub(super) struct LookChoice {
    code: String,
    label: String,
    chosen: bool,
}

/// What is beside the form: problems, the JSON, what is left out.
pub(super) struct Look {
    choices: Vec<LookChoice>,
    problems: Vec<Placed>,
    json: String,
    silence: String,
    notes: Vec<String>,
    real: bool,
}

impl Look {
    fn errors(&self) -> usize {
        self.problems.iter().filter(|it| it.error).count()
    }
}

#[derive(Template)]
#[template(path = "mapping.html", config = "src/web/studio/askama.toml")]
struct MappingPage {
    frame: Frame,
    head: Head,
    rows: Rows,
    look: Look,
    tested: Option<Tested>,
    untested: String,
    test_to: String,
    seen: String,
    meanwhile: String,
    refused: bool,
}

#[derive(Template)]
#[template(path = "look_part.html", config = "src/web/studio/askama.toml")]
struct LookPart {
    look: Look,
    rows: Rows,
}

#[derive(Template)]
#[template(path = "tested.html", config = "src/web/studio/askama.toml")]
struct TestedPart {
    tested: Option<Tested>,
    untested: String,
}

/// The hub's document and the entry that was asked for: the latest real one by default, else a sample.
struct Scene {
    hub: HubDoc,
    latest: Option<SampleEntry>,
    accepted: String,
}

async fn scene(app: &App, at: &AtConnection) -> Result<Scene, StudioProblem> {
    let hub = document(&at.hub)?;
    let id = at.hub.id;
    let latest = app
        .store
        .read(move |tx| Box::pin(hubs::latest_entry(tx, id)))
        .await?;
    let accepted = latest
        .as_ref()
        .map(|it| ago(it.accepted_at))
        .unwrap_or_default();
    let latest = latest.and_then(|it| look::real_entry(&hub, &it));
    Ok(Scene {
        hub,
        latest,
        accepted,
    })
}

impl Scene {
    /// Cards that somebody can enter, by key and title.
    fn cards(&self) -> impl Iterator<Item = (&str, &str)> {
        let locale = self.hub.default_locale();
        self.hub
            .cards
            .iter()
            .filter(|card| card.form.is_some())
            .map(move |card| (card.key.as_str(), card.title.get(locale, locale)))
    }

    fn entry(&self, code: &str) -> Option<SampleEntry> {
        if code.is_empty() || code == "latest" {
            if let Some(latest) = &self.latest {
                return Some(latest.clone());
            }
            let (first, _) = self.cards().next()?;
            return look::sample(&self.hub, first);
        }
        look::sample(&self.hub, code)
    }

    fn look(&self, typed: &Typed, code: &str) -> Look {
        let problems = typed.place(braze_desk::draft_problems(&self.hub, &typed.doc));
        let real = self.latest.is_some() && (code.is_empty() || code == "latest");
        let mut choices = Vec::new();
        if self.latest.is_some() {
            choices.push(LookChoice {
                code: "latest".into(),
                label: format!("The latest entry, {}", self.accepted),
                chosen: real,
            });
        }
        for (key, title) in self.cards() {
            choices.push(LookChoice {
                chosen: code == key,
                code: key.to_owned(),
                label: format!("A sample of “{title}”"),
            });
        }
        let entry = self.entry(code);
        let preview = entry.and_then(|entry| look::preview(&typed.doc, &entry));
        let (json, silence, notes) = preview.map_or_else(
            || {
                let words = "There is nothing to look at yet: correct the problems first.";
                (String::new(), words.to_owned(), Vec::new())
            },
            |preview| {
                let notes = preview.notes.iter().map(|note| {
                    format!(
                        "{}: {} {}",
                        note.target,
                        note.kind.sentence(),
                        note.kind.remedy()
                    )
                });
                (
                    preview.pretty().unwrap_or_default(),
                    look::silence(&preview),
                    notes.collect(),
                )
            },
        );
        Look {
            choices,
            problems,
            json,
            silence,
            notes,
            real,
        }
    }
}

/// What a page of the mapping shows beside its rows.
#[derive(Default)]
struct More<'a> {
    code: &'a str,
    query: &'a [(String, String)],
    tested: Option<Tested>,
    untested: String,
    test_to: &'a str,
    meanwhile: String,
    refused: bool,
    seen: Option<String>,
}

fn mapping_page(at: &AtConnection, scene: &Scene, doc: &ConnectionDoc, more: More<'_>) -> Answer {
    let stored = braze_desk::document(&at.connection)?;
    let rows = rows(&scene.hub, doc);
    // Numbers of the rows as this page shows them.
    let typed =
        Typed::read(doc, &rows.pairs(doc)).map_err(|error| StudioProblem::broken(&error))?;
    let look = scene.look(&typed, more.code);
    let rows = rows.with(&look.problems);
    let (mut frame, head) = head(at, &stored, Tab::Mapping, "Mapping")?;
    frame.wrong = more.refused;
    let status = if !more.meanwhile.is_empty() {
        StatusCode::CONFLICT
    } else if more.refused {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    with_status(
        status,
        &MappingPage {
            frame: frame.done(more.query),
            head,
            rows,
            look,
            tested: more.tested,
            untested: more.untested,
            test_to: more.test_to.to_owned(),
            seen: more.seen.unwrap_or_else(|| Seen::of(&at.connection).0),
            meanwhile: more.meanwhile,
            refused: more.refused,
        },
    )
}

/// `GET /studio/connections/{connection}/mapping`
pub(super) async fn show(
    State(app): State<App>,
    at: AtConnection,
    Query(query): Query<Vec<(String, String)>>,
) -> Answer {
    let scene = scene(&app, &at).await?;
    let doc = braze_desk::document(&at.connection)?;
    let more = More {
        query: &query,
        ..More::default()
    };
    mapping_page(&at, &scene, &doc, more)
}

fn typed(at: &AtConnection, sent: &Sent) -> Result<Typed, StudioProblem> {
    let base = braze_desk::document(&at.connection)?;
    // A program that sends nothing keeps what is there.
    if !sent.has("by") {
        return Typed::read(&base, &super::mapping_rows::rows_of(&base).pairs(&base))
            .map_err(|error| StudioProblem::broken(&error));
    }
    Typed::read(&base, &sent.pairs).map_err(|error| {
        tracing::debug!(%error, "a mapping form can't be read");
        StudioProblem::Body("One of its values is not known here.".into())
    })
}

/// `POST .../mapping/look`: problems and JSON for what stands in the form, nothing is stored.
pub(super) async fn look(State(app): State<App>, at: AtConnection, sent: Sent) -> Answer {
    let scene = scene(&app, &at).await?;
    let typed = typed(&at, &sent)?;
    let code = sent.text("look").to_owned();
    if !sent.partial() {
        let more = More {
            code: &code,
            seen: Some(sent.text("seen").to_owned()).filter(|it| !it.is_empty()),
            ..More::default()
        };
        return mapping_page(&at, &scene, &typed.doc, more);
    }
    let look = scene.look(&typed, &code);
    // The rows on the page keep their numbers: only their messages are renewed.
    let rows = Rows::messages(&sent.pairs, &look.problems);
    page(&LookPart { look, rows })
}

/// `POST .../mapping`
pub(super) async fn save(State(app): State<App>, at: AtConnection, sent: Sent) -> Answer {
    let scene = scene(&app, &at).await?;
    let typed = typed(&at, &sent)?;
    let code = sent.text("look").to_owned();
    let problems = braze_desk::draft_problems(&scene.hub, &typed.doc);
    let refused = problems
        .iter()
        .any(|it| it.severity == engage::hub::Severity::Error);
    let seen = sent.text("seen").to_owned();
    if refused {
        let more = More {
            code: &code,
            refused,
            seen: Some(seen),
            ..More::default()
        };
        return mapping_page(&at, &scene, &typed.doc, more);
    }
    let before = braze_desk::document(&at.connection)?;
    let by = at.found.member.id;
    let what = ("connection.mapping", what_changed(&before, &typed.doc));
    let seen = Seen(seen);
    let changed = braze_desk::change(&app.store, &at.connection, by, &seen, &typed.doc, what);
    match changed.await? {
        Changed::Saved => {
            app.hubs.refresh_now(&app.store).await;
            let address = format!("{}/mapping?done=saved", connection_path(at.connection.id));
            Ok(Redirect::to(&address).into_response())
        }
        Changed::Meanwhile(who) => {
            let difference = what_changed(&before, &typed.doc);
            let more = More {
                code: &code,
                meanwhile: format!("{}. Yours differs in: {difference}", meanwhile_words(who)),
                ..More::default()
            };
            mapping_page(&at, &scene, &typed.doc, more)
        }
    }
}

/// Which targets were added, removed or changed, by name.
fn what_changed(old: &ConnectionDoc, new: &ConnectionDoc) -> String {
    let targets = |doc: &ConnectionDoc| {
        let json = serde_json::to_value(doc).unwrap_or_default();
        let mut found = std::collections::BTreeMap::new();
        for (list, key) in [
            ("attributes", "to"),
            ("questions", "from"),
            ("consents", "to"),
            ("events", "name"),
        ] {
            for line in json
                .get(list)
                .and_then(|it| it.as_array())
                .into_iter()
                .flatten()
            {
                let name = line.get(key).and_then(|it| it.as_str()).unwrap_or_default();
                found.insert(format!("{list} {name}"), line.to_string());
            }
        }
        found.insert(
            "user who people are".into(),
            json.get("user")
                .map(ToString::to_string)
                .unwrap_or_default(),
        );
        found
    };
    let (old, new) = (targets(old), targets(new));
    let name = |key: &str| key.split_once(' ').map_or(key, |(_, name)| name).to_owned();
    let mut parts = Vec::new();
    for (key, line) in &new {
        match old.get(key) {
            None => parts.push(format!("+ {}", name(key))),
            Some(before) if before != line => parts.push(name(key)),
            Some(_) => {}
        }
    }
    parts.extend(
        old.keys()
            .filter(|key| !new.contains_key(*key))
            .map(|key| format!("− {}", name(key))),
    );
    if parts.is_empty() {
        "nothing".to_owned()
    } else {
        parts.join(", ")
    }
}

/// `POST /studio/connections/{connection}/test`: sends what stands in the form to the profile that was named.
pub(super) async fn test(State(app): State<App>, at: AtConnection, sent: Sent) -> Answer {
    app.studio
        .attempts
        .admit(&format!("test {}", at.found.member.id), sent.sender)?;
    let scene = scene(&app, &at).await?;
    let typed = typed(&at, &sent)?;
    let (code, to) = (
        sent.text("look").to_owned(),
        sent.text("test-to").to_owned(),
    );
    let outcome = tried(&app, &at, &scene, &typed.doc, &code, &to).await;
    let (tested, untested) = match outcome {
        Ok(tested) => (Some(tested), String::new()),
        Err(words) => (None, words),
    };
    if tested.is_some() {
        let subject = connection_name(Some(&typed.doc), &at.connection.key);
        let (workspace, by, now) = (at.place.workspace, at.found.member.id, clock::now());
        let noted = app.store.write(move |tx| {
            Box::pin(async move {
                let line = ("connection.test", subject.as_str(), "");
                accounts_sessions::record(tx, workspace, Some(by), line, now).await
            })
        });
        noted.await?;
    }
    if sent.partial() {
        return page(&TestedPart { tested, untested });
    }
    let more = More {
        code: &code,
        tested,
        untested,
        test_to: &to,
        seen: Some(sent.text("seen").to_owned()).filter(|it| !it.is_empty()),
        ..More::default()
    };
    mapping_page(&at, &scene, &typed.doc, more)
}

async fn tried(
    app: &App,
    at: &AtConnection,
    scene: &Scene,
    doc: &ConnectionDoc,
    code: &str,
    to: &str,
) -> Result<Tested, String> {
    if to.is_empty() {
        return Err("Say to which profile: type the identifier that this connection uses, for example your own e-mail address.".into());
    }
    // A real entry's answers are somebody's: a test sends a sample in their place.
    let card = scene.entry(code).map(|it| it.card_key);
    let sample = card
        .and_then(|card| look::sample(&scene.hub, &card))
        .ok_or("The hub has no card with a form, so there is nothing to send.")?;
    let key = braze_desk::open_key(&app.studio.keyring, &at.connection)?;
    let client = braze_desk::client(&doc.endpoint, key, &app.studio.calls)?;
    look::test_send(&client, doc, sample, to).await
}
