//! The page of a hub's cards, and its buttons.
//! Promises: entries and states at a glance; every button is an act that can be taken back.
//! Leaves to others: what the buttons do (`arrange`), the card's own page (`edit`).

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use engage::{
    cards::kinds,
    hub::{CardDoc, CardState, HubDoc, Severity},
    text::{Locale, texts},
};
use http::StatusCode;
use store::hubs::{self, drafts as stored};

use super::{
    super::{
        access::AtHub,
        form::Sent,
        frame::{Frame, hub_name, hub_path, number, page},
        hub::{ConnectionRow, connection_rows},
        problem::StudioProblem,
    },
    arrange,
    drafts::{self, Draft, Step},
    page::{self as pages, Bar, Preview, Tabs},
};
use crate::{app::App, clock};

type Answer = Result<Response, StudioProblem>;

struct CardRow {
    key: String,
    title: String,
    kind: String,
    state: &'static str,
    entries: String,
    errors: usize,
    first: bool,
    last: bool,
}

struct SectionRow {
    title: String,
    cards: Vec<CardRow>,
}

#[derive(Template)]
#[template(path = "hub.html", config = "src/web/studio/askama.toml")]
struct HubPage {
    frame: Frame,
    tabs: Tabs,
    bar: Bar,
    name: String,
    slug: String,
    live: bool,
    archived: bool,
    entries: String,
    sections: Vec<SectionRow>,
    /// Cards that stand nowhere.
    hidden: Vec<CardRow>,
    connections: Vec<ConnectionRow>,
    base: String,
    preview: Preview,
}

/// What a kind is called.
fn kind_name(kind: &str) -> String {
    engage::cards::kind(kind).map_or_else(
        || kind.replace('-', " "),
        |it| texts::plain(&Locale::ENGLISH, it.title),
    )
}

/// `GET /studio/hubs/{hub}`
pub(in super::super) async fn show(
    State(app): State<App>,
    at: AtHub,
    Query(query): Query<Vec<(String, String)>>,
) -> Answer {
    let draft = Draft::of(&at.hub)?;
    let doc = &draft.doc;
    let hub = at.hub.id;
    let counted = app.store.read(move |tx| {
        Box::pin(async move {
            let mut all = Vec::new();
            for (key, card) in hubs::cards(tx, hub).await? {
                all.push((key, store::entries::count(tx, card).await?));
            }
            Ok(all)
        })
    });
    let counted = counted.await?;
    let problems = doc.problems();
    let row = |card: &CardDoc| {
        let found = counted.iter().find(|(key, _)| *key == card.key);
        let at = doc.cards.iter().position(|it| it.key == card.key);
        let place = at.map(|at| format!("cards[{at}].")).unwrap_or_default();
        let errors = problems.iter().filter(|it| it.severity == Severity::Error);
        CardRow {
            key: card.key.clone(),
            title: card
                .title
                .get(doc.default_locale(), doc.default_locale())
                .to_owned(),
            kind: kind_name(&card.kind),
            state: match card.state {
                CardState::Published => "",
                CardState::Scheduled => "scheduled",
                CardState::Draft => "draft",
            },
            entries: number(found.map_or(0, |(_, count)| *count)),
            errors: errors.filter(|it| it.path.starts_with(&place)).count(),
            first: false,
            last: false,
        }
    };
    let mut sections = Vec::new();
    for page in &doc.pages {
        for (at, section) in page.sections.iter().enumerate() {
            let heading = section.heading.as_ref();
            let heading = heading.map(|it| it.get(doc.default_locale(), doc.default_locale()));
            let where_from = page.title.get(doc.default_locale(), doc.default_locale());
            let cards = section
                .placements
                .iter()
                .filter_map(|it| doc.card(&it.card));
            sections.push(SectionRow {
                title: match heading.filter(|it| !it.is_empty()) {
                    Some(heading) => format!("{where_from} · {heading}"),
                    None => format!("{where_from} · Section {}", at + 1),
                },
                cards: cards.map(row).collect(),
            });
        }
    }
    sections.retain(|it| !it.cards.is_empty());
    let hidden = doc
        .cards
        .iter()
        .filter(|card| arrange::place_of(doc, &card.key).is_none());
    let hidden = hidden.map(row).collect();
    if let Some(first) = sections.first_mut().and_then(|it| it.cards.first_mut()) {
        first.first = true;
    }
    if let Some(last) = sections.last_mut().and_then(|it| it.cards.last_mut()) {
        last.last = true;
    }
    let around = drafts::around(&app, &draft.hub).await?;
    let base = hub_path(&at.hub.slug);
    let name = hub_name(doc);
    let mut frame = pages::frame(&at, doc, &name, &query);
    frame.crumbs.remove(1);
    pages::framing(
        StatusCode::OK,
        &HubPage {
            frame,
            tabs: Tabs::new(&at, "cards"),
            bar: Bar::new(&at, "", &around, false),
            slug: at.hub.slug.clone(),
            live: at.hub.is_live(),
            archived: at.hub.archived_at.is_some(),
            entries: number(counted.iter().map(|(_, count)| count).sum()),
            sections,
            hidden,
            connections: connection_rows(&app, hub).await?,
            preview: Preview {
                base: format!("{base}/preview"),
                path: String::new(),
                lang: doc.default_locale().to_string(),
                states: false,
            },
            name,
            base,
        },
    )
}

