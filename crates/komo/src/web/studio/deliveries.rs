//! The deliveries of a connection: counters, the last hour, rows with reason and remedy, one row in full, sending again.
//! Promises: what is shown is what is stored at that moment; counters renew themselves where there is JavaScript and are right
//! without it. Leaves to others: where a delivery stands (`store::ledger`), planning anew (`backfill`).

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use engage::{
    delivery::health::{Health, Level},
    time::Millis,
};
use store::{
    accounts_sessions,
    hubs::{self, Minute},
    ledger::{self, Counts, Filter, Row, State as Stands},
    sent,
};

use super::{
    access::AtConnection,
    asked::{Asked, TIMES},
    backfills::{self, Shown},
    connection::{Head, Tab, head},
    delivery_words::{contents, name, outcome_words, request, tone, why},
    form::Sent,
    frame::{Frame, ago, connection_path, full, number, page},
    problem::StudioProblem,
    workspace::connection_name,
};
use crate::{
    app::App,
    backfill::{self, SET_ASIDE, Which},
    braze_desk, clock,
    deliver::housekeeping::connection_health,
};

type Answer = Result<Response, StudioProblem>;

const PAGE: usize = 50;
const MINUTES: i64 = 60;

/// A number at the top, which is also a filter.
pub(super) struct Counter {
    label: &'static str,
    value: String,
    href: String,
    tone: &'static str,
    current: bool,
}

/// A bar of the chart: one minute.
pub(super) struct Bar {
    x: i64,
    y: i64,
    height: i64,
    failed: bool,
    time: String,
    taken: String,
    failures: i64,
    calls: i64,
    slowest: i64,
}

/// How the connection is doing, when there is something to tell.
struct Trouble {
    tone: &'static str,
    title: &'static str,
    health: Health,
}

impl Trouble {
    /// A pause and a missing key are told above every page already.
    fn of(health: Option<Health>) -> Option<Self> {
        let health = health.filter(|it| !matches!(it.code, "paused" | "key_missing"))?;
        let (tone, title) = match health.level {
            Level::Well => return None,
            Level::Notice => ("info", "Good to know"),
            Level::Warning => ("warn", "Somebody should look today"),
            Level::Alarm => ("bad", "Somebody has to act now"),
        };
        Some(Self {
            tone,
            title,
            health,
        })
    }
}

/// What renews itself.
pub(super) struct Live {
    trouble: Option<Trouble>,
    counters: Vec<Counter>,
    bars: Vec<Bar>,
    most: String,
    from: String,
    to: String,
    total: String,
    oldest: String,
    /// Values that were not sent, because Braze had them already; empty when there were none.
    saved: String,
    backfill: Option<Shown>,
    href: String,
}

impl Live {
    fn backfill_open(&self) -> bool {
        self.backfill.as_ref().is_some_and(Shown::open)
    }
}

struct DeliveryRow {
    seq: i64,
    when: String,
    exact: String,
    contents: String,
    state: &'static str,
    tone: &'static str,
    what: String,
    remedy: String,
    braze: String,
    attempts: u32,
    selectable: bool,
}

struct Option_ {
    value: String,
    label: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "deliveries.html", config = "src/web/studio/askama.toml")]
