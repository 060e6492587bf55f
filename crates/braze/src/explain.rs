//! Words for people: what an answer of Braze means and what to do about it, for a marketer who has never seen an HTTP status.
//! Promises one sentence of what and one of remedy for every failure, and none for a success.
//! Leaves translation to the product: the texts here are English, the enums are the keys.

use crate::answer::{Answer, NotSentWhy, UnknownWhy};

/// What happened, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What happened, in a sentence.
    pub what: String,
    /// What to do, in a sentence; also says when there is nothing to do.
    pub remedy: String,
}

impl Explanation {
    fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            remedy: remedy.into(),
        }
    }
}

const WAITS: &str = "Nothing to do: the data is kept and sent again by itself.";

impl Answer {
    /// The answer in plain words; `None` when everything was taken.
    pub fn explain(&self) -> Option<Explanation> {
        Some(match self {
            Self::Accepted {
                item_errors,
                unassigned,
            } => {
                return accepted(
                    item_errors.len(),
                    item_errors.first().map(|error| error.kind.as_str()),
                    unassigned,
                );
            }
            Self::RateLimited { wait: Some(wait) } => {
                let seconds = wait.as_secs().max(1);
                Explanation::new(
                    format!(
                        "Braze asks us to slow down for {seconds} s, because the account's rate limit is used up."
                    ),
                    WAITS,
                )
            }
            Self::RateLimited { wait: None } => Explanation::new(
                "Braze asks us to slow down, because the account's rate limit is used up.",
                WAITS,
            ),
            Self::TooLarge => Explanation::new(
                "The request held more than this Braze account takes at once.",
                "Nothing to do: it is sent in smaller parts. If it happens often, choose a smaller batch mode in the connection.",
            ),
            Self::Refused {
                status,
                message,
                item_errors,
            } => refused(
                *status,
                message,
                item_errors.first().map(|error| error.kind.as_str()),
            ),
            Self::KeyRefused { status, message } => key_refused(*status, message),
            Self::NotPermitted { status, message } => Explanation::new(
                format!("Braze does not let this key do this ({status}): {message}"),
                "Create a new key in Braze with the permission as well, because permissions of a key cannot be changed, and enter it here.",
            ),
            Self::Unavailable { status } => Explanation::new(
                format!(
                    "Braze had trouble of its own (status {status}), so it is not known whether the data arrived."
                ),
                "Nothing to do: it is tried again by itself. If it lasts, look at https://braze.statuspage.io.",
            ),
            Self::Unknown { why } => unknown(*why),
            Self::NotSent { why } => not_sent(*why),
        })
    }
}

fn accepted(refused: usize, first: Option<&str>, unassigned: &[String]) -> Option<Explanation> {
    match (first, unassigned.first()) {
        (Some(kind), _) => Some(Explanation::new(
            format!("Braze took the request, but refused part of it ({refused}): {kind}"),
            item_remedy(kind),
        )),
        (None, Some(text)) => Some(Explanation::new(
            format!(
                "Braze took the request, but reported an error without saying for which item: {text}"
            ),
            "Check one of the affected profiles in Braze before sending again, because events would count twice.",
        )),
        (None, None) => None,
    }
}

fn refused(status: u16, message: &str, first: Option<&str>) -> Explanation {
    let sentence = first.unwrap_or(message);
    if sentence.is_empty() {
        return Explanation::new(
            format!("Braze refused the data (status {status}) without saying why."),
            "Check the mapping of the connection, then send the entry again.",
        );
    }
    Explanation::new(
        format!("Braze refused the data: {sentence}"),
        item_remedy(sentence),
    )
}

