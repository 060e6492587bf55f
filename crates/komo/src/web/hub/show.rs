//! Pages of a hub: read from the publication, rendered, cached where they are the same for everybody.

use std::{any::Any, collections::BTreeMap};

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use bytes::Bytes;
use engage::{
    cards::{Move, ResultRow},
    form::FieldError,
    hub::Visibility,
    ids::{CardId, PlayId},
    text::{Locale, negotiate, texts},
    time::Millis,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use sha2::{Digest, Sha256};
use store::plays;

use super::{
    guest::{self, Visit},
    images,
};
use crate::{
    app::App,
    clock,
    live::LiveHub,
    web::{
        door,
        pages::{self, CardStage, Site, Trouble},
        problem::Problem,
    },
};

/// The whole answer for one page: with its problem's status, or as it is.
pub(super) fn html(status: StatusCode, page: askama::Result<String>) -> Response {
    match page {
        Ok(page) => {
            let headers = [
                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (status, headers, page).into_response()
        }
        Err(error) => Problem::broken(&error).into_response(),
    }
}

/// Gives `act` the surroundings of a page of this hub.
pub(super) fn with_site<T>(app: &App, visit: &Visit, act: impl FnOnce(&Site<'_>) -> T) -> T {
    let keep = visit.keep();
    let theme_href = theme_address(&visit.hub);
    let origin = if app.public_url.is_empty() {
        origin(&visit.headers)
    } else {
        app.public_url.clone()
    };
    act(&Site {
        publication: &visit.hub.publication,
        locale: &visit.locale,
        now: clock::now(),
        assets: &app.assets.links,
        theme_href: &theme_href,
        base: &format!("/h/{}", visit.hub.publication.doc().hub.slug),
        origin: &origin,
        path: page_path(&visit.path),
        keep: &keep,
        told: &visit.told,
        image_href: &|image| images::address(&image.file),
    })
}

/// The path of the page that a path belongs to: what is posted below a card answers with the card's page.
fn page_path(path: &str) -> &str {
    let end = path
        .match_indices('/')
        .filter(|_| path.contains("/c/"))
        .nth(4);
    end.and_then(|(at, _)| path.get(..at)).unwrap_or(path)
}

fn origin(headers: &HeaderMap) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    host.map(|host| format!("http://{host}"))
        .unwrap_or_default()
}

fn theme_address(hub: &LiveHub) -> String {
    let slug = &hub.publication.doc().hub.slug;
    let hash: String = hex::encode(Sha256::digest(pages::theme_css(
        &hub.publication.doc().theme,
    )))
    .chars()
    .take(12)
    .collect();
    format!("/h/{slug}/theme-{hash}.css")
}

/// `GET /h/{hub}`
pub async fn start_page(
    State(app): State<App>,
    visit: Result<Visit, Problem>,
    headers: HeaderMap,
) -> Response {
    let visit = match visit {
        Ok(visit) => visit,
        Err(problem) => return either(&app, None, &headers, problem),
    };
    hub_page(&app, &visit, "")
}

/// `GET /h/{hub}/{page}`; also the hub's stylesheet.
pub async fn page(
    State(app): State<App>,
    Path((_, path)): Path<(String, String)>,
    visit: Result<Visit, Problem>,
    headers: HeaderMap,
) -> Response {
    let visit = match visit {
        Ok(visit) => visit,
        Err(problem) => return either(&app, None, &headers, problem),
    };
    if is_theme(&path) {
        return theme(&visit);
    }
    hub_page(&app, &visit, &path)
}

/// `theme-{hash}.css`; page addresses have no dot.
fn is_theme(path: &str) -> bool {
    path.strip_prefix("theme-")
        .is_some_and(|rest| rest.strip_suffix(".css").is_some())
}

fn theme(visit: &Visit) -> Response {
    let css = pages::theme_css(&visit.hub.publication.doc().theme);
    // An address with an old hash gets today's colours, but is not kept for ever.
    let current = theme_address(&visit.hub) == visit.path;
    let keep = if current {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    (
        [
            (header::CONTENT_TYPE, "text/css; charset=utf-8"),
            (header::CACHE_CONTROL, keep),
        ],
        css,
    )
        .into_response()
}

fn hub_page(app: &App, visit: &Visit, path: &str) -> Response {
    let publication = &visit.hub.publication;
    let now = clock::now();
    let Some(page) = publication
        .page(path)
        .filter(|_| publication.hub_visibility(now).is_seen())
    else {
        return person_page(app, Some(visit), &visit.headers, &Problem::NotFound);
    };
    // The same for everybody with this language and these parameters: rendered and compressed once.
    let key = format!(
        "{}\n{}\n{path}\n{}",
        visit.locale.as_str(),
        visit.keep(),
        visit
            .headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
            .unwrap_or_default()
    );
    let render = || with_site(app, visit, |site| pages::hub_page(site, page)).map(Bytes::from);
    match visit.hub.pages.get(&key, now, render) {
        Ok(encoded) => {
            let mut response = encoded.response(&visit.headers);
            response.headers_mut().insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("text/html; charset=utf-8"),
            );
            response
                .headers_mut()
                .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            response
        }
        Err(error) => person_page(app, Some(visit), &visit.headers, &Problem::broken(&error)),
    }
}

/// `GET /h/{hub}/terms/{terms}`
pub async fn terms(
    State(app): State<App>,
    Path((_, key)): Path<(String, String)>,
    visit: Result<Visit, Problem>,
    headers: HeaderMap,
) -> Response {
    let visit = match visit {
        Ok(visit) => visit,
        Err(problem) => return either(&app, None, &headers, problem),
    };
    match visit.hub.publication.doc().terms(&key) {
        Some(terms) => html(
            StatusCode::OK,
            with_site(&app, &visit, |site| pages::terms_page(site, terms)),
        ),
        None => person_page(&app, Some(&visit), &visit.headers, &Problem::NotFound),
    }
}

/// `GET /h/{hub}/c/{card}`: fresh, or with `?play=` where that play stands.
pub async fn card(
    State(app): State<App>,
    Path((_, key)): Path<(String, String)>,
    visit: Result<Visit, Problem>,
    headers: HeaderMap,
) -> Response {
    let visit = match visit {
        Ok(visit) => visit,
        Err(problem) => return either(&app, None, &headers, problem),
    };
    let Some((id, _)) = visit.hub.card(&key) else {
        return person_page(&app, Some(&visit), &visit.headers, &Problem::NotFound);
    };
    match closed_stage(&visit, &key, clock::now()) {
        Err(problem) => return person_page(&app, Some(&visit), &visit.headers, &problem),
        Ok(Some(stage)) => {
            return card_page(
                &app,
                &visit,
                &key,
                StatusCode::OK,
                stage,
                pages::Visit::default(),
            );
        }
        Ok(None) => {}
    }
    let play = visit
        .parameter("play")
        .and_then(|play| play.parse::<PlayId>().ok());
    match play {
        Some(play) => match stand(&app, &visit, &key, id, play).await {
            Ok((stage, shown)) => card_page(&app, &visit, &key, StatusCode::OK, stage, shown),
            Err(problem) => person_page(&app, Some(&visit), &visit.headers, &problem),
        },
        None => fresh(&app, &visit, &key),
    }
}

/// A card's page as it begins: with a new play id, and with what the address fills in advance.
fn fresh(app: &App, visit: &Visit, key: &str) -> Response {
    let Some((_, card)) = visit.hub.card(key) else {
        return person_page(app, Some(visit), &visit.headers, &Problem::NotFound);
    };
    let fields = card.doc.form.iter().flat_map(|form| &form.fields);
    let filled = fields.filter_map(|field| {
        Some((
            field.key.clone(),
            visit.parameter(field.prefill.as_deref()?)?.to_owned(),
        ))
    });
    let shown = pages::Visit {
        play_id: Some(clock::new_id()),
        values: filled.collect(),
        ..pages::Visit::default()
    };
    card_page(
        app,
        visit,
        key,
        StatusCode::OK,
        CardStage::first(card),
        shown,
    )
}

/// A card's page.
#[expect(
    clippy::needless_pass_by_value,
    reason = "what is shown is made for this one page"
)]
pub(super) fn card_page(
    app: &App,
    visit: &Visit,
    key: &str,
    status: StatusCode,
    stage: CardStage,
    shown: pages::Visit,
) -> Response {
    match visit.hub.card(key) {
        Some((_, card)) => {
            let mut response = html(
                status,
                with_site(app, visit, |site| {
                    pages::card_page(site, card, stage, &shown)
                }),
            );
            door::allow_frames(&mut response, &card.engine.frames());
            response
        }
        None => person_page(app, Some(visit), &visit.headers, &Problem::NotFound),
    }
}

