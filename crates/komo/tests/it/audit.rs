//! The log of who changed what, written by a program that is killed while it writes.

use std::{process::Stdio, time::Duration};

use engage::time::Millis;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use store::{
    accounts::{self, Member},
    audit,
    testing::TestDatabase,
};
use tokio::process::Command;

const KILLS: usize = 12;

async fn a_killed_program_leaves_a_whole_log(database: TestDatabase) {
    let store = database.open().await;
    let member = Member {
        id: komo::clock::new_id(),
        email: "ann@example.com".into(),
        name: "Ann".into(),
        password: None,
    };
    let workspace = komo::clock::new_id();
    store
        .write(move |tx| {
            Box::pin(async move {
                accounts::make_member(tx, &member, Millis(1)).await?;
                accounts::make_workspace(tx, workspace, "Nonna Sole", member.id, Millis(1)).await
            })
        })
        .await
        .unwrap();
    store.close().await;
    let komo = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_komo"));
        command.args(words).args(["--database", &database.url()]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        command
    };
    let mut dice = StdRng::seed_from_u64(5);
    let reset = ["member", "reset", "ann@example.com"];
    let mut longest = Duration::from_millis(1);
    for round in 0..=KILLS {
        let started = std::time::Instant::now();
        let mut child = komo(&reset).spawn().unwrap();
        if round == 0 {
            // How long it takes here, and a line to begin with.
            assert!(child.wait().await.unwrap().success());
            longest = started.elapsed();
            continue;
        }
        let moment = longest.mul_f64(dice.random_range(0.3..1.0));
        let _ = tokio::time::timeout(moment, child.wait()).await;
        child.kill().await.unwrap();
    }
    assert!(komo(&reset).output().await.unwrap().status.success());
    let store = database.open().await;
    let checked = store
        .read(move |tx| Box::pin(audit::check(tx, workspace)))
        .await
        .unwrap();
    assert_eq!(checked.broken_at, None);
    assert!((2..=14).contains(&checked.lines), "{checked:?}");
    store.close().await;

    let told = komo(&["audit", "check"]).output().await.unwrap();
    let words = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.status.success() && words.contains("Nonna Sole") && words.contains("whole"));
    database.run_sql("UPDATE audit_log SET member_name = 'Somebody else'");
    let told = komo(&["audit", "check"]).output().await.unwrap();
    let words = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(
        !told.status.success() && words.contains("was changed"),
        "{words}"
    );
}
both!(killed, a_killed_program_leaves_a_whole_log);
