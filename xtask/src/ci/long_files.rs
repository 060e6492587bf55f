//! Files that have grown past 500 lines say why in docs/long-files.toml.
//! Promises: a new long file fails, and so does an entry that is no longer needed.
//! Leaves to others: how to split; that is the author's judgement.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::{Context, Ending, words};
use crate::shell;

/// Above this many lines a file needs a reason.
const MOST_LINES: usize = 500;

/// The list of exceptions, from the root.
const LIST: &str = "docs/long-files.toml";

const SOURCES: &[&str] = &["rs", "ts", "js", "mjs", "css", "html", "sql", "ftl"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(default)]
    file: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    path: String,
    reason: String,
}

pub(super) fn step(_: &mut Context) -> Result<Ending> {
    let text = std::fs::read_to_string(shell::root().join(LIST))
        .with_context(|| format!("cannot read {LIST}"))?;
    let list: List = toml::from_str(&text).with_context(|| format!("{LIST} is not right"))?;
    let mut lengths = BTreeMap::new();
    for path in words::tracked()? {
        let is_source = path
            .rsplit_once('.')
            .is_some_and(|(_, end)| SOURCES.contains(&end));
        if !is_source || path.contains("/vendor/") {
            continue;
        }
        // Deleted in the work tree but not yet in git: nothing to count.
        if let Ok(text) = std::fs::read_to_string(shell::root().join(&path)) {
            lengths.insert(path, text.lines().count());
        }
    }
    let findings = check(&lengths, &list);
    if findings.is_empty() {
        return Ok(Ending::Passed);
    }
    Ok(Ending::Failed(findings.join("\n")))
}

fn check(lengths: &BTreeMap<String, usize>, list: &List) -> Vec<String> {
    let listed = |path: &str| list.file.iter().any(|entry| entry.path == path);
    let mut findings: Vec<_> = lengths
        .iter()
        .filter(|(path, lines)| **lines > MOST_LINES && !listed(path))
        .map(|(path, lines)| {
            format!("{path} has {lines} lines. To fix it: split it by what it is about, or enter it with a reason in {LIST}.")
        })
        .collect();
    for entry in &list.file {
        if entry.reason.trim().is_empty() {
            findings.push(format!(
                "{LIST}: {} has no reason. To fix it: write why it is better whole.",
                entry.path
            ));
        }
        if lengths
            .get(&entry.path)
            .is_none_or(|lines| *lines <= MOST_LINES)
        {
            findings.push(format!("{LIST}: {} is not longer than {MOST_LINES} lines any more. To fix it: remove the entry.", entry.path));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(path: &str, reason: &str) -> List {
        List {
            file: vec![Entry {
                path: path.to_owned(),
                reason: reason.to_owned(),
            }],
        }
    }

    #[test]
    fn a_long_file_needs_a_reason_and_a_short_one_no_entry() {
        let lengths = BTreeMap::from([("long.rs".to_owned(), 501), ("short.rs".to_owned(), 500)]);
        assert_eq!(
            check(&lengths, &List { file: Vec::new() }).len(),
            1,
            "the long file is unexplained"
        );
        assert!(check(&lengths, &list("long.rs", "one table")).is_empty());
        assert_eq!(
            check(&lengths, &list("long.rs", " ")).len(),
            1,
            "a reason is more than a space"
        );
        assert_eq!(
            check(&lengths, &list("short.rs", "was long")).len(),
            2,
            "long.rs unexplained, short.rs needless"
        );
    }
}
