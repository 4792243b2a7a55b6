//! One event, as validated and as stored.

use std::sync::Arc;

use serde_json::value::RawValue;

use crate::{
    batch::Envelope,
    body::Body,
    id::{EventId, OrderKey, RunKey, rank},
    kind::{EventType, Kind, Severity},
    time::Timestamp,
};

/// A valid event. Empty optional texts are absent; the severity is always set.
#[derive(Debug, Clone)]
pub struct Event {
    pub event_id: EventId,
    /// The agent's clock.
    pub timestamp: Timestamp,
    pub event_type: EventType,
    pub severity: Severity,
    pub project_id: Option<Box<str>>,
    pub task_id: Option<Box<str>>,
    pub task_type: Option<Box<str>>,
    pub task_run_id: Option<Box<str>>,
    pub correlation_id: Option<Box<str>>,
    pub action_id: Option<Box<str>>,
    pub parent_action_id: Option<Box<str>>,
    pub parent_event_id: Option<Box<str>>,
    pub status: Option<Box<str>>,
    pub duration_ms: Option<f64>,
    /// A JSON object, as sent.
    pub payload: Option<Box<RawValue>>,
    /// The well-known kind of the payload, on `custom` and `heartbeat` events.
    pub kind: Option<Kind>,
}

impl Event {
    /// The payload in its typed form; what is malformed in it is absent.
    pub fn body(&self) -> Body {
        Body::read(self.event_type, self.kind, self.payload.as_deref()).0
    }

    /// Names of what is malformed in the payload: stored as sent, and absent from its typed form.
    pub fn malformed(&self) -> Vec<String> {
        Body::read(self.event_type, self.kind, self.payload.as_deref()).1
    }

    /// Place among the events of its run or agent. `body` is this event's own.
    pub fn order_key(&self, body: &Body) -> OrderKey {
        OrderKey {
            timestamp: self.timestamp,
            rank: rank(self.event_type, body.payload_action()),
            event_id: self.event_id.clone(),
        }
    }
}

/// An event with what the server added: its place in the commit order and the time of arrival.
#[derive(Debug, Clone)]
pub struct StoredEvent {
    /// Grows in commit order, survives restarts, starts at 1.
    pub seq: u64,
    /// The server's clock.
    pub received_at: Timestamp,
    pub envelope: Arc<Envelope>,
    pub event: Event,
}

impl StoredEvent {
    /// The run this event belongs to; `None` outside of tasks.
    pub fn run_key(&self) -> Option<RunKey> {
        let task_id = self.event.task_id.as_deref()?;
        Some(RunKey {
            agent_id: Arc::from(&*self.envelope.agent_id),
            task_id: Arc::from(task_id),
            task_run_id: Arc::from(self.event.task_run_id.as_deref().unwrap_or("")),
        })
    }
}
