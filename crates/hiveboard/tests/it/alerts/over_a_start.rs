//! What is open when a server ends: the next one neither tells it again nor forgets it.

use std::time::Duration;

use hiveboard::{
    clock::{Clock, TimeSource},
    server::Running,
    telemetry,
};
use serde_json::{Value, json};

use super::{Moved, Receiver, alerts, allow_private, make_channel, make_rule};
use crate::app::{TestApp, event};

/// A server with a receiver, at a time that can be moved on.
struct Watched {
    app: TestApp,
    moved: Moved,
    receiver: Receiver,
}

impl Watched {
    /// With rules, by name, that tell the receiver.
    async fn start(rules: &[(&str, Value)]) -> Self {
        let moved = Moved::new();
        let app = TestApp::start_at(Clock::new(moved.clone()), allow_private).await;
        let cookie = app.session().await;
        let (receiver, addr) = Receiver::start().await;
        let channel = make_channel(&app, &cookie, addr).await;
        for (name, condition) in rules {
            let rule = json!({"name": name, "severity": "critical", "channels": [channel["channel_id"]], "condition": condition});
            make_rule(&app, &cookie, rule).await;
        }
        Self { app, moved, receiver }
    }

    /// Ends the server, and starts the next one on its data; gives it the time to find what it may.
    async fn start_again(self) -> Again {
        let live = self.app.live.clone();
        let data = self.app.stop_and_keep().await;
        let config = TestApp::config(data.path(), allow_private);
        let clock = Clock::new(self.moved.clone());
        let running = Running::start_at(config, telemetry::isolated_metrics(), clock).await.expect("it starts again");
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        Again { running, live, moved: self.moved, receiver: self.receiver, client: reqwest::Client::new(), _data: data }
    }
}

struct Again {
    running: Running,
    live: String,
    moved: Moved,
    receiver: Receiver,
    client: reqwest::Client,
    _data: tempfile::TempDir,
}

impl Again {
    async fn alerts(&self) -> Vec<Value> {
        let url = format!("http://{}/v1/alerts", self.running.addr);
        let answer = self.client.get(url).bearer_auth(&self.live).send().await.expect("an answer");
        answer.json::<Value>().await.expect("JSON")["data"].as_array().expect("a list").clone()
    }

    /// The same alerts are open as before, and nobody was told of any of them again.
    async fn knows(&self, before: &[Value], told: usize) {
        let after = self.alerts().await;
        let id = |alert: &Value| alert["alert_id"].clone();
        assert_eq!(after.iter().map(id).collect::<Vec<_>>(), before.iter().map(id).collect::<Vec<_>>());
        assert!(after.iter().all(|alert| alert["state"] == "firing"), "{after:?}");
        assert_eq!(self.receiver.got.lock().len(), told, "nobody hears of an end, nor of another beginning");
    }

    /// Sends an event of agent `a`, now.
    async fn send(&self, mut event: Value) {
        event["event_id"] = json!("again");
        event["timestamp"] = json!(self.moved.wall().to_string());
        let url = format!("http://{}/v1/ingest", self.running.addr);
        let batch = json!({"envelope": {"agent_id": "a"}, "events": [event]});
        let answer = self.client.post(url).bearer_auth(&self.live).json(&batch).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_that_dies_alerts_by_the_clock_and_a_restart_neither_fires_again_nor_forgets() {
    let watched = Watched::start(&[
        ("lost", json!({"type": "heartbeat_lost", "seconds": 20})),
        ("silent", json!({"type": "no_events", "seconds": 30})),
    ])
    .await;
    let Watched { app, moved, receiver } = &watched;
    for agent in ["a", "b"] {
        let registered = json!({"event_type": "agent_registered", "payload": {"data": {"stuck_threshold": 10}}});
        app.send(&app.live, agent, &[event(registered)]).await;
    }
    let began = moved.wall();
    for (seconds, found) in [(6, 0), (12, 2), (22, 4)] {
        moved.pass_to(app, began.plus_seconds(seconds)).await;
        alerts(app, "", found).await;
    }
    moved.pass_to(app, began.plus_seconds(32)).await;
    let open = alerts(app, "state=firing", 5).await;
    receiver.wait_for(3).await;

    let again = watched.start_again().await;
    again.knows(&open, 3).await;
    again.send(json!({"event_type": "heartbeat"})).await;
    again.receiver.wait_for(5).await;
    let resolved: Vec<Value> = again.alerts().await.into_iter().filter(|alert| alert["state"] == "resolved").collect();
    assert_eq!(resolved.len(), 3, "stuck, lost, and the silence of all: {resolved:?}");
    again.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn time_that_a_start_grants_ends_no_alert() {
    let watched = Watched::start(&[
        ("lost", json!({"type": "heartbeat_lost", "seconds": 20})),
        ("stalled", json!({"type": "task_stalled", "seconds": 20})),
    ])
    .await;
    let Watched { app, moved, receiver } = &watched;
    let of_run = |event_type: &str| event(json!({"event_type": event_type, "task_id": "t", "task_run_id": "r"}));
    // Both rules find silence long before its own limit, five minutes, does; so a start grants the agent and its run time.
    app.send(&app.live, "a", &[of_run("task_started")]).await;
    // What rules know already they are told of by its last sign, and several came together.
    let last = app.send(&app.live, "a", &[of_run("custom"), of_run("custom"), of_run("custom")]).await;
    assert_eq!(last["accepted"], 3);
    moved.pass_to(app, moved.wall().plus_seconds(25)).await;
    let open = alerts(app, "state=firing", 2).await;
    receiver.wait_for(2).await;
    assert!(open.iter().all(|alert| alert["evidence"]["last_event_seq"] == 4), "{open:?}");

    let again = watched.start_again().await;
    again.knows(&open, 2).await;
    again.send(json!({"event_type": "custom", "task_id": "t", "task_run_id": "r"})).await;
    again.receiver.wait_for(4).await;
    assert!(again.alerts().await.iter().all(|alert| alert["state"] == "resolved"));
    again.running.stop().await;
}
