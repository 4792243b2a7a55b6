#![expect(clippy::float_cmp, reason = "whole milliseconds are exact")]

use std::sync::Arc;

use hiveboard_wire::{RunKey, decode_batch};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    Projections,
    view::{ActionNode, ActionStatus, PlanStepState},
};

pub(super) const BASE: i64 = 1_770_000_000_000_000;

/// Events of one run, `(milliseconds, event type, more fields)`, ids in order of the list.
pub(super) fn events(list: &[(i64, &str, Value)]) -> Vec<StoredEvent> {
    let events: Vec<Value> = list
        .iter()
        .enumerate()
        .map(|(place, (ms, event_type, more))| {
            let mut event = json!({
                "event_id": format!("e{place:04}"), "timestamp": Timestamp(BASE + ms * 1000).to_string(),
                "event_type": event_type, "task_id": "t", "task_run_id": "r",
            });
            event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            event
        })
        .collect();
    let body = json!({"envelope": {"agent_id": "a"}, "events": events}).to_string();
    let decoded = decode_batch(body.as_bytes(), Timestamp(BASE + 3_600_000_000)).unwrap();
    assert_eq!(decoded.receipt.errors, []);
    let store = |(seq, accepted): (usize, hiveboard_wire::validate::Accepted)| StoredEvent {
        seq: seq as u64 + 1,
        received_at: accepted.event.timestamp,
        envelope: Arc::clone(&decoded.envelope),
        event: accepted.event,
    };
    decoded.events.into_iter().enumerate().map(store).collect()
}

pub(super) fn timeline_at(list: &[(i64, &str, Value)], now_ms: i64) -> TimelineView {
    let events = events(list);
    let mut projections = Projections::new();
    for event in &events {
        projections.apply(event, &event.event.body(), None);
    }
    let now = Timestamp(BASE + now_ms * 1000);
    let key = RunKey { agent_id: "a".into(), task_id: "t".into(), task_run_id: "r".into() };
    build(
        projections.run(&key, now).unwrap().unwrap(),
        projections.runs_of_task("t", None, 50, now).unwrap().0,
        events,
        now,
    )
}

pub(super) fn timeline(list: &[(i64, &str, Value)]) -> TimelineView {
    timeline_at(list, 100_000)
}

pub(super) fn action(id: &str, parent: Option<&str>, name: &str) -> Value {
    json!({"action_id": id, "parent_action_id": parent, "payload": {"action_name": name}})
}

fn failed(id: &str, name: &str, exception: &str) -> Value {
    json!({"action_id": id, "payload": {"action_name": name, "exception_type": exception, "exception_message": "boom"}})
}

pub(super) fn kind(kind: &str, data: Value) -> Value {
    json!({"payload": {"kind": kind, "summary": "s", "data": data}})
}

