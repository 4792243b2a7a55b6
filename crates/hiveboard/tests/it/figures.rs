//! Every figure equals the sum over the rows that the lists show under the same filter.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::app::{TestApp, event};

/// A small generator of its own: the same events each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.roll(words.len() as u64) as usize]
    }
}

/// Microseconds from now: mostly within the day, some days old, some of a clock ten minutes ahead.
fn when(dice: &mut Dice) -> String {
    let minutes = match dice.roll(10) {
        0 => 10,
        1 => -3 * 24 * 60,
        2 => -50,
        _ => -(dice.roll(23 * 60) as i64),
    };
    hiveboard_wire::Timestamp::now().plus_seconds(minutes * 60).to_string()
}

async fn fill(app: &TestApp, seed: u64) {
    let mut dice = Dice(seed);
    for number in 0..60 {
        let agent = dice.pick(&["a", "b"]);
        let envelope = json!({
            "agent_id": agent, "environment": dice.pick(&["production", "staging"]), "group": dice.pick(&["g1", "g2"]),
        });
        let labels = json!({
            "task_id": format!("t{number}"), "task_run_id": format!("r{number}"),
            "task_type": dice.pick(&["triage", "billing"]), "project_id": dice.pick(&["p1", "p2"]),
            "timestamp": when(&mut dice),
        });
        let with = |more: Value| {
            let mut whole = labels.clone();
            whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            event(whole)
        };
        let mut events = vec![with(json!({"event_type": "task_started"}))];
        for _ in 0..dice.roll(3) {
            let data = json!({
                "name": "n", "model": dice.pick(&["m1", "m2"]), "tokens_in": dice.roll(100), "tokens_out": dice.roll(10),
                "cost": dice.roll(1000) as f64 / 1000.0,
            });
            events.push(with(
                json!({"event_type": "custom", "payload": {"kind": "llm_call", "summary": "s", "data": data}}),
            ));
        }
        if dice.roll(3) == 0 {
            events
                .push(with(json!({"event_type": "action_failed", "action_id": "x", "payload": {"action_name": "n"}})));
        }
        match dice.roll(4) {
            0 => {}
            1 => events.push(with(json!({"event_type": "task_failed", "duration_ms": dice.roll(5_000)}))),
            _ => events.push(with(json!({"event_type": "task_completed", "duration_ms": dice.roll(5_000)}))),
        }
        let body = json!({"envelope": envelope, "events": events});
        let request = app.request(reqwest::Method::POST, "/v1/ingest").bearer_auth(&app.live).json(&body);
        assert_eq!(request.send().await.expect("an answer").status(), 200);
    }
}

/// All rows of a list, page by page.
async fn rows(app: &TestApp, path: &str, query: &str) -> Vec<Value> {
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("{path}?limit=50&{query}{cursor}")).await;
        rows.extend(page["data"].as_array().unwrap().clone());
        match page["pagination"]["cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return rows,
        }
    }
}

fn sum(rows: &[Value], field: &str) -> f64 {
    rows.iter().map(|row| row[field].as_f64().unwrap_or(0.0)).sum()
}

fn count(rows: &[Value], is: impl Fn(&Value) -> bool) -> f64 {
    rows.iter().filter(|row| is(row)).count() as f64
}

