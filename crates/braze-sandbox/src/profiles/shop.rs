//! The closed schemas of the e-commerce recommended events (Braze contract 5.9).
//! Promises the recorded sentences for a missing, a wrong and an unknown property.
//! Leaves all other events alone.

use serde_json::{Map, Value, json};

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    Number,
    Integer,
    List,
    Object,
}

struct Schema {
    required: &'static [(&'static str, Kind)],
    optional: &'static [(&'static str, Kind)],
}

use Kind::{Integer, List, Number, Object, Text};

const PRODUCT: Schema = Schema {
    required: &[
        ("product_id", Text),
        ("product_name", Text),
        ("variant_id", Text),
        ("quantity", Integer),
        ("price", Number),
    ],
    optional: &[
        ("image_url", Text),
        ("product_url", Text),
        ("metadata", Object),
    ],
};

fn schema(name: &str) -> Option<Schema> {
    Some(match name {
        "ecommerce.product_viewed" => Schema {
            required: &[
                ("product_id", Text),
                ("product_name", Text),
                ("variant_id", Text),
                ("price", Number),
                ("currency", Text),
                ("source", Text),
            ],
            optional: &[
                ("image_url", Text),
                ("product_url", Text),
                ("type", List),
                ("metadata", Object),
            ],
        },
        "ecommerce.cart_updated" => Schema {
            required: &[
                ("cart_id", Text),
                ("total_value", Number),
                ("currency", Text),
                ("products", List),
                ("source", Text),
            ],
            optional: &[
                ("action", Text),
                ("subtotal_value", Number),
                ("tax", Number),
                ("shipping", Number),
                ("metadata", Object),
            ],
        },
        "ecommerce.checkout_started" => Schema {
            required: &[
                ("checkout_id", Text),
                ("total_value", Number),
                ("currency", Text),
                ("products", List),
                ("source", Text),
            ],
            optional: &[
                ("cart_id", Text),
                ("subtotal_value", Number),
                ("tax", Number),
                ("shipping", Number),
                ("metadata", Object),
            ],
        },
        "ecommerce.order_placed" => Schema {
            required: &[
                ("order_id", Text),
                ("total_value", Number),
                ("currency", Text),
                ("products", List),
                ("source", Text),
            ],
            optional: &[
                ("cart_id", Text),
                ("subtotal_value", Number),
                ("tax", Number),
                ("shipping", Number),
                ("total_discounts", Number),
                ("discounts", List),
                ("metadata", Object),
            ],
        },
        "ecommerce.order_refunded" => Schema {
            required: &[
                ("order_id", Text),
                ("total_value", Number),
                ("currency", Text),
                ("products", List),
                ("source", Text),
            ],
            optional: &[
                ("total_discounts", Number),
                ("discounts", List),
                ("metadata", Object),
            ],
        },
        "ecommerce.order_cancelled" => Schema {
            required: &[("order_id", Text), ("cancel_reason", Text)],
            optional: &[
                ("total_value", Number),
                ("currency", Text),
                ("products", List),
                ("source", Text),
                ("subtotal_value", Number),
                ("tax", Number),
                ("shipping", Number),
                ("total_discounts", Number),
                ("discounts", List),
                ("metadata", Object),
            ],
        },
        _ => return None,
    })
}

/// Checks the properties of an event against its schema, if its name has one.
pub(crate) fn check(name: &str, properties: Option<&Value>, errors: &mut Vec<String>) {
    let Some(schema) = schema(name) else { return };
    let empty = Map::new();
    let properties = properties.and_then(Value::as_object).unwrap_or(&empty);
    check_object(&schema, properties, "#/", errors);
    if let Some(products) = properties.get("products").and_then(Value::as_array) {
        for (index, product) in products.iter().enumerate() {
            match product.as_object() {
                Some(product) => {
                    check_object(&PRODUCT, product, &format!("#/products/{index}/"), errors);
                }
                None => errors.push(mismatch(&format!("#/products/{index}"), product, "object")),
            }
        }
    }
}

fn check_object(schema: &Schema, object: &Map<String, Value>, at: &str, errors: &mut Vec<String>) {
    // The top is named `#/`, an element inside without the slash at its end.
    let place = if at == "#/" {
        at
    } else {
        at.trim_end_matches('/')
    };
    for (key, _) in schema.required {
        if !object.contains_key(*key) {
            errors.push(format!(
                "The property '{place}' did not contain a required property of '{key}'"
            ));
        }
    }
    let mut unknown = Vec::new();
    for (key, value) in object {
        match schema
            .required
            .iter()
            .chain(schema.optional)
            .find(|(name, _)| name == key)
        {
            None => unknown.push(key.as_str()),
            Some((_, kind)) if !matches(*kind, value) => {
                errors.push(mismatch(&format!("{at}{key}"), value, named(*kind)));
            }
            Some(_) => {}
        }
    }
    if !unknown.is_empty() {
        let list = json!(unknown);
        errors.push(format!(
            "The property '{place}' contains additional properties {list} outside of the schema when none are allowed"
        ));
    }
}

fn mismatch(place: &str, value: &Value, wanted: &str) -> String {
    let given = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    format!("The property '{place}' of type {given} did not match the following type: {wanted}")
}

fn matches(kind: Kind, value: &Value) -> bool {
    match kind {
        Text => value.is_string(),
        Number => value.is_number(),
        Integer => value.is_i64() || value.is_u64(),
        List => value.is_array(),
        Object => value.is_object(),
    }
}

fn named(kind: Kind) -> &'static str {
    match kind {
        Text => "string",
        Number => "number",
        Integer => "integer",
        List => "array",
        Object => "object",
    }
}

/// Whether a cart event has no effect: an older change, a cart that went to checkout, or no products.
pub(crate) fn stale_cart(
    carts: &std::collections::BTreeMap<String, (i64, bool)>,
    properties: &Value,
    time: i64,
) -> bool {
    let empty = properties
        .get("products")
        .and_then(Value::as_array)
        .is_none_or(Vec::is_empty);
    let cart = properties
        .get("cart_id")
        .and_then(Value::as_str)
        .and_then(|id| carts.get(id));
    empty || cart.is_some_and(|(last, checked_out)| *checked_out || time <= *last)
}
