//! The cards of a hub: which there are, and where they stand. Added, doubled, moved, taken away.
//! Promises: an act is about the card that was seen, whatever somebody else has moved meanwhile; all of it can be taken back.
//! Leaves to others: what is in a card (`edit`).

use engage::{
    cards,
    hub::{CardDoc, HubDoc, Layout, Page, Placement, PlacementSize, PlacementVisibility, Section},
};
use serde_json::Value as Json;

use super::{
    control::{self, Control},
    drafts::Draft,
    page::with_desk,
    save,
};

/// The place of a placement: page, section, place.
type At = (usize, usize, usize);

fn placement(card: &str) -> Placement {
    Placement {
        card: card.to_owned(),
        size: PlacementSize::default(),
        visibility: PlacementVisibility::default(),
        from: None,
        until: None,
    }
}

/// Where a card stands first.
pub(super) fn place_of(doc: &HubDoc, key: &str) -> Option<At> {
    for (page, it) in doc.pages.iter().enumerate() {
        for (section, it) in it.sections.iter().enumerate() {
            if let Some(place) = it.placements.iter().position(|it| it.card == key) {
                return Some((page, section, place));
            }
        }
    }
    None
}

/// A key for a new card: the word, or the word with a number.
fn card_key(doc: &HubDoc, word: &str) -> String {
    let word: String = word.chars().take(50).collect();
    (1..=doc.cards.len() + 1)
        .map(|number| match number {
            1 => word.clone(),
            more => format!("{word}-{more}"),
        })
        .find(|key| doc.card(key).is_none())
        .unwrap_or_default()
}

/// Puts a card on the start page, at its end; the page and a section are made where there are none.
fn show_on_start(doc: &mut HubDoc, key: &str) {
    if !doc.pages.iter().any(|page| page.path.is_empty()) {
        doc.pages.insert(
            0,
            Page {
                path: String::new(),
                title: doc.hub.name.clone(),
                sections: Vec::new(),
            },
        );
    }
    let Some(page) = doc.pages.iter_mut().find(|page| page.path.is_empty()) else {
        return;
    };
    if page.sections.is_empty() {
        page.sections.push(Section::default());
    }
    // What stands large at the top has its one card.
    let last = page.sections.len() - 1;
    if page
        .sections
        .get(last)
        .is_some_and(|it| it.layout == Layout::Hero && !it.placements.is_empty())
    {
        page.sections.push(Section::default());
    }
    if let Some(section) = page.sections.last_mut() {
        section.placements.push(placement(key));
    }
}

/// Adds a card of a kind, from its sample; answers its key.
pub(super) fn add(draft: &Draft, kind: &str) -> Option<(HubDoc, String)> {
    let kind = cards::kind(kind)?;
    let mut doc = draft.doc.clone();
    let sample = (kind.sample)();
    let key = card_key(&doc, kind.name);
    let mut card = CardDoc {
        key: key.clone(),
        ..sample
    };
    if let Some(image) = &card.image
        && doc.image(image).is_none()
    {
        card.image = None;
    }
    let mut setup = Json::Object(card.setup.clone());
    let images: Vec<&str> = doc.images.iter().map(|it| it.key.as_str()).collect();
    let shell = cards::Shell {
        card_key: &key,
        locales: &doc.hub.locales,
        images: &images,
        form_first: card.form_first(),
    };
    if let Ok(engine) = kind.open(&card.setup, &shell) {
        let controls: Vec<Control> =
            control::of_setup(&engine.controls(), &setup, doc.default_locale());
        let mut whole = serde_json::json!({ "setup": setup });
        with_desk(draft, "", |desk| {
            save::with_pictures(&controls, &mut whole, "", &desk);
        });
        setup = whole.get("setup").cloned().unwrap_or_default();
    }
    if let Json::Object(setup) = setup {
        card.setup = setup;
    }
    doc.cards.push(card);
    show_on_start(&mut doc, &key);
    Some((doc, key))
}

