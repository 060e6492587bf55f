//! What surrounds a page of the studio: navigation, path, who is signed in, what was just done.
//! Promises: the same places in the same order on every page; a page is never kept by a cache.
//! Leaves to others: the pages.

use askama::Template;
use axum::response::{IntoResponse, Response};
use engage::{
    hub::HubDoc,
    ids::{ConnectionId, WorkspaceId},
    time::Millis,
};
use http::{StatusCode, header};
use store::accounts::{Membership, Role};

use super::{access::Found, problem::StudioProblem};
use crate::{clock, web::assets::StudioLinks};

/// A link of the navigation.
#[derive(Clone, Debug)]
pub(super) struct Nav {
    pub(super) label: &'static str,
    pub(super) href: String,
    /// The name of a picture in `icons.html`.
    pub(super) icon: &'static str,
    pub(super) current: bool,
}

/// A step of the path to this page; the last one has no address.
#[derive(Clone, Debug)]
pub(super) struct Crumb {
    pub(super) label: String,
    pub(super) href: String,
}

/// The frame of one page.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) title: String,
    pub(super) assets: &'static StudioLinks,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) place: Option<Membership>,
    pub(super) places: Vec<Membership>,
    pub(super) nav: Vec<Nav>,
    pub(super) crumbs: Vec<Crumb>,
    /// What was just done, in words.
    pub(super) done: &'static str,
    /// Something is wrong with what was sent.
    pub(super) wrong: bool,
}

/// Which entry of the navigation a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    Hubs,
    Apps,
    Members,
    Log,
    Settings,
    Elsewhere,
}

impl Frame {
    pub(super) fn new(found: &Found, place: Option<&Membership>, at: At, title: &str) -> Self {
        let nav = place.map_or_else(Vec::new, |place| {
            let base = workspace_path(place.workspace);
            let all = [
                (At::Hubs, "Hubs", "hub", String::new(), Role::Analyst),
                (
                    At::Apps,
                    "Connected apps",
                    "plug",
                    "/apps".to_owned(),
                    Role::Analyst,
                ),
                (
                    At::Members,
                    "Members",
                    "people",
                    "/members".to_owned(),
                    Role::Analyst,
                ),
                (At::Log, "Activity", "clock", "/log".to_owned(), Role::Admin),
                (
                    At::Settings,
                    "Settings",
                    "gear",
                    "/settings".to_owned(),
                    Role::Analyst,
                ),
            ];
            all.into_iter()
                .filter(|(.., needed)| place.role >= *needed)
                .map(|(which, label, icon, path, _)| Nav {
                    label,
                    icon,
                    href: format!("{base}{path}"),
                    current: which == at,
                })
                .collect()
        });
        Self {
            title: title.to_owned(),
            assets: StudioLinks::get(),
            name: found.member.name.clone(),
            email: found.member.email.clone(),
            place: place.cloned(),
            places: found.places.clone(),
            nav,
            crumbs: Vec::new(),
            done: "",
            wrong: false,
        }
    }

    pub(super) fn crumb(mut self, label: &str, href: impl Into<String>) -> Self {
        self.crumbs.push(Crumb {
            label: label.to_owned(),
            href: href.into(),
        });
        self
    }

    /// The message of `?done=code`, if there is one.
    pub(super) fn done(mut self, query: &[(String, String)]) -> Self {
        let code = query
            .iter()
            .find(|(key, _)| key == "done")
            .map(|(_, code)| code.as_str())
            .unwrap_or_default();
        self.done = done_words(code);
        self
    }

    /// One or two letters that stand for the member.
    pub(super) fn initials(&self) -> String {
        let mut words = self.name.split_whitespace();
        let first = words.next().and_then(|it| it.chars().next());
        let last = words.next_back().and_then(|it| it.chars().next());
        first
            .into_iter()
            .chain(last)
            .flat_map(char::to_uppercase)
            .collect()
    }

    pub(super) fn workspace_href(&self) -> String {
        self.place
            .as_ref()
            .map_or_else(|| "/studio".to_owned(), |it| workspace_path(it.workspace))
    }

