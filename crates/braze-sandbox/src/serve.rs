//! Serves a sandbox on a listener, connection by connection.
//! Promises that a fault can close the very connection its request came on, and that shutting down does not wait for
//! requests that a fault holds. Leaves what is answered to the router.

use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tower::ServiceExt;

use crate::sandbox::Sandbox;

/// How long open requests may go on after the shutdown began.
const GRACE: Duration = Duration::from_millis(500);

/// The address a request came from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Closes the connection of a request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hangup(Arc<Notify>);

impl Hangup {
    pub(crate) fn now(&self) {
        self.0.notify_one();
    }
}

impl Sandbox {
    /// Serves until `shutdown` is ready. Open requests get half a second more.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send,
    ) -> std::io::Result<()> {
        let (closing, closed) = watch::channel(false);
        let router = self.router();
        tokio::pin!(shutdown);
        let saver = self
            .inner
            .settings()
            .state_file
            .is_some()
            .then(|| tokio::spawn(save_often(self.clone())));
        loop {
            let (stream, peer) = tokio::select! {
                () = &mut shutdown => break,
                accepted = listener.accept() => match accepted {
                    Ok(accepted) => accepted,
                    Err(error) => {
                        // Out of descriptors, most likely: others will close.
                        tracing::warn!(%error, "the sandbox cannot accept a connection");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                },
            };
            let _ = stream.set_nodelay(true);
            let hangup = Hangup::default();
            let peer = Peer(peer.ip());
            let (router, handle, mut closed) = (router.clone(), hangup.clone(), closed.clone());
            let service = service_fn(move |mut request: hyper::Request<Incoming>| {
                request.extensions_mut().insert(peer);
                request.extensions_mut().insert(handle.clone());
                let router = router.clone();
                async move { Ok::<_, Infallible>(answer(router, request).await) }
            });
            tokio::spawn(async move {
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .serve_connection(TokioIo::new(stream), service);
                tokio::pin!(connection);
                tokio::select! {
                    _ = connection.as_mut() => return,
                    () = hangup.0.notified() => return,
                    _ = closed.changed() => {}
                }
                connection.as_mut().graceful_shutdown();
                let _ = tokio::time::timeout(GRACE, connection).await;
            });
        }
        drop(closed);
        let _ = closing.send(true);
        // Ready as soon as the last connection has let go of its end of the channel.
        let _ = tokio::time::timeout(GRACE * 2, closing.closed()).await;
        if let Some(saver) = saver {
            saver.abort();
            let sandbox = self.clone();
            tokio::task::spawn_blocking(move || sandbox.save())
                .await
                .map_err(std::io::Error::other)??;
        }
        Ok(())
    }
}

/// Writes the state file when something changed: every two seconds, and less often when it has grown so large that
/// writing would take a noticeable share of the time.
async fn save_often(sandbox: Sandbox) {
    let mut changes = sandbox.inner.watch();
    let mut pause = Duration::from_secs(2);
    while changes.changed().await.is_ok() {
        tokio::time::sleep(pause).await;
        changes.mark_unchanged();
        let started = std::time::Instant::now();
        let sandbox = sandbox.clone();
        if let Ok(Err(error)) = tokio::task::spawn_blocking(move || sandbox.save()).await {
            tracing::warn!(%error, "the sandbox cannot write its state file");
        }
        pause = Duration::from_secs(2).max(started.elapsed() * 20);
    }
}

async fn answer(
    router: axum::Router,
    request: hyper::Request<Incoming>,
) -> axum::response::Response {
    let request: Request = request.map(axum::body::Body::new);
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}
