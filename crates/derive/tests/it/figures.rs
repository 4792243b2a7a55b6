//! Each figure's definition.

use hiveboard_derive::{Bucketing, GroupBy, RunFilter, RunSort, view::TaskStatus};
use serde_json::{Value, json};

use crate::board::{Board, at};

fn task(id: &str) -> Value {
    json!({"task_id": id})
}

fn ended(id: &str, duration_ms: f64) -> Value {
    json!({"task_id": id, "duration_ms": duration_ms})
}

#[test]
fn a_run_that_reported_nothing_has_null_figures() {
    let mut board = Board::default();
    board.on(0.0, "task_started", task("t"));
    let run = board.task("t", 2.5);
    for field in [
        "retry_count",
        "llm_call_count",
        "total_tokens_in",
        "total_tokens_out",
        "total_cost",
        "estimated_cost",
        "plan_progress",
        "completed_at",
        "project_id",
        "task_type",
    ] {
        assert_eq!(run[field], Value::Null, "{field}");
    }
    assert_eq!(
        (&run["action_count"], &run["error_count"], &run["duration_ms"]),
        (&json!(0), &json!(0), &json!(2500.0))
    );
    assert_eq!(
        (&run["has_escalation"], &run["has_human_intervention"], &run["task_run_id"]),
        (&json!(false), &json!(false), &json!(""))
    );
    assert_eq!(run["started_at"], "2026-02-02T02:40:00.000000Z");
}

/// Of a run with these events, in this order of arrival.
fn counted(events: &[(f64, &str, Value)]) -> (Value, Value) {
    let mut board = Board::default();
    for (seconds, event_type, event) in events {
        board.on(*seconds, event_type, event.clone());
    }
    let run = board.task("t", 100.0);
    (run["error_count"].clone(), run["cause_count"].clone())
}

#[test]
fn a_cause_counts_once_wherever_it_is_passed_on_to() {
    let failed = |action: &str, parent: Option<&str>, message: &str| {
        json!({
            "task_id": "t", "action_id": action, "parent_action_id": parent,
            "payload": {"exception_type": "ValueError", "exception_message": message},
        })
    };
    let task = json!({"task_id": "t", "payload": {"exception_type": "ValueError", "exception_message": "no"}});
    let step = json!({
        "task_id": "t", "payload": {"kind": "plan_step", "summary": "s", "data": {"step_index": 0, "action": "failed"}},
    });
    let mut events = vec![
        (0.0, "task_started", json!({"task_id": "t"})),
        (1.0, "action_failed", failed("inner", Some("outer"), "no")),
        (2.0, "action_failed", failed("outer", None, "no")),
        (3.0, "custom", step.clone()),
        (4.0, "task_failed", task),
    ];
    assert_eq!(counted(&events), (json!(4), json!(1)));
    events.reverse();
    assert_eq!(counted(&events), (json!(4), json!(1)), "in any order of arrival");
    events.push((5.0, "action_failed", failed("other", None, "another")));
    assert_eq!(counted(&events), (json!(5), json!(2)));
    assert_eq!(counted(&[(0.0, "custom", step)]), (json!(1), json!(1)), "a failed step alone is a cause");
    assert_eq!(counted(&[(0.0, "task_started", json!({"task_id": "t"}))]), (json!(0), json!(0)));
}

#[test]
fn counts_and_sums() {
    let mut board = Board::default();
    board
        .on(
            0.0,
            "task_started",
            json!({"task_id": "t", "task_type": "triage", "project_id": "support", "correlation_id": "c"}),
        )
        .on(1.0, "action_started", task("t"))
        .on(2.0, "action_started", task("t"))
        .on(3.0, "action_failed", task("t"))
        .on(4.0, "retry_started", task("t"))
        .on(5.0, "approval_received", task("t"))
        .kind(
            6.0,
            Some("t"),
            "llm_call",
            "c",
            json!({"name": "n", "model": "gpt-4o", "tokens_in": 1000, "tokens_out": 100}),
        )
        .kind(7.0, Some("t"), "llm_call", "c", json!({"name": "n", "model": "mine", "cost": 0.25, "tokens_in": 5}))
        .kind(8.0, Some("t"), "llm_call", "c", json!({"name": "n", "model": "mine"}))
        .kind(9.0, Some("t"), "plan_step", "s", json!({"step_index": 0, "action": "failed"}))
        .on(10.0, "task_failed", json!({"task_id": "t", "duration_ms": 9876.5}));
    let run = board.task("t", 100.0);
    for (field, wanted) in [
        ("action_count", json!(2)),
        ("error_count", json!(3)),
        ("retry_count", json!(1)),
        ("llm_call_count", json!(3)),
        ("total_tokens_in", json!(1005)),
        ("total_tokens_out", json!(100)),
        ("total_cost", json!(0.2535)),
        ("estimated_cost", json!(0.0035)),
        ("duration_ms", json!(9876.5)),
        ("has_human_intervention", json!(true)),
        ("task_type", json!("triage")),
        ("project_id", json!("support")),
        ("correlation_id", json!("c")),
        ("completed_at", json!(at(10.0).to_string())),
        ("derived_status", json!("failed")),
    ] {
        assert_eq!(run[field], wanted, "{field}");
    }
}

