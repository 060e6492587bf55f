//! Finds what the tests need beside Rust: PostgreSQL's server programs, Chromium, Node and npm.
//! Promises: installs what is missing where it may (root on a Debian-like machine), and otherwise names each missing part.
//! Leaves to others: starting any of them.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::shell;

/// The oldest Node that the browser tests run on.
const NODE_AT_LEAST: u32 = 20;

/// What was found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parts {
    /// Folder of `initdb` and `postgres`.
    pub(crate) postgres: Option<PathBuf>,
    /// The browser's program.
    pub(crate) chromium: Option<PathBuf>,
    /// `npm`, when Node is new enough.
    pub(crate) npm: Option<PathBuf>,
}

/// Which parts somebody needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needs {
    /// PostgreSQL's server programs.
    pub(crate) postgres: bool,
    /// Chromium, Node and npm.
    pub(crate) browser: bool,
}

impl Needs {
    /// Everything.
    pub(crate) const ALL: Self = Self {
        postgres: true,
        browser: true,
    };
}

impl Parts {
    /// Looks, changes nothing.
    pub(crate) fn find() -> Self {
        Self {
            postgres: find_postgres(),
            chromium: find_chromium(),
            npm: find_npm(),
        }
    }

    /// The names of the missing parts among the needed ones, each with its remedy.
    pub(crate) fn missing(&self, needs: Needs) -> Vec<Missing> {
        let mut missing = Vec::new();
        if needs.postgres && self.postgres.is_none() {
            missing.push(Missing {
                what: "PostgreSQL server programs (initdb, postgres)",
                packages: &["postgresql"],
                remedy: "install PostgreSQL, or set KOMO_TEST_PG_BIN to the folder of its programs",
            });
        }
        if needs.browser && self.chromium.is_none() {
            missing.push(Missing {
                what: "Chromium",
                packages: &["chromium"],
                remedy: "install Chromium, or set KOMO_TEST_CHROMIUM to its program",
            });
        }
        if needs.browser && self.npm.is_none() {
            missing.push(Missing {
                what: "Node 20 or newer, with npm",
                packages: &["nodejs", "npm"],
                remedy: "install Node 20 or newer with npm",
            });
        }
        missing
    }

    /// The variables by which tests find the parts.
    pub(crate) fn variables(&self) -> Vec<(&'static str, PathBuf)> {
        [
            ("KOMO_TEST_PG_BIN", &self.postgres),
            ("KOMO_TEST_CHROMIUM", &self.chromium),
        ]
        .into_iter()
        .filter_map(|(name, path)| path.clone().map(|path| (name, path)))
        .collect()
    }
}

/// One part that is not there.
pub(crate) struct Missing {
    what: &'static str,
    packages: &'static [&'static str],
    remedy: &'static str,
}

impl Missing {
    /// What is missing and what to do, in one line.
    pub(crate) fn sentence(&self) -> String {
        format!("{} not found: {}", self.what, self.remedy)
    }
}

/// Finds the parts, installs missing ones where that is allowed, and looks again.
pub(crate) fn parts(needs: Needs) -> Parts {
    let found = Parts::find();
    let missing = found.missing(needs);
    let mut packages: Vec<_> = missing
        .iter()
        .flat_map(|part| part.packages)
        .copied()
        .collect();
    if needs.postgres && !clock_can_be_set() {
        packages.push("faketime");
    }
    if packages.is_empty() || !may_install() {
        return found;
    }
    println!("prepare: apt-get install {}", packages.join(" "));
    if let Err(error) = install(&packages) {
        println!("prepare: {error:#}");
    }
    Parts::find()
}

/// `cargo xtask prepare`: everything, with a report.
pub(crate) fn run() -> Result<()> {
    let parts = parts(Needs::ALL);
    for (name, path) in parts.variables() {
        println!("{name}={}", path.display());
    }
    if !clock_can_be_set() {
        println!("libfaketime not found: tests of clocks that jump say so and pass");
    }
    let missing = parts.missing(Needs::ALL);
    if missing.is_empty() {
        println!("everything the tests need is here");
        return Ok(());
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

/// Only root may, and only by the system's own package manager.
fn may_install() -> bool {
    let root = shell::stdout_of(shell::command("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    root && shell::which("apt-get").is_some()
}

fn install(packages: &[&str]) -> Result<()> {
    let update = shell::captured(shell::command("apt-get").args(["-q", "update"]))?;
    if !update.ok {
        bail!("apt-get update failed: {}", tail(&update.output));
    }
    let install = shell::captured(
        shell::command("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["-q", "install", "-y", "--no-install-recommends"])
            .args(packages),
    )?;
    if !install.ok {
        bail!("apt-get install failed: {}", tail(&install.output));
    }
    Ok(())
}

fn tail(output: &str) -> String {
    let lines: Vec<_> = output.lines().collect();
    lines
        .iter()
        .skip(lines.len().saturating_sub(5))
        .copied()
        .collect::<Vec<_>>()
        .join(" | ")
}

fn find_postgres() -> Option<PathBuf> {
    let complete = |dir: &Path| dir.join("initdb").is_file() && dir.join("postgres").is_file();
    if let Some(dir) = std::env::var_os("KOMO_TEST_PG_BIN").map(PathBuf::from) {
        return complete(&dir).then_some(dir);
    }
    // Debian keeps server programs out of PATH, one folder per major version: the newest wins.
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, dir)| complete(dir))
        .collect();
    versions.sort();
    versions.pop().map(|(_, dir)| dir).or_else(|| {
        let initdb = std::fs::canonicalize(shell::which("initdb")?).ok()?;
        initdb
            .parent()
            .filter(|dir| complete(dir))
            .map(Path::to_path_buf)
    })
}

/// Whether the tests can start a program under a clock of their own; without it, some say that they were skipped.
fn clock_can_be_set() -> bool {
    std::fs::read_dir("/usr/lib")
        .into_iter()
        .flatten()
        .flatten()
        .any(|entry| entry.path().join("faketime/libfaketimeMT.so.1").is_file())
}

fn find_chromium() -> Option<PathBuf> {
    if let Some(program) = std::env::var_os("KOMO_TEST_CHROMIUM").map(PathBuf::from) {
        return program.is_file().then_some(program);
    }
    [
        "chromium",
        "chromium-browser",
        "google-chrome-stable",
        "google-chrome",
    ]
    .into_iter()
    .find_map(shell::which)
}

fn find_npm() -> Option<PathBuf> {
    let version = shell::stdout_of(shell::command("node").arg("--version")).ok()?;
    let major: u32 = version
        .trim()
        .trim_start_matches('v')
        .split('.')
        .next()?
        .parse()
        .ok()?;
    if major < NODE_AT_LEAST {
        return None;
    }
    shell::which("npm")
}
