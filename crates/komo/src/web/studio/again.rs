//! Sending again what was set aside.

use engage::ids::{ConnectionId, WorkspaceId};
use store::{hubs, outbox};

use super::problem::StudioProblem;
use crate::{app::App, clock};

/// Puts deliveries back on their way; answers how many.
pub(super) async fn send(
    app: &App,
    _workspace: WorkspaceId,
    connection: ConnectionId,
    chosen: &[i64],
    all: bool,
) -> Result<u64, StudioProblem> {
    let now = clock::now();
    let chosen = chosen.to_vec();
    let sent = app.store.write(move |tx| {
        Box::pin(async move {
            if all {
                outbox::replay(tx, connection, now).await
            } else {
                hubs::send_again(tx, connection, &chosen, now).await
            }
        })
    });
    Ok(sent.await?)
}
