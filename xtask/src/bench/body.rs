//! The submissions that are sent: rendered once, then only the identities change.
//! Promises: each request carries an e-mail address and a play id that no other request of the run has.
//! Leaves to others: sending.

use std::net::SocketAddr;

/// The size that the body is filled up to, in bytes.
const BODY_BYTES: usize = 1024;

const EMAIL_SLOT: &str = "EEEEEEEEEEEEEEEE";
const PLAY_SLOT: &str = "PPPPPPPP-PPPP-7PPP-8PPP-PPPPPPPPPPPP";

/// Hexadecimal digits of a version 7 UUID that are the milliseconds since 1970.
const TIME_DIGITS: u32 = 12;

/// A rendered request with two places that change.
#[derive(Clone)]
pub(super) struct Template {
    bytes: Vec<u8>,
    email_at: usize,
    play_at: usize,
}

impl Template {
    /// An entry into the demo's card `welcome`, sent to `path` of `address`.
    pub(super) fn entry(address: SocketAddr, path: &str) -> Self {
        let body = body();
        let text = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nAccept: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let email_at = text.find(EMAIL_SLOT).unwrap_or_default();
        let play_at = text.find(PLAY_SLOT).unwrap_or_default();
        Self {
            bytes: text.into_bytes(),
            email_at,
            play_at,
        }
    }

    /// The request of the person with this number, who opened the page at `now` (milliseconds since 1970): the play id is
    /// a version 7 UUID, as the hub's pages make it.
    pub(super) fn of(&mut self, person: u64, now: u64) -> &[u8] {
        let email = mix(person);
        let play = mix(person ^ 0x5bf0_3635_dcf5_9d1d);
        // The highest digit is written first.
        let time = (0..TIME_DIGITS).fold(0, |time, digit| (time << 4) | (now >> (4 * digit)) & 0xf);
        let first = time | (play << (4 * TIME_DIGITS));
        self.write(self.email_at, EMAIL_SLOT, email, 0);
        self.write(self.play_at, PLAY_SLOT, first, play.rotate_left(17) ^ email);
        &self.bytes
    }

    /// Writes hexadecimal digits, the lowest of `first` first, over the slot's letters and leaves its dashes and fixed digits.
    fn write(&mut self, at: usize, slot: &str, first: u64, second: u64) {
        let places = self.bytes.iter_mut().skip(at).zip(slot.bytes());
        let mut digits = first;
        let mut written = 0;
        for (place, kind) in places {
            if !matches!(kind, b'E' | b'P') {
                continue;
            }
            if written == 16 {
                digits = second;
            }
            let digit = u8::try_from(digits & 0xf).unwrap_or_default();
            *place = if digit < 10 {
                b'0' + digit
            } else {
                b'a' + digit - 10
            };
            digits >>= 4;
            written += 1;
        }
    }
}

/// Milliseconds since 1970.
pub(super) fn now_millis() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |now| u64::try_from(now.as_millis()).unwrap_or_default())
}

/// A body of 1 KiB like a person's: texts as long as the demo's fields allow, then white space, which JSON allows too.
fn body() -> String {
    let mut body = format!(
        r#"{{"fields":{{"email":"load-{EMAIL_SLOT}@example.com","first_name":"{}","last_name":"{}","country":"IT","favourite_flavour":"{}","staff_note":"{}"}},"consents":{{"newsletter":true}},"play_id":"{PLAY_SLOT}"}}"#,
        "Ann-Sophie Charlotte ".repeat(3).trim_end(),
        "of the Winding Lane ".repeat(3).trim_end(),
        "pistachio with a little lemon and a cloud of salted cream",
        "counter 2, Sunday morning; ".repeat(6).trim_end(),
    );
    body.push_str(&" ".repeat(BODY_BYTES.saturating_sub(body.len())));
    body
}

/// A bijection of the numbers that looks random (the finaliser of splitmix64): no two persons share an identity,
/// and the indexes see identities in no order, as from real people.
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_one_kibibyte_of_json_and_two_persons_differ() {
        let address = SocketAddr::from(([127, 0, 0, 1], 8080));
        let mut template = Template::entry(address, "/h/demo/c/welcome/entries");
        let first = template.of(1, 1_763_942_400_000).to_vec();
        let second = template.of(2, 1_763_942_400_001).to_vec();
        assert_ne!(first, second);
        let text = String::from_utf8(first).unwrap();
        let (_, body) = text.split_once("\r\n\r\n").unwrap();
        assert_eq!(body.len(), BODY_BYTES);
        let json: serde_json::Value = serde_json::from_str(body).unwrap();
        let play = json["play_id"].as_str().unwrap();
        assert_eq!(play.len(), 36);
        assert_eq!(
            (play.as_bytes()[14], play.as_bytes()[19]),
            (b'7', b'8'),
            "{play} is a version 7 UUID"
        );
        let digits: String = play.chars().filter(|c| *c != '-').take(12).collect();
        assert_eq!(u64::from_str_radix(&digits, 16), Ok(1_763_942_400_000));
        for (key, most) in [
            ("first_name", 80),
            ("last_name", 80),
            ("favourite_flavour", 60),
        ] {
            let length = json["fields"][key].as_str().unwrap().chars().count();
            assert!(
                length <= most,
                "{key} has {length} characters, the demo allows {most}"
            );
        }
    }
}
