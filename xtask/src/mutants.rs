//! Planted bugs: each breaks one promise of delivery on purpose, and the tests must notice.
//! Promises: the sources are never touched (a scratch copy is), and a bug counts as found only if its tests were built, run, and red.
//! Leaves to others: the list of bugs (`xtask/mutants/*.toml`) and the tests.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Instant,
};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::shell;

/// Which bugs.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only bugs whose name contains this
    #[arg(long)]
    only: Option<String>,
    /// Only check that every bug can still be planted
    #[arg(long)]
    dry_run: bool,
}

/// One bug: a place in a file, what it becomes, and the tests that must turn red.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bug {
    /// What the bug is, in a few words.
    name: String,
    /// The promise that it breaks.
    breaks: String,
    /// The file, from the root of the repository.
    file: String,
    /// The text that is there; it must be there exactly once.
    before: String,
    /// What it becomes.
    after: String,
    /// The package of the tests.
    package: String,
    /// The tests that must fail, as a filter of nextest.
    tests: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    bug: Vec<Bug>,
}

/// nextest: the tests were built and run, and some failed.
const SOME_FAILED: i32 = 100;

pub(crate) fn run(args: &Args) -> Result<()> {
    let root = shell::root();
    let bugs: Vec<Bug> = bugs(&root)?
        .into_iter()
        .filter(|bug| {
            args.only
                .as_ref()
                .is_none_or(|only| bug.name.contains(only))
        })
        .collect();
    ensure!(!bugs.is_empty(), "no bug has such a name");
    for bug in &bugs {
        planted(&root, bug)?;
    }
    if args.dry_run {
        println!("{} bugs can be planted", bugs.len());
        return Ok(());
    }
    let scratch = shell::target_dir().join("mutants");
    let sources = scratch.join("src");
    copy(&root, &sources)?;
    let (mut table, mut missed) = (Vec::new(), 0);
    for bug in &bugs {
        let since = Instant::now();
        let file = sources.join(&bug.file);
        let sound = fs::read_to_string(&file)?;
        fs::write(&file, planted(&sources, bug)?)?;
        let found = tests_are_red(&sources, &scratch.join("target"), bug);
        fs::write(&file, sound)?;
        let found = found?;
        missed += usize::from(!found);
        let seconds = since.elapsed().as_secs();
        let word = if found { "found " } else { "MISSED" };
        println!("{word}  {:<44} {seconds:>4} s", bug.name);
        table.push((word, bug));
    }
    println!("\n{:<8}{:<46}breaks", "", "planted bug");
    for (word, bug) in table {
        println!("{word:<8}{:<46}{}", bug.name, bug.breaks);
    }
    if missed > 0 {
        bail!(
            "{missed} planted bugs were not noticed: add a test for what each breaks, or name the right tests in xtask/mutants"
        );
    }
    println!("\nall {} planted bugs were found", bugs.len());
    Ok(())
}

fn bugs(root: &Path) -> Result<Vec<Bug>> {
    let mut files: Vec<PathBuf> = fs::read_dir(root.join("xtask/mutants"))
        .context("xtask/mutants can't be read")?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|it| it == "toml"))
        .collect();
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let list: List = toml::from_str(&fs::read_to_string(&file)?)
            .with_context(|| format!("{} is no list of bugs", file.display()))?;
        all.extend(list.bug);
    }
    Ok(all)
}

/// The file with the bug in it.
fn planted(root: &Path, bug: &Bug) -> Result<String> {
    let text = fs::read_to_string(root.join(&bug.file))
        .with_context(|| format!("`{}`: {} can't be read", bug.name, bug.file))?;
    let places = text.matches(&bug.before).count();
    ensure!(
        places == 1,
        "`{}` can't be planted: its text is in {} {places} times instead of once; follow the sources in xtask/mutants",
        bug.name,
        bug.file
    );
    Ok(text.replacen(&bug.before, &bug.after, 1))
}

/// Copies what git knows or would know, and only what has changed, so that little is built anew.
fn copy(root: &Path, to: &Path) -> Result<()> {
    let listed = shell::stdout_of(shell::command("git").args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    for name in listed.lines() {
        let (from, to) = (root.join(name), to.join(name));
        let Ok(content) = fs::read(&from) else {
            continue;
        };
        if fs::read(&to).is_ok_and(|there| there == content) {
            continue;
        }
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&to, content)?;
    }
    Ok(())
}

fn tests_are_red(sources: &Path, target: &Path, bug: &Bug) -> Result<bool> {
    let output = shell::cargo()
        .current_dir(sources)
        .env("CARGO_TARGET_DIR", target)
        .env_remove("CARGO_MANIFEST_DIR")
        .args([
            "nextest",
            "run",
            "--no-fail-fast",
            "--package",
            &bug.package,
        ])
        .args(["-E", &bug.tests])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .context("cannot start cargo nextest")?;
    match output.status.code() {
        Some(0) => Ok(false),
        Some(SOME_FAILED) => Ok(true),
        _ => bail!(
            "`{}` was not tried, because its tests could not be built or run:\n{}",
            bug.name,
            String::from_utf8_lossy(&output.stderr)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bug_can_still_be_planted_and_there_are_at_least_ten() {
        let root = shell::root();
        let bugs = bugs(&root).unwrap();
        for bug in &bugs {
            planted(&root, bug).unwrap_or_else(|error| panic!("{error:#}"));
            assert_ne!(bug.before, bug.after, "{}", bug.name);
        }
        assert!(bugs.len() >= 10, "{} bugs", bugs.len());
    }
}
