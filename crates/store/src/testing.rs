//! Databases for tests: an SQLite file in a temporary folder, a PostgreSQL server of the test's own. Feature `testing`.
//! Promises: real engines with real durability settings, nothing shared between tests, nothing left behind.
//! Leaves to others: what is tested. Panics freely: it only ever runs in tests.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't have its database stops"
)]
#![expect(
    clippy::missing_panics_doc,
    reason = "everything here panics when it can't do its work"
)]

use std::{
    fs,
    net::{SocketAddr, ToSocketAddrs as _},
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError, Weak},
    time::{Duration, Instant},
};

use engage::time::Millis;
use tokio_postgres::config::Host;

use crate::{Address, Options, Store};

/// A database that goes away with this value.
#[derive(Debug)]
pub struct TestDatabase {
    /// Where it is.
    pub address: Address,
    _folder: tempfile::TempDir,
    _server: Option<Arc<PostgresServer>>,
}

impl TestDatabase {
    /// A new SQLite file.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self {
            address: Address::Sqlite(folder.path().join("komo.db")),
            _folder: folder,
            _server: None,
        }
    }

    /// A new PostgreSQL database: on the server that `KOMO_TEST_PG_URL` names (its path is replaced), else on a server of its own.
    pub fn postgres() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // The folder's name is unique on this machine.
        let name = format!(
            "komo_{:x}",
            folder
                .path()
                .to_string_lossy()
                .bytes()
                .fold(0_u128, |sum, byte| sum
                    .wrapping_mul(257)
                    .wrapping_add(u128::from(byte)))
        );
        let (base, server) = if let Ok(url) = std::env::var("KOMO_TEST_PG_URL") {
            (url, None)
        } else {
            let server = PostgresServer::shared();
            (server.url("postgres"), Some(server))
        };
        run_sql(&base, &format!("CREATE DATABASE {name}"));
        let (head, options) = base
            .split_once('?')
            .map_or((base.as_str(), None), |(head, options)| {
                (head, Some(options))
            });
        let head = head.rsplit_once('/').expect("an address with a path").0;
        let options = options
            .map(|options| format!("?{options}"))
            .unwrap_or_default();
        Self {
            address: Address::Postgres(format!("{head}/{name}{options}")),
            _folder: folder,
            _server: server,
        }
    }

    /// One of each kind.
    pub fn both() -> [Self; 2] {
        [Self::sqlite(), Self::postgres()]
    }

    /// The address as the configuration takes it.
    pub fn url(&self) -> String {
        match &self.address {
            Address::Sqlite(path) => format!("sqlite:{}", path.display()),
            Address::Postgres(url) => url.clone(),
        }
    }

    /// Where its PostgreSQL server takes connections, for a proxy in front of it.
    pub fn listens(&self) -> Listens {
        let config = self.config();
        let port = config.get_ports().first().copied().unwrap_or(5432);
        match config.get_hosts().first().expect("an address with a host") {
            Host::Tcp(host) => Listens::Tcp(
                (host.as_str(), port)
                    .to_socket_addrs()
                    .ok()
                    .and_then(|mut found| found.next())
                    .expect("a host with an address"),
            ),
            Host::Unix(folder) => Listens::Socket(folder.join(format!(".s.PGSQL.{port}"))),
        }
    }

    /// The address of the same PostgreSQL database by way of a proxy.
    pub fn url_through(&self, proxy: SocketAddr) -> String {
        let config = self.config();
        format!(
            "postgres://{}@{proxy}/{}",
            config.get_user().unwrap_or("postgres"),
            config.get_dbname().unwrap_or("postgres")
        )
    }

    fn config(&self) -> tokio_postgres::Config {
        self.url().parse().expect("an address of PostgreSQL")
    }

    /// Runs a statement beside the product, as an operator would by hand.
    pub fn run_sql(&self, sql: &str) {
        match &self.address {
            Address::Sqlite(path) => {
                let connection = rusqlite::Connection::open(path).expect("the file opens");
                connection.execute_batch(sql).expect("the statement runs");
            }
            Address::Postgres(url) => run_sql(url, sql),
        }
    }

    /// Opens it.
    pub async fn open(&self) -> Store {
        crate::open(&self.address, Options::default(), Millis(1))
            .await
            .expect("the test database opens")
    }
}

/// Where a PostgreSQL server takes connections.
#[derive(Debug)]
pub enum Listens {
    /// At an address.
    Tcp(SocketAddr),
    /// On a socket in the file system.
    Socket(PathBuf),
}

