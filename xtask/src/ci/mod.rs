//! `cargo xtask ci`: the gates of the project, one after the other, each with its time.
//! Promises: every step runs even when an earlier one failed, and each failure says how to fix it.
//! Leaves to others: the rules themselves, which stand in the step's own module or in the tool's configuration.

mod arrows;
mod counts;
mod long_files;
mod words;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::prepare::{self, Needs, Parts};
use crate::{browser, contract, shell};
use counts::Counts;

/// What `cargo xtask ci` can be told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run only this step (may be given several times).
    #[arg(long, value_name = "STEP")]
    only: Vec<String>,
    /// Leave this step out (may be given several times).
    #[arg(long, value_name = "STEP")]
    skip: Vec<String>,
    /// Print the steps and end.
    #[arg(long)]
    list: bool,
}

/// How a step ended.
enum Ending {
    Passed,
    /// Not run, and why; never on a CI machine for a part that `prepare` could have brought.
    Skipped(String),
    /// What is wrong and how to fix it.
    Failed(String),
}

struct Step {
    name: &'static str,
    about: &'static str,
    needs: Needs,
    run: fn(&mut Context) -> Result<Ending>,
}

/// What the steps share.
struct Context {
    parts: Parts,
    counts: Counts,
}

const NOTHING: Needs = Needs {
    postgres: false,
    browser: false,
};

/// In the order in which they run: what answers fast comes first.
const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        about: "the code is formatted",
        needs: NOTHING,
        run: fmt,
    },
    Step {
        name: "words",
        about: "no tracked file names a machine's own paths or hosts",
        needs: NOTHING,
        run: words::step,
    },
    Step {
        name: "long-files",
        about: "files stay below 500 lines, or say why not",
        needs: NOTHING,
        run: long_files::step,
    },
    Step {
        name: "typos",
        about: "spelling",
        needs: NOTHING,
        run: typos,
    },
    Step {
        name: "arrows",
        about: "crates reach only what they may reach",
        needs: NOTHING,
        run: arrows::step,
    },
    Step {
        name: "deny",
        about: "licences, banned crates and sources",
        needs: NOTHING,
        run: deny,
    },
    Step {
        name: "machete",
        about: "no unused dependencies",
        needs: NOTHING,
        run: machete,
    },
    Step {
        name: "clippy",
        about: "lints, warnings are errors",
        needs: NOTHING,
        run: clippy,
    },
    Step {
        name: "tests",
        about: "unit and integration tests on both databases",
        needs: Needs {
            postgres: true,
            browser: false,
        },
        run: tests,
    },
    Step {
        name: "contract",
        about: "client and sandbox agree on Braze's contract",
        needs: NOTHING,
        run: contract_here,
    },
    Step {
        name: "workspace",
        about: "a real workspace of Braze keeps the contract, where one is named",
        needs: NOTHING,
        run: contract_there,
    },
    Step {
        name: "doc-tests",
        about: "the examples in the documentation run",
        needs: NOTHING,
        run: doc_tests,
    },
    Step {
        name: "docs",
        about: "the documentation builds without warnings",
        needs: NOTHING,
        run: docs,
    },
    Step {
        name: "e2e",
        about: "a browser uses the built binary",
        needs: Needs::ALL,
        run: e2e,
    },
];

/// Runs the chosen steps and prints the summary.
pub(crate) fn run(args: &Args) -> ExitCode {
    if args.list {
        for step in STEPS {
            println!("{:<12}{}", step.name, step.about);
        }
        return ExitCode::SUCCESS;
    }
    if let Some(unknown) = args
        .only
        .iter()
        .chain(&args.skip)
        .find(|name| STEPS.iter().all(|step| step.name != name.as_str()))
    {
        eprintln!("error: there is no step `{unknown}`; `cargo xtask ci --list` names them");
        return ExitCode::FAILURE;
    }
    let named = |names: &[String], step: &Step| names.iter().any(|name| name == step.name);
    let chosen: Vec<_> = STEPS
        .iter()
        .filter(|step| args.only.is_empty() || named(&args.only, step))
        .filter(|step| !named(&args.skip, step))
        .collect();

    let needs = Needs {
        postgres: chosen.iter().any(|step| step.needs.postgres),
        browser: chosen.iter().any(|step| step.needs.browser),
    };
    let mut context = Context {
        parts: prepare::parts(needs),
        counts: Counts::default(),
    };
    for missing in context.parts.missing(needs) {
        println!("prepare: {}", missing.sentence());
    }

    let started = Instant::now();
    let mut summary = Vec::new();
    for step in chosen {
        println!("--- {}: {}", step.name, step.about);
        let begun = Instant::now();
        let ending = attempt(step, &mut context);
        let took = begun.elapsed();
        println!("{}", line(step.name, &ending, took));
        if let Ending::Failed(text) = &ending {
            println!("{text}");
        }
        summary.push((step.name, ending, took));
    }
    conclude(&summary, &context.counts, started.elapsed())
}

