//! Subscription group states (Braze contract 10.1 to 10.4).
//! Promises that everyone who shares the address or number changes together.
//! Leaves the global e-mail state to `email`.

use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::identity::{MOST, TOO_MANY};
use crate::profiles::attributes::is_group;
use crate::profiles::{Key, Profiles, identifiers};
use crate::query::Query;
use crate::sandbox::Inner;
use crate::settings::Settings;
use crate::transport::{Context, Effect};

const NOT_BOTH: &str =
    "Either an email address or a phone number should be provided, but not both.";

/// One text or an array of them; several spellings of the key, the first that is there.
fn texts(body: &Value, key: &str) -> Result<Vec<String>, Answer> {
    match body.get(key) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(one)) => Ok(vec![one.clone()]),
        Some(Value::Array(list)) => list
            .iter()
            .map(|value| value.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or_else(|| {
                Answer::bad(&format!("'{key}' must be a string or an array of strings"))
            }),
        Some(_) => Err(Answer::bad(&format!(
            "'{key}' must be a string or an array of strings"
        ))),
    }
}

struct Change {
    group: String,
    state: String,
    ids: Vec<String>,
    emails: Vec<String>,
    phones: Vec<String>,
}

fn read(settings: &Settings, item: &Value, keys: [&str; 3]) -> Result<Change, Answer> {
    let [ids, emails, phones] = keys;
    let change = Change {
        group: item
            .get("subscription_group_id")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        state: item
            .get("subscription_state")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        ids: texts(item, ids)?,
        emails: texts(item, emails)?,
        phones: texts(item, phones)?,
    };
    if !is_group(settings, &change.group) {
        return Err(Answer::bad("'subscription_group_id' is not valid"));
    }
    if !matches!(change.state.as_str(), "subscribed" | "unsubscribed") {
        return Err(Answer::bad("'subscription_state' is not valid"));
    }
    if !change.emails.is_empty() && !change.phones.is_empty() {
        return Err(Answer::bad(NOT_BOTH));
    }
    let known = settings
        .subscription_groups
        .iter()
        .find(|group| group.id == change.group);
    if let Some(group) = known {
        let wrong = if group.channel == "email" {
            &change.phones
        } else {
            &change.emails
        };
        if !wrong.is_empty() {
            return Err(Answer::bad(
                "the identifier does not fit the channel of the subscription group",
            ));
        }
    }
    let count = change.ids.len() + change.emails.len() + change.phones.len();
    match count {
        0 => Err(Answer::bad(&format!(
            "'{ids}', '{emails}' or '{phones}' is required"
        ))),
        1..=MOST => Ok(change),
        _ => Err(Answer::bad(TOO_MANY)),
    }
}

fn apply(profiles: &mut Profiles, change: &Change, now: i64) {
    let mut keys: Vec<Key> = change
        .ids
        .iter()
        .filter_map(|id| profiles.by_external(id))
        .collect();
    for email in &change.emails {
        keys.extend(profiles.by_email(email));
    }
    for phone in change
        .phones
        .iter()
        .filter_map(|phone| identifiers::phone(phone))
    {
        keys.extend(profiles.by_phone(&phone));
    }
    for key in keys {
        profiles.set_group(key, &change.group, &change.state);
        profiles.touch(key, now);
    }
}

pub(crate) fn set(inner: &Inner, context: &Context, body: &Value) -> Effect {
    match read(&context.settings, body, ["external_id", "email", "phone"]) {
        Err(answer) => answer.into(),
        Ok(change) => {
            inner.with_world(context.now, |world| {
                apply(&mut world.profiles, &change, context.now);
            });
            Answer::created(json!({})).into()
        }
    }
}

pub(crate) fn set_v2(inner: &Inner, context: &Context, body: &Value) -> Effect {
    let list = body
        .get("subscription_groups")
        .and_then(Value::as_array)
        .filter(|list| !list.is_empty());
    let Some(list) = list else {
        return Answer::bad("'subscription_groups' is required").into();
    };
    let mut changes = Vec::new();
    for item in list {
        match read(
            &context.settings,
            item,
            ["external_ids", "emails", "phones"],
        ) {
            Ok(change) => changes.push(change),
            Err(answer) => return answer.into(),
        }
    }
    let users: usize = changes
        .iter()
        .map(|one| one.ids.len() + one.emails.len() + one.phones.len())
        .sum();
    if users > MOST {
        return Answer::bad(TOO_MANY).into();
    }
    inner.with_world(context.now, |world| {
        for change in &changes {
            apply(&mut world.profiles, change, context.now);
        }
    });
    Answer::created(json!({})).into()
}

/// The people a GET asks for, each with the name it was asked by.
fn asked(profiles: &Profiles, query: &Query) -> Vec<(String, Option<Key>)> {
    let ids: Vec<_> = query
        .all("external_id")
        .map(|id| (id.to_owned(), profiles.by_external(id)))
        .collect();
    if !ids.is_empty() {
        return ids;
    }
    let emails = query
        .all("email")
        .map(|email| (email.to_owned(), profiles.by_email(email).first().copied()));
    let phones = query.all("phone").map(|phone| {
        let key =
            identifiers::phone(phone).and_then(|phone| profiles.by_phone(&phone).first().copied());
        (phone.to_owned(), key)
    });
    emails.chain(phones).collect()
}

fn spoken(state: &str) -> &'static str {
    if state == "subscribed" {
        "Subscribed"
    } else {
        "Unsubscribed"
    }
}

pub(crate) fn get(inner: &Inner, context: &Context, query: &Query) -> Effect {
    let Some(group) = query.one("subscription_group_id") else {
        return Answer::bad("'subscription_group_id' is required").into();
    };
    let no_id = query.one("external_id").is_none();
    if no_id && query.one("email").is_some() && query.one("phone").is_some() {
        return Answer::bad(NOT_BOTH).into();
    }
    let status: Map<String, Value> = inner.with_world(context.now, |world| {
        let people = asked(&world.profiles, query);
        people
            .into_iter()
            .map(|(name, key)| {
                let state =
                    key.and_then(|key| world.profiles.get(key)?.subscription_groups.get(group));
                (name, json!(state.map_or("Unknown", |state| spoken(state))))
            })
            .collect()
    });
    if status.is_empty() {
        return Answer::bad("'external_id', 'email' or 'phone' is required").into();
    }
    Answer::found(json!({ "status": status })).into()
}

pub(crate) fn user(inner: &Inner, context: &Context, query: &Query) -> Effect {
    let limit = query.number("limit").unwrap_or(100).clamp(1, 100);
    let offset = query.number("offset").unwrap_or(0);
    let settings = &context.settings;
    let users: Vec<Value> = inner.with_world(context.now, |world| {
        let people = asked(&world.profiles, query).into_iter().filter_map(|(_, key)| world.profiles.get(key?));
        people
            .skip(offset)
            .take(limit)
            .map(|profile| {
                let groups = profile.subscription_groups.iter().map(|(id, state)| {
                    let known = settings.subscription_groups.iter().find(|group| group.id == *id);
                    json!({"id": id, "name": known.map_or("", |group| group.name.as_str()),
                        "channel": known.map_or("email", |group| group.channel.as_str()), "status": spoken(state)})
                });
                json!({"external_id": profile.external_id, "email": profile.text("email"), "phone": profile.text("phone"),
                    "subscription_groups": groups.collect::<Vec<_>>()})
            })
            .collect()
    });
    Answer::found(json!({ "users": users })).into()
}
