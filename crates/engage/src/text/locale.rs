//! Language tags, as far as a hub needs them: `de`, `pt-BR`, `zh-Hant`, `zh-Hant-TW`.
//! Promises one spelling per language (language lower, Script title, REGION upper), so that tags compare as text.
//! Leaves plural rules and message formatting to `texts`.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A language tag: the subset `language[-Script][-REGION]` of BCP 47 (RFC 5646), in its canonical spelling.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Locale(Cow<'static, str>);

/// A text is not a language tag of the supported subset.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{tag}` is not a language tag; write the language, then a region if it matters, such as `en`, `de` or `pt-BR`"
)]
pub struct NotALocale {
    /// What was given, cut to a length that can be shown.
    pub tag: String,
}

impl Locale {
    /// English, the language that every product text exists in.
    pub const ENGLISH: Self = Self(Cow::Borrowed("en"));

    /// The tag, for example `pt-BR`. Fit for the `lang` attribute of HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language alone, for example `pt` of `pt-BR`.
    pub fn language(&self) -> &str {
        self.0.split('-').next().unwrap_or("en")
    }

    /// Whether the language is written from right to left (for the `dir` attribute of HTML).
    pub fn right_to_left(&self) -> bool {
        matches!(
            self.language(),
            "ar" | "fa" | "he" | "ur" | "yi" | "ps" | "sd" | "ug" | "dv" | "ckb"
        )
    }

    /// The most specific of `available` that serves this locale: the same tag, else one of the same language.
    pub fn best_of<'a>(&self, available: &'a [Self]) -> Option<&'a Self> {
        available
            .iter()
            .find(|candidate| *candidate == self)
            .or_else(|| {
                available
                    .iter()
                    .find(|candidate| candidate.as_str() == self.language())
            })
            .or_else(|| {
                available
                    .iter()
                    .find(|candidate| candidate.language() == self.language())
            })
    }
}

impl FromStr for Locale {
    type Err = NotALocale;

    fn from_str(text: &str) -> Result<Self, NotALocale> {
        let refuse = || NotALocale {
            tag: text.chars().take(40).collect(),
        };
        let letters = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphabetic());
        let mut parts = text.trim().split(['-', '_']);
        let language = parts
            .next()
            .filter(|part| matches!(part.len(), 2 | 3) && letters(part))
            .ok_or_else(refuse)?;
        let mut tag = language.to_ascii_lowercase();
        let mut next = parts.next();
        if let Some(script) = next.filter(|part| part.len() == 4 && letters(part)) {
            let (first, rest) = script.split_at_checked(1).ok_or_else(refuse)?;
            tag.push('-');
            tag.push_str(&first.to_ascii_uppercase());
            tag.push_str(&rest.to_ascii_lowercase());
            next = parts.next();
        }
        if let Some(region) = next {
            let known = (region.len() == 2 && letters(region))
                || (region.len() == 3 && region.bytes().all(|byte| byte.is_ascii_digit()));
            if !known || parts.next().is_some() {
                return Err(refuse());
            }
            tag.push('-');
            tag.push_str(&region.to_ascii_uppercase());
        }
        Ok(Self(Cow::Owned(tag)))
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Locale {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Locale {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Locale {
    fn schema_name() -> Cow<'static, str> {
        "Locale".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A language tag such as en, de or pt-BR.",
            "pattern": "^[A-Za-z]{2,3}([-_][A-Za-z]{4})?([-_]([A-Za-z]{2}|[0-9]{3}))?$"
        })
    }
}

/// Chooses the language for a participant from the browser's `Accept-Language` (RFC 9110, section 12.5.4) and the
/// hub's languages, whose first is the default. An unreadable header chooses the default.
pub fn negotiate(accept_language: &str, available: &[Locale]) -> Locale {
    let mut wishes: Vec<(Locale, f32)> = accept_language
        .split(',')
        .take(32)
        .filter_map(|wish| {
            let mut parts = wish.split(';');
            let locale = parts.next()?.trim().parse().ok()?;
            let weight = parts
                .find_map(|part| {
                    part.trim()
                        .strip_prefix("q=")
                        .and_then(|q| q.trim().parse::<f32>().ok())
                })
                .unwrap_or(1.0);
            (weight > 0.0).then_some((locale, weight))
        })
        .collect();
    // A stable sort: equal weights keep the order of the header.
    wishes.sort_by(|left, right| right.1.total_cmp(&left.1));
    wishes
        .iter()
        .find_map(|(wish, _)| wish.best_of(available))
        .or(available.first())
        .cloned()
        .unwrap_or(Locale::ENGLISH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locales(tags: &[&str]) -> Vec<Locale> {
        tags.iter().map(|tag| tag.parse().unwrap()).collect()
    }

    #[test]
    fn a_tag_has_one_spelling() {
        for (given, kept) in [
            ("DE", "de"),
            ("pt_br", "pt-BR"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("es-419", "es-419"),
            (" en ", "en"),
        ] {
            assert_eq!(given.parse::<Locale>().unwrap().as_str(), kept);
        }
    }

    #[test]
    fn what_is_no_tag_is_refused_with_an_example() {
        for wrong in [
            "",
            "english",
            "e",
            "de-",
            "de-DE-x-y",
            "d\u{e9}",
            "*",
            "en\"><script>",
        ] {
            let problem = wrong.parse::<Locale>().unwrap_err().to_string();
            assert!(problem.contains("pt-BR"), "{problem}");
        }
    }

    #[test]
    fn a_participant_gets_the_language_wished_most_that_the_hub_speaks() {
        let hub = locales(&["en", "de", "pt-BR"]);
        for (header, chosen) in [
            ("de-AT,de;q=0.9,en;q=0.8", "de"),
            ("fr, en;q=0.5", "en"),
            ("en;q=0.4, de;q=0.8", "de"),
            ("pt", "pt-BR"),
            ("de;q=0, en", "en"),
            ("fr", "en"),
            ("", "en"),
            ("\u{0};;q=,,,q=x", "en"),
        ] {
            assert_eq!(negotiate(header, &hub).as_str(), chosen, "for `{header}`");
        }
    }

    #[test]
    fn a_hub_without_languages_speaks_english() {
        assert_eq!(negotiate("de", &[]), Locale::ENGLISH);
    }
}