fn attempt(step: &Step, context: &mut Context) -> Ending {
    let missing = context.parts.missing(step.needs);
    if let (Some(first), true) = (missing.first(), shell::on_ci()) {
        return Ending::Failed(first.sentence());
    }
    (step.run)(context).unwrap_or_else(|error| Ending::Failed(format!("{error:#}")))
}

fn line(name: &str, ending: &Ending, took: Duration) -> String {
    let seconds = took.as_secs_f64();
    match ending {
        Ending::Passed => format!("{name:<12}ok      {seconds:>7.1} s"),
        Ending::Skipped(why) => format!("{name:<12}skipped           {why}"),
        Ending::Failed(_) => format!("{name:<12}FAILED  {seconds:>7.1} s"),
    }
}

fn conclude(summary: &[(&str, Ending, Duration)], counts: &Counts, took: Duration) -> ExitCode {
    println!("\nSummary of the steps ({:.0} s)", took.as_secs_f64());
    for (name, ending, took) in summary {
        println!("  {}", line(name, ending, *took));
    }
    let failed: Vec<_> = summary
        .iter()
        .filter(|(_, ending, _)| matches!(ending, Ending::Failed(_)))
        .map(|(name, _, _)| *name)
        .collect();
    for text in counts.closing_lines() {
        println!("{text}");
    }
    if failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!(
        "failed: {}; run one alone with `cargo xtask ci --only STEP`",
        failed.join(", ")
    );
    ExitCode::FAILURE
}

/// A quiet tool: its output is shown only when it fails, followed by the remedy.
fn quiet(command: &mut std::process::Command, remedy: &str) -> Result<Ending> {
    let finished = shell::captured(command)?;
    if finished.ok {
        return Ok(Ending::Passed);
    }
    Ok(Ending::Failed(format!(
        "{}\nTo fix it: {remedy}",
        finished.output.trim_end()
    )))
}

/// Every tracked file by its name: `cargo fmt` does not find modules that a macro declares.
fn fmt(_: &mut Context) -> Result<Ending> {
    let files = words::tracked()?.into_iter().filter(|path| {
        let ending = std::path::Path::new(path).extension();
        ending.is_some_and(|ending| ending == "rs")
    });
    quiet(
        shell::command("rustfmt")
            .args(["--check", "-l"])
            .args(files),
        "run `rustfmt $(git ls-files '*.rs')`.",
    )
}

fn typos(_: &mut Context) -> Result<Ending> {
    if shell::which("typos").is_none() {
        return Ok(Ending::Skipped(
            "typos is not installed: cargo install typos-cli".to_owned(),
        ));
    }
    quiet(
        shell::command("typos").args(["--format", "brief"]),
        "correct the word, or name it in typos.toml when it is right.",
    )
}

fn deny(_: &mut Context) -> Result<Ending> {
    if shell::which("cargo-deny").is_none() {
        return Ok(Ending::Skipped(
            "cargo-deny is not installed: cargo install cargo-deny".to_owned(),
        ));
    }
    // Its offline mode reads only what cargo has fetched. Advisories need the network and are left to a scheduled job.
    let fetched = shell::captured(shell::cargo().args(["fetch", "--locked"]))?;
    if !fetched.ok {
        return Ok(Ending::Failed(format!(
            "{}\nTo fix it: commit Cargo.lock.",
            fetched.output.trim_end()
        )));
    }
    quiet(
        shell::cargo().args([
            "deny",
            "--offline",
            "--log-level",
            "error",
            "check",
            "bans",
            "licenses",
            "sources",
        ]),
        "choose another crate, or write the exception with its reason into deny.toml.",
    )
}

