//! Turns status, headers and body into an [`Answer`]. Pure: the time comes in as an argument.
//! Promises an answer for any input, without panics, in time linear to the body; the status decides, the body only adds detail.
//! Leaves broken connections and unreadable bodies to the client, which knows what the network did.

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::{
    answer::{Answer, ItemError, UnknownWhy},
    batch::Array,
    rate::{Budget, RateHeaders},
    text::{MAX_SENTENCE_BYTES, plain, plain_bytes},
};

/// Most errors kept that name no item: one is enough to make the request's fate unknown, more only help reading.
const MAX_UNASSIGNED: usize = 100;

/// Classifies one answer of `/users/track` (contract 2.1 to 2.4, 3.3, 3.4).
///
/// `headers`: names in any case; `now_epoch_ms`: when the answer came, UTC milliseconds, for headers that give a point in time.
pub fn classify<'a>(
    status: u16,
    headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    body: &[u8],
    now_epoch_ms: i64,
) -> (Answer, Option<Budget>) {
    let rate = RateHeaders::read(headers);
    let answer = match status {
        200..=299 => success(body),
        429 => Answer::RateLimited {
            wait: rate.wait(now_epoch_ms),
        },
        413 => Answer::TooLarge,
        // A redirect is never followed: the address is not the REST address. 402, 405, 407, 410 and 421 speak about
        // account, address or a proxy in between, not about the data, so the data must not be parked for them.
        300..=399 | 401..=405 | 407 | 410 | 421 => Answer::KeyRefused {
            status,
            message: Body::read(body).sentence(body),
        },
        408 | 425 | 500..=599 => Answer::Unavailable { status },
        400..=499 => refused(status, body),
        _ => Answer::Unknown {
            why: UnknownWhy::NotHttp,
        },
    };
    (answer, rate.budget(now_epoch_ms))
}

fn success(body: &[u8]) -> Answer {
    if body.trim_ascii().is_empty() {
        return Answer::Unknown {
            why: UnknownWhy::Empty,
        };
    }
    let body = Body::read(body);
    if body.message.as_deref() != Some("success") {
        return Answer::Unknown {
            why: UnknownWhy::NotBraze,
        };
    }
    let (item_errors, unassigned) = body.item_errors();
    Answer::Accepted {
        item_errors,
        unassigned,
    }
}

fn refused(status: u16, raw: &[u8]) -> Answer {
    let body = Body::read(raw);
    let mut message = body.sentence(raw);
    if is_about_size(&message) {
        return Answer::TooLarge;
    }
    let (item_errors, unassigned) = body.item_errors();
    for text in unassigned {
        if message.len() + text.len() > 4 * MAX_SENTENCE_BYTES {
            break;
        }
        message.push_str("; ");
        message.push_str(&text);
    }
    Answer::Refused {
        status,
        message,
        item_errors,
    }
}

/// The texts of contract 2.2 that ask for smaller requests; also the 413 text, which some endpoints send with 400 (contract 1.5).
pub(crate) fn is_about_size(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    [
        "max input length exceeded",
        "max number of",
        "request entity too large",
    ]
    .iter()
    .any(|text| message.contains(text))
}

/// The parts of an answer that matter. `errors` stays unparsed until it is known to be there.
#[derive(Default)]
pub(crate) struct Body {
    message: Option<String>,
    error: Option<String>,
    errors: Option<Value>,
}

impl Body {
    /// Reads whatever can be read; a body that is not a JSON object gives an empty one.
    pub(crate) fn read(body: &[u8]) -> Self {
        /// The usual shape; anything unusual takes the slow road below.
        #[derive(Deserialize)]
        struct Usual<'a> {
            message: Option<String>,
            error: Option<String>,
            #[serde(borrow)]
            errors: Option<&'a RawValue>,
        }
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        if let Ok(usual) = serde_json::from_slice::<Usual<'_>>(body) {
            // Errors that cannot be read are errors all the same: they must not look like a full success.
            let errors = usual.errors.map(|raw| {
                serde_json::from_str(raw.get()).unwrap_or_else(|_| Value::from("unreadable errors"))
            });
            return Self {
                message: usual.message,
                error: usual.error,
                errors,
            };
        }
        let Ok(Value::Object(mut object)) = serde_json::from_slice(body) else {
            return Self::default();
        };
        let text = |value: Option<Value>| match value {
            Some(Value::String(text)) => Some(text),
            Some(Value::Null) | None => None,
            Some(other) => Some(other.to_string()),
        };
        Self {
            message: text(object.remove("message")),
            error: text(object.remove("error")),
            errors: object.remove("errors"),
        }
    }

    /// Braze's sentence: `message`, else `error` (unreadable body, contract 2.1 F2), else the beginning of the body.
    pub(crate) fn sentence(&self, raw: &[u8]) -> String {
        match self.message.as_deref().or(self.error.as_deref()) {
            Some(text) => plain(text, MAX_SENTENCE_BYTES),
            None => plain_bytes(raw, MAX_SENTENCE_BYTES),
        }
    }

    /// Errors that name an item, and those that do not. Elements may be objects or strings, `index` may be missing (contract 2.1, 2.3).
    fn item_errors(self) -> (Vec<ItemError>, Vec<String>) {
        let elements = match self.errors {
            None | Some(Value::Null) => return (Vec::new(), Vec::new()),
            Some(Value::Array(elements)) => elements,
            Some(single) => vec![single],
        };
        let mut assigned = Vec::new();
        let mut unassigned = Vec::new();
        for element in elements {
            match item_error(&element) {
                Ok(error) => assigned.push(error),
                Err(text) if unassigned.len() < MAX_UNASSIGNED => unassigned.push(text),
                Err(_) => {}
            }
        }
        (assigned, unassigned)
    }
}

/// One element of `errors`, or its text when it names no item.
fn item_error(element: &Value) -> Result<ItemError, String> {
    let kind = match element.get("type") {
        Some(Value::String(kind)) => plain(kind, MAX_SENTENCE_BYTES),
        Some(other) => plain(&other.to_string(), MAX_SENTENCE_BYTES),
        None => match element {
            Value::String(text) => plain(text, MAX_SENTENCE_BYTES),
            other => plain(&other.to_string(), MAX_SENTENCE_BYTES),
        },
    };
    let array = element
        .get("input_array")
        .and_then(Value::as_str)
        .and_then(Array::by_name);
    let index = element.get("index").and_then(|index| match index {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    });
    match (array, index.and_then(|index| usize::try_from(index).ok())) {
        (Some(array), Some(index)) => Ok(ItemError { kind, array, index }),
        _ => Err(kind),
    }
}

#[cfg(test)]
mod tests;
