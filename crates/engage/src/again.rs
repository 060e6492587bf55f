//! Sending a person's history (again): several plans of one contact become few deliveries that can't harm.
//! Promises: of each attribute the latest value goes, once; an event keeps its own time and goes only if it has not gone before; an
//! operation (adding, incrementing) is never repeated. Leaves planning to `mapping`, and what has gone to the store.

use std::collections::BTreeMap;

use crate::{
    ids::EntryId,
    mapping::{Part, Planned, PlannedAttributes, PlannedIdentity},
};

/// One plan of a contact's history.
#[derive(Clone, Debug)]
pub struct Told {
    /// The entry it tells about.
    pub entry: EntryId,
    /// What the mapping makes of it today.
    pub plan: Planned,
    /// Whether it is to be sent; the others only say which values are newer.
    pub wanted: bool,
    /// Its attributes have been delivered or are on their way: operations of them must not go again.
    pub operated: bool,
}

/// Names of events (products of purchases) of an entry that have gone already, each as often as it has gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// Of events: `name`.
    pub events: Vec<String>,
    /// Of purchases: `product_id`.
    pub purchases: Vec<String>,
}

/// One delivery to make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Again {
    /// The entry it tells about.
    pub entry: Option<EntryId>,
    /// One complete JSON object.
    pub attributes: Option<String>,
    /// Complete JSON objects.
    pub events: Vec<String>,
    /// Complete JSON objects.
    pub purchases: Vec<String>,
}

impl Again {
    /// How many objects it holds.
    pub fn objects(&self) -> usize {
        usize::from(self.attributes.is_some()) + self.events.len() + self.purchases.len()
    }
}

/// Folds a contact's history, oldest first, into deliveries, to be sent in this order. `gone` says per entry what must not go
/// again.
///
/// Plain values travel together with the oldest delivery: whoever is identified by an alias comes into being only by
/// attributes (Braze contract 4.4), so these must come first. A value that a newer plan sets is not sent with its older one. A
/// subscription that a newer plan has set, and that has gone, is left to that: people change it at Braze themselves.
pub fn fold(history: &[Told], mut gone: BTreeMap<EntryId, Gone>) -> Vec<Again> {
    let newest = Newest::of(history);
    let mut made: Vec<Again> = Vec::new();
    let mut led: Vec<usize> = Vec::new();
    for (at, told) in history.iter().enumerate().filter(|(_, told)| told.wanted) {
        let mut again = Again {
            entry: Some(told.entry),
            ..Again::default()
        };
        if let Some(attributes) = &told.plan.attributes {
            let person = newest.person(&told.plan.identity);
            let mut members: Vec<&str> = Vec::new();
            let leads = !led.contains(&person);
            if leads {
                led.push(person);
                members = newest.wanted(history, person);
            }
            for part in &attributes.parts {
                let superseded = newest
                    .values
                    .get(&(person, part.name))
                    .is_some_and(|value| value.set_at > at);
                if is_operation(attributes, part) && !superseded && !told.operated {
                    members.extend(attributes.json.get(part.start..part.end));
                }
            }
            // One that says nothing makes the profile that an event is for.
            let makes_profile = leads && attributes.parts.is_empty();
            if !members.is_empty() || makes_profile {
                let head = newest.heads.get(person).copied();
                again.attributes = Some(object(head.unwrap_or_default(), &members));
            }
        }
        let gone = gone.entry(told.entry).or_default();
        again.events = fresh(&told.plan.events, "name", &mut gone.events);
        again.purchases = fresh(&told.plan.purchases, "product_id", &mut gone.purchases);
        if again.objects() > 0 {
            made.push(again);
        }
    }
    made
}

/// The last plain value of an attribute.
struct Value {
    /// The plan that set it.
    set_at: usize,
    /// `"name":value`.
    member: String,
    /// People change it at Braze themselves.
    is_subscription: bool,
}

