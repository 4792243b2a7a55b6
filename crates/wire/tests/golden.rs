//! Every kind of event as it travels is understood, whole, without a warning. The client's and the board's tests read the same files.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::{collections::BTreeMap, path::Path};

use hiveboard_wire::{
    Body, CostSource, EventType, Kind, NanoDollars, Severity, Timestamp,
    body::{IssueAction, StepAction},
    decode_batch,
    validate::Accepted,
};

fn golden() -> BTreeMap<String, Accepted> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let decoded =
            decode_batch(&std::fs::read(&path).unwrap(), Timestamp::parse("2026-02-13T00:00:00Z").unwrap()).unwrap();
        assert_eq!(decoded.receipt.errors, [], "{name}");
        assert_eq!(decoded.receipt.warnings, [], "{name}");
        assert_eq!(decoded.events.len(), 1, "{name}: one event a file");
        all.insert(name, decoded.events.into_iter().next().unwrap());
    }
    all
}

#[test]
fn every_type_and_every_kind_has_a_file() {
    let golden = golden();
    for event_type in EventType::ALL {
        assert!(golden.values().any(|one| one.event.event_type == *event_type), "no file for {event_type}");
    }
    for kind in Kind::ALL {
        assert!(golden.values().any(|one| one.event.kind == Some(*kind)), "no file for {kind}");
    }
    let mut ids: Vec<_> = golden.values().map(|one| one.event.event_id.clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), golden.len(), "ids are unique, so that all files can be sent to one server");
}

#[test]
fn files_are_typed_by_what_they_say() {
    for (name, one) in golden() {
        let told = match &one.body {
            Body::Registered(body) => {
                assert_eq!((body.stuck_threshold_seconds, body.heartbeat_interval_seconds), (Some(300.0), Some(30.0)));
                body.agent_type.as_deref() == Some("sales")
            }
            Body::Heartbeat { summary } => summary.is_some() == (one.event.kind == Some(Kind::HeartbeatStatus)),
            Body::TaskStarted | Body::TaskCompleted => one.event.task_run_id.is_some(),
            Body::TaskFailed(body) => body.exception_type.as_deref() == Some("TimeoutError"),
            Body::ActionStarted(body) => body.name.as_deref() == Some("score_lead") && body.function.is_some(),
            Body::ActionCompleted(body) => body.name.is_some() && one.event.duration_ms == Some(1104.25),
            Body::ActionFailed(body) => {
                body.exception.exception_message.as_deref() == Some("connection reset by peer: “crm.example”")
            }
            Body::Escalated(body) => body.assigned_to.as_deref() == Some("senior-support"),
            Body::ApprovalRequested(body) => body.approver.as_deref() == Some("support-lead"),
            Body::ApprovalReceived(body) => body.decision.as_deref() == Some("approved"),
            Body::RetryStarted(body) => (body.attempt, body.backoff_seconds) == (Some(2), Some(4.0)),
            Body::LlmCall(body) => body.name.is_some() && body.model.is_some(),
            Body::PlanCreated(body) => body.steps.len() == 3 && &*body.steps[2].1 == "Route to rep",
            Body::PlanStep(body) => body.step_index.is_some() && body.action.is_some() && body.total_steps == Some(3),
            Body::QueueSnapshot(body) => body.depth == Some(4) && body.items.is_some() && body.processing.is_some(),
            Body::Todo(body) => body.todo_id.as_deref() == Some("todo-kb-update"),
            Body::Scheduled(body) => body.items.as_deref().is_some_and(|items| items.contains("sched-cleanup")),
            Body::Issue(body) => body.issue_id.as_deref() == Some("crm-timeout"),
            Body::Custom { kind, summary } => kind.as_deref() == Some("my_custom_kind") && summary.is_some(),
        };
        assert!(told, "{name}: {:?}", one.body);
    }
}

#[test]
fn severities_default_by_kind() {
    let golden = golden();
    for (name, wanted) in [
        ("heartbeat", Severity::Debug),
        ("heartbeat_status", Severity::Debug),
        ("queue_snapshot", Severity::Debug),
        ("task_failed", Severity::Error),
        ("action_failed", Severity::Error),
        ("plan_step_failed", Severity::Error),
        ("retry_started", Severity::Warn),
        ("escalated", Severity::Warn),
        ("todo_failed", Severity::Warn),
        ("issue", Severity::Error),
        ("issue_resolved", Severity::Warn),
        ("task_completed", Severity::Info),
        ("plan_step", Severity::Info),
        ("llm_call", Severity::Info),
    ] {
        assert_eq!(golden[name].event.severity, wanted, "{name}");
    }
}

#[test]
fn figures_come_through() {
    let golden = golden();
    let Body::LlmCall(call) = &golden["llm_call"].body else { panic!("a call") };
    assert_eq!((call.tokens_in, call.tokens_out, call.cost), (Some(1500), Some(200), NanoDollars::from_dollars(0.003)));
    assert_eq!((call.duration_ms, call.response_preview.as_deref()), (Some(1200.0), Some("{\"score\": 42}")));
    let Body::LlmCall(call) = &golden["llm_call_minimal"].body else { panic!("a call") };
    assert_eq!((call.tokens_in, call.cost, call.duration_ms), (None, None, None));
    let Body::PlanStep(step) = &golden["plan_step_failed"].body else { panic!("a step") };
    assert_eq!((step.action, step.plan_revision), (Some(StepAction::Failed), Some(0)));
    let Body::Issue(issue) = &golden["issue"].body else { panic!("an issue") };
    assert_eq!((issue.action, issue.occurrence_count), (IssueAction::Reported, Some(3)));
    let Body::Issue(issue) = &golden["issue_resolved"].body else { panic!("an issue") };
    assert_eq!(issue.action, IssueAction::Resolved);
}

#[test]
fn null_is_absent() {
    let golden = golden();
    let one = &golden["without_instance"];
    let Body::LlmCall(call) = &one.body else { panic!("a call") };
    assert_eq!((call.tokens_in, call.tokens_out, call.cost), (Some(900), None, None));
    assert_eq!((&one.event.task_run_id, &one.event.status, one.event.duration_ms), (&None, &None, None));
}

#[test]
fn a_source_of_cost_travels_in_lower_case() {
    assert_eq!(serde_json::to_string(&CostSource::Estimated).unwrap(), "\"estimated\"");
}
