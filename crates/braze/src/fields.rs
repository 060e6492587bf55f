//! The profile fields that Braze itself defines, each with what it holds (contract 5.3), and how a mapped name is understood.
//! Promises that a value which passes `check_text` is stored by Braze as sent; others would be refused or silently dropped.
//! Leaves turning answers into values to the mapping.

use crate::names::{NameError, check_custom_attribute_name};

/// What a profile field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldKind {
    /// Free text.
    Text,
    /// An e-mail address; a bad one makes Braze refuse the whole object.
    Email,
    /// A telephone number, E.164.
    Phone,
    /// A day, `YYYY-MM-DD`.
    Day,
    /// One of `M`, `F`, `O`, `N`, `P`.
    Gender,
    /// A country, ISO 3166-1 alpha-2.
    Country,
    /// A language, ISO 639-1.
    Language,
    /// A time zone by IANA name.
    TimeZone,
    /// A point in time, ISO 8601.
    Time,
    /// `opted_in`, `subscribed` or `unsubscribed`.
    Subscription,
    /// True or false.
    Boolean,
    /// `{"longitude", "latitude"}`.
    Location,
    /// Array of `{"subscription_group_id", "subscription_state"}` (contract 5.3.1).
    SubscriptionGroups,
    /// Array of `{"app_id", "token"}`.
    PushTokens,
    /// An object of a social network.
    Social,
    /// The address of a picture.
    Url,
}

/// The JSON shape of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A string.
    String,
    /// `true` or `false`.
    Boolean,
    /// An object.
    Object,
    /// An array of objects.
    ObjectArray,
}

/// The values of `gender` (contract 5.3).
pub const GENDERS: &[&str] = &["M", "F", "O", "N", "P"];

/// The values of `email_subscribe` and `push_subscribe` (contract 5.3).
pub const SUBSCRIPTION_STATES: &[&str] = &["opted_in", "subscribed", "unsubscribed"];

/// The states of a subscription group; there is no `opted_in` (contract 5.3.1).
pub const SUBSCRIPTION_GROUP_STATES: &[&str] = &["subscribed", "unsubscribed"];

impl FieldKind {
    /// The JSON shape that Braze expects; another shape is ignored without an error.
    pub const fn shape(self) -> Shape {
        match self {
            Self::Boolean => Shape::Boolean,
            Self::Location | Self::Social => Shape::Object,
            Self::SubscriptionGroups | Self::PushTokens => Shape::ObjectArray,
            Self::Text
            | Self::Email
            | Self::Phone
            | Self::Day
            | Self::Gender
            | Self::Country
            | Self::Language
            | Self::TimeZone
            | Self::Time
            | Self::Subscription
            | Self::Url => Shape::String,
        }
    }

    /// The closed set of values, where there is one.
    pub const fn values(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Gender => Some(GENDERS),
            Self::Subscription => Some(SUBSCRIPTION_STATES),
            _ => None,
        }
    }

    /// What a value looks like, as the end of a sentence: "the field takes ...".
    pub const fn expects(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Email => "an e-mail address",
            Self::Phone => "a telephone number with country code, such as +4915112345678",
            Self::Day => "a date as YYYY-MM-DD",
            Self::Gender => "one of M, F, O, N, P",
            Self::Country => "a country code of two letters, such as DE",
            Self::Language => "a language code of two letters, such as de",
            Self::TimeZone => "a time zone name, such as Europe/Berlin",
            Self::Time => "a date and time, such as 2026-03-26T18:12:00.000Z",
            Self::Subscription => "one of opted_in, subscribed, unsubscribed",
            Self::Boolean => "true or false",
            Self::Location => "an object with longitude and latitude",
            Self::SubscriptionGroups => "a list of subscription groups with their states",
            Self::PushTokens => "a list of push tokens",
            Self::Social => "an object",
            Self::Url => "a web address",
        }
    }

    /// Whether Braze stores this text in such a field. False for kinds that do not hold text.
    /// The check is one of form: an e-mail address that passes may still not exist.
    pub fn check_text(self, text: &str) -> bool {
        let letters = |text: &str, upper: bool| {
            text.len() == 2
                && text.bytes().all(|b| {
                    if upper {
                        b.is_ascii_uppercase()
                    } else {
                        b.is_ascii_lowercase()
                    }
                })
        };
        match self {
            Self::Text => true,
            Self::Email => text.split_once('@').is_some_and(|(name, host)| {
                !name.is_empty()
                    && !host.contains('@')
                    && host.contains('.')
                    && !text.contains(char::is_whitespace)
            }),
            Self::Phone => text.strip_prefix('+').is_some_and(|digits| {
                (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
            }),
            Self::Day => text.len() == 10 && is_day(text),
            Self::Gender | Self::Subscription => {
                self.values().is_some_and(|values| values.contains(&text))
            }
            Self::Country => letters(text, true),
            Self::Language => letters(text, false),
            Self::TimeZone => !text.is_empty() && !text.contains(char::is_control),
            Self::Time => text.get(..10).is_some_and(is_day),
            Self::Url => text.starts_with("https://") || text.starts_with("http://"),
            Self::Boolean
            | Self::Location
            | Self::SubscriptionGroups
            | Self::PushTokens
            | Self::Social => false,
        }
    }
}

