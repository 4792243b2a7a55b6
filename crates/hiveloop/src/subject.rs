//! Whom an event is about: an agent, perhaps one of its tasks, perhaps an action in that.

use std::sync::Arc;

use crate::agent_info::{AgentInfo, cut_to_id};
use crate::client::Client;
use crate::event::{Draft, EventType};
use crate::event_identity::RunClock;
use crate::payload::{JsonWriter, ToJson};
use crate::queue::Pushing;

/// What an event says of itself besides its payload; everything may be absent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subject<'a> {
    pub(crate) client: Option<&'a Client>,
    pub(crate) agent: Option<&'a Arc<AgentInfo>>,
    /// The task's fields, written already.
    pub(crate) task_fragment: &'a str,
    /// The task's time.
    pub(crate) run: Option<&'a RunClock>,
    pub(crate) action_id: Option<&'a str>,
    pub(crate) parent_action_id: Option<&'a str>,
    pub(crate) status: Option<&'a str>,
    pub(crate) duration_ms: Option<i64>,
    pub(crate) severity: Option<&'a str>,
    pub(crate) parent_event_id: Option<&'a str>,
}

impl<'a> Subject<'a> {
    pub(crate) fn of_agent(client: &'a Client, agent: &'a Arc<AgentInfo>) -> Self {
        Self { client: Some(client), agent: Some(agent), ..Self::default() }
    }

    /// Within this action.
    #[must_use]
    pub fn in_action(mut self, action_id: Option<&'a str>) -> Self {
        self.action_id = action_id;
        self
    }

    /// With a severity other than the kind's own.
    #[must_use]
    pub fn severity(mut self, severity: Option<&'a str>) -> Self {
        self.severity = severity;
        self
    }

    /// Caused by this event.
    #[must_use]
    pub fn parent_event(mut self, event_id: Option<&'a str>) -> Self {
        self.parent_event_id = event_id;
        self
    }

    /// Emits an event with the payload that `write` writes as one JSON object.
    pub fn emit(&self, event_type: EventType, write: impl FnOnce(&mut JsonWriter)) {
        let (Some(client), Some(agent)) = (self.client, self.agent) else { return };
        if client.is_silent() {
            return;
        }
        let mut draft = Draft::new(event_type);
        draft.fragment(self.task_fragment);
        draft.text("action_id", self.action_id);
        draft.text("parent_action_id", self.parent_action_id);
        draft.text("parent_event_id", self.parent_event_id.map(cut_to_id));
        draft.text("severity", self.severity);
        draft.text("status", self.status.map(cut_to_id));
        draft.duration_ms(self.duration_ms);
        draft.payload(write);
        agent.work.note(client.config().clock.monotonic());
        client.submit(agent, draft.finish(), Pushing { run: self.run, ..Pushing::default() });
    }

    /// Emits an event of any name; an unknown one as `custom` with `payload.original_type`.
    ///
    /// A payload that is no object becomes the field `value` of one.
    pub fn named<V: ToJson>(&self, event_type: &str, payload: &V) {
        let known = EventType::from_name(event_type);
        self.emit(known.unwrap_or(EventType::Custom), |out| {
            let start = out.len();
            if !payload.is_absent() {
                payload.write_json(out);
            }
            if out.len() == start {
                out.raw("{}");
            } else if out.bytes[start] != b'{' {
                let value = out.bytes.split_off(start);
                out.raw("{\"value\":");
                out.raw_bytes(&value);
                out.raw("}");
            }
            if known.is_none() {
                out.bytes.pop();
                out.key("original_type");
                out.string(event_type);
                out.raw("}");
            }
        });
    }
}
