//! The browser tests (Playwright) and Lighthouse, both against the built binary.
//! Promises: Debian's own Chromium is used, nothing is downloaded by a test tool, and the packages are those of the lock file.
//! Leaves to others: the tests, which are in e2e/.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::bench::Cluster;
use crate::prepare::{self, Missing, Needs, Parts};
use crate::shell::{self, Finished};

/// What `cargo xtask e2e` can be told.
#[derive(clap::Args)]
pub(crate) struct E2eArgs {
    /// Passed on to Playwright, for example `-- -g "keyboard" --project sqlite-phone`.
    #[arg(last = true)]
    more: Vec<String>,
}

/// What `cargo xtask lighthouse` can be told.
#[derive(clap::Args)]
pub(crate) struct LighthouseArgs {
    /// How often each page is measured; the median counts.
    #[arg(long, default_value_t = 5)]
    runs: u32,
    /// Measure a server that runs already, for example http://127.0.0.1:8080/h/demo.
    #[arg(long, value_name = "URL")]
    url: Vec<String>,
}

/// `cargo xtask e2e`.
pub(crate) fn e2e(args: &E2eArgs) -> Result<()> {
    let parts = complete()?;
    let finished = playwright(&parts, &args.more)?;
    anyhow::ensure!(finished.ok, "browser tests failed");
    Ok(())
}

/// Builds the binary, starts a private PostgreSQL where there is one, and runs Playwright on all of it.
pub(crate) fn playwright(parts: &Parts, more: &[String]) -> Result<Finished> {
    let folder = shell::root().join("e2e");
    install(&folder)?;
    let program = built(false)?;
    let cluster = match (&parts.postgres, std::env::var_os("KOMO_TEST_PG_URL")) {
        (Some(bin), None) => Some(Cluster::start(bin)?),
        _ => None,
    };
    let mut command = shell::command("npx");
    command
        .current_dir(&folder)
        .args(["--no-install", "playwright", "test"])
        .args(more)
        .env("KOMO_BIN", program)
        .envs(parts.variables());
    if let Some(cluster) = &cluster {
        command.env("KOMO_TEST_PG_URL", cluster.url());
    }
    shell::streamed(&mut command)
}

/// `cargo xtask lighthouse`.
pub(crate) fn lighthouse(args: &LighthouseArgs) -> Result<()> {
    let parts = complete()?;
    let folder = shell::root().join("e2e/lighthouse");
    install(&folder)?;
    let mut command = shell::command("node");
    command
        .current_dir(&folder)
        .arg("measure.mjs")
        .args(["--runs", &args.runs.max(1).to_string()])
        .args(&args.url)
        .envs(parts.variables());
    if args.url.is_empty() {
        command.env("KOMO_BIN", built(true)?);
    }
    let finished = shell::streamed(&mut command)?;
    anyhow::ensure!(finished.ok, "Lighthouse did not measure everything");
    Ok(())
}

/// All parts that a browser test needs, or an error that names the missing ones.
fn complete() -> Result<Parts> {
    let needs = Needs {
        postgres: false,
        browser: true,
    };
    let parts = prepare::parts(needs);
    let missing = parts.missing(needs);
    if missing.is_empty() {
        return Ok(parts);
    }
    bail!(
        "{}",
        missing
            .iter()
            .map(Missing::sentence)
            .collect::<Vec<_>>()
            .join("; ")
    )
}

/// Installs the packages of the lock file when they are not there yet, or are older than it.
fn install(folder: &Path) -> Result<()> {
    let modified = |path: &str| {
        std::fs::metadata(folder.join(path))
            .and_then(|data| data.modified())
            .ok()
    };
    let lock = modified("package-lock.json")
        .with_context(|| format!("{} has no package-lock.json", folder.display()))?;
    if modified("node_modules/.package-lock.json").is_some_and(|installed| installed >= lock) {
        return Ok(());
    }
    let installed = shell::captured(
        shell::command("npm")
            .current_dir(folder)
            .args(["ci", "--no-audit", "--no-fund"])
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
            .env("PUPPETEER_SKIP_DOWNLOAD", "1"),
    )?;
    anyhow::ensure!(
        installed.ok,
        "npm ci failed in {}:\n{}",
        folder.display(),
        installed.output
    );
    Ok(())
}

/// The program to test: KOMO_BIN, or a build made now.
fn built(release: bool) -> Result<PathBuf> {
    if let Some(program) = std::env::var_os("KOMO_BIN").map(PathBuf::from) {
        let program = shell::root().join(program);
        anyhow::ensure!(
            program.is_file(),
            "KOMO_BIN names no program: {}",
            program.display()
        );
        return Ok(program);
    }
    let mut command = shell::cargo();
    // The whole workspace, so that features are the same as for the tests and nothing is built twice.
    command.args(["build", "--quiet", "--workspace", "--bins"]);
    if release {
        command.arg("--release");
    }
    let finished = shell::captured(&mut command)?;
    anyhow::ensure!(finished.ok, "komo does not build:\n{}", finished.output);
    Ok(shell::target_dir()
        .join(if release { "release" } else { "debug" })
        .join("komo"))
}