/// What a history says last, person by person: one contact may be known to Braze in several ways.
#[derive(Default)]
struct Newest<'a> {
    people: Vec<&'a PlannedIdentity>,
    /// How an object of each begins.
    heads: Vec<&'a str>,
    values: BTreeMap<(usize, u64), Value>,
}

impl<'a> Newest<'a> {
    fn of(history: &'a [Told]) -> Self {
        let mut newest = Self::default();
        for (at, told) in history.iter().enumerate() {
            let Some(attributes) = &told.plan.attributes else {
                continue;
            };
            let person = newest.person(&told.plan.identity);
            let head = head(attributes);
            match newest.heads.get_mut(person) {
                // The longer one also says that nested attributes are to be merged.
                Some(known) if known.len() < head.len() => *known = head,
                Some(_) => {}
                None => {
                    newest.people.push(&told.plan.identity);
                    newest.heads.push(head);
                }
            }
            let plain = attributes
                .parts
                .iter()
                .filter(|part| !is_operation(attributes, part));
            for part in plain {
                let member = attributes
                    .json
                    .get(part.start..part.end)
                    .unwrap_or_default();
                let before = newest.values.get(&(person, part.name));
                let value = Value {
                    set_at: at,
                    member: before
                        .and_then(|before| merged(&before.member, member))
                        .unwrap_or_else(|| member.to_owned()),
                    is_subscription: !part.delta,
                };
                newest.values.insert((person, part.name), value);
            }
        }
        newest
    }

    /// The number of a person; that of the next one when nobody is known by this.
    fn person(&self, identity: &PlannedIdentity) -> usize {
        let mut people = self.people.iter();
        let found = people.position(|it| it.same_as(identity));
        found.unwrap_or(self.people.len())
    }

    /// The newest plain value of everything that a wanted plan sets for a person, in the order in which they were first set.
    fn wanted(&self, history: &[Told], person: usize) -> Vec<&str> {
        let mut seen = Vec::new();
        let mut members = Vec::new();
        let wanted = history.iter().filter(|told| told.wanted);
        for told in wanted.filter(|told| self.person(&told.plan.identity) == person) {
            let Some(attributes) = &told.plan.attributes else {
                continue;
            };
            for part in &attributes.parts {
                if is_operation(attributes, part) || seen.contains(&part.name) {
                    continue;
                }
                seen.push(part.name);
                let Some(value) = self.values.get(&(person, part.name)) else {
                    continue;
                };
                let by_wanted = history.get(value.set_at).is_some_and(|told| told.wanted);
                if !value.is_subscription || by_wanted {
                    members.push(value.member.as_str());
                }
            }
        }
        members
    }
}

/// Two values of a nested attribute as one, the newer leaves on top; none when either is not nested.
fn merged(older: &str, newer: &str) -> Option<String> {
    let parse = |member: &str| -> Option<serde_json::Value> {
        let value = value_of(member);
        value
            .starts_with('{')
            .then(|| serde_json::from_str(value).ok())?
    };
    let (mut tree, newer_tree) = (parse(older)?, parse(newer)?);
    put_on(&mut tree, newer_tree);
    let name = newer.get(..newer.len() - value_of(newer).len())?;
    Some(format!("{name}{tree}"))
}

fn put_on(tree: &mut serde_json::Value, newer: serde_json::Value) {
    match (tree, newer) {
        (serde_json::Value::Object(tree), serde_json::Value::Object(newer)) => {
            for (name, value) in newer {
                put_on(tree.entry(name).or_insert(serde_json::Value::Null), value);
            }
        }
        (tree, newer) => *tree = newer,
    }
}

/// How the object begins: everything up to the values.
fn head(attributes: &PlannedAttributes) -> &str {
    let head = attributes.json.get(..attributes.head_end);
    head.unwrap_or_default()
}

/// Adding, incrementing and the like are objects; what is plain can be set any number of times.
fn is_operation(attributes: &PlannedAttributes, part: &Part) -> bool {
    let member = attributes.json.get(part.start..part.end);
    !part.delta && member.is_some_and(|member| value_of(member).starts_with('{'))
}

