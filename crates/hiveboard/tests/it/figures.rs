//! Every figure equals the sum over the rows that the lists show under the same filter.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::collections::BTreeSet;

use proptest::{prelude::*, test_runner::TestRunner};
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
            "agent_version": dice.pick(&["1", "2"]),
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
    few_groups(app, query, &cost["totals"], summary).await;
    for split in [
        "",
        "&split_by=model",
        "&split_by=model&limit=1",
        "&split_by=agent",
        "&split_by=task_type",
        "&interval=1d&timezone=Asia/Kolkata",
    ] {
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

/// What is not told apart is told as one sum.
async fn few_groups(app: &TestApp, query: &str, totals: &Value, summary: &Value) {
    let cost = app.get(&format!("/v1/cost?{query}&group_by=agent_model&limit=1")).await;
    let mut told = cost["groups"].as_array().unwrap().clone();
    assert!(told.len() <= 1, "{query}");
    told.extend(cost.get("other").cloned());
    for field in ["cost", "call_count", "tokens_in", "tokens_out"] {
        same(&format!("{query} few {field}"), &totals[field], sum(&told, field));
        same(&format!("{query} total of few {field}"), &totals[field], cost["totals"][field].as_f64().unwrap());
    }
    for metric in ["cost", "tasks"] {
        let metrics = app.get(&format!("/v1/metrics?{query}&group_by=project&metric={metric}&limit=1")).await;
        let mut told = metrics["groups"].as_array().unwrap().clone();
        assert!(told.len() <= 1, "{query}");
        told.extend(metrics.get("other").cloned());
        for (of_groups, of_summary) in
            [("cost", "total_cost"), ("total_tasks", "total_tasks"), ("tasks_failed", "failed")]
        {
            same(&format!("{query} few {of_groups} by {metric}"), &summary[of_summary], sum(&told, of_groups));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_beyond_the_limit_are_one_sum_with_their_number() {
    let app = TestApp::start().await;
    for (model, cost) in [("small", 0.25), ("large", 3.0), ("tiny", 0.125), ("middle", 1.0)] {
        let data = json!({"name": "n", "model": model, "cost": cost, "tokens_in": 10});
        let call = json!({"event_type": "custom", "payload": {"kind": "llm_call", "summary": "s", "data": data}});
        app.send(&app.live, "a", &[event(call)]).await;
    }
    let cost = app.get("/v1/cost?limit=2").await;
    let models: Vec<&Value> = cost["groups"].as_array().unwrap().iter().map(|group| &group["model"]).collect();
    assert_eq!(models, ["large", "middle"]);
    let other = &cost["other"];
    assert_eq!((&other["group_count"], &other["call_count"], &other["cost"]), (&json!(2), &json!(2), &json!(0.375)));
    assert_eq!(other["avg_cost_per_call"], 0.1875);
    assert_eq!(cost["totals"]["cost"], 4.375);
    assert_eq!(app.get("/v1/cost?limit=4").await.get("other"), None);
    let series = app.get("/v1/cost/timeseries?split_by=model&limit=3&interval=1d").await;
    let series = series["timeseries"].as_array().unwrap();
    let other: Vec<&Value> = series.iter().filter(|row| row["is_other"] == true).collect();
    assert_eq!((other.len(), &other[0]["cost"], other[0].get("model")), (1, &json!(0.125), None));
    for wrong in ["/v1/cost?limit=0", "/v1/cost?limit=1001", "/v1/metrics?group_by=model&limit=0"] {
        let response = app.request(reqwest::Method::GET, wrong).bearer_auth(&app.live).send().await.expect("an answer");
        assert_eq!(response.status(), 400, "{wrong}");
        let refusal: Value = response.json().await.expect("JSON");
        assert_eq!(refusal["details"]["parameter"], "limit", "{wrong}");
    }
    app.stop().await;
}

/// Within what a number of JSON holds, and far less than the smallest cost that is told apart.
fn assert_close(dollars: f64, wanted: f64) {
    assert!((dollars - wanted).abs() < 1e-13, "{dollars}, not {wanted}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_costs_a_fraction_of_a_millionth_of_a_cent_is_told_apart_and_adds_up() {
    let app = TestApp::start().await;
    let call = |cost: f64| {
        let data = json!({"name": "n", "model": "m", "cost": cost});
        event(
            json!({"event_type": "custom", "task_id": "t", "payload": {"kind": "llm_call", "summary": "s", "data": data}}),
        )
    };
    for _ in 0..20 {
        let events: Vec<Value> = (0..500).map(|_| call(0.000_000_037_5)).collect();
        app.send(&app.live, "small", &events).await;
    }
    app.send(&app.live, "two", &[call(0.000_062), call(0.000_138)]).await;
    let total = |answer: &Value| answer["totals"]["cost"].as_f64().unwrap();
    assert_close(total(&app.get("/v1/cost?range=1h&agent_id=small").await), 0.000_375);
    assert_close(app.get("/v1/agents/small").await["stats_1h"]["total_cost"].as_f64().unwrap(), 0.000_375);
    assert_close(app.get("/v1/tasks?agent_id=small").await["data"][0]["total_cost"].as_f64().unwrap(), 0.000_375);
    let costs = |answer: &Value| -> Vec<f64> {
        answer["data"].as_array().unwrap().iter().map(|row| row["cost"].as_f64().unwrap()).collect()
    };
    let small = costs(&app.get("/v1/cost/calls?range=1h&agent_id=small&limit=2").await);
    assert_close(small[0], 0.000_000_037_5);
    let mut two = costs(&app.get("/v1/cost/calls?range=1h&agent_id=two").await);
    two.sort_by(f64::total_cmp);
    assert_close(two[0], 0.000_062);
    assert_close(two[1], 0.000_138);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_those_of_the_time_zone_asked_for() {
    let app = TestApp::start().await;
    // In Berlin the 29th, twice the 30th, which has 23 hours, and the 31st of March 2025.
    for (number, (at, cost)) in [
        ("2025-03-29T22:30:00Z", 1.0),
        ("2025-03-29T23:30:00Z", 2.0),
        ("2025-03-30T21:30:00Z", 4.0),
        ("2025-03-30T22:30:00Z", 8.0),
    ]
    .into_iter()
    .enumerate()
    {
        let run = format!("r{number}");
        let of_run = |more: Value| {
            let mut whole = json!({"timestamp": at, "task_id": "t", "task_run_id": run});
            whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            event(whole)
        };
        let data = json!({"name": "n", "model": "m", "cost": cost});
        let events = [
            of_run(json!({"event_type": "task_started"})),
            of_run(json!({"event_type": "custom", "payload": {"kind": "llm_call", "summary": "s", "data": data}})),
            of_run(json!({"event_type": "action_failed", "action_id": "x", "payload": {"action_name": "n"}})),
            of_run(json!({"event_type": "task_completed"})),
        ];
        app.send(&app.live, "a", &events).await;
    }
    let window = "since=2025-03-28T23:00:00Z&until=2025-03-31T22:00:00Z&interval=1d";
    let figures = |series: &Value, field: &str| -> Vec<f64> {
        series["timeseries"].as_array().unwrap().iter().map(|row| row[field].as_f64().unwrap()).collect()
    };
    let cost = app.get(&format!("/v1/cost/timeseries?{window}&timezone=Europe/Berlin")).await;
    assert_eq!(figures(&cost, "cost"), [1.0, 6.0, 8.0]);
    let starts: Vec<&str> =
        cost["timeseries"].as_array().unwrap().iter().map(|row| &row["timestamp"].as_str().unwrap()[..16]).collect();
    assert_eq!(starts, ["2025-03-28T23:00", "2025-03-29T23:00", "2025-03-30T22:00"]);
    let metrics = app.get(&format!("/v1/metrics?{window}&timezone=Europe/Berlin")).await;
    assert_eq!(figures(&metrics, "cost"), [1.0, 6.0, 8.0]);
    assert_eq!(figures(&metrics, "tasks_completed"), [1.0, 2.0, 1.0]);
    assert_eq!(figures(&metrics, "error_count"), [1.0, 2.0, 1.0]);
    let utc = app.get(&format!("/v1/cost/timeseries?{window}")).await;
    assert_eq!(figures(&utc, "cost"), [0.0, 3.0, 12.0, 0.0], "days of UTC");
    let fixed = app.get(&format!("/v1/cost/timeseries?{window}&timezone=%2B02:00")).await;
    assert_eq!(figures(&fixed, "cost"), [0.0, 7.0, 8.0], "always summer there");
    let wrong = "/v1/metrics?timezone=Mars/Olympus";
    let response = app.request(reqwest::Method::GET, wrong).bearer_auth(&app.live).send().await.expect("an answer");
    assert_eq!(response.status(), 400);
    let refusal: Value = response.json().await.expect("JSON");
    assert_eq!(refusal["details"]["parameter"], "timezone");
    app.stop().await;
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

/// A filter as somebody may combine it. Times are seconds before now.
#[derive(Debug, Clone)]
struct Filter {
    labels: Vec<(&'static str, Option<&'static str>)>,
    model: Option<&'static str>,
    version: Option<&'static str>,
    task: Option<u32>,
    since: i64,
    until: Option<i64>,
}

fn filters() -> impl Strategy<Value = Filter> {
    let one_of = |name: &'static str, values: [&'static str; 2]| prop_oneof![3 => Just((name, None)), 1 => prop::sample::select(values.to_vec()).prop_map(move |value| (name, Some(value)))];
    let labels = (
        one_of("agent_id", ["a", "b"]),
        one_of("project_id", ["p1", "p2"]),
        one_of("environment", ["production", "staging"]),
        one_of("group", ["g1", "g2"]),
        one_of("task_type", ["triage", "billing"]),
    );
    let labels = labels.prop_map(|(agent, project, environment, group, task_type)| {
        vec![agent, project, environment, group, task_type]
    });
    let model = prop::option::weighted(0.3, prop::sample::select(vec!["m1", "m2", "m3"]));
    let version = prop::option::weighted(0.3, prop::sample::select(vec!["1", "2", "3"]));
    let task = prop::option::weighted(0.15, 0_u32..60);
    // Some begin and end with a bucket of sums, most within one; a few reach beyond now.
    let instant = prop_oneof![-900_i64..100_000, (-1_i64..120).prop_map(|quarter| quarter * 900), 0_i64..400_000];
    let named = (labels, model, version, task);
    (named, instant.clone(), prop::option::of(instant)).prop_map(|((labels, model, version, task), one, other)| {
        // The earlier one is the start; with the same instant twice, a window of a second.
        let (since, until) = match other {
            Some(other) if other < one => (one, Some(other)),
            Some(other) => (other + 1, Some(one)),
            None => (one, None),
        };
        Filter { labels, model, version, task, since, until }
    })
}

impl Filter {
    /// What every list and figure takes.
    fn common(&self, now: hiveboard_wire::Timestamp) -> String {
        let mut query = format!("since={}", now.plus_seconds(-self.since));
        query.extend(self.until.map(|until| format!("&until={}", now.plus_seconds(-until))));
        query.extend(self.labels.iter().filter_map(|(name, value)| Some(format!("&{name}={}", (*value)?))));
        query
    }

    fn of_calls(&self, now: hiveboard_wire::Timestamp) -> String {
        let mut query = self.common(now);
        query.extend(self.model.map(|model| format!("&model={model}")));
        query.extend(self.version.map(|version| format!("&version={version}")));
        query.extend(self.task.map(|task| format!("&task_id=t{task}")));
        query
    }
}

#[test]
fn figures_are_sums_of_rows_under_any_filter() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let app = runtime.block_on(async {
        let app = TestApp::start().await;
        for seed in [7, 4711] {
            fill(&app, seed * 1_000_003).await;
        }
        app
    });
    let now = hiveboard_wire::Timestamp::now();
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() });
    let tried = runner.run(&filters(), |filter| {
        runtime.block_on(check_any(&app, &filter, now));
        Ok(())
    });
    tried.unwrap_or_else(|error| panic!("{error}"));
    runtime.block_on(app.stop());
}

async fn check_any(app: &TestApp, filter: &Filter, now: hiveboard_wire::Timestamp) {
    let query = filter.of_calls(now);
    let calls = rows(app, "/v1/cost/calls", &query).await;
    let fields = [("cost", "cost"), ("tokens_in", "tokens_in"), ("tokens_out", "tokens_out")];
    for group_by in ["agent", "model", "agent_model", "project", "task_type", "version", "environment"] {
        let cost = app.get(&format!("/v1/cost?{query}&group_by={group_by}&limit=2")).await;
        let mut told = cost["groups"].as_array().unwrap().clone();
        told.extend(cost.get("other").cloned());
        same(&format!("{query} calls by {group_by}"), &cost["totals"]["call_count"], calls.len() as f64);
        for (figure, row) in fields {
            same(&format!("{query} {figure}"), &cost["totals"][figure], sum(&calls, row));
            same(&format!("{query} {figure} by {group_by}"), &cost["totals"][figure], sum(&told, figure));
        }
    }
    for interval in ["", "&interval=1h", "&interval=1d", "&interval=1d&timezone=America/St_Johns"] {
        let series = app.get(&format!("/v1/cost/timeseries?{query}{interval}")).await;
        let series = series["timeseries"].as_array().unwrap();
        for (figure, row) in fields {
            let told = json!(sum(series, figure));
            same(&format!("{query}{interval} series of {figure}"), &told, sum(&calls, row));
        }
    }
    let query = filter.common(now);
    let metrics = app.get(&format!("/v1/metrics?{query}&interval=1d&timezone=-03:30")).await;
    let tasks = rows(app, "/v1/tasks", &query).await;
    let calls = rows(app, "/v1/cost/calls", &query).await;
    let (summary, series) = (&metrics["summary"], metrics["timeseries"].as_array().unwrap());
    let ended = |status: &'static str| move |row: &Value| row["derived_status"] == status;
    for (field, wanted) in [
        ("total_tasks", tasks.len() as f64),
        ("completed", count(&tasks, ended("completed"))),
        ("failed", count(&tasks, ended("failed"))),
        ("total_cost", sum(&calls, "cost")),
        ("llm_call_count", calls.len() as f64),
    ] {
        same(&format!("{query} summary.{field}"), &summary[field], wanted);
    }
    for (of_series, of_summary) in [
        ("tasks_completed", "completed"),
        ("tasks_failed", "failed"),
        ("cost", "total_cost"),
        ("error_count", "error_count"),
    ] {
        same(&format!("{query} series.{of_series}"), &summary[of_summary], sum(series, of_series));
    }
    if filter.labels.iter().all(|(name, value)| *name != "task_type" || value.is_none()) {
        let failures = rows(app, "/v1/events", &format!("{query}&event_type=task_failed,action_failed")).await;
        same(&format!("{query} failures"), &summary["error_count"], failures.len() as f64);
    }
}
