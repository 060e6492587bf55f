//! The client: one HTTP request per call, and an [`Answer`] whatever happens.
//! Promises no hidden retry, no redirect followed, no proxy from the environment, no call to a forbidden address, bounded time
//! and memory, and that the key appears in no log and no error.
//! Leaves batching, waiting, retrying and pausing to the sender.

mod calls;
mod content_blocks;
mod design;
mod export;
mod failure;
mod resolver;
mod templates;

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use bytes::{Bytes, BytesMut};
use reqwest::{
    Method, Request, Response, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue},
};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use secrecy::{ExposeSecret, SecretString};

pub use content_blocks::{BlockInfo, BlockListed, NewBlock};
pub use export::{Export, ExportRequest};
pub use templates::{EmailTemplate, TemplateInfo, TemplateListed};

use crate::{
    address::{Reason, address_allowed},
    answer::{Answer, UnknownWhy},
    check::{CHECK_BODY, Check},
    classify::classify,
    endpoint::{Endpoint, HostKind},
    limits::{MAX_ANSWER_BYTES, MAX_EXPORT_ANSWER_BYTES, MAX_KEPT_TEXT_BYTES},
    rate::Budget,
    text::plain_bytes,
};

/// How long the parts of a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Until a connection stands, TLS included: 5 s.
    pub connect: Duration,
    /// The whole call, from its start to the last byte of the answer: 30 s. Short ones make duplicates: a write that was
    /// taken but not answered in time counts as unknown (contract 13, item 13).
    pub whole: Duration,
    /// How long an unused connection is kept: 20 s, below the usual minute of servers, so that a request is rarely sent
    /// into a connection that is just being closed.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            whole: Duration::from_secs(30),
            idle: Duration::from_secs(20),
        }
    }
}

/// What a client may do beyond calling Braze. The default is the strict one.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Time limits.
    pub timeouts: Timeouts,
    /// Also call hosts other than `rest.<cluster>.braze.com` and `.braze.eu`: for a sandbox, a gateway, an instance of the future.
    pub allow_other_hosts: bool,
    /// Also call addresses that [`address_allowed`] forbids, such as a sandbox on this machine.
    pub allow_private: bool,
    /// Certificates to trust besides Mozilla's, as PEM: a company's proxy that opens TLS.
    pub extra_roots_pem: Vec<u8>,
}

/// Why a client cannot be made. The display says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The key holds characters that no key has.
    #[error(
        "The REST API key contains spaces, quotes or other characters that no key has. Copy it from Braze once more, without quotes."
    )]
    Key,
    /// Not a host of Braze, and others are not allowed.
    #[error(
        "“{0}” is not a REST address of Braze. Use the instance name, such as US-01; other hosts must be allowed by whoever runs this server."
    )]
    HostNotAllowed(String),
    /// A forbidden address, written into the endpoint.
    #[error(
        "The endpoint's address is {0}, which is not called for safety. Test servers must be allowed by whoever runs this server."
    )]
    AddressForbidden(Reason),
    /// The additional certificates cannot be read.
    #[error(
        "The additional certificates cannot be read: {0}. Give them as PEM, beginning with -----BEGIN CERTIFICATE-----."
    )]
    Certificates(String),
    /// The HTTP library refused its settings.
    #[error("The client cannot be set up: {0}")]
    Setup(String),
}

/// What one call came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The verdict.
    pub answer: Answer,
    /// What is left of the rate limit, when the answer told.
    pub budget: Option<Budget>,
    /// The HTTP status, when there was one.
    pub status: Option<u16>,
    /// The answer's body as plain text, at most 64 KiB; without an answer, what the network said. For the ledger; never holds the key.
    pub text: String,
    /// From the start of the call to its end.
    pub duration: Duration,
}

