//! What a failed call means: certainly not sent, or of unknown fate.
//! Promises to say "not sent" only when no connection stood; every doubt is "unknown".
//! Leaves statuses and bodies to `classify`.

use std::{error::Error, io};

use super::resolver::{Forbidden, NotFound};
use crate::{
    answer::{Answer, NotSentWhy, UnknownWhy},
    text::{MAX_SENTENCE_BYTES, plain},
};

/// Classifies an error that came in place of an answer.
pub(super) fn before_an_answer(error: &reqwest::Error) -> Answer {
    if error.is_connect() || error.is_builder() {
        return Answer::NotSent {
            why: not_sent(error),
        };
    }
    Answer::Unknown {
        why: unknown(error),
    }
}

/// Classifies an error inside the body, after status and headers had come.
pub(super) fn inside_the_body(error: &reqwest::Error) -> UnknownWhy {
    if error.is_timeout() {
        UnknownWhy::Timeout
    } else {
        UnknownWhy::Truncated
    }
}

fn not_sent(error: &reqwest::Error) -> NotSentWhy {
    // DNS comes before the rest: a look-up that fails is an io::Error too.
    if any(error, <dyn Error>::is::<Forbidden>) {
        NotSentWhy::AddressForbidden
    } else if any(error, <dyn Error>::is::<NotFound>) || error.is_dns() {
        NotSentWhy::Dns
    } else if any(error, <dyn Error>::is::<rustls::Error>) {
        NotSentWhy::Tls
    } else if error.is_timeout() || io_kind(error) == Some(io::ErrorKind::TimedOut) {
        NotSentWhy::ConnectTimeout
    } else if io_kind(error) == Some(io::ErrorKind::ConnectionRefused) {
        NotSentWhy::ConnectRefused
    } else {
        NotSentWhy::Network
    }
}

fn unknown(error: &reqwest::Error) -> UnknownWhy {
    let not_http = |cause: &(dyn Error + 'static)| {
        cause
            .downcast_ref::<hyper::Error>()
            .is_some_and(hyper::Error::is_parse)
    };
    if error.is_timeout() {
        UnknownWhy::Timeout
    } else if any(error, not_http) {
        UnknownWhy::NotHttp
    } else {
        UnknownWhy::ConnectionLost
    }
}

/// Whether any cause passes the test. An `io::Error` hides what it wraps from `source`, so it is opened here.
fn any(error: &(dyn Error + 'static), test: impl Fn(&(dyn Error + 'static)) -> bool) -> bool {
    let mut next = Some(error);
    while let Some(cause) = next {
        if test(cause) {
            return true;
        }
        let wrapped = cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => cause.source(),
        };
    }
    false
}

fn io_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    let mut kind = None;
    while let Some(cause) = next {
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            kind = Some(io.kind());
        }
        next = cause.source();
    }
    kind
}

/// An error with its causes as one bounded line.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let part = cause.to_string();
        if !text.ends_with(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
        next = cause.source();
    }
    plain(&text, MAX_SENTENCE_BYTES)
}
