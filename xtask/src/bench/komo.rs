//! The product as a process: built or given, started on free ports, its addresses read from what it prints.
//! Promises: a start that fails shows what the program said; a started one is stopped when it is dropped.
//! Leaves to others: what is done with it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::http;
use crate::shell;

/// A first start may seed a workspace and migrate a database.
const START: Duration = Duration::from_mins(1);

/// Makes the demo take any number of entries from one address; without it every load test measures the door.
pub(super) const NO_VISITOR_LIMIT: [&str; 2] = ["--visitor-limit", "off"];

/// The program to measure: the one given, KOMO_BIN, or a release build made now.
pub(super) fn binary(given: Option<&Path>) -> Result<PathBuf> {
    let given = given
        .map(Path::to_path_buf)
        .or_else(|| std::env::var_os("KOMO_BIN").map(PathBuf::from));
    if let Some(program) = given {
        anyhow::ensure!(
            program.is_file(),
            "there is no program at {}",
            program.display()
        );
        return Ok(program);
    }
    println!("building komo (release); --bin or KOMO_BIN names a built one");
    let built = shell::captured(shell::cargo().args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "komo",
        "--bin",
        "komo",
    ]))?;
    anyhow::ensure!(built.ok, "komo does not build:\n{}", built.output);
    Ok(shell::target_dir().join("release/komo"))
}

/// A running program.
pub(crate) struct Process {
    child: Child,
    lines: Receiver<String>,
    /// Every line it printed so far, for error texts.
    printed: Vec<String>,
    log: tempfile::NamedTempFile,
    started: Instant,
}

