//! E-mail templates and content blocks (Braze contract 12).
//! Promises the documented texts for what is refused, and that a template names only blocks that exist.
//! Leaves rendering alone: nothing is ever sent.

use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::dates;
use crate::query::Query;
use crate::sandbox::Inner;
use crate::transport::{Context, Effect};
use crate::world::World;

/// A stored template or block: its answer fields, and milliseconds of creation and last change.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Piece {
    pub(crate) id: String,
    pub(crate) fields: Map<String, Value>,
    pub(crate) created: i64,
    pub(crate) updated: i64,
}

impl Piece {
    fn text(&self, key: &str) -> &str {
        self.fields
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

const KB: usize = 1024;

fn tags(body: &Value) -> Result<(), &'static str> {
    match body.get("tags") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Array(tags)) if tags.iter().all(Value::is_string) => Ok(()),
        Some(Value::Array(_)) => Err("All tags must be strings"),
        Some(_) => Err("Tags must be an array"),
    }
}

/// The names inside `{{content_blocks.${name}}}`.
fn blocks_in(text: &str) -> Vec<&str> {
    text.split("content_blocks.${")
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
        .map(str::trim)
        .collect()
}

fn all_blocks_exist(world: &World, text: &str) -> bool {
    blocks_in(text)
        .iter()
        .all(|name| world.blocks.iter().any(|block| block.text("name") == *name))
}

/// Braces of Liquid that do not pair up.
fn malformed(text: &str) -> bool {
    text.matches("{{").count() != text.matches("}}").count()
        || text.matches("{%").count() != text.matches("%}").count()
}

const TEMPLATE_FIELDS: &[&str] = &[
    "template_name",
    "subject",
    "body",
    "plaintext_body",
    "preheader",
    "tags",
    "should_inline_css",
];

fn check_template(world: &World, body: &Value, new: bool) -> Result<(), &'static str> {
    let text = |key: &str| {
        body.get(key)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    for (key, error) in [
        ("template_name", "Template name is required"),
        ("subject", "Subject is required"),
        ("body", "Body is required"),
    ] {
        if text(key).is_none() && (new || body.get(key).is_some()) {
            return Err(error);
        }
    }
    tags(body)?;
    if body
        .get("should_inline_css")
        .is_some_and(|value| !value.is_boolean())
    {
        return Err("Invalid value for `should_inline_css`. One of `true` or `false` was expected");
    }
    for key in ["body", "subject", "plaintext_body", "preheader"] {
        if !all_blocks_exist(world, text(key).unwrap_or_default()) {
            return Err("Email must have valid Content Block names");
        }
    }
    Ok(())
}

pub(crate) fn write_template(inner: &Inner, context: &Context, body: &Value, new: bool) -> Effect {
    let result = inner.with_world(context.now, |world| {
        check_template(world, body, new)?;
        let fields = TEMPLATE_FIELDS
            .iter()
            .filter_map(|key| Some(((*key).to_owned(), body.get(*key)?.clone())));
        if new {
            let id = world.uuid();
            let piece = Piece {
                id: id.clone(),
                fields: fields.collect(),
                created: context.now,
                updated: context.now,
            };
            world.templates.push(piece);
            return Ok(id);
        }
        let id = body
            .get("email_template_id")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let piece = world
            .templates
            .iter_mut()
            .find(|piece| piece.id == id)
            .ok_or("Email template ID is invalid")?;
        piece.fields.extend(fields);
        piece.updated = context.now;
        Ok(id.to_owned())
    });
    match result {
        Ok(id) => Answer::created(json!({ "email_template_id": id })).into(),
        Err(text) => Answer::bad(text).into(),
    }
}

