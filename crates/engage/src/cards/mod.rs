//! cards
pub(crate) fn texts(_language: &str) -> Vec<&'static str> { Vec::new() }
