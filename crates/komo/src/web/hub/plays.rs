//! Plays: `POST .../plays` starts one, `POST .../plays/{play}/moves` makes a move, `GET .../plays/{play}` shows where it stands.
//! A page without scripts does the first two in one post: it sends the move along.

use std::{collections::BTreeMap, sync::Arc};

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
    text::Locale,
    time::Millis,
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
use crate::{app::App, clock, entered::Entered, live::LiveHub, web::problem::Problem};

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
    /// How many moves there were: the `step` of the next one.
    moves: u32,
    /// What the play has told so far.
    outcome: BTreeMap<String, engage::Value>,
    /// The counted answers, if they may be seen.
    results: Vec<Row>,
    /// What comes next: `form`, `move` or `done`.
    next: &'static str,
}

#[derive(Debug, Serialize)]
struct Row {
    question: String,
    option: String,
    label: String,
    votes: u64,
    percent: u8,
}

impl From<ResultRow> for Row {
    fn from(row: ResultRow) -> Self {
        Self {
            question: row.question,
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
    let (own, inputs): (Vec<_>, Vec<_>) =
        pairs.into_iter().partition(|(name, _)| name == "play_id");
    let play: PlayId = own
        .first()
        .and_then(|(_, text)| text.parse().ok())
        .unwrap_or_else(clock::new_id);
    let (tried, done) = match Move::from_pairs(inputs) {
        Ok(movement) => {
            let tried = movement.clone();
            (tried, advance(app, visit, key, play, movement, true).await)
        }
        Err(why) => (Move::default(), Err(Problem::Malformed(why.into()))),
    };
    match done {
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
        Err(Problem::Move(errors)) => show::play_again(app, visit, key, tried, errors, play).await,
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
        let movement = Move::from_json(&body).map_err(|why| {
            Problem::Malformed(format!("{why} For example {{\"option\": \"pistachio\"}}."))
        })?;
        let (id, card) = playable(&visit, &key)?;
        find(&app, id, play).await?;
        let stand = advance(&app, &visit, &key, play, movement, false).await?;
        stand_json(&app, &visit, &key, id, card, stand).await
    };
    outcome
        .await
        .unwrap_or_else(|problem| show::either(&app, None, &headers, problem))
}

async fn find(app: &App, card: CardId, play: PlayId) -> Result<plays::Play, Problem> {
    app.store
        .read(move |tx| Box::pin(plays::find(tx, card, play)))
        .await?
        .ok_or(Problem::NotFound)
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
        let found = find(&app, id, play).await?;
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
        moves: play.moves,
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

/// Makes a move: decided and stored, with all that it brings about, in one transaction. A move that was made before, and any move
/// in a play that is over, changes nothing.
async fn advance(
    app: &App,
    visit: &Visit,
    key: &str,
    play: PlayId,
    movement: Move,
    may_start: bool,
) -> Result<plays::Play, Problem> {
    let (id, card) = playable(visit, key)?;
    // Where the form comes first, the entry has started the play.
    let form = card.doc.form.as_ref();
    let form_first = form.is_some_and(|form| form.position == FormPosition::Start);
    let turn = plays::Turn {
        workspace: visit.hub.workspace,
        card: id,
        play,
        step: movement.step,
        starts: may_start && !form_first,
        prizes: !card.engine.prizes().is_empty(),
        now: clock::now(),
        dice: clock::dice(),
    };
    let (hub, locale, key) = (Arc::clone(&visit.hub), visit.locale.clone(), key.to_owned());
    let done = app.store.write(move |tx| {
        Box::pin(plays::advance(tx, turn, move |table| {
            decide(&hub, &key, &locale, &movement, turn.now, &table)
        }))
    });
    let play = match done.await {
        Ok(done) => done?,
        Err(store::StoreError::Conflict(_)) => return Err(Problem::PlayUnusable),
        Err(error) => return Err(error.into()),
    };
    if play.finished {
        counter!("komo_plays_finished_total").increment(1);
    }
    if let Some(contact) = play.contact.filter(|_| play.finished) {
        let lanes = visit.hub.connections.iter();
        for lane in lanes.filter_map(|it| outbox::lane_of(contact, &it.lanes)) {
            app.wakers.wake(lane);
        }
    }
    Ok(play)
}

/// What a move comes to, by the card's rules. Runs within the transaction, so it only thinks.
fn decide(
    hub: &LiveHub,
    key: &str,
    locale: &Locale,
    movement: &Move,
    now: Millis,
    table: &plays::Table<'_>,
) -> Result<plays::Moved, Problem> {
    let (_, card) = hub.card(key).ok_or(Problem::NotFound)?;
    let before = serde_json::from_str(&table.play.progress).unwrap_or_default();
    let context = PlayContext {
        now,
        started_at: table.play.started_at,
        seed: table.play.seed,
        stock: &table.stock,
    };
    let outcome = card
        .engine
        .play(&before, movement, &context)
        .map_err(|refusal| Problem::Move(refusal.messages(locale)))?;
    let text = |json: serde_json::Result<String>| json.map_err(|error| Problem::broken(&error));
    let deliveries = match table.play.entry {
        // The form came first: its answers say who this is, and what the play tells follows its entry.
        Some(entry_id) if outcome.finished => {
            let (doc, default) = (&card.doc, hub.publication.default_locale());
            let content = table.content.as_deref().unwrap_or("{}");
            let entered = Entered::read(content, &table.consents, Some(card), default)
                .map_err(|error| Problem::broken(&error))?;
            let facts = Facts {
                entry_id,
                accepted_at: now,
                hub_slug: &hub.publication.doc().hub.slug,
                card_key: &doc.key,
                card_title: doc.title.get(locale, default),
                locale: locale.as_str(),
                fields: &entered.fields,
                properties: &entered.properties,
                consents: &entered.consents,
                play: &outcome.facts,
                params: &entered.params,
                moment: Moment::PlayFinished,
            };
            entries::plan(hub, &facts)
        }
        _ => Vec::new(),
    };
    Ok(plays::Moved {
        finished: outcome.finished,
        facts: text(serde_json::to_string(&outcome.facts))?,
        progress: text(serde_json::to_string(&outcome.state))?,
        votes: outcome.tally,
        award: outcome.award,
        deliveries,
    })
}
