use std::{
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::*;
use crate::{CheckVerdict, NotSentWhy, PlainHttp, UserAlias};

const KEY: &str = "not-a-real-key";
const SUCCESS: &str = r#"{"message":"success","attributes_processed":1}"#;

/// What the server does after its reply.
#[derive(Clone, Copy)]
enum After {
    NextRequest,
    Close,
    Reset,
    Hang,
}

/// A server of raw bytes that counts what reaches it.
struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(reply: impl Into<Vec<u8>>, after: After) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            connections: Arc::default(),
            requests: Arc::default(),
        };
        let (connections, requests) = (server.connections.clone(), server.requests.clone());
        let reply: Arc<[u8]> = reply.into().into();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, reply.clone(), after, requests.clone()));
            }
        });
        server
    }

    fn client(&self) -> Client {
        self.client_with(Timeouts::default())
    }

    fn client_with(&self, timeouts: Timeouts) -> Client {
        client(
            &format!("http://{}", self.address),
            Options { timeouts, ..open() },
        )
        .unwrap()
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    reply: Arc<[u8]>,
    after: After,
    requests: Arc<Mutex<Vec<String>>>,
) {
    while let Some(request) = request(&mut stream).await {
        requests.lock().unwrap().push(request);
        let _ = stream.write_all(&reply).await;
        match after {
            After::NextRequest => {}
            After::Close => return,
            After::Reset => return stream.set_zero_linger().unwrap(),
            After::Hang => std::future::pending().await,
        }
    }
}

/// Head and body of one request.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |n| n.parse().unwrap());
            if body.len() >= length {
                return Some(text);
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(n) => text.push_str(std::str::from_utf8(&buffer[..n]).unwrap()),
        }
    }
}

