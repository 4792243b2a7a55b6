//! Spans made by hand, and what the board must say of them.

use hiveboard_otlp::{Mapped, Mapper};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value},
    resource::v1::Resource,
    trace::v1::{
        ResourceSpans, ScopeSpans, Span, Status,
        span::{Event, SpanKind},
        status::StatusCode,
    },
};

use crate::board::{Request, SCOPE, described};

fn span(id: u8, parent: u8, operation: &str) -> Span {
    let value = AnyValue { value: Some(any_value::Value::StringValue(operation.to_owned())) };
    Span {
        trace_id: vec![7; 16],
        span_id: vec![id; 8],
        parent_span_id: vec![parent; 8],
        name: operation.to_owned(),
        start_time_unix_nano: 1_795_384_717_000_000_000 + u64::from(id),
        end_time_unix_nano: 1_795_384_718_000_000_000 - u64::from(id),
        attributes: vec![KeyValue {
            key: "gen_ai.operation.name".to_owned(),
            value: Some(value),
            ..KeyValue::default()
        }],
        ..Span::default()
    }
}

fn request_of(spans: Vec<Span>) -> ExportTraceServiceRequest {
    let scope_spans = vec![ScopeSpans { spans, ..ScopeSpans::default() }];
    ExportTraceServiceRequest { resource_spans: vec![ResourceSpans { scope_spans, ..ResourceSpans::default() }] }
}

fn event_types(mapped: &Mapped) -> Vec<String> {
    let bodies = mapped.batches.iter().map(|batch| serde_json::from_slice::<serde_json::Value>(&batch.body).unwrap());
    let events = bodies.flat_map(|body| body["events"].as_array().unwrap().clone());
    events.filter_map(|event| event["event_type"].as_str().map(str::to_owned)).filter(|kind| kind != "custom").collect()
}

#[test]
fn a_parent_that_never_arrives_is_given_up_after_a_time_of_silence() {
    let mapper = Mapper::default();
    let at_first = mapper.spans(SCOPE, &request_of(vec![span(2, 1, "execute_tool"), span(1, 9, "invoke_agent")]));
    assert_eq!(event_types(&at_first), ["action_started", "action_completed"]);
    assert!(mapper.give_up().is_empty(), "it was not silent for long enough");
    mapper.spans(SCOPE, &request_of(vec![span(3, 1, "execute_tool")]));
    assert!(mapper.give_up().is_empty(), "something came");
    assert!(mapper.give_up().is_empty(), "its process may have died");
    let other = Span { trace_id: vec![8; 16], ..span(5, 0, "invoke_agent") };
    mapper.spans(SCOPE, &request_of(vec![other]));
    let given_up = mapper.give_up();
    let told: Vec<_> = given_up.iter().map(|(scope, mapped)| (*scope, event_types(mapped))).collect();
    assert_eq!(told, [(SCOPE, vec!["task_started".to_owned(), "task_completed".to_owned()])]);
    assert!(mapper.give_up().is_empty(), "said once");
    for (_, mapped) in given_up {
        mapper.take_back(mapped);
    }
    mapper.give_up();
    let again = mapper.spans(SCOPE, &request_of(vec![span(4, 1, "execute_tool")]));
    assert!(event_types(&again).contains(&"task_completed".to_owned()), "what could not be stored is said again");
}

#[test]
fn what_serves_a_request_of_another_process_is_topmost_though_nothing_says_so() {
    let serving = |kind: SpanKind| Span { kind: kind as i32, ..span(1, 9, "invoke_agent") };
    for kind in [SpanKind::Server, SpanKind::Consumer] {
        let mapped = Mapper::default().spans(SCOPE, &request_of(vec![serving(kind)]));
        assert_eq!(event_types(&mapped), ["task_started", "task_completed"]);
    }
    let local = Span { flags: 0x100, ..serving(SpanKind::Server) };
    assert!(event_types(&Mapper::default().spans(SCOPE, &request_of(vec![local]))).is_empty());
}

/// Spans of the program's own, which keep to no convention.
fn plain(id: u8, parent: u8, name: &str, kind: SpanKind) -> Span {
    Span { name: name.to_owned(), kind: kind as i32, attributes: Vec::new(), ..span(id, parent, name) }
}

fn tasks(spans: Vec<Span>) -> Vec<String> {
    let described = described(&[Request::Traces(request_of(spans))]);
    described.lines().filter_map(|line| Some(line.strip_prefix("task ")?.split("  ").next()?.to_owned())).collect()
}

#[test]
fn bare_calls_are_of_the_span_that_they_hang_from() {
    for kind in [SpanKind::Internal, SpanKind::Server] {
        let calls = || vec![span(3, 1, "chat"), span(2, 1, "chat"), plain(1, 0, "answer", kind)];
        assert_eq!(tasks(calls()), ["answer"]);
        let mut mixed_up = calls();
        mixed_up.reverse();
        assert_eq!(tasks(mixed_up), ["answer"]);
    }
}