impl Process {
    /// Starts `program` with `arguments`. What it writes to stderr goes to a temporary file.
    pub(crate) fn start(program: &Path, arguments: &[String]) -> Result<Self> {
        let log = tempfile::NamedTempFile::new().context("cannot make a temporary file")?;
        let started = Instant::now();
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log.reopen().context("cannot open the temporary file")?)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let (sender, lines) = channel();
        let pipe = child.stdout.take().context("the program has no stdout")?;
        std::thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                // Nobody may be listening any more; the pipe is read on so that the program never blocks on it.
                drop(sender.send(line));
            }
        });
        Ok(Self {
            child,
            lines,
            printed: Vec::new(),
            log,
            started,
        })
    }

    /// The process id.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a line that begins with `word` and returns what follows it.
    pub(super) fn line(&mut self, word: &str, patience: Duration) -> Result<String> {
        let known = self.printed.iter().find_map(|line| after(line, word));
        if let Some(rest) = known {
            return Ok(rest);
        }
        let until = Instant::now() + patience;
        loop {
            match self
                .lines
                .recv_timeout(until.saturating_duration_since(Instant::now()))
            {
                Ok(line) => {
                    let rest = after(&line, word);
                    self.printed.push(line);
                    if let Some(rest) = rest {
                        return Ok(rest);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    bail!("no line `{word} ...` within {patience:?}{}", self.said())
                }
                Err(RecvTimeoutError::Disconnected) => {
                    bail!("it ended without the line `{word} ...`{}", self.said())
                }
            }
        }
    }

    /// The address in the line `word http://ADDRESS/...`.
    pub(crate) fn address(&mut self, word: &str) -> Result<SocketAddr> {
        let url = self.line(word, START)?;
        address_of(&url)
            .with_context(|| format!("`{url}` holds no address of the form http://IP:PORT"))
    }

    /// Sends one line to the program's standard input.
    pub(super) fn tell(&mut self, line: &str) -> Result<()> {
        use std::io::Write as _;
        let input = self
            .child
            .stdin
            .as_mut()
            .context("the program's stdin is closed")?;
        writeln!(input, "{line}").context("the program does not read its stdin")
    }

    /// Waits until `path` answers 200, and returns the time since the start of the process.
    pub(super) async fn ready(&self, address: SocketAddr, path: &str) -> Result<Duration> {
        loop {
            if let Ok((200, _)) = http::get(address, path).await {
                return Ok(self.started.elapsed());
            }
            anyhow::ensure!(
                self.started.elapsed() < START,
                "{path} did not answer 200 within {START:?}{}",
                self.said()
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Waits until something takes connections at `address`, and returns the time since the start of the process.
    pub(super) async fn answering(&self, address: SocketAddr) -> Result<Duration> {
        while tokio::net::TcpStream::connect(address).await.is_err() {
            anyhow::ensure!(
                self.started.elapsed() < START,
                "nothing answers at {address}{}",
                self.said()
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(self.started.elapsed())
    }

    /// Resident memory now, in KiB.
    pub(super) fn resident(&self) -> u64 {
        resident(self.id())
    }

    /// Processor time used so far.
    pub(super) fn cpu(&self) -> Duration {
        cpu(self.id())
    }

    /// The last things it said, for an error text.
    fn said(&self) -> String {
        let errors = std::fs::read_to_string(self.log.path()).unwrap_or_default();
        let all: Vec<_> = self
            .printed
            .iter()
            .map(String::as_str)
            .chain(errors.lines())
            .collect();
        if all.is_empty() {
            return "; it printed nothing".to_owned();
        }
        let tail: Vec<_> = all
            .iter()
            .skip(all.len().saturating_sub(15))
            .copied()
            .collect();
        format!("; it said:\n  {}", tail.join("\n  "))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        stop(&mut self.child, "-TERM");
    }
}

/// Asks politely by the given signal, and insists after ten seconds.
pub(super) fn stop(child: &mut Child, signal: &str) {
    drop(
        Command::new("kill")
            .args([signal, &child.id().to_string()])
            .stderr(Stdio::null())
            .status(),
    );
    let until = Instant::now() + Duration::from_secs(10);
    while Instant::now() < until {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(child.kill());
    drop(child.wait());
}

/// `komo demo` with its addresses.
pub(super) struct Demo {
    pub(super) process: Process,
    pub(super) hub: SocketAddr,
    pub(super) sandbox: SocketAddr,
}

/// How a demo is started.
pub(super) struct DemoOptions<'a> {
    /// Folder of its data; kept by the caller, so that a second start finds it.
    pub(super) data: &'a Path,
    /// PostgreSQL instead of SQLite.
    pub(super) database: Option<&'a str>,
    /// Where the demo's connection delivers, instead of its own sandbox.
    pub(super) deliver_to: Option<&'a str>,
    /// Further arguments, as given by the caller.
    pub(super) more: &'a [String],
}

impl Demo {
    pub(super) fn start(program: &Path, options: &DemoOptions<'_>) -> Result<Self> {
        let mut arguments: Vec<String> = [
            "demo",
            "--listen",
            "127.0.0.1:0",
            "--sandbox-listen",
            "127.0.0.1:0",
            "--data",
        ]
        .map(str::to_owned)
        .into();
        arguments.push(options.data.display().to_string());
        if let Some(url) = options.database {
            arguments.extend(["--database".to_owned(), url.to_owned()]);
        }
        if let Some(url) = options.deliver_to {
            arguments.extend(["--braze-endpoint".to_owned(), url.to_owned()]);
        }
        arguments.extend(options.more.iter().cloned());
        let mut process = Process::start(program, &arguments)?;
        let started = (|| {
            let hub = process.address("hub")?;
            let sandbox = process.address("sandbox")?;
            Ok::<_, anyhow::Error>((hub, sandbox))
        })();
        let (hub, sandbox) = started.with_context(|| {
            format!(
                "`{} {}` did not start",
                program.display(),
                arguments.join(" ")
            )
        })?;
        Ok(Self {
            process,
            hub,
            sandbox,
        })
    }
}

/// Resident memory of a process, in KiB; 0 when it is gone.
fn resident(id: u32) -> u64 {
    std::fs::read_to_string(format!("/proc/{id}/status"))
        .unwrap_or_default()
        .lines()
        .find_map(|line| {
            line.strip_prefix("VmRSS:")?
                .trim()
                .strip_suffix(" kB")?
                .trim()
                .parse()
                .ok()
        })
        .unwrap_or_default()
}

/// Processor time of a process in user and kernel mode, all threads.
fn cpu(id: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // The second field is the program's name in brackets and may hold spaces: count from behind it.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    // Linux reports these in hundredths of a second on every machine we run on (USER_HZ).
    Duration::from_millis(ticks * 10)
}

fn after(line: &str, word: &str) -> Option<String> {
    let rest = line.trim_start().strip_prefix(word)?;
    (rest.is_empty() || rest.starts_with([' ', '\t', ':']))
        .then(|| rest.trim_start_matches(':').trim().to_owned())
}

fn address_of(url: &str) -> Option<SocketAddr> {
    let (_, rest) = url.split_once("http://")?;
    rest.split(|c: char| c == '/' || c.is_whitespace())
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_from_the_lines_a_person_reads() {
        let rest = after("hub      http://127.0.0.1:40123/h/demo", "hub").unwrap();
        assert_eq!(
            address_of(&rest),
            Some(SocketAddr::from(([127, 0, 0, 1], 40123)))
        );
        assert_eq!(after("hubs are here", "hub"), None);
        assert_eq!(
            after("  sandbox: http://127.0.0.1:1/sandbox", "sandbox").as_deref(),
            Some("http://127.0.0.1:1/sandbox")
        );
    }

    #[test]
    fn this_very_process_has_memory() {
        assert!(resident(std::process::id()) > 100);
    }
}
