//! What the answer to the test button means: an empty `{}` to `/users/track` proves key and permission without writing anything.
//! Promises a verdict with words for every answer.
//! Leaves sending to the client.

use crate::{answer::Answer, explain::Explanation};

/// The body of the test call: valid JSON, no objects, so that nothing can be written.
pub const CHECK_BODY: &[u8] = b"{}";

/// What the test call showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The verdict.
    pub verdict: CheckVerdict,
    /// What it means and what to do.
    pub explanation: Explanation,
}

/// The verdict of the test call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckVerdict {
    /// Address, key and permission are right.
    Works,
    /// The key is wrong, or lacks the permission, or this server's address is not allowed.
    KeyRefused,
    /// The address is not Braze's REST API.
    WrongAddress,
    /// Braze was reached but could not say: rate limit or trouble of its own.
    TryAgain,
    /// No connection came about.
    NotReached,
    /// Something answered that is not Braze.
    Strange,
}

impl Check {
    /// Reads the answer to [`CHECK_BODY`] (contract 2.3: a body without objects is "Valid data must be provided", after key and
    /// permission were found good; 5.12).
    pub fn of(answer: &Answer) -> Self {
        let strange = || {
            Explanation {
            what: "The address answers, but not as Braze does.".to_owned(),
            remedy: "Enter the name of your instance, such as US-01, or its REST address, which begins with https://rest.".to_owned(),
        }
        };
        let verdict = match answer {
            Answer::Accepted { .. } => CheckVerdict::Works,
            Answer::Refused {
                status: 400,
                message,
                ..
            } if message
                .to_ascii_lowercase()
                .contains("valid data must be provided") =>
            {
                CheckVerdict::Works
            }
            Answer::Refused { .. } | Answer::TooLarge => CheckVerdict::Strange,
            Answer::NotPermitted { .. }
            | Answer::KeyRefused {
                status: 401..=403, ..
            } => CheckVerdict::KeyRefused,
            Answer::KeyRefused { .. } => CheckVerdict::WrongAddress,
            Answer::RateLimited { .. } | Answer::Unavailable { .. } => CheckVerdict::TryAgain,
            Answer::NotSent { .. } => CheckVerdict::NotReached,
            Answer::Unknown { why } => match why {
                crate::UnknownWhy::Timeout
                | crate::UnknownWhy::ConnectionLost
                | crate::UnknownWhy::Truncated => CheckVerdict::TryAgain,
                crate::UnknownWhy::Oversize
                | crate::UnknownWhy::Empty
                | crate::UnknownWhy::NotBraze
                | crate::UnknownWhy::NotHttp => CheckVerdict::Strange,
            },
        };
        let explanation = match verdict {
            CheckVerdict::Works => Explanation {
                what: "Braze accepts the key and the permission users.track.".to_owned(),
                remedy: "Nothing to do.".to_owned(),
            },
            CheckVerdict::TryAgain => Explanation {
                what: "Braze was reached, but could not answer the test just now.".to_owned(),
                remedy: "Test again in a minute.".to_owned(),
            },
            CheckVerdict::Strange => strange(),
            CheckVerdict::KeyRefused | CheckVerdict::WrongAddress | CheckVerdict::NotReached => {
                answer.explain().unwrap_or_else(strange)
            }
        };
        Self {
            verdict,
            explanation,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify;

    #[test]
    fn the_test_call_tells_key_address_and_trouble_apart() {
        let valid = r#"{"message":"Valid data must be provided in the 'attributes', 'events', or 'purchases' fields."}"#;
        for (status, body, verdict, part) in [
            (400, valid, CheckVerdict::Works, "accepts the key"),
            (
                400,
                r#"{"message":"Bad Request"}"#,
                CheckVerdict::Strange,
                "not as Braze",
            ),
            (401, "", CheckVerdict::KeyRefused, "another instance"),
            (403, "", CheckVerdict::KeyRefused, "lacks the permission"),
            (
                403,
                r#"{"message":"Invalid whitelisted IPs"}"#,
                CheckVerdict::KeyRefused,
                "server's address",
            ),
            (404, "", CheckVerdict::WrongAddress, "not Braze's REST API"),
            (301, "", CheckVerdict::WrongAddress, "redirect"),
            (429, "", CheckVerdict::TryAgain, "could not answer"),
            (503, "", CheckVerdict::TryAgain, "could not answer"),
            (200, "<html>", CheckVerdict::Strange, "not as Braze"),
        ] {
            let check = Check::of(&classify(status, [], body.as_bytes(), 0).0);
            assert_eq!(check.verdict, verdict, "{status} {body}");
            assert!(
                check.explanation.what.contains(part),
                "{status} {body}: {check:?}"
            );
        }
    }
}
