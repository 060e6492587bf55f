//! Whose players a card may frame, and where the player of a page is.
//! Promises that only these origins are ever framed, whatever an author writes, and the variants that follow people least.
//! Leaves asking the participant first to the card.

use super::super::address::Address;

/// A player of somebody else's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Player {
    /// What people call whose it is.
    pub(super) name: &'static str,
    /// The only origin that is framed.
    pub(super) origin: &'static str,
    /// The address of the frame.
    pub(super) frame: String,
    /// Whether there is nothing to be seen, so that it is low.
    pub(super) sound: bool,
}

impl Player {
    /// The player of what is at an address; none where it is nobody's whom we know.
    pub(super) fn of(address: &str) -> Option<Self> {
        let address = Address::read(address)?;
        let (path, query) = address
            .rest
            .split_once(['?', '#'])
            .unwrap_or((address.rest, ""));
        let mut parts = path.trim_start_matches('/').split('/');
        let (first, second) = (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        );
        match address.spoken_host() {
            "youtube.com" | "m.youtube.com" | "youtube-nocookie.com" => {
                let named = || query.split('&').find_map(|pair| pair.strip_prefix("v="));
                match first {
                    "watch" => youtube(named()?),
                    "embed" | "shorts" | "live" => youtube(second),
                    _ => None,
                }
            }
            "youtu.be" => youtube(first),
            "vimeo.com" => vimeo(first),
            "player.vimeo.com" if first == "video" => vimeo(second),
            "open.spotify.com" => {
                let known = ["track", "album", "playlist", "episode", "show", "artist"];
                let kind = known.into_iter().find(|kind| *kind == first)?;
                is_id(second).then(|| Self {
                    name: "Spotify",
                    origin: "https://open.spotify.com",
                    frame: format!("https://open.spotify.com/embed/{kind}/{second}"),
                    sound: true,
                })
            }
            _ => None,
        }
    }
}

fn youtube(id: &str) -> Option<Player> {
    is_id(id).then(|| Player {
        name: "YouTube",
        origin: "https://www.youtube-nocookie.com",
        frame: format!("https://www.youtube-nocookie.com/embed/{id}"),
        sound: false,
    })
}

fn vimeo(id: &str) -> Option<Player> {
    let number = is_id(id) && id.bytes().all(|byte| byte.is_ascii_digit());
    number.then(|| Player {
        name: "Vimeo",
        origin: "https://player.vimeo.com",
        frame: format!("https://player.vimeo.com/video/{id}?dnt=1"),
        sound: false,
    })
}

/// Whether it is nothing but the name of a film or a song.
fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_page_leads_to_its_player() {
        for (page, frame) in [
            (
                "https://www.youtube.com/watch?v=a-B_9&t=4",
                "https://www.youtube-nocookie.com/embed/a-B_9",
            ),
            (
                "https://www.youtube.com/watch?t=4&v=a-B_9",
                "https://www.youtube-nocookie.com/embed/a-B_9",
            ),
            (
                "https://youtu.be/aB9?si=x",
                "https://www.youtube-nocookie.com/embed/aB9",
            ),
            (
                "https://m.youtube.com/shorts/aB9",
                "https://www.youtube-nocookie.com/embed/aB9",
            ),
            (
                "https://vimeo.com/76979871",
                "https://player.vimeo.com/video/76979871?dnt=1",
            ),
            (
                "https://open.spotify.com/track/4aB?si=1",
                "https://open.spotify.com/embed/track/4aB",
            ),
        ] {
            let player = Player::of(page).unwrap();
            assert_eq!(player.frame, frame);
            assert!(frame.starts_with(&format!("{}/", player.origin)), "{frame}");
        }
    }

    #[test]
    fn nobody_elses_page_is_framed() {
        for wrong in [
            "https://evil.example/watch?v=aB9",
            "https://youtube.com.evil.example/watch?v=aB9",
            "https://www.youtube.com/watch?v=",
            "https://www.youtube.com/watch?v=a/../b",
            "https://www.youtube.com/redirect?q=https://evil.example",
            "https://vimeo.com/about",
            "https://open.spotify.com/embed/track/4aB",
            "http://vimeo.com/76979871",
            "vimeo.com/76979871",
        ] {
            assert_eq!(Player::of(wrong), None, "{wrong}");
        }
    }
}
