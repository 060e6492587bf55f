//! Planning one entry: the hot path, once per accepted entry and connection.
//! Promises complete JSON objects written by serde_json, in the order of the mapping.
//! Leaves checking the mapping to `check`.

use super::{
    Attribute, CustomEvent, Facts, Mapping, Moment, Note, NoteKind, Plan, Planned, Property,
    Purchase, Target,
    convert::{self, LONGEST_TEXT, Out, Unfit},
    identity::Takes,
    object::{Named, Profile, Tree, write_properties},
    planned::stable_hash,
    source::{Found, REWARDS},
};
use crate::hub::{AllAnswers, EventTrigger, Operation};
use serde::Serialize;
use std::borrow::Cow;

/// Properties of one event or purchase that Braze keeps (contract 5.5).
pub(super) const MOST_PROPERTIES: usize = 256;

#[derive(Serialize)]
struct Group<'a> {
    subscription_group_id: &'a str,
    subscription_state: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    use_double_opt_in_logic: bool,
}

/// An event that happens, with what it tells.
struct Happening<'a> {
    event: &'a CustomEvent,
    properties: Vec<Named<'a>>,
}

/// Something that is bought.
struct Sale<'a> {
    product: Cow<'a, str>,
    currency: String,
    price: f64,
    quantity: Option<i64>,
    properties: Vec<Named<'a>>,
}

/// What is left out, with the wish to hear of values that are not there at all: a preview's, not the hot path's.
pub(super) struct Notes {
    all: bool,
    notes: Vec<Note>,
}

impl Notes {
    fn unfit(&mut self, target: impl Into<String>, unfit: Unfit) {
        let kind = match unfit {
            Unfit::TooLong => NoteKind::TooLong,
            Unfit::NotValid => NoteKind::NotValid,
        };
        self.note(target, kind);
    }

    fn absent(&mut self, target: impl FnOnce() -> String) {
        if self.all {
            self.note(target(), NoteKind::NoValue);
        }
    }

    fn note(&mut self, target: impl Into<String>, kind: NoteKind) {
        self.notes.push(Note {
            target: target.into(),
            kind,
        });
    }
}

impl Mapping {
    /// Plans what an entry sends. Takes a few microseconds.
    pub fn plan(&self, facts: &Facts<'_>) -> Plan {
        self.plan_with(facts, false).0
    }

