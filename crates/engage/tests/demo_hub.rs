//! The demo that ships with the product is a hub like any other: it has to be publishable without a warning.

use std::{fs, path::Path, sync::Arc};

use engage::hub::{HubDoc, Publication};

#[test]
fn the_demo_hub_can_be_published_without_a_warning() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo/hub.toml");
    let text = fs::read_to_string(&file).unwrap();
    let doc =
        HubDoc::from_toml(&text).unwrap_or_else(|error| panic!("correct demo/hub.toml: {error}"));
    for image in &doc.images {
        let path = file.with_file_name(&image.file);
        assert!(
            image.file.starts_with("data:") || path.is_file(),
            "demo/hub.toml names {}, which is not there",
            image.file
        );
    }
    let publication = Publication::freeze(Arc::new(doc))
        .unwrap_or_else(|problems| panic!("correct demo/hub.toml: {problems:#?}"));
    assert_eq!(publication.warnings(), [], "correct demo/hub.toml");
    for key in ["welcome", "flavour-poll"] {
        assert!(
            publication.card(key).is_some(),
            "the demo promises the card `{key}`"
        );
    }
}
