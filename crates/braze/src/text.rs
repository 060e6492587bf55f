//! Text that came from the other side, made safe to keep: bounded, valid UTF-8, without control characters.
//! Promises that what it returns can be stored in any database (no NUL) and shown as text.
//! Leaves escaping for HTML to whoever shows it.

/// Longest single sentence kept from an answer (a `message`, one error), in bytes.
pub(crate) const MAX_SENTENCE_BYTES: usize = 1_000;

/// `text` as one bounded piece of plain text. Line breaks and tabs stay; other control characters, also the
/// direction overrides that can make a line read backwards, become U+FFFD.
pub(crate) fn plain(text: &str, max_bytes: usize) -> String {
    let text = text.trim();
    let mut kept = String::with_capacity(text.len().min(max_bytes));
    for c in text.chars() {
        let c = match c {
            '\n' | '\t' => c,
            '\r' => '\n',
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => '\u{FFFD}',
            c if c.is_control() => '\u{FFFD}',
            c => c,
        };
        if kept.len() + c.len_utf8() > max_bytes {
            break;
        }
        kept.push(c);
    }
    kept
}

/// The beginning of a body as plain text; invalid UTF-8 becomes U+FFFD.
pub(crate) fn plain_bytes(body: &[u8], max_bytes: usize) -> String {
    let beginning = body.get(..max_bytes).unwrap_or(body);
    plain(&String::from_utf8_lossy(beginning), max_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_bounded_and_harmless() {
        assert_eq!(
            plain("  a\0b\u{1b}[31m\r\n ", 100),
            "a\u{FFFD}b\u{FFFD}[31m"
        );
        assert_eq!(plain("ää", 3), "ä");
        assert_eq!(plain("\u{202E}abc", 100), "\u{FFFD}abc");
        assert_eq!(plain_bytes(b"\xff\xfeok", 100), "\u{FFFD}\u{FFFD}ok");
        assert!(plain_bytes(&[b'x'; 5_000], 1_000).len() <= 1_000);
    }
}
