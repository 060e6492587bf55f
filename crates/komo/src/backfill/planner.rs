//! Planning a stored entry once more: the facts that the mapping saw, rebuilt from what is kept.
//! Promises the same plan as on the day of the entry while hub and mapping are the same. Leaves to others: what has gone already
//! (`history`), what becomes of several plans (`engage::again`).

use std::{collections::BTreeMap, collections::HashMap, sync::Arc};

use anyhow::Context;
use engage::{
    Value,
    hub::{ConnectionDoc, HubDoc, Publication},
    ids::{CardId, ConnectionId, WorkspaceId},
    mapping::{Facts, Mapping, Moment, Plan},
};
use store::{Store, backfill::PastEntry, hubs};

use crate::entered::Entered;

/// Everything that planning for a connection needs, as it stands today.
#[derive(Debug)]
pub struct Planner {
    /// The connection's document.
    pub doc: ConnectionDoc,
    /// Its lanes.
    pub lanes: Arc<[i64]>,
    /// The number of changes that this is as of, see `store::hubs::version`.
    pub version: i64,
    mapping: Mapping,
    publication: Publication,
    cards: HashMap<CardId, String>,
}

impl Planner {
    /// Reads connection and hub. A hub that is not published is planned by its draft.
    pub async fn load(
        store: &Store,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> anyhow::Result<Self> {
        let read = store.read(move |tx| {
            Box::pin(async move {
                let version = hubs::version(tx).await?;
                let Some(row) = hubs::connection(tx, workspace, connection).await? else {
                    return Ok(None);
                };
                let drafts = hubs::list(tx, workspace).await?;
                let draft = drafts.into_iter().find(|it| it.id == row.hub);
                let published = hubs::published(tx).await?;
                let published = published.into_iter().find(|it| it.hub == row.hub);
                let document = published.map(|it| it.document).or(draft.map(|it| it.draft));
                let cards = hubs::cards(tx, row.hub).await?;
                Ok(document.map(|document| (version, row, document, cards)))
            })
        });
        let (version, row, document, cards) = read
            .await?
            .context("there is no such connection any more")?;
        let doc: ConnectionDoc =
            serde_json::from_str(&row.document).context("the connection can't be read")?;
        let mapping = Mapping::compile(&doc).map_err(|problems| {
            let first = problems.first().map(|it| it.message.clone());
            anyhow::anyhow!("the mapping has problems: {}", first.unwrap_or_default())
        })?;
        let hub = HubDoc::from_json(&document).context("the hub can't be read")?;
        let publication = Publication::freeze(Arc::new(hub))
            .map_err(|_| anyhow::anyhow!("the hub has problems: publish it first"))?;
        Ok(Self {
            doc,
            lanes: row.lanes.into(),
            version,
            mapping,
            publication,
            cards: cards.into_iter().map(|(key, id)| (id, key)).collect(),
        })
    }

    /// Whether a card is one of the connection's hub.
    pub(super) fn has_card(&self, card: CardId) -> bool {
        self.cards.contains_key(&card)
    }

    /// What the mapping of today makes of an entry: when it was accepted, and when its play was finished if that came later.
    pub(super) fn plans(&self, entry: &PastEntry) -> Vec<Plan> {
        let Some(key) = self.cards.get(&entry.card) else {
            return Vec::new();
        };
        let card = self.publication.card(key);
        let default = self.publication.default_locale();
        // One that was erased (it has lost its language, too) or written by a newer version tells nothing.
        let entered = Entered::read(&entry.content, &entry.consents, card, default).ok();
        let Some(entered) = entered.filter(|it| !it.locale.is_empty()) else {
            return Vec::new();
        };
        let locale = entered.locale.parse().unwrap_or_else(|_| default.clone());
        let (before, after) = match &entry.play {
            Some(play) if play.finished_at <= entry.accepted_at => (Some(play), None),
            other => (None, other.as_ref()),
        };
        let facts_of = |play: Option<&store::backfill::PastPlay>| -> BTreeMap<String, Value> {
            let facts = play.map(|play| serde_json::from_str(&play.facts).unwrap_or_default());
            facts.unwrap_or_default()
        };
        let (told_before, told_after) = (facts_of(before), facts_of(after));
        let facts = Facts {
            entry_id: entry.entry,
            accepted_at: entry.accepted_at,
            hub_slug: &self.publication.doc().hub.slug,
            card_key: key,
            card_title: card.map_or("", |card| card.doc.title.get(&locale, default)),
            locale: &entered.locale,
            fields: &entered.fields,
            properties: &entered.properties,
            consents: &entered.consents,
            play: &told_before,
            params: &entered.params,
            moment: Moment::Entry,
        };
        let mut plans = vec![self.mapping.plan(&facts)];
        if let Some(play) = after {
            plans.push(self.mapping.plan(&Facts {
                accepted_at: play.finished_at,
                play: &told_after,
                moment: Moment::PlayFinished,
                ..facts
            }));
        }
        plans
    }
}
