//! The pages' own style, script and icon, out of the binary.
//! Promises that nothing is fetched from anywhere else.
//! Leaves headers to `guard`.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

pub(super) async fn asset(Path(name): Path<String>) -> Response {
    let (kind, text) = match name.as_str() {
        "sandbox.css" => (
            "text/css; charset=utf-8",
            include_str!("../../assets/sandbox.css"),
        ),
        "sandbox.js" => (
            "text/javascript; charset=utf-8",
            include_str!("../../assets/sandbox.js"),
        ),
        "icon.svg" => ("image/svg+xml", include_str!("../../assets/icon.svg")),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    // Always asked for again: the sandbox is started, changed and started again on one address.
    (
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "no-cache"),
        ],
        text,
    )
        .into_response()
}
