//! Why a delivery is parked, in words for the people who run campaigns.
//! Promises: a closed list; every reason has a code that never changes, one sentence, and what to do about it.
//! Leaves parking to `lane`, and showing the reason to the ledger.

use std::{fmt, str::FromStr};

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident: $code:literal, $sentence:literal, $remedy:literal;)*) => {
        /// A reason to park a delivery.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ParkReason {
            $($(#[$doc])* $name,)*
        }

        impl ParkReason {
            /// Every reason, for documentation and filters.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The code as stored and shown by the API; never changes.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What happened, in one sentence.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }

            /// What to do about it.
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$name => $remedy,)* }
            }
        }
    };
}

reasons! {
    /// `EMAIL_BAD_FORMAT`.
    EmailNotValid: "email_not_valid",
        "Braze does not accept this e-mail address.",
        "Correct the address in the entry or the mapping, then send the delivery again.";
    /// No identifier in the object.
    IdentifierMissing: "identifier_missing",
        "The data names no person that Braze could add it to.",
        "Check which field identifies people in this connection's user mapping, then send the delivery again.";
    /// `EXTERNAL_USER_ID_TOO_LARGE`.
    IdentifierTooLong: "external_id_too_long",
        "The person's external ID is longer than the 987 bytes that Braze allows.",
        "Map a shorter value to the external ID, then send the delivery again.";
    /// `BLACKLISTED_EXTERNAL_USER_ID`.
    IdentifierBlocked: "identifier_blocked",
        "Braze has blocked this external ID because too many people share it.",
        "Map a value that is different for every person; this delivery cannot be saved by sending it again.";
    /// Two primary identifiers in one object.
    TwoIdentifiers: "two_identifiers",
        "The data names the person in two ways at once, and Braze accepts only one.",
        "Keep only one of external ID, Braze ID and alias in the mapping, then send the delivery again.";
    /// A subscription state outside Braze's list.
    SubscriptionState: "subscription_state",
        "Braze does not know this subscription state.",
        "Check the consents of this connection's mapping, then send the delivery again.";
    /// A subscription group that is unknown or badly written.
    SubscriptionGroup: "subscription_group",
        "Braze does not know this subscription group.",
        "Copy the group's ID from Braze (Audience, Subscription groups) into the mapping, then send the delivery again.";
    /// Location or push token fields.
    ProfileField: "profile_field",
        "Braze refused a location, device or push token of this profile.",
        "Remove that field from the mapping, then send the delivery again.";
    /// Name, time or properties of an event; also Braze's schemas of e-commerce events.
    EventRefused: "event_refused",
        "Braze refused an event because its name, time or properties do not follow Braze's rules.",
        "Compare the event's properties in the mapping with Braze's words below, then send the delivery again.";
    /// Product, price, currency or quantity.
    PurchaseRefused: "purchase_refused",
        "Braze refused a purchase because its product, price, currency or quantity is not valid.",
        "Compare the purchase in the mapping with Braze's words below, then send the delivery again.";
    /// A per-item error the product has no words for.
    DataRefused: "data_refused",
        "Braze refused this data.",
        "Braze's own words are below; correct the mapping, then send the delivery again.";
    /// 413, also for one object alone.
    TooLarge: "too_large",
        "The data is larger than Braze accepts in one call.",
        "Map fewer or shorter values, then send the delivery again.";
    /// A whole call was refused with 400, and this item was found to be the cause.
    CallRefused: "call_refused",
        "Braze refuses every call that contains this data.",
        "Braze's own words are below; correct the mapping, then send the delivery again.";
    /// 403 to a call of its own.
    NotPermitted: "not_permitted",
        "The connection's API key may not make this kind of call.",
        "Create a new key in Braze with the permission named below as well (a key's permissions cannot be changed), enter it, then send the delivery again.";
    /// A message's campaign is missing, paused or archived.
    CampaignNotUsable: "campaign_not_usable",
        "Braze does not send this message because its campaign is missing, paused or of another kind.",
        "Read Braze's words below, put the campaign right in Braze or choose another one, then send the delivery again.";
    /// A mail of the installation's own without a mail server.
    MailServerMissing: "mail_server_missing",
        "This mail was to go out over a mail server, but none is set up.",
        "Ask whoever runs the server to set up the mail server, then send the delivery again.";
    /// Accepted with an error that names no object.
    RefusedUnnamed: "refused_unnamed",
        "Braze reported an error with this data but did not say which part of it was refused.",
        "Look the person up in Braze; send the delivery again only if the data is missing there.";
    /// Komo itself panicked with it, several times.
    Crashed: "crashed",
        "Komo itself failed while sending this delivery, several times.",
        "Ask whoever runs the server to look for it in the log and to report it; after an update, send the delivery again.";
    /// The time of automatic retries is over.
    RetryWindowOver: "retry_window_over",
        "Braze could not be reached, or did not answer properly, for the whole time of automatic retries (72 hours unless the server is set up otherwise).",
        "Check Braze's status page and this connection's endpoint, then send the delivery again.";
}

