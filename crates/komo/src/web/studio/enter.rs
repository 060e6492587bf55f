//! Coming in: the first run, signing in and out, following an invitation.
//! Promises: an unknown address and a wrong password get the same answer in the same time; a session's token is new at every
//! sign-in. Leaves to others: limits (`door`), sessions' storage. A second factor or another way in joins at `begin`.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use engage::ids::MemberId;
use http::StatusCode;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use store::{
    accounts::{self, Invitation, Member, Role},
    accounts_sessions, hubs,
};
use subtle::ConstantTimeEq as _;

use super::{
    form::{Errors, Sent},
    frame::{page, with_status, workspace_path},
    passwords,
    problem::StudioProblem,
    sessions::{self, Session},
};
use crate::{app::App, clock, web::assets::StudioLinks};

type Answer = Result<Response, StudioProblem>;

#[derive(Template)]
#[template(path = "sign_in.html", config = "src/web/studio/askama.toml")]
struct SignInPage<'a> {
    assets: &'a StudioLinks,
    errors: Errors,
    email: &'a str,
    next: &'a str,
}

#[derive(Template)]
#[template(path = "welcome.html", config = "src/web/studio/askama.toml")]
struct WelcomePage<'a> {
    assets: &'a StudioLinks,
    errors: Errors,
    code: &'a str,
    name: &'a str,
    email: &'a str,
    workspace: &'a str,
}

#[derive(Template)]
#[template(path = "invitation.html", config = "src/web/studio/askama.toml")]
struct InvitationPage<'a> {
    assets: &'a StudioLinks,
    errors: Errors,
    token: &'a str,
    invitation: Invitation,
    known: bool,
    name: &'a str,
}

fn see_other(address: &str) -> Response {
    Redirect::to(address).into_response()
}

/// Only paths of the studio: a link from elsewhere must not lead away after signing in.
fn safe_next(next: &str) -> &str {
    let inside = next == "/studio" || next.starts_with("/studio/") || next.starts_with("/studio?");
    if inside && !next.contains(['\\', '\r', '\n']) && !next.contains("//") {
        next
    } else {
        "/studio"
    }
}

pub(super) fn is_email(text: &str) -> bool {
    text.len() <= 254
        && text
            .chars()
            .all(|it| !it.is_whitespace() && !it.is_control())
        && text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && host.contains('.') && !host.ends_with('.')
        })
}

async fn nobody_yet(app: &App) -> Result<bool, StudioProblem> {
    let any = app
        .store
        .read(|tx| Box::pin(accounts::any_member(tx)))
        .await?;
    Ok(!any)
}

/// `GET /studio`: to where this person begins.
pub(super) async fn start(State(app): State<App>, session: Session) -> Answer {
    let Some(member) = sessions::member(&session).await? else {
        let first = nobody_yet(&app).await?;
        return Ok(see_other(if first {
            "/studio/welcome"
        } else {
            "/studio/sign-in"
        }));
    };
    let places = app
        .store
        .read(move |tx| Box::pin(async move { accounts::memberships(tx, member).await }));
    let places = places.await?;
    Ok(see_other(&places.first().map_or_else(
        || "/studio/account".to_owned(),
        |place| workspace_path(place.workspace),
    )))
}

/// `GET /studio/welcome`: the first run.
pub(super) async fn welcome(
    State(app): State<App>,
    Query(query): Query<Vec<(String, String)>>,
) -> Answer {
    if !nobody_yet(&app).await? {
        return Ok(see_other("/studio/sign-in"));
    }
    let code = query.iter().find(|(key, _)| key == "code");
    page(&WelcomePage {
        assets: StudioLinks::get(),
        errors: Errors::default(),
        code: code.map(|(_, code)| code.as_str()).unwrap_or_default(),
        name: "",
        email: "",
        workspace: "",
    })
}