/// Runs one statement on a connection of its own.
fn run_sql(url: &str, sql: &str) {
    let (url, sql) = (url.to_owned(), sql.to_owned());
    // On a thread of its own: the caller may already be inside a runtime.
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async move {
                let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls)
                    .await
                    .expect("PostgreSQL answers");
                let driver = tokio::spawn(connection);
                client
                    .batch_execute(&sql)
                    .await
                    .expect("the statement runs");
                drop(client);
                drop(driver.await);
            });
        });
    });
}

/// A PostgreSQL server with default durability, on a socket in a temporary folder.
#[derive(Debug)]
pub struct PostgresServer {
    folder: tempfile::TempDir,
    process: Option<Child>,
}

impl PostgresServer {
    /// The server that the tests of this process share; it ends with the last of them.
    pub fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<PostgresServer>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let server = Arc::new(Self::start());
            *shared = Arc::downgrade(&server);
            server
        })
    }

    /// Makes a cluster and starts it. PostgreSQL refuses to run as root; then it runs as the user `postgres` or `nobody`.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("komo-pg-")
            .tempdir()
            .expect("a temporary folder");
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        if let Some((uid, gid)) = other_user() {
            chown(folder.path(), Some(uid), Some(gid)).unwrap();
            chown(&data, Some(uid), Some(gid)).unwrap();
        }
        let made = program("initdb")
            .args([
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--no-locale",
                "--no-sync",
                "--pgdata",
            ])
            .arg(&data)
            .stdout(Stdio::null())
            .output()
            .unwrap_or_else(|error| panic!("can't run initdb: {error}. {INSTALL}"));
        assert!(
            made.status.success(),
            "initdb failed: {}",
            String::from_utf8_lossy(&made.stderr)
        );
        let mut server = Self {
            folder,
            process: None,
        };
        server.run();
        server
    }

    /// Starts the server (again) and waits until it takes connections.
    pub fn run(&mut self) {
        let log = fs::File::create(self.folder.path().join("log")).unwrap();
        let process = program("postgres")
            .arg("-D")
            .arg(self.folder.path().join("data"))
            .arg("-k")
            .arg(self.folder.path())
            .args([
                "-c",
                "listen_addresses=",
                "-c",
                "max_connections=200",
                "-c",
                "autovacuum_naptime=10s",
            ])
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("can't run postgres: {error}. {INSTALL}"));
        self.process = Some(process);
        let since = Instant::now();
        while !self.answers() {
            assert!(
                since.elapsed() < Duration::from_mins(1),
                "PostgreSQL did not start: {}",
                self.log()
            );
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    fn answers(&self) -> bool {
        let ready = program("pg_isready")
            .args(["-q", "-U", "postgres", "-h"])
            .arg(self.folder.path())
            .status();
        ready.is_ok_and(|status| status.success())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Kills the server at once, as a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            // The postmaster's children notice and end; the next start recovers from the write-ahead log.
            process.kill().unwrap();
            process.wait().unwrap();
            drop(fs::remove_file(
                self.folder.path().join("data/postmaster.pid"),
            ));
        }
    }

    /// The address of a database on this server.
    pub fn url(&self, database: &str) -> String {
        let socket = self.folder.path().to_string_lossy().replace('/', "%2F");
        format!("postgres://postgres@{socket}/{database}")
    }

    /// The folder with the data and the log.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // SIGQUIT: end at once without a checkpoint; nobody needs the data any more.
            let pid = process.id().to_string();
            drop(Command::new("kill").args(["-QUIT", &pid]).status());
            drop(process.wait());
        }
    }
}

const INSTALL: &str = "Install the PostgreSQL server (Debian: apt-get install postgresql), or name the folder of its programs in KOMO_TEST_PG_BIN";

fn program(name: &str) -> Command {
    let folder = std::env::var_os("KOMO_TEST_PG_BIN")
        .map(PathBuf::from)
        .or_else(newest_server);
    let mut command = Command::new(folder.map_or_else(|| name.into(), |folder| folder.join(name)));
    if let Some((uid, gid)) = other_user() {
        command.uid(uid).gid(gid).current_dir("/");
    }
    command
}

/// Debian keeps the server's programs out of the search path.
fn newest_server() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    found.sort();
    found.pop()
}

/// When this is root: whom to be instead.
fn other_user() -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt;
    let me = fs::metadata("/proc/self").ok()?.uid();
    if me != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let find = |name: &str| {
        let line = users
            .lines()
            .find(|line| line.split(':').next() == Some(name))?;
        let mut parts = line.split(':').skip(2);
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    };
    find("postgres").or_else(|| find("nobody"))
}