fn http(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

fn open() -> Options {
    Options {
        allow_other_hosts: true,
        allow_private: true,
        ..Options::default()
    }
}

fn client(endpoint: &str, options: Options) -> Result<Client, ClientError> {
    Client::new(Endpoint::parse(endpoint).unwrap(), KEY.into(), options)
}

async fn track(client: &Client) -> Call {
    client.track(Bytes::from_static(br#"{"events":[]}"#)).await
}

fn unknown(why: UnknownWhy) -> Answer {
    Answer::Unknown { why }
}

fn short() -> Timeouts {
    Timeouts {
        whole: Duration::from_millis(500),
        ..Timeouts::default()
    }
}

#[tokio::test]
async fn one_call_is_one_request_with_the_documented_headers() {
    let server = Server::start(
        http(
            "201 Created",
            "x-ratelimit-limit: 9\r\nx-ratelimit-remaining: 8\r\nx-ratelimit-reset: 7\r\n",
            SUCCESS,
        ),
        After::NextRequest,
    )
    .await;
    let client = server.client();
    for _ in 0..3 {
        let call = track(&client).await;
        assert_eq!(
            call.answer,
            Answer::Accepted {
                item_errors: vec![],
                unassigned: vec![]
            }
        );
        assert_eq!((call.status, call.text.as_str()), (Some(201), SUCCESS));
        assert_eq!(
            call.budget,
            Some(Budget {
                limit: 9,
                remaining: 8,
                resets_in: Duration::from_secs(7)
            })
        );
    }
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    assert_eq!(
        server.connections.load(Ordering::SeqCst),
        1,
        "the connection is kept and used again"
    );
    let request = requests.first().unwrap();
    assert!(
        request.starts_with("POST /users/track HTTP/1.1\r\n"),
        "{request}"
    );
    for part in [
        "authorization: Bearer not-a-real-key\r\n",
        "content-type: application/json\r\n",
        "\r\n\r\n{\"events\":[]}",
    ] {
        assert!(request.contains(part), "{part} in {request}");
    }
}

#[tokio::test]
async fn answers_that_are_none_leave_the_fate_unknown_and_are_not_repeated() {
    let chunked_oversize = format!(
        "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n200000\r\n{}",
        "x".repeat(0x0020_0000)
    );
    for (name, reply, after, why) in [
        (
            "garbage",
            "SSH-2.0-OpenSSH_9.2\r\n".to_owned(),
            After::Close,
            UnknownWhy::NotHttp,
        ),
        (
            "nothing, closed",
            String::new(),
            After::Close,
            UnknownWhy::ConnectionLost,
        ),
        (
            "nothing, reset",
            String::new(),
            After::Reset,
            UnknownWhy::ConnectionLost,
        ),
        (
            "half a head",
            "HTTP/1.1 201 Crea".to_owned(),
            After::Close,
            UnknownWhy::ConnectionLost,
        ),
        (
            "truncated body",
            format!("HTTP/1.1 201 Created\r\ncontent-length: 400\r\n\r\n{SUCCESS}"),
            After::Close,
            UnknownWhy::Truncated,
        ),
        (
            "reset inside the body",
            format!("HTTP/1.1 201 Created\r\ncontent-length: 400\r\n\r\n{SUCCESS}"),
            After::Reset,
            UnknownWhy::Truncated,
        ),
        (
            "oversize, announced",
            format!("HTTP/1.1 201 Created\r\ncontent-length: 99999999999\r\n\r\n{SUCCESS}"),
            After::Hang,
            UnknownWhy::Oversize,
        ),
        (
            "oversize, chunked",
            chunked_oversize,
            After::Hang,
            UnknownWhy::Oversize,
        ),
        (
            "empty",
            http("201 Created", "", ""),
            After::Close,
            UnknownWhy::Empty,
        ),
        (
            "another server",
            http("200 OK", "", "<html>"),
            After::Close,
            UnknownWhy::NotBraze,
        ),
    ] {
        let server = Server::start(reply, after).await;
        let call = track(&server.client()).await;
        assert_eq!(call.answer, unknown(why), "{name}: {}", call.text);
        assert_eq!(server.requests().len(), 1, "{name}");
        assert!(
            call.text.len() <= MAX_KEPT_TEXT_BYTES && !call.text.contains(KEY),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_slow_answer_times_out_with_unknown_fate() {
    for reply in [
        String::new(),
        "HTTP/1.1 201 Created\r\ncontent-length: 400\r\n\r\n{".to_owned(),
    ] {
        let server = Server::start(reply, After::Hang).await;
        assert_eq!(
            track(&server.client_with(short())).await.answer,
            unknown(UnknownWhy::Timeout)
        );
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_refusal_stands_even_when_its_body_never_arrives() {
    let reply =
        "HTTP/1.1 429 Too Many\r\nx-ratelimit-retry-after: 17\r\ncontent-length: 400\r\n\r\n{";
    let server = Server::start(reply, After::Hang).await;
    let call = track(&server.client_with(short())).await;
    assert_eq!(
        call.answer,
        Answer::RateLimited {
            wait: Some(Duration::from_secs(17))
        }
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_key_stays_here() {
    let canary = Server::start(http("201 Created", "", SUCCESS), After::Close).await;
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let location = format!("location: http://{}/users/track\r\n", canary.address);
        let server = Server::start(http(status, &location, ""), After::Close).await;
        let call = track(&server.client()).await;
        assert!(
            matches!(
                call.answer,
                Answer::KeyRefused {
                    status: 301..=308,
                    ..
                }
            ),
            "{call:?}"
        );
    }
    assert_eq!(canary.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn what_never_left_is_not_sent() {
    let gone = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let plain = Server::start("HTTP/1.1 400 Bad Request\r\n\r\n", After::Close).await;
    let talks_no_tls = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let no_tls = talks_no_tls.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = talks_no_tls.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let quick = Options {
        timeouts: Timeouts {
            connect: Duration::from_millis(150),
            ..Timeouts::default()
        },
        ..open()
    };
    let guarded = Options {
        allow_private: false,
        ..open()
    };
    for (endpoint, options, why) in [
        (format!("http://{gone}"), open(), NotSentWhy::ConnectRefused),
        (format!("https://{no_tls}"), open(), NotSentWhy::Tls),
        (
            format!("https://{}", silent.local_addr().unwrap()),
            quick,
            NotSentWhy::ConnectTimeout,
        ),
        (
            "https://nowhere.invalid".to_owned(),
            open(),
            NotSentWhy::Dns,
        ),
        (
            format!("http://localhost:{}", plain.address.port()),
            guarded,
            NotSentWhy::AddressForbidden,
        ),
    ] {
        let call = track(&client(&endpoint, options).unwrap()).await;
        assert_eq!(
            call.answer,
            Answer::NotSent { why },
            "{endpoint}: {}",
            call.text
        );
        assert!(!call.text.is_empty() && call.status.is_none());
    }
    assert_eq!(
        plain.connections.load(Ordering::SeqCst),
        0,
        "a forbidden address is never called"
    );
}

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

#[test]
fn keys_and_certificates_that_cannot_be_meant_are_refused() {
    for key in ["", " ", "\"quoted\"", "two words", "line\nbreak", "käy"] {
        let made = Client::new(
            Endpoint::parse("US-01").unwrap(),
            key.into(),
            Options::default(),
        );
        assert_eq!(made.err(), Some(ClientError::Key), "{key:?}");
    }
    let made = client(
        "US-01",
        Options {
            extra_roots_pem: b"not a certificate".to_vec(),
            ..Options::default()
        },
    );
    assert!(matches!(made, Err(ClientError::Certificates(_))));
    let debug = format!("{:?}", client("US-01", Options::default()).unwrap());
    assert!(
        debug.contains("rest.iad-01") && !debug.contains(KEY),
        "{debug}"
    );
}

#[tokio::test]
async fn the_test_button_sends_nothing_that_could_be_written() {
    let body = r#"{"message":"Valid data must be provided in the 'attributes', 'events', or 'purchases' fields."}"#;
    let server = Server::start(http("400 Bad Request", "", body), After::Close).await;
    let (check, call) = server.client().check().await;
    assert_eq!(
        (check.verdict, call.status),
        (CheckVerdict::Works, Some(400))
    );
    assert!(server.requests().first().unwrap().ends_with("\r\n\r\n{}"));
}

#[tokio::test]
async fn profiles_are_read_back() {
    let body = r#"{"message":"success","users":[{"email":"ines@example.org","custom_attributes":{"tier":"gold"}}],"invalid_user_ids":["x"]}"#;
    let server = Server::start(http("201 Created", "", body), After::Close).await;
    let request = ExportRequest {
        user_aliases: vec![UserAlias {
            alias_name: "ines@example.org".to_owned(),
            alias_label: "komo_email".to_owned(),
        }],
        fields_to_export: vec!["email".to_owned()],
        ..ExportRequest::default()
    };
    let export = server.client().export_ids(&request).await.unwrap();
    assert_eq!(export.users[0]["custom_attributes"]["tier"], "gold");
    assert_eq!(export.invalid_user_ids, ["x"]);
    assert!(server.requests()[0].starts_with("POST /users/export/ids "));

    let strange = Server::start(
        http("201 Created", "", r#"{"message":"success","users":7}"#),
        After::Close,
    )
    .await;
    let call = strange.client().export_ids(&request).await.unwrap_err();
    assert_eq!(call.answer, unknown(UnknownWhy::NotBraze));
}
