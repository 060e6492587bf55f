//! Pictures of hubs, by the hash of their content.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use engage::hub::STORED_IMAGE;
use http::{HeaderValue, header};
use store::hubs;

use crate::{app::App, web::problem::Problem};

/// The address of a picture as a document names it.
pub fn address(file: &str) -> String {
    match file.strip_prefix(STORED_IMAGE) {
        Some(name) => format!("/images/{name}"),
        // A document that was not imported may carry small pictures within.
        None => file.to_owned(),
    }
}

/// `GET /images/{hash}.{ending}`
pub async fn file(State(app): State<App>, Path(name): Path<String>) -> Result<Response, Problem> {
    let hash = name.split('.').next().unwrap_or_default().to_owned();
    let image = app
        .store
        .read(move |tx| Box::pin(async move { hubs::find_image(tx, &hash).await }))
        .await?;
    let image = image.ok_or(Problem::NotFound)?;
    let kind = HeaderValue::from_str(&image.media_type).map_err(|error| Problem::broken(&error))?;
    let headers = [
        (header::CONTENT_TYPE, kind),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
        // A picture that is opened on its own may draw, and nothing else.
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox"),
        ),
    ];
    Ok((headers, image.content).into_response())
}