fn check_block(world: &World, body: &Value, old: Option<&Piece>) -> Result<(), &'static str> {
    let given = |key: &str| body.get(key).filter(|value| !value.is_null());
    match given("name").map(Value::as_str) {
        None if old.is_none() => return Err("Content Block name cannot be blank"),
        None => {}
        Some(None | Some("")) => return Err("Content Block name cannot be blank"),
        Some(Some(name)) if name.chars().count() >= 100 => {
            return Err("Content Block name must be shorter than 100 characters");
        }
        Some(Some(name))
            if !name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) =>
        {
            return Err("Content Block name can only contain alphanumeric characters");
        }
        Some(Some(name)) => {
            if old.is_some_and(|old| old.text("state") == "active" && old.text("name") != name) {
                return Err("Content Block name cannot be updated for active Content Blocks");
            }
            let own = old.map_or("", |old| old.id.as_str());
            if world
                .blocks
                .iter()
                .any(|block| block.text("name") == name && block.id != own)
            {
                return Err("Content Block with this name already exists");
            }
        }
    }
    match given("content") {
        None if old.is_none() => return Err("Content cannot be blank"),
        None => {}
        Some(Value::String(text)) if text.is_empty() => return Err("Content cannot be blank"),
        Some(Value::String(text)) if text.len() >= 50 * KB => {
            return Err("Content must be smaller than 50kb");
        }
        Some(Value::String(text)) if malformed(text) => {
            return Err("Content contains malformed liquid");
        }
        Some(Value::String(text)) => {
            let own = given("name")
                .and_then(Value::as_str)
                .unwrap_or_else(|| old.map_or("", |old| old.text("name")));
            if blocks_in(text).contains(&own) {
                return Err("Content Block cannot be referenced within itself");
            }
        }
        Some(_) => return Err("Content must be a string"),
    }
    match given("description") {
        Some(Value::String(text)) if text.is_empty() => {
            return Err("Content Block description cannot be blank");
        }
        Some(Value::String(text)) if text.chars().count() >= 250 => {
            return Err("Content Block description must be shorter than 250 characters");
        }
        None | Some(Value::String(_)) => {}
        Some(_) => return Err("Content Block description must be a string"),
    }
    match given("state").map(|state| state.as_str().unwrap_or_default()) {
        Some("draft") if old.is_some_and(|old| old.text("state") == "active") => {
            return Err(
                "Active Content Block can not be updated to Draft. Create a new Content Block.",
            );
        }
        None | Some("active" | "draft") => {}
        Some(_) => return Err("Content Block state must be either active or draft"),
    }
    tags(body)
}

fn liquid(name: &str) -> String {
    format!("{{{{content_blocks.${{{name}}}}}}}")
}

pub(crate) fn write_block(inner: &Inner, context: &Context, body: &Value, new: bool) -> Effect {
    let result = inner.with_world(context.now, |world| {
        let id = if new { None } else { Some(body.get("content_block_id").and_then(Value::as_str).unwrap_or_default()) };
        let old = match id {
            None => None,
            Some("") => return Err("Content Block ID cannot be blank"),
            Some(id) => {
                let found = world.blocks.iter().find(|block| block.id == id).cloned();
                Some(found.ok_or("Content Block ID is invalid for this workspace")?)
            }
        };
        check_block(world, body, old.as_ref())?;
        let mut piece = old.unwrap_or_else(|| Piece {
            id: world.uuid(),
            fields: json!({"state": "active", "description": "", "tags": []}).as_object().cloned().unwrap_or_default(),
            created: context.now,
            updated: context.now,
        });
        for key in ["name", "content", "description", "state", "tags"] {
            if let Some(value) = body.get(key).filter(|value| !value.is_null()) {
                piece.fields.insert(key.to_owned(), value.clone());
            }
        }
        piece.updated = context.now;
        let answer = json!({"content_block_id": piece.id, "liquid_tag": liquid(piece.text("name")), "created_at": dates::iso(piece.created)});
        match world.blocks.iter_mut().find(|block| block.id == piece.id) {
            Some(slot) => *slot = piece,
            None => world.blocks.push(piece),
        }
        Ok(answer)
    });
    match result {
        Ok(answer) => Answer::created(answer).into(),
        Err(text) => Answer::bad(text).into(),
    }
}

/// How often a block is named in templates and other blocks.
fn inclusions(world: &World, name: &str) -> Vec<Value> {
    let of = |pieces: &[Piece], kind: &str, key: &str| {
        pieces
            .iter()
            .filter(|piece| {
                piece
                    .fields
                    .values()
                    .filter_map(Value::as_str)
                    .any(|text| blocks_in(text).contains(&name))
            })
            .map(|piece| json!({"type": kind, "id": piece.id, "name": piece.text(key)}))
            .collect::<Vec<_>>()
    };
    [
        of(&world.templates, "email_template", "template_name"),
        of(&world.blocks, "content_block", "name"),
    ]
    .concat()
}