impl ParkReason {
    /// The reason behind a refused call of its own: messages speak of their campaign (contract 2.2, 11.2), all else is the call.
    pub fn of_call_refusal(message: &str) -> Self {
        let message = message.to_lowercase();
        if message.contains("campaign") || message.contains("canvas") {
            Self::CampaignNotUsable
        } else {
            Self::CallRefused
        }
    }

    /// The reason behind the `type` of a per-item error: documented codes and recorded sentences alike (contract 2.3).
    pub fn of_item_error(kind: &str) -> Self {
        let kind = kind.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| kind.contains(word));
        if says(&["email_bad_format", "not a valid email"]) {
            Self::EmailNotValid
        } else if says(&["only one of 'external_id'"]) {
            Self::TwoIdentifiers
        } else if says(&["blacklisted"]) {
            Self::IdentifierBlocked
        } else if says(&["external_user_id_too_large", "fewer than 988 bytes"]) {
            Self::IdentifierTooLong
        } else if says(&["or 'phone' is required", "'user_alias' is required"]) {
            Self::IdentifierMissing
        } else if says(&[
            "bad_email_subscription_state",
            "bad_push_subscription_state",
            "bad_subscription_group_state",
        ]) {
            Self::SubscriptionState
        } else if says(&["bad_subscription_group"]) {
            Self::SubscriptionGroup
        } else if says(&["bad_location", "bad_push_token", "bad_device"]) {
            Self::ProfileField
        } else if says(&["'quantity'", "'product_id'", "'price'", "'currency'"])
            && !says(&["the property '#/"])
        {
            Self::PurchaseRefused
        } else if says(&["'name'", "'time'", "'properties'", "the property '#/"]) {
            Self::EventRefused
        } else {
            Self::DataRefused
        }
    }
}

impl fmt::Display for ParkReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The text is not the code of any reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a reason to park a delivery")]
pub struct UnknownReason(pub String);

impl FromStr for ParkReason {
    type Err = UnknownReason;
    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|reason| reason.code() == code)
            .ok_or_else(|| UnknownReason(code.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_reason_has_its_own_code_one_sentence_and_a_remedy() {
        let codes: HashSet<_> = ParkReason::ALL.iter().map(|reason| reason.code()).collect();
        assert_eq!(codes.len(), ParkReason::ALL.len());
        for reason in ParkReason::ALL {
            assert_eq!(reason.code().parse(), Ok(*reason));
            assert!(
                reason.sentence().ends_with('.') && reason.sentence().matches(". ").count() == 0,
                "{reason}"
            );
            assert!(reason.remedy().ends_with('.'), "{reason}");
        }
        assert!("no_such_reason".parse::<ParkReason>().is_err());
        for skipped in crate::mapping::SkipReason::ALL {
            assert!(
                !codes.contains(skipped.code()),
                "{} names two things",
                skipped.code()
            );
        }
    }

    #[test]
    fn brazes_documented_codes_and_recorded_sentences_are_understood() {
        for (kind, reason) in [
            ("EMAIL_BAD_FORMAT", ParkReason::EmailNotValid),
            (
                "The value provided for the 'email' field is not a valid email.",
                ParkReason::EmailNotValid,
            ),
            (
                "'external_id' must be fewer than 988 bytes",
                ParkReason::IdentifierTooLong,
            ),
            (
                "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required",
                ParkReason::IdentifierMissing,
            ),
            (
                "'external_id' or 'braze_id' or 'user_alias' is required",
                ParkReason::IdentifierMissing,
            ),
            (
                "provided external_id is blacklisted and disallowed",
                ParkReason::IdentifierBlocked,
            ),
            (
                "only one of 'external_id', 'braze_id' or 'user_alias' is allowed",
                ParkReason::TwoIdentifiers,
            ),
            ("BAD_SUBSCRIPTION_GROUP_ID", ParkReason::SubscriptionGroup),
            (
                "BAD_SUBSCRIPTION_GROUP_STATE",
                ParkReason::SubscriptionState,
            ),
            ("'quantity' is not valid", ParkReason::PurchaseRefused),
            (
                "The property '#/' did not contain a required property of 'product_id'",
                ParkReason::EventRefused,
            ),
            ("'time' is required", ParkReason::EventRefused),
            ("something new", ParkReason::DataRefused),
        ] {
            assert_eq!(ParkReason::of_item_error(kind), reason, "{kind}");
        }
    }
}