    /// The same; with `tell_all` the notes name values that the entry does not have, and are there even if nothing is sent.
    pub(super) fn plan_with(&self, facts: &Facts<'_>, tell_all: bool) -> (Plan, Vec<Note>) {
        let mut notes = Notes {
            all: tell_all,
            notes: Vec::new(),
        };
        let mut values = self.values(facts, &mut notes);
        let (states, groups) = if facts.moment == Moment::Entry {
            self.subscriptions(facts)
        } else {
            Default::default()
        };
        let events = self.happenings(facts, &mut notes);
        let sales = self.sales(facts, &mut notes);
        let has_events = !(events.is_empty() && sales.is_empty());
        let no_states = states.is_empty() && groups.is_empty();
        if values.is_empty() && no_states && !has_events {
            return (Plan::Nothing, notes.notes);
        }
        let (identifier, identity) = match self.identify(facts) {
            Ok(found) => found,
            Err(reason) => return (Plan::Skip(reason), notes.notes),
        };
        values.retain(|(attribute, _)| match identifier.takes(&attribute.to) {
            Takes::Beside => true,
            Takes::IsIt => false,
            Takes::Misleads => {
                notes.note(&attribute.to, NoteKind::WouldIdentify);
                false
            }
        });
        let has_values = !(values.is_empty() && no_states);
        if !has_values && !has_events {
            return (Plan::Nothing, notes.notes);
        }
        let object = || identifier.object(&identity.name);
        // An alias-only profile comes into being only by attributes (contract 4.4): then they go along with the event
        // even if they say nothing else. Otherwise an object without values would touch a profile for nothing (13.33).
        let attributes = if has_values || identifier.makes_profile() {
            let is_nested = values.iter().any(|(it, _)| !it.path.is_empty());
            let mut profile = Profile::new(object(), is_nested);
            for (place, (attribute, value)) in values.iter().enumerate() {
                if attribute.path.is_empty() {
                    profile.value(&attribute.name, attribute.hash, value, value.is_plain());
                } else {
                    let same = |it: &&(&Attribute, Out<'_>)| it.0.name == attribute.name;
                    if !values.iter().take(place).any(|it| same(&it)) {
                        let tree = Tree::of(values.iter().filter(same));
                        profile.value(&attribute.name, attribute.hash, &tree, true);
                    }
                }
            }
            for (name, state) in &states {
                profile.value(name, stable_hash(name.as_bytes()), state, false);
            }
            if !groups.is_empty() {
                let name = "subscription_groups";
                profile.value(name, stable_hash(name.as_bytes()), &groups, false);
            }
            profile.close()
        } else {
            None
        };
        let time = if has_events {
            facts.accepted_at.to_iso()
        } else {
            String::new()
        };
        let events = events.iter().filter_map(|it| {
            let mut object = object();
            object.member("name", &it.event.name);
            object.member("time", &time);
            write_properties(&mut object, &it.properties);
            object.close()
        });
        let purchases = sales.iter().filter_map(|sale| {
            let mut object = object();
            object.member("product_id", &sale.product);
            object.member("currency", &sale.currency);
            object.member("price", &sale.price);
            if let Some(quantity) = &sale.quantity {
                object.member("quantity", quantity);
            }
            object.member("time", &time);
            write_properties(&mut object, &sale.properties);
            object.close()
        });
        let (events, purchases) = (events.collect(), purchases.collect());
        let told = if tell_all {
            notes.notes.clone()
        } else {
            Vec::new()
        };
        let planned = Planned {
            identity,
            attributes,
            events,
            purchases,
            notes: notes.notes,
        };
        (Plan::Send(planned), told)
    }

    fn values<'a>(&'a self, facts: &Facts<'a>, notes: &mut Notes) -> Vec<(&'a Attribute, Out<'a>)> {
        let entry = facts.moment == Moment::Entry;
        let mut values: Vec<(&Attribute, Out<'_>)> = Vec::with_capacity(self.attributes.len());
        for attribute in &self.attributes {
            // Of a play that ends after its entry only the play's own facts are new; the rest has been sent.
            if !(entry || attribute.from.is_play()) || !applies(attribute.cards.as_deref(), facts) {
                continue;
            }
            let found = match attribute.from.make(facts) {
                Ok(Some(found)) => found,
                Ok(None) => {
                    notes.absent(|| attribute.to.clone());
                    continue;
                }
                Err(unfit) => {
                    notes.unfit(&attribute.to, unfit);
                    continue;
                }
            };
            match attribute.value(found) {
                Ok(Out::Change { add, remove }) => {
                    // Several questions may fill one array: an object must not name a field twice.
                    let same = values.iter_mut().find_map(|(other, out)| match out {
                        Out::Change { add, remove } if other.name == attribute.name => {
                            Some((add, remove))
                        }
                        _ => None,
                    });
                    match same {
                        Some((added, removed)) => {
                            for item in add {
                                if !added.contains(&item) {
                                    added.push(item);
                                }
                            }
                            removed.extend(remove);
                        }
                        None => values.push((attribute, Out::Change { add, remove })),
                    }
                }
                Ok(value) => values.push((attribute, value)),
                Err(unfit) => notes.unfit(&attribute.to, unfit),
            }
        }
        values
    }

    fn subscriptions<'a>(
        &'a self,
        facts: &Facts<'_>,
    ) -> (Vec<(&'a str, &'static str)>, Vec<Group<'a>>) {
        let (mut states, mut groups): (Vec<(&str, &str)>, Vec<Group<'_>>) =
            (Vec::new(), Vec::new());
        for subscription in &self.subscriptions {
            let Some(consent) = facts
                .consents
                .iter()
                .find(|consent| consent.key == subscription.consent)
            else {
                continue;
            };
            let Some(state) = (if consent.given {
                Some(subscription.given)
            } else {
                subscription.withheld
            }) else {
                continue;
            };
            // Of two consents of one form for the same target the first counts: an object must not name a field twice.
            if subscription.is_group {
                if groups
                    .iter()
                    .all(|group| group.subscription_group_id != subscription.to)
                {
                    groups.push(Group {
                        subscription_group_id: &subscription.to,
                        subscription_state: state,
                        use_double_opt_in_logic: consent.given && subscription.double_opt_in,
                    });
                }
            } else if states.iter().all(|(to, _)| *to != subscription.to) {
                states.push((&subscription.to, state));
            }
        }
        (states, groups)
    }

    fn happenings<'a>(&'a self, facts: &Facts<'a>, notes: &mut Notes) -> Vec<Happening<'a>> {
        let mut happenings = Vec::new();
        for event in &self.events {
            if !(fires(event.on, facts) && applies(event.cards.as_deref(), facts)) {
                continue;
            }
            let mut properties = properties(&event.name, &event.properties, facts, notes);
            if let Some(answers) = event.all_answers {
                all_answers(event, answers, facts, notes, &mut properties);
            }
            if !(event.needs_value && properties.is_empty()) {
                happenings.push(Happening { event, properties });
            }
        }
        happenings
    }

    fn sales<'a>(&'a self, facts: &Facts<'a>, notes: &mut Notes) -> Vec<Sale<'a>> {
        let happening = self.purchases.iter().filter(|purchase| {
            fires(purchase.on, facts) && applies(purchase.cards.as_deref(), facts)
        });
        happening
            .filter_map(|purchase| purchase.sale(facts, notes))
            .collect()
    }
}

impl Attribute {
    fn value<'a>(&self, found: Found<'a>) -> Result<Out<'a>, Unfit> {
        let kind = match self.target {
            Target::Standard(field) => return convert::standard(found, field),
            Target::Custom(kind) => kind,
        };
        match self.operation {
            Operation::Set if self.path.is_empty() => convert::typed(found, kind),
            Operation::Set => convert::nested(found, kind),
            Operation::Add => convert::elements(found, kind).map(|add| Out::Change {
                add,
                remove: Vec::new(),
            }),
            Operation::Remove => convert::elements(found, kind).map(|remove| Out::Change {
                add: Vec::new(),
                remove,
            }),
            Operation::Increment => convert::increment(&found),
        }
    }
}

