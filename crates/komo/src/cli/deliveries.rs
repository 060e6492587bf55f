//! `komo deliveries list | show | where | counts | again`: the ledger on the command line.

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use engage::{
    ids::{CardId, ContactId, WorkspaceId},
    time::Millis,
};
use serde_json::{Value as Json, json};
use store::{
    Store, hubs,
    ledger::{self, Filter, Row, State, Who},
};

use super::{Source, connection::Which as Connection, shown};
use crate::{
    backfill::{self, Sent},
    hubfile, ledger as words,
};

/// Deliveries.
#[derive(Debug, Subcommand)]
pub(crate) enum Deliveries {
    /// Show a connection's deliveries, newest first
    List {
        #[command(flatten)]
        connection: Connection,
        #[command(flatten)]
        filter: Narrow,
        /// At most this many
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// Only numbers below this: the end of the page before
        #[arg(long, value_name = "NUMBER")]
        before: Option<i64>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one delivery with its objects and every call that carried it
    Show {
        /// Its number
        number: i64,
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
    /// Show where everything is that somebody has entered
    Where {
        /// E-mail address, phone number (+49...), or the id of a contact or an entry
        who: String,
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
    /// Count a connection's deliveries by state and reason
    Counts {
        #[command(flatten)]
        connection: Connection,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Send again what was set aside, planned with the mapping of today; says how many first, and does it with --yes
    Again {
        #[command(flatten)]
        connection: Connection,
        /// Only this delivery
        #[arg(long, value_name = "NUMBER", conflicts_with_all = ["contact", "card", "from", "to", "state", "reason"])]
        number: Option<i64>,
        #[command(flatten)]
        filter: Narrow,
        /// Do it, instead of only counting
        #[arg(long)]
        yes: bool,
    },
}

/// Which deliveries.
#[derive(Debug, Args, Clone)]
pub(crate) struct Narrow {
    /// Only this person's: e-mail address, phone number, or id
    #[arg(long, value_name = "WHO")]
    contact: Option<String>,
    /// Only entries of this card
    #[arg(long, value_name = "KEY")]
    card: Option<String>,
    /// Only those made at this moment or later: 2026-05-04, or 2026-05-04T07:30:00Z
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only those made before this moment
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// pending, retrying, waiting, delivered, parked, unknown, skipped or replaced
    #[arg(long)]
    state: Option<String>,
    /// Only those set aside for this reason: the code, as `counts` shows it
    #[arg(long, value_name = "CODE")]
    reason: Option<String>,
}

impl Narrow {
    async fn read(self, store: &Store, connection: &hubs::Connection) -> anyhow::Result<Filter> {
        let workspace = connection.workspace;
        let contact = match self.contact {
            Some(text) => Some(contact(store, workspace, &text).await?),
            None => None,
        };
        let card = match self.card {
            Some(key) => Some(card(store, connection, &key).await?),
            None => None,
        };
        let state = self.state.map(|state| {
            let known = State::ALL.iter().find(|it| it.code() == state).copied();
            known.with_context(|| {
                let all: Vec<&str> = State::ALL.iter().map(|it| it.code()).collect();
                format!("`{state}` is no state; there are {}", all.join(", "))
            })
        });
        Ok(Filter {
            contact,
            card,
            from: self.from.as_deref().map(moment).transpose()?,
            to: self.to.as_deref().map(moment).transpose()?,
            state: state.transpose()?,
            reason: self.reason,
        })
    }
}

/// Reads a day (its first moment in UTC) or a moment.
pub(super) fn moment(text: &str) -> anyhow::Result<Millis> {
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Ok(Millis(moment.as_millisecond()));
    }
    let day: jiff::civil::Date = text.parse().map_err(|_| {
        anyhow::anyhow!("`{text}` is no time; write 2026-05-04 or 2026-05-04T07:30:00Z")
    })?;
    let start = day.to_zoned_datetime(jiff::tz::TimeZone::UTC)?;
    Ok(Millis(start.timestamp().as_millisecond()))
}

/// Finds a card of the connection's hub.
pub(super) async fn card(
    store: &Store,
    connection: &hubs::Connection,
    key: &str,
) -> anyhow::Result<CardId> {
    let hub = connection.hub;
    let cards = store.read(move |tx| Box::pin(hubs::cards(tx, hub))).await?;
    let found = cards.iter().find(|(known, _)| known == key);
    let keys = || {
        cards
            .iter()
            .map(|(key, _)| key.as_str())
            .collect::<Vec<_>>()
    };
    Ok(found
        .with_context(|| format!("the hub has no card `{key}`; it has: {}", keys().join(", ")))?
        .1)
}

fn people(text: &str) -> Vec<Who> {
    if text.contains('@') {
        return vec![Who::Email(text.to_owned())];
    }
    if let (Ok(contact), Ok(entry)) = (text.parse(), text.parse()) {
        return vec![Who::Contact(contact), Who::Entry(entry)];
    }
    let digits: String = text.chars().filter(|c| !" -()/.".contains(*c)).collect();
    vec![Who::Phone(digits)]
}

async fn contact(store: &Store, workspace: WorkspaceId, text: &str) -> anyhow::Result<ContactId> {
    for who in people(text) {
        let found = store
            .read(move |tx| Box::pin(async move { ledger::contact_of(tx, workspace, &who).await }))
            .await?;
        if let Some(contact) = found {
            return Ok(contact);
        }
    }
    bail!("nobody is known by that address, number or id")
}

impl Deliveries {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::List {
                connection,
                filter,
                limit,
                before,
                json,
            } => {
                let (_, store, connection) = connection.open().await?;
                let filter = filter.read(&store, &connection).await?;
                list(&store, &connection, filter, before, limit, json).await?;
                store.close().await;
            }
            Self::Show {
                number,
                json,
                source,
            } => {
                let (_, store) = source.open().await?;
                let workspace = hubfile::workspace(&store).await?;
                let found = store
                    .read(move |tx| Box::pin(ledger::show(tx, workspace, number)))
                    .await?;
                let detail = found.with_context(|| format!("there is no delivery {number}"))?;
                if json {
                    print_json(&detail_json(&detail))?;
                } else {
                    print_detail(&detail);
                }
                store.close().await;
            }
            Self::Where { who, json, source } => {
                let (_, store) = source.open().await?;
                where_is(&store, &who, json).await?;
                store.close().await;
            }
            Self::Counts { connection, json } => {
                let (_, store, connection) = connection.open().await?;
                counts(&store, &connection, json).await?;
                store.close().await;
            }
            Self::Again {
                connection,
                number,
                filter,
                yes,
            } => {
                let (_, store, connection) = connection.open().await?;
                let which = match number {
                    Some(number) => backfill::Which::These(vec![number]),
                    None => backfill::Which::Matching(filter.read(&store, &connection).await?),
                };
                let (workspace, id) = (connection.workspace, connection.id);
                if yes {
                    let sent = backfill::send_again(&store, workspace, id, &which, None).await?;
                    print_sent(&sent);
                } else {
                    let count = backfill::count_again(&store, workspace, id, &which).await?;
                    println!("{} would be sent again; add --yes to do it", of(count));
                }
                store.close().await;
            }
        }
        Ok(())
    }
}

/// Says what sending again did.
pub(super) fn print_sent(sent: &Sent) {
    let of_those = if sent.settled == sent.found {
        String::new()
    } else {
        format!(" of {}", sent.found)
    };
    println!(
        "{}{of_those} sent again: {} new, {} objects",
        of(sent.settled),
        of(sent.deliveries),
        sent.objects
    );
}

fn of(count: i64) -> String {
    if count == 1 {
        "one delivery".to_owned()
    } else {
        format!("{count} deliveries")
    }
}

async fn list(
    store: &Store,
    connection: &hubs::Connection,
    filter: Filter,
    before: Option<i64>,
    limit: usize,
    json: bool,
) -> anyhow::Result<()> {
    let (workspace, id) = (connection.workspace, connection.id);
    let (mut rows, mut next) = (Vec::new(), before);
    // A page is short where a search has looked through enough; a command has time.
    loop {
        let (asked, left) = (filter.clone(), limit - rows.len());
        let page = store.read(move |tx| {
            Box::pin(async move { ledger::page(tx, workspace, id, &asked, next, left).await })
        });
        let page = page.await?;
        rows.extend(page.rows);
        next = page.next;
        if next.is_none() || rows.len() >= limit {
            break;
        }
    }
    if json {
        let rows: Vec<Json> = rows.iter().map(row_json).collect();
        return print_json(&json!({"deliveries": rows, "next": next}));
    }
    if rows.is_empty() {
        println!("there are no such deliveries");
        return Ok(());
    }
    println!(
        "{:>10}  {:<11} {:<24} {:<22} entry",
        "number", "state", "made", "holds"
    );
    for row in &rows {
        print_row("", row);
    }
    if let Some(next) = next {
        println!("more: --before {next}");
    }
    Ok(())
}

fn print_row(indent: &str, row: &Row) {
    let entry = row
        .entry
        .map_or_else(|| "-".to_owned(), |it| it.to_string());
    println!(
        "{indent}{:>10}  {:<11} {:<24} {:<22} {entry}",
        row.seq,
        words::state_words(row.state).name,
        shown(row.created_at),
        words::contents(row)
    );
    if words::state_words(row.state).needs_care {
        let why = words::why(row);
        println!("{indent}{:>12}{} {}", "", why.what, why.remedy);
        if !why.braze.is_empty() {
            println!("{indent}{:>12}Braze says: {}", "", why.braze);
        }
    }
}

fn print_detail(detail: &ledger::Detail) {
    let row = &detail.row;
    print_row("", row);
    let why = words::why(row);
    println!("\n{} {}", why.what, why.remedy);
    println!("contact {}, made {}", row.contact, row.created_at.to_iso());
    let objects = detail.attributes.iter().map(|it| ("attributes", it));
    let events = detail.events.iter().map(|it| ("event", it));
    let purchases = detail.purchases.iter().map(|it| ("purchase", it));
    let call = detail.call_body.iter().map(|it| ("call", it));
    for (name, text) in objects.chain(events).chain(purchases).chain(call) {
        println!("\n{name}\n  {text}");
    }
    for call in &detail.calls {
        let status = call
            .status
            .map_or_else(String::new, |it| format!(" ({it})"));
        println!(
            "\ncall {} {}, answered after {} ms with {} deliveries: {}{status}",
            call.seq,
            call.started_at.to_iso(),
            call.millis,
            call.items,
            words::outcome_words(&call.outcome)
        );
        if !call.message.is_empty() {
            println!("  Braze says: {}", call.message);
        }
    }
}

async fn where_is(store: &Store, text: &str, json: bool) -> anyhow::Result<()> {
    let workspace = hubfile::workspace(store).await?;
    let contact = contact(store, workspace, text).await?;
    let found = store.read(move |tx| {
        Box::pin(async move {
            let who = Who::Contact(contact);
            let found = ledger::whereabouts(tx, workspace, &who, None, 200).await?;
            Ok((found, hubs::connections_of_workspace(tx, workspace).await?))
        })
    });
    let (found, connections) = found.await?;
    let found = found.context("nobody is known by that")?;
    if json {
        let entries = found.entries.iter().map(|it| {
            json!({
                "entry": it.entry, "card": it.card_key, "status": it.status,
                "accepted_at": it.accepted_at.to_iso(),
                "deliveries": it.deliveries.iter().map(row_json).collect::<Vec<_>>(),
            })
        });
        let entries: Vec<Json> = entries.collect();
        let others: Vec<Json> = found.others.iter().map(row_json).collect();
        return print_json(
            &json!({"contact": found.contact, "entries": entries, "others": others}),
        );
    }
    println!("contact {}", found.contact);
    let name = |row: &Row| {
        let connection = connections.iter().find(|it| it.id == row.connection);
        connection.map_or_else(|| "-".to_owned(), |it| it.key.clone())
    };
    for entry in &found.entries {
        println!(
            "\nentry {} on the card `{}`, {}, {}",
            entry.entry,
            entry.card_key,
            shown(entry.accepted_at),
            entry.status
        );
        if entry.deliveries.is_empty() {
            println!(
                "  nothing of it is mapped in any connection, or it went along with another entry"
            );
        }
        for row in &entry.deliveries {
            println!("  to {}", name(row));
            print_row("  ", row);
        }
    }
    for row in &found.others {
        println!("\nto {}", name(row));
        print_row("  ", row);
    }
    Ok(())
}

async fn counts(store: &Store, connection: &hubs::Connection, json: bool) -> anyhow::Result<()> {
    let (workspace, id) = (connection.workspace, connection.id);
    let found = store.read(move |tx| {
        Box::pin(async move {
            let counts = ledger::counts(tx, workspace, id).await?;
            Ok((counts, ledger::reasons(tx, workspace, id).await?))
        })
    });
    let (counts, reasons) = found.await?;
    if json {
        let states: serde_json::Map<String, Json> = State::ALL
            .iter()
            .map(|state| (state.code().to_owned(), counts.of(*state).into()))
            .collect();
        let reasons: Vec<Json> = reasons
            .iter()
            .map(|(state, code, count)| json!({"state": state.code(), "reason": code, "count": count}))
            .collect();
        let oldest = counts.oldest_pending.map(Millis::to_iso);
        return print_json(
            &json!({"states": states, "oldest_pending": oldest, "reasons": reasons}),
        );
    }
    for state in State::ALL {
        let number = counts.of(*state);
        println!("{number:>12}  {}", words::state_words(*state).name);
        for (_, code, count) in reasons.iter().filter(|(of, ..)| of == state) {
            let what = words::reason_words(*state, code).map_or("", |it| it.0);
            println!("{count:>16}  {code}: {what}");
        }
    }
    println!("{:>12}  in all", counts.total());
    if let Some(oldest) = counts.oldest_pending {
        println!("the oldest pending one was made {}", shown(oldest));
    }
    Ok(())
}

fn row_json(row: &Row) -> Json {
    let why = words::why(row);
    json!({
        "number": row.seq,
        "state": row.state.code(),
        "contact": row.contact,
        "entry": row.entry,
        "created_at": row.created_at.to_iso(),
        "attributes": row.has_attributes,
        "events": row.events,
        "purchases": row.purchases,
        "call": row.call,
        "attempts": row.attempts,
        "due_at": row.due_at.map(Millis::to_iso),
        "reason": row.code,
        "what": why.what,
        "remedy": why.remedy,
        "braze_says": why.braze,
        "replaced_by": row.replaced_by,
    })
}

fn detail_json(detail: &ledger::Detail) -> Json {
    let object = |text: &String| serde_json::from_str::<Json>(text).unwrap_or(Json::Null);
    let calls = detail.calls.iter().map(|call| {
        json!({
            "number": call.seq, "started_at": call.started_at.to_iso(), "millis": call.millis,
            "status": call.status, "outcome": call.outcome, "message": call.message,
            "deliveries": call.items, "objects": call.objects,
        })
    });
    let calls: Vec<Json> = calls.collect();
    json!({
        "delivery": row_json(&detail.row),
        "attributes": detail.attributes.as_ref().map(object),
        "events": detail.events.iter().map(object).collect::<Vec<_>>(),
        "purchases": detail.purchases.iter().map(object).collect::<Vec<_>>(),
        "call": detail.call_body.as_ref().map(object),
        "calls": calls,
    })
}

fn print_json(value: &Json) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}
