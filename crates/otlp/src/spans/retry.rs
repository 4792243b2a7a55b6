//! Retries: told, or inferred.

use hiveboard_wire::{EventType, Severity, Timestamp};

use super::told::Told;
use crate::{
    attributes::hex,
    draft::Draft,
    memory::{SpanId, Trace},
    role::Role,
};

impl Told<'_> {
    /// The same again below the same parent, after a failure, is a retry; and some count their attempts.
    pub(super) fn say_retries(&self, trace: &Trace, drafts: &mut Vec<Draft>) {
        if !matches!(self.role, Role::Tool | Role::Model) {
            return;
        }
        let retry = |id: &str, at: Timestamp, error: Option<&str>| {
            Draft::new(id.to_owned(), EventType::RetryStarted, at)
                .of_task(&self.trace_hex)
                .correlated(self.correlation())
                .below(self.parent_hex().as_deref())
                .severe(Severity::Warn)
                .with("summary", format!("{} again after a failure", self.name))
                .with_some("data", error.map(|error| serde_json::json!({"reason": error})))
        };
        let id_of = |span: &SpanId| format!("otlp:{}:{}:retry", self.trace_hex, hex(span));
        let me = self.seen();
        for (other, sibling) in trace.siblings(self.id, &me) {
            if sibling.failed && sibling.end <= self.start {
                drafts.push(retry(&id_of(&self.id), self.start, None));
                break;
            }
            if me.failed && sibling.start >= self.end {
                drafts.push(retry(&id_of(other), sibling.start, None));
            }
        }
        let attempts = self.attributes.count("attempt").filter(|_| self.role == Role::Model).unwrap_or(1).min(20);
        for attempt in 2..=attempts {
            let event = self.event_id(&format!("attempt:{attempt}"));
            let draft = retry(&event, self.start, None);
            drafts.push(draft.with("data", serde_json::json!({"attempt": attempt})));
        }
    }
}