#[test]
fn ends_seen_without_starts_count_as_actions() {
    let mut board = Board::default();
    board.on(1.0, "action_completed", task("t")).on(2.0, "action_completed", task("t")).on(
        3.0,
        "action_started",
        task("t"),
    );
    assert_eq!(board.task("t", 4.0)["action_count"], 2);
}

#[test]
fn a_duration_that_nobody_gave_is_from_first_to_last() {
    let mut board = Board::default();
    board.on(1.0, "task_started", task("t")).on(4.0, "task_completed", task("t"));
    assert_eq!(board.task("t", 100.0)["duration_ms"], 3000.0);
    board.late(0.5, 5.0, "custom", task("t"));
    assert_eq!(board.task("t", 100.0)["duration_ms"], 3500.0);
    assert_eq!(board.agent(100.0)["stats_1h"]["avg_duration_ms"], 3500.0, "and the figures of the agent follow");
}

#[test]
fn money_adds_up_exactly() {
    let mut board = Board::default();
    for call in 0..1000 {
        board.kind(
            f64::from(call) / 100.0,
            Some("t"),
            "llm_call",
            "c",
            json!({"name": "n", "model": "m", "cost": 0.1}),
        );
    }
    assert_eq!(board.task("t", 20.0)["total_cost"], 100.0);
}

#[test]
fn an_hour_of_an_agent() {
    let mut board = Board::default();
    for (place, (event_type, duration_ms)) in
        [("task_completed", 1000.0), ("task_completed", 3000.0), ("task_failed", 2000.0), ("task_completed", 2000.0)]
            .into_iter()
            .enumerate()
    {
        board.on(10_000.0 + place as f64, event_type, ended(&format!("t{place}"), duration_ms));
    }
    board.kind(10_010.0, None, "llm_call", "c", json!({"name": "n", "model": "m", "cost": 0.5, "tokens_in": 10}));
    board.kind(10_011.0, None, "queue_snapshot", "q", json!({"depth": 7}));
    board.kind(10_012.0, None, "issue", "i", json!({"issue_id": "i", "severity": "low"}));
    board.on(10_013.0, "heartbeat", json!({}));
    let agent = board.agent(10_020.0);
    let stats = &agent["stats_1h"];
    for (field, wanted) in [
        ("tasks_completed", json!(3)),
        ("tasks_failed", json!(1)),
        ("success_rate", json!(0.75)),
        ("avg_duration_ms", json!(2000.0)),
        ("total_cost", json!(0.5)),
        ("llm_call_count", json!(1)),
        ("throughput", json!(4)),
        ("queue_depth", json!(7)),
        ("active_issues", json!(1)),
        ("worst_issue", json!("low")),
        ("error_count", json!(1)),
    ] {
        assert_eq!(stats[field], wanted, "{field}");
    }
    for (field, wanted) in [("p50_duration_ms", 2000.0), ("p95_duration_ms", 3000.0), ("p99_duration_ms", 3000.0)] {
        let got = stats[field].as_f64().unwrap();
        assert!((got / wanted - 1.0).abs() < 0.006, "{field}: {got}");
    }
    assert_eq!(agent["sparkline_1h"].as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).sum::<u64>(), 8);
    assert_eq!(agent["sparkline_1h"][11], 8, "the newest slot is the last");
    assert_eq!(board.agent(10_020.0 + 1800.0)["sparkline_1h"][5], 8);
    let later = board.agent(10_020.0 + 3700.0);
    assert_eq!((&later["stats_1h"]["throughput"], &later["stats_1h"]["success_rate"]), (&json!(0), &json!(null)));
    assert_eq!((&later["stats_1h"]["total_cost"], &later["stats_1h"]["avg_duration_ms"]), (&json!(null), &json!(null)));
    assert_eq!(later["stats_24h"]["throughput"], 4);
}