#[test]
fn agents_are_of_the_program_that_runs_them_but_not_of_a_request_that_it_serves() {
    let run = |kind| vec![span(2, 1, "invoke_agent"), plain(1, 0, "nightly", kind)];
    assert_eq!(tasks(run(SpanKind::Server)), ["invoke_agent"]);
    // One scope: what a framework puts around its own agent.
    assert_eq!(tasks(run(SpanKind::Internal)), ["invoke_agent"]);
    let scoped = |name: &str, span: Span| {
        let scope = InstrumentationScope { name: name.to_owned(), ..InstrumentationScope::default() };
        ScopeSpans { scope: Some(scope), spans: vec![span], ..ScopeSpans::default() }
    };
    let agents = [3, 2].map(|id| scoped("framework", span(id, 1, "invoke_agent")));
    let scope_spans = [&agents[..], &[scoped("my.app", plain(1, 0, "nightly", SpanKind::Internal))]].concat();
    let resource_spans = vec![ResourceSpans { scope_spans, ..ResourceSpans::default() }];
    let described = described(&[Request::Traces(ExportTraceServiceRequest { resource_spans })]);
    assert_eq!(described.matches("task nightly").count(), 1, "{described}");
    assert_eq!(described.matches("action invoke_agent").count(), 2, "{described}");
}

/// Of a conversation, and it pauses for a person where it says so.
fn conversing(span: Span, pauses: bool) -> Span {
    let text = |key: &str, text: &str| KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(any_value::Value::StringValue(text.to_owned())) }),
        ..KeyValue::default()
    };
    let attributes = [&span.attributes[..], &[text("gen_ai.conversation.id", "ticket-7")]].concat();
    let raised =
        vec![text("exception.type", "GraphInterrupt"), text("exception.message", "(Interrupt(value='Pay?'),)")];
    let event = Event { name: "exception".to_owned(), attributes: raised, ..Event::default() };
    Span { attributes, events: if pauses { vec![event] } else { Vec::new() }, ..span }
}

#[test]
fn a_pause_within_the_programs_own_work_is_waited_for_until_the_conversation_goes_on() {
    let scoped = |name: &str, spans: Vec<Span>| {
        let scope = InstrumentationScope { name: name.to_owned(), ..InstrumentationScope::default() };
        ScopeSpans { scope: Some(scope), spans, ..ScopeSpans::default() }
    };
    let request = |scope_spans: Vec<ScopeSpans>| {
        let resource_spans = vec![ResourceSpans { scope_spans, ..ResourceSpans::default() }];
        Request::Traces(ExportTraceServiceRequest { resource_spans })
    };
    let node = conversing(span(3, 2, "execute_tool"), true);
    let graph = scoped("framework", vec![node, conversing(span(2, 1, "invoke_agent"), false)]);
    let paused = request(vec![graph, scoped("my.app", vec![plain(1, 0, "nightly", SpanKind::Internal)])]);
    let waits = described(std::slice::from_ref(&paused));
    assert!(waits.contains("task nightly  Waiting") && waits.contains("approval approval open"), "{waits}");
    let later = |span: Span| Span {
        trace_id: vec![8; 16],
        start_time_unix_nano: span.start_time_unix_nano + 10_000_000_000,
        end_time_unix_nano: span.end_time_unix_nano + 10_000_000_000,
        ..span
    };
    let resumed = request(vec![scoped("framework", vec![later(conversing(span(5, 0, "invoke_agent"), false))])]);
    let went_on = described(&[paused, resumed.clone()]);
    assert!(went_on.contains("task nightly  Completed") && went_on.contains("approval approval done"), "{went_on}");
    assert!(!described(&[resumed]).contains("approval"));
}

#[test]
fn of_calls_around_a_call_that_tell_no_tokens_one_is_told() {
    let described = described(&[Request::Traces(request_of(vec![
        span(3, 2, "chat"),
        span(2, 1, "chat"),
        span(1, 0, "invoke_agent"),
    ]))]);
    assert_eq!(described.matches("llm_call").count(), 1, "{described}");
}

#[test]
fn a_failure_is_tried_again_once_though_more_of_the_same_follows() {
    let at = |second: u64, id: u8, parent: u8, failed: bool| {
        let start_time_unix_nano = 1_795_384_717_000_000_000 + second * 1_000_000_000;
        let status = failed.then(|| Status { code: StatusCode::Error as i32, ..Status::default() });
        let end_time_unix_nano = start_time_unix_nano + 1_000_000;
        Span { start_time_unix_nano, end_time_unix_nano, status, ..span(id, parent, "execute_tool") }
    };
    let mut spans: Vec<Span> = (0..3).map(|n| at(u64::from(n), 10 + n, 20 + n, n == 0)).collect();
    spans.extend((0..3).map(|n| span(20 + n, 1, "agent_step")));
    spans.push(span(1, 0, "invoke_agent"));
    let described = described(&[Request::Traces(request_of(spans))]);
    assert!(described.contains("errors 1 retries 1"), "{described}");
}

