//! One event on its way into bytes.
//!
//! An event starts with its id and its time stamp, both of fixed length, so that they can be set at the very moment
//! it is queued: stamps then increase in the order of the queue.

use std::cell::RefCell;

use crate::event_identity::{ID_LENGTH, STAMP_LENGTH};
use crate::payload::{JsonWriter, MAX_PAYLOAD_BYTES, shrink};

const OPENING: &[u8] = b"{\"event_id\":\"";
const BETWEEN: &[u8] = b"\",\"timestamp\":\"";
const ID_START: usize = OPENING.len();
const STAMP_START: usize = ID_START + ID_LENGTH + BETWEEN.len();
/// Buffers that grew beyond this are not kept.
const KEPT_BUFFER_BYTES: usize = 64 * 1024;

/// The kinds of event that travel; the server knows no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventType {
    /// An agent was registered.
    AgentRegistered,
    /// A sign of life.
    Heartbeat,
    /// A task began.
    TaskStarted,
    /// A task ended well.
    TaskCompleted,
    /// A task failed.
    TaskFailed,
    /// An action began.
    ActionStarted,
    /// An action ended well.
    ActionCompleted,
    /// An action failed.
    ActionFailed,
    /// A task was handed to somebody else.
    Escalated,
    /// A person has to decide.
    ApprovalRequested,
    /// A person has decided.
    ApprovalReceived,
    /// Another attempt after a failure.
    RetryStarted,
    /// Anything else, told by its payload's `kind`.
    Custom,
}

const NAMES: [(EventType, &str); 13] = [
    (EventType::AgentRegistered, "agent_registered"),
    (EventType::Heartbeat, "heartbeat"),
    (EventType::TaskStarted, "task_started"),
    (EventType::TaskCompleted, "task_completed"),
    (EventType::TaskFailed, "task_failed"),
    (EventType::ActionStarted, "action_started"),
    (EventType::ActionCompleted, "action_completed"),
    (EventType::ActionFailed, "action_failed"),
    (EventType::Escalated, "escalated"),
    (EventType::ApprovalRequested, "approval_requested"),
    (EventType::ApprovalReceived, "approval_received"),
    (EventType::RetryStarted, "retry_started"),
    (EventType::Custom, "custom"),
];

impl EventType {
    /// Its name as it travels.
    pub fn as_str(self) -> &'static str {
        NAMES[self as usize].1
    }

    /// The kind of this name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, known)| *known == name).map(|&(kind, _)| kind)
    }
}

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// An event being written: the head first, then at most one payload.
pub(crate) struct Draft {
    out: JsonWriter,
}

impl Draft {
    pub(crate) fn new(event_type: EventType) -> Self {
        // Taken, not borrowed: writing a value may run code that emits another event.
        let buffer = BUFFER.with(|buffer| buffer.try_borrow_mut().map(|mut buffer| std::mem::take(&mut *buffer)));
        let mut out = JsonWriter::over(buffer.unwrap_or_default());
        out.raw_bytes(OPENING);
        out.raw_bytes(&[b'0'; ID_LENGTH]);
        out.raw_bytes(BETWEEN);
        out.raw_bytes(&[b'0'; STAMP_LENGTH]);
        out.raw("\",\"event_type\":\"");
        out.raw(event_type.as_str());
        out.raw("\"");
        Self { out }
    }

    /// Adds fields written already: `,"name":value` each.
    pub(crate) fn fragment(&mut self, fragment: &str) {
        self.out.raw(fragment);
    }

    /// Adds a text field, if there is one.
    pub(crate) fn text(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.out.key(name);
            self.out.string(text);
        }
    }

    /// Adds a duration in milliseconds.
    pub(crate) fn duration_ms(&mut self, milliseconds: Option<i64>) {
        if let Some(milliseconds) = milliseconds {
            self.out.raw(",\"duration_ms\":");
            self.out.integer(milliseconds);
        }
    }

    /// Adds the payload, which `write` writes as one JSON object, cut to its limit.
    pub(crate) fn payload(&mut self, write: impl FnOnce(&mut JsonWriter)) {
        self.out.raw(",\"payload\":");
        let start = self.out.len();
        write(&mut self.out);
        if self.out.truncated || self.out.len() - start > MAX_PAYLOAD_BYTES {
            let fitting = shrink(&self.out.bytes[start..]);
            self.out.bytes.truncate(start);
            self.out.raw_bytes(&fitting);
        }
    }

    /// Ends the event; its id and stamp are still to be set.
    pub(crate) fn finish(mut self) -> Box<[u8]> {
        self.out.raw("}");
        let mut bytes = self.out.into_bytes();
        let event = Box::from(bytes.as_slice());
        if bytes.capacity() <= KEPT_BUFFER_BYTES {
            bytes.clear();
            BUFFER.with(|buffer| {
                if let Ok(mut buffer) = buffer.try_borrow_mut() {
                    *buffer = bytes;
                }
            });
        }
        event
    }
}

/// Sets the id and the stamp of an event that [`Draft`] made.
pub(crate) fn patch_identity(event: &mut [u8], id: &[u8; ID_LENGTH], stamp: &[u8; STAMP_LENGTH]) {
    event[ID_START..ID_START + ID_LENGTH].copy_from_slice(id);
    event[STAMP_START..STAMP_START + STAMP_LENGTH].copy_from_slice(stamp);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_json_with_its_identity_in_place() {
        let mut draft = Draft::new(EventType::TaskCompleted);
        draft.fragment(",\"task_id\":\"t\"");
        draft.text("status", Some("success"));
        draft.duration_ms(Some(12));
        draft.payload(|out| out.raw("{\"summary\":\"done\"}"));
        let mut event = draft.finish();
        patch_identity(&mut event, &[b'a'; ID_LENGTH], b"2026-11-22T21:58:37.123456Z");
        let expected = serde_json::json!({
            "event_id": "a".repeat(36), "timestamp": "2026-11-22T21:58:37.123456Z", "event_type": "task_completed",
            "task_id": "t", "status": "success", "duration_ms": 12, "payload": {"summary": "done"},
        });
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&event).unwrap(), expected);
    }

    #[test]
    fn the_thirteen_names_are_each_found_again() {
        for (kind, name) in NAMES {
            assert_eq!((kind.as_str(), EventType::from_name(name)), (name, Some(kind)));
        }
        assert_eq!(EventType::from_name("custom_event_type"), None);
    }
}
