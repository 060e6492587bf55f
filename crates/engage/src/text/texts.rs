//! What the product itself says to participants, in their language, by Project Fluent.
//! Promises a sentence for every id: the language, else its parent, else English. A test holds that every language has
//! every id with the same arguments.
//! Leaves authors' texts to `LocalText`.

use std::sync::LazyLock;

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

use super::{LocalText, Locale};

/// A value inside a message; made from text or numbers with `into()`.
pub use fluent_bundle::FluentValue as Arg;

/// A language that the product speaks: what is its own, beside the texts of the cards.
struct Language {
    tag: &'static str,
    /// Whether `12,5` is written with a comma.
    comma: bool,
    /// The shared texts, the fields' and the mails'.
    sources: [&'static str; 3],
}

macro_rules! languages {
    ($($tag:literal $mark:literal,)*) => {
        [$(Language {
            tag: $tag,
            comma: $mark == ',',
            sources: [
                include_str!(concat!("messages.", $tag, ".ftl")),
                include_str!(concat!("../fields/messages.", $tag, ".ftl")),
                include_str!(concat!("../mail/texts.", $tag, ".ftl")),
            ],
        }),*]
    };
}

/// The languages the product speaks, each with its decimal mark; English first. A language is added here and beside
/// every `.en.ftl`.
const LANGUAGES: [Language; 5] = languages! {
    "en" '.',
    "de" ',',
    "fr" ',',
    "es" ',',
    "ja" '.',
};

struct Catalogue {
    locale: Locale,
    bundle: FluentBundle<FluentResource>,
}

static CATALOGUES: LazyLock<Vec<Catalogue>> =
    LazyLock::new(|| LANGUAGES.iter().filter_map(catalogue).collect());

impl Language {
    /// All sources: the shared ones, and those of each card engine.
    fn sources(&self) -> impl Iterator<Item = &'static str> {
        self.sources
            .into_iter()
            .chain(crate::cards::texts(self.tag))
    }
}

fn catalogue(language: &Language) -> Option<Catalogue> {
    let id: LanguageIdentifier = language.tag.parse().ok()?;
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // The isolating marks would stand in JSON answers and log lines; pages isolate with <bdi> where it matters.
    bundle.set_use_isolating(false);
    if language.comma {
        bundle.set_formatter(Some(|value, _| match value {
            Arg::Number(number) => Some(number.as_string().replace('.', ",")),
            _ => None,
        }));
    }
    for source in language.sources() {
        // Broken entries are left out here; the tests refuse a catalogue that has any.
        let resource =
            FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
    }
    Some(Catalogue {
        locale: language.tag.parse().ok()?,
        bundle,
    })
}

/// The languages that the product's own texts exist in.
pub fn languages() -> Vec<Locale> {
    CATALOGUES
        .iter()
        .map(|catalogue| catalogue.locale.clone())
        .collect()
}

