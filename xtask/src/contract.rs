//! The contract with Braze, tried on a workspace: a real one that the environment names, or the sandbox, by the same code.
//! Promises: without a named workspace nothing leaves this machine, and that it was skipped is said.
//! Leaves to others: the cases, which are in crates/braze/tests/contract.

use std::ffi::OsStr;
use std::io::Write as _;

use anyhow::{Context, Result};

use crate::bench::Process;
use crate::shell::{self, Finished};

const URL: &str = "KOMO_CONTRACT_BRAZE_URL";
const KEY: &str = "KOMO_CONTRACT_BRAZE_KEY";

/// Both variables: whatever else runs tests must not meet somebody's workspace by accident.
pub(crate) const VARIABLES: [&str; 2] = [URL, KEY];

/// What is said when no workspace is named.
pub(crate) const HOW: &str =
    "no workspace of Braze is named: set KOMO_CONTRACT_BRAZE_URL and KOMO_CONTRACT_BRAZE_KEY";

/// The sandbox of the run: no limits, and a campaign, so that another one is unknown.
const SCENARIO: &str = r#"[settings]
unlimited = true

[[settings.campaigns]]
id = "417220e4-5a2a-b634-7f7d-9ec891532368"
"#;

/// What `cargo xtask contract` can be told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Look at the sandbox, whatever the environment names.
    #[arg(long)]
    sandbox: bool,
}

/// `cargo xtask contract`.
pub(crate) fn run(args: &Args) -> Result<()> {
    let finished = if args.sandbox {
        on_sandbox()?
    } else if named() {
        on_workspace()?
    } else {
        println!("skipped: {HOW}. The sandbox in its place:");
        on_sandbox()?
    };
    anyhow::ensure!(finished.ok, "the contract is not kept");
    Ok(())
}

/// Whether the environment names a workspace. One of the two alone is a mistake, which the run itself tells.
pub(crate) fn named() -> bool {
    VARIABLES
        .iter()
        .any(|name| std::env::var_os(name).is_some())
}

/// The workspace that the environment names.
pub(crate) fn on_workspace() -> Result<Finished> {
    cases(&[])
}

/// A sandbox of its own.
pub(crate) fn on_sandbox() -> Result<Finished> {
    let built = shell::captured(shell::cargo().args([
        "build",
        "--quiet",
        "--package",
        "braze-sandbox",
        "--example",
        "serve",
    ]))?;
    anyhow::ensure!(built.ok, "the sandbox does not build:\n{}", built.output);
    let mut scenario = tempfile::Builder::new()
        .suffix(".toml")
        .tempfile()
        .context("cannot make a temporary file")?;
    scenario.write_all(SCENARIO.as_bytes())?;
    let program = shell::target_dir().join("debug/examples/serve");
    let arguments = [
        "127.0.0.1:0".to_owned(),
        scenario.path().display().to_string(),
    ];
    let mut sandbox = Process::start(&program, &arguments)?;
    let address = format!("http://{}", sandbox.address("sandbox")?);
    cases(&[(URL, address.as_ref()), (KEY, "demo-braze-key".as_ref())])
}

fn cases(variables: &[(&str, &OsStr)]) -> Result<Finished> {
    shell::streamed(
        shell::cargo()
            .args([
                "test",
                "--quiet",
                "--package",
                "braze",
                "--test",
                "contract",
                "--",
                "--nocapture",
            ])
            .env("RUST_BACKTRACE", "0")
            .envs(variables.iter().copied()),
    )
}
