//! The hidden command that `cargo xtask ledger` measures: fills a database with deliveries as they are in life, then asks the
//! ledger's questions, each several times.

use std::{
    collections::BTreeMap,
    io::Write as _,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::Args;
use engage::{
    delivery::{CallOutcome, CallRecord, Commit, Exception, ParkReason, State as LaneState},
    entry::{EntryLimit, identities, updates},
    hub::HubDoc,
    ids::{CardId, ConnectionId, ContactId, WorkspaceId},
    time::Millis,
};
use serde_json::json;
use store::{
    Batcher, Store,
    entries::{Accept, NewConsent, NewEntry},
    hubs,
    ledger::{self, Filter, State, Who},
    outbox::{self, NewDelivery},
};
use tokio::task::JoinSet;

use crate::{
    clock,
    config::Config,
    hubfile::{self, Beside},
    secrets::Keyring,
    serve, telemetry,
};

/// How often each question is asked.
const TIMES: i64 = 20;
/// Deliveries a call.
const CALL: usize = 75;
/// Calls whose outcome is written in one transaction while filling.
const AT_ONCE: usize = 40;
/// Entries lie this far apart, in milliseconds.
const STEP: i64 = 50;

/// Fills a ledger and asks it.
#[derive(Debug, Args)]
pub(crate) struct Ledger {
    /// Folder for the data
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// PostgreSQL instead of SQLite
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Deliveries
    #[arg(long, default_value_t = 1_000_000)]
    rows: i64,
}

const HUB: &str = r#"
format = "komo-hub-1"
[hub]
slug = "bench"
name = "Bench"
locales = ["en"]
state = "published"
[theme]
[[pages]]
path = ""
title = "Bench"
[[cards]]
key = "common"
kind = "form-only"
name = "Form"
title = "Form"
state = "published"
[cards.form]
position = "start"
[[cards.form.fields]]
key = "email"
type = "email"
label = "E-mail"
required = true
[[cards]]
key = "rare"
kind = "form-only"
name = "Rare"
title = "Rare"
state = "published"
[cards.form]
position = "start"
[[cards.form.fields]]
key = "email"
type = "email"
label = "E-mail"
required = true
[[connections]]
key = "braze"
kind = "braze"
name = "Sink"
endpoint = "http://127.0.0.1:1"
[connections.user]
by = "alias"
label = "komo_email"
from = "field:email"
[[connections.attributes]]
from = "field:email"
to = "email"
"#;

/// What was filled.
struct Filled {
    store: Store,
    workspace: WorkspaceId,
    connection: ConnectionId,
    lanes: Arc<[i64]>,
    common: CardId,
    rare: CardId,
    began: Millis,
    rows: i64,
}

impl Ledger {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let mut config = Config::load(None, std::env::vars())?;
        config.database.url = self
            .database
            .clone()
            .unwrap_or_else(|| format!("sqlite:{}", self.data.join("komo.db").display()));
        config.secrets.key_file = self.data.join("secret.key");
        "warn".clone_into(&mut config.log.level);
        telemetry::start_logs(&config.log)?;
        let filled = self.prepare(&config).await?;
        let since = Instant::now();
        filled.enter().await?;
        filled.deliver().await?;
        println!(
            "filled   {} rows in {:.1} s",
            self.rows,
            since.elapsed().as_secs_f64()
        );
        std::io::stdout().flush()?;
        let measured = filled.ask().await?;
        println!("asked    {}", serde_json::Value::Array(measured));
        std::io::stdout().flush()?;
        filled.store.close().await;
        Ok(())
    }

    async fn prepare(&self, config: &Config) -> anyhow::Result<Filled> {
        let doc: HubDoc = hubfile::parse("bench.toml", HUB)?;
        drop(Keyring::open_or_make(&config.secrets.key_file)?);
        let store = serve::open_store(config).await?;
        let imported = hubfile::import(&store, doc, &Beside(self.data.clone())).await?;
        let workspace = hubfile::workspace(&store).await?;
        let found = store.read(move |tx| {
            Box::pin(async move {
                let connections = hubs::connections(tx, imported.hub).await?;
                Ok((connections, hubs::cards(tx, imported.hub).await?))
            })
        });
        let (connections, cards) = found.await?;
        let connection = connections.first().context("the hub has no connection")?;
        let card = |key: &str| {
            let found = cards.iter().find(|(known, _)| known == key);
            found.map(|it| it.1).context("the hub has no such card")
        };
        Ok(Filled {
            workspace,
            connection: connection.id,
            lanes: connection.lanes.clone().into(),
            common: card("common")?,
            rare: card("rare")?,
            began: clock::now().plus(-self.rows * STEP),
            rows: self.rows,
            store,
        })
    }
}

