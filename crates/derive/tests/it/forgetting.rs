//! What retention lets go of, so that memory and lists stay as long as the time that is kept, however many agents come and go.

use hiveboard_derive::{AgentFilter, AgentSort, Bucketing, Forgotten, GroupBy, MemoryLimits, RunFilter};
use hiveboard_wire::Timestamp;
use serde_json::json;

use crate::board::{Rows, apply, at, given};

const PODS_A_DAY: usize = 300;
const DAY: f64 = 86_400.0;

#[test]
fn agents_that_live_for_an_hour_do_not_pile_up() {
    let rows = Rows::default();
    let mut projections = rows.archiving();
    let (mut seq, mut rows_a_day) = (0, Vec::new());
    for day in 0..6 {
        for pod in 0..PODS_A_DAY {
            let from = f64::from(day) * DAY + pod as f64 * 60.0;
            let envelope = json!({"agent_id": format!("pod-{day}-{pod}"), "instance_id": format!("{day}-{pod}")});
            let events = [
                json!({"event_type": "agent_registered"}),
                json!({"event_type": "heartbeat", "payload": {"summary": "alive"}}),
                json!({"event_type": "task_started", "task_id": "t", "task_run_id": format!("r-{day}-{pod}"), "project_id": "jobs"}),
                json!({"event_type": "task_completed", "task_id": "t", "task_run_id": format!("r-{day}-{pod}"), "project_id": "jobs"}),
                json!({"event_type": "custom", "payload": {"kind": "todo", "summary": "later", "data": {"todo_id": "x", "action": "created"}}}),
            ];
            for (place, event) in (0_u32..).zip(events) {
                seq += 1;
                let moment = at(from + f64::from(place));
                apply(&mut projections, &given(seq, moment, moment, envelope.clone(), event));
            }
            projections.liveness_sweep(at(from + 10.0));
        }
        while projections.archive_some() {}
        // Two days are kept.
        projections.forget_before(at((f64::from(day) - 1.0) * DAY));
        rows.save(&mut projections);
        projections = rows.archiving();
        rows_a_day.push(rows.count());
        let now = at(f64::from(day) * DAY + 80_000.0);
        let kept = PODS_A_DAY * 2.min(day as usize + 1);
        assert_eq!(projections.agent_count(), kept, "day {day}");
        assert_eq!(projections.agents(&AgentFilter::default(), AgentSort::Attention, now).len(), kept);
        assert_eq!(runs_listed(&projections, now), kept);
    }
    assert!(rows_a_day[5] <= rows_a_day[2] + 20, "the disk holds no more than after three days: {rows_a_day:?}");
    let project = projections.project_stats(at(6.0 * DAY)).finish().unwrap();
    assert_eq!(project[0].agent_count, PODS_A_DAY as u64 * 2);
}

/// An agent that lives for ever ends to-dos and issues all its life.
#[test]
fn what_an_agent_is_done_with_goes_with_its_events_and_what_is_open_stays() {
    let rows = Rows::default();
    let mut projections = rows.archiving();
    let mut seq = 0;
    let mut tell =
        |projections: &mut hiveboard_derive::Projections, seconds: f64, kind: &str, id: &str, action: &str| {
            seq += 1;
            let data = json!({"todo_id": id, "issue_id": id, "severity": "high", "action": action});
            let event = json!({"event_type": "custom", "payload": {"kind": kind, "summary": id, "data": data}});
            apply(projections, &given(seq, at(seconds), at(seconds), json!({"agent_id": "a"}), event));
        };
    for (kind, over) in [("todo", "completed"), ("issue", "resolved")] {
        let begun = if kind == "todo" { "created" } else { "reported" };
        for id in ["open", "over", "over-late", "again"] {
            tell(&mut projections, 10.0, kind, id, begun);
        }
        tell(&mut projections, 20.0, kind, "over", over);
        tell(&mut projections, 20.0, kind, "again", over);
        tell(&mut projections, 30.0, kind, "again", begun);
        tell(&mut projections, 200.0, kind, "over-late", over);
    }
    rows.save(&mut projections);
    projections.forget_before(at(100.0));
    rows.save(&mut projections);
    for projections in [&projections, &rows.archiving()] {
        let pipeline = projections.pipeline("a", at(300.0)).unwrap();
        let mut todos: Vec<&str> = pipeline.todos.items.iter().map(|todo| &*todo.todo_id).collect();
        let mut issues: Vec<&str> = pipeline.issues.items.iter().map(|issue| &*issue.issue_id).collect();
        todos.sort_unstable();
        issues.sort_unstable();
        assert_eq!((todos, issues), (vec!["again", "open", "over-late"], vec!["again", "open", "over-late"]));
    }
}

/// Pods that crash in the middle of a run, between two days of retention: the newest are kept.
#[test]
fn what_is_kept_is_bounded_whatever_is_sent() {
    let rows = Rows::default();
    let mut projections = rows.archiving();
    let started = |seq: u64, pod: u64| {
        let moment = at(seq as f64);
        let event = json!({"event_type": "task_started", "task_id": "t", "task_run_id": format!("r-{pod}")});
        given(seq, moment, moment, json!({"agent_id": format!("pod-{pod}"), "instance_id": format!("i-{pod}")}), event)
    };
    for pod in 0..200 {
        apply(&mut projections, &started(pod + 1, pod));
    }
    let limits = MemoryLimits { agents: 50, open_runs: 40, spare_processes: 10 };
    assert_eq!(projections.forget_some_beyond(limits), Forgotten { agents: 150, open_runs: 160 });
    assert!(projections.forget_some_beyond(limits).is_nothing());
    rows.save(&mut projections);
    for projections in [&projections, &rows.archiving()] {
        let mut agents = projections.agent_ids();
        agents.sort_unstable();
        assert_eq!(
            agents.iter().map(|id| &**id).collect::<Vec<_>>(),
            (150..200).map(|pod| format!("pod-{pod}")).collect::<Vec<_>>()
        );
        let mut open: Vec<String> = projections.open_run_keys().iter().map(|key| key.task_run_id.to_string()).collect();
        open.sort_unstable();
        assert_eq!(open, (160..200).map(|pod| format!("r-{pod}")).collect::<Vec<_>>());
    }
    // Who comes back is known again.
    apply(&mut projections, &started(201, 0));
    assert_eq!(projections.agent_count(), 51);
    assert_eq!(projections.forget_some_beyond(limits), Forgotten { agents: 1, open_runs: 1 });
    assert!(!projections.agent_ids().iter().any(|id| &**id == "pod-150"));
}

/// As lists and figures tell it: both must forget the same.
fn runs_listed(projections: &hiveboard_derive::Projections, now: Timestamp) -> usize {
    let listed = projections
        .runs(&RunFilter::default(), hiveboard_derive::RunSort::Oldest, None, 100_000, now)
        .unwrap()
        .finish()
        .unwrap()
        .data
        .len();
    let day = 86_400_000_000;
    let week = RunFilter { since: Some(now.plus_micros(-7 * day).bucket(day)), ..RunFilter::default() };
    let figures =
        projections.task_metrics(&week, Some(Bucketing::Width(day)), Some(GroupBy::Project), now).finish().unwrap();
    assert_eq!(figures.summary.total_tasks as usize, listed);
    assert_eq!(figures.groups[0].summary.completed as usize, listed);
    listed
}
