//! Answers when a studio request can't be carried out: what happened, why, what to do.
//! Promises: nothing internal leaks; what belongs to another workspace is not there.
//! Leaves to others: problems of single fields, which stand at the field (`form`).

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderValue, StatusCode, header};
use store::{StoreError, accounts::Role};

use crate::web::{assets::StudioLinks, problem::Problem};

/// Why a request was not carried out.
#[derive(Debug)]
pub(super) enum StudioProblem {
    /// Nobody has signed in: to the page for that, and then back to this path.
    SignIn {
        /// Where the person wanted to go.
        next: String,
        /// The request came from htmx, which follows another header.
        partial: bool,
    },
    /// 404: not there, or not theirs.
    NotFound,
    /// 403: the member's role is not enough.
    Role(Role),
    /// 403: another site's page made the browser send it.
    CrossSite,
    /// 429.
    TooMany(u64),
    /// 413 or 400: the body can't be read.
    Body(String),
    /// 503.
    Unavailable,
    /// 500, with the reference that the log has too.
    Broken(String),
}

#[derive(Template)]
#[template(path = "problem.html", config = "src/web/studio/askama.toml")]
struct Page<'a> {
    assets: &'a StudioLinks,
    title: &'a str,
    what: String,
    remedy: &'a str,
}

impl StudioProblem {
    pub(super) fn broken(error: &dyn std::fmt::Display) -> Self {
        match Problem::broken(error) {
            Problem::Broken(reference) => Self::Broken(reference),
            _ => Self::Unavailable,
        }
    }

    fn words(&self) -> (StatusCode, &'static str, String, &'static str) {
        match self {
            Self::SignIn { .. } => (StatusCode::UNAUTHORIZED, "Sign in first", "This page is for members.".into(), "Sign in, then open it again."),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "Nothing here",
                "There is nothing at this address, or it belongs to a workspace that you are not a member of.".into(),
                "Go back to your hubs, or ask an admin of that workspace to invite you.",
            ),
            Self::Role(needed) => (
                StatusCode::FORBIDDEN,
                "Your role does not allow this",
                format!("Only {} of this workspace can do that.", who(*needed)),
                "Ask an admin of the workspace to do it, or to give you another role.",
            ),
            Self::CrossSite => (
                StatusCode::FORBIDDEN,
                "The request came from another site",
                "For your safety the studio only accepts what is sent from its own pages.".into(),
                "Open the studio yourself and try again there.",
            ),
            Self::TooMany(seconds) => (
                StatusCode::TOO_MANY_REQUESTS,
                "Too many attempts",
                format!("There were too many attempts in a short time. The next one is possible in {seconds} seconds."),
                "Wait, then try again. If you forgot your password, whoever runs this server can set a new one: komo member reset.",
            ),
            Self::Body(what) => (StatusCode::BAD_REQUEST, "The form can't be read", what.clone(), "Go back, reload the page and send it again."),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Not available at the moment",
                "The database did not answer. Nothing was changed.".into(),
                "Try again in a moment. If it lasts, tell whoever runs this server.",
            ),
            Self::Broken(reference) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong on our side",
                format!("The mistake is ours, not yours. It is in the server's log under {reference}."),
                "Try again. If it happens again, send the reference to whoever runs this server.",
            ),
        }
    }
}

/// A role and everything above it, in words.
fn who(role: Role) -> &'static str {
    match role {
        Role::Owner => "owners",
        Role::Admin => "owners and admins",
        Role::Editor => "owners, admins and editors",
        Role::Analyst => "members",
    }
}

impl IntoResponse for StudioProblem {
    fn into_response(self) -> Response {
        if let Self::SignIn { next, partial } = &self {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("next", next)
                .finish();
            let address = format!("/studio/sign-in?{query}");
            if !*partial {
                return Redirect::to(&address).into_response();
            }
            let mut response = StatusCode::UNAUTHORIZED.into_response();
            if let Ok(value) = HeaderValue::from_str(&address) {
                response.headers_mut().insert("hx-redirect", value);
            }
            return response;
        }
        let (status, title, what, remedy) = self.words();
        let page = Page {
            assets: StudioLinks::get(),
            title,
            what,
            remedy,
        };
        let html = page.render().unwrap_or_default();
        let mut response = (
            status,
            [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
            html,
        )
            .into_response();
        if let Self::TooMany(seconds) = self {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<StoreError> for StudioProblem {
    fn from(error: StoreError) -> Self {
        if error.is_transient() {
            tracing::warn!(%error, "a studio request found no database");
            Self::Unavailable
        } else {
            Self::broken(&error)
        }
    }
}

impl From<tower_sessions::session::Error> for StudioProblem {
    fn from(error: tower_sessions::session::Error) -> Self {
        tracing::warn!(%error, "a session can't be read or written");
        Self::Unavailable
    }
}

impl From<anyhow::Error> for StudioProblem {
    fn from(error: anyhow::Error) -> Self {
        match error.downcast::<StoreError>() {
            Ok(error) => error.into(),
            Err(error) => Self::broken(&format!("{error:#}")),
        }
    }
}

impl From<askama::Error> for StudioProblem {
    fn from(error: askama::Error) -> Self {
        Self::broken(&error)
    }
}