/// What the board says of a request, and how many of its spans could not be read.
fn described_leniently(spans: Vec<Span>) -> (String, usize) {
    let rejected = Mapper::default().spans(SCOPE, &request_of(spans.clone())).rejected;
    let readable = |span: &Span| span.end_time_unix_nano > 0 && span.span_id.iter().any(|byte| *byte > 0);
    let spans: Vec<Span> = spans.into_iter().filter(readable).collect();
    (described(&[Request::Traces(request_of(spans))]), rejected)
}

#[test]
fn what_cannot_be_read_costs_nothing_else() {
    let spans = vec![
        Span { end_time_unix_nano: 0, ..span(4, 1, "execute_tool") },
        Span { span_id: vec![0; 8], ..span(3, 1, "execute_tool") },
        Span { start_time_unix_nano: 0, ..span(2, 1, "execute_tool") },
        Span { start_time_unix_nano: 1_795_384_719_000_000_000, ..span(1, 0, "invoke_agent") },
    ];
    let (described, rejected) = described_leniently(spans);
    assert_eq!(rejected, 2);
    assert!(described.contains("task invoke_agent  Completed  actions 1"), "{described}");
}

fn told(name: &str, count: i64) -> KeyValue {
    let value = AnyValue { value: Some(any_value::Value::IntValue(count)) };
    KeyValue { key: name.to_owned(), value: Some(value), ..KeyValue::default() }
}

#[test]
fn a_span_that_comes_again_and_says_more_is_one() {
    let bare = span(2, 1, "chat");
    let mut whole = bare.clone();
    whole.attributes.extend([told("gen_ai.usage.input_tokens", 100), told("gen_ai.usage.output_tokens", 20)]);
    let agent = || span(1, 0, "invoke_agent");
    let at_once = described(&[Request::Traces(request_of(vec![bare.clone(), whole.clone(), agent()]))]);
    assert!(at_once.contains("calls 1 tokens 100/20"), "{at_once}");
    let apart = [vec![bare, agent()], vec![whole, agent()]].map(|spans| Request::Traces(request_of(spans)));
    let apart = described(&apart);
    assert!(apart.contains("calls 1 "), "{apart}");
}

#[test]
fn an_agent_of_a_program_that_nobody_named_is_called_by_what_is_known() {
    let named = |names: &[(&str, &str)]| {
        let attribute = |(key, text): &(&str, &str)| KeyValue {
            key: (*key).to_owned(),
            value: Some(AnyValue { value: Some(any_value::Value::StringValue((*text).to_owned())) }),
            ..KeyValue::default()
        };
        let mut request = request_of(vec![span(1, 0, "invoke_agent")]);
        let attributes = names.iter().map(attribute).collect();
        request.resource_spans[0].resource = Some(Resource { attributes, ..Resource::default() });
        Mapper::default().spans(SCOPE, &request).batches[0].agent_id.clone()
    };
    assert_eq!(named(&[]), "unknown_service");
    assert_eq!(named(&[("service.name", "unknown_service:node")]), "unknown_service:node");
    assert_eq!(named(&[("service.name", "unknown_service"), ("k8s.deployment.name", "billing")]), "billing");
    assert_eq!(named(&[("service.name", "shop"), ("k8s.deployment.name", "billing")]), "shop");
}

/// Several processes of one trace, each with its agent.
#[test]
fn each_service_of_a_trace_is_an_agent_with_a_task_of_its_own() {
    let service = |name: &str, spans: Vec<Span>| {
        let mut request = request_of(spans);
        let value = AnyValue { value: Some(any_value::Value::StringValue(name.to_owned())) };
        let attributes = vec![KeyValue { key: "service.name".to_owned(), value: Some(value), ..KeyValue::default() }];
        request.resource_spans[0].resource = Some(Resource { attributes, ..Resource::default() });
        request.resource_spans.remove(0)
    };
    let remote = Span { flags: 0x300, ..span(3, 2, "invoke_agent") };
    let resource_spans = vec![
        service("planner", vec![span(2, 1, "execute_tool"), span(1, 0, "invoke_agent")]),
        service("writer", vec![span(4, 3, "chat"), remote]),
    ];
    let described = described(&[Request::Traces(ExportTraceServiceRequest { resource_spans })]);
    assert_eq!(described.matches("\nagent ").count() + 1, 2, "{described}");
    assert_eq!(described.matches("task invoke_agent  Completed").count(), 2, "{described}");
}
