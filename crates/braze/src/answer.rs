//! What one call to `/users/track` came to, as closed enums: a caller's `match` is complete or does not compile.
//! Promises that all text in here is bounded and free of control characters, however hostile the answer was.
//! Leaves deciding what to do next (again, split, park, pause) to the sender, and the words for people to `explain`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::batch::Array;

/// What one call to `/users/track` came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// 2xx and `message` is exactly `success`: queued at Braze. Items named in `item_errors` were refused, all others were
    /// taken (contract 2.3). `unassigned` holds errors that name no item; with any of those, the request's items are of unknown fate.
    Accepted {
        /// Refused items, by position inside the array that was sent.
        item_errors: Vec<ItemError>,
        /// Errors without a usable array or index, as text.
        unassigned: Vec<String>,
    },
    /// 429. Nothing was taken; send again unchanged after the wait. `None`: the headers did not say, back off from one second.
    RateLimited {
        /// How long to wait, without jitter; at most one hour.
        wait: Option<Duration>,
    },
    /// 413, or 400 for too many objects. Nothing was taken; send again in smaller parts.
    TooLarge,
    /// Another 4xx about the data. Nothing was taken, and the same request will never be.
    Refused {
        /// HTTP status.
        status: u16,
        /// Braze's sentence.
        message: String,
        /// Refused items, by position inside the array that was sent; empty when Braze did not say which.
        item_errors: Vec<ItemError>,
    },
    /// 401, 403, 404, a redirect, or another status about the key, the account or the address rather than the data.
    /// Nothing was taken; pause the connection, keep the data.
    KeyRefused {
        /// HTTP status.
        status: u16,
        /// Braze's sentence.
        message: String,
    },
    /// 403 from an endpoint of its own: the key lacks that permission, or the account that feature. Nothing was taken; other
    /// calls of the connection are not touched. Never an answer of `/users/track`.
    NotPermitted {
        /// HTTP status.
        status: u16,
        /// Braze's sentence.
        message: String,
    },
    /// 5xx or 408: whether the request was taken is unknown (contract 2.5).
    Unavailable {
        /// HTTP status.
        status: u16,
    },
    /// The request was sent, or may have been, but no full answer of Braze came back: whether it was taken is unknown.
    Unknown {
        /// What came instead of an answer.
        why: UnknownWhy,
    },
    /// The request certainly never reached Braze.
    NotSent {
        /// What stood in the way.
        why: NotSentWhy,
    },
}

impl Answer {
    /// Whether sending the same objects again can apply them twice (contract 2.5). True only when the fate is unknown.
    pub const fn may_have_been_taken(&self) -> bool {
        match self {
            Self::Unavailable { .. } | Self::Unknown { .. } => true,
            Self::Accepted { unassigned, .. } => !unassigned.is_empty(),
            Self::RateLimited { .. }
            | Self::TooLarge
            | Self::Refused { .. }
            | Self::KeyRefused { .. }
            | Self::NotPermitted { .. }
            | Self::NotSent { .. } => false,
        }
    }
}

/// One item that Braze refused (contract 2.3). Several may name the same item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemError {
    /// Braze's code or sentence, such as `EMAIL_BAD_FORMAT` or `'quantity' is not valid`. To compare, use [`ItemError::is`].
    pub kind: String,
    /// The array in which the item was sent.
    pub array: Array,
    /// Position inside that array, from 0. May be out of range when the other side is not Braze: look it up, never index.
    pub index: usize,
}

impl ItemError {
    /// Whether this is the error with the documented code or a recorded sentence (contract 2.3). The documentation prints
    /// codes, the live API answers sentences: give either, both are matched.
    pub fn is(&self, code: ErrorCode) -> bool {
        self.kind == code.code() || code.sentences().contains(&self.kind.as_str())
    }
}

/// Errors of one item that a sender may want to tell apart (contract 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// The e-mail address is not valid.
    EmailBadFormat,
    /// The external_id has more than 987 bytes.
    ExternalIdTooLarge,
    /// A placeholder id that Braze has blocked.
    BlockedExternalId,
    /// No identifier in the object.
    NoIdentifier,
    /// `email_subscribe` outside its values.
    BadEmailSubscription,
    /// `push_subscribe` outside its values.
    BadPushSubscription,
    /// A subscription group id or state is not valid.
    BadSubscriptionGroup,
}

