//! Which crate may reach which: the direction of the house, checked on the resolved dependency tree.
//! Promises: a forbidden crate is reported with the whole path that leads to it.
//! Leaves to others: the reasons, in docs/decisions/0001-five-crates.md and docs/ARCHITECTURE.md.

use anyhow::Result;

use super::{Context, Ending};
use crate::shell;

struct Rule {
    /// The crate that the rule is about.
    from: &'static str,
    /// Which edges of the tree count, in the words of `cargo tree --edges`.
    edges: &'static str,
    /// Names that may not be reached.
    never: &'static [&'static str],
    /// Crates of ours below which this rule does not look: they have rules of their own.
    up_to: &'static [&'static str],
    /// What the rule is good for.
    because: &'static str,
}

/// Code that is linked: what a procedural macro uses while compiling is no concern of the rules.
const LINKED: &str = "normal,no-proc-macro";

const RULES: &[Rule] = &[
    Rule {
        from: "engage",
        edges: LINKED,
        never: &[
            "axum",
            "tokio",
            "reqwest",
            "hyper",
            "rusqlite",
            "tokio-postgres",
            "getrandom",
            "rand",
            "fastrand",
            "store",
            "komo",
            "braze-sandbox",
        ],
        up_to: &[],
        because: "the domain is pure: no network, no storage, no dice. Time, seeds and ids come in as arguments",
    },
    Rule {
        from: "store",
        edges: LINKED,
        never: &["axum", "askama", "reqwest", "komo", "braze-sandbox"],
        up_to: &["engage"],
        because: "storage knows nothing of pages or of other people's servers",
    },
    Rule {
        from: "braze",
        edges: "normal,build,dev",
        never: &["engage", "store", "komo", "braze-sandbox"],
        up_to: &[],
        because: "the client is publishable by itself, and the sandbox must stay an independent reading",
    },
    Rule {
        from: "braze-sandbox",
        edges: "normal,build,dev",
        never: &["engage", "store", "komo", "braze"],
        up_to: &[],
        because: "two independent readings of the contract find each other's mistakes; shared code would share them",
    },
];

pub(super) fn step(_: &mut Context) -> Result<Ending> {
    let mut found = Vec::new();
    for rule in RULES {
        let tree = shell::stdout_of(shell::cargo().args([
            "tree",
            "--package",
            rule.from,
            "--edges",
            rule.edges,
            "--prefix",
            "depth",
            "--format",
            " {p}",
            "--locked",
        ]))?;
        for path in forbidden(&tree, rule) {
            found.push(format!("{}\n  ({})", path.join(" -> "), rule.because));
        }
    }
    if found.is_empty() {
        return Ok(Ending::Passed);
    }
    Ok(Ending::Failed(format!(
        "{}\nTo fix it: `cargo tree -p CRATE -e normal -i NAME` shows who asks; switch that feature off or move the code up.",
        found.join("\n")
    )))
}

/// The first path to each forbidden name.
fn forbidden(tree: &str, rule: &Rule) -> Vec<Vec<String>> {
    let mut path: Vec<String> = Vec::new();
    let mut found: Vec<Vec<String>> = Vec::new();
    let mut not_below: Option<usize> = None;
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        let (Some(depth), Some(name)) = (
            words.next().and_then(|word| word.parse::<usize>().ok()),
            words.next(),
        ) else {
            continue;
        };
        path.truncate(depth);
        path.push(name.to_owned());
        if not_below.is_some_and(|limit| depth > limit) {
            continue;
        }
        not_below = rule.up_to.contains(&name).then_some(depth);
        let known = found
            .iter()
            .any(|known| known.last().is_some_and(|last| last == name));
        if depth > 0 && rule.never.contains(&name) && !known {
            found.push(path.clone());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(up_to: &'static [&'static str]) -> Rule {
        Rule {
            from: "store",
            edges: LINKED,
            never: &["axum"],
            up_to,
            because: "a test says so",
        }
    }

    #[test]
    fn a_forbidden_crate_is_reported_with_the_path_to_it() {
        let tree = "0 store v0.1.0 (path)\n1 serde v1.0.0\n1 helper v1.0.0\n2 axum v0.8.0\n3 hyper v1.0.0\n1 axum v0.8.0 (*)\n";
        assert_eq!(forbidden(tree, &rule(&[])), [["store", "helper", "axum"]]);
    }

    #[test]
    fn what_lies_below_a_crate_with_its_own_rule_is_left_to_that_rule() {
        let tree =
            "0 store v0.1.0\n1 engage v0.1.0\n2 axum v0.8.0\n1 other v1.0.0\n2 axum v0.8.0\n";
        assert_eq!(
            forbidden(tree, &rule(&["engage"])),
            [["store", "other", "axum"]]
        );
    }
}
