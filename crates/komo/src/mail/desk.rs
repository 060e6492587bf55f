//! What the studio and the command line do with a hub's mails: preview, difference, publish, test send.
//! Promises that a test send never touches the outbox, and says in a sentence what went wrong.
//! Leaves the design, publishing and SMTP to their modules.

use anyhow::{Context as _, bail, ensure};
use braze::{Answer, Client, Options, calls};
use engage::{
    hub::{HubDoc, IdentifyBy, MailRoute},
    mail::{EntryMail, MailKind, MailProperties, Recipient, transactional_body, trigger_body},
    text::Locale,
};
use serde_json::json;

use super::{Design, MailServer, Rendered};
use crate::{clock, config, live::LiveConnection, secrets::Keyring};

/// A mail with sample properties, as its recipient would see it. `base` is the server's public address without a slash at its end.
pub fn preview(
    doc: &HubDoc,
    base: &str,
    kind: MailKind,
    locale: &Locale,
) -> anyhow::Result<Rendered> {
    let sample = MailProperties::sample(kind, doc, locale, base);
    Ok(Design::of(doc, base)?.render(&sample, kind)?)
}

/// A client for a connection, with the key that is stored for it.
pub fn client(
    keyring: &Keyring,
    connection: &LiveConnection,
    settings: &config::Delivery,
) -> anyhow::Result<Client> {
    let sealed = connection
        .sealed_key
        .as_deref()
        .context("the connection has no API key yet: `komo connection key`")?;
    let key = keyring.open(sealed, connection.id.uuid().as_bytes())?;
    let options = Options {
        allow_private: settings.allow_private_addresses,
        allow_other_hosts: settings.allow_other_hosts,
        ..Options::default()
    };
    Ok(Client::new(connection.doc.endpoint.parse()?, key, options)?)
}

/// A mail to try: which, in which language, to whom.
#[derive(Clone, Debug)]
pub struct Test {
    /// The message type.
    pub kind: MailKind,
    /// The language.
    pub locale: Locale,
    /// The address.
    pub to: String,
    /// The profile at Braze that gets it: the id, or the alias' name. Left out: the address, where people are identified by alias or
    /// by e-mail address.
    pub who: Option<String>,
}

impl Test {
    fn mail(&self, doc: &HubDoc, base: &str) -> EntryMail {
        EntryMail {
            kind: self.kind,
            properties: MailProperties::sample(self.kind, doc, &self.locale, base).to_json(),
            address: self.to.to_lowercase(),
        }
    }

    /// Sends the mail with sample properties by the mail server.
    pub async fn by_mail_server(
        &self,
        server: &MailServer,
        doc: &HubDoc,
        base: &str,
    ) -> anyhow::Result<()> {
        ensure!(!base.is_empty(), NO_BASE);
        let mail = preview(doc, base, self.kind, &self.locale)?;
        let id = format!("komo-test-{}", uuid::Uuid::now_v7());
        said(&server.send(doc, &self.to, &id, &mail).await)
    }

    /// Sends the mail with sample properties through Braze, as the hub's settings say. With aliases, a profile of the address is
    /// made first: Braze sends to known aliases only.
    pub async fn through_braze(
        &self,
        client: &Client,
        connection: &LiveConnection,
        doc: &HubDoc,
        base: &str,
    ) -> anyhow::Result<()> {
        ensure!(!base.is_empty(), NO_BASE);
        let settings = doc.mail.of(self.kind);
        let campaign = settings
            .campaign
            .as_deref()
            .context("the hub names no campaign for this mail")?;
        let mail = self.mail(doc, base);
        let to = self.recipient(connection)?;
        if let Recipient::Alias { label, name } = &to {
            let known = json!({"attributes": [{"user_alias": {"alias_name": name, "alias_label": label},
                "_update_existing_only": false, "email": mail.address}]});
            said(&client.track(known.to_string().into()).await.answer)?;
        }
        let id = format!("komo-test-{}", clock::now().0);
        let (call, body) = match settings.send {
            MailRoute::Transactional => (
                calls::Call::TransactionalSend { campaign },
                transactional_body(&mail, &to, &id),
            ),
            MailRoute::Campaign => (
                calls::Call::CampaignTrigger,
                trigger_body(&mail, &to, campaign),
            ),
            MailRoute::Off | MailRoute::Smtp => {
                bail!("the hub does not send this mail through Braze")
            }
        };
        let body = body.context("people are identified at this connection in a way that this kind of campaign cannot be sent to")?;
        said(&client.call(call, body.into()).await.answer)
    }

    fn recipient(&self, connection: &LiveConnection) -> anyhow::Result<Recipient> {
        let user = &connection.doc.user;
        let who = || {
            self.who.clone().context(
                "people are identified by an id at this connection: say whose profile gets the mail",
            )
        };
        Ok(match user.by {
            IdentifyBy::ExternalId => Recipient::External(who()?),
            IdentifyBy::BrazeId => Recipient::Braze(who()?),
            IdentifyBy::Alias => Recipient::Alias {
                label: user.label.clone().unwrap_or_default(),
                name: self.who.clone().unwrap_or_else(|| self.to.to_lowercase()),
            },
            IdentifyBy::Email => Recipient::Email(self.to.to_lowercase()),
            IdentifyBy::Phone => bail!(
                "people are identified by phone number at this connection, and no mail can be sent to that"
            ),
        })
    }
}

const NO_BASE: &str = "the mail's links need this server's public address: set the configuration key server.public_url";

fn said(answer: &Answer) -> anyhow::Result<()> {
    match answer.explain() {
        None => Ok(()),
        Some(words) => {
            let own = match answer {
                Answer::Refused { message, .. }
                | Answer::KeyRefused { message, .. }
                | Answer::NotPermitted { message, .. } => format!(" ({message})"),
                _ => String::new(),
            };
            bail!("{} {}{own}", words.what, words.remedy)
        }
    }
}
