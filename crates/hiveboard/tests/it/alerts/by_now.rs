//! How lists find and count alerts, what they say by now, and why they end.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Receiver, alerts, allow_private, ask, make_channel, make_rule};
use crate::app::{TestApp, event};

/// Sends events under other labels than a batch has by itself.
async fn send_as(app: &TestApp, envelope: Value, events: &[Value]) {
    let body = json!({"envelope": envelope, "events": events});
    let sent = app.request(Method::POST, "/v1/ingest").bearer_auth(&app.live).json(&body).send().await;
    assert_eq!(sent.expect("an answer").status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_are_found_by_environment_and_group_and_counted_on_all_pages() {
    let app = TestApp::start().await;
    let cookie = app.session().await;
    let rule = |name: &str, condition: Value, scope: Value| json!({"name": name, "severity": "warning", "condition": condition, "scope": scope});
    let issue = json!({"type": "issue_reported", "min_severity": "low"});
    make_rule(&app, &cookie, rule("issues", issue, json!({}))).await;
    let asked = json!({"type": "approval_waiting", "seconds": 1});
    make_rule(&app, &cookie, rule("asked", asked, json!({}))).await;
    let spent = json!({"type": "cost_threshold", "usd": 0.1, "window_seconds": 3_600});
    make_rule(&app, &cookie, rule("spent in one group", spent.clone(), json!({"group": "night"}))).await;
    make_rule(&app, &cookie, rule("spent", spent, json!({}))).await;
    for (agent, environment, group) in
        [("a", "production", "night"), ("b", "staging", "night"), ("c", "staging", "day")]
    {
        let envelope = json!({"agent_id": agent, "environment": environment, "group": group});
        let issue = json!({"kind": "issue", "summary": "full", "data": {"severity": "high"}});
        let call = json!({"kind": "llm_call", "summary": "s", "data": {"model": "m", "cost": 1.0}});
        send_as(
            &app,
            envelope,
            &[
                event(json!({"event_type": "custom", "payload": issue})),
                event(json!({"event_type": "custom", "payload": call})),
                event(json!({"event_type": "task_started", "task_id": "t", "project_id": agent})),
                event(json!({"event_type": "approval_requested", "task_id": "t", "project_id": agent})),
            ],
        )
        .await;
    }
    alerts(&app, "", 8).await;
    for (query, count) in [
        ("environment=staging", 4),
        ("environment=production", 2),
        ("group=night", 5),
        ("group=night&environment=staging", 2),
        ("environment=nowhere", 0),
        ("project_id=b", 2),
        ("group=day&state=firing&agent_id=c", 2),
        ("state=resolved", 0),
    ] {
        let path = format!("/v1/alerts?{query}");
        let answer = app.get(&path).await;
        let listed = answer["data"].as_array().expect("a list").len();
        assert_eq!((answer["total"].as_u64(), listed), (Some(count), count as usize), "{query}: {answer}");
    }
    let (mut read, mut cursor) = (0, String::new());
    loop {
        let page = app.get(&format!("/v1/alerts/history?limit=3{cursor}")).await;
        assert_eq!(page["total"], 8);
        read += page["data"].as_array().expect("a list").len();
        let Some(next) = page["pagination"]["cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(read, 8);
    let (status, _) = ask(&app, &cookie, Method::POST, "/v1/projects/b/merge", Some(json!({"into": "c"}))).await;
    assert_eq!(status, 200);
    assert_eq!(app.get("/v1/alerts?project_id=c").await["total"], 4, "what was merged into it counts for it");
    assert_eq!(app.get("/v1/alerts?project_id=b").await["total"], 4);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_of_failed_tasks_says_what_became_of_them_and_keeps_what_was_told() {
    let app = TestApp::start_with(allow_private).await;
    let cookie = app.session().await;
    let (receiver, addr) = Receiver::start().await;
    let channel = make_channel(&app, &cookie, addr).await;
    let rule = json!({"name": "broken", "severity": "critical", "channels": [channel["channel_id"]],
        "condition": {"type": "task_failed", "window_seconds": 600}, "scope": {"task_type": "report"}});
    let rule = make_rule(&app, &cookie, rule).await;
    let query = format!("rule_id={}", rule["rule_id"].as_str().expect("an id"));
    let step = |what: &str, task: &str, run: &str| {
        event(json!({"event_type": what, "task_id": task, "task_run_id": run, "task_type": "report"}))
    };
    let said = async |summary: &str| -> Value {
        for _ in 0..200 {
            let found = alerts(&app, &query, 1).await.remove(0);
            if found["summary"] == summary {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{summary}: {}", alerts(&app, &query, 1).await[0]);
    };
    app.send(&app.live, "a", &[step("task_started", "t", "1"), step("task_failed", "t", "1")]).await;
    let told = "1 run of task type report failed in the last 10 min; the last one was task \"t\" of agent \"a\".";
    let fired = said(told).await;
    assert_eq!(fired["told"], Value::Null, "it still says what was told");
    let tried = told.replace("\"a\".", "\"a\"; ");
    app.send(&app.live, "a", &[step("task_started", "t", "1")]).await;
    let again = said(&format!("{tried}it goes on since.")).await;
    assert_eq!((&again["told"]["summary"], &again["told"]["value"]), (&json!(told), &json!(1.0)));
    app.send(&app.live, "a", &[step("task_started", "u", "1"), step("task_failed", "u", "1")]).await;
    let two =
        said("2 runs of task type report failed in the last 10 min; the last one was task \"u\" of agent \"a\".").await;
    assert_eq!(
        (&two["value"], &two["evidence"]["failed"], &two["told"]["value"]),
        (&json!(2.0), &json!(2), &json!(1.0))
    );
    app.send(&app.live, "a", &[step("task_started", "u", "2"), step("task_completed", "u", "2")]).await;
    said("2 runs of task type report failed in the last 10 min; the last one was task \"u\" of agent \"a\"; a later run of it has completed.").await;
    // A run counts once, for what it came to; another run of the task changes nothing about the one that failed.
    app.send(&app.live, "a", &[step("task_completed", "t", "1")]).await;
    said("1 run of task type report failed in the last 10 min; the last one was task \"u\" of agent \"a\"; a later run of it has completed.").await;
    receiver.wait_for(1).await;
    assert_eq!((receiver.bodies().len(), &receiver.bodies()[0]["alert"]["summary"]), (1, &json!(told)), "told once");
    let path = format!("/v1/alerts/{}", fired["alert_id"].as_str().expect("an id"));
    assert_eq!(app.get(&path).await["value"], 1.0, "alone as in the list");
    app.send(&app.live, "a", &[step("task_started", "u", "1"), step("task_completed", "u", "1")]).await;
    let over = alerts(&app, &format!("{query}&state=resolved"), 1).await.remove(0);
    assert_eq!(over["told"]["summary"], told);
    assert_eq!(over["evidence"]["last_failed"]["status_now"], "completed", "{over}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_is_changed_says_that_it_ends_the_alert_and_one_without_its_channel_can_be_saved_again() {
    let app = TestApp::start_with(allow_private).await;
    let cookie = app.session().await;
    let (_receiver, addr) = Receiver::start().await;
    let channel = make_channel(&app, &cookie, addr).await;
    let mut draft = json!({"name": "issues", "severity": "warning", "channels": [channel["channel_id"]],
        "condition": {"type": "issue_reported", "min_severity": "low"}});
    let rule = make_rule(&app, &cookie, draft.clone()).await;
    let id = rule["rule_id"].as_str().expect("an id");
    let issue = json!({"kind": "issue", "summary": "full", "data": {"severity": "high"}});
    app.send(&app.live, "a", &[event(json!({"event_type": "custom", "payload": issue}))]).await;
    alerts(&app, &format!("rule_id={id}&state=firing"), 1).await;
    draft["name"] = json!("issues that matter");
    let path = format!("/v1/alerts/rules/{id}");
    assert_eq!(ask(&app, &cookie, Method::PUT, &path, Some(draft.clone())).await.0, 200);
    tokio::time::sleep(Duration::from_millis(600)).await;
    alerts(&app, &format!("rule_id={id}&state=firing"), 1).await;
    draft["condition"]["min_severity"] = json!("critical");
    assert_eq!(ask(&app, &cookie, Method::PUT, &path, Some(draft)).await.0, 200);
    let over = alerts(&app, &format!("rule_id={id}&state=resolved"), 1).await.remove(0);
    let said = over["resolution"].as_str().expect("why");
    assert!(said.contains("because its rule was changed"), "{said}");

    let gone = format!("/v1/alerts/channels/{}", channel["channel_id"].as_str().expect("an id"));
    assert_eq!(ask(&app, &cookie, Method::DELETE, &gone, None).await.0, 200);
    let (_, left) = ask(&app, &cookie, Method::GET, &path, None).await;
    assert_eq!((&left["channels"], &left["channel_names"]), (&json!([]), &json!([])));
    let again: serde_json::Map<_, _> = ["name", "severity", "condition", "scope", "channels", "cooldown_seconds"]
        .into_iter()
        .map(|field| (field.to_owned(), left[field].clone()))
        .collect();
    let (status, said) = ask(&app, &cookie, Method::PUT, &path, Some(Value::Object(again))).await;
    assert_eq!(status, 200, "{said}");
    app.stop().await;
}