    pub(super) fn may(&self, role: &str) -> bool {
        let needed: Option<Role> = role.parse().ok();
        self.place
            .as_ref()
            .zip(needed)
            .is_some_and(|(place, needed)| place.role >= needed)
    }
}

fn done_words(code: &str) -> &'static str {
    match code {
        "saved" => "Saved. It counts from now on.",
        "connected" => "Connected. Now say who people are in Braze and what is sent.",
        "key" => "The key is stored, sealed. It is never shown again.",
        "paused" => "Paused. Entries are still accepted; what is for Braze waits.",
        "resumed" => "Sending again. What has waited goes out first.",
        "removed" => "Disconnected. Nothing more is sent; the history stays.",
        "resend" => "From now on every value is sent in full once more.",
        "again" => "On its way again.",
        "nothing" => "Nothing there could be sent again.",
        "password" => "Your password is changed; all your other sessions are ended.",
        "name" => "Your name is changed.",
        "session" => "The session is ended.",
        "invited" => "The invitation is withdrawn.",
        "role" => "The role is changed.",
        "member-removed" => "The member is no longer part of this workspace.",
        "workspace" => "The workspace is saved.",
        "backfill" => "The backfill is running. Live entries go first.",
        "backfill-ended" => "The backfill is ended. What was sent stays sent.",
        "backfill-paused" => "The backfill is paused.",
        "welcome" => "Welcome. Your workspace is ready.",
        "joined" => "Welcome. You are part of this workspace now.",
        "hub" => "The hub is made and published.",
        "hub-made" => "Your draft is ready. Make it yours, then publish it.",
        "hub-copied" => "This is the copy: a draft with the same cards and texts.",
        "archived" => "The hub is archived. Nothing is lost; you can bring it back.",
        "restored" => "The hub is back as it was.",
        "card-removed" => "The card is removed. Undo brings it back; its entries stay in any case.",
        "card-copied" => "The card is doubled.",
        "published" => "Published. Participants see it now.",
        "unpublished" => "The hub is offline. The draft stays.",
        "rolled-back" => "Participants see this version again. Your draft is as it was.",
        _ => "",
    }
}

pub(super) fn workspace_path(workspace: WorkspaceId) -> String {
    format!("/studio/w/{workspace}")
}

pub(super) fn hub_path(slug: &str) -> String {
    format!("/studio/hubs/{slug}")
}

pub(super) fn connection_path(connection: ConnectionId) -> String {
    format!("/studio/connections/{connection}")
}

/// A hub's name in its default language.
pub(super) fn hub_name(doc: &HubDoc) -> String {
    let locale = doc.default_locale();
    doc.hub.name.get(locale, locale).to_owned()
}

/// An answer with a rendered page.
pub(super) fn page(template: &impl Template) -> Result<Response, StudioProblem> {
    with_status(StatusCode::OK, template)
}

/// The same with another status, for forms that were refused.
pub(super) fn with_status(
    status: StatusCode,
    template: &impl Template,
) -> Result<Response, StudioProblem> {
    let html = template.render()?;
    Ok((
        status,
        [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
        html,
    )
        .into_response())
}

/// How long ago something was, as people say it.
pub(super) fn ago(moment: Millis) -> String {
    let seconds = clock::now().since(moment) / 1_000;
    let count = |number: i64, one: &str| {
        if number == 1 {
            format!("1 {one} ago")
        } else {
            format!("{number} {one}s ago")
        }
    };
    match seconds {
        ..10 => "just now".to_owned(),
        10..60 => format!("{seconds} s ago"),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..86_400 => count(seconds / 3_600, "hour"),
        _ => count(seconds / 86_400, "day"),
    }
}

/// A moment in full: date, time, zone.
pub(super) fn full(moment: Millis) -> String {
    let iso = moment.to_iso();
    let date = iso.get(..10).unwrap_or_default();
    let time = iso.get(11..19).unwrap_or_default();
    format!("{date} {time} UTC")
}

/// A number with thin spaces between thousands.
pub(super) fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    if value < 0 {
        out.insert(0, '−');
    }
    out
}