/// The stage of a card that can't be played now; none when it can. A card that is not to be seen is not found.
pub(super) fn closed_stage(
    visit: &Visit,
    key: &str,
    now: Millis,
) -> Result<Option<CardStage>, Problem> {
    match visit.hub.publication.card_visibility(key, now) {
        Visibility::Hidden => Err(Problem::NotFound),
        Visibility::Closed { since } => Ok(Some(CardStage::Closed(Some(since)))),
        Visibility::NotYetOpen { from } => Ok(Some(CardStage::Early(Some(from)))),
        Visibility::Visible => {
            Ok(entries_closed(visit, key, now).map(|since| CardStage::Closed(Some(since))))
        }
    }
}

/// When entries ended, if they did.
pub(super) fn entries_closed(visit: &Visit, key: &str, now: Millis) -> Option<Millis> {
    let closes_at = visit
        .hub
        .publication
        .card(key)?
        .doc
        .entries
        .as_ref()?
        .closes_at?;
    let closes_at = Millis(closes_at.as_millisecond());
    (now >= closes_at).then_some(closes_at)
}

/// Where a play stands: what its page shows.
pub(super) async fn stand(
    app: &App,
    visit: &Visit,
    key: &str,
    id: CardId,
    play: PlayId,
) -> Result<(CardStage, pages::Visit), Problem> {
    let (_, card) = visit.hub.card(key).ok_or(Problem::NotFound)?;
    let found = app
        .store
        .read(move |tx| Box::pin(plays::find(tx, id, play)))
        .await?;
    let mut shown = pages::Visit {
        play_id: Some(play),
        ..pages::Visit::default()
    };
    let Some(found) = found else {
        // Nothing was played under this id. On a card without a play the address is only given after an entry.
        let stage = if card.engine.playable() {
            CardStage::first(card)
        } else {
            CardStage::Done
        };
        return Ok((stage, shown));
    };
    let finished = found.finished;
    shown.stand = Some(pages::Stand {
        state: serde_json::from_str(&found.progress).unwrap_or_default(),
        facts: serde_json::from_str(&found.facts).unwrap_or_default(),
        moves: found.moves,
        finished,
    });
    if !finished {
        return Ok((CardStage::Play, shown));
    }
    if card.engine.shows_results() {
        shown.results = results(app, visit, key, id).await?;
    }
    let done = found.entry.is_some() || card.form.is_none();
    Ok((
        if done {
            CardStage::Done
        } else {
            CardStage::Form
        },
        shown,
    ))
}

