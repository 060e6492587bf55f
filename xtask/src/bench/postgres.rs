//! A private PostgreSQL cluster in a temporary folder, with the settings that PostgreSQL ships.
//! Promises: durable as by default (fsync and synchronous_commit on), loopback only, gone when dropped.
//! Leaves to others: the schema.

use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::komo;
use crate::{prepare::Parts, shell};

const START: Duration = Duration::from_mins(1);

/// A running cluster.
pub(crate) struct Cluster {
    server: Child,
    port: u16,
    /// Removed when the cluster is dropped.
    folder: tempfile::TempDir,
}

/// Whom the server runs as: PostgreSQL refuses to be root.
struct User {
    ids: Option<(u32, u32)>,
}

impl Cluster {
    /// The cluster for a measurement on the database of this name; none for one that needs no server.
    pub(super) fn of(database: &str) -> Result<Option<Self>> {
        if database != "postgres" {
            return Ok(None);
        }
        let bin = Parts::find().postgres.context(
            "PostgreSQL's server programs are missing: `cargo xtask prepare`, or measure sqlite",
        )?;
        Self::start(&bin).map(Some)
    }

    /// Makes and starts a cluster with the programs of `bin`, with one empty database `komo`.
    pub(crate) fn start(bin: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("komo-pg-")
            .tempdir()
            .context("cannot make a temporary folder")?;
        let user = User::unprivileged()?;
        let data = folder.path().join("data");
        if let Some((uid, gid)) = user.ids {
            std::os::unix::fs::chown(folder.path(), Some(uid), Some(gid))
                .context("cannot hand the folder over")?;
        }
        let mut initdb = user.command(&bin.join("initdb"), folder.path());
        initdb.arg("--pgdata").arg(&data).args([
            "--username=komo",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-locale",
        ]);
        shell::stdout_of(&mut initdb).context("initdb")?;

        let port = free_port()?;
        let log =
            std::fs::File::create(folder.path().join("log")).context("cannot write the log")?;
        let server = user
            .command(&bin.join("postgres"), folder.path())
            .arg("-D")
            .arg(&data)
            .args([
                "-p",
                &port.to_string(),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=",
            ])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .context("cannot start postgres")?;
        let mut cluster = Self {
            server,
            port,
            folder,
        };
        cluster.create_database(bin)?;
        Ok(cluster)
    }

    /// The address of the database.
    pub(crate) fn url(&self) -> String {
        format!("postgres://komo@127.0.0.1:{}/komo", self.port)
    }

    /// Brings the server to rest after it was filled: by itself it would go on for minutes to write out what is in memory and to
    /// look through the new rows, and whatever is measured then is measured beside that.
    pub(super) fn settle(&self) -> Result<()> {
        let bin = Parts::find()
            .postgres
            .context("PostgreSQL's programs are missing")?;
        let mut psql = Command::new(bin.join("psql"));
        psql.args(["--dbname", &self.url(), "--quiet"])
            .args(["--command", "VACUUM (ANALYZE)"])
            .args(["--command", "CHECKPOINT"])
            .current_dir("/")
            .stdin(Stdio::null());
        shell::stdout_of(&mut psql)
            .map(drop)
            .context("psql could not bring the server to rest")
    }

    /// Tries until the server takes connections: creating the database is the test for it.
    fn create_database(&mut self, bin: &Path) -> Result<()> {
        let until = Instant::now() + START;
        loop {
            let mut create = Command::new(bin.join("createdb"));
            create
                .args([
                    "--host=127.0.0.1",
                    "--username=komo",
                    "--port",
                    &self.port.to_string(),
                    "komo",
                ])
                .current_dir("/")
                .stdin(Stdio::null());
            let Err(problem) = shell::stdout_of(&mut create) else {
                return Ok(());
            };
            if let Some(status) = self.server.try_wait().context("cannot ask for postgres")? {
                let log =
                    std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                bail!("postgres ended ({status}):\n{log}");
            }
            anyhow::ensure!(
                Instant::now() < until,
                "postgres did not start within {START:?}: {problem:#}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // SIGINT is PostgreSQL's fast shutdown: open connections are ended.
        komo::stop(&mut self.server, "-INT");
    }
}

impl User {
    /// Ourselves; as root, `postgres` or else `nobody`.
    fn unprivileged() -> Result<Self> {
        if id(&["-u"])? != 0 {
            return Ok(Self { ids: None });
        }
        for name in ["postgres", "nobody"] {
            if let (Ok(uid), Ok(gid)) = (id(&["-u", name]), id(&["-g", name])) {
                return Ok(Self {
                    ids: Some((uid, gid)),
                });
            }
        }
        bail!(
            "PostgreSQL refuses to run as root, and there is neither a user `postgres` nor `nobody`"
        )
    }

    fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(folder)
            .stdin(Stdio::null())
            .env("TZ", "UTC")
            .env("LC_ALL", "C");
        if let Some((uid, gid)) = self.ids {
            command.uid(uid).gid(gid);
        }
        command
    }
}

fn id(arguments: &[&str]) -> Result<u32> {
    let printed = shell::stdout_of(Command::new("id").args(arguments))?;
    printed.trim().parse().context("`id` printed no number")
}

/// A port that was free a moment ago. PostgreSQL cannot be told to choose one itself.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no free port")?;
    Ok(listener.local_addr().context("no address")?.port())
}
