//! From events to what insights look at.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::sync::Arc;

use hiveboard_insights::{
    Aggregates,
    aggregates::{Flag, Seen},
    fold::{AgentNow, Memory, Wanted},
};
use hiveboard_wire::{
    Body, CallCost, CostSource, Envelope, Event, EventId, EventType, Kind, NanoDollars, Severity, Source, StoredEvent,
    Timestamp,
};
use serde_json::value::RawValue;

/// Noon of a day.
const NOON: i64 = 1_767_268_800_000_000;
const SECOND: i64 = 1_000_000;

fn envelope() -> Arc<Envelope> {
    Arc::new(Envelope {
        agent_id: "a".into(),
        agent_type: "worker".into(),
        agent_version: Some("v1".into()),
        framework: "custom".into(),
        runtime: None,
        sdk_version: None,
        instance_id: None,
        environment: "production".into(),
        group: "default".into(),
        source: Source::Ingest,
    })
}

/// So many seconds after noon, in task `t`.
fn event(seconds: i64, event_type: EventType, action: Option<&str>, payload: &str) -> Event {
    let kind = payload.contains("llm_call").then_some(Kind::LlmCall);
    Event {
        event_id: EventId::new(&format!("{seconds}-{event_type:?}-{action:?}")),
        timestamp: Timestamp(NOON + seconds * SECOND),
        event_type,
        severity: Severity::Info,
        project_id: Some("p".into()),
        task_id: Some("t".into()),
        task_type: Some("triage".into()),
        task_run_id: Some("r".into()),
        correlation_id: None,
        action_id: action.map(Into::into),
        parent_action_id: None,
        parent_event_id: None,
        status: None,
        duration_ms: None,
        payload: (!payload.is_empty()).then(|| RawValue::from_string(payload.to_owned()).unwrap()),
        kind,
    }
}

