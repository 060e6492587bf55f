//! `cargo xtask sink`: answers every request with 201 and counts the objects it was handed.
//! Promises: as little work as an answering server can do, in a process of its own, so that its time is not the sender's.
//! Leaves to others: judging what was sent; the sandbox does that.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::IgnoredAny;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What `cargo xtask sink` can be told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where to listen; port 0 chooses a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

/// What came in so far.
#[derive(Default)]
struct Counts {
    requests: u64,
    objects: u64,
    bytes: u64,
}

/// Only the lengths of the three arrays.
#[derive(Deserialize)]
struct Track {
    #[serde(default)]
    attributes: Vec<IgnoredAny>,
    #[serde(default)]
    events: Vec<IgnoredAny>,
    #[serde(default)]
    purchases: Vec<IgnoredAny>,
}

/// Serves until it is ended. `GET /counts` tells what came in.
pub(crate) fn run(args: &Args) -> Result<()> {
    super::block_on(async {
        let listener = TcpListener::bind(args.listen)
            .await
            .with_context(|| format!("cannot listen on {}", args.listen))?;
        println!("sink     http://{}", listener.local_addr()?);
        let counts = Rc::new(RefCell::new(Counts::default()));
        loop {
            let (stream, _) = listener.accept().await.context("cannot accept")?;
            let counts = Rc::clone(&counts);
            tokio::task::spawn_local(async move {
                // A sender that goes away is none of the sink's business.
                drop(serve(stream, &counts).await);
            });
        }
    })
}

async fn serve(mut stream: TcpStream, counts: &RefCell<Counts>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer: Vec<u8> = Vec::with_capacity(256 * 1024);
    loop {
        let body_at = loop {
            if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        };
        let head = String::from_utf8_lossy(buffer.get(..body_at).unwrap_or_default()).into_owned();
        let length = header(&head, "content-length").and_then(|value| value.parse::<usize>().ok());
        if header(&head, "transfer-encoding").is_some() {
            stream.write_all(b"HTTP/1.1 411 Length Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await?;
            return Ok(());
        }
        let end = body_at + length.unwrap_or(0);
        while buffer.len() < end {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        }
        let body = buffer.get(body_at..end).unwrap_or_default();
        let (status, answer) = if head.starts_with("GET /counts ") {
            let Counts {
                requests,
                objects,
                bytes,
            } = &*counts.borrow();
            (
                "200 OK",
                format!(r#"{{"requests":{requests},"objects":{objects},"bytes":{bytes}}}"#),
            )
        } else {
            counts.borrow_mut().note(body);
            ("201 Created", r#"{"message":"success"}"#.to_owned())
        };
        let text = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{answer}",
            answer.len()
        );
        stream.write_all(text.as_bytes()).await?;
        buffer.drain(..end);
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

impl Counts {
    fn note(&mut self, body: &[u8]) {
        self.requests += 1;
        self.bytes += body.len() as u64;
        if let Ok(track) = serde_json::from_slice::<Track>(body) {
            self.objects +=
                (track.attributes.len() + track.events.len() + track.purchases.len()) as u64;
        }
    }
}
