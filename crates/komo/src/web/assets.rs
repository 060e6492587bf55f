//! The product's own static files, inside the program; compressed once; addressed with the hash of their content, so that
//! browsers may keep them for ever.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use super::{hub::cache::Encoded, pages, problem::Problem};
use crate::app::App;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

/// All static files, ready to be sent.
#[derive(Debug)]
pub struct Assets {
    by_address: HashMap<String, (HeaderValue, Encoded)>,
    /// The addresses that pages link to.
    pub links: pages::Assets,
}

/// The addresses that pages of the studio link to.
#[derive(Clone, Debug, Default)]
pub struct StudioLinks {
    /// The stylesheet.
    pub stylesheet: String,
    /// Prepares the page for htmx; has to come before it.
    pub script: String,
    /// htmx.
    pub htmx: String,
    /// The icon.
    pub favicon: String,
}

static STUDIO: OnceLock<StudioLinks> = OnceLock::new();

impl StudioLinks {
    /// The addresses; they are the same for the whole process.
    pub fn get() -> &'static Self {
        STUDIO.get_or_init(Self::default)
    }
}

impl Assets {
    /// Hashes and compresses everything; a few milliseconds at start.
    pub fn load() -> Self {
        let mut assets = Self {
            by_address: HashMap::new(),
            links: pages::Assets::default(),
        };
        assets.links.stylesheet = assets.embedded("hub.css");
        assets.links.form_script = assets.embedded("komo-form.js");
        assets.links.favicon = assets.embedded("favicon.svg");
        let studio = StudioLinks {
            stylesheet: assets.embedded("studio.css"),
            script: assets.embedded("studio.js"),
            htmx: assets.embedded("vendor/htmx.min.js"),
            favicon: assets.links.favicon.clone(),
        };
        // Another server in the same process (tests) has the same files.
        STUDIO.get_or_init(|| studio);
        assets.links.play_script = assets.embedded("komo-play.js");
        let kinds = engage::cards::kinds().map(|kind| {
            let of_kind = pages::view::KindAssets {
                script: assets.of_kind(kind.name, "js", kind.island),
                style: assets.of_kind(kind.name, "css", kind.style),
            };
            (kind.name, of_kind)
        });
        assets.links.kinds = Arc::new(kinds.collect());
        assets
    }

    /// A file of a kind of card, unless it is empty.
    fn of_kind(&mut self, kind: &str, ending: &str, content: &str) -> Option<String> {
        (!content.is_empty())
            .then(|| self.add(&format!("card-{kind}.{ending}"), content.as_bytes()))
    }

    fn embedded(&mut self, name: &str) -> String {
        let content = Files::get(name)
            .map(|file| file.data.into_owned())
            .unwrap_or_default();
        self.add(name, &content)
    }

    fn add(&mut self, name: &str, content: &[u8]) -> String {
        let hash: String = hex::encode(Sha256::digest(content))
            .chars()
            .take(12)
            .collect();
        let name = name.rsplit('/').next().unwrap_or(name);
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
        let address = format!("{stem}-{hash}.{ending}");
        self.by_address.insert(
            address.clone(),
            (
                media_type(ending),
                Encoded::new(Bytes::copy_from_slice(content)),
            ),
        );
        format!("/assets/{address}")
    }
}

fn media_type(ending: &str) -> HeaderValue {
    HeaderValue::from_static(match ending {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    })
}

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// `GET /assets/{file}`
pub async fn file(
    State(app): State<App>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some((kind, encoded)) = app.assets.by_address.get(&name) else {
        return Problem::NotFound.into_response();
    };
    let mut response = encoded.response(&headers);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, kind.clone());
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, FOREVER);
    response
}

/// `GET /favicon.ico`: browsers ask for it by themselves.
pub async fn favicon(State(app): State<App>) -> Response {
    (
        StatusCode::MOVED_PERMANENTLY,
        [(header::LOCATION, app.assets.links.favicon.clone())],
    )
        .into_response()
}

/// `GET /robots.txt`
pub async fn robots() -> Response {
    (
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        "User-agent: *\nDisallow: /studio\nDisallow: /api\n",
    )
        .into_response()
}
