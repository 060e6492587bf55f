//! Mails without Braze: the same template, rendered here and handed to the installation's mail server by SMTP.
//! Promises one message id for one mail, so that a repetition is recognised; what the server says becomes an answer in the outbox's
//! words. Leaves to others: when to send again (`engage::delivery`), MIME and SMTP (lettre).

use std::{error::Error as _, future::Future, io::ErrorKind, pin::Pin, sync::Arc, time::Duration};

use anyhow::Context as _;
use braze::{Answer, NotSentWhy, UnknownWhy};
use engage::{hub::HubDoc, mail::MailKind};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{authentication::Credentials, response::Severity},
};
use serde_json::{Map, Value as Json};

use super::{Design, Rendered};
use crate::{config::Smtp, deliver::Mailer, live::LiveHubs};

/// The longest a mail server may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The installation's mail server.
#[derive(Clone, Debug)]
pub struct MailServer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Option<Mailbox>,
}

/// A mail as it stands in the outbox: the shape of a send through Braze, whichever way it goes.
#[derive(Clone, Debug, PartialEq)]
struct Order {
    kind: MailKind,
    hub: String,
    to: String,
    send_id: String,
    properties: Map<String, Json>,
}

impl Order {
    fn read(body: &str) -> Option<Self> {
        let body: Json = serde_json::from_str(body).ok()?;
        let properties = body.get("trigger_properties")?.as_object()?.clone();
        let text = |name: &str| {
            properties
                .get(name)
                .and_then(Json::as_str)
                .map(str::to_owned)
        };
        let recipient = body
            .get("recipient")
            .or_else(|| body.get("recipients")?.get(0))?;
        let entry = || text("entry_id").map(|id| format!("komo-{id}"));
        Some(Self {
            kind: text("message")?.parse().ok()?,
            hub: text("hub_slug")?,
            to: recipient
                .get("attributes")?
                .get("email")?
                .as_str()?
                .to_owned(),
            send_id: body
                .get("external_send_id")
                .and_then(Json::as_str)
                .map(str::to_owned)
                .or_else(entry)?,
            properties,
        })
    }
}

impl MailServer {
    /// The configured server; none when there is no address.
    pub fn of(config: &Smtp) -> anyhow::Result<Option<Self>> {
        if config.url.is_empty() {
            return Ok(None);
        }
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&config.url)
            .context("configuration key `smtp.url`: write it like smtps://mail.example.com or smtp://mail.example.com:587?tls=required")?
            .timeout(Some(PATIENCE));
        if !config.username.is_empty() {
            builder = builder.credentials(Credentials::new(
                config.username.clone(),
                config.password.clone(),
            ));
        }
        let from = (!config.from.is_empty())
            .then(|| config.from.parse::<Mailbox>())
            .transpose()
            .context("configuration key `smtp.from`: write it like Name <name@example.com>")?;
        Ok(Some(Self {
            transport: builder.build(),
            from,
        }))
    }

    /// Sends one rendered mail.
    pub async fn send(&self, doc: &HubDoc, to: &str, send_id: &str, mail: &Rendered) -> Answer {
        let message = match self.message(doc, to, send_id, mail) {
            Ok(message) => message,
            Err(error) => {
                return Answer::Refused {
                    status: 0,
                    message: format!("{error:#}"),
                    item_errors: Vec::new(),
                };
            }
        };
        match self.transport.send(message).await {
            Ok(_) => Answer::Accepted {
                item_errors: Vec::new(),
                unassigned: Vec::new(),
            },
            Err(error) => answer(&error),
        }
    }

    fn message(
        &self,
        doc: &HubDoc,
        to: &str,
        send_id: &str,
        mail: &Rendered,
    ) -> anyhow::Result<Message> {
        let own = doc
            .mail
            .from
            .as_deref()
            .map(str::parse::<Mailbox>)
            .transpose();
        let from = own
            .context("the hub's sender (mail.from) cannot be used")?
            .or_else(|| self.from.clone())
            .context("there is no sender: set mail.from in the hub, or smtp.from on the server")?;
        let domain = from.email.domain().to_owned();
        let mut builder = Message::builder()
            .from(from)
            .to(to
                .parse()
                .context("the recipient's address cannot be used")?)
            .subject(mail.subject.as_str())
            .message_id(Some(format!("<{send_id}@{domain}>")));
        if let Some(reply_to) = doc.mail.reply_to.as_deref() {
            builder = builder.reply_to(
                reply_to
                    .parse()
                    .context("the hub's mail.reply_to cannot be used")?,
            );
        }
        // Out-of-office replies must not answer a machine (RFC 3834).
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        Ok(builder
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(
                mail.text.clone(),
                mail.html.clone(),
            ))?)
    }
}

