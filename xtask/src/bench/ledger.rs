//! `cargo xtask ledger`: how long the ledger's questions take over a million deliveries.
//! Promises: the rows are written by the product's own functions; every answer is checked to be one.
//! Leaves to others: filling and asking, which is the product's own code.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::komo::{self, Process};
use super::postgres::Cluster;
use super::stats::machine;

/// Filling may take this long.
const PATIENCE: Duration = Duration::from_mins(90);

/// What `cargo xtask ledger` can be told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Deliveries in the database.
    #[arg(long, default_value_t = 1_000_000)]
    rows: u64,
    /// Measure only this database: sqlite or postgres.
    #[arg(long, value_parser = ["sqlite", "postgres"])]
    only: Option<String>,
    /// The program to measure instead of a fresh release build.
    #[arg(long, value_name = "PROGRAM")]
    bin: Option<PathBuf>,
}

/// One question with the times of its answers, in microseconds.
#[derive(Deserialize)]
struct Asked {
    question: String,
    median_us: u64,
    worst_us: u64,
}

/// Measures each database in turn and prints a table.
pub(crate) fn run(args: &Args) -> Result<()> {
    let program = komo::binary(args.bin.as_deref())?;
    let wanted = |name: &str| args.only.as_deref().is_none_or(|only| only == name);
    let mut measured = Vec::new();
    for name in ["sqlite", "postgres"] {
        if wanted(name) {
            measured.push((name, once(&program, args.rows, name)?));
        }
    }
    println!("\n{}", machine());
    println!(
        "{} deliveries; each question asked 20 times, pages of 50\n",
        args.rows
    );
    println!(
        "| question |{}",
        columns(&measured, |name, _| format!(
            " {name}, median ms | worst ms |"
        ))
    );
    println!(
        "|---|{}",
        columns(&measured, |_, _| "---:|---:|".to_owned())
    );
    let Some((_, first)) = measured.first() else {
        return Ok(());
    };
    for asked in first {
        let cells = columns(&measured, |_, rows| {
            let found = rows.iter().find(|it| it.question == asked.question);
            found.map_or_else(
                || " - | - |".to_owned(),
                |it| format!(" {} | {} |", millis(it.median_us), millis(it.worst_us)),
            )
        });
        println!("| {} |{cells}", asked.question);
    }
    Ok(())
}

fn columns(measured: &[(&str, Vec<Asked>)], cell: impl Fn(&str, &[Asked]) -> String) -> String {
    let cells = measured.iter().map(|(name, rows)| cell(name, rows));
    cells.collect()
}

fn millis(micros: u64) -> String {
    format!("{}.{:02}", micros / 1_000, micros % 1_000 / 10)
}

fn once(program: &std::path::Path, rows: u64, database: &str) -> Result<Vec<Asked>> {
    let folder = tempfile::Builder::new()
        .prefix("komo-ledger-")
        .tempdir()
        .context("cannot make a folder")?;
    let cluster = Cluster::of(database)?;
    let mut arguments: Vec<String> = ["bench-ledger", "--data"].map(str::to_owned).into();
    arguments.push(folder.path().display().to_string());
    arguments.extend(["--rows".to_owned(), rows.to_string()]);
    if let Some(cluster) = &cluster {
        arguments.extend(["--database".to_owned(), cluster.url()]);
    }
    let mut process = Process::start(program, &arguments)?;
    let filled = process
        .line("filled", PATIENCE)
        .context("`komo bench-ledger` did not fill its database")?;
    eprintln!("{database:<9} {}", filled.trim());
    let asked = process
        .line("asked", PATIENCE)
        .context("`komo bench-ledger` did not answer")?;
    serde_json::from_str(asked.trim()).context("the answer is not readable")
}
