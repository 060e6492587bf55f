//! A mapping to begin with, made from what a hub asks: most of what a marketer would otherwise click together.
//! Promises a mapping without errors for the hub it was made from, and that nothing leaves that nobody would expect to.
//! Leaves the choice to the marketer: every line can be taken out.

use super::{KnownCard, KnownField, Shape, cards_of, known::fact_source, source::REWARDS};
use crate::{
    cards::FactKind,
    hub::{
        AllAnswers, AttributeMapping, ConnectionDoc, ConsentMapping, EventMapping, EventTrigger,
        GivenState, HubDoc, IdentifyBy, MappedType, Operation, OtherIdentifier, PropertyMapping,
        QuestionMapping, Source, UserMapping, WithheldState,
    },
};
use std::collections::BTreeSet;

/// A proposal, in parts that can be taken or left.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// How people are identified.
    pub user: UserMapping,
    /// Attributes of the profile.
    pub attributes: Vec<AttributeMapping>,
    /// Consents to subscription states.
    pub consents: Vec<ConsentMapping>,
    /// Market research: the answers of the hub's questions.
    pub questions: Vec<QuestionMapping>,
    /// Custom events.
    pub events: Vec<EventMapping>,
    /// What the marketer should know of it, in whole sentences.
    pub remarks: Vec<String>,
}

impl Suggestion {
    /// Puts the proposal into a connection in place of what it mapped before.
    pub fn put_into(self, connection: &mut ConnectionDoc) {
        connection.user = self.user;
        connection.attributes = self.attributes;
        connection.consents = self.consents;
        connection.questions = self.questions;
        connection.events = self.events;
    }
}

/// Keys of fields that hold an id of the author's own system.
const OWN_IDS: [&str; 6] = [
    "external_id",
    "customer_id",
    "user_id",
    "member_id",
    "customer_number",
    "crm_id",
];

/// Proposes a mapping for a hub: who people are, their details, their consents, the answers of every card.
pub fn suggest(doc: &HubDoc) -> Suggestion {
    let cards = cards_of(doc).unwrap_or_default();
    let mut remarks = Vec::new();
    let user = user(&cards, &mut remarks);
    let mut suggestion = Suggestion {
        attributes: attributes(&cards, &user),
        consents: consents(&cards, &mut remarks),
        questions: questions(&cards),
        events: events(&cards),
        user,
        remarks,
    };
    let mut targets: BTreeSet<String> = suggestion
        .attributes
        .iter()
        .map(|it| it.to.clone())
        .collect();
    for question in &mut suggestion.questions {
        // An attribute has one source: the answers of a form go first, those of a game under a name of their own.
        question.attribute = question.attribute.take().map(|name| {
            let mut free = name.clone();
            while !targets.insert(free.clone()) {
                free = format!("{free}_answer");
            }
            free
        });
    }
    suggestion
}

fn fields(cards: &[KnownCard]) -> impl Iterator<Item = (&KnownCard, &KnownField)> {
    cards
        .iter()
        .flat_map(|card| card.fields.iter().map(move |field| (card, field)))
}

fn source(text: impl Into<String>) -> Source {
    Source(text.into())
}

fn user(cards: &[KnownCard], remarks: &mut Vec<String>) -> UserMapping {
    let first = |wanted: &dyn Fn(&KnownField) -> bool| {
        fields(cards)
            .map(|(_, field)| field)
            .find(|field| wanted(field))
            .map(|field| source(format!("field:{}", field.key)))
    };
    let own = first(&|field| OWN_IDS.contains(&field.key.as_str()));
    let email = first(&|field| field.shape == Shape::Email);
    let phone = first(&|field| field.shape == Shape::Phone);
    let way = |by, label: Option<&str>, from: Source| OtherIdentifier {
        by,
        label: label.map(str::to_owned),
        from,
        transforms: Vec::new(),
        update_existing_only: false,
    };
    let has_own = own.is_some();
    let by_id = own.map(|from| way(IdentifyBy::ExternalId, None, from));
    let by_email = email.map(|from| way(IdentifyBy::Alias, Some("komo_email"), from));
    let by_phone = phone.map(|from| way(IdentifyBy::Alias, Some("komo_phone"), from));
    let mut ways = [by_id, by_email, by_phone]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .into_iter();
    let first = ways.next().unwrap_or_else(|| {
        remarks.push(
            "No card asks for an e-mail address or a phone number: each entry becomes a profile of its own. Add a field that tells people apart."
                .to_owned(),
        );
        way(IdentifyBy::Alias, Some("komo_entry"), source("entry:id"))
    });
    if first.by == IdentifyBy::Alias && first.from.as_str() != "entry:id" {
        remarks.push(
            "People are found by an alias. If your own system knows them by an ID, hand it over in a hidden field named external_id."
                .to_owned(),
        );
    }
    let otherwise: Vec<OtherIdentifier> = ways.collect();
    let identify = has_own && !otherwise.is_empty();
    if identify {
        remarks.push(
            "Give the API key the permission users.identify, so that people who first enter without their ID keep one profile."
                .to_owned(),
        );
    }
    UserMapping {
        by: first.by,
        label: first.label,
        from: first.from,
        transforms: Vec::new(),
        update_existing_only: false,
        otherwise,
        identify,
    }
}

