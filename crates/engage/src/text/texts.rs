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

/// The languages the product speaks; English first. A language is added here and beside every `.en.ftl`.
const LANGUAGES: [&str; 2] = ["en", "de"];

struct Catalogue {
    locale: Locale,
    bundle: FluentBundle<FluentResource>,
}

static CATALOGUES: LazyLock<Vec<Catalogue>> = LazyLock::new(|| {
    LANGUAGES
        .iter()
        .filter_map(|language| catalogue(language))
        .collect()
});

/// All sources of one language: the shared one, the fields', the mails', and one per card engine.
fn sources(language: &str) -> Vec<&'static str> {
    let own = match language {
        "de" => [
            include_str!("messages.de.ftl"),
            include_str!("../fields/messages.de.ftl"),
            include_str!("../mail/texts.de.ftl"),
        ],
        _ => [
            include_str!("messages.en.ftl"),
            include_str!("../fields/messages.en.ftl"),
            include_str!("../mail/texts.en.ftl"),
        ],
    };
    own.into_iter()
        .chain(crate::cards::texts(language))
        .collect()
}

fn catalogue(language: &str) -> Option<Catalogue> {
    let id: LanguageIdentifier = language.parse().ok()?;
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // The isolating marks would stand in JSON answers and log lines; pages isolate with <bdi> where it matters.
    bundle.set_use_isolating(false);
    for source in sources(language) {
        // Broken entries are left out here; the tests refuse a catalogue that has any.
        let resource =
            FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
    }
    Some(Catalogue {
        locale: language.parse().ok()?,
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
    wished
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
        .unwrap_or_else(|| id.to_owned())
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

    /// Ids with the names of their arguments, read from the sources line by line.
    fn inventory(language: &str) -> BTreeMap<String, BTreeSet<String>> {
        let mut found = BTreeMap::new();
        for source in sources(language) {
            if let Err((_, errors)) = FluentResource::try_new(source.to_owned()) {
                panic!("a .{language}.ftl file is broken, correct it: {errors:?}");
            }
            let mut id = String::new();
            for line in source.lines() {
                if line.starts_with(|first: char| first.is_ascii_lowercase()) {
                    id = line.split(" =").next().unwrap().to_owned();
                    assert!(
                        !found.contains_key(&id),
                        "`{id}` stands twice in the {language} texts; remove one"
                    );
                    found.insert(id.clone(), BTreeSet::new());
                }
                for argument in line.split('$').skip(1) {
                    let name = argument
                        .split(|c: char| !c.is_ascii_alphanumeric())
                        .next()
                        .unwrap();
                    found.get_mut(&id).unwrap().insert(name.to_owned());
                }
            }
        }
        found
    }

    #[test]
    fn every_message_exists_in_every_language_with_the_same_arguments() {
        let english = inventory("en");
        assert!(english.len() > 20);
        for language in LANGUAGES {
            let other = inventory(language);
            for (id, arguments) in &english {
                assert_eq!(
                    other.get(id),
                    Some(arguments),
                    "translate `{id}` in the .{language}.ftl beside its .en.ftl, with the same arguments"
                );
            }
            for id in other.keys() {
                assert!(
                    english.contains_key(id),
                    "`{id}` is in {language} only; add it to the .en.ftl or remove it"
                );
            }
        }
    }

    #[test]
    fn a_message_comes_in_the_participants_language_and_else_in_english() {
        let de_at = "de-AT".parse().unwrap();
        let fr = "fr".parse().unwrap();
        assert_eq!(plain(&de_at, "form-yes"), "Ja");
        assert_eq!(plain(&fr, "form-yes"), "Yes");
        assert_eq!(plain(&fr, "no-such-id"), "no-such-id");
    }
}
