//! Custom events with their properties, questions that go into them, and purchases.
//! Promises no event or purchase that Braze refuses for its names.
//! Leaves when they happen to `plan`.

use super::{Check, Written, overlap};
use crate::{
    Value,
    hub::{
        ConnectionDoc, EventMapping, EventTrigger, MappedType, Operation, PropertyMapping,
        PurchaseMapping, QuestionMapping, Source,
    },
    mapping::{
        CustomEvent, Property, Purchase,
        number::Decimal,
        plan::{MOST_PROPERTIES, currency},
        source::Origin,
        transform::{Recipe, Step},
    },
};

impl Check<'_> {
    pub(super) fn events(&mut self, doc: &ConnectionDoc) -> Vec<CustomEvent> {
        let mut events: Vec<CustomEvent> = Vec::new();
        for (number, event) in doc.events.iter().enumerate() {
            events.push(self.event(number, event));
        }
        let authored = events.len();
        for (number, question) in doc.questions.iter().enumerate() {
            self.question(number, question, &mut events, authored);
        }
        events
    }

    fn event(&mut self, number: usize, event: &EventMapping) -> CustomEvent {
        let place = format!("events[{number}]");
        self.card_list(&place, event.cards.as_deref());
        self.event_name(&format!("{place}.name"), &event.name);
        let properties = self.properties(&place, event.cards.as_deref(), &event.properties);
        CustomEvent {
            on: event.on,
            name: event.name.clone(),
            cards: event.cards.clone(),
            properties,
            all_answers: event.all_answers,
            needs_value: false,
        }
    }

    fn event_name(&mut self, place: &str, name: &str) {
        self.name(place, "event", name);
        if name.starts_with("ecommerce.") {
            self.warn(
                place,
                format!("Braze checks the properties of \"{name}\" against a fixed list."),
                "Use another name unless the properties are exactly those of Braze's e-commerce events.",
            );
        }
    }

    fn properties(
        &mut self,
        place: &str,
        cards: Option<&[String]>,
        mapped: &[PropertyMapping],
    ) -> Vec<Property> {
        if mapped.len() > MOST_PROPERTIES {
            self.error(
                &format!("{place}.properties"),
                "Braze keeps 256 properties of an event.".to_owned(),
                "Remove some.",
            );
        }
        let mut properties: Vec<Property> = Vec::new();
        for (number, property) in mapped.iter().enumerate() {
            let here = format!("{place}.properties[{number}]");
            let written = Written {
                place: &here,
                from: property.from.all(),
                value: property.value.as_ref(),
                transforms: &property.transforms,
                cards,
            };
            let as_list = property.value_type == Some(MappedType::Array);
            let recipe = self.recipe(written, as_list);
            self.property_name(&format!("{here}.to"), &property.to);
            if mapped
                .iter()
                .take(number)
                .any(|other| other.to == property.to)
            {
                self.set_twice(&format!("{here}.to"), &property.to);
            }
            if let Some(recipe) = recipe {
                self.type_fits(&here, &recipe, property.value_type, Operation::Set);
                self.no_personal_data(&format!("{here}.from"), &recipe);
                properties.push(Property {
                    to: property.to.clone(),
                    from: recipe,
                    kind: property.value_type,
                    cards: None,
                });
            }
        }
        properties
    }

    fn set_twice(&mut self, place: &str, name: &str) {
        self.error(
            place,
            format!("\"{name}\" is set twice in this event."),
            "Remove one of the two.",
        );
    }

    fn property_name(&mut self, place: &str, name: &str) {
        self.name(place, "property", name);
        if matches!(name, "time" | "event_name") {
            self.error(
                place,
                format!("Braze keeps the name \"{name}\" for itself and refuses the event."),
                format!("Choose another name, such as `entry_{name}`."),
            );
        }
    }

    fn no_personal_data(&mut self, place: &str, recipe: &Recipe) {
        if let Some(Origin::Field(key) | Origin::Property(key)) = self.personal(recipe) {
            self.warn(
                place,
                format!("\"{key}\" is personal data, and event properties cannot be changed or erased field by field."),
                "Map it to a profile field instead, or leave it out.",
            );
        }
    }

    /// A question's answer as a property: of the events of that name, or of one that is made for it.
    fn question(
        &mut self,
        number: usize,
        question: &QuestionMapping,
        events: &mut Vec<CustomEvent>,
        authored: usize,
    ) {
        let place = format!("questions[{number}]");
        let cards = question.cards.as_deref();
        self.card_list(&place, cards);
        if question.attribute.is_none() && question.event.is_none() {
            self.error(
                &place,
                "The question is mapped to nothing.".to_owned(),
                "Name an `attribute`, an `event`, or both.",
            );
        }
        if !matches!(question.operation, Operation::Set | Operation::Add) {
            self.error(
                &format!("{place}.operation"),
                "An answer is set or added to a list.".to_owned(),
                "Use `set` or `add`.",
            );
        }
        let Some(name) = question.event.as_deref() else {
            return;
        };
        // What is wrong with the source is said once, where the attribute is looked at.
        let said = self.found.len();
        let written = Written {
            place: &place,
            from: std::slice::from_ref(&question.from),
            value: None,
            transforms: &question.transforms,
            cards,
        };
        let recipe = self.recipe(written, false);
        if question.attribute.is_some() {
            self.found.truncate(said);
        }
        let Some(recipe) = recipe else { return };
        self.no_personal_data(&format!("{place}.from"), &recipe);
        let asked = question.from.as_str();
        let key = asked.rsplit(':').next().unwrap_or(asked).trim();
        let to = question.property.as_deref().unwrap_or(key);
        self.property_name(&format!("{place}.property"), to);
        let property = Property {
            to: to.to_owned(),
            from: recipe,
            kind: None,
            cards: question.cards.clone(),
        };
        let mut told = false;
        let mut twice = false;
        for (at, event) in events.iter_mut().enumerate() {
            let same =
                event.name == name && (at >= authored || overlap(event.cards.as_deref(), cards));
            if !same {
                continue;
            }
            told = true;
            let taken = event
                .properties
                .iter()
                .any(|other| other.to == property.to && overlap(other.cards.as_deref(), cards));
            if taken {
                twice = true;
                continue;
            }
            if at >= authored {
                // An event made for questions is for all the cards that they are for.
                event.cards = match (event.cards.take(), cards) {
                    (Some(some), Some(others)) => Some([some, others.to_vec()].concat()),
                    _ => None,
                };
            }
            event.properties.push(property.clone());
        }
        if twice {
            self.set_twice(&format!("{place}.property"), to);
        }
        if !told {
            self.event_name(&format!("{place}.event"), name);
            events.push(CustomEvent {
                on: EventTrigger::Answered,
                name: name.to_owned(),
                cards: question.cards.clone(),
                properties: vec![property],
                all_answers: None,
                needs_value: true,
            });
        }
    }

    pub(super) fn purchases(&mut self, doc: &ConnectionDoc) -> Vec<Purchase> {
        let mut read = Vec::new();
        for (number, purchase) in doc.purchases.iter().enumerate() {
            read.extend(self.purchase(number, purchase));
        }
        read
    }

    fn purchase(&mut self, number: usize, purchase: &PurchaseMapping) -> Option<Purchase> {
        let place = format!("purchases[{number}]");
        let cards = purchase.cards.as_deref();
        self.card_list(&place, cards);
        let properties = self.properties(&place, cards, &purchase.properties);
        let product = self.part(&place, "product", &purchase.product, cards, None);
        let number = Step::Number(Decimal::Told);
        let price = self.part(
            &place,
            "price",
            &purchase.price,
            cards,
            Some(number.clone()),
        );
        let currency = self.part(&place, "currency", &purchase.currency, cards, None);
        let quantity = match &purchase.quantity {
            None => Some(None),
            Some(source) => self
                .part(&place, "quantity", source, cards, Some(number))
                .map(Some),
        };
        Some(Purchase {
            on: purchase.on,
            cards: purchase.cards.clone(),
            product: product?,
            price: price?,
            currency: currency?,
            quantity: quantity?,
            properties,
        })
    }

    fn part(
        &mut self,
        place: &str,
        name: &str,
        source: &Source,
        cards: Option<&[String]>,
        step: Option<Step>,
    ) -> Option<Recipe> {
        let here = format!("{place}.{name}");
        let origin = self.source(&here, source, None, cards)?;
        if let Origin::Constant(Value::Text(text)) = &origin {
            let (fine, remedy) = match name {
                "currency" => (
                    currency(text).is_some(),
                    "Write the three letters of ISO 4217, such as `constant:EUR`.",
                ),
                "price" | "quantity" => (
                    crate::mapping::number::read(text, Decimal::Told).is_some(),
                    "Write a number, such as `constant:9.90`.",
                ),
                _ => (
                    text.chars().count() <= crate::mapping::convert::LONGEST_TEXT,
                    "Choose a shorter one; Braze takes 255 characters.",
                ),
            };
            if !fine {
                self.error(&here, format!("\"{text}\" cannot be the {name}."), remedy);
            }
        }
        let recipe = Recipe::new(vec![origin], step.into_iter().collect());
        if name == "product" {
            self.no_personal_data(&here, &recipe);
        }
        Some(recipe)
    }
}
