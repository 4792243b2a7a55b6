//! What the server does when the file of the derived state turns out to be damaged while it runs.

use std::os::unix::fs::FileExt;

use hiveboard::{server::Running, telemetry};
use hiveboard_derive::Projections;
use hiveboard_store::StoreError;
use hiveboard_wire::{Mode, Scope, Timestamp};
use serde_json::json;

use crate::app::{TestApp, event};

const RUNS: usize = 7_000;

/// Zeros behind the first page of the file and behind the head of its log. What somebody else writes makes the server read its pages anew.
fn spoil(data: &std::path::Path) {
    let other = rusqlite::Connection::open(data.join("meta.db")).expect("it opens twice");
    other.execute_batch("CREATE TABLE of_somebody_else(a)").expect("it can be written");
    for (name, from) in [("meta.db", 4_096), ("meta.db-wal", 32)] {
        let file = std::fs::OpenOptions::new().write(true).open(data.join(name)).expect("it is there");
        let length = file.metadata().expect("its length").len();
        file.write_all_at(&vec![0; length.saturating_sub(from) as usize], from).expect("there is room");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_lets_go_of_what_the_disk_lost_and_the_next_start_brings_it_back() {
    let app = TestApp::start().await;
    let run = |number: usize| {
        let task = format!("task-{number:05}");
        [
            event(json!({"event_type": "task_started", "task_id": task})),
            event(json!({"event_type": "task_completed", "task_id": task})),
        ]
    };
    for first in (0..RUNS).step_by(250) {
        let events: Vec<_> = (first..first + 250).flat_map(run).collect();
        app.send(&app.live, "a", &events).await;
    }
    let scope = Scope { workspace: hiveboard_settings::DEFAULT_WORKSPACE, mode: Mode::Live };
    let derived = std::sync::Arc::clone(&app.running().app.derived);
    derived.flush(Timestamp::now()).expect("sound");
    let (in_memory, archived) = derived.look(scope, Projections::run_counts);
    assert!(archived > 0 && in_memory + archived == RUNS, "{in_memory} {archived}");
    spoil(app.data());
    for round in 0..50 {
        app.send(&app.live, "a", &run(RUNS + round)).await;
        match derived.flush(Timestamp::now()) {
            Ok(()) => {}
            Err(StoreError::ProjectionsLost) => break,
            Err(error) => assert!(matches!(error, StoreError::Damaged(_)), "{error}"),
        }
    }
    assert!(matches!(derived.flush(Timestamp::now()), Err(StoreError::ProjectionsLost)));
    let (still, archived) = derived.look(scope, Projections::run_counts);
    assert_eq!(archived, 0, "what lay on disk is not listed");
    assert!(still >= in_memory);
    let listed = app.get("/v1/tasks?sort=oldest").await;
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(50), "the rest is");
    let ready = app.get("/ready").await;
    assert_eq!((&ready["status"], &ready["damaged"]), (&json!("degraded"), &json!(["meta.db"])));
    drop(derived);
    let data = app.stop_and_keep().await;
    let running =
        Running::start(TestApp::config(data.path(), |_| {}), telemetry::isolated_metrics()).await.expect("it starts");
    let (in_memory, archived) = running.app.derived.look(scope, Projections::run_counts);
    assert!(in_memory + archived > RUNS, "{in_memory} {archived}");
    running.stop().await;
}