/// A message in a language, or in English where the product doesn't speak it. An unknown id is shown as it is.
pub fn message(locale: &Locale, id: &str, args: &[(&str, Arg<'_>)]) -> String {
    let wished = CATALOGUES
        .iter()
        .find(|catalogue| catalogue.locale.as_str() == locale.language());
    let mut fluent = FluentArgs::new();
    for (name, value) in args {
        fluent.set(*name, value.clone());
    }
    let text = wished
        .into_iter()
        .chain(CATALOGUES.first())
        .find_map(|catalogue| {
            let pattern = catalogue.bundle.get_message(id)?.value()?;
            let mut errors = Vec::new();
            Some(
                catalogue
                    .bundle
                    .format_pattern(pattern, Some(&fluent), &mut errors)
                    .into_owned(),
            )
        })
        .unwrap_or_else(|| id.to_owned());
    if wished.is_none() && locale.right_to_left() {
        // English among words that run the other way keeps its own order, and its full stop at its end (UAX #9).
        return format!("\u{2066}{text}\u{2069}");
    }
    text
}

/// A message without arguments.
pub fn plain(locale: &Locale, id: &str) -> String {
    message(locale, id, &[])
}

/// A message without arguments as an author's text: in every language that the product speaks.
pub fn everywhere(id: &str) -> LocalText {
    let each = languages().into_iter().map(|language| {
        let text = plain(&language, id);
        (language, text)
    });
    LocalText::PerLocale(each.collect())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Texts that are right in English and in another language, by language. Many are words that both took from Latin.
    const SAME: [(&str, &[&str]); 4] = [
        (
            "de",
            &[
                "article-control-text",
                "countdown-title",
                "link-title",
                "moment",
                "pick-a-box-box",
                "pick-a-box-fact",
                "questions-control-result-text",
                "quiz-title",
                "secret-code-control-codes",
                "secret-code-fact-code",
                "swiper-title",
            ],
        ),
        (
            "fr",
            &[
                "article-title",
                "countdown-minutes",
                "quiz-title",
                "secret-code-control-codes",
                "secret-code-fact-code",
                "skill-points",
                "survey-control-pages",
                "survey-control-type-date",
                "swiper-title",
                "vote-title",
            ],
        ),
        ("es", &["form-no", "moment", "swiper-no", "swiper-title"]),
        ("ja", &["poll-share", "rating-decimal"]),
    ];

    fn speaks(tag: &str) -> &'static Language {
        LANGUAGES.iter().find(|it| it.tag == tag).unwrap()
    }

    /// What stands in the sources, by id.
    fn written(language: &Language) -> BTreeMap<String, String> {
        let tag = language.tag;
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        for source in language.sources() {
            if let Err((_, errors)) = FluentResource::try_new(source.to_owned()) {
                panic!("a .{tag}.ftl file is broken, correct it: {errors:?}");
            }
            let mut id = String::new();
            for line in source.lines().filter(|line| !line.starts_with('#')) {
                let mut words = line;
                if line.starts_with(|first: char| first.is_ascii_lowercase()) {
                    let (name, rest) = line.split_once(" =").unwrap();
                    (id, words) = (name.to_owned(), rest);
                    assert!(
                        found.insert(id.clone(), String::new()).is_none(),
                        "`{id}` stands twice in the {tag} texts; remove one"
                    );
                }
                if let Some(text) = found.get_mut(&id) {
                    text.push_str(words);
                }
            }
        }
        found
    }

    /// The names of a text's arguments.
    fn arguments(text: &str) -> BTreeSet<&str> {
        let named = text.split('$').skip(1);
        named
            .filter_map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric()).next())
            .collect()
    }

    #[test]
    fn every_message_exists_in_every_language_with_the_same_arguments() {
        let english = written(speaks("en"));
        assert!(english.len() > 20);
        for language in &LANGUAGES {
            let (tag, other) = (language.tag, written(language));
            for (id, text) in &english {
                assert_eq!(
                    other.get(id).map(|it| arguments(it)),
                    Some(arguments(text)),
                    "translate `{id}` in the .{tag}.ftl beside its .en.ftl, with the same arguments"
                );
            }
            for id in other.keys() {
                assert!(
                    english.contains_key(id),
                    "`{id}` is in {tag} only; add it to the .en.ftl or remove it"
                );
            }
        }
    }

    #[test]
    fn no_text_was_left_in_english() {
        let english = written(speaks("en"));
        for (tag, same) in SAME {
            let other = written(speaks(tag));
            let left: Vec<&str> = english
                .iter()
                .filter(|(id, text)| other.get(*id) == Some(text))
                // What is made of arguments alone has nothing to translate.
                .filter(|(_, text)| {
                    text.split(['{', '}'])
                        .step_by(2)
                        .any(|it| !it.trim().is_empty())
                })
                .map(|(id, _)| id.as_str())
                .collect();
            assert_eq!(
                left, same,
                "translate these in the .{tag}.ftl, or list in SAME those that are the same in both languages"
            );
        }
    }

    #[test]
    fn numbers_are_written_with_the_decimal_mark_of_the_language() {
        let example = |tag: &str| {
            let locale = tag.parse().unwrap();
            message(&locale, "number-wrong", &[("example", 12.5.into())])
        };
        for (tag, number) in [
            ("en", "12.5"),
            ("de", "12,5"),
            ("fr", "12,5"),
            ("es", "12,5"),
            ("ja", "12.5"),
        ] {
            assert!(example(tag).contains(number), "{}", example(tag));
        }
    }

    #[test]
    fn a_number_takes_the_form_that_the_language_has_for_it() {
        let minutes = |tag: &str, number: i64| {
            let locale = tag.parse().unwrap();
            message(
                &locale,
                "article-reading-time",
                &[("number", number.into())],
            )
        };
        assert_eq!(minutes("en", 1), "One minute to read");
        assert_eq!(minutes("fr", 0), "0 minute de lecture");
        assert_eq!(minutes("fr", 1), "1 minute de lecture");
        assert_eq!(minutes("fr", 2), "2 minutes de lecture");
        assert_eq!(minutes("es", 0), "0 minutos de lectura");
        assert_eq!(minutes("ja", 1), "1分で読めます");
    }

    #[test]
    fn a_message_comes_in_the_participants_language_and_else_in_english() {
        let de_at = "de-AT".parse().unwrap();
        let fr_ca = "fr-CA".parse().unwrap();
        let welsh = "cy".parse().unwrap();
        assert_eq!(plain(&de_at, "form-yes"), "Ja");
        assert_eq!(plain(&fr_ca, "form-yes"), "Oui");
        assert_eq!(plain(&welsh, "form-yes"), "Yes");
        assert_eq!(plain(&welsh, "no-such-id"), "no-such-id");
    }

    #[test]
    fn english_stays_in_order_among_words_that_run_from_right_to_left() {
        let arabic = "ar-EG".parse().unwrap();
        assert_eq!(plain(&arabic, "form-yes"), "\u{2066}Yes\u{2069}");
    }
}
