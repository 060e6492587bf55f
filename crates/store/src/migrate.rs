//! Migrations: one tree of numbered files for both engines, applied in order, each in a transaction with its own record.
//! Promises: a database newer than this program is refused; a migration that was changed after it was applied is refused.
//! Leaves to others: data. A migration only expands; what is no longer used is dropped a release later.

use engage::time::Millis;

use crate::{
    error::{Result, StoreError},
    params,
    seam::{Store, Tx, diverge},
    statements,
    value::Row,
};

/// The schema's steps, oldest first: name and text. The number is the place in this list, counted from 1.
const MIGRATIONS: &[(&str, &str)] = &[
    ("base", include_str!("../migrations/0001_base.sql")),
    ("accounts", include_str!("../migrations/0002_accounts.sql")),
    ("mail", include_str!("../migrations/0003_mail.sql")),
    ("ledger", include_str!("../migrations/0004_ledger.sql")),
    ("delivery", include_str!("../migrations/0005_delivery.sql")),
    ("deltas", include_str!("../migrations/0006_deltas.sql")),
    ("plays", include_str!("../migrations/0007_plays.sql")),
    ("visitors", include_str!("../migrations/0008_visitors.sql")),
    (
        "audit_chain",
        include_str!("../migrations/0009_audit_chain.sql"),
    ),
    ("drafts", include_str!("../migrations/0010_drafts.sql")),
];

/// The newest schema version that this program knows.
pub const NEWEST: i64 = {
    #[expect(clippy::cast_possible_wrap, reason = "a handful of migrations")]
    let number = MIGRATIONS.len() as i64;
    number
};

const RECORDS: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    version @int PRIMARY KEY NOT NULL, name @text NOT NULL, text_length @int NOT NULL, applied_at @int NOT NULL) @strict";

statements! {
    APPLIED = "SELECT version, name, text_length FROM schema_migrations ORDER BY version";
    RECORD = "INSERT INTO schema_migrations (version, name, text_length, applied_at) VALUES ($1, $2, $3, $4)";
}

/// Brings the schema up to date; answers how many steps were taken.
pub(crate) async fn run(store: &Store, now: Millis) -> Result<usize> {
    store
        .write(move |tx| Box::pin(async move { migrate(tx, now).await }))
        .await
}

async fn migrate(tx: &mut Tx, now: Millis) -> Result<usize> {
    // Several nodes may start at once: they take turns, the later ones find nothing left to do.
    diverge::take_turns(tx, std::iter::once(MIGRATION_TURN)).await?;
    let records = dialect(RECORDS, tx.is_postgres());
    tx.batch(&records).await?;
    let mut applied = Vec::new();
    for mut row in tx.query(&APPLIED, &[]).await? {
        applied.push(step(&mut row)?);
    }
    if let Some((found, ..)) = applied.last()
        && *found > NEWEST
    {
        return Err(StoreError::NewerSchema {
            found: *found,
            known: NEWEST,
        });
    }
    let mut taken = 0;
    for (version, (name, text)) in (1..).zip(MIGRATIONS) {
        let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
        match applied.iter().find(|(done, ..)| *done == version) {
            Some((_, done, size)) if done == name && *size == length => {}
            Some((_, done, _)) => {
                return Err(StoreError::Corrupt(format!(
                    "migration {version} was applied as `{done}` with another text than `{name}` has now"
                )));
            }
            None => {
                let text = dialect(text, tx.is_postgres());
                tx.batch(&text).await?;
                tx.execute(&RECORD, params![version, *name, length, now])
                    .await?;
                taken += 1;
            }
        }
    }
    Ok(taken)
}

/// Any number that no other turn uses.
const MIGRATION_TURN: i64 = 0x6b6f_6d6f;

fn step(row: &mut Row) -> Result<(i64, String, i64)> {
    Ok((row.take(0)?, row.take(1)?, row.take(2)?))
}

/// Puts an engine's type names in place of the words with `@`.
fn dialect(text: &str, postgres: bool) -> String {
    let words: [(&str, &str, &str); 7] = [
        ("@id", "BLOB", "UUID"),
        ("@int", "INTEGER", "BIGINT"),
        ("@text", "TEXT", "TEXT"),
        ("@bytes", "BLOB", "BYTEA"),
        (
            "@seq",
            "INTEGER PRIMARY KEY",
            "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        ),
        ("@strict", "STRICT", ""),
        ("@keyed", "STRICT, WITHOUT ROWID", ""),
    ];
    words
        .iter()
        .fold(text.to_owned(), |text, (word, sqlite, other)| {
            text.replace(word, if postgres { other } else { sqlite })
        })
}
