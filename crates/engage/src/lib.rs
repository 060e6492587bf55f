#![doc = include_str!("../README.md")]

pub mod again;
pub mod cards;
pub mod delivery;
pub mod entry;
pub mod fields;
pub mod form;
pub mod hub;
pub mod ids;
pub mod mail;
pub mod mapping;
pub mod text;
pub mod time;
mod value;

pub use value::Value;