/// The same search three times with phases around it, a save that fails for good, and calls whose prompts grow.
fn events() -> Vec<Event> {
    use EventType::{ActionCompleted, ActionFailed, ActionStarted, Custom, TaskCompleted, TaskStarted};
    let search = r#"{"action_name":"search","args":{"q":"x"}}"#;
    let ends = r#"{"action_name":"search"}"#;
    let call = |tokens: u32| {
        format!(r#"{{"kind":"llm_call","summary":"s","data":{{"model":"m","tokens_in":{tokens},"tokens_out":10}}}}"#)
    };
    let mut events = vec![event(0, TaskStarted, None, "")];
    for (place, id) in ["s1", "s2", "s3"].into_iter().enumerate() {
        let at = 10 * (place as i64 + 1);
        events.push(event(at - 1, ActionStarted, Some(&format!("phase-{id}")), r#"{"action_name":"phase"}"#));
        events.push(event(at, ActionStarted, Some(id), search));
        events.push(event(at + 1, ActionCompleted, Some(id), ends));
        events.push(event(at + 2, ActionCompleted, Some(&format!("phase-{id}")), r#"{"action_name":"phase"}"#));
    }
    for (place, tokens) in [100, 200, 300, 400].into_iter().enumerate() {
        events.push(event(50 + place as i64, Custom, None, &call(tokens)));
    }
    let failure = r#"{"action_name":"save","exception_type":"IOError","exception_message":"disk 7 is full"}"#;
    events.push(event(60, ActionFailed, Some("w"), failure));
    events.push(event(100, TaskCompleted, None, ""));
    events
}

fn gathered(events: &[Event]) -> (Memory, Aggregates) {
    let mut memory = Memory::default();
    for (place, event) in events.iter().enumerate() {
        let body = Body::read(event.event_type, event.kind, event.payload.as_deref()).0;
        let cost = matches!(body, Body::LlmCall(_))
            .then_some(CallCost { amount: NanoDollars::from_dollars(0.5).unwrap(), source: CostSource::Reported });
        let stored = StoredEvent {
            seq: place as u64 + 1,
            received_at: Timestamp(NOON + 200 * SECOND),
            envelope: envelope(),
            event: event.clone(),
        };
        memory.fold(&stored, &body, cost);
        // What comes again changes nothing.
        memory.fold(&stored, &body, cost);
    }
    let now = Timestamp(NOON + 600 * SECOND);
    let seen = Seen { since: Timestamp(NOON), until: now, ..Seen::default() };
    let all = memory.gather(
        &Wanted { seen, now, ..Wanted::default() },
        &[AgentNow { agent_id: "a".into(), ..AgentNow::default() }],
    );
    (memory, all)
}

#[test]
fn a_run_is_summed_up() {
    let (_, all) = gathered(&events());
    assert_eq!(all.runs.len(), 1);
    let (labels, now) = (&all.runs[0].labels, &all.runs[0].now);
    let named = (&*labels.agent_id, labels.task_type.as_deref(), labels.model.as_deref());
    assert_eq!(named, ("a", Some("triage"), Some("m")));
    assert_eq!((now.completed, now.failed, now.llm_calls, now.tokens_in, now.tokens_out), (1, 0, 4, 1_000, 40));
    assert_eq!((now.growable, now.growing, now.grown_tokens), (1, 1, 600));
    assert!((now.cost.sum - 2.0).abs() < 1e-9 && (now.duration.sum - 100.0).abs() < 1e-9, "{now:?}");
    let flags: Vec<&Flag> = all.flagged.iter().map(|run| &run.flag).collect();
    assert_eq!(
        flags,
        [
            &Flag::Repeats { name: "search".into(), times: 3 },
            &Flag::Unrecovered { name: "save".into(), error: Some("IOError: disk # is full".into()) },
        ]
    );
    let save = all.actions.iter().find(|series| &*series.labels.action_name == "save").unwrap();
    assert_eq!((save.now.ended, save.now.failed), (1, 1));
}

#[test]
fn the_order_of_arrival_changes_nothing() {
    let (_, wanted) = gathered(&events());
    let mut rng = fastrand::Rng::with_seed(3);
    for _ in 0..50 {
        let mut shuffled = events();
        rng.shuffle(&mut shuffled);
        let (_, all) = gathered(&shuffled);
        assert_eq!(all.runs[0].now.tokens_in, wanted.runs[0].now.tokens_in);
        assert_eq!(all.runs[0].now.grown_tokens, wanted.runs[0].now.grown_tokens);
        assert_eq!(all.runs[0].labels, wanted.runs[0].labels);
        assert_eq!(all.flagged, wanted.flagged);
        assert!(all.dropped.is_empty());
    }
}

#[test]
fn a_run_that_never_ended_is_dropped_after_a_while_and_one_that_waits_for_a_person_is_not() {
    let look = |events: &[Event], hours: i64| {
        let (mut memory, _) = gathered(events);
        let now = Timestamp(NOON + hours * 3_600 * SECOND);
        let seen = Seen { since: Timestamp(NOON), until: now, ..Seen::default() };
        memory.gather(&Wanted { seen, now, ..Wanted::default() }, &[]).dropped.len()
    };
    let mut open = events();
    open.pop();
    assert_eq!((look(&open, 1), look(&open, 2)), (0, 1));
    open.push(event(70, EventType::ApprovalRequested, None, r#"{"summary":"may I"}"#));
    assert_eq!(look(&open, 2), 0);
}

#[test]
fn what_retention_lets_go_is_forgotten() {
    let mut memory = Memory::default();
    let day = 86_400;
    for (place, days) in [0, 0, 1, 20, 20].into_iter().enumerate() {
        for (number, event_type) in [EventType::TaskStarted, EventType::TaskCompleted].into_iter().enumerate() {
            let mut event = event(days * day + number as i64, event_type, None, "");
            event.event_id = EventId::new(&format!("{place}-{number}"));
            event.task_id = Some(format!("t{place}").into());
            let stored = StoredEvent {
                seq: (place * 2 + number + 1) as u64,
                received_at: event.timestamp,
                envelope: envelope(),
                event,
            };
            memory.fold(&stored, &stored.event.body(), None);
        }
    }
    let until = Timestamp(NOON + 21 * day * SECOND);
    let ended = |memory: &mut Memory| -> u64 {
        let seen = Seen { since: Timestamp(NOON - day * SECOND), until, ..Seen::default() };
        let wanted = Wanted { seen, now: until, ..Wanted::default() };
        memory.gather(&wanted, &[]).runs.iter().map(|series| series.now.ended()).sum()
    };
    assert_eq!(ended(&mut memory), 5);
    memory.forget_before(Timestamp(NOON + 10 * day * SECOND));
    assert_eq!(ended(&mut memory), 2);
}
