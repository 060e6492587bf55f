//! The profiles of the imitated workspace and the ways to find one.
//! Promises that every index agrees with the profiles after each call, and that no address belongs to a vanished one.
//! Leaves what a request may write to `attributes`, `events` and the identity endpoints.

pub(crate) mod apply;
pub(crate) mod attributes;
pub(crate) mod custom;
pub(crate) mod events;
pub(crate) mod fields;
pub(crate) mod identifiers;
pub(crate) mod nested;
pub(crate) mod resolve;
pub(crate) mod shop;
pub(crate) mod view;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A user alias: a name within a label (Braze contract 4.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Alias {
    /// Case-sensitive name.
    pub alias_name: String,
    /// The label; one name per label and profile.
    pub alias_label: String,
}

/// First, last and number of an event or a purchased product.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Count {
    /// Earliest time, UTC milliseconds.
    pub first: i64,
    /// Latest time, UTC milliseconds.
    pub last: i64,
    /// How often.
    pub count: u64,
}

impl Count {
    pub(crate) fn add(slot: Option<Self>, time: i64, times: u64) -> Self {
        let old = slot.unwrap_or(Self {
            first: time,
            last: time,
            count: 0,
        });
        Self {
            first: old.first.min(time),
            last: old.last.max(time),
            count: old.count + times,
        }
    }

    pub(crate) fn join(self, other: Self) -> Self {
        Self {
            first: self.first.min(other.first),
            last: self.last.max(other.last),
            count: self.count + other.count,
        }
    }
}

/// An event or a purchase as it reached a profile.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Happening {
    /// Event name, or the product of a purchase.
    pub name: String,
    /// Whether it is a purchase.
    pub purchase: bool,
    /// When it happened, UTC milliseconds; a time in the future has become the time of receipt.
    pub time: i64,
    /// When it arrived, UTC milliseconds.
    pub received_at: i64,
    /// Number of the request that brought it.
    pub request: u64,
    /// The object as it was accepted, with only those properties that Braze keeps.
    pub object: Arc<Map<String, Value>>,
}

/// One profile.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// The id that the sandbox gave: 24 hexadecimal characters.
    pub braze_id: String,
    /// The primary id, if it is an identified profile.
    pub external_id: Option<String>,
    /// Ids it had before a rename; they still find it.
    pub deprecated_ids: Vec<String>,
    /// Aliases, at most one per label.
    pub user_aliases: Vec<Alias>,
    /// Profile fields such as `email` and `first_name`.
    pub fields: Map<String, Value>,
    /// Custom attributes.
    pub custom_attributes: Map<String, Value>,
    /// The data type of each custom attribute: `string`, `number`, `boolean`, `time`, `array`, `object`, `object_array`.
    pub attribute_types: BTreeMap<String, String>,
    /// State by subscription group id.
    pub subscription_groups: BTreeMap<String, String>,
    /// Custom events by name.
    pub custom_events: BTreeMap<String, Count>,
    /// Purchases by product.
    pub purchases: BTreeMap<String, Count>,
    /// Sum of price times quantity.
    pub total_revenue: f64,
    /// The latest events and purchases, oldest first.
    pub happenings: VecDeque<Happening>,
    /// What was accepted and yet not stored, and why; the latest 20.
    pub warnings: VecDeque<String>,
    /// Last change of each shopping cart, and whether it went to checkout.
    pub carts: BTreeMap<String, (i64, bool)>,
    /// When it came into being, UTC milliseconds.
    pub created_at: i64,
    /// When it last changed, UTC milliseconds.
    pub updated_at: i64,
    /// When it unsubscribed from e-mail, UTC milliseconds; `None` while it has not.
    pub unsubscribed_at: Option<i64>,
    /// Billable data points so far.
    pub data_points: u64,
    /// Position in the order of last changes; larger is later.
    pub(crate) touched: u64,
}

impl Profile {
    /// A profile field that is a text.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_str)
    }

    /// The name of its alias with this label.
    pub fn alias(&self, label: &str) -> Option<&str> {
        self.user_aliases
            .iter()
            .find(|alias| alias.alias_label == label)
            .map(|alias| alias.alias_name.as_str())
    }

    pub(crate) fn warn(&mut self, text: String) {
        if self.warnings.len() >= 20 {
            self.warnings.pop_front();
        }
        self.warnings.push_back(text);
    }
}

/// The number of a profile inside the sandbox.
pub(crate) type Key = u64;

