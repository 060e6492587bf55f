//! Writes accepted objects to profiles (Braze contract 5.12, steps 8 to 11).
//! Promises attributes before events before purchases, fields in the order of the JSON, and one failing value never
//! stops another. Leaves refusing objects to the checks that ran before.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::attributes::Target;
use super::custom::{self, Write};
use super::events::Taken;
use super::fields::{self, Fit};
use super::identifiers::Who;
use super::resolve::may_create;
use super::{Count, Happening, Key, Profiles, shop};
use crate::settings::Settings;

/// Something a tester should know although the request succeeded.
pub(crate) type Warnings = Vec<String>;

/// Where and when a write comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin {
    /// UTC milliseconds of the request's arrival.
    pub(crate) now: i64,
    /// Number of the request.
    pub(crate) request: u64,
}

fn flag(object: &Map<String, Value>, key: &str) -> Option<bool> {
    object.get(key).and_then(Value::as_bool)
}

/// Billable data points of an attributes object, whatever becomes of it.
pub(crate) fn data_points(object: &Map<String, Value>) -> u64 {
    object
        .iter()
        .filter(|(key, _)| {
            !fields::is_control(key)
                && !matches!(
                    key.as_str(),
                    "email_subscribe" | "push_subscribe" | "subscription_groups" | "push_tokens"
                )
        })
        .map(|(key, value)| match fields::fit(key, value) {
            Fit::Custom => match custom::write(None, value, false, usize::MAX) {
                Write::Set(_, _, points) => points,
                Write::Remove | Write::Drop(_) => 1,
            },
            _ => 1,
        })
        .sum()
}

impl Profiles {
    /// Applies an attributes object; the profile it went to, if any.
    pub(crate) fn apply_attributes(
        &mut self,
        settings: &Settings,
        target: &Target,
        object: &Map<String, Value>,
        origin: Origin,
    ) -> Option<Key> {
        let who = match target {
            Target::One(who) => who,
            Target::Tokens => {
                self.import_tokens(object, origin.now);
                return None;
            }
        };
        let create = may_create(who, flag(object, "_update_existing_only"));
        let key = self.find_or_create(who, create, origin.now)?;
        let mut warnings = Warnings::new();
        self.write_fields(settings, key, who, object, &mut warnings);
        let points = data_points(object);
        self.touch(key, origin.now);
        if let Some(profile) = self.get_mut(key) {
            profile.data_points += points;
            for text in warnings {
                profile.warn(text);
            }
        }
        Some(key)
    }

    /// Writes every field of an attributes object to a profile.
    pub(crate) fn write_fields(
        &mut self,
        settings: &Settings,
        key: Key,
        who: &Who,
        object: &Map<String, Value>,
        warnings: &mut Warnings,
    ) {
        let deep = flag(object, "_merge_objects") == Some(true);
        for (name, value) in object {
            if fields::is_control(name) {
                continue;
            }
            // An identifier is not written again: the profile was found by it.
            if matches!(
                (who, name.as_str()),
                (Who::Email(_), "email") | (Who::Phone(_), "phone")
            ) {
                continue;
            }
            if name == "subscription_groups" {
                self.write_groups(key, value);
                continue;
            }
            match fields::fit(name, value) {
                Fit::Set(value) => self.set_field(key, name, Some(value)),
                Fit::Unset => self.set_field(key, name, None),
                Fit::Ignore(why) => warnings.push(format!("Not stored: {why}.")),
                Fit::Custom => self.write_custom(settings, key, name, value, deep, warnings),
            }
        }
    }

    fn write_custom(
        &mut self,
        settings: &Settings,
        key: Key,
        name: &str,
        value: &Value,
        deep: bool,
        warnings: &mut Warnings,
    ) {
        if name.is_empty() || name.chars().count() > 255 || name.starts_with('$') {
            warnings.push(format!(
                "Not stored: '{name}' is no name for a custom attribute."
            ));
            return;
        }
        if settings
            .blocked_attributes
            .iter()
            .any(|blocked| blocked == name)
        {
            return;
        }
        let old = self
            .get(key)
            .and_then(|profile| profile.custom_attributes.get(name));
        let write = custom::write(old, value, deep, settings.max_array);
        if let Write::Set(_, kind, _) = &write {
            let first = self
                .types
                .entry(name.to_owned())
                .or_insert_with(|| (*kind).to_owned());
            if first != kind {
                warnings.push(format!(
                    "Type drift: '{name}' began as {first} and is now {kind}; filters on it break."
                ));
            }
        }
        let Some(profile) = self.get_mut(key) else {
            return;
        };
        match write {
            Write::Set(value, kind, _) => {
                profile.custom_attributes.insert(name.to_owned(), value);
                profile
                    .attribute_types
                    .insert(name.to_owned(), kind.to_owned());
            }
            Write::Remove => {
                profile.custom_attributes.shift_remove(name);
                profile.attribute_types.remove(name);
            }
            Write::Drop(why) => warnings.push(format!("Not stored: {name} ({why}).")),
        }
    }