/// Does something with a card: `up`, `down`, `copy`, `remove`, `show`. Answers the words for it; nothing where it can't be done.
pub(super) fn act(doc: &mut HubDoc, what: &str, key: &str) -> Option<&'static str> {
    let at = doc.cards.iter().position(|card| card.key == key)?;
    match what {
        "up" => shift(doc, key, true).then_some("Move"),
        "down" => shift(doc, key, false).then_some("Move"),
        "show" => {
            show_on_start(doc, key);
            Some("Show")
        }
        "copy" => {
            let mut copy = doc.cards.get(at)?.clone();
            copy.key = card_key(doc, &copy.key);
            let new = placement(&copy.key);
            doc.cards.insert(at + 1, copy);
            if let Some((page, section, place)) = place_of(doc, key) {
                let section = doc.pages.get_mut(page)?.sections.get_mut(section)?;
                section.placements.insert(place + 1, new);
            }
            Some("Duplicate")
        }
        "remove" => {
            doc.cards.remove(at);
            for section in doc.pages.iter_mut().flat_map(|page| &mut page.sections) {
                section.placements.retain(|it| it.card != key);
            }
            // A button that would lead nowhere goes with it.
            for form in doc.cards.iter_mut().filter_map(|card| card.form.as_mut()) {
                if let Some(thanks) = &mut form.thanks
                    && thanks
                        .button
                        .as_ref()
                        .is_some_and(|it| it.card.as_deref() == Some(key))
                {
                    thanks.button = None;
                }
            }
            Some("Remove")
        }
        _ => None,
    }
}

/// Moves a card one place, into the next section at a section's edge.
fn shift(doc: &mut HubDoc, key: &str, up: bool) -> bool {
    let Some((page, section, place)) = place_of(doc, key) else {
        return false;
    };
    let Some(sections) = doc.pages.get_mut(page).map(|page| &mut page.sections) else {
        return false;
    };
    let count = sections.get(section).map_or(0, |it| it.placements.len());
    let inside = if up { place > 0 } else { place + 1 < count };
    if inside {
        if let Some(section) = sections.get_mut(section) {
            section
                .placements
                .swap(place, if up { place - 1 } else { place + 1 });
        }
        return true;
    }
    let next = if up {
        section.checked_sub(1)
    } else {
        Some(section + 1)
    };
    let Some(next) = next.filter(|it| *it < sections.len()) else {
        return false;
    };
    let moved = sections
        .get_mut(section)
        .map(|it| it.placements.remove(place));
    if let (Some(moved), Some(target)) = (moved, sections.get_mut(next)) {
        let end = if up { target.placements.len() } else { 0 };
        target.placements.insert(end, moved);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doc() -> HubDoc {
        crate::cli::sample_hub().unwrap()
    }

    fn order(doc: &HubDoc) -> Vec<Vec<&str>> {
        let sections = doc.pages[0].sections.iter();
        sections
            .map(|it| it.placements.iter().map(|it| it.card.as_str()).collect())
            .collect()
    }

    #[test]
    fn a_card_moves_through_the_sections_and_stops_at_the_ends() {
        let mut doc = doc();
        let before = order(&doc).concat().len();
        assert_eq!(act(&mut doc, "up", "welcome"), None, "it is the first");
        assert_eq!(act(&mut doc, "up", "flavour-poll"), Some("Move"));
        assert_eq!(order(&doc)[0], ["welcome", "flavour-poll"]);
        assert_eq!(act(&mut doc, "down", "flavour-poll"), Some("Move"));
        assert_eq!(order(&doc)[1][0], "flavour-poll");
        assert_eq!(order(&doc).concat().len(), before);
    }

    #[test]
    fn a_card_that_is_taken_away_leaves_nothing_that_leads_to_it() {
        let mut doc = doc();
        assert_eq!(act(&mut doc, "remove", "flavour-poll"), Some("Remove"));
        let text = doc.to_json().unwrap();
        assert!(!text.contains("\"card\": \"flavour-poll\""), "{text}");
        // What mails say of it is named by the check.
        let mut errors = doc.problems();
        errors.retain(|it| {
            it.severity == engage::hub::Severity::Error && !it.path.starts_with("mail")
        });
        assert_eq!(errors, []);
    }

    #[test]
    fn a_copy_stands_beside_its_original_under_a_key_of_its_own() {
        let mut doc = doc();
        assert_eq!(act(&mut doc, "copy", "welcome"), Some("Duplicate"));
        assert_eq!(order(&doc)[0], ["welcome", "welcome-2"]);
        assert!(
            doc.problems()
                .iter()
                .all(|it| it.severity != engage::hub::Severity::Error)
        );
    }
}