/// Four of five entries are somebody's first.
fn email(n: i64) -> String {
    let person = if n % 5 == 4 { n / 2 } else { n };
    format!("person{person}@example.org")
}

impl Filled {
    async fn enter(&self) -> anyhow::Result<()> {
        let line = Batcher::<Accept>::new(&self.store);
        let mut waiting = JoinSet::new();
        for n in 0..self.rows {
            let entry = self.entry(n);
            let line = line.clone();
            waiting.spawn(async move { line.submit(entry).await });
            while waiting.len() >= 4_000 {
                waiting.join_next().await.context("nobody waits")???;
            }
        }
        while let Some(done) = waiting.join_next().await {
            done??;
        }
        Ok(())
    }

    fn entry(&self, n: i64) -> NewEntry {
        let address = email(n);
        let alias = format!(
            "\"user_alias\":{{\"alias_name\":\"{address}\",\"alias_label\":\"komo_email\"}},\"_update_existing_only\":false"
        );
        let value = engage::Value::Text(address.clone());
        let properties = [("email", &value)];
        NewEntry {
            workspace: self.workspace,
            hub: clock::new_id(),
            card: if n % 5_000 == 17 {
                self.rare
            } else {
                self.common
            },
            entry: clock::new_id(),
            contact: clock::new_id(),
            submission_key: Some(clock::new_id::<()>().uuid().into_bytes()),
            fingerprint: [0; 16],
            identities: identities(properties),
            person: None,
            limit: EntryLimit::Unlimited,
            status: "qualified".into(),
            properties: updates(properties),
            content: format!(
                "{{\"fields\":{{\"email\":\"{address}\",\"first_name\":\"Person {n}\"}},\"locale\":\"en\"}}"
            ),
            consents: vec![NewConsent {
                key: "newsletter".into(),
                subscription: None,
                given: n % 2 == 0,
                version: "1".into(),
                text_hash: [7; 32],
                text: "Yes, write to me".into(),
                locale: "en".into(),
            }],
            play: None,
            deliveries: vec![NewDelivery {
                lanes: Arc::clone(&self.lanes),
                attributes: Some(format!(
                    "{{{alias},\"email\":\"{address}\",\"first_name\":\"Person {n}\",\"country\":\"DE\"}}"
                )),
                events: vec![format!(
                    "{{{alias},\"name\":\"komo_entry\",\"time\":\"2026-01-01T00:00:00.000Z\",\"properties\":{{\"card\":\"form\",\"submission_id\":\"{n}\"}}}}"
                )],
                ..NewDelivery::default()
            }],
            now: self.began.plus(n * STEP),
        }
    }

    /// Passes all but the last deliveries of each lane, call by call; some of them are set aside.
    async fn deliver(&self) -> anyhow::Result<()> {
        for lane in self.lanes.iter().copied() {
            let mut after = 0;
            loop {
                let limit = CALL * AT_ONCE;
                let found = outbox::read(&self.store, lane, after, limit).await?;
                let rows: Vec<(i64, ContactId)> =
                    found.items.iter().map(|it| (it.seq, it.contact)).collect();
                // The last ones stay pending.
                if rows.len() < limit && after > 0 {
                    break;
                }
                let Some((last, _)) = rows.last().copied() else {
                    break;
                };
                after = last;
                let (now, until) = (clock::now(), clock::now().plus(60_000));
                self.store
                    .write(move |tx| {
                        Box::pin(async move {
                            let leased = outbox::lease(tx, lane, "bench", now, until).await?;
                            let Some(leased) = leased else { return Ok(()) };
                            for call in rows.chunks(CALL) {
                                outbox::commit(tx, lane, settle(leased.fence, call, now), now)
                                    .await?;
                            }
                            Ok(())
                        })
                    })
                    .await?;
                if found.items.len() < limit {
                    break;
                }
            }
        }
        Ok(())
    }

