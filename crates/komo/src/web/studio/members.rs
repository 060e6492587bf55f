//! Members of a workspace: roles, invitations by link.
//! Promises: nobody gives more than they have; a link's secret is shown once; the last owner stays.
//! Leaves to others: following an invitation (`enter`).

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use engage::ids::{InvitationId, MemberId};
use http::{HeaderMap, StatusCode, header};
use store::{
    accounts::{self, Invitation, Role},
    accounts_sessions,
};

use super::{
    access::InWorkspace,
    enter::{is_email, secret_hash},
    form::{Errors, Sent},
    frame::{At, Frame, full, with_status, workspace_path},
    problem::StudioProblem,
};
use crate::{app::App, clock};

type Answer = Result<Response, StudioProblem>;

const INVITATION_MS: i64 = 7 * 24 * 3_600_000;

struct MemberRow {
    id: MemberId,
    name: String,
    email: String,
    role: Role,
    you: bool,
    /// Whether the viewer may change this role.
    changeable: bool,
}

struct InvitationRow {
    id: InvitationId,
    email: String,
    role: Role,
    until: String,
}

#[derive(Template)]
#[template(path = "members.html", config = "src/web/studio/askama.toml")]
struct MembersPage {
    frame: Frame,
    errors: Errors,
    members: Vec<MemberRow>,
    invitations: Vec<InvitationRow>,
    roles: Vec<Role>,
    /// A link that was just made; it is never shown again.
    link: String,
    email: String,
    base: String,
}

async fn members_page(
    app: &App,
    at: &InWorkspace,
    query: &[(String, String)],
    errors: Errors,
    link: String,
    email: &str,
) -> Answer {
    let (workspace, now) = (at.place.workspace, clock::now());
    let found = app.store.read(move |tx| {
        Box::pin(async move {
            Ok((
                accounts::members_of(tx, workspace).await?,
                accounts::invitations(tx, workspace, now).await?,
            ))
        })
    });
    let (members, invitations) = found.await?;
    let mut frame = Frame::new(&at.found, Some(&at.place), At::Members, "Members").done(query);
    frame.wrong = !errors.is_empty();
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let mine = at.place.role;
    let template = MembersPage {
        members: members
            .into_iter()
            .map(|(member, role)| MemberRow {
                you: member.id == at.found.member.id,
                changeable: mine >= Role::Admin && role <= mine,
                id: member.id,
                name: member.name,
                email: member.email,
                role,
            })
            .collect(),
        invitations: invitations
            .into_iter()
            .map(|it| InvitationRow {
                id: it.id,
                email: it.email,
                role: it.role,
                until: full(it.expires_at),
            })
            .collect(),
        roles: Role::ALL.into_iter().filter(|role| *role <= mine).collect(),
        frame,
        errors,
        link,
        email: email.to_owned(),
        base: workspace_path(workspace),
    };
    with_status(status, &template)
}

/// `GET /studio/w/{workspace}/members`
pub(super) async fn show(
    State(app): State<App>,
    at: InWorkspace,
    Query(query): Query<Vec<(String, String)>>,
) -> Answer {
    members_page(&app, &at, &query, Errors::default(), String::new(), "").await
}

/// `POST /studio/w/{workspace}/invitations`
pub(super) async fn invite(State(app): State<App>, at: InWorkspace, sent: Sent) -> Answer {
    let email = sent.text("email").to_lowercase();
    let mut errors = Errors::default();
    if !is_email(&email) {
        errors.add("email", "Enter an e-mail address, such as ann@example.com.");
    }
    let role: Option<Role> = sent.text("role").parse().ok();
    let role = role.filter(|role| *role <= at.place.role);
    let Some(role) = role.filter(|_| errors.is_empty()) else {
        if role.is_none() {
            errors.add("role", "Choose a role that is not stronger than your own.");
        }
        return members_page(&app, &at, &[], errors, String::new(), &email).await;
    };
    let mut secret = [0_u8; 24];
    getrandom::fill(&mut secret).map_err(|error| StudioProblem::broken(&error))?;
    let token = URL_SAFE_NO_PAD.encode(secret);
    let now = clock::now();
    let workspace = at.place.workspace;
    let invitation = Invitation {
        id: clock::new_id(),
        workspace,
        workspace_name: String::new(),
        email,
        role,
        expires_at: now.plus(INVITATION_MS),
    };
    let (hash, by) = (secret_hash(&token), at.found.member.id);
    let kept = app.store.write(move |tx| {
        Box::pin(async move {
            accounts::invite(tx, &hash, &invitation, by, now).await?;
            let line = ("member.invited", invitation.email.as_str(), role.code());
            accounts_sessions::record(tx, workspace, Some(by), line, now).await
        })
    });
    kept.await?;
    let link = format!("{}/studio/invitations/{token}", origin(&app, &sent.headers));
    members_page(&app, &at, &[], Errors::default(), link, "").await
}