impl Purchase {
    fn sale<'a>(&'a self, facts: &Facts<'a>, notes: &mut Notes) -> Option<Sale<'a>> {
        let product =
            Self::part(
                "product_id",
                &self.product,
                facts,
                notes,
                |found| match convert::typed(found, Some(crate::hub::MappedType::String)) {
                    Ok(Out::Text(text)) => Ok(text),
                    Ok(_) => Err(Unfit::NotValid),
                    Err(unfit) => Err(unfit),
                },
            )?;
        let price = Self::part("price", &self.price, facts, notes, |found| {
            convert::plain_number(&found).ok_or(Unfit::NotValid)
        })?;
        let currency = Self::part("currency", &self.currency, facts, notes, |found| {
            currency(&found.into_text()).ok_or(Unfit::NotValid)
        })?;
        let quantity = match &self.quantity {
            None => None,
            Some(recipe) => {
                let quantity = Self::part("quantity", recipe, facts, notes, |found| match found {
                    Found::Integer(number) if (1..=100).contains(&number) => Ok(number),
                    _ => Err(Unfit::NotValid),
                })?;
                Some(quantity)
            }
        };
        let properties = properties("purchase", &self.properties, facts, notes);
        Some(Sale {
            product,
            currency,
            price,
            quantity,
            properties,
        })
    }

