//! The words of a mapping, explained: what the reference page and the studio's help show.
//! Promises that every source and every transform is listed; tests hold it.
//! Leaves what they do to `source`, `transform` and `convert`.

use super::convert::Standard;

/// A word of the mapping with its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explained {
    /// As it is written.
    pub word: &'static str,
    /// What it means, in one or two sentences.
    pub meaning: &'static str,
    /// An example as it stands in a document.
    pub example: &'static str,
}

const fn say(word: &'static str, meaning: &'static str, example: &'static str) -> Explained {
    Explained {
        word,
        meaning,
        example,
    }
}

/// Where values come from.
pub const SOURCES: &[Explained] = &[
    say(
        "field:KEY",
        "The answer to a field of the form, normalised: an e-mail address in lower case, a phone number in E.164, a country as code.",
        "field:email",
    ),
    say(
        "property:KEY",
        "The same by the contact property that the field grows.",
        "property:first_name",
    ),
    say(
        "consent:KEY",
        "Whether a consent was given: true or false.",
        "consent:newsletter",
    ),
    say(
        "answer:QUESTION",
        "The answer to a question of a card, by the key of the chosen option: the same in every language.",
        "answer:flavour",
    ),
    say(
        "answer_text:QUESTION",
        "The same in the words of the card, in the author's default language.",
        "answer_text:flavour",
    ),
    say(
        "outcome, outcome_text",
        "What a personality test or a game came to, by key and in words.",
        "outcome",
    ),
    say(
        "score",
        "Points reached in a quiz or game, a number. Also score:NAME where a card keeps several.",
        "score",
    ),
    say(
        "choice:NAME, choice_text:NAME",
        "What somebody chose in a swiper or battle, by key and in words.",
        "choice:style",
    ),
    say(
        "fact:NAME",
        "Any fact of a card by its whole name, for facts that have no word of their own.",
        "fact:duration_s",
    ),
    say(
        "award:key, award:name",
        "The prize that was won in a game, by key and in words. There is no value for who wins nothing.",
        "award:name",
    ),
    say("entry:id", "The entry's id, a UUID.", "entry:id"),
    say(
        "entry:time",
        "When the entry was accepted; for a play that ends after its entry, when it ended.",
        "entry:time",
    ),
    say(
        "entry:locale",
        "The language in which the card was shown, such as de or de-AT.",
        "entry:locale",
    ),
    say(
        "card:key, card:title",
        "The card, by key and by title.",
        "card:key",
    ),
    say("hub:slug", "The hub, as in its address.", "hub:slug"),
    say(
        "utm:NAME",
        "A UTM parameter of the visit: utm:source is utm_source.",
        "utm:campaign",
    ),
    say(
        "param:NAME",
        "Another parameter of the visit's address. Only those that begin with komo_e: (and utm_) are kept.",
        "param:komo_e:shop",
    ),
    say(
        "constant",
        "Always the same: the text, number, true or false in `value` beside it.",
        "constant",
    ),
    say(
        "constant:TEXT",
        "The same for a text, in one word.",
        "constant:Sunday box",
    ),
];

/// What can be done to a value on its way.
pub const TRANSFORMS: &[Explained] = &[
    say("trim", "Removes space around it.", "trim"),
    say("lower", "Into lower case.", "lower"),
    say("upper", "Into upper case.", "upper"),
    say(
        "title",
        "The first letter of each word in upper case, the others in lower case.",
        "title",
    ),
    say(
        "number",
        "Reads a number with decimal comma or point. What could be two numbers (1.000) is left out with a note; number:comma and number:point say which is meant.",
        "number:comma",
    ),
    say(
        "boolean",
        "Reads yes and no in English, German, French, Italian, Spanish and Japanese; or your own words: those for yes, a slash, those for no.",
        "boolean:gladly,yes/never",
    ),
    say(
        "date",
        "Reads a date or time: ISO 8601, 2026/03/26, 26.3.2026; or by your own pattern of YYYY, YY, MM, M, DD, D, HH, mm, ss. Without a zone it is UTC.",
        "date:MM/DD/YYYY",
    ),
    say(
        "date_text",
        "Writes a date as text by a pattern.",
        "date_text:YYYY",
    ),
    say(
        "phone",
        "Reads a phone number and writes it in E.164; numbers without country code are of the given country.",
        "phone:DE",
    ),
    say(
        "country",
        "Reads a country by code or by its name in English, German, French, Spanish or Japanese and writes the two letters of ISO 3166-1.",
        "country",
    ),
    say(
        "join",
        "Joins the values of several sources, or of a list, with what stands behind the colon (a space if nothing does).",
        "join:, ",
    ),
    say(
        "split",
        "Cuts a text into a list at what stands behind the colon.",
        "split:,",
    ),
    say(
        "default",
        "What stands behind the colon if there is no value. A value that cannot be read is still left out.",
        "default:unknown",
    ),
    say(
        "constant",
        "Replaces any value with what stands behind the colon: an answered question becomes a mark.",
        "constant:yes",
    ),
];

/// Braze's own profile fields that can be mapped, with what they take.
pub const STANDARD_ATTRIBUTES: [(&str, &str); 16] = {
    let mut all = [("", ""); 16];
    let mut place = 0;
    #[expect(
        clippy::indexing_slicing,
        reason = "evaluated when compiling: a wrong place would not compile"
    )]
    while place < all.len() {
        let (name, field) = Standard::TABLE[place];
        all[place] = (name, takes(field));
        place += 1;
    }
    all
};

const fn takes(field: Standard) -> &'static str {
    match field {
        Standard::Text => "text",
        Standard::Email => "an e-mail address; it is sent in lower case",
        Standard::Phone => "a phone number with country code; use the transform `phone` for others",
        Standard::BirthDate => "a date; it is sent as YYYY-MM-DD",
        Standard::Gender => "M, F, O, N, P, or words such as female",
        Standard::Country => "a country by code or name; it is sent as two letters",
        Standard::Language => "a language code; of de-AT only de is sent",
        Standard::Time => "a date or time",
        Standard::Bool => "true or false",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        hub::{Source, Transform},
        mapping::{
            source::{KINDS, Origin},
            transform::{NAMES, Step},
        },
    };

    #[test]
    fn every_source_and_every_transform_is_explained_with_an_example_that_works() {
        for source in SOURCES {
            let value = serde_json::json!(1);
            let read = Origin::read(&Source(source.example.to_owned()), Some(&value));
            assert!(read.is_ok(), "{source:?}: {read:?}");
            assert!(source.meaning.ends_with('.'), "{source:?}");
        }
        for kind in KINDS {
            assert!(
                SOURCES
                    .iter()
                    .any(|it| it.word.contains(kind.trim_end_matches(':'))),
                "{kind} is not explained"
            );
        }
        for transform in TRANSFORMS {
            let read = Step::read(&Transform(transform.example.to_owned()));
            assert!(read.is_ok(), "{transform:?}: {read:?}");
        }
        let words: Vec<&str> = TRANSFORMS.iter().map(|it| it.word).collect();
        assert_eq!(words, NAMES);
    }
}
