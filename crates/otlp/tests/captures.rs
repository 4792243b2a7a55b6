//! What real emitters sent, and what the board must say of it. `tests/expected/*.txt` are written and read by people:
//! `UPDATE_EXPECTED=1` prints them anew, and whoever does so reads the difference.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use hiveboard_derive::{AgentFilter, AgentSort, Projections, timeline};
use hiveboard_otlp::{Mapped, Mapper};
use hiveboard_wire::{
    Body, CallCost, CostSource, EventErrorCode, Mode, RunKey, Scope, Source, StoredEvent, Timestamp, WorkspaceId,
    decode_batch,
};
use opentelemetry_proto::tonic::{
    collector::{
        logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
        trace::v1::ExportTraceServiceRequest,
    },
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value},
    logs::v1::{ResourceLogs, ScopeLogs},
    resource::v1::Resource,
    trace::v1::{
        ResourceSpans, ScopeSpans, Span, Status,
        span::{Event, SpanKind},
        status::StatusCode,
    },
};
use prost::Message;

const SCOPE: Scope = Scope { workspace: WorkspaceId(1), mode: Mode::Live };

#[derive(Clone)]
enum Request {
    Traces(ExportTraceServiceRequest),
    Logs(ExportLogsServiceRequest),
    Metrics(ExportMetricsServiceRequest),
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

fn read(path: &Path) -> Request {
    let bytes = fs::read(path).unwrap();
    let is_json = path.extension().is_some_and(|extension| extension == "json");
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    let wrong = |error: String| format!("{}: {error}", path.display());
    macro_rules! parsed {
        ($kind:ty) => {
            if is_json {
                serde_json::from_slice::<$kind>(&bytes).map_err(|error| wrong(error.to_string())).unwrap()
            } else {
                <$kind>::decode(&*bytes).map_err(|error| wrong(error.to_string())).unwrap()
            }
        };
    }
    match name.split('-').next().unwrap() {
        "traces" => Request::Traces(parsed!(ExportTraceServiceRequest)),
        "logs" => Request::Logs(parsed!(ExportLogsServiceRequest)),
        "metrics" => Request::Metrics(parsed!(ExportMetricsServiceRequest)),
        other => panic!("a capture of {other}"),
    }
}

fn captures() -> Vec<(String, Vec<Request>)> {
    let mut all: Vec<_> = fs::read_dir(folder("captures"))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let mut files: Vec<PathBuf> = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()).collect();
            // By the number that the requests were counted with, whatever they carried.
            files.sort_by_key(|file| file.file_name().unwrap().to_str().unwrap().split('-').nth(1).unwrap().to_owned());
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, files.iter().map(|file| read(file)).collect())
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

/// One span or record a request.
fn split(request: &Request) -> Vec<Request> {
    let mut parts = Vec::new();
    match request {
        Request::Traces(request) => {
            for resource in &request.resource_spans {
                for group in &resource.scope_spans {
                    for span in &group.spans {
                        let scope_spans = vec![ScopeSpans { spans: vec![span.clone()], ..group.clone() }];
                        let resource_spans = vec![ResourceSpans { scope_spans, ..resource.clone() }];
                        parts.push(Request::Traces(ExportTraceServiceRequest { resource_spans }));
                    }
                }
            }
        }
        Request::Logs(request) => {
            for resource in &request.resource_logs {
                for group in &resource.scope_logs {
                    for record in &group.log_records {
                        let scope_logs = vec![ScopeLogs { log_records: vec![record.clone()], ..group.clone() }];
                        let resource_logs = vec![ResourceLogs { scope_logs, ..resource.clone() }];
                        parts.push(Request::Logs(ExportLogsServiceRequest { resource_logs }));
                    }
                }
            }
        }
        Request::Metrics(_) => parts.push(request.clone()),
    }
    parts
}

fn map(mapper: &Mapper, request: &Request) -> Mapped {
    match request {
        Request::Traces(request) => mapper.spans(SCOPE, request),
        Request::Logs(request) => mapper.logs(SCOPE, request),
        Request::Metrics(request) => mapper.metrics(SCOPE, request),
    }
}

