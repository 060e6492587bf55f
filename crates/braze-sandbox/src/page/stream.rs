//! Tells open pages that something changed, as server-sent events.
//! Promises at most four messages a second, however busy the sandbox is.
//! Leaves fetching what changed to the page.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;

use crate::sandbox::Sandbox;

const PAUSE: Duration = Duration::from_millis(250);

pub(super) async fn stream(
    State(sandbox): State<Sandbox>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = sandbox.inner.watch();
    let events = futures_util::stream::unfold((changes, true), async |(mut changes, first)| {
        if !first {
            changes.changed().await.ok()?;
            tokio::time::sleep(PAUSE).await;
        }
        let version = *changes.borrow_and_update();
        Some((
            Ok(Event::default().event("change").data(version.to_string())),
            (changes, false),
        ))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}