/// The card's counted answers as they are now.
pub(super) async fn results(
    app: &App,
    visit: &Visit,
    key: &str,
    id: CardId,
) -> Result<Vec<ResultRow>, Problem> {
    let (_, card) = visit.hub.card(key).ok_or(Problem::NotFound)?;
    let tallies = app
        .store
        .read(move |tx| Box::pin(plays::tallies(tx, id)))
        .await?;
    let tallies: Vec<_> = tallies
        .into_iter()
        .map(|(question, choice, votes)| ((question, choice), votes.unsigned_abs()))
        .collect();
    Ok(card.engine.results(&tallies, &visit.locale))
}

/// What a person reads instead of a page.
pub(super) fn person_page(
    app: &App,
    visit: Option<&Visit>,
    headers: &HeaderMap,
    problem: &Problem,
) -> Response {
    let trouble = match problem {
        Problem::Closed => Trouble::Gone,
        Problem::TooMany { .. } => Trouble::TooMany,
        Problem::Unavailable => Trouble::Unavailable,
        Problem::Broken(reference) => Trouble::Broken(Some(reference.clone())),
        Problem::AlreadyEntered { .. } | Problem::PlayUnusable | Problem::KeyUsed => Trouble::Stale,
        Problem::Malformed(_)
        | Problem::CrossSite
        | Problem::TooSlow
        | Problem::TooLarge { .. }
        | Problem::WrongType
        | Problem::Fields(_)
        | Problem::Move(_) => Trouble::Unreadable,
        Problem::NotFound | Problem::MethodNotAllowed | Problem::NotYetOpen => Trouble::NotFound,
    };
    let links = &app.assets.links;
    let page = if let Some(visit) = visit {
        with_site(app, visit, |site| {
            pages::error_page(Some(site), links, &visit.locale, &trouble)
        })
    } else {
        let wish = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let locale: Locale = negotiate(wish, &texts::languages());
        pages::error_page(None, links, &locale, &trouble)
    };
    let mut response = html(problem.status(), page);
    problem.headers(&mut response);
    response
}

