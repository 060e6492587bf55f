//! What connections have been sent of a person: read, decided over and kept in the transaction that accepts something.
//! Promises that nothing is left out on the strength of stale knowledge: whoever changes a contact's record has taken the
//! contact's turn. Leaves what is left out to `engage::mapping::sent`.

use std::collections::BTreeMap;

use engage::{
    delivery::{CallKind, OwnCall},
    ids::{ConnectionId, ContactId},
    mapping::sent::Sent,
};

use crate::{
    entries::contact_turn,
    error::Result,
    hubs,
    outbox::{self, NewDelivery},
    params, row,
    seam::{Tx, diverge},
    sql::Sql,
    statements,
    value::Value,
};

statements! {
    SENT (id: Uuid) = "SELECT c.id, c.sent FROM {rows} JOIN contacts c ON c.id = r.id WHERE c.sent IS NOT NULL";
    PUT_SENT (id: Uuid, sent: Text) = "UPDATE contacts SET sent = r.sent FROM {rows} WHERE contacts.id = r.id";
    COUNT_SAVED (lane_id: Int, bucket: Int, saved: Int) = "INSERT INTO values_saved (lane_id, bucket, saved) SELECT r.lane_id, r.bucket, r.saved FROM {rows} WHERE true ON CONFLICT (lane_id, bucket) DO UPDATE SET saved = values_saved.saved + excluded.saved";
    SAVED = "SELECT s.saved FROM values_saved s JOIN lanes l ON l.id = s.lane_id WHERE l.connection_id = $1";
    RESEND = "UPDATE connections SET resend_epoch = resend_epoch + 1 WHERE id = $1";
    OF_LANE = "SELECT connection_id FROM lanes WHERE id = $1";
}

/// Rows that share the counting of one lane.
const BUCKETS: u8 = 16;

/// How many values were left out, by lane.
#[derive(Debug, Default)]
pub(crate) struct Savings(BTreeMap<i64, i64>);

impl Savings {
    /// The statement that counts them; `chance` spreads batches over the rows of a lane.
    pub(crate) fn count(&self, chance: Option<ContactId>) -> (&'static Sql, Vec<Vec<Value>>) {
        let chance = chance.unwrap_or(ContactId::from_uuid(uuid::Uuid::nil()));
        let bucket = chance.uuid().as_bytes().last().map_or(0, |it| it % BUCKETS);
        let rows = self.0.iter();
        let rows = rows.map(|(lane, saved)| row![*lane, i64::from(bucket), *saved]);
        (&COUNT_SAVED, rows.collect())
    }
}

/// The deliveries of a contact of whom nothing is known: all of it is sent. With the text that is to be kept.
pub(crate) fn all_of(deliveries: &[NewDelivery]) -> (Vec<NewDelivery>, Option<String>) {
    let deltas = deliveries.iter().filter_map(|it| it.delta.as_deref());
    let first = Some(Sent::first(deltas)).filter(|text| !text.is_empty());
    let planned = deliveries.iter().map(|delivery| NewDelivery {
        attributes: match &delivery.delta {
            Some(delta) => delta.attributes.as_ref().map(|it| it.json.clone()),
            None => delivery.attributes.clone(),
        },
        delta: None,
        ..without_delta(delivery)
    });
    (planned.collect(), first)
}

/// What of the deliveries is new to their connections, and calls that join profiles before them.
pub(crate) fn news_of(
    deliveries: &[NewDelivery],
    contact: ContactId,
    sent: &mut Sent,
    savings: &mut Savings,
) -> Vec<NewDelivery> {
    let mut news = Vec::with_capacity(deliveries.len());
    for delivery in deliveries {
        let Some(delta) = &delivery.delta else {
            news.push(delivery.clone());
            continue;
        };
        let decided = sent.decide(delta);
        if decided.saved > 0
            && let Some(lane) = outbox::lane_of(contact, &delivery.lanes)
        {
            *savings.0.entry(lane).or_default() += i64::from(decided.saved);
        }
        if let Some(body) = decided.identify {
            news.push(NewDelivery {
                lanes: delivery.lanes.clone(),
                call: Some(OwnCall {
                    kind: CallKind::Identify,
                    body,
                }),
                ..NewDelivery::default()
            });
        }
        let planned = NewDelivery {
            attributes: decided.attributes,
            ..without_delta(delivery)
        };
        let is_something = planned.attributes.is_some()
            || planned.call.is_some()
            || planned.skipped.is_some()
            || !(planned.events.is_empty() && planned.purchases.is_empty());
        if is_something {
            news.push(planned);
        }
    }
    news
}

