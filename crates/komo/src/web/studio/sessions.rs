//! Sessions of the studio: `tower-sessions` over our own storage.
//! Promises: the cookie's value is stored as a hash only; a session ends after a week unused and after a month at all.
//! Leaves to others: who signs in (`enter`), what a session may do (`access`).

use std::collections::HashMap;

use async_trait::async_trait;
use engage::{ids::MemberId, time::Millis};
use http::HeaderMap;
use sha2::{Digest, Sha256};
use store::{Store, accounts_sessions};
use tower_sessions::{
    Expiry, SessionManagerLayer, SessionStore,
    cookie::{SameSite, time},
    session::{Id, Record},
    session_store::{Error, Result},
};

use super::problem::StudioProblem;
use crate::clock;

pub(super) type Session = tower_sessions::Session;

/// Whose session it is, by id.
const MEMBER: &str = "member";
/// When the member signed in, in UTC milliseconds.
const SINCE: &str = "since";
/// When it was last seen, to within ten minutes: that much is written, not every request.
const SEEN: &str = "seen";
/// The browser's own words.
const AGENT: &str = "agent";

const UNUSED_DAYS: i64 = 7;
const LONGEST_MS: i64 = 30 * 24 * 3_600_000;
const SEEN_EVERY_MS: i64 = 10 * 60_000;

/// Sessions in the database.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    store: Store,
}

/// The layer that gives handlers their session.
pub(super) fn layer(store: Store, secure: bool) -> SessionManagerLayer<Kept> {
    SessionManagerLayer::new(Kept { store })
        .with_name(cookie_name(secure))
        .with_secure(secure)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(time::Duration::days(UNUSED_DAYS)))
}

/// `__Host-` binds a cookie to this host and to https; a browser refuses the name without https.
pub(super) const fn cookie_name(secure: bool) -> &'static str {
    if secure {
        "__Host-komo-studio"
    } else {
        "komo-studio"
    }
}

/// What is stored of a session's token.
pub(super) fn token_hash(id: Id) -> Vec<u8> {
    Sha256::digest(id.0.to_be_bytes()).to_vec()
}

fn failed(error: &store::StoreError) -> Error {
    Error::Backend(error.to_string())
}

impl Kept {
    async fn put(&self, record: &Record) -> Result<()> {
        let text = |key: &str| {
            record
                .data
                .get(key)
                .and_then(|it| it.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        let now = clock::now();
        let ends = record.expiry_date.unix_timestamp().saturating_mul(1_000);
        let session = accounts_sessions::Session {
            id: clock::new_id(),
            member: text(MEMBER).parse().ok(),
            data: serde_json::to_string(&record.data)
                .map_err(|error| Error::Encode(error.to_string()))?,
            agent: text(AGENT),
            created_at: now,
            seen_at: now,
            expires_at: Millis(ends),
        };
        let hash = token_hash(record.id);
        let written = self.store.write(move |tx| {
            Box::pin(async move { accounts_sessions::put(tx, &hash, &session).await })
        });
        written.await.map_err(|error| failed(&error))
    }
}

#[async_trait]
impl SessionStore for Kept {
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            let hash = token_hash(record.id);
            let taken = self
                .store
                .read(move |tx| Box::pin(async move { accounts_sessions::id_of(tx, &hash).await }));
            if taken.await.map_err(|error| failed(&error))?.is_none() {
                return self.put(record).await;
            }
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.put(record).await
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let (hash, now) = (token_hash(*id), clock::now());
        let found = self
            .store
            .read(move |tx| Box::pin(async move { accounts_sessions::load(tx, &hash, now).await }));
        let Some(found) = found.await.map_err(|error| failed(&error))? else {
            return Ok(None);
        };
        let data: HashMap<String, serde_json::Value> =
            serde_json::from_str(&found.data).map_err(|error| Error::Decode(error.to_string()))?;
        let expiry_date = time::OffsetDateTime::from_unix_timestamp(found.expires_at.0 / 1_000)
            .map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let hash = token_hash(*id);
        let gone = self
            .store
            .write(move |tx| Box::pin(async move { accounts_sessions::delete(tx, &hash).await }));
        gone.await.map_err(|error| failed(&error))
    }
}

/// Begins a member's session under a new token.
pub(super) async fn begin(
    session: &Session,
    member: MemberId,
    headers: &HeaderMap,
) -> std::result::Result<(), StudioProblem> {
    session.cycle_id().await?;
    session.insert(MEMBER, member.to_string()).await?;
    session.insert(SINCE, clock::now().0).await?;
    session.insert(SEEN, clock::now().0).await?;
    session.insert(AGENT, agent(headers)).await?;
    Ok(())
}

/// Whose session it is; none when nobody has signed in or it has lasted too long.
pub(super) async fn member(
    session: &Session,
) -> std::result::Result<Option<MemberId>, StudioProblem> {
    let Some(id) = session.get::<String>(MEMBER).await? else {
        return Ok(None);
    };
    let now = clock::now();
    let since = Millis(session.get::<i64>(SINCE).await?.unwrap_or_default());
    if now.since(since) > LONGEST_MS {
        session.flush().await?;
        return Ok(None);
    }
    let seen = Millis(session.get::<i64>(SEEN).await?.unwrap_or_default());
    if now.since(seen) > SEEN_EVERY_MS {
        session.insert(SEEN, now.0).await?;
    }
    Ok(id.parse().ok())
}

/// The name of a browser and its system, for the list of sessions: enough to recognise one's own.
fn agent(headers: &HeaderMap) -> String {
    let text = headers
        .get(http::header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let pick = |names: &[(&str, &str)]| {
        names
            .iter()
            .find(|(part, _)| text.contains(part))
            .map(|(_, name)| (*name).to_owned())
    };
    let browser = pick(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("HeadlessChrome/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = pick(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "Another program".to_owned(),
    }
}