#[test]
fn a_day_of_an_agent() {
    let mut board = Board::default();
    board.on(0.0, "action_failed", task("recovered")).on(1.0, "action_started", task("recovered")).on(
        2.0,
        "task_completed",
        task("recovered"),
    );
    board.on(3.0, "escalated", task("failed")).on(4.0, "task_failed", task("failed"));
    board.on(5.0, "task_completed", task("good")).on(6.0, "task_completed", task("fine"));
    let day = board.agent(100.0)["stats_24h"].clone();
    for (field, wanted) in [
        ("success_rate", json!(0.75)),
        ("escalation_rate", json!(0.25)),
        ("error_rate", json!(0.5)),
        ("recovery_rate", json!(0.5)),
        ("actions_per_task", json!(0.25)),
    ] {
        assert_eq!(day[field], wanted, "{field}");
    }
    let series = board.agent(100.0)["timeseries"].clone();
    assert_eq!(
        (series.as_array().unwrap().len(), &series[24]["tasks_completed"], &series[24]["tasks_failed"]),
        (25, &json!(3), &json!(1))
    );
}

#[test]
fn versions_are_compared() {
    let mut board = Board::default();
    let version = |version: &str| json!({"agent_version": version});
    board.from(version("1.0"), 0.0, "task_failed", ended("a", 100.0));
    board.from(version("1.1"), 1.0, "task_completed", ended("b", 50.0));
    let agent = board.agent(2.0);
    assert_eq!(agent["agent_version"], "1.1");
    let versions = &agent["versions"];
    assert_eq!(
        (&versions[0]["version"], &versions[0]["success_rate"], &versions[0]["avg_duration_ms"]),
        (&json!("1.1"), &json!(1.0), &json!(50.0))
    );
    assert_eq!((&versions[1]["version"], &versions[1]["tasks_failed"]), (&json!("1.0"), &json!(1)));
}

#[test]
fn labels_are_those_of_the_latest_event() {
    let mut board = Board::default();
    board.from(json!({"agent_type": "new", "environment": "staging"}), 100.0, "heartbeat", json!({}));
    board.seq += 1;
    let late = crate::board::given(
        board.seq,
        at(200.0),
        at(50.0),
        json!({"agent_type": "old"}),
        json!({"event_type": "heartbeat"}),
    );
    crate::board::apply(&mut board.projections, &late);
    let agent = board.agent(201.0);
    assert_eq!((&agent["agent_type"], &agent["environment"]), (&json!("new"), &json!("staging")));
    // At one instant the greater event id has the last word.
    board.from(json!({"agent_type": "newer"}), 100.0, "heartbeat", json!({}));
    assert_eq!(board.agent(201.0)["agent_type"], "newer");
}

#[test]
fn heartbeats_are_remembered_up_to_twenty() {
    let mut board = Board::default();
    for beat in 0..30 {
        board.on(
            f64::from(beat),
            "heartbeat",
            json!({"payload": {"kind": "heartbeat_status", "summary": format!("beat {beat}"), "data": {"n": beat}}}),
        );
    }
    let agent = board.agent(30.0);
    let beats = agent["recent_heartbeats"].as_array().unwrap();
    assert_eq!(
        (beats.len(), &beats[0]["payload"]["data"]["n"], &beats[19]["summary"]),
        (20, &json!(29), &json!("beat 10"))
    );
    assert_eq!(agent["heartbeat_summary"], "beat 29");
}

