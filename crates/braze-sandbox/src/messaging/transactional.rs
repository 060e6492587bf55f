//! `/transactional/v1/campaigns/{campaign_id}/send` (Braze contract 11.2).
//! Promises that one `external_send_id` sends once in 24 hours, and that its repetition answers as the first did.
//! Leaves what became of the mail to `postbacks`: the answer tells the first status only.

use serde_json::{Value, json};

use super::postbacks::{self, Mail};
use super::recipient::{attributes_fit, identifier, write};
use super::{Send, content, deliver, fits, joined, keep, known};
use crate::answer::Answer;
use crate::profiles::identifiers::Who;
use crate::sandbox::Inner;
use crate::transport::{Context, Effect};

/// How long an `external_send_id` is remembered, milliseconds.
const MEMORY: i64 = 24 * 3_600_000;
/// For so long a repeated id is still on its way, milliseconds.
const QUEUED: i64 = 1000;

fn is_send_id(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '/' | '='))
}

pub(crate) fn send(inner: &Inner, context: &Context, campaign_id: &str, body: &Value) -> Effect {
    match check(context, campaign_id, body) {
        Ok((who, send_id)) => accept(inner, context, campaign_id, body, &who, send_id).into(),
        Err(text) => Answer::bad(&text).into(),
    }
}

fn check<'a>(
    context: &Context,
    campaign_id: &str,
    body: &'a Value,
) -> Result<(Who, Option<&'a str>), String> {
    let settings = &context.settings;
    if let Some(campaign) =
        known(&settings.campaigns, campaign_id).map_err(|()| "Campaign does not exist")?
    {
        if !campaign.transactional {
            return Err("The campaign is not a transactional campaign. Only transactional campaigns may use this endpoint".to_owned());
        }
        match campaign.state.as_str() {
            "paused" => {
                return Err("The campaign is paused. Resume the campaign in order for trigger requests to take effect.".to_owned());
            }
            "archived" => {
                return Err("The campaign is archived. Unarchive the campaign in order for trigger requests to take effect.".to_owned());
            }
            _ => {}
        }
    }
    let send_id = match body.get("external_send_id") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if is_send_id(text) => Some(text.as_str()),
        Some(_) => return Err("'external_send_id' is not valid".to_owned()),
    };
    if !fits(body.get("trigger_properties")) {
        return Err("'trigger_properties' must be an object of at most 50 KB".to_owned());
    }
    let recipient = body
        .get("recipient")
        .filter(|recipient| recipient.is_object())
        .ok_or("'recipient' must be one object")?;
    let who = identifier(settings, recipient)?;
    if !matches!(who, Who::External(_) | Who::Alias(_)) {
        return Err("exactly one of 'external_user_id' or 'user_alias' is required".to_owned());
    }
    if let Some(map) = recipient.get("attributes").and_then(Value::as_object) {
        attributes_fit(settings, map)?;
    }
    Ok((who, send_id))
}

fn accept(
    inner: &Inner,
    context: &Context,
    campaign: &str,
    body: &Value,
    who: &Who,
    send_id: Option<&str>,
) -> Answer {
    let settings = &context.settings;
    inner.with_world(context.now, |world| {
        world
            .send_ids
            .retain(|_, (at, _)| context.now - *at < MEMORY);
        if let Some((at, first)) = send_id.and_then(|id| world.send_ids.get(id)) {
            if context.now - at < QUEUED {
                return Answer::bad(
                    "The external reference has been queued.  Please retry to obtain send_id.",
                );
            }
            return Answer::json(axum::http::StatusCode::CREATED, first);
        }
        let attributes = body
            .get("recipient")
            .and_then(|one| one.get("attributes"))
            .and_then(Value::as_object);
        let create =
            attributes.is_some_and(|map| !map.is_empty()) && matches!(who, Who::External(_));
        let send = Send {
            channel: "transactional",
            source: campaign,
            dispatch: world.hex(),
            now: context.now,
            request: context.request,
        };
        if let Some(key) = world.profiles.find_or_create(who, create, context.now) {
            if let Some(attributes) = attributes {
                write(settings, world, key, attributes, context.now);
            }
            let delivery = deliver(settings, world, key, context.now);
            let properties = joined(body.get("trigger_properties"), None);
            let content = content::of_campaign(settings, world, campaign);
            keep(world, &send, key, &delivery, &properties, content.as_ref());
            if let Some(address) = &settings.postback_url {
                let mail = Mail {
                    dispatch: &send.dispatch,
                    campaign,
                    send_id,
                    now: context.now,
                };
                postbacks::tell(address, mail.story(&delivery));
            }
        }
        let received = format!(
            "{}+00:00",
            crate::dates::iso(context.now).trim_end_matches('Z')
        );
        let mut answer = json!({"dispatch_id": send.dispatch, "status": "sent",
            "metadata": {"received_at": received, "campaign_api_id": campaign}});
        if let Some(id) = send_id {
            if let Some(metadata) = answer.get_mut("metadata").and_then(Value::as_object_mut) {
                metadata.insert("external_send_id".to_owned(), json!(id));
            }
            world
                .send_ids
                .insert(id.to_owned(), (context.now, answer.clone()));
        }
        Answer::json(axum::http::StatusCode::CREATED, &answer)
    })
}
