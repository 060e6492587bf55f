//! The settings that all kinds with prizes have: their controls, and what can be wrong with texts and images.
//! Promises the same words for the same trouble.
//! Leaves what only one kind has to that kind.

use super::{
    super::{Control, ControlKind, SetupProblem, Shell},
    MOST_PRIZES,
};
use crate::text::LocalText;

/// What is wrong with an author's text: that it is empty, or not in all of the hub's languages.
pub(in crate::cards) fn text_problems(
    path: &str,
    text: &LocalText,
    required: bool,
    shell: &Shell<'_>,
    found: &mut Vec<SetupProblem>,
) {
    if required && text.is_empty() {
        found.push(SetupProblem::error(
            path,
            "the text is empty",
            "Write what people read",
        ));
    } else if !text.is_empty() {
        for locale in text.missing(shell.locales) {
            found.push(SetupProblem::warning(
                path,
                format!("the text is missing in `{locale}`"),
                "Translate it; until then the default language is shown",
            ));
        }
    }
}

/// What is wrong with the key of an image.
pub(in crate::cards) fn image_problems(
    path: &str,
    image: Option<&str>,
    shell: &Shell<'_>,
    found: &mut Vec<SetupProblem>,
) {
    if let Some(image) = image.filter(|image| !shell.images.contains(image)) {
        found.push(SetupProblem::error(
            path,
            format!("the hub has no image `{image}`"),
            "Add the image to the hub, or choose another",
        ));
    }
}

/// A control.
pub(in crate::cards) const fn control(
    path: &'static str,
    label: &'static str,
    kind: ControlKind,
    required: bool,
) -> Control {
    Control {
        path,
        label,
        kind,
        required,
    }
}

/// A kind's own controls, and below them those that all have. A prize that is drawn has a chance; one that a code wins has none.
pub(in crate::cards) fn controls(
    mut own: Vec<Control>,
    chance: bool,
    fewest: usize,
) -> Vec<Control> {
    let mut item = vec![
        control(
            "name",
            "chance-control-prize-name",
            ControlKind::LocalText,
            true,
        ),
        control("key", "chance-control-prize-key", ControlKind::Key, true),
        control(
            "stock",
            "chance-control-prize-stock",
            ControlKind::Number {
                min: 0,
                max: u32::MAX.into(),
            },
            true,
        ),
    ];
    if chance {
        item.push(control(
            "chance",
            "chance-control-prize-chance",
            ControlKind::Percent,
            true,
        ));
    }
    item.push(control(
        "image",
        "chance-control-prize-image",
        ControlKind::Image,
        false,
    ));
    item.push(control(
        "message",
        "chance-control-prize-message",
        ControlKind::LongText,
        false,
    ));
    own.extend([
        control(
            "prizes",
            "chance-control-prizes",
            ControlKind::List {
                item,
                min: fewest,
                max: MOST_PRIZES,
            },
            fewest > 0,
        ),
        control(
            "most_per_person",
            "chance-control-most",
            ControlKind::Number { min: 1, max: 1_000 },
            true,
        ),
        control(
            "lose_title",
            "chance-control-lose-title",
            ControlKind::LocalText,
            true,
        ),
        control(
            "lose_text",
            "chance-control-lose-text",
            ControlKind::LongText,
            false,
        ),
    ]);
    own
}