#[test]
fn metrics_agree_with_their_rows() {
    let mut board = Board::default();
    board.on(0.0, "task_completed", ended("a", 1000.0)).on(60.0, "task_failed", ended("b", 3000.0)).on(
        61.0,
        "task_started",
        task("open"),
    );
    board.kind(61.5, Some("open"), "llm_call", "c", json!({"name": "n", "model": "m", "cost": 0.5, "tokens_in": 3}));
    board.on(62.0, "escalated", task("open"));
    let filter = RunFilter { since: Some(at(-60.0)), until: Some(at(120.0)), ..RunFilter::default() };
    let metrics = serde_json::to_value(
        board
            .projections
            .task_metrics(&filter, Some(Bucketing::Width(60_000_000)), Some(GroupBy::Agent), at(100.0))
            .finish()
            .unwrap(),
    )
    .unwrap();
    let summary = &metrics["summary"];
    for (field, wanted) in [
        ("total_tasks", json!(3)),
        ("completed", json!(1)),
        ("failed", json!(1)),
        ("escalated", json!(1)),
        ("stuck", json!(0)),
        ("success_rate", json!(0.5)),
        ("avg_duration_ms", json!(2000.0)),
        ("total_cost", json!(0.5)),
        ("llm_call_count", json!(1)),
    ] {
        assert_eq!(summary[field], wanted, "{field}");
    }
    let counts: Vec<(u64, u64)> = metrics["timeseries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|bucket| (bucket["tasks_completed"].as_u64().unwrap(), bucket["tasks_failed"].as_u64().unwrap()))
        .collect();
    assert_eq!(counts, [(0, 0), (1, 0), (0, 1)]);
    assert_eq!((&metrics["groups"][0]["key"], &metrics["groups"][0]["total_tasks"]), (&json!("a"), &json!(3)));
    let rows = board.projections.runs(&filter, RunSort::default(), None, 50, at(100.0)).unwrap().finish().unwrap().data;
    assert_eq!(rows.len(), 3);
    // The end counts, and its bound is exclusive.
    let earlier = RunFilter { since: Some(at(0.0)), until: Some(at(60.0)), ..RunFilter::default() };
    let rows =
        board.projections.runs(&earlier, RunSort::default(), None, 50, at(100.0)).unwrap().finish().unwrap().data;
    assert_eq!(rows.iter().map(|run| run.task_id.as_str()).collect::<Vec<_>>(), ["a"]);
    let stuck = board.projections.task_metrics(&filter, None, None, at(10_000.0)).finish().unwrap().summary;
    assert_eq!((stuck.stuck, stuck.processing, stuck.escalated), (1, 0, 1));
    let only = RunFilter { status: vec![TaskStatus::Stuck], since: Some(at(63.0)), ..RunFilter::default() };
    assert_eq!(
        board.projections.task_metrics(&only, None, None, at(10_000.0)).finish().unwrap().summary.total_tasks,
        0,
        "silent before the window"
    );
}

#[test]
fn projects_are_counted_and_aliases_followed() {
    let mut board = Board::default();
    let of = |project: &str, task: &str| json!({"project_id": project, "task_id": task});
    board.on(0.0, "task_completed", of("sales", "a")).on(1.0, "task_failed", of("old", "b")).on(
        2.0,
        "custom",
        of("old", "b"),
    );
    let stats = |board: &Board| {
        let stats = board.projections.project_stats(at(10.0)).finish().unwrap();
        stats
            .iter()
            .map(|one| {
                (
                    one.project_id.clone(),
                    one.event_count,
                    one.agent_count,
                    one.tasks_completed_24h,
                    one.tasks_failed_24h,
                )
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(stats(&board), [("old".to_owned(), 2, 1, 0, 1), ("sales".to_owned(), 1, 1, 1, 0)]);
    board.projections.set_project_aliases([("old".to_owned(), "sales".to_owned())]);
    assert_eq!(stats(&board), [("sales".to_owned(), 3, 1, 1, 1)]);
    assert_eq!(board.task("b", 10.0)["project_id"], "sales");
    assert_eq!(board.agent(10.0)["projects"], json!(["sales"]));
    assert_eq!(board.projections.project_agents("sales"), ["a"]);
    let filter = RunFilter { project_id: Some("sales".to_owned()), ..RunFilter::default() };
    assert_eq!(
        board.projections.runs(&filter, RunSort::default(), None, 50, at(10.0)).unwrap().finish().unwrap().data.len(),
        2
    );
    board.projections.set_project_aliases([("x".to_owned(), "y".to_owned()), ("y".to_owned(), "x".to_owned())]);
    assert_eq!(stats(&board).len(), 2, "a circle of aliases does no harm");
}

#[test]
fn retention_forgets_runs() {
    let mut board = Board::default();
    board.on(0.0, "task_failed", task("old")).on(100.0, "task_completed", task("new")).on(
        101.0,
        "task_started",
        task("open"),
    );
    assert_eq!(board.projections.forget_before(at(50.0)), 1);
    assert!(board.projections.runs_of_task("old", None, 50, at(102.0)).unwrap().0.is_empty());
    assert_eq!(board.task("new", 102.0)["derived_status"], "completed");
    assert_eq!(board.status(102.0), "processing");
    let rows = crate::board::Rows::default();
    rows.save(&mut board.projections);
    let again = rows.restore();
    assert_eq!(crate::board::all_views(&again, at(102.0)), crate::board::all_views(&board.projections, at(102.0)));
    board.on(103.0, "task_completed", task("open"));
    assert_eq!(board.projections.run_counts().0, 2);
}
