//! What a form still asks of somebody who has answered before: progressive profiling.
//! Promises: permissions are asked every time; a known answer counts only as far as the field would accept it today.
//! Leaves to others: telling browsers apart and keeping what they told (`store::visitors`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::{
    Value,
    fields::{Asked, FieldDoc, FieldKind},
    form::RawValue,
    hub::CardForm,
};

/// What a form does with answers about the person that the same browser has given before. Only what was typed there counts, not
/// what is known of the contact from elsewhere: whoever names somebody else's address learns nothing about them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// Asks for them like for all others; nothing is remembered.
    #[default]
    Ask,
    /// Fills them in, to be changed or sent as they are.
    Prefill,
    /// Does not ask again: profiles grow step by step, and forms stay short.
    Skip,
}

impl Known {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the signature that serde calls"
    )]
    pub(crate) fn is_ask(&self) -> bool {
        *self == Self::Ask
    }
}

/// Answers about a person by contact property, as one browser has given them.
pub type Told = Map<String, Json>;

/// What becomes of a field for one person.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// It is asked.
    Asked,
    /// It is not asked: this is the answer.
    Known(Value),
    /// It is asked another time.
    Later,
}

impl CardForm {
    /// What becomes of each field, in the author's order.
    pub fn places<'a>(
        &'a self,
        told: &Told,
        asked: &Asked<'_>,
    ) -> impl Iterator<Item = (&'a FieldDoc, Place)> {
        let mut left = self.ask_at_most.map_or(usize::MAX, usize::from);
        self.fields.iter().map(move |field| {
            // Whoever is new is asked everything, or nobody would know whose answers these are.
            if self.known != Known::Skip || told.is_empty() || !about_the_person(field) {
                return (field, Place::Asked);
            }
            if let Some(answer) = known(field, told, asked) {
                return (field, Place::Known(answer));
            }
            // Who this is can't wait: the entry would be a stranger's.
            if left == 0 && !matches!(field.property(), Some("email" | "phone")) {
                return (field, Place::Later);
            }
            left = left.saturating_sub(1);
            (field, Place::Asked)
        })
    }

    /// What the inputs of a form begin with that fills known answers in: text by key of the field.
    pub fn prefilled(&self, told: &Told, asked: &Asked<'_>) -> Vec<(String, String)> {
        if self.known == Known::Ask {
            return Vec::new();
        }
        let fields = self.fields.iter().filter(|field| about_the_person(field));
        fields
            .filter_map(|field| Some((field.key.clone(), known(field, told, asked)?.to_text())))
            .collect()
    }
}

/// Whether a field grows the profile. Permissions are a choice to be made each time, and a hidden field asks nobody.
fn about_the_person(field: &FieldDoc) -> bool {
    field.property().is_some()
        && !field.is_permission()
        && !matches!(field.kind, FieldKind::Hidden(_))
}

fn known(field: &FieldDoc, told: &Told, asked: &Asked<'_>) -> Option<Value> {
    let before = told.get(field.property()?)?.clone();
    field.parse(&RawValue::from(before), asked).ok().flatten()
}
