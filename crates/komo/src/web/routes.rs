//! Every public route on one page: path, method, handler. The studio has a page of its own (`studio::routes`).

use std::time::Duration;

use axum::{
    Router, middleware,
    routing::{get, post},
};
use http::StatusCode;
use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutLayer};

use super::{assets, door, health, hub, studio};
use crate::app::App;

/// The public listener's routes.
pub fn router(app: App, timeout: Duration) -> Router {
    Router::new()
        // participants
        .route("/h/{hub}", get(hub::show::start_page))
        .route("/h/{hub}/{page}", get(hub::show::page))
        .route("/h/{hub}/terms/{terms}", get(hub::show::terms))
        .route("/h/{hub}/c/{card}", get(hub::show::card))
        .route("/h/{hub}/visit/end", post(hub::visitor::end))
        .route("/h/{hub}/c/{card}/entries", post(hub::entries::submit))
        .route("/h/{hub}/c/{card}/plays", post(hub::plays::start))
        .route("/h/{hub}/c/{card}/plays/{play}", get(hub::plays::show))
        .route(
            "/h/{hub}/c/{card}/plays/{play}/moves",
            post(hub::plays::make_move),
        )
        // files
        .route("/assets/{file}", get(assets::file))
        .route("/images/{file}", get(hub::images::file))
        .route("/favicon.ico", get(assets::favicon))
        .route("/robots.txt", get(assets::robots))
        // operators
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        // members
        .merge(studio::router(&app))
        .fallback(hub::show::nothing_here)
        .method_not_allowed_fallback(hub::show::other_method)
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            timeout,
        ))
        .layer(CatchPanicLayer::custom(hub::show::panicked))
        .layer(middleware::from_fn(door::security_headers))
        .with_state(app)
}
