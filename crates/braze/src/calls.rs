//! Endpoints beside `/users/track`: their bodies as types, their paths, and what their answers mean (contract 8, 10, 11).
//! Promises that whatever speaks about one endpoint only (a missing permission, an unknown path) is never taken for a wrong key.
//! Leaves sending to the client, and keeping the 50 items a request at most to the caller, who is told by [`MAX_ITEMS`].

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    answer::{Answer, UnknownWhy},
    classify::{Body, is_about_size},
    rate::{Budget, RateHeaders},
    text::{MAX_SENTENCE_BYTES, plain, plain_bytes},
};

/// Most items in one request to these endpoints (contract 8, 10.1, 11.1).
pub const MAX_ITEMS: usize = 50;

/// An endpoint of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call<'a> {
    /// `/users/identify`.
    Identify,
    /// `/users/alias/new`.
    AliasNew,
    /// `/users/merge`.
    Merge,
    /// `/users/delete`.
    Delete,
    /// `/v2/subscription/status/set`.
    SubscriptionSet,
    /// `/transactional/v1/campaigns/{campaign}/send`.
    TransactionalSend {
        /// The campaign's API identifier: letters, digits, `-` and `_`.
        campaign: &'a str,
    },
    /// `/campaigns/trigger/send`.
    CampaignTrigger,
}

impl Call<'_> {
    /// The path on the REST host; `None` when the campaign's identifier could not be one.
    pub fn path(self) -> Option<String> {
        Some(match self {
            Self::Identify => "/users/identify".to_owned(),
            Self::AliasNew => "/users/alias/new".to_owned(),
            Self::Merge => "/users/merge".to_owned(),
            Self::Delete => "/users/delete".to_owned(),
            Self::SubscriptionSet => "/v2/subscription/status/set".to_owned(),
            Self::TransactionalSend { campaign } => {
                let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
                if campaign.is_empty() || !campaign.bytes().all(plain) {
                    return None;
                }
                format!("/transactional/v1/campaigns/{campaign}/send")
            }
            Self::CampaignTrigger => "/campaigns/trigger/send".to_owned(),
        })
    }

    /// The permission that the key needs (contract 1.4).
    pub const fn permission(self) -> &'static str {
        match self {
            Self::Identify => "users.identify",
            Self::AliasNew => "users.alias.new",
            Self::Merge => "users.merge",
            Self::Delete => "users.delete",
            Self::SubscriptionSet => "subscription.status.set",
            Self::TransactionalSend { .. } => "transactional.send",
            Self::CampaignTrigger => "campaigns.trigger.send",
        }
    }
}

/// Classifies one answer of an endpoint of its own. As [`crate::classify`], with these differences: a 403 that is not about
/// the caller's address is [`Answer::NotPermitted`]; a path that Braze does not know is a refusal of this call; and a success
/// is what each endpoint documents (contract 2.1). Any `errors` or `notice` beside a success makes it a refusal: a
/// call of its own carries one thing.
pub fn classify_call<'a>(
    call: Call<'_>,
    status: u16,
    headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    body: &[u8],
    now_epoch_ms: i64,
) -> (Answer, Option<Budget>) {
    let rate = RateHeaders::read(headers);
    let refused = || {
        let message = Body::read(body).sentence(body);
        if is_about_size(&message) {
            return Answer::TooLarge;
        }
        Answer::Refused {
            status,
            message,
            item_errors: Vec::new(),
        }
    };
    let key_refused = || Answer::KeyRefused {
        status,
        message: Body::read(body).sentence(body),
    };
    let answer = match status {
        200..=299 => success(call, status, body),
        429 => Answer::RateLimited {
            wait: rate.wait(now_epoch_ms),
        },
        413 => Answer::TooLarge,
        403 => {
            let message = Body::read(body).sentence(body);
            if message.to_ascii_lowercase().contains("whitelisted ip") {
                Answer::KeyRefused { status, message }
            } else {
                Answer::NotPermitted { status, message }
            }
        }
        300..=399 | 401 | 402 | 407 | 421 => key_refused(),
        408 | 425 | 500..=599 => Answer::Unavailable { status },
        400 if already_taken(body) => Answer::Accepted {
            item_errors: Vec::new(),
            unassigned: Vec::new(),
        },
        400..=499 => refused(),
        _ => Answer::Unknown {
            why: UnknownWhy::NotHttp,
        },
    };
    (answer, rate.budget(now_epoch_ms))
}

