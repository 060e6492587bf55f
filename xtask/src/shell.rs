//! Running other programs from the root of the repository.
//! Promises: output is never lost: either it streams, or it is returned.
//! Leaves to others: what a failure means and how to fix it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};

/// The root of the repository: the folder above this crate.
pub(crate) fn root() -> PathBuf {
    // Cargo sets the variable at run time too, so that a moved checkout works without a rebuild.
    let manifest = std::env::var("CARGO_MANIFEST_DIR")
        .ok()
        .filter(|dir| dir.ends_with("xtask"))
        .unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").to_owned());
    let manifest = PathBuf::from(manifest);
    manifest
        .parent()
        .map_or_else(|| manifest.clone(), Path::to_path_buf)
}

/// `program`, to be started in the root of the repository, without standard input.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// The cargo that runs us, so that a `+toolchain` of the caller is kept.
pub(crate) fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Is `program` found in PATH?
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|dir| dir.join(program))
        .find(|path| path.is_file())
}

/// What a finished program did.
pub(crate) struct Finished {
    /// It ended with exit code 0.
    pub(crate) ok: bool,
    /// Both of its outputs, line by line in the order in which they came.
    pub(crate) output: String,
}

/// Runs to the end and keeps the output to oneself.
pub(crate) fn captured(command: &mut Command) -> Result<Finished> {
    run(command, false)
}

/// Runs to the end, prints each line as it comes, and returns them too.
pub(crate) fn streamed(command: &mut Command) -> Result<Finished> {
    run(command, true)
}

/// Standard output of a program that must succeed.
pub(crate) fn stdout_of(command: &mut Command) -> Result<String> {
    let name = name_of(command);
    let output = command
        .output()
        .with_context(|| format!("cannot start {name}"))?;
    anyhow::ensure!(
        output.status.success(),
        "{name} failed: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The address of the target folder, whatever the environment says about it.
pub(crate) fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// Are we on a CI machine? There, a missing part is a failure rather than a skipped step.
pub(crate) fn on_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false" && value != "0")
}

fn name_of(command: &Command) -> String {
    let mut name = command.get_program().to_string_lossy().into_owned();
    if let Some(first) = command.get_args().next() {
        name.push(' ');
        name.push_str(&first.to_string_lossy());
    }
    name
}

fn run(command: &mut Command, echo: bool) -> Result<Finished> {
    let name = name_of(command);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {name}"))?;
    let lines = Arc::new(Mutex::new(String::new()));
    let readers: Vec<_> = [
        child
            .stdout
            .take()
            .map(|pipe| Box::new(pipe) as Box<dyn Read + Send>),
        child
            .stderr
            .take()
            .map(|pipe| Box::new(pipe) as Box<dyn Read + Send>),
    ]
    .into_iter()
    .flatten()
    .map(|pipe| {
        let lines = Arc::clone(&lines);
        std::thread::spawn(move || collect(pipe, echo, &lines))
    })
    .collect();
    for reader in readers {
        // A reader only ends early when its pipe does; the lines so far are kept.
        drop(reader.join());
    }
    let status = child
        .wait()
        .with_context(|| format!("cannot wait for {name}"))?;
    let output = lines.lock().map(|lines| lines.clone()).unwrap_or_default();
    Ok(Finished {
        ok: status.success(),
        output,
    })
}

fn collect(pipe: Box<dyn Read + Send>, echo: bool, lines: &Mutex<String>) {
    for line in BufReader::new(pipe).split(b'\n') {
        let Ok(line) = line else { return };
        let line = String::from_utf8_lossy(&line);
        let Ok(mut lines) = lines.lock() else { return };
        if echo {
            println!("{line}");
        }
        lines.push_str(&line);
        lines.push('\n');
    }
}
