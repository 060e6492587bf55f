//! Words that belong to one machine and never into the repository: its paths, its mirrors' hosts.
//! Promises: every tracked text file is read, and each finding names file and line.
//! Leaves to others: spelling.

use anyhow::Result;

use super::{Context, Ending};
use crate::shell;

/// In two halves each, so that this list does not find itself.
const WORDS: &[(&str, &str)] = &[
    ("/wo", "rk/"),
    ("/ro", "ot/"),
    ("/tmp/tar", "get"),
    ("/home/ru", "nner/"),
    ("/Use", "rs/"),
    ("registry.np", "mjs.org"),
    ("registry.ya", "rnpkg.com"),
    ("index.cra", "tes.io"),
    ("static.cra", "tes.io"),
    ("deb.deb", "ian.org"),
    ("py", "pi.org"),
];

pub(super) fn step(_: &mut Context) -> Result<Ending> {
    let words: Vec<_> = WORDS
        .iter()
        .map(|(start, end)| format!("{start}{end}"))
        .collect();
    let mut found = Vec::new();
    for path in tracked()? {
        // A file that is not UTF-8 is a picture or a font: there are no words in it.
        let Ok(text) = std::fs::read_to_string(shell::root().join(&path)) else {
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            if let Some(word) = words.iter().find(|word| contains_path(line, word)) {
                found.push(format!("{path}:{}: {word}", number + 1));
            }
        }
    }
    if found.is_empty() {
        return Ok(Ending::Passed);
    }
    Ok(Ending::Failed(format!(
        "{}\nTo fix it: write a path relative to the repository, or no host at all; these hold on one machine only.",
        found.join("\n")
    )))
}

/// The files that git knows, as paths from the root.
pub(super) fn tracked() -> Result<Vec<String>> {
    let listed = shell::stdout_of(shell::command("git").args(["ls-files", "-z"]))?;
    Ok(listed
        .split('\0')
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
        .collect())
}

/// `word` in `line`, where a path must begin: a folder of the same name inside a relative path is no machine's.
fn contains_path(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        !word.starts_with('/')
            || !before.is_some_and(|c| c.is_alphanumeric() || "._-*})".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_only_where_a_path_begins() {
        let word = format!("{}{}", "/wo", "rk/");
        assert!(contains_path(&format!("see {word}main"), &word));
        assert!(!contains_path(&format!("crates{word}main"), &word));
    }
}
