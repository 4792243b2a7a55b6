//! Events as rows: `''` where an optional text is absent, for an empty one is no value.

use std::sync::Arc;

use clickhouse::Row;
use hiveboard_store::{Fresh, Result, StoreError};
use hiveboard_wire::{
    Body, CallCost, CostSource, Envelope, Event, EventId, EventType, Kind, NanoDollars, Scope, Severity, Source,
    StoredEvent, Timestamp, body::StepAction, named_kind,
};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

/// Between the values of a payload in `folded`: no text holds it, so none is found across two values.
const BETWEEN_VALUES: u8 = 0xFF;

/// Bytes as a String of ClickHouse, which need be no text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Bytes;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }

            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                Ok(Bytes(bytes))
            }
        }
        deserializer.deserialize_byte_buf(Visitor)
    }
}

/// A row of `events` as it is inserted.
#[derive(Row, Serialize)]
pub(crate) struct NewRow<'a> {
    partition: u16,
    scope: u32,
    seq: u64,
    received_us: i64,
    timestamp_us: i64,
    event_id: String,
    id_hash: u64,
    agent_id: &'a str,
    agent_type: &'a str,
    agent_version: &'a str,
    framework: &'a str,
    runtime: &'a str,
    sdk_version: &'a str,
    instance_id: &'a str,
    environment: &'a str,
    agent_group: &'a str,
    source: &'a str,
    event_type: &'a str,
    severity: &'a str,
    kind: &'a str,
    own_kind: String,
    project_id: &'a str,
    task_id: &'a str,
    task_type: &'a str,
    task_run_id: &'a str,
    correlation_id: &'a str,
    action_id: &'a str,
    parent_action_id: &'a str,
    parent_event_id: &'a str,
    status: &'a str,
    duration_ms: Option<f64>,
    payload: &'a str,
    folded: Bytes,
    model: Option<&'a str>,
    tokens_in: u64,
    tokens_out: u64,
    cost: i64,
    cost_source: &'a str,
    is_failure: u8,
}

/// Figures of agents may be absurd; sums stay in range.
fn clamp(figure: Option<u64>) -> u64 {
    figure.unwrap_or(0).min(1 << 53)
}

fn or_empty(text: Option<&str>) -> &str {
    text.unwrap_or("")
}

const fn source_name(source: CostSource) -> &'static str {
    match source {
        CostSource::Reported => "reported",
        CostSource::Estimated => "estimated",
        CostSource::Unknown => "unknown",
    }
}

/// Whether an event counts as a failure in figures.
fn is_failure(event_type: EventType, body: &Body) -> bool {
    matches!(event_type, EventType::TaskFailed | EventType::ActionFailed)
        || matches!(body, Body::PlanStep(step) if step.action == Some(StepAction::Failed))
}

/// The values of a payload as they are searched.
fn folded(payload: Option<&RawValue>) -> Bytes {
    let mut values = Vec::new();
    if let Some(payload) = payload {
        hiveboard_text::for_each_folded_value(payload.get().as_bytes(), |value| {
            if !values.is_empty() {
                values.push(BETWEEN_VALUES);
            }
            values.extend_from_slice(value.as_bytes());
        });
    }
    Bytes(values)
}

impl<'a> NewRow<'a> {
    pub(crate) fn new(partition: u16, scope: Scope, id_hash: u64, fresh: &'a Fresh) -> Self {
        let (event, envelope) = (&fresh.stored.event, &*fresh.stored.envelope);
        let payload = event.payload.as_deref();
        let call = match &fresh.body {
            Body::LlmCall(call) => Some(call),
            _ => None,
        };
        let cost =
            call.map(|_| fresh.call_cost.unwrap_or(CallCost { amount: NanoDollars(0), source: CostSource::Unknown }));
        let own_kind = match (event.kind, payload) {
            (None, Some(payload)) => named_kind(payload.get().as_bytes()).unwrap_or_default(),
            _ => String::new(),
        };
        Self {
            partition,
            scope: scope.number(),
            seq: fresh.stored.seq,
            received_us: fresh.stored.received_at.0,
            timestamp_us: event.timestamp.0,
            event_id: event.event_id.to_string(),
            id_hash,
            agent_id: &envelope.agent_id,
            agent_type: &envelope.agent_type,
            agent_version: or_empty(envelope.agent_version.as_deref()),
            framework: &envelope.framework,
            runtime: or_empty(envelope.runtime.as_deref()),
            sdk_version: or_empty(envelope.sdk_version.as_deref()),
            instance_id: or_empty(envelope.instance_id.as_deref()),
            environment: &envelope.environment,
            agent_group: &envelope.group,
            source: envelope.source.as_str(),
            event_type: event.event_type.as_str(),
            severity: event.severity.as_str(),
            kind: event.kind.map_or("", Kind::as_str),
            own_kind,
            project_id: or_empty(event.project_id.as_deref()),
            task_id: or_empty(event.task_id.as_deref()),
            task_type: or_empty(event.task_type.as_deref()),
            task_run_id: or_empty(event.task_run_id.as_deref()),
            correlation_id: or_empty(event.correlation_id.as_deref()),
            action_id: or_empty(event.action_id.as_deref()),
            parent_action_id: or_empty(event.parent_action_id.as_deref()),
            parent_event_id: or_empty(event.parent_event_id.as_deref()),
            status: or_empty(event.status.as_deref()),
            duration_ms: event.duration_ms,
            payload: payload.map_or("", RawValue::get),
            folded: folded(payload),
            model: call.and_then(|call| call.model.as_deref()),
            tokens_in: clamp(call.and_then(|call| call.tokens_in)),
            tokens_out: clamp(call.and_then(|call| call.tokens_out)),
            cost: cost.map_or(0, |cost| cost.amount.0),
            cost_source: cost.map_or("", |cost| source_name(cost.source)),
            is_failure: u8::from(is_failure(event.event_type, &fresh.body)),
        }
    }
}