fn machete(_: &mut Context) -> Result<Ending> {
    if shell::which("cargo-machete").is_none() {
        return Ok(Ending::Skipped(
            "cargo-machete is not installed: cargo install cargo-machete".to_owned(),
        ));
    }
    quiet(
        &mut shell::command("cargo-machete"),
        "remove the unused dependency from the crate's Cargo.toml.",
    )
}

fn clippy(_: &mut Context) -> Result<Ending> {
    quiet(
        shell::cargo().args([
            "clippy",
            "--quiet",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ]),
        "follow the lint's own advice; where the code is right, say so with #[expect(lint, reason = \"...\")].",
    )
}

fn tests(context: &mut Context) -> Result<Ending> {
    let nextest = shell::which("cargo-nextest").is_some();
    let arguments: &[&str] = if nextest {
        &[
            "nextest",
            "run",
            "--workspace",
            "--locked",
            "--status-level",
            "slow",
        ]
    } else {
        &[
            "test",
            "--workspace",
            "--all-targets",
            "--locked",
            "--no-fail-fast",
            "--quiet",
        ]
    };
    let finished = shell::streamed(
        shell::cargo()
            .args(arguments)
            .env_remove(contract::VARIABLES[0])
            .env_remove(contract::VARIABLES[1])
            .envs(context.parts.variables()),
    )?;
    context.counts.read_rust(&finished.output);
    Ok(if finished.ok {
        Ending::Passed
    } else {
        let again = if nextest {
            "cargo nextest run"
        } else {
            "cargo test --workspace"
        };
        Ending::Failed(format!(
            "To fix it: run the failed test alone, `{again} NAME`; tests are never retried."
        ))
    })
}

fn contract_here(context: &mut Context) -> Result<Ending> {
    let finished = contract::on_sandbox()?;
    Ok(judged(
        context,
        &finished,
        "compare the case with the contract: either the client or the sandbox is wrong; `cargo xtask contract --sandbox` runs it alone.",
    ))
}

fn contract_there(context: &mut Context) -> Result<Ending> {
    if !contract::named() {
        return Ok(Ending::Skipped(contract::HOW.to_owned()));
    }
    let finished = contract::on_workspace()?;
    Ok(judged(
        context,
        &finished,
        "where Braze has changed, change the contract first, then client and sandbox, each by itself.",
    ))
}

fn judged(context: &mut Context, finished: &shell::Finished, remedy: &str) -> Ending {
    context.counts.read_rust(&finished.output);
    if finished.ok {
        Ending::Passed
    } else {
        Ending::Failed(format!("To fix it: {remedy}"))
    }
}

fn doc_tests(context: &mut Context) -> Result<Ending> {
    let finished = shell::captured(shell::cargo().args([
        "test",
        "--doc",
        "--workspace",
        "--locked",
        "--quiet",
    ]))?;
    context.counts.read_rust(&finished.output);
    if finished.ok {
        return Ok(Ending::Passed);
    }
    Ok(Ending::Failed(format!(
        "{}\nTo fix it: an example in a doc comment no longer runs; change it together with the code.",
        finished.output.trim_end()
    )))
}

fn docs(_: &mut Context) -> Result<Ending> {
    quiet(
        shell::cargo().env("RUSTDOCFLAGS", "-D warnings").args([
            "doc",
            "--quiet",
            "--workspace",
            "--no-deps",
            "--locked",
        ]),
        "repair the link or the missing text that rustdoc names.",
    )
}

fn e2e(context: &mut Context) -> Result<Ending> {
    if let Some(missing) = context.parts.missing(Needs::ALL).first() {
        return Ok(Ending::Skipped(missing.sentence()));
    }
    let finished = browser::playwright(&context.parts, &[])?;
    context.counts.read_playwright(&finished.output);
    Ok(if finished.ok {
        Ending::Passed
    } else {
        Ending::Failed("To fix it: `cargo xtask e2e -- -g \"NAME OF THE TEST\"` runs one test alone; its trace is in e2e/test-results.".to_owned())
    })
}