impl ErrorCode {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::EmailBadFormat,
        Self::ExternalIdTooLarge,
        Self::BlockedExternalId,
        Self::NoIdentifier,
        Self::BadEmailSubscription,
        Self::BadPushSubscription,
        Self::BadSubscriptionGroup,
    ];

    /// The documented code; empty when there is none.
    const fn code(self) -> &'static str {
        match self {
            Self::EmailBadFormat => "EMAIL_BAD_FORMAT",
            Self::ExternalIdTooLarge => "EXTERNAL_USER_ID_TOO_LARGE",
            Self::BlockedExternalId => "BLACKLISTED_EXTERNAL_USER_ID",
            Self::NoIdentifier => "",
            Self::BadEmailSubscription => "BAD_EMAIL_SUBSCRIPTION_STATE",
            Self::BadPushSubscription => "BAD_PUSH_SUBSCRIPTION_STATE",
            Self::BadSubscriptionGroup => "BAD_SUBSCRIPTION_GROUP_ID",
        }
    }

    /// Sentences recorded for it, and further codes of the same meaning.
    const fn sentences(self) -> &'static [&'static str] {
        match self {
            Self::EmailBadFormat => {
                &["The value provided for the 'email' field is not a valid email."]
            }
            Self::ExternalIdTooLarge => &["'external_id' must be fewer than 988 bytes"],
            Self::BlockedExternalId => &["provided external_id is blacklisted and disallowed"],
            Self::NoIdentifier => &[
                "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required",
                "'external_id' or 'braze_id' or 'user_alias' is required",
            ],
            Self::BadEmailSubscription | Self::BadPushSubscription => &[],
            Self::BadSubscriptionGroup => &[
                "BAD_SUBSCRIPTION_GROUP_ARRAY",
                "BAD_SUBSCRIPTION_GROUP_HASH",
                "BAD_SUBSCRIPTION_GROUP_STATE",
            ],
        }
    }
}

/// Why the outcome of a call is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownWhy {
    /// No answer in time.
    Timeout,
    /// The connection broke after the request was, or may have been, sent.
    ConnectionLost,
    /// A success status, but the body ended early.
    Truncated,
    /// A success status, but the body is larger than any answer of Braze.
    Oversize,
    /// A success status with an empty body.
    Empty,
    /// A success status, but the body is not Braze's: not JSON, or `message` is not `success`.
    NotBraze,
    /// What came back was not HTTP.
    NotHttp,
}

impl UnknownWhy {
    /// A stable word for storage and metrics.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::ConnectionLost => "connection_lost",
            Self::Truncated => "truncated",
            Self::Oversize => "oversize",
            Self::Empty => "empty",
            Self::NotBraze => "not_braze",
            Self::NotHttp => "not_http",
        }
    }
}

/// Why a request was certainly not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotSentWhy {
    /// The host name could not be resolved.
    Dns,
    /// The host name leads to an address that must not be called, such as a private one.
    AddressForbidden,
    /// The server refused the connection.
    ConnectRefused,
    /// No connection in time.
    ConnectTimeout,
    /// No secure connection: certificate or protocol.
    Tls,
    /// The network gave another error before a connection stood.
    Network,
}

impl NotSentWhy {
    /// A stable word for storage and metrics.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::AddressForbidden => "address_forbidden",
            Self::ConnectRefused => "connect_refused",
            Self::ConnectTimeout => "connect_timeout",
            Self::Tls => "tls",
            Self::Network => "network",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_unknown_fate_may_have_been_taken() {
        let accepted = |unassigned| Answer::Accepted {
            item_errors: vec![],
            unassigned,
        };
        for (answer, expected) in [
            (accepted(vec![]), false),
            (accepted(vec!["?".to_owned()]), true),
            (Answer::RateLimited { wait: None }, false),
            (Answer::TooLarge, false),
            (Answer::Unavailable { status: 503 }, true),
            (
                Answer::Unknown {
                    why: UnknownWhy::Timeout,
                },
                true,
            ),
            (
                Answer::NotSent {
                    why: NotSentWhy::Dns,
                },
                false,
            ),
        ] {
            assert_eq!(answer.may_have_been_taken(), expected, "{answer:?}");
        }
    }

    #[test]
    fn codes_are_the_serialised_words() {
        assert_eq!(
            serde_json::to_value(UnknownWhy::ConnectionLost).unwrap(),
            UnknownWhy::ConnectionLost.code()
        );
        assert_eq!(
            serde_json::to_value(NotSentWhy::AddressForbidden).unwrap(),
            NotSentWhy::AddressForbidden.code()
        );
    }
}