/// What of a row makes an event again.
#[derive(Debug, Row, Deserialize)]
pub(crate) struct StoredRow {
    scope: u32,
    seq: u64,
    received_us: i64,
    timestamp_us: i64,
    event_id: String,
    agent_id: String,
    agent_type: String,
    agent_version: String,
    framework: String,
    runtime: String,
    sdk_version: String,
    instance_id: String,
    environment: String,
    agent_group: String,
    source: String,
    event_type: String,
    severity: String,
    kind: String,
    project_id: String,
    task_id: String,
    task_type: String,
    task_run_id: String,
    correlation_id: String,
    action_id: String,
    parent_action_id: String,
    parent_event_id: String,
    status: String,
    duration_ms: Option<f64>,
    payload: String,
    cost: i64,
    cost_source: String,
}

fn present(text: String) -> Option<Box<str>> {
    (!text.is_empty()).then(|| text.into_boxed_str())
}

fn strange(seq: u64, what: &str, text: &str) -> StoreError {
    StoreError::Damaged(format!(
        "event {seq} in ClickHouse has the {what} {text:?}, which this version does not know: a newer HiveBoard wrote it, or something else did"
    ))
}

/// Makes events of rows; neighbours mostly share their envelope.
#[derive(Default)]
pub(crate) struct Reader {
    last: Option<Arc<Envelope>>,
}

impl Reader {
    pub(crate) fn event(&mut self, row: StoredRow) -> Result<(Scope, StoredEvent, Option<CallCost>)> {
        let seq = row.seq;
        let source = Source::ALL.into_iter().find(|source| source.as_str() == row.source);
        let envelope = Envelope {
            agent_id: row.agent_id.into(),
            agent_type: row.agent_type.into(),
            agent_version: present(row.agent_version),
            framework: row.framework.into(),
            runtime: present(row.runtime),
            sdk_version: present(row.sdk_version),
            instance_id: present(row.instance_id),
            environment: row.environment.into(),
            group: row.agent_group.into(),
            source: source.ok_or_else(|| strange(seq, "source", &row.source))?,
        };
        let envelope = match &self.last {
            Some(last) if **last == envelope => Arc::clone(last),
            _ => Arc::new(envelope),
        };
        self.last = Some(Arc::clone(&envelope));
        let kind = match row.kind.as_str() {
            "" => None,
            text => Some(Kind::parse(text).ok_or_else(|| strange(seq, "kind", text))?),
        };
        let payload = match row.payload {
            text if text.is_empty() => None,
            text => Some(RawValue::from_string(text).map_err(|_| strange(seq, "payload", "…"))?),
        };
        let event = Event {
            event_id: EventId::new(&row.event_id),
            timestamp: Timestamp(row.timestamp_us),
            event_type: EventType::parse(&row.event_type).ok_or_else(|| strange(seq, "event type", &row.event_type))?,
            severity: Severity::parse(&row.severity).ok_or_else(|| strange(seq, "severity", &row.severity))?,
            project_id: present(row.project_id),
            task_id: present(row.task_id),
            task_type: present(row.task_type),
            task_run_id: present(row.task_run_id),
            correlation_id: present(row.correlation_id),
            action_id: present(row.action_id),
            parent_action_id: present(row.parent_action_id),
            parent_event_id: present(row.parent_event_id),
            status: present(row.status),
            duration_ms: row.duration_ms,
            payload,
            kind,
        };
        let cost_source = match row.cost_source.as_str() {
            "" => None,
            "reported" => Some(CostSource::Reported),
            "estimated" => Some(CostSource::Estimated),
            "unknown" => Some(CostSource::Unknown),
            other => return Err(strange(seq, "source of its cost", other)),
        };
        let call_cost = cost_source.map(|source| CallCost { amount: NanoDollars(row.cost), source });
        let stored = StoredEvent { seq, received_at: Timestamp(row.received_us), envelope, event };
        Ok((Scope::from_number(row.scope), stored, call_cost))
    }
}