fn shape(nodes: &[ActionNode]) -> String {
    let one = |node: &ActionNode| {
        if node.children.is_empty() {
            node.action_id.clone()
        } else {
            format!("{}({})", node.action_id, shape(&node.children))
        }
    };
    nodes.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[test]
fn actions_nest_and_keep_their_order() {
    let built = timeline(&[
        (0, "task_started", json!({})),
        (10, "action_started", action("a", None, "outer")),
        (20, "action_started", action("b", Some("a"), "first")),
        (30, "action_completed", action("b", Some("a"), "first")),
        (40, "action_started", action("c", Some("a"), "second")),
        (45, "action_failed", failed("c", "second", "ValueError")),
        (50, "action_completed", json!({"action_id": "a", "duration_ms": 41.5, "payload": {"action_name": "outer"}})),
        (60, "task_completed", json!({"duration_ms": 60})),
    ]);
    assert_eq!(shape(&built.action_tree), "a(b c)");
    let outer = &built.action_tree[0];
    assert_eq!((outer.status, outer.duration_ms), (ActionStatus::Completed, Some(41.5)));
    assert_eq!((outer.children[0].duration_ms, outer.children[1].status), (Some(10.0), ActionStatus::Failed));
    assert_eq!(outer.children[1].exception_type.as_deref(), Some("ValueError"));
    assert_eq!(built.events.len(), 8);
}

#[test]
fn actions_arrive_in_part() {
    let list = [
        (0, "task_started", json!({})),
        (10, "action_started", action("open", None, "never ends")),
        (
            30,
            "action_completed",
            json!({"action_id": "late", "parent_action_id": "gone", "duration_ms": 5, "payload": {"action_name": "only its end"}}),
        ),
        (35, "action_completed", json!({"payload": {"action_name": "no id"}})),
    ];
    let running = timeline(&list);
    assert_eq!(shape(&running.action_tree), "open late e0003");
    assert_eq!(running.action_tree[0].status, ActionStatus::Running);
    assert_eq!(running.action_tree[0].duration_ms, None);
    assert_eq!(running.action_tree[1].started_at, Some(Timestamp(BASE + 25_000)));
    assert_eq!(running.action_tree[2].started_at, None);
    let mut ended = list.to_vec();
    ended.push((40, "task_completed", json!({})));
    assert_eq!(timeline(&ended).action_tree[0].status, ActionStatus::Unfinished);
}

#[test]
fn circles_of_parents_are_opened() {
    let built = timeline(&[
        (10, "action_started", action("a", Some("c"), "a")),
        (20, "action_started", action("b", Some("a"), "b")),
        (30, "action_started", action("c", Some("b"), "c")),
        (40, "action_started", action("self", Some("self"), "self")),
        (50, "action_started", action("leaf", Some("c"), "leaf")),
    ]);
    assert_eq!(shape(&built.action_tree), "a(b(c(leaf))) self");
}

/// Levels and number of nodes.
fn measure(nodes: &[ActionNode]) -> (usize, usize) {
    nodes
        .iter()
        .map(|node| measure(&node.children))
        .fold((0, 0), |(depth, count), (below, more)| (depth.max(below + 1), count + more + 1))
}

#[test]
fn deep_nesting_is_bounded() {
    let list: Vec<(i64, &str, Value)> = (0..400)
        .map(|level| {
            (
                level,
                "action_started",
                action(&format!("a{level}"), (level > 0).then(|| format!("a{}", level - 1)).as_deref(), "x"),
            )
        })
        .collect();
    let built = timeline(&list);
    assert_eq!(measure(&built.action_tree), (64, 400));
}

#[test]
fn time_is_broken_down_without_counting_twice() {
    let built = timeline(&[
        (0, "task_started", json!({})),
        (1000, "action_started", action("a", None, "a")),
        (3000, "custom", kind("llm_call", json!({"name": "n", "model": "m", "duration_ms": 1500}))),
        (5000, "action_completed", action("a", None, "a")),
        (5000, "retry_started", json!({"payload": {"data": {"attempt": 2, "backoff_seconds": 1.5}}})),
        (6000, "approval_requested", json!({})),
        (6200, "approval_requested", json!({})),
        (8000, "approval_received", json!({})),
        (9000, "custom", kind("llm_call", json!({"name": "n", "model": "m", "duration_ms": 2000}))),
        (10_000, "task_completed", json!({})),
    ]);
    let parts = built.time_breakdown;
    assert_eq!(parts.waiting_ms, 2000.0);
    assert_eq!(parts.backoff_ms, 1000.0, "the rest of the pause lies in the wait");
    assert_eq!(parts.llm_ms, 2500.0, "1.5 s in the action and the second after the approval");
    assert_eq!(parts.actions_ms, 2500.0);
    assert_eq!((parts.other_ms, parts.total_ms), (2000.0, 10_000.0));
}

#[test]
fn an_open_wait_lasts_until_now_and_an_open_action_too() {
    let list = [
        (0, "task_started", json!({})),
        (1000, "action_started", action("a", None, "a")),
        (2000, "approval_requested", json!({})),
    ];
    let parts = timeline_at(&list, 10_000).time_breakdown;
    assert_eq!((parts.waiting_ms, parts.actions_ms, parts.other_ms), (8000.0, 1000.0, 1000.0));
}

#[test]
fn failures_form_chains() {
    let built = timeline(&[
        (0, "task_started", json!({})),
        (10, "action_failed", failed("a1", "fetch", "Timeout")),
        (20, "retry_started", json!({"payload": {"summary": "again", "data": {"attempt": 2}}})),
        (30, "action_failed", failed("a2", "fetch", "Refused")),
        (40, "action_completed", action("a3", None, "fetch")),
        (50, "custom", kind("plan_step", json!({"step_index": 1, "action": "failed"}))),
        (
            60,
            "action_failed",
            json!({"action_id": "b", "parent_action_id": "c", "payload": {"action_name": "inner", "exception_type": "KeyError", "exception_message": "boom"}}),
        ),
        (61, "action_failed", failed("c", "outer", "KeyError")),
        (70, "task_failed", json!({"payload": {"exception_type": "KeyError", "exception_message": "boom"}})),
    ]);
    let chains: Vec<(Option<&str>, bool, usize)> =
        built.error_chains.iter().map(|chain| (chain.name.as_deref(), chain.recovered, chain.links.len())).collect();
    assert_eq!(chains, [(Some("fetch"), true, 4), (Some("Step 2"), false, 1), (Some("t"), false, 3)]);
    assert_eq!(built.error_chains[2].event_id, "e0008");
    assert_eq!(built.error_chains[0].links[1].message.as_deref(), Some("again"));
}

#[test]
fn a_plan_without_a_goal_takes_its_summary() {
    let built = timeline(&[(0, "custom", kind("plan_created", json!({"steps": ["one"]})))]);
    assert_eq!(built.plan.unwrap().latest.goal.as_deref(), Some("s"));
    assert_eq!(built.spans[1].summary.as_deref(), Some("s"));
}

fn chains_of(list: &[(i64, &str, Value)]) -> Vec<(String, bool, usize)> {
    let one =
        |chain: &crate::view::ErrorChain| (chain.name.clone().unwrap_or_default(), chain.recovered, chain.links.len());
    timeline(list).error_chains.iter().map(one).collect()
}

#[test]
fn failures_of_one_name_under_two_parents_are_two_and_another_call_of_the_tool_makes_none_good() {
    let under = |id: &str, parent: &str| json!({"action_id": id, "parent_action_id": parent, "payload": {"action_name": "search", "exception_type": "E"}});
    let list = [
        (0, "task_started", json!({})),
        (10, "action_failed", under("s1", "p1")),
        (20, "action_failed", under("s2", "p2")),
        (30, "action_completed", under("s3", "p3")),
    ];
    assert_eq!(chains_of(&list), [("search".to_owned(), false, 1), ("search".to_owned(), false, 1)]);
    let mut again = list.to_vec();
    again.push((40, "retry_started", json!({"action_id": "p1", "payload": {"data": {"attempt": 2}}})));
    again.push((50, "action_started", under("s4", "p1")));
    again.push((60, "action_completed", under("s4", "p1")));
    assert_eq!(chains_of(&again), [("search".to_owned(), true, 3), ("search".to_owned(), false, 1)]);
}

#[test]
fn work_that_went_on_beside_a_failure_does_not_make_it_good() {
    let list = [
        (0, "task_started", json!({})),
        (10, "action_started", action("one", Some("p"), "fetch")),
        (11, "action_started", action("two", Some("p"), "fetch")),
        (
            20,
            "action_failed",
            json!({"action_id": "one", "parent_action_id": "p", "payload": {"action_name": "fetch"}}),
        ),
        (30, "action_completed", action("two", Some("p"), "fetch")),
    ];
    assert_eq!(chains_of(&list), [("fetch".to_owned(), false, 1)]);
}

#[test]
fn plans_show_their_revisions_and_steps() {
    let plan = |revision: u32, steps: &[&str]| {
        kind("plan_created", json!({"goal": "g", "revision": revision, "steps": steps}))
    };
    let step = |index: u32, action: &str, revision: Option<u32>| {
        kind(
            "plan_step",
            json!({"step_index": index, "action": action, "plan_revision": revision, "turns": 1, "tokens": 100}),
        )
    };
    let built = timeline(&[
        (5, "custom", step(0, "started", None)),
        (10, "custom", plan(0, &["one", "two"])),
        (20, "custom", step(0, "completed", None)),
        (30, "custom", step(1, "failed", Some(0))),
        (40, "custom", plan(1, &["one", "other", "three"])),
        (50, "custom", step(0, "completed", None)),
        (60, "custom", step(1, "started", Some(1))),
        (70, "custom", step(1, "failed", Some(1))),
        (80, "custom", step(1, "completed", Some(1))),
        (90, "custom", step(2, "started", None)),
    ]);
    let plan = built.plan.unwrap();
    assert_eq!((plan.latest.revision, plan.latest.progress.completed, plan.latest.progress.total), (1, 2, 3));
    let states: Vec<_> = plan.latest.steps.iter().map(|step| step.action).collect();
    assert_eq!(states, [PlanStepState::Completed, PlanStepState::Completed, PlanStepState::Started]);
    let second = &plan.latest.steps[1];
    assert_eq!((second.description.as_deref(), second.turns, second.tokens), (Some("other"), Some(3), Some(300)));
    assert_eq!(second.completed_at, Some(Timestamp(BASE + 80_000)));
    let first = &plan.revisions[0];
    assert_eq!((first.steps[0].action, first.steps[1].action), (PlanStepState::Completed, PlanStepState::Failed));
    assert_eq!(
        first.steps[0].started_at,
        Some(Timestamp(BASE + 5000)),
        "a step told before any plan belongs to the first"
    );
    assert_eq!(built.task.plan_progress, Some(plan.latest.progress));
}

#[test]
fn steps_without_a_plan_are_shown() {
    let built = timeline(&[(
        10,
        "custom",
        kind("plan_step", json!({"step_index": 1, "action": "completed", "total_steps": 4})),
    )]);
    let plan = built.plan.unwrap().latest;
    assert_eq!((plan.goal, plan.created_at, plan.steps.len(), plan.progress.total), (None, None, 1, 4));
}

fn any_moment() -> impl Strategy<Value = (i64, &'static str, Value)> {
    let id = || prop::sample::select(vec!["a", "b", "c", "d"]);
    let parent = prop::option::of(prop::sample::select(vec!["a", "b", "c", "d", "gone"]));
    let action_event = (prop::sample::select(vec!["action_started", "action_completed", "action_failed"]), id(), parent, prop::option::of(0_u32..30))
        .prop_map(|(event_type, id, parent, duration_ms)| {
            (event_type, json!({"action_id": id, "parent_action_id": parent, "duration_ms": duration_ms, "payload": {"action_name": id}}))
        });
    let call =
        (0_u32..40).prop_map(|ms| ("custom", kind("llm_call", json!({"name": "n", "model": "m", "duration_ms": ms}))));
    let retry = (0_u32..20)
        .prop_map(|ms| ("retry_started", json!({"payload": {"data": {"backoff_seconds": f64::from(ms) / 1000.0}}})));
    let step =
        (0_u32..3, prop::sample::select(vec!["started", "completed", "failed", "skipped"]), prop::option::of(0_u32..3))
            .prop_map(|(index, action, revision)| {
                ("custom", kind("plan_step", json!({"step_index": index, "action": action, "plan_revision": revision})))
            });
    let plan = (0_u32..3, 0_usize..4).prop_map(|(revision, steps)| {
        ("custom", kind("plan_created", json!({"goal": "g", "revision": revision, "steps": vec!["s"; steps]})))
    });
    let bare = prop::sample::select(vec![
        "task_started",
        "task_completed",
        "task_failed",
        "approval_requested",
        "approval_received",
        "escalated",
    ])
    .prop_map(|event_type| (event_type, json!({})));
    let what = prop_oneof![4 => action_event, 2 => call, 1 => retry, 2 => step, 1 => plan, 3 => bare];
    (0_i64..100, what).prop_map(|(at, (event_type, more))| (at, event_type, more))
}

fn count(nodes: &[ActionNode]) -> usize {
    nodes.iter().map(|node| 1 + count(&node.children)).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_run_can_be_told(list in prop::collection::vec(any_moment(), 1..40)) {
        let built = timeline_at(&list, 90);
        let parts = built.time_breakdown;
        let sum = parts.llm_ms + parts.actions_ms + parts.waiting_ms + parts.backoff_ms + parts.other_ms;
        prop_assert!((sum - parts.total_ms).abs() < 1e-6, "{parts:?}");
        prop_assert!([parts.llm_ms, parts.actions_ms, parts.waiting_ms, parts.backoff_ms, parts.other_ms].iter().all(|part| *part >= 0.0));
        let actions: std::collections::BTreeSet<&str> =
            list.iter().filter_map(|(_, _, more)| more["action_id"].as_str()).collect();
        prop_assert_eq!(count(&built.action_tree), actions.len());
        prop_assert_eq!(built.task.plan_progress, built.plan.as_ref().map(|plan| plan.latest.progress));
        let order: Vec<_> = built.events.iter().map(|row| row.0.event.timestamp).collect();
        prop_assert!(order.is_sorted());
        prop_assert!(serde_json::to_string(&built).is_ok());
    }

    #[test]
    fn the_order_of_arrival_cannot_be_told(list in prop::collection::vec(any_moment(), 1..25), seed in any::<u64>()) {
        let mut events = events(&list);
        let told = timeline_at(&list, 90);
        let length = events.len();
        for at in 0..length {
            events.swap(at, (seed as usize).wrapping_mul(at + 7) % length);
        }
        let again = build(told.task.clone(), told.runs.clone(), events, Timestamp(BASE + 90_000));
        prop_assert_eq!(serde_json::to_string(&told).unwrap(), serde_json::to_string(&again).unwrap());
    }
}
