//! What a panic in the middle of a fold comes to.

use hiveboard::{server::Running, telemetry};
use hiveboard_wire::{Mode, Scope};
use serde_json::json;

use crate::app::{TestApp, event};

#[tokio::test]
async fn nothing_half_folded_reaches_the_disk() {
    let app = TestApp::start().await;
    app.send(&app.live, "a", &[event(json!({"event_type": "task_started", "task_id": "t"}))]).await;
    let before = app.get("/v1/agents/a").await;
    let scope = Scope { workspace: hiveboard_settings::DEFAULT_WORKSPACE, mode: Mode::Live };
    let derived = std::sync::Arc::clone(&app.running().app.derived);
    derived.flush(hiveboard_wire::Timestamp::now()).expect("sound");
    let torn = std::thread::spawn({
        let derived = std::sync::Arc::clone(&derived);
        move || {
            derived.change(scope, |projections| {
                *projections = hiveboard_derive::Projections::default();
                panic!("in the middle");
            })
        }
    });
    assert!(torn.join().is_err());
    assert!(derived.is_torn());
    let refused = derived.flush(hiveboard_wire::Timestamp::now()).expect_err("torn");
    assert!(refused.to_string().contains("folds the events anew"), "{refused}");
    drop(derived);
    let data = app.stop_and_keep().await;
    let running =
        Running::start(TestApp::config(data.path(), |_| {}), telemetry::isolated_metrics()).await.expect("it starts");
    let agent = running.app.derived.look(scope, |projections| projections.agent("a", hiveboard_wire::Timestamp::now()));
    assert_eq!(agent.map(|agent| agent.agent.agent_id), before["agent_id"].as_str().map(str::to_owned));
    running.stop().await;
}
