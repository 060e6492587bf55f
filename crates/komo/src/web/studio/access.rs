//! Who may do what: before a handler runs, the member, the workspace and the thing it is about have been found.
//! Promises: what is not in one of the member's workspaces is not there (404); a role that is not enough changes nothing (403);
//! no other site's page can act. Leaves to others: who needs which role (`routes`), what the handlers do.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, FromRequestParts, OriginalUri, RawPathParams, Request, State},
    middleware::Next,
    response::Response,
};
use engage::ids::{ConnectionId, WorkspaceId};
use http::{HeaderMap, Method, header, request::Parts};
use store::{
    accounts::{self, Member, Membership, Role},
    hubs::{self, Connection, Hub},
};

use super::{
    problem::StudioProblem,
    sessions::{self, Session},
};
use crate::{app::App, web::door};

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anybody, signed in or not.
    Anyone,
    /// Anybody who has signed in.
    Member,
    /// Members of the workspace in the path, or of that of the hub or connection in the path, with this role or a stronger one.
    At(Role),
}

/// What the guard has found.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) member: Member,
    /// All workspaces of the member.
    pub(super) places: Vec<Membership>,
    place: Option<Membership>,
    hub: Option<Hub>,
    connection: Option<Connection>,
}

/// Somebody who has signed in.
#[derive(Clone, Debug)]
pub(super) struct SignedIn(pub(super) Arc<Found>);

/// A member in one of their workspaces.
#[derive(Clone, Debug)]
pub(super) struct InWorkspace {
    pub(super) found: Arc<Found>,
    pub(super) place: Membership,
}

/// A member at a hub of one of their workspaces.
#[derive(Clone, Debug)]
pub(super) struct AtHub {
    pub(super) found: Arc<Found>,
    pub(super) place: Membership,
    pub(super) hub: Hub,
}

/// A member at a connection of one of their workspaces.
#[derive(Clone, Debug)]
pub(super) struct AtConnection {
    pub(super) found: Arc<Found>,
    pub(super) place: Membership,
    pub(super) hub: Hub,
    pub(super) connection: Connection,
}

/// Runs before every route of the studio.
pub(super) async fn guard(
    State((app, who)): State<(App, Who)>,
    session: Session,
    params: RawPathParams,
    OriginalUri(uri): OriginalUri,
    mut request: Request,
    next: Next,
) -> Result<Response, StudioProblem> {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if changes {
        from_our_page(request.headers())?;
    }
    if who == Who::Anyone {
        return Ok(next.run(request).await);
    }
    let partial = request.headers().contains_key("hx-request");
    let sign_in = move || StudioProblem::SignIn {
        // A form that was sent is lost; its page is not.
        next: if changes {
            "/studio".to_owned()
        } else {
            uri.to_string()
        },
        partial,
    };
    let Some(id) = sessions::member(&session).await? else {
        return Err(sign_in());
    };
    let param = |name: &str| {
        params
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned())
    };
    let (workspace, slug, connection) = (param("workspace"), param("hub"), param("connection"));
    let looked = app.store.read(move |tx| {
        Box::pin(async move {
            let Some(member) = accounts::member(tx, id).await? else {
                return Ok(None);
            };
            let places = accounts::memberships(tx, id).await?;
            let mut found = Found {
                member,
                places,
                place: None,
                hub: None,
                connection: None,
            };
            if let Some(id) = workspace.and_then(|it| it.parse::<WorkspaceId>().ok()) {
                found.place = found.places.iter().find(|it| it.workspace == id).cloned();
            }
            if let Some(slug) = slug
                && let Some((place, _)) = accounts::membership_by_hub(tx, id, &slug).await?
            {
                found.hub = hubs::find(tx, place.workspace, &slug).await?;
                found.place = Some(place);
            }
            if let Some(wanted) = connection.and_then(|it| it.parse::<ConnectionId>().ok())
                && let Some(place) = accounts::membership_by_connection(tx, id, wanted).await?
            {
                let one = hubs::connection(tx, place.workspace, wanted).await?;
                if let Some(one) = &one {
                    found.hub = hubs::get(tx, place.workspace, one.hub).await?;
                }
                found.connection = one;
                found.place = Some(place);
            }
            Ok(Some(found))
        })
    });
    // A session of somebody who is no member any more is nobody's.
    let Some(found) = looked.await? else {
        session.flush().await?;
        return Err(sign_in());
    };
    if let Who::At(needed) = who {
        let place = found.place.as_ref().ok_or(StudioProblem::NotFound)?;
        if place.role < needed {
            return Err(StudioProblem::Role(needed));
        }
    }
    request.extensions_mut().insert(Arc::new(found));
    Ok(next.run(request).await)
}

/// A browser says from which page a form comes. Whoever says nothing is no browser, and has no business with a cookie.
fn from_our_page(headers: &HeaderMap) -> Result<(), StudioProblem> {
    let says = headers.contains_key("sec-fetch-site") || headers.contains_key(header::ORIGIN);
    if !says || door::same_site(headers).is_err() {
        return Err(StudioProblem::CrossSite);
    }
    Ok(())
}

fn found(parts: &Parts) -> Result<Arc<Found>, StudioProblem> {
    parts
        .extensions
        .get::<Arc<Found>>()
        .map(Arc::clone)
        .ok_or(StudioProblem::NotFound)
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = StudioProblem;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, StudioProblem> {
        found(parts).map(Self)
    }
}

impl FromRequestParts<App> for InWorkspace {
    type Rejection = StudioProblem;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, StudioProblem> {
        let found = found(parts)?;
        let place = found.place.clone().ok_or(StudioProblem::NotFound)?;
        Ok(Self { found, place })
    }
}

impl FromRequestParts<App> for AtHub {
    type Rejection = StudioProblem;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, StudioProblem> {
        let found = found(parts)?;
        let place = found.place.clone().ok_or(StudioProblem::NotFound)?;
        let hub = found.hub.clone().ok_or(StudioProblem::NotFound)?;
        Ok(Self { found, place, hub })
    }
}

impl FromRequestParts<App> for AtConnection {
    type Rejection = StudioProblem;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, StudioProblem> {
        let found = found(parts)?;
        let place = found.place.clone().ok_or(StudioProblem::NotFound)?;
        let hub = found.hub.clone().ok_or(StudioProblem::NotFound)?;
        let connection = found.connection.clone().ok_or(StudioProblem::NotFound)?;
        Ok(Self {
            found,
            place,
            hub,
            connection,
        })
    }
}

/// Where a request comes from, for limits; the unspecified address when it is not known.
pub(super) fn sender(app: &App, parts: &Parts) -> std::net::IpAddr {
    parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(std::net::Ipv4Addr::UNSPECIFIED.into(), |peer| {
            app.door.sender(peer.0, &parts.headers)
        })
}
