//! The edge cases of Braze's contract (its section 14), tried on a workspace: a real one, or a sandbox; `cargo xtask contract`.
//! Promises: people it makes have ids of this run alone and are deleted at the end, whatever happened; nobody is sent anything; each
//! deviation is a line with what was expected. Leaves out what would stay behind or reach people: `LEFT_OUT` names it with the reason.

#![expect(
    clippy::print_stdout,
    reason = "what was looked at is shown to whoever runs it"
)]

#[cfg(test)]
mod attributes;
#[cfg(test)]
mod batch;
#[cfg(test)]
mod design;
#[cfg(test)]
mod events;
#[cfg(test)]
mod identifiers;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod transport;
#[cfg(test)]
mod workspace;

use std::{future::Future, pin::Pin, sync::Arc};

use workspace::{Differs, Finding, Workspace};

const URL: &str = "KOMO_CONTRACT_BRAZE_URL";
const KEY: &str = "KOMO_CONTRACT_BRAZE_KEY";

/// How sure a rule is: what the marks of the contract mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// Braze documents it, or answers of the live API were recorded: a deviation is a failure.
    Relied,
    /// The project's own choice where Braze says nothing: a sandbox keeps it, of a real workspace a deviation is only told.
    Chosen,
}

type Run = for<'a> fn(&'a Workspace) -> Pin<Box<dyn Future<Output = Finding> + Send + 'a>>;

/// One thing to look at.
struct Case {
    /// Its number in section 14; several of one number are told apart by a letter. `x.y` is a section.
    number: &'static str,
    what: &'static str,
    mark: Mark,
    run: Run,
}

/// A list of cases: number, what, mark, function.
macro_rules! cases {
    ($($number:literal $what:literal $mark:ident $run:ident;)*) => {
        pub(crate) const CASES: &[crate::Case] = &[$(crate::Case {
            number: $number,
            what: $what,
            mark: crate::Mark::$mark,
            run: |workspace| Box::pin($run(workspace)),
        }),*];
    };
}
pub(crate) use cases;

const ALL: &[&[Case]] = &[
    transport::CASES,
    batch::CASES,
    identifiers::CASES,
    attributes::CASES,
    events::CASES,
    identity::CASES,
    design::CASES,
];

/// What is not tried on a workspace of somebody's, and why. The sandbox's own tests and the client's try all of it.
const LEFT_OUT: &[(&[u16], &str)] = &[
    (&[3, 4], "needs keys made for it"),
    (&[13], "the client never sends compressed bodies"),
    (&[14], "the HTTP library writes all names in lower case"),
    (&[23], "needs a campaign that the event triggers"),
    (&[39], "would make a profile that many share"),
    (&[48], "needs a subscription group"),
    (&[51], "the limit is set in the dashboard"),
    (&[53, 54], "the type shows in the dashboard alone"),
    (&[63], "would leave an attribute “Email” in the workspace"),
    (&[71], "would leave 257 properties in the workspace"),
    (
        &[77, 79, 80, 81, 82, 83, 84, 85, 86, 87],
        "only the other side can make this trouble",
    ),
    (
        &[99, 100, 101, 102, 103, 104, 105, 106, 107, 111],
        "would send messages",
    ),
    (&[108, 109], "blocks can't be deleted"),
];

/// What came of all cases.
#[derive(Default)]
struct Tally {
    ok: usize,
    differ: Vec<String>,
    told: usize,
    open: usize,
}

impl Tally {
    fn add(&mut self, case: &Case, finding: Finding, real: bool) {
        let line = |word: &str, more: &str| {
            let more = if more.is_empty() {
                String::new()
            } else {
                format!(": {more}")
            };
            format!("{word:<8} {:<5} {}{more}", case.number, case.what)
        };
        let text = match finding {
            Ok(note) => {
                self.ok += 1;
                line("ok", &note)
            }
            Err(Differs::Open(why)) => {
                self.open += 1;
                line("open", &why)
            }
            Err(Differs::Says(what)) if real && case.mark == Mark::Chosen => {
                self.told += 1;
                line("other", &what)
            }
            Err(Differs::Says(what)) => {
                let text = line("DIFFERS", &what);
                self.differ.push(text.clone());
                text
            }
        };
        println!("{text}");
    }
}

#[tokio::test]
async fn a_workspace_keeps_the_contract() {
    let (url, key) = (std::env::var(URL), std::env::var(KEY));
    let (url, key) = match (url, key) {
        (Ok(url), Ok(key)) => (url, key),
        (Err(_), Err(_)) => {
            println!("skipped: no workspace is named; set {URL} and {KEY}");
            return;
        }
        _ => panic!("{URL} and {KEY} belong together: set both"),
    };
    let workspace = Workspace::open(&url, &key)
        .await
        .unwrap_or_else(|why| panic!("{why}"));
    let workspace = Arc::new(workspace);
    println!(
        "looking at {}; this run's ids begin with {}",
        workspace.base(),
        workspace.run()
    );
    let mut tally = Tally::default();
    for case in ALL.iter().copied().flatten() {
        // A task of its own: should a case panic, the end is still reached.
        let (here, run) = (Arc::clone(&workspace), case.run);
        let finding = tokio::spawn(async move { run(&here).await }).await;
        let finding = finding.unwrap_or_else(|error| Err(Differs::Says(error.to_string())));
        tally.add(case, finding, workspace.real());
    }
    let cleaned = workspace.clean_up().await;
    println!("\nnot tried on a workspace:");
    for (numbers, why) in LEFT_OUT {
        let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        println!("         {}: {why}", numbers.join(", "));
    }
    let Tally {
        ok,
        differ,
        told,
        open,
    } = tally;
    println!(
        "\n{ok} as expected, {} differ, {told} differ where Braze promises nothing, {open} could not be looked at",
        differ.len()
    );
    assert!(
        differ.is_empty(),
        "this workspace differs from the contract:\n{}",
        differ.join("\n")
    );
    assert!(ok > 0, "nothing could be looked at");
    cleaned.unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn every_edge_case_is_tried_or_left_out_for_a_reason() {
    let tried = ALL.iter().copied().flatten().filter_map(|case| {
        let digits = case
            .number
            .trim_end_matches(|c: char| c.is_ascii_lowercase());
        digits.parse::<u16>().ok()
    });
    let mut found: Vec<u16> = tried.collect();
    found.dedup();
    let left = LEFT_OUT
        .iter()
        .flat_map(|(numbers, _)| numbers.iter().copied());
    found.extend(left);
    found.sort_unstable();
    assert_eq!(
        found,
        (1..=111).collect::<Vec<u16>>(),
        "section 14 has the numbers 1 to 111, each once"
    );
}
