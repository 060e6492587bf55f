//! A listener that serves a router over HTTP/1.1 with deadlines on headers, and ends gracefully.
//! Promises: on shutdown no new connection is taken and every request under way is answered.
//! Leaves HTTPS and HTTP/2 to the proxy in front.

use std::{net::SocketAddr, time::Duration};

use axum::{Extension, Router, extract::ConnectInfo};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, sync::watch};

/// A client that has not sent its headers by then is let go.
const HEADERS_WITHIN: Duration = Duration::from_secs(15);
/// Requests under way at shutdown have this long.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// Serves until `stop` turns true.
pub async fn serve(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>) {
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            changed = stop.changed() => if changed.is_err() || *stop.borrow() { break } else { continue },
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Most often too many open files: let some connections end first.
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // An answer is one write: waiting to fill a packet would only delay it.
        drop(stream.set_nodelay(true));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS_WITHIN)
            .max_buf_size(64 * 1024)
            .serve_connection(
                TokioIo::new(stream),
                TowerToHyperService::new(with_peer(&router, peer)),
            );
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::trace!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(LAST_REQUESTS, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not end in time");
    }
}

fn with_peer(
    router: &Router,
    peer: SocketAddr,
) -> axum::middleware::AddExtension<Router, ConnectInfo<SocketAddr>> {
    tower::Layer::layer(&Extension(ConnectInfo(peer)), router.clone())
}