/// What the board says once all requests have come, in that order.
fn described(requests: &[Request]) -> String {
    let mapper = Mapper::default();
    let mut events: BTreeMap<String, StoredEvent> = BTreeMap::new();
    let mut in_order = Vec::new();
    for request in requests {
        let came = map(&mapper, request);
        assert_eq!((came.rejected, came.reason), (0, None));
        for batch in came.batches {
            let decoded = decode_batch(&batch.body, Timestamp::parse("2027-01-01T00:00:00Z").unwrap())
                .unwrap()
                .came_by(Source::Otlp);
            assert_eq!(decoded.receipt.errors, [], "{}", String::from_utf8_lossy(&batch.body));
            assert_eq!(decoded.receipt.warnings, [], "{}", String::from_utf8_lossy(&batch.body));
            for accepted in decoded.events {
                let id = accepted.event.event_id.to_string();
                if events.contains_key(&id) {
                    continue;
                }
                let stored = StoredEvent {
                    seq: events.len() as u64 + 1,
                    received_at: accepted.event.timestamp,
                    envelope: Arc::clone(&decoded.envelope),
                    event: accepted.event,
                };
                in_order.push(id.clone());
                events.insert(id, stored);
            }
        }
    }
    let mut projections = Projections::new();
    for id in &in_order {
        let stored = &events[id];
        let body = stored.event.body();
        let cost = match &body {
            Body::LlmCall(call) => call.cost.map(|amount| CallCost { amount, source: CostSource::Reported }),
            _ => None,
        };
        projections.apply(stored, &body, cost);
    }
    let Some(now) = events.values().map(|stored| stored.received_at).max() else { return "nothing\n".to_owned() };
    describe(&projections, events.into_values().collect(), now)
}

fn describe(projections: &Projections, mut events: Vec<StoredEvent>, now: Timestamp) -> String {
    events.sort_by_key(|stored| stored.seq);
    let mut text = String::new();
    let agents = |at| projections.agents(&AgentFilter::default(), AgentSort::default(), at);
    let later: BTreeMap<String, String> = agents(now.plus_seconds(3_600))
        .iter()
        .map(|agent| serde_json::to_value(agent).unwrap())
        .map(|agent| {
            [&agent["agent_id"], &agent["derived_status"]].map(|text| text.as_str().unwrap().to_owned()).into()
        })
        .collect();
    for agent in agents(now) {
        let json = serde_json::to_value(&agent).unwrap();
        let shown = |name: &str| json[name].as_str().unwrap_or("-").to_owned();
        writeln!(
            text,
            "agent {}  {} {} {}  {}  {}, alive by {}, an hour later {}",
            shown("agent_id"),
            shown("agent_type"),
            shown("framework"),
            shown("agent_version"),
            shown("environment"),
            shown("derived_status"),
            shown("liveness"),
            later[&shown("agent_id")],
        )
        .unwrap();
    }
    let keys: BTreeSet<RunKey> = events
        .iter()
        .filter_map(|stored| {
            Some(RunKey {
                agent_id: (*stored.envelope.agent_id).into(),
                task_id: stored.event.task_id.as_deref()?.into(),
                task_run_id: stored.event.task_run_id.as_deref().unwrap_or_default().into(),
            })
        })
        .collect();
    let mut runs: Vec<_> =
        keys.into_iter().filter_map(|key| Some((projections.run(&key, now).unwrap()?, key))).collect();
    runs.sort_by_key(|(run, _)| (run.started_at, run.task_id.clone()));
    for (run, key) in runs {
        let of_run: Vec<StoredEvent> = events
            .iter()
            .filter(|stored| stored.event.task_id.as_deref() == Some(&*key.task_id))
            .filter(|stored| *stored.envelope.agent_id == *key.agent_id)
            .cloned()
            .collect();
        writeln!(
            text,
            "task {}  {:?}  actions {} errors {} retries {} calls {} tokens {}/{} cost {}{}",
            run.task_type.as_deref().unwrap_or("-"),
            run.derived_status,
            run.action_count,
            run.error_count,
            run.retry_count.unwrap_or(0),
            run.llm_call_count.unwrap_or(0),
            run.total_tokens_in.map_or_else(|| "-".to_owned(), |count| count.to_string()),
            run.total_tokens_out.map_or_else(|| "-".to_owned(), |count| count.to_string()),
            run.total_cost.map_or_else(|| "-".to_owned(), |cost| format!("{cost:.6}")),
            if run.correlation_id.is_some() { ", correlated" } else { "" },
        )
        .unwrap();
        let story = serde_json::to_value(timeline::build(run.clone(), vec![run], of_run, now)).unwrap();
        for span in story["spans"].as_array().unwrap().iter().skip(1) {
            let depth = span["depth"].as_u64().unwrap() as usize;
            let llm = &span["llm"];
            let tokens = if llm.is_object() {
                format!("  {} {}/{}", llm["model"].as_str().unwrap_or("-"), llm["tokens_in"], llm["tokens_out"])
            } else {
                String::new()
            };
            let exception =
                span["exception"]["exception_type"].as_str().map_or_else(String::new, |kind| format!("  {kind}"));
            writeln!(
                text,
                "  {}{} {} {}{tokens}{exception}",
                "  ".repeat(depth),
                span["kind"].as_str().unwrap(),
                span["name"].as_str().unwrap(),
                span["outcome"].as_str().unwrap(),
            )
            .unwrap();
        }
    }
    text
}