/// What to do about one of Braze's sentences or codes (contract 2.3).
fn item_remedy(kind: &str) -> &'static str {
    let kind = kind.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| kind.contains(word));
    if has(&["'email' field", "email_bad_format"]) {
        "Correct the e-mail address of this contact, then send the entry again."
    } else if has(&["is required"]) && has(&["external_id", "braze_id"]) {
        "Choose in the connection a field that every entry has to identify the user, then send the entry again."
    } else if has(&["only one of"]) {
        "Let the connection identify users in one way only, then send the entry again."
    } else if has(&["blacklisted"]) {
        "The user id is a placeholder that Braze has blocked. Use the person's own id, then send the entry again."
    } else if has(&["external_id", "external_user_id"]) {
        "The user id is too long for Braze. Map a shorter one, then send the entry again."
    } else if has(&["subscription"]) {
        "Check the consents of the connection: the subscription group id or the state is not one that Braze knows."
    } else if has(&["push_token", "device_id", "app_id"]) {
        "Check the push settings of the mapping, then send the entry again."
    } else if has(&["properties", "property"]) {
        "Check the event's properties in the mapping: one is missing, has the wrong type or a reserved name."
    } else if has(&["quantity", "price", "currency", "product_id"]) {
        "Check the purchase in the mapping: quantity is a whole number from 1 to 100, price a number, currency a code such as EUR."
    } else {
        "Check the mapping of the connection against Braze's sentence, then send the entry again."
    }
}

fn key_refused(status: u16, message: &str) -> Explanation {
    match status {
        401 => Explanation::new(
            "Braze does not accept the REST API key (401): it is wrong, or belongs to another instance or workspace.",
            "Copy the key from Braze (Settings > APIs and Identifiers) once more, and check that the endpoint is your account's instance.",
        ),
        403 if message.to_ascii_lowercase().contains("whitelisted ip") => Explanation::new(
            "Braze refuses calls from this server's address (403): the key has a list of allowed IP addresses.",
            "Create a new key in Braze whose list contains this server's address, or has no list, and enter it here.",
        ),
        403 => Explanation::new(
            "Braze accepts the key, but not for this (403): it lacks the permission, or the account is not active.",
            "Create a new key in Braze with the permission users.track, because permissions of a key cannot be changed, and enter it here.",
        ),
        300..=399 => Explanation::new(
            format!(
                "The address answers with a redirect ({status}), so it is not Braze's REST API. The key was not passed on."
            ),
            "Enter the REST address of your instance, which begins with https://rest.",
        ),
        404 | 405 | 410 | 421 => Explanation::new(
            format!("The address exists, but is not Braze's REST API (status {status})."),
            "Enter the name of your instance, such as US-01, or its REST address, which begins with https://rest.",
        ),
        _ => Explanation::new(
            format!(
                "The connection was refused with status {status}, which is about the account or a proxy, not about the data."
            ),
            "Ask whoever runs the server or the Braze account, then resume the connection.",
        ),
    }
}

fn unknown(why: UnknownWhy) -> Explanation {
    let strange = "Check that the endpoint is your instance's REST address and that no proxy answers in its place.";
    match why {
        UnknownWhy::Timeout => Explanation::new(
            "Braze did not answer in time, so it is not known whether the data arrived.",
            WAITS,
        ),
        UnknownWhy::ConnectionLost => Explanation::new(
            "The connection broke before Braze answered, so it is not known whether the data arrived.",
            WAITS,
        ),
        UnknownWhy::Truncated => Explanation::new(
            "Only the beginning of Braze's answer arrived, so it is not known whether all data was taken.",
            WAITS,
        ),
        UnknownWhy::Oversize => Explanation::new(
            "The answer is far larger than any of Braze's, so it is not known whether the data arrived.",
            strange,
        ),
        UnknownWhy::Empty => Explanation::new(
            "The answer was empty, so it is not known whether the data arrived.",
            strange,
        ),
        UnknownWhy::NotBraze => Explanation::new(
            "The answer does not look like Braze's, so it is not known whether the data arrived.",
            strange,
        ),
        UnknownWhy::NotHttp => Explanation::new(
            "What answered does not speak HTTP, so it is not known whether the data arrived.",
            strange,
        ),
    }
}

