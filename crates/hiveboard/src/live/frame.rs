//! One thing to push, written once for all readers.

use axum::extract::ws::Utf8Bytes;
use hiveboard_derive::view::EventView;
use hiveboard_wire::{EventType, Severity, StoredEvent, live::Channel, live::frame};
use serde::Serialize;

/// A frame with what filters look at.
#[derive(Debug, Clone)]
pub struct Frame {
    pub channel: Channel,
    /// Of events alone.
    pub seq: Option<u64>,
    pub agent_id: Box<str>,
    pub project_id: Option<Box<str>>,
    pub environment: Box<str>,
    pub group: Box<str>,
    /// Of events alone.
    pub event: Option<(EventType, Severity)>,
    pub text: Utf8Bytes,
}

#[derive(Serialize)]
struct Outer<'a, T> {
    #[serde(rename = "type")]
    kind: &'a str,
    data: &'a T,
}

/// `{"type": kind, "data": data}`.
pub(super) fn text(kind: &str, data: &impl Serialize) -> Utf8Bytes {
    serde_json::to_string(&Outer { kind, data }).expect("views serialise to JSON").into()
}

impl Frame {
    pub fn event(stored: &StoredEvent) -> Self {
        Self {
            channel: Channel::Events,
            seq: Some(stored.seq),
            agent_id: stored.envelope.agent_id.clone(),
            project_id: stored.event.project_id.clone(),
            environment: stored.envelope.environment.clone(),
            group: stored.envelope.group.clone(),
            event: Some((stored.event.event_type, stored.event.severity)),
            text: text(frame::EVENT_NEW, &EventView::from(stored)),
        }
    }
}