/// Braze's own field for a field of a form; `None`: a custom attribute, or nothing.
fn standard(field: &KnownField) -> Option<&'static str> {
    let key = field.property.as_deref().unwrap_or(&field.key);
    match (key, field.shape) {
        ("first_name" | "firstname" | "vorname", Shape::Text) => Some("first_name"),
        ("last_name" | "lastname" | "surname" | "nachname", Shape::Text) => Some("last_name"),
        ("city" | "home_city" | "town" | "ort" | "stadt", Shape::Text) => Some("home_city"),
        ("gender" | "geschlecht", Shape::Text) => Some("gender"),
        (_, Shape::Email) => Some("email"),
        (_, Shape::Phone) => Some("phone"),
        (_, Shape::Country) => Some("country"),
        (_, Shape::Date) => Some("dob"),
        _ => None,
    }
}

fn attributes(cards: &[KnownCard], user: &UserMapping) -> Vec<AttributeMapping> {
    let mut found: Vec<AttributeMapping> = Vec::new();
    let mut add = |from: &str, to: &str, kind: Option<MappedType>| {
        if found.iter().all(|it| it.to != to) {
            found.push(AttributeMapping {
                from: from.into(),
                value: None,
                transforms: Vec::new(),
                to: to.to_owned(),
                value_type: kind,
                operation: Operation::Set,
                cards: None,
            });
        }
    };
    for (_, field) in fields(cards) {
        let from = format!("field:{}", field.key);
        let identifies = OWN_IDS.contains(&field.key.as_str());
        match standard(field) {
            _ if field.shape == Shape::Permission || identifies => {}
            // In every object already.
            Some("email") if user.by == IdentifyBy::Email => {}
            Some("phone") if user.by == IdentifyBy::Phone => {}
            Some(to) => add(&from, to, None),
            // Personal data goes to fields that are made for it, and everything else only if it says something about
            // the person: what has a property, or was chosen rather than typed.
            None if field.pii => {}
            None if field.property.is_some()
                || matches!(field.shape, Shape::Number | Shape::YesNo) =>
            {
                add(&from, field.property.as_deref().unwrap_or(&field.key), None);
            }
            None => {}
        }
    }
    found
}

fn consents(cards: &[KnownCard], remarks: &mut Vec<String>) -> Vec<ConsentMapping> {
    let mut found: Vec<ConsentMapping> = Vec::new();
    for (_, field) in fields(cards).filter(|(_, field)| field.shape == Shape::Permission) {
        let about = format!("{} {}", field.key, field.label).to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| about.contains(word));
        let from = source(format!("consent:{}", field.key));
        if found.iter().any(|it| it.from == from) {
            continue;
        }
        let is_email = says(&["newsletter", "e-mail", "email", "mail"]);
        if says(&["sms", "whatsapp", "terms"]) || !is_email {
            if says(&["sms", "whatsapp"]) {
                remarks.push(format!(
                    "The consent \"{}\" belongs to a subscription group: map it to group: and the group's ID from Braze.",
                    field.key
                ));
            }
            continue;
        }
        if found.iter().any(|it| it.to == "email_subscribe") {
            remarks.push(format!(
                "The consent \"{}\" is not mapped, because another one stands for e-mail already; map it to a subscription group if it is about something else.",
                field.key
            ));
            continue;
        }
        found.push(ConsentMapping {
            from,
            to: "email_subscribe".to_owned(),
            given: Some(GivenState::OptedIn),
            withheld: WithheldState::Leave,
            double_opt_in: false,
        });
    }
    found
}

fn questions(cards: &[KnownCard]) -> Vec<QuestionMapping> {
    let mut found: Vec<QuestionMapping> = Vec::new();
    for card in cards {
        for fact in card.facts.iter().filter(|fact| fact.kind != FactKind::Text) {
            let from = source(fact_source(&fact.key));
            let (kind, key) = fact.key.split_once(':').unwrap_or((&fact.key, ""));
            let is_prize = REWARDS.contains(&kind);
            // `score`, `outcome` and a prize say nothing without the card they are of.
            let of_card = key.is_empty() || is_prize;
            let name = match (of_card, is_prize) {
                (false, _) => key.replace('-', "_"),
                (true, false) => format!("{}_{kind}", card.key.replace('-', "_")),
                (true, true) => format!("{}_prize", card.key.replace('-', "_")),
            };
            if found.iter().any(|it| it.attribute.as_ref() == Some(&name)) {
                continue;
            }
            found.push(QuestionMapping {
                from,
                transforms: Vec::new(),
                attribute: Some(name),
                operation: Operation::Set,
                event: None,
                property: None,
                cards: of_card.then(|| vec![card.key.clone()]),
            });
        }
    }
    found
}

fn events(cards: &[KnownCard]) -> Vec<EventMapping> {
    let property = |from: &str, to: &str| PropertyMapping {
        from: from.into(),
        value: None,
        transforms: Vec::new(),
        to: to.to_owned(),
        value_type: None,
    };
    let common = || {
        vec![
            property("card:key", "card"),
            property("hub:slug", "hub"),
            property("entry:id", "submission_id"),
        ]
    };
    let mut events = vec![EventMapping {
        on: EventTrigger::Entry,
        name: "komo_entry".to_owned(),
        cards: None,
        properties: common(),
        all_answers: None,
    }];
    for card in cards.iter().filter(|card| !card.facts.is_empty()) {
        events.push(EventMapping {
            on: EventTrigger::Answered,
            name: format!("komo_{}", card.key.replace('-', "_")),
            cards: Some(vec![card.key.clone()]),
            properties: common(),
            all_answers: Some(AllAnswers::Both),
        });
    }
    events
}