struct DeliveriesPage {
    frame: Frame,
    head: Head,
    live: Live,
    rows: Vec<DeliveryRow>,
    states: Vec<Option_>,
    reasons: Vec<Option_>,
    cards: Vec<Option_>,
    times: Vec<Option_>,
    who: String,
    nobody: bool,
    filtered: bool,
    /// The filters, for sending again what they show; empty where they show nothing that was set aside.
    matching: Vec<(&'static str, String)>,
    older: Option<String>,
    set_aside: i64,
    /// Whether there is anything that can be sent again, by choice at least.
    sendable: bool,
    any: bool,
}

#[derive(Template)]
#[template(path = "live.html", config = "src/web/studio/askama.toml")]
struct LivePart {
    live: Live,
}

struct CallRow {
    when: String,
    exact: String,
    status: String,
    outcome: String,
    message: String,
    items: i64,
    objects: i64,
    millis: i64,
}

#[derive(Template)]
#[template(path = "delivery.html", config = "src/web/studio/askama.toml")]
struct DeliveryPage {
    frame: Frame,
    head: Head,
    row: DeliveryRow,
    contact: String,
    entry: String,
    json: String,
    calls: Vec<CallRow>,
}

fn live(
    at: &AtConnection,
    (counts, saved, backfill): (&Counts, i64, Option<Shown>),
    trouble: Option<Trouble>,
    minutes: &[Minute],
    asked: &Asked,
) -> Live {
    let base = connection_path(at.connection.id);
    let counter = |label: &'static str, value: i64, state: &str, tone: &'static str| Counter {
        label,
        value: number(value),
        href: if state.is_empty() {
            base.clone()
        } else {
            format!("{base}?state={state}")
        },
        tone: if value == 0 { "" } else { tone },
        current: asked.state == state && !state.is_empty(),
    };
    let counters = vec![
        counter("Pending", counts.pending, "pending", ""),
        counter("Delivered", counts.delivered, "delivered", ""),
        counter("Retrying", counts.retrying, "retrying", "warn"),
        counter("Waiting behind", counts.waiting, "waiting", ""),
        counter("Set aside", counts.parked, "parked", "bad"),
        counter("Unknown fate", counts.unknown, "unknown", "warn"),
        counter("Never sendable", counts.skipped, "skipped", "warn"),
    ];
    let now = clock::now().0 / 60_000;
    let first = now - MINUTES + 1;
    let most = minutes.iter().map(|it| it.taken).max().unwrap_or(0).max(1);
    let bars = minutes.iter().filter(|it| it.minute >= first).map(|it| {
        let height = if it.taken == 0 {
            i64::from(it.failed > 0) * 4
        } else {
            (it.taken * 96 / most).max(2)
        };
        Bar {
            x: (it.minute - first) * 10 + 1,
            y: 100 - height,
            height,
            failed: it.taken == 0,
            time: clock_time(it.minute),
            taken: number(it.taken),
            failures: it.failed,
            calls: it.calls,
            slowest: it.slowest,
        }
    });
    let total: i64 = minutes
        .iter()
        .filter(|it| it.minute >= first)
        .map(|it| it.taken)
        .sum();
    Live {
        trouble,
        counters,
        bars: bars.collect(),
        most: number(most),
        from: clock_time(first),
        to: clock_time(now),
        total: number(total),
        oldest: counts.oldest_pending.map(ago).unwrap_or_default(),
        saved: if saved > 0 {
            number(saved)
        } else {
            String::new()
        },
        backfill,
        href: format!("{base}/live?{}", asked.query(None)),
    }
}

/// The time of day of a minute, in UTC.
fn clock_time(minute: i64) -> String {
    let iso = Millis(minute * 60_000).to_iso();
    iso.get(11..16).unwrap_or_default().to_owned()
}

async fn live_of(app: &App, at: &AtConnection, asked: &Asked) -> Result<Live, StudioProblem> {
    let (workspace, id) = (at.place.workspace, at.connection.id);
    let from = clock::now().plus(-MINUTES * 60_000);
    let found = app.store.read(move |tx| {
        Box::pin(async move {
            Ok((
                ledger::counts(tx, workspace, id).await?,
                hubs::minutes(tx, id, from).await?,
                sent::saved(tx, id).await?,
            ))
        })
    });
    let (counts, minutes, saved) = found.await?;
    let backfill = backfills::newest(app, at).await?;
    let trouble = trouble_of(app, at).await?;
    Ok(live(
        at,
        (&counts, saved, backfill),
        trouble,
        &minutes,
        asked,
    ))
}

async fn trouble_of(app: &App, at: &AtConnection) -> Result<Option<Trouble>, StudioProblem> {
    let window = app.studio.retry_window_ms;
    let health = connection_health(&app.store, at.connection.id, window).await?;
    Ok(Trouble::of(health))
}

/// `GET .../live`: counters and chart alone.
pub(super) async fn live_part(
    State(app): State<App>,
    at: AtConnection,
    Query(query): Query<Vec<(String, String)>>,
) -> Answer {
    let live = live_of(&app, &at, &Asked::of(&query)).await?;
    page(&LivePart { live })
}

fn delivery_row(row: &Row) -> DeliveryRow {
    let why = why(row);
    DeliveryRow {
        seq: row.seq,
        when: ago(row.created_at),
        exact: full(row.created_at),
        contents: contents(row),
        state: name(row.state),
        tone: tone(row.state),
        what: why.what,
        remedy: why.remedy,
        braze: why.braze,
        attempts: row.attempts,
        selectable: SET_ASIDE.contains(&row.state),
    }
}

/// `GET /studio/connections/{connection}`
pub(super) async fn show(
    State(app): State<App>,
    at: AtConnection,
    Query(query): Query<Vec<(String, String)>>,
) -> Answer {
    let doc = braze_desk::document(&at.connection)?;
    let hub_doc = super::hub::document(&at.hub)?;
    let asked = Asked::of(&query);
    let (workspace, id, hub) = (at.place.workspace, at.connection.id, at.hub.id);
    let from = clock::now().plus(-MINUTES * 60_000);
    let (wanted, before) = (asked.clone(), asked.before);
    let found = app.store.read(move |tx| {
        Box::pin(async move {
            let filter = wanted.filter(tx, workspace, hub).await?;
            let nobody = filter.is_none();
            let rows = match filter {
                Some(filter) => ledger::page(tx, workspace, id, &filter, before, PAGE).await?,
                None => ledger::Page::default(),
            };
            Ok((
                rows,
                ledger::counts(tx, workspace, id).await?,
                ledger::reasons(tx, workspace, id).await?,
                hubs::minutes(tx, id, from).await?,
                sent::saved(tx, id).await?,
                nobody,
            ))
        })
    });
    let (rows, counts, reasons, minutes, saved, nobody) = found.await?;
    let backfill = backfills::newest(&app, &at).await?;
    let trouble = trouble_of(&app, &at).await?;
    let (frame, head) = head(&at, &doc, Tab::Deliveries, "Deliveries")?;
    let option = |value: &str, label: String, chosen: &str| Option_ {
        chosen: value == chosen,
        value: value.to_owned(),
        label,
    };
    let locale = hub_doc.default_locale();
    page(&DeliveriesPage {
        frame: frame.done(&query),
        live: live(&at, (&counts, saved, backfill), trouble, &minutes, &asked),
        rows: rows.rows.iter().map(delivery_row).collect(),
        states: Stands::ALL
            .iter()
            .map(|it| option(it.code(), name(*it).to_owned(), &asked.state))
            .collect(),
        reasons: reasons
            .iter()
            .map(|(_, code, count)| {
                option(
                    code,
                    format!("{} ({count})", code.replace('_', " ")),
                    &asked.reason,
                )
            })
            .collect(),
        cards: hub_doc
            .cards
            .iter()
            .map(|card| {
                option(
                    &card.key,
                    card.title.get(locale, locale).to_owned(),
                    &asked.card,
                )
            })
            .collect(),
        times: TIMES
            .iter()
            .map(|(code, label, _)| option(code, (*label).to_owned(), &asked.time))
            .collect(),
        older: rows
            .next
            .map(|next| format!("{}?{}", head.base, asked.query(Some(next)))),
        head,
        who: asked.who.clone(),
        nobody,
        filtered: asked.filtered() || asked.before.is_some(),
        matching: asked.matching(),
        set_aside: counts.parked + counts.unknown,
        sendable: counts.parked + counts.unknown + counts.skipped > 0,
        any: counts.total() > 0,
    })
}

/// `GET .../deliveries/{delivery}`
pub(super) async fn one(
    State(app): State<App>,
    at: AtConnection,
    Path((_, seq)): Path<(String, String)>,
) -> Answer {
    let seq: i64 = seq.parse().map_err(|_| StudioProblem::NotFound)?;
    let workspace = at.place.workspace;
    let found = app
        .store
        .read(move |tx| Box::pin(async move { ledger::show(tx, workspace, seq).await }));
    let detail = found.await?.ok_or(StudioProblem::NotFound)?;
    if detail.row.connection != at.connection.id {
        return Err(StudioProblem::NotFound);
    }
    let doc = braze_desk::document(&at.connection)?;
    let (mut frame, head) = head(&at, &doc, Tab::Deliveries, &format!("Delivery {seq}"))?;
    if let Some(last) = frame.crumbs.last_mut() {
        last.href.clone_from(&head.base);
    }
    let frame = frame.crumb(&format!("Delivery {seq}"), "");
    let calls = detail.calls.iter().map(|it| CallRow {
        when: ago(it.started_at),
        exact: full(it.started_at),
        status: it.status.map(|it| it.to_string()).unwrap_or_default(),
        outcome: outcome_words(&it.outcome).to_owned(),
        message: it.message.clone(),
        items: it.items,
        objects: it.objects,
        millis: it.millis,
    });
    page(&DeliveryPage {
        calls: calls.collect(),
        row: delivery_row(&detail.row),
        contact: detail.row.contact.to_string(),
        entry: detail
            .row
            .entry
            .map(|it| it.to_string())
            .unwrap_or_default(),
        json: request(&detail),
        frame,
        head,
    })
}

/// `POST .../replays`: the chosen ones, those that the filters show, or all that were set aside.
pub(super) async fn send_again(State(app): State<App>, at: AtConnection, sent: Sent) -> Answer {
    let base = connection_path(at.connection.id);
    let chosen: Vec<i64> = sent
        .all("delivery")
        .filter_map(|it| it.parse().ok())
        .collect();
    let which = match sent.text("all") {
        "" => (!chosen.is_empty()).then_some(Which::These(chosen)),
        "matching" => {
            let (asked, workspace, hub) = (Asked::of(&sent.pairs), at.place.workspace, at.hub.id);
            let filter = app
                .store
                .read(move |tx| Box::pin(async move { asked.filter(tx, workspace, hub).await }));
            filter.await?.map(Which::Matching)
        }
        _ => Some(Which::Matching(Filter::default())),
    };
    let Some(which) = which else {
        return Ok(Redirect::to(&base).into_response());
    };
    let doc = braze_desk::document(&at.connection)?;
    let subject = connection_name(Some(&doc), &at.connection.key);
    let (workspace, id, by, now) = (
        at.place.workspace,
        at.connection.id,
        at.found.member.id,
        clock::now(),
    );
    let wakers = Some(&app.wakers);
    let again = backfill::send_again(&app.store, workspace, id, &which, wakers).await?;
    let count = again.settled;
    let noted = app.store.write(move |tx| {
        Box::pin(async move {
            let detail = format!("{count} deliveries");
            let line = ("deliveries.again", subject.as_str(), detail.as_str());
            accounts_sessions::record(tx, workspace, Some(by), line, now).await
        })
    });
    noted.await?;
    app.hubs.refresh_now(&app.store).await;
    let done = if count == 0 { "nothing" } else { "again" };
    Ok(Redirect::to(&format!("{base}?done={done}")).into_response())
}
