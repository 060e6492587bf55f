//! What the studio does with a connection to Braze: make it, check it, change it, try it.
//! Promises: a key is sealed before it is stored and never comes back; nobody's change is overwritten unseen; every change is
//! noted with who made it. Leaves to others: pages (`web::studio`), what is sent (`engage::mapping`), delivering (`deliver`).

mod check;
mod edit;
pub mod lines;
pub mod look;

pub use check::{CheckLine, Tone, check};
pub use edit::{Changed, Draft, Seen, change, draft_problems, make, seal_key};

use engage::{hub::ConnectionDoc, ids::ConnectionId};
use secrecy::SecretString;
use store::hubs::Connection;

use crate::secrets::Keyring;

/// Why something could not be tried: what happened and what to do, for the marketer.
pub type Sentence = String;

/// A client for an endpoint as it is typed and a key.
pub fn client(
    endpoint: &str,
    key: SecretString,
    calls: &braze::Options,
) -> Result<braze::Client, Sentence> {
    let endpoint: braze::Endpoint = endpoint
        .parse()
        .map_err(|error: braze::EndpointError| error.to_string())?;
    braze::Client::new(endpoint, key, calls.clone()).map_err(|error| error.to_string())
}

/// The stored key of a connection.
pub fn open_key(keyring: &Keyring, connection: &Connection) -> Result<SecretString, Sentence> {
    let sealed = connection
        .sealed_key
        .as_deref()
        .ok_or("There is no API key yet. Paste it under Settings, then try again.")?;
    keyring
        .open(sealed, connection.id.uuid().as_bytes())
        .map_err(|error| {
            tracing::warn!(connection.id = %connection.id, %error, "an API key can't be opened");
            "The stored key can't be opened with this installation's secret key. Paste the API key once more.".to_owned()
        })
}

/// A connection's document.
pub fn document(connection: &Connection) -> anyhow::Result<ConnectionDoc> {
    serde_json::from_str(&connection.document).map_err(|error| {
        anyhow::anyhow!("the document of {} can't be read: {error}", connection.id)
    })
}

/// Whether a text can be a REST API key at all: one word, as Braze shows it.
pub fn key_problem(key: &str) -> Option<&'static str> {
    if key.is_empty() {
        return Some(
            "Paste the REST API key. You find it in Braze under Settings > APIs and Identifiers > API Keys.",
        );
    }
    let odd = |it: char| it.is_whitespace() || it.is_control() || it == '"' || it == '\'';
    if key.len() > 500 || key.chars().any(odd) {
        return Some(
            "This is no API key: it is one word without quotes. Copy it once more from Braze.",
        );
    }
    None
}

/// The row's identity that a key is sealed for.
pub(crate) fn row_identity(connection: ConnectionId) -> [u8; 16] {
    *connection.uuid().as_bytes()
}
