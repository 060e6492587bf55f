//! Telling a browser that has answered before, by a cookie that means nothing elsewhere.
//! Promises: no cookie on hubs whose forms ask everything each time; the database holds only the cookie's hash. Leaves to others: what
//! was told in it (`store::visitors`), what is still asked (`engage::form::Place`).

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use cookie::{Cookie, SameSite, time::Duration};
use engage::{
    entry,
    form::{Known, Told},
    hub::Publication,
    ids::ContactId,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};
use store::visitors::{self, Heard};

use super::{
    guest::{Sent, Visit},
    show,
};
use crate::{app::App, clock, live::LiveHub, web::problem::Problem};

const COOKIE: &str = "komo_visitor";
/// Browsers keep no cookie longer than 400 days (RFC 6265bis, section 5.5).
const LONGEST: Duration = Duration::days(400);

/// A browser's secret: 128 random bits.
#[derive(Clone)]
pub struct Token(String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

impl Token {
    fn of(headers: &HeaderMap) -> Option<Self> {
        let cookies = headers.get_all(header::COOKIE).into_iter();
        let text = cookies
            .filter_map(|value| value.to_str().ok())
            .flat_map(Cookie::split_parse)
            .filter_map(Result::ok)
            .find(|cookie| cookie.name() == COOKIE)
            .map(|cookie| cookie.value().to_owned())?;
        let plausible = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        plausible.then_some(Self(text))
    }

    /// A new one; none while the operating system has no random numbers.
    fn new() -> Option<Self> {
        let mut secret = [0_u8; 16];
        getrandom::fill(&mut secret).ok()?;
        Some(Self(hex::encode(secret)))
    }

    fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

/// Whether any form of the hub remembers.
fn remembers(publication: &Publication) -> bool {
    let mut forms = publication
        .doc()
        .cards
        .iter()
        .filter_map(|card| card.form.as_ref());
    forms.any(|form| form.known != Known::Ask)
}

/// What this browser has told; nothing where the hub's forms ask everything each time.
pub(super) async fn told(app: &App, hub: &LiveHub, headers: &HeaderMap) -> Result<Told, Problem> {
    let Some(token) = Token::of(headers).filter(|_| remembers(&hub.publication)) else {
        return Ok(Told::new());
    };
    let (workspace, hash) = (hub.workspace, token.hash());
    let told = app
        .store
        .read(move |tx| Box::pin(visitors::told(tx, workspace, hash)))
        .await?;
    Ok(told)
}

/// Remembers what an accepted entry has told; answers the cookie to set. Programs, which keep no cookies, are not remembered.
pub(super) async fn remember(
    app: &App,
    visit: &Visit,
    contact: ContactId,
    told: Told,
    page: bool,
) -> Option<HeaderValue> {
    let browser = page || visit.headers.contains_key("sec-fetch-site");
    if !browser || !remembers(&visit.hub.publication) {
        return None;
    }
    let token = Token::of(&visit.headers).or_else(Token::new)?;
    let heard = Heard {
        workspace: visit.hub.workspace,
        token_hash: token.hash(),
        contact,
        identified: entry::says_who(&told),
        told,
        now: clock::now(),
    };
    let stored = app
        .store
        .write(move |tx| Box::pin(async move { visitors::remember(tx, &heard).await }));
    if let Err(error) = stored.await {
        // The entry counts; the next form only asks once more.
        tracing::debug!(%error, "what was told could not be remembered");
        return None;
    }
    let keep = app
        .visitors_keep_ms
        .map_or(LONGEST, |ms| Duration::milliseconds(ms).min(LONGEST));
    set(app, &token.0, keep)
}

/// `POST /h/{hub}/visit/end`: "not you?" forgets what this browser has told, and asks anew.
pub async fn end(
    State(app): State<App>,
    visit: Result<Visit, Problem>,
    headers: HeaderMap,
    sent: Result<Sent, Problem>,
) -> Response {
    let done = async {
        let (visit, sent) = (visit?, sent?);
        if let Some(token) = Token::of(&headers) {
            let (workspace, hash) = (visit.hub.workspace, token.hash());
            app.store
                .write(move |tx| Box::pin(visitors::forget(tx, workspace, hash)))
                .await?;
        }
        let card = match sent {
            Sent::Form(pairs) => pairs.into_iter().find(|(key, _)| key == "card"),
            Sent::Json(_) => None,
        };
        let card = card.filter(|(_, key)| visit.hub.card(key).is_some());
        let place = card.map_or_else(String::new, |(_, key)| format!("/c/{key}"));
        let slug = &visit.hub.publication.doc().hub.slug;
        let keep = visit.keep();
        let mark = if keep.is_empty() { "" } else { "?" };
        Ok::<_, Problem>(format!("/h/{slug}{place}{mark}{keep}"))
    };
    match done.await {
        Ok(next) => {
            let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, next)]).into_response();
            let gone = set(&app, "", Duration::ZERO);
            let gone = gone.map(|cookie| (header::SET_COOKIE, cookie));
            response.headers_mut().extend(gone);
            response
        }
        Err(problem) => show::either(&app, None, &headers, problem),
    }
}

fn set(app: &App, value: &str, keep: Duration) -> Option<HeaderValue> {
    let cookie = Cookie::build((COOKIE, value))
        .path("/h/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.public_url.starts_with("https:"))
        .max_age(keep);
    cookie.to_string().parse().ok()
}
