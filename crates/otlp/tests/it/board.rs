//! What the board says of requests.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::Arc,
};

use hiveboard_derive::{AgentFilter, AgentSort, Projections, timeline};
use hiveboard_otlp::{Mapped, Mapper};
use hiveboard_wire::{
    Body, CallCost, CostSource, Mode, RunKey, Scope, Source, StoredEvent, Timestamp, WorkspaceId, decode_batch,
};
use opentelemetry_proto::tonic::collector::{
    logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest, trace::v1::ExportTraceServiceRequest,
};

pub(crate) const SCOPE: Scope = Scope { workspace: WorkspaceId(1), mode: Mode::Live };

#[derive(Clone)]
pub(crate) enum Request {
    Traces(ExportTraceServiceRequest),
    Logs(ExportLogsServiceRequest),
    Metrics(ExportMetricsServiceRequest),
}

fn map(mapper: &Mapper, request: &Request) -> Mapped {
    match request {
        Request::Traces(request) => mapper.spans(SCOPE, request),
        Request::Logs(request) => mapper.logs(SCOPE, request),
        Request::Metrics(request) => mapper.metrics(SCOPE, request),
    }
}

/// What the board says once all requests have come, in that order.
pub(crate) fn described(requests: &[Request]) -> String {
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
