//! Renders Liquid as Braze does, for previews, test sends and SMTP: content blocks put in, properties filled.
//! Promises that a property is only ever a value: what stands in it is never Liquid. A missing one prints nothing.
//! Leaves the design to `design`; Braze's own variables (`${first_name}`) are not known here, the design uses none.

use std::collections::BTreeSet;

use engage::mail::{MailKind, MailProperties, all_properties};
use liquid::{Object, Parser, ParserBuilder, model::Value};
use serde_json::{Map, Value as Json};

use super::design::{Design, Piece};

/// Blocks may hold blocks, this deep.
const DEEPEST: usize = 4;

/// A mail as its recipient sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The subject line.
    pub subject: String,
    /// What inboxes show behind it.
    pub preheader: String,
    /// HTML, the preheader inside.
    pub html: String,
    /// Plain text.
    pub text: String,
}

/// Why a mail cannot be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The template is no Liquid.
    #[error("the mail's template cannot be rendered: {0}")]
    Liquid(#[from] liquid::Error),
    /// There is no such message type in the design.
    #[error("the hub has no template for `{0}`")]
    NoTemplate(MailKind),
    /// The design could not be made.
    #[error("the mail's design cannot be made: {0}")]
    Design(#[from] askama::Error),
}

/// A text with its content blocks put in. Unknown ones are left out, as are those that would never end.
pub fn inlined(text: &str, blocks: &[Piece]) -> String {
    let mut text = text.to_owned();
    for _ in 0..DEEPEST {
        if !text.contains("{{content_blocks.${") {
            break;
        }
        for block in blocks {
            text = text.replace(
                &format!("{{{{content_blocks.${{{}}}}}}}", block.name),
                &block.content,
            );
        }
    }
    text
}

impl Design {
    /// Renders a mail with the properties that Braze would get.
    pub fn render(
        &self,
        properties: &MailProperties,
        kind: MailKind,
    ) -> Result<Rendered, RenderError> {
        self.render_json(kind, &properties.to_json())
    }

    /// The same from properties as they are stored with a delivery.
    pub fn render_json(
        &self,
        kind: MailKind,
        properties: &Map<String, Json>,
    ) -> Result<Rendered, RenderError> {
        let template = self.template(kind).ok_or(RenderError::NoTemplate(kind))?;
        let parser = ParserBuilder::with_stdlib().build()?;
        let globals = globals(properties)?;
        let fill = |text: &str| one(&parser, &globals, &inlined(text, &self.blocks));
        let preheader = fill(&template.preheader)?;
        let html = fill(&template.html)?;
        Ok(Rendered {
            subject: fill(&template.subject)?,
            html: with_preheader(&html, &preheader),
            preheader: unescape(&preheader),
            text: fill(&template.text)?,
        })
    }
}

fn one(parser: &Parser, globals: &Object, text: &str) -> Result<String, liquid::Error> {
    parser.parse(&standard(text))?.render(globals)
}

/// Braze's own spelling of variables in the standard one: `api_trigger_properties.${code}` is `api_trigger_properties.code`.
fn standard(text: &str) -> String {
    let mut parts = text.split("api_trigger_properties.${");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("api_trigger_properties.");
        match part.split_once('}') {
            Some((name, rest)) => {
                out.push_str(name);
                out.push_str(rest);
            }
            None => out.push_str(part),
        }
    }
    out
}

/// Every property that any mail knows, so that a missing one is empty instead of an error, and those that were given.
fn globals(properties: &Map<String, Json>) -> Result<Object, liquid::Error> {
    let mut known = Object::new();
    let names: BTreeSet<String> = all_properties();
    for name in names {
        known.insert(name.into(), Value::Nil);
    }
    for (name, value) in properties {
        known.insert(name.clone().into(), liquid::model::to_value(value)?);
    }
    let mut globals = Object::new();
    globals.insert("api_trigger_properties".into(), Value::Object(known));
    Ok(globals)
}

/// Puts the preheader where Braze puts it: first in the body, unseen, with nothing behind it that an inbox could show.
fn with_preheader(html: &str, preheader: &str) -> String {
    if preheader.is_empty() {
        return html.to_owned();
    }
    let Some((before, after)) = html
        .find("<body")
        .and_then(|body| Some(body + html.get(body..)?.find('>')? + 1))
        .and_then(|end| html.split_at_checked(end))
    else {
        return html.to_owned();
    };
    let filling = "&#847;&zwnj;&nbsp;".repeat(60);
    format!(
        "{before}<div style=\"display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;font-size:1px;line-height:1px;color:transparent\">{preheader}{filling}</div>{after}"
    )
}

/// The preheader stands in HTML; people read it as text.
fn unescape(html: &str) -> String {
    html.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#123;", "{")
        .replace("&#125;", "}")
        .replace("&amp;", "&")
}
