//! A card that is nothing but its form.
//! Promises that it can't be played: the form is all there is.
//! Leaves drawing the form to the web crate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{
    Card, Control, FactDef, FactValues, Kind, Move, Outcome, PlayContext, Refusal, SetupProblem,
    Shell,
    kind::{read, write},
};
use crate::{
    fields::FieldDoc,
    hub::{CardDoc, CardForm},
    text::Locale,
};

pub(super) const KINDS: &[Kind] = &[Kind {
    name: "form-only",
    engine: "form_only",
    title: "form-only-title",
    setup_version: 1,
    open: |setup, _| read::<FormOnly>(setup).map(|card| Box::new(card) as Box<dyn Card>),
    upgrade: |_, setup| setup,
    sample,
    example: &[],
    schema: || schemars::schema_for!(FormOnly).to_value(),
    island: "",
    style: include_str!("style.css"),
    texts: &[
        ("en", include_str!("texts.en.ftl")),
        ("de", include_str!("texts.de.ftl")),
        ("fr", include_str!("texts.fr.ftl")),
        ("es", include_str!("texts.es.ftl")),
        ("ja", include_str!("texts.ja.ftl")),
    ],
}];

/// The setup: empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FormOnly {}

fn sample() -> CardDoc {
    let email: Option<FieldDoc> = serde_json::from_value(
        serde_json::json!({ "key": "email", "type": "email", "label": "E-mail", "required": true }),
    )
    .ok();
    CardDoc {
        form: Some(CardForm {
            fields: email.into_iter().collect(),
            ..CardForm::default()
        }),
        ..CardDoc::new("form", "form-only", "Stay in touch")
    }
}

impl Card for FormOnly {
    fn kind(&self) -> &'static str {
        "form-only"
    }

    fn problems(&self, _: &Shell<'_>) -> Vec<SetupProblem> {
        Vec::new()
    }

    fn controls(&self) -> Vec<Control> {
        Vec::new()
    }

    fn setup(&self) -> Map<String, Json> {
        write(self)
    }

    fn playable(&self) -> bool {
        false
    }

    fn play(&self, _: &Json, _: &Move, _: &PlayContext<'_>) -> Result<Outcome, Refusal> {
        Err(Refusal::not_played())
    }

    fn facts(&self) -> Vec<FactDef> {
        Vec::new()
    }

    fn summary(&self, _: &FactValues, _: &Locale) -> String {
        String::new()
    }
}