/// `YYYY-MM-DD` with a possible month and day; the calendar itself is left to whoever made the date.
fn is_day(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut part = |length: usize| {
        let digits = parts.next()?;
        (digits.len() == length && digits.bytes().all(|b| b.is_ascii_digit()))
            .then(|| digits.parse::<u16>().ok())?
    };
    let (year, month, day) = (part(4), part(2), part(2));
    parts.next().is_none()
        && year.is_some()
        && month.is_some_and(|month| (1..=12).contains(&month))
        && day.is_some_and(|day| (1..=31).contains(&day))
}

/// A profile field that Braze defines.
#[derive(Debug, PartialEq, Eq)]
pub struct ProfileField {
    /// Its name, in lower case; `Email` would be a custom attribute.
    pub name: &'static str,
    /// What it holds.
    pub kind: FieldKind,
}

macro_rules! profile_fields {
    ($($constant:ident $name:literal $kind:ident)*) => {
        /// The names of the standard attributes, as constants.
        pub mod standard {
            $(
                #[doc = concat!("The standard attribute `", $name, "` (contract 5.3).")]
                pub const $constant: &str = $name;
            )*
        }
        /// All profile fields of contract 5.3 that can be written.
        pub const PROFILE_FIELDS: &[ProfileField] = &[$(ProfileField { name: $name, kind: FieldKind::$kind }),*];
    };
}

profile_fields! {
    FIRST_NAME "first_name" Text
    LAST_NAME "last_name" Text
    HOME_CITY "home_city" Text
    EMAIL "email" Email
    PHONE "phone" Phone
    DOB "dob" Day
    GENDER "gender" Gender
    COUNTRY "country" Country
    LANGUAGE "language" Language
    TIME_ZONE "time_zone" TimeZone
    CURRENT_LOCATION "current_location" Location
    DATE_OF_FIRST_SESSION "date_of_first_session" Time
    DATE_OF_LAST_SESSION "date_of_last_session" Time
    MARKED_EMAIL_AS_SPAM_AT "marked_email_as_spam_at" Time
    EMAIL_SUBSCRIBE "email_subscribe" Subscription
    PUSH_SUBSCRIBE "push_subscribe" Subscription
    EMAIL_OPEN_TRACKING_DISABLED "email_open_tracking_disabled" Boolean
    EMAIL_CLICK_TRACKING_DISABLED "email_click_tracking_disabled" Boolean
    SUBSCRIPTION_GROUPS "subscription_groups" SubscriptionGroups
    PUSH_TOKENS "push_tokens" PushTokens
    FACEBOOK "facebook" Social
    TWITTER "twitter" Social
    IMAGE_URL "image_url" Url
}

/// Keys of an attributes object that steer the update instead of being stored (contract 5.2). `email` and `phone`
/// are not among them: beside a primary identifier they are ordinary fields (contract 4.3).
pub const CONTROL_FIELDS: &[&str] = &[
    "external_id",
    "user_alias",
    "braze_id",
    "_update_existing_only",
    "_merge_objects",
    "push_token_import",
];

