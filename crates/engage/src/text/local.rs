//! An author's text: one for all languages, or one per language.
//! Promises that there is always something to show. Leaves product texts to `texts`, and warnings about missing
//! languages to the hub's problems.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, Serialize, de};

use super::Locale;

/// A text by the author: `"Welcome"`, or `{ en = "Welcome", de = "Willkommen" }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum LocalText {
    /// The same text in every language.
    Plain(String),
    /// One text per language.
    PerLocale(BTreeMap<Locale, String>),
}

impl LocalText {
    /// The text in a language: that language, else its parent (`de` for `de-AT`), else the default, else any.
    pub fn get(&self, locale: &Locale, default: &Locale) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::PerLocale(texts) => texts
                .get(locale)
                .or_else(|| {
                    texts
                        .iter()
                        .find(|(tag, _)| tag.as_str() == locale.language())
                        .map(|(_, text)| text)
                })
                .or_else(|| texts.get(default))
                .or_else(|| texts.values().next())
                .map_or("", String::as_str),
        }
    }

    /// Whether there is nothing to show in any language.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Plain(text) => text.trim().is_empty(),
            Self::PerLocale(texts) => texts.values().all(|text| text.trim().is_empty()),
        }
    }

    /// The languages of `wanted` that this text lacks. A plain text lacks none.
    pub fn missing<'a>(&'a self, wanted: &'a [Locale]) -> impl Iterator<Item = &'a Locale> {
        wanted.iter().filter(move |locale| match self {
            Self::Plain(_) => false,
            Self::PerLocale(texts) => texts.get(*locale).is_none_or(|text| text.trim().is_empty()),
        })
    }
}

impl Default for LocalText {
    fn default() -> Self {
        Self::Plain(String::new())
    }
}

impl From<&str> for LocalText {
    fn from(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }
}

impl From<String> for LocalText {
    fn from(text: String) -> Self {
        Self::Plain(text)
    }
}

// By hand instead of `untagged`, whose error would be "did not match any variant".
impl<'de> Deserialize<'de> for LocalText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> de::Visitor<'de> for Texts {
            type Value = LocalText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a text, or one text per language such as { en = \"Hello\", de = \"Hallo\" }",
                )
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<LocalText, E> {
                Ok(LocalText::Plain(text.to_owned()))
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<LocalText, E> {
                Ok(LocalText::Plain(text))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<LocalText, A::Error> {
                let mut texts = BTreeMap::new();
                while let Some((locale, text)) = map.next_entry::<Locale, String>()? {
                    if texts.insert(locale.clone(), text).is_some() {
                        return Err(de::Error::custom(format!(
                            "the language `{locale}` is given twice"
                        )));
                    }
                }
                Ok(LocalText::PerLocale(texts))
            }
        }
        deserializer.deserialize_any(Texts)
    }
}

impl schemars::JsonSchema for LocalText {
    fn schema_name() -> Cow<'static, str> {
        "LocalText".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A text for all languages, or one text per language: { \"en\": \"Hello\", \"de\": \"Hallo\" }.",
            "anyOf": [
                { "type": "string" },
                { "type": "object", "additionalProperties": { "type": "string" },
                  "propertyNames": { "pattern": "^[A-Za-z]{2,3}([-_][A-Za-z]{4})?([-_]([A-Za-z]{2}|[0-9]{3}))?$" } }
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(json: &str) -> LocalText {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_missing_language_falls_back_to_the_hubs_default() {
        let de_at = "de-AT".parse().unwrap();
        let fr = "fr".parse().unwrap();
        let both = text(r#"{"en":"Hello","de":"Hallo"}"#);
        assert_eq!(both.get(&de_at, &Locale::ENGLISH), "Hallo");
        assert_eq!(both.get(&fr, &Locale::ENGLISH), "Hello");
        assert_eq!(text(r#"{"it":"Ciao"}"#).get(&fr, &Locale::ENGLISH), "Ciao");
        assert_eq!(text(r#""Hi""#).get(&fr, &Locale::ENGLISH), "Hi");
        assert_eq!(text("{}").get(&fr, &Locale::ENGLISH), "");
    }

    #[test]
    fn missing_translations_are_named() {
        let wanted = ["en".parse().unwrap(), "de".parse().unwrap()];
        let only_english = text(r#"{"en":"Hello","de":" "}"#);
        assert_eq!(
            only_english
                .missing(&wanted)
                .map(Locale::as_str)
                .collect::<Vec<_>>(),
            ["de"]
        );
        assert_eq!(text(r#""Hello""#).missing(&wanted).count(), 0);
    }

    #[test]
    fn a_wrong_shape_says_what_to_write() {
        let problem = serde_json::from_str::<LocalText>("3")
            .unwrap_err()
            .to_string();
        assert!(problem.contains("one text per language"), "{problem}");
    }
}