/// A connection to one Braze account. Cheap to clone; clones share the pool of connections.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    http: reqwest::Client,
    endpoint: Endpoint,
    track: Url,
    export_ids: Url,
    headers: HeaderMap,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.inner.endpoint.base())
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Makes a client for one endpoint and key. Sends nothing yet.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a key handed over is dropped, and wiped, here"
    )]
    pub fn new(
        endpoint: Endpoint,
        key: SecretString,
        options: Options,
    ) -> Result<Self, ClientError> {
        check_host(&endpoint, &options)?;
        let url = |path| {
            Url::parse(&endpoint.url(path)).map_err(|error| ClientError::Setup(error.to_string()))
        };
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(&options.extra_roots_pem)?)
            .dns_resolver(resolver::Guarded::new(&endpoint, options.allow_private))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .http1_only()
            .tcp_nodelay(true)
            .connect_timeout(options.timeouts.connect)
            .timeout(options.timeouts.whole)
            .pool_idle_timeout(options.timeouts.idle)
            .user_agent(concat!("braze-rs/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| ClientError::Setup(failure::chain(&error)))?;
        let inner = Inner {
            http,
            track: url("/users/track")?,
            export_ids: url("/users/export/ids")?,
            headers: headers(&key)?,
            endpoint,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Where this client sends.
    pub fn endpoint(&self) -> &Endpoint {
        &self.inner.endpoint
    }

    /// Sends one prepared body to `/users/track` (contract 5): at most one request reaches the wire.
    ///
    /// A pooled connection that the server had closed before the first byte was written is replaced by a new one; a request
    /// of which anything may have been written is never repeated.
    pub async fn track(&self, body: Bytes) -> Call {
        self.post(&self.inner.track, body, MAX_ANSWER_BYTES).await.0
    }

    /// Tests address, key and permission without writing anything: sends `{}` (contract 5.12).
    pub async fn check(&self) -> (Check, Call) {
        let call = self.track(Bytes::from_static(CHECK_BODY)).await;
        (Check::of(&call.answer), call)
    }

    /// Reads profiles back (contract 9). Slow at Braze, and 250 requests a minute at most: for checks, never for delivery.
    /// The error is the call with its verdict; `Answer::explain` has the words.
    pub async fn export_ids(&self, request: &ExportRequest) -> Result<Export, Box<Call>> {
        let body = match serde_json::to_vec(request) {
            Ok(body) => Bytes::from(body),
            Err(error) => {
                // Strings and lists of strings always serialise; if they ever did not, nothing was sent.
                let answer = Answer::Refused {
                    status: 0,
                    message: error.to_string(),
                    item_errors: Vec::new(),
                };
                return Err(Box::new(Call {
                    answer,
                    budget: None,
                    status: None,
                    text: String::new(),
                    duration: Duration::ZERO,
                }));
            }
        };
        let (mut call, body) = self
            .post(&self.inner.export_ids, body, MAX_EXPORT_ANSWER_BYTES)
            .await;
        if !matches!(call.answer, Answer::Accepted { .. }) {
            return Err(Box::new(call));
        }
        serde_json::from_slice(&body).map_err(|_| {
            call.answer = Answer::Unknown {
                why: UnknownWhy::NotBraze,
            };
            Box::new(call)
        })
    }

    async fn post(&self, url: &Url, body: Bytes, max_answer: usize) -> (Call, Bytes) {
        let read = |status, headers: &[(&str, &str)], body: &[u8]| {
            classify(status, headers.iter().copied(), body, now_epoch_ms())
        };
        self.post_with(url, body, max_answer, read).await
    }

    /// One request; `read` turns status, headers and body into a verdict.
    async fn post_with(
        &self,
        url: &Url,
        body: Bytes,
        max_answer: usize,
        read_answer: impl FnOnce(u16, &[(&str, &str)], &[u8]) -> (Answer, Option<Budget>),
    ) -> (Call, Bytes) {
        let mut request = Request::new(Method::POST, url.clone());
        *request.body_mut() = Some(body.into());
        self.execute(request, max_answer, read_answer).await
    }

    async fn execute(
        &self,
        mut request: Request,
        max_answer: usize,
        read_answer: impl FnOnce(u16, &[(&str, &str)], &[u8]) -> (Answer, Option<Budget>),
    ) -> (Call, Bytes) {
        let started = Instant::now();
        *request.headers_mut() = self.inner.headers.clone();
        let response = match self.inner.http.execute(request).await {
            Ok(response) => response,
            Err(error) => {
                let call = Call {
                    answer: failure::before_an_answer(&error),
                    budget: None,
                    status: None,
                    text: failure::chain(&error.without_url()),
                    duration: started.elapsed(),
                };
                return (call, Bytes::new());
            }
        };
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let (body, broken) = read(response, max_answer).await;
        let readable: Vec<(&str, &str)> = headers
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
            .collect();
        let (mut answer, budget) = read_answer(status, &readable, &body);
        // A refusal stands by its status alone. A success needs its whole body, or refused items would pass as delivered.
        if let (200..=299, Some(why)) = (status, broken) {
            answer = Answer::Unknown { why };
        }
        let text = plain_bytes(&body, MAX_KEPT_TEXT_BYTES);
        (
            Call {
                answer,
                budget,
                status: Some(status),
                text,
                duration: started.elapsed(),
            },
            body,
        )
    }
}

/// Reads the body up to a limit; what was read comes back also when the rest did not.
async fn read(mut response: Response, max: usize) -> (Bytes, Option<UnknownWhy>) {
    let announced = response.content_length();
    let mut whole = match response.chunk().await {
        Ok(Some(first)) => first,
        Ok(None) => return (Bytes::new(), None),
        Err(error) => return (Bytes::new(), Some(failure::inside_the_body(&error))),
    };
    // Nearly every answer arrives in one piece and is used where it lies.
    if announced == u64::try_from(whole.len()).ok() && whole.len() <= max {
        return (whole, None);
    }
    if announced.is_some_and(|length| usize::try_from(length).map_or(true, |length| length > max)) {
        whole.truncate(max);
        return (whole, Some(UnknownWhy::Oversize));
    }
    let mut gathered = BytesMut::from(whole);
    loop {
        if gathered.len() > max {
            gathered.truncate(max);
            return (gathered.freeze(), Some(UnknownWhy::Oversize));
        }
        match response.chunk().await {
            Ok(Some(more)) => gathered.extend_from_slice(&more),
            Ok(None) => return (gathered.freeze(), None),
            Err(error) => return (gathered.freeze(), Some(failure::inside_the_body(&error))),
        }
    }
}

fn check_host(endpoint: &Endpoint, options: &Options) -> Result<(), ClientError> {
    if endpoint.host() != HostKind::Braze && !options.allow_other_hosts {
        return Err(ClientError::HostNotAllowed(endpoint.base().to_owned()));
    }
    match endpoint.host() {
        // An address in the URL never passes the resolver, so it is checked here.
        HostKind::Address(address) if !options.allow_private => {
            address_allowed(address).map_err(ClientError::AddressForbidden)
        }
        _ => Ok(()),
    }
}

fn headers(key: &SecretString) -> Result<HeaderMap, ClientError> {
    let key = key.expose_secret().trim();
    // Quotes round the key are a documented cause of 401 (contract 1.3); better to say so than to send it.
    if key.is_empty()
        || !key
            .bytes()
            .all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'`'))
    {
        return Err(ClientError::Key);
    }
    let mut bearer =
        HeaderValue::from_str(&format!("Bearer {key}")).map_err(|_| ClientError::Key)?;
    bearer.set_sensitive(true);
    let mut headers = HeaderMap::with_capacity(4);
    headers.insert(AUTHORIZATION, bearer);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(headers)
}

/// Mozilla's roots, compiled in: the same trust on every machine, also in an image without `ca-certificates`, where the
/// platform's verifier would refuse to start. What a company adds to its machines comes in by `extra_roots_pem`.
fn tls(extra_roots_pem: &[u8]) -> Result<rustls::ClientConfig, ClientError> {
    let mut roots = rustls::RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let mut extra = 0;
    for certificate in CertificateDer::pem_slice_iter(extra_roots_pem) {
        let certificate =
            certificate.map_err(|error| ClientError::Certificates(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| ClientError::Certificates(error.to_string()))?;
        extra += 1;
    }
    if extra == 0 && !extra_roots_pem.trim_ascii().is_empty() {
        return Err(ClientError::Certificates("no certificate found".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ClientError::Setup(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn now_epoch_ms() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