/// All profiles with their indices.
#[derive(Debug)]
pub(crate) struct Profiles {
    all: HashMap<Key, Profile>,
    external: HashMap<String, Key>,
    deprecated: HashMap<String, Key>,
    alias: HashMap<Alias, Key>,
    braze: HashMap<String, Key>,
    email: HashMap<String, BTreeSet<Key>>,
    phone: HashMap<String, BTreeSet<Key>>,
    recent: BTreeMap<u64, Key>,
    next: Key,
    touches: u64,
    dice: StdRng,
    /// The first type each custom attribute had in the workspace.
    pub(crate) types: HashMap<String, String>,
    /// Subscription states of addresses that no profile has yet.
    pub(crate) waiting_states: HashMap<String, String>,
}

impl Profiles {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            all: HashMap::new(),
            external: HashMap::new(),
            deprecated: HashMap::new(),
            alias: HashMap::new(),
            braze: HashMap::new(),
            email: HashMap::new(),
            phone: HashMap::new(),
            recent: BTreeMap::new(),
            next: 0,
            touches: 0,
            dice: StdRng::seed_from_u64(seed),
            types: HashMap::new(),
            waiting_states: HashMap::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn get(&self, key: Key) -> Option<&Profile> {
        self.all.get(&key)
    }

    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut Profile> {
        self.all.get_mut(&key)
    }

    /// From the last changed to the first, starting below `before`.
    pub(crate) fn recent(&self, before: Option<u64>) -> impl Iterator<Item = (Key, &Profile)> {
        self.recent
            .range(..before.unwrap_or(u64::MAX))
            .rev()
            .filter_map(|(_, key)| self.all.get(key).map(|profile| (*key, profile)))
    }

    pub(crate) fn create(&mut self, now: i64) -> Key {
        self.next += 1;
        let key = self.next;
        let seconds = u32::try_from(now / 1000).unwrap_or(0);
        let random: u64 = self.dice.random();
        let braze_id = format!(
            "{seconds:08x}{:010x}{:06x}",
            random & 0xff_ffff_ffff,
            key & 0xff_ffff
        );
        self.braze.insert(braze_id.clone(), key);
        self.all.insert(
            key,
            Profile {
                braze_id,
                created_at: now,
                ..Profile::default()
            },
        );
        self.touch(key, now);
        key
    }

    /// Moves a profile to the end of the order of changes.
    pub(crate) fn touch(&mut self, key: Key, now: i64) {
        self.touches += 1;
        if let Some(profile) = self.all.get_mut(&key) {
            self.recent.remove(&profile.touched);
            profile.touched = self.touches;
            profile.updated_at = now;
            // Every write ends here, so this is the place to notice a change of mind.
            let out = profile.text("email_subscribe") == Some("unsubscribed");
            profile.unsubscribed_at = if out {
                profile.unsubscribed_at.or(Some(now))
            } else {
                None
            };
            self.recent.insert(self.touches, key);
        }
    }

    pub(crate) fn remove(&mut self, key: Key) -> Option<Profile> {
        let profile = self.all.remove(&key)?;
        self.recent.remove(&profile.touched);
        self.braze.remove(&profile.braze_id);
        if let Some(id) = &profile.external_id {
            self.external.remove(id);
        }
        for id in &profile.deprecated_ids {
            self.deprecated.remove(id);
        }
        for alias in &profile.user_aliases {
            self.alias.remove(alias);
        }
        if let Some(email) = profile.text("email") {
            unlink(&mut self.email, email, key);
        }
        if let Some(phone) = profile.text("phone") {
            unlink(&mut self.phone, phone, key);
        }
        Some(profile)
    }

    /// By primary id, or by one that a rename left behind.
    pub(crate) fn by_external(&self, id: &str) -> Option<Key> {
        self.external
            .get(id)
            .or_else(|| self.deprecated.get(id))
            .copied()
    }

    pub(crate) fn by_primary(&self, id: &str) -> Option<Key> {
        self.external.get(id).copied()
    }

    pub(crate) fn by_deprecated(&self, id: &str) -> Option<Key> {
        self.deprecated.get(id).copied()
    }

    pub(crate) fn by_alias(&self, alias: &Alias) -> Option<Key> {
        self.alias.get(alias).copied()
    }

    pub(crate) fn by_braze(&self, id: &str) -> Option<Key> {
        self.braze.get(id).copied()
    }

    pub(crate) fn by_email(&self, email: &str) -> Vec<Key> {
        self.email
            .get(&email.to_lowercase())
            .map(|keys| keys.iter().copied().collect())
            .unwrap_or_default()
    }

    pub(crate) fn by_phone(&self, phone: &str) -> Vec<Key> {
        self.phone
            .get(phone)
            .map(|keys| keys.iter().copied().collect())
            .unwrap_or_default()
    }

