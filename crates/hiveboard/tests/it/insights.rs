//! Insights over data of which it is known what is wrong with it.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use hiveboard_wire::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, event};

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;

/// Events of one version of one agent, sent in batches.
struct Sender<'a> {
    app: &'a TestApp,
    envelope: Value,
    events: Vec<Value>,
    now: Timestamp,
    runs: u32,
}

impl<'a> Sender<'a> {
    fn new(app: &'a TestApp, agent_id: &str, version: &str) -> Self {
        let envelope = json!({ "agent_id": agent_id, "agent_type": agent_id, "agent_version": version });
        Self { app, envelope, events: Vec::new(), now: Timestamp::now(), runs: 0 }
    }

    async fn send(self) {
        for events in self.events.chunks(400) {
            let body = json!({ "envelope": self.envelope, "events": events });
            let sent = self.app.request(Method::POST, "/v1/ingest").bearer_auth(&self.app.live).json(&body);
            assert_eq!(sent.send().await.unwrap().status(), 200);
        }
    }

    fn push(&mut self, seconds_ago: i64, fields: Value) {
        let mut fields = event(fields);
        fields["timestamp"] = json!(self.now.plus_seconds(-seconds_ago).to_string());
        self.events.push(fields);
    }

    /// A run that began so long ago and took ten seconds; `inside` are its events.
    fn run(&mut self, seconds_ago: i64, task_type: &str, ends: &str, inside: &[Value]) -> String {
        self.runs += 1;
        let task = format!(
            "{}-{}-{}",
            self.envelope["agent_id"].as_str().unwrap(),
            self.envelope["agent_version"].as_str().unwrap(),
            self.runs
        );
        let with = |more: &Value| {
            let mut whole = json!({ "task_id": task, "task_run_id": task, "task_type": task_type, "project_id": "p" });
            whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            whole
        };
        self.push(seconds_ago, with(&json!({ "event_type": "task_started" })));
        for (place, one) in inside.iter().enumerate() {
            let at = seconds_ago - place as i64 / 2;
            self.push(at, with(one));
        }
        if ends != "never" {
            self.push(seconds_ago - 10, with(&json!({ "event_type": ends, "duration_ms": 10_000 })));
        }
        task
    }
}

fn call(model: &str, cost: f64) -> Value {
    let data = json!({ "name": "answer", "model": model, "tokens_in": 900, "tokens_out": 100, "cost": cost });
    json!({ "event_type": "custom", "payload": { "kind": "llm_call", "summary": "s", "data": data } })
}

fn failed(action: &str, id: &str, kind: &str, message: &str) -> Value {
    let payload = json!({ "action_name": action, "exception_type": kind, "exception_message": message });
    json!({ "event_type": "action_failed", "action_id": id, "payload": payload })
}

fn worked(action: &str, id: &str) -> Value {
    json!({ "event_type": "action_completed", "action_id": id, "payload": { "action_name": action } })
}

/// What was found of a kind, and what was said of it as checked.
async fn found(app: &TestApp, kind: &str, query: &str) -> (Vec<Value>, String) {
    let answer = app.get(&format!("/v1/insights?kinds={kind}{query}")).await;
    let checked = answer["checked"].as_array().unwrap();
    assert_eq!(checked.len(), 1);
    assert_eq!(checked[0]["kind"], kind);
    let insights = answer["data"].as_array().unwrap().clone();
    assert!(insights.iter().all(|insight| insight["kind"] == kind));
    (insights, checked[0]["result"].as_str().unwrap().to_owned())
}

/// The only one that was found.
async fn only(app: &TestApp, kind: &str, query: &str) -> Value {
    let (mut insights, result) = found(app, kind, query).await;
    assert_eq!((insights.len(), &*result), (1, "found"), "{insights:#?}");
    let insight = insights.remove(0);
    for evidence in insight["evidence"].as_array().unwrap() {
        assert!(evidence["link"].as_str().unwrap().starts_with('/'), "{evidence}");
    }
    insight
}

fn value_of<'a>(insight: &'a Value, label: &str) -> &'a Value {
    let evidence = insight["evidence"].as_array().unwrap().iter();
    let shown = evidence.clone().find(|evidence| evidence["label"] == label);
    &shown.unwrap_or_else(|| panic!("{label} is shown: {insight:#}"))["value"]
}

#[tokio::test]
async fn a_dear_model_on_a_cheap_task_is_found() {
    let app = TestApp::start().await;
    let mut sender = Sender::new(&app, "router", "v1");
    for number in 0..120 {
        let (model, cost) = if number % 2 == 0 { ("large", 0.5) } else { ("small", 0.05) };
        let ends = if number < 4 { "task_failed" } else { "task_completed" };
        sender.run(2 * HOUR + number * MINUTE, "triage", ends, &[call(model, cost)]);
    }
    sender.send().await;
    let insight = only(&app, "dear_model_cheap_task", "").await;
    assert_eq!((&insight["model"], &insight["task_type"]), (&json!("large"), &json!("triage")));
    assert_eq!(value_of(&insight, "what the cheaper one would have saved"), 27.0, "60 runs at 0.45");
    assert!(!insight["task_ids"].as_array().unwrap().is_empty());
    // The same for whoever looks at another project.
    assert_eq!(found(&app, "dear_model_cheap_task", "&project_id=other").await.1, "not_enough_data");
    app.stop().await;
}

