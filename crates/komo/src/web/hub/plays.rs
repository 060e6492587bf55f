//! Plays: `POST .../plays` starts one, `POST .../plays/{play}/moves` makes a move, `GET .../plays/{play}` shows where it stands.
//! A page without scripts does the first two in one post: it sends the move along.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use engage::{
    cards::{Move, PlayContext, ResultRow},
    form::FieldError,
    hub::{FormPosition, PublishedCard, Visibility},
    ids::{CardId, PlayId},
    mapping::{Facts, Moment},
};
use http::{HeaderMap, StatusCode, header};
use metrics::counter;
use serde::Serialize;
use store::{outbox, plays};

use super::{
    entries,
    guest::{Sent, Visit},
    show,
};
use crate::{app::App, clock, web::problem::Problem};

#[derive(Debug, Serialize)]
struct Started {
    play_id: PlayId,
    state: &'static str,
    moves: String,
}

#[derive(Debug, Serialize)]
struct Stand {
    play_id: PlayId,
    finished: bool,
    /// What the play has told so far.
    outcome: BTreeMap<String, engage::Value>,
    /// The counted answers, if they may be seen.
    results: Vec<Row>,
    /// What comes next: `form`, `move` or `done`.
    next: &'static str,
}

#[derive(Debug, Serialize)]
struct Row {
    option: String,
    label: String,
    votes: u64,
    percent: u8,
}

impl From<ResultRow> for Row {
    fn from(row: ResultRow) -> Self {
        Self {
            option: row.key,
            label: row.label,
            votes: row.count,
            percent: row.percent,
        }
    }
}

/// Starts a play.
pub async fn start(
    State(app): State<App>,
    Path((_, key)): Path<(String, String)>,
    visit: Result<Visit, Problem>,
    headers: HeaderMap,
    sent: Result<Sent, Problem>,
) -> Response {
    let visit = match visit {
        Ok(visit) => visit,
        Err(problem) => return show::either(&app, None, &headers, problem),
    };
    let outcome = match sent {
        Ok(Sent::Json(body)) => start_json(&app, &visit, &key, &body).await,
        Ok(Sent::Form(pairs)) => return start_form(&app, &visit, &key, pairs).await,
        Err(problem) => Err(problem),
    };
    outcome.unwrap_or_else(|problem| show::either(&app, Some(&visit), &headers, problem))
}

async fn start_json(
    app: &App,
    visit: &Visit,
    key: &str,
    body: &serde_json::Value,
) -> Result<Response, Problem> {
    let play: PlayId = match body.get("play_id") {
        None | Some(serde_json::Value::Null) => clock::new_id(),
        Some(value) => value
            .as_str()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| {
                Problem::Fields(vec![FieldError {
                    field: "play_id".into(),
                    message: "The play_id must be a UUID, made anew for each play.".into(),
                }])
            })?,
    };
    let (id, _) = playable(visit, key)?;
    begin(app, visit, key, id, play).await?;
    let slug = &visit.hub.publication.doc().hub.slug;
    let started = Started {
        play_id: play,
        state: "started",
        moves: format!("/h/{slug}/c/{key}/plays/{play}/moves"),
    };
    Ok((
        StatusCode::CREATED,
        [(header::CACHE_CONTROL, "no-store")],
        Json(started),
    )
        .into_response())
}