/// Anything that no route takes.
pub async fn nothing_here(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Response {
    tracing::debug!(path = uri.path(), "nothing at this address");
    if guest::wants_page(&headers) {
        person_page(&app, None, &headers, &Problem::NotFound)
    } else {
        Problem::NotFound.into_response()
    }
}

/// A method that an address does not take. Who opens an address that a form was posted to sees the form's page.
pub async fn other_method(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let page = page_path(uri.path());
    if method == Method::GET && page != uri.path() && guest::wants_page(&headers) {
        return Redirect::to(page).into_response();
    }
    Problem::MethodNotAllowed.into_response()
}

/// A panic in a handler: a mistake of ours, answered like any other.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature that the layer calls"
)]
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned());
    Problem::broken(&text.unwrap_or_else(|| "a panic without words".into())).into_response()
}

/// A problem in the form that the sender can use: a page for a browser, JSON for a program.
pub(super) fn either(
    app: &App,
    visit: Option<&Visit>,
    headers: &HeaderMap,
    problem: Problem,
) -> Response {
    if guest::wants_page(headers) {
        person_page(app, visit, headers, &problem)
    } else {
        problem.into_response()
    }
}

/// The form once more, with what was typed and what is wrong with it; below the results when a play came before it.
pub(super) fn form_again(
    app: &App,
    visit: &Visit,
    key: &str,
    values: BTreeMap<String, String>,
    errors: Vec<FieldError>,
    play: Option<PlayId>,
) -> Response {
    let shown = pages::Visit {
        play_id: Some(play.unwrap_or_else(clock::new_id)),
        values,
        errors,
        ..pages::Visit::default()
    };
    card_page(
        app,
        visit,
        key,
        StatusCode::UNPROCESSABLE_ENTITY,
        CardStage::Form,
        shown,
    )
}

/// The play as it stands once more, with the move that was tried and why it was refused.
pub(super) async fn play_again(
    app: &App,
    visit: &Visit,
    key: &str,
    tried: Move,
    errors: Vec<FieldError>,
    play: PlayId,
) -> Response {
    let Some((id, _)) = visit.hub.card(key) else {
        return person_page(app, Some(visit), &visit.headers, &Problem::NotFound);
    };
    match stand(app, visit, key, id, play).await {
        Ok((stage, shown)) => {
            let shown = pages::Visit {
                errors,
                tried,
                ..shown
            };
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            card_page(app, visit, key, status, stage, shown)
        }
        Err(problem) => person_page(app, Some(visit), &visit.headers, &problem),
    }
}