/// Fields that Braze ignores (`bio`) or refuses (`email_subscription_info`) (contract 5.3).
pub const WITHDRAWN_FIELDS: &[&str] = &["bio", "email_subscription_info"];

/// What a name in an attributes object means to Braze.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    /// A field that Braze defines.
    Profile(&'static ProfileField),
    /// A custom attribute.
    Custom {
        /// The standard attribute that was probably meant: the same letters in another case, as in `Email`.
        probably_meant: Option<&'static str>,
    },
}

/// The profile field of exactly that name.
pub fn profile_field(name: &str) -> Option<&'static ProfileField> {
    PROFILE_FIELDS.iter().find(|field| field.name == name)
}

/// Understands the name of a mapped attribute as Braze would (contract 5.2 to 5.4), or says why it cannot be used.
pub fn attribute(name: &str) -> Result<Attribute, NameError> {
    if let Some(field) = profile_field(name) {
        return Ok(Attribute::Profile(field));
    }
    check_custom_attribute_name(name)?;
    if CONTROL_FIELDS.contains(&name) {
        return Err(NameError::Control(name.to_owned()));
    }
    if WITHDRAWN_FIELDS.contains(&name) {
        return Err(NameError::Withdrawn(name.to_owned()));
    }
    let alike = PROFILE_FIELDS
        .iter()
        .find(|field| field.name.eq_ignore_ascii_case(name.trim()));
    Ok(Attribute::Custom {
        probably_meant: alike.map(|field| field.name),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_understood_as_braze_does() {
        let custom = |probably_meant| Ok(Attribute::Custom { probably_meant });
        assert!(
            matches!(attribute("dob"), Ok(Attribute::Profile(field)) if field.kind == FieldKind::Day)
        );
        assert_eq!(attribute("favourite_flavour"), custom(None));
        assert_eq!(attribute("Email"), custom(Some(standard::EMAIL)));
        for name in CONTROL_FIELDS {
            assert!(
                matches!(attribute(name), Err(NameError::Control(_))),
                "{name}"
            );
        }
        for name in WITHDRAWN_FIELDS {
            assert!(
                matches!(attribute(name), Err(NameError::Withdrawn(_))),
                "{name}"
            );
        }
        assert_eq!(attribute(""), Err(NameError::Empty));
        assert!(matches!(attribute("$add"), Err(NameError::Dollar(_))));
    }

    #[test]
    fn texts_are_checked_against_their_field() {
        for (kind, good, bad) in [
            (
                FieldKind::Email,
                vec!["ines@example.org"],
                vec![
                    "",
                    "ines",
                    "@example.org",
                    "a b@example.org",
                    "a@b@c.de",
                    "a@localhost",
                ],
            ),
            (
                FieldKind::Phone,
                vec!["+33612345678"],
                vec!["0612345678", "+33 6", "+", "+1234567890123456"],
            ),
            (
                FieldKind::Day,
                vec!["1991-07-30"],
                vec![
                    "1991-13-01",
                    "1991-7-30",
                    "30.07.1991",
                    "1991-07-30T00:00:00Z",
                ],
            ),
            (FieldKind::Gender, vec!["F", "P"], vec!["female", "f", ""]),
            (FieldKind::Country, vec!["FR"], vec!["fr", "France", "FRA"]),
            (FieldKind::Language, vec!["fr"], vec!["FR", "fr-FR"]),
            (FieldKind::Subscription, vec!["opted_in"], vec!["yes"]),
            (
                FieldKind::Time,
                vec!["2026-03-26T18:12:00.000Z"],
                vec!["soon", "2026"],
            ),
            (FieldKind::Boolean, vec![], vec!["true"]),
        ] {
            for text in good {
                assert!(kind.check_text(text), "{kind:?} {text:?}");
            }
            for text in bad {
                assert!(!kind.check_text(text), "{kind:?} {text:?}");
            }
        }
    }

    #[test]
    fn the_table_has_each_field_once() {
        for field in PROFILE_FIELDS {
            assert_eq!(
                PROFILE_FIELDS
                    .iter()
                    .filter(|other| other.name == field.name)
                    .count(),
                1,
                "{}",
                field.name
            );
            assert!(!field.kind.expects().is_empty());
        }
    }
}
