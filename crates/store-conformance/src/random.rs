//! Events for tests: few names, so that they meet; small ranges of time, some of them days late.

use std::{ops::Range, sync::Arc};

use hiveboard_store::{Batch, CallFilter, Dimension, EventFilter, Incoming};
use hiveboard_wire::{
    Body, CallCost, CostSource, EventType, Kind, Mode, NanoDollars, Scope, Severity, Timestamp, WorkspaceId,
    decode_batch,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

pub const DAY: i64 = 86_400_000_000;
const MINUTE: i64 = 60_000_000;

pub const SCOPES: [Scope; 3] = [
    Scope { workspace: WorkspaceId(1), mode: Mode::Live },
    Scope { workspace: WorkspaceId(1), mode: Mode::Test },
    Scope { workspace: WorkspaceId(2), mode: Mode::Live },
];

/// Noon three days ago: within the dedup window, and the days after it are not in the future.
pub fn base() -> i64 {
    (Timestamp::now().day() - 3) * DAY + DAY / 2
}

/// A batch to be built at some time of arrival.
#[derive(Debug, Clone)]
pub struct GivenBatch {
    pub scope: usize,
    agent: &'static str,
    version: Option<&'static str>,
    environment: &'static str,
    group: &'static str,
    events: Vec<Given>,
}

#[derive(Debug, Clone)]
struct Given {
    id: u32,
    /// µs before arrival.
    age: i64,
    event_type: EventType,
    severity: Option<Severity>,
    project: Option<&'static str>,
    task: Option<&'static str>,
    run: Option<&'static str>,
    task_type: Option<&'static str>,
    correlation: Option<&'static str>,
    duration_ms: Option<f64>,
    payload: Option<String>,
}

/// A step of a test.
#[derive(Debug, Clone)]
pub enum Step {
    /// With how many days pass before.
    Append(Vec<GivenBatch>, i64),
    /// Closed in order.
    Reopen,
    /// Copied while open, as a crash would leave it.
    Crash,
    /// Texts are indexed.
    Maintain,
}

fn ages() -> impl Strategy<Value = i64> {
    prop_oneof![8 => 0..2_000_000_i64, 1 => 0..3 * DAY, 1 => -DAY / 4..0, 1 => Just(0)]
}

fn payloads() -> impl Strategy<Value = (bool, Option<String>)> {
    let call =
        (select(vec!["gpt-4o", "claude", ""]), option::of(0..50_u32), option::of(0..50_u32), option::of(0..4_u32))
            .prop_map(|(model, tokens_in, tokens_out, cost)| {
                let mut data = serde_json::json!({"name": "think", "prompt_preview": "Say \"Grüße\"\nnow"});
                if !model.is_empty() {
                    data["model"] = model.into();
                }
                data["tokens_in"] = tokens_in.into();
                data["tokens_out"] = tokens_out.into();
                data["cost"] = cost.map(|cents| f64::from(cents) / 100.0).into();
                (true, Some(serde_json::json!({"kind": "llm_call", "summary": "Asked", "data": data}).to_string()))
            });
    let step = select(vec!["started", "completed", "failed"]).prop_map(|action| {
        (
            true,
            Some(format!(r#"{{"kind":"plan_step","summary":"Step","data":{{"step_index":1,"action":"{action}"}}}}"#)),
        )
    });
    let other = select(vec!["issue", "todo", "plan_created", "own"]).prop_map(|kind| {
        (true, Some(format!(r#"{{ "kind": "{kind}", "summary": "caf\u00e9 NOTE", "data": {{"issue_id": "i"}} }}"#)))
    });
    let plain = select(vec![
        None,
        Some("{}"),
        Some(r#"{"note":"Alpha beta 17"}"#),
        Some(r#"{"note":"\u53d1送请求"}"#),
        Some(r#"{"beta":["x\\y",1e400]}"#),
    ])
    .prop_map(|payload| (false, payload.map(str::to_owned)));
    prop_oneof![4 => call, 1 => step, 2 => other, 4 => plain]
}

fn events() -> impl Strategy<Value = Given> {
    let names = (
        option::of(select(vec!["sales", "support", "Größe"])),
        option::of(select(vec!["t1", "t2", "t3"])),
        option::of(select(vec!["r1", "r2"])),
        option::of(select(vec!["lead", "mail"])),
        option::of(select(vec!["c1", "c2"])),
    );
    let figures =
        (0..400_u32, ages(), select(EventType::ALL.to_vec()), option::weighted(0.3, select(Severity::ALL.to_vec())));
    (names, figures, option::of(0.0..1e9_f64), payloads()).prop_map(
        |(
            (project, task, run, task_type, correlation),
            (id, age, event_type, severity),
            duration_ms,
            (custom, payload),
        )| Given {
            id,
            age,
            event_type: if custom { EventType::Custom } else { event_type },
            severity,
            project,
            task,
            run,
            task_type,
            correlation,
            duration_ms,
            payload,
        },
    )
}

pub fn batches(most_events: usize) -> impl Strategy<Value = GivenBatch> {
    (
        0..SCOPES.len(),
        select(vec!["agent-a", "agent-b", "agent-c"]),
        option::of(select(vec!["1.0", "2.0"])),
        select(vec!["production", "staging"]),
        select(vec!["default", "blue"]),
        vec(events(), 1..=most_events),
    )
        .prop_map(|(scope, agent, version, environment, group, events)| GivenBatch {
            scope,
            agent,
            version,
            environment,
            group,
            events,
        })
}

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let append = |most| {
        (vec(batches(most), 1..5), prop_oneof![4 => Just(0_i64), 1 => Just(1)])
            .prop_map(|(batches, days)| Step::Append(batches, days))
    };
    vec(
        prop_oneof![6 => append(6), 1 => append(200), 1 => Just(Step::Reopen), 1 => Just(Step::Crash), 2 => Just(Step::Maintain)],
        1..12,
    )
}

/// Some ids are UUIDs, others not.
fn id_text(id: u32) -> String {
    if id.is_multiple_of(3) { format!("event {id}") } else { format!("{id:08x}-0000-4000-8000-00000000000{}", id % 10) }
}

impl GivenBatch {
    pub fn build(&self, received_at: Timestamp) -> Batch {
        let envelope = serde_json::json!({
            "agent_id": self.agent, "agent_version": self.version, "environment": self.environment, "group": self.group,
        });
        let events: Vec<String> = self.events.iter().map(|given| given.json(received_at)).collect();
        group(SCOPES[self.scope], &envelope.to_string(), &events, received_at)
    }
}

impl Given {
    fn json(&self, received_at: Timestamp) -> String {
        let fields = serde_json::json!({
            "event_id": id_text(self.id),
            "timestamp": Timestamp(received_at.0 - self.age),
            "event_type": self.event_type.as_str(),
            "severity": self.severity.map(Severity::as_str),
            "project_id": self.project, "task_id": self.task, "task_run_id": self.run, "task_type": self.task_type,
            "correlation_id": self.correlation, "duration_ms": self.duration_ms,
        });
        let mut text = fields.to_string();
        if let Some(payload) = &self.payload {
            text.pop();
            text = format!("{text},\"payload\":{payload}}}");
        }
        text
    }
}

/// Decodes as the server does; every event must be good.
pub fn group(scope: Scope, envelope: &str, events: &[String], received_at: Timestamp) -> Batch {
    let body = format!(r#"{{"envelope":{envelope},"events":[{}]}}"#, events.join(","));
    let decoded = decode_batch(body.as_bytes(), received_at).expect("a good batch");
    assert!(decoded.receipt.errors.is_empty(), "{:?}", decoded.receipt.errors);
    let events = decoded.events.into_iter().map(|accepted| {
        let call_cost = match &accepted.body {
            Body::LlmCall(call) => Some(match (call.cost, call.tokens_in) {
                (Some(amount), _) => CallCost { amount, source: CostSource::Reported },
                (None, Some(tokens)) => {
                    CallCost { amount: NanoDollars(tokens as i64 * 1000), source: CostSource::Estimated }
                }
                (None, None) => CallCost { amount: NanoDollars(0), source: CostSource::Unknown },
            }),
            _ => None,
        };
        Incoming { event: accepted.event, body: accepted.body, call_cost }
    });
    Batch { scope, envelope: Arc::clone(&decoded.envelope), received_at, position: None, events: events.collect() }
}

/// Plain events `from..to` of one agent, of the time of their arrival.
pub fn plain(scope: Scope, agent: &str, ids: Range<u32>, received_at: Timestamp) -> Batch {
    sent(scope, agent, ids, received_at, received_at)
}

/// Plain events `from..to` of one agent, that happened at some time and arrive at another.
pub fn sent(scope: Scope, agent: &str, ids: Range<u32>, happened_at: Timestamp, received_at: Timestamp) -> Batch {
    let events: Vec<String> = ids
        .map(|id| {
            format!(
                r#"{{"event_id":"{}","timestamp":"{happened_at}","event_type":"custom","task_id":"t{}"}}"#,
                id_text(id),
                id % 7
            )
        })
        .collect();
    group(scope, &format!(r#"{{"agent_id":"{agent}"}}"#), &events, received_at)
}

/// Model calls with payloads that do not compress well.
pub fn calls(scope: Scope, ids: Range<u32>, at: Timestamp) -> Batch {
    let events: Vec<String> = ids
        .map(|id| {
            let noise = (0..10).map(|_| uuid::Uuid::new_v4().simple().to_string()).collect::<Vec<_>>().concat();
            format!(
                r#"{{"event_id":"call {id}","timestamp":"{at}","event_type":"custom","task_id":"t{}","severity":"error","payload":{{"kind":"llm_call","summary":"{noise}",
                    "data":{{"name":"think","model":"m","tokens_in":3,"tokens_out":1,"cost":0.5}}}}}}"#,
                id % 7
            )
        })
        .collect();
    group(scope, r#"{"agent_id":"agent-a"}"#, &events, at)
}

fn maybe(options: &[&'static str]) -> impl Strategy<Value = Option<String>> + use<> {
    option::weighted(0.25, select(options.to_vec()).prop_map(str::to_owned))
}

/// Anywhere, or where a window of the board begins.
fn times() -> impl Strategy<Value = Option<Timestamp>> {
    let at = (-2 * DAY..5 * DAY, select(vec![1, MINUTE, 60 * MINUTE]));
    option::weighted(0.25, at.prop_map(|(after, aligned)| Timestamp(base() + after).bucket(aligned)))
}

/// Of buckets: those that sums are kept for and multiples of them, and any other.
pub fn widths() -> impl Strategy<Value = Option<i64>> {
    let kept = select([1, 5, 15, 60, 120, 360, 24 * 60].map(|minutes| minutes * MINUTE).to_vec());
    option::weighted(0.75, prop_oneof![2 => kept, 1 => 1..DAY])
}

pub fn event_filters() -> impl Strategy<Value = EventFilter> {
    let names = (
        maybe(&["agent-a", "agent-b", "nobody"]),
        maybe(&["sales", "Größe"]),
        maybe(&["production", "staging"]),
        maybe(&["blue"]),
        maybe(&["t1", "t2"]),
        maybe(&["r1", ""]),
        maybe(&["c1"]),
    );
    let sets = (
        option::weighted(0.4, vec(select(EventType::ALL.to_vec()), 1..4)),
        any::<bool>(),
        option::weighted(0.3, vec(select(Severity::ALL.to_vec()), 1..3)),
        option::weighted(0.3, vec(select(Kind::ALL.to_vec()), 1..3)),
        option::weighted(0.1, vec(select(vec!["own".to_owned(), "other".to_owned()]), 1..2)),
    );
    let text = maybe(&[
        "GRÜSSE",
        "CAFÉ",
        "cafe\u{301}",
        "alpha",
        "ote",
        "te",
        "ph",
        "发送",
        "17",
        "summary",
        "x\\y",
        "note",
        "\n",
    ]);
    (names, sets, times(), times(), text).prop_map(
        |(
            (agent_id, project_id, environment, group, task_id, task_run_id, correlation_id),
            sets,
            since,
            until,
            text,
        )| EventFilter {
            agent_id,
            project_id,
            environment,
            group,
            task_id,
            task_run_id,
            correlation_id,
            event_types: sets.0.unwrap_or_default(),
            exclude_heartbeats: sets.1,
            severities: sets.2.unwrap_or_default(),
            kinds: sets.3.unwrap_or_default(),
            own_kinds: sets.4.unwrap_or_default(),
            since,
            until,
            text,
        },
    )
}

pub fn call_filters() -> impl Strategy<Value = CallFilter> {
    let names = (
        maybe(&["agent-a", "agent-b", "nobody"]),
        maybe(&["sales", "Größe"]),
        maybe(&["production", "staging"]),
        maybe(&["blue"]),
        maybe(&["t1", "t2"]),
        maybe(&["lead", "other"]),
        maybe(&["claude", "other"]),
        maybe(&["1.0", "3.0"]),
    );
    let text = maybe(&["THINK", "e\"\nn", "GRÜSSE", "gpt-4o", "asked", "ink"]);
    (names, times(), times(), text).prop_map(
        |((agent_id, project_id, environment, group, task_id, task_type, model, version), since, until, text)| {
            CallFilter {
                agent_id,
                project_id,
                environment,
                group,
                task_id,
                task_type,
                model,
                version,
                since,
                until,
                text,
            }
        },
    )
}

pub fn dimensions() -> impl Strategy<Value = Vec<Dimension>> {
    use Dimension::{Agent, Environment, Model, Project, TaskType, Version};
    proptest::sample::subsequence(vec![Agent, Model, Project, TaskType, Version, Environment], 0..=3)
}
