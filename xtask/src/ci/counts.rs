//! How many tests ran, read from the closing lines of the test runners.
//! Promises: the numbers printed at the end are those of the runners, added up.
//! Leaves to others: whether a step passed; that is its exit code.

/// Tests that passed, failed or were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
    skipped: u64,
}

/// The sums, and the runners' own lines.
#[derive(Debug, Default)]
pub(super) struct Counts {
    tally: Tally,
    lines: Vec<String>,
}

impl Counts {
    /// Reads nextest's `Summary` line, or cargo test's `test result:` lines.
    pub(super) fn read_rust(&mut self, output: &str) {
        let lines: Vec<_> = output.lines().map(plain).collect();
        let summary = lines
            .iter()
            .rfind(|line| line.trim_start().starts_with("Summary ["));
        if let Some(summary) = summary {
            // The output of a failed test, shown above, holds result lines of its own.
            self.read_line(summary);
            self.lines.push(summary.clone());
            return;
        }
        for line in lines
            .iter()
            .filter(|line| line.trim_start().starts_with("test result:"))
        {
            self.read_line(line);
        }
    }

    fn read_line(&mut self, line: &str) {
        for (count, word) in pairs(line) {
            match word.as_str() {
                "passed" => self.tally.passed += count,
                "failed" | "timed" => self.tally.failed += count,
                "ignored" | "skipped" => self.tally.skipped += count,
                _ => {}
            }
        }
    }

    /// Reads Playwright's closing lines: one count on each.
    pub(super) fn read_playwright(&mut self, output: &str) {
        for line in output.lines().map(plain) {
            let mut words = line.split_whitespace();
            let (Some(count), Some(word), rest) = (words.next(), words.next(), words.next()) else {
                continue;
            };
            let Ok(count) = count.parse::<u64>() else {
                continue;
            };
            match (word, rest) {
                ("passed", _) => self.tally.passed += count,
                // A test that passed only at the second try has failed once.
                ("failed" | "flaky", None) => self.tally.failed += count,
                ("skipped", None) | ("did", Some("not")) => self.tally.skipped += count,
                _ => {}
            }
        }
    }

    /// What the whole run closes with; nothing when no test was asked for.
    pub(super) fn closing_lines(&self) -> Vec<String> {
        if self.tally == Tally::default() {
            return Vec::new();
        }
        let Tally {
            passed,
            failed,
            skipped,
        } = self.tally;
        let mut lines = self.lines.clone();
        lines.push(format!(
            "{passed} passed, {failed} failed, {skipped} skipped"
        ));
        lines
    }
}

/// The line without the terminal's colour codes.
fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            // The sequence ends with its first letter.
            characters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            text.push(character);
        }
    }
    text
}

/// Each number together with the word that follows it.
fn pairs(line: &str) -> Vec<(u64, String)> {
    let words: Vec<_> = line
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words
        .windows(2)
        .filter_map(|pair| match pair {
            [count, word] => Some((count.parse().ok()?, (*word).to_owned())),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_the_three_runners_are_added_up() {
        let mut counts = Counts::default();
        counts.read_rust("     Summary [   3.014s] 12 tests run: 10 passed (1 slow), 1 failed, 1 timed out, 4 skipped");
        counts.read_rust("test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s");
        counts.read_playwright("Running 8 tests using 2 workers\n\u{1b}[31m  1 failed\u{1b}[39m\n    spec.ts:3 title\n  2 skipped\n  5 passed (4.1s)");
        assert_eq!(
            counts.tally,
            Tally {
                passed: 17,
                failed: 3,
                skipped: 7
            }
        );
        let lines = counts.closing_lines();
        assert_eq!(
            lines.last().map(String::as_str),
            Some("17 passed, 3 failed, 7 skipped")
        );
    }

    #[test]
    fn a_run_without_tests_closes_without_counts() {
        assert!(Counts::default().closing_lines().is_empty());
    }
}
