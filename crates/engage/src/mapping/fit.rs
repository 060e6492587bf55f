//! Whether a source can fill its target at all, judged by the type of the field behind it.
//! Promises an error only where no value could ever fit; free text is a warning.
//! Leaves the values themselves to `convert`.

use super::{convert::Standard, known::Shape, problems::Check, source::Origin};
use crate::hub::MappedType;
use serde_json::Value as Json;

impl Check<'_> {
    /// The shape of a source, if the hub's cards tell.
    pub(super) fn shape(&self, origin: &Origin) -> Option<Shape> {
        let fields = || self.cards.iter().flat_map(|card| &card.fields);
        match origin {
            Origin::Field(key) => fields()
                .find(|field| field.key == *key)
                .map(|field| field.shape),
            Origin::Property(key) => fields()
                .find(|field| field.property.as_deref() == Some(key))
                .map(|field| field.shape),
            Origin::Consent(_) => Some(Shape::Permission),
            Origin::Constant(Json::Number(_)) => Some(Shape::Number),
            Origin::Constant(Json::Bool(_)) => Some(Shape::YesNo),
            Origin::EntryTime => Some(Shape::Date),
            Origin::Play(_) | Origin::Constant(_) => Some(Shape::Text),
            _ => None,
        }
    }

    pub(super) fn is_pii(&self, origin: &Origin) -> bool {
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
    }

    pub(super) fn type_fits(&mut self, place: &str, origin: &Origin, kind: Option<MappedType>) {
        let Some(shape) = self.shape(origin) else {
            return;
        };
        let (fits, doubtful) = match kind {
            None | Some(MappedType::String | MappedType::StringArrayAdd) => (true, false),
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
        let place = format!("{place}.type");
        if !fits {
            self.error(
                &place,
                "The source never holds values of this type.".to_owned(),
                "Leave `type` out, or choose one that fits the field.",
            );
        } else if doubtful {
            self.warn(
                &place,
                "The source is free text: values that are not of this type are left out."
                    .to_owned(),
                "Use a field that only accepts such values.",
            );
        }
    }

    pub(super) fn standard_fits(
        &mut self,
        place: &str,
        to: &str,
        field: Standard,
        origin: &Origin,
        kind: Option<MappedType>,
    ) {
        if kind == Some(MappedType::StringArrayAdd) {
            self.error(
                &format!("{place}.type"),
                format!("Braze's field \"{to}\" holds one value, not a list."),
                "Leave `type` out, or choose another name.",
            );
        }
        let Some(shape) = self.shape(origin) else {
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
                "Use a field that only accepts such values.",
            );
        }
    }
}