#[test]
fn every_capture_says_what_is_expected() {
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let mut wrong = Vec::new();
    let all = captures();
    assert!(all.len() > 40, "the captures moved");
    for (name, requests) in all {
        let path = folder("expected").join(format!("{name}.txt"));
        let described = described(&requests);
        if update {
            fs::write(&path, &described).unwrap();
        }
        if fs::read_to_string(&path).unwrap_or_default() != described {
            wrong.push(format!("=== {name}\n{described}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A record of Codex belongs to the last prompt before it, which must be known by then. And Claude Code tells of one call by a record
/// and by a span, and whichever comes first is kept: the same call at the same place, but only
/// the record knows the price. So their order is kept. Likewise where two instrumentations tell of one call, one around or beside the
/// other: the inner span ends first, and whether there is one is not known before. The same holds for tools that a client and its server
/// tell of, for how many agents a request has that ends after them,
/// and for whether an agent by whose last one it ended asked a model itself.
fn needs_its_order(name: &str) -> bool {
    const DOUBLED: &[&str] = &[
        "documented-two-agents-one-request",
        "fastmcp",
        "genai-openai-agents-upstream",
        "langfuse-openai-agents",
        "mastra-agents",
        "oi-anthropic",
        "oi-autogen",
        "oi-dspy",
        "oi-llama-index",
        "openllmetry-anthropic",
        "variant-values",
        "vercel-ai-sdk-7",
    ];
    name.starts_with("claude-") || name.starts_with("codex-") || DOUBLED.contains(&name)
}

/// Its spans lie scope by scope in a body, so that an outer one stands before the inner one that ended before it: alone they come as they ended.
const BY_SCOPE: &str = "fastmcp";

fn end_of_first_span(request: &Request) -> u64 {
    let Request::Traces(request) = request else { return 0 };
    let groups = request.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
    groups.flat_map(|group| &group.spans).map(|span| span.end_time_unix_nano).next().unwrap_or(0)
}

#[test]
fn split_and_sent_again_they_say_the_same() {
    for (name, requests) in captures() {
        let whole = described(&requests);
        let mut parts: Vec<Request> = requests.iter().flat_map(split).collect();
        if name == BY_SCOPE {
            parts.sort_by_key(end_of_first_span);
        }
        parts.extend(requests.iter().cloned());
        assert_eq!(described(&parts), whole, "{name}, split");
    }
}

#[test]
fn shuffled_they_say_the_same() {
    let mut random = fastrand::Rng::with_seed(7);
    for (name, requests) in captures().into_iter().filter(|(name, _)| !needs_its_order(name)) {
        let whole = described(&requests);
        let mut parts: Vec<Request> = requests.iter().flat_map(split).collect();
        for _ in 0..5 {
            random.shuffle(&mut parts);
            assert_eq!(described(&parts), whole, "{name}, shuffled");
        }
    }
}

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

/// Whatever a body says that can be read, its events are such as a client would send.
#[test]
fn of_damaged_bodies_all_events_can_be_stored() {
    let mut random = fastrand::Rng::with_seed(11);
    let now = Timestamp::parse("2027-01-01T00:00:00Z").unwrap();
    let mut mapped = 0;
    for (name, requests) in captures() {
        let Some(Request::Traces(request)) = requests.iter().find(|one| matches!(one, Request::Traces(_))) else {
            continue;
        };
        let body = request.encode_to_vec();
        for _ in 0..3 {
            let mut damaged = body.clone();
            for _ in 0..random.usize(1..4) {
                let at = random.usize(..damaged.len());
                damaged[at] = if random.bool() { random.u8(..) } else { b"\"\\\n\x00{"[random.usize(..5)] };
            }
            let Ok(request) = ExportTraceServiceRequest::decode(&*damaged) else { continue };
            mapped += 1;
            for batch in Mapper::default().spans(SCOPE, &request).batches {
                let decoded = decode_batch(&batch.body, now).unwrap();
                let errors = decoded.receipt.errors.iter().map(|problem| problem.error);
                let wrong: Vec<_> = errors.filter(|error| *error != EventErrorCode::InvalidTimestamp).collect();
                assert_eq!(wrong, [], "{name}: {}", String::from_utf8_lossy(&batch.body));
            }
        }
    }
    assert!(mapped > 100, "too few could be read: {mapped}");
}
