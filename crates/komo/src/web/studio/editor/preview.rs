//! The draft as participants would see it, for who works on it: the same pages, played without leaving a trace.
//! Promises: nothing is written, counted or sent; what was played stands in the address alone, and is played anew for each page.
//! Leaves to others: the pages (`web::pages`), the rules (`engage`).

use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use engage::{
    cards::{Move, PlayContext, Stock, Tally},
    form::{FieldError, Input, Told},
    hub::{FormPosition, Publication, PublishedCard},
    text::Locale,
};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    super::{access::AtHub, form::Sent, frame::hub_path, problem::StudioProblem},
    drafts::Draft,
    save,
};
use crate::{
    app::App,
    clock,
    web::{
        door,
        hub::images,
        pages::{self, CardStage, Site, Stand, Trouble, Visit},
    },
};

type Answer = Result<Response, StudioProblem>;

/// More than the longest card needs; an address can't hold much more.
const MOST_MOVES: usize = 60;

/// What was done with a card so far. It travels in the address.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Trial {
    card: String,
    seed: u64,
    /// The form was sent.
    entered: bool,
    moves: Vec<Vec<(String, String)>>,
}

impl Trial {
    /// The trial of the address, if it is about this card.
    fn of(query: &[(String, String)], card: &str) -> Self {
        let text = query.iter().find(|(key, _)| key == "trial");
        let read = |text: &str| -> Option<Self> {
            serde_json::from_slice(&BASE64.decode(text).ok()?).ok()
        };
        text.and_then(|(_, text)| read(text))
            .filter(|trial| trial.card == card && trial.moves.len() <= MOST_MOVES)
            .unwrap_or_else(|| Self {
                card: card.to_owned(),
                seed: clock::dice(),
                ..Self::default()
            })
    }

    fn begun(&self) -> bool {
        self.entered || !self.moves.is_empty()
    }

    fn text(&self) -> String {
        BASE64.encode(serde_json::to_vec(self).unwrap_or_default())
    }
}

/// Where a trial stands.
#[derive(Default)]
struct Played {
    stand: Stand,
    votes: Vec<(Tally, u64)>,
    refused: Vec<FieldError>,
}

/// Plays all moves of a trial, one on top of the other. A move that is refused ends it.
fn played(card: &PublishedCard, trial: &Trial, locale: &Locale) -> Played {
    let now = clock::now();
    let stock = Stock::default();
    let context = PlayContext {
        now,
        started_at: now,
        seed: trial.seed,
        stock: &stock,
    };
    let mut played = Played::default();
    for inputs in &trial.moves {
        let movement = match Move::from_pairs(inputs.iter().cloned()) {
            Ok(movement) => movement,
            Err(words) => {
                played.refused.push(FieldError {
                    field: String::new(),
                    message: words.to_owned(),
                });
                return played;
            }
        };
        match card.engine.play(&played.stand.state, &movement, &context) {
            Ok(outcome) => {
                played.stand.state = outcome.state;
                played.stand.facts = outcome.facts;
                played.stand.moves += 1;
                played.stand.finished = outcome.finished;
                played
                    .votes
                    .extend(outcome.tally.into_iter().map(|it| (it, 1)));
            }
            Err(refusal) => {
                played.refused = refusal.messages(locale);
                return played;
            }
        }
    }
    played
}

/// The stage of a card after a trial, unless the address asks for another.
fn stage(card: &PublishedCard, trial: &Trial, played: &Played, wish: &str) -> CardStage {
    let finished = played.stand.finished;
    let form = card.doc.form.as_ref();
    match wish {
        "entered" => return CardStage::Again(None),
        "closed" => return CardStage::Closed(Some(clock::now())),
        _ => {}
    }
    if !card.engine.playable() {
        return if trial.entered {
            CardStage::Done
        } else {
            CardStage::first(card)
        };
    }
    let first = form.is_some_and(|form| form.position == FormPosition::Start);
    match (first, trial.entered, finished) {
        (true, false, _) => CardStage::Form,
        (_, _, false) => CardStage::Play,
        (false, false, true) if form.is_some() => CardStage::Form,
        _ => CardStage::Done,
    }
}