/// Scheme and host by which this server is reached.
fn origin(app: &App, headers: &HeaderMap) -> String {
    if !app.public_url.is_empty() {
        return app.public_url.clone();
    }
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    format!("http://{host}")
}

/// `POST /studio/w/{workspace}/invitations/{invitation}/end`
pub(super) async fn withdraw(
    State(app): State<App>,
    at: InWorkspace,
    Path((_, id)): Path<(String, String)>,
) -> Answer {
    let id: InvitationId = id.parse().map_err(|_| StudioProblem::NotFound)?;
    let (workspace, by, now) = (at.place.workspace, at.found.member.id, clock::now());
    let gone = app.store.write(move |tx| {
        Box::pin(async move {
            let all = accounts::invitations(tx, workspace, now).await?;
            let gone = accounts::drop_invitation(tx, workspace, id).await?;
            if let Some(it) = all.iter().find(|it| it.id == id) {
                let line = ("invitation.withdrawn", it.email.as_str(), "");
                accounts_sessions::record(tx, workspace, Some(by), line, now).await?;
            }
            Ok(gone)
        })
    });
    if !gone.await? {
        return Err(StudioProblem::NotFound);
    }
    Ok(Redirect::to(&format!(
        "{}/members?done=invited",
        workspace_path(workspace)
    ))
    .into_response())
}

/// `POST /studio/w/{workspace}/members/{member}`: another role, or none at all.
pub(super) async fn change(
    State(app): State<App>,
    at: InWorkspace,
    Path((_, id)): Path<(String, String)>,
    sent: Sent,
) -> Answer {
    let id: MemberId = id.parse().map_err(|_| StudioProblem::NotFound)?;
    let to: Option<Role> = match sent.text("role") {
        "none" => None,
        code => Some(code.parse().map_err(|()| StudioProblem::NotFound)?),
    };
    let mine = at.place.role;
    let (workspace, by, now) = (at.place.workspace, at.found.member.id, clock::now());
    if to.is_some_and(|to| to > mine) {
        return Err(StudioProblem::Role(Role::Owner));
    }
    let changed = app.store.write(move |tx| {
        Box::pin(async move {
            let Some((member, role)) = accounts::members_of(tx, workspace)
                .await?
                .into_iter()
                .find(|(member, _)| member.id == id)
            else {
                return Ok(Outcome::NotThere);
            };
            if role > mine {
                return Ok(Outcome::Stronger);
            }
            if !accounts::change_role(tx, workspace, id, to).await? {
                return Ok(Outcome::LastOwner);
            }
            let (act, detail) = match to {
                Some(to) => ("member.role", format!("{role} to {to}")),
                None => ("member.removed", String::new()),
            };
            let line = (act, member.email.as_str(), detail.as_str());
            accounts_sessions::record(tx, workspace, Some(by), line, now).await?;
            Ok(Outcome::Done)
        })
    });
    match changed.await? {
        Outcome::NotThere => Err(StudioProblem::NotFound),
        Outcome::Stronger => Err(StudioProblem::Role(Role::Owner)),
        Outcome::LastOwner => {
            let mut errors = Errors::default();
            errors.add(
                format!("role-{id}"),
                "A workspace needs an owner. Make somebody else an owner first.",
            );
            members_page(&app, &at, &[], errors, String::new(), "").await
        }
        Outcome::Done => {
            let code = if to.is_some() {
                "role"
            } else {
                "member-removed"
            };
            // Whoever has left this workspace can't see it any more.
            let address = if to.is_none() && id == by {
                "/studio".to_owned()
            } else {
                format!("{}/members?done={code}", workspace_path(workspace))
            };
            Ok(Redirect::to(&address).into_response())
        }
    }
}

enum Outcome {
    NotThere,
    Stronger,
    LastOwner,
    Done,
}
