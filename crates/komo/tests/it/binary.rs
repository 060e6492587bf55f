//! The built program as a process of its own: started, killed, asked to stop.
//! Promises that no process outlives its test. Leaves Braze to the test, so that it survives the kill.

use std::{
    ffi::OsStr,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
};

use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

/// A running `komo demo`.
pub(crate) struct Binary {
    pub(crate) address: SocketAddr,
    /// What it has logged so far, of all starts on this folder.
    pub(crate) log: PathBuf,
    child: Child,
    // Kept open: a program that can't print its last line would end badly.
    _lines: Lines<BufReader<ChildStdout>>,
}

impl Binary {
    /// Starts the demo on a folder and waits until it serves.
    pub(crate) async fn start(data: &Path, database: &str, endpoint: &str, more: &[&str]) -> Self {
        Self::start_in(data, database, endpoint, more, &[]).await
    }

    /// The same with variables of the environment.
    pub(crate) async fn start_in(
        data: &Path,
        database: &str,
        endpoint: &str,
        more: &[&str],
        environment: &[(&str, &OsStr)],
    ) -> Self {
        std::fs::create_dir_all(data).unwrap();
        let log = data.join("test.log");
        let stderr = std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(&log)
            .unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_komo"));
        command
            .args([
                "demo",
                "--listen",
                "127.0.0.1:0",
                "--sandbox-listen",
                "127.0.0.1:0",
                "--braze-endpoint",
                endpoint,
                "--data",
            ])
            .arg(data);
        if database.starts_with("postgres") {
            command.args(["--database", database]);
        }
        command
            .args(more)
            .env("KOMO_DELIVERY__NODE", "test")
            .env("KOMO_DATABASE__CONNECTIONS", "4")
            .envs(environment.iter().copied());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut address = None;
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some(hub) = line.strip_prefix("hub      http://") {
                address = hub.strip_suffix("/h/demo").map(|it| it.parse().unwrap());
            }
            if line.starts_with("ready") {
                break;
            }
        }
        let Some(address) = address else {
            panic!(
                "the program did not start: {}",
                std::fs::read_to_string(&log).unwrap_or_default()
            );
        };
        Self {
            address,
            log,
            child,
            _lines: lines,
        }
    }

    /// `kill -9`: the process is gone between two instructions.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Asks it to end, as a service manager does.
    pub(crate) async fn stop(mut self) -> ExitStatus {
        let pid = self.child.id().unwrap().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .await
                .unwrap()
                .success()
        );
        self.child.wait().await.unwrap()
    }
}