    fn write_groups(&mut self, key: Key, value: &Value) {
        for item in value.as_array().into_iter().flatten() {
            let text = |name| item.get(name).and_then(Value::as_str);
            if let (Some(group), Some(state)) =
                (text("subscription_group_id"), text("subscription_state"))
            {
                self.set_group(key, group, state);
            }
        }
    }

    /// Sets a group's state on a profile and on every other with the same e-mail address.
    pub(crate) fn set_group(&mut self, key: Key, group: &str, state: &str) {
        let mut keys = vec![key];
        if let Some(email) = self.get(key).and_then(|profile| profile.text("email")) {
            keys.extend(self.by_email(email));
        }
        for key in keys {
            if let Some(profile) = self.get_mut(key) {
                profile
                    .subscription_groups
                    .insert(group.to_owned(), state.to_owned());
            }
        }
    }

    fn import_tokens(&mut self, object: &Map<String, Value>, now: i64) {
        let tokens = object
            .get("push_tokens")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let known: std::collections::HashSet<String> = self
            .recent(None)
            .filter_map(|(_, profile)| profile.fields.get("push_tokens").and_then(Value::as_array))
            .flatten()
            .filter_map(|token| {
                token
                    .get("token")
                    .and_then(Value::as_str)
                    .map(str::to_owned)
            })
            .collect();
        if tokens.iter().any(|token| {
            token
                .get("token")
                .and_then(Value::as_str)
                .is_some_and(|text| known.contains(text))
        }) {
            return;
        }
        for token in tokens {
            let key = self.create(now);
            self.set_field(key, "push_tokens", Some(Value::Array(vec![token])));
        }
    }

    /// Applies an event or a purchase; the profile it went to, if any.
    pub(crate) fn apply_happening(
        &mut self,
        settings: &Settings,
        taken: &Taken,
        purchase: bool,
        object: Arc<Map<String, Value>>,
        origin: Origin,
    ) -> Option<Key> {
        let strict = settings.strict_alias && matches!(taken.who, Who::Alias(_));
        let create = !strict && may_create(&taken.who, flag(&object, "_update_existing_only"));
        let key = self.find_or_create(&taken.who, create, origin.now)?;
        self.touch(key, origin.now);
        let profile = self.get_mut(key)?;
        profile.data_points += 1;
        let name = object
            .get(if purchase { "product_id" } else { "name" })
            .and_then(Value::as_str)
            .unwrap_or_default();
        let name = name.to_owned();
        if !purchase && name.starts_with("ecommerce.") {
            let nothing = Value::Null;
            let properties = object.get("properties").unwrap_or(&nothing);
            if name == "ecommerce.cart_updated"
                && shop::stale_cart(&profile.carts, properties, taken.time)
            {
                profile.warn("Ignored: a cart change that is not newer, after checkout, or without products.".to_owned());
                return Some(key);
            }
            if let Some(cart) = properties.get("cart_id").and_then(Value::as_str) {
                profile.carts.insert(
                    cart.to_owned(),
                    (taken.time, name != "ecommerce.cart_updated"),
                );
            }
        }
        if purchase {
            let quantity = object.get("quantity").and_then(Value::as_u64).unwrap_or(1);
            let price = object.get("price").and_then(Value::as_f64).unwrap_or(0.0);
            profile.total_revenue += price * f64::from(u32::try_from(quantity).unwrap_or(1));
            let old = profile.purchases.get(&name).copied();
            profile
                .purchases
                .insert(name.clone(), Count::add(old, taken.time, quantity));
        } else {
            let old = profile.custom_events.get(&name).copied();
            profile
                .custom_events
                .insert(name.clone(), Count::add(old, taken.time, 1));
        }
        while profile.happenings.len() >= settings.keep_events.max(1) {
            profile.happenings.pop_front();
        }
        if settings.keep_events > 0 {
            profile.happenings.push_back(Happening {
                name,
                purchase,
                time: taken.time,
                received_at: origin.now,
                request: origin.request,
                object,
            });
        }
        Some(key)
    }
}