/// What a server's refusal, or its silence, means for the mail.
fn answer(error: &lettre::transport::smtp::Error) -> Answer {
    if let Some(code) = error.status() {
        let number: u16 = code.into();
        // 53x is about the account, not about this mail: it is tried again once the password is right.
        let about_account = matches!(number, 530 | 534 | 535 | 538);
        if about_account || code.severity == Severity::TransientNegativeCompletion {
            tracing::warn!(
                status = number,
                "the mail server does not take mails at the moment"
            );
            return Answer::Unavailable { status: number };
        }
        return Answer::Refused {
            status: number,
            message: error.to_string(),
            item_errors: Vec::new(),
        };
    }
    if error.is_timeout() {
        return Answer::Unknown {
            why: UnknownWhy::Timeout,
        };
    }
    if error.is_tls() {
        return Answer::NotSent {
            why: NotSentWhy::Tls,
        };
    }
    let io = error
        .source()
        .and_then(|source| source.downcast_ref::<std::io::Error>());
    match io.map(std::io::Error::kind) {
        Some(ErrorKind::ConnectionRefused) => Answer::NotSent {
            why: NotSentWhy::ConnectRefused,
        },
        Some(ErrorKind::NotFound | ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable) => {
            Answer::NotSent {
                why: NotSentWhy::Network,
            }
        }
        // `failed to lookup address information` has no kind of its own.
        Some(_) if error.to_string().starts_with("Connection error") => Answer::NotSent {
            why: NotSentWhy::Network,
        },
        _ => Answer::Unknown {
            why: UnknownWhy::ConnectionLost,
        },
    }
}

/// The mail server with what it needs to render: the published hubs.
#[derive(Clone, Debug)]
pub struct HubMailer {
    server: MailServer,
    hubs: LiveHubs,
    base: Arc<str>,
}

impl HubMailer {
    /// `base` is the server's public address without a slash at its end.
    pub fn new(server: MailServer, hubs: LiveHubs, base: &str) -> Self {
        Self {
            server,
            hubs,
            base: base.into(),
        }
    }

    async fn deliver(&self, body: String) -> Answer {
        let refused = |message: String| Answer::Refused {
            status: 0,
            message,
            item_errors: Vec::new(),
        };
        let Some(order) = Order::read(&body) else {
            return refused("the mail can't be read".to_owned());
        };
        // A hub that is taken down for a while: its mails wait.
        let Some(hub) = self.hubs.find(&order.hub) else {
            return Answer::Unavailable { status: 0 };
        };
        let doc = hub.publication.doc();
        let rendered = Design::of(doc, &self.base)
            .map_err(super::RenderError::from)
            .and_then(|design| design.render_json(order.kind, &order.properties));
        match rendered {
            Ok(mail) => {
                self.server
                    .send(doc, &order.to, &order.send_id, &mail)
                    .await
            }
            Err(error) => refused(error.to_string()),
        }
    }
}

impl Mailer for HubMailer {
    fn send(&self, body: String) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>> {
        Box::pin(self.deliver(body))
    }
}
