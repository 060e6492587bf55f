//! The mails that an entry sets going: planned within the accepting transaction, sent through the outbox like all else.
//! Promises that a mail which cannot be sent leaves a row that says why. Leaves bodies to `engage::mail`, sending to `deliver`.

use std::sync::Arc;

use engage::{
    delivery::{CallKind, OwnCall},
    hub::{ConnectionType, MailRoute, PublishedCard},
    mail::{EntryMail, MailKind, external_send_id, transactional_body, trigger_body},
    mapping::Facts,
    text::Locale,
};
use store::outbox::NewDelivery;

use crate::live::{LiveConnection, LiveHub};

/// A mail that cannot be sent: a stable code, and a sentence that says what to do.
type Unsendable = (&'static str, &'static str);

const NO_ADDRESS: Unsendable = (
    "mail_no_public_url",
    "The mail was not sent: its links need this server's public address, which is not set. Whoever runs the server sets `server.public_url`.",
);

const NO_RECIPIENT: Unsendable = (
    "mail_no_recipient",
    "The mail was not sent: people are identified at this connection in a way that this kind of campaign cannot be sent to. Send it through an API-triggered campaign, or set up the mail server.",
);

/// Adds the confirmation of an entry to what the entry sends, where the author has switched it on. `base` is the server's public
/// address without a slash at its end.
pub fn add_confirmation(
    hub: &LiveHub,
    card: &PublishedCard,
    facts: &Facts<'_>,
    locale: &Locale,
    base: &str,
    deliveries: &mut Vec<NewDelivery>,
) {
    let doc = hub.publication.doc();
    let settings = doc.mail.of(MailKind::EntryConfirmation);
    if !settings.is_for(&card.doc.key) {
        return;
    }
    let Some(mail) = EntryMail::confirmation(doc, &card.doc, facts, locale, base) else {
        // A form without an e-mail address, or one left empty: there is nobody to write to.
        return;
    };
    let server = || of_kind(hub, ConnectionType::Smtp, None);
    let through = match settings.send {
        MailRoute::Off => return,
        MailRoute::Smtp => server(),
        MailRoute::Transactional | MailRoute::Campaign => {
            of_kind(hub, ConnectionType::Braze, settings.connection.as_deref()).or_else(server)
        }
    };
    let Some(connection) = through else {
        tracing::warn!(hub.id = %hub.id, "a mail is switched on, but there is no connection to send it through");
        return;
    };
    if base.is_empty() {
        deliveries.push(unsendable(connection, NO_ADDRESS));
        return;
    }
    let send_id = external_send_id(mail.kind, facts.entry_id);
    let campaign = settings.campaign.as_deref().unwrap_or_default();
    if connection.doc.kind == ConnectionType::Smtp {
        deliveries.extend(by_mail_server(connection, &mail, &send_id));
        return;
    }
    let call = connection
        .mapping
        .recipient(facts)
        .ok()
        .flatten()
        .and_then(|to| match settings.send {
            MailRoute::Transactional => Some((
                CallKind::TransactionalEmail {
                    campaign: campaign.to_owned(),
                },
                transactional_body(&mail, &to, &send_id)?,
            )),
            _ => Some((
                CallKind::CampaignTrigger,
                trigger_body(&mail, &to, campaign)?,
            )),
        });
    match (call, server()) {
        (Some((kind, body)), _) => {
            let lanes = Arc::clone(&connection.lanes);
            // A person that nothing else of this entry makes known has to be known before a mail can be sent to them.
            let known = deliveries
                .iter()
                .any(|it| Arc::ptr_eq(&it.lanes, &lanes) && it.attributes.is_some());
            let introduction = connection.mapping.introduction(facts, &mail.address);
            if let Some(attributes) = introduction.filter(|_| !known) {
                deliveries.push(NewDelivery {
                    lanes: Arc::clone(&lanes),
                    attributes: Some(attributes),
                    ..NewDelivery::default()
                });
            }
            deliveries.push(NewDelivery {
                lanes,
                call: Some(OwnCall { kind, body }),
                ..NewDelivery::default()
            });
        }
        (None, Some(server)) => deliveries.extend(by_mail_server(server, &mail, &send_id)),
        (None, None) => deliveries.push(unsendable(connection, NO_RECIPIENT)),
    }
}

fn by_mail_server(
    connection: &LiveConnection,
    mail: &EntryMail,
    send_id: &str,
) -> Option<NewDelivery> {
    Some(NewDelivery {
        lanes: Arc::clone(&connection.lanes),
        call: Some(OwnCall {
            kind: CallKind::Smtp,
            body: mail.smtp_body(send_id)?,
        }),
        ..NewDelivery::default()
    })
}

fn unsendable(connection: &LiveConnection, (code, sentence): Unsendable) -> NewDelivery {
    NewDelivery {
        lanes: Arc::clone(&connection.lanes),
        skipped: Some((code, sentence.to_owned())),
        ..NewDelivery::default()
    }
}

fn of_kind<'a>(
    hub: &'a LiveHub,
    kind: ConnectionType,
    key: Option<&str>,
) -> Option<&'a LiveConnection> {
    hub.connections
        .iter()
        .map(AsRef::as_ref)
        .find(|it| it.doc.kind == kind && key.is_none_or(|key| it.doc.key == key))
}
