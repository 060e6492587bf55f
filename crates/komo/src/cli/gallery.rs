//! The demo's second hub: one card of each kind, to look at and to play.
//! Promises that a kind is there from the moment it is registered: the cards are the kinds' own samples.
//! Leaves pictures and colours to the demo's first hub.

use engage::{
    cards,
    hub::{CardDoc, HubDoc, Page, Placement, Section},
    text::Locale,
};
use serde_json::Value as Json;

/// The hub's address: `/h/gallery`.
const SLUG: &str = "gallery";
/// Covers of the first hub that suit any card.
const COVERS: [&str; 5] = ["welcome", "poll", "sundays", "versus", "postcards"];

/// One card of each kind in the look of this hub.
pub(crate) fn gallery(demo: &HubDoc) -> HubDoc {
    let mut hub = demo.clone();
    SLUG.clone_into(&mut hub.hub.slug);
    hub.hub.name = "All the cards".into();
    hub.hub.description = "One card of each kind, ready to be played.".into();
    hub.hub.locales = vec![Locale::ENGLISH];
    hub.navigation.clear();
    hub.connections.clear();
    hub.mail = engage::hub::MailDoc::default();
    let covers = COVERS.iter().cycle();
    hub.cards = cards::kinds()
        .zip(covers)
        .map(|(kind, cover)| card(kind, cover, demo))
        .collect();
    let mut engines: Vec<&str> = cards::kinds().map(|kind| kind.engine).collect();
    engines.dedup();
    let sections = engines.iter().map(|engine| Section {
        heading: Some(heading(engine).into()),
        placements: cards::kinds()
            .filter(|kind| kind.engine == *engine)
            .map(|kind| placement(kind.name))
            .collect(),
        ..Section::default()
    });
    hub.pages = vec![Page {
        path: String::new(),
        title: "All the cards".into(),
        sections: sections.collect(),
    }];
    hub
}

/// The sample of a kind under the kind's own name, with pictures that this hub has.
fn card(kind: &cards::Kind, cover: &str, demo: &HubDoc) -> CardDoc {
    let mut card = (kind.sample)();
    kind.name.clone_into(&mut card.key);
    card.image = Some(cover.to_owned());
    let mut pictures = ["counter", "hero"].into_iter().chain(COVERS).cycle();
    for value in card.setup.values_mut() {
        with_pictures(value, demo, &mut pictures);
    }
    if let Some(Json::String(key)) = card.setup.get_mut("image") {
        pictures.next().unwrap_or(cover).clone_into(key);
    }
    card
}

/// Replaces the keys of pictures that only the sample knows.
fn with_pictures(
    value: &mut Json,
    demo: &HubDoc,
    pictures: &mut impl Iterator<Item = &'static str>,
) {
    match value {
        Json::Array(items) => {
            for item in items {
                with_pictures(item, demo, pictures);
            }
        }
        Json::Object(members) => {
            for (name, member) in members {
                match member {
                    Json::String(key) if name == "image" && demo.image(key).is_none() => {
                        pictures.next().unwrap_or("hero").clone_into(key);
                    }
                    other => with_pictures(other, demo, pictures),
                }
            }
        }
        _ => {}
    }
}

fn heading(engine: &str) -> &'static str {
    match engine {
        "form_only" => "Forms",
        "questions" => "Questions",
        "chance" => "Chance",
        "skill" => "Skill",
        "media" => "To look at",
        _ => "More",
    }
}

fn placement(card: &str) -> Placement {
    Placement {
        card: card.to_owned(),
        size: engage::hub::PlacementSize::default(),
        visibility: engage::hub::PlacementVisibility::default(),
        from: None,
        until: None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use engage::hub::Publication;

    use super::*;

    #[test]
    fn the_gallery_shows_every_kind_and_can_be_published() {
        let demo = crate::cli::demo::sample_hub().unwrap();
        let hub = gallery(&demo);
        let publication = Publication::freeze(Arc::new(hub)).unwrap();
        for kind in cards::kinds() {
            assert!(publication.card(kind.name).is_some(), "{}", kind.name);
        }
    }
}
