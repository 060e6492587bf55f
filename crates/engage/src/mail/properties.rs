//! What each message type can tell: the trigger properties that Braze gets and that a template names.
//! Promises one declaration: the structures below are what is sent, and their comments are the documentation.
//! Leaves words to `words`, which address a mail goes to to `plan`.

use std::collections::BTreeSet;

use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::{
    MailKind,
    words::{minutes, time_left},
};
use crate::{
    hub::HubDoc,
    ids::EntryId,
    text::{Locale, dates, texts},
    time::Millis,
};

/// What every mail can tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Context {
    /// Name of the message type, for example `entry_confirmation`.
    pub message: &'static str,
    /// The recipient's language, one of the hub's: `de`. Choose the words by it.
    pub locale: String,
    /// The hub's name in that language.
    pub hub_name: String,
    /// The hub's part of the address.
    pub hub_slug: String,
    /// The hub's address.
    #[schemars(extend("format" = "uri"))]
    pub hub_link: String,
    /// The card's key; stays the same when its title is edited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_key: Option<String>,
    /// The card's title in that language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_title: Option<String>,
    /// The card's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "uri"))]
    pub card_link: Option<String>,
    /// The recipient's first name, where it is known. Anybody may have typed it: always give it through `escape`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// The recipient's last name, where it is known. Always give it through `escape`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Where the mail's button leads.
    #[schemars(extend("format" = "uri"))]
    pub link: String,
}

/// An entry was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EntryConfirmation {
    #[serde(flatten)]
    #[expect(missing_docs, reason = "its fields have their own words")]
    pub context: Context,
    /// The entry's id.
    pub entry_id: String,
    /// When it was accepted, UTC.
    #[schemars(extend("format" = "date-time"))]
    pub entered_at: String,
    /// The same as words in the recipient's language: the day, in UTC.
    pub entered_on: String,
    /// What came of the play: the answer that was chosen, the type that was found, the score. Not there without a play.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}

/// A code that proves an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VerificationCode {
    #[serde(flatten)]
    #[expect(missing_docs, reason = "its fields have their own words")]
    pub context: Context,
    /// The code to type in. A secret: show it in this mail and nowhere else.
    pub code: String,
    /// How many minutes it is valid.
    pub valid_minutes: u32,
    /// The same as words in the recipient's language: `10 minutes`.
    pub valid_for: String,
}

/// A coupon was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Coupon {
    #[serde(flatten)]
    #[expect(missing_docs, reason = "its fields have their own words")]
    pub context: Context,
    /// What the coupon is for, in the recipient's language: `20 % off your next box`.
    pub offer: String,
    /// The coupon's code.
    pub code: String,
    /// Until when it is valid, UTC. Not there when it does not expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub valid_until: Option<String>,
    /// The same as words in the recipient's language: the last day, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until_day: Option<String>,
}

/// A prize was won while playing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PrizeWon {
    #[serde(flatten)]
    #[expect(missing_docs, reason = "its fields have their own words")]
    pub context: Context,
    /// The prize's name in the recipient's language.
    pub prize: String,
    /// A sentence about the prize.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prize_detail: Option<String>,
    /// A code that comes with the prize.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Where the prize is claimed.
    #[schemars(extend("format" = "uri"))]
    pub claim_link: String,
}

/// A draw has found a winner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WinnerNotice {
    #[serde(flatten)]
    #[expect(missing_docs, reason = "its fields have their own words")]
    pub context: Context,
    /// The prize's name in the recipient's language.
    pub prize: String,
    /// A sentence about the prize.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prize_detail: Option<String>,
    /// Where the prize is claimed.
    #[schemars(extend("format" = "uri"))]
    pub claim_link: String,
    /// Until when the prize can be claimed, UTC.
    #[schemars(extend("format" = "date-time"))]
    pub claim_by: String,
    /// The same as words in the recipient's language: the last day, in UTC.
    pub claim_by_day: String,
}

