//! What participants use: pages, entries, plays, pictures.

pub mod cache;
pub mod entries;
mod guest;
pub mod images;
pub mod plays;
pub mod show;
pub mod visitor;