/// The page's own form: play id and move in one post; the answer is the page where the play stands now.
async fn start_form(app: &App, visit: &Visit, key: &str, pairs: Vec<(String, String)>) -> Response {
    let mut values: BTreeMap<String, String> = pairs.into_iter().collect();
    let play: PlayId = values
        .remove("play_id")
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(clock::new_id);
    let movement = Move {
        question: values.remove("question"),
        option: values.remove("option").unwrap_or_default(),
    };
    let done = async {
        let (id, card) = playable(visit, key)?;
        // The move is checked first: a refused one leaves nothing behind.
        decide(card, &movement, visit)?;
        begin(app, visit, key, id, play).await?;
        finish(app, visit, id, card, play, &movement).await
    };
    match done.await {
        Ok(_) => {
            let mut query = form_urlencoded::Serializer::new(visit.keep());
            query.append_pair("play", &play.to_string());
            let slug = &visit.hub.publication.doc().hub.slug;
            let next = format!("/h/{slug}/c/{key}?{}", query.finish());
            (
                StatusCode::SEE_OTHER,
                [
                    (header::LOCATION, next),
                    (header::CACHE_CONTROL, "no-store".into()),
                ],
            )
                .into_response()
        }
        Err(Problem::Move(message)) => {
            let errors = vec![FieldError {
                field: String::new(),
                message,
            }];
            show::play_again(app, visit, key, errors, play)
        }
        Err(problem) => match show::closed_stage(visit, key, clock::now()) {
            Ok(Some(stage)) => show::card_page(
                app,
                visit,
                key,
                problem.status(),
                stage,
                crate::web::pages::Visit::default(),
            ),
            _ => show::person_page(app, Some(visit), &visit.headers, &problem),
        },
    }
}

/// Makes a move.
pub async fn make_move(
    State(app): State<App>,
    Path((_, key, play)): Path<(String, String, String)>,
    visit: Result<Visit, Problem>,
    headers: HeaderMap,
    sent: Result<Sent, Problem>,
) -> Response {
    let outcome = async {
        let visit = visit?;
        let play: PlayId = play.parse().map_err(|_| Problem::NotFound)?;
        let Sent::Json(body) = sent? else {
            return Err(Problem::WrongType);
        };
        let movement: Move = serde_json::from_value(body).map_err(|_| {
            Problem::Malformed(
                "A move is a JSON object such as {\"option\": \"pistachio\"}.".into(),
            )
        })?;
        let (id, card) = playable(&visit, &key)?;
        let stand = finish(&app, &visit, id, card, play, &movement).await?;
        stand_json(&app, &visit, &key, id, card, stand).await
    };
    outcome
        .await
        .unwrap_or_else(|problem| show::either(&app, None, &headers, problem))
}

/// Shows where a play stands: for live results after voting.
pub async fn show(
    State(app): State<App>,
    Path((_, key, play)): Path<(String, String, String)>,
    visit: Result<Visit, Problem>,
    headers: HeaderMap,
) -> Response {
    let outcome = async {
        let visit = visit?;
        let play: PlayId = play.parse().map_err(|_| Problem::NotFound)?;
        let (id, card) = visit.hub.card(&key).ok_or(Problem::NotFound)?;
        let found = app
            .store
            .read(move |tx| Box::pin(plays::find(tx, id, play)))
            .await?
            .ok_or(Problem::NotFound)?;
        stand_json(&app, &visit, &key, id, card, found).await
    };
    outcome
        .await
        .unwrap_or_else(|problem: Problem| show::either(&app, None, &headers, problem))
}

async fn stand_json(
    app: &App,
    visit: &Visit,
    key: &str,
    id: CardId,
    card: &PublishedCard,
    play: plays::Play,
) -> Result<Response, Problem> {
    let results = if play.finished && card.engine.shows_results() {
        show::results(app, visit, key, id).await?
    } else {
        Vec::new()
    };
    let next = match (play.finished, play.entry.is_some() || card.form.is_none()) {
        (false, _) => "move",
        (true, true) => "done",
        (true, false) => "form",
    };
    let stand = Stand {
        play_id: play.id,
        finished: play.finished,
        outcome: serde_json::from_str(&play.facts).map_err(|error| Problem::broken(&error))?,
        results: results.into_iter().map(Row::from).collect(),
        next,
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(stand)).into_response())
}

fn playable<'a>(visit: &'a Visit, key: &str) -> Result<(CardId, &'a PublishedCard), Problem> {
    let (id, card) = visit.hub.card(key).ok_or(Problem::NotFound)?;
    match visit.hub.publication.card_visibility(key, clock::now()) {
        Visibility::Hidden => Err(Problem::NotFound),
        Visibility::Closed { .. } => Err(Problem::Closed),
        Visibility::NotYetOpen { .. } => Err(Problem::NotYetOpen),
        Visibility::Visible if !card.engine.playable() => Err(Problem::NotFound),
        Visibility::Visible => Ok((id, card)),
    }
}