/// A winner has not claimed the prize yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WinnerReminder {
    #[serde(flatten)]
    #[expect(missing_docs, reason = "its fields have their own words")]
    pub context: Context,
    /// The prize's name in the recipient's language.
    pub prize: String,
    /// Where the prize is claimed.
    #[schemars(extend("format" = "uri"))]
    pub claim_link: String,
    /// Until when the prize can be claimed, UTC.
    #[schemars(extend("format" = "date-time"))]
    pub claim_by: String,
    /// The same as words in the recipient's language: the last day, in UTC.
    pub claim_by_day: String,
    /// Whole days that are left.
    pub days_left: u32,
    /// The same as words in the recipient's language: `3 days`.
    pub time_left: String,
}

/// The properties of one mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "named after the message types")]
pub enum MailProperties {
    EntryConfirmation(EntryConfirmation),
    VerificationCode(VerificationCode),
    Coupon(Coupon),
    PrizeWon(PrizeWon),
    WinnerNotice(WinnerNotice),
    WinnerReminder(WinnerReminder),
}

impl MailProperties {
    /// The properties as the JSON object that is sent.
    pub fn to_json(&self) -> Map<String, Json> {
        match serde_json::to_value(self) {
            Ok(Json::Object(map)) => map,
            _ => Map::new(),
        }
    }

    /// Invented properties, to show a mail that nobody has got yet. `base` is the server's address without a slash at its end.
    pub fn sample(kind: MailKind, doc: &HubDoc, locale: &Locale, base: &str) -> Self {
        let say = |part: &str| texts::plain(locale, &format!("mail-sample-{part}"));
        let card = sample_card(kind, doc);
        let mut context = Context::new(kind, doc, card, locale, base);
        context.first_name = Some(say("first-name"));
        context.last_name = Some(say("last-name"));
        let day = |iso: &str| {
            let moment: jiff::Timestamp = iso.parse().unwrap_or_default();
            dates::day(locale, Millis(moment.as_millisecond()))
        };
        let (until, claim) = ("2026-12-31T22:59:59.000Z", "2026-12-12T22:59:59.000Z");
        let claim_link = context.link.clone();
        let prize = say("prize");
        let detail = say("prize-detail");
        match kind {
            MailKind::EntryConfirmation => Self::EntryConfirmation(EntryConfirmation {
                entry_id: "0192f0c1-2345-7abc-8def-0123456789ab".to_owned(),
                entered_at: "2026-11-24T09:30:00.000Z".to_owned(),
                entered_on: day("2026-11-24T09:30:00Z"),
                outcome: sample_outcome(doc, card, locale),
                context,
            }),
            MailKind::VerificationCode => Self::VerificationCode(VerificationCode {
                context,
                code: "482 915".to_owned(),
                valid_minutes: 10,
                valid_for: minutes(locale, 10),
            }),
            MailKind::Coupon => Self::Coupon(Coupon {
                context,
                offer: say("offer"),
                code: "SUNDAY-7K2M".to_owned(),
                valid_until: Some(until.to_owned()),
                valid_until_day: Some(day(until)),
            }),
            MailKind::PrizeWon => Self::PrizeWon(PrizeWon {
                context,
                prize,
                prize_detail: Some(detail),
                code: None,
                claim_link,
            }),
            MailKind::WinnerNotice => Self::WinnerNotice(WinnerNotice {
                context,
                prize,
                prize_detail: Some(detail),
                claim_link,
                claim_by: claim.to_owned(),
                claim_by_day: day(claim),
            }),
            MailKind::WinnerReminder => Self::WinnerReminder(WinnerReminder {
                context,
                prize,
                claim_link,
                claim_by: claim.to_owned(),
                claim_by_day: day(claim),
                days_left: 3,
                time_left: time_left(locale, 3),
            }),
        }
    }

    /// The properties of an entry's confirmation.
    pub fn of_entry(
        context: Context,
        entry: EntryId,
        at: Millis,
        locale: &Locale,
        outcome: Option<String>,
    ) -> Self {
        Self::EntryConfirmation(EntryConfirmation {
            context,
            entry_id: entry.to_string(),
            entered_at: at.to_iso(),
            entered_on: dates::day(locale, at),
            outcome,
        })
    }
}

/// The first card that such a mail could be about.
fn sample_card(kind: MailKind, doc: &HubDoc) -> Option<&str> {
    let settings = doc.mail.of(kind);
    let named = settings.cards.as_ref().and_then(|cards| cards.first());
    let first = || {
        doc.cards
            .iter()
            .find(|card| card.form.is_some())
            .or(doc.cards.first())
            .map(|card| card.key.as_str())
    };
    named.map(String::as_str).or_else(first)
}

