//! `POST /h/{hub}/c/{card}/entries`: the data-capture form.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use engage::{
    Value,
    entry::{self, identities, person},
    form::{FieldError, Form, Input, Submission},
    hub::{FormPosition, PublishedCard, Visibility},
    ids::{CardId, EntryId, PlayId},
    mapping::{Facts, Moment, Plan, sent::Delta},
    time::Millis,
};
use http::{HeaderMap, StatusCode, header};
use metrics::counter;
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::{
    entries::{EntryPlay, NewConsent, NewEntry, Verdict},
    outbox::{self, NewDelivery},
    plays,
};

use super::{
    guest::{Sent, Visit},
    show, visitor,
};
use crate::{
    app::App,
    clock,
    live::LiveHub,
    mail,
    web::{pages::CardStage, problem::Problem},
};

/// The answer to an accepted entry.
#[derive(Debug, Serialize)]
struct Accepted {
    entry_id: EntryId,
    status: String,
    next: String,
}

/// A submission before it is an entry.
struct Posted {
    input: Input,
    play: Option<PlayId>,
    /// The body was a form post: the answer is a page.
    page: bool,
    /// What was typed, to be shown again.
    typed: BTreeMap<String, String>,
}

/// Takes an entry.
pub async fn submit(
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
        Ok(sent) => enter(&app, &visit, &key, sent).await,
        Err(problem) => Err(problem.into()),
    };
    match outcome {
        Ok(response) => response,
        Err(failure) => failure.respond(&app, &visit, &key),
    }
}

/// A problem, with what is needed to show the form again.
struct Failure {
    problem: Problem,
    posted: Option<Box<Posted>>,
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            posted: None,
        }
    }
}

impl Failure {
    fn respond(self, app: &App, visit: &Visit, key: &str) -> Response {
        counter!("komo_entries_refused_total", "status" => self.problem.status().as_str().to_owned()).increment(1);
        let page = self
            .posted
            .as_ref()
            .map_or_else(|| visit.wants_page(), |posted| posted.page);
        if !page {
            return self.problem.into_response();
        }
        let shown = |stage| {
            show::card_page(
                app,
                visit,
                key,
                self.problem.status(),
                stage,
                crate::web::pages::Visit::default(),
            )
        };
        match (&self.problem, self.posted) {
            (Problem::AlreadyEntered { again_at }, _) => shown(CardStage::Again(*again_at)),
            (Problem::Closed, _) => shown(CardStage::Closed(show::entries_closed(
                visit,
                key,
                clock::now(),
            ))),
            (Problem::NotYetOpen, _) => shown(CardStage::Early(None)),
            (Problem::Fields(errors), Some(posted)) => {
                show::form_again(app, visit, key, posted.typed, errors.clone(), posted.play)
            }
            (problem, _) => show::person_page(app, Some(visit), &visit.headers, problem),
        }
    }
}

