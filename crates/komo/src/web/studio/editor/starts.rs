//! What a new hub begins with: a template, or another hub.
//! Promises: a draft under an address that is free, in the editor, with everything in it that a good hub of its sort has.
//! Leaves to others: what is in a template (its own file below `templates/`).

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use engage::hub::{HubDoc, HubState};
use rust_embed::RustEmbed;
use store::{accounts_sessions, hubs};

use super::{
    super::{
        access::{AtHub, InWorkspace},
        form::Sent,
        frame::{At, Frame, hub_name, hub_path, page, workspace_path},
        problem::StudioProblem,
    },
    drafts::Draft,
};
use crate::{app::App, clock, hubfile};

type Answer = Result<Response, StudioProblem>;

/// The templates and their pictures, inside the program.
#[derive(RustEmbed)]
#[folder = "templates/"]
struct Files;

impl hubfile::Pictures for Files {
    fn read(&self, file: &str) -> anyhow::Result<Vec<u8>> {
        let found = Self::get(file);
        let found = found.ok_or_else(|| anyhow::anyhow!("there is no picture {file}"))?;
        Ok(found.data.into_owned())
    }
}

/// The templates in the order in which they are offered: file, name, what it is for.
pub(super) const TEMPLATES: [(&str, &str, &str); 6] = [
    (
        "launch-quiz",
        "Product launch quiz",
        "People learn about something new by answering, and leave their address to hear more.",
    ),
    (
        "personality",
        "Personality test",
        "Which one are you? People find out something about themselves, and you what they like.",
    ),
    (
        "spin-to-win",
        "Spin to win",
        "A wheel with prizes from a stock; people say who they are before they spin.",
    ),
    (
        "event-feedback",
        "Event feedback",
        "How was it? Three quick questions, and room for one sentence.",
    ),
    (
        "prediction",
        "Prediction poll",
        "Who will win? People say what they expect, see what others think, and enter a draw.",
    ),
    (
        "newsletter",
        "Loyalty starter",
        "A welcome, the benefits in pictures and words, and a form to join.",
    ),
];

/// A template's document.
pub(super) fn template(code: &str) -> anyhow::Result<HubDoc> {
    let file = format!("{code}.toml");
    let text = Files::get(&file).ok_or_else(|| anyhow::anyhow!("there is no template {code}"))?;
    hubfile::parse(&file, &String::from_utf8(text.data.into_owned())?)
}

struct TemplateRow {
    code: &'static str,
    name: &'static str,
    words: &'static str,
    colours: [String; 3],
}

#[derive(Template)]
#[template(path = "new_hub.html", config = "src/web/studio/askama.toml")]
struct NewHubPage {
    frame: Frame,
    templates: Vec<TemplateRow>,
    base: String,
}

/// `GET /studio/w/{workspace}/new-hub`
pub(in super::super) async fn choose(at: InWorkspace) -> Answer {
    let mut templates = Vec::new();
    for (code, name, words) in TEMPLATES {
        let theme = template(code)?.theme;
        templates.push(TemplateRow {
            code,
            name,
            words,
            colours: [theme.background, theme.accent, theme.text],
        });
    }
    let base = workspace_path(at.place.workspace);
    page(&NewHubPage {
        frame: Frame::new(&at.found, Some(&at.place), At::Hubs, "New hub")
            .crumb("Hubs", base.clone())
            .crumb("New hub", ""),
        templates,
        base,
    })
}

/// `POST /studio/w/{workspace}/hubs`: a draft from a template; without one, the sample hub, published.
pub(in super::super) async fn make(State(app): State<App>, at: InWorkspace, sent: Sent) -> Answer {
    let code = sent.text("template");
    if code.is_empty() {
        return super::super::workspace::make_sample(&app, &at).await;
    }
    let Some((_, name, _)) = TEMPLATES.iter().find(|(it, ..)| *it == code) else {
        return Err(StudioProblem::NotFound);
    };
    let mut doc = template(code)?;
    doc.hub.slug = free_slug(&app, &doc.hub.slug).await?;
    doc.hub.state = HubState::Draft;
    let slug = doc.hub.slug.clone();
    hubfile::import_into(&app.store, at.place.workspace, doc, &Files, true).await?;
    note(&app, &at, &slug, format!("From the template {name}")).await?;
    Ok(Redirect::to(&format!("{}?done=hub-made", hub_path(&slug))).into_response())
}

/// `POST /studio/hubs/{hub}/copy`
pub(in super::super) async fn copy(State(app): State<App>, at: AtHub) -> Answer {
    let mut doc = Draft::of(&at.hub)?.doc;
    let from = hub_name(&doc);
    doc.hub.slug = free_slug(&app, &doc.hub.slug).await?;
    doc.hub.state = HubState::Draft;
    let slug = doc.hub.slug.clone();
    let Ok(document) = doc.to_json() else {
        return Err(StudioProblem::Unavailable);
    };
    let ids = hubs::NewIds {
        hub: clock::new_id(),
        cards: doc
            .cards
            .iter()
            .map(|card| (card.key.clone(), clock::new_id()))
            .collect(),
        connections: Vec::new(),
        keep_connections: true,
    };
    let (workspace, name, now) = (at.place.workspace, slug.clone(), clock::now());
    let saved = app.store.write(move |tx| {
        Box::pin(async move { hubs::save(tx, workspace, &name, &document, ids, now).await })
    });
    saved.await?;
    let there = InWorkspace {
        found: at.found.clone(),
        place: at.place.clone(),
    };
    note(&app, &there, &slug, format!("A copy of {from}")).await?;
    Ok(Redirect::to(&format!("{}?done=hub-copied", hub_path(&slug))).into_response())
}

async fn note(
    app: &App,
    at: &InWorkspace,
    slug: &str,
    detail: String,
) -> Result<(), StudioProblem> {
    let (workspace, member, now) = (at.place.workspace, at.found.member.id, clock::now());
    let subject = slug.to_owned();
    let noted = app.store.write(move |tx| {
        Box::pin(async move {
            let line = ("hub.made", subject.as_str(), detail.as_str());
            accounts_sessions::record(tx, workspace, Some(member), line, now).await
        })
    });
    Ok(noted.await?)
}

/// An address that no hub of the installation has: the wished one, or that with a number.
pub(in super::super) async fn free_slug(app: &App, wish: &str) -> Result<String, StudioProblem> {
    let mut number = 1;
    loop {
        let slug = match number {
            1 => wish.to_owned(),
            more => format!("{}-{more}", wish.chars().take(58).collect::<String>()),
        };
        let asked = slug.clone();
        let taken = app
            .store
            .read(move |tx| Box::pin(async move { hubs::slug_taken(tx, &asked).await }));
        if !taken.await? {
            return Ok(slug);
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use engage::{hub::Publication, text::Locale};

    use super::*;

    #[test]
    fn every_template_can_be_published_and_speaks_english_and_german() {
        for (code, ..) in TEMPLATES {
            let mut doc = template(code).unwrap();
            let problems = doc.problems();
            assert!(problems.is_empty(), "{code}: {problems:#?}");
            assert_eq!(
                doc.hub.locales,
                [Locale::ENGLISH, "de".parse().unwrap()],
                "{code}"
            );
            hubfile::embed_pictures(&mut doc, &Files).unwrap();
            let publication = Publication::freeze(Arc::new(doc)).unwrap();
            let forms = publication
                .cards()
                .filter(|card| card.form.is_some())
                .count();
            assert!(forms > 0, "{code} asks nobody who they are");
        }
    }
}