    /// A part without which nothing is bought.
    fn part<'a, T>(
        name: &str,
        recipe: &'a super::Recipe,
        facts: &Facts<'a>,
        notes: &mut Notes,
        read: impl FnOnce(Found<'a>) -> Result<T, Unfit>,
    ) -> Option<T> {
        let target = || format!("purchase.{name}");
        match recipe.make(facts) {
            Ok(Some(found)) => match read(found) {
                Ok(value) => Some(value),
                Err(unfit) => {
                    notes.unfit(target(), unfit);
                    None
                }
            },
            Ok(None) => {
                notes.absent(target);
                None
            }
            Err(unfit) => {
                notes.unfit(target(), unfit);
                None
            }
        }
    }
}

/// A currency's code in upper case.
pub(super) fn currency(text: &str) -> Option<String> {
    let code = text.trim();
    (code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic()))
        .then(|| code.to_ascii_uppercase())
}

fn properties<'a>(
    event: &str,
    mapped: &'a [Property],
    facts: &Facts<'a>,
    notes: &mut Notes,
) -> Vec<Named<'a>> {
    let mut properties: Vec<Named<'a>> = Vec::with_capacity(mapped.len());
    for property in mapped {
        if !applies(property.cards.as_deref(), facts) {
            continue;
        }
        let target = || format!("{event}.{}", property.to);
        let value = match property.from.make(facts) {
            Ok(Some(found)) => convert::typed(found, property.kind),
            Ok(None) => {
                notes.absent(target);
                continue;
            }
            Err(unfit) => Err(unfit),
        };
        match value {
            Ok(value) => properties.push((Cow::Borrowed(&property.to), value)),
            Err(unfit) => notes.unfit(target(), unfit),
        }
    }
    properties
}

/// The play's facts under their own names, `answer:flavour` as `answer_flavour`; what is mapped by hand goes first.
fn all_answers<'a>(
    event: &CustomEvent,
    answers: AllAnswers,
    facts: &Facts<'a>,
    notes: &mut Notes,
    properties: &mut Vec<Named<'a>>,
) {
    for (key, value) in facts.play {
        let (kind, rest) = key.split_once(':').unwrap_or((key, ""));
        // What somebody has won is not an answer, and a code is a secret.
        if REWARDS.contains(&kind) {
            continue;
        }
        let sibling = |kind: &str| {
            let other = if rest.is_empty() {
                kind.to_owned()
            } else {
                format!("{kind}:{rest}")
            };
            facts.play.contains_key(&other)
        };
        let told_otherwise = match (answers, kind.strip_suffix("_text")) {
            (AllAnswers::Keys, Some(bare)) => sibling(bare),
            (AllAnswers::Texts, None) => sibling(&format!("{kind}_text")),
            _ => false,
        };
        let name = key.replace(':', "_");
        if told_otherwise || properties.iter().any(|(other, _)| *other == name) {
            continue;
        }
        let Some(found) = Found::of(value) else {
            continue;
        };
        if properties.len() >= MOST_PROPERTIES || name.chars().count() > LONGEST_TEXT {
            notes.note(format!("{}.{name}", event.name), NoteKind::TooMany);
            continue;
        }
        match convert::typed(found, None) {
            Ok(value) => properties.push((Cow::Owned(name), value)),
            Err(unfit) => notes.unfit(format!("{}.{name}", event.name), unfit),
        }
    }
}

fn fires(on: EventTrigger, facts: &Facts<'_>) -> bool {
    match (on, facts.moment) {
        (EventTrigger::Entry, Moment::Entry)
        | (EventTrigger::PlayFinished | EventTrigger::Answered, Moment::PlayFinished) => true,
        // The form came last: with the entry it is known who has played.
        (EventTrigger::Answered, Moment::Entry) => !facts.play.is_empty(),
        _ => false,
    }
}

fn applies(cards: Option<&[String]>, facts: &Facts<'_>) -> bool {
    cards.is_none_or(|cards| cards.iter().any(|card| card == facts.card_key))
}