async fn enter(app: &App, visit: &Visit, key: &str, sent: Sent) -> Result<Response, Failure> {
    let (card_id, card) = visit.hub.card(key).ok_or(Problem::NotFound)?;
    let form = card.form.as_ref().ok_or(Problem::NotFound)?;
    let now = clock::now();
    match visit.hub.publication.card_visibility(key, now) {
        Visibility::Hidden => return Err(Problem::NotFound.into()),
        Visibility::Closed { .. } => return Err(Problem::Closed.into()),
        Visibility::NotYetOpen { .. } => return Err(Problem::NotYetOpen.into()),
        Visibility::Visible if show::entries_closed(visit, key, now).is_some() => {
            return Err(Problem::Closed.into());
        }
        Visibility::Visible => {}
    }
    let posted = read(sent, &visit.locale)?;
    let submission = match form.parse(&posted.input, &visit.told, &visit.locale, clock::today()) {
        Ok(submission) => submission,
        Err(errors) => {
            return Err(Failure {
                problem: Problem::Fields(errors),
                posted: Some(Box::new(posted)),
            });
        }
    };
    let play = entry_play(card, posted.play);
    let played = facts_of_play(app, card_id, play).await?;
    let new = new_entry(
        &app.public_url,
        visit,
        card_id,
        card,
        form,
        submission,
        play,
        &played,
        now,
    )?;
    let lanes: Vec<Arc<[i64]>> = new
        .deliveries
        .iter()
        .map(|delivery| Arc::clone(&delivery.lanes))
        .collect();
    let (entry, told) = (new.entry, new.properties.clone());
    let verdict = app.line.submit(new).await.map_err(Problem::from)?;
    let mut cookie = None;
    let (entry, status, code) = match verdict {
        Verdict::Accepted { contact, .. } => {
            counter!("komo_entries_accepted_total").increment(1);
            for lanes in &lanes {
                if let Some(lane) = outbox::lane_of(contact, lanes) {
                    app.wakers.wake(lane);
                }
            }
            cookie = visitor::remember(app, visit, contact, told, posted.page).await;
            (entry, "qualified".to_owned(), StatusCode::CREATED)
        }
        Verdict::Repeated { entry, status } => (entry, status, StatusCode::CREATED),
        other => {
            return Err(Failure {
                problem: refusal(&other),
                posted: Some(Box::new(posted)),
            });
        }
    };
    let next = next_address(visit, key, card, posted.play, entry);
    let mut response = if posted.page {
        (
            StatusCode::SEE_OTHER,
            [
                (header::LOCATION, next),
                (header::CACHE_CONTROL, "no-store".into()),
            ],
        )
            .into_response()
    } else {
        (
            code,
            [(header::CACHE_CONTROL, "no-store")],
            Json(Accepted {
                entry_id: entry,
                status,
                next,
            }),
        )
            .into_response()
    };
    let cookie = cookie.map(|cookie| (header::SET_COOKIE, cookie));
    response.headers_mut().extend(cookie);
    Ok(response)
}

fn refusal(verdict: &Verdict) -> Problem {
    match verdict {
        Verdict::AlreadyEntered { again_at } => Problem::AlreadyEntered {
            again_at: *again_at,
        },
        Verdict::KeyUsed => Problem::KeyUsed,
        _ => Problem::PlayUnusable,
    }
}

/// Where the participant goes after the entry.
fn next_address(
    visit: &Visit,
    key: &str,
    card: &PublishedCard,
    play: Option<PlayId>,
    entry: EntryId,
) -> String {
    let slug = &visit.hub.publication.doc().hub.slug;
    // Without a play the address still needs something that says "this has been sent".
    let play = play.map_or_else(|| entry.to_string(), |play| play.to_string());
    let mut query = form_urlencoded::Serializer::new(visit.keep());
    query.append_pair("play", &play);
    let anchor = if card.engine.playable() {
        ""
    } else {
        "#thanks"
    };
    format!("/h/{slug}/c/{key}?{}{anchor}", query.finish())
}

fn read(sent: Sent, locale: &engage::text::Locale) -> Result<Posted, Failure> {
    match sent {
        Sent::Json(body) => {
            let play = match body.get("play_id") {
                None | Some(serde_json::Value::Null) => None,
                Some(value) => Some(
                    value
                        .as_str()
                        .and_then(|text| text.parse().ok())
                        .ok_or_else(bad_play_id)?,
                ),
            };
            if let Some(unknown) = body.as_object().and_then(|it| {
                it.keys()
                    .find(|key| !["fields", "consents", "play_id"].contains(&key.as_str()))
            }) {
                let unknown: String = unknown
                    .chars()
                    .filter(|c| !c.is_control())
                    .take(64)
                    .collect();
                let message = format!(
                    "The body has no place for `{unknown}`. Send `fields`, `consents` and `play_id`."
                );
                return Err(Problem::Fields(vec![FieldError {
                    field: unknown,
                    message,
                }])
                .into());
            }
            let input = Input::from_json(&body, locale).map_err(Problem::Fields)?;
            Ok(Posted {
                input,
                play,
                page: false,
                typed: BTreeMap::new(),
            })
        }
        Sent::Form(pairs) => {
            let (own, fields): (Vec<_>, Vec<_>) =
                pairs.into_iter().partition(|(key, _)| key == "play_id");
            let typed: BTreeMap<String, String> = fields.iter().cloned().collect();
            let play = match own
                .first()
                .map(|(_, text)| text.trim())
                .filter(|text| !text.is_empty())
            {
                None => None,
                Some(text) => Some(text.parse().map_err(|_| bad_play_id())?),
            };
            match Input::from_pairs(fields, locale) {
                Ok(input) => Ok(Posted {
                    input,
                    play,
                    page: true,
                    typed,
                }),
                Err(errors) => {
                    let posted = Posted {
                        input: Input::default(),
                        play,
                        page: true,
                        typed,
                    };
                    Err(Failure {
                        problem: Problem::Fields(errors),
                        posted: Some(Box::new(posted)),
                    })
                }
            }
        }
    }
}

