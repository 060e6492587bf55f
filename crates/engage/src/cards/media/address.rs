//! An address elsewhere, as far as a card shows it or leads to it.
//! Promises `https` only, and a host that is exactly what a browser would open: no names before an `@`, no look-alike letters.
//! Leaves which hosts a card may use to its kind.

/// An address that has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address<'a> {
    /// The host, in the author's spelling, with its port if it has one.
    pub(super) host: &'a str,
    /// What follows the host, with its slash; may be empty.
    pub(super) rest: &'a str,
}

impl<'a> Address<'a> {
    /// Reads `https://host/...`; nothing else is an address that a card leads to.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let after = text.strip_prefix("https://")?;
        let end = after.find(['/', '?', '#']).unwrap_or(after.len());
        let (host, rest) = after.split_at_checked(end)?;
        let (name, port) = host.split_once(':').unwrap_or((host, "443"));
        let letters = name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
        let dotted = name.split('.').count() > 1 && name.split('.').all(|part| !part.is_empty());
        let plain = rest
            .chars()
            .all(|c| !c.is_control() && !c.is_whitespace() && !matches!(c, '"' | '<' | '>' | '\\'));
        (letters && dotted && port.parse::<u16>().is_ok() && plain).then_some(Self { host, rest })
    }

    /// The host without the `www.` that nobody says.
    pub(super) fn spoken_host(&self) -> &'a str {
        self.host.strip_prefix("www.").unwrap_or(self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_where_it_seems_to_lead() {
        let read = Address::read("https://www.nonna-sole.example/menu?day=1#cones").unwrap();
        assert_eq!(read.spoken_host(), "nonna-sole.example");
        assert_eq!(read.rest, "/menu?day=1#cones");
        assert_eq!(Address::read("https://example.com").unwrap().rest, "");
        assert_eq!(
            Address::read("https://example.com:8443/").unwrap().host,
            "example.com:8443"
        );
        for wrong in [
            "http://example.com",
            "javascript:alert(1)",
            "https://bank.example@evil.example/",
            "https://b\u{e4}nk.example/",
            "https://localhost/",
            "https://example..com/",
            "https://example.com/a b",
            "https://example.com/\"onload",
            "https://example.com\\@evil.example",
            "https://",
            "",
        ] {
            assert_eq!(Address::read(wrong), None, "{wrong}");
        }
    }
}
