//! Claude Code's own: prompts, which are tasks wherever they hang, and waits for its person.

use hiveboard_wire::{EventType, Timestamp};

use super::told::Told;
use crate::{
    draft::{Draft, failed},
    memory::Trace,
    role::Role,
};

impl Told<'_> {
    pub(super) fn is_prompt_of_claude_code(&self) -> bool {
        self.attributes.text("span.type") == Some("interaction")
    }

    /// Its prompts are tasks wherever they hang, for a host hands its own trace over. They never tell that they failed: the last
    /// request of the prompt does. A prompt by which nothing was asked (`/exit`) is none.
    pub(super) fn say_prompt(&self, trace: &Trace, drafts: &mut Vec<Draft>) {
        if trace.children(self.id).next().is_none() {
            return;
        }
        match trace.last_call_below(self.id).filter(|(_, call)| call.failed) {
            Some((_, call)) => {
                drafts.extend(self.task().into_iter().take(1));
                drafts.push(self.end_of_failed_prompt(self.end, &call.name));
            }
            None => drafts.extend(self.task()),
        }
    }

    /// The request that failed came after the prompt's own span: by now it is told as completed.
    pub(super) fn say_end_of_failed_prompt(&self, trace: &Trace, drafts: &mut Vec<Draft>) {
        let Some(parent) = self.parent.filter(|_| self.shared_scope() && self.role == Role::Model) else { return };
        let Some(prompt) = trace.get(parent).filter(|seen| seen.role == Role::Agent) else { return };
        if trace.last_call_below(parent).is_some_and(|(id, call)| *id == self.id && call.failed) {
            drafts.push(self.end_of_failed_prompt(prompt.end.plus_micros(1), &self.name));
        }
    }

    pub(super) fn end_of_failed_prompt(&self, at: Timestamp, what: &str) -> Draft {
        let draft = Draft::new(format!("otlp:{}:failed", self.trace_hex), EventType::TaskFailed, at);
        failed(
            draft.of_task(&self.trace_hex).correlated(self.correlation()),
            "APIError",
            &format!("the last request of the prompt failed ({what})"),
        )
    }

    /// A wait for a person who was asked; what settings decide by themselves is no wait.
    pub(super) fn say_wait(&self, drafts: &mut Vec<Draft>) {
        let source = self.attributes.text("source").unwrap_or("user");
        if !source.starts_with("user") {
            return;
        }
        let accepted = self.attributes.text("decision") != Some("reject");
        drafts.push(
            self.draft("approval:start", EventType::ApprovalRequested, self.start)
                .below(self.parent_hex().as_deref())
                .with(
                    "summary",
                    if self.shared_scope() { "asked for permission to use a tool" } else { "asked a person" },
                )
                .with("data", serde_json::json!({"approver": "user"})),
        );
        drafts.push(
            self.draft("approval:end", EventType::ApprovalReceived, self.end)
                .below(self.parent_hex().as_deref())
                .with(
                    "summary",
                    match (accepted, self.shared_scope()) {
                        (true, true) => "allowed",
                        (true, false) => "answered",
                        (false, _) => "refused",
                    },
                )
                .with(
                    "data",
                    serde_json::json!({
                        "approved_by": "user",
                        "decision": if accepted { "approved" } else { "rejected" },
                        "parent_event": self.event_id("approval:start"),
                    }),
                ),
        );
    }
}
