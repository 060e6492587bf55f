//! What a user's address must not reach.

use super::*;
use crate::PlainHttp;

#[test]
fn hosts_and_addresses_need_permission() {
    assert!(client("US-01", Options::default()).is_ok());
    assert!(matches!(
        client("https://gateway.example", Options::default()),
        Err(ClientError::HostNotAllowed(_))
    ));
    let guarded = || Options {
        allow_other_hosts: true,
        ..Options::default()
    };
    assert!(client("https://gateway.example", guarded()).is_ok());
    assert!(client("https://8.8.8.8", guarded()).is_ok());
    for inner in [
        "http://127.0.0.1:1",
        "https://2130706433",
        "https://[::ffff:10.0.0.1]",
        "https://169.254.169.254",
    ] {
        assert!(
            matches!(
                client(inner, guarded()),
                Err(ClientError::AddressForbidden(_))
            ),
            "{inner}"
        );
    }
}

#[tokio::test]
async fn however_this_machine_is_spelt_nothing_on_it_is_reached() {
    let canary = Server::start("HTTP/1.1 201 Created\r\n\r\n", After::Close).await;
    let port = canary.address.port();
    let spellings = [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "a.localhost",
    ];
    for spelling in spellings {
        for scheme in ["http", "https"] {
            let address = format!("{scheme}://{spelling}:{port}");
            let Ok(endpoint) = Endpoint::parse_with(&address, PlainHttp::Anywhere) else {
                continue;
            };
            let guarded = Options {
                allow_other_hosts: true,
                ..Options::default()
            };
            match Client::new(endpoint, KEY.into(), guarded) {
                Err(error) => assert!(
                    matches!(error, ClientError::AddressForbidden(_)),
                    "{address}: {error}"
                ),
                Ok(client) => {
                    let answer = track(&client).await.answer;
                    assert!(
                        matches!(answer, Answer::NotSent { .. }),
                        "{address}: {answer:?}"
                    );
                }
            }
        }
    }
    assert_eq!(canary.connections.load(Ordering::SeqCst), 0);
}
