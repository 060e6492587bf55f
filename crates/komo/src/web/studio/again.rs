//! Sending again what was set aside.

use engage::ids::{ConnectionId, WorkspaceId};
use store::ledger::Filter;

use super::problem::StudioProblem;
use crate::{
    app::App,
    backfill::{self, Which},
};

/// Sends deliveries again, planned with the mapping of today; answers how many.
pub(super) async fn send(
    app: &App,
    workspace: WorkspaceId,
    connection: ConnectionId,
    chosen: &[i64],
    all: bool,
) -> Result<u64, StudioProblem> {
    let which = if all {
        Which::Matching(Filter::default())
    } else {
        Which::These(chosen.to_vec())
    };
    let wakers = Some(&app.wakers);
    let sent = backfill::send_again(&app.store, workspace, connection, &which, wakers).await?;
    Ok(sent.settled.unsigned_abs())
}