/// A visit of the draft.
struct Tour {
    publication: Publication,
    locale: Locale,
    base: String,
    path: String,
    keep: String,
    query: Vec<(String, String)>,
}

impl Tour {
    fn new(at: &AtHub, below: &str, query: Vec<(String, String)>) -> Result<Self, StudioProblem> {
        let publication = Publication::preview(Draft::of(&at.hub)?.doc);
        let wish = query.iter().find(|(key, _)| key == "lang");
        let wish = wish.map(|(_, lang)| lang.as_str()).unwrap_or_default();
        let locale = save::language(wish, &publication.doc().hub.locales).clone();
        let base = format!("{}/preview", hub_path(&at.hub.slug));
        Ok(Self {
            keep: format!("lang={locale}"),
            path: format!("{base}{below}"),
            publication,
            locale,
            base,
            query,
        })
    }

    fn wish(&self, name: &str) -> &str {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    fn card(&self, key: &str) -> Result<&PublishedCard, StudioProblem> {
        self.publication.card(key).ok_or(StudioProblem::NotFound)
    }

    fn page(
        &self,
        app: &App,
        status: StatusCode,
        act: impl FnOnce(&Site<'_>) -> askama::Result<String>,
    ) -> Answer {
        let theme = hex::encode(Sha256::digest(pages::theme_css(
            &self.publication.doc().theme,
        )));
        let theme: String = theme.chars().take(12).collect();
        let assets = pages::Assets {
            form_script: String::new(),
            ..app.assets.links.clone()
        };
        let html = act(&Site {
            publication: &self.publication,
            locale: &self.locale,
            now: clock::now(),
            assets: &assets,
            theme_href: &format!("{}/theme-{theme}.css", self.base),
            base: &self.base,
            origin: "",
            path: &self.path,
            keep: &self.keep,
            told: &Told::new(),
            image_href: &|image| images::address(&image.file),
        })?;
        Ok(framed((
            status,
            [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
            html,
        )))
    }

    /// A card after a trial.
    fn card_page(
        &mut self,
        app: &App,
        key: &str,
        trial: &Trial,
        status: StatusCode,
        mut visit: Visit,
    ) -> Answer {
        if trial.begun() {
            self.keep = format!("{}&trial={}", self.keep, trial.text());
        }
        let card = self.card(key)?;
        let played = played(card, trial, &self.locale);
        let stage = stage(card, trial, &played, self.wish("state"));
        let status = if played.refused.is_empty() {
            status
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        visit.errors.extend(played.refused);
        if played.stand.finished && card.engine.shows_results() {
            visit.results = card.engine.results(&played.votes, &self.locale);
        }
        visit.stand = (played.stand.moves > 0).then_some(played.stand);
        self.page(app, status, |site| {
            pages::card_page(site, card, stage, &visit)
        })
    }
}

/// An answer that our own pages may frame.
fn framed(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    let policy =
        door::CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'");
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

type Asked = Query<Vec<(String, String)>>;

/// `GET /studio/hubs/{hub}/preview`
pub(in super::super) async fn start(
    State(app): State<App>,
    at: AtHub,
    Query(query): Asked,
) -> Answer {
    hub_page(&app, &at, "", query)
}

/// `GET /studio/hubs/{hub}/preview/{page}`; also the draft's stylesheet.
pub(in super::super) async fn page(
    State(app): State<App>,
    at: AtHub,
    Path((_, path)): Path<(String, String)>,
    Query(query): Asked,
) -> Answer {
    if path.starts_with("theme-") {
        let css = pages::theme_css(&Draft::of(&at.hub)?.doc.theme);
        return Ok(([(header::CONTENT_TYPE, "text/css; charset=utf-8")], css).into_response());
    }
    hub_page(&app, &at, &path, query)
}

fn hub_page(app: &App, at: &AtHub, path: &str, query: Vec<(String, String)>) -> Answer {
    let below = if path.is_empty() {
        String::new()
    } else {
        format!("/{path}")
    };
    let tour = Tour::new(at, &below, query)?;
    match tour.publication.page(path) {
        Some(page) => tour.page(app, StatusCode::OK, |site| pages::hub_page(site, page)),
        None => tour.page(app, StatusCode::NOT_FOUND, |site| {
            pages::error_page(Some(site), site.assets, &tour.locale, &Trouble::NotFound)
        }),
    }
}

/// `GET /studio/hubs/{hub}/preview/terms/{terms}`
pub(in super::super) async fn terms(
    State(app): State<App>,
    at: AtHub,
    Path((_, key)): Path<(String, String)>,
    Query(query): Asked,
) -> Answer {
    let tour = Tour::new(&at, &format!("/terms/{key}"), query)?;
    let terms = tour
        .publication
        .doc()
        .terms(&key)
        .ok_or(StudioProblem::NotFound)?;
    tour.page(&app, StatusCode::OK, |site| pages::terms_page(site, terms))
}

/// `GET /studio/hubs/{hub}/preview/c/{card}`
pub(in super::super) async fn card(
    State(app): State<App>,
    at: AtHub,
    Path((_, key)): Path<(String, String)>,
    Query(query): Asked,
) -> Answer {
    let mut tour = Tour::new(&at, &format!("/c/{key}"), query)?;
    if tour.publication.card(&key).is_none() {
        return tour.page(&app, StatusCode::NOT_FOUND, |site| {
            pages::error_page(Some(site), site.assets, &tour.locale, &Trouble::NotFound)
        });
    }
    let trial = Trial::of(&tour.query, &key);
    tour.card_page(&app, &key, &trial, StatusCode::OK, Visit::default())
}

/// `POST /studio/hubs/{hub}/preview/c/{card}/plays`: a move.
pub(in super::super) async fn play(
    State(app): State<App>,
    at: AtHub,
    Path((_, key)): Path<(String, String)>,
    Query(query): Asked,
    sent: Sent,
) -> Answer {
    let mut tour = Tour::new(&at, &format!("/c/{key}"), query)?;
    let before = Trial::of(&tour.query, &key);
    let mut trial = before.clone();
    let inputs = sent.pairs.into_iter().filter(|(name, _)| name != "play_id");
    trial.moves.push(inputs.collect());
    let card = tour.card(&key)?;
    let refused = played(card, &trial, &tour.locale).refused;
    if trial.moves.len() > MOST_MOVES || !refused.is_empty() {
        let visit = Visit {
            errors: refused,
            ..Visit::default()
        };
        return tour.card_page(&app, &key, &before, StatusCode::UNPROCESSABLE_ENTITY, visit);
    }
    Ok(on(&tour, &trial))
}

/// `POST /studio/hubs/{hub}/preview/c/{card}/entries`: the form. It is checked like a real one, and then forgotten.
pub(in super::super) async fn enter(
    State(app): State<App>,
    at: AtHub,
    Path((_, key)): Path<(String, String)>,
    Query(query): Asked,
    sent: Sent,
) -> Answer {
    let mut tour = Tour::new(&at, &format!("/c/{key}"), query)?;
    let mut trial = Trial::of(&tour.query, &key);
    let card = tour.card(&key)?;
    let form = card.form.as_ref().ok_or(StudioProblem::NotFound)?;
    let fields = sent.pairs.into_iter().filter(|(name, _)| name != "play_id");
    let fields: Vec<(String, String)> = fields.collect();
    let values = fields.iter().cloned().collect();
    let checked = Input::from_pairs(fields, &tour.locale)
        .and_then(|input| form.parse(&input, &Told::new(), &tour.locale, clock::today()));
    if let Err(errors) = checked {
        let visit = Visit {
            values,
            errors,
            ..Visit::default()
        };
        return tour.card_page(&app, &key, &trial, StatusCode::UNPROCESSABLE_ENTITY, visit);
    }
    trial.entered = true;
    Ok(on(&tour, &trial))
}

/// On to the card's page, with what was done.
fn on(tour: &Tour, trial: &Trial) -> Response {
    let address = format!("{}?{}&trial={}", tour.path, tour.keep, trial.text());
    framed(Redirect::to(&address))
}