/// Starts a play unless it is there. Where the form comes first, the entry has started it.
async fn begin(
    app: &App,
    visit: &Visit,
    key: &str,
    id: CardId,
    play: PlayId,
) -> Result<(), Problem> {
    let (_, card) = visit.hub.card(key).ok_or(Problem::NotFound)?;
    if card
        .doc
        .form
        .as_ref()
        .is_some_and(|form| form.position == FormPosition::Start)
    {
        let found = app
            .store
            .read(move |tx| Box::pin(plays::find(tx, id, play)))
            .await?;
        return found.map(|_| ()).ok_or(Problem::PlayUnusable);
    }
    let (workspace, now) = (visit.hub.workspace, clock::now());
    let started = app
        .store
        .write(move |tx| Box::pin(plays::start(tx, workspace, id, play, now)))
        .await;
    match started {
        Ok(_) => Ok(()),
        Err(store::StoreError::Conflict(_)) => Err(Problem::PlayUnusable),
        Err(error) => Err(error.into()),
    }
}

fn decide(
    card: &PublishedCard,
    movement: &Move,
    visit: &Visit,
) -> Result<engage::cards::Outcome, Problem> {
    let context = PlayContext {
        now: clock::now(),
        seed: clock::dice(),
        attempt: 1,
    };
    card.engine
        .play(movement, context)
        .map_err(|refusal| Problem::Move(refusal.message(&visit.locale)))
}

/// Decides the move and stores the outcome; a play that is over stays as it is.
async fn finish(
    app: &App,
    visit: &Visit,
    id: CardId,
    card: &PublishedCard,
    play: PlayId,
    movement: &Move,
) -> Result<plays::Play, Problem> {
    let outcome = decide(card, movement, visit)?;
    let before = app
        .store
        .read(move |tx| Box::pin(plays::find(tx, id, play)))
        .await?
        .ok_or(Problem::NotFound)?;
    if before.finished {
        return Ok(before);
    }
    let now = clock::now();
    // The form came first: its answers say who this is.
    let content = match before.entry {
        Some(entry) => entries::content(app, id, entry).await?,
        None => entries::Stored::default(),
    };
    let empty = BTreeMap::new();
    let deliveries = match before.entry {
        // The form came first: what the play tells follows its entry.
        Some(entry_id) => entries::plan(
            visit,
            &Facts {
                entry_id,
                accepted_at: now,
                hub_slug: &visit.hub.publication.doc().hub.slug,
                card_key: &card.doc.key,
                card_title: card
                    .doc
                    .title
                    .get(&visit.locale, visit.hub.publication.default_locale()),
                locale: visit.locale.as_str(),
                fields: &content.fields,
                properties: &empty,
                consents: &[],
                play: &outcome.facts,
                params: &content.params,
                moment: Moment::PlayFinished,
            },
        ),
        None => Vec::new(),
    };
    let lanes: Vec<_> = deliveries
        .iter()
        .map(|delivery| std::sync::Arc::clone(&delivery.lanes))
        .collect();
    let facts = serde_json::to_string(&outcome.facts).map_err(|error| Problem::broken(&error))?;
    let end = plays::Finish {
        workspace: visit.hub.workspace,
        card: id,
        play,
        facts,
        votes: outcome.tally,
        deliveries,
        now,
    };
    let done = app
        .store
        .write(move |tx| Box::pin(plays::finish(tx, end)))
        .await?;
    counter!("komo_plays_finished_total").increment(1);
    if let Some(contact) = done.contact {
        for lane in lanes
            .iter()
            .filter_map(|lanes| outbox::lane_of(contact, lanes))
        {
            app.wakers.wake(lane);
        }
    }
    Ok(done)
}