/// The text that answers an `external_send_id` which was used a moment ago (contract 11.2): the first send is on its way.
fn already_taken(body: &[u8]) -> bool {
    let message = Body::read(body).sentence(body).to_ascii_lowercase();
    message.contains("external reference has been queued")
}

fn success(call: Call<'_>, status: u16, raw: &[u8]) -> Answer {
    if raw.trim_ascii().is_empty() {
        return Answer::Unknown {
            why: UnknownWhy::Empty,
        };
    }
    let Ok(Value::Object(object)) = serde_json::from_slice(raw) else {
        return Answer::Unknown {
            why: UnknownWhy::NotBraze,
        };
    };
    let says_success = object.get("message").and_then(Value::as_str) == Some("success");
    let taken = match call {
        // `deleted` alone is documented, and so is an answer of the transactional endpoint without `message` (contract 2.1).
        Call::Delete => says_success || object.get("deleted").is_some_and(Value::is_number),
        Call::TransactionalSend { .. } => says_success || object.contains_key("dispatch_id"),
        _ => says_success,
    };
    if !taken {
        return Answer::Unknown {
            why: UnknownWhy::NotBraze,
        };
    }
    let errors = match object.get("errors") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(errors)) => errors.iter().map(words).collect(),
        Some(other) => vec![words(other)],
    };
    let notice = object.get("notice").and_then(Value::as_str);
    let complaints: Vec<String> = errors
        .into_iter()
        .chain(notice.map(|text| plain(text, MAX_SENTENCE_BYTES)))
        .collect();
    if complaints.is_empty() {
        return Answer::Accepted {
            item_errors: Vec::new(),
            unassigned: Vec::new(),
        };
    }
    Answer::Refused {
        status,
        message: plain(&complaints.join("; "), 4 * MAX_SENTENCE_BYTES),
        item_errors: Vec::new(),
    }
}

fn words(error: &Value) -> String {
    match error.get("type").and_then(Value::as_str).or(error.as_str()) {
        Some(text) => plain(text, MAX_SENTENCE_BYTES),
        None => plain_bytes(error.to_string().as_bytes(), MAX_SENTENCE_BYTES),
    }
}

/// A user alias (contract 4.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserAlias {
    /// The name; case-sensitive.
    pub alias_name: String,
    /// The label.
    pub alias_label: String,
}

/// Which of several profiles with one address or number is meant, in order (contract 8.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Profiles with an `external_id`.
    Identified,
    /// Profiles without one.
    Unidentified,
    /// The one changed last.
    MostRecentlyUpdated,
    /// The one changed first.
    LeastRecentlyUpdated,
}

/// The body of `/users/identify` (contract 8.1): at least one entry, at most [`MAX_ITEMS`] in all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Identify {
    /// Profiles found by alias.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases_to_identify: Vec<AliasToIdentify>,
    /// Profiles found by e-mail address.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emails_to_identify: Vec<EmailToIdentify>,
    /// Profiles found by telephone number.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phone_numbers_to_identify: Vec<PhoneToIdentify>,
}

/// One alias that gets an `external_id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AliasToIdentify {
    /// The id.
    pub external_id: String,
    /// The alias; its name must match in case.
    pub user_alias: UserAlias,
}

/// One e-mail address that gets an `external_id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EmailToIdentify {
    /// The id.
    pub external_id: String,
    /// The address.
    pub email: String,
    /// Required; if more than one profile is left after it, nothing happens.
    pub prioritization: Vec<Priority>,
}

/// One telephone number that gets an `external_id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PhoneToIdentify {
    /// The id.
    pub external_id: String,
    /// The number, E.164.
    pub phone: String,
    /// Required; if more than one profile is left after it, nothing happens.
    pub prioritization: Vec<Priority>,
}

