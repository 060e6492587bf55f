//! What is wrong with the mails of a hub document.
//! Promises the path, the trouble and the remedy of each; a mail that could never be sent stops publishing.
//! Leaves what Braze says of a campaign to the check of the connection.

use super::{MailKind, liquid, properties_of};
use crate::{
    hub::{HubDoc, IdentifyBy, MailRoute, MailTypeDoc, Problem, nearest},
    text::{LocalText, Locale},
};

/// Longest prefix: with the longest part's name it stays below Braze's 100 characters.
const LONGEST_PREFIX: usize = 60;

/// Everything that is wrong or doubtful.
pub(crate) fn problems(doc: &HubDoc) -> Vec<Problem> {
    let mut found = Vec::new();
    let mail = &doc.mail;
    if let Some(prefix) = &mail.prefix {
        let fits = (1..=LONGEST_PREFIX).contains(&prefix.len())
            && prefix
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if !fits {
            found.push(Problem::error(
                "mail.prefix",
                "Braze takes no such names",
                format!("Use 1 to {LONGEST_PREFIX} letters, digits, `_` and `-`"),
            ));
        }
    }
    for (name, sender) in [("from", &mail.from), ("reply_to", &mail.reply_to)] {
        if sender.as_deref().is_some_and(|it| !is_mailbox(it)) {
            found.push(Problem::error(
                format!("mail.{name}"),
                "this is not a sender",
                "Write it in the form Name <name@example.com>",
            ));
        }
    }
    image(
        doc,
        &mut found,
        "mail.logo".to_owned(),
        mail.logo.as_deref(),
    );
    texts(doc, &mut found, "mail.imprint", &mail.imprint, None);
    for kind in MailKind::ALL {
        of_type(doc, &mut found, kind, mail.of(kind));
    }
    found
}

fn of_type(doc: &HubDoc, found: &mut Vec<Problem>, kind: MailKind, own: &MailTypeDoc) {
    let base = format!("mail.{kind}");
    image(
        doc,
        found,
        format!("{base}.picture"),
        own.picture.as_deref(),
    );
    for (part, text) in [
        ("subject", &own.subject),
        ("preheader", &own.preheader),
        ("heading", &own.heading),
        ("body", &own.body),
        ("button", &own.button),
        ("note", &own.note),
    ] {
        texts(doc, found, &format!("{base}.{part}"), text, Some(kind));
    }
    for (at, card) in own.cards.iter().flatten().enumerate() {
        let path = format!("{base}.cards[{at}]");
        match doc.card(card) {
            None => {
                let known: Vec<&str> = doc.cards.iter().map(|card| card.key.as_str()).collect();
                found.push(Problem::error(
                    path,
                    format!("the hub has no card `{card}`"),
                    near(card, &known, "Name one of the hub's cards"),
                ));
            }
            Some(card) if kind == MailKind::EntryConfirmation && !has_address(card) => {
                found.push(Problem::warning(
                    path,
                    "the card's form asks for no e-mail address, so nobody can be written to",
                    "Add a field of the type `email`",
                ));
            }
            Some(_) => {}
        }
    }
    match own.send {
        MailRoute::Off | MailRoute::Smtp => {
            if own.campaign.is_some() {
                found.push(Problem::warning(
                    format!("{base}.campaign"),
                    "the campaign has no effect",
                    "Write send = \"transactional\" or send = \"campaign\", or remove it",
                ));
            }
        }
        MailRoute::Transactional | MailRoute::Campaign => {
            let id = own.campaign.as_deref().unwrap_or_default();
            // Braze's identifiers are UUIDs; a path is made of it, so nothing else may stand there.
            let fits = (1..=100).contains(&id.len())
                && id
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
            if !fits {
                found.push(Problem::error(
                    format!("{base}.campaign"),
                    "there is no campaign to send it through",
                    "Copy the campaign's API identifier from Braze, such as 417220e4-5a2a-b634-7f7d-9ec891532368",
                ));
            }
            route(doc, found, &base, own);
        }
    }
}