pub(crate) fn info(inner: &Inner, context: &Context, query: &Query, block: bool) -> Effect {
    let id = query
        .one(if block {
            "content_block_id"
        } else {
            "email_template_id"
        })
        .unwrap_or_default();
    if block && id.is_empty() {
        return Answer::bad("Content Block ID cannot be blank").into();
    }
    let found = inner.with_world(context.now, |world| {
        let pieces = if block { &world.blocks } else { &world.templates };
        let piece = pieces.iter().find(|piece| piece.id == id)?;
        let (created, updated) = (dates::iso(piece.created), dates::iso(piece.updated));
        if block {
            let uses = inclusions(world, piece.text("name"));
            let kind = if piece.text("content").contains('<') { "html" } else { "text" };
            let mut answer = json!({"content_block_id": piece.id, "name": piece.text("name"), "content": piece.text("content"),
                "description": piece.text("description"), "content_type": kind, "tags": piece.fields.get("tags"),
                "created_at": created, "last_edited": updated, "inclusion_count": uses.len()});
            if let Some(map) = answer.as_object_mut().filter(|_| query.one("include_inclusion_data") == Some("true")) {
                map.insert("inclusion_data".to_owned(), Value::Array(uses));
            }
            return Some(answer);
        }
        let text = |key: &str| piece.text(key);
        Some(json!({"email_template_id": piece.id, "template_name": text("template_name"), "description": "",
            "subject": text("subject"), "preheader": text("preheader"), "body": text("body"),
            "plaintext_body": text("plaintext_body"),
            "should_inline_css": piece.fields.get("should_inline_css").cloned().unwrap_or(json!(false)),
            "tags": piece.fields.get("tags").cloned().unwrap_or(json!([])), "created_at": created, "updated_at": updated}))
    });
    let unknown = if block {
        "Content Block ID is invalid for this workspace"
    } else {
        "Email template ID is invalid"
    };
    found
        .map_or_else(|| Answer::bad(unknown), Answer::found)
        .into()
}

fn moment(query: &Query, name: &str, error: &'static str) -> Result<Option<i64>, &'static str> {
    query
        .one(name)
        .map(|text| dates::parse(text).map(|moment| moment.millis).ok_or(error))
        .transpose()
}

/// The window, limit and offset of a list.
fn bounds(query: &Query) -> Result<(i64, i64, usize, usize), &'static str> {
    let after =
        moment(query, "modified_after", "Modified after time is invalid")?.unwrap_or(i64::MIN);
    let before =
        moment(query, "modified_before", "Modified before time is invalid")?.unwrap_or(i64::MAX);
    if after > before {
        return Err(
            "Modified after time must be earlier than or the same as modified before time.",
        );
    }
    let limit = match query.one("limit").map(str::parse::<i64>) {
        None => 100,
        Some(Err(_)) => return Err("Content Block number limit is invalid"),
        Some(Ok(limit)) if limit < 1 => {
            return Err("Content Block number limit must be greater than 0");
        }
        Some(Ok(limit)) if limit > 1000 => {
            return Err("Content Block number limit exceeds maximum of 1000");
        }
        Some(Ok(limit)) => usize::try_from(limit).unwrap_or(1000),
    };
    let offset = match query.one("offset").map(str::parse::<i64>) {
        None => 0,
        Some(Err(_)) => return Err("Offset is invalid"),
        Some(Ok(offset)) => usize::try_from(offset).map_err(|_| "Offset must be greater than 0")?,
    };
    Ok((after, before, limit, offset))
}

pub(crate) fn list(inner: &Inner, context: &Context, query: &Query, block: bool) -> Effect {
    let (after, before, limit, offset) = match bounds(query) {
        Ok(bounds) => bounds,
        Err(text) => return Answer::bad(text).into(),
    };
    let list: Vec<Value> = inner.with_world(context.now, |world| {
        let pieces = if block { &world.blocks } else { &world.templates };
        let pieces = pieces.iter().filter(|piece| (after..=before).contains(&piece.updated)).skip(offset).take(limit);
        pieces
            .map(|piece| {
                let (created, updated) = (dates::iso(piece.created), dates::iso(piece.updated));
                let tags = piece.fields.get("tags").cloned().unwrap_or(json!([]));
                if block {
                    let name = piece.text("name");
                    let kind = if piece.text("content").contains('<') { "html" } else { "text" };
                    json!({"content_block_id": piece.id, "name": name, "content_type": kind, "liquid_tag": liquid(name),
                        "inclusion_count": inclusions(world, name).len(), "created_at": created, "last_edited": updated,
                        "tags": tags})
                } else {
                    json!({"email_template_id": piece.id, "template_name": piece.text("template_name"),
                        "created_at": created, "updated_at": updated, "tags": tags})
                }
            })
            .collect()
    });
    let name = if block { "content_blocks" } else { "templates" };
    Answer::found(json!({"count": list.len(), name: list})).into()
}
