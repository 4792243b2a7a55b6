//! Each refusal and each warning, the bounds on both sides, and that one bad event costs itself alone.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use hiveboard_wire::{
    Body, EventErrorCode as Error, EventId, EventWarningCode as Warning, NanoDollars, Severity, Source, Timestamp,
    decode_batch,
    kind::limits,
    validate::{Decoded, InvalidBatch},
};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp(1_770_000_000_000_000);

fn decode(body: &Value) -> Result<Decoded, InvalidBatch> {
    decode_batch(body.to_string().as_bytes(), NOW)
}

fn event(more: Value) -> Value {
    let mut event = json!({"event_id": "e1", "timestamp": NOW.to_string(), "event_type": "custom"});
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

/// What a board said of events that it exported is taken; what cannot be a cost is not.
#[test]
fn events_of_an_export_keep_their_way_in_and_their_costs() {
    let of = |exported: Value| {
        decode(&json!({"envelope": {"agent_id": "a"}, "events": [event(json!({}))], "exported": exported}))
    };
    let read = of(json!({"source": "otlp", "estimated_costs": {"e": 0.25, "f": -1.0}})).unwrap();
    assert_eq!(read.envelope.source, Source::Otlp);
    let costs: Vec<_> = read.estimated_costs.into_iter().collect();
    assert_eq!(costs, [(EventId::new("e"), NanoDollars::from_dollars(0.25).unwrap())]);
    assert_eq!(of(json!({})).unwrap().envelope.source, Source::Ingest);
    assert_eq!(of(Value::Null).unwrap().envelope.source, Source::Ingest);
    assert!(of(json!({"source": "letter"})).unwrap_err().0.contains("`exported` is malformed"));
}

fn batch(events: Vec<Value>) -> Decoded {
    decode(&json!({"envelope": {"agent_id": "a"}, "events": events})).unwrap()
}

fn error_of(more: Value) -> Option<Error> {
    let decoded = batch(vec![event(more)]);
    assert_eq!(decoded.receipt.accepted + decoded.receipt.rejected, 1);
    assert_eq!(decoded.receipt.errors.len(), decoded.receipt.rejected);
    decoded.receipt.errors.first().map(|problem| problem.error)
}

fn warnings_of(more: Value) -> Vec<Warning> {
    let decoded = batch(vec![event(more)]);
    assert_eq!(decoded.receipt.accepted, 1, "{:?}", decoded.receipt.errors);
    decoded.receipt.warnings.iter().map(|warning| warning.warning).collect()
}

#[test]
fn what_is_no_batch_is_refused_whole() {
    let refused = |body: &str, hint: &str| {
        let error = decode_batch(body.as_bytes(), NOW).expect_err(body).0;
        assert!(error.contains(hint), "{error:?} should speak of {hint:?}");
    };
    refused("", "empty");
    refused("not json", "not valid JSON");
    refused("[]", "must be");
    refused("{}", "`envelope` is missing");
    refused(r#"{"envelope": {"agent_id": "a"}}"#, "`events` is missing");
    refused(r#"{"envelope": {}, "events": []}"#, "`envelope.agent_id` is missing");
    refused(r#"{"envelope": {"agent_id": ""}, "events": []}"#, "`envelope.agent_id` is missing");
    refused(r#"{"envelope": {"agent_id": 5}, "events": []}"#, "`envelope` is malformed");
    refused(r#"{"envelope": {"agent_id": "a"}, "events": {}}"#, "must be");
    refused(r#"{"envelope": {"agent_id": "a"}, "events": [}"#, "not valid JSON");
    assert!(decode_batch(b"{\"envelope\": {\"agent_id\": \"\xff\"}, \"events\": []", NOW).is_err());
    assert_eq!(batch(vec![]).receipt.accepted, 0);
}

#[test]
fn envelopes_have_defaults_and_bounds() {
    let decoded = batch(vec![]);
    let envelope = &decoded.envelope;
    assert_eq!((&*envelope.agent_type, &*envelope.framework), ("general", "custom"));
    assert_eq!((&*envelope.environment, &*envelope.group), ("production", "default"));
    assert_eq!((&envelope.agent_version, &envelope.instance_id), (&None, &None));
    for (field, most) in
        [("agent_id", 256), ("environment", 64), ("group", 128), ("agent_version", 256), ("instance_id", 256)]
    {
        let with = |text: String| {
            let mut envelope = json!({"agent_id": "a"});
            envelope[field] = json!(text);
            decode(&json!({"envelope": envelope, "events": []}))
        };
        assert!(with("ü".repeat(most)).is_ok(), "{field}: lengths are in characters");
        let error = with("ü".repeat(most + 1)).unwrap_err().0;
        assert!(error.contains(field) && error.contains(&most.to_string()), "{error}");
    }
}

#[test]
fn a_batch_has_at_most_500_events() {
    let many = |count: usize| {
        let events: Vec<Value> = (0..count).map(|at| event(json!({"event_id": at.to_string()}))).collect();
        decode(&json!({"envelope": {"agent_id": "a"}, "events": events}))
    };
    assert_eq!(many(limits::BATCH_EVENTS).unwrap().events.len(), 500);
    assert!(many(limits::BATCH_EVENTS + 1).unwrap_err().0.contains("501"));
}

#[test]
fn required_fields_are_asked_for() {
    for field in ["event_id", "timestamp", "event_type"] {
        for absent in [json!({field: null}), json!({field: ""})] {
            assert_eq!(error_of(absent), Some(Error::MissingRequiredField), "{field}");
        }
    }
}

#[test]
fn wrong_types_are_named() {
    for (field, value) in [
        ("event_id", json!(5)),
        ("timestamp", json!(1_770_000_000)),
        ("event_type", json!(["custom"])),
        ("project_id", json!({})),
        ("task_id", json!(17)),
        ("duration_ms", json!("12")),
        ("duration_ms", json!(-1)),
        ("payload", json!("text")),
        ("payload", json!([1])),
        ("payload", json!(3)),
    ] {
        let decoded = batch(vec![event(json!({field: value}))]);
        let problem = &decoded.receipt.errors[0];
        assert_eq!(problem.error, Error::InvalidField, "{field} {value}");
        assert!(problem.message.contains(field), "{}", problem.message);
    }
}

#[test]
fn types_and_times_are_checked() {
    assert_eq!(error_of(json!({"event_type": "task_exploded"})), Some(Error::InvalidEventType));
    for bad in ["yesterday", "2026-02-12", "2026-02-12T15:04:05", "2026-02-30T00:00:00Z", "1770000000"] {
        assert_eq!(error_of(json!({"timestamp": bad})), Some(Error::InvalidTimestamp), "{bad}");
    }
    let ahead = |seconds: i64| error_of(json!({"timestamp": NOW.plus_seconds(seconds).to_string()}));
    assert_eq!(ahead(limits::FUTURE_SECONDS), None);
    assert_eq!(ahead(limits::FUTURE_SECONDS + 1), Some(Error::InvalidTimestamp));
    assert_eq!(error_of(json!({"timestamp": "1970-01-01T00:00:00Z"})), None, "late events are taken, however late");
}

#[test]
fn sizes_are_bounded_in_characters() {
    assert_eq!(error_of(json!({"event_id": "é".repeat(128)})), None);
    assert_eq!(error_of(json!({"event_id": "é".repeat(129)})), Some(Error::FieldSizeExceeded));
    for field in [
        "task_id",
        "project_id",
        "task_type",
        "task_run_id",
        "correlation_id",
        "action_id",
        "parent_action_id",
        "status",
    ] {
        assert_eq!(error_of(json!({field: "é".repeat(256)})), None, "{field}");
        assert_eq!(error_of(json!({field: "é".repeat(257)})), Some(Error::FieldSizeExceeded), "{field}");
    }
}

#[test]
fn payloads_are_bounded_in_bytes_and_depth() {
    // {"t":"…"} has 8 bytes around the text.
    let sized = |bytes: usize| error_of(json!({"payload": {"t": "x".repeat(bytes - 8)}}));
    assert_eq!(sized(limits::PAYLOAD_BYTES), None);
    assert_eq!(sized(limits::PAYLOAD_BYTES + 1), Some(Error::PayloadTooLarge));
    let nested = |levels: usize| {
        let inner = format!("{}1{}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        error_of(json!({"payload": {"t": serde_json::from_str::<Value>(&inner).unwrap()}}))
    };
    assert_eq!(nested(limits::PAYLOAD_DEPTH), None);
    assert_eq!(nested(limits::PAYLOAD_DEPTH + 1), Some(Error::InvalidField));
}

#[test]
fn white_space_of_a_payload_does_not_count() {
    let spaced = format!("{{ \"t\" : {}\"x\" }}", " ".repeat(limits::PAYLOAD_BYTES));
    let body = format!(
        r#"{{"envelope":{{"agent_id":"a"}},"events":[{{"event_id":"e","timestamp":"{NOW}","event_type":"custom","payload":{spaced}}}]}}"#
    );
    assert_eq!(decode_batch(body.as_bytes(), NOW).unwrap().receipt.rejected, 0);
}

#[test]
fn severities_are_mended_with_a_warning() {
    for (given, warned) in
        [(json!("warn"), false), (json!(null), false), (json!("fatal"), true), (json!(3), true), (json!({}), true)]
    {
        let warnings = warnings_of(json!({"event_type": "task_failed", "severity": given}));
        assert_eq!(warnings == [Warning::InvalidSeverity], warned, "{given}");
    }
    let decoded = batch(vec![event(json!({"event_type": "task_failed", "severity": "fatal"}))]);
    assert_eq!(decoded.events[0].event.severity, Severity::Error);
}

fn call(data: Value) -> (Vec<Warning>, hiveboard_wire::body::LlmCall) {
    let payload = json!({"payload": {"kind": "llm_call", "summary": "s", "data": data}});
    let decoded = batch(vec![event(payload.clone())]);
    let Body::LlmCall(call) = decoded.events[0].body.clone() else { panic!("a call") };
    (warnings_of(payload), call)
}

#[test]
fn malformed_figures_count_as_absent_and_are_named() {
    for (field, bad) in [
        ("cost", json!("0.003")),
        ("cost", json!(-1)),
        ("cost", json!(2e6)),
        ("cost", json!([1])),
        ("tokens_in", json!("many")),
        ("tokens_in", json!(1.5)),
        ("tokens_in", json!(-3)),
        ("tokens_out", json!(1e300)),
        ("duration_ms", json!(-1)),
        ("model", json!(4)),
    ] {
        let mut data =
            json!({"name": "n", "model": "m", "tokens_in": 1, "tokens_out": 2, "cost": 0.5, "duration_ms": 3});
        data[field] = bad.clone();
        let (warnings, call) = call(data);
        assert_eq!(warnings, [Warning::PayloadConvention], "{field} {bad}");
        let absent = match field {
            "cost" => call.cost.is_none(),
            "tokens_in" => call.tokens_in.is_none(),
            "tokens_out" => call.tokens_out.is_none(),
            "duration_ms" => call.duration_ms.is_none(),
            _ => call.model.is_none(),
        };
        assert!(absent, "{field} {bad}");
        assert_eq!(call.name.as_deref(), Some("n"), "the rest is read");
    }
    let (warnings, call) = call(json!({"name": "n", "model": "m", "tokens_in": 10.0, "cost": 0}));
    assert_eq!((warnings, call.tokens_in, call.cost), (vec![], Some(10), Some(NanoDollars(0))));
}

#[test]
fn payloads_off_the_convention_are_kept_as_they_are() {
    for payload in [
        json!({"kind": "llm_call"}),
        json!({"kind": "llm_call", "data": "text"}),
        json!({"kind": "plan_step", "data": {"action": "exploded", "step_index": 0}}),
        json!({"kind": "plan_step", "data": {"action": "started"}}),
        json!({"kind": "plan_created", "data": {"goal": "g", "steps": [3]}}),
        json!({"kind": "issue", "data": {"severity": "huge"}}),
        json!({"kind": "issue", "data": {"severity": "low", "action": "ignored"}}),
        json!({"kind": "queue_snapshot", "data": {"depth": "four"}}),
        json!({"kind": "scheduled", "data": {"items": ["x"]}}),
    ] {
        assert_eq!(warnings_of(json!({"payload": payload})), [Warning::PayloadConvention], "{payload}");
        let decoded = batch(vec![event(json!({"payload": payload}))]);
        let kept: Value = serde_json::from_str(decoded.events[0].event.payload.as_ref().unwrap().get()).unwrap();
        assert_eq!(kept, payload);
    }
    assert_eq!(warnings_of(json!({"payload": {"kind": "my_kind", "data": 3}})), [], "kinds of one's own are free");
    assert_eq!(warnings_of(json!({"payload": {"free": ["form"]}})), []);
}

#[test]
fn one_bad_event_costs_itself_alone() {
    let good = |id: &str| event(json!({"event_id": id}));
    let decoded = batch(vec![
        good("a"),
        json!(5),
        good("b"),
        event(json!({"duration_ms": "x"})),
        good("c"),
        event(json!({"event_type": "?"})),
    ]);
    let ids: Vec<(usize, String)> =
        decoded.events.iter().map(|one| (one.index, one.event.event_id.to_string())).collect();
    assert_eq!(ids, [(0, "a".to_owned()), (2, "b".to_owned()), (4, "c".to_owned())]);
    let problems: Vec<(usize, Option<&str>, Error)> =
        decoded.receipt.errors.iter().map(|one| (one.index, one.event_id.as_deref(), one.error)).collect();
    assert_eq!(
        problems,
        [
            (1, None, Error::InvalidField),
            (3, Some("e1"), Error::InvalidField),
            (5, Some("e1"), Error::InvalidEventType)
        ]
    );
    assert_eq!((decoded.receipt.accepted, decoded.receipt.rejected), (3, 3));
}

#[test]
fn unknown_fields_are_ignored_and_null_is_absent() {
    let body = json!({
        "envelope": {"agent_id": "a", "agent_version": null, "environment": null, "colour": "blue"},
        "events": [event(json!({"task_id": null, "payload": null, "duration_ms": null, "severity": null, "colour": {"b": 1}}))],
        "extra": 1,
    });
    let decoded = decode(&body).unwrap();
    assert_eq!((decoded.receipt.accepted, decoded.receipt.warnings.len()), (1, 0));
    assert_eq!(&*decoded.envelope.environment, "production");
    assert!(decoded.events[0].event.task_id.is_none() && decoded.events[0].event.payload.is_none());
}

#[test]
fn a_malformed_part_is_named_once() {
    let decoded =
        batch(vec![event(json!({"event_type": "action_failed", "payload": {"action_name": "score", "data": 3}}))]);
    let warnings = &decoded.receipt.warnings;
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].message.matches("data").count(), 1, "{}", warnings[0].message);
}
