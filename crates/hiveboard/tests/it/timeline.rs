//! The timeline of one run: its pages, its many runs, and how a reader follows it.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use serde_json::{Value, json};

use crate::app::{TestApp, event};

fn at(seconds: i64) -> String {
    hiveboard_wire::Timestamp::now().plus_seconds(seconds - 3_600).to_string()
}

fn of_run(seconds: i64, event_type: &str, more: Value) -> Value {
    let mut whole = json!({"event_type": event_type, "timestamp": at(seconds), "task_id": "t", "task_run_id": "r"});
    whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event(whole)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_run_is_paged_and_its_story_is_on_the_first_page() {
    let app = TestApp::start().await;
    app.send(&app.live, "a", &[of_run(0, "task_started", json!({}))]).await;
    for batch in 0..10 {
        let events: Vec<Value> = (0..450)
            .map(|number| of_run(1 + batch * 450 + number, "custom", json!({"payload": {"kind": "k", "summary": "s"}})))
            .collect();
        app.send(&app.live, "a", &events).await;
    }
    let first = app.get("/v1/tasks/t/timeline").await;
    assert_eq!(first["spans"].as_array().unwrap().len(), 4_501, "a note each and the run");
    assert_eq!((&first["spans_complete"], &first["seq"]), (&json!(true), &json!(4_501)));
    let (mut seen, mut page, mut pages) = (Vec::new(), first, 1);
    loop {
        seen.extend(page["events"].as_array().unwrap().iter().map(|event| event["event_id"].clone()));
        let Some(cursor) = page["pagination"]["cursor"].as_str() else { break };
        page = app.get(&format!("/v1/tasks/t/timeline?agent_id=a&task_run_id=r&cursor={cursor}")).await;
        assert_eq!(page["spans"], json!([]));
        pages += 1;
    }
    assert_eq!((seen.len(), pages), (4_501, 3));
    let once: std::collections::HashSet<String> = seen.iter().map(Value::to_string).collect();
    assert_eq!(once.len(), 4_501);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_follows_a_run_by_what_changed() {
    let app = TestApp::start().await;
    let begun = [
        of_run(0, "task_started", json!({})),
        of_run(1, "action_started", json!({"action_id": "x", "payload": {"action_name": "load"}})),
        of_run(2, "custom", json!({"payload": {"kind": "k", "summary": "s"}})),
    ];
    app.send(&app.live, "a", &begun).await;
    let first = app.get("/v1/tasks/t/timeline").await;
    let path = |seq: &Value| format!("/v1/tasks/t/timeline?agent_id=a&task_run_id=r&after_seq={seq}");
    let nothing = app.get(&path(&first["seq"])).await;
    assert_eq!((&nothing["events"], &nothing["spans"], &nothing["seq"]), (&json!([]), &json!([]), &first["seq"]));
    let call = json!({"action_id": "x", "payload": {"kind": "llm_call", "summary": "s", "data": {"name": "n", "model": "gpt-4o", "tokens_in": 1000, "tokens_out": 10}}});
    app.send(
        &app.live,
        "a",
        &[
            of_run(3, "custom", call),
            of_run(4, "action_completed", json!({"action_id": "x", "payload": {"action_name": "load"}})),
        ],
    )
    .await;
    let change = app.get(&path(&first["seq"])).await;
    assert_eq!(change["events"].as_array().unwrap().len(), 2);
    assert_eq!(change["spans_complete"], false);
    let changed: Vec<&Value> = change["spans"].as_array().unwrap().iter().map(|span| &span["kind"]).collect();
    assert_eq!(changed, ["action", "llm_call"]);
    let llm = &change["spans"][1]["llm"];
    assert_eq!(llm["cost_source"], "estimated");
    let calls = app.get("/v1/cost/calls").await;
    assert_eq!(llm["cost"], calls["data"][0]["cost"], "the story and the list of calls say the same");
    assert_eq!(change["spans"][1]["parent_id"], "x");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_of_many_runs_answers_the_newest_and_how_many_there_are() {
    let app = TestApp::start().await;
    for batch in 0..5 {
        let events: Vec<Value> = (0..500)
            .map(|number| {
                let run = batch * 500 + number;
                event(json!({"event_type": "task_started", "timestamp": at(run), "task_id": "t", "task_run_id": format!("r{run}")}))
            })
            .collect();
        app.send(&app.live, "a", &events).await;
    }
    let timeline = app.get("/v1/tasks/t/timeline").await;
    assert_eq!((&timeline["runs_total"], &timeline["task_run_id"]), (&json!(2_500), &json!("r2499")));
    assert_eq!(timeline["runs"].as_array().unwrap().len(), 50);
    let bytes = timeline.to_string().len();
    assert!(bytes < 100_000, "{bytes} bytes");
    let old = app.get("/v1/tasks/t/timeline?task_run_id=r3").await;
    assert_eq!(old["task_run_id"], "r3");
    let page = app.get("/v1/tasks?task_id=t&limit=200").await;
    assert_eq!((page["data"].as_array().unwrap().len(), &page["pagination"]["has_more"]), (200, &json!(true)));
    app.stop().await;
}
