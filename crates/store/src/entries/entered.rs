//! When somebody has entered which card, as one short text: `card=moment,moment;card=moment`.
//! Promises: what it can't read counts as nothing remembered, never as a failure of the entry at hand. Leaves to others: which
//! moments still count (`engage::entry::EntryLimit`).

use engage::{ids::CardId, time::Millis};

use crate::error::{Result, StoreError};

/// The moments on one card, oldest first.
pub(super) fn on(text: &str, card: CardId) -> Vec<Millis> {
    let card = card.to_string();
    let times = parts(text).find(|(of, _)| *of == card);
    times
        .and_then(|(_, times)| read_times(times).ok())
        .unwrap_or_default()
}

/// Replaces the moments on one card.
pub(super) fn set(text: &mut String, card: CardId, times: &[Millis]) {
    let card = card.to_string();
    let mut out = String::with_capacity(text.len() + 52);
    for (of, kept) in parts(text).filter(|(of, _)| *of != card) {
        push(&mut out, of, kept);
    }
    if !times.is_empty() {
        push(&mut out, &card, &write_times(times));
    }
    *text = out;
}

fn push(out: &mut String, card: &str, times: &str) {
    if !out.is_empty() {
        out.push(';');
    }
    out.push_str(card);
    out.push('=');
    out.push_str(times);
}

fn parts(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(';').filter_map(|part| part.split_once('='))
}

/// Reads comma-separated UTC milliseconds.
pub(super) fn read_times(text: &str) -> Result<Vec<Millis>> {
    let moments = text.split(',').filter(|part| !part.is_empty());
    moments
        .map(|part| {
            part.parse()
                .map(Millis)
                .map_err(|_| StoreError::Corrupt("a moment that is no number".into()))
        })
        .collect()
}

/// Writes comma-separated UTC milliseconds.
pub(super) fn write_times(times: &[Millis]) -> String {
    times
        .iter()
        .map(|at| at.0.to_string())
        .collect::<Vec<_>>()
        .join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn each_card_keeps_its_own_moments() {
        let (quiz, poll) = (
            CardId::from_uuid(Uuid::from_u128(1)),
            CardId::from_uuid(Uuid::from_u128(2)),
        );
        let mut text = String::new();
        assert_eq!(on(&text, quiz), []);
        set(&mut text, quiz, &[Millis(5)]);
        set(&mut text, poll, &[Millis(7), Millis(9)]);
        set(&mut text, quiz, &[Millis(5), Millis(6)]);
        assert_eq!(on(&text, quiz), [Millis(5), Millis(6)]);
        assert_eq!(on(&text, poll), [Millis(7), Millis(9)]);
        set(&mut text, poll, &[]);
        assert_eq!(on(&text, poll), []);
        assert_eq!(on(&text, quiz), [Millis(5), Millis(6)]);
    }
}