/// The label of the first choice of a card that has choices.
fn sample_outcome(doc: &HubDoc, card: Option<&str>, locale: &Locale) -> Option<String> {
    let setup = &doc.card(card?)?.setup;
    let label = setup.get("options")?.get(0)?.get("label")?;
    let label: crate::text::LocalText = serde_json::from_value(label.clone()).ok()?;
    Some(label.get(locale, doc.default_locale()).to_owned())
}

impl Context {
    /// What every mail about a card can tell; names are the caller's to add. The button leads to the hub.
    pub fn new(
        kind: MailKind,
        doc: &HubDoc,
        card: Option<&str>,
        locale: &Locale,
        base: &str,
    ) -> Self {
        let default = doc.default_locale();
        let slug = &doc.hub.slug;
        let hub_link = format!("{base}/h/{slug}?lang={locale}");
        let card = card.and_then(|key| doc.card(key));
        Self {
            message: kind.name(),
            locale: locale.to_string(),
            hub_name: doc.hub.name.get(locale, default).to_owned(),
            hub_slug: slug.clone(),
            card_key: card.map(|card| card.key.clone()),
            card_title: card.map(|card| card.title.get(locale, default).to_owned()),
            card_link: card.map(|card| format!("{base}/h/{slug}/c/{}?lang={locale}", card.key)),
            first_name: None,
            last_name: None,
            link: hub_link.clone(),
            hub_link,
        }
    }
}

/// What kind of thing a property is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertyType {
    /// Words.
    Text,
    /// A full address.
    Link,
    /// A moment, ISO 8601 in UTC.
    Moment,
    /// A whole number.
    Number,
}

impl PropertyType {
    /// What the documentation calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Link => "address",
            Self::Moment => "moment (ISO 8601, UTC)",
            Self::Number => "whole number",
        }
    }
}

/// One property of a message type, as documented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// Its name in `{{api_trigger_properties.${name}}}`.
    pub name: String,
    /// What kind of thing it is.
    pub kind: PropertyType,
    /// It is in every mail of this type.
    pub always: bool,
    /// What it tells.
    pub about: String,
}

/// The properties of a message type, those of every mail first.
pub fn properties_of(kind: MailKind) -> Vec<Property> {
    let own = match kind {
        MailKind::EntryConfirmation => schemars::schema_for!(EntryConfirmation),
        MailKind::VerificationCode => schemars::schema_for!(VerificationCode),
        MailKind::Coupon => schemars::schema_for!(Coupon),
        MailKind::PrizeWon => schemars::schema_for!(PrizeWon),
        MailKind::WinnerNotice => schemars::schema_for!(WinnerNotice),
        MailKind::WinnerReminder => schemars::schema_for!(WinnerReminder),
    };
    let mut found = read(&schemars::schema_for!(Context));
    for property in read(&own) {
        if found.iter().all(|it| it.name != property.name) {
            found.push(property);
        }
    }
    found
}

/// The names of all properties of all message types.
pub fn all_properties() -> BTreeSet<String> {
    MailKind::ALL
        .into_iter()
        .flat_map(properties_of)
        .map(|it| it.name)
        .collect()
}

fn read(schema: &Schema) -> Vec<Property> {
    let Some(properties) = schema.get("properties").and_then(Json::as_object) else {
        return Vec::new();
    };
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Json::as_array)
        .map(|list| list.iter().filter_map(Json::as_str).collect())
        .unwrap_or_default();
    let text = |value: &Json, key: &str| {
        value
            .get(key)
            .and_then(Json::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    properties
        .iter()
        .map(|(name, value)| Property {
            name: name.clone(),
            kind: match text(value, "format").as_str() {
                "uri" => PropertyType::Link,
                "date-time" => PropertyType::Moment,
                _ if text(value, "type") == "integer" => PropertyType::Number,
                _ => PropertyType::Text,
            },
            always: required.contains(&name.as_str()),
            about: text(value, "description").replace('\n', " "),
        })
        .collect()
}
