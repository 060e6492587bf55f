//! Reading JSON from strangers: an object that names a key twice is refused, because which of the two was meant is not ours to
//! guess (RFC 8259, section 4, leaves it open).

use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Map, Number, Value};

/// Reads a body. The error is a sentence for the sender and never repeats what was sent.
pub fn read(body: &[u8]) -> Result<Value, String> {
    let mut from = serde_json::Deserializer::from_slice(body);
    let Strict(value) = Strict::deserialize(&mut from).and_then(|value| from.end().map(|()| value)).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        if error.is_data() {
            format!("A key stands twice in one object of the JSON body ({place}). Send each key once.")
        } else {
            format!("The body is not valid JSON ({place}). Send a JSON object such as {{\"fields\": {{\"email\": \"ann@example.org\"}}}}.")
        }
    })?;
    Ok(value)
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Seed.deserialize(from).map(Self)
    }
}

struct Seed;

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, it: bool) -> Result<Value, E> {
        Ok(Value::Bool(it))
    }
    fn visit_i64<E>(self, it: i64) -> Result<Value, E> {
        Ok(Value::Number(it.into()))
    }
    fn visit_u64<E>(self, it: u64) -> Result<Value, E> {
        Ok(Value::Number(it.into()))
    }
    fn visit_f64<E>(self, it: f64) -> Result<Value, E> {
        Ok(Number::from_f64(it).map_or(Value::Null, Value::Number))
    }
    fn visit_str<E>(self, it: &str) -> Result<Value, E> {
        Ok(Value::String(it.to_owned()))
    }
    fn visit_string<E>(self, it: String) -> Result<Value, E> {
        Ok(Value::String(it))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        while let Some(item) = items.next_element_seed(Self)? {
            out.push(item);
        }
        Ok(Value::Array(out))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut out = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            if out.contains_key(&key) {
                return Err(A::Error::custom("a key stands twice"));
            }
            let value = members.next_value_seed(Self)?;
            out.insert(key, value);
        }
        Ok(Value::Object(out))
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn ordinary_json_is_read_as_it_is() {
        let text = r#"{"fields":{"a":"x","n":1,"f":1.5,"yes":true,"no":null,"list":["a","b"]},"consents":{}}"#;
        assert_eq!(read(text.as_bytes()).unwrap().to_string(), text);
    }

    #[test]
    fn a_key_that_stands_twice_is_refused_at_any_depth() {
        for text in [
            r#"{"a":1,"a":2}"#,
            r#"{"fields":{"email":"a","email":"b"}}"#,
            r#"[{"x":[{"y":1,"y":1}]}]"#,
        ] {
            assert!(
                read(text.as_bytes()).unwrap_err().contains("twice"),
                "{text}"
            );
        }
    }

    #[test]
    fn broken_json_is_refused_with_its_place_and_without_an_echo() {
        for text in [
            "",
            "{",
            "{\"a\":}",
            "{} {}",
            "secret",
            "{'a':1}",
            "\u{0}",
            "{\"a\":1,}",
        ] {
            let error = read(text.as_bytes()).unwrap_err();
            assert!(
                error.contains("not valid JSON (line 1") && !error.contains("secret"),
                "{text}: {error}"
            );
        }
        assert!(read(&[b'"', 0xff, b'"']).is_err(), "not UTF-8");
        assert!(read("[".repeat(10_000).as_bytes()).is_err(), "too deep");
    }
}