/// `POST /studio/welcome`: makes owner and workspace.
pub(super) async fn found_workspace(
    State(app): State<App>,
    session: Session,
    sent: Sent,
) -> Answer {
    if !nobody_yet(&app).await? {
        return Ok(see_other("/studio/sign-in"));
    }
    app.studio.attempts.admit("first run", sent.sender)?;
    let email = sent.text("email").to_lowercase();
    let (name, workspace, code) = (sent.text("name"), sent.text("workspace"), sent.text("code"));
    let mut errors = Errors::default();
    let right: bool = app
        .studio
        .first_run
        .as_bytes()
        .ct_eq(code.as_bytes())
        .into();
    if !right {
        errors.add("code", "This is not the start code. It was printed where Komo was started, in the line that begins with “studio”.");
    }
    if name.is_empty() || name.chars().count() > 80 {
        errors.add("name", "Enter your name, at most 80 characters.");
    }
    if !is_email(&email) {
        errors.add("email", "Enter an e-mail address, such as ann@example.com.");
    }
    if workspace.is_empty() || workspace.chars().count() > 80 {
        errors.add(
            "workspace",
            "Name the workspace, for example after your brand. At most 80 characters.",
        );
    }
    if let Some(problem) = passwords::problem(sent.raw("password"), &email, &[name, workspace]) {
        errors.add("password", problem);
    }
    if !errors.is_empty() {
        return with_status(
            StatusCode::UNPROCESSABLE_ENTITY,
            &WelcomePage {
                assets: StudioLinks::get(),
                errors,
                code,
                name,
                email: &email,
                workspace,
            },
        );
    }
    let hash = hashed(&app, sent.raw("password")).await?;
    let member = Member {
        id: clock::new_id(),
        email,
        name: name.to_owned(),
        password: Some(hash),
    };
    let (id, place) = (member.id, workspace.to_owned());
    let (fresh, now) = (clock::new_id(), clock::now());
    // Hubs that were imported by command line before have a workspace already: the owner gets that one.
    let made = app.store.write(move |tx| {
        Box::pin(async move {
            if accounts::any_member(tx).await? {
                return Ok(None);
            }
            accounts::make_member(tx, &member, now).await?;
            let workspace = hubs::first_workspace(tx, fresh, &place, now).await?;
            accounts::rename_workspace(tx, workspace, &place).await?;
            accounts::join(tx, workspace, id, Role::Owner, now).await?;
            let line = ("workspace.made", place.as_str(), "First run");
            accounts_sessions::record(tx, workspace, Some(id), line, now).await?;
            Ok(Some(workspace))
        })
    });
    let Some(workspace) = made.await? else {
        return Ok(see_other("/studio/sign-in"));
    };
    sessions::begin(&session, id, &sent.headers).await?;
    Ok(see_other(&format!(
        "{}?done=welcome",
        workspace_path(workspace)
    )))
}

async fn hashed(app: &App, password: &str) -> Result<String, StudioProblem> {
    let secret = SecretString::from(password.to_owned());
    Ok(app.studio.passwords.hash(secret).await?)
}

/// `GET /studio/sign-in`
pub(super) async fn sign_in(
    State(app): State<App>,
    Query(query): Query<Vec<(String, String)>>,
    session: Session,
) -> Answer {
    let next = query
        .iter()
        .find(|(key, _)| key == "next")
        .map(|(_, next)| next.as_str())
        .unwrap_or_default();
    if sessions::member(&session).await?.is_some() {
        return Ok(see_other(safe_next(next)));
    }
    if nobody_yet(&app).await? {
        return Ok(see_other("/studio/welcome"));
    }
    page(&SignInPage {
        assets: StudioLinks::get(),
        errors: Errors::default(),
        email: "",
        next: safe_next(next),
    })
}

/// `POST /studio/session`
pub(super) async fn begin(State(app): State<App>, session: Session, sent: Sent) -> Answer {
    let email = sent.text("email").to_lowercase();
    app.studio.attempts.admit(&email, sent.sender)?;
    let asked = email.clone();
    let known = app
        .store
        .read(move |tx| Box::pin(async move { accounts::member_by_email(tx, &asked).await }));
    let known = known.await?;
    let hash = known.as_ref().and_then(|it| it.password.clone());
    let password = SecretString::from(sent.raw("password").to_owned());
    let fits = app.studio.passwords.fits(password, hash).await;
    if let (true, Some(member)) = (fits, known) {
        sessions::begin(&session, member.id, &sent.headers).await?;
        tracing::info!(member.id = %member.id, "a member has signed in");
        return Ok(see_other(safe_next(sent.text("next"))));
    }
    tracing::info!("a sign-in was refused");
    let mut errors = Errors::default();
    errors.add(
        "email",
        "E-mail address and password do not belong together. Check both; whoever runs this server can set a new password for you.",
    );
    with_status(
        StatusCode::UNPROCESSABLE_ENTITY,
        &SignInPage {
            assets: StudioLinks::get(),
            errors,
            email: &email,
            next: safe_next(sent.text("next")),
        },
    )
}

/// `POST /studio/session/end`
pub(super) async fn end(session: Session) -> Answer {
    session.flush().await?;
    Ok(see_other("/studio/sign-in"))
}

