//! A picture of the hub with what a face needs to show it without a jump.
//! Promises width, height and the words for who does not see it.
//! Leaves storing pictures and their addresses to others.

use super::super::FaceContext;
use crate::text::LocalText;

/// A picture as a face shows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Picture<'a> {
    /// Where it is loaded from.
    pub(super) url: &'a str,
    /// What it says to who does not see it.
    pub(super) alt: &'a str,
    /// In pixels.
    pub(super) width: u32,
    /// In pixels.
    pub(super) height: u32,
    /// Below the picture; may be empty.
    pub(super) caption: &'a str,
}

/// The hub's picture with a key, if the hub has it.
pub(super) fn picture<'a>(
    context: &FaceContext<'a>,
    key: &str,
    caption: &'a LocalText,
) -> Option<Picture<'a>> {
    let image = context.hub.image(key)?;
    Some(Picture {
        url: context.image_url(key)?,
        alt: context.local(&image.alt),
        // What most cameras make, until the author writes how large it is.
        width: image.width.unwrap_or(1200),
        height: image.height.unwrap_or(900),
        caption: context.local(caption),
    })
}
