//! A small HTTP client over a socket, so that tests can also send what no library would.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use braze_sandbox::{Profile, Sandbox, Settings};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// 2026-05-04T09:00:00Z, the start of an hour.
pub(crate) const NINE: i64 = 1_777_885_200_000;

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name)
                .then(|| value.trim().to_owned())
        })
    }

    /// The `type` texts of the errors.
    pub(crate) fn errors(&self) -> Vec<String> {
        let value = self.json();
        let list = value["errors"].as_array().cloned().unwrap_or_default();
        list.iter()
            .map(|error| error["type"].as_str().unwrap().to_owned())
            .collect()
    }
}

pub(crate) struct Bench {
    pub(crate) sandbox: Sandbox,
    address: std::net::SocketAddr,
    now: Arc<AtomicI64>,
}

pub(crate) async fn bench() -> Bench {
    bench_with(|_| {}).await
}

pub(crate) async fn bench_with(change: impl FnOnce(&mut Settings)) -> Bench {
    let mut settings = Settings::default();
    change(&mut settings);
    let now = Arc::new(AtomicI64::new(NINE));
    let told = Arc::clone(&now);
    let sandbox = Sandbox::with_clock(settings, Arc::new(move || told.load(Ordering::SeqCst)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = sandbox.clone();
    tokio::spawn(async move { served.serve(listener, std::future::pending()).await });
    Bench {
        sandbox,
        address,
        now,
    }
}

impl Bench {
    pub(crate) fn at(&self, millis: i64) {
        self.now.store(millis, Ordering::SeqCst);
    }

    /// Sends bytes as they are; `None` when the connection was closed without a whole answer.
    pub(crate) async fn raw(&self, request: &[u8]) -> Option<Reply> {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut bytes = Vec::new();
        let ended = stream.read_to_end(&mut bytes).await;
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let reply = Reply {
            status: head.split(' ').nth(1)?.parse().ok()?,
            head: head.to_owned(),
            text: body.to_owned(),
        };
        let length = reply
            .header("content-length")
            .map_or(body.len(), |length| length.parse().unwrap());
        (ended.is_ok() && body.len() == length).then_some(reply)
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Option<Reply> {
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\n");
        for (name, value) in headers {
            request.extend([name, ": ", value, "\r\n"]);
        }
        request.extend(["Content-Length: ", &body.len().to_string(), "\r\n\r\n"]);
        self.raw(&[request.as_bytes(), body].concat()).await
    }

    pub(crate) async fn try_post(&self, path: &str, body: &Value) -> Option<Reply> {
        let headers = [
            ("Authorization", "Bearer demo-braze-key"),
            ("Content-Type", "application/json"),
        ];
        self.send("POST", path, &headers, body.to_string().as_bytes())
            .await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.try_post(path, &body).await.expect("an answer")
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(
            "GET",
            path,
            &[("Authorization", "Bearer demo-braze-key")],
            b"",
        )
        .await
        .expect("an answer")
    }

    pub(crate) async fn track(&self, body: Value) -> Reply {
        self.post("/users/track", body).await
    }

    /// Tracks one attributes object and expects it to be taken.
    pub(crate) async fn attributes(&self, object: Value) -> Reply {
        let reply = self.track(json!({"attributes": [object]})).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        reply
    }

    pub(crate) fn profile(&self, id: &str) -> Profile {
        self.sandbox.profile(id).expect("a profile")
    }

    /// The custom attribute of the profile `cust`.
    pub(crate) fn custom(&self, name: &str) -> Value {
        self.profile("cust")
            .custom_attributes
            .get(name)
            .cloned()
            .unwrap_or(Value::Null)
    }
}