/// A link's secret as it is stored.
pub(super) fn secret_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

async fn invited(app: &App, token: &str) -> Result<(Invitation, Option<Member>), StudioProblem> {
    let (hash, now) = (secret_hash(token), clock::now());
    let found = app.store.read(move |tx| {
        Box::pin(async move {
            let Some(invitation) = accounts::invitation(tx, &hash, now).await? else {
                return Ok(None);
            };
            let member = accounts::member_by_email(tx, &invitation.email).await?;
            Ok(Some((invitation, member)))
        })
    });
    found.await?.ok_or(StudioProblem::NotFound)
}

/// `GET /studio/invitations/{token}`
pub(super) async fn invitation(State(app): State<App>, Path(token): Path<String>) -> Answer {
    let (invitation, member) = invited(&app, &token).await?;
    page(&InvitationPage {
        assets: StudioLinks::get(),
        errors: Errors::default(),
        token: &token,
        invitation,
        known: member.is_some(),
        name: "",
    })
}

/// `POST /studio/invitations/{token}`: a new member chooses a password; one who is a member elsewhere proves theirs.
pub(super) async fn join(
    State(app): State<App>,
    Path(token): Path<String>,
    session: Session,
    sent: Sent,
) -> Answer {
    app.studio.attempts.admit(&token, sent.sender)?;
    let (invitation, member) = invited(&app, &token).await?;
    let mut errors = Errors::default();
    let name = sent.text("name");
    let password = SecretString::from(sent.raw("password").to_owned());
    if let Some(member) = &member {
        if !app
            .studio
            .passwords
            .fits(password, member.password.clone())
            .await
        {
            errors.add(
                "password",
                "This is not your password. Enter the one you use to sign in to this studio.",
            );
        }
    } else {
        if name.is_empty() || name.chars().count() > 80 {
            errors.add("name", "Enter your name, at most 80 characters.");
        }
        if let Some(problem) = passwords::problem(sent.raw("password"), &invitation.email, &[name])
        {
            errors.add("password", problem);
        }
    }
    if !errors.is_empty() {
        let known = member.is_some();
        return with_status(
            StatusCode::UNPROCESSABLE_ENTITY,
            &InvitationPage {
                assets: StudioLinks::get(),
                errors,
                token: &token,
                invitation,
                known,
                name,
            },
        );
    }
    let new = match &member {
        Some(_) => None,
        None => Some(Member {
            id: clock::new_id(),
            email: invitation.email.clone(),
            name: name.to_owned(),
            password: Some(hashed(&app, sent.raw("password")).await?),
        }),
    };
    let id: MemberId = match (&member, &new) {
        (Some(known), _) => known.id,
        (None, Some(new)) => new.id,
        (None, None) => return Err(StudioProblem::NotFound),
    };
    let now = clock::now();
    let workspace = invitation.workspace;
    let joined = app.store.write(move |tx| {
        Box::pin(async move {
            // Whoever takes the invitation away is the one who uses it.
            if !accounts::drop_invitation(tx, workspace, invitation.id).await? {
                return Ok(false);
            }
            if let Some(new) = &new
                && !accounts::make_member(tx, new, now).await?
            {
                return Ok(false);
            }
            accounts::join(tx, workspace, id, invitation.role, now).await?;
            let line = (
                "member.joined",
                invitation.email.as_str(),
                invitation.role.code(),
            );
            accounts_sessions::record(tx, workspace, Some(id), line, now).await?;
            Ok(true)
        })
    });
    if !joined.await? {
        return Err(StudioProblem::NotFound);
    }
    sessions::begin(&session, id, &sent.headers).await?;
    Ok(see_other(&format!(
        "{}?done=joined",
        workspace_path(workspace)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_signing_in_nobody_is_led_away() {
        for inside in ["/studio", "/studio/hubs/demo?x=1", "/studio?done=x"] {
            assert_eq!(safe_next(inside), inside);
        }
        for outside in [
            "",
            "https://evil.example",
            "//evil.example",
            "/studio//evil.example",
            "/studioevil",
            "/h/demo",
            "/studio/\\evil",
            "javascript:alert(1)",
            "/studio/\r\nSet-Cookie: x=1",
        ] {
            assert_eq!(safe_next(outside), "/studio", "{outside}");
        }
    }

    #[test]
    fn an_address_looks_like_one() {
        for good in ["ann@example.com", "a.b+c@sub.example.org"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "ann",
            "ann@",
            "@example.com",
            "ann@example",
            "ann @example.com",
            "ann@example.",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
