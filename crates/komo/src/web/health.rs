//! `/healthz`: the process lives. `/readyz`: it can store entries.

use std::time::Duration;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use store::hubs;

use crate::{app::App, clock};

/// 200 while the process lives.
pub async fn alive() -> Response {
    answer(StatusCode::OK, "ok")
}

/// 200 when entries can be stored, else 503. Whoever asks within the same second gets the same answer, so that asking often
/// costs the database nothing.
pub async fn ready(State(app): State<App>) -> Response {
    let mut known = app.ready.lock().await;
    let now = clock::now();
    let fresh = known.filter(|(at, _)| (0..1_000).contains(&now.since(*at)));
    let stored = if let Some((_, stored)) = fresh {
        stored
    } else {
        let write = app.store.write(|tx| Box::pin(hubs::can_write(tx)));
        let written = tokio::time::timeout(Duration::from_secs(2), write).await;
        let stored = matches!(written, Ok(Ok(())));
        *known = Some((now, stored));
        stored
    };
    drop(known);
    if stored {
        return answer(StatusCode::OK, "ready");
    }
    (
        StatusCode::SERVICE_UNAVAILABLE,
        [
            (header::RETRY_AFTER, "2"),
            (header::CACHE_CONTROL, "no-store"),
        ],
        "entries can't be stored at the moment\n",
    )
        .into_response()
}

fn answer(status: StatusCode, text: &'static str) -> Response {
    (
        status,
        [(header::CACHE_CONTROL, "no-store")],
        format!("{text}\n"),
    )
        .into_response()
}
