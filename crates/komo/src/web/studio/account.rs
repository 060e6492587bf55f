//! A member's own account: name, password, sessions.
//! Promises: a new password needs the old one and ends all other sessions; a session of somebody else is not there.
//! Leaves to others: workspaces and roles (`members`). TOTP and passkeys will stand here.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use engage::ids::SessionId;
use http::StatusCode;
use secrecy::SecretString;
use store::{accounts, accounts_sessions};

use super::{
    access::SignedIn,
    form::{Errors, Sent},
    frame::{At, Frame, ago, with_status},
    passwords,
    problem::StudioProblem,
    sessions::{self, Session},
};
use crate::{app::App, clock};

type Answer = Result<Response, StudioProblem>;

struct SessionRow {
    id: SessionId,
    agent: String,
    began: String,
    this: bool,
}

#[derive(Template)]
#[template(path = "account.html", config = "src/web/studio/askama.toml")]
struct AccountPage {
    frame: Frame,
    errors: Errors,
    sessions: Vec<SessionRow>,
}

async fn account_page(
    app: &App,
    who: &SignedIn,
    session: &Session,
    query: &[(String, String)],
    errors: Errors,
) -> Answer {
    let (member, now) = (who.0.member.id, clock::now());
    let hash = session.id().map(sessions::token_hash).unwrap_or_default();
    let found = app.store.read(move |tx| {
        Box::pin(async move {
            Ok((
                accounts_sessions::of_member(tx, member, now).await?,
                accounts_sessions::id_of(tx, &hash).await?,
            ))
        })
    });
    let (all, this) = found.await?;
    let place = who.0.places.first();
    let mut frame = Frame::new(&who.0, place, At::Elsewhere, "Your account").done(query);
    frame.wrong = !errors.is_empty();
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let sessions = all.into_iter().map(|it| SessionRow {
        this: Some(it.id) == this,
        id: it.id,
        began: ago(it.created_at),
        agent: it.agent,
    });
    with_status(
        status,
        &AccountPage {
            frame,
            errors,
            sessions: sessions.collect(),
        },
    )
}

/// `GET /studio/account`
pub(super) async fn show(
    State(app): State<App>,
    who: SignedIn,
    session: Session,
    Query(query): Query<Vec<(String, String)>>,
) -> Answer {
    account_page(&app, &who, &session, &query, Errors::default()).await
}

/// `POST /studio/account/name`
pub(super) async fn rename(
    State(app): State<App>,
    who: SignedIn,
    session: Session,
    sent: Sent,
) -> Answer {
    let name = sent.text("name").to_owned();
    if name.is_empty() || name.chars().count() > 80 {
        let mut errors = Errors::default();
        errors.add("name", "Enter your name, at most 80 characters.");
        return account_page(&app, &who, &session, &[], errors).await;
    }
    let (member, now) = (who.0.member.id, clock::now());
    let saved = app
        .store
        .write(move |tx| Box::pin(async move { accounts::set_name(tx, member, &name, now).await }));
    saved.await?;
    Ok(Redirect::to("/studio/account?done=name").into_response())
}

/// `POST /studio/account/password`
pub(super) async fn change_password(
    State(app): State<App>,
    who: SignedIn,
    session: Session,
    sent: Sent,
) -> Answer {
    let member = &who.0.member;
    app.studio.attempts.admit(&member.email, sent.sender)?;
    let mut errors = Errors::default();
    let old = SecretString::from(sent.raw("old").to_owned());
    if !app
        .studio
        .passwords
        .fits(old, member.password.clone())
        .await
    {
        errors.add(
            "old",
            "This is not your present password. Enter the one you signed in with.",
        );
    }
    if let Some(problem) = passwords::problem(sent.raw("password"), &member.email, &[&member.name])
    {
        errors.add("password", problem);
    }
    if !errors.is_empty() {
        return account_page(&app, &who, &session, &[], errors).await;
    }
    let new = SecretString::from(sent.raw("password").to_owned());
    let hash = app.studio.passwords.hash(new).await?;
    let (id, now) = (member.id, clock::now());
    let changed = app.store.write(move |tx| {
        Box::pin(async move {
            accounts::set_password(tx, id, &hash, now).await?;
            accounts_sessions::end_all_but(tx, id, &[]).await
        })
    });
    changed.await?;
    // This one goes on under a new token.
    sessions::begin(&session, id, &sent.headers).await?;
    Ok(Redirect::to("/studio/account?done=password").into_response())
}

/// `POST /studio/account/sessions/{session}/end`
pub(super) async fn end_session(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let id: SessionId = id.parse().map_err(|_| StudioProblem::NotFound)?;
    let member = who.0.member.id;
    let ended = app
        .store
        .write(move |tx| Box::pin(async move { accounts_sessions::end(tx, member, id).await }));
    if !ended.await? {
        return Err(StudioProblem::NotFound);
    }
    Ok(Redirect::to("/studio/account?done=session").into_response())
}
