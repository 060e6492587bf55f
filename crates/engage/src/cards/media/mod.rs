//! Promises that nothing is loaded from another host before the participant wants it.
//! Leaves storing pictures to the hub's images, and the page with its policies to the web crate.

mod address;
pub mod article;
pub mod carousel;
mod checks;
mod content;
pub mod countdown;
pub mod embed;
pub mod image;
pub mod image_and_form;
pub mod link;
mod picture;
pub mod vote;

use super::Kind;

pub(super) const KINDS: &[Kind] = &[
    article::KIND,
    image::KIND,
    image_and_form::KIND,
    carousel::KIND,
    link::KIND,
    countdown::KIND,
    vote::KIND,
    embed::KIND,
];
