//! What was tried again.

use hashbrown::HashSet;
use hiveboard_wire::{EventType, Severity, Timestamp};

use super::told::Told;
use crate::{
    attributes::hex,
    draft::Draft,
    memory::{SpanId, Trace},
    role::Role,
};

fn retry(id: String, trace: &str, name: &str, at: Timestamp) -> Draft {
    Draft::new(id, EventType::RetryStarted, at)
        .of_task(trace)
        .severe(Severity::Warn)
        .with("summary", format!("{name} again after a failure"))
}

/// The same again after a failure, below the same agent, is a retry: one for each failure, whatever lies between them. It is known
/// only later, and dated when the failure ended, so that the order in which spans come changes nothing.
pub(super) fn say_retries(trace: &Trace, all: &[Told<'_>], drafts: &mut Vec<Draft>) {
    if !trace.has_failures() {
        return;
    }
    let spans: HashSet<SpanId> = all.iter().map(|told| told.id).collect();
    let Some(any) = all.first() else { return };
    for failed in trace.retries(&spans) {
        let Some(seen) = trace.get(failed) else { continue };
        let id = format!("otlp:{}:{}:retry", any.trace_hex, hex(&failed));
        let parent = seen.parent.map(|parent| hex(&parent));
        drafts.push(
            retry(id, &any.trace_hex, &seen.name, seen.end).correlated(any.correlation()).below(parent.as_deref()),
        );
    }
}

impl Told<'_> {
    /// Some count their attempts.
    pub(super) fn say_attempts(&self, drafts: &mut Vec<Draft>) {
        let attempts = self.attributes.count("attempt").filter(|_| self.role == Role::Model).unwrap_or(1).min(20);
        for attempt in 2..=attempts {
            drafts.push(
                retry(self.event_id(&format!("attempt:{attempt}")), &self.trace_hex, &self.name, self.start)
                    .correlated(self.correlation())
                    .below(self.parent_hex().as_deref())
                    .with("data", serde_json::json!({"attempt": attempt})),
            );
        }
    }
}