/// One alias for `/users/alias/new` (contract 8.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewAlias {
    /// Whose it becomes; `None` makes a profile that has only this alias.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The name.
    pub alias_name: String,
    /// The label.
    pub alias_label: String,
}

/// How `/users/merge` names a profile (contract 8.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Profile {
    /// By `external_id`.
    ExternalId {
        /// The id.
        external_id: String,
    },
    /// By alias.
    Alias {
        /// The alias.
        user_alias: UserAlias,
    },
    /// By e-mail address.
    Email {
        /// The address.
        email: String,
        /// Required.
        prioritization: Vec<Priority>,
    },
    /// By telephone number.
    Phone {
        /// The number, E.164.
        phone: String,
        /// Required.
        prioritization: Vec<Priority>,
    },
}

/// One pair for `/users/merge` (contract 8.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Merge {
    /// This one disappears.
    pub identifier_to_merge: Profile,
    /// This one stays.
    pub identifier_to_keep: Profile,
}

/// The body of `/users/delete`: exactly one way of naming people, at most [`MAX_ITEMS`] of them (contract 8.5). Permanent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Delete {
    /// By `external_id`; never a deprecated one (8.6).
    ExternalIds(Vec<String>),
    /// By alias.
    UserAliases(Vec<UserAlias>),
    /// By Braze's own id.
    BrazeIds(Vec<String>),
    /// By e-mail address.
    EmailAddresses(Vec<EmailToDelete>),
    /// By telephone number.
    PhoneNumbers(Vec<PhoneToDelete>),
}

/// One e-mail address for `/users/delete`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EmailToDelete {
    /// The address.
    pub email: String,
    /// Required; more than one match left: nothing is deleted.
    pub prioritization: Vec<Priority>,
}

/// One telephone number for `/users/delete`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PhoneToDelete {
    /// The number, E.164.
    pub phone: String,
    /// Required; more than one match left: nothing is deleted.
    pub prioritization: Vec<Priority>,
}

/// One change for `/v2/subscription/status/set` (contract 10.2). E-mails and phones not together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SubscriptionChange {
    /// The group's id.
    pub subscription_group_id: String,
    /// `subscribed` or `unsubscribed`.
    pub subscription_state: String,
    /// People by `external_id`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub external_ids: Vec<String>,
    /// People by e-mail address.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<String>,
    /// People by telephone number, E.164.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<String>,
}

/// Who gets a message (contract 11.1). One of `external_user_id`, `user_alias` and `email` exactly; the transactional endpoint
/// takes no `email`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Recipient {
    /// By `external_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_user_id: Option<String>,
    /// By alias; the profile must exist.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_alias: Option<UserAlias>,
    /// By e-mail address, with `prioritization`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Required with `email`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prioritization: Vec<Priority>,
    /// Overrides equal keys of the request's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger_properties: Option<serde_json::Map<String, Value>>,
    /// `false` creates an unknown person and needs `attributes`; not with an alias.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send_to_existing_only: Option<bool>,
    /// Written before the message is rendered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributes: Option<serde_json::Map<String, Value>>,
}

/// The body of `/transactional/v1/campaigns/{campaign}/send` (contract 11.2).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TransactionalSend {
    /// Repeating it within 24 hours sends nothing more. Letters, digits and `-_+/=`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_send_id: Option<String>,
    /// What the message shows.
    pub trigger_properties: serde_json::Map<String, Value>,
    /// One person, by `external_user_id` or `user_alias`.
    pub recipient: Recipient,
}

/// The body of `/campaigns/trigger/send` (contract 11.3), to named people.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CampaignTrigger {
    /// The API-triggered campaign.
    pub campaign_id: String,
    /// What the message shows to all.
    pub trigger_properties: serde_json::Map<String, Value>,
    /// At most [`MAX_ITEMS`]; two entries of one person send one message.
    pub recipients: Vec<Recipient>,
}

#[cfg(test)]
mod tests;
