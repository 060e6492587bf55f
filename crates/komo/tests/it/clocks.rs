//! The whole program under a clock that jumps: an hour, two days, there and back. Deliveries go on, waits last as long as they should,
//! and what is kept for days is kept for days. The clock is libfaketime's; without it these tests say so and pass.

use std::{
    collections::HashSet,
    ffi::OsStr,
    path::{Path, PathBuf},
};

use braze_sandbox::{FaultKind, FaultSpec};
use serde_json::json;
use store::{
    Store,
    ledger::{Filter, State},
    testing::TestDatabase,
};

use crate::{
    binary::Binary,
    harness::{Braze, all_rows, backlog, connections, eventually, play_id},
    http::Http,
};

const PATH: &str = "/h/demo/c/welcome/entries";

/// A clock that can be set, for programs that are started with it.
struct Clock {
    library: PathBuf,
    file: PathBuf,
}

impl Clock {
    /// `KOMO_TEST_FAKETIME` names the library; else it is looked for where Debian puts it.
    fn new(folder: &Path) -> Option<Self> {
        let named = std::env::var_os("KOMO_TEST_FAKETIME").map(PathBuf::from);
        let found = || {
            std::fs::read_dir("/usr/lib")
                .ok()?
                .flatten()
                .find_map(|entry| {
                    let library = entry.path().join("faketime/libfaketimeMT.so.1");
                    library.is_file().then_some(library)
                })
        };
        let Some(library) = named.or_else(found) else {
            eprintln!("skipped: libfaketime is not there (Debian: apt-get install faketime)");
            return None;
        };
        let clock = Self {
            library,
            file: folder.join("clock"),
        };
        clock.set("+0");
        Some(clock)
    }

    /// Sets the clock of all its programs: the difference from the true time, such as `+2d` or `-1h`.
    fn set(&self, difference: &str) {
        let new = self.file.with_extension("new");
        std::fs::write(&new, format!("{difference}\n")).unwrap();
        std::fs::rename(new, &self.file).unwrap();
    }

    async fn start(&self, data: &Path, database: &TestDatabase, braze: &Braze) -> Binary {
        let environment: [(&str, &OsStr); 4] = [
            ("LD_PRELOAD", self.library.as_os_str()),
            ("FAKETIME_TIMESTAMP_FILE", self.file.as_os_str()),
            ("FAKETIME_NO_CACHE", OsStr::new("1")),
            ("FAKETIME_DONT_FAKE_MONOTONIC", OsStr::new("1")),
        ];
        let url = url(data, database);
        Binary::start_in(data, &url, &braze.endpoint(), &[], &environment).await
    }
}

fn url(data: &Path, database: &TestDatabase) -> String {
    match database.url() {
        postgres if postgres.starts_with("postgres") => postgres,
        _ => format!("sqlite:{}", data.join("komo.db").display()),
    }
}

/// The program's database, seen from beside it.
async fn beside(data: &Path, database: &TestDatabase) -> Store {
    let address = store::Address::parse(&url(data, database)).unwrap();
    let options = store::Options::default();
    store::open(&address, options, komo::clock::now())
        .await
        .unwrap()
}

async fn enter(http: &Http, name: &str) -> String {
    let body = json!({
        "fields": {"email": format!("{name}@example.org"), "first_name": "Ann"},
        "play_id": play_id(),
    });
    let reply = http.json(PATH, &body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()["entry_id"].as_str().unwrap().to_owned()
}

async fn deliveries_go_on_under_a_clock_that_jumps(database: TestDatabase) {
    let folder = tempfile::tempdir().unwrap();
    let Some(clock) = Clock::new(folder.path()) else {
        return;
    };
    let data = folder.path().join("data");
    let braze = Braze::start().await;
    let binary = clock.start(&data, &database, &braze).await;
    let http = Http::new(binary.address);
    let mut entries = HashSet::new();
    let jumps = ["+1h", "+0", "-1h", "+0", "+2d", "-2d", "+0"];
    for (round, jump) in jumps.into_iter().enumerate() {
        // While some wait for a retry the clock is set.
        let outage = FaultSpec {
            status: Some(503),
            ..FaultSpec::new(FaultKind::Status)
        };
        braze.sandbox.add_faults(vec![outage]);
        for n in 0..10 {
            entries.insert(enter(&http, &format!("r{round}w{n}")).await);
        }
        eventually("calls have failed", || async {
            braze.sandbox.faults()[0].hits >= 8
        })
        .await;
        clock.set(jump);
        for n in 0..10 {
            entries.insert(enter(&http, &format!("r{round}f{n}")).await);
        }
        braze.sandbox.clear_faults();
        eventually(&format!("everything arrives after {jump}"), || async {
            braze.sandbox.profile_count() >= entries.len()
        })
        .await;
    }
    let history = braze.history();
    history.is_complete(&entries);
    assert_eq!(
        history.copies_are_explained(|_, _| false),
        0,
        "a jump of the clock is no reason to send anything twice"
    );
    assert!(binary.stop().await.success());
}

both!(jumps, deliveries_go_on_under_a_clock_that_jumps);

async fn who_braze_does_not_take_is_tried_for_three_days_and_kept_for_thirty(
    database: TestDatabase,
) {
    let folder = tempfile::tempdir().unwrap();
    let Some(clock) = Clock::new(folder.path()) else {
        return;
    };
    let data = folder.path().join("data");
    let braze = Braze::start().await;
    let outage = FaultSpec {
        status: Some(503),
        ..FaultSpec::new(FaultKind::Status)
    };
    braze.sandbox.add_faults(vec![outage]);
    let failures = || braze.sandbox.faults()[0].hits;
    let binary = clock.start(&data, &database, &braze).await;
    enter(&Http::new(binary.address), "ann").await;
    eventually("the call has failed", || async { failures() >= 1 }).await;
    let store = beside(&data, &database).await;

    clock.set("+71h");
    let before = failures();
    eventually("it is still tried", || async { failures() >= before + 2 }).await;
    assert_eq!(backlog(&store).await.parked, 0);
    clock.set("+73h");
    eventually("it is set aside", || async {
        backlog(&store).await.parked == 1
    })
    .await;
    let connection = connections(&store).await.remove(0);
    let (workspace, id) = (connection.workspace, connection.id);
    let parked = Filter {
        state: Some(State::Parked),
        ..Filter::default()
    };
    let aside = || all_rows(&store, workspace, id, parked.clone());
    let rows = aside().await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].code.as_deref(), Some("retry_window_over"));
    // The newest delivery is never deleted: this is another one.
    braze.sandbox.clear_faults();
    enter(&Http::new(binary.address), "cy").await;
    eventually("Braze takes the next one", || async {
        braze.sandbox.profile_count() == 1
    })
    .await;
    assert!(binary.stop().await.success());

    // Housekeeping looks at every start.
    for (later, kept) in [("+32d", true), ("+34d", false)] {
        clock.set(later);
        let binary = clock.start(&data, &database, &braze).await;
        if kept {
            eventually("it can still be sent again", || async {
                aside().await.len() == 1
            })
            .await;
        } else {
            eventually("it is deleted", || async { aside().await.is_empty() }).await;
        }
        assert!(binary.stop().await.success());
    }
    store.close().await;
}

both!(
    three_days_and_thirty,
    who_braze_does_not_take_is_tried_for_three_days_and_kept_for_thirty
);
