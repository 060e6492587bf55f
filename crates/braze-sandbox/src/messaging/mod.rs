//! Sends through campaigns, Canvases and content in the request (Braze contract 11).
//! Promises that a mail is kept for looking at and that none is sent to anybody.
//! Leaves the transactional endpoint with its memory of ids to `transactional`.

mod content;
mod postbacks;
mod recipient;
mod transactional;

pub(crate) use transactional::send as transactional_send;

use std::collections::HashSet;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::profiles::Key;
use crate::sandbox::Inner;
use crate::settings::{Campaign, Settings};
use crate::transport::{Context, Effect};
use crate::world::World;

use content::Content;
use recipient::{Found, find};

/// Most bytes of trigger properties or context.
const LARGEST: usize = 50 * 1024;
/// Messages that are kept.
const KEPT: usize = 1000;

/// A send of one request, the same for all its recipients.
struct Send<'a> {
    channel: &'static str,
    source: &'a str,
    dispatch: String,
    now: i64,
    request: u64,
}

/// How a message to one profile ended: its address, the status, and a reason when it was not sent.
struct Delivery {
    to: String,
    status: &'static str,
    reason: Option<&'static str>,
}

/// Whether the properties fit; absent ones do.
fn fits(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::Object(map)) => {
            serde_json::to_vec(map).is_ok_and(|bytes| bytes.len() <= LARGEST)
        }
        Some(_) => false,
    }
}

fn joined(parent: Option<&Value>, own: Option<&Value>) -> Map<String, Value> {
    let map = |value: Option<&Value>| {
        value
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default()
    };
    let mut all = map(parent);
    all.extend(map(own));
    all
}

/// What the mail provider would say of a message to this profile.
fn deliver(settings: &Settings, world: &mut World, key: Key, now: i64) -> Delivery {
    let email = world
        .profiles
        .get(key)
        .and_then(|profile| profile.text("email"))
        .map(str::to_owned);
    let Some(to) = email else {
        return Delivery {
            to: String::new(),
            status: "aborted",
            reason: Some("User not emailable"),
        };
    };
    if world.blocked.contains(&to) {
        return Delivery {
            to,
            status: "aborted",
            reason: Some("User not emailable"),
        };
    }
    if settings.bouncing.contains(&to) {
        world.bounces.insert(to.clone(), now);
        return Delivery {
            to,
            status: "bounced",
            reason: Some("550 no such mailbox"),
        };
    }
    Delivery {
        to,
        status: "sent",
        reason: None,
    }
}

fn keep(
    world: &mut World,
    send: &Send<'_>,
    key: Key,
    delivery: &Delivery,
    properties: &Map<String, Value>,
    content: Option<&Content>,
) {
    let braze_id = world
        .profiles
        .get(key)
        .map(|profile| profile.braze_id.clone());
    let id = world.hex();
    let mail = json!({"id": id, "at": send.now, "request": send.request, "channel": send.channel, "source": send.source,
        "dispatch_id": send.dispatch, "to": delivery.to, "braze_id": braze_id, "status": delivery.status,
        "reason": delivery.reason, "properties": properties});
    if let Value::Object(mut mail) = mail {
        if let Some(content) = content {
            mail.extend(content::render(world, key, content, properties));
        }
        world.mails.push_back(mail);
    }
    while world.mails.len() > KEPT {
        world.mails.pop_front();
    }
}

/// Finds a campaign or Canvas among those that were set; with none set, any id will do.
fn known<'a>(list: &'a [Campaign], id: &str) -> Result<Option<&'a Campaign>, ()> {
    if list.is_empty() {
        return Ok(None);
    }
    list.iter()
        .find(|campaign| campaign.id == id)
        .map(Some)
        .ok_or(())
}

