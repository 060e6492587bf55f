//! The sandbox's own routes under `/sandbox`: what came in, shown to people and to tests, and the switches.
//! Promises JSON unless a browser asks, nothing secret in either, and no change by a page of another site.
//! Leaves Braze's own paths to `transport`.

mod api;
mod assets;
mod guard;
mod mails;
mod stream;
mod switches;
mod views;
mod words;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, delete, get, post};

use crate::sandbox::Sandbox;
use crate::transport;

/// All routes under `/sandbox`.
pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/", any(front))
        .route("/sandbox", get(views::home))
        .route("/sandbox/assets/{name}", get(assets::asset))
        .route("/sandbox/mails", get(api::mails))
        .route("/sandbox/mails/{id}", get(mails::one))
        .route("/sandbox/mails/{id}/html", get(mails::html))
        .route("/sandbox/profiles", get(api::profiles))
        .route("/sandbox/profiles/{braze_id}", get(api::profile))
        .route("/sandbox/events", get(api::events))
        .route("/sandbox/requests", get(api::requests))
        .route("/sandbox/requests/{seq}", get(api::request))
        .route("/sandbox/accepted", get(api::accepted))
        .route("/sandbox/totals", get(api::totals))
        .route(
            "/sandbox/settings",
            get(switches::settings).patch(switches::change_settings),
        )
        .route(
            "/sandbox/faults",
            get(switches::faults)
                .post(switches::add_faults)
                .delete(switches::clear_faults),
        )
        .route("/sandbox/faults/{id}", delete(switches::remove_fault))
        .route("/sandbox/faults/clear", post(switches::clear_faults_form))
        .route("/sandbox/state", delete(switches::clear_state))
        .route("/sandbox/state/clear", post(switches::clear_state_form))
        .route("/sandbox/stream", get(stream::stream))
        .layer(from_fn(guard::guard))
}

/// The bare address: a browser is led to the pages, everybody else asks Braze, who has nothing there.
async fn front(State(sandbox): State<Sandbox>, request: Request) -> Response {
    let is_browser = views::wants_html(request.headers(), &api::Search::default());
    if is_browser && *request.method() == Method::GET {
        return Redirect::to("/sandbox").into_response();
    }
    transport::braze(State(sandbox), request).await
}