    async fn ask(&self) -> anyhow::Result<Vec<serde_json::Value>> {
        let (workspace, connection) = (self.workspace, self.connection);
        let mut measured: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
        let mut order = Vec::new();
        for turn in 0..TIMES {
            let n = (turn * 7_919 + 13) % self.rows.max(1);
            let middle = self.rows / TIMES.max(1) * turn;
            let (from, to) = (
                self.began.plus(middle * STEP),
                self.began.plus(middle * STEP + 60_000),
            );
            let address = email(n);
            let of = |filter: Filter| (filter, None::<i64>);
            let contact = self
                .store
                .read({
                    let who = Who::Email(address.clone());
                    move |tx| Box::pin(async move { ledger::contact_of(tx, workspace, &who).await })
                })
                .await?;
            let pages = [
                ("newest", of(Filter::default())),
                ("from the middle", (Filter::default(), Some(middle + 1))),
                (
                    "one person's",
                    of(Filter {
                        contact,
                        ..Filter::default()
                    }),
                ),
                (
                    "one minute's",
                    of(Filter {
                        from: Some(from),
                        to: Some(to),
                        ..Filter::default()
                    }),
                ),
                (
                    "pending",
                    of(Filter {
                        state: Some(State::Pending),
                        ..Filter::default()
                    }),
                ),
                (
                    "parked",
                    of(Filter {
                        state: Some(State::Parked),
                        ..Filter::default()
                    }),
                ),
                (
                    "of a rare reason",
                    of(Filter {
                        reason: Some(ParkReason::TooLarge.code().into()),
                        ..Filter::default()
                    }),
                ),
                (
                    "of a rare card",
                    of(Filter {
                        card: Some(self.rare),
                        ..Filter::default()
                    }),
                ),
                (
                    "of a common card",
                    of(Filter {
                        card: Some(self.common),
                        ..Filter::default()
                    }),
                ),
                (
                    "parked of a rare card",
                    of(Filter {
                        card: Some(self.rare),
                        state: Some(State::Parked),
                        ..Filter::default()
                    }),
                ),
                (
                    "delivered in one minute",
                    of(Filter {
                        from: Some(from),
                        to: Some(to),
                        state: Some(State::Delivered),
                        ..Filter::default()
                    }),
                ),
            ];
            let mut note = |name: &'static str, took: Duration| {
                if !order.contains(&name) {
                    order.push(name);
                }
                measured.entry(name).or_default().push(took);
            };
            let since = Instant::now();
            let who = Who::Email(address);
            let found = self
                .store
                .read(move |tx| {
                    Box::pin(
                        async move { ledger::whereabouts(tx, workspace, &who, None, 50).await },
                    )
                })
                .await?;
            note("where is Ann's entry?", since.elapsed());
            anyhow::ensure!(
                found.is_some_and(|it| it.entries.iter().all(|entry| !entry.deliveries.is_empty())),
                "Ann's entry was not found"
            );
            for (name, (filter, before)) in pages {
                let since = Instant::now();
                let page = self.store.read(move |tx| {
                    Box::pin(async move {
                        ledger::page(tx, workspace, connection, &filter, before, 50).await
                    })
                });
                page.await?;
                note(name, since.elapsed());
            }
            let since = Instant::now();
            let seq = middle + 1;
            self.store
                .read(move |tx| Box::pin(ledger::show(tx, workspace, seq)))
                .await?;
            note("one with its calls", since.elapsed());
            let since = Instant::now();
            let counts = self
                .store
                .read(move |tx| Box::pin(ledger::counts(tx, workspace, connection)))
                .await?;
            note("counts of all states", since.elapsed());
            anyhow::ensure!(
                counts.total() == self.rows,
                "{} are counted",
                counts.total()
            );
        }
        let rows = order.into_iter().map(|name| {
            let mut took: Vec<u128> = measured
                .remove(name)
                .unwrap_or_default()
                .iter()
                .map(Duration::as_micros)
                .collect();
            took.sort_unstable();
            json!({
                "question": name,
                "median_us": took.get(took.len() / 2),
                "worst_us": took.last(),
            })
        });
        Ok(rows.collect())
    }
}

/// What a call came to: nearly always taken.
fn settle(fence: i64, call: &[(i64, ContactId)], now: Millis) -> Commit {
    let aside = call
        .iter()
        .filter(|(seq, _)| seq % 1_000 == 7)
        .map(|(seq, contact)| Exception {
            seq: *seq,
            contact: *contact,
            state: LaneState::Parked(if seq % 100_000 == 7 {
                ParkReason::TooLarge
            } else {
                ParkReason::EmailNotValid
            }),
            attempts: 1,
            first_tried: Some(now),
            marks: "rd".into(),
            detail: "EMAIL_BAD_FORMAT".into(),
        });
    let put: Vec<Exception> = aside.collect();
    let (first, last) = (
        call.first().map_or(0, |it| it.0),
        call.last().map_or(0, |it| it.0),
    );
    Commit {
        fence,
        cursor: last,
        delete: Vec::new(),
        forget: Vec::new(),
        tried: None,
        call: Some(CallRecord {
            sent_at: now,
            answered_at: now.plus(120),
            first_seq: first,
            last_seq: last,
            listed: Vec::new(),
            items: call.len(),
            objects: call.len() * 2,
            outcome: if put.is_empty() {
                CallOutcome::Accepted
            } else {
                CallOutcome::AcceptedInPart
            },
            status: None,
            detail: String::new(),
        }),
        again: false,
        put,
    }
}
