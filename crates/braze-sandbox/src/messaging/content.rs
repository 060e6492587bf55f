//! What a message says: the template of a campaign, or the content of the request, rendered as Braze renders Liquid.
//! Promises that a message which cannot be rendered is kept with the reason. Leaves to others: who gets it, and looking at it.
//! Known of Liquid: the standard, and of Braze's own words content blocks, trigger properties, context, profile fields and
//! custom attributes. Connected Content, catalogs and the like are not.

use liquid::{Object, ParserBuilder, model::Value as Liquid};
use serde_json::{Map, Value, json};

use crate::profiles::Key;
use crate::settings::Settings;
use crate::world::World;

/// Blocks may hold blocks, this deep.
const DEEPEST: usize = 5;

/// The parts of a message before it is rendered.
pub(super) struct Content {
    subject: String,
    preheader: String,
    body: String,
    plain: String,
}

fn text(map: &Map<String, Value>, key: &str) -> String {
    map.get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// What a campaign says: Braze has no endpoint that tells, so the sandbox is told which template a campaign was made from.
pub(super) fn of_campaign(settings: &Settings, world: &World, campaign: &str) -> Option<Content> {
    let wanted = settings.campaign_templates.get(campaign)?;
    of_template(world, wanted)
}

/// A template by its id or by its name.
fn of_template(world: &World, wanted: &str) -> Option<Content> {
    let template = world.templates.iter().rev().find(|it| {
        it.id == wanted || it.fields.get("template_name").and_then(Value::as_str) == Some(wanted)
    })?;
    let fields = &template.fields;
    Some(Content {
        subject: text(fields, "subject"),
        preheader: text(fields, "preheader"),
        body: text(fields, "body"),
        plain: text(fields, "plaintext_body"),
    })
}

/// The content of `/messages/send`; what stands in the request comes before what stands in the template.
pub(super) fn of_request(world: &World, email: &Map<String, Value>) -> Option<Content> {
    let mut content = of_template(world, &text(email, "email_template_id")).unwrap_or(Content {
        subject: String::new(),
        preheader: String::new(),
        body: String::new(),
        plain: String::new(),
    });
    for (key, part) in [
        ("subject", &mut content.subject),
        ("preheader", &mut content.preheader),
        ("body", &mut content.body),
        ("plaintext_body", &mut content.plain),
    ] {
        let own = text(email, key);
        if !own.is_empty() {
            *part = own;
        }
    }
    (!content.body.is_empty()).then_some(content)
}

/// The message for one profile, as fields to keep with it.
pub(super) fn render(
    world: &World,
    key: Key,
    content: &Content,
    properties: &Map<String, Value>,
) -> Map<String, Value> {
    let made = (|| -> Result<Value, liquid::Error> {
        let fill = |part: &str| fill(world, key, part, properties);
        let preheader = fill(&content.preheader)?;
        let body = fill(&content.body)?;
        Ok(json!({
            "subject": fill(&content.subject)?,
            "preheader": preheader,
            "html": with_preheader(&body, &preheader),
            "text": fill(&content.plain)?,
        }))
    })();
    match made {
        Ok(Value::Object(map)) => map,
        Ok(_) => Map::new(),
        Err(error) => {
            let mut map = Map::new();
            let said = format!("the message could not be rendered: {error}");
            map.insert("reason".to_owned(), json!(said));
            map
        }
    }
}

fn fill(
    world: &World,
    key: Key,
    part: &str,
    properties: &Map<String, Value>,
) -> Result<String, liquid::Error> {
    let mut globals = Object::new();
    for group in [
        "api_trigger_properties",
        "context",
        "canvas_entry_properties",
    ] {
        globals.insert(group.into(), object(properties)?);
    }
    let (mut fields, mut custom) = (Map::new(), Map::new());
    if let Some(profile) = world.profiles.get(key) {
        fields.extend(
            profile
                .fields
                .iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        custom.extend(
            profile
                .custom_attributes
                .iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
    }
    globals.insert("custom_attribute".into(), object(&custom)?);
    globals.insert("profile".into(), object(&fields)?);
    let source = standard(&with_blocks(world, part), &mut globals);
    ParserBuilder::with_stdlib()
        .build()?
        .parse(&source)?
        .render(&globals)
}

fn object(map: &Map<String, Value>) -> Result<Liquid, liquid::Error> {
    liquid::model::to_value(map)
}

/// Puts content blocks in; a block that is not there leaves nothing.
fn with_blocks(world: &World, part: &str) -> String {
    const MARK: &str = "{{content_blocks.${";
    let mut text = part.to_owned();
    for _ in 0..DEEPEST {
        let mut pieces = text.split(MARK);
        let mut out = pieces.next().unwrap_or_default().to_owned();
        let mut found = false;
        for piece in pieces {
            found = true;
            let Some((name, rest)) = piece.split_once('}') else {
                out.push_str(piece);
                continue;
            };
            let block = world.blocks.iter().find(|block| {
                block.fields.get("name").and_then(Value::as_str) == Some(name.trim())
            });
            if let Some(block) = block {
                out.push_str(&self::text(&block.fields, "content"));
            }
            out.push_str(rest.trim_start().strip_prefix("}}").unwrap_or(rest));
        }
        text = out;
        if !found {
            break;
        }
    }
    text
}

/// Braze writes `group.${name}` and `${name}`; standard Liquid writes `group["name"]`. A name without a value is nil, not an error.
fn standard(text: &str, globals: &mut Object) -> String {
    let mut pieces = text.split("${");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let Some((name, rest)) = piece.split_once('}') else {
            out.push_str("${");
            out.push_str(piece);
            continue;
        };
        if out.ends_with('.') {
            out.pop();
        } else {
            out.push_str("profile");
        }
        let group: String = out
            .chars()
            .rev()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect();
        let group: String = group.chars().rev().collect();
        let name = name.trim();
        let known = globals
            .entry(group)
            .or_insert_with(|| Liquid::Object(Object::new()));
        if let Liquid::Object(known) = known {
            known.entry(name.to_owned()).or_insert(Liquid::Nil);
        }
        out.extend(["[\"", &name.replace('"', ""), "\"]"]);
        out.push_str(rest);
    }
    out
}

/// Inboxes show the preheader behind the subject; in the mail it is not seen.
fn with_preheader(body: &str, preheader: &str) -> String {
    let end = body
        .find("<body")
        .and_then(|at| Some(at + body.get(at..)?.find('>')? + 1));
    match end.and_then(|end| body.split_at_checked(end)) {
        Some((before, after)) if !preheader.is_empty() => {
            format!("{before}<div style=\"display:none\">{preheader}</div>{after}")
        }
        _ => body.to_owned(),
    }
}
