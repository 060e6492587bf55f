//! `/healthz`: the process lives. `/readyz`: it can store entries.

use std::time::Duration;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use store::hubs;

use crate::app::App;

/// 200 while the process lives.
pub async fn alive() -> Response {
    answer(StatusCode::OK, "ok")
}

/// 200 when the database answers, else 503.
pub async fn ready(State(app): State<App>) -> Response {
    let write = app.store.write(|tx| Box::pin(hubs::can_write(tx)));
    match tokio::time::timeout(Duration::from_secs(2), write).await {
        Ok(Ok(())) => answer(StatusCode::OK, "ready"),
        _ => (
            StatusCode::SERVICE_UNAVAILABLE,
            [
                (header::RETRY_AFTER, "2"),
                (header::CACHE_CONTROL, "no-store"),
            ],
            "entries can't be stored at the moment\n",
        )
            .into_response(),
    }
}

fn answer(status: StatusCode, text: &'static str) -> Response {
    (
        status,
        [(header::CACHE_CONTROL, "no-store")],
        format!("{text}\n"),
    )
        .into_response()
}
