//! What became of a transactional mail, told to the one address that the workspace has set (Braze contract 11.2).
//! Promises the documented order, one after the other; like Braze, that nothing waits for them and that one that fails is not repeated.
//! Leaves what became of the mail to `messaging`.

use std::time::Duration;

use axum::http::{Request, Uri, header};
use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value, json};
use tokio::net::TcpStream;

use super::Delivery;
use crate::dates;

const PATIENCE: Duration = Duration::from_secs(5);

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// A mail that was sent through the transactional endpoint.
pub(super) struct Mail<'a> {
    pub(super) dispatch: &'a str,
    pub(super) campaign: &'a str,
    pub(super) send_id: Option<&'a str>,
    pub(super) now: i64,
}

impl Mail<'_> {
    /// Everything that is told about a delivery, in its order.
    pub(super) fn story(&self, delivery: &Delivery) -> Vec<Value> {
        let end = match delivery.status {
            "aborted" => return vec![self.event("aborted", &["aborted_at"], delivery.reason)],
            "bounced" => self.event("bounced", &["bounced_at"], delivery.reason),
            _ => self.event("delivered", &["delivered_at"], None),
        };
        let sent = ["received_at", "enqueued_at", "executed_at", "sent_at"];
        vec![
            self.event("sent", &sent, None),
            self.event("processed", &["processed_at"], None),
            end,
        ]
    }

    fn event(&self, status: &str, times: &[&str], reason: Option<&str>) -> Value {
        let at = format!("{}+00:00", dates::iso(self.now).trim_end_matches('Z'));
        let mut metadata = Map::new();
        if let Some(reason) = reason {
            metadata.insert("reason".to_owned(), json!(reason));
        }
        for time in times {
            metadata.insert((*time).to_owned(), json!(at));
        }
        metadata.insert("campaign_api_id".to_owned(), json!(self.campaign));
        if let Some(id) = self.send_id {
            metadata.insert("external_send_id".to_owned(), json!(id));
        }
        json!({"dispatch_id": self.dispatch, "status": status, "metadata": metadata})
    }
}

/// Tells a story to an address, in a task of its own.
pub(super) fn tell(address: &str, story: Vec<Value>) {
    let address = address.to_owned();
    tokio::spawn(async move {
        for event in story {
            let told = tokio::time::timeout(PATIENCE, post(&address, &event)).await;
            match told {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "a postback did not arrive"),
                Err(_) => tracing::warn!("a postback was not answered in time"),
            }
        }
    });
}

async fn post(address: &str, event: &Value) -> Result<(), Failed> {
    let uri: Uri = address.parse()?;
    let host = uri.host().ok_or("the address of postbacks has no host")?;
    if uri.scheme_str() != Some("http") {
        return Err("postbacks go to addresses that begin with http://".into());
    }
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), uri.port_u16().unwrap_or(80)));
    let (mut sender, connection) = handshake(TokioIo::new(stream.await?)).await?;
    tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |it| it.as_str());
    let request = Request::post(path)
        .header(header::HOST, uri.authority().map_or(host, |it| it.as_str()))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(event.to_string())))?;
    sender.send_request(request).await?;
    Ok(())
}
