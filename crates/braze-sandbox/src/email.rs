//! E-mail states and lists (Braze contract 10.5).
//! Promises that a state set for an address nobody has yet waits for the person who gets it.
//! Leaves subscription groups to `subscription`.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::dates;
use crate::identity::{MOST, TOO_MANY};
use crate::profiles::attributes::is_state;
use crate::profiles::identifiers;
use crate::query::Query;
use crate::sandbox::Inner;
use crate::transport::{Context, Effect};

/// Addresses under `email`: one text, or up to 50.
fn addresses(body: &Value) -> Result<Vec<String>, Answer> {
    let given: Vec<&Value> = match body.get("email") {
        Some(Value::Array(list)) if list.len() > MOST => return Err(Answer::bad(TOO_MANY)),
        Some(Value::Array(list)) => list.iter().collect(),
        Some(one @ Value::String(_)) => vec![one],
        _ => return Err(Answer::bad("'email' is required")),
    };
    let read = given
        .into_iter()
        .map(|value| value.as_str().and_then(identifiers::email))
        .collect::<Option<Vec<_>>>();
    read.filter(|list| !list.is_empty())
        .ok_or_else(|| Answer::bad(identifiers::BAD_EMAIL))
}

pub(crate) fn status(inner: &Inner, context: &Context, body: &Value) -> Effect {
    let emails = match addresses(body) {
        Ok(emails) => emails,
        Err(answer) => return answer.into(),
    };
    let Some(state) = body
        .get("subscription_state")
        .filter(|state| is_state(state))
        .and_then(Value::as_str)
    else {
        return Answer::bad("'subscription_state' is not valid").into();
    };
    inner.with_world(context.now, |world| {
        for email in emails {
            let keys = world.profiles.by_email(&email);
            if keys.is_empty() {
                world
                    .profiles
                    .waiting_states
                    .insert(email, state.to_owned());
                continue;
            }
            for key in keys {
                world
                    .profiles
                    .set_field(key, "email_subscribe", Some(json!(state)));
                world.profiles.touch(key, context.now);
            }
        }
    });
    Answer::created(json!({})).into()
}

/// `/email/bounce/remove` and `/email/spam/remove`.
pub(crate) fn forgive(inner: &Inner, context: &Context, body: &Value, spam: bool) -> Effect {
    let emails = match addresses(body) {
        Ok(emails) => emails,
        Err(answer) => return answer.into(),
    };
    inner.with_world(context.now, |world| {
        for email in emails {
            if spam {
                for key in world.profiles.by_email(&email) {
                    world
                        .profiles
                        .set_field(key, "marked_email_as_spam_at", None);
                }
            } else {
                world.bounces.remove(&email);
            }
        }
    });
    Answer::created(json!({})).into()
}

/// `/email/blocklist`: the addresses are unsubscribed and mails to them are aborted.
pub(crate) fn block(inner: &Inner, context: &Context, body: &Value) -> Effect {
    let emails = match addresses(body) {
        Ok(emails) => emails,
        Err(answer) => return answer.into(),
    };
    inner.with_world(context.now, |world| {
        for email in emails {
            for key in world.profiles.by_email(&email) {
                world
                    .profiles
                    .set_field(key, "email_subscribe", Some(json!("unsubscribed")));
                world.profiles.touch(key, context.now);
            }
            world.blocked.insert(email);
        }
    });
    Answer::created(json!({})).into()
}

fn day(query: &Query, name: &str) -> Result<Option<i64>, Answer> {
    match query.one(name) {
        None => Ok(None),
        Some(text) => match dates::parse_plain_day(text).and_then(|_| dates::parse(text)) {
            Some(moment) => Ok(Some(moment.millis)),
            None => Err(Answer::bad(&format!("'{name}' is not valid"))),
        },
    }
}

const DAY: i64 = 86_400_000;

/// `/email/unsubscribes` and `/email/hard_bounces`.
pub(crate) fn list(inner: &Inner, context: &Context, query: &Query, bounces: bool) -> Effect {
    let (start, end) = match (day(query, "start_date"), day(query, "end_date")) {
        (Ok(start), Ok(end)) => (start, end),
        (Err(answer), _) | (_, Err(answer)) => return answer.into(),
    };
    let email = query.one("email").map(str::to_lowercase);
    let Some(end) = end else {
        return Answer::bad("'end_date' is required").into();
    };
    if email.is_none() && start.is_none() {
        return Answer::bad("one of 'email' or 'start_date' is required").into();
    }
    let limit = query.number("limit").unwrap_or(100);
    if !(1..=500).contains(&limit) {
        return Answer::bad("'limit' is not valid").into();
    }
    let mut found: Vec<(i64, String)> = inner.with_world(context.now, |world| {
        if bounces {
            return world
                .bounces
                .iter()
                .map(|(email, at)| (*at, email.clone()))
                .collect();
        }
        let all = world.profiles.recent(None);
        all.filter_map(|(_, profile)| {
            Some((profile.unsubscribed_at?, profile.text("email")?.to_owned()))
        })
        .collect()
    });
    found.retain(|(at, address)| {
        // A bounce asked for by address is found whatever its date.
        let dated = start.is_none_or(|start| *at >= start) && *at < end + DAY;
        email.as_ref().is_none_or(|email| email == address) && (dated || bounces && email.is_some())
    });
    found.sort();
    found.dedup();
    if bounces || query.one("sort_direction") != Some("asc") {
        found.reverse();
    }
    let name = if bounces {
        "hard_bounced_at"
    } else {
        "unsubscribed_at"
    };
    let page: Vec<Value> = found
        .into_iter()
        .skip(query.number("offset").unwrap_or(0))
        .take(limit)
        .map(|(at, email)| json!({"email": email, name: dates::iso(at)}))
        .collect();
    Answer::found(json!({ "emails": page })).into()
}
