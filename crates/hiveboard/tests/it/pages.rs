//! Lists neither skip nor repeat while new things arrive.

use std::collections::HashSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, event};

#[tokio::test]
async fn newest_lists_neither_skip_nor_repeat_while_events_arrive() {
    let app = TestApp::start().await;
    let some = |from: usize| -> Vec<Value> {
        (from..from + 30)
            .flat_map(|number| {
                let task = format!("task-{number}");
                [
                    event(json!({"event_type": "task_started", "task_id": task})),
                    event(json!({"event_type": "custom", "task_id": task, "payload": {"kind": "llm_call", "data": {"name": "n", "model": "m", "cost": 0.5}}})),
                ]
            })
            .collect()
    };
    for (path, id) in [("/v1/events", "event_id"), ("/v1/tasks", "task_id"), ("/v1/cost/calls", "event_id")] {
        let before = app.get(&format!("{path}?limit=200")).await["data"].as_array().expect("data").len();
        app.send(&app.live, "worker", &some(before * 100)).await;
        let first: Vec<String> = ids(&app.get(&format!("{path}?limit=200")).await, id);
        let mut seen = Vec::new();
        let mut cursor = None::<String>;
        loop {
            let query = cursor
                .as_ref()
                .map_or_else(|| format!("{path}?limit=7"), |cursor| format!("{path}?limit=7&cursor={cursor}"));
            let page = app.get(&query).await;
            seen.extend(ids(&page, id));
            // Newer ones arrive between the pages.
            app.send(
                &app.live,
                "worker",
                &[event(json!({"event_type": "task_started", "task_id": format!("late-{}", seen.len())}))],
            )
            .await;
            match page["pagination"]["cursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => break,
            }
        }
        let distinct: HashSet<&String> = seen.iter().collect();
        assert_eq!(distinct.len(), seen.len(), "{path} repeated an item");
        assert_eq!(seen, first, "{path} skipped or reordered items");
    }
    app.stop().await;
}

fn ids(page: &Value, id: &str) -> Vec<String> {
    page["data"].as_array().expect("data").iter().map(|item| item[id].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn the_board_is_served_with_a_strict_policy() {
    let app = TestApp::start().await;
    let page = app.request(Method::GET, "/health").send().await.expect("an answer");
    let policy = page.headers()["content-security-policy"].to_str().expect("text");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(page.headers()["x-content-type-options"], "nosniff");
    app.stop().await;
}
