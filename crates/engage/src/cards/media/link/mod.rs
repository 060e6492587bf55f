//! One way to somewhere else.
//! Promises that people see where it leads before they follow it.
//! Leaves what is there to its owner.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    super::{Control, ControlKind, FaceContext, Kind},
    address::Address,
    checks::Checks,
    content::{self, Content, control, looked_at},
};
use crate::{hub::CardDoc, text::LocalText};

pub(super) const KIND: Kind = looked_at!(LinkSetup, "link-title", "");

/// The setup of a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkSetup {
    /// Where it leads, `https://...`.
    pub address: String,
    /// What the button says; the product has words of its own.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub label: LocalText,
    /// What awaits people there.
    #[serde(default, skip_serializing_if = "LocalText::is_empty")]
    pub text: LocalText,
}

fn sample() -> CardDoc {
    let setup = LinkSetup {
        address: "https://www.example.com/menu".to_owned(),
        label: "See today’s menu".into(),
        text: "Twelve flavours, four of them new since this morning.".into(),
    };
    content::card(
        "menu",
        "What is in the case today",
        "Our parlour has its own page.",
        &setup,
    )
}

#[derive(Template)]
#[template(path = "cards/media/link/face.html")]
struct Face<'a> {
    context: &'a FaceContext<'a>,
    text: &'a str,
    address: Option<&'a str>,
    host: &'a str,
    label: String,
}

impl Content for LinkSetup {
    const NAME: &'static str = "link";

    fn check(&self, checks: &mut Checks<'_>) {
        checks.address("address", &self.address);
        checks.translated("label", &self.label);
        checks.translated("text", &self.text);
    }

    fn controls() -> Vec<Control> {
        vec![
            control(
                "address",
                "link-control-address",
                ControlKind::Address,
                true,
            ),
            control("label", "link-control-label", ControlKind::LocalText, false),
            control("text", "link-control-text", ControlKind::LocalText, false),
        ]
    }

    fn look(&self, context: &FaceContext<'_>) -> Result<String, askama::Error> {
        let read = Address::read(&self.address);
        let own = context.local(&self.label);
        Face {
            context,
            text: context.local(&self.text),
            address: read.map(|_| self.address.as_str()),
            host: read.map_or("", |address| address.spoken_host()),
            label: if own.is_empty() {
                context.say("link-go")
            } else {
                own.to_owned()
            },
        }
        .render()
    }
}