fn bad_play_id() -> Problem {
    let message = "The play_id must be a UUID such as 0192f0c1-2345-7abc-8def-0123456789ab. Make a new one for each play.";
    Problem::Fields(vec![FieldError {
        field: "play_id".into(),
        message: message.into(),
    }])
}

/// How the submission's play id is meant, by the card.
fn entry_play(card: &PublishedCard, play: Option<PlayId>) -> Option<EntryPlay> {
    let play = play?;
    if !card.engine.playable() {
        return Some(EntryPlay::Named(play));
    }
    match card.doc.form.as_ref().map(|form| form.position) {
        Some(FormPosition::Start) => Some(EntryPlay::Starts(play)),
        _ => Some(EntryPlay::Finished(play)),
    }
}

/// What the play before the form told. The form at the end of a play needs one.
async fn facts_of_play(
    app: &App,
    card: CardId,
    play: Option<EntryPlay>,
) -> Result<BTreeMap<String, Value>, Problem> {
    let Some(EntryPlay::Finished(play)) = play else {
        return Ok(BTreeMap::new());
    };
    let found = app
        .store
        .read(move |tx| Box::pin(plays::find(tx, card, play)))
        .await?;
    match found {
        Some(found) if found.finished => {
            serde_json::from_str(&found.facts).map_err(|error| Problem::broken(&error))
        }
        _ => Err(Problem::PlayUnusable),
    }
}

#[derive(Serialize)]
struct Content<'a> {
    fields: &'a BTreeMap<String, Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    params: &'a BTreeMap<String, String>,
    locale: &'a str,
}

#[expect(
    clippy::too_many_arguments,
    reason = "the one place where everything about an entry comes together"
)]
fn new_entry(
    base: &str,
    visit: &Visit,
    card_id: CardId,
    card: &PublishedCard,
    form: &Form,
    submission: Submission,
    play: Option<EntryPlay>,
    played: &BTreeMap<String, Value>,
    now: Millis,
) -> Result<NewEntry, Failure> {
    let entry_id: EntryId = clock::new_id();
    let params = visit.params();
    let locale = visit.locale.as_str();
    let properties: BTreeMap<String, Value> = submission
        .fields
        .iter()
        .filter_map(|(key, value)| Some((form.field(key)?.property()?.to_owned(), value.clone())))
        .collect();
    let pairs = || properties.iter().map(|(key, value)| (key.as_str(), value));
    let identities = identities(pairs());
    let content = serde_json::to_string(&Content {
        fields: &submission.fields,
        params: &params,
        locale,
    });
    let content = content.map_err(|error| Problem::broken(&error))?;

    let mut deliveries = Vec::new();
    if !visit.hub.connections.is_empty() {
        let title = card
            .doc
            .title
            .get(&visit.locale, visit.hub.publication.default_locale());
        let facts = Facts {
            entry_id,
            accepted_at: now,
            hub_slug: &visit.hub.publication.doc().hub.slug,
            card_key: &card.doc.key,
            card_title: title,
            locale,
            fields: &submission.fields,
            properties: &properties,
            consents: &submission.consents,
            play: played,
            params: &params,
            moment: Moment::Entry,
        };
        deliveries = plan(&visit.hub, &facts);
        mail::add_confirmation(
            &visit.hub,
            card,
            &facts,
            &visit.locale,
            base,
            &mut deliveries,
        );
    }
    Ok(NewEntry {
        workspace: visit.hub.workspace,
        hub: visit.hub.id,
        card: card_id,
        entry: entry_id,
        contact: clock::new_id(),
        submission_key: submission_key(&visit.headers, play)?,
        fingerprint: fingerprint(&submission),
        person: person(
            &card.same_person,
            &submission.fields,
            &identities,
            |field| form.field(field)?.property(),
        ),
        identities,
        limit: card.limit,
        status: "qualified".into(),
        properties: entry::updates(pairs()),
        content,
        consents: submission.consents.into_iter().map(consent).collect(),
        play,
        deliveries,
        now,
    })
}

