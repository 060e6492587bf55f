//! What can go wrong in storage, sorted by what the caller can do about it.
//! Promises: a failure outside (disk, network, server) is always `Unavailable`, never a wrong answer.
//! Leaves to others: the words for the person outside; these texts are for the log.

use thiserror::Error;

/// A storage failure. The text is for the log and holds no personal data: statements are named, values never printed.
#[derive(Debug, Clone, Error)]
pub enum StoreError {
    /// The database can't be reached or can't write: disk full, connection lost, pool exhausted. Worth another try later.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// Two transactions stood in each other's way and this one was chosen to stop. Worth another try at once.
    #[error("the transaction was stopped in favour of another: {0}")]
    Contention(String),
    /// A uniqueness rule or a foreign key of the schema refused the write.
    #[error("a rule of the schema refused the write: {0}")]
    Conflict(String),
    /// Stored data does not have the shape this program expects.
    #[error("stored data is not as expected: {0}")]
    Corrupt(String),
    /// The database was made by a newer version of the program.
    #[error(
        "the database has schema version {found}, this program knows {known}: start the newer program, or restore a backup made before the upgrade"
    )]
    NewerSchema {
        /// Version found in the database.
        found: i64,
        /// Newest version this program knows.
        known: i64,
    },
    /// The server is set up so that an acknowledged entry could be lost.
    #[error(
        "the PostgreSQL server runs with {setting}: an acknowledged entry could be lost. Turn it on, or set database.allow_unsafe_durability = true if losing data is acceptable"
    )]
    UnsafeDurability {
        /// The setting, for example `fsync = off`.
        setting: String,
    },
    /// The database address can't be used.
    #[error("{0}")]
    Address(String),
    /// A storage body awaited something other than the database while its transaction was open.
    #[error("a storage body awaited something other than the database")]
    AwaitedOutside,
    /// A statement or a parameter is wrong: a mistake in this program.
    #[error("statement failed: {0}")]
    Statement(String),
    /// The lane's lease has passed to another worker; nothing was written.
    #[error("the lease has passed to another worker")]
    LeaseLost,
}

impl StoreError {
    /// Whether trying again later can help without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Contention(_))
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match &error {
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                Code::ConstraintViolation => Self::Conflict(error.to_string()),
                Code::DatabaseBusy | Code::DatabaseLocked => Self::Contention(error.to_string()),
                Code::DiskFull
                | Code::SystemIoFailure
                | Code::CannotOpen
                | Code::ReadOnly
                | Code::PermissionDenied
                | Code::OutOfMemory
                | Code::OperationInterrupted => Self::Unavailable(error.to_string()),
                Code::DatabaseCorrupt | Code::NotADatabase => Self::Corrupt(error.to_string()),
                _ => Self::Statement(error.to_string()),
            },
            _ => Self::Statement(error.to_string()),
        }
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(server) = error.as_db_error() else {
            // No answer from the server: the connection broke, or an answer could not be decoded.
            return if error.is_closed()
                || std::error::Error::source(&error)
                    .is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
            {
                Self::Unavailable(error.to_string())
            } else {
                Self::Statement(format!(
                    "{error}: {:?}",
                    std::error::Error::source(&error).map(ToString::to_string)
                ))
            };
        };
        let code = server.code().code();
        // The detail line of the server may hold values; the message and the constraint's name do not.
        let text = format!(
            "{code} {} {}",
            server.message(),
            server.constraint().unwrap_or_default()
        );
        match code.get(..2) {
            // Waited too long for a lock: the same again may well succeed.
            _ if code == "55P03" => Self::Contention(text),
            // More locks than the server has room for: a smaller batch needs fewer.
            _ if code == "53200" => Self::Statement(text),
            _ if code == "25006" => Self::Unavailable(text),
            Some("23") => Self::Conflict(text),
            Some("40") => Self::Contention(text),
            Some("08" | "53" | "57" | "58") => Self::Unavailable(text),
            Some("XX") => Self::Corrupt(text),
            _ => Self::Statement(text),
        }
    }
}

impl From<deadpool_postgres::PoolError> for StoreError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        match error {
            deadpool_postgres::PoolError::Backend(backend) => match Self::from(backend) {
                // Failing to connect is always an outside failure (refused password included): retry later.
                Self::Statement(text) => Self::Unavailable(text),
                other => other,
            },
            other => Self::Unavailable(other.to_string()),
        }
    }
}

/// Shorthand for storage results.
pub type Result<T> = std::result::Result<T, StoreError>;