/// `/campaigns/trigger/send` and `/canvas/trigger/send`.
pub(crate) fn trigger(inner: &Inner, context: &Context, body: &Value, canvas: bool) -> Effect {
    let settings = &context.settings;
    let (id_key, list) = if canvas {
        ("canvas_id", &settings.canvases)
    } else {
        ("campaign_id", &settings.campaigns)
    };
    let wrong = if canvas {
        "Invalid Canvas ID"
    } else {
        "Invalid Campaign ID"
    };
    let Some(id) = body
        .get(id_key)
        .and_then(Value::as_str)
        .filter(|id| !id.is_empty())
    else {
        return Answer::bad(wrong).into();
    };
    let Ok(campaign) = known(list, id) else {
        return Answer::bad(wrong).into();
    };
    let state = campaign.map_or("active", |campaign| campaign.state.as_str());
    if !canvas && state != "active" {
        let text = if state == "paused" {
            "The campaign is paused. Resume the campaign in order for trigger requests to take effect."
        } else {
            "The campaign is archived. Unarchive the campaign in order for trigger requests to take effect."
        };
        return Answer::bad(text).into();
    }
    // The older name of a Canvas' context is still taken.
    let property_keys: &[&str] = if canvas {
        &["context", "canvas_entry_properties"]
    } else {
        &["trigger_properties"]
    };
    let properties = |value: &Value| {
        property_keys
            .iter()
            .find_map(|key| value.get(*key))
            .cloned()
    };
    let parent = properties(body);
    if !fits(parent.as_ref()) {
        return Answer::bad(&format!(
            "'{}' must be an object of at most 50 KB",
            property_keys.first().unwrap_or(&"")
        ))
        .into();
    }
    let broadcast = body.get("broadcast").and_then(Value::as_bool) == Some(true);
    let recipients = match body.get("recipients") {
        None | Some(Value::Null) => None,
        Some(Value::Array(list)) => Some(list),
        Some(_) => return Answer::bad("'recipients' must be an array").into(),
    };
    if let Some(answer) = refuse_audience(inner, context, body, broadcast, recipients, id) {
        return answer.into();
    }

    let result = inner.with_world(context.now, |world| {
        let send = Send {
            channel: if canvas { "Canvas" } else { "campaign" },
            source: id,
            dispatch: world.hex(),
            now: context.now,
            request: context.request,
        };
        let targets = targets(
            settings,
            world,
            &send,
            recipients.map(Vec::as_slice),
            &properties,
        )?;
        if state == "active" {
            let content = content::of_campaign(settings, world, id);
            let mut addresses = HashSet::new();
            for (key, own) in targets {
                let delivery = deliver(settings, world, key, context.now);
                // One address gets one message of a request, whatever the entries say.
                if delivery.to.is_empty() || addresses.insert(delivery.to.clone()) {
                    let all = joined(parent.as_ref(), own.as_ref());
                    keep(world, &send, key, &delivery, &all, content.as_ref());
                }
            }
        }
        Ok::<_, String>(send.dispatch)
    });
    let dispatch = match result {
        Ok(dispatch) => dispatch,
        Err(text) => return Answer::bad(&text).into(),
    };
    let mut answer = json!({ "dispatch_id": dispatch });
    if let Some(map) = answer.as_object_mut() {
        if state == "paused" {
            let text = "The Canvas is paused. Resume the Canvas to ensure trigger requests will take effect.";
            map.insert("notice".to_owned(), json!(text));
        } else if state != "active" {
            let text = "The Canvas is archived. Unarchive the Canvas to ensure trigger requests will take effect.";
            map.insert("notice".to_owned(), json!(text));
        }
        if let Some(send_id) = body.get("send_id").filter(|_| broadcast) {
            map.insert("send_id".to_owned(), send_id.clone());
        }
    }
    Answer::created(answer).into()
}

fn refuse_audience(
    inner: &Inner,
    context: &Context,
    body: &Value,
    broadcast: bool,
    recipients: Option<&Vec<Value>>,
    id: &str,
) -> Option<Answer> {
    match recipients {
        Some(list) if broadcast && !list.is_empty() => {
            return Some(Answer::bad("'broadcast' cannot be used with 'recipients'"));
        }
        Some(list) if list.len() > crate::identity::MOST => {
            return Some(Answer::bad(
                "The max number of external_ids and aliases per request was exceeded",
            ));
        }
        Some(list) if !list.is_empty() => return None,
        _ if !broadcast => return Some(Answer::bad("No Recipients")),
        _ => {}
    }
    if body.get("attachments").is_some() {
        return Some(Answer::bad("'broadcast' cannot be used with 'attachments'"));
    }
    let audience = format!("{id} {}", body.get("audience").unwrap_or(&Value::Null));
    let free = inner
        .limiter
        .broadcast(&context.settings, audience, context.now);
    (!free).then(|| Answer::message(StatusCode::TOO_MANY_REQUESTS, "Rate Limited"))
}

type Target = (Key, Option<Value>);

