//! A profile as JSON, for tests and for the pages.
//! Promises stable names: those of Braze's own export where it has one.
//! Leaves the choice of fields of `/users/export/ids` to `export`.

use serde_json::{Map, Value, json};

use super::{Count, Happening, Profile};
use crate::dates;

fn counts<'a>(list: impl Iterator<Item = (&'a String, &'a Count)>) -> Value {
    list.map(|(name, count)| {
        json!({"name": name, "first": dates::iso(count.first), "last": dates::iso(count.last), "count": count.count})
    })
    .collect()
}

/// One event or purchase.
pub(crate) fn happening(happening: &Happening) -> Value {
    let mut map = Map::new();
    map.insert(
        if happening.purchase {
            "product_id"
        } else {
            "name"
        }
        .to_owned(),
        json!(happening.name),
    );
    map.insert("time".to_owned(), json!(dates::iso(happening.time)));
    map.insert(
        "received_at".to_owned(),
        json!(dates::iso(happening.received_at)),
    );
    map.insert("request".to_owned(), json!(happening.request));
    for key in ["properties", "app_id", "currency", "price", "quantity"] {
        if let Some(value) = happening.object.get(key) {
            map.insert(key.to_owned(), value.clone());
        }
    }
    Value::Object(map)
}

impl Profile {
    /// Custom events as in an export: name, first, last, count.
    pub(crate) fn event_counts(&self) -> Value {
        counts(self.custom_events.iter())
    }

    /// Purchases as in an export: name, first, last, count.
    pub(crate) fn purchase_counts(&self) -> Value {
        counts(self.purchases.iter())
    }

    /// Everything that is known about the profile.
    pub fn to_json(&self) -> Value {
        let mut map = Map::new();
        map.insert("external_id".to_owned(), json!(self.external_id));
        map.insert("braze_id".to_owned(), json!(self.braze_id));
        map.insert("user_aliases".to_owned(), json!(self.user_aliases));
        for field in [
            "email",
            "phone",
            "first_name",
            "last_name",
            "country",
            "language",
            "dob",
            "gender",
        ] {
            map.insert(
                field.to_owned(),
                self.fields.get(field).cloned().unwrap_or(Value::Null),
            );
        }
        for (field, value) in &self.fields {
            map.insert(field.clone(), value.clone());
        }
        for state in ["email_subscribe", "push_subscribe"] {
            map.entry(state).or_insert_with(|| json!("subscribed"));
        }
        let groups: Value = self
            .subscription_groups
            .iter()
            .map(|(id, state)| json!({"subscription_group_id": id, "subscription_state": state}))
            .collect();
        map.insert("subscription_groups".to_owned(), groups);
        map.insert(
            "custom_attributes".to_owned(),
            Value::Object(self.custom_attributes.clone()),
        );
        map.insert(
            "custom_attribute_types".to_owned(),
            json!(self.attribute_types),
        );
        map.insert("custom_events".to_owned(), self.event_counts());
        map.insert("purchases".to_owned(), self.purchase_counts());
        map.insert("total_revenue".to_owned(), json!(self.total_revenue));
        map.insert(
            "events".to_owned(),
            self.happenings
                .iter()
                .filter(|one| !one.purchase)
                .map(happening)
                .collect(),
        );
        map.insert(
            "purchase_list".to_owned(),
            self.happenings
                .iter()
                .filter(|one| one.purchase)
                .map(happening)
                .collect(),
        );
        map.insert(
            "deprecated_external_ids".to_owned(),
            json!(self.deprecated_ids),
        );
        map.insert("warnings".to_owned(), json!(self.warnings));
        map.insert("data_points".to_owned(), json!(self.data_points));
        map.insert("created_at".to_owned(), json!(dates::iso(self.created_at)));
        map.insert("updated_at".to_owned(), json!(dates::iso(self.updated_at)));
        Value::Object(map)
    }
}
