//! An event, as the API and the stream show it.

use hiveboard_wire::{EventType, Severity, StoredEvent, Timestamp};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// Borrows from the stored event; nothing is copied on the way to the answer.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
pub struct EventView<'a> {
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String)]
    pub event_id: &'a hiveboard_wire::EventId,
    pub seq: u64,
    pub agent_id: &'a str,
    pub agent_type: &'a str,
    pub agent_version: Option<&'a str>,
    pub environment: &'a str,
    pub group: &'a str,
    /// By which way it came in: `ingest` or `otlp`.
    pub source: &'static str,
    pub project_id: Option<&'a str>,
    pub task_id: Option<&'a str>,
    pub task_type: Option<&'a str>,
    pub task_run_id: Option<&'a str>,
    pub correlation_id: Option<&'a str>,
    pub action_id: Option<&'a str>,
    pub parent_action_id: Option<&'a str>,
    pub parent_event_id: Option<&'a str>,
    #[schema(value_type = String)]
    pub event_type: EventType,
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    #[schema(value_type = String)]
    pub severity: Severity,
    pub status: Option<&'a str>,
    pub duration_ms: Option<f64>,
    #[schema(value_type = Option<Object>)]
    pub payload: Option<&'a RawValue>,
    /// The well-known kind of the payload, else `null`.
    pub render_hint: Option<&'static str>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference to the field")]
fn as_text<S: Serializer>(id: &&hiveboard_wire::EventId, serializer: S) -> Result<S::Ok, S::Error> {
    id.serialize(serializer)
}

impl<'a> From<&'a StoredEvent> for EventView<'a> {
    fn from(stored: &'a StoredEvent) -> Self {
        let StoredEvent { seq, received_at, envelope, event } = stored;
        Self {
            event_id: &event.event_id,
            seq: *seq,
            agent_id: &envelope.agent_id,
            agent_type: &envelope.agent_type,
            agent_version: envelope.agent_version.as_deref(),
            environment: &envelope.environment,
            group: &envelope.group,
            source: envelope.source.as_str(),
            project_id: event.project_id.as_deref(),
            task_id: event.task_id.as_deref(),
            task_type: event.task_type.as_deref(),
            task_run_id: event.task_run_id.as_deref(),
            correlation_id: event.correlation_id.as_deref(),
            action_id: event.action_id.as_deref(),
            parent_action_id: event.parent_action_id.as_deref(),
            parent_event_id: event.parent_event_id.as_deref(),
            event_type: event.event_type,
            timestamp: event.timestamp,
            received_at: *received_at,
            severity: event.severity,
            status: event.status.as_deref(),
            duration_ms: event.duration_ms,
            payload: event.payload.as_deref(),
            render_hint: event.kind.map(hiveboard_wire::Kind::as_str),
        }
    }
}

/// A stored event that serialises as its [`EventView`].
#[derive(Debug, Clone)]
pub struct EventRow(pub StoredEvent);

impl Serialize for EventRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        EventView::from(&self.0).serialize(serializer)
    }
}