#[tokio::test]
async fn a_cost_spike_is_found_with_its_driver() {
    let app = TestApp::start().await;
    for agent in ["writer", "reader"] {
        let mut sender = Sender::new(&app, agent, "v1");
        for day in 1..=10 {
            for number in 0..10 {
                sender.run(day * 24 * HOUR + 3 * HOUR + number * MINUTE, "text", "task_completed", &[call("m", 0.1)]);
            }
        }
        let times = if agent == "writer" { 120 } else { 10 };
        for number in 0..times {
            sender.run(3 * HOUR + number * MINUTE, "text", "task_completed", &[call("m", 0.1)]);
        }
        sender.send().await;
    }
    let insight = only(&app, "cost_spike", "").await;
    assert_eq!(
        (&insight["agent_id"], &insight["value"], &insight["baseline"]),
        (&json!("writer"), &json!(13.0), &json!(2.0))
    );
    assert_eq!(
        insight["title"],
        "One day cost $13.00, 6.5× the usual $2.00; the suspect is more calls of agent “writer” (100 % of the rise)"
    );
    assert_eq!(found(&app, "cost_spike", "&agent_id=reader").await.1, "nothing");
    app.stop().await;
}

#[tokio::test]
async fn failing_actions_and_refused_credentials_are_found() {
    let app = TestApp::start().await;
    let mut sender = Sender::new(&app, "fetcher", "v1");
    for number in 0..40 {
        let fetched =
            if number % 2 == 0 { failed("fetch", "a", "TimeoutError", "after 31 s") } else { worked("fetch", "a") };
        sender.run(
            2 * HOUR + number * MINUTE,
            "sync",
            "task_completed",
            &[fetched, worked("parse", "b"), worked("store", "c")],
        );
    }
    sender.send().await;
    let mut sender = Sender::new(&app, "crm", "v1");
    let mut tasks = Vec::new();
    for number in 0..8 {
        let refused = failed("push_lead", "a", "HTTPError", "401 Client Error: Unauthorized for lead 7781");
        tasks.push(sender.run(2 * HOUR + number * MINUTE, "lead", "task_completed", &[refused]));
    }
    sender.send().await;
    let insight = only(&app, "failing_action", "&agent_id=fetcher").await;
    assert_eq!(insight["action_name"], "fetch");
    assert_eq!(insight["title"], "“fetch” of “fetcher” failed 20 of 40 times, 50 %; 20 with “TimeoutError: after # s”");
    let insight = only(&app, "silent_auth_failures", "").await;
    assert_eq!(
        insight["title"],
        "“push_lead” of “crm” was refused 8 times in 8 tries: “HTTPError: 401 Client Error: Unauthorized for lead #”"
    );
    let shown: Vec<&str> = insight["task_ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    assert!(shown.len() == 8 && tasks.iter().all(|task| shown.contains(&&**task)), "{shown:?}");
    app.stop().await;
}

#[tokio::test]
async fn a_version_that_fails_more_is_found() {
    let app = TestApp::start().await;
    for (version, hours_ago, failures) in [("v1", 20, 2), ("v2", 5, 20)] {
        let mut sender = Sender::new(&app, "coder", version);
        for number in 0..40 {
            let ends = if number < failures { "task_failed" } else { "task_completed" };
            sender.run(hours_ago * HOUR + number * MINUTE, "patch", ends, &[]);
        }
        sender.send().await;
    }
    let insight = only(&app, "deploy_regression", "").await;
    assert_eq!(
        insight["title"],
        "Version “v2” of “coder” fails in 50 % of its runs; “v1” failed in 5.0 % of the same work"
    );
    assert_eq!(insight["severity"], "critical");
    let tasks = insight["task_ids"].as_array().unwrap();
    assert!(tasks.len() == 10 && tasks.iter().all(|task| task.as_str().unwrap().starts_with("coder-v2-")), "{tasks:?}");
    app.stop().await;
}

#[tokio::test]
async fn a_queue_that_grows_while_its_agent_idles_is_found() {
    let app = TestApp::start().await;
    let mut sender = Sender::new(&app, "sorter", "v1");
    sender.run(HOUR, "sort", "task_completed", &[]);
    for (place, depth) in [3, 5, 8, 9, 12, 15].into_iter().enumerate() {
        let data = json!({ "depth": depth });
        sender.push(
            40 * MINUTE - place as i64 * 5 * MINUTE,
            json!({ "event_type": "custom", "payload": { "kind": "queue_snapshot", "summary": "s", "data": data } }),
        );
    }
    sender.send().await;
    let insight = only(&app, "queue_growing_idle", "").await;
    assert_eq!(insight["title"], "The queue of “sorter” grew from 3 to 15 in 25 min while it did nothing");
    app.stop().await;
}

#[tokio::test]
async fn dropped_tasks_and_loops_are_found_and_kept_over_a_restart() {
    let app = TestApp::start().await;
    let mut sender = Sender::new(&app, "dropper", "v1");
    for number in 0..20 {
        let ends = if number < 5 { "never" } else { "task_completed" };
        sender.run(6 * HOUR + number * MINUTE, "import", ends, &[]);
    }
    // It lives on.
    sender.run(MINUTE, "import", "task_completed", &[]);
    sender.send().await;
    let mut sender = Sender::new(&app, "looper", "v1");
    let search = |id: &str, query: &str| json!({ "event_type": "action_started", "action_id": id, "payload": { "action_name": "search", "args": { "q": query } } });
    for number in 0..10 {
        let queries = if number == 0 { ["x"; 5] } else { ["x", "y", "x", "y", "x"] };
        let actions: Vec<Value> = ["a", "b", "c", "d", "e"]
            .into_iter()
            .zip(queries)
            .flat_map(|(id, query)| [search(id, query), worked("search", id)])
            .collect();
        sender.run(3 * HOUR + number * MINUTE, "question", "task_completed", &actions);
    }
    sender.send().await;
    let dropped = only(&app, "dropped_tasks", "").await;
    assert_eq!(dropped["title"], "5 of 21 runs of “dropper” (version “v1”) started and never ended: 24 %");
    let looped = only(&app, "loop", "").await;
    assert_eq!(
        looped["title"],
        "“looper” called “search” up to 5 times in a row with the same input, in 1 run of “question”"
    );
    assert_eq!(looped["task_ids"], json!(["looper-v1-1"]));
    let key = app.live.clone();
    let data = app.stop_and_keep().await;
    assert!(data.path().join("insights.sums").exists(), "what is known is written down");
    let running = hiveboard::server::Running::start(
        TestApp::config(data.path(), |_| {}),
        hiveboard::telemetry::isolated_metrics(),
    )
    .await
    .unwrap();
    let again: Value = reqwest::Client::new()
        .get(format!("http://{}/v1/insights?kinds=dropped_tasks,loop", running.addr))
        .bearer_auth(key)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let mut titles: Vec<&str> =
        again["data"].as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap()).collect();
    titles.sort_unstable();
    assert_eq!(titles, [dropped["title"].as_str().unwrap(), looped["title"].as_str().unwrap()]);
    running.stop().await;
}

