//! Profile attributes, those of questions included: names, operations, nested paths, types that clash, two ways to one target.
//! Promises that no two lines write the same thing into one object.
//! Leaves whether a source can fill its target to `fit`.

use super::{Check, Written, overlap};
use crate::{
    hub::{
        AttributeMapping, ConnectionDoc, IdentifyBy, MappedType, Operation, QuestionMapping,
        Sources,
    },
    mapping::{
        Attribute, Target,
        convert::{LONGEST_TEXT, Standard},
        known::Shape,
        planned::stable_hash,
    },
};

/// Fields of an attributes object that are not values of a profile, or that the mapping sets elsewhere.
const RESERVED: [(&str, &str); 16] = [
    (
        "external_id",
        "Set how people are identified under the connection's `user`.",
    ),
    (
        "user_alias",
        "Set how people are identified under the connection's `user`.",
    ),
    (
        "braze_id",
        "Set how people are identified under the connection's `user`.",
    ),
    (
        "_update_existing_only",
        "Use `update_existing_only` under the connection's `user`.",
    ),
    (
        "_merge_objects",
        "Write nested attributes as a path with points; they are merged.",
    ),
    ("push_token_import", "Choose another name."),
    (
        "push_tokens",
        "Choose another name; push tokens come from Braze's own SDK.",
    ),
    (
        "subscription_groups",
        "Map a consent to `group:<id>` under the connection's `consents`.",
    ),
    (
        "email_subscribe",
        "Map a consent to `email_subscribe` under the connection's `consents`.",
    ),
    (
        "push_subscribe",
        "Map a consent to `push_subscribe` under the connection's `consents`.",
    ),
    (
        "email_subscription_info",
        "Choose another name; Braze refuses this one.",
    ),
    ("bio", "Choose another name; Braze ignores this one."),
    (
        "current_location",
        "Choose another name; locations cannot be mapped.",
    ),
    (
        "facebook",
        "Choose another name; Braze expects an object of the social network there.",
    ),
    (
        "twitter",
        "Choose another name; Braze expects an object of the social network there.",
    ),
    ("app_id", "Choose another name."),
];

/// What an attribute is at Braze, as far as the mapping tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stored {
    Text,
    Number,
    Boolean,
    Date,
    Array,
}

impl Stored {
    const fn words(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Date => "a date",
            Self::Array => "a list",
        }
    }
}

/// An attribute with what the comparison with others needs.
struct Read {
    place: String,
    attribute: Attribute,
    stored: Option<Stored>,
}