struct KindRow {
    name: &'static str,
    title: String,
    words: &'static str,
}

struct EngineRow {
    title: &'static str,
    kinds: Vec<KindRow>,
}

#[derive(Template)]
#[template(path = "new_card.html", config = "src/web/studio/askama.toml")]
struct NewCardPage {
    frame: Frame,
    engines: Vec<EngineRow>,
    base: String,
}

/// What an engine's cards are for.
fn engine_words(engine: &str) -> (&'static str, &'static str) {
    match engine {
        "form_only" => ("Forms", "A form and nothing else"),
        "questions" => ("Questions", "People answer and find something out"),
        "chance" => ("Chance", "Prizes from a stock, by one fair draw"),
        "media" => ("To look at", "Read, look, go on"),
        "skill" => ("Skill", "A small game"),
        "prediction" => ("Prediction", "Who knows how it will end"),
        _ => ("More", ""),
    }
}

/// `GET /studio/hubs/{hub}/new-card`
pub(in super::super) async fn choose(at: AtHub) -> Answer {
    let doc = Draft::of(&at.hub)?.doc;
    let mut engines: Vec<EngineRow> = Vec::new();
    for kind in kinds() {
        let (title, words) = engine_words(kind.engine);
        let row = KindRow {
            name: kind.name,
            title: texts::plain(&Locale::ENGLISH, kind.title),
            words,
        };
        match engines.iter_mut().find(|it| it.title == title) {
            Some(engine) => engine.kinds.push(row),
            None => engines.push(EngineRow {
                title,
                kinds: vec![row],
            }),
        }
    }
    page(&NewCardPage {
        frame: pages::frame(&at, &doc, "Add a card", &[]),
        engines,
        base: hub_path(&at.hub.slug),
    })
}

/// `POST /studio/hubs/{hub}/cards`: a new card of a kind.
pub(in super::super) async fn add(State(app): State<App>, at: AtHub, sent: Sent) -> Answer {
    for _ in 0..drafts::TRIES {
        let draft = Draft::read(&app, &at).await?;
        let base = hub_path(&at.hub.slug);
        let Some((doc, key)) = arrange::add(&draft, sent.text("kind")) else {
            return Ok(Redirect::to(&format!("{base}/new-card")).into_response());
        };
        let words = format!("Add card {}", kind_name(sent.text("kind")).to_lowercase());
        if drafts::save(
            &app,
            &at,
            &draft,
            Step {
                doc,
                words,
                joins: false,
            },
        )
        .await?
        {
            return Ok(Redirect::to(&format!("{base}/cards/{key}")).into_response());
        }
    }
    Err(StudioProblem::Unavailable)
}

