//! The draft of a hub as it is read and saved by editors.
//! Promises: nobody's work is overwritten unseen; every change can be taken back.
//! Leaves to others: what is changed (`save`, `arrange`), storage (`store::hubs::drafts`).

use engage::hub::HubDoc;
use serde_json::Value as Json;
use store::hubs::{self, drafts};

use super::super::{access::AtHub, problem::StudioProblem};
use crate::{app::App, clock};

/// A draft as it was read.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) hub: hubs::Hub,
    pub(super) doc: HubDoc,
    pub(super) json: Json,
}

impl Draft {
    pub(super) fn of(hub: &hubs::Hub) -> Result<Self, StudioProblem> {
        let json: Json =
            serde_json::from_str(&hub.draft).map_err(|error| StudioProblem::broken(&error))?;
        let doc =
            HubDoc::from_value(json.clone()).map_err(|error| StudioProblem::broken(&error))?;
        // What serde leaves out must look the same before and after.
        let json = serde_json::to_value(&doc).map_err(|error| StudioProblem::broken(&error))?;
        Ok(Self {
            hub: hub.clone(),
            doc,
            json,
        })
    }

    /// The draft as it is now, which may be newer than the one the guard has found.
    pub(super) async fn read(app: &App, at: &AtHub) -> Result<Self, StudioProblem> {
        let (workspace, id) = (at.place.workspace, at.hub.id);
        let found = app
            .store
            .read(move |tx| Box::pin(async move { hubs::get(tx, workspace, id).await }));
        Self::of(&found.await?.ok_or(StudioProblem::NotFound)?)
    }
}

/// A document that may take the draft's place, with the words for the step.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) doc: HubDoc,
    pub(super) words: String,
    /// Whether it may continue the last step.
    pub(super) joins: bool,
}

/// Saves a step on top of the draft it was made from; false when somebody else was quicker.
pub(super) async fn save(
    app: &App,
    at: &AtHub,
    draft: &Draft,
    step: Step,
) -> Result<bool, StudioProblem> {
    let document = step
        .doc
        .to_json()
        .map_err(|error| StudioProblem::broken(&error))?;
    let change = drafts::Change {
        document,
        words: step.words,
        member: at.found.member.id,
        joins: step.joins,
    };
    let (hub, now) = (draft.hub.clone(), clock::now());
    let saved = app
        .store
        .write(move |tx| Box::pin(async move { drafts::change(tx, &hub, change, now).await }));
    Ok(saved.await?)
}

/// What can be taken back, and who was here last.
pub(super) async fn around(app: &App, hub: &hubs::Hub) -> Result<drafts::Around, StudioProblem> {
    let hub = hub.clone();
    let found = app
        .store
        .read(move |tx| Box::pin(async move { drafts::around(tx, &hub).await }));
    Ok(found.await?)
}

/// How often a change of something else at the same time is met by trying again.
pub(super) const TRIES: usize = 4;
