//! A plain HTTP client: one connection, one request at a time, whatever bytes a test wants to send.
//! Promises that an error means that no whole answer came. Leaves redirects, cookies and retries out.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{net::TcpStream, sync::Mutex};

/// A connection to one address, made when it is needed.
pub(crate) struct Http {
    address: SocketAddr,
    sender: Mutex<Option<SendRequest<Full<Bytes>>>>,
}

/// A whole answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{} is no JSON ({error}): {}", self.status, self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The status, after a check of the shape of problems.
    pub(crate) fn is_problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.text()
        );
        let body = self.json();
        assert_eq!(body["status"], status);
        assert!(
            body["title"].as_str().is_some_and(|it| !it.is_empty()),
            "{body}"
        );
        assert!(
            body["detail"].as_str().is_some_and(|it| !it.is_empty()),
            "{body}"
        );
        body
    }
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

impl Http {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            sender: Mutex::new(None),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends a request; an error means that no whole answer came.
    pub(crate) async fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Reply, Failed> {
        let mut sender = self.sender.lock().await;
        let mut open = if let Some(open) = sender.take().filter(|it| !it.is_closed()) {
            open
        } else {
            let stream = TcpStream::connect(self.address).await?;
            stream.set_nodelay(true)?;
            let (open, connection) = handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            open
        };
        let mut request = Request::builder()
            .method(Method::from_bytes(method.as_bytes())?)
            .uri(path);
        if !headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("host"))
        {
            request = request.header(header::HOST, self.address.to_string());
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        open.ready().await?;
        let (head, body) = open
            .send_request(request.body(Full::new(body))?)
            .await?
            .into_parts();
        let body = body.collect().await?.to_bytes();
        *sender = Some(open);
        Ok(Reply {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
        })
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Reply {
        let sent = self.try_send(method, path, headers, body.into()).await;
        sent.unwrap_or_else(|error| panic!("{method} {path}: no answer: {error}"))
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[("accept", "text/html")], "").await
    }

    pub(crate) async fn json(&self, path: &str, body: &Value) -> Reply {
        self.send(
            "POST",
            path,
            &[("content-type", "application/json")],
            body.to_string(),
        )
        .await
    }

    pub(crate) async fn form(&self, path: &str, body: &str) -> Reply {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("accept", "text/html"),
        ];
        self.send("POST", path, &headers, body.to_owned()).await
    }
}