#[track_caller]
fn same(what: &str, figure: &Value, wanted: f64) {
    let figure = figure.as_f64().unwrap_or(0.0);
    assert!((figure - wanted).abs() < 1e-6, "{what}: {figure}, and {wanted} by the rows");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_is_the_sum_of_the_rows_under_the_same_filter() {
    let app = TestApp::start().await;
    for seed in [7, 4711] {
        fill(&app, seed * 1_000_003).await;
    }
    // Ids repeat over seeds: only labels differ, which makes runs of several events.
    let filters = [
        "",
        "agent_id=a",
        "project_id=p1",
        "environment=staging",
        "group=g2",
        "task_type=triage",
        "agent_id=b&task_type=billing&project_id=p2",
    ];
    for window in ["range=1h", "range=6h", "range=24h", "range=7d"] {
        for filter in filters {
            let query = format!("{window}&{filter}");
            check(&app, &query, filter).await;
        }
    }
    app.stop().await;
}

async fn check(app: &TestApp, query: &str, filter: &str) {
    let metrics = app.get(&format!("/v1/metrics?{query}&group_by=model&metric=cost")).await;
    let calls = rows(app, "/v1/cost/calls", query).await;
    let tasks = rows(app, "/v1/tasks", query).await;
    let summary = &metrics["summary"];
    let series = metrics["timeseries"].as_array().unwrap();
    let ended = |status: &'static str| move |row: &Value| row["derived_status"] == status;
    for (field, wanted) in [
        ("total_tasks", tasks.len() as f64),
        ("completed", count(&tasks, ended("completed"))),
        ("failed", count(&tasks, ended("failed"))),
        ("llm_call_count", calls.len() as f64),
        ("total_cost", sum(&calls, "cost")),
        ("total_tokens_in", sum(&calls, "tokens_in")),
        ("total_tokens_out", sum(&calls, "tokens_out")),
    ] {
        same(&format!("{query} summary.{field}"), &summary[field], wanted);
    }
    for (of_series, of_summary) in [
        ("tasks_completed", "completed"),
        ("tasks_failed", "failed"),
        ("cost", "total_cost"),
        ("llm_call_count", "llm_call_count"),
        ("error_count", "error_count"),
    ] {
        same(&format!("{query} series.{of_series}"), &summary[of_summary], sum(series, of_series));
    }
    let groups = metrics["groups"].as_array().unwrap();
    same(&format!("{query} groups"), &summary["total_cost"], sum(groups, "cost"));
    let cost = app.get(&format!("/v1/cost?{query}")).await;
    same(&format!("{query} /v1/cost"), &cost["totals"]["cost"], sum(&calls, "cost"));
    same(&format!("{query} /v1/cost groups"), &cost["totals"]["cost"], sum(cost["groups"].as_array().unwrap(), "cost"));
    for split in ["", "&split_by_model=true"] {
        let series = app.get(&format!("/v1/cost/timeseries?{query}{split}")).await;
        let series = series["timeseries"].as_array().unwrap();
        same(&format!("{query} /v1/cost/timeseries{split}"), &cost["totals"]["cost"], sum(series, "cost"));
        same(&format!("{query} calls{split}"), &cost["totals"]["call_count"], sum(series, "call_count"));
    }
    if !filter.contains("task_type") {
        let failures = rows(app, "/v1/events", &format!("{query}&event_type=task_failed,action_failed")).await;
        same(&format!("{query} failures"), &summary["error_count"], failures.len() as f64);
    }
    if query.starts_with("range=1h") && filter == "agent_id=a" {
        let agent = app.get("/v1/agents/a").await;
        let hour = &agent["stats_1h"];
        for (of_agent, of_metrics) in [
            ("tasks_completed", "completed"),
            ("tasks_failed", "failed"),
            ("total_cost", "total_cost"),
            ("llm_call_count", "llm_call_count"),
            ("error_count", "error_count"),
        ] {
            same(&format!("stats_1h.{of_agent}"), &hour[of_agent], summary[of_metrics].as_f64().unwrap_or(0.0));
        }
        let ids: BTreeSet<&str> = tasks.iter().map(|task| task["agent_id"].as_str().unwrap()).collect();
        assert!(ids.len() <= 1);
    }
    if query.starts_with("range=24h") && filter == "agent_id=a" {
        let agent = app.get("/v1/agents/a").await;
        let series = agent["timeseries"].as_array().unwrap();
        same("stats_24h.total_cost", &agent["stats_24h"]["total_cost"], summary["total_cost"].as_f64().unwrap());
        same("agent series", &agent["stats_24h"]["total_cost"], sum(series, "cost"));
        same("agent series", &agent["stats_24h"]["throughput"], sum(series, "throughput"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_ten_minutes_ahead_is_in_the_lists_in_the_sums_and_told() {
    let app = TestApp::start().await;
    for _ in 0..3 {
        let ahead = hiveboard_wire::Timestamp::now().plus_seconds(600).to_string();
        let call = event(json!({
            "timestamp": ahead, "event_type": "custom", "task_id": "t", "task_run_id": "r",
            "payload": {"kind": "llm_call", "summary": "s", "data": {"name": "n", "model": "m", "cost": 1.0}},
        }));
        app.send(&app.live, "fast", &[call]).await;
    }
    let cost = app.get("/v1/cost?range=1h").await;
    assert_eq!(cost["totals"]["cost"], 3.0);
    let metrics = app.get("/v1/metrics?range=1h").await;
    assert_eq!(metrics["summary"]["total_cost"], 3.0);
    let last = metrics["timeseries"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["cost"], &last["llm_call_count"]), (&json!(3.0), &json!(3)), "it counts as now");
    let agent = app.get("/v1/agents/fast").await;
    assert_eq!(agent["stats_1h"]["total_cost"], 3.0);
    assert_eq!(agent["stats_1h"]["total_tokens_in"], json!(null), "none were reported");
    let skew = agent["clock_skew_ms"].as_i64().unwrap();
    assert!((-600_500..=-595_000).contains(&skew), "{skew}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_series_of_decades_is_answered_in_buckets_that_fit() {
    let app = TestApp::start().await;
    app.send(&app.live, "a", &[event(json!({"event_type": "task_started", "task_id": "t"}))]).await;
    let metrics = app.get("/v1/metrics?since=2000-01-01T00:00:00Z&interval=1d").await;
    assert!(metrics["timeseries"].as_array().unwrap().len() <= 2_001);
    assert!(metrics["interval_seconds"].as_i64().unwrap() % 86_400 == 0);
    app.stop().await;
}
