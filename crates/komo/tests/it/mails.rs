//! Confirmations, from the form to the inbox: through Braze once and only once, by a mail server where Braze may not.

use std::sync::{Arc, Mutex};

use braze_sandbox::{ApiKey, Settings};
use engage::hub::{MailRoute, MailTypeDoc};
use komo::config::Config;
use serde_json::json;
use store::testing::TestDatabase;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use crate::{
    harness::{Braze, KEY, Node, config, entries_of, entry, eventually, hub, seed},
    http::Http,
};

/// A mail server that keeps what it is given.
struct Inbox {
    address: String,
    mails: Arc<Mutex<Vec<String>>>,
}

impl Inbox {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let mails = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&mails);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, Arc::clone(&kept)));
            }
        });
        Self { address, mails }
    }

    fn all(&self) -> Vec<String> {
        self.mails.lock().unwrap().clone()
    }
}

/// One connection: just enough of SMTP (RFC 5321).
async fn talk(stream: TcpStream, mails: Arc<Mutex<Vec<String>>>) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 inbox\r\n").await.unwrap();
    let mut data: Option<String> = None;
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = match &mut data {
            Some(text) if line == "." => {
                mails.lock().unwrap().push(std::mem::take(text));
                data = None;
                "250 kept\r\n"
            }
            Some(text) => {
                text.push_str(&line);
                text.push('\n');
                continue;
            }
            None if line.starts_with("EHLO") => "250 inbox\r\n",
            None if line == "DATA" => {
                data = Some(String::new());
                "354 go on\r\n"
            }
            None if line == "QUIT" => "221 bye\r\n",
            None => "250 fine\r\n",
        };
        write.write_all(answer.as_bytes()).await.unwrap();
    }
}

pub(crate) async fn place(
    database: &TestDatabase,
    settings: Settings,
    send: MailRoute,
    change: impl FnOnce(&mut Config),
) -> (Braze, Node, tempfile::TempDir) {
    let braze = Braze::with(settings).await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(database, folder.path());
    config.server.public_url = "https://hubs.example.com".to_owned();
    config.smtp.from = "Nonna <nonna@example.com>".to_owned();
    change(&mut config);
    let mut doc = hub(&braze.endpoint());
    doc.mail.entry_confirmation = MailTypeDoc {
        send,
        campaign: (send != MailRoute::Smtp).then(|| "confirm-1".to_owned()),
        cards: Some(vec!["welcome".to_owned()]),
        ..MailTypeDoc::default()
    };
    seed(&config, doc, KEY).await;
    let node = Node::start(&config).await.unwrap();
    (braze, node, folder)
}

pub(crate) async fn enter(node: &Node, email: &str) {
    let reply = Http::new(node.address)
        .json(&entries_of("welcome"), &entry(email))
        .await;
    assert_eq!(reply.status, 201, "{}", reply.text());
}

async fn a_confirmation_goes_out_once_even_if_the_answer_is_lost(database: TestDatabase) {
    let settings = Settings {
        unlimited: true,
        ..Braze::settings()
    };
    let (braze, node, _folder) = place(&database, settings, MailRoute::Transactional, |_| {}).await;
    // Taken by Braze, but the answer never arrives: it is sent again under the same id.
    let lost = json!({"faults": [{"kind": "drop_after", "times": 1, "path": "/transactional/v1/campaigns/confirm-1/send"}]});
    let fault = Http::new(braze.address)
        .json("/sandbox/faults", &lost)
        .await;
    assert!(fault.status < 300, "{}", fault.text());
    enter(&node, "ann@example.org").await;
    eventually("it was sent twice", || async {
        let requests = Http::new(braze.address)
            .get("/sandbox/requests?limit=100")
            .await;
        requests.text().matches("campaigns/confirm-1/send").count() >= 2
    })
    .await;
    let mails = braze.sandbox.mails();
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert_eq!(mails[0]["to"], "ann@example.org");
    assert_eq!(mails[0]["properties"]["message"], "entry_confirmation");
}
both!(
    a_confirmation_goes_out_once,
    a_confirmation_goes_out_once_even_if_the_answer_is_lost
);

async fn without_the_permission_the_mail_server_takes_over(database: TestDatabase) {
    let inbox = Inbox::start().await;
    let key = ApiKey {
        key: KEY.to_owned(),
        name: "no mails".to_owned(),
        permissions: vec!["users.track".to_owned()],
        allowed_ips: Vec::new(),
    };
    let settings = Settings {
        unlimited: true,
        keys: vec![key],
        ..Braze::settings()
    };
    let url = format!("smtp://{}", inbox.address);
    let (braze, node, _folder) = place(&database, settings, MailRoute::Transactional, |config| {
        config.smtp.url = url;
    })
    .await;
    enter(&node, "bea@example.org").await;
    eventually("the mail arrives", || async { !inbox.all().is_empty() }).await;
    let mails = inbox.all();
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    for part in [
        "To: bea@example.org",
        "From: Nonna <nonna@example.com>",
        "Message-ID: <komo-entry_confirmation-",
        "text/plain",
        "text/html",
        "Auto-Submitted: auto-generated",
    ] {
        assert!(mail.contains(part), "`{part}` is missing: {mail}");
    }
    assert_eq!(braze.sandbox.mail_count(), 0);
    assert_eq!(
        braze.sandbox.profile_count(),
        1,
        "the rest of the connection goes on"
    );
}
both!(
    the_mail_server_takes_over,
    without_the_permission_the_mail_server_takes_over
);

async fn without_braze_mails_go_by_the_mail_server(database: TestDatabase) {
    let inbox = Inbox::start().await;
    let settings = Settings {
        unlimited: true,
        ..Braze::settings()
    };
    let url = format!("smtp://{}", inbox.address);
    let (braze, node, _folder) = place(&database, settings, MailRoute::Smtp, |config| {
        config.smtp.url = url;
    })
    .await;
    enter(&node, "cy@example.org").await;
    eventually("the mail arrives", || async { !inbox.all().is_empty() }).await;
    assert_eq!(braze.sandbox.mail_count(), 0);
}
both!(
    mails_go_by_the_mail_server,
    without_braze_mails_go_by_the_mail_server
);