/// `POST /studio/hubs/{hub}/order`: a button of the list of cards.
pub(in super::super) async fn arrange(State(app): State<App>, at: AtHub, sent: Sent) -> Answer {
    let (what, key) = sent.raw("act").split_once(' ').unwrap_or_default();
    let base = hub_path(&at.hub.slug);
    for _ in 0..drafts::TRIES {
        let draft = Draft::read(&app, &at).await?;
        let mut doc: HubDoc = draft.doc.clone();
        let title = super::part::Part::Card(key.to_owned()).title(&doc);
        let Some(act) = arrange::act(&mut doc, what, key) else {
            break;
        };
        let words = format!("{act} card {title}");
        if drafts::save(
            &app,
            &at,
            &draft,
            Step {
                doc,
                words,
                joins: false,
            },
        )
        .await?
        {
            break;
        }
    }
    let done = match what {
        "remove" => "?done=card-removed",
        "copy" => "?done=card-copied",
        _ => "",
    };
    let anchor = if what == "remove" {
        String::new()
    } else {
        format!("#card-{key}")
    };
    Ok(Redirect::to(&format!("{base}{done}{anchor}")).into_response())
}

/// `POST /studio/hubs/{hub}/undo`
pub(in super::super) async fn undo(State(app): State<App>, at: AtHub, sent: Sent) -> Answer {
    turn(&app, &at, &sent, true).await
}

/// `POST /studio/hubs/{hub}/redo`
pub(in super::super) async fn redo(State(app): State<App>, at: AtHub, sent: Sent) -> Answer {
    turn(&app, &at, &sent, false).await
}

async fn turn(app: &App, at: &AtHub, sent: &Sent, back: bool) -> Answer {
    let draft = Draft::read(app, at).await?;
    let (hub, now) = (draft.hub, clock::now());
    let turned = app.store.write(move |tx| {
        Box::pin(async move {
            if back {
                stored::undo(tx, &hub, now).await
            } else {
                stored::redo(tx, &hub, now).await
            }
        })
    });
    turned.await?;
    let draft = Draft::read(app, at).await?;
    let base = hub_path(&at.hub.slug);
    // Back to where it was pressed, unless the step took that card away.
    let wish = sent.raw("back");
    let (path, _) = wish.split_once('?').unwrap_or((wish, ""));
    let there = match path.strip_prefix("/cards/") {
        Some(key) => draft.doc.card(key).is_some(),
        None => matches!(path, "" | "/look" | "/texts"),
    };
    let target = if there { wish } else { "" };
    Ok(Redirect::to(&format!("{base}{target}")).into_response())
}

/// `POST /studio/hubs/{hub}/archive`
pub(in super::super) async fn archive(State(app): State<App>, at: AtHub) -> Answer {
    set_archived(&app, &at, true).await
}

/// `POST /studio/hubs/{hub}/archive/end`
pub(in super::super) async fn restore(State(app): State<App>, at: AtHub) -> Answer {
    set_archived(&app, &at, false).await
}

async fn set_archived(app: &App, at: &AtHub, archived: bool) -> Answer {
    let (hub, workspace, member) = (at.hub.clone(), at.place.workspace, at.found.member.id);
    let now = clock::now();
    let done = app.store.write(move |tx| {
        Box::pin(async move {
            hubs::archive(tx, hub.id, archived, now).await?;
            let act = if archived {
                "hub.archived"
            } else {
                "hub.restored"
            };
            let line = (act, hub.slug.as_str(), "");
            store::accounts_sessions::record(tx, workspace, Some(member), line, now).await
        })
    });
    done.await?;
    app.hubs.refresh_now(&app.store).await;
    let done = if archived { "archived" } else { "restored" };
    Ok(Redirect::to(&format!("{}?done={done}", hub_path(&at.hub.slug))).into_response())
}