#[tokio::test]
async fn an_empty_workspace_says_so_and_bad_parameters_are_named() {
    let app = TestApp::start().await;
    let answer = app.get("/v1/insights").await;
    assert_eq!(answer["data"], json!([]));
    let checked = answer["checked"].as_array().unwrap();
    assert_eq!(checked.len(), 21);
    assert!(checked.iter().all(|one| one["result"] == "not_enough_data" && one["looked_at"] == 0), "{checked:?}");
    for (query, parameter) in [("kinds=loop,nope", "kinds"), ("kind=loop", "kind"), ("range=2h", "range")] {
        let path = format!("/v1/insights?{query}");
        let response = app.request(Method::GET, &path).bearer_auth(&app.live).send().await.unwrap();
        assert_eq!(response.status(), 400);
        assert_eq!(response.json::<Value>().await.unwrap()["details"]["parameter"], parameter);
    }
    app.stop().await;
}

#[tokio::test]
async fn a_merged_project_counts_for_the_other_here_too() {
    let app = TestApp::start().await;
    let of = |project: &str, agent: &str| {
        let mut sender = Sender::new(&app, agent, "v1");
        for number in 0..30 {
            let action =
                if number % 2 == 0 { failed("save", "s", "DiskError", "disk is full") } else { worked("save", "s") };
            sender.run(2 * HOUR + number * MINUTE, "store", "task_completed", &[action]);
        }
        for event in &mut sender.events {
            event["project_id"] = json!(project);
        }
        sender
    };
    of("old", "keeper").send().await;
    let mut good = Sender::new(&app, "other", "v1");
    for number in 0..40 {
        good.run(2 * HOUR + number * MINUTE, "store", "task_completed", &[worked("load", "l")]);
    }
    good.send().await;
    let before = only(&app, "failing_action", "&project_id=old").await;
    assert!(before["title"].as_str().unwrap().contains("15 of 30"), "{before:#}");
    for (method, path, body) in [
        (Method::POST, "/v1/projects", json!({"project_id": "new"})),
        (Method::POST, "/v1/projects/old/merge", json!({"into": "new"})),
    ] {
        let made = app.request(method, path).bearer_auth(&app.live).json(&body).send().await.unwrap();
        assert!(made.status().is_success(), "{path}");
    }
    of("new", "keeper").send().await;
    for asked in ["new", "old"] {
        let insight = only(&app, "failing_action", &format!("&project_id={asked}")).await;
        assert_eq!(insight["project_id"], "new");
        assert_eq!(insight["agent_id"], "keeper");
        assert!(insight["title"].as_str().unwrap().contains("30 of 60"), "{insight:#}");
        let tasks = insight["task_ids"].as_array().unwrap();
        assert_eq!(tasks.len(), 10, "examples of both names: {tasks:?}");
    }
    app.stop().await;
}
