//! Hub settings > Integrations > Braze > Connect.
//! Promises: a key that was typed is never sent back to the browser; what is wrong stands at its field with the remedy.
//! Leaves to others: what is sent (`mapping`), changing it later (`connection`).

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use http::StatusCode;
use secrecy::SecretString;

use super::{
    access::AtHub,
    form::{Errors, Sent},
    frame::{Frame, connection_path, hub_name, hub_path, page, with_status},
    hub::{ConnectionRow, connection_rows, document, settings_frame},
    problem::StudioProblem,
};
use crate::{
    app::App,
    braze_desk::{self, CheckLine, Draft},
};

type Answer = Result<Response, StudioProblem>;

/// What was chosen or typed for the address: instances by name, `other` for a URL.
#[derive(Clone, Debug)]
pub(super) struct Address {
    /// `US-01`, or `other`.
    pub(super) instance: String,
    pub(super) url: String,
}

impl Address {
    pub(super) fn sent(sent: &Sent) -> Self {
        Self {
            instance: sent.text("instance").to_owned(),
            url: sent.text("endpoint").to_owned(),
        }
    }

    pub(super) fn of(endpoint: &str) -> Self {
        let name = super::workspace::instance(endpoint);
        if braze::INSTANCES.iter().any(|it| it.name == name) {
            Self {
                instance: name,
                url: String::new(),
            }
        } else {
            Self {
                instance: "other".to_owned(),
                url: endpoint.to_owned(),
            }
        }
    }

    pub(super) fn endpoint(&self) -> &str {
        if self.instance == "other" {
            &self.url
        } else {
            &self.instance
        }
    }

    /// The field and the words, when it can't be used.
    pub(super) fn problem(&self, calls: &braze::Options) -> Option<(&'static str, String)> {
        if self.instance.is_empty() {
            return Some((
                "instance",
                "Choose your instance. You see its name in the address of your Braze dashboard."
                    .to_owned(),
            ));
        }
        // Whether the host may be called does not depend on the key.
        let probe = SecretString::from("probe".to_owned());
        let error = braze_desk::client(self.endpoint(), probe, calls).err()?;
        let field = if self.instance == "other" {
            "endpoint"
        } else {
            "instance"
        };
        Some((field, error))
    }
}

#[derive(Template)]
#[template(path = "connect.html", config = "src/web/studio/askama.toml")]
struct ConnectPage {
    frame: Frame,
    errors: Errors,
    lines: Vec<CheckLine>,
    name: String,
    address: Address,
    instances: &'static [braze::Instance],
    other_allowed: bool,
    base: String,
}

/// The result of a check, alone for htmx.
#[derive(Template)]
#[template(path = "check.html", config = "src/web/studio/askama.toml")]
pub(super) struct CheckPart {
    pub(super) lines: Vec<CheckLine>,
}

#[derive(Template)]
#[template(path = "braze.html", config = "src/web/studio/askama.toml")]
struct BrazePage {
    frame: Frame,
    connections: Vec<ConnectionRow>,
    base: String,
}

fn base(at: &AtHub) -> String {
    format!("{}/settings/integrations", hub_path(&at.hub.slug))
}

/// `GET .../integrations/braze`
pub(super) async fn show_braze(
    State(app): State<App>,
    at: AtHub,
    Query(query): Query<Vec<(String, String)>>,
) -> Answer {
    let doc = document(&at.hub)?;
    let base = base(&at);
    page(&BrazePage {
        frame: settings_frame(&at, &hub_name(&doc), "Braze")
            .crumb("Integrations", base.clone())
            .crumb("Braze", "")
            .done(&query),
        connections: connection_rows(&app, at.hub.id).await?,
        base,
    })
}

fn connect_page(
    app: &App,
    at: &AtHub,
    errors: Errors,
    lines: Vec<CheckLine>,
    (name, address): (&str, Address),
) -> Answer {
    let doc = document(&at.hub)?;
    let base = base(at);
    let mut frame = settings_frame(at, &hub_name(&doc), "Connect to Braze")
        .crumb("Integrations", base.clone())
        .crumb("Braze", format!("{base}/braze"))
        .crumb("Connect", "");
    frame.wrong = !errors.is_empty();
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    with_status(
        status,
        &ConnectPage {
            frame,
            errors,
            lines,
            name: name.to_owned(),
            address,
            instances: braze::INSTANCES,
            other_allowed: app.studio.calls.allow_other_hosts,
            base,
        },
    )
}

/// `GET .../integrations/braze/connect`
pub(super) async fn show(State(app): State<App>, at: AtHub) -> Answer {
    let address = Address {
        instance: String::new(),
        url: String::new(),
    };
    connect_page(&app, &at, Errors::default(), Vec::new(), ("Braze", address))
}

fn read(app: &App, sent: &Sent) -> (Errors, Address) {
    let address = Address::sent(sent);
    let mut errors = Errors::default();
    if let Some((field, words)) = address.problem(&app.studio.calls) {
        errors.add(field, words);
    }
    if let Some(words) = braze_desk::key_problem(sent.text("key")) {
        errors.add("key", words);
    }
    (errors, address)
}

/// `POST .../integrations/braze/check`: tries what was typed; nothing is stored.
pub(super) async fn check(State(app): State<App>, at: AtHub, sent: Sent) -> Answer {
    app.studio
        .attempts
        .admit(&format!("check {}", at.found.member.id), sent.sender)?;
    let (errors, address) = read(&app, &sent);
    let lines = if errors.is_empty() {
        let key = SecretString::from(sent.text("key").to_owned());
        match braze_desk::client(address.endpoint(), key, &app.studio.calls) {
            Ok(client) => braze_desk::check(&client).await,
            Err(words) => vec![refused(words)],
        }
    } else {
        errors
            .0
            .iter()
            .map(|(_, words)| refused(words.clone()))
            .collect()
    };
    if sent.partial() {
        return page(&CheckPart { lines });
    }
    connect_page(&app, &at, errors, lines, (sent.text("name"), address))
}

/// What was typed can't even be tried.
pub(super) fn refused(words: String) -> CheckLine {
    CheckLine {
        label: "Not tried",
        tone: braze_desk::Tone::Bad,
        what: words,
        remedy: String::new(),
    }
}

/// `POST .../integrations/braze/connections`
pub(super) async fn make(State(app): State<App>, at: AtHub, sent: Sent) -> Answer {
    let (mut errors, address) = read(&app, &sent);
    let name = sent.text("name");
    if name.is_empty() || name.chars().count() > 80 {
        errors.add("name", "Give the connection a name, at most 80 characters.");
    }
    if !errors.is_empty() {
        return connect_page(&app, &at, errors, Vec::new(), (name, address));
    }
    let doc = document(&at.hub)?;
    let draft = Draft {
        name: name.to_owned(),
        endpoint: address.endpoint().to_owned(),
        key: SecretString::from(sent.text("key").to_owned()),
    };
    let place = (at.place.workspace, at.hub.id, at.found.member.id);
    let id = braze_desk::make(&app.store, &app.studio.keyring, place, &doc, draft).await?;
    app.hubs.refresh_now(&app.store).await;
    let next = format!("{}/mapping?done=connected", connection_path(id));
    Ok(Redirect::to(&next).into_response())
}