impl Check<'_> {
    pub(super) fn attributes(&mut self, doc: &ConnectionDoc) -> Vec<Attribute> {
        let mut read: Vec<Read> = Vec::new();
        for (number, attribute) in doc.attributes.iter().enumerate() {
            let place = format!("attributes[{number}]");
            self.card_list(&place, attribute.cards.as_deref());
            let found = self.attribute(doc, &place, &format!("{place}.to"), attribute);
            read.extend(found);
        }
        for (number, question) in doc.questions.iter().enumerate() {
            let place = format!("questions[{number}]");
            let Some(attribute) = of_question(question) else {
                continue;
            };
            let found = self.attribute(doc, &place, &format!("{place}.attribute"), &attribute);
            read.extend(found);
        }
        self.together(&read);
        read.into_iter().map(|it| it.attribute).collect()
    }

    fn attribute(
        &mut self,
        doc: &ConnectionDoc,
        place: &str,
        to_place: &str,
        attribute: &AttributeMapping,
    ) -> Option<Read> {
        let to = attribute.to.as_str();
        let cards = attribute.cards.as_deref();
        let written = Written {
            place,
            from: attribute.from.all(),
            value: attribute.value.as_ref(),
            transforms: &attribute.transforms,
            cards,
        };
        let as_list = attribute.value_type == Some(MappedType::Array)
            || matches!(attribute.operation, Operation::Add | Operation::Remove);
        let recipe = self.recipe(written, as_list)?;
        if let Some((_, remedy)) = RESERVED.iter().find(|(name, _)| *name == to) {
            self.error(
                to_place,
                format!("\"{to}\" is not a profile field that can be mapped."),
                *remedy,
            );
            return None;
        }
        if !self.beside_identifier(doc, to_place, attribute) {
            return None;
        }
        let kind = attribute.value_type;
        let mut stored = None;
        let (name, path, target) = if let Some(field) = Standard::of(to) {
            self.standard_fits(place, to, field, &recipe, kind, attribute.operation);
            (to.to_owned(), Vec::new(), Target::Standard(field))
        } else {
            let (name, path) = self.custom_name(to_place, to, attribute.operation);
            self.type_fits(place, &recipe, kind, attribute.operation);
            stored = self.stored(&recipe, kind, attribute.operation);
            (name, path, Target::Custom(kind))
        };
        let attribute = Attribute {
            from: recipe,
            to: to.to_owned(),
            hash: stable_hash(name.as_bytes()),
            name,
            path,
            target,
            operation: attribute.operation,
            cards: attribute.cards.clone(),
        };
        Some(Read {
            place: to_place.to_owned(),
            attribute,
            stored,
        })
    }

    /// Whether the attribute can stand beside the identifier that the author wants first.
    fn beside_identifier(
        &mut self,
        doc: &ConnectionDoc,
        to_place: &str,
        attribute: &AttributeMapping,
    ) -> bool {
        let to = attribute.to.as_str();
        match (doc.user.by, to) {
            (IdentifyBy::Phone, "email") => {
                self.error(
                    to_place,
                    "With an e-mail address in it, Braze would look the person up by that instead of the phone number.".to_owned(),
                    "Identify people by alias or external ID, or leave the e-mail address out.",
                );
                false
            }
            (IdentifyBy::Email, "email") | (IdentifyBy::Phone, "phone") => {
                if attribute.from.only() != Some(&doc.user.from) {
                    self.error(
                        to_place,
                        format!("People are identified by \"{to}\", so it cannot be set to something else."),
                        "Remove this line, or identify people by alias or external ID.",
                    );
                    return false;
                }
                // With the identifier in every object already there is nothing to add; with others to fall back on there is.
                !doc.user.otherwise.is_empty()
            }
            _ => true,
        }
    }

    /// The profile's own name and the path below it.
    fn custom_name(
        &mut self,
        place: &str,
        to: &str,
        operation: Operation,
    ) -> (String, Vec<String>) {
        let mut parts = to.split('.').map(str::to_owned);
        let name = parts.next().unwrap_or_default();
        let path: Vec<String> = parts.collect();
        self.name(place, "attribute", &name);
        for key in &path {
            let bad = key.is_empty()
                || key.chars().count() > LONGEST_TEXT
                || key.contains(|c: char| c == '$' || c.is_whitespace());
            if bad {
                self.error(
                    place,
                    format!("\"{key}\" cannot be a key of a nested attribute."),
                    "Use 1 to 255 characters without spaces and $ between the points.",
                );
            }
        }
        if !path.is_empty() && !operation.is_set() {
            self.error(
                place,
                "Inside a nested attribute values can only be set.".to_owned(),
                "Remove `operation`, or choose a name without a point.",
            );
        }
        let lower = to.to_lowercase();
        if let Some((standard, _)) = Standard::TABLE
            .iter()
            .find(|(name, _)| *name == lower && *name != to)
        {
            self.warn(
                place,
                format!(
                    "\"{to}\" becomes a custom attribute; Braze's own field is \"{standard}\"."
                ),
                format!("Write `{standard}` if you mean Braze's field."),
            );
        }
        (name, path)
    }

    fn stored(
        &self,
        recipe: &crate::mapping::Recipe,
        kind: Option<MappedType>,
        operation: Operation,
    ) -> Option<Stored> {
        match operation {
            Operation::Add | Operation::Remove => return Some(Stored::Array),
            Operation::Increment => return Some(Stored::Number),
            Operation::Set => {}
        }
        match kind {
            Some(MappedType::String) => Some(Stored::Text),
            Some(MappedType::Number) => Some(Stored::Number),
            Some(MappedType::Boolean) => Some(Stored::Boolean),
            Some(MappedType::Date) => Some(Stored::Date),
            Some(MappedType::Array) => Some(Stored::Array),
            None if recipe.makes_list() => Some(Stored::Array),
            None => match self.shape(recipe)? {
                Shape::Number => Some(Stored::Number),
                Shape::YesNo | Shape::Permission => Some(Stored::Boolean),
                Shape::Date => Some(Stored::Date),
                Shape::Text | Shape::Email | Shape::Phone | Shape::Country => Some(Stored::Text),
            },
        }
    }

    /// The same target from two sources, or with two types; a name that is a value here and a nested attribute there.
    fn together(&mut self, read: &[Read]) {
        for (number, one) in read.iter().enumerate() {
            let (this, before) = (&one.attribute, read.iter().take(number));
            for earlier in before {
                let other = &earlier.attribute;
                if this.name != other.name {
                    continue;
                }
                let same = this.path == other.path;
                let inside =
                    this.path.starts_with(&other.path) || other.path.starts_with(&this.path);
                if !inside {
                    continue;
                }
                let changes =
                    |it: &Attribute| matches!(it.operation, Operation::Add | Operation::Remove);
                let collected = same && changes(this) && changes(other);
                if !same {
                    self.error(
                        &one.place,
                        format!(
                            "\"{}\" and \"{}\" are one inside the other.",
                            other.to, this.to
                        ),
                        "Choose another name for one of them.",
                    );
                } else if overlap(this.cards.as_deref(), other.cards.as_deref()) && !collected {
                    self.error(
                        &one.place,
                        format!(
                            "\"{}\" gets its value from two sources for the same card.",
                            this.to
                        ),
                        "Remove one of them, or limit them to different cards.",
                    );
                } else if let (Some(here), Some(there)) = (one.stored, earlier.stored)
                    && here != there
                {
                    self.error(
                        &one.place,
                        format!(
                            "\"{}\" becomes {} here and {} elsewhere.",
                            this.to,
                            here.words(),
                            there.words()
                        ),
                        "Use one type: Braze's filters work with the first one it sees. Set `type`, or choose another name.",
                    );
                } else {
                    continue;
                }
                break;
            }
        }
    }
}

/// The attribute that a question fills.
fn of_question(question: &QuestionMapping) -> Option<AttributeMapping> {
    Some(AttributeMapping {
        from: Sources::One(question.from.clone()),
        value: None,
        transforms: question.transforms.clone(),
        to: question.attribute.clone()?,
        value_type: None,
        // Others are pointed out with the question.
        operation: match question.operation {
            Operation::Add => Operation::Add,
            _ => Operation::Set,
        },
        cards: question.cards.clone(),
    })
}