    pub(crate) fn set_external(&mut self, key: Key, id: &str) {
        if let Some(profile) = self.all.get_mut(&key) {
            if let Some(old) = profile.external_id.replace(id.to_owned()) {
                self.external.remove(&old);
            }
            self.external.insert(id.to_owned(), key);
        }
    }

    /// Gives a new primary id and keeps the old one as deprecated.
    pub(crate) fn rename(&mut self, key: Key, id: &str) {
        if let Some(profile) = self.all.get_mut(&key) {
            if let Some(old) = profile.external_id.replace(id.to_owned()) {
                self.external.remove(&old);
                self.deprecated.insert(old.clone(), key);
                profile.deprecated_ids.push(old);
            }
            self.external.insert(id.to_owned(), key);
        }
    }

    pub(crate) fn drop_deprecated(&mut self, id: &str) -> bool {
        let Some(key) = self.deprecated.remove(id) else {
            return false;
        };
        if let Some(profile) = self.all.get_mut(&key) {
            profile.deprecated_ids.retain(|old| old != id);
        }
        true
    }

    /// Adds an alias unless it is taken or the profile has another name under its label.
    pub(crate) fn add_alias(&mut self, key: Key, alias: &Alias) -> bool {
        let Some(profile) = self.all.get_mut(&key) else {
            return false;
        };
        if self.alias.contains_key(alias) || profile.alias(&alias.alias_label).is_some() {
            return false;
        }
        profile.user_aliases.push(alias.clone());
        self.alias.insert(alias.clone(), key);
        true
    }

    pub(crate) fn rename_alias(&mut self, label: &str, old: &str, new: &str) -> Option<Key> {
        let from = Alias {
            alias_name: old.to_owned(),
            alias_label: label.to_owned(),
        };
        let to = Alias {
            alias_name: new.to_owned(),
            alias_label: label.to_owned(),
        };
        if self.alias.contains_key(&to) {
            return None;
        }
        let key = self.alias.remove(&from)?;
        if let Some(slot) = self
            .all
            .get_mut(&key)?
            .user_aliases
            .iter_mut()
            .find(|alias| **alias == from)
        {
            new.clone_into(&mut slot.alias_name);
        }
        self.alias.insert(to, key);
        Some(key)
    }

    /// Writes a profile field, or removes it with `None`. Keeps the addresses findable.
    pub(crate) fn set_field(&mut self, key: Key, field: &str, value: Option<Value>) {
        let Some(profile) = self.all.get_mut(&key) else {
            return;
        };
        let old = profile.text(field).map(str::to_owned);
        let new = value.as_ref().and_then(Value::as_str).map(str::to_owned);
        match value {
            Some(value) => profile.fields.insert(field.to_owned(), value),
            None => profile.fields.shift_remove(field),
        };
        let index = match field {
            "email" => &mut self.email,
            "phone" => &mut self.phone,
            _ => return,
        };
        if let Some(old) = old {
            unlink(index, &old, key);
        }
        if let Some(new) = new {
            let state = if field == "email" {
                self.waiting_states.remove(&new)
            } else {
                None
            };
            index.entry(new).or_default().insert(key);
            if let Some(state) = state {
                profile
                    .fields
                    .insert("email_subscribe".to_owned(), Value::String(state));
            }
        }
    }

    /// Puts a profile back that was read from a state file.
    pub(crate) fn restore(&mut self, mut profile: Profile) {
        self.next += 1;
        self.touches += 1;
        let key = self.next;
        profile.touched = self.touches;
        self.recent.insert(self.touches, key);
        self.braze.insert(profile.braze_id.clone(), key);
        if let Some(id) = &profile.external_id {
            self.external.insert(id.clone(), key);
        }
        for id in &profile.deprecated_ids {
            self.deprecated.insert(id.clone(), key);
        }
        for alias in &profile.user_aliases {
            self.alias.insert(alias.clone(), key);
        }
        for (index, field) in [(&mut self.email, "email"), (&mut self.phone, "phone")] {
            if let Some(value) = profile.text(field) {
                index.entry(value.to_owned()).or_default().insert(key);
            }
        }
        for (name, kind) in &profile.attribute_types {
            self.types
                .entry(name.clone())
                .or_insert_with(|| kind.clone());
        }
        self.all.insert(key, profile);
    }

    /// All profiles, the last changed last, as a state file wants them.
    pub(crate) fn in_order(&self) -> Vec<&Profile> {
        self.recent
            .values()
            .filter_map(|key| self.all.get(key))
            .collect()
    }
}

fn unlink(index: &mut HashMap<String, BTreeSet<Key>>, value: &str, key: Key) {
    if let Some(keys) = index.get_mut(value) {
        keys.remove(&key);
        if keys.is_empty() {
            index.remove(value);
        }
    }
}