/// A copy that spares copying the parts.
fn without_delta(delivery: &NewDelivery) -> NewDelivery {
    NewDelivery {
        lanes: delivery.lanes.clone(),
        attributes: None,
        events: delivery.events.clone(),
        purchases: delivery.purchases.clone(),
        skipped: delivery.skipped.clone(),
        call: delivery.call.clone(),
        delta: None,
    }
}

/// Decides over a contact's deliveries outside the hot path, and keeps what was decided.
pub(crate) async fn decide(
    tx: &mut Tx,
    contact: ContactId,
    deliveries: Vec<NewDelivery>,
) -> Result<Vec<NewDelivery>> {
    if deliveries.iter().all(|delivery| delivery.delta.is_none()) {
        return Ok(deliveries);
    }
    diverge::take_turns(tx, std::iter::once(contact_turn(contact))).await?;
    let mut sent = Sent::default();
    for mut row in tx.query_rows(&SENT, vec![row![contact]]).await? {
        sent = Sent::read(&row.take::<String>(1)?);
    }
    let mut savings = Savings::default();
    let before = sent.clone();
    let news = news_of(&deliveries, contact, &mut sent, &mut savings);
    if sent != before {
        tx.execute_rows(&PUT_SENT, vec![row![contact, sent.write()]])
            .await?;
    }
    let (statement, rows) = savings.count(Some(contact));
    tx.execute_rows(statement, rows).await?;
    Ok(news)
}

/// Forgets what a connection was sent of these people, because something did not arrive or something older is sent again. Takes
/// their turns: to be called before anything else is held that others want while they have theirs.
pub(crate) async fn forget(
    tx: &mut Tx,
    connection: ConnectionId,
    contacts: impl IntoIterator<Item = ContactId>,
) -> Result<()> {
    let mut contacts: Vec<ContactId> = contacts.into_iter().collect();
    contacts.sort_unstable();
    contacts.dedup();
    diverge::take_turns(tx, contacts.iter().map(|contact| contact_turn(*contact))).await?;
    let asked = contacts.iter().map(|contact| row![*contact]).collect();
    let mut changed = Vec::new();
    for mut row in tx.query_rows(&SENT, asked).await? {
        let (contact, text): (ContactId, String) = (row.take(0)?, row.take(1)?);
        let mut sent = Sent::read(&text);
        if sent.forget(connection) {
            changed.push(row![contact, sent.write()]);
        }
    }
    tx.execute_rows(&PUT_SENT, changed).await?;
    Ok(())
}

/// The same for a lane's connection.
pub(crate) async fn forget_by_lane(
    tx: &mut Tx,
    lane: i64,
    contacts: impl IntoIterator<Item = ContactId>,
) -> Result<()> {
    let Some(mut row) = tx.query_opt(&OF_LANE, params![lane]).await? else {
        return Ok(());
    };
    let connection = row.take(0)?;
    forget(tx, connection, contacts).await
}

/// From now on everything that is planned for the connection is sent in full once more, whatever was sent before. Servers
/// notice within a second.
pub async fn resend_all(tx: &mut Tx, connection: ConnectionId) -> Result<()> {
    tx.execute(&RESEND, params![connection]).await?;
    hubs::touch(tx, connection).await
}

/// How many values the connection was spared, because Braze had them already.
pub async fn saved(tx: &mut Tx, connection: ConnectionId) -> Result<i64> {
    // A handful of rows; their sum has a type of its own on PostgreSQL.
    let mut sum = 0_i64;
    for mut row in tx.query(&SAVED, params![connection]).await? {
        sum = sum.saturating_add(row.take(0)?);
    }
    Ok(sum)
}
