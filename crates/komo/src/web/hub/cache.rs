//! Pages and files rendered and compressed once, then sent many times: compressing costs ten times more than everything else
//! a page needs.

use std::{
    collections::HashMap,
    io::Write as _,
    sync::{Arc, Mutex, PoisonError},
};

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use engage::time::Millis;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

/// How long a rendered page may be shown before its schedules are looked at again.
const FRESH_MS: i64 = 5_000;
/// A page that would be the next one after this many is not kept: addresses with made-up languages must not fill memory.
const MOST_PAGES: usize = 512;

/// Content in the encodings that browsers ask for.
#[derive(Clone, Debug)]
pub struct Encoded {
    plain: Bytes,
    gzip: Option<Bytes>,
    brotli: Option<Bytes>,
    tag: HeaderValue,
}

impl Encoded {
    /// Compresses content; an encoding that saves nothing is left out.
    pub fn new(plain: Bytes) -> Self {
        let hash: String = hex::encode(Sha256::digest(&plain))
            .chars()
            .take(20)
            .collect();
        let tag = HeaderValue::from_str(&format!("\"{hash}\""))
            .unwrap_or(HeaderValue::from_static("\"\""));
        let smaller =
            |packed: Vec<u8>| (packed.len() + 64 < plain.len()).then(|| Bytes::from(packed));
        Self {
            gzip: gzip(&plain).and_then(smaller),
            brotli: brotli(&plain).and_then(smaller),
            tag,
            plain,
        }
    }

    /// The answer in the best encoding that the browser takes, or 304 when it has this content already.
    pub fn response(&self, request: &HeaderMap) -> Response {
        let known = request
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok());
        let tag = self.tag.to_str().unwrap_or_default();
        let common = [
            (header::ETAG, self.tag.clone()),
            (
                header::VARY,
                HeaderValue::from_static("accept-encoding, accept-language"),
            ),
        ];
        if known
            .flat_map(|value| value.split(','))
            .any(|value| value.trim().trim_start_matches("W/") == tag)
        {
            return (StatusCode::NOT_MODIFIED, common).into_response();
        }
        let accepted = request
            .get(header::ACCEPT_ENCODING)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let takes = |name: &str| {
            accepted
                .split(',')
                .any(|part| part.split(';').next().is_some_and(|it| it.trim() == name))
        };
        let (body, encoding) = match (&self.brotli, &self.gzip) {
            (Some(packed), _) if takes("br") => (packed, Some("br")),
            (_, Some(packed)) if takes("gzip") => (packed, Some("gzip")),
            _ => (&self.plain, None),
        };
        let mut response = (common, body.clone()).into_response();
        if let Some(encoding) = encoding {
            response
                .headers_mut()
                .insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    }
}

fn gzip(plain: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok()
}

fn brotli(plain: &[u8]) -> Option<Vec<u8>> {
    let mut packed = Vec::new();
    let settings = brotli::enc::BrotliEncoderParams {
        quality: 5,
        lgwin: 16,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &*plain, &mut packed, &settings).ok()?;
    Some(packed)
}

/// The rendered pages of one publication.
#[derive(Debug, Default)]
pub struct Pages(Mutex<HashMap<String, (Millis, Arc<Encoded>)>>);

impl Pages {
    /// A page by its key (path, language), rendered when it is not there or has aged.
    pub fn get<E>(
        &self,
        key: &str,
        now: Millis,
        render: impl FnOnce() -> Result<Bytes, E>,
    ) -> Result<Arc<Encoded>, E> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, page)) = lock().get(key)
            && (0..FRESH_MS).contains(&now.since(*at))
        {
            return Ok(Arc::clone(page));
        }
        // Rendered outside the lock: two may do it at once, nobody waits.
        let plain = render()?;
        let mut pages = lock();
        let page = match pages.get(key) {
            Some((_, old)) if old.plain == plain => Arc::clone(old),
            _ => Arc::new(Encoded::new(plain)),
        };
        if pages.len() >= MOST_PAGES {
            pages.retain(|_, (at, _)| (0..FRESH_MS).contains(&now.since(*at)));
        }
        if pages.len() < MOST_PAGES || pages.contains_key(key) {
            pages.insert(key.to_owned(), (now, Arc::clone(&page)));
        }
        Ok(page)
    }
}
