//! What is derived cannot tell the order of arrival, nor whether the server was started anew in between.

use std::{collections::HashSet, sync::Arc};

use crate::board::{Given, Rows, all_views, apply, at, filtered_views, given};
use hiveboard_derive::{Bucketing, GroupBy, Projections, RunFilter, view::TaskStatus};
use hiveboard_wire::{EventId, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

fn pick(texts: &[&'static str]) -> impl Strategy<Value = &'static str> + use<> {
    prop::sample::select(texts.to_vec())
}

fn some(texts: &[&'static str]) -> impl Strategy<Value = Option<&'static str>> + use<> {
    prop::option::of(pick(texts))
}

fn payload(kind: &str, summary: &str, data: Value) -> (&'static str, Value) {
    ("custom", json!({"payload": {"kind": kind, "summary": summary, "data": data}}))
}

/// Event type and what belongs to it.
fn what() -> impl Strategy<Value = (&'static str, Value)> {
    let bare = (
        pick(&[
            "task_started",
            "task_failed",
            "task_completed",
            "escalated",
            "approval_requested",
            "approval_received",
            "retry_started",
            "heartbeat",
        ]),
        prop::option::of(1_u32..5000),
    )
        .prop_map(|(event_type, duration_ms)| (event_type, json!({"duration_ms": duration_ms})));
    let action = (
        pick(&["action_started", "action_completed", "action_failed", "action_failed"]),
        pick(&["x", "y", "z"]),
        some(&["x", "y"]),
        some(&["KeyError", "OSError"]),
        some(&["order 17", "order 18"]),
    )
        .prop_map(|(event_type, id, parent, exception, message)| {
            let payload = json!({"action_name": id, "exception_type": exception, "exception_message": message});
            (event_type, json!({"action_id": id, "parent_action_id": parent, "payload": payload}))
        });
    let failed = (some(&["KeyError", "OSError"]), some(&["order 17", "order 18"])).prop_map(|(exception, message)| {
        ("task_failed", json!({"payload": {"exception_type": exception, "exception_message": message}}))
    });
    let call = (
        some(&["gpt-4o", "unknown"]),
        prop::option::of(0_u32..1000),
        prop::option::of(0_u32..1000),
        prop::option::of(0_u32..100),
    )
        .prop_map(|(model, tokens_in, tokens_out, cents)| {
            let cost = cents.map(|cents| f64::from(cents) / 100.0);
            payload(
                "llm_call",
                "call",
                json!({"name": "n", "model": model, "tokens_in": tokens_in, "tokens_out": tokens_out, "cost": cost}),
            )
        });
    let plan = (0_u32..3, 0_usize..4).prop_map(|(revision, steps)| {
        payload("plan_created", "p", json!({"goal": "g", "revision": revision, "steps": vec!["s"; steps]}))
    });
    let step = (0_u32..3, pick(&["started", "completed", "failed", "skipped"]), prop::option::of(0_u32..3)).prop_map(
        |(index, action, revision)| {
            payload("plan_step", "s", json!({"step_index": index, "action": action, "plan_revision": revision}))
        },
    );
    let issue = (some(&["i1", "i2"]), pick(&["API down", "api  DOWN.", "disk full"]), pick(&["low", "high", "critical"]), pick(&["reported", "resolved", "dismissed"]), prop::option::of(0_u32..9))
        .prop_map(|(id, summary, severity, action, count)| {
            payload("issue", summary, json!({"issue_id": id, "severity": severity, "action": action, "occurrence_count": count, "context": {"n": count}}))
        });
    let todo = (
        some(&["t1", "t2"]),
        pick(&["created", "completed", "failed", "dismissed", "deferred"]),
        some(&["low", "high"]),
    )
        .prop_map(|(id, action, priority)| {
            payload("todo", "do it", json!({"todo_id": id, "action": action, "priority": priority}))
        });
    let queue =
        (0_u32..9).prop_map(|depth| payload("queue_snapshot", "q", json!({"depth": depth, "items": [{"id": depth}]})));
    let beat = (0_u32..9).prop_map(|depth| {
        ("heartbeat", json!({"payload": {"kind": if depth > 4 { "heartbeat_status" } else { "queue_snapshot" }, "summary": format!("depth {depth}"), "data": {"depth": depth}}}))
    });
    let scheduled = (0_u32..9).prop_map(|id| payload("scheduled", "s", json!({"items": [{"id": id}]})));
    let registered = (1_u32..900).prop_map(|threshold| {
        ("agent_registered", json!({"payload": {"data": {"stuck_threshold": threshold, "version": "9"}}}))
    });
    prop_oneof![8 => bare, 4 => action, 2 => failed, 3 => call, 1 => plan, 2 => step, 3 => issue, 3 => todo, 1 => queue, 1 => beat, 1 => scheduled, 1 => registered]
}

fn any_event() -> impl Strategy<Value = (Value, Value, i64, i64)> {
    let envelope = (pick(&["a", "b"]), some(&["1.0", "1.1"]), some(&["p1", "p2"]), pick(&["production", "staging"]))
        .prop_map(|(agent, version, instance, environment)| {
            json!({"agent_id": agent, "agent_version": version, "instance_id": instance, "environment": environment})
        });
    let labels = (
        some(&["t1", "t2"]),
        some(&["r1", "0190a5c2-0000-7000-8000-00000000000a"]),
        some(&["k1", "k2"]),
        some(&["sales", "support"]),
        some(&["c1", "c2"]),
    );
    // Few instants, so that many events share one.
    (envelope, labels, what(), 0_i64..12, 0_i64..60).prop_map(
        |(envelope, labels, (event_type, mut event), happened, delay)| {
            let (task, run, task_type, project, correlation) = labels;
            event["event_type"] = json!(event_type);
            event["task_id"] = json!(task);
            event["task_run_id"] = json!(run);
            event["task_type"] = json!(task_type);
            event["project_id"] = json!(project);
            event["correlation_id"] = json!(correlation);
            (envelope, event, happened * 60, delay)
        },
    )
}

fn stream() -> impl Strategy<Value = Vec<Given>> {
    prop::collection::vec(any_event(), 1..60).prop_map(|events| {
        let one = |(seq, (envelope, event, happened, delay)): (usize, (Value, Value, i64, i64))| {
            given(seq as u64 + 1, at((happened + delay) as f64), at(happened as f64), envelope, event)
        };
        events.into_iter().enumerate().map(one).collect()
    })
}

/// Applies with repeated events left out, as the store does.
fn fold<'a>(projections: &mut Projections, events: impl IntoIterator<Item = &'a Given>, seen: &mut HashSet<EventId>) {
    for event in events {
        if seen.insert(event.stored.event.event_id.clone()) {
            apply(projections, event);
        }
    }
}

fn assert_same(left: &Projections, right: &Projections) -> Result<(), TestCaseError> {
    // While all are alive, when some are stuck, and long after.
    for seconds in [780.0, 1100.0, 4200.0, 5000.0] {
        prop_assert_eq!(all_views(left, at(seconds)), all_views(right, at(seconds)), "at {}", seconds);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn any_order_with_repeats_gives_the_same(events in stream(), order in prop::collection::vec(any::<prop::sample::Index>(), 0..40), seed in any::<u64>()) {
        let mut straight = Projections::new();
        fold(&mut straight, &events, &mut HashSet::new());
        let mut shuffled: Vec<&Given> = events.iter().collect();
        let mut state = seed | 1;
        for last in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(last, (state >> 33) as usize % (last + 1));
        }
        let repeats: Vec<&Given> = order.iter().map(|index| *index.get(&shuffled)).collect();
        let mut seen = HashSet::new();
        let mut mixed = Projections::new();
        fold(&mut mixed, shuffled.iter().copied().take(shuffled.len() / 2), &mut seen);
        fold(&mut mixed, repeats, &mut seen);
        fold(&mut mixed, shuffled, &mut seen);
        assert_same(&straight, &mixed)?;
    }

    #[test]
    fn rows_bring_everything_back(events in stream(), cuts in prop::collection::vec(0_usize..60, 0..4)) {
        let mut straight = Projections::new();
        let mut broken = Projections::new();
        let rows = Rows::default();
        for (place, event) in events.iter().enumerate() {
            apply(&mut straight, event);
            apply(&mut broken, event);
            if place % 3 == 0 {
                // Moves totals along in between, forth and back.
                broken.liveness_sweep(at([780.0, 4200.0, 781.0][place / 3 % 3]));
            }
            if cuts.contains(&place) {
                rows.save(&mut broken);
                prop_assert!(broken.take_changes().is_empty(), "nothing changed since");
                broken = rows.restore();
            }
        }
        broken.liveness_sweep(at(1100.0));
        assert_same(&straight, &broken)?;
        broken.liveness_sweep(at(4200.0));
        assert_same(&straight, &broken)?;
        rows.save(&mut broken);
        assert_same(&straight, &rows.restore())?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn what_arrives_together_is_folded_as_if_it_came_one_by_one(mut events in stream(), sizes in prop::collection::vec(1_usize..9, 1..60)) {
        let mut rest = &mut events[..];
        for size in sizes {
            let (batch, others) = rest.split_at_mut(size.min(rest.len()));
            let envelope = batch.first().map(|first| Arc::clone(&first.stored.envelope));
            let received_at = batch.iter().map(|one| one.stored.received_at).max();
            for one in batch {
                one.stored.envelope.clone_from(envelope.as_ref().expect("a batch has a first"));
                one.stored.received_at = received_at.expect("likewise");
            }
            rest = others;
        }
        let mut straight = Projections::new();
        fold(&mut straight, &events, &mut HashSet::new());
        let mut together = Projections::new();
        together.apply_all(events.iter().map(|one| (&one.stored, &one.body, one.call_cost)));
        assert_same(&straight, &together)?;
    }
}

/// What figures are told by: sums that the fold keeps, or all runs, which a filter by every status asks for.
fn figures(projections: &Projections, filter: &RunFilter, width: i64, by: Option<GroupBy>, now: Timestamp) -> Value {
    let metrics =
        projections.task_metrics(filter, Some(Bucketing::Width(width * 1_000_000)), by, now).finish().unwrap();
    let mut told = serde_json::to_value(metrics).unwrap();
    let mut groups = std::mem::take(&mut told["groups"]);
    groups.as_array_mut().unwrap().sort_by_key(|group| group["key"].to_string());
    told["groups"] = groups;
    if filter.agent_id.is_some() || by == Some(GroupBy::Agent) {
        // Of an agent the sums are those of the calls in this time.
        without_calls(&mut told);
    }
    told
}

fn without_calls(told: &mut Value) {
    match told {
        Value::Object(members) => {
            members.retain(|name, _| {
                !name.contains("cost") && !name.contains("token") && !name.contains("call") && !name.contains("error")
            });
            members.values_mut().for_each(without_calls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_calls),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn kept_sums_tell_what_the_runs_tell(events in stream(), shuffled_at in 0_usize..60) {
        let mut projections = Projections::new();
        let cut = shuffled_at.min(events.len());
        for event in events[cut..].iter().chain(&events[..cut]) {
            apply(&mut projections, event);
        }
        let some = |text: &str| Some(text.to_owned());
        let all = RunFilter::default;
        let filters = [
            all(),
            RunFilter { project_id: some("sales"), ..all() },
            RunFilter { task_type: some("k1"), ..all() },
            RunFilter { environment: some("staging"), ..all() },
            RunFilter { group: some("default"), ..all() },
            RunFilter { agent_version: some("1.1"), ..all() },
            RunFilter { agent_id: some("b"), ..all() },
        ];
        let groups = [None, Some(GroupBy::Agent), Some(GroupBy::Project), Some(GroupBy::TaskType), Some(GroupBy::Version), Some(GroupBy::Environment), Some(GroupBy::Group)];
        for (filter, since, until) in filters.iter().flat_map(|filter| [(filter, -600.0, None), (filter, 300.0, None), (filter, 0.0, Some(600.0))]) {
            let filter = RunFilter { since: Some(at(since)), until: until.map(at), ..filter.clone() };
            let walked = RunFilter { status: TaskStatus::ALL.to_vec(), ..filter.clone() };
            for (by, width) in groups.into_iter().flat_map(|by| [(by, 60), (by, 300)]) {
                for now in [at(780.0), at(5000.0)] {
                    prop_assert_eq!(figures(&projections, &filter, width, by, now), figures(&projections, &walked, width, by, now), "{:?} {:?}", filter, by);
                }
            }
        }
    }

    #[test]
    fn archived_runs_are_told_like_those_in_memory(events in stream(), cuts in prop::collection::vec(0_usize..60, 0..4)) {
        let mut straight = Projections::new();
        let rows = Rows::default();
        let mut archiving = rows.archiving();
        for (place, event) in events.iter().enumerate() {
            apply(&mut straight, event);
            apply(&mut archiving, event);
            while archiving.archive_some() {}
            if cuts.contains(&place) {
                rows.save(&mut archiving);
                archiving = rows.archiving();
            }
            prop_assert_eq!(archiving.take_failure(), None);
        }
        assert_same(&straight, &archiving)?;
        for seconds in [780.0, 5000.0] {
            let (wanted, got) = (filtered_views(&straight, at(seconds)), filtered_views(&archiving, at(seconds)));
            for (wanted, got) in wanted.iter().zip(&got) {
                prop_assert_eq!(wanted, got);
            }
        }
        let (in_memory, archived) = archiving.run_counts();
        prop_assert_eq!(in_memory + archived, straight.run_counts().0);
    }
}
