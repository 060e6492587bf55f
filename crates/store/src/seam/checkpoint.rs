//! SQLite's checkpoints, off the commit path: a thread moves the log into the main file while the writer goes on.
//! Promises: the log stays bounded under load that never pauses. Leaves to others: when the writer asks for it (`sqlite`).

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::Duration,
};

use rusqlite::OpenFlags;

use super::sqlite::{Connection, lock};
use crate::error::{Result, StoreError};

/// The log is moved into the main file in the background once it is this large.
const CHECKPOINT_BYTES: u64 = 8 * 1024 * 1024;
/// The writer itself restarts the log at this length (256 MiB), so that it stays bounded under load that never pauses. By then
/// the background checkpoints have moved nearly all of it, and little is left to do on the commit path.
const RESTART_PAGES: i64 = 65_536;
/// Moves the log into the main file on its own thread, so that no commit waits for it.
pub(super) struct Checkpointer {
    log: PathBuf,
    shared: Arc<(Mutex<CheckpointState>, Condvar)>,
    thread: Option<thread::JoinHandle<()>>,
}

#[derive(Default)]
struct CheckpointState {
    wanted: bool,
    stopped: bool,
    /// Pages in the log when it was last looked at. The file's size says nothing: it stays when the log begins anew.
    pages: i64,
}

impl Checkpointer {
    pub(super) fn start(path: &Path, patience: Duration) -> Result<Self> {
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        let shared = Arc::new((Mutex::new(CheckpointState::default()), Condvar::new()));
        let connection = Connection::open(path, OpenFlags::SQLITE_OPEN_READ_WRITE, patience)?;
        let thread = thread::Builder::new()
            .name("sqlite-checkpoint".into())
            .spawn({
                let shared = Arc::clone(&shared);
                move || {
                    loop {
                        let mut state = lock(&shared.0);
                        while !state.wanted && !state.stopped {
                            state = shared.1.wait(state).unwrap_or_else(PoisonError::into_inner);
                        }
                        if state.stopped {
                            return;
                        }
                        state.wanted = false;
                        drop(state);
                        match connection.checkpoint() {
                            Ok(pages) => lock(&shared.0).pages = pages,
                            Err(error) => {
                                tracing::warn!(%error, "a checkpoint failed; the next one tries again");
                            }
                        }
                    }
                }
            });
        let thread = thread.map_err(|error| {
            StoreError::Unavailable(format!("can't start the checkpoint thread: {error}"))
        })?;
        Ok(Self {
            log: log.into(),
            shared,
            thread: Some(thread),
        })
    }

    /// Whether the log has grown so long that the writer itself must begin it anew. Said once per checkpoint.
    pub(super) fn log_is_long(&self) -> bool {
        let mut state = lock(&self.shared.0);
        let long = state.pages > RESTART_PAGES;
        if long {
            state.pages = 0;
        }
        long
    }

    pub(super) fn wake_if_worth_it(&self) {
        if fs::metadata(&self.log).is_ok_and(|log| log.len() > CHECKPOINT_BYTES) {
            lock(&self.shared.0).wanted = true;
            self.shared.1.notify_one();
        }
    }

    pub(super) fn stop(&mut self) {
        lock(&self.shared.0).stopped = true;
        self.shared.1.notify_one();
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
