//! Whether a source can fill its target at all, judged by the type of the field behind it.
//! Promises an error only where no value could ever fit; free text is a warning.
//! Leaves the values themselves to `convert`.

use super::Check;
use crate::{
    Value,
    hub::{MappedType, Operation},
    mapping::{
        convert::Standard,
        known::{Shape, fact_shape},
        source::Origin,
        transform::Recipe,
    },
};

impl Check<'_> {
    /// The shape of a value, if the hub's cards tell.
    pub(super) fn shape(&self, recipe: &Recipe) -> Option<Shape> {
        let before = match recipe.origins() {
            [origin] => self.origin_shape(origin),
            _ => Some(Shape::Text),
        };
        recipe
            .steps()
            .iter()
            .fold(before, |shape, step| step.shape(shape))
    }

    fn origin_shape(&self, origin: &Origin) -> Option<Shape> {
        let fields = || self.cards.iter().flat_map(|card| &card.fields);
        match origin {
            Origin::Field(key) => fields()
                .find(|field| field.key == *key)
                .map(|field| field.shape),
            Origin::Property(key) => fields()
                .find(|field| field.property.as_deref() == Some(key))
                .map(|field| field.shape),
            Origin::Play(key) => self
                .cards
                .iter()
                .flat_map(|card| &card.facts)
                .find(|fact| fact.key == *key)
                .map(|fact| fact_shape(fact.kind)),
            Origin::Consent(_) => Some(Shape::Permission),
            Origin::Constant(Value::Integer(_) | Value::Number(_)) => Some(Shape::Number),
            Origin::Constant(Value::Bool(_)) => Some(Shape::YesNo),
            Origin::EntryTime => Some(Shape::Date),
            Origin::Constant(_) => Some(Shape::Text),
            _ => None,
        }
    }

    /// The source that is personal data, if one is.
    pub(super) fn personal<'a>(&self, recipe: &'a Recipe) -> Option<&'a Origin> {
        recipe.origins().iter().find(|origin| {
            self.cards
                .iter()
                .flat_map(|card| &card.fields)
                .any(|field| {
                    field.pii
                        && match origin {
                            Origin::Field(key) => field.key == *key,
                            Origin::Property(key) => field.property.as_deref() == Some(key),
                            _ => false,
                        }
                })
        })
    }

    pub(super) fn type_fits(
        &mut self,
        place: &str,
        recipe: &Recipe,
        kind: Option<MappedType>,
        operation: Operation,
    ) {
        if operation == Operation::Increment && !matches!(kind, None | Some(MappedType::Number)) {
            self.error(
                &format!("{place}.type"),
                "Only a number can be increased.".to_owned(),
                "Leave `type` out.",
            );
            return;
        }
        let Some(shape) = self.shape(recipe) else {
            return;
        };
        let kind = match operation {
            Operation::Increment => Some(MappedType::Number),
            _ => kind,
        };
        let (fits, doubtful) = match kind {
            None | Some(MappedType::String | MappedType::Array) => (true, false),
            Some(MappedType::Number) => (
                matches!(shape, Shape::Number | Shape::Text),
                shape == Shape::Text,
            ),
            Some(MappedType::Boolean) => (
                matches!(shape, Shape::YesNo | Shape::Permission | Shape::Text),
                shape == Shape::Text,
            ),
            Some(MappedType::Date) => (
                matches!(shape, Shape::Date | Shape::Text),
                shape == Shape::Text,
            ),
        };
        let key = if operation == Operation::Increment {
            "operation"
        } else {
            "type"
        };
        let place = format!("{place}.{key}");
        if !fits {
            self.error(
                &place,
                "The source never holds values of this type.".to_owned(),
                format!("Leave `{key}` out, or choose one that fits the field."),
            );
        } else if doubtful {
            self.warn(
                &place,
                "The source is free text: values that are not of this type are left out."
                    .to_owned(),
                "Use a field that only accepts such values, or a transform that reads them.",
            );
        }
    }

    pub(super) fn standard_fits(
        &mut self,
        place: &str,
        to: &str,
        field: Standard,
        recipe: &Recipe,
        kind: Option<MappedType>,
        operation: Operation,
    ) {
        if kind == Some(MappedType::Array) || !operation.is_set() {
            let key = if operation.is_set() {
                "type"
            } else {
                "operation"
            };
            self.error(
                &format!("{place}.{key}"),
                format!("Braze's field \"{to}\" holds one value, not a list."),
                format!("Leave `{key}` out, or choose another name."),
            );
        }
        let Some(shape) = self.shape(recipe) else {
            return;
        };
        let (fits, doubtful) = match field {
            Standard::Text => (!matches!(shape, Shape::Permission | Shape::YesNo), false),
            Standard::Email => (
                matches!(shape, Shape::Email | Shape::Text),
                shape == Shape::Text,
            ),
            Standard::Phone => (
                matches!(shape, Shape::Phone | Shape::Text),
                shape == Shape::Text,
            ),
            Standard::BirthDate | Standard::Time => (
                matches!(shape, Shape::Date | Shape::Text),
                shape == Shape::Text,
            ),
            Standard::Country => (
                matches!(shape, Shape::Country | Shape::Text),
                shape == Shape::Text,
            ),
            Standard::Gender | Standard::Language => (shape == Shape::Text, false),
            Standard::Bool => (
                matches!(shape, Shape::YesNo | Shape::Permission | Shape::Text),
                shape == Shape::Text,
            ),
        };
        let place = format!("{place}.from");
        if !fits {
            self.error(
                &place,
                format!("The source cannot fill Braze's field \"{to}\"."),
                "Use a field of the matching type.",
            );
        } else if doubtful {
            self.warn(
                &place,
                format!("The source is free text: values that are not valid for Braze's field \"{to}\" are left out."),
                "Use a field that only accepts such values, or a transform that reads them.",
            );
        }
    }
}