/// Whether the connection can name the recipient as the endpoint wants it (contract 11.1, 11.2).
fn route(doc: &HubDoc, found: &mut Vec<Problem>, base: &str, own: &MailTypeDoc) {
    // Where connections are kept beside the document there is nothing to look at.
    if doc.connections.is_empty() {
        return;
    }
    let known: Vec<&str> = doc.connections.iter().map(|it| it.key.as_str()).collect();
    let connection = match &own.connection {
        Some(key) => doc.connections.iter().find(|it| it.key == *key),
        None => doc.connections.first(),
    };
    let Some(connection) = connection else {
        let key = own.connection.as_deref().unwrap_or_default();
        found.push(Problem::error(
            format!("{base}.connection"),
            format!("the hub has no connection `{key}`"),
            near(key, &known, "Name one of the hub's connections"),
        ));
        return;
    };
    let fits = match connection.user.by {
        IdentifyBy::ExternalId | IdentifyBy::Alias => true,
        IdentifyBy::BrazeId | IdentifyBy::Email => own.send == MailRoute::Campaign,
        IdentifyBy::Phone => false,
    };
    if !fits {
        found.push(Problem::error(
            format!("{base}.send"),
            "people are identified at this connection in a way that such a campaign cannot be sent to",
            "Transactional campaigns take external ids and aliases; API-triggered ones also e-mail addresses and Braze ids",
        ));
    }
}

fn has_address(card: &crate::hub::CardDoc) -> bool {
    card.form
        .iter()
        .flat_map(|form| &form.fields)
        .any(|field| field.kind.name() == "email")
}

fn is_mailbox(text: &str) -> bool {
    !text.chars().any(char::is_control) && text.parse::<email_address::EmailAddress>().is_ok()
}

fn image(doc: &HubDoc, found: &mut Vec<Problem>, path: String, key: Option<&str>) {
    let Some(key) = key else { return };
    match doc.image(key) {
        None => {
            let known: Vec<&str> = doc.images.iter().map(|image| image.key.as_str()).collect();
            found.push(Problem::error(
                path,
                format!("the hub has no image `{key}`"),
                near(key, &known, "Add the image to the hub"),
            ));
        }
        Some(image) if super::is_vector(&image.file) => found.push(Problem::warning(
            path,
            "mail programs do not show SVG; the hub's name stands there instead",
            "Name an image that is PNG, JPEG or GIF",
        )),
        Some(_) => {}
    }
}

fn texts(
    doc: &HubDoc,
    found: &mut Vec<Problem>,
    path: &str,
    text: &LocalText,
    kind: Option<MailKind>,
) {
    if text.is_empty() {
        return;
    }
    for locale in text.missing(&doc.hub.locales).map(Locale::as_str) {
        found.push(Problem::warning(
            path,
            format!("the text is missing in `{locale}`"),
            "Translate it; until then the default language is sent",
        ));
    }
    let known: Vec<String> = kind
        .map(properties_of)
        .unwrap_or_default()
        .into_iter()
        .map(|it| it.name)
        .collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let versions: Vec<&str> = match text {
        LocalText::Plain(text) => vec![text],
        LocalText::PerLocale(texts) => texts.values().map(String::as_str).collect(),
    };
    for name in versions.into_iter().flat_map(liquid::names) {
        if !known.contains(&name) {
            found.push(Problem::error(
                path,
                format!("this mail has no property `{name}`"),
                near(name, &known, "Take the braces away"),
            ));
        }
    }
}

fn near(wrong: &str, known: &[&str], otherwise: &str) -> String {
    match nearest(wrong, known.iter().copied()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None if known.is_empty() => otherwise.to_owned(),
        None => format!("There are: {}", known.join(", ")),
    }
}
