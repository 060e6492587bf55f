//! Planning a stored entry once more: the facts that the mapping saw, rebuilt from what is kept.
//! Promises the same plan as on the day of the entry while hub and mapping are the same. Leaves to others: what has gone already
//! (`history`), what becomes of several plans (`engage::again`).

use std::{collections::BTreeMap, collections::HashMap, sync::Arc};

use anyhow::Context;
use engage::{
    Value,
    form::ConsentGiven,
    hub::{ConnectionDoc, HubDoc, Publication, PublishedCard},
    ids::{CardId, ConnectionId, WorkspaceId},
    mapping::{Facts, Mapping, Moment, Plan},
    text::Locale,
};
use serde::Deserialize;
use store::{Store, backfill::PastEntry, hubs};

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

/// What an entry keeps.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Content {
    fields: BTreeMap<String, Value>,
    params: BTreeMap<String, String>,
    locale: String,
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
        // One that was erased (it has lost its language, too) or written by a newer version tells nothing.
        let content = serde_json::from_str::<Content>(&entry.content).ok();
        let Some(content) = content.filter(|it| !it.locale.is_empty()) else {
            return Vec::new();
        };
        let card = self.publication.card(key);
        let default = self.publication.default_locale();
        let locale: Locale = content.locale.parse().unwrap_or_else(|_| default.clone());
        let form = card.and_then(|card| card.form.as_ref());
        let properties: BTreeMap<String, Value> = content
            .fields
            .iter()
            .filter_map(|(key, value)| {
                Some((form?.field(key)?.property()?.to_owned(), value.clone()))
            })
            .collect();
        let consents = consents(entry, card, &locale);
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
            locale: &content.locale,
            fields: &content.fields,
            properties: &properties,
            consents: &consents,
            play: &told_before,
            params: &content.params,
            moment: Moment::Entry,
        };
        let mut plans = vec![self.mapping.plan(&facts)];
        if let Some(play) = after {
            let nothing = BTreeMap::new();
            plans.push(self.mapping.plan(&Facts {
                accepted_at: play.finished_at,
                properties: &nothing,
                consents: &[],
                play: &told_after,
                moment: Moment::PlayFinished,
                ..facts
            }));
        }
        plans
    }
}

/// The consents in the order of the form, as they were when the entry was made.
fn consents(entry: &PastEntry, card: Option<&PublishedCard>, locale: &Locale) -> Vec<ConsentGiven> {
    let place = |key: &str| {
        let form = card.and_then(|card| card.form.as_ref())?;
        form.fields().iter().position(|field| field.key == key)
    };
    let mut consents: Vec<ConsentGiven> = entry
        .consents
        .iter()
        .map(|it| ConsentGiven {
            key: it.key.clone(),
            subscription: it.subscription.clone(),
            given: it.given,
            version: it.version.clone(),
            // What leaves the product is the choice, never the text.
            text_hash: [0; 32],
            text: String::new(),
            locale: it.locale.parse().unwrap_or_else(|_| locale.clone()),
        })
        .collect();
    consents.sort_by_key(|it| place(&it.key).unwrap_or(usize::MAX));
    consents
}
