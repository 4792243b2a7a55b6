//! Errors as things, and the states of agents, by way of the API.

use hiveboard::server::Running;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, event};

fn failed(task: &str, kind: &str, message: &str) -> Value {
    event(json!({"event_type": "task_failed", "task_id": task, "task_type": "order",
        "payload": {"exception_type": kind, "exception_message": message}}))
}

#[tokio::test]
async fn errors_are_listed_told_one_by_one_and_named_by_the_timeline() {
    let app = TestApp::start().await;
    app.send(
        &app.live,
        "payer",
        &[failed("t1", "CardError", "declined 4711"), failed("t2", "CardError", "declined 12")],
    )
    .await;
    app.send(&app.live, "crawler", &[failed("t3", "TimeoutError", "after 30 s")]).await;
    let all = app.get("/v1/errors").await;
    let seen: Vec<_> =
        all["data"].as_array().unwrap().iter().map(|one| (&one["exception_type"], &one["occurrences"])).collect();
    assert_eq!(seen, [(&json!("CardError"), &json!(2)), (&json!("TimeoutError"), &json!(1))]);
    let id = all["data"][0]["error_id"].as_str().unwrap();
    let timeline = app.get("/v1/tasks/t1/timeline").await;
    assert_eq!(timeline["spans"][0]["exception"]["error_id"], json!(id));

    let first = app.get("/v1/errors?limit=1").await;
    assert_eq!(first["pagination"]["has_more"], true);
    let cursor = first["pagination"]["cursor"].as_str().unwrap();
    let second = app.get(&format!("/v1/errors?limit=1&cursor={cursor}")).await;
    assert_eq!(second["data"][0]["exception_type"], "TimeoutError");

    let one = app.get(&format!("/v1/errors/{id}?range=7d")).await;
    assert_eq!((&one["occurrences"], &one["examples"][0]["task_id"]), (&json!(2), &json!("t2")));
    assert_eq!(app.get("/v1/errors?q=carderr").await["data"].as_array().unwrap().len(), 1);
    assert_eq!(app.get("/v1/errors?agent_id=crawler").await["data"][0]["exception_type"], "TimeoutError");
    assert_eq!(app.get("/v1/errors?environment=none").await["data"], json!([]));
    let found = app.get("/v1/tasks?q=declined").await;
    assert_eq!(found["data"].as_array().unwrap().len(), 2);
    assert_eq!(found["data"][0]["exception_type"], "CardError");

    for (path, code) in [("/v1/errors/0000000000000000", 404), ("/v1/errors/nonsense", 404), ("/v1/errors?sort=x", 400)]
    {
        let answer = app.request(Method::GET, path).bearer_auth(&app.live).send().await.unwrap();
        assert_eq!(answer.status(), code, "{path}");
    }
}

#[tokio::test]
async fn states_outlive_a_restart_and_a_rebuild() {
    let app = TestApp::start().await;
    app.send(&app.live, "worker", &[failed("t1", "KeyError", "x")]).await;
    let ask =
        event(json!({"event_type": "approval_requested", "task_id": "t2", "payload": {"summary": "Refund $500"}}));
    app.send(&app.live, "asker", &[event(json!({"event_type": "task_started", "task_id": "t2"})), ask]).await;
    let kinds = |states: &Value| -> Vec<String> {
        states["states"].as_array().unwrap().iter().map(|span| span["state"].as_str().unwrap().to_owned()).collect()
    };
    let before = app.get("/v1/agents/worker/states").await;
    assert_eq!(kinds(&before), ["error"]);
    assert_eq!(before["uptime"], 1.0);
    let waits = app.get("/v1/states").await;
    assert_eq!((&waits["data"][0]["agent_id"], &waits["data"][0]["state"]), (&json!("asker"), &json!("waiting")));
    assert_eq!(app.get("/v1/states?state=error").await["data"][0]["agent_id"], "worker");
    assert_eq!(app.get("/v1/states?state=waiting&project_id=none").await["data"], json!([]));
    let answer = app.request(Method::GET, "/v1/agents/nobody/states").bearer_auth(&app.live).send().await.unwrap();
    assert_eq!(answer.status(), 404);

    let key = app.live.clone();
    let data = app.stop_and_keep().await;
    for forget in [false, true] {
        if forget {
            // What was derived can be dropped, and comes out of the events again.
            for file in std::fs::read_dir(data.path()).unwrap().map(|entry| entry.unwrap()) {
                if file.file_name().to_string_lossy().starts_with("meta.db") {
                    std::fs::remove_file(file.path()).unwrap();
                }
            }
        }
        let config = TestApp::config(data.path(), |_| {});
        let running = Running::start(config, hiveboard::telemetry::isolated_metrics()).await.unwrap();
        let url = format!("http://{}/v1/agents/worker/states", running.addr);
        let again: Value =
            reqwest::Client::new().get(url).bearer_auth(&key).send().await.unwrap().json().await.unwrap();
        assert_eq!(kinds(&again), ["error"], "forget: {forget}");
        running.stop().await;
    }
}