fn not_sent(why: NotSentWhy) -> Explanation {
    let retry = "It is tried again by itself. If it lasts, check the endpoint and this server's way to the internet.";
    match why {
        NotSentWhy::Dns => Explanation::new(
            "The endpoint's host name could not be found, so nothing was sent.",
            "Check the spelling of the endpoint; if it is right, this server's name resolution has trouble.",
        ),
        NotSentWhy::AddressForbidden => Explanation::new(
            "The endpoint leads to an address inside a private network, which is not called for safety; nothing was sent.",
            "Enter Braze's own REST address; a test server inside your network must be allowed by whoever runs this server.",
        ),
        NotSentWhy::ConnectRefused => Explanation::new(
            "Nobody answers at the endpoint, so nothing was sent.",
            retry,
        ),
        NotSentWhy::ConnectTimeout => Explanation::new(
            "No connection to the endpoint came about in time, so nothing was sent.",
            retry,
        ),
        NotSentWhy::Tls => Explanation::new(
            "No secure connection to the endpoint came about, so nothing was sent.",
            "Check the endpoint; if a proxy of your company opens secure connections, its certificate must be added to this server's settings.",
        ),
        NotSentWhy::Network => {
            Explanation::new("The network gave an error before anything was sent.", retry)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{answer::ItemError, batch::Array};

    #[test]
    fn success_needs_no_words_and_every_failure_has_both_sentences() {
        assert_eq!(
            Answer::Accepted {
                item_errors: vec![],
                unassigned: vec![]
            }
            .explain(),
            None
        );
        let mut failures = vec![
            Answer::Accepted {
                item_errors: vec![],
                unassigned: vec!["x".to_owned()],
            },
            Answer::RateLimited { wait: None },
            Answer::RateLimited {
                wait: Some(std::time::Duration::from_secs(17)),
            },
            Answer::TooLarge,
            Answer::Refused {
                status: 400,
                message: String::new(),
                item_errors: vec![],
            },
            Answer::Unavailable { status: 503 },
            Answer::NotPermitted {
                status: 403,
                message: "You do not have permission to access this resource".to_owned(),
            },
        ];
        failures.extend(
            [301, 401, 402, 403, 404, 407].map(|status| Answer::KeyRefused {
                status,
                message: String::new(),
            }),
        );
        failures.extend(
            [
                UnknownWhy::Timeout,
                UnknownWhy::ConnectionLost,
                UnknownWhy::Truncated,
                UnknownWhy::Oversize,
                UnknownWhy::Empty,
                UnknownWhy::NotBraze,
                UnknownWhy::NotHttp,
            ]
            .map(|why| Answer::Unknown { why }),
        );
        failures.extend(
            [
                NotSentWhy::Dns,
                NotSentWhy::AddressForbidden,
                NotSentWhy::ConnectRefused,
                NotSentWhy::ConnectTimeout,
                NotSentWhy::Tls,
                NotSentWhy::Network,
            ]
            .map(|why| Answer::NotSent { why }),
        );
        for answer in failures {
            let words = answer.explain().unwrap();
            assert!(
                words.what.len() > 20 && words.remedy.ends_with('.'),
                "{answer:?}: {words:?}"
            );
        }
    }

    #[test]
    fn the_remedy_fits_the_error() {
        for (kind, part) in [
            ("EMAIL_BAD_FORMAT", "e-mail address"),
            (
                "The value provided for the 'email' field is not a valid email.",
                "e-mail address",
            ),
            (
                "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required",
                "identify the user",
            ),
            ("'external_id' must be fewer than 988 bytes", "too long"),
            (
                "provided external_id is blacklisted and disallowed",
                "placeholder",
            ),
            ("BAD_SUBSCRIPTION_GROUP_ID", "consents"),
            ("'quantity' is not valid", "quantity"),
            (
                "The property '#/' did not contain a required property of 'product_id'",
                "properties",
            ),
            ("something new", "Braze's sentence"),
        ] {
            let error = ItemError {
                kind: kind.to_owned(),
                array: Array::Attributes,
                index: 0,
            };
            let answer = Answer::Accepted {
                item_errors: vec![error],
                unassigned: vec![],
            };
            let words = answer.explain().unwrap();
            assert!(
                words.what.contains(kind) && words.remedy.contains(part),
                "{kind}: {words:?}"
            );
        }
        let refused = Answer::KeyRefused {
            status: 403,
            message: "Invalid whitelisted IPs".to_owned(),
        };
        assert!(refused.explain().unwrap().what.contains("server's address"));
    }
}