/// The profiles a request is for, with each one's own properties. Without recipients: everyone with an address.
fn targets(
    settings: &Settings,
    world: &mut World,
    send: &Send<'_>,
    recipients: Option<&[Value]>,
    properties: &dyn Fn(&Value) -> Option<Value>,
) -> Result<Vec<Target>, String> {
    let Some(list) = recipients.filter(|list| !list.is_empty()) else {
        let everyone = world
            .profiles
            .recent(None)
            .filter(|(_, profile)| profile.text("email").is_some());
        return Ok(everyone.take(KEPT).map(|(key, _)| (key, None)).collect());
    };
    // All are checked before any is written to.
    let checked = list
        .iter()
        .map(|one| recipient::check(settings, one))
        .collect::<Result<Vec<_>, _>>()?;
    let mut targets = Vec::new();
    for (one, checked) in list.iter().zip(checked) {
        let own = properties(one);
        if !fits(own.as_ref()) {
            return Err(
                "the properties of a recipient must be an object of at most 50 KB".to_owned(),
            );
        }
        if let Found::Profile(key) = find(settings, world, one, &checked, send.now) {
            targets.push((key, own));
        }
    }
    Ok(targets)
}

/// `/messages/send`: the content is in the request.
pub(crate) fn message(inner: &Inner, context: &Context, body: &Value) -> Effect {
    let settings = &context.settings;
    let list = |key: &str| {
        body.get(key)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let (ids, aliases) = (list("external_user_ids"), list("user_aliases"));
    let broadcast = body.get("broadcast").and_then(Value::as_bool) == Some(true);
    let wide = body.get("segment_id").is_some() || body.get("audience").is_some();
    if ids.is_empty() && aliases.is_empty() && !(broadcast && wide) {
        return Answer::bad("No Recipients").into();
    }
    if ids.len() + aliases.len() > crate::identity::MOST {
        return Answer::bad("The max number of external_ids and aliases per request was exceeded")
            .into();
    }
    let Some(email) = body
        .get("messages")
        .and_then(|messages| messages.get("email"))
        .and_then(Value::as_object)
    else {
        return Answer::bad("No message to send").into();
    };
    let text = |key: &str| {
        email
            .get(key)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    if text("app_id").is_none() || text("from").is_none() {
        return Answer::bad("'app_id' and 'from' are required").into();
    }
    if text("body").is_none() && text("email_template_id").is_none() {
        return Answer::bad("No message to send").into();
    }
    let given: Map<String, Value> = ["from", "subject", "body", "email_template_id"]
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), email.get(*key)?.clone())))
        .collect();
    let dispatch =
        inner.with_world(context.now, |world| {
            let send = Send {
                channel: "message",
                source: text("subject").unwrap_or("without a subject"),
                dispatch: world.hex(),
                now: context.now,
                request: context.request,
            };
            let profiles = &world.profiles;
            let mut keys: Vec<Key> = ids
                .iter()
                .filter_map(|id| profiles.by_external(id.as_str()?))
                .collect();
            keys.extend(aliases.iter().filter_map(|alias| {
                profiles.by_alias(&crate::profiles::identifiers::alias(alias)?)
            }));
            if keys.is_empty() && broadcast {
                keys = profiles
                    .recent(None)
                    .take(KEPT)
                    .map(|(key, _)| key)
                    .collect();
            }
            let content = content::of_request(world, email);
            let mut addresses = HashSet::new();
            for key in keys {
                let delivery = deliver(settings, world, key, context.now);
                if !delivery.to.is_empty() && addresses.insert(delivery.to.clone()) {
                    keep(world, &send, key, &delivery, &given, content.as_ref());
                }
            }
            send.dispatch
        });
    Answer::created(json!({ "dispatch_id": dispatch })).into()
}

/// `/sends/id/create`.
pub(crate) fn create_send_id(inner: &Inner, context: &Context, body: &Value) -> Effect {
    let id = body
        .get("campaign_id")
        .and_then(Value::as_str)
        .filter(|id| !id.is_empty());
    if id.is_none_or(|id| known(&context.settings.campaigns, id).is_err()) {
        return Answer::bad("Invalid Campaign ID").into();
    }
    let given = body
        .get("send_id")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let send_id = given.unwrap_or_else(|| inner.with_world(context.now, World::hex));
    Answer::created(json!({ "send_id": send_id })).into()
}
