//! A keep-alive HTTP/1.1 client that costs next to nothing: rendered requests in, status and body out.
//! Promises: one request at a time per connection; an answer it cannot read is an error, never a guess.
//! Leaves to others: everything a real client does (redirects, TLS, chunked bodies); the servers measured here need none.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Nothing on loopback may take longer than this.
const PATIENCE: Duration = Duration::from_secs(30);

/// One connection with its buffer, which is reused for every answer.
pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer that lies in the connection's buffer until the next request.
pub(super) struct Answer<'a> {
    pub(super) status: u16,
    pub(super) body: &'a [u8],
}

/// Where the parts of a complete head end, and how much follows it.
struct Head {
    status: u16,
    length: usize,
    body_at: usize,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(16 * 1024),
        })
    }

    /// Sends one rendered request and reads its whole answer.
    pub(super) async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            self.fill().await?;
            if let Some(head) = parse(&self.buffer)? {
                break head;
            }
        };
        let end = head.body_at + head.length;
        while self.buffer.len() < end {
            self.fill().await?;
        }
        let body = self.buffer.get(head.body_at..end).unwrap_or_default();
        Ok(Answer {
            status: head.status,
            body,
        })
    }

    async fn fill(&mut self) -> io::Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the server closed the connection",
            ));
        }
        Ok(())
    }
}

/// One GET on a connection of its own: for readiness and for reading results, not for measuring.
pub(super) async fn get(address: SocketAddr, path: &str) -> Result<(u16, Vec<u8>)> {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: application/json, */*\r\nConnection: close\r\n\r\n"
    );
    let exchange = async {
        let mut connection = Connection::open(address).await?;
        let answer = connection.exchange(request.as_bytes()).await?;
        io::Result::Ok((answer.status, answer.body.to_vec()))
    };
    tokio::time::timeout(PATIENCE, exchange)
        .await
        .with_context(|| format!("GET http://{address}{path} was not answered in {PATIENCE:?}"))?
        .with_context(|| format!("GET http://{address}{path} failed"))
}

/// One POST of JSON on a connection of its own: for giving orders, not for measuring.
pub(super) async fn post(address: SocketAddr, path: &str, body: &str) -> Result<u16> {
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let exchange = async {
        let mut connection = Connection::open(address).await?;
        let answer = connection.exchange(request.as_bytes()).await?;
        io::Result::Ok(answer.status)
    };
    tokio::time::timeout(PATIENCE, exchange)
        .await
        .with_context(|| format!("POST http://{address}{path} was not answered in {PATIENCE:?}"))?
        .with_context(|| format!("POST http://{address}{path} failed"))
}

/// The head of the answer, once it is complete.
fn parse(buffer: &[u8]) -> io::Result<Option<Head>> {
    let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let bad = |why| io::Error::new(io::ErrorKind::InvalidData, why);
    let head = std::str::from_utf8(buffer.get(..end).unwrap_or_default())
        .map_err(|_| bad("the head is not text"))?;
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1)?.parse().ok())
        .ok_or_else(|| bad("the first line has no status"))?;
    let length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok());
    match (length, status) {
        (Some(length), _) => Ok(Some(Head {
            status,
            length,
            body_at: end + 4,
        })),
        (None, 204 | 304) => Ok(Some(Head {
            status,
            length: 0,
            body_at: end + 4,
        })),
        (None, _) => Err(bad("the answer has no Content-Length")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_once_its_head_is_complete() {
        assert!(
            parse(b"HTTP/1.1 201 Created\r\ncontent-le")
                .unwrap()
                .is_none()
        );
        let head = parse(b"HTTP/1.1 201 Created\r\ncontent-length: 5\r\n\r\nhello")
            .unwrap()
            .unwrap();
        assert_eq!((head.status, head.length), (201, 5));
        assert!(parse(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }
}