/// What of this goes to the hub's connections.
pub(super) fn plan(hub: &LiveHub, facts: &Facts<'_>) -> Vec<NewDelivery> {
    let planned = hub.connections.iter().filter_map(|connection| {
        let lanes = Arc::clone(&connection.lanes);
        match connection.mapping.plan(facts) {
            Plan::Nothing => None,
            Plan::Send(mut planned) => {
                for note in &planned.notes {
                    counter!("komo_mapping_notes_total").increment(1);
                    tracing::debug!(connection.id = %connection.id, entry.id = %facts.entry_id, "a value was left out: {note:?}");
                }
                let delta = Delta::of(&mut planned, connection.id, connection.resend_epoch);
                Some(NewDelivery { lanes, events: planned.events, purchases: planned.purchases, delta: Some(Box::new(delta)), ..NewDelivery::default() })
            }
            Plan::Skip(reason) => {
                let sentence = format!("{} {}", reason.sentence(), reason.remedy());
                Some(NewDelivery { lanes, skipped: Some((reason.code(), sentence)), ..NewDelivery::default() })
            }
        }
    });
    planned.collect()
}

fn consent(given: engage::form::ConsentGiven) -> NewConsent {
    NewConsent {
        key: given.key,
        subscription: given.subscription,
        given: given.given,
        version: given.version,
        text_hash: given.text_hash,
        text: given.text,
        locale: given.locale.as_str().to_owned(),
    }
}

/// What makes two requests the same submission: the Idempotency-Key header, else the play id, else nothing.
fn submission_key(
    headers: &HeaderMap,
    play: Option<EntryPlay>,
) -> Result<Option<[u8; 16]>, Problem> {
    let Some(header) = headers.get("idempotency-key") else {
        return Ok(play.map(|play| play.id().uuid().into_bytes()));
    };
    let text = header.to_str().unwrap_or_default().trim().trim_matches('"');
    if text.is_empty() || text.len() > 255 {
        return Err(Problem::Malformed("The Idempotency-Key header must be 1 to 255 printable ASCII characters, for example a UUID.".into()));
    }
    // A UUID stands for itself, so that a page may send its play id in both places.
    if let Ok(uuid) = text.parse::<uuid::Uuid>() {
        return Ok(Some(uuid.into_bytes()));
    }
    Ok(Some(first_16(Sha256::digest(text).as_slice())))
}

fn fingerprint(submission: &Submission) -> [u8; 16] {
    let mut hash = Sha256::new();
    for (key, value) in &submission.fields {
        for part in [key.as_str(), &value.to_text()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    for consent in &submission.consents {
        hash.update([u8::from(consent.given)]);
        hash.update(&consent.key);
    }
    first_16(hash.finalize().as_slice())
}

fn first_16(digest: &[u8]) -> [u8; 16] {
    digest.first_chunk::<16>().copied().unwrap_or_default()
}