/// The value of `"name":value`.
fn value_of(member: &str) -> &str {
    let mut escaped = false;
    let quotes = member.char_indices().skip(1).find(|(_, c)| {
        let ends = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    let rest = quotes.and_then(|(end, _)| member.get(end + 1..));
    rest.unwrap_or_default().trim_start_matches([':', ' '])
}

fn object(head: &str, members: &[&str]) -> String {
    let mut json = head.to_owned();
    for member in members {
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(member);
    }
    json.push('}');
    json
}

/// The objects that have not gone; each name in `gone` accounts for one of them.
fn fresh(objects: &[String], key: &str, gone: &mut Vec<String>) -> Vec<String> {
    let fresh = objects.iter().filter(|object| {
        let name = name_of(object, key);
        match gone.iter().position(|it| Some(it) == name.as_ref()) {
            Some(at) => {
                gone.swap_remove(at);
                false
            }
            None => true,
        }
    });
    fresh.cloned().collect()
}

/// What an event or a purchase is called: the text of its member `key`.
pub fn name_of(object: &str, key: &str) -> Option<String> {
    let object: serde_json::Value = serde_json::from_str(object).ok()?;
    Some(object.get(key)?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::IdentifyBy;
    use std::fmt::Write as _;
    use uuid::Uuid;

    const HEAD: &str = r#"{"email":"ann@example.org""#;

    fn entry(n: u128) -> EntryId {
        EntryId::from_uuid(Uuid::from_u128(n))
    }

    /// A plan whose members are `name=value` in JSON; names ending in `!` are subscriptions.
    fn told(n: u128, wanted: bool, head: &str, members: &[(&str, &str)], events: &[&str]) -> Told {
        let mut attributes = PlannedAttributes {
            json: head.to_owned(),
            head_end: head.len(),
            parts: Vec::new(),
        };
        for (name, value) in members {
            attributes.json.push(',');
            let start = attributes.json.len();
            write!(attributes.json, "\"{name}\":{value}").unwrap_or_default();
            attributes.parts.push(Part {
                start,
                end: attributes.json.len(),
                name: name.bytes().fold(7, |sum, byte| sum * 31 + u64::from(byte)),
                value: 0,
                delta: !value.starts_with("{\"add") && !name.ends_with('!'),
            });
        }
        attributes.json.push('}');
        Told {
            entry: entry(n),
            plan: Planned {
                attributes: Some(attributes),
                events: events
                    .iter()
                    .map(|name| format!("{{\"name\":\"{name}\",\"time\":\"{n}\"}}"))
                    .collect(),
                identity: PlannedIdentity {
                    rank: 0,
                    by: IdentifyBy::Email,
                    label: String::new(),
                    name: head.split(",\"_").next().unwrap_or_default().to_owned(),
                    join: false,
                },
                purchases: Vec::new(),
                notes: Vec::new(),
            },
            wanted,
            operated: false,
        }
    }

    fn attributes(made: &[Again]) -> Vec<&str> {
        made.iter()
            .filter_map(|again| again.attributes.as_deref())
            .map(|json| json.strip_prefix(HEAD).unwrap_or(json))
            .collect()
    }

    #[test]
    fn the_latest_value_goes_once_and_events_keep_their_own_deliveries() {
        let history = [
            told(1, true, HEAD, &[("a", "1"), ("b", "\"x\"")], &["entry"]),
            told(2, true, HEAD, &[("a", "2")], &["entry"]),
            told(3, false, HEAD, &[("a", "3"), ("c", "9")], &["entry"]),
        ];
        let made = fold(&history, BTreeMap::new());
        assert_eq!(attributes(&made), [r#","a":3,"b":"x"}"#]);
        let entries: Vec<_> = made.iter().map(|again| again.entry).collect();
        assert_eq!(entries, [Some(entry(1)), Some(entry(2))]);
        assert!(made.iter().all(|again| again.events.len() == 1));
        assert!(made.last().is_some_and(|last| last.attributes.is_none()));
    }

    #[test]
    fn an_event_that_has_gone_is_not_sent_again() {
        let history = [told(1, true, HEAD, &[], &["entry", "entry", "won"])];
        let gone = Gone {
            events: vec!["entry".into(), "won".into()],
            ..Gone::default()
        };
        let made = fold(&history, BTreeMap::from([(entry(1), gone)]));
        assert_eq!(
            made.iter().map(|again| again.events.len()).sum::<usize>(),
            1
        );
        assert_eq!(attributes(&made), ["}"], "which makes the profile");
    }

    #[test]
    fn operations_go_with_their_own_entry_unless_they_have_gone_or_a_newer_value_came() {
        let add = |text: &str| format!("{{\"add\":[\"{text}\"]}}");
        let (x, y, z) = (add("x"), add("y"), add("z"));
        let mut history = vec![
            told(1, true, HEAD, &[("list", &x), ("a", "1")], &[]),
            told(2, true, HEAD, &[("list", &y)], &[]),
            told(3, true, HEAD, &[("list", &z)], &[]),
        ];
        if let Some(second) = history.get_mut(1) {
            second.operated = true;
        }
        let made = fold(&history, BTreeMap::new());
        assert_eq!(
            attributes(&made),
            [
                format!(r#","a":1,"list":{x}}}"#),
                format!(r#","list":{z}}}"#)
            ]
        );
        history.push(told(4, true, HEAD, &[("list", "[\"new\"]")], &[]));
        assert_eq!(
            attributes(&fold(&history, BTreeMap::new())),
            [r#","a":1,"list":["new"]}"#]
        );
    }

    #[test]
    fn a_subscription_that_a_newer_delivery_has_set_is_left_alone() {
        let set = [("mail!", "\"opted_in\"")];
        let newer = [("mail!", "\"unsubscribed\"")];
        let history = [
            told(1, true, HEAD, &set, &["entry"]),
            told(2, false, HEAD, &newer, &["entry"]),
        ];
        assert_eq!(
            attributes(&fold(&history, BTreeMap::new())),
            Vec::<&str>::new()
        );
        let alone = history.get(..1).unwrap_or_default();
        assert_eq!(
            attributes(&fold(alone, BTreeMap::new())),
            [r#","mail!":"opted_in"}"#]
        );
    }

    #[test]
    fn values_of_two_identities_are_never_mixed() {
        let other = r#"{"email":"ann@example.net""#;
        let history = [
            told(1, true, HEAD, &[("a", "1")], &[]),
            told(2, true, other, &[("a", "2")], &[]),
            told(3, true, HEAD, &[("b", "3")], &[]),
        ];
        let made = fold(&history, BTreeMap::new());
        assert_eq!(
            attributes(&made),
            [r#","a":1,"b":3}"#.to_owned(), format!("{other},\"a\":2}}")]
        );
    }

    #[test]
    fn nested_values_are_merged_leaf_by_leaf_and_say_so() {
        let nested = format!("{HEAD},\"_merge_objects\":true");
        let history = [
            told(
                1,
                true,
                &nested,
                &[("taste", r#"{"ice":{"a":1,"b":1}}"#)],
                &[],
            ),
            told(
                2,
                false,
                &nested,
                &[("taste", r#"{"ice":{"b":2},"tea":3}"#)],
                &[],
            ),
            told(3, true, HEAD, &[("a", "1")], &[]),
        ];
        assert_eq!(
            attributes(&fold(&history, BTreeMap::new())),
            [r#","_merge_objects":true,"taste":{"ice":{"a":1,"b":2},"tea":3},"a":1}"#]
        );
    }

    #[test]
    fn a_name_with_quotes_does_not_hide_the_value() {
        assert_eq!(value_of(r#""a\"b\\":{"add":[]}"#), r#"{"add":[]}"#);
        assert_eq!(value_of(r#""plain":3"#), "3");
    }
}
